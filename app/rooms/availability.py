"""What is free: asked of the database each time, never remembered."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Integer, bindparam, func, select, type_coerce
from sqlalchemy.orm import Session

from app import clock
from app.db.hot import Hot
from app.people import service as people
from app.people.access import Actor
from app.rooms import house, places, rules
from app.rooms.bookings import OVERLAPPING
from app.rooms.models import Booking, Floor, Space
from app.rooms.rules import Hindrance, House, Place, Seeker
from app.rooms.ways_out import seeker_of
from app.sites import site
from app.spans import Span


class SpaceOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """``hindrance`` says why it isn't free."""

    id: int
    name: str
    kind: str
    free: bool
    hindrance: Hindrance | None = None


Row = tuple[int, str, str, int, int | None, bool]
# SQLite's 0 and 1 do for false and true here; making thousands of booleans of them would cost more than the search
_COLUMNS = (Space.id, Space.kind, Space.name, Space.floor_id, Space.area_id, type_coerce(Space.bookable, Integer))
_OF_FLOOR = Hot[Row](
    select(*_COLUMNS).where(Space.floor_id == bindparam("floor"), Space.retired_at.is_(None)).order_by(Space.id)
)
_OF_SITE = Hot[Row](
    select(*_COLUMNS)
    .join(Floor, Floor.id == Space.floor_id)
    .where(
        Floor.site_id == bindparam("site"),
        Space.kind == bindparam("kind"),
        Space.retired_at.is_(None),
        Space.id > bindparam("after"),
    )
    .order_by(Space.id)
    .limit(bindparam("limit", type_=Integer))
)
_TAKEN_ON_FLOOR = Hot(
    select(Booking.space_id)
    .join(Space, Space.id == Booking.space_id)
    .where(Space.floor_id == bindparam("floor"), OVERLAPPING),
    int,
)
_TAKEN_AT_SITE = Hot(
    select(Booking.space_id)
    .join(Space, Space.id == Booking.space_id)
    .join(Floor, Floor.id == Space.floor_id)
    .where(Floor.site_id == bindparam("site"), Space.kind == bindparam("kind"), OVERLAPPING),
    int,
)


def of_floor(session: Session, actor: Actor, floor_id: int, span: Span, *, now: datetime) -> list[SpaceOut]:
    """Every desk and room of a floor: free for the actor over ``span``, or why not. Raises NotFound."""
    floor = places.floor_site(session, floor_id)
    facts = {"floor": floor_id, "starts_at": span.starts_at, "ends_at": span.ends_at}
    taken = set(_TAKEN_ON_FLOOR.rows(session, facts))
    spaces = _OF_FLOOR.rows(session, {"floor": floor_id})
    asking = _Asking(floor.house, floor.site_id, floor.zone, seeker_of(people.itself(actor)), span, now)
    return [asking.answer(row, taken) for row in spaces]


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
    zone = site(session, site_id).zone
    facts = {"site": site_id, "kind": kind, "starts_at": span.starts_at, "ends_at": span.ends_at}
    taken = set(_TAKEN_AT_SITE.rows(session, facts))
    spaces = _OF_SITE.rows(session, {"site": site_id, "kind": kind, "after": after, "limit": limit})
    asking = _Asking(house.current(session), site_id, zone, seeker_of(people.itself(actor)), span, now)
    return [asking.answer(row, taken) for row in spaces]


class _Asking:
    """One question to the rules for many spaces: what hangs on floor and area alone is asked once for each of them."""

    def __init__(self, house: House, site_id: int, zone: str, seeker: Seeker, span: Span, now: datetime) -> None:
        self._house, self._site_id, self._zone = house, site_id, zone
        self._seeker, self._span, self._now = seeker, span, now
        self._known: dict[tuple[int, int | None], Hindrance | None] = {}
        self._closed = house.closed_spaces(span)

    def answer(self, row: Row, taken: set[int]) -> SpaceOut:
        id, kind, name, floor_id, area_id, offered = row
        if not offered:
            return SpaceOut(id, name, kind, False, Hindrance.NOT_OFFERED)
        key = (floor_id, area_id)
        if key not in self._known:
            place = Place(0, kind, name, floor_id, area_id, self._site_id, self._zone)
            answer = rules.standing_refusal(self._span, place, self._seeker, self._house, now=self._now)
            self._known[key] = answer.hindrance if answer else None
        hindrance = self._known[key]
        if hindrance is None and id in self._closed:
            hindrance = Hindrance.CLOSED
        if hindrance is None and id in taken:
            hindrance = Hindrance.TAKEN
        return SpaceOut(id, name, kind, hindrance is None, hindrance)


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
