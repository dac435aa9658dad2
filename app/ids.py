"""Ids and texts as they come from outside."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

LARGEST = 2**31 - 1
"""what fits the integer ranges of the guards"""

Id = Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]
"""A row's id in a body; anything else is refused before a database sees it."""

PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
"""One line without control characters: PostgreSQL has no way to keep a NUL, calendars and mails none to write the others."""
NAMED = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
"""Such a line that says something: not only spaces."""
PARAGRAPHS = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Several lines, without control characters of any other kind."""


def day(text: str | None) -> date | None:
    """A date as addresses and fields hold it; None for anything else, and for what lies outside the years that are shown."""
    try:
        on = date.fromisoformat(text or "")
    except ValueError:
        return None
    return on if 2000 < on.year < 2100 else None


def minute(text: str | None) -> int | None:
    """Minutes since midnight of "09:30", up to "24:00"; None for anything else."""
    hours, _, minutes = (text or "").partition(":")
    found, rest = number(hours), number(minutes[:2])
    return None if found is None or rest is None or found * 60 + rest > 1440 else found * 60 + rest


def hhmm(minute: int) -> str:
    """ "09:30" for minutes since midnight, as fields and addresses hold it; the day's end is "24:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def minute_of(text: str) -> int:
    """Minutes since midnight of what ``hhmm`` wrote, or a pattern has checked."""
    return int(text[:2]) * 60 + int(text[3:5])


def number(text: str | None) -> int | None:
    """A number as addresses and fields hold it, of nine digits at most; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
