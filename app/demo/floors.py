"""Draws floors for the demo: from a number of desks to a plan that could be a real one.

All lengths are the places file's drawing units (docs/places.md): origin top left, y downwards, a desk is 36 by 26 and
its chair reaches 10 further. A floor has a row of rooms along its north façade, a core, and areas of benches around it;
a bench is two rows of desks that face each other across a narrow gap. The same seats, shape and seed always give the
same floor.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate, pairwise
from typing import Any

import msgspec

from app.rooms.plans import CHAIR, DESK_DEPTH, DESK_WIDTH

EDGE = 20.0
"""from the drawing's border to the slab"""
ROOM_DEPTH = 134.0
AREA_TOP = 190
AREA_END = 34
"""from the bottom of the areas to the drawing's border"""
CORE_WIDTH, CORE_DEPTH = 244, 196
MARGIN = 14
LABEL = 28
"""left free at the bottom of an area for its name"""
PITCH = 42
"""from desk to desk along a bench: fingers hit 42 units, and no two targets overlap"""
FACE_GAP = 8
BENCH_DEPTH = 2 * (CHAIR + DESK_DEPTH) + FACE_GAP
WIDEST_AISLE = 90
BY_THE_WINDOW = 90
"""a desk this near to a façade has the window"""

RIVERS = (
    "Mahakam", "Kapuas", "Barito", "Kahayan", "Musi", "Batanghari", "Siak", "Kampar", "Indragiri", "Rokan",
    "Asahan", "Citarum", "Ciliwung", "Cisadane", "Brantas", "Serayu", "Progo", "Opak", "Cimanuk", "Digul",
    "Mamberamo", "Sembakung", "Kayan", "Segah", "Kelay", "Mentaya", "Katingan", "Lamandau", "Jelai", "Walanae",
    "Sadang", "Tondano", "Lariang", "Ranoyapo", "Noelmina", "Benanain", "Batang", "Kuantan", "Rawas", "Lematang",
    "Ogan", "Komering", "Sekampung", "Citanduy",
)  # fmt: skip

_NAMES = {
    3: (("Sayap barat", "West wing"), ("Tengah", "Centre"), ("Sayap timur", "East wing")),
    4: (
        ("Sayap barat", "West wing"),
        ("Tengah barat", "West centre"),
        ("Tengah timur", "East centre"),
        ("Sayap timur", "East wing"),
    ),
    5: (
        ("Sayap barat", "West wing"),
        ("Barat dalam", "Inner west"),
        ("Tengah", "Centre"),
        ("Timur dalam", "Inner east"),
        ("Sayap timur", "East wing"),
    ),
}


Point = tuple[float, float]
Spans = tuple[tuple[float, float, int], ...]
"""from west to east: x, width, columns of benches (0 where the core stands)"""


class Box(msgspec.Struct, frozen=True):
    """A rectangle; ``x``, ``y`` is its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def mirrored(self, within: float) -> Box:
        """The same box with left and right exchanged on a drawing ``within`` wide."""
        return Box(within - self.right, self.y, self.width, self.height)

    def as_dict(self) -> dict[str, float]:
        return {"x": self.x, "y": self.y, "width": self.width, "height": self.height}


class Slot(msgspec.Struct, frozen=True):
    """Where an area goes and how it is furnished: ``columns`` of benches ``across`` desks wide, in ``rows``."""

    box: Box
    columns: int
    rows: int
    across: int = 4

    @property
    def bench(self) -> int:
        """Desks of one full bench, both of its sides."""
        return 2 * self.across

    @property
    def seats(self) -> int:
        return self.bench * self.columns * self.rows


class Frame(msgspec.Struct, frozen=True):
    """The bones of a floor before its furniture."""

    width: float
    height: float
    core: Box
    slots: tuple[Slot, ...]
    side_rooms: tuple[Box, ...] = ()

    @property
    def seats(self) -> int:
        return sum(slot.seats for slot in self.slots)


class Seat(msgspec.Struct, frozen=True):
    x: float
    y: float
    chair: str
    end: bool
    """at the end of its bench, so an aisle runs beside it"""

    @property
    def box(self) -> Box:
        """What the desk takes of the floor, its chair included."""
        return Box(self.x, self.y - (CHAIR if self.chair == "north" else 0), DESK_WIDTH, DESK_DEPTH + CHAIR)


class RoomKind(msgspec.Struct, frozen=True):
    width: float
    seats: int
    attributes: tuple[str, ...] = ()
    name: str = ""
    """empty for a room that is named after a river"""
    kind: str = "meeting"
    setup_minutes: int = 0
    clearing_minutes: int = 0
    needs_approval: bool = False


LARGE = RoomKind(228, 12, ("video", "screen", "hybrid", "hearing-loop", "accessible"))
MEDIUM = RoomKind(178, 8, ("video", "screen", "hybrid", "accessible"))
SMALL = RoomKind(156, 6, ("screen", "accessible"))
FOCUS = RoomKind(112, 1, ("video",), "Fokus", "focus")
BOOTH = RoomKind(112, 1, (), "Bilik", "phone-booth")
MUSALA = RoomKind(156, 0, (), "Musala")
PANTRY = RoomKind(218, 0, (), "Pantri")
STUDIO = RoomKind(0, 10, ("video", "screen", "hybrid", "accessible"), kind="collaboration")
CLASSROOM = RoomKind(0, 20, ("video", "screen", "hybrid", "hearing-loop", "accessible"), kind="classroom")
LEADERSHIP = RoomKind(
    228,
    16,
    ("video", "screen", "hybrid", "hearing-loop", "accessible", "near-prayer-room"),
    kind="leadership",
    setup_minutes=15,
    clearing_minutes=15,
    needs_approval=True,
)
TELECONFERENCE = RoomKind(
    178, 10, ("video", "screen", "hybrid", "accessible"), kind="teleconference", setup_minutes=10, clearing_minutes=5
)
HALL = RoomKind(
    228, 40, ("video", "screen", "hearing-loop", "accessible"), kind="hall", setup_minutes=30, clearing_minutes=30
)
NUMBERED = (FOCUS, BOOTH)
"""rooms of which a floor has several"""

_ROWS_OF_ROOMS = (
    (LARGE, MEDIUM, FOCUS, FOCUS, SMALL, MUSALA, PANTRY),
    (MEDIUM, FOCUS, LARGE, SMALL, FOCUS, MUSALA, PANTRY),
    (LARGE, SMALL, FOCUS, FOCUS, MUSALA, MEDIUM, PANTRY),
)
_WIDE_ROWS_OF_ROOMS = (
    (LARGE, MEDIUM, FOCUS, FOCUS, SMALL, LARGE, FOCUS, MUSALA, PANTRY),
    (MEDIUM, LARGE, FOCUS, SMALL, FOCUS, MEDIUM, FOCUS, MUSALA, PANTRY),
    (LARGE, FOCUS, FOCUS, MEDIUM, SMALL, FOCUS, LARGE, MUSALA, PANTRY),
)


Exchange = Mapping[RoomKind, RoomKind]
NONE_OTHER: Exchange = {}


def floor_plan(seats: int, *, shape: int = 0, seed: int = 0, instead: Exchange = NONE_OTHER) -> dict[str, Any]:
    """A floor with exactly ``seats`` desks, as ``plan``, ``areas``, ``desks`` and ``rooms`` of a places file's floor.

    ``shape`` chooses where the core stands (the same for all floors of a building), ``seed`` all that differs from
    floor to floor. The last room of a kind in the row is one of the kind ``instead`` names for it. Raises ValueError outside
    8 to 216 desks.
    """
    frame = _frame(seats, shape)
    dice = random.Random(f"{shape}/{seed}/{seats}")  # noqa: S311 - furniture, not secrets
    areas, desks, lounges = _furnish(frame, seats, dice)
    strip = _exchanged(_room_strip(frame, seed, mirrored=bool(shape & 4)), instead)
    side = tuple(zip(frame.side_rooms, (CLASSROOM, STUDIO, STUDIO, LARGE), strict=False))
    return {
        "plan": _plan(frame, shape, [box for box, _ in strip], lounges),
        "areas": areas,
        "desks": desks,
        "rooms": _rooms((*strip, *side), seed, areas[0]["code"]),
    }


Placed = tuple[tuple[Box, RoomKind], ...]


def _exchanged(strip: Placed, instead: Exchange) -> Placed:
    last = {kind: at for at, (_, kind) in enumerate(strip)}
    return tuple((box, instead.get(kind, kind) if last[kind] == at else kind) for at, (box, kind) in enumerate(strip))


# The bones


def _frame(seats: int, shape: int) -> Frame:
    """The smallest frame that holds ``seats``. ``shape`` is read as bits: core off the middle, core south, mirrored."""
    if seats < 8:
        raise ValueError(f"a floor has at least 8 desks, not {seats}")
    choices: tuple[tuple[Callable[[bool], tuple[float, Spans, int]], int, int], ...] = (
        (_small_columns, 2, 600),
        (_small_columns, 3, 600),
        (_columns, 2, 600),
        (_columns, 3, 710),
        (_columns, 4, 730),
        (_wide_columns, 3, 710),
        (_wide_columns, 4, 740),
    )
    for columns, rows, height in choices:
        width, spans, core_at = columns(bool(shape & 1))
        frame = _stand(width, height, spans, core_at, rows, south=bool(shape & 2))
        if frame.seats >= seats:
            return _mirrored(frame) if shape & 4 else frame
    raise ValueError(f"a floor has at most {frame.seats} desks, not {seats}")


def _small_columns(_offset: bool) -> tuple[float, Spans, int]:
    """Meeting rooms take the two ends of a small floor."""
    return 1200, ((212, 218, 1), (446, 308, 0), (770, 218, 1)), 1


def _columns(offset: bool) -> tuple[float, Spans, int]:
    """The drawing's width, its spans, and which of them holds the core."""
    if offset:
        return 1200, ((36, 200, 1), (252, 308, 0), (576, 588, 3)), 1
    return 1200, ((36, 394, 2), (446, 308, 0), (770, 394, 2)), 1


def _wide_columns(offset: bool) -> tuple[float, Spans, int]:
    if offset:
        return 1610, ((36, 394, 2), (446, 308, 0), (770, 394, 2), (1180, 394, 2)), 1
    return 1624, ((36, 394, 2), (446, 196, 1), (658, 308, 0), (982, 196, 1), (1194, 394, 2)), 2


def _stand(width: float, height: float, spans: Spans, core_at: int, rows: int, *, south: bool) -> Frame:
    """Areas from top to bottom, and in the core's column one row of desks less than there is room for the core."""
    bottom = height - AREA_END
    x, column_width, _ = spans[core_at]
    core_y = bottom - 24 - CORE_DEPTH if south else AREA_TOP + 24
    core = Box(x + (column_width - CORE_WIDTH) / 2, core_y, CORE_WIDTH, CORE_DEPTH)
    middle_rows = 2 if height >= 700 else 1
    depth = bottom - AREA_TOP - CORE_DEPTH - 58
    middle = Slot(
        Box(x, AREA_TOP if south else bottom - depth, column_width, depth), columns=1, rows=middle_rows, across=6
    )
    slots = tuple(
        middle if at == core_at else Slot(Box(x, AREA_TOP, span, bottom - AREA_TOP), columns, rows)
        for at, (x, span, columns) in enumerate(spans)
    )
    return Frame(width, height, core, slots, _side_rooms(width, height) if spans[0][0] > 100 else ())


def _side_rooms(width: float, height: float) -> tuple[Box, ...]:
    half = (height - EDGE - AREA_TOP) / 2
    return tuple(Box(x, y, 176, half) for x in (EDGE, width - EDGE - 176) for y in (AREA_TOP, AREA_TOP + half))


def _mirrored(frame: Frame) -> Frame:
    def over(box: Box) -> Box:
        return box.mirrored(frame.width)

    return msgspec.structs.replace(
        frame,
        core=over(frame.core),
        slots=tuple(msgspec.structs.replace(slot, box=over(slot.box)) for slot in reversed(frame.slots)),
        side_rooms=tuple(map(over, frame.side_rooms)),
    )


# The furniture


def _furnish(frame: Frame, seats: int, dice: random.Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Any]:
    """Areas, desks and the decor of the benches that were left out."""
    shares = _shares(seats, [slot.seats for slot in frame.slots])
    seated: list[tuple[str, Seat]] = []
    decor: list[dict[str, Any]] = []
    areas = []
    for code, slot, share, (name, name_en) in zip("ABCDE", frame.slots, shares, _NAMES[len(shares)], strict=False):
        found, lounges = _benches(slot, share, toward=frame.core.centre[0], dice=dice)
        seated += [(code, seat) for seat in found]
        decor += lounges
        areas.append({"code": code, "name": name, "name_en": name_en, **slot.box.as_dict()})
    quiet = dice.choice([areas[0]["code"], areas[-1]["code"]])
    near_core = _near_core(frame, [seat for _, seat in seated])
    desks = []
    numbers = dict.fromkeys("ABCDE", 0)
    for area, seat in seated:
        numbers[area] += 1
        attributes = _attributes(frame, seat, dice, accessible=seat in near_core, quiet=area == quiet)
        desks.append(
            {
                "code": f"{area}-{numbers[area]:02}",
                "area": area,
                "x": seat.x,
                "y": seat.y,
                "chair": seat.chair,
                "attributes": attributes,
            }
        )
    return areas, desks, decor


def _shares(seats: int, capacities: list[int]) -> list[int]:
    """``seats`` divided in proportion to ``capacities``, none above its own; the largest remainders round up."""
    total = sum(capacities)
    exact = [seats * capacity / total for capacity in capacities]
    shares = [math.floor(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: shares[at] - exact[at])
    for at in by_remainder[: seats - sum(shares)]:
        shares[at] += 1
    return shares


def _benches(slot: Slot, share: int, *, toward: float, dice: random.Random) -> tuple[list[Seat], list[dict[str, Any]]]:
    """``share`` seats of a slot in reading order; where no bench is needed there is a table to meet at, and plants.

    Benches nearest to the core (whose x is ``toward``) make way first, so that people by the windows keep theirs.
    """
    cells = [(row, column) for row in range(slot.rows) for column in range(slot.columns)]
    dice.shuffle(cells)
    cells.sort(key=lambda cell: abs(_bench_at(slot, *cell).centre[0] - toward))
    spare = len(cells) - math.ceil(share / slot.bench)
    left_out, kept = cells[:spare], cells[spare:]
    missing = len(kept) * slot.bench - share
    seats: list[Seat] = []
    for at, (row, column) in enumerate(kept):
        pairs_off = missing // 2 // len(kept) + (at < missing // 2 % len(kept))
        single_off = missing % 2 and at == len(kept) - 1
        seats += _bench(slot, row, column, pairs_off, single_off=bool(single_off))
    decor = [piece for cell in left_out for piece in _lounge(_bench_at(slot, *cell))]
    return sorted(seats, key=lambda seat: (seat.y, seat.x)), decor


def _bench_at(slot: Slot, row: int, column: int) -> Box:
    """The place of one bench, chairs included: spread evenly, with no aisle wider than need be."""
    width = PITCH * (slot.across - 1) + DESK_WIDTH
    inner_width = slot.box.width - 2 * MARGIN
    gap_x = (inner_width - slot.columns * width) / slot.columns
    x = slot.box.x + MARGIN + gap_x / 2 + column * (width + gap_x)
    free = slot.box.height - MARGIN - LABEL - slot.rows * BENCH_DEPTH
    gap_y = min(free / max(slot.rows - 1, 1), WIDEST_AISLE)
    start = (free - gap_y * (slot.rows - 1)) / 2
    return Box(round(x), round(slot.box.y + MARGIN + start + row * (BENCH_DEPTH + gap_y)), width, BENCH_DEPTH)


def _bench(slot: Slot, row: int, column: int, pairs_off: int, *, single_off: bool) -> list[Seat]:
    """The seats of one bench; desks are taken off at the end that faces the aisle between the columns.

    A bench that stands alone in its row stays in the middle.
    """
    place = _bench_at(slot, row, column)
    west = place.x + (pairs_off * PITCH / 2 if slot.columns == 1 else 0)
    from_left = column % 2 == 1
    kept = range(pairs_off, slot.across) if from_left else range(slot.across - pairs_off)
    ends = {kept[0], kept[-1]}
    north_y, south_y = place.y + CHAIR, place.y + CHAIR + DESK_DEPTH + FACE_GAP
    last = kept[0] if from_left else kept[-1]
    return [
        Seat(west + at * PITCH, y, chair, end=at in ends)
        for y, chair in ((north_y, "north"), (south_y, "south"))
        for at in kept
        if not (single_off and chair == "south" and at == last)
    ]


def _lounge(place: Box) -> list[dict[str, Any]]:
    x, y = place.centre
    return [
        {"kind": "table", "x": x, "y": y},
        {"kind": "plant", "x": x - 58, "y": y},
        {"kind": "plant", "x": x + 58, "y": y},
    ]


def _near_core(frame: Frame, seats: list[Seat]) -> set[Seat]:
    """The seats to keep wheelchair accessible: bench ends nearest to the lifts, one in thirty and at least two."""
    x, y = frame.core.centre
    ends = sorted((s for s in seats if s.end), key=lambda s: (math.dist(s.box.centre, (x, y)), s.x, s.y))
    return set(ends[: max(2, round(len(seats) / 30))])


def _attributes(frame: Frame, seat: Seat, dice: random.Random, *, accessible: bool, quiet: bool) -> list[str]:
    beside = min(seat.x - EDGE, frame.width - EDGE - seat.x - DESK_WIDTH, frame.height - EDGE - seat.box.bottom)
    says = {
        "monitor": dice.random() < 0.6,
        "standing": dice.random() < 0.15,
        "accessible": accessible,
        "quiet": quiet,
        "window": beside <= BY_THE_WINDOW and not frame.side_rooms,
    }
    return [word for word, true in says.items() if true]


# Rooms, walls and what stands still


def _room_strip(frame: Frame, seed: int, *, mirrored: bool) -> Placed:
    """The row of rooms along the north façade; widths are stretched to fill it."""
    choices = _WIDE_ROWS_OF_ROOMS if len(frame.slots) > 3 else _ROWS_OF_ROOMS
    kinds = choices[seed % len(choices)]
    kinds = kinds[::-1] if mirrored else kinds
    stretch = (frame.width - 2 * EDGE) / sum(kind.width for kind in kinds)
    edges = [EDGE + round(x) for x in accumulate((kind.width * stretch for kind in kinds), initial=0)]
    return tuple(
        (Box(left, EDGE, right - left, ROOM_DEPTH), kind)
        for (left, right), kind in zip(pairwise(edges), kinds, strict=True)
    )


def _rooms(placed: Iterable[tuple[Box, RoomKind]], seed: int, first_area: str) -> list[dict[str, Any]]:
    """Rooms as the places file has them. Neighbouring seeds take neighbouring stretches of the list of rivers. A leadership
    room goes with the floor's first area, and so to the agency that has it; the others are open to all."""
    rooms = []
    river = seed * 6
    numbers = dict.fromkeys(NUMBERED, 0)
    for box, kind in placed:
        name = kind.name
        if kind in numbers:
            numbers[kind] += 1
            name = f"{kind.name} {numbers[kind]}"
        elif not name:
            name = RIVERS[river % len(RIVERS)]
            river += 1
        rooms.append(
            {
                "code": name.upper().replace(" ", "-"),
                "name": name,
                **box.as_dict(),
                "seats": kind.seats,
                "attributes": list(kind.attributes),
                "bookable": kind.seats > 0,
                "kind": kind.kind,
                "setup_minutes": kind.setup_minutes,
                "clearing_minutes": kind.clearing_minutes,
                "needs_approval": kind.needs_approval,
                **({"area": first_area} if kind is LEADERSHIP else {}),
            }
        )
    return rooms


def _plan(frame: Frame, shape: int, strip: list[Box], lounges: list[dict[str, Any]]) -> dict[str, Any]:
    south, east = frame.height - EDGE, frame.width - EDGE
    room_end = EDGE + ROOM_DEPTH
    cut = 5 if frame.side_rooms else (14, 40, 26)[shape % 3]
    walls: list[list[Point]] = [
        [(EDGE, room_end), (east, room_end)],
        *([(box.x, EDGE), (box.x, room_end)] for box in strip[1:]),
    ]
    doors: list[list[Point]] = [_door(box.centre[0], room_end) for box in strip]
    for box in frame.side_rooms:
        inner = box.right if box.x == EDGE else box.x
        walls += [[(box.x, box.y), (box.right, box.y)], [(inner, box.y), (inner, box.bottom)]]
        doors.append([(inner, box.centre[1] - 22), (inner, box.centre[1] + 22)])
    sides = _segments(AREA_TOP + 10, south - cut - 10, 100)
    windows = [
        *([(box.x + 14, EDGE), (box.right - 14, EDGE)] for box in strip),
        *([(x, a), (x, b)] for x in (EDGE, east) for a, b in sides),
        *([(a, south), (b, south)] for a, b in _segments(EDGE + cut + 14, east - cut - 14, 140)),
    ]
    return {
        "width": frame.width,
        "height": frame.height,
        "outline": _outline(frame, cut, rounded=shape % 3 != 2 or bool(frame.side_rooms)),
        "walls": walls,
        "doors": doors,
        "windows": windows,
        "core": _core(frame.core, stairs_first=bool(shape & 4)),
        "decor": [*_plants(frame), *lounges],
    }


def _door(x: float, y: float) -> list[Point]:
    return [(round(x) - 22, y), (round(x) + 22, y)]


def _segments(start: float, end: float, length: float, gap: float = 30) -> list[Point]:
    """Panes of about ``length`` from ``start`` to ``end`` with a ``gap`` for the mullions between them."""
    count = max(1, round((end - start + gap) / (length + gap)))
    pane = (end - start + gap) / count - gap
    return [(round(start + at * (pane + gap), 1), round(start + at * (pane + gap) + pane, 1)) for at in range(count)]


def _outline(frame: Frame, cut: float, *, rounded: bool) -> list[Point]:
    """The slab, clockwise: nearly square where rooms fill its corners, rounded or chamfered in the south."""
    west, north, east, south = EDGE, EDGE, frame.width - EDGE, frame.height - EDGE
    soft = 5
    return [
        *_corner(west + soft, north + soft, soft, 180, rounded=True),
        *_corner(east - soft, north + soft, soft, 270, rounded=True),
        *_corner(east - cut, south - cut, cut, 0, rounded=rounded),
        *_corner(west + cut, south - cut, cut, 90, rounded=rounded),
    ]


def _corner(x: float, y: float, radius: float, start: float, *, rounded: bool) -> list[Point]:
    """A quarter turn around (x, y) from the angle ``start`` in degrees, clockwise on paper."""
    steps = max(2, round(radius / 4)) if rounded else 1
    angles = (math.radians(start + 90 * step / steps) for step in range(steps + 1))
    return [(round(x + radius * math.cos(a), 1), round(y + radius * math.sin(a), 1)) for a in angles]


def _core(core: Box, *, stairs_first: bool) -> list[dict[str, Any]]:
    """Lifts and stairs above, toilets below."""
    upper = 86
    shafts = [("lift", "Lift", 122), ("stairs", "Tangga", 122)]
    toilets = [("toilet", "Toilet ♂", 84), ("toilet", "Difabel", 76), ("toilet", "Toilet ♀", 84)]
    parts: list[dict[str, Any]] = []
    for row, y, height in (
        (shafts[::-1] if stairs_first else shafts, core.y, upper),
        (toilets, core.y + upper, core.height - upper),
    ):
        edges = [core.x + before for before in accumulate((width for _, _, width in row), initial=0)]
        parts += [
            {"kind": kind, "label": label, "x": x, "y": y, "width": width, "height": height}
            for (kind, label, width), x in zip(row, edges, strict=False)
        ]
    return parts


def _plants(frame: Frame) -> list[dict[str, Any]]:
    """Beside the core and at both ends of the corridor."""
    core = frame.core
    beside = [(x, y) for y in (core.y + 18, core.bottom - 18) for x in (core.x - 24, core.right + 24)]
    ends = [(EDGE + 34, AREA_TOP - 18), (frame.width - EDGE - 34, AREA_TOP - 18)]
    return [{"kind": "plant", "x": x, "y": y} for x, y in (*beside, *ends)]
