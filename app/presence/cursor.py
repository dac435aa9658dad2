"""What this process was not told: the journal since the last look. A wake-up that was lost heals by it.

PostgreSQL gives numbers when rows are written, not when they are committed: a number may turn up after higher ones. So the
last minute is looked at again each time, by numbers alone, and what was seen is dropped.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.journal import Change, Entry

MANY = 2000
"""More entries than this at once, and everything is read anew instead."""
BEHIND = 500
"""So far below the highest number entries may still be on their way when a process starts."""

_encode = msgspec.json.Encoder().encode
_changes = msgspec.json.Decoder(list[Change])


class Cursor:
    """Where in the journal this process is. ``late``: seconds by which a commit may come after its number. Times are the
    event loop's, whose thread alone comes here."""

    def __init__(self, *, embedded: bool, late: float) -> None:
        self._late = 0.0 if embedded else late  # SQLite's one writer commits in order
        self.floor = 0
        """entries up to this number need not be looked at again"""
        self._seen: set[int] = set()
        self._heights: deque[tuple[float, int]] = deque()
        self._heard: defaultdict[tuple[str, str, int], deque[float]] = defaultdict(deque)

    def begin(self, ids: Sequence[int]) -> None:
        """From here on: ``ids`` are the newest, and what was committed until now is in whatever is read from now on."""
        self._seen = set(ids)
        self.floor = max(ids, default=0) if not self._late else min(ids, default=1) - 1

    def hear(self, changes: Sequence[Change], *, time: float) -> None:
        """These were told in time: their entries need not be followed again."""
        for change in changes:
            self._heard[change.verb, change.subject, change.subject_id].append(time)

    def news(self, ids: Sequence[int], *, time: float) -> list[int]:
        """Which of ``ids``, all above the floor and in order, were not seen before."""
        news = [id for id in ids if id not in self._seen]
        self._seen.update(news)
        if ids:
            self._heights.append((time, ids[-1]))
        while self._heights and self._heights[0][0] <= time - self._late:
            self.floor = max(self.floor, self._heights.popleft()[1])
        self._seen = {id for id in self._seen if id > self.floor}
        return news

    def missed(self, entries: Sequence[Change], *, time: float) -> list[Change]:
        """The entries nobody told this process of."""
        missed = [change for change in entries if not self._was_heard(change)]
        old = time - self._late - 60
        for key in [key for key, times in self._heard.items() if not times or times[-1] < old]:
            del self._heard[key]  # told, with no entry to show for it, such as a message that came twice
        return missed

    def _was_heard(self, change: Change) -> bool:
        times = self._heard.get((change.verb, change.subject, change.subject_id))
        if not times:
            return False
        times.popleft()
        return True


def newest(session: Session) -> Sequence[int]:
    """The numbers of the newest entries, in order."""
    return numbers_after(session, max(0, journal.newest(session) - BEHIND))


def numbers_after(session: Session, floor: int) -> Sequence[int]:
    return session.scalars(select(Entry.id).where(Entry.id > floor).order_by(Entry.id)).all()


def entries(session: Session, ids: Sequence[int]) -> list[Change]:
    columns = (Entry.verb, Entry.subject, Entry.subject_id, Entry.facts)
    rows: Sequence[Any] = session.execute(select(*columns).where(Entry.id.in_(ids)).order_by(Entry.id)).all()
    return [Change(*row) for row in rows]


def plain(changes: Sequence[Change]) -> list[Change]:
    """Changes as the journal would give them back: facts as JSON has them."""
    return _changes.decode(_encode(changes))
