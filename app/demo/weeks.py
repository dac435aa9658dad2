"""What people of the demo plan for a week: plain values in, plain values out.

The same person and week always give the same plan. Desks come first: who holds one is at its office that day.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from app.scheduling.rules import FLEXIBLE, DayState, Mode, Segment
from app.scheduling.working_time import Day
from app.spans import Span

FRIDAY = 5
ON_LEAVE, AWAY_ON_DUTY = 0.04, 0.03
"""how likely a day without a desk is one of leave, or of a journey elsewhere"""
FROM_ANYWHERE = 0.25
"""how many of the days worked elsewhere are not at home"""
GUEST_WORKS_THERE = 0.3
"""how likely somebody at another office works there; the others are on official travel"""
LATE = 0.08
"""how many ask only in the week itself"""
VISITORS_LAST_WEEK = {3: Mode.WFH, 5: Mode.WFA}
VISITORS_THIS_WEEK = {4: Mode.WFH}
"""ISO weekdays on which the demo's first visitor works elsewhere; they have yet to plan next week"""

Stage = Literal["approved", "late", "submitted", "returned", "draft"]
STAGES: tuple[Stage, ...] = ("submitted",) * 11 + ("draft",) * 4 + ("returned",) + ("approved",) * 4
"""how far the weeks to come are, in twentieths"""
REASONS = (
    "Mohon hadir pada rapat koordinasi hari itu.",
    "Tim sudah banyak yang bekerja di luar kantor hari itu, mohon pilih hari lain.",
    "Mohon lengkapi sasaran kerja untuk hari itu.",
)


class Worker(msgspec.Struct, frozen=True):
    """``most`` is how many days a week they may work flexibly; ``away_on`` the ISO weekday on which they always do, 0 for
    none; ``automatic`` whether the rules approve it; ``letters`` ends the numbers of assignment letters."""

    id: int
    site_id: int
    superior_id: int | None
    most: int
    automatic: bool = False
    away_on: int = 0
    letters: str = ""


class Sitting(msgspec.Struct, frozen=True):
    """A desk held over a span, at a site; ``booking_id`` is None for one that is yet to be written."""

    person_id: int
    site_id: int
    span: Span
    starts: int
    ends: int
    """local minutes at the site"""
    booking_id: int | None = None


class Part(msgspec.Struct, frozen=True):
    segment: Segment
    whole: bool
    sitting: Sitting | None = None


class Planned(msgspec.Struct, frozen=True):
    """A day of a plan: its parts, and where it stands."""

    on: date
    parts: tuple[Part, ...]
    state: DayState
    automatic: bool = False
    reason: str = ""
    decided_by_id: int | None = None
    decided_at: datetime | None = None

    @property
    def flexible(self) -> bool:
        return any(part.segment.mode in FLEXIBLE for part in self.parts)


class Step(msgspec.Struct, frozen=True):
    """One change in a plan's life, as the journal tells it."""

    verb: str
    at: datetime
    actor_id: int | None
    days: tuple[date, ...]
    reason: str = ""


class PlannedWeek(msgspec.Struct, frozen=True):
    monday: date
    worker: Worker
    days: tuple[Planned, ...]
    steps: tuple[Step, ...]


class Hours:
    """Working days of one person, by site and date."""

    def __init__(self, days: Mapping[tuple[int, date], Day], own_site: int) -> None:
        self._days, self._own = days, own_site

    def at(self, site_id: int, on: date) -> Day:
        return self._days[site_id, on]

    @property
    def working(self) -> list[date]:
        return sorted(on for (site_id, on), day in self._days.items() if site_id == self._own and day.spans)


# Where somebody works


def parts_of(
    worker: Worker,
    monday: date,
    hours: Hours,
    sittings: Mapping[date, Sitting],
    wanted: Mapping[int, Mode] | None = None,
) -> dict[date, tuple[Part, ...]]:
    """Every working day of a week, planned. ``wanted`` are modes by ISO weekday for whoever doesn't leave it to chance."""
    dice = random.Random(f"week/{worker.id}/{monday}")  # noqa: S311 - a demo is the same for everybody
    working = hours.working
    if wanted is None:
        wanted = _chosen(worker, [on for on in working if on not in sittings], dice)
    left = worker.most - len([on for on in working if on not in sittings and wanted.get(on.isoweekday()) in FLEXIBLE])
    found: dict[date, tuple[Part, ...]] = {}
    for on in working:
        if sitting := sittings.get(on):
            parts = _at_a_desk(worker, on, hours, sitting, dice, left > 0)
            left -= any(part.segment.mode in FLEXIBLE for part in parts)
        else:
            parts = (_whole(worker, on, hours, wanted.get(on.isoweekday(), Mode.WFO), worker.site_id),)
        found[on] = parts
    return found


def _chosen(worker: Worker, free: Iterable[date], dice: random.Random) -> dict[int, Mode]:
    """What somebody does on days without a desk: one or two of them elsewhere, Friday most likely."""
    days = sorted(free, key=lambda on: dice.random() - (0.4 if on.isoweekday() == FRIDAY else 0))
    if worker.away_on:
        return {on.isoweekday(): _elsewhere(dice) for on in days if on.isoweekday() == worker.away_on and worker.most}
    elsewhere = min(worker.most, dice.choice((1, 1, 2)))
    modes = {on.isoweekday(): _elsewhere(dice) for on in days[:elsewhere]}
    for on in days[elsewhere:]:
        draw = dice.random()
        if draw < ON_LEAVE:
            modes[on.isoweekday()] = Mode.LEAVE
        elif draw < ON_LEAVE + AWAY_ON_DUTY:
            modes[on.isoweekday()] = Mode.TRAVEL
    return modes


def _elsewhere(dice: random.Random) -> Mode:
    return Mode.WFA if dice.random() < FROM_ANYWHERE else Mode.WFH


def _at_a_desk(
    worker: Worker, on: date, hours: Hours, sitting: Sitting, dice: random.Random, may_flex: bool
) -> tuple[Part, ...]:
    """The desk's own hours are a part of the day; what they leave of it comes before."""
    draw = dice.random()
    if sitting.site_id == worker.site_id:
        mode = Mode.WFO
    else:
        mode = Mode.OTHER_OFFICE if may_flex and draw < GUEST_WORKS_THERE else Mode.TRAVEL
    day = hours.at(sitting.site_id, on)
    letter = _letter(worker, on) if mode is Mode.TRAVEL else ""
    at_desk = Segment(sitting.starts, sitting.ends, mode, sitting.site_id, letter)
    whole = (sitting.starts, sitting.ends) == (day.starts, day.ends)
    part = Part(at_desk, whole, sitting)
    if sitting.starts < day.break_ends:
        return (part,)
    before = Mode.WFH if mode is Mode.WFO and may_flex and draw < 0.5 else mode
    return Part(Segment(day.starts, day.break_starts, before, sitting.site_id, letter), False), part


def _whole(worker: Worker, on: date, hours: Hours, mode: Mode, site_id: int) -> Part:
    day = hours.at(site_id, on)
    letter = _letter(worker, on) if mode is Mode.TRAVEL else ""
    return Part(Segment(day.starts, day.ends, mode, site_id, letter), True)


def _letter(worker: Worker, on: date) -> str:
    return f"ST-{worker.id % 400 + 100}/{worker.letters}/{on:%m}/{on.year}"


# How far it has come


def stage(worker: Worker, monday: date, *, today: date, must: Stage | None = None) -> Stage:
    """Weeks that have begun are approved, but for a few; ``must`` is how far a week to come has to be."""
    dice = random.Random(f"stage/{worker.id}/{monday}")  # noqa: S311 - a demo is the same for everybody
    draw = dice.random()
    if monday > today:
        return must or STAGES[int(draw * len(STAGES))]
    return "late" if draw < LATE and must is None else "approved"


def planned_week(
    worker: Worker, monday: date, parts: Mapping[date, tuple[Part, ...]], stage: Stage, *, today: date, now: datetime
) -> PlannedWeek:
    """A week with what has come of it by ``now``."""
    dice = random.Random(f"life/{worker.id}/{monday}")  # noqa: S311 - a demo is the same for everybody
    eve = datetime.combine(monday, datetime.min.time(), now.tzinfo) - timedelta(days=3)
    planned_at = (min(now, eve) - timedelta(minutes=dice.randrange(720, 3 * 1440))).replace(microsecond=0)
    submitted_at = planned_at + timedelta(minutes=dice.randrange(2, 40))
    decided_at = submitted_at + timedelta(minutes=dice.randrange(20, 660))
    reason = dice.choice(REASONS)
    days = []
    for on, of_day in parts.items():
        day = Planned(on, of_day, DayState.DRAFT)
        if stage != "draft":
            day = _submitted(day, worker, stage, reason, submitted_at, decided_at, today=today)
        days.append(day)
    every = tuple(day.on for day in days)
    steps = [Step("planned", planned_at, worker.id, every)]
    if stage != "draft":
        steps.append(Step("submitted", submitted_at, worker.id, every))
        by_state: dict[DayState, list[date]] = {}
        for day in days:
            if day.decided_by_id:
                by_state.setdefault(day.state, []).append(day.on)
        for state, decided in by_state.items():
            said = reason if state is DayState.RETURNED else ""
            steps.append(Step(state.value, decided_at, worker.superior_id, tuple(decided), said))
    return PlannedWeek(monday, worker, tuple(days), tuple(steps))


def _submitted(
    day: Planned, worker: Worker, stage: Stage, reason: str, asked_at: datetime, decided_at: datetime, *, today: date
) -> Planned:
    """Days at the own office stand at once, and so does everything where the rules approve."""
    if not day.flexible or worker.automatic:
        return msgspec.structs.replace(day, state=DayState.APPROVED, automatic=True, decided_at=asked_at)
    if stage == "submitted" or (stage == "late" and day.on > today) or worker.superior_id is None:
        return msgspec.structs.replace(day, state=DayState.SUBMITTED)
    state = DayState.RETURNED if stage == "returned" else DayState.APPROVED
    return msgspec.structs.replace(
        day,
        state=state,
        reason=reason if state is DayState.RETURNED else "",
        decided_by_id=worker.superior_id,
        decided_at=decided_at,
    )
