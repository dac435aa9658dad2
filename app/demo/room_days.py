"""Days full of meetings in the demo's rooms: who has which room when, one of them yet to be approved. Rows and journal alike.

The same site and date always give the same day; ``now`` only says how much of it has happened yet.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app import clock, notices
from app.demo.seating import Colleague, Life, Seat, Step
from app.people import service as people
from app.people.models import Person
from app.people.rules import Role
from app.rooms import rules
from app.rooms.models import PLACE, Booking, Floor, Space
from app.rooms.rules import House, Place, Seeker
from app.sites import Site, SiteOut
from app.spans import Span

LEAST_SEATS = 4
"""in rooms for fewer nobody meets"""
MORNING, AFTERNOON = (480, 510, 525, 540, 600), (780, 810, 840, 870)
LENGTHS = (60, 60, 90, 120)
MEETS, COMES = 0.72, 0.95
"""how likely a room is used in a half of the day, and how likely those who booked it come"""
PURPOSES = (
    "Koordinasi mingguan",
    "Pembahasan rancangan peraturan",
    "Penyusunan anggaran",
    "Rapat dengan kantor Jakarta",
    "Evaluasi kinerja triwulan",
    "Penelaahan dokumen pengadaan",
    "Persiapan kunjungan kerja",
    "Wawancara seleksi internal",
    "Pembekalan pegawai baru",
    "Reviu layanan bersama",
)


class _Room(msgspec.Struct, frozen=True):
    place: Place
    seats: int


class _Meeting(msgspec.Struct, frozen=True):
    """A room held for a meeting; ``approval`` as it is now."""

    room: _Room
    seat: Seat
    purpose: str
    approval: str
    life: Life


def settle(
    session: Session,
    crowd: Sequence[Colleague],
    house: House,
    days: Mapping[SiteOut, Sequence[date]],
    floors: frozenset[str],
    *,
    now: datetime,
) -> list[dict[str, Any]]:
    """Book the rooms of ``floors`` on those of ``days`` that have no such bookings yet, and let those come whose time has
    come; the journal's entries."""
    entries = list(_check_in_due(session, {person.id for person in crowd}, now=now))
    filled = _filled(session, days, now=now)
    keepers = set(people.with_role(session, Role.ROOM_KEEPER))
    here = {site.id: [one for one in crowd if one.site_id == site.id and one.id not in keepers] for site in days}
    meetings = [
        meeting
        for site, dates in days.items()
        for rooms in (_rooms(session, site, floors),)
        for on in dates
        if (site.id, on) not in filled
        for meeting in _day(site, rooms, here[site.id], house, on, asks=on == _next(site, dates, now=now), now=now)
    ]
    return [*entries, *_add(session, meetings, house)]


def _next(site: SiteOut, dates: Sequence[date], *, now: datetime) -> date | None:
    """The first of the dates after today."""
    today = clock.local_date(now, site.zone)
    return next((on for on in dates if on > today), None)


def _rooms(session: Session, site: SiteOut, floors: frozenset[str]) -> list[_Room]:
    rows = session.execute(
        select(*PLACE, Space.seats)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Site, Site.id == Floor.site_id)
        .where(Floor.site_id == site.id, Floor.code.in_(floors), Space.kind == "room", Space.bookable)
        .where(Space.seats >= LEAST_SEATS, Space.retired_at.is_(None))
        .order_by(Floor.code, Space.code)
    )
    return [_Room(Place(*place), seats) for *place, seats in rows]


def _filled(
    session: Session, days: Mapping[SiteOut, Sequence[date]], *, now: datetime
) -> set[tuple[int, date]]:  # fmt: skip
    """Sites and dates with room bookings of people who can't sign in: not a visitor, the demo made them."""
    zones = {site.id: site.zone for site in days}
    first = min((on for dates in days.values() for on in dates), default=now.date())
    rows = session.execute(
        select(Floor.site_id, Booking.starts_at)
        .join(Space, Space.id == Booking.space_id)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.kind == "room", Person.password.is_(None), Floor.site_id.in_(list(zones)))
        .where(Booking.starts_at >= clock.instant_of(first - timedelta(days=1), 0, "UTC"))
    )
    return {(site_id, clock.local_date(starts_at, zones[site_id])) for site_id, starts_at in rows}


def _day(
    site: SiteOut,
    rooms: list[_Room],
    people_here: list[Colleague],
    house: House,
    on: date,
    *,
    asks: bool,
    now: datetime,
) -> Iterator[_Meeting]:
    """The meetings of a date; ``asks``: the first that needs its room keeper's word still waits for it."""
    dice = random.Random(f"rooms/{site.code}/{on}")  # noqa: S311 - a demo is the same for everybody
    busy: dict[int, list[Span]] = defaultdict(list)
    for room in rooms:
        for starts in (MORNING, AFTERNOON):
            start, length, likely, who = dice.choice(starts), dice.choice(LENGTHS), dice.random(), dice.random()
            purpose = dice.choice(PURPOSES)
            span = Span(*(clock.instant_of(on, minute, site.zone) for minute in (start, start + length)))
            person = _somebody(room, people_here, house, span, busy, who)
            if (likely > MEETS and not room.place.needs_approval) or person is None:
                continue
            busy[person.id].append(span)
            seat = Seat(
                room.place.id, person.id, span, house.rules(room.place.floor_id, person.agency_id, on)
            )  # fmt: skip
            approval = ""
            if room.place.needs_approval:
                approval, asks = ("asked", False) if asks else ("approved", False)
            yield _Meeting(room, seat, purpose, approval, _life(seat, approval, now=now))


def _somebody(
    room: _Room, crowd: list[Colleague], house: House, span: Span, busy: Mapping[int, list[Span]], who: float
) -> Colleague | None:
    """One of those to whom the room is open, chosen by chance, who may book it then and meets nobody else."""
    on = clock.local_date(span.starts_at, room.place.zone)
    likely = [
        one for one in crowd if house.allotted(room.place.area_id, on, Seeker(one.id, one.agency_id, one.unit_lineage))
    ]
    first = int(who * len(likely))
    for person in (*likely[first:], *likely[:first]):
        seeker = Seeker(person.id, person.agency_id, person.unit_lineage)
        free = not any(span.overlaps(other) for other in busy.get(person.id, ()))
        if free and rules.standing_refusal(span, room.place, seeker, house, now=span.starts_at) is None:
            return person
    return None


def _life(seat: Seat, approval: str, *, now: datetime) -> Life:
    """What has come of a meeting by ``now``."""
    dice = _dice(seat.desk_id, seat.span.starts_at)
    made_at = min(now, seat.span.starts_at) - timedelta(minutes=dice.randrange(90, 3 * 1440))
    steps = [Step("booked", "booked", made_at)]
    if approval == "approved":
        steps.append(Step("room-approved", "booked", made_at + timedelta(minutes=dice.randrange(10, 60))))
    due_at = rules.release_at(seat.span, seat.settings, now=made_at)
    if seat.span.starts_at <= now and _comes(seat.desk_id, seat.span.starts_at) and approval != "asked":
        steps.append(Step("checked-in", "checked-in", seat.span.starts_at))
        if seat.span.ends_at > now:
            return Life(tuple(steps), seat.span.ends_at, seat.span.starts_at)
        steps.append(Step("completed", "completed", seat.span.ends_at))
        return Life(tuple(steps), None, seat.span.starts_at, seat.span.ends_at)
    if due_at <= now:
        return Life((*steps, Step("released", "released", due_at)), ended_at=due_at)
    return Life(tuple(steps), due_at)


def _comes(space_id: int, starts_at: datetime) -> bool:
    return random.Random(f"comes/{space_id}/{int(starts_at.timestamp())}").random() < COMES  # noqa: S311 - see _day


def _dice(space_id: int, starts_at: datetime) -> random.Random:
    return random.Random(f"made/{space_id}/{int(starts_at.timestamp())}")  # noqa: S311 - see _day


def _check_in_due(session: Session, crowd: set[int], *, now: datetime) -> Iterator[dict[str, Any]]:
    """Check in those who booked some days ago and whose meeting has begun."""
    rows = session.execute(
        select(Booking, Space.name)
        .join(Space, Space.id == Booking.space_id)
        .where(Booking.active, Booking.state == "booked", Booking.kind == "room", Booking.starts_at <= now)
        .where(Booking.approval != "asked", Booking.ends_at > now, Booking.meeting_id.is_(None))
        .order_by(Booking.id)
        .with_for_update(of=Booking)
    ).all()
    changes = []
    for booking, _ in rows:
        if booking.person_id not in crowd or not _comes(booking.space_id, booking.starts_at):
            continue
        step, version = Step("checked-in", "checked-in", booking.starts_at), booking.version + 1
        span = Span(booking.starts_at, booking.ends_at)
        changes.append(
            {
                "id": booking.id,
                "state": step.state,
                "checked_in_at": step.at,
                "release_at": span.ends_at,
                "version": version,
            }
        )
        yield _entry(booking.id, booking.space_id, booking.person_id, span, step, version, booking.approval, None)
    if changes:
        session.execute(update(Booking), changes)


def _add(session: Session, meetings: list[_Meeting], house: House) -> list[dict[str, Any]]:
    if not meetings:
        return []
    ids = session.scalars(
        insert(Booking).returning(Booking.id, sort_by_parameter_order=True), [_row(one) for one in meetings]
    ).all()
    entries: list[dict[str, Any]] = []
    for id, one in zip(ids, meetings, strict=True):
        keepers = _keepers(session, one, house) if one.approval else []
        entries += _entries(id, one, keepers[0] if keepers else None)
        if one.approval == "asked":
            _tell(session, id, one, keepers)
    return entries


def _keepers(session: Session, meeting: _Meeting, house: House) -> list[int]:
    place = meeting.room.place
    on = clock.local_date(meeting.seat.span.starts_at, place.zone)
    return sorted(people.with_role(session, Role.ROOM_KEEPER, house.holders(place.area_id, on)))


def _tell(session: Session, booking_id: int, meeting: _Meeting, keepers: list[int]) -> None:
    span, place = meeting.seat.span, meeting.room.place
    facts = {
        "booking_id": booking_id,
        "space": place.name,
        "space_id": place.id,
        "starts_at": span.starts_at.isoformat(),
        "ends_at": span.ends_at.isoformat(),
        "zone": place.zone,
        "reason": "",
    }
    at = meeting.life.created_at
    notices.tell(session, keepers, "room-asked", f"room-asked:{booking_id}:1", facts=facts, at=at)


def _row(meeting: _Meeting) -> dict[str, Any]:
    seat, life = meeting.seat, meeting.life
    return {
        "space_id": seat.desk_id,
        "kind": "room",
        "person_id": seat.person_id,
        "booked_by_id": seat.person_id,
        "starts_at": seat.span.starts_at,
        "ends_at": seat.span.ends_at,
        "state": life.state,
        "active": life.ended_at is None,
        "purpose": meeting.purpose,
        "approval": meeting.approval,
        "release_at": life.release_at,
        "checked_in_at": life.checked_in_at,
        "ended_at": life.ended_at,
        "created_at": life.created_at,
        "version": len(life.steps),
    }


def _entries(booking_id: int, meeting: _Meeting, keeper: int | None) -> Iterator[dict[str, Any]]:
    approval = "asked" if meeting.approval else ""
    seat = meeting.seat
    for version, step in enumerate(meeting.life.steps, start=1):
        if step.verb == "room-approved":
            approval = "approved"
        yield _entry(booking_id, seat.desk_id, seat.person_id, seat.span, step, version, approval, keeper)


def _entry(
    booking_id: int,
    space_id: int,
    person_id: int,
    span: Span,
    step: Step,
    version: int,
    approval: str,
    keeper: int | None,
) -> dict[str, Any]:
    """A row of the journal as ``app.rooms.bookings`` writes it; what the clock does, nobody did."""
    actor = {"released": None, "completed": None, "room-approved": keeper}.get(step.verb, person_id)
    return {
        "at": step.at,
        "actor_id": actor,
        "verb": step.verb,
        "subject": "booking",
        "subject_id": booking_id,
        "version": version,
        "facts": {
            "space_id": space_id,
            "person_id": person_id,
            "starts_at": span.starts_at.isoformat(),
            "ends_at": span.ends_at.isoformat(),
            "state": step.state,
            **({"approval": approval} if approval else {}),
        },
    }
