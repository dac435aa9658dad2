"""A change of the dated tables from request to end: the one transaction that makes it, and on PostgreSQL the sweep after."""

from __future__ import annotations

from collections.abc import Sequence

from app.people.visit import Visit
from app.scheduling import changes
from app.scheduling.change_log import Change
from app.scheduling.changes import Wish


async def carry_out(visit: Visit, wishes: Sequence[Wish]) -> list[Change]:
    """Make changes. Raises as ``changes.apply``."""
    made = await visit.write(changes.apply, wishes, now=visit.now)
    for change in made:
        await _sweep(visit, change)
    return made


async def take_back(visit: Visit, change_id: int) -> Change:
    """Undo a change. Raises as ``changes.undo``."""
    undone = await visit.write(changes.undo, change_id, now=visit.now)
    await _sweep(visit, undone)
    return undone


async def _sweep(visit: Visit, change: Change) -> None:
    """SQLite's one writer leaves nobody in between."""
    if change.kind == "day-off" and not visit.db.embedded and visit.actor:
        await visit.db.write(changes.sweep, change.id, actor_id=visit.actor.id, now=visit.now)
