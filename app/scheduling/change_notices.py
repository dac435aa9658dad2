"""Who is told of a change of the dated tables: each owner of a plan or a desk that it touches, once, and nobody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import notices
from app.scheduling.touched import Row, Touched
from app.scheduling.working_time import DayOff, Hours, Season


def tell(
    session: Session,
    before: Row | None,
    after: Row | None,
    found: Touched,
    cause: str,
    *,
    back: frozenset[int] = frozenset(),
    now: datetime,
) -> None:
    """One notice for each owner; those in ``back`` have a desk again. A policy tells nobody: what it means is said at the
    plan that it concerns."""
    row = after or before
    if isinstance(row, DayOff):
        _tell_day_off(session, before, after, found, cause, back=back, now=now)
    elif isinstance(row, Season | Hours):
        facts = {"from": row.from_on.isoformat(), "until": row.until_on.isoformat() if row.until_on else None}
        kind = "season-changed" if isinstance(row, Season) else "hours-changed"
        notices.tell(session, found.owners, kind, cause, facts=facts | {"basis": row.basis}, at=now)


def _tell_day_off(
    session: Session,
    before: Row | None,
    after: Row | None,
    found: Touched,
    cause: str,
    *,
    back: frozenset[int],
    now: datetime,
) -> None:
    lost = found.desk_owners
    off = lost | {person for person, on in found.plans if on in found.off}
    again = (found.owners | back) - off
    for kind, row, owners, desks in (("day-off-added", after, off, lost), ("day-off-removed", before, again, back)):
        facts = _facts(row)
        notices.tell(session, owners & desks, kind, cause, facts=facts | {"desk": True}, at=now)
        notices.tell(session, owners - desks, kind, cause, facts=facts, at=now)


def _facts(row: Row | None) -> dict[str, Any]:
    if not isinstance(row, DayOff):
        return {}
    return {"on": row.on.isoformat(), "name": row.name, "name_en": row.name_en, "basis": row.basis}
