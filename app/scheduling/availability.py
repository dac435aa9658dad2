"""When people can be met, and where: their hours, their breaks, and what they asked for or had approved for each day.

Everything is a mask of quarter hours (``app/quarters.py``). Hours are settled once for all who share them, whatever the
number of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Protocol

import msgspec
from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.db.many import HotForMany
from app.quarters import Grid
from app.scheduling.models import PlanDay, SegmentRow
from app.scheduling.rules import COUNTED, Mode
from app.scheduling.working_time import Calendar, Day, Whose
from app.sites import SiteOut


class Employed(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def agency_id(self) -> int: ...
    @property
    def unit_lineage(self) -> str: ...
    @property
    def site_id(self) -> int: ...


class Working(msgspec.Struct, frozen=True):
    """The hours of all who share them: time of work net of breaks, and what keeps from it. The five share no quarter and
    leave none out. ``prayer`` is the break of a Friday."""

    can: int
    off: int
    rest: int
    prayer: int
    outside: int


class Available(msgspec.Struct, frozen=True):
    """``hours`` as they are where somebody is planned to be; ``can`` is what leave and journeys leave of them.

    ``at``: when they are at which office. ``based``: which office's hours are theirs, those at home included; nobody's on
    leave or on a journey.
    """

    hours: Working
    can: int
    leave: int = 0
    travel: int = 0
    at: tuple[tuple[int, int], ...] = ()
    based: tuple[tuple[int, int], ...] = ()


class Part(msgspec.Struct, frozen=True):
    """A part of a planned day; ``whole``: all of the day. Minutes as in ``rules.Segment``."""

    person_id: int
    on: date
    starts: int
    ends: int
    mode: str
    site_id: int
    whole: bool


def parts_of(ids: list[Any], *which: ColumnElement[bool]) -> Any:
    """What people planned from ``from_on`` up to ``until_on``, of those parts that are meant: rows of ``Part``."""
    return (
        select(
            PlanDay.person_id,
            PlanDay.on,
            SegmentRow.starts,
            SegmentRow.ends,
            SegmentRow.mode,
            SegmentRow.site_id,
            SegmentRow.whole,
        )
        .join(SegmentRow, SegmentRow.day_id == PlanDay.id)
        .where(
            PlanDay.person_id.in_(ids),
            PlanDay.on >= bindparam("from_on"),
            PlanDay.on <= bindparam("until_on"),
            SegmentRow.active,
            *which,
        )
        .order_by(PlanDay.person_id, PlanDay.on, SegmentRow.starts)
    )


_counted = or_(*(PlanDay.state == state.value for state in sorted(COUNTED)))
_AWAY = HotForMany(lambda ids: parts_of(ids, _counted, SegmentRow.mode != Mode.WFO.value), Part)
"""Away from the own desk."""


def of_people(
    session: Session, diary: Diary, people: Iterable[Employed], *, reached: frozenset[int] = frozenset()
) -> dict[int, Available]:
    """When each of these people can be met, by id. What isn't planned is work at the own office.

    A journey to one of the sites ``reached`` is presence there, any other is none at all. Whoever asks has checked that
    they may know, and of whom they may know why.
    """
    everybody = list(people)
    parts: dict[int, list[Part]] = {}
    facts = {"from_on": diary.first_on, "until_on": diary.last_on}
    for part in _AWAY.rows(session, (one.id for one in everybody), facts):
        parts.setdefault(part.person_id, []).append(part)
    return {person.id: diary.available(person, parts.get(person.id, ()), reached) for person in everybody}


class Diary:
    """What one question about some weeks has settled of hours already. ``friday``: local minutes that no Friday's work
    takes, whatever the hours."""

    def __init__(
        self, calendar: Calendar, grid: Grid, known: Mapping[int, SiteOut], *, friday: tuple[int, int] | None = None
    ) -> None:
        self._calendar = calendar
        self._grid, self._known, self._friday = grid, known, friday
        starts_at, ends_at = grid.at(0), grid.at(grid.count)
        self.first_on = starts_at.date() - timedelta(days=1)
        """a day early, as a night's duty belongs to the date it starts on and zones differ by less than a day"""
        self.last_on = ends_at.date() + timedelta(days=1)
        self._working: dict[tuple[Whose, str], Working] = {}
        self._plain: dict[tuple[Whose, str, int], Available] = {}
        self._whole: dict[tuple[date, str], int] = {}

    def days(self, whose: Whose) -> list[Day]:
        """The local dates that the grid touches, and one on either side."""
        return self._calendar.days(self.first_on, self.last_on, whose, self.zone(whose.site_id))

    def zone(self, site_id: int) -> str:
        return self._known[site_id].zone

    def working(self, whose: Whose) -> Working:
        key = (self._calendar.group(whose), self.zone(whose.site_id))
        if (found := self._working.get(key)) is None:
            found = self._working[key] = self._settle(whose)
        return found

    def _settle(self, whose: Whose) -> Working:
        zone, grid = self.zone(whose.site_id), self._grid
        can = off = rest = prayer = 0
        for day in self.days(whose):
            friday = day.on.isoweekday() == 5
            if not day.spans:
                off |= self.whole(day.on, zone)
                continue
            can |= grid.within(day.spans)
            if friday:
                prayer |= grid.touching(day.breaks)
                if self._friday:
                    prayer |= self.local(day.on, *self._friday, zone)
            else:
                rest |= grid.touching(day.breaks)
        can &= ~(prayer | rest)
        off &= ~can
        rest, prayer = rest & ~off, prayer & ~(rest | off)
        return Working(can, off, rest, prayer, grid.full & ~(can | off | rest | prayer))

    def whole(self, on: date, zone: str) -> int:
        """All quarters of a local date."""
        if (found := self._whole.get((on, zone))) is None:
            found = self._whole[on, zone] = self.local(on, 0, 1440, zone)
        return found

    def local(self, on: date, starts: int, ends: int, zone: str) -> int:
        """The quarters touched by these minutes of a local date."""
        return self._grid.touched(clock.instant_of(on, starts, zone), clock.instant_of(on, ends, zone))

    def available(self, person: Employed, parts: Iterable[Part], reached: frozenset[int]) -> Available:
        whose = Whose(person.site_id, person.agency_id, person.unit_lineage, person.id)
        hours = self.working(whose)
        everywhere = ((person.site_id, self._grid.full),)
        if not parts:
            key = (self._calendar.group(whose), self.zone(person.site_id), person.site_id)
            if (found := self._plain.get(key)) is None:
                found = self._plain[key] = Available(hours, hours.can, at=everywhere, based=everywhere)
            return found
        at, based = dict(everywhere), dict(everywhere)
        leave = travel = 0
        for part in parts:
            zone = self.zone(part.site_id)
            held = self.whole(part.on, zone) if part.whole else self.local(part.on, part.starts, part.ends, zone)
            mode = Mode(part.mode)
            _leave_out(at, held)
            if mode in (Mode.WFH, Mode.WFA):
                continue
            if mode is Mode.OTHER_OFFICE or (mode is Mode.TRAVEL and self._to_us(part, person, reached)):
                there = self.working(msgspec.structs.replace(whose, site_id=part.site_id))
                hours = _swapped(hours, there, held)
                _leave_out(based, held)
                for where in (at, based):
                    where[part.site_id] = where.get(part.site_id, 0) | held
                continue
            _leave_out(based, held)
            if mode is Mode.TRAVEL:
                travel |= held
            else:
                leave |= held
        can = hours.can & ~(leave | travel)
        return Available(hours, can, leave, travel, _kept(at), _kept(based))

    def _to_us(self, part: Part, person: Employed, reached: frozenset[int]) -> bool:
        return part.site_id != person.site_id and part.site_id in reached


def _leave_out(where: dict[int, int], held: int) -> None:
    for site_id in where:
        where[site_id] &= ~held


def _kept(where: dict[int, int]) -> tuple[tuple[int, int], ...]:
    return tuple((site_id, mask) for site_id, mask in where.items() if mask)


def _swapped(hours: Working, there: Working, held: int) -> Working:
    """``hours``, yet those of another place while there."""
    pairs = zip(msgspec.structs.astuple(hours), msgspec.structs.astuple(there), strict=True)
    return Working(*((here & ~held) | (other & held) for here, other in pairs))
