"""What would work instead: every way out is put through the same rules and the same bookings before it is offered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from app import clock
from app.people.service import Employee
from app.rooms import bookings, rules
from app.rooms.bookings import Rival
from app.rooms.models import PLACE, Booking, Floor, Space
from app.rooms.places import Wanted, by_size, fewer_seats
from app.rooms.rules import Hindrance, Place, Refusal, Seeker
from app.sites import Site
from app.spans import Span

MOST = 3
LOOK_AHEAD_DAYS = 21


class WayOut(msgspec.Struct, frozen=True):
    """``book``: POST /api/bookings with these; ``change``: PATCH booking ``booking_id`` with these."""

    action: Literal["book", "change"]
    space_id: int
    space: str
    starts_at: datetime
    ends_at: datetime
    booking_id: int | None = None


class Search(msgspec.Struct, frozen=True):
    """Who wants what, and what stands against it; ``own`` is the booking to change, where there is one."""

    wanted: Wanted
    span: Span
    seeker: Employee
    refusal: Refusal
    own: int | None
    now: datetime


def ways_out(session: Session, search: Search) -> tuple[WayOut, ...]:
    """Up to three: for what hangs on the place, other places at the same time, nearest first; for what hangs on the time,
    the same place at another."""
    hindrance = search.refusal.hindrance
    if hindrance is Hindrance.HAS_DESK:
        return tuple(_changes(session, search))
    if hindrance in rules.ELSEWHERE:
        return tuple(_elsewhere(session, search))
    return tuple(_other_times(session, search))


def seeker_of(person: Employee) -> Seeker:
    return Seeker(person.id, person.agency_id, person.unit_lineage)


def _changes(session: Session, search: Search) -> Iterator[WayOut]:
    """The seeker has a desk then: taking that booking here, if it hasn't begun with a check-in."""
    place, span = search.wanted.place, search.span
    own = [
        one for one in bookings.rivals(session, place.id, search.seeker.id, span) if one.person_id == search.seeker.id
    ]
    if len(own) == 1 and (booking := bookings.one(session, own[0].id)) and booking.state == "booked":
        yield WayOut("change", place.id, place.name, span.starts_at, span.ends_at, booking.id)


_taken = exists().where(
    Booking.space_id == Space.id,
    bookings.OVERLAPPING,
)
_fewer = fewer_seats(bindparam("wanted"))
_FREE = (
    select(*PLACE, Space.seats, _fewer)
    .join(Floor, Floor.id == Space.floor_id)
    .join(Site, Site.id == Floor.site_id)
    .where(Space.kind == bindparam("kind"), Space.bookable, Space.retired_at.is_(None), ~_taken)
    .order_by(
        *by_size(_fewer),
        func.abs(Space.x - bindparam("x")) + func.abs(Space.y - bindparam("y")),
        Space.id,
    )
    .limit(24)
)
_FREE_ON_FLOOR = _FREE.where(Space.floor_id == bindparam("floor"))
_FREE_IN_BUILDING = _FREE.where(Floor.building_id == bindparam("building"), Space.floor_id != bindparam("floor"))


def free_near(session: Session, wanted: Wanted, span: Span) -> Iterator[Place]:
    """Places of the same kind that nobody holds over ``span``: of the floor, then of the building, nearest first; rooms
    with fewer seats after all others, the largest first."""
    spot = wanted.spot
    facts = {
        "kind": wanted.place.kind,
        "wanted": wanted.place.id,
        "x": spot.x,
        "y": spot.y,
        "floor": spot.floor_id,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
    }
    smaller: list[tuple[int, Place]] = []
    for statement in (_FREE_ON_FLOOR, _FREE_IN_BUILDING):
        for *place, seats, fewer in session.connection().execute(statement, facts | {"building": wanted.building_id}):
            if fewer:
                smaller.append((seats, Place(*place)))
            else:
                yield Place(*place)
    yield from (place for _, place in sorted(smaller, key=lambda one: -one[0]))


def _elsewhere(session: Session, search: Search) -> Iterator[WayOut]:
    own = _own_booking(session, search)
    if own == 0:
        return
    seeker = seeker_of(search.seeker)
    found = 0
    for place in free_near(session, search.wanted, search.span):
        if place.id == search.wanted.place.id:
            continue
        if rules.standing_refusal(search.span, place, seeker, search.wanted.house, now=search.now) is None and (
            not place.turnaround_minutes or not _rivals(session, search, place, search.span)
        ):
            yield _way(own, place, search.span)
            found += 1
            if found == MOST:
                return


def _own_booking(session: Session, search: Search) -> int | None:
    """The booking to change: the one being changed, or the seeker's own desk booking that stands in the way everywhere.
    Its id; 0 if there is no single one that can be changed; None if none stands in the way."""
    if search.wanted.place.kind != "desk":
        return search.own
    rivals = bookings.rivals(session, search.wanted.place.id, search.seeker.id, search.span, but=search.own or 0)
    own = [rival for rival in rivals if rival.person_id == search.seeker.id]
    if not own or search.own:
        return 0 if own else search.own
    booking = bookings.one(session, own[0].id) if len(own) == 1 else None
    return booking.id if booking and booking.state == "booked" else 0


def _other_times(session: Session, search: Search) -> Iterator[WayOut]:
    place, seeker, house = search.wanted.place, seeker_of(search.seeker), search.wanted.house
    found = 0
    for span in _candidates(search):
        if rules.standing_refusal(span, place, seeker, house, now=search.now) is not None:
            continue
        if _rivals(session, search, place, span):
            continue
        yield _way(search.own, place, span)
        found += 1
        if found == MOST:
            return


def _rivals(session: Session, search: Search, place: Place, span: Span) -> list[Rival]:
    return bookings.rivals(session, place.id, search.seeker.id, place.kept_free(span), but=search.own or 0)


def _candidates(search: Search) -> Iterable[Span]:
    """Spans like the wanted one that obey the hours: shortened on the spot, then on the days around it."""
    place, span, house = search.wanted.place, search.span, search.wanted.house
    first = clock.local_date(span.starts_at, place.zone)
    today = clock.local_date(search.now, place.zone)
    if search.refusal.hindrance is Hindrance.TOO_FAR_AHEAD:
        horizon = house.rules(place.floor_id, search.seeker.agency_id, first).horizon_days
        days = [today + timedelta(days=horizon - n) for n in range(LOOK_AHEAD_DAYS)]
    else:
        days = [max(first, today) + timedelta(days=n) for n in range(LOOK_AHEAD_DAYS)]
    for on in days:
        that_day = house.rules(place.floor_id, search.seeker.agency_id, on)
        if fitted := that_day.fitted(on, span, place.zone):
            yield fitted


def _way(own: int | None, place: Place, span: Span) -> WayOut:
    return WayOut("change" if own else "book", place.id, place.name, span.starts_at, span.ends_at, own or None)
