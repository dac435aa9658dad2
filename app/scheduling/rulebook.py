"""The dated tables of working time and policies, read once per version: a few hundred rows that change a few times a year.

No plan is kept here. The version is read in the same transaction, so a change holds from the next request on, in every
process.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app import shapes
from app.db.hot import Hot
from app.db.work import one_moment
from app.scheduling.models import DayOffRow, HoursRow, PolicyRow, RulebookVersion, SeasonRow
from app.scheduling.policies import WeekRules
from app.scheduling.policy_kinds import Policy
from app.scheduling.rules import Week
from app.scheduling.working_time import Calendar, DayKind, DayOff, Hours, Season

VERSION = select(RulebookVersion.number).scalar_subquery()
_VERSION = Hot(select(RulebookVersion.number), int)


MOST_WEEKS = 5000
"""Weeks whose policies are kept settled: some thousands of units, each with the weeks that people plan."""


class Rulebook:
    """All dated rules as of one version: built once, then only asked."""

    def __init__(self, calendar: Calendar, policies: Iterable[Policy], days_off: Iterable[DayOff] = ()) -> None:
        self.calendar = calendar
        self.policies = tuple(policies)
        self._days_off = tuple(days_off)
        self._weeks: dict[tuple[Any, ...], WeekRules] = {}

    def week_rules(self, week: Week) -> WeekRules:
        """The policies about a week: the same for all of a unit whose days are of the same kinds."""
        planner = week.planner
        key = (planner.agency_id, planner.unit_lineage, week.days[0].on, *(day.kind for day in week.days))
        if (rules := self._weeks.get(key)) is None:
            if len(self._weeks) > MOST_WEEKS:
                self._weeks.clear()
            rules = self._weeks[key] = WeekRules(self.policies, week)
        return rules

    def days_off(self) -> tuple[DayOff, ...]:
        """Every day off that was not called off, of all sites."""
        return tuple(day for day in self._days_off if day.state != "cancelled")


_known: dict[int, Rulebook] = {}


def current(session: Session) -> Rulebook:
    """The rules as this transaction sees them."""
    return of_version(session, _VERSION.first(session, {}))


def of_version(session: Session, version: int | None) -> Rulebook:
    """The rules of a version just read in this transaction."""
    version = version or 0
    if (book := _known.get(version)) is None:
        one_moment(session)
        if len(_known) > 8:
            _known.clear()
        book = _load(session)
        if version:
            _known[version] = book
    return book


def changed(session: Session) -> None:
    """Say that a dated table changed in this transaction. Versions are random, not counted, so two databases of one
    process never share one."""
    number = secrets.randbits(48)
    if not session.connection().execute(update(RulebookVersion).values(number=number)).rowcount:
        session.execute(insert(RulebookVersion).values(id=1, number=number))


def _load(session: Session) -> Rulebook:
    days_off = days_off_of(session)
    return Rulebook(Calendar(days_off, seasons_of(session), hours_of(session)), policies_of(session), days_off)


def days_off_of(session: Session) -> list[DayOff]:
    """Every row, those called off too, by date."""
    return [day_off(row) for row in session.scalars(select(DayOffRow).order_by(DayOffRow.on, DayOffRow.id))]


def day_off(row: DayOffRow) -> DayOff:
    return DayOff(row.on, DayKind(row.kind), row.name, row.name_en, row.basis, row.state, row.site_id, row.id)  # type: ignore[arg-type]


def seasons_of(session: Session) -> list[Season]:
    return [season(row) for row in session.scalars(select(SeasonRow).order_by(SeasonRow.from_on))]


def season(row: SeasonRow) -> Season:
    return Season(row.name, row.from_on, row.until_on, row.basis, row.state, row.id)  # type: ignore[arg-type]


_HOURS = [name for name in Hours.__struct_fields__]


def hours_of(session: Session) -> list[Hours]:
    rows = session.scalars(select(HoursRow).order_by(HoursRow.id))
    return [Hours(**{name: getattr(row, name) for name in _HOURS}) for row in rows]


def policies_of(session: Session) -> list[Policy]:
    return [policy(row) for row in session.scalars(select(PolicyRow).order_by(PolicyRow.id))]


def policy(row: PolicyRow) -> Policy:
    """Raises msgspec.ValidationError for a rule that no version of ours wrote."""
    plain = {
        "id": row.id, "basis": row.basis, "from_on": row.from_on, "until_on": row.until_on,
        "agency_id": row.agency_id, "unit_id": row.unit_id, "name": row.name, "rule": row.rule,
    }  # fmt: skip
    return shapes.convert(plain, Policy)
