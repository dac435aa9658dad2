"""The dated rules as people read them: which hold for whom, and what became of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.errors import Forbidden, NotFound
from app.people.access import Actor
from app.people.units import unit_by_id
from app.scheduling import change_log, changes, policies, rulebook
from app.scheduling.change_log import Change
from app.scheduling.policies import Standing
from app.scheduling.rules import Planner
from app.scheduling.touched import Row
from app.scheduling.working_time import DayOff, Hours


def standing_for(session: Session, unit_id: int, on: date) -> tuple[Standing, ...]:
    """Every policy about the people of a unit on a date, each with the one that displaces it. Raises NotFound."""
    unit = unit_by_id(session, unit_id)
    somebody = Planner(0, unit.agency_id, unit.id, unit.lineage, "", "", True, 0)
    return policies.precedence(rulebook.current(session).policies, somebody, on)


def rows_for(session: Session, actor: Actor, kind: str) -> list[Any]:
    """Every row that the actor may see, those called off too: all but the hours of a single other person."""
    return [row for row in change_log.rows_of(session, kind) if _may_see(session, actor, row)]


def in_year(row: Row, year: int) -> bool:
    """Whether a row holds on some day of a year."""
    if isinstance(row, DayOff):
        return row.on.year == year
    return row.from_on.year <= year and (row.until_on is None or year <= row.until_on.year)


def changes_for(session: Session, actor: Actor, kind: str | None = None) -> list[Change]:
    """The latest changes, for officers. Raises Forbidden."""
    if not changes.may_look(actor):
        raise Forbidden
    return [
        change
        for change in change_log.changes(session, actor, kind)
        if all(_may_see(session, actor, change_log.read(change.kind, row)) for row in (change.before, change.after))
    ]


def _may_see(session: Session, actor: Actor, row: Row | None) -> bool:
    if not isinstance(row, Hours) or row.person_id in (None, actor.id):
        return True
    try:
        return changes.may_change(session, actor, row)
    except NotFound:
        return False
