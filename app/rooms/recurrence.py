"""Recurrence rules (RRULE of RFC 5545, 3.3.10) as series of bookings use them: local dates in, local dates out.

A rule says on which dates; the hours of a series and the zone of its place make instants of them. python-dateutil reads the
dates off; what it would take without complaint and the standard forbids is refused here first.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

import msgspec
from dateutil.rrule import rrulestr

from app import clock
from app.spans import check_years

MOST = 366
"""dates of one series"""
REACH = timedelta(days=5 * 366)
"""No rule is followed further than this from its start."""
LATER = 7600
"""The calendar is the same every 400 years, to the weekday. dateutil looks for a date that never comes, 30 February, until
the year 9999: 4.5 seconds from ours, 0.2 from this many years later."""
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_NUMBERS = {"BYMONTH": (1, 12), "BYMONTHDAY": (-31, 31), "BYYEARDAY": (-366, 366), "BYWEEKNO": (-53, 53)}
_NUMBERS |= {"BYSETPOS": (-366, 366)}
_ONLY = {"BYWEEKNO": ("YEARLY",), "BYYEARDAY": ("YEARLY",), "BYMONTHDAY": ("DAILY", "MONTHLY", "YEARLY")}
"""Frequencies that a part goes with, where not with all of ours."""
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")


class Recurrence(msgspec.Struct, frozen=True):
    """A rule that was read. ``by`` are its BY parts as written; ``until`` is its last possible date, by the wall."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    by: tuple[tuple[str, str], ...] = ()
    week_starts: str = "MO"

    @property
    def value(self) -> str:
        """As the standard writes it."""
        parts = [f"FREQ={self.freq}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until:%Y%m%d}")
        parts += [f"{name}={value}" for name, value in self.by]
        if self.week_starts != "MO":
            parts.append(f"WKST={self.week_starts}")
        return ";".join(parts)

    @property
    def bounded(self) -> bool:
        return self.count is not None or self.until is not None

    def part(self, name: str) -> str:
        """The value of a BY part, or ""."""
        return dict(self.by).get(name, "")


def parse(value: str, zone: str, starts: int = 0) -> Recurrence:
    """The rule that ``value`` says. An UNTIL with a time counts by the wall of ``zone``, against dates that begin at local
    minute ``starts``. Raises ValueError with the reason for what isn't a rule, or is none of ours."""
    parts = _parts(value.strip().removeprefix("RRULE:"))
    freq = parts.pop("FREQ", "")
    if freq not in FREQUENCIES:
        raise ValueError(f"FREQ must be one of {', '.join(FREQUENCIES)}")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("COUNT and UNTIL exclude each other")
    interval = _number("INTERVAL", parts.pop("INTERVAL", "1"), 1, 366)
    count = _number("COUNT", parts.pop("COUNT"), 1, MOST) if "COUNT" in parts else None
    until = _last_date(parts.pop("UNTIL"), zone, starts) if "UNTIL" in parts else None
    week_starts = parts.pop("WKST", "MO")
    if week_starts not in WEEKDAYS:
        raise ValueError("WKST must be a weekday such as MO")
    for name, text in parts.items():
        _check(freq, name, text)
    if "BYSETPOS" in parts and len(parts) == 1:
        raise ValueError("BYSETPOS needs another BY part")
    if "BYWEEKNO" in parts and any(day.n for day in _days(parts.get("BYDAY", ""))):
        raise ValueError("BYDAY has no numbers beside BYWEEKNO")
    return Recurrence(freq, interval, count, until, tuple(sorted(parts.items())), week_starts)


def _parts(text: str) -> dict[str, str]:
    if not re.fullmatch(r"[A-Za-z0-9=;,+-]{1,300}", text):
        raise ValueError("a rule looks like FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10")
    parts: dict[str, str] = {}
    for part in text.upper().split(";"):
        name, given, value = part.partition("=")
        if not given or not value or name in parts:
            raise ValueError(f"{name} is empty or there twice")
        parts[name] = value
    return parts


def _number(name: str, text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[+-]?\d{1,4}", text) or not least <= int(text) <= most or (least < 0 and int(text) == 0):
        raise ValueError(f"{name} must be from {least} to {most}")
    return int(text)


def _last_date(text: str, zone: str, starts: int) -> date:
    found = _UNTIL.fullmatch(text)
    try:
        if not found:
            raise ValueError
        wall = datetime.strptime(found[1] + (found[2] or "000000"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        check_years(wall)
        if found[2] is None:
            return wall.date()
    except ValueError:
        raise ValueError("UNTIL is a date such as 20261231, or an instant such as 20261231T155959Z") from None
    if found[3]:
        wall = wall.astimezone(clock.zone(zone))
    begun = wall.hour * 60 + wall.minute >= starts
    return wall.date() if begun else wall.date() - timedelta(days=1)


def _check(freq: str, name: str, text: str) -> None:
    if name == "BYDAY":
        if any(day.n for day in _days(text)) and freq not in ("MONTHLY", "YEARLY"):
            raise ValueError("BYDAY has numbers with MONTHLY and YEARLY alone")
        return
    if name not in _NUMBERS:
        raise ValueError(f"{name} is not understood here")
    if freq not in _ONLY.get(name, FREQUENCIES):
        raise ValueError(f"{name} does not go with {freq}")
    for each in text.split(","):
        _number(name, each, *_NUMBERS[name])


class _Weekday(msgspec.Struct, frozen=True):
    n: int
    """which one of the month or year; 0 for each"""
    name: str


def _days(text: str) -> list[_Weekday]:
    found = []
    for each in text.split(",") if text else []:
        day = _DAY.fullmatch(each)
        if not day or (day[1] and not 1 <= abs(int(day[1])) <= 53):
            raise ValueError("BYDAY is weekdays such as MO,WE or 1FR")
        found.append(_Weekday(int(day[1] or 0), day[2]))
    return found


def dates(rule: Recurrence, starts_on: date) -> list[date]:
    """The dates of a rule that starts at ``starts_on``, which is one of them only if the rule says so.

    Raises ValueError for a rule without an end, with more dates than may be, none at all, or that reaches too far.
    """
    if not rule.bounded:
        raise ValueError("a series needs COUNT or UNTIL")
    furthest = starts_on + REACH
    if rule.until is not None and rule.until > furthest:
        raise ValueError("a series reaches five years at most")
    last = min(rule.until or furthest, furthest)
    endless = msgspec.structs.replace(rule, count=None, until=None)
    begins = datetime.combine(_years(starts_on, LATER), time())
    every: Any = rrulestr(f"{endless.value};UNTIL={_years(last, LATER):%Y%m%d}", dtstart=begins)
    most = MOST + 1 if rule.count is None else rule.count
    found = [_years(each.date(), -LATER) for each in islice(every, most)]
    if len(found) > MOST:
        raise ValueError(f"a series has {MOST} dates at most")
    if not found:
        raise ValueError("the rule has no dates")
    if rule.count is not None and len(found) < rule.count:
        raise ValueError("a series reaches five years at most")
    return found


def _years(on: date, years: int) -> date:
    return on.replace(year=on.year + years)


def until(rule: Recurrence, last: date) -> Recurrence:
    """The rule with ``last`` as its last possible date."""
    return msgspec.structs.replace(rule, count=None, until=last)


def rest(rule: Recurrence, starts_on: date, on: date) -> Recurrence:
    """The rule that, started at its date ``on``, has the dates that are left from there. Raises ValueError if ``on`` is none
    of its dates."""
    every = dates(rule, starts_on)
    if on not in every:
        raise ValueError("the rule has no such date")
    if rule.count is None:
        return rule
    return msgspec.structs.replace(rule, count=len(every) - every.index(on))


def shifted(rule: Recurrence, from_on: date, to_on: date) -> Recurrence:
    """The rule whose date ``from_on`` falls on ``to_on``, and all others as many days away from where they were.

    A weekly rule turns its weekdays, a monthly one by a single day follows that day. Raises ValueError for rules that hang on
    the calendar in more than one way: what they would become isn't said by a date.
    """
    days = to_on - from_on
    end = rule.until + days if rule.until is not None else None
    moved = msgspec.structs.replace(rule, until=end)
    if not days or not rule.by:
        return moved
    names = {name for name, _ in rule.by}
    if rule.freq == "WEEKLY" and names == {"BYDAY"}:
        turned = ",".join(_turned(day.name, days.days) for day in _days(rule.part("BYDAY")))
        # turned with its days, or a week of two would end in their midst
        return msgspec.structs.replace(
            moved, by=(("BYDAY", turned),), week_starts=_turned(rule.week_starts, days.days)
        )  # fmt: skip
    if rule.freq == "MONTHLY" and names == {"BYMONTHDAY"} and rule.part("BYMONTHDAY") == str(from_on.day):
        return msgspec.structs.replace(moved, by=(("BYMONTHDAY", str(to_on.day)),))
    if rule.freq == "MONTHLY" and names == {"BYDAY"}:
        found = _days(rule.part("BYDAY"))
        if len(found) == 1 and found[0].n:
            return msgspec.structs.replace(moved, by=(("BYDAY", _nth(to_on, last=found[0].n < 0)),))
    raise ValueError("this rule can't be moved by a date; say the new rule")


def _turned(name: str, days: int) -> str:
    return WEEKDAYS[(WEEKDAYS.index(name) + days) % 7]


def _nth(on: date, *, last: bool) -> str:
    """A date as the nth weekday of its month, from the end if it was counted from there."""
    name = WEEKDAYS[on.weekday()]
    if not last:
        return f"{(on.day - 1) // 7 + 1}{name}"
    next_month = (on.replace(day=1) + timedelta(days=32)).replace(day=1)
    return f"-{((next_month - on).days - 1) // 7 + 1}{name}"


def weekly(weekdays: list[int], interval: int, last: date) -> Recurrence:
    """The rule of a form: ISO ``weekdays`` every ``interval`` weeks up to and including ``last``."""
    names = ",".join(WEEKDAYS[day - 1] for day in sorted(set(weekdays)))
    return Recurrence("WEEKLY", interval, None, last, (("BYDAY", names),))


def weekdays_of(rule: Recurrence) -> list[int] | None:
    """ISO weekdays of a weekly rule that says them; None for a rule of another kind."""
    if rule.freq != "WEEKLY" or {name for name, _ in rule.by} != {"BYDAY"}:
        return None
    return sorted(WEEKDAYS.index(day.name) + 1 for day in _days(rule.part("BYDAY")))
