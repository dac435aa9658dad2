"""``POST /api/meetings/slots`` with two million bookings over 300 days (the full demo), on the present and coming weeks.

Everybody asked for has three meetings on each working day and a week plan with two days at home; the rooms asked for have
three bookings on each working day. Seconds until the answer is there, one client, one connection:

12 people of two cities, 60 minutes, 14 days, a room at both sites, any of the demo's. Bar for the worst answer: 500 ms.

30 people and 20 rooms, 14 days: p50. Limit, request by request in turn: the raw driver's queries for the same people, their
plans and meetings, the rooms and their bookings, rows fetched. Bar: 3 times the limit.

200 people and the same rooms, 28 days: p50. Bar: 500 ms.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from http.client import HTTPConnection
from statistics import median
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, text, update

from app import clock
from app.db import Database
from app.demo import history
from app.meetings.models import Attendee, Meeting
from app.people.models import Agency, Person
from app.rooms import house
from app.rooms.models import Booking, Floor, Space
from app.scheduling.models import PlanDay, SegmentRow, WeekPlan
from app.sites import Site
from app.spans import Span
from bench import support
from bench.raw import sqlite_connection
from bench.results import Result, main

BAR_MS, RATIO = 500, 3.0
PEOPLE, ROOMS, ROUNDS = 200, 20, 25
DAYS_FILLED = 28
FEW_HOURS = ((30, 60), (210, 60), (390, 90))
"""start, in minutes after the first hour of an office's day, and length of what everybody and every room has each day"""
MARK = "ukur"
"""an attribute of the rooms that are measured"""


class Asked(msgspec.Struct, frozen=True):
    """Who asks for whom and which rooms, in which time."""

    token: str
    people: list[int]
    rooms: list[int]
    sites: list[int]
    since: datetime

    def body(self, people: int, days: int, **more: Any) -> bytes:
        window = {"from": self.since.isoformat(), "until": (self.since + timedelta(days=days)).isoformat()}
        wanted = {
            "minutes": 60,
            "window": window,
            "required_ids": self.people[:people],
            "site_ids": self.sites,
            "limit": 10,
        }
        return json.dumps(wanted | more).encode()


def run(*, bookings: int = history.BOOKINGS) -> Iterator[Result]:
    with support.databases() as databases:
        for engine in support.ENGINES:
            address = databases.make(engine, "slots")
            support.full_demo(address, bookings=bookings)
            asked = _filled(address, support.with_tokens(address))
            raw = _raw(databases, engine, asked)
            with support.served(address) as server:
                yield from _measured(server.port, engine, asked, raw)


def _measured(port: int, engine: str, asked: Asked, raw: Callable[[int, int], int]) -> Iterator[Result]:
    connection = HTTPConnection("127.0.0.1", port)

    def answered(body: bytes) -> float:
        began = time.perf_counter()
        headers = {"Authorization": f"Bearer {asked.token}", "Content-Type": "application/json"}
        connection.request("POST", "/api/meetings/slots", body, headers)
        answer = connection.getresponse()
        found = answer.read()
        took = (time.perf_counter() - began) * 1000
        assert answer.status == 200, found[:500]
        assert found.count(b'"starts_at"') >= 5, found[:500]
        return took

    few = asked.body(12, 14)
    first = answered(few)
    print(f"{engine}: the first answer of the process took {first:.0f} ms", flush=True)
    yield Result(
        f"slots for 12 people, 10 days, worst, {engine}", max(answered(few) for _ in range(ROUNDS)), "ms", BAR_MS
    )
    some, ours, limit, rows = asked.body(30, 14, attributes=[MARK]), [], [], 0
    for _ in range(ROUNDS + 1):
        ours.append(answered(some))
        began = time.perf_counter()
        rows = raw(30, 14)
        limit.append((time.perf_counter() - began) * 1000)
    print(f"{engine}: {rows:,} rows about 30 people and {ROOMS} rooms", flush=True)
    yield Result(f"slots for 30 people, {ROOMS} rooms, p50, {engine}", median(ours[1:]), "ms", RATIO, median(limit[1:]))
    many = asked.body(PEOPLE - 1, 28, attributes=[MARK], seats=dict.fromkeys(map(str, asked.sites), 4))
    yield Result(
        f"slots for {PEOPLE} people, 4 weeks, p50, {engine}",
        median(answered(many) for _ in range(ROUNDS)),
        "ms",
        BAR_MS,
    )
    connection.close()


def _filled(address: str, tokens: dict[int, str]) -> Asked:
    """People of one agency in both cities, rooms of both, and their weeks from next Monday on."""
    now = clock.now()
    monday = now.date() + timedelta(days=7 - now.weekday())
    with Database(address) as db, db.engine.begin() as connection:
        sites = dict(
            connection.execute(select(Site.id, Site.zone).where(Site.code.in_(("IKN", "JKT"))).order_by(Site.id)).all()
        )
        people = _people(connection, list(sites))
        rooms = _rooms(connection, list(sites))
        days = [monday + timedelta(days=n) for n in range(DAYS_FILLED) if (monday + timedelta(days=n)).weekday() < 5]
        dice = random.Random(1)
        for person, site_id in people.items():
            _plans(connection, person, site_id, monday, dice)
        _meetings(connection, people, sites, days, now, dice)
        _bookings(connection, rooms, sites, people, days, now, dice)
        connection.execute(text("ANALYZE"))  # what the engine would have done by itself before long
    with Database(address) as db:
        db.write_here(house.changed)
    asker = next(iter(people))
    others = [id for id in people if id != asker]
    since = clock.instant_of(monday, 0, next(iter(sites.values())))
    return Asked(tokens[asker], others, list(rooms), list(sites), since)


def _people(connection: Connection, sites: list[int]) -> dict[int, int]:
    """Ids and sites of people of the agency that has most in both cities, the cities in turn."""
    counts = func.count()
    agency = connection.execute(
        select(Person.agency_id)
        .join(Agency, Agency.id == Person.agency_id)
        .where(Person.site_id.in_(sites), Person.active)
        .group_by(Person.agency_id)
        .order_by(counts.desc())
        .limit(1)
    ).scalar_one()
    by_site = [
        connection.execute(
            select(Person.id, Person.site_id)
            .where(Person.site_id == site_id, Person.agency_id == agency, Person.active)
            .order_by(Person.id)
            .limit(PEOPLE)
        ).all()
        for site_id in sites
    ]
    in_turn = [one for pair in zip(*by_site, strict=False) for one in pair]
    rest = [one for site in by_site for one in site if one not in set(in_turn)]
    return {id: site_id for id, site_id in (in_turn + rest)[:PEOPLE]}


def _rooms(connection: Connection, sites: list[int]) -> dict[int, int]:
    """Ids and sites of rooms, half of them in each city, made alike but for their seats."""
    chosen: dict[int, int] = {}
    for site_id in sites:
        rows = connection.execute(
            select(Space.id)
            .join(Floor, Floor.id == Space.floor_id)
            .where(Floor.site_id == site_id, Space.kind == "room", Space.bookable)
            .order_by(Space.id)
            .limit(ROOMS // len(sites))
        )
        chosen |= {row[0]: site_id for row in rows}
    for n, id in enumerate(chosen):
        facts = {"seats": 30 + n, "attributes": f"video {MARK}", "room_kind": "meeting", "area_id": None}
        connection.execute(update(Space).where(Space.id == id).values(needs_approval=False, **facts))
    return chosen


def _plans(connection: Connection, person: int, site_id: int, monday: date, dice: random.Random) -> None:
    for week in range(DAYS_FILLED // 7):
        first = monday + timedelta(days=7 * week)
        known = connection.scalar(select(WeekPlan.id).where(WeekPlan.person_id == person, WeekPlan.monday_on == first))
        if known:
            continue
        row = {"person_id": person, "monday_on": first, "step": 0, "version": 1}
        plan = connection.execute(insert(WeekPlan).values(row).returning(WeekPlan.id)).scalar_one()
        home = dice.sample(range(5), 2)
        for n in range(5):
            row = {"plan_id": plan, "person_id": person, "on": first + timedelta(days=n), "state": "approved"}
            day = connection.execute(insert(PlanDay).values(**row, automatic=False, reason="").returning(PlanDay.id))
            mode = "WFH" if n in home else "WFO"
            part = {"day_id": day.scalar_one(), "mode": mode, "starts": 450, "ends": 960, "site_id": site_id}
            connection.execute(insert(SegmentRow).values(**part, whole=True, letter="", active=True))


def _times(on: date, zone: str, dice: random.Random) -> Iterator[Span]:
    for after, length in FEW_HOURS:
        starts_at = clock.instant_of(on, 450 + after + 15 * dice.randrange(4), zone)
        yield Span(starts_at, starts_at + timedelta(minutes=length))


def _meetings(
    connection: Connection,
    people: dict[int, int],
    sites: dict[int, str],
    days: list[date],
    now: datetime,
    dice: random.Random,
) -> None:
    """One meeting for each of somebody's times would be many rows of no use: the attendance is what counts."""
    asker, site_id = next(iter(people.items()))
    facts = {"title": "Rapat", "organiser_id": asker, "site_id": site_id, "state": "planned", "created_at": now}
    for on in days:
        for n in range(len(FEW_HOURS)):
            span = list(_times(on, sites[site_id], dice))[n]
            row = {**facts, "starts_at": span.starts_at, "ends_at": span.ends_at}
            meeting = connection.execute(insert(Meeting).values(row).returning(Meeting.id)).scalar_one()
            rows = []
            for person, at in people.items():
                # most of them are left a common hour now and then
                own = list(_times(on, sites[at], dice))[n]
                rows.append(
                    {"meeting_id": meeting, "person_id": person, "starts_at": own.starts_at, "ends_at": own.ends_at}
                )
            connection.execute(insert(Attendee), rows)


def _bookings(
    connection: Connection,
    rooms: dict[int, int],
    sites: dict[int, str],
    people: dict[int, int],
    days: list[date],
    now: datetime,
    dice: random.Random,
) -> None:
    since = clock.instant_of(days[0], 0, next(iter(sites.values())))
    there = update(Booking).where(Booking.space_id.in_(list(rooms)), Booking.active, Booking.ends_at > since)
    connection.execute(there.values(active=False, state="cancelled", ended_at=now))
    asker = next(iter(people))
    facts = {
        "kind": "room",
        "person_id": asker,
        "booked_by_id": asker,
        "state": "booked",
        "active": True,
        "created_at": now,
    }
    rows = [
        {**facts, "space_id": room, "starts_at": span.starts_at, "ends_at": span.ends_at}
        for on in days
        for room, site_id in rooms.items()
        for span in _times(on, sites[site_id], dice)
    ]
    connection.execute(insert(Booking), rows)


QUERIES = (
    "SELECT person.id, person.name, person.agency_id, unit.lineage, person.superior_id, person.site_id FROM person "
    "JOIN unit ON unit.id = person.unit_id WHERE person.id IN ({people})",
    "SELECT plan_day.person_id, plan_day.\"on\", segment.starts, segment.ends, segment.mode, segment.site_id, segment.whole "
    "FROM plan_day JOIN segment ON segment.day_id = plan_day.id WHERE plan_day.person_id IN ({people}) "
    "AND plan_day.\"on\" >= {from_on} AND plan_day.\"on\" <= {until_on} AND segment.active AND segment.mode != 'WFO' "
    "AND plan_day.state IN ('submitted', 'approved')",
    "SELECT person_id, starts_at, ends_at FROM attendee WHERE person_id IN ({people}) AND {active} "
    "AND ends_at > {since} AND starts_at < {until}",
    "SELECT space.id, space.name, space.floor_id, space.area_id, floor.site_id, space.seats, space.attributes FROM space "
    "JOIN floor ON floor.id = space.floor_id WHERE floor.site_id IN ({sites}) AND space.kind = 'room' AND space.bookable "
    "AND space.retired_at IS NULL AND space.attributes LIKE " + f"'video {MARK}'",
    "SELECT space_id, starts_at, ends_at FROM booking WHERE space_id IN ({rooms}) AND {active} "
    "AND ends_at > {since} AND starts_at < {until}",
)  # fmt: skip


def _raw(databases: support.Databases, engine: str, asked: Asked) -> Callable[[int, int], int]:
    """The same rows by the raw driver; how many there were."""
    if engine == "SQLite":
        connection: Any = sqlite_connection(databases, "slots")
        mark, active = "?", "active = 1"
    else:
        connection = databases.connect("slots", autocommit=True)
        mark, active = "%s", "active"

    def kept(at: datetime) -> Any:
        return int(at.timestamp()) if engine == "SQLite" else at

    def read(people: int, days: int) -> int:
        until = asked.since + timedelta(days=days)
        edges = {"since": kept(asked.since), "until": kept(until)}
        dates = {"from_on": (asked.since - timedelta(days=1)).date(), "until_on": (until + timedelta(days=1)).date()}
        lists = {"people": asked.people[:people], "rooms": asked.rooms, "sites": asked.sites}
        rows = 0
        for query in QUERIES:
            names = sorted(
                (query.index("{" + name + "}"), name)
                for name in ({**edges, **dates, **lists})
                if "{" + name + "}" in query
            )
            values: list[Any] = []
            for _, name in names:
                values += lists[name] if name in lists else [str(dates[name])] if name in dates else [edges[name]]
            marks = {name: ", ".join([mark] * len(each)) for name, each in lists.items()}
            statement = query.format(active=active, **marks, **dict.fromkeys((*edges, *dates), mark))
            rows += len(connection.execute(statement, values).fetchall())
        return rows

    return read


if __name__ == "__main__":
    main(run)
