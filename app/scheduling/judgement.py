"""What the rules say about a week: the policies about one person, the coverage of their team, and ways out of both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec
from sqlalchemy.orm import Session

from app.scheduling import coverage, policies, remedies, whereabouts
from app.scheduling.coverage import Shortfall
from app.scheduling.ground import Ground
from app.scheduling.policies import Finding
from app.scheduling.policy_kinds import Approval
from app.scheduling.remedies import Remedy
from app.scheduling.rules import Mode, Segment, Week
from app.scheduling.whereabouts import Teams

Segments = Mapping[date, tuple[Segment, ...]]


class Judgement(msgspec.Struct, frozen=True):
    """``shortfalls`` are those that this week would cause or deepen; they may be overruled by who approves."""

    findings: tuple[Finding, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def refusals(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "refusal"]

    @property
    def clean(self) -> bool:
        """Nothing at all is to be said: what may be approved without anybody."""
        return not self.findings and not self.shortfalls


def judge(
    session: Session,
    ground: Ground,
    before: Segments,
    after: Segments,
    *,
    ways_out: bool = True,
    teams: Teams | None = None,
) -> Judgement:
    """Look at a week that is to become ``after``; ``before`` is what counts of it at present.

    The team is read only if somebody would be away who counts as there now, and from ``teams`` if it was read before.
    """
    teams = teams or Teams()
    week = ground.week(dict(after))
    breaks = {on: (day.break_starts, day.break_ends) for on, day in ground.days.items()}
    findings = tuple(
        found
        for found in ground.book.week_rules(week).findings(week, today=ground.today, breaks=breaks)
        if not _asked_in_time(found, before, after)
    )
    team = _team(session, ground, before, after, teams)
    shortfalls = team.caused_by(after) if team else ()
    found = Judgement(findings, shortfalls)
    if not ways_out or not (found.refusals or shortfalls):
        return found

    def acceptable(changed: Week) -> bool:
        segments = {day.on: day.segments for day in changed.days}
        whole = team or _team(session, ground, before, segments, teams)
        return whole is None or not whole.caused_by(segments)

    ways = remedies.remedies(
        week,
        ground.book.policies,
        findings,
        today=ground.today,
        office_day=ground.office_day,
        acceptable=acceptable,
        breaks=breaks,
    )
    return Judgement(findings, shortfalls, ways)


def _asked_in_time(found: Finding, before: Segments, after: Segments) -> bool:
    """Whether a finding only says that a day draws near which was asked for long ago."""
    return found.rule == "notice" and found.on is not None and before.get(found.on) == after.get(found.on)


def approval(ground: Ground) -> Approval:
    """The policy of approval in force on the week's first day; by default the direct superior decides."""
    found = policies.in_force(ground.book.policies, ground.planner, ground.monday).get("approval")
    return found.rule if found and isinstance(found.rule, Approval) else Approval()


def needs_decision(rule: Approval, segments: tuple[Segment, ...]) -> bool:
    """Whether a day waits for somebody: work at the own office doesn't, nor what the policy leaves out."""
    return any(segment.mode in rule.modes for segment in segments)


class _Team:
    def __init__(self, ground: Ground, team: whereabouts.Team, before: Segments) -> None:
        self._ground, self._team = ground, team
        self._before = team.shortfalls(whereabouts.parts(ground, ground.person.id, before))

    def caused_by(self, after: Segments) -> tuple[Shortfall, ...]:
        own = whereabouts.parts(self._ground, self._ground.person.id, after)
        return coverage.worse(self._before, self._team.shortfalls(own))


def _team(session: Session, ground: Ground, before: Segments, after: Segments, teams: Teams) -> _Team | None:
    rules = whereabouts.rules_about(ground)
    absent = any(
        segment.mode is not Mode.WFO for on, segments in after.items() if on >= ground.today for segment in segments
    )
    if not rules or not absent:
        return None
    return _Team(ground, teams.of(session, ground, rules), before)
