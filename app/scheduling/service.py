"""Week plans: read, plan with desks, submit, take back. One transaction holds the plan, its desks and its journal entry.

Locks are taken in one order everywhere: coverage rules, then the week, then bookings, then person and desks.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import clock, journal, weeks
from app.errors import Invalid, Stale
from app.people.access import Actor
from app.rooms import plan_desks
from app.rooms.plan_desks import BookingOut, NotBookable
from app.scheduling import approvers, desks, judgement, plans, rules, whereabouts
from app.scheduling.desks import Wish
from app.scheduling.errors import NothingToSubmit, PastDay, PlanRefused, facts_of
from app.scheduling.ground import Ground, ground, written
from app.scheduling.judgement import Judgement, judge
from app.scheduling.plans import Day, Part, Plan
from app.scheduling.rules import DayState, Segment
from app.scheduling.shapes import ApproverOut, DayOut, RemedyOut, SegmentIn, SegmentOut, WeekIn, WeekOut
from app.spans import Span

PENDING = (DayState.DRAFT, DayState.RETURNED, DayState.REVOKED)
"""States from which a day can be submitted."""


class SeenWeek(msgspec.Struct, frozen=True):
    """A week as it stands, with what the rules say about it; the edge finds the words. ``desks_refused`` are days whose
    desk was refused and left out, as asked."""

    week: WeekOut
    judgement: Judgement
    desks_refused: tuple[tuple[date, NotBookable], ...] = ()


def week_for(session: Session, actor: Actor, person_id: int, week: str, *, now: datetime) -> SeenWeek:
    """A week of one's own, or of somebody whose weeks one may plan. Raises Invalid, NotFound, Forbidden."""
    base = ground(session, actor, person_id, week, now=now)
    return _seen(session, base, plans.read(session, person_id, base.monday))


def look(session: Session, actor: Actor, person_id: int, week: str, wanted: WeekIn, *, now: datetime) -> SeenWeek:
    """What the rules would say to ``wanted``, without writing anything; desks are not tried. Raises as ``put_week``."""
    base = ground(session, actor, person_id, week, now=now)
    plan = plans.read(session, person_id, base.monday)
    drafts = _drafts(base, plan, wanted)
    segments = {on: tuple(draft.segment for draft in drafts.get(on, ())) for on in base.days}
    found = judge(session, base, _kept(base, plan, drafts), segments)
    return _shown(session, base, plan, segments, found, _held(session, base, plan))


def put_week(
    session: Session,
    actor: Actor,
    person_id: int,
    week: str,
    wanted: WeekIn,
    *,
    version: int | None = None,
    now: datetime,
) -> SeenWeek:
    """Plan a week with its desks, all of it or nothing. A day that changes is a draft again; the others stay what they are.

    Raises Invalid, NotFound, Forbidden, Stale, PastDay for a change of a day that is over, PlanRefused if a rule says no,
    NotBookable if a desk is refused (unless ``wanted`` goes on without).
    """
    base = ground(session, actor, person_id, week, now=now)
    plans.lock(session, person_id, base.monday)
    plan = plans.read(session, person_id, base.monday)
    if version is not None and version != plan.version:
        raise Stale(version=plan.version)
    drafts = _drafts(base, plan, wanted)
    segments = {on: tuple(draft.segment for draft in drafts.get(on, ())) for on in base.days}
    found = judge(session, base, _kept(base, plan, drafts), segments)
    if found.refusals:
        raise refused(base, found)
    held = _held(session, base, plan)
    changed = _write(session, plan, base, drafts, held)
    if changed is None:
        return _shown(session, base, plan, segments, found, held)
    settled = desks.settle(session, actor, base, changed.wishes, go_on=wanted.without_desk, now=now)
    plan = plans.save(session, changed.plan)
    _record(session, plan, "planned", actor, base, changed.days, now=now)
    now_held = {part_id: desk for part_id, desk in (held | settled.held).items() if desk is not None}
    return replace(_shown(session, base, plan, segments, found, now_held), desks_refused=settled.refused)


def submit(
    session: Session,
    actor: Actor,
    person_id: int,
    week: str,
    *,
    despite_coverage: bool = False,
    version: int | None = None,
    now: datetime,
) -> SeenWeek:
    """Ask for what a week plans. Days at the own office stand at once; so does everything where the policy lets the rules
    approve and nothing is to be said against it.

    Raises Invalid, NotFound, Forbidden, Stale, NothingToSubmit, PlanRefused if a rule says no, or if the team would fall
    short on site and ``despite_coverage`` doesn't leave that to the approver.
    """
    base = ground(session, actor, person_id, week, now=now)
    whereabouts.lock(session, whereabouts.rules_about(base))
    plans.lock(session, person_id, base.monday)
    plan = plans.read(session, person_id, base.monday)
    if version is not None and version != plan.version:
        raise Stale(version=plan.version)
    asked = [day for day in plan.planned(*PENDING) if day.on >= base.today]
    if not asked:
        raise NothingToSubmit
    before = counted(base, plan)
    after = before | {day.on: segments_of(base, day) for day in asked}
    found = judge(session, base, before, after)
    if found.refusals or (found.shortfalls and not despite_coverage):
        raise refused(base, found)
    rule = judgement.approval(base)
    automatic = rule.automatic and found.clean
    deciding = [day for day in asked if judgement.needs_decision(rule, segments_of(base, day)) and not automatic]
    standing = [day for day in asked if day not in deciding]
    if standing:
        plans.set_state(session, (day.id for day in standing), DayState.APPROVED, automatic=True, at=now)
    if deciding:
        plans.set_state(session, (day.id for day in deciding), DayState.SUBMITTED)
    plan = plans.save(session, plan, step=0)
    _record(session, plan, "submitted", actor, base, [day.on for day in asked], now=now)
    if deciding:
        approvers.ask(session, base, plan, rule, now=now)
    return _seen(session, base, plans.read(session, person_id, base.monday))


def withdraw(
    session: Session, actor: Actor, person_id: int, week: str, *, version: int | None = None, now: datetime
) -> SeenWeek:
    """Take back what waits for a decision; its days are drafts again. Raises Invalid, NotFound, Forbidden, Stale,
    NothingToSubmit if nothing waits."""
    base = ground(session, actor, person_id, week, now=now)
    plans.lock(session, person_id, base.monday)
    plan = plans.read(session, person_id, base.monday)
    if version is not None and version != plan.version:
        raise Stale(version=plan.version)
    waiting = plan.planned(DayState.SUBMITTED)
    if not waiting:
        raise NothingToSubmit
    plans.set_state(session, (day.id for day in waiting), DayState.DRAFT)
    plan = plans.save(session, plan, step=0)
    _record(session, plan, "withdrawn", actor, base, [day.on for day in waiting], now=now)
    return _seen(session, base, plans.read(session, person_id, base.monday))


# Reading


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
    return _shown(session, base, plan, segments, found, _held(session, base, plan))


_seen = seen


def _held(session: Session, base: Ground, plan: Plan) -> dict[int, BookingOut]:
    """The desks of a week's parts, by the part's id."""
    return plan_desks.planned_desks(session, plan.person_id, _span(base)) if plan.id else {}


def _shown(
    session: Session,
    base: Ground,
    plan: Plan,
    segments: dict[date, tuple[Segment, ...]],
    found: Judgement,
    held: dict[int, BookingOut],
) -> SeenWeek:
    rule = judgement.approval(base)
    waiting = any(judgement.needs_decision(rule, parts) for parts in segments.values())
    week = WeekOut(
        plan.person_id,
        weeks.week_of(base.monday),
        plan.version,
        rules.state_of(day.state for day in plan.planned()),
        {day.on: _parts(base, day, held) for day in plan.planned()},
        {on: _about(session, base, plan.days.get(on), segments.get(on, ()), on) for on in base.days},
        [],
        [
            RemedyOut(way.action, {on: [_again(part) for part in parts] for on, parts in way.changes.items()})
            for way in found.remedies
        ],
        [ApproverOut(one.id, one.name, one.acting_for) for one in approvers.of(session, base, rule, plan.step)]
        if waiting
        else [],
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
        written(segment.starts),
        written(segment.ends),
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


def _about(session: Session, base: Ground, day: Day | None, segments: tuple[Segment, ...], on: date) -> DayOut:
    hours = base.days[on]
    spare = hours.break_ends - hours.break_starts
    minutes = sum(
        segment.minutes - (spare if segment.starts <= hours.break_starts and segment.ends >= hours.break_ends else 0)
        for segment in segments
    )
    if day is None or not day.parts:
        return DayOut(hours.kind, hours.name, hours.minutes_owed, minutes)
    by = approvers.name_of(session, day.decided_by_id)
    return DayOut(
        hours.kind,
        hours.name,
        hours.minutes_owed,
        minutes,
        day.state,
        day.automatic,
        day.reason,
        by,
        day.decided_at,
    )


def _again(segment: Segment) -> SegmentIn:
    return SegmentIn(
        segment.mode, written(segment.starts), written(segment.ends), segment.site_id, letter=segment.letter
    )


def refused(base: Ground, found: Judgement) -> PlanRefused:
    """The refusal of the first thing that stands against a week, with every way out."""
    first: Any = (found.refusals or found.shortfalls)[0]
    ways = tuple(
        RemedyOut(way.action, {on: [_again(part) for part in parts] for on, parts in way.changes.items()})
        for way in found.remedies
    )
    return PlanRefused(ways_out=ways, **facts_of(first))


# Writing


class _Draft(msgspec.Struct, frozen=True):
    """A part as wanted, with the stored part it stays, if it does."""

    segment: Segment
    whole: bool
    wanted: SegmentIn
    stays: Part | None = None


class _Changed(msgspec.Struct, frozen=True):
    plan: Plan
    days: list[date]
    wishes: list[Wish]


def _drafts(base: Ground, plan: Plan, wanted: WeekIn) -> dict[date, list[_Draft]]:
    """Each day's parts in their order; days that aren't named stay as they are if they are over or off, as a day off may be
    one no more. Raises Invalid, PastDay."""
    drafts = {}
    for on, parts in wanted.days.items():
        if on not in base.days:
            raise Invalid(problem=f"days.{on}")
        drafts[on] = _day(base, plan.days.get(on), on, parts)
    for day in plan.planned():
        if (day.on < base.today or not base.days[day.on].spans) and day.on not in drafts:
            drafts[day.on] = [_Draft(base.resolved(part, day.on), part.whole, _as_is(part), part) for part in day.parts]
    return drafts


def _day(base: Ground, day: Day | None, on: date, parts: list[SegmentIn]) -> list[_Draft]:
    read = []
    for part in parts:
        if part.site_id is not None and part.site_id not in base.sites:
            raise Invalid(problem=f"days.{on}: site_id")
        if part.starts is None and part.ends is None and not base.hours(on, part.site_id or base.person.site_id).spans:
            off = base.days[on]
            raise PlanRefused(
                ways_out=(RemedyOut("drop-day", {on: []}),),
                rule="day-off",
                basis=off.basis,
                on=on,
                name=off.name,
                name_en=off.name_en,
            )
        segment, whole = base.read(part, on)
        desks.check(on, segment, part.desk_id, part.near_team)
        read.append(_Draft(segment, whole, part))
    read.sort(key=lambda draft: draft.segment)
    if problem := rules.disorder([draft.segment for draft in read]):
        raise Invalid(problem=f"days.{on}: {problem}")
    drafts = _matched(base, day, on, read)
    if on < base.today and not _same(base, day, on, drafts):
        raise PastDay(on=on)
    return drafts


def _matched(base: Ground, day: Day | None, on: date, drafts: list[_Draft]) -> list[_Draft]:
    """Which stored part each wanted one stays: the very same first, then one of the same kind whose hours moved. So a desk
    follows its part."""
    left = list(day.parts) if day else []
    found: list[_Draft] = []
    for draft in drafts:
        same = next((part for part in left if base.resolved(part, on) == draft.segment), None)
        if same:
            left.remove(same)
        found.append(replace(draft, stays=same))
    for n, draft in enumerate(found):
        if draft.stays is None:
            kin = (part for part in left if _kind(part.segment) == _kind(draft.segment))
            if part := next(kin, None):
                left.remove(part)
                found[n] = replace(draft, stays=part)
    return found


def _kind(segment: Segment) -> tuple[str, int]:
    return segment.mode, segment.site_id


def _same(base: Ground, day: Day | None, on: date, drafts: list[_Draft]) -> bool:
    """Whether a day stays as it is, its desks aside."""
    before = [(base.resolved(part, on), part.whole) for part in day.parts] if day else []
    return sorted(before) == sorted((draft.segment, draft.whole) for draft in drafts)


def _as_is(part: Part) -> SegmentIn:
    return SegmentIn(part.segment.mode)


def _kept(base: Ground, plan: Plan, drafts: dict[date, list[_Draft]]) -> dict[date, tuple[Segment, ...]]:
    """What goes on to count of a week: days that change are drafts again, and count for nobody until they are submitted."""
    return {
        on: parts for on, parts in counted(base, plan).items() if _same(base, plan.days[on], on, drafts.get(on, []))
    }


def _write(
    session: Session, plan: Plan, base: Ground, drafts: dict[date, list[_Draft]], held: dict[int, BookingOut]
) -> _Changed | None:
    """Write what differs; None if nothing does. Desks are wished for, not yet held."""
    if not plan.id and not any(drafts.values()):
        return None
    if not plan.id:
        plan = plans.add(session, base.person.id, base.monday)
    changed: list[date] = []
    wishes: list[Wish] = []
    gone: list[Part] = []
    days = dict(plan.days)
    for on in base.days:
        day, wanted = plan.days.get(on), drafts.get(on, [])
        if not wanted and (day is None or not day.parts):
            continue
        same = _same(base, day, on, wanted)
        if not same:
            changed.append(on)
        day_id = day.id if day else plans.add_day(session, plan, on, DayState.DRAFT)
        if day and not same and day.state is not DayState.DRAFT:
            plans.set_state(session, [day.id], DayState.DRAFT)
        ids = [_write_part(session, base, day_id, on, draft) for draft in wanted]
        before = day if day and (same or day.state is DayState.DRAFT) else Day(day_id, on, DayState.DRAFT)
        parts = (Part(id, draft.segment, draft.whole) for id, draft in zip(ids, wanted, strict=True))
        days[on] = replace(before, parts=tuple(parts))
        stay = {draft.stays.id for draft in wanted if draft.stays}
        gone += [part for part in (day.parts if day else ()) if part.id not in stay]
        for id, draft in zip(ids, wanted, strict=True):
            wish = Wish(on, id, draft.segment, draft.wanted.desk_id, draft.wanted.near_team, held.get(id))
            if _moves(base, wish):
                wishes.append(wish)
    for part in gone:
        if part.id in held:
            wishes.append(Wish(base.monday, part.id, part.segment, None, has=held[part.id]))
    if gone:
        plans.end_parts(session, [part.id for part in gone])
    if not changed and not wishes:
        return None
    return _Changed(replace(plan, days=days), changed, wishes)


def _write_part(session: Session, base: Ground, day_id: int, on: date, draft: _Draft) -> int:
    part = draft.stays
    if part is None:
        return plans.add_part(session, day_id, draft.segment, whole=draft.whole)
    if base.resolved(part, on) != draft.segment or part.whole != draft.whole:
        plans.change_part(session, Part(part.id, draft.segment, draft.whole))
    return part.id


def _moves(base: Ground, wish: Wish) -> bool:
    """Whether there is anything to do about a part's desk."""
    if wish.has is None:
        return wish.near_team or (wish.desk_id is not UNSET and wish.desk_id is not None)
    return (
        (wish.desk_id is not UNSET and wish.desk_id != wish.has.space_id)
        or wish.has.span != desks.span_of(base, wish.on, wish.segment)
        or not desks.may_hold(wish.segment)
    )


def _record(
    session: Session, plan: Plan, verb: str, actor: Actor, base: Ground, days: list[date], *, now: datetime
) -> None:
    facts = {
        "person_id": plan.person_id,
        "week": weeks.week_of(base.monday),
        "days": [on.isoformat() for on in sorted(days)],
    }
    journal.record(session, verb, "week-plan", plan.id, actor_id=actor.id, at=now, version=plan.version, facts=facts)
