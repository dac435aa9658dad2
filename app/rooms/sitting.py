"""Who sits where, and which rooms are held: what live presence reads of bookings. Names are not looked up here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.db.hot import Hot
from app.db.many import HotForMany
from app.db.seconds import seconds
from app.rooms.bookings import OVERLAPPING
from app.rooms.models import Booking, Building, Floor, Space
from app.spans import Span


class Sitting(msgspec.Struct, frozen=True):
    """An active desk booking of somebody. ``release_at`` frees it where nobody has checked in."""

    booking_id: int
    person_id: int
    space_id: int
    floor_id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime
    state: str
    release_at: datetime | None
    checked_in_at: datetime | None


_DESKS = HotForMany(
    lambda ids: (
        select(
            Booking.id,
            Booking.person_id,
            Booking.space_id,
            Space.floor_id,
            Floor.site_id,
            Booking.starts_at,
            Booking.ends_at,
            Booking.state,
            Booking.release_at,
            Booking.checked_in_at,
        )
        .join(Space, Space.id == Booking.space_id)
        .join(Floor, Floor.id == Space.floor_id)
        .where(Booking.person_id.in_(ids), Booking.kind == "desk", Booking.held_until.is_(None), OVERLAPPING)
        .order_by(Booking.starts_at)
    ),
    Sitting,
)


def desks_of(session: Session, people: Iterable[int], within: Span) -> list[Sitting]:
    """The desks that these people hold within a span; what is only kept for them to accept is none."""
    return _DESKS.rows(session, people, {"starts_at": within.starts_at, "ends_at": within.ends_at})


class Held(msgspec.Struct, frozen=True):
    """An active booking of a space. Times are seconds since 1970."""

    booking_id: int
    space_id: int
    person_id: int
    starts: int
    ends: int
    state: str
    approval: str
    version: int


_HELD = (
    Booking.id,
    Booking.space_id,
    Booking.person_id,
    seconds(Booking.starts_at),
    seconds(Booking.ends_at),
    Booking.state,
    Booking.approval,
    Booking.version,
)
_ON_FLOOR = Hot(
    select(*_HELD)
    .join(Space, Space.id == Booking.space_id)
    .where(Space.floor_id == bindparam("floor"), Space.kind == "desk", OVERLAPPING)
    .order_by(Booking.space_id, Booking.starts_at),
    Held,
)
_AT_SITE = Hot(
    select(*_HELD)
    .join(Space, Space.id == Booking.space_id)
    .join(Floor, Floor.id == Space.floor_id)
    .where(Floor.site_id == bindparam("site"), Space.kind == "room", OVERLAPPING)
    .order_by(Booking.space_id, Booking.starts_at),
    Held,
)
_OF_SPACES = HotForMany(
    lambda ids: (
        select(*_HELD).where(Booking.space_id.in_(ids), OVERLAPPING).order_by(Booking.space_id, Booking.starts_at)
    ),
    Held,
)


def desks_on(session: Session, floor_id: int, within: Span) -> list[Held]:
    """Bookings of a floor's desks, by desk and start."""
    return _ON_FLOOR.rows(session, _facts(within) | {"floor": floor_id})


def rooms_at(session: Session, site_id: int, within: Span) -> list[Held]:
    """Bookings of a site's rooms, by room and start."""
    return _AT_SITE.rows(session, _facts(within) | {"site": site_id})


def of_spaces(session: Session, spaces: Iterable[int], within: Span) -> list[Held]:
    """Bookings of these spaces, by space and start."""
    return _OF_SPACES.rows(session, spaces, _facts(within))


def _facts(within: Span) -> dict[str, Any]:
    return {"starts_at": within.starts_at, "ends_at": within.ends_at}


class SpaceAt(msgspec.Struct, frozen=True):
    """What a desk is called and where it stands."""

    id: int
    name: str
    floor: str
    building: str


_WHERE = HotForMany(
    lambda ids: (
        select(Space.id, Space.name, Floor.name, Building.name)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Building, Building.id == Floor.building_id)
        .where(Space.id.in_(ids))
    ),
    SpaceAt,
)


def spaces_at(session: Session, spaces: Iterable[int]) -> dict[int, SpaceAt]:
    return {space.id: space for space in _WHERE.rows(session, set(spaces), {})}


_SITE_OF_FLOOR = Hot(select(Floor.site_id).where(Floor.id == bindparam("floor")), int)


def site_of_floor(session: Session, floor_id: int) -> int | None:
    return _SITE_OF_FLOOR.first(session, {"floor": floor_id})


_MARK = HotForMany[Any](
    lambda ids: (
        select(Booking.id, Booking.version, seconds(Booking.starts_at))
        .where(
            Booking.person_id.in_(ids),
            Booking.ends_at > bindparam("starts_at"),
            Booking.starts_at < bindparam("ends_at"),
            Booking.starts_at > bindparam("begins"),
        )
        .order_by(Booking.id)
    )
)


def mark_of(session: Session, people: Iterable[int], within: Span) -> list[tuple[int, ...]]:
    """Something that changes whenever a booking of these people does that touches a span: compare it, nothing more."""
    begins = within.starts_at - timedelta(days=1)
    return [tuple(row) for row in _MARK.rows(session, people, _facts(within) | {"begins": begins})]


_DESKS_OF_FLOOR = Hot(select(Space.id).where(Space.floor_id == bindparam("floor"), Space.kind == "desk"), int)
_ROOMS_OF_SITE = Hot(
    select(Space.id)
    .join(Floor, Floor.id == Space.floor_id)
    .where(Floor.site_id == bindparam("site"), Space.kind == "room"),
    int,
)


def desk_ids(session: Session, floor_id: int) -> frozenset[int]:
    return frozenset(_DESKS_OF_FLOOR.rows(session, {"floor": floor_id}))


def room_ids(session: Session, site_id: int) -> frozenset[int]:
    return frozenset(_ROOMS_OF_SITE.rows(session, {"site": site_id}))
