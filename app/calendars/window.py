"""Which part of time a feed shows: from four weeks back to 53 weeks ahead, anchored to Mondays, so that it moves once a week."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from app import clock
from app.spans import Span

WEEKS_BACK, WEEKS_AHEAD = 4, 53
TOMBSTONES = timedelta(days=30)
ZONE = "Asia/Makassar"
"""By whose wall a week begins for everybody's feeds."""


class Window(msgspec.Struct, frozen=True):
    """``from_on`` and ``until_on`` are local dates, the second not included; ``span`` the same in instants. What was called
    off before ``gone_before`` is shown no more."""

    monday: date
    from_on: date
    until_on: date
    span: Span
    gone_before: datetime


def window(now: datetime) -> Window:
    """The window of the week that ``now`` is in."""
    today = clock.local_date(now, ZONE)
    monday = today - timedelta(days=today.weekday())
    from_on, until_on = monday - timedelta(weeks=WEEKS_BACK), monday + timedelta(weeks=WEEKS_AHEAD)
    starts_at, ends_at = (clock.instant_of(on, 0, ZONE) for on in (from_on, until_on))
    return Window(monday, from_on, until_on, Span(starts_at, ends_at), clock.instant_of(monday, 0, ZONE) - TOMBSTONES)
