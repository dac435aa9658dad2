"""The room keeper's word on bookings that need it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import notices
from app.errors import Forbidden, Invalid, NotFound, Stale
from app.ids import PLAIN
from app.people.access import Actor
from app.rooms import bookings, keeping, waiting
from app.rooms.bookings import BookingOut
from app.rooms.errors import NotNow


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The room keeper's word; a refusal gives its reason."""

    decision: Literal["approved", "refused"]
    reason: Annotated[str, msgspec.Meta(max_length=300, pattern=PLAIN)] = ""


def decide(
    session: Session,
    actor: Actor,
    booking_id: int,
    wanted: Decision,
    *,
    version: int | None = None,
    now: datetime,
) -> BookingOut:
    """Approve a booking of a room one keeps, or refuse it with a reason: then it is cancelled and the room is free.

    The person hears of it once. Raises NotFound, Forbidden, Stale, Invalid for a refusal without a reason, NotNow for a
    booking that is over.
    """
    before = bookings.one(session, booking_id, lock=True)
    if before is None:
        raise NotFound(booking_id=booking_id)
    if not keeping.keeps_booked(session, actor, before):
        raise Forbidden(booking_id=booking_id)
    if version is not None and version != before.version:
        raise Stale(version=before.version)
    if not before.active:
        raise NotNow(why="ended")
    if before.approval == wanted.decision:
        return before
    reason = wanted.reason.strip()
    if wanted.decision == "refused":
        if not reason:
            raise Invalid(problem="reason")
        after = bookings.ended(before, "cancelled", at=now, approval="refused", remark=reason)
        saved = waiting.end(session, before, after, "room-refused", actor_id=actor.id, now=now)
    else:
        after = replace(before, approval="approved", remark=reason)
        saved = bookings.save(session, before, after, "room-approved", actor_id=actor.id, at=now)
    kind, cause = f"room-{wanted.decision}", f"room:{saved.id}:{saved.version}"
    notices.tell(session, {saved.person_id, saved.booked_by_id}, kind, cause, facts=keeping.facts_of(saved), at=now)
    return saved
