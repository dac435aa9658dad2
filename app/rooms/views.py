"""What the pages of desks and bookings show: plain values, already worded and dated for one reader.

Templates decide how things look, never what is true: each label, time (with its zone's name) and address comes ready.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from app.rooms.plans import Plan
from app.views import Notice

DeskState = Literal["free", "booked", "in", "mine", "off"]
"""free; booked and not arrived; checked in; the reader's own; closed or not open to the reader."""


class Choice(msgspec.Struct, frozen=True):
    """One of several: a floor, a wing, a part of the day. ``detail`` is the smaller second line."""

    key: str
    label: str
    href: str
    current: bool = False
    detail: str = ""
    disabled: bool = False


class Day(msgspec.Struct, frozen=True):
    """A day of the strip; ``occupancy`` in percent of the floor's desks; ``off`` names why nothing can be booked."""

    on: str
    weekday: str
    day: str
    label: str
    occupancy: int
    href: str
    current: bool
    off: str = ""


class Desk(msgspec.Struct, frozen=True):
    """A desk as drawn; ``label`` is the whole accessible sentence, with the full name where the reader may know it."""

    id: int
    code: str
    x: float
    y: float
    chair: Literal["north", "south"]
    area: str
    state: DeskState
    initials: str
    team: bool
    label: str
    href: str
    current: bool
    who: str = ""
    attributes: tuple[str, ...] = ()
    kit: str = ""
    """the attributes in words, as they end the sentence"""
    base: DeskState = "free"
    """what it is once nobody has it"""


class Mate(msgspec.Struct, frozen=True):
    """Someone of the reader's team: where and since when. ``desk_id`` is 0 when elsewhere or unknown."""

    name: str
    initials: str
    detail: str
    place: str
    href: str
    desk_id: int = 0
    here: bool = False


class WaitPart(msgspec.Struct, frozen=True):
    """The waiting list of the chosen desk: the way into it, or with ``id`` the reader's place in it. Instants in ISO 8601."""

    text: str
    starts_at: str = ""
    ends_at: str = ""
    hint: str = ""
    id: int = 0


class Panel(msgspec.Struct, frozen=True):
    """The chosen desk: what it is, and the one thing to do next.

    ``action``: "book" (form to /denah/pesan), "move" (form to ``move_to``: takes the reader's own booking there),
    "mine" (check in, check out, release), "none" (say why in ``reason``).
    """

    desk: Desk
    area: str
    state_label: str
    action: Literal["book", "move", "mine", "none"]
    attributes: tuple[tuple[str, str], ...]
    """pairs of icon name and words: ("monitor", "monitor"), ("users", "2 rekan tim dalam 3 meja")"""
    parts: tuple[Choice, ...] = ()
    """day, am, pm: ``key`` is the form's value, ``detail`` the hours; ``disabled`` where taken"""
    button: str = ""
    reason: str = ""
    holder: str = ""
    holder_initials: str = ""
    holder_detail: str = ""
    booking_id: int = 0
    booking_version: int = 0
    when: str = ""
    check_in_by: str = ""
    can_check_in: bool = False
    can_check_out: bool = False
    starts: str = ""
    ends: str = ""
    """local times HH:MM for the "other hours" inputs"""
    hours_wanted: bool = False
    """the form came with hours that are none"""
    colleagues: tuple[tuple[int, str], ...] = ()
    """people the reader may book for: (id, name); empty hides the choice"""
    accept: str = ""
    """where to accept a desk that is only held for the reader"""
    wait: WaitPart | None = None


class LiveFloor(msgspec.Struct, frozen=True):
    """What the page's script needs to draw desks as bookings come and go: the span shown in seconds since 1970, the words of
    states, and by which references live rows call the reader's team."""

    scope: str
    starts: int
    ends: int
    words: dict[str, str]
    team: str
    mates: str
    free_one: str
    free_many: str
    """how many desks are free, # for the number"""


class FloorPage(msgspec.Struct, frozen=True):
    """Everything the floor plan page shows."""

    floor_id: int
    title: str
    """building and floor: "Kemenko 3 Menara A · Lantai 4" """
    zone: str
    on: str
    day_label: str
    part: str
    part_label: str
    parts: tuple[Choice, ...]
    sites: tuple[Choice, ...]
    buildings: tuple[Choice, ...]
    """of the current site"""
    floors: tuple[Choice, ...]
    """of the current building; ``detail`` says how many desks are free"""
    days: tuple[Day, ...]
    wings: tuple[Choice, ...]
    """the first is the whole floor; ``key`` of the others is the area's code"""
    view_box: str
    """of the chosen wing: "x y width height" """
    boxes: dict[str, str]
    """view box by wing key"""
    wing: str
    plan: Plan
    desks: tuple[Desk, ...]
    counts: dict[str, int]
    """desks by state"""
    mates: tuple[Mate, ...]
    as_list: bool
    list_href: str
    map_href: str
    hidden: dict[str, str]
    """fields every form of this page carries along: floor, on, part, from, until, wing"""
    hours_key: str
    """which hours the page shows (``floor_choice.hours_key``)"""
    panel: Panel | None = None
    notice: Notice | None = None
    closed: str = ""
    """why nothing can be booked here in this span, or empty"""
    live: LiveFloor | None = None
    earlier: str = ""
    later: str = ""
    """addresses of the same page a week before and after; empty where nothing can be booked"""


class BigButton(msgspec.Struct, frozen=True):
    """The one thing to do now. ``method`` "get" is a link, "post" a form."""

    label: str
    icon: str
    action: str
    method: Literal["get", "post"]
    fields: dict[str, str] = {}


class BookingCard(msgspec.Struct, frozen=True):
    """A booking in a list or on the page of today."""

    id: int
    version: int
    desk: str
    place: str
    """building, floor, area"""
    when: str
    """day and hours with the zone's name, and the reader's own zone where it differs"""
    state: str
    state_label: str
    href: str
    detail: str = ""
    can_check_in: bool = False
    can_check_out: bool = False
    can_cancel: bool = False
    can_restore: bool = False
    title: str = ""
    """desk or room by its name"""
    give_back: str = ""
    accept: str = ""
    """where to accept what is only held for the reader"""
    series: str = ""
    """the address of the series that it belongs to"""


class TodayPage(msgspec.Struct, frozen=True):
    """Where am I working, at which desk, who is near, and the one thing to do now."""

    greeting: str
    day_label: str
    headline: str
    detail: str
    button: BigButton
    second: BigButton | None
    booking: BookingCard | None
    next_bookings: tuple[BookingCard, ...]
    mates: tuple[Mate, ...]
    notice: Notice | None = None


class BookingsPage(msgspec.Struct, frozen=True):
    """``series`` are links to the reader's series, with rule and hours, and when they go on."""

    upcoming: tuple[BookingCard, ...]
    past: tuple[BookingCard, ...]
    notice: Notice | None = None
    series: tuple[Choice, ...] = ()
