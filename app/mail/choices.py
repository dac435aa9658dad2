"""What people want by mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app import journal
from app.mail.models import MailChoice
from app.mail.rules import UNASKED, Kind
from app.people import service as people
from app.people.access import Actor


def of(session: Session, person_ids: Iterable[int]) -> dict[int, dict[Kind, bool]]:
    """What people have said they want or don't, by person; who has said nothing isn't there."""
    known = set(Kind)
    found: dict[int, dict[Kind, bool]] = {}
    rows = session.execute(
        select(MailChoice.person_id, MailChoice.kind, MailChoice.wanted).where(
            MailChoice.person_id.in_(sorted(set(person_ids)))
        )
    )
    for person_id, kind, wanted in rows:
        if kind in known:
            found.setdefault(person_id, {})[Kind(kind)] = wanted
    return found


def mine(session: Session, actor: Actor) -> dict[Kind, bool]:
    """What the actor gets by mail, of every kind."""
    chosen = of(session, [actor.id]).get(actor.id, {})
    return {kind: chosen.get(kind, kind in UNASKED) for kind in Kind}


def choose(session: Session, actor: Actor, wanted: Mapping[Kind, bool], *, now: datetime) -> dict[Kind, bool]:
    """Set some kinds; the others stay. Returns all."""
    people.employee_for(session, actor, actor.id, lock=True)  # two of one's own windows write one after the other
    before = mine(session, actor)
    after = before | dict(wanted)
    if after != before:
        session.execute(delete(MailChoice).where(MailChoice.person_id == actor.id))
        rows = [{"person_id": actor.id, "kind": kind.value, "wanted": one} for kind, one in after.items()]
        session.connection().execute(insert(MailChoice), rows)
        facts = {kind.value: one for kind, one in after.items()}
        journal.record(session, "chose", "mail-choices", actor.id, actor_id=actor.id, at=now, facts=facts)
    return after
