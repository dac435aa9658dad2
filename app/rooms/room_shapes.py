"""A day of rooms as the API answers it."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from app.rooms.bookings import Approval, State
from app.rooms.room_list import RoomBooking, RoomDay
from app.rooms.rules import Hindrance
from app.spans import Span


class RoomBookingOut(msgspec.Struct, frozen=True):
    """``who`` is null where the asker may not see the name; ``id`` and ``purpose`` are theirs and the room keeper's."""

    starts_at: datetime
    ends_at: datetime
    state: State
    approval: Approval
    who: str | None
    mine: bool
    id: int | None
    purpose: str


class RoomOut(msgspec.Struct, frozen=True):
    """A room on the local date ``on``. Any span within one of ``free`` can be booked, up to ``longest_minutes``;
    ``hindrance`` says why nothing can be. ``turnaround_minutes`` lie between two bookings, to clear up and to set up."""

    id: int
    name: str
    kind: str
    seats: int
    attributes: list[str]
    floor_id: int
    floor: str
    building_id: int
    building: str
    zone: str
    on: date
    opens_at: datetime
    closes_at: datetime
    longest_minutes: int
    turnaround_minutes: int
    needs_approval: bool
    hindrance: Hindrance | None
    bookings: list[RoomBookingOut]
    free: list[Span]


def shaped(day: RoomDay) -> RoomOut:
    room = day.room
    return RoomOut(
        room.id,
        room.name,
        room.kind,
        room.seats,
        list(room.attributes),
        room.place.floor_id,
        room.floor,
        room.building_id,
        room.building,
        room.place.zone,
        day.on,
        day.hours.starts_at,
        day.hours.ends_at,
        day.longest_minutes,
        room.place.turnaround_minutes,
        room.place.needs_approval,
        day.refusal.hindrance if day.refusal else None,
        [_booking(one) for one in day.bookings],
        list(day.free),
    )


def _booking(one: RoomBooking) -> RoomBookingOut:
    return RoomBookingOut(
        one.starts_at,
        one.ends_at,
        one.state,
        one.approval,
        one.who,
        one.mine,
        one.id if one.known else None,
        one.purpose,
    )
