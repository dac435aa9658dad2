"""What a room keeper cares for: the bookings of their rooms, those that wait for their word, and where one can move to."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from sqlalchemy import and_, or_
from sqlalchemy.orm import Session

from app import clock, sites
from app.errors import Forbidden, Invalid
from app.people import service as people
from app.people.access import Actor
from app.people.rules import asked_already
from app.rooms import bookings, keeping, places, room_list, rules, service
from app.rooms.bookings import BookingChange, BookingOut
from app.rooms.models import Booking
from app.rooms.room_list import Room, RoomDay
from app.rooms.ways_out import seeker_of
from app.sites import SiteOut
from app.spans import Span, on_day

MOST_ASKED, MOST_CHOICES = 40, 30


class KeptBooking(msgspec.Struct, frozen=True):
    """A booking in a room that one keeps; ``who`` is None where the keeper may not see the name."""

    booking: BookingOut
    room: Room
    who: str | None


class ClosedRoom(msgspec.Struct, frozen=True):
    room: Room
    until: datetime
    reason: str


class KeptDay(msgspec.Struct, frozen=True):
    """``asked`` wait for a word, on whatever day and at whatever site; ``held`` are the day's others. By their start."""

    site: SiteOut
    on: date
    rooms: int
    asked: list[KeptBooking]
    held: list[KeptBooking]
    closed: list[ClosedRoom]


def kept_day(session: Session, actor: Actor, site_id: int, on: date | None, *, now: datetime) -> KeptDay:
    """The rooms that the actor keeps at a site, on a local date, today if None. Raises Forbidden for somebody who keeps
    none, NotFound for an unknown site."""
    if not actor.roles & rules.KEEPERS:
        raise Forbidden
    site = sites.site(session, site_id)
    on = on or clock.local_date(now, site.zone)
    every, rules_now = room_list.rooms_of(session, site_id)
    kept = [room for room in every if room_list.keeps(actor, room, rules_now, on)]
    day = on_day(on, 0, 1440, site.zone)
    others = [
        room
        for other in sites.sites(session)
        if other.id != site_id
        for room in room_list.rooms_of(session, other.id)[0]
        if room.place.needs_approval and room_list.keeps(actor, room, rules_now, on)
    ]
    found = _bookings(session, actor, {room.id: room for room in (*kept, *others)}, day, now=now)
    asked = [one for one in found if one.booking.approval == "asked" and one.booking.ends_at > now]
    here = [one for one in found if one.room.place.site_id == site_id]
    closed = []
    for room in kept:
        settings = rules_now.rules(room.place.floor_id, actor.agency_id, on)
        hours = settings.hours(on, site.zone)
        if hours and (closure := rules_now.closure(room.place, hours)):
            closed.append(ClosedRoom(room, closure.span.ends_at, closure.reason))
    held = [one for one in here if one not in asked and one.booking.span.overlaps(day)]
    return KeptDay(site, on, len(kept), asked[:MOST_ASKED], held, closed)


def _bookings(session: Session, actor: Actor, rooms: dict[int, Room], day: Span, *, now: datetime) -> list[KeptBooking]:
    that_day = and_(Booking.starts_at < day.ends_at, Booking.ends_at > day.starts_at)
    waiting = and_(Booking.approval == "asked", Booking.ends_at > now)
    found = bookings.found(session, and_(Booking.space_id.in_(list(rooms)), Booking.active, or_(that_day, waiting)))
    names = people.names_for(session, actor, (booking.person_id for booking in found))
    return [
        KeptBooking(booking, rooms[booking.space_id], known.name if (known := names.get(booking.person_id)) else None)
        for booking in sorted(found, key=lambda one: (one.starts_at, one.id))
    ]


def choices(session: Session, actor: Actor, booking: BookingOut, *, now: datetime) -> list[RoomDay]:
    """Rooms of the same site to which a booking can move as it is, those with about as many seats first. Whoever calls has
    got the booking by ``service.booking_for``."""
    person = people.employee_for(session, actor, booking.person_id, may=asked_already)
    here = places.space_for(session, actor, booking.space_id)
    on = clock.local_date(booking.starts_at, booking.zone)
    days = room_list.of_site(session, actor, here.place.site_id, on, seeker=seeker_of(person), now=now)
    seats = next((day.room.seats for day in days if day.room.id == booking.space_id), 0)
    fitting = [day for day in days if day.room.id != booking.space_id and day.takes(booking.span)]
    return sorted(fitting, key=lambda day: (day.room.seats < seats, abs(day.room.seats - seats), day.room.id))[
        :MOST_CHOICES
    ]


def move(
    session: Session, actor: Actor, booking_id: int, space_id: int, *, version: int | None, now: datetime
) -> BookingOut:
    """Take a booking to another room of the site; whoever has it is told. Raises as ``service.change`` does, Invalid for a
    room of another site."""
    before = service.booking_for(session, actor, booking_id)
    here, there = (places.space_for(session, actor, id) for id in (before.space_id, space_id))
    if here.place.site_id != there.place.site_id:
        raise Invalid(problem="space_id")
    change = BookingChange(space_id=space_id)
    after = service.change(
        session, actor, booking_id, change, meeting_id=before.meeting_id, version=version, now=now
    )  # fmt: skip
    if after.meeting_id is not None and after.space_id != before.space_id:
        keeping.tell_moved(session, before, after, actor_id=actor.id, at=now)
    return after
