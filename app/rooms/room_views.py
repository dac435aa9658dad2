"""What the pages of rooms show: plain values, already worded and dated for one reader."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.rooms.views import Choice, Day
from app.views import Notice


class Ruler(msgspec.Struct, frozen=True):
    """The hours of one city over the columns."""

    zone: str
    hours: tuple[str, ...]


class Cell(msgspec.Struct, frozen=True):
    """Quarter hours of one look. ``text`` is seen, ``said`` is the whole sentence; a free one has ``href``."""

    look: str
    quarters: int
    said: str
    text: str = ""
    href: str = ""
    current: bool = False


class Bar(msgspec.Struct, frozen=True):
    """A stretch of the small bar, in minutes from the first hour shown."""

    look: str
    x: int
    width: int


class RoomRow(msgspec.Struct, frozen=True):
    """A room and its day. ``next_label`` is the next time it is free; ``said`` words the bar."""

    id: int
    name: str
    href: str
    kind: str
    detail: str
    attributes: tuple[tuple[str, str], ...]
    needs_approval: bool
    next_label: str
    next_href: str
    said: str
    bars: tuple[Bar, ...]
    cells: tuple[Cell, ...]
    current: bool


class Own(msgspec.Struct, frozen=True):
    """The reader's booking, with what can be done about it. ``extended`` is until when fifteen minutes more would last."""

    id: int
    version: int
    when: str
    state: str
    purpose: str
    check_in_by: str
    can_check_in: bool
    can_check_out: bool
    can_cancel: bool
    can_move: bool
    extended: str = ""
    meeting: bool = False
    series: str = ""
    """the address of the series that it belongs to"""


class RoomLine(msgspec.Struct, frozen=True):
    """The waiting list of a room that others have: the hours to wait for, as local times, and the reader's own places in it."""

    promise: str
    starts: str
    ends: str
    chosen: bool
    own: tuple[tuple[int, str], ...] = ()
    """id of the place in line, and its words"""


class RoomPanel(msgspec.Struct, frozen=True):
    """The chosen room. ``action``: "book" it, "move" a booking from elsewhere to it, "mine", or "none" for ``reason``.

    ``starts`` and ``ends`` are local times HH:MM for the form's fields.
    """

    id: int
    name: str
    where: str
    tag: str
    look: str
    facts: tuple[tuple[str, str], ...]
    attributes: tuple[tuple[str, str], ...]
    action: Literal["book", "move", "mine", "none"]
    zone: str
    starts: str = ""
    ends: str = ""
    purpose: str = ""
    button: str = ""
    again: str = ""
    """where to book the room on many dates"""
    decided_by: str = ""
    """who decides on a booking, where somebody does"""
    reason: str = ""
    own: Own | None = None
    free: tuple[Choice, ...] = ()
    held: tuple[tuple[str, str, str, str, str], ...] = ()
    """the day's bookings: hours, who, purpose, for the reader's own its address, for others' where to wait for it"""
    line: RoomLine | None = None


class RoomsPage(msgspec.Struct, frozen=True):
    title: str
    day_label: str
    zone: str
    sites: tuple[Choice, ...]
    buildings: tuple[Choice, ...]
    days: tuple[Day, ...]
    earlier: str
    later: str
    seats: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    toggles: tuple[Choice, ...]
    """attributes to filter by; ``detail`` is the icon"""
    rulers: tuple[Ruler, ...]
    quarters: int
    now: int | None
    """minutes from the first hour shown to now, where now is shown"""
    now_label: str
    rooms: tuple[RoomRow, ...]
    parts: tuple[Choice, ...]
    """where there are more rooms than one part of the list shows"""
    count: str
    own: tuple[tuple[str, str, str], ...]
    """the reader's bookings in these rooms on that day: room, hours, address"""
    hidden: dict[str, str]
    here: str
    close: str
    panel: RoomPanel | None = None
    notice: Notice | None = None
    closed: str = ""
    scope: str = ""
    """what the page follows: the rooms of its site on its day"""
    every_room: str = ""
    """the address without filters, where none fits them"""
