"""What meetings do with rooms: hold one at each site, move them and give them back, all together or none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.people import service as people
from app.people.access import Actor
from app.rooms import bookings, places, service
from app.rooms.bookings import BookingChange, BookingOut, NewBooking, Tie
from app.rooms.models import Booking, Floor, Space
from app.spans import Span


class Room(msgspec.Struct, frozen=True):
    """A room as a meeting sees it."""

    id: int
    name: str
    site_id: int
    seats: int


class Held(msgspec.Struct, frozen=True):
    """A room with the booking that holds it for a meeting, or held it until it was refused or released."""

    room: Room
    booking: BookingOut


def rooms_at(session: Session, room_ids: Iterable[int]) -> dict[int, Room]:
    """The rooms of these ids, one a site. Raises NotFound for what is no room, Invalid for two of one site."""
    wanted = sorted(set(room_ids))
    rows: Any = session.connection().execute(
        select(Space.id, Space.name, Floor.site_id, Space.seats)
        .join(Floor, Floor.id == Space.floor_id)
        .where(Space.id.in_(wanted), Space.kind == "room", Space.retired_at.is_(None))
    )
    found = {row[0]: Room(*row) for row in rows}
    if missing := [id for id in wanted if id not in found]:
        raise NotFound(space_id=missing[0])
    if len({room.site_id for room in found.values()}) < len(found):
        raise Invalid(problem="room_ids")
    return found


def held_for(session: Session, meeting_id: int) -> list[Held]:
    """The rooms of a meeting by site, with those that were refused or released unless they are held again."""
    rows = bookings.found(
        session,
        and_(
            Booking.meeting_id == meeting_id,
            or_(Booking.active, Booking.state.in_(("released", "completed")), Booking.approval == "refused"),
        ),
    )
    last = {booking.space_id: booking for booking in sorted(rows, key=lambda one: (one.active, one.id))}
    if not last:
        return []
    found: Any = session.connection().execute(
        select(Space.id, Space.name, Floor.site_id, Space.seats)
        .join(Floor, Floor.id == Space.floor_id)
        .where(Space.id.in_(last))
        .order_by(Floor.site_id, Space.id)
    )
    return [Held(Room(*row), last[row[0]]) for row in found]


def hold(
    session: Session,
    actor: Actor,
    room_ids: Iterable[int],
    span: Span,
    *,
    meeting_id: int,
    organiser_id: int,
    purpose: str,
    now: datetime,
) -> None:
    """Book these rooms for a meeting, in the order of their ids. Raises NotBookable for the first that can't be had."""
    tie = Tie(meeting_id=meeting_id)
    for room_id in sorted(set(room_ids)):
        wanted = NewBooking(room_id, span.starts_at, span.ends_at, organiser_id, purpose)
        service.book(session, actor, wanted, tie=tie, now=now)


def rearrange(
    session: Session,
    actor: Actor,
    room_ids: Iterable[int] | None,
    span: Span,
    *,
    meeting_id: int,
    organiser_id: int,
    purpose: str,
    now: datetime,
) -> bool:
    """Make the meeting's rooms these, over ``span``, or leave it those it has; whether anything changed. Whoever calls has
    locked the meeting."""
    held = _locked(session, actor, meeting_id, organiser_id, set(room_ids or ()))
    wanted = held.keys() if room_ids is None else set(room_ids)
    changed = False
    for space_id in sorted(held.keys() - wanted):
        service.give_back(session, held[space_id], actor_id=actor.id, now=now)
        changed = True
    for space_id in sorted(held.keys() & wanted):
        change = BookingChange(starts_at=span.starts_at, ends_at=span.ends_at, purpose=purpose)
        after = service.change(session, actor, held[space_id].id, change, meeting_id=meeting_id, now=now)
        changed |= after.version != held[space_id].version
    fresh = wanted - held.keys()
    if fresh:
        hold(
            session,
            actor,
            fresh,
            span,
            meeting_id=meeting_id,
            organiser_id=organiser_id,
            purpose=purpose,
            now=now,
        )
    return changed or bool(fresh)


def give_back(session: Session, actor: Actor, *, meeting_id: int, organiser_id: int, now: datetime) -> None:
    """End all bookings of a meeting's rooms. Whoever calls has locked the meeting."""
    for booking in _locked(session, actor, meeting_id, organiser_id, set()).values():
        service.give_back(session, booking, actor_id=actor.id, now=now)


def _locked(
    session: Session, actor: Actor, meeting_id: int, organiser_id: int, more: set[int]
) -> dict[int, BookingOut]:
    """The meeting's active bookings by room. All rows that a change of them touches are locked first, in the order that
    holds everywhere: bookings, person, spaces."""
    these = and_(Booking.meeting_id == meeting_id, Booking.active)
    bookings.lock(session, these)
    held = {booking.space_id: booking for booking in bookings.found(session, these)}
    people.employee_for(session, actor, organiser_id, lock=True)
    for space_id in sorted(more | held.keys()):
        places.space_for(session, actor, space_id, lock=True)
    return held


def rooms_for(session: Session, meeting_ids: list[int]) -> dict[int, list[Room]]:
    """The rooms that are held for some meetings, by the meeting's id and in the order of sites."""
    if not meeting_ids:
        return {}
    rows: Any = session.execute(
        select(Booking.meeting_id, Space.id, Space.name, Floor.site_id, Space.seats)
        .join(Space, Space.id == Booking.space_id)
        .join(Floor, Floor.id == Space.floor_id)
        .where(Booking.meeting_id.in_(meeting_ids), Booking.active)
        .order_by(Booking.meeting_id, Floor.site_id)
    )
    found: dict[int, list[Room]] = {}
    for meeting_id, *room in rows:
        found.setdefault(meeting_id, []).append(Room(*room))
    return found
