"""Puts the demo world into an empty database, through the very imports and services a real office uses."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app import clock, journal, sites
from app.db import Database
from app.demo.people import AGENCIES, FEW_AGENCIES, people
from app.demo.places import places
from app.people import accounts, importing
from app.people.models import Person
from app.rooms import house
from app.rooms import importing as place_import
from app.rooms.models import Area, Booking, Floor, Space
from app.rooms.rules import House, Place, Seeker, day_parts, release_at, standing_refusal
from app.settings import Settings

ACCOUNTS = accounts.DEMO_ACCOUNTS
PASSWORD = accounts.DEMO_PASSWORD
DAYS_AHEAD = 10
"""how many days from today on the demo's offices are alive"""


def is_empty(db: Database) -> bool:
    return not db.read_here(accounts.any_people)


def fill(db: Database, settings: Settings, *, now: datetime, full: bool = False, small: bool = False) -> None:
    """Places, people, passwords of the demo accounts, and bookings around today. ``small``: three floors, for tests."""
    today = clock.local_date(now, "Asia/Makassar")
    agencies = AGENCIES if full else FEW_AGENCIES
    db.write_here(_places, places(today, small=small, agencies=agencies), now=now)
    rows = people(today, count=12_000 if full else 320)
    key = db.write_here(importing.nip_key, settings.nip_key)
    report = db.write_here(importing.import_people, rows, sites=db.read_here(sites.site_ids), nip_key=key, now=now)
    assert not report.errors, report.errors[:3]
    db.write_here(_share_names, now=now)
    db.write_here(accounts.set_demo_passwords, now=now)
    freshen(db, now=now)
    if full:
        from app.demo import history  # noqa: PLC0415

        history.fill(db, now=now)


def freshen(db: Database, *, now: datetime) -> None:
    """Bookings for the coming days that have none, so that the demo is alive on whatever day it is started."""
    db.write_here(_bookings, now=now)


def _places(session: Session, document: dict[str, object], *, now: datetime) -> None:
    report = place_import.import_places(session, document, now=now)
    assert not report.errors, report.errors[:3]


def _share_names(session: Session, *, now: datetime) -> None:
    """Two agencies that opted in to see each other's names; the others see occupied desks without."""
    from app.people.models import Agency  # noqa: PLC0415

    for agency in session.scalars(select(Agency).where(Agency.code.in_(("BAPPENAS", "KEMENPANRB")))):
        agency.shares_names = True
        journal.record(session, "shared-names", "agency", agency.id, actor_id=None, at=now)


def _bookings(session: Session, *, now: datetime) -> None:
    """Whole days and halves, on areas open to the person's agency. The demo account ``pegawai@`` gets none for today, so
    that a first visitor has something to do."""
    rules = house.current(session)
    desks = _desks_by_site(session)
    everybody = session.execute(
        select(Person.id, Person.agency_id, Person.site_id, Person.email, Person.unit_id).order_by(Person.id)
    ).all()
    rows: list[dict[str, object]] = []
    for site in sites.sites(session):
        today = clock.local_date(now, site.zone)
        for on in (today + timedelta(days=n) for n in range(-1, DAYS_AHEAD)):
            if not desks.get(site.id) or _alive(session, site.id, on, site.zone):
                continue
            dice = random.Random(f"{site.code}{on}")  # noqa: S311 - a demo is the same for everybody
            taken: set[int] = set()
            for person in everybody:
                if person.site_id != site.id or dice.random() > 0.62 or person.email == "pegawai@selaras.test":
                    continue
                row = _booking(person, desks[site.id], taken, rules, on, site.zone, dice, now=now)
                if row is not None:
                    rows.append(row)
    for row in rows:
        booking_id = session.execute(insert(Booking).returning(Booking.id), [row]).scalar_one()
        facts = {
            "space_id": row["space_id"],
            "person_id": row["person_id"],
            "starts_at": row["starts_at"].isoformat(),  # type: ignore[attr-defined]
            "ends_at": row["ends_at"].isoformat(),  # type: ignore[attr-defined]
            "state": row["state"],
        }
        journal.record(
            session,
            "booked",
            "booking",
            booking_id,
            actor_id=row["person_id"],  # type: ignore[arg-type]
            at=now,
            facts=facts,
        )


def _alive(session: Session, site_id: int, on: date, zone: str) -> bool:
    starts_at, ends_at = clock.instant_of(on, 0, zone), clock.instant_of(on, 1440, zone)
    there = (
        select(func.count())
        .select_from(Booking)
        .join(Space, Space.id == Booking.space_id)
        .join(Floor, Floor.id == Space.floor_id)
        .where(Floor.site_id == site_id, Booking.starts_at >= starts_at, Booking.starts_at < ends_at)
    )
    return (session.scalar(there) or 0) > 5


Desk = tuple[int, int, int | None, int, str, str]


def _desks_by_site(session: Session) -> dict[int, list[Desk]]:
    """Desks of the first floors, where the demo's people work: a big house would swallow three hundred of them."""
    rows = session.execute(
        select(Space.id, Space.floor_id, Space.area_id, Floor.site_id, Floor.code, Area.code)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Area, Area.id == Space.area_id)
        .where(Space.kind == "desk", Floor.code.in_(LIVELY))
        .order_by(Space.id)
    ).all()
    found: dict[int, list[Desk]] = {}
    for row in rows:
        found.setdefault(row[3], []).append(tuple(row))
    return found


LIVELY = ("IKN-K3-A-02", "IKN-K3-A-03", "IKN-K3-A-04", "JKT-PST-01", "JKT-PST-02")


def _booking(
    person: object,
    desks: list[Desk],
    taken: set[int],
    rules: House,
    on: date,
    zone: str,
    dice: random.Random,
    *,
    now: datetime,
) -> dict[str, object] | None:
    id, agency_id, site_id, _, unit_id = person  # type: ignore[misc]
    settings = rules.rules(desks[0][1], agency_id, on)
    part = dice.choices(("day", "am", "pm"), (6, 1, 1))[0]
    span = day_parts(on, settings, zone)[part]
    seeker = Seeker(id, agency_id, f"/{unit_id}/")
    before = min(now, span.starts_at) - timedelta(minutes=1)
    # people of a unit sit together: their search starts at the same place of the list
    start = random.Random(f"{unit_id}").randrange(len(desks)) + dice.randrange(10)  # noqa: S311
    for n in range(len(desks)):
        space_id, floor_id, area_id, _, _, _ = desks[(start + n) % len(desks)]
        if space_id in taken:
            continue
        place = Place(space_id, "desk", "", floor_id, area_id, site_id, zone)
        if standing_refusal(span, place, seeker, rules, now=before) is None:
            taken.add(space_id)
            return _row(id, space_id, span, settings, dice, now=now)
    return None


def _row(person_id: int, space_id: int, span, settings, dice: random.Random, *, now: datetime) -> dict[str, object]:  # type: ignore[no-untyped-def]
    over, begun = span.ends_at <= now, span.starts_at <= now
    here = begun and dice.random() < 0.8
    state = ("completed" if here else "released") if over else "checked-in" if here else "booked"
    arrived = span.starts_at + timedelta(minutes=dice.randrange(-20, 50))
    due = span.ends_at if here else release_at(span, settings, now=now)
    return {
        "space_id": space_id,
        "kind": "desk",
        "person_id": person_id,
        "booked_by_id": person_id,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "state": state,
        "active": not over,
        "purpose": "",
        "release_at": None if over else due,
        "checked_in_at": min(arrived, now) if here else None,
        "ended_at": span.ends_at if over else None,
        "created_at": min(now, span.starts_at),
        "version": 1,
    }
