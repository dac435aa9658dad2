"""Ways out of a week that is refused: the smallest changes that work, each checked against all the policies.

Only days from today on change, and leave stays: it was granted elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import combinations
from typing import Literal

import msgspec
from msgspec.structs import replace

from app.scheduling.policies import Breaks, Finding, WeekRules, modes_of
from app.scheduling.policy_kinds import Policy
from app.scheduling.rules import FLEXIBLE, Mode, PlannedDay, Segment, Week
from app.scheduling.working_time import DayKind

Action = Literal["office-day", "all-office", "move", "change-mode", "whole-day"]
OfficeDay = Callable[[date], tuple[Segment, ...]]
Changes = dict[date, tuple[Segment, ...]]

MOST = 3
"""Ways out that are offered: more would be a list to study."""
OWN_CHOICE = (Mode.WFH, Mode.WFA)
"""Modes that may stand in for another: the rest need a site or a letter that nobody but the person knows."""
_DAY_RULES = frozenset({"allowed-modes", "excluded", "eligibility", "core-hours", "letter"})
"""Kinds that refuse a day for itself; the others weigh the days of a week against each other."""


class Remedy(msgspec.Struct, frozen=True):
    """Days to put in place of the week's own. ``move`` names the day that is left first, then the one moved to."""

    action: Action
    changes: Changes


def always(_: Week) -> bool:
    return True


def remedies(
    week: Week,
    policies: Iterable[Policy],
    findings: Iterable[Finding],
    *,
    today: date,
    office_day: OfficeDay,
    acceptable: Callable[[Week], bool] = always,
    breaks: Breaks | None = None,
) -> tuple[Remedy, ...]:
    """Up to three ways out, the smallest first: with each, the week has no refusal left and is ``acceptable``.

    ``office_day`` gives a whole day at the own office, ``today`` is the date at the posting. A way that does all of
    another and more isn't offered, and a third of one manner only where there is no other.
    """
    rules = WeekRules(policies, week)
    found: list[Remedy] = []
    more: list[Remedy] = []
    for way in _Ways(week, rules, list(findings), today, office_day).all():
        if any(_does_all_of(way, other) for other in found + more):
            continue
        changed = applied(week, way.changes)
        refused = any(one.severity == "refusal" for one in rules.findings(changed, today=today, breaks=breaks))
        if refused or not acceptable(changed):
            continue
        alike = sum(other.action == way.action for other in found)
        (found if alike < MOST - 1 else more).append(way)
        if len(found) == MOST:
            break
    return tuple((found + more)[:MOST])


def applied(week: Week, changes: Changes) -> Week:
    """The week with these days in place of its own."""
    return replace(
        week, days=tuple(replace(day, segments=changes[day.on]) if day.on in changes else day for day in week.days)
    )


def _does_all_of(way: Remedy, other: Remedy) -> bool:
    """A day moved isn't one given up and one more changed: it keeps what the person wanted."""
    return way.action != "move" and other.changes.items() <= way.changes.items()


class _Ways(msgspec.Struct, frozen=True):
    """What may be tried for one week."""

    week: Week
    rules: WeekRules
    findings: list[Finding]
    today: date
    office_day: OfficeDay

    @property
    def days(self) -> list[PlannedDay]:
        """Working days that may change: not over, and not all leave."""
        return [
            day
            for day in self.week.days
            if day.kind is DayKind.WORKING and day.on >= self.today and day.modes != {Mode.LEAVE}
        ]

    @property
    def offending(self) -> set[date]:
        """Days that must change, whatever becomes of the others."""
        return {one.on for one in self.findings if one.on and one.severity == "refusal" and one.rule in _DAY_RULES}

    @property
    def flexible(self) -> list[PlannedDay]:
        """Days that could be given up, those that were found at fault first, then the latest."""
        named = {one.on for one in self.findings}
        days = [day for day in self.days if modes_of(day) & FLEXIBLE]
        return sorted(days, key=lambda day: (day.on not in named, -day.on.toordinal()))

    def all(self) -> Iterator[Remedy]:
        """By how many days they change; a day moved changes two, and keeps what the person wanted."""
        tries = [*self._mended(), *self._moved()]
        yield from sorted(tries, key=lambda way: len(way.changes))

    def _mended(self) -> Iterator[Remedy]:
        """The offending days mended in one manner, and as many flexible days given up as it takes."""
        must = [day for day in self.days if day.on in self.offending]
        spare = [day for day in self.flexible if day.on not in self.offending]
        for action, mend in self._manners() if must else self._manners()[-1:]:
            mended = {day.on: mend(day) for day in must}
            base = {on: segments for on, segments in mended.items() if segments is not None}
            if len(base) < len(must):
                continue
            for number in range(0 if must else 1, len(spare) + 1):
                for given_up in combinations(spare, number):
                    changes = base | {day.on: self._at_office(day) for day in given_up}
                    yield Remedy(self._called(action, changes), changes)

    def _called(self, action: Action, changes: Changes) -> Action:
        if action != "office-day" or len(changes) < 2:
            return action
        return "all-office" if {day.on for day in self.flexible} <= changes.keys() else action

    def _manners(self) -> list[tuple[Action, Callable[[PlannedDay], tuple[Segment, ...] | None]]]:
        return [
            *(("change-mode", self._changing_to(mode)) for mode in OWN_CHOICE),
            ("whole-day", self._whole),
            ("office-day", self._at_office),
        ]  # fmt: skip

    def _at_office(self, day: PlannedDay) -> tuple[Segment, ...]:
        """The day at the own office; leave during a part of it stays, and so does a journey that isn't itself at fault."""
        stay = {Mode.LEAVE} if day.on in self.offending else {Mode.LEAVE, Mode.TRAVEL}
        if day.modes.isdisjoint(stay):
            return self.office_day(day.on)
        site_id = self.week.planner.site_id
        return tuple(
            part if part.mode in stay else Segment(part.starts, part.ends, Mode.WFO, site_id) for part in day.segments
        )

    def _changing_to(self, mode: Mode) -> Callable[[PlannedDay], tuple[Segment, ...] | None]:
        """A day with its forbidden modes replaced by ``mode``; None where that is no way out."""

        def change(day: PlannedDay) -> tuple[Segment, ...] | None:
            planner = self.week.planner
            wrong = {one for one in day.modes & FLEXIBLE if not self.rules.may_use(planner, day.on, one)}
            if not wrong or not self.rules.may_use(planner, day.on, mode):
                return None
            if any(part.mode in wrong and part.site_id != planner.site_id for part in day.segments):
                return self._whole_in(day, mode)  # its hours are read on another site's wall
            return tuple(replace(part, mode=mode) if part.mode in wrong else part for part in day.segments)

        return change

    def _whole(self, day: PlannedDay) -> tuple[Segment, ...] | None:
        """The whole day in its one mode, which fills the core hours."""
        mode = next(iter(day.modes)) if len(day.modes) == 1 else None
        return self._whole_in(day, mode) if mode in OWN_CHOICE else None

    def _whole_in(self, day: PlannedDay, mode: Mode) -> tuple[Segment, ...]:
        return tuple(replace(part, mode=mode) for part in self.office_day(day.on))

    def _moved(self) -> Iterator[Remedy]:
        """A day of one's own choice moved to a day at the office, one that has the norm first. Hours that are too short
        would be so on any day."""
        short = {one.on for one in self.findings if one.rule == "core-hours"}
        left = [
            day for day in self.flexible if len(day.modes) == 1 and day.modes <= set(OWN_CHOICE) and day.on not in short
        ]
        free = [day for day in self.days if modes_of(day) == {Mode.WFO}]
        free.sort(key=lambda day: not self.rules.norms[day.on])
        for day in left:
            for to in free:
                mode = next(iter(self.rules.norms[to.on]), next(iter(day.modes)))
                mode = mode if mode in OWN_CHOICE else next(iter(day.modes))
                yield Remedy("move", {day.on: self.office_day(day.on), to.on: self._whole_in(to, mode)})
