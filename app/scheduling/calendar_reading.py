"""Week plans as calendars tell them, and versions of them as parts of the caller's statement.

A week's row stays with its person and Monday, and its version only grows: count and sum of the versions of some people's
weeks change with each change of one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import BindParameter, ScalarSelect, String, and_, bindparam, cast, func, or_, select
from sqlalchemy.orm import Session

from app import journal
from app.db.many import HotForMany
from app.scheduling.models import PlanDay, SegmentRow, WeekPlan
from app.scheduling.rules import COUNTED, STANDING, DayState, Mode


class PlannedPart(msgspec.Struct, frozen=True):
    """A part of a planned day, in minutes since the local midnight of the site; ``whole``: it lasts as long as the day."""

    id: int
    mode: Mode
    starts: int
    ends: int
    site_id: int
    whole: bool


class DayPlanned(msgspec.Struct, frozen=True):
    """A planned day of somebody; ``version`` and ``changed_at`` are those of its week."""

    person_id: int
    on: date
    state: DayState
    parts: tuple[PlannedPart, ...]
    version: int
    changed_at: datetime


def version_of(people: Any) -> ScalarSelect[Any]:
    """The version of the weeks from ``monday`` up to ``until_on`` of the people whose ids are a select or a parameter."""
    these = WeekPlan.person_id == people if isinstance(people, BindParameter) else WeekPlan.person_id.in_(people)
    within = and_(WeekPlan.monday_on >= bindparam("monday"), WeekPlan.monday_on < bindparam("until_on"))
    told = cast(func.count(), String) + "." + cast(func.coalesce(func.sum(WeekPlan.version), 0), String)
    return select(told).where(these, within).scalar_subquery()


_DAYS: HotForMany[Any] = HotForMany(
    lambda ids: (
        select(
            PlanDay.person_id,
            PlanDay.on,
            PlanDay.state,
            SegmentRow.id,
            SegmentRow.mode,
            SegmentRow.starts,
            SegmentRow.ends,
            SegmentRow.site_id,
            SegmentRow.whole,
            WeekPlan.version,
            journal.changed_at("week-plan", WeekPlan.id),
        )
        .join(SegmentRow, SegmentRow.day_id == PlanDay.id)
        .join(WeekPlan, WeekPlan.id == PlanDay.plan_id)
        .where(
            PlanDay.person_id.in_(ids),
            PlanDay.on >= bindparam("from_on"),
            PlanDay.on < bindparam("until_on"),
            or_(*(PlanDay.state == state.value for state in sorted(STANDING))),
            SegmentRow.active,
        )
        .order_by(PlanDay.person_id, PlanDay.on, SegmentRow.starts, SegmentRow.id)
    )
)


def days_of(
    session: Session, people_ids: Iterable[int], from_on: date, until_on: date, *, own: bool, now: datetime
) -> list[DayPlanned]:
    """Planned days from one date up to another, by person and date; without ``own`` only what was asked for or approved, as
    colleagues see it. ``now`` stands for when a week changed that the journal says nothing of."""
    found: dict[tuple[int, date], DayPlanned] = {}
    rows: list[Any] = _DAYS.rows(session, people_ids, {"from_on": from_on, "until_on": until_on})
    for person_id, on, state, id, mode, starts, ends, site_id, whole, version, changed_at in rows:
        if not own and DayState(state) not in COUNTED:
            continue
        part = PlannedPart(id, Mode(mode), starts, ends, site_id, bool(whole))
        known = found.get((person_id, on))
        parts = (*known.parts, part) if known else (part,)
        found[person_id, on] = DayPlanned(person_id, on, DayState(state), parts, version, changed_at or now)
    return list(found.values())
