"""The week as a grid of half hours: what each cell is, and what is painted in it. Plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from app.scheduling.week_form import Part
from app.scheduling.working_time import Day

STEP = 30
"""Minutes of one cell."""
USUAL = (450, 960)
"""What is shown of a week that is all off."""


class Square(msgspec.Struct, frozen=True):
    """A cell from ``minute`` on: ``kind`` is ``work``, ``rest`` in the break, ``extra`` in the flexi band, or ``out``.
    ``part`` is what is painted there, and ``first`` that it begins there; ``length`` counts the cells of the part."""

    minute: int
    kind: str
    part: Part | None = None
    first: bool = False
    length: int = 0


def axis(days: Iterable[Day], parts: Iterable[Part]) -> range:
    """The minutes at which cells begin: all the hours of the days, and of what is planned outside them."""
    worked = [(day.starts, day.latest_end) for day in days if day.spans]
    planned = [(part.starts, part.ends) for part in parts if part.starts is not None and part.ends is not None]
    hours = [*worked, *planned] or [USUAL]
    first = min(starts for starts, _ in hours) // STEP * STEP
    last = min(1440, max(ends for _, ends in hours))
    return range(first, -(-last // STEP) * STEP, STEP)


def squares(rows: range, day: Day, parts: Sequence[Part]) -> list[Square]:
    """One day of the grid. A part fills a cell if it takes half of it; a break belongs to the part that goes on after it."""
    painted = [_painted(minute, day, parts) for minute in rows]
    found = []
    for n, (minute, part) in enumerate(zip(rows, painted, strict=True)):
        first = part is not None and (n == 0 or painted[n - 1] is not part)
        length = sum(one is part for one in painted) if first else 0
        found.append(Square(minute, kind(minute, day), part, first, length))
    return found


def kind(minute: int, day: Day) -> str:
    middle = minute + STEP // 2
    if not day.spans or not day.starts <= middle < day.latest_end:
        return "out"
    if day.break_starts <= middle < day.break_ends:
        return "rest"
    return "work" if middle < day.ends else "extra"


def _painted(minute: int, day: Day, parts: Sequence[Part]) -> Part | None:
    for part in parts:
        starts = day.starts if part.starts is None else part.starts
        ends = day.ends if part.ends is None else part.ends
        if min(ends, minute + STEP) - max(starts, minute) >= STEP // 2:
            return part
    return None
