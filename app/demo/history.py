"""Two million bookings, three hundred days of them: what measurements are made on.

It is history from before the journal: no entry tells of these bookings, and every one of them was made before the first
entry. The guards stay on, the rules of the house give days and hours; allotments are not looked at, nor are rooms booked.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, sites
from app.db import Database
from app.people.models import Person
from app.rooms import house, rules
from app.rooms.models import Booking, Floor, Space
from app.rooms.rules import House
from app.sites import SiteOut
from app.spans import Span

BOOKINGS = 2_000_000
DAYS_BACK, DAYS_AHEAD = 270, 29

_COLUMNS = (
    "space_id",
    "kind",
    "segment_id",
    "person_id",
    "booked_by_id",
    "starts_at",
    "ends_at",
    "state",
    "active",
    "purpose",
    "release_at",
    "created_at",
    "version",
    "checked_in_at",
    "ended_at",
)
_PAST = ("completed",) * 16 + ("released",) * 2 + ("cancelled",) * 2
"""how past bookings ended, in twentieths"""
CHUNK = 100_000
"""rows a transaction"""

Row = tuple[Any, ...]


class _Office(msgspec.Struct, frozen=True):
    """A site with its desks and the people posted there, and who or what is held on which local date already."""

    site: SiteOut
    desks: list[int]
    people: list[int]
    held: dict[date, tuple[set[int], set[int]]]


def fill(db: Database, *, now: datetime, bookings: int = BOOKINGS) -> None:
    """Mornings and afternoons on every working day, from 270 days ago to 29 days ahead, shared out by desks.

    Past bookings are over, future ones active. Desks and people that have bookings on a day stay as they are on that day,
    so a little less than ``bookings`` may come out. About a minute.
    """
    rules, offices = db.read_here(_world)
    days = [now + timedelta(days=n) for n in range(-DAYS_BACK, DAYS_AHEAD + 1)]
    parts = [
        (office, on, span)
        for day in days
        for office in offices
        for on in (clock.local_date(day, office.site.zone),)
        if _is_open(rules, office.site, on)
        for span in _halves(rules, office.site, on)
        if not span.holds(now)
    ]
    desks = sum(len(office.desks) for office, _, _ in parts)
    instant = _seconds if db.embedded else _itself
    before = 0
    rows: list[Row] = []
    for office, on, span in parts:
        after = before + len(office.desks)
        rows += _rows(office, on, span, bookings * after // desks - bookings * before // desks, instant, now=now)
        before = after
        if len(rows) > CHUNK or before == desks:
            db.write_here(_add, rows)
            rows = []
    if not db.embedded:
        db.write_here(lambda session: session.connection().exec_driver_sql("ANALYZE booking") and None)


def _world(session: Session) -> tuple[House, list[_Office]]:
    return house.current(session), [_office(session, site) for site in sites.sites(session)]


def _office(session: Session, site: SiteOut) -> _Office:
    here = (
        select(Space.id)
        .join(Floor, Floor.id == Space.floor_id)
        .where(Floor.site_id == site.id, Space.kind == "desk", Space.bookable, Space.retired_at.is_(None))
        .order_by(Space.id)
    )
    posted = select(Person.id).where(Person.site_id == site.id, Person.active).order_by(Person.id)
    held: dict[date, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for space_id, person_id, starts_at in session.execute(
        select(Booking.space_id, Booking.person_id, Booking.starts_at)
    ):
        spaces, people = held[clock.local_date(starts_at, site.zone)]
        spaces.add(space_id)
        people.add(person_id)
    return _Office(site, list(session.scalars(here)), list(session.scalars(posted)), dict(held))


def _is_open(house: House, site: SiteOut, on: date) -> bool:
    return str(on.isoweekday()) in house.rules(0, 0, on).open_weekdays and house.day_off(site.id, on) is None


def _halves(house: House, site: SiteOut, on: date) -> tuple[Span, Span]:
    parts = rules.day_parts(on, house.rules(0, 0, on), site.zone)
    return parts["am"], parts["pm"]


def _seconds(instant: datetime) -> int:
    """An instant as SQLite keeps it (``db.Instant``)."""
    return int(instant.timestamp())


def _itself(instant: datetime) -> datetime:
    return instant


def _rows(
    office: _Office, on: date, span: Span, count: int, instant: Callable[[datetime], Any], *, now: datetime
) -> Iterator[Row]:
    """Rows of table ``booking``: nobody and no desk twice."""
    dice = random.Random(f"{office.site.code}{span.starts_at}")  # noqa: S311 - the same for everybody
    spaces, people = office.held.get(on, (set(), set()))
    desks = [id for id in dice.sample(office.desks, min(count, len(office.desks))) if id not in spaces]
    seekers = [id for id in dice.sample(office.people, min(count, len(office.people))) if id not in people]
    starts_at, ends_at = instant(span.starts_at), instant(span.ends_at)
    made_at = instant(min(span.starts_at - timedelta(days=1), now - timedelta(hours=1)))
    endings: tuple[Row, ...]
    if span.starts_at > now:
        endings = (("booked", True, instant(span.starts_at + timedelta(hours=1)), None, None),)
    else:
        endings = tuple(
            (state, False, None, starts_at, ends_at) if state == "completed" else (state, False, None, None, starts_at)
            for state in _PAST
        )
    for desk, person, ending in zip(desks, seekers, cycle(endings), strict=False):
        state, active, release_at, checked_in_at, ended_at = ending
        yield (
            desk, "desk", None, person, person, starts_at, ends_at, state, active, "", release_at, made_at, 1, checked_in_at,
            ended_at,
        )  # fmt: skip


def _add(session: Session, rows: Sequence[Row]) -> None:
    """By the driver itself, past SQLAlchemy: two million rows leave no time for more."""
    connection = session.connection()
    columns = ", ".join(_COLUMNS)
    if connection.dialect.name == "postgresql":
        with connection.connection.cursor().copy(f"COPY booking ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    elif rows:
        marks = ", ".join("?" * len(_COLUMNS))
        connection.exec_driver_sql(f"INSERT INTO booking ({columns}) VALUES ({marks})", list(rows))  # noqa: S608
