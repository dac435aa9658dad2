"""The dated tables row by row, and what became of them: every change with whom it touched, and whether it can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import shapes
from app.errors import NotFound
from app.people import service as people
from app.people.access import Actor
from app.scheduling import rulebook
from app.scheduling.models import CalendarChange, DayOffRow, HoursRow, PolicyRow, SeasonRow
from app.scheduling.policy_kinds import Policy
from app.scheduling.touched import Row
from app.scheduling.working_time import DayOff, Hours, Season


class Kind(msgspec.Struct, frozen=True):
    """A dated table: what its rows are, where they are kept, and how they are read, those called off too."""

    row: type[Any]
    table: type[Any]
    rows: Callable[[Session], list[Any]]


KINDS = {
    "day-off": Kind(DayOff, DayOffRow, rulebook.days_off_of),
    "season": Kind(Season, SeasonRow, rulebook.seasons_of),
    "work-hours": Kind(Hours, HoursRow, rulebook.hours_of),
    "policy": Kind(Policy, PolicyRow, rulebook.policies_of),
}
"""By the kind of subject."""
MOST_SHOWN = 50


class Change(msgspec.Struct, frozen=True):
    """A change that was made. ``before`` and ``after`` are the row as it was and became, with null for none; ``undoable``
    says that no other change stands in the way of taking it back."""

    id: int
    kind: str
    subject_id: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    plans: int
    desks: int
    people: int
    by: str
    at: datetime
    undone_at: datetime | None
    undoable: bool


def rows_of(session: Session, kind: str) -> list[Any]:
    return KINDS[kind].rows(session)


def row_of(session: Session, kind: str, id: int) -> Row:
    """Raises NotFound."""
    if (found := find(session, kind, id)) is None:
        raise NotFound(id=id)
    return found


def find(session: Session, kind: str, id: int) -> Row | None:
    return next((row for row in rows_of(session, kind) if row.id == id), None)


def plain(row: Row | None) -> dict[str, Any] | None:
    """A row as a change keeps it."""
    return msgspec.to_builtins(row) if row is not None else None


def read(kind: str, kept: dict[str, Any] | None) -> Row | None:
    return shapes.convert(kept, KINDS[kind].row) if kept is not None else None


def changes(session: Session, actor: Actor, kind: str | None = None, *, limit: int = MOST_SHOWN) -> list[Change]:
    """Changes, the latest first, with the names that the actor may know."""
    these = select(CalendarChange).order_by(CalendarChange.id.desc()).limit(limit)
    if kind is not None:
        these = these.where(CalendarChange.subject.startswith(f"{kind}:"))
    found = list(session.scalars(these))
    names = people.names_for(session, actor, (change.by_id for change in found))
    return [shown(change, names[change.by_id].name if change.by_id in names else "", found) for change in found]


def shown(change: CalendarChange, by: str, every: Sequence[CalendarChange]) -> Change:
    """The change as it is told, ``every`` being those that may have followed it."""
    kind, id = subject_of(change)
    undoable = change.undone_at is None and not any(follows(later, change) for later in every)
    return Change(
        change.id,
        kind,
        id,
        change.before,
        change.after,
        change.plans,
        len(change.bookings),
        change.people,
        by,
        change.at,
        change.undone_at,
        undoable,
    )


def subject_of(change: CalendarChange) -> tuple[str, int]:
    """Kind and id of the row."""
    kind, _, id = change.subject.partition(":")
    return kind, int(id)


def follows(later: CalendarChange, change: CalendarChange) -> bool:
    """Whether a later change stands on this one: it is of the same row, or of another day off on the same date, whose desks
    were cancelled by whichever came first."""
    if later.id <= change.id or later.undone_at is not None:
        return False
    return later.subject == change.subject or bool(_days(later) & _days(change))


def _days(change: CalendarChange) -> set[str]:
    if not change.subject.startswith("day-off:"):
        return set()
    return {row["on"] for row in (change.before, change.after) if row}
