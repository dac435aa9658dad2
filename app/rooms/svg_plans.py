"""Reads a floor out of an SVG drawing by the ids of its elements (docs/places.md, "A plan drawn as SVG")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypedDict, TypeVar
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

DESK_ATTRIBUTES = frozenset({"monitor", "standing", "accessible", "quiet", "window"})
ROOM_ATTRIBUTES = frozenset(
    {"video", "screen", "hearing-loop", "accessible", "hybrid", "near-prayer-room", "near-nursing-room"}
)

DEEPEST = 64
"""groups within groups: more than any drawing program makes, far less than Python's stack"""
LARGEST = 20_000.0
MOST_OUTLINE_POINTS, MOST_LINE_POINTS = 400, 200

_UNDRAWN = frozenset({"defs", "symbol", "clipPath", "mask", "pattern", "marker", "metadata", "style", "script"})
_WORDS = frozenset({"title", "desc", "text"})
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?"
_LENGTH = re.compile(rf"({_NUMBER})(?:px)?")
_NUMBERS = re.compile(_NUMBER)
_TRANSLATE = re.compile(rf"\s*translate\(\s*({_NUMBER})(?:[\s,]+({_NUMBER}))?\s*\)[\s,]*")
_STYLED_TRANSFORM = re.compile(r"(?:^|;)\s*(?:transform|rotate|scale|translate)\s*:")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

_GROUPS_OF_LINES = ("walls", "doors", "windows")
_KINDS = ("desk-", "room-", "area-")

Point = tuple[float, float]
T = TypeVar("T")


class SvgFloor(TypedDict):
    """The part of a places file's floor that a drawing gives, in builtins."""

    plan: dict[str, Any]
    areas: list[dict[str, Any]]
    desks: list[dict[str, Any]]
    rooms: list[dict[str, Any]]


class UnreadablePlan(ValueError):  # noqa: N818 - named like every refusal
    """The drawing can't be read; ``errors`` are pairs of an element's id and what is wrong with it."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{element}: {what}" for element, what in errors))
        self.errors = errors


class _Bad(Exception):  # noqa: N818 - never leaves this module
    """One thing is wrong with the element at hand."""


class _Turned(_Bad):
    """Not the element is at fault but one it stands in, whose name this carries."""


class _Rectangle(msgspec.Struct, frozen=True):
    x: float
    y: float
    width: float
    height: float

    def holds(self, x: float, y: float) -> bool:
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


class _Placed(msgspec.Struct, frozen=True):
    """An element, how far its groups have moved it, and the group whose transform we can't follow, if any."""

    element: Element
    dx: float = 0
    dy: float = 0
    turned: str = ""


def read_svg(text: str) -> SvgFloor:
    """The floor drawn in ``text``, in drawing units from the viewBox's top left corner, ready for msgspec.convert.

    A room without ``data-seats`` is one where nobody meets: it isn't bookable. A desk without ``data-chair`` has its
    chair in the south, and one without ``data-area`` belongs to the area that holds its centre.
    Raises UnreadablePlan with every error found.
    """
    reader = _Reader(_parsed(text))
    floor = reader.floor()
    if reader.errors:
        raise UnreadablePlan(reader.errors)
    return floor


def _parsed(text: str) -> Element:
    """The root element. Entities are refused: they can grow without end (CWE-776) or fetch files."""
    try:
        root = fromstring(text)
    except ParseError as error:
        raise UnreadablePlan([("svg", f"is not well-formed XML: {error}")]) from error
    except DefusedXmlException as error:
        raise UnreadablePlan([("svg", "declares entities, which are not read")]) from error
    except UnicodeEncodeError as error:
        raise UnreadablePlan([("svg", "is not well-formed XML: half a character")]) from error
    if not isinstance(root, Element) or _tag(root) != "svg":
        raise UnreadablePlan([("svg", "is not an SVG drawing")])
    return root


class _Reader:
    """Walks the drawing once and keeps what it finds, good and bad."""

    def __init__(self, root: Element) -> None:
        self._told: dict[tuple[str, str], None] = {}
        self._left, self._top, self._width, self._height = 0.0, 0.0, LARGEST, LARGEST
        self._root = root
        self._named: dict[str, _Placed] = {}

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Each error once, in the order they were found."""
        return list(self._told)

    def floor(self) -> SvgFloor:
        self._attempt("svg", self._read_size)
        self._find_named()
        areas = self._all("area-", self._area)
        boxes = {area["code"]: _Rectangle(area["x"], area["y"], area["width"], area["height"]) for area in areas}
        rooms = self._all("room-", self._room)
        desks = self._all("desk-", partial(self._desk, areas=boxes))
        plan = {
            "width": self._width,
            "height": self._height,
            "outline": self._attempt("outline", self._outline) or [],
            **{kind: self._lines(kind) for kind in _GROUPS_OF_LINES},
        }
        return {"plan": plan, "areas": areas, "desks": desks, "rooms": rooms}

    # Finding

    def _read_size(self) -> None:
        """The viewBox, or else width and height."""
        if box := self._root.get("viewBox"):
            numbers = _numbers(box)
            if len(numbers) != 4:
                raise _Bad("viewBox needs four numbers")
            left, top, width, height = numbers
        elif self._root.get("width") and self._root.get("height"):
            left, top = 0.0, 0.0
            width, height = _length(self._root, "width"), _length(self._root, "height")
        else:
            raise _Bad("needs a viewBox, or width and height")
        if not (0 < width <= LARGEST and 0 < height <= LARGEST):
            raise _Bad(f"must be larger than 0 and at most {LARGEST:.0f} units each way")
        self._left, self._top, self._width, self._height = left, top, _tidy(width), _tidy(height)

    def _find_named(self) -> None:
        """All drawn elements with an id, and an error for each id that comes twice."""
        turned = "svg" if self._root.get("transform") else ""
        for placed in self._walk(_Placed(self._root, -self._left, -self._top, turned), 0):
            name = placed.element.get("id")
            if not name:
                continue
            if name in self._named:
                self._fail(name, "the id is used more than once")
            else:
                self._named[name] = placed

    def _walk(self, parent: _Placed, depth: int) -> Iterator[_Placed]:
        """The drawn elements below ``parent`` in the drawing's order."""
        if depth > DEEPEST:
            self._fail(_name(parent.element), f"is nested more than {DEEPEST} groups deep")
            return
        for child in parent.element:
            if _tag(child) in _UNDRAWN:
                continue
            placed = _moved(child, parent)
            yield placed
            yield from self._walk(placed, depth + 1)

    def _all(self, prefix: str, read: Callable[[str, _Placed], dict[str, Any]]) -> list[dict[str, Any]]:
        """What ``read`` makes of each element whose id starts with ``prefix``."""
        found = []
        for name, placed in self._named.items():
            if not name.startswith(prefix):
                continue
            if thing := self._attempt(name, partial(_coded, read, name, prefix, placed)):
                found.append(thing)
        return found

    def _attempt(self, name: str, read: Callable[[], T]) -> T | None:
        """What ``read`` gives, or None and an error for the element ``name``."""
        try:
            return read()
        except _Turned as bad:
            self._fail(str(bad), "moves what it holds by more than a translation")
        except _Bad as bad:
            self._fail(name, str(bad))
        return None

    def _fail(self, name: str, what: str) -> None:
        self._told[name, what] = None

    # Reading

    def _area(self, code: str, placed: _Placed) -> dict[str, Any]:
        box = self._rectangle(placed)
        name = placed.element.get("data-name") or code
        return {"code": code, "name": name, "name_en": name, **msgspec.to_builtins(box)}

    def _room(self, code: str, placed: _Placed) -> dict[str, Any]:
        seats = placed.element.get("data-seats", "0").strip()
        if not re.fullmatch(r"\d{1,4}", seats, re.ASCII):
            raise _Bad(f'data-seats must be a whole number, not "{seats}"')
        return {
            "code": code,
            "name": placed.element.get("data-name") or code,
            **msgspec.to_builtins(self._rectangle(placed)),
            "seats": int(seats),
            "attributes": _attributes(placed.element, ROOM_ATTRIBUTES),
            "bookable": int(seats) > 0,
        }

    def _desk(self, code: str, placed: _Placed, areas: dict[str, _Rectangle]) -> dict[str, Any]:
        box = self._rectangle(placed)
        chair = placed.element.get("data-chair", "south")
        if chair not in ("north", "south"):
            raise _Bad(f'data-chair must be north or south, not "{chair}"')
        return {
            "code": code,
            "area": _area_of(placed.element, box, areas),
            "x": box.x,
            "y": box.y,
            "chair": chair,
            "attributes": _attributes(placed.element, DESK_ATTRIBUTES),
        }

    def _outline(self) -> list[Point]:
        placed = self._named.get("outline")
        if placed is None:
            raise _Bad("is missing: draw the slab as a polygon or rectangle")
        if _tag(placed.element) == "polygon":
            return self._points(placed, fewest=3, most=MOST_OUTLINE_POINTS)
        box = self._rectangle(placed)
        right, bottom = _tidy(box.x + box.width), _tidy(box.y + box.height)
        return [(box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom)]

    def _lines(self, kind: str) -> list[list[Point]]:
        """The lines of the group ``walls``, ``doors`` or ``windows``; an absent group has none."""
        group = self._named.get(kind)
        if group is None:
            return []
        lines = []
        for placed in (group, *self._walk(group, 0)):
            tag = _tag(placed.element)
            if tag == "g" or tag in _WORDS:
                continue
            name = placed.element.get("id") or kind
            if line := self._attempt(name, partial(self._line, placed)):
                lines.append(line)
        return lines

    def _line(self, placed: _Placed) -> list[Point]:
        tag = _tag(placed.element)
        if tag == "polyline":
            return self._points(placed, fewest=2, most=MOST_LINE_POINTS)
        if tag != "line":
            raise _Bad(f"only lines and polylines are read here, not <{tag}>")
        ends = [_length(placed.element, name, default=0) for name in ("x1", "y1", "x2", "y2")]
        return [self._point(placed, *ends[:2]), self._point(placed, *ends[2:])]

    def _points(self, placed: _Placed, *, fewest: int, most: int) -> list[Point]:
        numbers = _numbers(placed.element.get("points", ""))
        if len(numbers) % 2:
            raise _Bad("points must be pairs of numbers")
        if not fewest <= len(numbers) // 2 <= most:
            raise _Bad(f"needs {fewest} to {most} points, not {len(numbers) // 2}")
        return [self._point(placed, x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]

    def _rectangle(self, placed: _Placed) -> _Rectangle:
        """The rectangle that ``placed`` is, or else the first one in its group that has no name of its own."""
        found = self._first_rect(placed)
        width, height = _length(found.element, "width"), _length(found.element, "height")
        if width <= 0 or height <= 0:
            raise _Bad("the rectangle's width and height must be larger than 0")
        x, y = _length(found.element, "x", default=0), _length(found.element, "y", default=0)
        left, top = self._point(found, x, y)
        right, bottom = self._point(found, x + width, y + height)
        return _Rectangle(left, top, _tidy(right - left), _tidy(bottom - top))

    def _first_rect(self, placed: _Placed) -> _Placed:
        tag = _tag(placed.element)
        if tag == "rect":
            return placed
        if tag != "g":
            raise _Bad(f"must be a rectangle, or a group that holds one, not <{tag}>")
        for inner in self._walk(placed, 0):
            if _tag(inner.element) == "rect" and not _speaks(inner.element):
                return inner
        raise _Bad("the group holds no rectangle")

    def _point(self, placed: _Placed, x: float, y: float) -> Point:
        """A point in the drawing's own units, or an error if it can't be told or is not on the drawing."""
        if placed.turned:
            raise _Turned(placed.turned)
        across, down = _tidy(x + placed.dx), _tidy(y + placed.dy)
        if not (0 <= across <= self._width and 0 <= down <= self._height):
            raise _Bad(f"lies outside the drawing, at {across:g}, {down:g}")
        return across, down


def _coded(read: Callable[[str, _Placed], dict[str, Any]], name: str, prefix: str, placed: _Placed) -> dict[str, Any]:
    code = name.removeprefix(prefix)
    if not _CODE.fullmatch(code):
        raise _Bad(f"needs a code of letters, digits, dots and hyphens after {prefix}, at most 40")
    return read(code, placed)


def _area_of(element: Element, box: _Rectangle, areas: dict[str, _Rectangle]) -> str:
    if named := element.get("data-area"):
        if named not in areas:
            raise _Bad(f'data-area names "{named}", which is not drawn')
        return named
    x, y = box.x + box.width / 2, box.y + box.height / 2
    around = [code for code, area in areas.items() if area.holds(x, y)]
    if not around:
        raise _Bad("stands in no area")
    if len(around) > 1:
        raise _Bad(f"stands in several areas ({', '.join(around)}): say which with data-area")
    return around[0]


def _attributes(element: Element, known: frozenset[str]) -> list[str]:
    words = list(dict.fromkeys(element.get("data-attributes", "").split()))
    if unknown := [word for word in words if word not in known]:
        raise _Bad(f"data-attributes has unknown words: {', '.join(unknown)}")
    return words


def _moved(child: Element, parent: _Placed) -> _Placed:
    """``child`` with its own translations added to its parent's."""
    dx, dy, rest = parent.dx, parent.dy, child.get("transform", "").strip()
    while move := _TRANSLATE.match(rest):
        dx, dy, rest = dx + float(move[1]), dy + float(move[2] or 0), rest[move.end() :]
    turns = rest or _tag(child) == "svg" or _STYLED_TRANSFORM.search(child.get("style", ""))
    return _Placed(child, dx, dy, parent.turned or (_name(child) if turns else ""))


def _speaks(element: Element) -> bool:
    """Whether the element's id makes it a desk, a room or an area of its own."""
    return element.get("id", "").startswith(_KINDS)


def _name(element: Element) -> str:
    return element.get("id") or f"<{_tag(element)}>"


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _length(element: Element, name: str, default: float | None = None) -> float:
    """A length in drawing units. Percent and other units depend on the screen, so they are refused."""
    text = element.get(name)
    if text is None and default is not None:
        return default
    if not (found := _LENGTH.fullmatch((text or "").strip())):
        raise _Bad(f'{name} must be a plain number, not "{text or ""}"')
    return float(found[1])


def _numbers(text: str) -> list[float]:
    if _NUMBERS.sub("", text).strip(" ,\t\r\n").replace(",", "").split():
        raise _Bad(f'not a list of numbers: "{text[:40]}"')
    return [float(number) for number in _NUMBERS.findall(text)]


def _tidy(value: float) -> float:
    """Two decimals: drawing programs write more than a screen can show."""
    return round(value, 2) + 0.0
