"""Quarter hours of a stretch of time as the bits of one number: bit n is the quarter that starts n quarters after the first.

What holds for some quarters is a mask. Masks of many people and rooms over weeks are put together by plain ``&`` and ``|``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from app.spans import Span

QUARTER = timedelta(minutes=15)
SECONDS = 900
"""in a quarter of an hour; every zone's hours begin with one"""


class Grid(msgspec.Struct, frozen=True):
    """``count`` quarter hours from ``first`` on, itself a number of quarter hours since 1970."""

    first: int
    count: int
    zero: datetime
    """the instant at which the first quarter begins"""

    @property
    def full(self) -> int:
        return (1 << self.count) - 1

    def at(self, quarter: int) -> datetime:
        """The instant at which a quarter begins."""
        return self.zero + quarter * QUARTER

    def within(self, spans: Iterable[Span]) -> int:
        """The quarters that lie in one of ``spans`` from their start to their end: time that is surely there."""
        mask = 0
        for span in spans:
            starts = -(-int(span.starts_at.timestamp()) // SECONDS)
            mask |= self.between(starts, int(span.ends_at.timestamp()) // SECONDS)
        return mask

    def touching(self, spans: Iterable[Span]) -> int:
        """The quarters that share any time with one of ``spans``: time that isn't whole any more."""
        mask = 0
        for span in spans:
            mask |= self.touched(span.starts_at, span.ends_at)
        return mask

    def touched(self, starts_at: datetime, ends_at: datetime) -> int:
        """The quarters that share any time with what is between two instants."""
        return self.between(int(starts_at.timestamp()) // SECONDS, -(-int(ends_at.timestamp()) // SECONDS))

    def held(self, rows: Iterable[tuple[int, int, int]], gaps: Mapping[int, int] | None = None) -> dict[int, int]:
        """The quarters touched by spans of some things, by the thing's id: ``rows`` hold id, start and end, in seconds since
        1970. A gap is kept before and after each span of a thing, in seconds too."""
        found: dict[int, int] = {}
        known: dict[tuple[int, int], int] = {}
        for id, starts_at, ends_at in rows:
            gap = gaps[id] if gaps else 0
            span = (starts_at - gap, ends_at + gap)
            mask = known.get(span)
            if mask is None:
                mask = known[span] = self.between(span[0] // SECONDS, -(-span[1] // SECONDS))
            found[id] = found.get(id, 0) | mask
        return found

    def between(self, starts: int, ends: int) -> int:
        """The quarters from one to another, counted since 1970, the last not included; what lies outside is left out."""
        low, high = max(starts - self.first, 0), min(ends - self.first, self.count)
        return ((1 << high) - 1) ^ ((1 << low) - 1) if low < high else 0


def grid(window: Span) -> Grid:
    """The grid of all quarters that lie in ``window``; one without quarters if it holds none."""
    first = -(-int(window.starts_at.timestamp()) // SECONDS)
    zero = window.in_utc().starts_at.replace(second=0, microsecond=0)
    zero += timedelta(seconds=first * SECONDS - int(zero.timestamp()))
    return Grid(first, max(int(window.ends_at.timestamp()) // SECONDS - first, 0), zero)
