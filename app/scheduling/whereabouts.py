"""Where the people of a unit are planned to be, by date and part of the day: what coverage counts and the board shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.db import locks_rows
from app.people.members import Member, members_of
from app.scheduling import coverage
from app.scheduling.coverage import Mate, Shortfall
from app.scheduling.ground import Ground
from app.scheduling.models import PlanDay, PolicyRow, SegmentRow
from app.scheduling.policy_kinds import NotTogether, Policy
from app.scheduling.rules import COUNTED, DayState, Mode, Segment
from app.scheduling.working_time import Day

Parts = dict[tuple[int, date, str], Segment]
"""What somebody does, by person, date and part ("am", "pm")."""
Presence = dict[tuple[int, date, str], int | None]
"""The site at which somebody is, or None outside, by person, date and part."""

_ROWS = (
    select(
        PlanDay.person_id,
        PlanDay.on,
        PlanDay.state,
        SegmentRow.starts,
        SegmentRow.ends,
        SegmentRow.mode,
        SegmentRow.site_id,
        SegmentRow.letter,
    )
    .join(SegmentRow, SegmentRow.day_id == PlanDay.id)
    .where(
        PlanDay.person_id.in_(bindparam("people", expanding=True)),
        PlanDay.on >= bindparam("from_on"),
        PlanDay.on <= bindparam("until_on"),
        SegmentRow.active,
    )
    .order_by(PlanDay.person_id, PlanDay.on, SegmentRow.starts)
)


_STATES = {state.value: state for state in DayState}
_MODES = {mode.value: mode for mode in Mode}


class Planned(msgspec.Struct, frozen=True):
    """A day of somebody's plan, whatever its state."""

    state: DayState
    segments: tuple[Segment, ...]


def planned(
    session: Session, people_ids: Iterable[int], from_on: date, until_on: date
) -> dict[tuple[int, date], Planned]:
    """Every planned day of these people between two dates, both included."""
    ids = list(people_ids)
    if not ids:
        return {}
    facts: dict[str, Any] = {"people": ids, "from_on": from_on, "until_on": until_on}
    found: dict[tuple[int, date], tuple[DayState, list[Segment]]] = {}
    # Fetched at once and looked up in tables: a board of a hundred people has hundreds of rows.
    for person_id, on, state, starts, ends, mode, site_id, letter in session.connection().execute(_ROWS, facts).all():
        if (day := found.get((person_id, on))) is None:
            day = found[person_id, on] = (_STATES[state], [])
        day[1].append(Segment(starts, ends, _MODES[mode], site_id, letter))
    return {key: Planned(state, tuple(segments)) for key, (state, segments) in found.items()}


def segment_of(segments: tuple[Segment, ...], day: Day, part: str) -> Segment | None:
    """What fills most of a part of the day, before or after the break; None if nothing is planned for it."""
    starts, ends = (day.starts, day.break_starts) if part == "am" else (day.break_ends, day.ends)
    longest, found = 0, None
    for segment in segments:
        shared = min(segment.ends, ends) - max(segment.starts, starts)
        if shared > longest:
            longest, found = shared, segment
    return found


def parts(ground: Ground, person_id: int, segments: Mapping[date, tuple[Segment, ...]]) -> Parts:
    """What one person does in each part of the week's working days, as far as it is planned."""
    return {
        (person_id, on, part): found
        for on, day in ground.days.items()
        if segments.get(on) and day.spans
        for part in coverage.PARTS
        if (found := segment_of(segments[on], day, part)) is not None
    }


def rules_about(ground: Ground) -> list[Policy]:
    """The coverage rules that count this person, in force on some day of the week."""
    last = max(ground.days)
    return [
        policy
        for policy in ground.book.policies
        if coverage.is_coverage(policy)
        and policy.holds_within(ground.monday, last)
        and coverage.concerns(policy, ground.planner)
    ]


class Team:
    """The people whom some coverage rules count, and where they all are this week but for the one who plans."""

    def __init__(self, ground: Ground, rules: list[Policy], members: list[Member], planned: Parts) -> None:
        self._rules = rules
        self._others = {key: segment for key, segment in planned.items() if key[0] != ground.person.id}
        self._mates = [mate_of(member) for member in members]
        self._days = [on for on, day in ground.days.items() if day.spans and on >= ground.today]

    def shortfalls(self, own: Parts) -> tuple[Shortfall, ...]:
        every = {**self._others, **own}
        modes = {key: segment.mode for key, segment in every.items()}
        return coverage.shortfalls(self._rules, self._mates, presence_of(every), self._days, modes)


class Teams:
    """Teams that one unit of work has read: weeks of one unit that are looked at one after the other share theirs."""

    def __init__(self) -> None:
        self._read: dict[tuple[Any, ...], tuple[list[Member], Parts]] = {}

    def of(self, session: Session, ground: Ground, rules: list[Policy]) -> Team:
        units = frozenset(policy.unit_id or ground.person.unit_id for policy in rules)
        named = frozenset(id for policy in rules if isinstance(policy.rule, NotTogether) for id in policy.rule.people)
        hours = tuple((day.starts, day.break_starts, day.break_ends, day.ends) for day in ground.days.values())
        key = (units, named, ground.monday, hours)
        if key not in self._read:
            members = members_of(session, units, also=named)
            self._read[key] = members, parts_of(session, ground, members)
        return Team(ground, rules, *self._read[key])


def parts_of(session: Session, ground: Ground, members: list[Member]) -> Parts:
    """What these people do in the ground's week, as far as they asked for it or it was approved."""
    plans = planned(session, (member.id for member in members), ground.monday, max(ground.days))
    found: Parts = {}
    for (person_id, on), day in plans.items():
        if day.state in COUNTED:
            found |= parts(ground, person_id, {on: day.segments})
    return found


def presence_of(found: Parts) -> Presence:
    return {key: segment.place for key, segment in found.items()}


def mate_of(member: Member) -> Mate:
    return Mate(member.id, member.name, member.level, member.duties, member.unit_lineage, member.site_id)


_LOCK = (
    select(PolicyRow.id)
    .where(PolicyRow.id.in_(bindparam("ids", expanding=True)))
    .order_by(PolicyRow.id)
    .with_for_update(key_share=True)
)


def lock(session: Session, policies: Iterable[Policy]) -> None:
    """Wait until nobody else counts absences under these rules: two who race for the last allowed one are told apart."""
    ids = sorted(policy.id for policy in policies)
    if ids and locks_rows(session):
        session.connection().execute(_LOCK, {"ids": ids})
