"""ISO weeks (ISO 8601): how plans, addresses and notices name them, Monday first."""

from __future__ import annotations

import re
from datetime import date, timedelta

_WEEK = re.compile(r"(\d{4})-W(\d{2})")


def monday_of(week: str) -> date:
    """The Monday of an ISO week such as ``2026-W48``. Raises ValueError."""
    if not (found := _WEEK.fullmatch(week)):
        raise ValueError("a week is written 2026-W48")
    year = int(found[1])
    if not 2000 <= year <= 2100:
        raise ValueError("years go from 2000 to 2100")
    return date.fromisocalendar(year, int(found[2]), 1)


def week_of(on: date) -> str:
    """The ISO week that holds a date, as ``2026-W48``."""
    year, week, _ = on.isocalendar()
    return f"{year}-W{week:02}"


def to_plan(today: date) -> str:
    """The week that somebody has before them: the present one, at its end the next."""
    return week_of(today + timedelta(days=2 if today.weekday() > 4 else 0))


def days_of(monday: date) -> tuple[date, ...]:
    return tuple(monday + timedelta(days=n) for n in range(7))
