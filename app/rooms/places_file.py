"""The places file (docs/places.md): its rows, and everything wrong with them. No database here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from app.rooms.plans import Length, Plan
from app.rooms.svg_plans import UnreadablePlan, read_svg
from app.spans import AwareInstant

FORMAT = "selaras-places/1"

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
ClockTime = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
DeskAttribute = Literal["monitor", "standing", "accessible", "quiet", "window"]
RoomAttribute = Literal[
    "video", "screen", "hearing-loop", "accessible", "hybrid", "near-prayer-room", "near-nursing-room"
]
RoomKind = Literal[
    "meeting", "leadership", "teleconference", "hall", "classroom", "collaboration", "focus", "phone-booth"
]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=120)]


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class AgencyRow(_Row, frozen=True):
    code: Code
    name: Name


class SiteRow(_Row, frozen=True):
    code: Code
    name: Name
    zone: str

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"there is no time zone {self.zone}") from error


class BuildingRow(_Row, frozen=True):
    code: Code
    site: Code
    name: Name


class AreaRow(_Row, frozen=True):
    code: Code
    name: Name
    x: Length
    y: Length
    width: Length
    height: Length
    name_en: str = ""


class DeskRow(_Row, frozen=True):
    code: Code
    x: Length
    y: Length
    area: Code | None = None
    chair: Literal["north", "south"] = "north"
    name: str = ""
    attributes: list[DeskAttribute] = []


class RoomRow(_Row, frozen=True):
    code: Code
    name: Name
    x: Length
    y: Length
    width: Length
    height: Length
    area: Code | None = None
    seats: Annotated[int, msgspec.Meta(ge=0, le=5000)] = 0
    bookable: bool = True
    attributes: list[RoomAttribute] = []
    kind: RoomKind = "meeting"
    setup_minutes: Minutes = 0
    clearing_minutes: Minutes = 0
    needs_approval: bool = False


class FloorRow(_Row, frozen=True):
    code: Code
    building: Code
    name: Name
    level: Annotated[int, msgspec.Meta(ge=-20, le=200)]
    plan: Plan
    areas: tuple[AreaRow, ...] = ()
    desks: tuple[DeskRow, ...] = ()
    rooms: tuple[RoomRow, ...] = ()


class AllotmentRow(_Row, frozen=True):
    floor: Code
    area: Code
    agency: Code
    from_: date = msgspec.field(name="from")
    unit: str | None = None
    until: date | None = None


class RuleRow(_Row, frozen=True):
    from_: date = msgspec.field(name="from")
    until: date | None = None
    floor: Code | None = None
    agency: Code | None = None
    weekday: Annotated[int, msgspec.Meta(ge=1, le=7)] | None = None
    basis: str = ""
    horizon_days: Annotated[int, msgspec.Meta(ge=0, le=400)] | None = None
    longest_minutes: Annotated[int, msgspec.Meta(ge=15, le=44640)] | None = None
    opens: ClockTime | None = None
    closes: ClockTime | None = None
    open_weekdays: Annotated[str, msgspec.Meta(pattern="^1?2?3?4?5?6?7?$")] | None = None
    day_starts: ClockTime | None = None
    break_starts: ClockTime | None = None
    break_ends: ClockTime | None = None
    day_ends: ClockTime | None = None
    check_in_from_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] | None = None
    release_after_minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] | None = None

    def __post_init__(self) -> None:
        if self.floor and self.agency:
            raise ValueError("a rule names a floor or an agency, not both")
        if self.opens and self.closes and self.opens >= self.closes:
            raise ValueError("opens must come before closes")


class ClosureRow(_Row, frozen=True):
    starts_at: AwareInstant
    ends_at: AwareInstant
    reason: Name
    site: Code | None = None
    floor: Code | None = None
    area: Code | None = None
    space: Code | None = None

    def __post_init__(self) -> None:
        if self.starts_at >= self.ends_at:
            raise ValueError("a closure must start before it ends")
        if (self.site is None) == (self.floor is None):
            raise ValueError("a closure names a site, or a floor with perhaps an area or a space")
        if (self.site and (self.area or self.space)) or (self.area and self.space):
            raise ValueError("a closure names one of site, floor, area and space")


class Places(msgspec.Struct, frozen=True):
    """A whole file, read."""

    agencies: tuple[AgencyRow, ...] = ()
    sites: tuple[SiteRow, ...] = ()
    buildings: tuple[BuildingRow, ...] = ()
    floors: tuple[FloorRow, ...] = ()
    allotments: tuple[AllotmentRow, ...] = ()
    rules: tuple[RuleRow, ...] = ()
    closures: tuple[ClosureRow, ...] = ()


class RowError(msgspec.Struct, frozen=True):
    """``where`` is the row as a path: ``floors[2].desks[17]``."""

    where: str
    problem: str


_KINDS: dict[str, type[_Row]] = {
    "agencies": AgencyRow,
    "sites": SiteRow,
    "buildings": BuildingRow,
    "allotments": AllotmentRow,
    "rules": RuleRow,
    "closures": ClosureRow,
}
_PARTS: dict[str, type[_Row]] = {"areas": AreaRow, "desks": DeskRow, "rooms": RoomRow}

R = TypeVar("R", bound=_Row)


def read(document: Any, drawing: Callable[[str], str] | None = None) -> tuple[Places, list[RowError]]:
    """The file's rows and every error of form in it; rows with an error are left out of the first.

    ``drawing(name)`` gives the text of an SVG that a floor names; it raises OSError if there is none.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return Places(), [RowError("format", f"this is no file of the format {FORMAT}")]
    errors = [RowError(name, "is unknown") for name in document if name not in {*_KINDS, "floors", "format"}]
    read: dict[str, Any] = {}
    for name, kind in _KINDS.items():
        read[name] = tuple(_rows(document.get(name, []), name, kind, errors))
    read["floors"] = tuple(_floors(document.get("floors", []), errors, drawing))
    return Places(**read), errors


def _rows(rows: Any, where: str, kind: type[R], errors: list[RowError]) -> Iterator[R]:
    if not isinstance(rows, list):
        errors.append(RowError(where, "is no list"))
        return
    for number, row in enumerate(rows):
        try:
            yield msgspec.convert(row, kind)
        except msgspec.ValidationError as error:
            errors.append(RowError(f"{where}[{number}]", _plain(error)))


def _floors(rows: Any, errors: list[RowError], drawing: Callable[[str], str] | None) -> Iterator[FloorRow]:
    if not isinstance(rows, list):
        errors.append(RowError("floors", "is no list"))
        return
    for number, row in enumerate(rows):
        where = f"floors[{number}]"
        if not isinstance(row, dict):
            errors.append(RowError(where, "is no object"))
            continue
        fields = dict(row)
        if "svg" in fields:
            fields |= _drawn(str(fields.pop("svg")), where, errors, drawing)
        found = len(errors)
        for part, kind in _PARTS.items():
            fields[part] = tuple(_rows(fields.get(part, []), f"{where}.{part}", kind, errors))
        try:
            floor = msgspec.convert(fields, FloorRow)
        except msgspec.ValidationError as error:
            errors.append(RowError(where, _plain(error)))
            continue
        errors += [RowError(f"{where}.{path}", problem) for path, problem in _inside(floor)]
        if len(errors) == found:
            yield floor


def _drawn(name: str, where: str, errors: list[RowError], drawing: Callable[[str], str] | None) -> Mapping[str, Any]:
    try:
        if drawing is None or re.search(r"[/\\]|^\.", name):
            raise OSError
        return read_svg(drawing(name))
    except UnreadablePlan as error:
        errors += [RowError(f"{where}.svg#{element}", problem) for element, problem in error.errors]
    except (OSError, UnicodeDecodeError):
        errors.append(RowError(f"{where}.svg", f"there is no drawing {name} beside this file"))
    return {}


def _inside(floor: FloorRow) -> Iterator[tuple[str, str]]:
    """What doesn't fit within one floor: codes twice, areas that aren't there, things outside the plan."""
    areas = {area.code for area in floor.areas}
    seen: set[str] = set()
    desks: list[tuple[str, DeskRow | RoomRow]] = [(f"desks[{n}]", desk) for n, desk in enumerate(floor.desks)]
    for where, row in [*desks, *((f"rooms[{n}]", room) for n, room in enumerate(floor.rooms))]:
        if row.code in seen:
            yield where, f"code {row.code} is on this floor already"
        seen.add(row.code)
        if row.area is not None and row.area not in areas:
            yield where, f"there is no area {row.area} on this floor"
        if row.x > floor.plan.width or row.y > floor.plan.height:
            yield where, "stands outside the plan"
    if len(areas) != len(floor.areas):
        yield "areas", "two areas have the same code"


def _plain(error: msgspec.ValidationError) -> str:
    """msgspec's message with its path in front: "`x`: Expected `float`, got `str`"."""
    text = str(error)
    message, _, path = text.partition(" - at `$")
    return f"{path.rstrip('`').lstrip('.')}: {message}" if path else message


def minute(text: str | None) -> int | None:
    """Minutes since midnight of ``HH:MM``."""
    return None if text is None else int(text[:2]) * 60 + int(text[3:])
