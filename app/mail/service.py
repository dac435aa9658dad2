"""What people and operators do about mail: choose what comes by it, look at the queue, have it tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app import journal
from app.errors import Forbidden, NotFound
from app.mail import choices, outbox
from app.mail.errors import MailGone
from app.mail.outbox import Queued, State
from app.mail.rules import Kind
from app.mail.shapes import MailChoices, MailOut
from app.people import service as people
from app.people.access import Actor
from app.people.rules import Role

MOST = 100
UNSENT: tuple[State, ...] = ("open", "waiting", "failed")
"""States of what is still to be sent, or to be looked at."""


def may_see_queue(actor: Actor) -> bool:
    return Role.OPERATOR in actor.roles


def choices_of(session: Session, actor: Actor) -> MailChoices:
    """What the actor gets by mail."""
    return _shape(choices.mine(session, actor))


def choose(session: Session, actor: Actor, wanted: MailChoices, *, now: datetime) -> MailChoices:
    """Set what the actor gets by mail."""
    return _shape(choices.choose(session, actor, {kind: getattr(wanted, kind) for kind in Kind}, now=now))


def queue(
    session: Session,
    actor: Actor,
    states: Sequence[State],
    *,
    before_id: int | None = None,
    most: int = MOST,
) -> list[MailOut]:
    """Mails in these states, latest first. Raises Forbidden for who is no operator."""
    _check(actor)
    return _out(session, outbox.queue(session, states, before_id=before_id, most=most))


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many mails are in each state. Raises Forbidden."""
    _check(actor)
    return outbox.counts(session)


def retry(session: Session, actor: Actor, mail_id: int, *, now: datetime) -> MailOut:
    """Have a mail tried at once, whether it waits or has failed; one that is being sent just now stays as it is.

    Raises Forbidden, NotFound, MailGone for one that was sent or dropped.
    """
    _check(actor)
    mail = outbox.one(session, mail_id)
    if mail is None:
        raise NotFound(mail_id=mail_id)
    if mail.state not in UNSENT:
        raise MailGone(state=mail.state)
    if outbox.again(session, [mail_id], now=now):
        journal.record(session, "retried", "mail", mail_id, actor_id=actor.id, at=now)
    after = outbox.one(session, mail_id)
    assert after is not None
    return _out(session, [after])[0]


def retry_failed(session: Session, actor: Actor, *, now: datetime) -> int:
    """Have all that failed tried again; how many. Raises Forbidden."""
    _check(actor)
    count = outbox.again(session, None, now=now)
    if count:
        journal.record(session, "retried", "mail", 0, actor_id=actor.id, at=now, facts={"mails": count})
    return count


def _check(actor: Actor) -> None:
    if not may_see_queue(actor):
        raise Forbidden


def _out(session: Session, mails: Sequence[Queued]) -> list[MailOut]:
    cards = people.cards(session, (mail.person_id for mail in mails if mail.person_id is not None))
    kinds = outbox.kinds_of(session, [mail.id for mail in mails])
    return [
        MailOut(
            mail.id,
            cards[mail.person_id].name if mail.person_id is not None else mail.recipient,
            list(dict.fromkeys(kinds.get(mail.id, ()))),
            mail.state,
            mail.opened_at,
            mail.due_at,
            mail.attempts,
            mail.last_error,
            mail.ended_at,
        )
        for mail in mails
    ]


def _shape(chosen: dict[Kind, bool]) -> MailChoices:
    return MailChoices(**{kind.value: wanted for kind, wanted in chosen.items()})
