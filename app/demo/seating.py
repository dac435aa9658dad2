"""Who sits where on a day of the demo, and how far each booking has come: plain values in, plain values out.

A unit sits together in one area. The same office and date always give the same day; ``now`` only says how much of it has
happened yet.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from app.rooms import rules
from app.rooms.rules import House, HouseRules, Place, Seeker, Spot
from app.spans import Span

if TYPE_CHECKING:
    from app.rooms.bookings import State  # brings half a web server along, which a command line need not wait for

SHARED_SHARE = (0.59, 0.63)
"""how many desks of the floor that the demo opens on are taken"""
SHARED_SHARE_ON_FRIDAY = (0.22, 0.28)
"""on Fridays most work from home"""
COMES, COMES_ON_FRIDAY = 0.68, 0.3
"""how likely somebody comes to any other floor"""
FULLEST = 0.85
"""of an area's desks, so that there is always one to find"""
GUEST_HANDICAP = 0.45
"""on dice from 0 to 1: who is posted at another site comes later than most who are posted here"""
AFTERNOON_ONLY = 0.1
NO_SHOW, LATE = 0.03, 0.1
"""how likely somebody never comes, and how likely so late that the desk was nearly released"""
ON_THE_LAST_MINUTE = timedelta(minutes=10)

FRIDAY = 5
FAR = 40
"""days within which there are some working days, whatever the holidays"""


class Desk(msgspec.Struct, frozen=True):
    id: int
    name: str
    floor: str
    """the floor's code"""
    area_id: int
    spot: Spot


class Office(msgspec.Struct, frozen=True):
    """A site with its desks. ``lively``: codes of the floors open to who has no area of their own; ``shared``: the one
    floor that is filled before all others, if this site has it."""

    site_id: int
    code: str
    zone: str
    desks: tuple[Desk, ...]
    lively: frozenset[str]
    shared: str


class Colleague(msgspec.Struct, frozen=True):
    """``steady``: comes early, every working day but ``away_on``, an ISO weekday; the demo counts on them. Who is away on a
    weekday and not steady comes too, yet books no desk: an old office still has one for each. ``part``: what they have
    planned of the day, empty where that is left to chance."""

    id: int
    agency_id: int
    unit_id: int
    unit_lineage: str
    site_id: int
    steady: bool = False
    away_on: int = 0
    part: Literal["day", "pm", ""] = ""

    def books_on(self, on: date) -> bool:
        return not self.away_on or (self.steady and self.away_on != on.isoweekday())


class Seat(msgspec.Struct, frozen=True):
    """A desk held for somebody over a span, under the rules of that day."""

    desk_id: int
    person_id: int
    span: Span
    settings: HouseRules


# The calendar


def is_working_day(house: House, office: Office, person: Colleague, on: date) -> bool:
    settings = house.rules(office.desks[0].spot.floor_id, person.agency_id, on)
    return str(on.isoweekday()) in settings.open_weekdays and house.day_off(office.site_id, on) is None


def working_days_before(house: House, office: Office, person: Colleague, today: date) -> Iterator[date]:
    """Backwards from yesterday, and not for ever."""
    days = (today - timedelta(days=n) for n in range(1, FAR))
    return (on for on in days if is_working_day(house, office, person, on))


def working_days_from(house: House, office: Office, person: Colleague, first: date) -> Iterator[date]:
    days = (first + timedelta(days=n) for n in range(FAR))
    return (on for on in days if is_working_day(house, office, person, on))


class OwnDays(msgspec.Struct, frozen=True):
    """The working days on which the demo's first visitor has a booking; never today, which is theirs to book."""

    cancelled_on: date
    completed_on: date
    next_on: date
    later_on: date
    """in the middle of next week's working days, or the first one after it"""


def own_days(house: House, office: Office, person: Colleague, today: date) -> OwnDays:
    before = working_days_before(house, office, person, today)
    completed_on, cancelled_on = next(before), next(before)
    next_on = next(working_days_from(house, office, person, today + timedelta(days=1)))
    monday = today + timedelta(days=8 - today.isoweekday())
    later = [on for on in working_days_from(house, office, person, monday) if on != next_on]
    in_the_week = sum(on < monday + timedelta(days=7) for on in later)
    return OwnDays(cancelled_on, completed_on, next_on, later[in_the_week // 2])


# Seats


class Day:
    """One date at one office. ``taken``: desks that are held already, with the unit of whoever holds each."""

    def __init__(self, office: Office, house: House, on: date, *, taken: Mapping[int, int]) -> None:
        self._office = office
        self._house = house
        self._on = on
        self._dice = random.Random(f"{office.code}/{on}")  # noqa: S311 - a demo is the same for everybody
        self._free: dict[int, list[Desk]] = defaultdict(list)
        self._sitting: dict[int, list[tuple[int, Spot]]] = defaultdict(list)
        """by area, with the unit of whoever sits there"""
        self._areas: dict[int, str] = {}
        """the floor's code of each area"""
        for desk in office.desks:
            self._areas[desk.area_id] = desk.floor
            if desk.id in taken:
                self._sitting[desk.area_id].append((taken[desk.id], desk.spot))
            else:
                self._free[desk.area_id].append(desk)
        self._holders = {area: house.holders(area, on) for area in self._areas}

    def fill(self, people: Sequence[Colleague]) -> Iterator[Seat]:
        """Seats for those of ``people`` who come: up to its share on the shared floor, then by chance everywhere else."""
        came: set[int] = set()
        for seat in self._fill_shared(people):
            came.add(seat.person_id)
            yield seat
        yield from self._fill_others([person for person in people if person.id not in came])

    def seat(self, person: Colleague) -> Seat | None:
        """A desk for the whole day near the person's unit, or None if there is none for them."""
        return self._seat(person, self._own_areas(person.agency_id), "day")

    def _fill_shared(self, people: Sequence[Colleague]) -> Iterator[Seat]:
        areas = [area for area, floor in self._areas.items() if floor == self._office.shared]
        desks = sum(self._size(area) for area in areas)
        share = self._dice.uniform(*(SHARED_SHARE_ON_FRIDAY if self._is_friday else SHARED_SHARE))
        left = round(share * desks) - sum(len(self._sitting[area]) for area in areas)
        for person in self._by_eagerness(people):
            own = [area for area in areas if person.agency_id in self._holders[area]]
            if left > 0 and (seat := self._seat(person, own, self._part(person))):
                left -= 1
                yield seat

    def _by_eagerness(self, people: Sequence[Colleague]) -> list[Colleague]:
        """The steady ones first and guests from other sites last; the steady of another site are needed there."""

        def rank(person: Colleague) -> float:
            here = person.site_id == self._office.site_id
            return self._dice.random() + (0 if here else GUEST_HANDICAP) - (1 if person.steady else 0)

        could = [person for person in people if person.site_id == self._office.site_id or not person.steady]
        return sorted(could, key=rank)

    def _fill_others(self, people: Sequence[Colleague]) -> Iterator[Seat]:
        here = [person for person in people if person.site_id == self._office.site_id]
        homes = self._homes(here)
        likely = COMES_ON_FRIDAY if self._is_friday else COMES
        for person in here:
            comes = self._dice.random() < likely or person.steady
            if comes and (seat := self._seat(person, homes[person.unit_id], self._part(person))):
                yield seat

    def _homes(self, people: Sequence[Colleague]) -> dict[int, list[int]]:
        """Areas beside the shared floor in which each unit may sit: its agency's on lively floors, else one that is open to
        all and has room for the unit, else its agency's elsewhere."""
        members: dict[tuple[int, int], int] = defaultdict(int)
        for person in people:
            members[person.agency_id, person.unit_id] += 1
        room = {
            area: self._room(area)
            for area, floor in self._areas.items()
            if floor in self._office.lively and not self._holders[area]
        }
        homes: dict[int, list[int]] = {}
        for (agency_id, unit_id), size in members.items():
            own = [area for area in self._own_areas(agency_id) if self._areas[area] != self._office.shared]
            lively = [area for area in own if self._areas[area] in self._office.lively]
            opened = next((area for area, left in room.items() if left >= size), None)
            if lively or opened is None:
                homes[unit_id] = lively or own
            else:
                room[opened] -= size
                homes[unit_id] = [opened]
        return homes

    def _own_areas(self, agency_id: int) -> list[int]:
        """The agency's areas, those of the shared floor first."""
        own = [area for area in self._areas if agency_id in self._holders[area]]
        return sorted(own, key=lambda area: self._areas[area] != self._office.shared)

    def _seat(self, person: Colleague, areas: Sequence[int], part: Literal["day", "pm"]) -> Seat | None:
        """The first desk that the rules allow, from where the person's unit sits outwards."""
        seeker = Seeker(person.id, person.agency_id, person.unit_lineage)
        for area in sorted(areas, key=lambda area: not self._mates(area, person)):
            if self._room(area) < 1:
                continue
            for desk in self._ranked(area, person):
                settings = self._house.rules(desk.spot.floor_id, person.agency_id, self._on)
                span = rules.day_parts(self._on, settings, self._office.zone)[part]
                if rules.standing_refusal(span, self._place(desk), seeker, self._house, now=span.starts_at) is None:
                    self._free[area].remove(desk)
                    self._sitting[area].append((person.unit_id, desk.spot))
                    return Seat(desk.id, person.id, span, settings)
        return None

    def _ranked(self, area: int, person: Colleague) -> list[Desk]:
        """Free desks: near to the unit's members who sit there, or for its first member far from all others."""
        mates = self._mates(area, person)
        others = [spot for _, spot in self._sitting[area]]
        if mates:
            return sorted(self._free[area], key=lambda desk: sum(_way(desk.spot, mate) for mate in mates))
        return sorted(
            self._free[area],
            key=lambda desk: min((_way(desk.spot, other) for other in others), default=0),
            reverse=True,
        )

    def _mates(self, area: int, person: Colleague) -> list[Spot]:
        return [spot for unit_id, spot in self._sitting[area] if unit_id == person.unit_id]

    def _part(self, person: Colleague) -> Literal["day", "pm"]:
        if person.part:
            return person.part
        return "pm" if self._dice.random() < AFTERNOON_ONLY and not person.steady else "day"

    def _size(self, area: int) -> int:
        return len(self._free[area]) + len(self._sitting[area])

    def _room(self, area: int) -> int:
        return int(FULLEST * self._size(area)) - len(self._sitting[area])

    def _place(self, desk: Desk) -> Place:
        office = self._office
        return Place(desk.id, "desk", desk.name, desk.spot.floor_id, desk.area_id, office.site_id, office.zone)

    @property
    def _is_friday(self) -> bool:
        return self._on.isoweekday() == FRIDAY


def _way(one: Spot, other: Spot) -> float:
    return abs(one.x - other.x) + abs(one.y - other.y)


# What has come of a seat


class Step(msgspec.Struct, frozen=True):
    """One change in a booking's life, as the journal tells it."""

    verb: str
    state: State
    at: datetime


class Life(msgspec.Struct, frozen=True):
    """A booking's steps up to now; with ``release_at`` it goes on, with ``ended_at`` it is over."""

    steps: tuple[Step, ...]
    release_at: datetime | None = None
    checked_in_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def state(self) -> State:
        return self.steps[-1].state

    @property
    def created_at(self) -> datetime:
        return self.steps[0].at


def life(seat: Seat, *, steady: bool = False, now: datetime) -> Life:
    """What has come of the seat by ``now``: the steps of a booking that was made some time before."""
    made_at = _made_at(seat, now=now)
    due_at = rules.release_at(seat.span, seat.settings, now=made_at)
    arrived_at = arrives_at(seat, made_at, steady=steady)
    booked = Step("booked", "booked", made_at)
    if arrived_at is not None and arrived_at <= now:
        steps = (booked, Step("checked-in", "checked-in", arrived_at))
        ends_at = seat.span.ends_at
        if ends_at > now:
            return Life(steps, ends_at, arrived_at)
        return Life((*steps, Step("completed", "completed", ends_at)), None, arrived_at, ends_at)
    if due_at <= now:
        return Life((booked, Step("released", "released", due_at)), ended_at=due_at)
    return Life((booked,), due_at)


def cancelled_life(seat: Seat) -> Life:
    """Booked some days ahead and given back the evening before."""
    made_at, cancelled_at = (seat.span.starts_at - ahead for ahead in (timedelta(days=3), timedelta(hours=14)))
    steps = (Step("booked", "booked", made_at), Step("cancelled", "cancelled", cancelled_at))
    return Life(steps, ended_at=cancelled_at)


def arrives_at(seat: Seat, made_at: datetime, *, steady: bool = False) -> datetime | None:
    """When the person checks in, or None if they never come. The same person and date always give the same answer."""
    dice = _dice_of(seat, "arrival")
    draw, minutes = dice.random(), dice.randrange(-20, 50)
    if steady:
        return max(made_at, seat.span.starts_at - timedelta(minutes=15))
    if draw < NO_SHOW:
        return None
    if draw < NO_SHOW + LATE:
        return max(made_at, rules.release_at(seat.span, seat.settings, now=made_at) - ON_THE_LAST_MINUTE)
    return max(made_at, seat.span.starts_at + timedelta(minutes=minutes))


def _made_at(seat: Seat, *, now: datetime) -> datetime:
    """Up to three days before the seat's start or ``now``. Who comes late and could still be waited for has only just
    booked, so that at any hour of the day some desks wait for somebody."""
    dice = _dice_of(seat, "made")
    made_at = min(now, seat.span.starts_at) - timedelta(minutes=dice.randrange(30, 3 * 1440))
    comes_late = NO_SHOW <= _dice_of(seat, "arrival").random() < NO_SHOW + LATE
    return now - timedelta(minutes=dice.randrange(5, 90)) if comes_late and seat.span.holds(now) else made_at


def _dice_of(seat: Seat, what: str) -> random.Random:
    return random.Random(f"{what}/{seat.person_id}/{seat.span.starts_at.date()}")  # noqa: S311 - see Day
