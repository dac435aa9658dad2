"""What is free: asked of the database each time, never remembered.

Which spaces there are is remembered with the house they belong to, as a change of either makes it another version.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import and_, bindparam, func, null, select
from sqlalchemy.orm import Session

from app import clock
from app.db.hot import Hot
from app.db.joined import joined, numbers
from app.db.seconds import seconds
from app.db.work import one_moment
from app.errors import NotFound
from app.people import service as people
from app.people.access import Actor
from app.rooms import house, rules
from app.rooms.bookings import OVERLAPPING
from app.rooms.models import PLACE, Booking, Building, Floor, Space
from app.rooms.rules import Hindrance, House, Place, Refusal, Seeker
from app.rooms.ways_out import seeker_of
from app.sites import Site
from app.spans import Span


class SpaceOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """``hindrance`` says why it isn't free."""

    id: int
    name: str
    kind: str
    free: bool
    hindrance: Hindrance | None = None


MOST_TURNAROUND = timedelta(hours=4)
"""The longest that a room may take to be cleared up and set up (docs/places.md): how far around a span bookings matter."""

_taken = select(joined(Booking.space_id)).join(Space, Space.id == Booking.space_id)
_turnaround_s = 60 * (Space.setup_minutes + Space.clearing_minutes)
_prepared = _taken.where(
    _turnaround_s > 0,
    Booking.active,
    Booking.ends_at > bindparam("near_from"),
    Booking.starts_at < bindparam("near_until"),
    seconds(Booking.ends_at) + _turnaround_s > bindparam("starts_s"),
    seconds(Booking.starts_at) - _turnaround_s < bindparam("ends_s"),
)
"""Spaces that are being cleared up or set up at some time of a span, or would have no time for it."""
Held = tuple[int, str | None, str | None]
"""version of the house, spaces that are taken, spaces that are being prepared"""
_on_floor = Space.floor_id == bindparam("floor")
_HELD_ON_FLOOR = Hot[Held](
    select(
        house.VERSION,
        _taken.where(_on_floor, OVERLAPPING).scalar_subquery(),
        _prepared.where(_on_floor).scalar_subquery(),
    ).where(Floor.id == bindparam("floor"))
)
_at_site = and_(Floor.site_id == bindparam("site"), Space.kind == bindparam("kind"))
_there = _taken.join(Floor, Floor.id == Space.floor_id).where(_at_site, OVERLAPPING).scalar_subquery()
_prepared_there = _prepared.join(Floor, Floor.id == Space.floor_id).where(_at_site).scalar_subquery()
_HELD_AT_SITE = {
    "desk": Hot[Held](select(house.VERSION, _there, null()).where(Site.id == bindparam("site"))),
    "room": Hot[Held](select(house.VERSION, _there, _prepared_there).where(Site.id == bindparam("site"))),
}
_in_building = and_(Floor.building_id == bindparam("building"), Space.kind == "desk")
_HELD_IN_BUILDING = Hot[tuple[int, str | None]](
    select(
        house.VERSION,
        _taken.join(Floor, Floor.id == Space.floor_id).where(_in_building, OVERLAPPING).scalar_subquery(),
    ).where(Building.id == bindparam("building"))
)
_PLACES = (
    select(*PLACE)
    .join(Floor, Floor.id == Space.floor_id)
    .join(Site, Site.id == Floor.site_id)
    .where(Space.retired_at.is_(None))
    .order_by(Space.id)
)
_ON_FLOOR = Hot(_PLACES.where(Space.floor_id == bindparam("floor")), Place)
_IN_BUILDING = Hot(_PLACES.where(_in_building), Place)
_AT_SITE = Hot(_PLACES.where(Floor.site_id == bindparam("site"), Space.kind == bindparam("kind")), Place)


def of_floor(session: Session, actor: Actor, floor_id: int, span: Span, *, now: datetime) -> list[SpaceOut]:
    """Every desk and room of a floor: free for the actor over ``span``, or why not. Raises NotFound."""
    which = {"floor": floor_id}
    found = _HELD_ON_FLOOR.first(session, which | _around(span))
    if found is None:
        raise NotFound(floor_id=floor_id)
    asking = _Asking(house.of_version(session, found[0]), seeker_of(people.itself(actor)), span, now)
    spaces = _spaces(session, asking.house, _ON_FLOOR, which)
    return asking.answers(spaces, spaces.each, numbers(found[1]), numbers(found[2]))


def of_site(
    session: Session,
    actor: Actor,
    site_id: int,
    kind: str,
    span: Span,
    *,
    after: int = 0,
    limit: int = 5000,
    now: datetime,
) -> list[SpaceOut]:
    """Every space of a kind at a site, in the order of ids from ``after`` on. Raises NotFound."""
    which = {"site": site_id, "kind": kind}
    found = _HELD_AT_SITE[kind].first(session, which | _around(span))
    if found is None:
        raise NotFound(site_id=site_id)
    asking = _Asking(house.of_version(session, found[0]), seeker_of(people.itself(actor)), span, now)
    spaces = _spaces(session, asking.house, _AT_SITE, which)
    first = bisect(spaces.each, after, key=lambda one: one[0].id)
    return asking.answers(spaces, spaces.each[first : first + limit], numbers(found[1]), numbers(found[2]))


def free_desks(session: Session, actor: Actor, building_id: int, span: Span, *, now: datetime) -> Counter[int]:
    """How many desks of each floor of a building are free for the actor, by the floor's id."""
    which = {"building": building_id}
    found = _HELD_IN_BUILDING.first(session, which | _around(span))
    if found is None:
        return Counter()
    asking = _Asking(house.of_version(session, found[0]), seeker_of(people.itself(actor)), span, now)
    spaces = _spaces(session, asking.house, _IN_BUILDING, which)
    answers = asking.answers(spaces, spaces.each, numbers(found[1]), set())
    floors = (spaces.grounds[ground].floor_id for _, ground in spaces.each)
    return Counter(floor for floor, answer in zip(floors, answers, strict=True) if answer.free)


def _around(span: Span) -> dict[str, Any]:
    """The parameters of a span in the statements above."""
    return {
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "near_from": span.starts_at - MOST_TURNAROUND,
        "near_until": span.ends_at + MOST_TURNAROUND,
        "starts_s": int(span.starts_at.timestamp()),
        "ends_s": int(span.ends_at.timestamp()),
    }


class _Spaces(msgspec.Struct, frozen=True):
    """Spaces in the order of ids, as they are when free, each with the number of its ground: the rules say the same of
    all spaces of a floor and area, so one place stands for them."""

    each: list[tuple[SpaceOut, int]]
    grounds: list[Place]


_known: WeakKeyDictionary[House, dict[tuple[tuple[str, int | str], ...], _Spaces]] = WeakKeyDictionary()


def _spaces(session: Session, house: House, statement: Hot[Place], which: dict[str, Any]) -> _Spaces:
    known = _known.setdefault(house, {})
    key = tuple(which.items())
    if key not in known:
        one_moment(session)
        known[key] = _grouped(statement.rows(session, which))
    return known[key]


def _grouped(places: Iterable[Place]) -> _Spaces:
    numbers: dict[tuple[int, int | None, bool], int] = {}
    spaces = _Spaces([], [])
    for place in places:
        ground = numbers.setdefault((place.floor_id, place.area_id, place.offered), len(numbers))
        if ground == len(spaces.grounds):
            spaces.grounds.append(msgspec.structs.replace(place, id=0))  # closures of single spaces are looked at apart
        spaces.each.append((SpaceOut(place.id, place.name, place.kind, True), ground))
    return spaces


class _Asking:
    """One question to the rules for many spaces: what hangs on the floor alone is asked once for each floor, what hangs on
    the ground once for each ground."""

    def __init__(self, house: House, seeker: Seeker, span: Span, now: datetime) -> None:
        self.house, self._seeker, self._span, self._now = house, seeker, span, now
        self._floors: dict[int, tuple[list[date], Refusal | None]] = {}

    def answers(
        self, spaces: _Spaces, asked: list[tuple[SpaceOut, int]], taken: set[int], prepared: set[int]
    ) -> list[SpaceOut]:
        standing = [self._standing(ground) for ground in spaces.grounds]
        closed = self.house.closed_spaces(self._span)
        held = taken | closed | prepared
        answers = []
        for space, ground in asked:
            hindrance = standing[ground]
            if hindrance is None and space.id in held:
                hindrance = Hindrance.CLOSED if space.id in closed else Hindrance.TAKEN
                if hindrance is Hindrance.TAKEN and space.id not in taken:
                    hindrance = Hindrance.TURNAROUND
            answers.append(space if hindrance is None else SpaceOut(space.id, space.name, space.kind, False, hindrance))
        return answers

    def _standing(self, ground: Place) -> Hindrance | None:
        """What is never offered is called so of any time, even one that is past."""
        if not ground.offered:
            return Hindrance.NOT_OFFERED
        if self._span.ends_at <= self._now:
            return Hindrance.PAST
        days, answer = self._floors.get(ground.floor_id) or self._of_floor(ground)
        if answer is None:
            answer = rules.ground_refusal(self._span, days, ground, self._seeker, self.house)
        return answer.hindrance if answer else None

    def _of_floor(self, ground: Place) -> tuple[list[date], Refusal | None]:
        days = rules.local_days(self._span, ground.zone)
        refusal = rules.time_refusal(self._span, days, ground, self._seeker, self.house, now=self._now)
        self._floors[ground.floor_id] = days, refusal
        return days, refusal


_BY_DAY = Hot[Any](
    select(Booking.space_id, Booking.starts_at, Booking.ends_at)
    .join(Space, Space.id == Booking.space_id)
    .where(Space.floor_id == bindparam("floor"), Booking.kind == "desk", OVERLAPPING)
)
_DESKS = Hot(
    select(func.count()).where(Space.floor_id == bindparam("floor"), Space.kind == "desk", Space.retired_at.is_(None)),
    int,
)


def occupancy(session: Session, floor_id: int, days: list[date], zone: str) -> dict[date, int]:
    """Percent of a floor's desks that are booked at some time of each local date."""
    desks = _DESKS.rows(session, {"floor": floor_id})[0]
    whole = {
        "starts_at": clock.instant_of(min(days), 0, zone),
        "ends_at": clock.instant_of(max(days) + timedelta(days=1), 0, zone),
    }
    held: dict[date, set[int]] = {day: set() for day in days}
    for space_id, starts_at, ends_at in _BY_DAY.rows(session, {"floor": floor_id} | whole):
        for day in rules.local_days(Span(starts_at, ends_at), zone):
            if day in held:
                held[day].add(space_id)
    return {day: round(100 * len(spaces) / desks) if desks else 0 for day, spaces in held.items()}
