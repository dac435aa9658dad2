"""The scopes that a client may name, and what each is about."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

import msgspec

from app import ids, weeks
from app.errors import Invalid

What = Literal["floor", "team", "unit", "person", "rooms", "board", "today"]


class Scope(msgspec.Struct, frozen=True):
    """``on`` is the date of a floor or of rooms, None for today at the site; ``monday`` begins the week of a board."""

    what: What
    id: int = 0
    on: date | None = None
    monday: date | None = None


_FORMS = re.compile(
    r"(?P<what>floor|team|unit|person|rooms|board):(?P<id>[1-9]\d{0,9})(?:@(?P<when>[\dW-]{8,10}))?", re.ASCII
)


def parse(scope: str) -> Scope:
    """Raises Invalid for anything else than ``floor:12``, ``floor:12@2026-11-24``, ``team:3``, ``unit:3``, ``person:7``,
    ``rooms:1@2026-11-24``, ``board:3@2026-W48``, ``today:me``."""
    if scope == "today:me":
        return Scope("today")
    found = _FORMS.fullmatch(scope)
    if found is None or int(found["id"]) > ids.LARGEST:
        raise Invalid(problem="scope")
    what, id, when = found["what"], int(found["id"]), found["when"]
    if what in ("team", "unit", "person"):
        if when is not None:
            raise Invalid(problem="scope")
        return Scope(what, id)  # type: ignore[arg-type]
    if what == "board":
        return Scope("board", id, monday=_monday(when))
    on = ids.day(when)
    # one way to write a date: other ones would be other channels
    if when != (on.isoformat() if on else None) or (on is None and what == "rooms"):
        raise Invalid(problem="scope")
    return Scope(what, id, on)  # type: ignore[arg-type]


def _monday(week: str | None) -> date:
    try:
        return weeks.monday_of(week or "")
    except ValueError as error:
        raise Invalid(problem="scope") from error
