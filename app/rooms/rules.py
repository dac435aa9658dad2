"""What may be booked, by whom, when: plain values in, an answer out.

Everything is evaluated in the zone of the place. The floor plan greys a desk out with the very answer that refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from app import clock, shapes
from app.people.rules import Role
from app.spans import Span, on_day


class Hindrance(StrEnum):
    """Why something can't be booked; a promise to programs, in the order in which they are looked at."""

    PAST = "past"
    NOT_OFFERED = "not-offered"
    TOO_FAR_AHEAD = "too-far-ahead"
    TOO_LONG = "too-long"
    DAY_OFF = "day-off"
    OUTSIDE_HOURS = "outside-hours"
    CLOSED = "closed"
    NOT_ALLOTTED = "not-allotted"
    TAKEN = "taken"
    TURNAROUND = "turnaround"
    HAS_DESK = "has-desk"


ELSEWHERE = frozenset(
    {Hindrance.TAKEN, Hindrance.TURNAROUND, Hindrance.CLOSED, Hindrance.NOT_ALLOTTED, Hindrance.NOT_OFFERED}
)
"""What hangs on the place, so that another one may do; all else hangs on the time."""
OCCUPIED = frozenset({Hindrance.TAKEN, Hindrance.TURNAROUND})
"""Somebody else is in the way, and may yet give it back: what a waiting list is for."""
HOLD = timedelta(minutes=15)
"""How long what has become free is kept for the first in line."""


class HouseRules(msgspec.Struct, frozen=True):
    """The settings that hold on one floor for one person on one local date. Hours in minutes since local midnight."""

    horizon_days: int = 30
    longest_minutes: int = 600
    opens: int = 360
    closes: int = 1200
    open_weekdays: str = "12345"
    day_starts: int = 450
    break_starts: int = 720
    break_ends: int = 780
    day_ends: int = 960
    check_in_from_minutes: int = 60
    release_after_minutes: int = 120

    def hours(self, on: date, zone: str) -> Span | None:
        """When a place is open on a local date; None where the rules, put together, leave no time."""
        return on_day(on, self.opens, self.closes, zone) if self.opens < self.closes else None

    def fitted(self, on: date, wanted: Span, zone: str) -> Span | None:
        """``wanted`` on a local date, moved and shortened into what the rules allow there; None where nothing is left."""
        length = int(wanted.length.total_seconds()) // 60
        minutes = min(length, self.longest_minutes, self.closes - self.opens)
        starts = max(self.opens, min(clock.minute_of(wanted.starts_at, zone), self.closes - minutes))
        return on_day(on, starts, starts + minutes, zone) if minutes > 0 else None


class RuleRow(msgspec.Struct, frozen=True):
    """One dated row: settings by name, said for a floor, an agency, or everybody."""

    from_on: date
    until_on: date | None
    floor_id: int | None
    agency_id: int | None
    weekday: int | None
    basis: str
    settings: dict[str, int | str]


class AllotmentRow(msgspec.Struct, frozen=True):
    area_id: int
    agency_id: int
    unit_id: int | None
    from_on: date
    until_on: date | None


class ClosureRow(msgspec.Struct, frozen=True):
    site_id: int | None
    floor_id: int | None
    area_id: int | None
    space_id: int | None
    span: Span
    reason: str


class DayOffRow(msgspec.Struct, frozen=True):
    site_id: int | None
    on: date
    name: str
    name_en: str
    basis: str


class Place(msgspec.Struct, frozen=True):
    """A desk or room as the rules see it."""

    id: int
    kind: str
    name: str
    floor_id: int
    area_id: int | None
    site_id: int
    zone: str
    offered: bool = True
    turnaround_minutes: int = 0
    """to clear up after one booking and set up for the next"""
    needs_approval: bool = False

    def kept_free(self, wanted: Span) -> Span:
        """The span in which no other booking may be, so that the place is ready for this one and the next."""
        gap = timedelta(minutes=self.turnaround_minutes)
        return Span(wanted.starts_at - gap, wanted.ends_at + gap) if gap else wanted


class Seeker(msgspec.Struct, frozen=True):
    """For whom a place is wanted."""

    id: int
    agency_id: int
    unit_lineage: str


KEEPERS = frozenset({Role.ROOM_KEEPER, Role.OPERATOR})


def keeps_room(roles: frozenset[Role], agency_id: int, holders: set[int]) -> bool:
    """Whether somebody keeps a room allotted to ``holders``: a keeper of one of those agencies, of any for a room that
    all share; an operator always."""
    if Role.OPERATOR in roles:
        return True
    return Role.ROOM_KEEPER in roles and (not holders or agency_id in holders)


class Refusal(msgspec.Struct, frozen=True):
    """A hindrance with the rule's basis and the facts a person needs to understand it."""

    hindrance: Hindrance
    basis: str = ""
    facts: dict[str, str | int | date | datetime] = {}


class House:
    """All dated rules of all places, as of one version; built once per version, then only asked."""

    def __init__(
        self,
        rules: Iterable[RuleRow] = (),
        allotments: Iterable[AllotmentRow] = (),
        closures: Iterable[ClosureRow] = (),
        days_off: Iterable[DayOffRow] = (),
    ) -> None:
        self._rules = sorted(rules, key=_precedence)
        self._allotments: dict[int, list[AllotmentRow]] = {}
        for allotment in allotments:
            self._allotments.setdefault(allotment.area_id, []).append(allotment)
        self._closures: dict[tuple[str, int], list[ClosureRow]] = {}
        for closure in closures:
            for what in ("site", "floor", "area", "space"):
                if (id := getattr(closure, f"{what}_id")) is not None:
                    self._closures.setdefault((what, id), []).append(closure)
        self._days_off: dict[date, list[DayOffRow]] = {}
        for day in days_off:
            self._days_off.setdefault(day.on, []).append(day)
        self._settled: dict[tuple[int, int, date], tuple[HouseRules, dict[str, str]]] = {}

    def rules(self, floor_id: int, agency_id: int, on: date) -> HouseRules:
        """The settings of a local date: floor before agency before everybody, weekday before any day, later before earlier."""
        return self._settle(floor_id, agency_id, on)[0]

    def basis(self, floor_id: int, agency_id: int, on: date, setting: str) -> str:
        """The basis of the row that decided ``setting``."""
        return self._settle(floor_id, agency_id, on)[1].get(setting, "")

    def _settle(self, floor_id: int, agency_id: int, on: date) -> tuple[HouseRules, dict[str, str]]:
        key = (floor_id, agency_id, on)
        if (settled := self._settled.get(key)) is None:
            settings: dict[str, int | str] = {}
            bases: dict[str, str] = {}
            for row in self._rules:
                if (
                    row.floor_id in (None, floor_id)
                    and row.agency_id in (None, agency_id)
                    and row.weekday in (None, on.isoweekday())
                    and _in_force(row.from_on, row.until_on, on)
                ):
                    settings |= row.settings
                    bases |= dict.fromkeys(row.settings, row.basis)
            settled = self._settled[key] = (shapes.convert(settings, HouseRules), bases)
            if len(self._settled) > 50_000:
                self._settled.clear()
        return settled

    def day_off(self, site_id: int, on: date) -> DayOffRow | None:
        return next((day for day in self._days_off.get(on, ()) if day.site_id in (None, site_id)), None)

    def closure(self, place: Place, wanted: Span) -> ClosureRow | None:
        """What closes the place during ``wanted``, if anything."""
        return next(self.closures(place, wanted), None)

    def closures(self, place: Place, wanted: Span) -> Iterator[ClosureRow]:
        """All that closes the place at some time of ``wanted``."""
        names = (("site", place.site_id), ("floor", place.floor_id), ("area", place.area_id), ("space", place.id))
        for name in names:
            for closure in self._closures.get(name, ()):  # type: ignore[arg-type]
                if closure.span.overlaps(wanted):
                    yield closure

    def closed_spaces(self, wanted: Span) -> set[int]:
        """Ids of spaces that a closure of their own closes during ``wanted``."""
        return {
            id
            for (what, id), closures in self._closures.items()
            if what == "space" and any(closure.span.overlaps(wanted) for closure in closures)
        }

    def allotted(self, area_id: int | None, on: date, seeker: Seeker) -> bool:
        """True where the area is given to nobody on that date, or to the seeker's agency or a unit above them."""
        if area_id is None:
            return True
        rows = [row for row in self._allotments.get(area_id, ()) if _in_force(row.from_on, row.until_on, on)]
        return not rows or any(
            row.agency_id == seeker.agency_id and (row.unit_id is None or f"/{row.unit_id}/" in seeker.unit_lineage)
            for row in rows
        )

    def holders(self, area_id: int | None, on: date) -> set[int]:
        """Ids of the agencies an area is allotted to on a date; none where it belongs to all."""
        rows = self._allotments.get(area_id, ()) if area_id is not None else ()
        return {row.agency_id for row in rows if _in_force(row.from_on, row.until_on, on)}


def _precedence(row: RuleRow) -> tuple[int, bool, date]:
    """Least specific first, so that a later one overwrites."""
    return (
        2 if row.floor_id is not None else 1 if row.agency_id is not None else 0,
        row.weekday is not None,
        row.from_on,
    )


def _in_force(from_on: date, until_on: date | None, on: date) -> bool:
    return from_on <= on and (until_on is None or on <= until_on)


def local_days(span: Span, zone: str) -> list[date]:
    """The local dates that ``span`` touches."""
    first = clock.local_date(span.starts_at, zone)
    last = clock.local_date(span.ends_at - timedelta(seconds=1), zone)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def refusal(
    wanted: Span,
    place: Place,
    seeker: Seeker,
    house: House,
    *,
    taken: Iterable[Span] = (),
    own_desks: Iterable[Span] = (),
    now: datetime,
) -> Refusal | None:
    """Why ``place`` can't be booked for ``seeker`` over ``wanted``, or None if it can.

    ``taken`` are active bookings of the place; ``own_desks`` active desk bookings of the seeker elsewhere. A span that has
    begun may still be booked, one that is over may not.
    """
    if answer := standing_refusal(wanted, place, seeker, house, now=now):
        return answer
    near = [other for other in taken if place.kept_free(wanted).overlaps(other)]
    if any(wanted.overlaps(other) for other in near):
        return Refusal(Hindrance.TAKEN)
    if near:
        return Refusal(Hindrance.TURNAROUND, "", {"minutes": place.turnaround_minutes})
    if place.kind == "desk" and any(wanted.overlaps(other) for other in own_desks):
        return Refusal(Hindrance.HAS_DESK)
    return None


def standing_refusal(wanted: Span, place: Place, seeker: Seeker, house: House, *, now: datetime) -> Refusal | None:
    """``refusal`` without the bookings of others: what time, place and rules say."""
    if wanted.ends_at <= now:
        return Refusal(Hindrance.PAST)
    if not place.offered:
        return Refusal(Hindrance.NOT_OFFERED)
    days = local_days(wanted, place.zone)
    return time_refusal(wanted, days, place, seeker, house, now=now) or ground_refusal(
        wanted, days, place, seeker, house
    )


def ground_refusal(wanted: Span, days: list[date], place: Place, seeker: Seeker, house: House) -> Refusal | None:
    """What is closed, or given to others on one of the local ``days`` of ``wanted``."""
    if closed := house.closure(place, wanted):
        return Refusal(Hindrance.CLOSED, "", {"reason": closed.reason, "until": closed.span.ends_at})
    if not all(house.allotted(place.area_id, day, seeker) for day in days):
        return Refusal(Hindrance.NOT_ALLOTTED)
    return None


def time_refusal(
    wanted: Span, days: list[date], place: Place, seeker: Seeker, house: House, *, now: datetime
) -> Refusal | None:
    """What the rules say of ``wanted`` and its local ``days``: the same of all places of a floor."""
    today = clock.local_date(now, place.zone)

    def because(hindrance: Hindrance, setting: str, day: date, **facts: str | int | date | datetime) -> Refusal:
        return Refusal(hindrance, house.basis(place.floor_id, seeker.agency_id, day, setting), facts)

    first = house.rules(place.floor_id, seeker.agency_id, days[0])
    if days[0] > today + timedelta(days=first.horizon_days):
        last_on = today + timedelta(days=first.horizon_days)
        return because(Hindrance.TOO_FAR_AHEAD, "horizon_days", days[0], days=first.horizon_days, last_on=last_on)
    if wanted.length > timedelta(minutes=first.longest_minutes):
        return because(Hindrance.TOO_LONG, "longest_minutes", days[0], minutes=first.longest_minutes)
    for day in days:
        if off := house.day_off(place.site_id, day):
            return Refusal(Hindrance.DAY_OFF, off.basis, {"on": day, "name": off.name, "name_en": off.name_en})
        rules = house.rules(place.floor_id, seeker.agency_id, day)
        if str(day.isoweekday()) not in rules.open_weekdays:
            return because(Hindrance.DAY_OFF, "open_weekdays", day, on=day, name="", name_en="")
        opens = clock.instant_of(day, rules.opens, place.zone)
        closes = clock.instant_of(day, rules.closes, place.zone)
        midnight = clock.instant_of(day, 0, place.zone)
        part_starts = max(wanted.starts_at, midnight)
        part_ends = min(wanted.ends_at, clock.instant_of(day, 1440, place.zone))
        if part_starts < opens or part_ends > closes:
            return because(Hindrance.OUTSIDE_HOURS, "opens", day, opens=opens, closes=closes)
    return None


def release_at(wanted: Span, rules: HouseRules, *, now: datetime) -> datetime:
    """When a booking without check-in is released: N minutes after its start, or after it was made if that is later; at
    its end at the latest."""
    return min(max(wanted.starts_at, now) + timedelta(minutes=rules.release_after_minutes), wanted.ends_at)


def held_until(release_at: datetime, *, now: datetime) -> datetime:
    """Until when what has just become free is kept for somebody: never longer than a booking of theirs would be kept for
    their check-in."""
    return min(now + HOLD, release_at)


def rest_of(wanted: Span, *, now: datetime) -> Span | None:
    """What is still to come of a span, from the present minute on; None for one that is over."""
    if wanted.ends_at <= now:
        return None
    return Span(max(wanted.starts_at, now.replace(second=0, microsecond=0)), wanted.ends_at)


def check_in_opens_at(starts_at: datetime, rules: HouseRules) -> datetime:
    return starts_at - timedelta(minutes=rules.check_in_from_minutes)


def day_parts(on: date, rules: HouseRules, zone: str) -> dict[str, Span]:
    """The spans that "a day", "morning" and "afternoon" stand for on a local date."""
    minutes = {
        "day": (rules.day_starts, rules.day_ends),
        "am": (rules.day_starts, rules.break_starts),
        "pm": (rules.break_ends, rules.day_ends),
    }
    return {part: on_day(on, starts, ends, zone) for part, (starts, ends) in minutes.items()}


class Spot(msgspec.Struct, frozen=True):
    """A desk's place on its floor, in the plan's units, and what it offers."""

    id: int
    floor_id: int
    x: float
    y: float
    area_id: int | None = None
    attributes: frozenset[str] = frozenset()


NEAR = 150.0
"""Plan units within which desks count as near: about three desks away."""


class Pick(msgspec.Struct, frozen=True):
    """The desk chosen for somebody, with how many of their team sit near it."""

    spot: Spot
    mates_near: int


def pick_near(free: Iterable[Spot], mates: Iterable[Spot]) -> Pick | None:
    """The free desk with most team mates near, then with the shortest way to all of them; windows break ties.

    Without a mate anywhere it is a desk by the window, if there is one. None if nothing is free.
    """
    sitting = list(mates)

    def way(spot: Spot, mate: Spot) -> float:
        return abs(spot.x - mate.x) + abs(spot.y - mate.y) + (0 if spot.floor_id == mate.floor_id else 5000)

    best: tuple[tuple[int, float, bool, int], Spot] | None = None
    for spot in free:
        ways = [way(spot, mate) for mate in sitting]
        near = sum(each <= NEAR for each in ways)
        rank = (-near, sum(ways), "window" not in spot.attributes, spot.id)
        if best is None or rank < best[0]:
            best = (rank, spot)
    return None if best is None else Pick(best[1], -best[0][0])
