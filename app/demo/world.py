"""Puts the demo world into an empty database: through the imports a real office uses, then with days full of bookings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app import clock, journal, sites, tables  # noqa: F401 - a statement about one table needs those it refers to
from app.db import Database
from app.demo import feeds, mail, meetings, plans, policies, presence, room_days, seating
from app.demo.people import AGENCIES, FEW_AGENCIES, people
from app.demo.places import JAKARTA_FLOOR, SHARED_FLOOR, places
from app.demo.seating import Colleague, Day, Desk, Life, Office, Seat, Step
from app.demo.towers import IKN
from app.demo.weeks import Sitting
from app.people import accounts
from app.people import importing as people_import
from app.people.models import Agency, Person, Unit
from app.rooms import house
from app.rooms import importing as places_import
from app.rooms.models import Allotment, Area, Booking, Floor, Space
from app.rooms.rules import House, Spot
from app.settings import Settings
from app.spans import Span

ACCOUNTS = accounts.DEMO_ACCOUNTS
PASSWORD = accounts.DEMO_PASSWORD
VISITOR = "pegawai@selaras.test"
"""whom a first visitor signs in as: their bookings are their own to make and to keep"""

WORKING_DAYS, TWO_WEEKS = 8, 10
"""how many of them from today on the demo's offices are alive, and so they were on the last one before; plans look on to
the end of next week"""
AWAY_ON_SITE, AWAY_ELSEWHERE = (3, 4, 5, 4), (3, 4, 4)
"""ISO weekdays on which the visitor's team works elsewhere, by who is posted where the visitor is; next week's Thursday is
left with half of them, and so without room for another"""
LIVELY = frozenset({"IKN-K3-A-02", "IKN-K3-A-03", SHARED_FLOOR, JAKARTA_FLOOR, "JKT-PST-02"})
"""floors where the demo's people come together; three hundred would be lost in the whole house"""
SHARES_NAMES = ("BAPPENAS", "KEMENPANRB")
"""agencies that opted in to see each other's names; the others see occupied desks without"""


def is_empty(db: Database) -> bool:
    return not db.read_here(accounts.any_people)


def fill(db: Database, settings: Settings, *, now: datetime, full: bool = False, small: bool = False) -> None:
    """Places, people, passwords of the demo accounts, and bookings around today.

    ``small``: three floors, for tests. ``full``: 12,000 people, all with approved plans for the coming week, and years of
    bookings, for measurements.
    """
    today = clock.local_date(now, IKN.zone)
    agencies = AGENCIES if full else FEW_AGENCIES
    db.write_here(_add_places, places(today, small=small, agencies=agencies), now=now)
    db.write_here(_add_people, people(today, count=12_000 if full else 320), settings, now=now)
    db.write_here(policies.add, now=now)
    db.write_here(policies.delegate, VISITOR, today=today, now=now)
    db.write_here(_freshen, now=now, decided=full)
    if not small:
        db.write_here(meetings.settle, now=now)
        db.write_here(presence.settle, now=now)
        db.write_here(feeds.settle, now=now)
    if full:
        from app.demo import history  # noqa: PLC0415 - only a demo for measurements needs it

        history.fill(db, now=now)
    if not small:
        db.write_here(mail.settle, now=now)


def freshen(db: Database, *, now: datetime) -> None:
    """Make the demo alive on whatever day it is started: days around ``now`` that have no bookings get them, weeks that
    have no plans too, and people whose bookings have begun since check in. Doing so twice changes nothing."""
    db.write_here(_freshen, now=now)
    db.write_here(meetings.settle, now=now, again=True)
    db.write_here(presence.settle, now=now, again=True)


def _add_places(session: Session, document: dict[str, Any], *, now: datetime) -> None:
    report = places_import.import_places(session, document, now=now)
    if report.errors:
        raise ValueError(f"the demo's places are wrong: {report.errors[:3]}")


def _add_people(session: Session, rows: list[dict[str, str]], settings: Settings, *, now: datetime) -> None:
    key = people_import.nip_key(session, settings.nip_key)
    report = people_import.import_people(session, rows, sites=sites.site_ids(session), nip_key=key, now=now)
    if report.errors:
        raise ValueError(f"the demo's people are wrong: {report.errors[:3]}")
    accounts.set_demo_passwords(session, now=now)
    _share_names(session, now=now)


def _share_names(session: Session, *, now: datetime) -> None:
    shared = session.scalars(
        update(Agency).where(Agency.code.in_(SHARES_NAMES)).values(shares_names=True).returning(Agency.id)
    ).all()
    for agency_id in sorted(shared):
        journal.record(session, "shared-names", "agency", agency_id, actor_id=None, at=now)


# Days


class _Crowd(msgspec.Struct, frozen=True):
    """Everybody but the visitor, and the visitor."""

    visitor: Colleague
    others: tuple[Colleague, ...]


class _Diary:
    """Desk bookings that are there already, and those of the days being filled."""

    def __init__(self) -> None:
        self.filled: set[tuple[int, date]] = set()
        """sites and dates with bookings of people who can't sign in: not a visitor, the demo made them"""
        self.taken: defaultdict[tuple[int, date], dict[int, int]] = defaultdict(dict)
        """desks by site and date, with the unit of whoever holds each"""
        self.busy: defaultdict[date, set[int]] = defaultdict(set)
        """who holds a desk on a date, wherever it is"""
        self.places: Mapping[date, Mapping[int, plans.Place | None]] = {}
        """what people have planned already, by date"""

    def could_come(self, person: Colleague, office: Office, on: date) -> Colleague | None:
        """The person as they could come: to the office and for the part of the day that they have planned, if they have."""
        if person.id in self.busy[on]:
            return None
        if person.id not in (planned := self.places.get(on, {})):
            return person if person.books_on(on) else None
        place = planned[person.id]
        if place is None or place.site_id != office.site_id:
            return None
        return msgspec.structs.replace(person, part=place.part)


class _Booked(msgspec.Struct, frozen=True):
    """A seat with what has come of it: a booking to write; ``segment_id`` is the part of a week plan it was booked for."""

    seat: Seat
    life: Life
    segment_id: int | None = None


def _freshen(session: Session, *, now: datetime, decided: bool = False) -> None:
    crowd = _crowd(session)
    if crowd is None:
        return
    rules = house.current(session)
    _check_in_due(session, crowd, rules, now=now)
    today = clock.local_date(now, sites.site(session, crowd.visitor.site_id).zone)
    entries = plans.settle(session, today=today, now=now)
    offices = _offices(session)
    diary = _diary(session, now=now)
    diary.places = plans.places(session, today - timedelta(days=seating.FAR))
    visits = _visits(session, crowd.visitor, now=now)
    booked = [
        booking
        for office in offices
        for booking in (
            *_days(office, crowd, rules, diary, _near_days(office, crowd, rules, now=now), now=now),
            *_visitors_days(office, crowd.visitor, rules, diary, visits, now=now),
        )
    ]
    foreseen = [
        booking
        for office in offices
        for booking in _days(office, crowd, rules, diary, _far_days(office, crowd, rules, now=now), now=now)
    ]
    seats = _sittings(offices, [*booked, *foreseen])
    ties, planned = plans.make(session, crowd.others, crowd.visitor, seats, today=today, now=now, decided=decided)
    booked = [_tied(booking, ties) for booking in booked]
    entries += [*planned, *_add_bookings(session, booked)]
    near = {
        site: _near_days(office, crowd, rules, now=now)
        for site in sites.sites(session)
        for office in offices
        if office.site_id == site.id
    }
    entries += room_days.settle(session, crowd.others, rules, near, LIVELY, now=now)
    if entries:
        session.execute(insert(journal.Entry), sorted(entries, key=lambda entry: entry["at"]))


def _near_days(office: Office, crowd: _Crowd, rules: House, *, now: datetime) -> list[date]:
    """The working days around ``now`` whose desks are booked."""
    today = clock.local_date(now, office.zone)
    last = next(seating.working_days_before(rules, office, crowd.visitor, today))
    return [last, *islice(seating.working_days_from(rules, office, crowd.visitor, today), WORKING_DAYS)]


def _far_days(office: Office, crowd: _Crowd, rules: House, *, now: datetime) -> list[date]:
    """Those left of next week: people plan them, and their desks are booked when they are near."""
    today = clock.local_date(now, office.zone)
    coming = islice(seating.working_days_from(rules, office, crowd.visitor, today), WORKING_DAYS, TWO_WEEKS)
    sunday = plans.mondays(today)[2] + timedelta(days=6)
    return [on for on in coming if on <= sunday]


def _days(
    office: Office, crowd: _Crowd, rules: House, diary: _Diary, days: Iterable[date], *, now: datetime
) -> Iterator[_Booked]:
    """Bookings of those of ``days`` that have none."""
    for on in days:
        key = (office.site_id, on)
        if key in diary.filled:
            continue
        coming = (diary.could_come(person, office, on) for person in crowd.others)
        free = {person.id: person for person in coming if person}
        day = Day(office, rules, on, taken=diary.taken[key])
        for seat in day.fill(tuple(free.values())):
            person = free[seat.person_id]
            diary.busy[on].add(person.id)
            diary.taken[key][seat.desk_id] = person.unit_id
            yield _Booked(seat, seating.life(seat, steady=person.steady, now=now))


def _visitors_days(
    office: Office, visitor: Colleague, rules: House, diary: _Diary, visits: _Visits, *, now: datetime
) -> Iterator[_Booked]:
    """The visitor's own bookings near their unit: two over and two to come, where they have none."""
    if not office.shared:
        return
    days = seating.own_days(rules, office, visitor, clock.local_date(now, office.zone))
    past = () if visits.before else (days.cancelled_on, days.completed_on)
    to_come = () if visits.after else (days.next_on, days.later_on)
    for on in (*past, *to_come):
        if diary.could_come(visitor, office, on) is None:
            continue
        seat = Day(office, rules, on, taken=diary.taken[office.site_id, on]).seat(visitor)
        if seat is not None:
            cancelled = on == days.cancelled_on
            yield _Booked(seat, seating.cancelled_life(seat) if cancelled else seating.life(seat, steady=True, now=now))


def _sittings(offices: list[Office], booked: list[_Booked]) -> list[Sitting]:
    """The seats about to be booked, as plans look at them."""
    places = {desk.id: office for office in offices for desk in office.desks}
    return [
        plans.sitting(booking.seat.person_id, office.site_id, booking.seat.span, office.zone)
        for booking in booked
        if booking.life.state != "cancelled" and (office := places[booking.seat.desk_id])
    ]


def _tied(booking: _Booked, ties: plans.Ties) -> _Booked:
    if booking.life.state == "cancelled":
        return booking
    segment_id = ties.get((booking.seat.person_id, booking.seat.span.starts_at))
    return msgspec.structs.replace(booking, segment_id=segment_id)


# Reading


def _crowd(session: Session) -> _Crowd | None:
    """The demo's people, or None in a database that isn't a demo's."""
    rows = session.execute(
        select(Person.email, Person.id, Person.agency_id, Person.unit_id, Unit.lineage, Person.site_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(Person.active)
        .order_by(Person.id)
    )
    everybody = {
        email: Colleague(id, agency_id, unit_id, lineage, site_id)
        for email, id, agency_id, unit_id, lineage, site_id in rows
    }
    visitor = everybody.pop(VISITOR, None)
    if visitor is None:
        return None
    return _Crowd(visitor, tuple(_with_steady_team(everybody.values(), visitor)))


def _with_steady_team(everybody: Iterable[Colleague], visitor: Colleague) -> Iterator[Colleague]:
    """The visitor's unit is steady where the visitor is posted, its head first, and one of them elsewhere; each has their own
    weekday away but for the head."""
    here, there = iter((0, *AWAY_ON_SITE)), iter(AWAY_ELSEWHERE)
    first_there = True
    for person in everybody:
        if person.unit_id != visitor.unit_id:
            yield person
        elif person.site_id == visitor.site_id:
            yield msgspec.structs.replace(person, steady=True, away_on=next(here, 0))
        else:
            yield msgspec.structs.replace(person, steady=first_there, away_on=next(there, 0))
            first_there = False


def _offices(session: Session) -> list[Office]:
    """Sites with their lively floors, and with one floor more for each agency that has an area on others only."""
    others = (
        select(func.min(Floor.code))
        .join(Area, Area.floor_id == Floor.id)
        .join(Allotment, Allotment.area_id == Area.id)
        .where(Floor.code.not_in(LIVELY))
        .group_by(Floor.site_id, Allotment.agency_id)
    )
    rows = session.execute(
        select(Floor.site_id, Floor.code, Floor.id, Space.id, Space.name, Space.area_id, Space.x, Space.y)
        .join(Floor, Floor.id == Space.floor_id)
        .where(
            Floor.code.in_(LIVELY | set(session.scalars(others))),
            Space.kind == "desk",
            Space.bookable,
            Space.area_id.is_not(None),
            Space.retired_at.is_(None),
        )
        .order_by(Floor.code, Space.y, Space.x)
    )
    desks: dict[int, list[Desk]] = defaultdict(list)
    for site_id, floor, floor_id, id, name, area_id, x, y in rows:
        desks[site_id].append(Desk(id, name, floor, area_id or 0, Spot(id, floor_id, x, y)))
    return [
        Office(
            site.id,
            site.code,
            site.zone,
            tuple(desks[site.id]),
            LIVELY,
            SHARED_FLOOR if any(desk.floor == SHARED_FLOOR for desk in desks[site.id]) else "",
        )
        for site in sites.sites(session)
        if desks[site.id]
    ]


def _diary(session: Session, *, now: datetime) -> _Diary:
    zones = _zones(session)
    rows = session.execute(
        select(
            Floor.site_id,
            Booking.space_id,
            Booking.person_id,
            Person.unit_id,
            Person.password,
            Booking.starts_at,
            Booking.active,
        )
        .join(Space, Space.id == Booking.space_id)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.kind == "desk", Booking.starts_at >= now - timedelta(days=seating.FAR))
    )
    diary = _Diary()
    for site_id, desk_id, person_id, unit_id, password, starts_at, active in rows:
        on = clock.local_date(starts_at, zones[site_id])
        if password is None:
            diary.filled.add((site_id, on))
        if active:
            diary.busy[on].add(person_id)
            diary.taken[site_id, on][desk_id] = unit_id
    return diary


class _Waiting(msgspec.Struct, frozen=True):
    """A booking that has begun and waits for its check-in."""

    id: int
    version: int
    made_at: datetime
    seat: Seat
    segment_id: int | None


def _waiting(session: Session, rules: House, people: Container[int], *, now: datetime) -> Iterator[_Waiting]:
    """Desk bookings of ``people``, their rows locked until the check-in is written."""
    rows = session.execute(
        select(Booking, Floor.id, Floor.site_id, Person.agency_id)
        .join(Space, Space.id == Booking.space_id)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.active, Booking.state == "booked", Booking.kind == "desk", Booking.starts_at <= now)
        .order_by(Booking.id)
        .with_for_update(of=Booking)
    )
    zones = _zones(session)
    for booking, floor_id, site_id, agency_id in rows.all():
        if booking.person_id in people:
            settings = rules.rules(floor_id, agency_id, clock.local_date(booking.starts_at, zones[site_id]))
            seat = Seat(booking.space_id, booking.person_id, Span(booking.starts_at, booking.ends_at), settings)
            yield _Waiting(booking.id, booking.version, booking.created_at, seat, booking.segment_id)


def _zones(session: Session) -> dict[int, str]:
    return {site.id: site.zone for site in sites.sites(session)}


class _Visits(msgspec.Struct, frozen=True):
    """Whether the visitor has bookings, of whatever state, before today and after it."""

    before: bool
    after: bool


def _visits(session: Session, visitor: Colleague, *, now: datetime) -> _Visits:
    zone = sites.site(session, visitor.site_id).zone
    today = clock.local_date(now, zone)
    first, last = session.execute(
        select(func.min(Booking.starts_at), func.max(Booking.starts_at)).where(Booking.person_id == visitor.id)
    ).one()
    return _Visits(
        first is not None and clock.local_date(first, zone) < today,
        last is not None and clock.local_date(last, zone) > today,
    )


# Writing


def _check_in_due(session: Session, crowd: _Crowd, rules: House, *, now: datetime) -> None:
    """Check in whoever should have come by now to a desk that was booked for them some days ago."""
    people = {person.id: person for person in crowd.others}
    changes: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for waiting in _waiting(session, rules, people, now=now):
        seat, person = waiting.seat, people[waiting.seat.person_id]
        arrived_at = seating.arrives_at(seat, waiting.made_at, steady=person.steady)
        if arrived_at is None or arrived_at > now:
            continue
        step, version = Step("checked-in", "checked-in", arrived_at), waiting.version + 1
        changes.append(
            {
                "id": waiting.id,
                "state": step.state,
                "checked_in_at": arrived_at,
                "release_at": seat.span.ends_at,
                "version": version,
            }
        )
        entries.append(_entry(waiting.id, seat, step, version, waiting.segment_id))
    if changes:
        session.execute(update(Booking), changes)
        session.execute(insert(journal.Entry), entries)


def _add_bookings(session: Session, booked: list[_Booked]) -> list[dict[str, Any]]:
    """The bookings as they are now; returns how each came to be so, for the journal."""
    if not booked:
        return []
    ids = session.scalars(
        insert(Booking).returning(Booking.id, sort_by_parameter_order=True), [_row(booking) for booking in booked]
    ).all()
    return [entry for id, booking in zip(ids, booked, strict=True) for entry in _entries(id, booking)]


def _row(booking: _Booked) -> dict[str, Any]:
    seat, life = booking.seat, booking.life
    return {
        "space_id": seat.desk_id,
        "kind": "desk",
        "segment_id": booking.segment_id,
        "person_id": seat.person_id,
        "booked_by_id": seat.person_id,
        "starts_at": seat.span.starts_at,
        "ends_at": seat.span.ends_at,
        "state": life.state,
        "active": life.ended_at is None,
        "purpose": "",
        "release_at": life.release_at,
        "checked_in_at": life.checked_in_at,
        "ended_at": life.ended_at,
        "created_at": life.created_at,
        "version": len(life.steps),
    }


def _entries(booking_id: int, booking: _Booked) -> Iterator[dict[str, Any]]:
    for version, step in enumerate(booking.life.steps, start=1):
        yield _entry(booking_id, booking.seat, step, version, booking.segment_id)


def _entry(booking_id: int, seat: Seat, step: Step, version: int, segment_id: int | None) -> dict[str, Any]:
    """A row of the journal as ``app.rooms.bookings`` writes it; what the clock does, nobody did."""
    return {
        "at": step.at,
        "actor_id": None if step.verb in ("released", "completed") else seat.person_id,
        "verb": step.verb,
        "subject": "booking",
        "subject_id": booking_id,
        "version": version,
        "facts": {
            "space_id": seat.desk_id,
            "person_id": seat.person_id,
            "starts_at": seat.span.starts_at.isoformat(),
            "ends_at": seat.span.ends_at.isoformat(),
            "state": step.state,
            **({} if segment_id is None else {"segment_id": segment_id}),
        },
    }
