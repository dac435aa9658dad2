"""Half-open spans of time: a span holds its start, never its end, so touching spans are free of each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import UnsetType

from app import clock

FIRST_YEAR, LAST_YEAR = 2000, 2100
AwareInstant = Annotated[datetime, msgspec.Meta(tz=True)]


def on_day(on: date, starts: int, ends: int, zone: str) -> Span:
    """From one minute of a local date to another, each 0 to 1440. Raises ValueError if they are backwards."""
    return Span(clock.instant_of(on, starts, zone), clock.instant_of(on, ends, zone))


def check_years(*given: date | UnsetType | None) -> None:
    """Raises ValueError for a date or an instant outside the years that are kept; what isn't given is no matter."""
    for one in given:
        if isinstance(one, date) and not FIRST_YEAR <= one.year <= LAST_YEAR:
            raise ValueError(f"years go from {FIRST_YEAR} to {LAST_YEAR}")


class Span(msgspec.Struct, frozen=True, order=True):
    """From ``starts_at`` up to, not including, ``ends_at``; both aware instants, kept in UTC.

    Raises ValueError when built naive or backwards, so that no layer below the edge ever meets such a span.
    """

    starts_at: AwareInstant
    ends_at: AwareInstant

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("a span needs instants with a zone")
        if self.starts_at >= self.ends_at:
            raise ValueError("a span must start before it ends")

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    def overlaps(self, other: Span) -> bool:
        """True if some instant lies in both; touching ends don't."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def holds(self, instant: datetime) -> bool:
        return self.starts_at <= instant < self.ends_at

    def covers(self, other: Span) -> bool:
        """True if every instant of ``other`` lies in this span."""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at

    def in_utc(self) -> Span:
        return Span(self.starts_at.astimezone(UTC), self.ends_at.astimezone(UTC))
