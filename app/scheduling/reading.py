"""A stored week as people and programs see it: its parts with their desks, how its days stand, and what the rules say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app import clock, weeks
from app.ids import hhmm
from app.people import service as people
from app.rooms import plan_desks
from app.rooms.plan_desks import BookingOut, NotBookable
from app.scheduling import approvers, desks, judgement, rules
from app.scheduling.errors import PlanRefused, facts_of
from app.scheduling.ground import Ground
from app.scheduling.judgement import Judgement, judge
from app.scheduling.plans import Day, Part, Plan
from app.scheduling.rules import Segment
from app.scheduling.shapes import DayOut, RemedyOut, SegmentIn, SegmentOut, WeekOut
from app.spans import Span


class SeenWeek(msgspec.Struct, frozen=True):
    """A week as it stands, with what the rules say about it; the edge finds the words. ``desks_refused`` are days whose
    desk was refused and left out, as asked."""

    week: WeekOut
    judgement: Judgement
    desks_refused: tuple[tuple[date, NotBookable], ...] = ()


def segments_of(base: Ground, day: Day) -> tuple[Segment, ...]:
    return tuple(sorted(base.resolved(part, day.on) for part in day.parts))


def counted(base: Ground, plan: Plan) -> dict[date, tuple[Segment, ...]]:
    """What counts of a week for the team: what was asked for or approved."""
    return {day.on: segments_of(base, day) for day in plan.planned(*rules.COUNTED)}


def _span(base: Ground) -> Span:
    zone = base.zone(base.person.site_id)
    return Span(clock.instant_of(base.monday, 0, zone), clock.instant_of(max(base.days), 1440, zone))


def seen(session: Session, base: Ground, plan: Plan) -> SeenWeek:
    """A stored week with its desks and what the rules say about it."""
    segments = {day.on: segments_of(base, day) for day in plan.planned()}
    found = judge(session, base, counted(base, plan), segments)
    return shown(session, base, plan, segments, found, held_by(session, base, plan))


def held_by(session: Session, base: Ground, plan: Plan) -> dict[int, BookingOut]:
    """The desks of a week's parts, by the part's id."""
    return plan_desks.planned_desks(session, plan.person_id, _span(base)) if plan.id else {}


def shown(
    session: Session,
    base: Ground,
    plan: Plan,
    segments: dict[date, tuple[Segment, ...]],
    found: Judgement,
    held: dict[int, BookingOut],
) -> SeenWeek:
    """A week as it is, or as it would be with ``segments``."""
    rule = judgement.approval(base)
    names = {id: people.name_of(session, id) for id in {day.decided_by_id for day in plan.planned()} if id}
    waiting = any(judgement.needs_decision(rule, parts) for parts in segments.values())
    week = WeekOut(
        plan.person_id,
        weeks.week_of(base.monday),
        plan.version,
        rules.state_of(day.state for day in plan.planned()),
        {day.on: _parts(base, day, held) for day in plan.planned()},
        {on: _about(base, plan.days.get(on), segments.get(on, ()), on, names) for on in base.days},
        [],
        list(_ways_out(found)),
        approvers.of(session, base, approvers.chain(session, base.person, rule), plan.step) if waiting else [],
        not waiting or (rule.automatic and found.clean),
    )
    return SeenWeek(week, found)


def _parts(base: Ground, day: Day, held: dict[int, BookingOut]) -> list[SegmentOut]:
    return [_part(base, day.on, part, held.get(part.id)) for part in sorted(day.parts, key=lambda part: part.segment)]


def _part(base: Ground, on: date, part: Part, desk: BookingOut | None) -> SegmentOut:
    segment = base.resolved(part, on)
    zone = base.zone(segment.site_id)
    span = desks.span_of(base, on, segment)
    return SegmentOut(
        part.id,
        segment.mode,
        hhmm(segment.starts),
        hhmm(segment.ends),
        segment.site_id,
        zone,
        span.starts_at,
        span.ends_at,
        part.whole,
        segment.letter,
        desk.space_id if desk else None,
        desk.space if desk else None,
        desk.id if desk else None,
    )


def _about(
    base: Ground, day: Day | None, segments: tuple[Segment, ...], on: date, names: Mapping[int, str | None]
) -> DayOut:
    hours = base.days[on]
    minutes = rules.worked_minutes(segments, (hours.break_starts, hours.break_ends))
    if day is None or not day.parts:
        return DayOut(hours.kind, hours.name, hours.minutes_owed, minutes)
    return DayOut(
        hours.kind,
        hours.name,
        hours.minutes_owed,
        minutes,
        day.state,
        day.automatic,
        day.reason,
        names.get(day.decided_by_id or 0),
        day.decided_at,
    )


def _again(segment: Segment) -> SegmentIn:
    return SegmentIn(segment.mode, hhmm(segment.starts), hhmm(segment.ends), segment.site_id, letter=segment.letter)


def _ways_out(found: Judgement) -> Iterator[RemedyOut]:
    for way in found.remedies:
        yield RemedyOut(way.action, {on: [_again(part) for part in parts] for on, parts in way.changes.items()})


def refused(found: Judgement) -> PlanRefused:
    """The refusal of the first thing that stands against a week, with every way out."""
    first: Any = (found.refusals or found.shortfalls)[0]
    return PlanRefused(ways_out=tuple(_ways_out(found)), **facts_of(first))
