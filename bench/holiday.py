"""A day of collective leave on which everybody has planned: looked at beforehand, decreed, and undone.

Measured: seconds of each in its own transaction on PostgreSQL, with the full demo's 12,000 people planned for the date, each
with a desk for half of it. Counted as well: what was shown is what was done, each owner has one notice, and undoing
leaves every booking as it was. Bar: ten seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.notices import NoticeRow
from app.people.access import Credential, actor_for
from app.people.models import Person
from app.people.secrets import digest
from app.rooms.models import Booking, Floor, Space
from app.scheduling import changes
from app.scheduling.change_log import Change
from app.scheduling.changes import Wish
from app.scheduling.models import PlanDay, SegmentRow, WeekPlan
from app.scheduling.touched import Touch
from app.scheduling.working_time import DayKind, DayOff
from app.sites import Site
from bench import support
from bench.results import Result, main

BAR = 10.0
ADMIN = "admin@selaras.test"
HALVES = ((450, 720), (780, 960))


def run() -> Iterator[Result]:
    with support.databases() as databases:
        address = databases.make("PostgreSQL", "holiday")
        support.full_demo(address, bookings=20_000)
        yield from _measure(address)


def _measure(address: str) -> Iterator[Result]:
    on = clock.now().date() + timedelta(days=400)
    on += timedelta(days=(2 - on.weekday()) % 7)  # a Wednesday on which nobody has anything yet
    wish = Wish("day-off", DayOff(on, DayKind.COLLECTIVE_LEAVE, "Cuti bersama uji", "Trial leave", "Keppres uji"))
    now = clock.now()
    tokens = support.with_tokens(address)
    with Database(address) as db:
        people = db.write_here(_plan_for_all, on)
        admin = db.read_here(lambda session: session.scalar(select(Person.id).where(Person.email == ADMIN)))
        actor = db.read_here(actor_for, Credential("token", digest(tokens[admin])), now=now)
        before = db.read_here(_bookings, on)
        shown, looking = _timed(lambda: db.read_here(changes.preview, actor, [wish], now=now))
        made, applying = _timed(lambda: db.write_here(changes.apply, actor, [wish], now=now))
        told = db.read_here(_told, made[0])
        undone, undoing = _timed(lambda: db.write_here(changes.undo, actor, made[0].id, now=now))
        assert Touch(made[0].plans, made[0].desks, made[0].people) == shown == Touch(people, people, people), (
            shown,
            made,
        )
        assert told == people, told
        assert undone.undone_at == now
        assert db.read_here(_bookings, on) == before
    label = f"day off for {people:,} people with plans and desks"
    for what, seconds in (("shown", looking), ("applied", applying), ("undone", undoing)):
        yield Result(f"{label}: {what}", seconds, "s", BAR)


def _timed(work: Any) -> tuple[Any, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def _plan_for_all(session: Session, on: date) -> int:
    """Everybody plans half a day with a desk at a site; two share one. Returns how many people that are."""
    people = session.execute(select(Person.id).where(Person.active).order_by(Person.id)).scalars().all()
    desks = session.execute(
        select(Space.id, Floor.site_id, Site.zone)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Site, Site.id == Floor.site_id)
        .where(Space.kind == "desk")
        .order_by(Space.id)
    ).all()
    places = [(*desk, *half) for half in HALVES for desk in desks][: len(people)]
    pairs = list(zip(people, places, strict=False))
    monday = on - timedelta(days=on.weekday())
    weeks = [{"person_id": person, "monday_on": monday, "step": 0, "version": 1} for person, _ in pairs]
    session.execute(insert(WeekPlan), weeks)
    plans = dict(session.execute(select(WeekPlan.person_id, WeekPlan.id).where(WeekPlan.monday_on == monday)).all())
    days = [{"plan_id": plans[person], "person_id": person, "on": on, "state": "approved"} for person, _ in pairs]
    session.execute(insert(PlanDay), days)
    day_ids = dict(session.execute(select(PlanDay.person_id, PlanDay.id).where(PlanDay.on == on)).all())
    parts = [
        {"day_id": day_ids[person], "mode": "WFO", "starts": starts, "ends": ends, "site_id": site}
        for person, (_, site, _, starts, ends) in pairs
    ]
    session.execute(insert(SegmentRow), parts)
    part_ids = dict(session.execute(select(SegmentRow.day_id, SegmentRow.id)).all())
    bookings = []
    for person, (desk, _, zone, starts, ends) in pairs:
        starts_at, ends_at = clock.instant_of(on, starts, zone), clock.instant_of(on, ends, zone)
        bookings.append(
            {"space_id": desk, "kind": "desk", "segment_id": part_ids[day_ids[person]], "person_id": person}
            | {"booked_by_id": person, "starts_at": starts_at, "ends_at": ends_at, "state": "booked", "active": True}
            | {"purpose": "", "release_at": starts_at + timedelta(hours=1), "created_at": clock.now(), "version": 1}
        )
    session.execute(insert(Booking), bookings)
    return len(pairs)


def _bookings(session: Session, on: date) -> list[Any]:
    same = [column for column in Booking.__table__.c if column.name != "version"]
    day = clock.instant_of(on, 0, "Asia/Makassar")
    return list(session.execute(select(*same).where(Booking.starts_at >= day).order_by(Booking.id)).all())


def _told(session: Session, change: Change) -> int:
    return session.scalar(select(func.count()).where(NoticeRow.cause == f"calendar-change:{change.id}")) or 0


if __name__ == "__main__":
    main(run)
