"""What the dated policies say about one person's week. Plain values in, an answer out.

Only working days are judged, and none that is over: it counts, but is never the one to change. A day without a plan is
one at the own office.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any, Literal

import msgspec

from app import clock
from app.scheduling.policy_kinds import (
    AllowedModes,
    Approval,
    CoreHours,
    CoverageRule,
    DecisionMaker,
    Eligibility,
    Excluded,
    FlexibleDays,
    Hours,
    LeastOnSite,
    Letter,
    MostAway,
    Notice,
    NotTogether,
    OfficeDays,
    PersonRule,
    Policy,
    WeekdayMode,
)
from app.scheduling.rules import Mode, PlannedDay, Planner, Segment, Week, worked_minutes
from app.scheduling.working_time import DayKind

__all__ = [
    "AllowedModes", "Approval", "Breaks", "CoreHours", "Eligibility", "Excluded", "Finding", "FlexibleDays", "Hours", "Letter",
    "Notice", "OfficeDays", "Policy", "Rule", "Standing", "WeekRules", "WeekdayMode", "all_in_force", "evaluate", "in_force",
    "precedence",
]  # fmt: skip

Rule = PersonRule
Breaks = Mapping[date, tuple[int, int]]
"""The break of each date, in local minutes from and to."""

ACCUMULATING = (WeekdayMode, Excluded, LeastOnSite, MostAway, DecisionMaker, NotTogether)
"""Kinds of which all in force hold, however wide: a norm speaks of its own weekday only; who is narrower may exclude more,
but not let in whom the law keeps on site; and each demand on a unit's presence is a demand of its own."""

_ELSEWHERE = frozenset({Mode.TRAVEL, Mode.LEAVE})
_LUNCH = (690, 780)
"""Where the day's own break isn't known: 11.30 to 13.00 holds the breaks of all weekdays (Perpres 21/2023, article 4)."""


class Finding(msgspec.Struct, frozen=True):
    """What a policy says against a week. A refusal must be mended, a warning may stand. ``on`` is the day to look at, None
    for the whole week; ``facts`` are what ``finding_words`` mentions, and for programs the ``mode``."""

    rule: str
    policy_id: int
    basis: str
    severity: Literal["refusal", "warning"]
    on: date | None
    facts: dict[str, str | int | date | time]


# Which policies hold


class Standing(msgspec.Struct, frozen=True):
    """A policy with the one that displaces it, None for one that holds."""

    policy: Policy
    overridden_by: Policy | None = None


def precedence(policies: Iterable[Policy], planner: Planner, on: date) -> tuple[Standing, ...]:
    """All policies about somebody on a date, kind by kind, the strongest first.

    Of one kind, the deepest unit goes before the agency before everybody; then the later beginning, then the one added
    last. The first displaces the rest, except where all hold (``ACCUMULATING``).
    """
    about = [policy for policy in policies if policy.holds(on) and policy.covers(planner)]
    about.sort(key=lambda policy: _strength(policy, planner), reverse=True)
    about.sort(key=lambda policy: policy.kind)
    first: dict[str, Policy] = {}
    found = []
    for policy in about:
        stronger = first.setdefault(policy.kind, policy)
        holds = stronger is policy or isinstance(policy.rule, ACCUMULATING)
        found.append(Standing(policy, None if holds else stronger))
    return tuple(found)


def all_in_force(policies: Iterable[Policy], planner: Planner, on: date) -> tuple[Policy, ...]:
    """Every policy that holds for somebody on a date, in the order of ``precedence``."""
    return tuple(standing.policy for standing in precedence(policies, planner, on) if standing.overridden_by is None)


def in_force(policies: Iterable[Policy], planner: Planner, on: date) -> dict[str, Policy]:
    """The one policy of each kind of which only one can hold, by kind."""
    holding = all_in_force(policies, planner, on)
    return {policy.kind: policy for policy in holding if not isinstance(policy.rule, ACCUMULATING)}


def _strength(policy: Policy, planner: Planner) -> tuple[int, date, int]:
    return _narrowness(policy, planner), policy.from_on, policy.id


def _narrowness(policy: Policy, planner: Planner) -> int:
    if policy.unit_id is not None:
        return 2 + planner.unit_lineage.partition(f"/{policy.unit_id}/")[0].count("/")
    return 0 if policy.agency_id is None else 1


# What they say


def evaluate(
    week: Week, policies: Iterable[Policy], *, today: date, breaks: Breaks | None = None
) -> tuple[Finding, ...]:
    """What the policies in force say against a week, refusals first, then by date.

    ``today`` is the date at the posting. A policy that begins or ends within the week looks at its own days only. Without
    ``breaks`` planned minutes are taken whole, and a gap around noon is taken for one.
    """
    return WeekRules(policies, week).findings(week, today=today, breaks=breaks)


class WeekRules:
    """The policies about one person on each day of one week: settled once, then asked about any plan for it."""

    def __init__(self, policies: Iterable[Policy], week: Week) -> None:
        first, last = week.days[0].on, week.days[-1].on
        near = [
            policy
            for policy in policies
            if policy.holds_within(first, last)
            and not isinstance(policy.rule, CoverageRule)
            and policy.covers(week.planner)
        ]
        self._days: dict[Policy, set[date]] = {}
        self.norms: dict[date, tuple[Mode, ...]] = {}
        for day in week.days:
            if day.kind is not DayKind.WORKING:
                continue
            holding = all_in_force(near, week.planner, day.on)
            for policy in holding:
                self._days.setdefault(policy, set()).add(day.on)
            self.norms[day.on] = tuple(
                rule.mode
                for rule in (policy.rule for policy in holding)
                if isinstance(rule, WeekdayMode) and rule.weekday == day.on.isoweekday()
            )

    def findings(self, week: Week, *, today: date, breaks: Breaks | None = None) -> tuple[Finding, ...]:
        found: list[Finding] = []
        for policy, dates in self._days.items():
            days = [day for day in week.days if day.on in dates]
            found += _ASK[type(policy.rule)](_Case(policy, week.planner, days, today, breaks or {}, self))
        found.sort(key=lambda one: (one.severity, one.on or date.max, one.rule, one.policy_id))
        return tuple(found)

    def may_use(self, planner: Planner, on: date, mode: Mode) -> bool:
        """Whether nothing about the person or the day rules a mode out; how often they use it is another question."""
        return not any(on in dates and _forbids(policy.rule, planner, mode) for policy, dates in self._days.items())


class _Case(msgspec.Struct, frozen=True):
    """One policy with the working days on which it holds."""

    policy: Policy
    planner: Planner
    days: list[PlannedDay]
    today: date
    breaks: Breaks
    week_rules: WeekRules

    @property
    def rule(self) -> Any:
        return self.policy.rule

    @property
    def to_come(self) -> Iterator[PlannedDay]:
        return (day for day in self.days if day.on >= self.today)

    def refusal(self, on: date | None, **facts: str | int | date | time) -> Finding:
        return Finding(self.policy.kind, self.policy.id, self.policy.basis, "refusal", on, facts)

    def warning(self, on: date | None, **facts: str | int | date | time) -> Finding:
        return Finding(self.policy.kind, self.policy.id, self.policy.basis, "warning", on, facts)


def modes_of(day: PlannedDay) -> frozenset[Mode]:
    """The modes of a working day; the own office where nothing is planned."""
    return day.modes or frozenset({Mode.WFO})


def _flexible_days(case: _Case) -> Iterator[Finding]:
    rule: FlexibleDays = case.rule
    used = [day for day in case.days if _counts(rule, day, case.week_rules.norms[day.on])]
    for before, day in enumerate(used):
        if before >= rule.most and day.on >= case.today:
            yield case.refusal(day.on, most=rule.most, used=before, wanted=len(used))
            return


def _counts(rule: FlexibleDays, day: PlannedDay, norms: Sequence[Mode]) -> bool:
    counted = modes_of(day) & frozenset(rule.counts)
    return bool(counted if rule.norm_counts else counted - frozenset(norms))


def _forbidden(case: _Case) -> Iterator[Finding]:
    """One refusal for each mode of a day that the person or the day has no right to."""
    for day in case.to_come:
        for mode in sorted(modes_of(day)):
            if _forbids(case.rule, case.planner, mode):
                yield case.refusal(day.on, mode=mode.value)


def _forbids(rule: object, planner: Planner, mode: Mode) -> bool:
    if isinstance(rule, AllowedModes):
        return mode not in rule.modes and mode not in (Mode.WFO, Mode.LEAVE)
    if isinstance(rule, Eligibility):
        return not planner.eligible and mode in rule.modes
    if isinstance(rule, Excluded):
        return mode in rule.modes and (planner.unit_kind in rule.unit_kinds or planner.level in rule.levels)
    return False


def _weekday_mode(case: _Case) -> Iterator[Finding]:
    """Nobody is reminded of a norm that another policy closes to them, or while they travel or are on leave."""
    rule: WeekdayMode = case.rule
    for day in case.to_come:
        if not rule.required or day.on.isoweekday() != rule.weekday:
            continue
        others = modes_of(day) - _ELSEWHERE - {rule.mode}
        if others and case.week_rules.may_use(case.planner, day.on, rule.mode):
            yield case.warning(day.on, mode=rule.mode.value)


def _office_days(case: _Case) -> Iterator[Finding]:
    rule: OfficeDays = case.rule
    there = [day for day in case.days if not modes_of(day) <= _ELSEWHERE]
    need = max(0, rule.least - max(0, 5 - len(there)))
    away = [day for day in there if not modes_of(day) - _ELSEWHERE <= frozenset(rule.counts)]
    for before, day in enumerate(away):
        if before >= len(there) - need and day.on >= case.today:
            yield case.refusal(day.on, least=rule.least, need=need, have=len(there) - len(away))
            return


def _core_hours(case: _Case) -> Iterator[Finding]:
    rule: CoreHours = case.rule
    for day in case.to_come:
        rest = case.breaks.get(day.on, _LUNCH)
        if day.segments and not _covers(day.segments, rest, rule.starts, rule.ends):
            yield case.refusal(day.on, starts=clock.wall_time(rule.starts), ends=clock.wall_time(rule.ends))


def _covers(segments: Iterable[Segment], rest: tuple[int, int], starts: int, ends: int) -> bool:
    """Whether the segments leave no minute from ``starts`` to ``ends`` uncovered, but for the break. Each is read on its own
    wall: whoever works at another office keeps the hours there."""
    covered = starts
    for from_, until in sorted([*((segment.starts, segment.ends) for segment in segments), rest]):
        if from_ > covered:
            break
        covered = max(covered, until)
    return covered >= ends


def _notice(case: _Case) -> Iterator[Finding]:
    rule: Notice = case.rule
    for day in case.to_come:
        if (day.on - case.today).days < rule.days and not modes_of(day).isdisjoint(rule.modes):
            yield case.warning(day.on, days=rule.days)


def _hours(case: _Case) -> Iterator[Finding]:
    """Of the whole week, as own hours may be long one day and short another (dinamis, PermenPANRB 4/2025)."""
    rule: Hours = case.rule
    owed = sum(day.minutes_owed for day in case.days)
    planned = sum(
        worked_minutes(day.segments, case.breaks.get(day.on, (0, 0))) if day.segments else day.minutes_owed
        for day in case.days
    )
    if planned < owed - rule.tolerance and any(case.to_come):
        yield case.warning(None, owed=owed, planned=planned, missing=owed - planned)


def _letter(case: _Case) -> Iterator[Finding]:
    rule: Letter = case.rule
    for day in case.to_come:
        lacking = sorted({part.mode for part in day.segments if part.mode in rule.modes and not part.letter.strip()})
        if lacking:
            yield case.refusal(day.on, mode=lacking[0].value)


def _approval(_: _Case) -> Iterator[Finding]:
    """Says who decides, and nothing against a week."""
    return iter(())


_ASK: dict[type, Callable[[_Case], Iterator[Finding]]] = {
    FlexibleDays: _flexible_days,
    AllowedModes: _forbidden,
    WeekdayMode: _weekday_mode,
    Excluded: _forbidden,
    Eligibility: _forbidden,
    OfficeDays: _office_days,
    CoreHours: _core_hours,
    Notice: _notice,
    Hours: _hours,
    Letter: _letter,
    Approval: _approval,
}
