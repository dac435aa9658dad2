"""What the forms of a series say: read from their fields, and kept for the same form shown again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

import msgspec

from app import shapes
from app.errors import Invalid
from app.ids import number
from app.rooms import recurrence
from app.rooms.series_shapes import FixOut, NewSeries, SeriesChange

T = TypeVar("T", NewSeries, SeriesChange)
SKIP = "skip"
FIX = "fix-"
"""A field of this and a date says what to do about that date's conflict."""
EVERY = (1, 2, 3, 4)


class SeriesForm(msgspec.Struct, frozen=True):
    """A form as it was sent; dates and times are as their fields write them."""

    space_id: int
    weekdays: tuple[int, ...]
    every: int
    starts_on: str
    until_on: str
    starts: str
    ends: str
    purpose: str
    chosen: dict[str, str]
    """by date, what to do about its conflict"""


def read_form(data: Mapping[str, str]) -> SeriesForm:
    every = number(data.get("every")) or 1
    return SeriesForm(
        number(data.get("space_id")) or 0,
        tuple(day for day in range(1, 8) if data.get(f"day{day}") == "1"),
        every if every in EVERY else 1,
        data.get("on", ""),
        data.get("last", ""),
        data.get("from", ""),
        data.get("until", ""),
        data.get("purpose", "").strip(),
        chosen_of(data),
    )


def chosen_of(data: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(FIX): value for name, value in data.items() if name.startswith(FIX) and value}


def new_series(form: SeriesForm) -> NewSeries:
    """Raises Invalid for a form that says no series."""
    if not form.weekdays:
        raise Invalid(problem="weekdays")
    rule = recurrence.weekly(list(form.weekdays), form.every, _date(form.until_on))
    asked = {
        "space_id": form.space_id,
        "rule": rule.value,
        "starts_on": form.starts_on,
        "starts": form.starts,
        "ends": form.ends,
        "purpose": form.purpose,
    }
    return _converted(asked | _resolved(form.chosen), NewSeries)


def change_of(data: Mapping[str, str]) -> SeriesChange:
    """Other hours for the dates that the form says. Raises Invalid."""
    scope = data.get("scope", "")
    asked = {"scope": scope, "starts": data.get("from", ""), "ends": data.get("until", "")}
    if scope != "all":
        asked["on"] = data.get("on", "")
    return _converted(asked | _resolved(chosen_of(data)), SeriesChange)


def dates_of(data: Mapping[str, str]) -> tuple[date, date]:
    """From when until when to cancel. Raises Invalid."""
    return _date(data.get("first", "")), _date(data.get("last", ""))


def way_value(way: FixOut) -> str:
    """A way out as a field's value."""
    return f"{way.space_id}|{way.starts_at.isoformat()}|{way.ends_at.isoformat()}"


def _resolved(chosen: dict[str, str]) -> dict[str, Any]:
    fixes = []
    for on, value in chosen.items():
        space_id, _, hours = value.partition("|")
        starts_at, _, ends_at = hours.partition("|")
        if value != SKIP:
            fixes.append({"on": on, "space_id": number(space_id) or 0, "starts_at": starts_at, "ends_at": ends_at})
    return {"fixes": fixes, "skip_conflicts": SKIP in chosen.values()}


def _converted(asked: dict[str, Any], shape: type[T]) -> T:
    try:
        return shapes.convert(asked, shape)
    except msgspec.ValidationError as error:
        raise Invalid(problem=str(error)) from error


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(problem="date") from error
