"""The rooms of a site on one local date: what each offers, who has it when, and what of it whoever asks could still book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app import clock, sites
from app.db.hot import Hot
from app.errors import Invalid
from app.people import service as people
from app.people.access import Actor
from app.rooms import house, rules
from app.rooms.bookings import OVERLAPPING, Approval, State
from app.rooms.models import PLACE, Booking, Building, Floor, Space
from app.rooms.open_spans import bookable_part, day_refusal, free_spans
from app.rooms.rules import Hindrance, House, Place, Refusal, Seeker
from app.rooms.ways_out import seeker_of
from app.sites import Site
from app.spans import Span, on_day


class RoomFilter(msgspec.Struct, frozen=True):
    """Which rooms: with so many seats at least, all of these attributes, of one kind, in one building."""

    seats: int = 0
    attributes: frozenset[str] = frozenset()
    kind: str = ""
    building_id: int | None = None


EVERY_ROOM = RoomFilter()


class Room(msgspec.Struct, frozen=True):
    """A room that is offered; ``place`` is what the rules see of it."""

    place: Place
    kind: str
    seats: int
    attributes: tuple[str, ...]
    floor: str
    level: int
    building_id: int
    building: str

    @property
    def id(self) -> int:
        return self.place.id

    @property
    def name(self) -> str:
        return self.place.name


class RoomBooking(msgspec.Struct, frozen=True):
    """An active booking. ``who`` is None where the reader may not see names; ``known``: theirs, or of a room they keep, so
    that purpose and id are for them as well."""

    id: int
    space_id: int
    person_id: int
    starts_at: datetime
    ends_at: datetime
    state: State
    approval: Approval
    purpose: str
    who: str | None
    mine: bool
    known: bool

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


class RoomDay(msgspec.Struct, frozen=True):
    """A room on a date. ``hours`` are its opening hours; ``refusal`` says why nothing at all can be booked on that date.

    Any span in one of ``free`` can be booked that is no longer than ``longest_minutes``.
    """

    room: Room
    on: date
    hours: Span
    longest_minutes: int
    refusal: Refusal | None
    bookings: tuple[RoomBooking, ...]
    free: tuple[Span, ...]

    def takes(self, span: Span) -> bool:
        """Whether ``span`` can be booked."""
        return span.length <= timedelta(minutes=self.longest_minutes) and any(free.covers(span) for free in self.free)


_ROOMS = Hot[Any](
    select(
        *PLACE,
        Space.room_kind,
        Space.seats,
        Space.attributes,
        Floor.name,
        Floor.level,
        Building.id,
        Building.name,
        house.VERSION,
    )
    .join(Floor, Floor.id == Space.floor_id)
    .join(Building, Building.id == Floor.building_id)
    .join(Site, Site.id == Floor.site_id)
    .where(Floor.site_id == bindparam("site"), Space.kind == "room", Space.bookable, Space.retired_at.is_(None))
    .order_by(Building.id, Floor.level, Space.id)
)


def of_site(
    session: Session,
    actor: Actor,
    site_id: int,
    on: date | None,
    wanted: RoomFilter = EVERY_ROOM,
    *,
    seeker: Seeker | None = None,
    now: datetime,
) -> list[RoomDay]:
    """The rooms of a site by building and floor, on a local date, today if None; free for the actor or for ``seeker``.

    Four statements, whatever the number of rooms. Raises NotFound for an unknown site, Invalid for a date too far off.
    """
    every, rules_now = rooms_of(session, site_id)
    zone = every[0].place.zone if every else sites.site(session, site_id).zone
    on = on or clock.local_date(now, zone)
    if not 2000 <= on.year < 2100:
        raise Invalid(problem="on")
    rooms = [room for room in every if _fits(room, wanted)]
    if not rooms:
        return []
    asking = _Asking(rules_now, actor, seeker or seeker_of(people.itself(actor)), on, now)
    booked = _booked(session, asking, rooms, zone)
    return [asking.day(room, booked[room.id]) for room in rooms]


def rooms_of(session: Session, site_id: int) -> tuple[list[Room], House]:
    """The rooms that a site offers, by building and floor, with the rules that hold there."""
    rows = _ROOMS.rows(session, {"site": site_id})
    rules_now = house.of_version(session, rows[0][17]) if rows else house.current(session)
    return [_room(row) for row in rows], rules_now


def keeps(actor: Actor, room: Room, rules_now: House, on: date) -> bool:
    """Whether the actor keeps the room on a date."""
    return rules.keeps_room(actor.roles, actor.agency_id, rules_now.holders(room.place.area_id, on))


def _room(row: Any) -> Room:
    return Room(Place(*row[:10]), row[10] or "meeting", row[11], tuple(row[12].split()), *row[13:17])


def _fits(room: Room, wanted: RoomFilter) -> bool:
    return (
        room.seats >= wanted.seats
        and wanted.attributes <= set(room.attributes)
        and wanted.kind in ("", room.kind)
        and wanted.building_id in (None, room.building_id)
    )


class _Asking(msgspec.Struct, frozen=True):
    """One question about a day, for many rooms."""

    house: House
    actor: Actor
    seeker: Seeker
    on: date
    now: datetime

    def day(self, room: Room, booked: list[RoomBooking]) -> RoomDay:
        place = room.place
        settings = self.house.rules(place.floor_id, self.seeker.agency_id, self.on)
        hours = settings.hours(self.on, place.zone) or _whole(self.on, place.zone)
        refusal = day_refusal(hours, place, self.seeker, self.house, now=self.now)
        left = None if refusal else bookable_part(hours, now=self.now)
        free = free_spans(left, (one.span for one in booked), place, self.house) if left else ()
        if left and not free and not booked and (closed := self.house.closure(place, left)):
            refusal = Refusal(Hindrance.CLOSED, "", {"reason": closed.reason, "until": closed.span.ends_at})
        shown = tuple(one for one in booked if one.span.overlaps(_whole(self.on, place.zone)))
        return RoomDay(room, self.on, hours, settings.longest_minutes, refusal, shown, free)

    def keeps(self, room: Room) -> bool:
        return keeps(self.actor, room, self.house, self.on)


def _whole(on: date, zone: str) -> Span:
    return on_day(on, 0, 1440, zone)


def _booked(session: Session, asking: _Asking, rooms: list[Room], zone: str) -> dict[int, list[RoomBooking]]:
    """Active bookings by room, in the order of their start: of the date, and so near to it that the room is prepared on it."""
    day = _whole(asking.on, zone)
    near = timedelta(minutes=max(room.place.turnaround_minutes for room in rooms))
    rows: Any = (
        session.connection()
        .execute(
            select(
                Booking.id,
                Booking.space_id,
                Booking.person_id,
                Booking.starts_at,
                Booking.ends_at,
                Booking.state,
                Booking.approval,
                Booking.purpose,
                Booking.booked_by_id,
            )
            .where(Booking.space_id.in_([room.id for room in rooms]), OVERLAPPING)
            .order_by(Booking.starts_at),
            {"starts_at": day.starts_at - near, "ends_at": day.ends_at + near},
        )
        .all()
    )
    return _worded(session, asking, rooms, rows)


def _worded(
    session: Session, asking: _Asking, rooms: Iterable[Room], rows: list[Any]
) -> defaultdict[int, list[RoomBooking]]:
    actor = asking.actor
    names = people.names_for(session, actor, (row[2] for row in rows))
    kept = {room.id for room in rooms if asking.keeps(room)} if actor.roles & rules.KEEPERS else set()
    found: defaultdict[int, list[RoomBooking]] = defaultdict(list)
    for id, space_id, person_id, starts_at, ends_at, state, approval, purpose, booked_by in rows:
        known = actor.id in (person_id, booked_by) or space_id in kept
        colleague = names.get(person_id)
        booking = RoomBooking(
            id,
            space_id,
            person_id,
            starts_at,
            ends_at,
            state,
            approval,
            purpose if known else "",
            colleague.name if colleague else None,
            person_id == actor.id,
            known,
        )
        found[space_id].append(booking)
    return found
