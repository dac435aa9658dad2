"""Week plans as they are stored: read with two statements, written by what differs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.orm import Session

from app import journal, weeks
from app.db import locks_rows
from app.db.hot import Hot
from app.scheduling.models import PlanDay, SegmentRow, WeekPlan
from app.scheduling.rules import DayState, Mode, Segment


class Part(msgspec.Struct, frozen=True):
    """A stored part of a day. A ``whole`` one lasts as long as the working day, whatever its hours become."""

    id: int
    segment: Segment
    whole: bool = False


class Day(msgspec.Struct, frozen=True):
    """A stored day; without parts it is planned no more, and as good as none."""

    id: int
    on: date
    state: DayState
    automatic: bool = False
    reason: str = ""
    decided_by_id: int | None = None
    decided_at: datetime | None = None
    parts: tuple[Part, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """One person's week; ``id`` and ``version`` are 0 for one that was never written."""

    id: int
    person_id: int
    monday: date
    step: int = 0
    version: int = 0
    days: dict[date, Day] = {}

    def planned(self, *states: DayState) -> list[Day]:
        """Days that hold something, in these states or in any."""
        return [day for day in self.days.values() if day.parts and (not states or day.state in states)]


_DAY = (
    PlanDay.id,
    PlanDay.on,
    PlanDay.state,
    PlanDay.automatic,
    PlanDay.reason,
    PlanDay.decided_by_id,
    PlanDay.decided_at,
)
_PART = (
    SegmentRow.id,
    SegmentRow.starts,
    SegmentRow.ends,
    SegmentRow.mode,
    SegmentRow.site_id,
    SegmentRow.letter,
    SegmentRow.whole,
)
_WEEK = Hot[Any](
    select(WeekPlan.id, WeekPlan.step, WeekPlan.version, *_DAY, *_PART)
    .select_from(WeekPlan)
    .outerjoin(PlanDay, PlanDay.plan_id == WeekPlan.id)
    .outerjoin(SegmentRow, and_(SegmentRow.day_id == PlanDay.id, SegmentRow.active))
    .where(WeekPlan.person_id == bindparam("person"), WeekPlan.monday_on == bindparam("monday"))
    .order_by(PlanDay.on, SegmentRow.starts)
)
_LOCK = Hot(
    select(WeekPlan.id)
    .where(WeekPlan.person_id == bindparam("person"), WeekPlan.monday_on == bindparam("monday"))
    .with_for_update(key_share=True),
    int,
)
_ADD_PLAN = Hot(
    insert(WeekPlan)
    .values({name: bindparam(name) for name in ("person_id", "monday_on", "step", "version")})
    .returning(WeekPlan.id),
    int,
    columns=(WeekPlan.id,),
)
_SAVE_PLAN = Hot[None](
    update(WeekPlan)
    .where(WeekPlan.id == bindparam("plan"))
    .values(step=bindparam("to_step"), version=bindparam("to_version")),
    columns=(),
)
_DAY_COLUMNS = ("plan_id", "person_id", "on", "state", "automatic", "reason")
_ADD_DAY = Hot(
    insert(PlanDay).values({name: bindparam(name) for name in _DAY_COLUMNS}).returning(PlanDay.id),
    int,
    columns=(PlanDay.id,),
)
_PART_COLUMNS = ("day_id", "mode", "starts", "ends", "site_id", "whole", "letter", "active")
_ADD_PART = Hot(
    insert(SegmentRow).values({name: bindparam(name) for name in _PART_COLUMNS}).returning(SegmentRow.id),
    int,
    columns=(SegmentRow.id,),
)


def lock(session: Session, person_id: int, monday: date) -> None:
    """Wait until nobody else changes this week. A week without a row yet has nothing to lock: two first writers meet at
    its unique key, and the second runs again."""
    if locks_rows(session):
        _LOCK.rows(session, {"person": person_id, "monday": monday})


def read(session: Session, person_id: int, monday: date) -> Plan:
    rows = _WEEK.rows(session, {"person": person_id, "monday": monday})
    if not rows:
        return Plan(0, person_id, monday)
    days: dict[date, Day] = {}
    for row in rows:
        if row[3] is None:
            continue
        known = days.get(row[4])
        parts = known.parts if known else ()
        if row[10] is not None:
            parts = (*parts, _part(row[10:17]))
        facts = (row[3], row[4], DayState(row[5]), *row[6:10], parts)
        days[row[4]] = Day(*facts)
    return Plan(rows[0][0], person_id, monday, rows[0][1], rows[0][2], days)


def _part(row: Any) -> Part:
    id, starts, ends, mode, site_id, letter, whole = row
    return Part(id, Segment(starts, ends, Mode(mode), site_id, letter), whole)


def add(session: Session, person_id: int, monday: date) -> Plan:
    """A new week of version 0, which its first ``save`` makes 1."""
    facts = {"person_id": person_id, "monday_on": monday, "step": 0, "version": 0}
    return Plan(_ADD_PLAN.rows(session, facts)[0], person_id, monday)


def save(session: Session, plan: Plan, *, step: int | None = None) -> Plan:
    """The plan with its next version, written."""
    plan = msgspec.structs.replace(plan, version=plan.version + 1, step=plan.step if step is None else step)
    _SAVE_PLAN.rows(session, {"plan": plan.id, "to_step": plan.step, "to_version": plan.version})
    return plan


def add_day(session: Session, plan: Plan, on: date, state: DayState) -> int:
    facts = {
        "plan_id": plan.id,
        "person_id": plan.person_id,
        "on": on,
        "state": state.value,
        "automatic": False,
        "reason": "",
    }
    return _ADD_DAY.rows(session, facts)[0]


def set_state(
    session: Session,
    day_ids: Iterable[int],
    state: DayState,
    *,
    automatic: bool = False,
    reason: str = "",
    by_id: int | None = None,
    at: datetime | None = None,
) -> None:
    session.connection().execute(
        update(PlanDay)
        .where(PlanDay.id.in_(list(day_ids)))
        .values(state=state.value, automatic=automatic, reason=reason, decided_by_id=by_id, decided_at=at)
    )


def add_part(session: Session, day_id: int, segment: Segment, *, whole: bool) -> int:
    facts = {
        "day_id": day_id,
        "mode": segment.mode.value,
        "starts": segment.starts,
        "ends": segment.ends,
        "site_id": segment.site_id,
        "whole": whole,
        "letter": segment.letter,
        "active": True,
    }
    return _ADD_PART.rows(session, facts)[0]


def change_part(session: Session, part: Part) -> None:
    """Write new hours, letter or wholeness of a part that stays what it is."""
    segment = part.segment
    session.connection().execute(
        update(SegmentRow)
        .where(SegmentRow.id == part.id)
        .values(starts=segment.starts, ends=segment.ends, whole=part.whole, letter=segment.letter)
    )


def end_parts(session: Session, ids: list[int]) -> None:
    session.connection().execute(update(SegmentRow).where(SegmentRow.id.in_(ids)).values(active=False))


def record(
    session: Session, plan: Plan, verb: str, days: Iterable[date], *, actor_id: int, at: datetime, **more: Any
) -> None:
    """The journal's entry of a change: whose week it is, and the days it is about."""
    facts = {
        "person_id": plan.person_id,
        "week": weeks.week_of(plan.monday),
        "days": [on.isoformat() for on in sorted(days)],
        **more,
    }
    journal.record(session, verb, "week-plan", plan.id, actor_id=actor_id, at=at, version=plan.version, facts=facts)
