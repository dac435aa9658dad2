"""The queue of mail: takes up what is to be told, hands out what is due to one process at a time, notes what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.db import locks_rows
from app.mail import rules
from app.mail.models import Mail, MailItem

State = Literal["open", "waiting", "sent", "failed", "dropped"]


class News(msgspec.Struct, frozen=True):
    """Something to tell. ``recipient``: a person's id as text, or a guest's address; ``site_id``: whose sender tells it."""

    recipient: str
    person_id: int | None
    topic: str
    site_id: int
    kind: str
    cause: str
    facts: dict[str, Any]
    at: datetime


class Item(msgspec.Struct, frozen=True):
    kind: str
    cause: str
    facts: dict[str, Any]
    at: datetime

    @property
    def sequence(self) -> int:
        """Of the meeting, for news of one: "meeting:7:2" tells of the second change."""
        return int(self.cause.split(":")[2])


class Letter(msgspec.Struct, frozen=True):
    """A mail as it is written: all that goes out, byte for byte."""

    message_id: str
    sender: str
    address: str
    message: bytes
    method: str = ""
    told: str = ""


class Ended(msgspec.Struct, frozen=True):
    """Why a mail isn't sent: there is nothing to tell, or it can't be written."""

    state: Literal["dropped", "failed"]
    why: str


class Claimed(msgspec.Struct, frozen=True):
    """A mail in hand; ``sender`` and the rest are empty until it is written."""

    id: int
    recipient: str
    person_id: int | None
    topic: str
    site_id: int
    attempts: int
    sender: str
    address: str
    message: bytes | None


def put(session: Session, news: Iterable[News], *, now: datetime) -> int:
    """Take up what isn't told yet, each piece into its recipient's open mail about that topic; how many pieces are new.

    One process gathers at a time (by its lease); the unique keys stand behind that.
    """
    wanted = {(one.recipient, one.cause): one for one in news}
    if not wanted:
        return 0
    recipients = sorted({recipient for recipient, _ in wanted})
    causes = sorted({cause for _, cause in wanted})
    there = session.execute(
        select(MailItem.recipient, MailItem.cause).where(MailItem.recipient.in_(recipients), MailItem.cause.in_(causes))
    )
    for recipient, cause in there:
        wanted.pop((recipient, cause), None)
    if not wanted:
        return 0
    mails = _open(session, list(wanted.values()), now=now)
    rows = [
        {
            "mail_id": mails[one.recipient, one.topic],
            "recipient": one.recipient,
            "kind": one.kind,
            "cause": one.cause,
            "facts": one.facts,
            "at": one.at,
        }
        for one in wanted.values()
    ]
    session.connection().execute(insert(MailItem), rows)
    return len(rows)


def _open(session: Session, news: Sequence[News], *, now: datetime) -> dict[tuple[str, str], int]:
    """Ids of the open mails for these, by recipient and topic; those that there are none of are opened."""
    wanted = {(one.recipient, one.topic): one for one in news}
    # locked: nobody may close them, and write them, before this is in
    rows = session.execute(
        select(Mail.id, Mail.recipient, Mail.topic)
        .where(
            Mail.state == "open",
            Mail.recipient.in_(sorted({recipient for recipient, _ in wanted})),
            Mail.topic.in_(sorted({topic for _, topic in wanted})),
        )
        .order_by(Mail.id)
        .with_for_update()
    )
    found = {(recipient, topic): id for id, recipient, topic in rows}
    fresh = [
        {
            "recipient": one.recipient,
            "person_id": one.person_id,
            "topic": one.topic,
            "site_id": one.site_id,
            "opened_at": now,
            "due_at": now + rules.COLLECTED,
        }
        for key, one in wanted.items()
        if key not in found
    ]
    if fresh:
        made = session.execute(insert(Mail).returning(Mail.id, Mail.recipient, Mail.topic), fresh)
        found |= {(recipient, topic): id for id, recipient, topic in made}
    return found


def items_of(session: Session, mail_id: int) -> list[Item]:
    """What a mail tells, in the order in which it happened."""
    rows = session.execute(
        select(MailItem.kind, MailItem.cause, MailItem.facts, MailItem.at)
        .where(MailItem.mail_id == mail_id)
        .order_by(MailItem.at, MailItem.id)
    )
    return [Item(*row) for row in rows]


# What went out before


class Before(msgspec.Struct, frozen=True):
    """The last mail about a topic that went out to a recipient, or is on its way."""

    recipient: str
    method: str
    told: str


def before(session: Session, topic: str, recipients: Iterable[str] | None = None) -> dict[str, Before]:
    """By recipient, for some or all; a mail that isn't written yet has told nothing, and has no method."""
    statement = (
        select(Mail.recipient, Mail.method, Mail.told)
        .where(Mail.topic == topic, Mail.method != "", Mail.state != "dropped")
        .order_by(Mail.id)
    )
    if recipients is not None:
        statement = statement.where(Mail.recipient.in_(list(recipients)))
    return {row[0]: Before(*row) for row in session.execute(statement)}


def known(session: Session, topic: str) -> dict[str, Item]:
    """Everybody for whom there is a mail about a topic, written or not, with the last thing that it tells them."""
    rows = session.execute(
        select(MailItem.recipient, MailItem.kind, MailItem.cause, MailItem.facts, MailItem.at)
        .join(Mail, Mail.id == MailItem.mail_id)
        .where(Mail.topic == topic, Mail.state != "dropped")
        .order_by(MailItem.id)
    )
    return {recipient: Item(*item) for recipient, *item in rows}


# On the way


_CLAIMED = tuple(getattr(Mail, name) for name in Claimed.__struct_fields__)


def claim(session: Session, claim: str, *, most: int, now: datetime) -> list[Claimed]:
    """Take up to ``most`` mails that are due in hand, the longest due first: nobody else gets them before
    ``rules.HELD`` is over, and they take up nothing more."""
    free = or_(Mail.claimed_until.is_(None), Mail.claimed_until <= now)
    due = (
        select(*_CLAIMED)
        .where(Mail.state.in_(("open", "waiting")), Mail.due_at <= now, free)
        .order_by(Mail.due_at, Mail.id)
        .limit(most)
    )
    if locks_rows(session):
        due = due.with_for_update(skip_locked=True)
    found = [Claimed(*row) for row in session.execute(due)]
    if found:
        ids = [one.id for one in found]
        held = {"state": "waiting", "claim": claim, "claimed_until": now + rules.HELD}
        session.execute(update(Mail).where(Mail.id.in_(ids)).values(**held))
    return found


_FREE: dict[str, Any] = {"claim": "", "claimed_until": None}


def keep(session: Session, claim: str, written: Iterable[tuple[int, Letter | Ended]], *, now: datetime) -> None:
    """Put what was written of mails in hand, by id: each is this letter from now on, or has ended."""
    for mail_id, found in written:
        if isinstance(found, Letter):
            values = {name: getattr(found, name) for name in Letter.__struct_fields__}
        else:
            values = {"state": found.state, "last_error": found.why, "ended_at": now, **_FREE}
        mine = and_(Mail.id == mail_id, Mail.claim == claim, Mail.state == "waiting")
        session.execute(update(Mail).where(mine).values(**values))
        if isinstance(found, Letter) and found.method:
            _supersede(session, mail_id, now=now)


def _supersede(session: Session, mail_id: int, *, now: datetime) -> None:
    """Drop what was still to be sent about the same meeting to the same recipient: an invitation that arrives after the
    meeting was called off would stand in their calendar."""
    recipient, topic = session.execute(select(Mail.recipient, Mail.topic).where(Mail.id == mail_id)).one()
    free = or_(Mail.claimed_until.is_(None), Mail.claimed_until <= now)
    older = and_(Mail.topic == topic, Mail.recipient == recipient, Mail.id < mail_id)
    unsent = and_(Mail.state.in_(("waiting", "failed")), free)
    values = {"state": "dropped", "last_error": "superseded", "ended_at": now, "message": None}
    session.execute(update(Mail).where(older, unsent).values(**values))


class Outcome(msgspec.Struct, frozen=True):
    """What became of a try: done, or an error, after which it is tried again unless it is ``final``. ``unreached``: the
    server wasn't there; ``untried``: it was not this mail's turn any more."""

    error: str = ""
    final: bool = False
    unreached: bool = False
    untried: bool = False


def note(session: Session, claim: str, mail: Claimed, outcome: Outcome, *, now: datetime) -> bool:
    """Write what became of a mail that ``claim`` has in hand; False if it has it no longer."""
    values: dict[str, Any]
    attempts = mail.attempts + (not outcome.untried)
    if outcome.untried:
        values = {}
    elif not outcome.error:
        values = {"state": "sent", "ended_at": now, "last_error": "", "message": None}
    elif outcome.final or (attempts >= rules.MOST_TRIES and not outcome.unreached):
        values = {"state": "failed", "ended_at": now, "last_error": outcome.error}
    else:
        values = {"due_at": rules.next_try(attempts, unreached=outcome.unreached, now=now), "last_error": outcome.error}
    mine = and_(Mail.id == mail.id, Mail.claim == claim, Mail.state == "waiting")
    done = session.execute(update(Mail).where(mine).values(attempts=attempts, **values, **_FREE))
    return bool(done.rowcount)  # type: ignore[attr-defined]


# The queue as operators see it


class Queued(msgspec.Struct, frozen=True):
    id: int
    recipient: str
    person_id: int | None
    topic: str
    state: State
    opened_at: datetime
    due_at: datetime
    attempts: int
    last_error: str
    ended_at: datetime | None


_QUEUED = (
    Mail.id,
    Mail.recipient,
    Mail.person_id,
    Mail.topic,
    Mail.state,
    Mail.opened_at,
    Mail.due_at,
    Mail.attempts,
    Mail.last_error,
    Mail.ended_at,
)


def queue(session: Session, states: Sequence[State], *, before_id: int | None = None, most: int) -> list[Queued]:
    """Mails of some states, latest first, from below ``before_id`` on."""
    found = select(*_QUEUED).where(Mail.state.in_(states)).order_by(Mail.id.desc()).limit(most)
    if before_id is not None:
        found = found.where(Mail.id < before_id)
    return [_queued(row) for row in session.execute(found)]


def one(session: Session, mail_id: int) -> Queued | None:
    row = session.execute(select(*_QUEUED).where(Mail.id == mail_id)).first()
    return _queued(row) if row else None


def _queued(row: Any) -> Queued:
    return Queued(*row)


def counts(session: Session) -> dict[str, int]:
    """How many mails are in each state."""
    rows = session.execute(select(Mail.state, func.count()).group_by(Mail.state))
    return {state: count for state, count in rows}


def kinds_of(session: Session, mail_ids: Iterable[int]) -> dict[int, list[str]]:
    """Kinds of news in some mails."""
    found: dict[int, list[str]] = {}
    rows = session.execute(
        select(MailItem.mail_id, MailItem.kind).where(MailItem.mail_id.in_(list(mail_ids))).order_by(MailItem.id)
    )
    for mail_id, kind in rows:
        found.setdefault(mail_id, []).append(kind)
    return found


def again(session: Session, mail_ids: Sequence[int] | None, *, now: datetime) -> int:
    """Try mails at once that wait or have failed, or all that have failed; how many there are. One in hand stays there."""
    free = or_(Mail.claimed_until.is_(None), Mail.claimed_until <= now)
    these = Mail.state == "failed" if mail_ids is None else Mail.id.in_(mail_ids)
    changed = 0
    for state, after in (("open", "open"), ("waiting", "waiting"), ("failed", "waiting")):
        values: dict[str, Any] = {"state": after, "due_at": now, "ended_at": None}
        if state == "failed":
            values["attempts"] = 0
        done = session.execute(update(Mail).where(these, Mail.state == state, free).values(**values))
        changed += done.rowcount  # type: ignore[attr-defined]
    return changed


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete what is over and older than ``rules.KEPT``; returns how many mails."""
    old = and_(Mail.state.in_(("sent", "dropped")), Mail.ended_at <= now - rules.KEPT)
    session.execute(delete(MailItem).where(MailItem.mail_id.in_(select(Mail.id).where(old))))
    return session.connection().execute(delete(Mail).where(old)).rowcount
