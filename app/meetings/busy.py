"""Free/busy: when somebody has no time, without saying more than the asker may know (RFC 5545, 3.6.4)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app.errors import Invalid
from app.meetings import store
from app.meetings.shapes import BusyOut
from app.people import service as people
from app.people.access import Actor
from app.spans import Span

LONGEST = timedelta(days=62)


def free_busy(session: Session, actor: Actor, person_id: int, within: Span) -> list[BusyOut]:
    """The meetings that take somebody's time within 62 days at most; their title only where the actor is in them, too.

    Raises NotFound for whom the actor may not know of, Invalid for a longer span.
    """
    if within.length > LONGEST:
        raise Invalid(problem="to")
    if person_id != actor.id:
        people.colleague_for(session, actor, person_id)
    own = {row[3] for row in store.busy_of(session, [actor.id], within)}
    titles = store.titles(session, own)
    return [
        BusyOut(starts_at, ends_at, "meeting", titles.get(meeting_id, ""), meeting_id if meeting_id in own else None)
        for _, starts_at, ends_at, meeting_id in store.busy_of(session, [person_id], within)
    ]
