"""Week plans of the demo: last week, this one and the next, for everybody who has none yet, written with few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app import clock, sites
from app.demo import weeks
from app.demo.seating import Colleague
from app.demo.weeks import Hours, Part, Planned, PlannedWeek, Sitting, Stage, Step, Worker
from app.people.models import Agency, Person, Unit
from app.rooms.models import Booking, Floor, Space
from app.scheduling import policies, rulebook
from app.scheduling.models import PlanDay, SegmentRow, WeekPlan
from app.scheduling.policy_kinds import Approval, FlexibleDays
from app.scheduling.rulebook import Rulebook
from app.scheduling.rules import AT_OFFICE, DayState, Mode, Planner
from app.scheduling.working_time import Day, Whose
from app.spans import Span
from app.weeks import days_of, week_of

Ties = dict[tuple[int, datetime], int]
"""The part of a plan that a desk was booked for, by person and start of the booking."""
Entry = dict[str, Any]

NOON = 12 * 60
WITH_DESK = AT_OFFICE | {Mode.TRAVEL}
UNDECIDED = (DayState.DRAFT, DayState.RETURNED, DayState.SUBMITTED)


class _Somebody(msgspec.Struct, frozen=True):
    """A colleague with the facts that policies look at."""

    colleague: Colleague
    whose: Whose
    planner: Planner
    superior_id: int | None
    agency: str


def mondays(today: date) -> tuple[date, date, date]:
    """Of last week, this one and the next."""
    this = today - timedelta(days=today.weekday())
    return this - timedelta(days=7), this, this + timedelta(days=7)


# Where people said they would be


class Place(msgspec.Struct, frozen=True):
    """The office where somebody said they would be, all day or in the afternoon."""

    site_id: int
    part: Literal["day", "pm"]


def places(session: Session, from_on: date) -> dict[date, dict[int, Place | None]]:
    """What is planned from a local date on, by date and person; None for whoever can't use a desk for these hours."""
    rows = session.execute(
        select(
            PlanDay.on, PlanDay.person_id, Person.site_id, SegmentRow.site_id, SegmentRow.mode, SegmentRow.starts,
            SegmentRow.whole,
        )
        .join(SegmentRow, SegmentRow.day_id == PlanDay.id)
        .join(Person, Person.id == PlanDay.person_id)
        .where(PlanDay.on >= from_on, SegmentRow.active)
        .order_by(PlanDay.id, SegmentRow.starts)
    )  # fmt: skip
    found: dict[date, dict[int, Place | None]] = defaultdict(dict)
    for on, person_id, posted, site_id, mode, starts, whole in rows:
        at_office = mode in AT_OFFICE or (mode == Mode.TRAVEL and site_id != posted)
        place = Place(site_id, "day" if whole else "pm") if at_office and (whole or starts >= NOON) else None
        found[on][person_id] = place or found[on].get(person_id)
    return found


# Making plans


def make(
    session: Session,
    crowd: Iterable[Colleague],
    visitor: Colleague,
    seats: Iterable[Sitting],
    *,
    today: date,
    now: datetime,
    decided: bool = False,
) -> tuple[Ties, list[Entry]]:
    """Write the weeks that are lacking, with the desks that are held already or about to be (``seats``). With ``decided``
    all of them are approved, those to come as well.

    Returns which of ``seats`` belong to which parts, and what the journal has to tell.
    """
    seats = tuple(seats)
    ties = _known_parts(session, seats)
    everybody = _everybody(session, (visitor, *crowd))
    missing = _missing(session, everybody, visitor, today=today)
    if not missing:
        return ties, []
    held = _held(session, mondays(today)[0], seats)
    setting = _Setting(session, everybody, visitor, today=today, now=now, decided=decided)
    weeks_found = (setting.week(one, monday, held) for one, monday in missing)
    made, entries = _write(session, [week for week in weeks_found if week.days])
    return ties | made, entries


class _Setting:
    """What all the weeks of one filling have in common."""

    def __init__(
        self,
        session: Session,
        everybody: Mapping[int, _Somebody],
        visitor: Colleague,
        *,
        today: date,
        now: datetime,
        decided: bool,
    ) -> None:
        self._today, self._now, self._decided = today, now, decided
        self._this_monday = mondays(today)[1]
        self._book = rulebook.current(session)
        self._allowances = _Allowances(self._book)
        self._zones = {site.id: site.zone for site in sites.sites(session)}
        self._visitor = visitor.id
        self._boss = everybody[visitor.id].superior_id
        boss = everybody.get(self._boss or 0)
        self._above = boss.superior_id if boss else None

    def week(self, one: _Somebody, monday: date, held: Mapping[tuple[int, date], Sitting]) -> PlannedWeek:
        me = one.colleague
        sittings = {on: sitting for on in days_of(monday) if (sitting := held.get((me.id, on)))}
        days = {(me.site_id, on): self._day(one.whose, on) for on in days_of(monday)}
        for on, sitting in sittings.items():
            there = msgspec.structs.replace(one.whose, site_id=sitting.site_id)
            days[sitting.site_id, on] = self._day(there, on)
        most, automatic = self._allowances.of(one, monday)
        most = 0 if one.superior_id is None else most  # whose approval it would need, nobody could say
        worker = Worker(me.id, me.site_id, one.superior_id, most, automatic, me.away_on, one.agency)
        parts = weeks.parts_of(worker, monday, Hours(days, me.site_id), sittings, self._wanted(one, monday))
        stage = weeks.stage(worker, monday, today=self._today, must=self._stage(one))
        return weeks.planned_week(worker, monday, parts, stage, today=self._today, now=self._now)

    def _day(self, whose: Whose, on: date) -> Day:
        return self._book.calendar.day(on, whose, self._zones[whose.site_id])

    def _wanted(self, one: _Somebody, monday: date) -> Mapping[int, Mode] | None:
        """The visitor's weeks are there to be copied, but today they see the office; their superior is always there."""
        if one.colleague.id == self._boss:
            return {}
        if one.colleague.id != self._visitor:
            return None
        if monday < self._this_monday:
            return weeks.VISITORS_LAST_WEEK
        today = self._today.isoweekday()
        return {weekday: mode for weekday, mode in weeks.VISITORS_THIS_WEEK.items() if weekday != today}

    def _stage(self, one: _Somebody) -> Stage | None:
        """The visitor's superior has the weeks of their unit to decide, one of which went back to its planner, and those of
        whoever is beside them: they stand in for the superior of both."""
        if self._decided or one.colleague.id == self._visitor:
            return "approved"
        if one.superior_id is None:
            return None
        if one.superior_id == self._boss:
            return "returned" if one.colleague.away_on == weeks.FRIDAY else "submitted"
        return "submitted" if one.superior_id == self._above else None


class _Allowances:
    """How many flexible days somebody has and whether the rules approve them: the same for a whole unit."""

    def __init__(self, book: Rulebook) -> None:
        self._book = book
        self._known: dict[tuple[int, str, bool, date], tuple[int, bool]] = {}

    def of(self, one: _Somebody, monday: date) -> tuple[int, bool]:
        planner = one.planner
        key = (planner.unit_id, planner.unit_kind, planner.eligible, monday)
        if key not in self._known:
            holding = policies.in_force(self._book.policies, planner, monday)
            days, approval = holding.get("flexible-days"), holding.get("approval")
            most = days.rule.most if days and isinstance(days.rule, FlexibleDays) else 5
            may = planner.eligible and planner.unit_kind != "direct-service"
            automatic = approval is not None and isinstance(approval.rule, Approval) and approval.rule.automatic
            self._known[key] = (most if may else 0, automatic)
        return self._known[key]


# Reading


def _everybody(session: Session, crowd: Iterable[Colleague]) -> dict[int, _Somebody]:
    rows = session.execute(
        select(Person.id, Person.superior_id, Person.level, Person.eligible, Unit.kind, Agency.code)
        .join(Unit, Unit.id == Person.unit_id)
        .join(Agency, Agency.id == Person.agency_id)
    )
    facts: dict[int, Any] = {row.id: row for row in rows}
    found = {}
    for one in crowd:
        row = facts[one.id]
        whose = Whose(one.site_id, one.agency_id, one.unit_lineage, one.id)
        planner = Planner(
            one.id, one.agency_id, one.unit_id, one.unit_lineage, row.kind, row.level, row.eligible, one.site_id
        )
        found[one.id] = _Somebody(one, whose, planner, row.superior_id, row.code)
    return found


def _missing(
    session: Session, everybody: Mapping[int, _Somebody], visitor: Colleague, *, today: date
) -> list[tuple[_Somebody, date]]:
    """Weeks that nobody has planned; that to come is the visitor's own to plan."""
    wanted = mondays(today)
    rows = session.execute(select(WeekPlan.person_id, WeekPlan.monday_on).where(WeekPlan.monday_on.in_(wanted)))
    known = {(person_id, monday) for person_id, monday in rows}
    return [
        (one, monday)
        for id, one in everybody.items()
        for monday in wanted
        if (id, monday) not in known and not (id == visitor.id and monday > today)
    ]


def _held(session: Session, from_on: date, seats: Iterable[Sitting]) -> dict[tuple[int, date], Sitting]:
    """Desks by person and local date: the whole day's before the half's."""
    zones = {site.id: site.zone for site in sites.sites(session)}
    rows = session.execute(
        select(Booking.id, Booking.person_id, Floor.site_id, Booking.starts_at, Booking.ends_at)
        .join(Space, Space.id == Booking.space_id)
        .join(Floor, Floor.id == Space.floor_id)
        .where(
            Booking.kind == "desk",
            Booking.state != "cancelled",
            Booking.segment_id.is_(None),
            Booking.starts_at >= clock.instant_of(from_on, 0, "UTC") - timedelta(days=1),
        )
    )
    every = [
        sitting(person_id, site_id, Span(starts_at, ends_at), zones[site_id], booking_id)
        for booking_id, person_id, site_id, starts_at, ends_at in rows
    ]
    found: dict[tuple[int, date], Sitting] = {}
    for one in (*every, *seats):
        key = (one.person_id, clock.local_date(one.span.starts_at, zones[one.site_id]))
        if key not in found or one.ends - one.starts > found[key].ends - found[key].starts:
            found[key] = one
    return found


def sitting(person_id: int, site_id: int, span: Span, zone: str, booking_id: int | None = None) -> Sitting:
    starts = clock.minute_of(span.starts_at, zone)
    return Sitting(person_id, site_id, span, starts, starts + int(span.length.total_seconds()) // 60, booking_id)


def _known_parts(session: Session, seats: tuple[Sitting, ...]) -> Ties:
    """Parts of plans that were there before, for seats that fit them."""
    if not seats:
        return {}
    zones = {site.id: site.zone for site in sites.sites(session)}
    dates = {clock.local_date(seat.span.starts_at, zones[seat.site_id]) for seat in seats}
    rows = session.execute(
        select(
            PlanDay.person_id, PlanDay.on, SegmentRow.site_id, SegmentRow.starts, SegmentRow.ends, SegmentRow.mode,
            SegmentRow.id,
        )
        .join(SegmentRow, SegmentRow.day_id == PlanDay.id)
        .where(PlanDay.on.in_(dates), SegmentRow.active)
    )  # fmt: skip
    parts = {tuple(key): id for *key, mode, id in rows if mode in WITH_DESK}
    found: Ties = {}
    for seat in seats:
        on = clock.local_date(seat.span.starts_at, zones[seat.site_id])
        part = parts.get((seat.person_id, on, seat.site_id, seat.starts, seat.ends))
        if part is not None:
            found[seat.person_id, seat.span.starts_at] = part
    return found


# Writing


def _write(session: Session, found: list[PlannedWeek]) -> tuple[Ties, list[Entry]]:
    """Rows are written without asking for their ids, and then read by what is unique about them: a tenth of the time."""
    if not found:
        return {}, []
    first, last = min(week.monday for week in found), max(week.monday for week in found) + timedelta(days=6)
    _add(session, WeekPlan, (_plan_row(week) for week in found))
    plans = _ids(session, select(WeekPlan.person_id, WeekPlan.monday_on, WeekPlan.id), WeekPlan.monday_on, first, last)
    days = [(week.worker.id, day) for week in found for day in week.days]
    _add(
        session,
        PlanDay,
        (_day_row(plans[week.worker.id, week.monday], week, day) for week in found for day in week.days),
    )
    day_ids = _ids(session, select(PlanDay.person_id, PlanDay.on, PlanDay.id), PlanDay.on, first, last)
    _add(session, SegmentRow, (_part_row(day_ids[id, day.on], part) for id, day in days for part in day.parts))
    parts = _ids(
        session,
        select(SegmentRow.day_id, SegmentRow.starts, SegmentRow.id).join(PlanDay, PlanDay.id == SegmentRow.day_id),
        PlanDay.on,
        first,
        last,
    )
    tied = [
        (part.sitting, parts[day_ids[id, day.on], part.segment.starts])
        for id, day in days
        for part in day.parts
        if part.sitting is not None
    ]
    if held := [{"id": one.booking_id, "segment_id": part_id} for one, part_id in tied if one.booking_id is not None]:
        session.execute(update(Booking), held)
    entries = [
        _entry(plans[week.worker.id, week.monday], week.worker.id, week.monday, step, version)
        for week in found
        for version, step in enumerate(week.steps, start=1)
    ]
    return {(one.person_id, one.span.starts_at): part_id for one, part_id in tied}, entries


def _add(session: Session, table: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    session.connection().execute(insert(table), list(rows))


def _ids(session: Session, keys: Any, on: Any, first: date, last: date) -> dict[tuple[int, Any], int]:
    """The last column of ``keys`` by its first two, for rows of these dates."""
    return {(one, other): id for one, other, id in session.execute(keys.where(on >= first, on <= last))}


def _plan_row(week: PlannedWeek) -> dict[str, Any]:
    return {"person_id": week.worker.id, "monday_on": week.monday, "step": 0, "version": len(week.steps)}


def _day_row(plan_id: int, week: PlannedWeek, day: Planned) -> dict[str, Any]:
    return {
        "plan_id": plan_id,
        "person_id": week.worker.id,
        "on": day.on,
        "state": day.state.value,
        "automatic": day.automatic,
        "reason": day.reason,
        "decided_by_id": day.decided_by_id,
        "decided_at": day.decided_at,
    }


def _part_row(day_id: int, part: Part) -> dict[str, Any]:
    segment = part.segment
    return {
        "day_id": day_id,
        "mode": segment.mode.value,
        "starts": segment.starts,
        "ends": segment.ends,
        "site_id": segment.site_id,
        "whole": part.whole,
        "letter": segment.letter,
        "active": True,
    }


def _entry(plan_id: int, person_id: int, monday: date, step: Step, version: int) -> Entry:
    """A row of the journal as ``app.scheduling`` writes it."""
    facts: dict[str, Any] = {
        "person_id": person_id,
        "week": week_of(monday),
        "days": [on.isoformat() for on in step.days],
    }
    if step.reason:
        facts["reason"] = step.reason
    return {
        "at": step.at,
        "actor_id": step.actor_id,
        "verb": step.verb,
        "subject": "week-plan",
        "subject_id": plan_id,
        "version": version,
        "facts": facts,
    }


# As days go by


def settle(session: Session, *, today: date, now: datetime) -> list[Entry]:
    """Decide what still waits although its week has begun: the demo's people don't sign in to do it. Of those who do, only
    what they asked for. Weeks of whoever asked late wait until the day itself. Returns what the journal has to tell."""
    rows = session.execute(
        select(
            WeekPlan.id, WeekPlan.person_id, WeekPlan.monday_on, WeekPlan.version, PlanDay.id, PlanDay.on, PlanDay.state,
            Person.superior_id, Person.password.is_not(None),
        )
        .join(PlanDay, PlanDay.plan_id == WeekPlan.id)
        .join(Person, Person.id == PlanDay.person_id)
        .where(PlanDay.state.in_(UNDECIDED), WeekPlan.monday_on <= today, Person.superior_id.is_not(None))
        .order_by(WeekPlan.id, PlanDay.on)
    )  # fmt: skip
    decided: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        plan_id, person_id, monday, _, _, on, state, superior_id, signs_in = row
        if signs_in and state != DayState.SUBMITTED:
            continue
        worker = Worker(person_id, 0, superior_id, 0)
        if on > today and weeks.stage(worker, monday, today=today) == "late":
            continue
        decided[plan_id].append(row)
    if not decided:
        return []
    return list(_approve(session, decided, now=now))


def _approve(session: Session, decided: Mapping[int, list[Any]], *, now: datetime) -> Iterator[Entry]:
    at = now - timedelta(minutes=10)
    days, plans = [], []
    for plan_id, rows in decided.items():
        _, person_id, monday, version, *_, superior_id, _ = rows[0]
        steps = [Step("approved", at, superior_id, tuple(row[5] for row in rows))]
        asked = tuple(row[5] for row in rows if row[6] != DayState.SUBMITTED)
        if asked:
            steps.insert(0, Step("submitted", at - timedelta(minutes=30), person_id, asked))
        plans.append({"id": plan_id, "version": version + len(steps)})
        days += [
            {"id": row[4], "state": "approved", "reason": "", "decided_by_id": superior_id, "decided_at": at}
            for row in rows
        ]
        for number, step in enumerate(steps, start=version + 1):
            yield _entry(plan_id, person_id, monday, step, number)
    session.execute(update(PlanDay), days)
    session.execute(update(WeekPlan), plans)
