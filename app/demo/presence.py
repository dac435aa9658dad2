"""What people of the demo say of themselves: on a working day some of the team want quiet, some are away for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import cycle

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.people import service as people
from app.people.access import Actor, actor_of
from app.people.models import Person
from app.presence import service
from app.presence.channels import How
from app.presence.models import ChoiceRow
from app.presence.shapes import ChoicesIn, OverrideIn

VISITOR = "pegawai@selaras.test"
SAYS = (
    OverrideIn(avail="available"),
    OverrideIn(avail="dnd"),
    OverrideIn(avail="available"),
    OverrideIn(avail="away", place="elsewhere"),
    OverrideIn(avail="available"),
    None,
)
"""One after the other; None says nothing, and is what plans, bookings and meetings make of them."""


class _Nobody:
    def of(self, person_id: int) -> How | None:
        return None


def settle(session: Session, *, now: datetime, again: bool = False) -> None:
    """Let the visitor's team say something of themselves, during working hours and unless they did so already; one of them
    hides their desk. ``again``: only where one does."""
    visitor = actor_of(session, VISITOR, now=now)
    if visitor is None or (again and session.scalar(select(ChoiceRow.person_id).limit(1)) is None):
        return
    emails = session.execute(
        select(Person.id, Person.email).where(Person.id.in_(list(people.team_of(session, visitor)))).order_by(Person.id)
    ).all()
    for n, ((_, email), wanted) in enumerate(zip(emails, cycle(SAYS), strict=False)):
        actor = actor_of(session, email, now=now)
        if actor is None:
            continue
        if wanted is not None:
            _say(session, actor, wanted, now=now)
        if n == len(SAYS) - 1 and not service.choices_of(session, actor).version:
            service.choose(session, actor, ChoicesIn(hides_desk=True, hides_idle=False), now=now)


def _say(session: Session, actor: Actor, wanted: OverrideIn, *, now: datetime) -> None:
    mine = service.own(session, actor, _Nobody(), now=now)
    working = any(span.holds(now) for span in mine.known.facts.hours)
    if working and mine.known.facts.override is None and mine.last - now > timedelta(minutes=5):
        service.put_override(session, actor, wanted, _Nobody(), now=now)
