"""Room keepers (pengelola ruang): which rooms they keep, and who of them hears of what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app import clock, notices
from app.people import service as people
from app.people.access import Actor
from app.people.rules import Role
from app.rooms import places, rules
from app.rooms.bookings import BookingOut
from app.rooms.places import Wanted


def keeps(actor: Actor, space: Wanted, at: datetime) -> bool:
    """Whether the actor is a keeper of that room on that day."""
    return rules.keeps_room(actor.roles, actor.agency_id, _holders(space, at))


def keeps_space(session: Session, actor: Actor, kind: str, space_id: int, at: datetime) -> bool:
    """Whether the actor keeps a space of that kind; nobody keeps desks."""
    if kind != "room" or not actor.roles & rules.KEEPERS:
        return False
    return keeps(actor, places.space_for(session, actor, space_id), at)


def keeps_booked(session: Session, actor: Actor, booking: BookingOut) -> bool:
    """Whether the actor keeps the room of a booking."""
    return keeps_space(session, actor, booking.kind, booking.space_id, booking.starts_at)


def tell_keepers(session: Session, space: Wanted, booking: BookingOut, *, dates: int = 1, at: datetime) -> None:
    """Tell those who keep the room that a booking waits for their word, or the first of several ``dates`` of a series."""
    keepers = people.with_role(session, Role.ROOM_KEEPER, _holders(space, booking.starts_at))
    kind, facts = ("room-asked", {}) if dates == 1 else ("room-series-asked", {"dates": dates})
    cause = f"room-asked:{booking.id}:{booking.version}"
    notices.tell(session, keepers, kind, cause, facts=facts_of(booking) | facts, at=at)


def tell_moved(session: Session, before: BookingOut, after: BookingOut, *, actor_id: int, at: datetime) -> None:
    """Tell whoever has a room, and who booked it for them, that somebody else took the booking to another room."""
    told = {after.person_id, after.booked_by_id} - {actor_id}
    facts = facts_of(after) | {"before": before.space}
    notices.tell(session, told, "room-moved", f"room:{after.id}:{after.version}", facts=facts, at=at)


def _holders(space: Wanted, at: datetime) -> set[int]:
    """The agencies whose keepers keep the room: those it is allotted to, or none for a room that all share."""
    return space.house.holders(space.place.area_id, clock.local_date(at, space.place.zone))


def facts_of(booking: BookingOut) -> dict[str, str | int]:
    return {
        "booking_id": booking.id,
        "space": booking.space,
        "space_id": booking.space_id,
        "starts_at": booking.starts_at.isoformat(),
        "ends_at": booking.ends_at.isoformat(),
        "zone": booking.zone,
        "reason": booking.remark,
    }
