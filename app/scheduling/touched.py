"""What a change of a dated table touches: plans whose day becomes another, desks on a date that is off, and their owners.

Dates that are over are left out: what was planned for them is history, whatever becomes of the table.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, sites
from app.people.members import Posting, postings
from app.rooms import day_off_desks
from app.rooms.plan_desks import BookingOut
from app.scheduling import rulebook
from app.scheduling.models import PlanDay, SegmentRow
from app.scheduling.policy_kinds import Policy
from app.scheduling.rules import STANDING
from app.scheduling.working_time import Calendar, Day, DayOff, Hours, Season, Whose

Row = DayOff | Season | Hours | Policy
"""A row of one of the dated tables."""


class Touch(msgspec.Struct, frozen=True):
    """How many plans of a day, desk bookings and people a change touches; for a policy, people are those in its scope."""

    plans: int
    desks: int
    people: int


class Touched(msgspec.Struct, frozen=True):
    """``plans`` are pairs of person and date; ``off`` are the dates that become a day off at some site."""

    plans: frozenset[tuple[int, date]] = frozenset()
    desks: tuple[BookingOut, ...] = ()
    covered: frozenset[int] = frozenset()
    off: frozenset[date] = frozenset()

    @property
    def owners(self) -> frozenset[int]:
        """Whoever has a plan or a desk that is touched."""
        return frozenset(person for person, _ in self.plans) | self.desk_owners

    @property
    def desk_owners(self) -> frozenset[int]:
        return frozenset(desk.person_id for desk in self.desks)

    @property
    def count(self) -> Touch:
        return Touch(len(self.plans), len(self.desks), len(self.owners | self.covered))

    def and_also(self, other: Touched) -> Touched:
        """Both together; a desk or a person that both touch counts once."""
        desks = {desk.id: desk for desk in (*self.desks, *other.desks)}
        return Touched(
            self.plans | other.plans, tuple(desks.values()), self.covered | other.covered, self.off | other.off
        )


def touched(session: Session, before: Row | None, after: Row | None, *, now: datetime, lock: bool = False) -> Touched:
    """What it touches that ``before`` becomes ``after``; None is a row that isn't there. ``lock`` keeps the desks as they
    are until the transaction ends."""
    row = after or before
    if row is None or before == after:
        return Touched()
    if isinstance(row, Policy):
        return Touched(covered=_covered(session, before, after))
    known, now_on = sites.sites(session), today(session, now=now)
    hours = rulebook.hours_of(session)
    old, new = _calendars(session, hours, before, after)
    desks: list[BookingOut] = []
    off = set()
    for on in {one.on for one in (before, after) if isinstance(one, DayOff) and one.on >= now_on}:
        where = [site.id for site in known if new.day_off(site.id, on) and not old.day_off(site.id, on)]
        if where:
            off.add(on)
            desks += day_off_desks.desks_on(session, on, where, now=now, lock=lock)
    first, last = _dates(session, before, after)
    named = frozenset(one.person_id for one in (*hours, before, after) if isinstance(one, Hours) and one.person_id)
    plans = _plans(session, old, new, max(first, now_on), last, named)
    return Touched(plans, tuple(desks), off=frozenset(off))


def today(session: Session, *, now: datetime) -> date:
    """The local date of the site where it is earliest: what is over there is over everywhere."""
    return min(clock.local_date(now, site.zone) for site in sites.sites(session))


def _calendars(
    session: Session, hours: list[Hours], before: Row | None, after: Row | None
) -> tuple[Calendar, Calendar]:
    """The calendar as the tables are, and with one row replaced. Read from the tables, as the transaction may have changed
    them since the version it knows."""
    tables: tuple[tuple[type[Any], list[Any]], ...] = (
        (DayOff, rulebook.days_off_of(session)),
        (Season, rulebook.seasons_of(session)),
        (Hours, hours),
    )
    changed = [
        [*(row for row in rows if row != before), *([after] if isinstance(after, kind) else [])]
        for kind, rows in tables
    ]
    return Calendar(*(rows for _, rows in tables)), Calendar(*changed)


def _dates(session: Session, before: Row | None, after: Row | None) -> tuple[date, date]:
    """First and last date of what changes; what has no end goes as far as anybody has planned."""
    found: list[date] = []
    for row in (before, after):
        if isinstance(row, DayOff):
            found.append(row.on)
        elif row is not None:
            found += [row.from_on, row.until_on or session.scalar(select(func.max(PlanDay.on))) or row.from_on]
    return min(found), max(found)


def _plans(
    session: Session, old: Calendar, new: Calendar, from_on: date, until_on: date, named: frozenset[int]
) -> frozenset[tuple[int, date]]:
    """Planned days between two dates that are another day after the change, at the posting or at a site in the plan.
    ``named`` are the people who have hours of their own."""
    rows = session.connection().execute(
        select(PlanDay.person_id, PlanDay.on, SegmentRow.site_id)
        .join(SegmentRow, SegmentRow.day_id == PlanDay.id)
        .where(
            PlanDay.on >= from_on,
            PlanDay.on <= until_on,
            PlanDay.state.in_([state.value for state in STANDING]),
            SegmentRow.active,
        )
    )
    comparison = _Comparison(session, old, new, named)
    return frozenset((person, on) for person, on, site in rows if comparison.differs(person, on, site))


class _Comparison:
    """Two calendars side by side. People whom no row tells apart share an answer, so that thousands cost what a few do."""

    def __init__(self, session: Session, old: Calendar, new: Calendar, named: frozenset[int]) -> None:
        self._old, self._new = old, new
        self._zones = {site.id: site.zone for site in sites.sites(session)}
        self._people: dict[int, Posting] = {one.id: one for one in postings(session)}
        self._named = named
        self._answers: dict[tuple[int, int, int, date], bool] = {}

    def differs(self, person_id: int, on: date, site_id: int) -> bool:
        one = self._people.get(person_id)
        if one is None:
            return False
        return self._at(one, on, one.site_id) or (site_id != one.site_id and self._at(one, on, site_id))

    def _at(self, one: Posting, on: date, site_id: int) -> bool:
        person_id = one.id if one.id in self._named else 0  # whom some hours name
        key = (site_id, one.unit_id, person_id, on)
        if (answer := self._answers.get(key)) is None:
            whose = Whose(site_id, one.agency_id, one.unit_lineage, person_id)
            before, after = (calendar.day(on, whose, self._zones[site_id]) for calendar in (self._old, self._new))
            answer = self._answers[key] = _essence(before) != _essence(after)
        return answer


def _essence(day: Day) -> tuple[Any, ...]:
    return day.minutes_owed, day.spans


def _covered(session: Session, *rows: Any) -> frozenset[int]:
    """Ids of the people in the scope of a policy before or after it changes."""
    policies = [row for row in rows if isinstance(row, Policy)]
    return frozenset(one.id for one in postings(session) if any(policy.covers(one) for policy in policies))
