"""The geometry of a floor, in drawing units: origin top left, y downwards (docs/places.md)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

DESK_WIDTH, DESK_DEPTH, CHAIR = 36, 26, 10

Length = Annotated[float, msgspec.Meta(ge=0, le=20_000)]
Point = tuple[Length, Length]
Line = Annotated[list[Point], msgspec.Meta(min_length=2, max_length=200)]


class CorePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lift, a stair, a toilet: what nobody books."""

    kind: Literal["lift", "stairs", "toilet", "musala", "pantry", "shaft"]
    label: Annotated[str, msgspec.Meta(max_length=40)]
    x: Length
    y: Length
    width: Length
    height: Length


class Decor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plant or a table: it helps people find their way and means nothing else."""

    kind: Literal["plant", "table"]
    x: Length
    y: Length


class RoomShape(msgspec.Struct, frozen=True):
    """A room as drawn; ``seats`` is 0 where nobody meets."""

    name: str
    x: float
    y: float
    width: float
    height: float
    seats: int = 0


class AreaShape(msgspec.Struct, frozen=True):
    code: str
    name: str
    x: float
    y: float
    width: float
    height: float


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands still on a floor. ``rooms`` and ``areas`` are filled from their own tables when a page draws it."""

    width: Annotated[float, msgspec.Meta(gt=0, le=20_000)]
    height: Annotated[float, msgspec.Meta(gt=0, le=20_000)]
    outline: Annotated[list[Point], msgspec.Meta(min_length=3, max_length=400)]
    walls: list[Line] = []
    doors: list[Line] = []
    windows: list[Line] = []
    core: list[CorePart] = []
    decor: list[Decor] = []
    rooms: tuple[RoomShape, ...] = ()
    areas: tuple[AreaShape, ...] = ()
