"""Weeks, findings and refusals in the words of one reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.ids import hhmm
from app.people.access import Actor
from app.problems import Problem, detail, problem
from app.rooms.plan_desks import NotBookable
from app.scheduling import approval
from app.scheduling.approval import ManyIn, Outcome, Waiting
from app.scheduling.coverage import Shortfall
from app.scheduling.errors import PlanRefused, facts_of
from app.scheduling.judgement import Judgement
from app.scheduling.policies import Finding
from app.scheduling.reading import SeenWeek
from app.scheduling.rules import Mode, Segment
from app.scheduling.shapes import FindingOut, WeekOut
from app.texts import Language, Words, words


def finding(found: Finding | Shortfall, said: Words) -> FindingOut:
    """A shortfall is a warning: who approves may overrule it."""
    facts = facts_of(found)
    sentence = detail(PlanRefused(**facts), said)
    severity = found.severity if isinstance(found, Finding) else "warning"
    return FindingOut(found.rule, severity, found.basis, sentence, found.on, dict(found.facts))


def findings(judgement: Judgement, said: Words) -> list[FindingOut]:
    every: list[Finding | Shortfall] = [*judgement.findings, *judgement.shortfalls]
    return [finding(found, said) for found in every]


def week(seen: SeenWeek, said: Words) -> WeekOut:
    """The week with every finding in words, and with the desks that were refused and left out."""
    refused = [desk_refused(on, refusal, said) for on, refusal in seen.desks_refused]
    return msgspec.structs.replace(seen.week, findings=[*refused, *findings(seen.judgement, said)])


def desk_refused(on: date, refusal: NotBookable, said: Words) -> FindingOut:
    basis = str(refusal.facts.get("basis") or "")
    facts = {"space": refusal.facts.get("space"), "hindrance": str(refusal.facts.get("hindrance"))}
    return FindingOut("desk", "warning", basis, detail(refusal, said), on, facts)


class WaitingSegment(msgspec.Struct, frozen=True):
    mode: Mode
    starts: str
    ends: str
    site_id: int


class WaitingOut(msgspec.Struct, frozen=True):
    """A week that waits for the asker's decision; ``passes`` says that nothing stands against it."""

    person_id: int
    name: str
    week: str
    version: int
    days: dict[date, list[WaitingSegment]]
    findings: list[FindingOut]
    passes: bool


def waiting(one: Waiting, said: Words) -> WaitingOut:
    days = {on: [_segment(part) for part in parts] for on, parts in one.days.items()}
    return WaitingOut(
        one.person_id,
        one.name,
        one.week,
        one.version,
        days,
        findings(one.judgement, said),
        not one.judgement.refusals and not one.judgement.shortfalls,
    )


def _segment(part: Segment) -> WaitingSegment:
    return WaitingSegment(part.mode, hhmm(part.starts), hhmm(part.ends), part.site_id)


class OutcomeOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """``problem`` is why a week was left as it was; without one it is decided."""

    person_id: int
    week: str
    version: int | None = None
    problem: Problem | None = None


def outcome(one: Outcome, said: Words) -> OutcomeOut:
    why: Any = problem(one.refused, said) if one.refused else None
    return OutcomeOut(one.person_id, one.week, one.version, why)


def decided(
    session: Session, actor: Actor, wanted: ManyIn, language: Callable[[], Language], *, now: datetime
) -> list[OutcomeOut]:
    """``approval.decide_many`` in words. They are found within the unit of work, so that a repeated request is answered
    with the very same."""
    said = words(language())
    return [outcome(one, said) for one in approval.decide_many(session, actor, wanted, now=now)]
