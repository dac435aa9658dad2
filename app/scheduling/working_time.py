"""What a local date is to somebody: a working day with its hours, or a day off with its name. All rules are dated rows.

Five working days of 37 h 30 min, in Ramadan of 32 h 30 min, breaks not counted, at the wall clock of the place of posting
(Perpres 21/2023, articles 3 and 4); days decreed off owe nothing (article 6).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

import msgspec

from app.spans import Span, on_day


class DayKind(StrEnum):
    """What a local date is; only a working day owes minutes. A promise to programs.

    ``WEEKEND`` is a weekly day of rest: Saturday and Sunday, the days that a roster leaves free, and any date for which
    no hours are in force. A holiday on a Saturday is a holiday.
    """

    WORKING = "working"
    WEEKEND = "weekend"
    NATIONAL_HOLIDAY = "national-holiday"
    COLLECTIVE_LEAVE = "collective-leave"
    ELECTION = "election"
    LOCAL = "local"


State = Literal["estimated", "fixed", "cancelled"]
"""Estimated until decreed. What is estimated holds; what was cancelled doesn't, but stays on record."""
HoursKind = Literal["office", "shift", "dynamic"]
"""Shift and dynamic are the flexible-time kinds sif and dinamis of PermenPANRB 4/2025."""

WEEKDAYS = "12345"
"""ISO digits of the five working days (Perpres 21/2023, article 3)."""


class DayOff(msgspec.Struct, frozen=True):
    """A local date that is off everywhere, or at one site; ``basis`` is the decree. Raises ValueError for a kind that
    isn't off."""

    on: date
    kind: DayKind
    name: str
    name_en: str
    basis: str = ""
    state: State = "fixed"
    site_id: int | None = None
    id: int = 0

    def __post_init__(self) -> None:
        if self.kind in (DayKind.WORKING, DayKind.WEEKEND):
            raise ValueError("a day off is a holiday, collective leave, an election or a local day")


class Season(msgspec.Struct, frozen=True):
    """Local dates, both ends included, with hours of their own: Ramadan, which the sidang isbat fixes one or two evenings
    before. Raises ValueError when it ends before it starts."""

    name: str
    from_on: date
    until_on: date
    basis: str
    state: State = "fixed"
    id: int = 0

    def __post_init__(self) -> None:
        if self.until_on < self.from_on:
            raise ValueError("a season must not end before it starts")


class Whose(msgspec.Struct, frozen=True):
    """Whose hours are asked for. ``site_id`` is the posting, ``unit_lineage`` "/1/5/9/" with the root first."""

    site_id: int
    agency_id: int = 0
    unit_lineage: str = "/"
    person_id: int = 0


class Hours(msgspec.Struct, frozen=True):
    """One dated row of working hours, both ends included: for everybody, or for whom it names.

    ``weekdays`` are ISO digits. Times are minutes since local midnight and may pass 1440, for a night that ends on the
    next date; a break from and to the same minute is none. ``season`` is empty for the time outside any season. One may
    start up to ``flexi_band_minutes`` later and then ends as much later (PermenPANRB 6/2018).

    A row of kind shift that names a person or a unit is a roster: it may name weekend days, and with ``on_days_off`` it
    works on holidays too; no other row does either.

    Raises ValueError for hours that can't be worked.
    """

    weekdays: str
    starts: int
    break_starts: int
    break_ends: int
    ends: int
    from_on: date
    until_on: date | None = None
    basis: str = ""
    season: str = ""
    flexi_band_minutes: int = 0
    site_id: int | None = None
    agency_id: int | None = None
    unit_id: int | None = None
    person_id: int | None = None
    kind: HoursKind = "office"
    on_days_off: bool = False
    id: int = 0

    def __post_init__(self) -> None:
        if not self.weekdays or set(self.weekdays) - set("1234567"):
            raise ValueError("weekdays are ISO digits, 1 to 7")
        if not 0 <= self.starts < 1440 or not self.starts < self.ends <= self.starts + 1440:
            raise ValueError("hours start within the day, end after that, and last a day at most")
        if not self.starts <= self.break_starts <= self.break_ends <= self.ends or not self.minutes:
            raise ValueError("a break lies within the hours and leaves some of them")
        if self.flexi_band_minutes < 0:
            raise ValueError("a flexi band is no less than 0 minutes")
        if self.until_on is not None and self.until_on < self.from_on:
            raise ValueError("hours must not end before they begin to hold")

    @property
    def minutes(self) -> int:
        """Minutes of work, the break not counted."""
        return self.ends - self.starts - (self.break_ends - self.break_starts)

    @property
    def is_roster(self) -> bool:
        return self.kind == "shift" and (self.person_id is not None or self.unit_id is not None)

    @property
    def fills_the_week(self) -> bool:
        """True for a roster that says all of somebody's days; one that names weekend days only adds duty to a week."""
        return self.is_roster and not set(WEEKDAYS).isdisjoint(self.weekdays)

    def concerns(self, whose: Whose) -> bool:
        return (
            self.site_id in (None, whose.site_id)
            and self.agency_id in (None, whose.agency_id)
            and self.person_id in (None, whose.person_id)
            and (self.unit_id is None or f"/{self.unit_id}/" in whose.unit_lineage)
        )

    def in_force(self, on: date) -> bool:
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


def hours_that_hold(rows: Iterable[Hours], whose: Whose, on: date, season: str) -> Hours | None:
    """The one row that decides a local date, or None where nobody is to work. In this order:

    1. In a season, the rows for it displace all office and dynamic rows for normal time, however narrow: what an agency
       has set for the normal year must not undo the shorter hours of everybody. It sets its own for the season.
       A roster stays, since nobody's night duty becomes a day in the office, until somebody as narrow sets one.
    2. A roster that fills the week displaces all that is weaker: what it leaves free is free, and an earlier roster is over.
    3. Person before unit (the deepest first) before agency before site before everybody; then a row for the season before
       one for all year, later before earlier, and the row added last.
    """
    weekday = str(on.isoweekday())
    left = [row for row in rows if row.season in ("", season) and row.in_force(on) and row.concerns(whose)]
    if any(row.season and weekday in row.weekdays for row in left):
        left = [row for row in left if row.season or row.is_roster]
    if rosters := [_strength(row, whose) for row in left if row.fills_the_week]:
        left = [row for row in left if _strength(row, whose) >= max(rosters)]
    named = [row for row in left if weekday in row.weekdays and (weekday in WEEKDAYS or row.is_roster)]
    return max(named, key=lambda row: (_strength(row, whose), row.id), default=None)


def _strength(row: Hours, whose: Whose) -> tuple[tuple[int, int, bool], bool, date]:
    return _scope(row, whose), row.season != "", row.from_on


def _scope(row: Hours, whose: Whose) -> tuple[int, int, bool]:
    """How narrow a row is, wider first. An agency at one site is narrower than the agency; a unit's agency adds nothing."""
    at_site = row.site_id is not None
    if row.person_id is not None:
        return 3, 0, at_site
    if row.unit_id is not None:
        return 2, whose.unit_lineage.partition(f"/{row.unit_id}/")[0].count("/"), at_site
    return (1 if row.agency_id is not None else 0), 0, at_site


class Day(msgspec.Struct, frozen=True):
    """A local date as it is to somebody, at the norm; the flexi band is left to them.

    ``spans`` are instants of work, net of the breaks, and add up to ``minutes_owed``; a day off has neither, and its local
    minutes are 0. ``name``, ``basis`` and ``state`` are those of the day off, else of the hours; a roster that works on a
    holiday keeps the holiday's name. ``state`` is ``estimated`` as well where the season is.
    """

    on: date
    kind: DayKind
    name: str = ""
    name_en: str = ""
    basis: str = ""
    state: State = "fixed"
    spans: tuple[Span, ...] = ()
    breaks: tuple[Span, ...] = ()
    minutes_owed: int = 0
    season: str = ""
    flexi_band_minutes: int = 0
    hours_kind: HoursKind = "office"
    starts: int = 0
    ends: int = 0
    break_starts: int = 0
    break_ends: int = 0

    @property
    def latest_end(self) -> int:
        """The local minute at which whoever starts last ends; may pass 1440."""
        return self.ends + self.flexi_band_minutes


KEPT = 50_000
"""Settled days kept at most: a few hundred distinct sets of hours, a few years of dates."""


class Calendar:
    """All days off, seasons and hours, as of one version; built once per version, then only asked."""

    def __init__(
        self, days_off: Iterable[DayOff] = (), seasons: Iterable[Season] = (), hours: Iterable[Hours] = ()
    ) -> None:
        self._days_off: dict[date, list[DayOff]] = {}
        for day in sorted((day for day in days_off if day.state != "cancelled"), key=_first_said):
            self._days_off.setdefault(day.on, []).append(day)
        self._seasons = sorted(
            (season for season in seasons if season.state != "cancelled"),
            key=lambda season: (season.state == "fixed", season.from_on, season.id),
            reverse=True,
        )
        self._hours = tuple(hours)
        self._named = _named(self._hours, self._days_off)
        self._groups: dict[Whose, Whose] = {}
        self._settled: dict[tuple[Whose, str, date], Day] = {}

    def day(self, on: date, whose: Whose, zone: str) -> Day:
        """What the local date ``on`` is to ``whose``, with instants in ``zone``, an IANA name."""
        key = (self.group(whose), zone, on)
        if (day := self._settled.get(key)) is None:
            if len(self._settled) >= KEPT:
                self._settled.clear()
            day = self._settled[key] = self._settle(*key)
        return day

    def days(self, from_on: date, until_on: date, whose: Whose, zone: str) -> list[Day]:
        """Every local date from ``from_on`` to ``until_on``, both included."""
        return [self.day(from_on + timedelta(days=n), whose, zone) for n in range((until_on - from_on).days + 1)]

    def day_off(self, site_id: int, on: date) -> DayOff | None:
        """What a date is off for at a site, the site's own before the national; cancelled ones don't count."""
        return next((day for day in self._days_off.get(on, ()) if day.site_id in (None, site_id)), None)

    def season(self, on: date) -> Season | None:
        """The season a local date lies in; of two, the fixed one before the estimated, then the later one."""
        return next((season for season in self._seasons if season.from_on <= on <= season.until_on), None)

    def group(self, whose: Whose) -> Whose:
        """All of ``whose`` that any row looks at: who shares it shares settled days, so thousands cost no more than a few."""
        if (group := self._groups.get(whose)) is None:
            if len(self._groups) >= KEPT:
                self._groups.clear()
            units = [unit for unit in whose.unit_lineage.split("/") if unit and int(unit) in self._named["unit"]]
            group = self._groups[whose] = Whose(
                whose.site_id if whose.site_id in self._named["site"] else 0,
                whose.agency_id if whose.agency_id in self._named["agency"] else 0,
                "".join(f"/{unit}" for unit in units) + "/",
                whose.person_id if whose.person_id in self._named["person"] else 0,
            )
        return group

    def _settle(self, whose: Whose, zone: str, on: date) -> Day:
        season = self.season(on)
        off = self.day_off(whose.site_id, on)
        hours = hours_that_hold(self._hours, whose, on, season.name if season else "")
        if hours and (not off or (hours.is_roster and hours.on_days_off)):
            return _working_day(on, hours, off, season, zone)
        name = season.name if season else ""
        if off:
            return Day(on, off.kind, off.name, off.name_en, off.basis, off.state, season=name)
        return Day(on, DayKind.WEEKEND, season=name)


_WEIGHT = (DayKind.NATIONAL_HOLIDAY, DayKind.ELECTION, DayKind.LOCAL, DayKind.COLLECTIVE_LEAVE)


def _first_said(day: DayOff) -> tuple[bool, int, int]:
    return day.site_id is None, _WEIGHT.index(day.kind), day.id


def _named(hours: Iterable[Hours], days_off: dict[date, list[DayOff]]) -> dict[str, set[int]]:
    """Ids that some row names, by what they are."""
    named: dict[str, set[int]] = {"site": set(), "agency": set(), "unit": set(), "person": set()}
    for row in hours:
        for what, ids in named.items():
            if (id := getattr(row, f"{what}_id")) is not None:
                ids.add(id)
    named["site"] |= {day.site_id for days in days_off.values() for day in days if day.site_id is not None}
    return named


def _working_day(on: date, hours: Hours, off: DayOff | None, season: Season | None, zone: str) -> Day:
    rests = hours.break_starts < hours.break_ends
    edges = [hours.starts, hours.break_starts, hours.break_ends, hours.ends] if rests else [hours.starts, hours.ends]
    worked = zip(edges[::2], edges[1::2], strict=True)
    return Day(
        on=on,
        kind=DayKind.WORKING,
        name=off.name if off else "",
        name_en=off.name_en if off else "",
        basis=hours.basis,
        state=season.state if season and hours.season else "fixed",
        spans=tuple(_span(on, starts, ends, zone) for starts, ends in worked if starts < ends),
        breaks=(_span(on, hours.break_starts, hours.break_ends, zone),) if rests else (),
        minutes_owed=hours.minutes,
        season=season.name if season else "",
        flexi_band_minutes=hours.flexi_band_minutes,
        hours_kind=hours.kind,
        starts=hours.starts,
        ends=hours.ends,
        break_starts=hours.break_starts,
        break_ends=hours.break_ends,
    )


def _span(on: date, starts: int, ends: int, zone: str) -> Span:
    return on_day(on, starts, ends, zone)


def minutes(spans: Iterable[Span]) -> int:
    """Whole minutes in all of ``spans`` together."""
    return sum(int(span.length.total_seconds()) for span in spans) // 60
