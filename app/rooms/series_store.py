"""Series and their bookings as they are stored: a few statements for any number of dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app import journal
from app.db import locks_rows
from app.db.hot import Hot
from app.db.many import HotForMany
from app.rooms import bookings
from app.rooms.bookings import BookingOut
from app.rooms.models import PLACE, Booking, Floor, Series, Space
from app.rooms.places import Wanted, by_size, fewer_seats
from app.rooms.rules import Place
from app.rooms.series_rules import InTheWay, Pattern
from app.sites import Site
from app.spans import Span


class Stored(msgspec.Struct, frozen=True):
    """A series; hours in minutes since local midnight."""

    id: int
    space_id: int
    person_id: int
    booked_by_id: int
    rule: str
    starts_on: date
    starts: int
    ends: int
    purpose: str
    created_at: datetime
    ended_at: datetime | None
    version: int
    space: str
    kind: str
    zone: str

    @property
    def pattern(self) -> Pattern:
        return Pattern(self.space_id, self.zone, self.starts, self.ends, self.purpose)


_stored = (
    select(
        Series.id,
        Series.space_id,
        Series.person_id,
        Series.booked_by_id,
        Series.rule,
        Series.starts_on,
        Series.starts,
        Series.ends,
        Series.purpose,
        Series.created_at,
        Series.ended_at,
        Series.version,
        Space.name,
        Space.kind,
        Site.zone,
    )
    .join(Space, Space.id == Series.space_id)
    .join(Floor, Floor.id == Space.floor_id)
    .join(Site, Site.id == Floor.site_id)
)
_ONE = Hot(_stored.where(Series.id == bindparam("series")), Stored)
_SEVERAL = HotForMany(lambda ids: _stored.where(Series.id.in_(ids)), Stored)
_COMING = Hot[tuple[int, datetime, int]](
    select(Booking.series_id, func.min(Booking.starts_at), func.count())
    .where(Booking.person_id == bindparam("person"), Booking.active, Booking.ends_at > bindparam("now"))
    .where(Booking.series_id.is_not(None))
    .group_by(Booking.series_id)
    .order_by(func.min(Booking.starts_at), Booking.series_id)
)
_LOCK = select(Series.id).where(Series.id == bindparam("series")).with_for_update(key_share=True)
_STATED = ("space_id", "rule", "starts_on", "starts", "ends", "purpose", "ended_at", "version")


def one(session: Session, series_id: int, *, lock: bool = False) -> Stored | None:
    if lock and locks_rows(session):
        session.connection().execute(_LOCK, {"series": series_id})
    return _ONE.first(session, {"series": series_id})


def coming_of(session: Session, person_id: int, *, now: datetime) -> list[tuple[Stored, datetime, int]]:
    """A person's series of which something is to come: each with its next start and how many bookings are left."""
    rows = _COMING.rows(session, {"person": person_id, "now": now})
    stored = {one.id: one for one in _SEVERAL.rows(session, [row[0] for row in rows], {})}
    return [(stored[id], next_at, left) for id, next_at, left in rows]


def add(
    session: Session,
    pattern: Pattern,
    rule: str,
    starts_on: date,
    *,
    person_id: int,
    booked_by_id: int,
    actor_id: int,
    at: datetime,
) -> Stored:
    """A new series, with its entry in the journal."""
    values = {
        "space_id": pattern.space_id,
        "person_id": person_id,
        "booked_by_id": booked_by_id,
        "rule": rule,
        "starts_on": starts_on,
        "starts": pattern.starts,
        "ends": pattern.ends,
        "purpose": pattern.purpose,
        "created_at": at,
        "ended_at": None,
        "version": 1,
    }
    id = session.connection().execute(insert(Series).values(**values).returning(Series.id)).scalar_one()
    stored = _ONE.first(session, {"series": id})
    assert stored is not None
    _record(session, stored, "booked", actor_id=actor_id, at=at)
    return stored


def save(session: Session, after: Stored, verb: str, *, actor_id: int, at: datetime) -> Stored:
    """Write a changed series with the next version, and the journal's entry with it."""
    after = replace(after, version=after.version + 1)
    values = {name: getattr(after, name) for name in _STATED}
    session.connection().execute(update(Series).where(Series.id == after.id).values(**values))
    _record(session, after, verb, actor_id=actor_id, at=at)
    return after


def _record(session: Session, series: Stored, verb: str, *, actor_id: int, at: datetime) -> None:
    facts = {
        "space_id": series.space_id,
        "person_id": series.person_id,
        "rule": series.rule,
        "starts_on": series.starts_on.isoformat(),
        "starts": series.starts,
        "ends": series.ends,
        "ended_at": series.ended_at.isoformat() if series.ended_at else None,
    }
    journal.record(
        session, verb, "booking-series", series.id, actor_id=actor_id, at=at, version=series.version, facts=facts
    )


# Its bookings


def bookings_of(session: Session, series_id: int, *, since: date | None = None, lock: bool = False) -> list[BookingOut]:
    """The bookings of a series, in every state, made for dates from ``since`` on."""
    these: ColumnElement[bool] = Booking.series_id == series_id
    if since is not None:
        these = and_(these, Booking.occurs_on >= since)
    if lock:
        bookings.lock(session, these)
    return bookings.found(session, these)


def in_the_way(
    session: Session, space_ids: Iterable[int], person_id: int, within: Span, *, but: Iterable[int] = ()
) -> list[InTheWay]:
    """Active bookings of these spaces, and desks of the person wherever they are, that touch ``within``; without those in
    ``but``. A desk of the person's own that is wanted stands in both ways."""
    spaces = set(space_ids)
    own = and_(Booking.person_id == person_id, Booking.kind == "desk")
    base = (
        select(Booking.id, Booking.space_id, Space.name, Booking.starts_at, Booking.ends_at)
        .join(Space, Space.id == Booking.space_id)
        .where(bookings.OVERLAPPING)
    )
    facts = {"starts_at": within.starts_at, "ends_at": within.ends_at}
    connection, ours = session.connection(), set(but)
    found = []
    for these, mine in ((Booking.space_id.in_(spaces), False), (own, True)):
        for id, space_id, name, starts_at, ends_at in connection.execute(base.where(these), facts):
            if id not in ours:
                found.append(InTheWay(id, space_id, name, mine, Span(starts_at, ends_at)))
    return found


def save_all(
    session: Session, changed: Sequence[tuple[BookingOut, BookingOut]], *, actor_id: int, at: datetime
) -> list[BookingOut]:
    """Write bookings before and after a change of their series, each with its next version and its journal entry.

    Those that move let go of their place first: one may take the place that another one leaves.
    """
    after = [replace(new, version=old.version + 1) for old, new in changed]
    moving = [old.id for old, new in changed if (old.space_id, old.span) != (new.space_id, new.span)]
    connection = session.connection()
    if moving:
        connection.execute(update(Booking).where(Booking.id.in_(moving)).values(state="cancelled", active=False))
    if after:
        connection.execute(_SAVE, [_row(booking) for booking in after])
        left = {old.id: old.space_id for old, _ in changed}
        bookings.record_all(session, after, "changed", left=left, actor_id=actor_id, at=at)
    return after


_SAVED = (
    "space_id",
    "series_id",
    "occurs_on",
    "starts_at",
    "ends_at",
    "state",
    "active",
    "purpose",
    "approval",
    "remark",
    "release_at",
    "version",
)
_SAVE = (
    update(Booking)
    .where(Booking.id == bindparam("booking"))
    .values({name: bindparam(f"new_{name}", type_=getattr(Booking, name).type) for name in _SAVED})
)


def _row(booking: BookingOut) -> dict[str, Any]:
    return {"booking": booking.id} | {f"new_{name}": getattr(booking, name) for name in _SAVED}


# Where else

_NEARBY = select(*PLACE).join(Floor, Floor.id == Space.floor_id).join(Site, Site.id == Floor.site_id)


def nearby(session: Session, wanted: Wanted, most: int) -> list[Place]:
    """Other places of the same kind: of the floor, then of the building, nearest first; rooms with fewer seats after all
    others, the largest first."""
    spot = wanted.spot
    rows: Any = session.connection().execute(
        _NEARBY.where(
            Space.kind == wanted.place.kind,
            Space.bookable,
            Space.retired_at.is_(None),
            Space.id != wanted.place.id,
            or_(Space.floor_id == spot.floor_id, Floor.building_id == wanted.building_id),
        )
        .order_by(
            *by_size(fewer_seats(wanted.place.id)),
            Space.floor_id != spot.floor_id,
            func.abs(Space.x - spot.x) + func.abs(Space.y - spot.y),
            Space.id,
        )
        .limit(most)
    )
    return [Place(*row) for row in rows]
