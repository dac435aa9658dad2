"""A week as somebody wants it: read beside what is stored, and written by what differs."""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.rooms.plan_desks import BookingOut
from app.scheduling import desks, plans, rules
from app.scheduling.desks import Wish
from app.scheduling.errors import PastDay, PlanRefused
from app.scheduling.ground import Ground
from app.scheduling.plans import Day, Part, Plan
from app.scheduling.reading import counted
from app.scheduling.rules import DayState, Segment
from app.scheduling.shapes import RemedyOut, SegmentIn, WeekIn


class Draft(msgspec.Struct, frozen=True):
    """A part as wanted, with the stored part it stays, if it does."""

    segment: Segment
    whole: bool
    wanted: SegmentIn
    stays: Part | None = None


class Changed(msgspec.Struct, frozen=True):
    plan: Plan
    days: list[date]
    wishes: list[Wish]


def drafts_of(base: Ground, plan: Plan, wanted: WeekIn) -> dict[date, list[Draft]]:
    """Each day's parts in their order; days that aren't named stay as they are if they are over or off, as a day off may be
    one no more. Raises Invalid, PastDay."""
    drafts = {}
    for on, parts in wanted.days.items():
        if on not in base.days:
            raise Invalid(problem=f"days.{on}")
        drafts[on] = _day(base, plan.days.get(on), on, parts)
    for day in plan.planned():
        if (day.on < base.today or not base.days[day.on].spans) and day.on not in drafts:
            drafts[day.on] = [Draft(base.resolved(part, day.on), part.whole, _as_is(part), part) for part in day.parts]
    return drafts


def _day(base: Ground, day: Day | None, on: date, parts: list[SegmentIn]) -> list[Draft]:
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
        read.append(Draft(segment, whole, part))
    read.sort(key=lambda draft: draft.segment)
    if problem := rules.disorder([draft.segment for draft in read]):
        raise Invalid(problem=f"days.{on}: {problem}")
    drafts = _matched(base, day, on, read)
    if on < base.today and not _same(base, day, on, drafts):
        raise PastDay(on=on)
    return drafts


def _matched(base: Ground, day: Day | None, on: date, drafts: list[Draft]) -> list[Draft]:
    """Which stored part each wanted one stays: the very same first, then one of the same kind whose hours moved. So a desk
    follows its part."""
    left = list(day.parts) if day else []
    found: list[Draft] = []
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


def _same(base: Ground, day: Day | None, on: date, drafts: list[Draft]) -> bool:
    """Whether a day stays as it is, its desks aside."""
    before = [(base.resolved(part, on), part.whole) for part in day.parts] if day else []
    return sorted(before) == sorted((draft.segment, draft.whole) for draft in drafts)


def _as_is(part: Part) -> SegmentIn:
    return SegmentIn(part.segment.mode)


def segments_in(base: Ground, drafts: dict[date, list[Draft]]) -> dict[date, tuple[Segment, ...]]:
    """Every day of the week as it is wanted."""
    return {on: tuple(draft.segment for draft in drafts.get(on, ())) for on in base.days}


def kept(base: Ground, plan: Plan, drafts: dict[date, list[Draft]]) -> dict[date, tuple[Segment, ...]]:
    """What goes on to count of a week: days that change are drafts again, and count for nobody until they are submitted."""
    return {
        on: parts for on, parts in counted(base, plan).items() if _same(base, plan.days[on], on, drafts.get(on, []))
    }


def write(
    session: Session, plan: Plan, base: Ground, drafts: dict[date, list[Draft]], held: dict[int, BookingOut]
) -> Changed | None:
    """Write what differs; None if nothing does. Desks are wished for, not yet held."""
    if not plan.id:
        if not any(drafts.values()):
            return None
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
        days[on] = _write_day(session, plan, base, on, wanted, same=same)
        for part, draft in zip(days[on].parts, wanted, strict=True):
            wish = Wish(on, part.id, draft.segment, draft.wanted.desk_id, draft.wanted.near_team, held.get(part.id))
            if _moves(base, wish):
                wishes.append(wish)
        stay = {draft.stays.id for draft in wanted if draft.stays}
        gone += [part for part in (day.parts if day else ()) if part.id not in stay]
    wishes += [Wish(base.monday, part.id, part.segment, None, has=held[part.id]) for part in gone if part.id in held]
    if gone:
        plans.end_parts(session, [part.id for part in gone])
    return Changed(replace(plan, days=days), changed, wishes) if changed or wishes else None


def _write_day(session: Session, plan: Plan, base: Ground, on: date, wanted: list[Draft], *, same: bool) -> Day:
    """The day as it is now: a draft again if it isn't the ``same``."""
    day = plan.days.get(on) or Day(plans.add_day(session, plan, on, DayState.DRAFT), on, DayState.DRAFT)
    if not same and day.state is not DayState.DRAFT:
        plans.set_state(session, [day.id], DayState.DRAFT)
        day = Day(day.id, on, DayState.DRAFT)
    parts = (Part(_write_part(session, base, day.id, on, one), one.segment, one.whole) for one in wanted)
    return replace(day, parts=tuple(parts))


def _write_part(session: Session, base: Ground, day_id: int, on: date, draft: Draft) -> int:
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
