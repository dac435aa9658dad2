"""Rooms of some sites and when each could be booked: what a search for a meeting's time looks through.

Every quarter hour in a room's mask could be booked by the very rules that a booking made right after is put through; so
could any run of them, up to the length asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.db.hot import Hot
from app.db.many import HotForMany
from app.db.seconds import seconds
from app.db.work import one_moment
from app.quarters import Grid
from app.rooms import house
from app.rooms.models import PLACE, Booking, Floor, Space
from app.rooms.rules import House, Place, Seeker
from app.sites import Site
from app.spans import Span

ALONE = ("focus", "phone-booth")
"""kinds of rooms in which nobody meets"""


class RoomsWanted(msgspec.Struct, frozen=True):
    """Rooms with all of these ``attributes``, for ``minutes``; with ``asked`` also those on which the room keeper decides.
    ``seats`` by site, where it is known how many. What ``meeting_id`` holds counts as free."""

    minutes: int
    attributes: frozenset[str] = frozenset()
    seats: Mapping[int, int] = {}
    asked: bool = False
    meeting_id: int = 0


class FreeRoom(msgspec.Struct, frozen=True):
    """``free``: the quarters in which it could be booked, the time to prepare it counted."""

    id: int
    name: str
    seats: int
    free: int


class _Room(msgspec.Struct, frozen=True):
    place: Place
    seats: int
    attributes: frozenset[str]


_ROOMS = Hot[Any](
    select(
        *PLACE,
        Space.seats,
        Space.attributes,
    )
    .join(Floor, Floor.id == Space.floor_id)
    .join(Site, Site.id == Floor.site_id)
    .where(
        Floor.site_id == bindparam("site"),
        Space.kind == "room",
        Space.bookable,
        Space.retired_at.is_(None),
        *(Space.room_kind != kind for kind in ALONE),
    )
    .order_by(Space.id)
)
_TAKEN = HotForMany[tuple[int, int, int]](
    lambda ids: select(Booking.space_id, seconds(Booking.starts_at), seconds(Booking.ends_at)).where(
        Booking.space_id.in_(ids),
        Booking.active,
        Booking.ends_at > bindparam("since"),
        Booking.starts_at < bindparam("until"),
        or_(Booking.meeting_id.is_(None), Booking.meeting_id != bindparam("meeting")),
    )
)


def free_rooms(
    session: Session, seeker: Seeker, site_ids: Iterable[int], grid: Grid, wanted: RoomsWanted, *, now: datetime
) -> dict[int, list[FreeRoom]]:
    """The rooms of each site that ``seeker`` could have at some time of the grid, by id. Whoever asks has checked the sites.

    Two statements, once the rooms are known: the version of the rules, and all bookings.
    """
    book = house.current(session)
    rooms = [
        room
        for site_id in site_ids
        for room in _rooms(session, book, site_id)
        if room.seats >= wanted.seats.get(site_id, 1)
        and (wanted.asked or not room.place.needs_approval)
        and wanted.attributes <= room.attributes
    ]
    asking = _Asking(book, seeker, grid, wanted.minutes, now)
    open_ = {room.place.id: asking.open(room.place) for room in rooms}
    gaps = {room.place.id: room.place.turnaround_minutes * 60 for room in rooms}
    taken = _taken(session, [id for id, mask in open_.items() if mask], gaps, grid, wanted.meeting_id)
    found: dict[int, list[FreeRoom]] = {site_id: [] for site_id in site_ids}
    for room in rooms:
        place = room.place
        if free := open_[place.id] & ~taken.get(place.id, 0):
            found[place.site_id].append(FreeRoom(place.id, place.name, room.seats, free))
    return found


_known: WeakKeyDictionary[House, dict[int, list[_Room]]] = WeakKeyDictionary()


def _rooms(session: Session, book: House, site_id: int) -> list[_Room]:
    """The rooms of a site in which people meet, remembered with the house they belong to: a change of either makes it
    another version."""
    known = _known.setdefault(book, {})
    if site_id not in known:
        one_moment(session)
        rows = _ROOMS.rows(session, {"site": site_id})
        known[site_id] = [_Room(Place(*row[:10]), row[10], frozenset(row[11].split())) for row in rows]
    return known[site_id]


def _taken(session: Session, room_ids: list[int], gaps: dict[int, int], grid: Grid, meeting_id: int) -> dict[int, int]:
    """The quarters that bookings hold, and the preparations before and after them."""
    if not room_ids:
        return {}
    near = timedelta(seconds=max(gaps.values()))
    facts = {"since": grid.at(0) - near, "until": grid.at(grid.count) + near, "meeting": meeting_id}
    return grid.held(_TAKEN.rows(session, room_ids, facts), gaps)


class _Asking:
    """``rules.standing_refusal`` for all quarters at once: what hangs on floor and area alone is asked once for each."""

    def __init__(self, book: House, seeker: Seeker, grid: Grid, minutes: int, now: datetime) -> None:
        self._house, self._seeker, self._grid, self._minutes, self._now = book, seeker, grid, minutes, now
        self._window = Span(grid.at(0), grid.at(grid.count))
        self._grounds: dict[tuple[int, int | None], int] = {}
        self._hours: dict[tuple[date, int, int, str], int] = {}

    def open(self, place: Place) -> int:
        key = (place.floor_id, place.area_id)
        if (mask := self._grounds.get(key)) is None:
            mask = self._grounds[key] = self._ground(place)
        closed = self._grid.touching(closure.span for closure in self._house.closures(place, self._window))
        return mask & ~closed

    def _ground(self, place: Place) -> int:
        today = clock.local_date(self._now, place.zone)
        on = clock.local_date(self._window.starts_at, place.zone)
        mask = 0
        while clock.instant_of(on, 0, place.zone) < self._window.ends_at:
            mask |= self._day(place, on, today)
            on += timedelta(days=1)
        return mask

    def _day(self, place: Place, on: date, today: date) -> int:
        rules = self._house.rules(place.floor_id, self._seeker.agency_id, on)
        if (
            on > today + timedelta(days=rules.horizon_days)
            or self._minutes > rules.longest_minutes
            or str(on.isoweekday()) not in rules.open_weekdays
            or self._house.day_off(place.site_id, on)
            or not self._house.allotted(place.area_id, on, self._seeker)
        ):
            return 0
        key = (on, rules.opens, rules.closes, place.zone)
        if (mask := self._hours.get(key)) is None:
            hours = rules.hours(on, place.zone)
            mask = self._hours[key] = self._grid.within([hours] if hours else [])
        return mask
