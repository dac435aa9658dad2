"""What is asked of the slot finder, and what it answers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

import msgspec

from app.ids import PLAIN, Id
from app.meetings.shapes import MOST_PEOPLE
from app.meetings.slots import Preferences, Reason, Why
from app.spans import AwareInstant, Span, check_years

LONGEST_WINDOW = timedelta(days=62)
Seats = Annotated[int, msgspec.Meta(ge=1, le=5000)]
Attribute = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=PLAIN)]
People = Annotated[list[Id], msgspec.Meta(max_length=MOST_PEOPLE)]


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The time to look through, 62 days at most; of what has begun, the rest."""

    from_: AwareInstant = msgspec.field(name="from")
    until: AwareInstant

    def __post_init__(self) -> None:
        check_years(self.from_, self.until)
        if Span(self.from_, self.until).length > LONGEST_WINDOW:
            raise ValueError("a window has 62 days at most")


class SlotsWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is to meet for how long, when and where. ``unit_ids`` stand for all people of these units, who are then required.

    The organiser, the one who asks or ``organiser_id``, for whom they may act, is always required, and it is for the
    organiser that rooms must be bookable. ``site_ids`` need a room each, with ``seats`` by site or else one for each who
    comes there, and all ``attributes``; with ``asked`` it may be one on which the room keeper decides. ``meeting_id`` is a
    meeting to be moved: what it takes of people's time and of rooms is free for it.
    """

    minutes: Annotated[int, msgspec.Meta(ge=15, le=480, multiple_of=5)]
    window: Window
    required_ids: People = []
    optional_ids: People = []
    unit_ids: Annotated[list[Id], msgspec.Meta(max_length=20)] = []
    organiser_id: Id | None = None
    meeting_id: Id | None = None
    site_ids: Annotated[list[Id], msgspec.Meta(max_length=10)] = []
    seats: Annotated[dict[Id, Seats], msgspec.Meta(max_length=10)] = {}
    attributes: Annotated[list[Attribute], msgspec.Meta(max_length=10)] = []
    asked: bool = False
    preferences: Preferences = msgspec.field(default_factory=Preferences)
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 10


class RoomRef(msgspec.Struct, frozen=True):
    id: int
    name: str
    seats: int


class MissingOut(msgspec.Struct, frozen=True):
    """Somebody who can't attend; the reason ends at ``until``, or goes on after the window."""

    id: int
    name: str
    required: bool
    why: Why
    until: datetime


class SlotOut(msgspec.Struct, frozen=True):
    """A time with a room at each site asked for, by the site's id. ``by_link``: ids of those who can attend, yet not in one
    of these rooms, as far as the asker may know where they work. ``reasons`` are what the slot's rank comes from."""

    starts_at: datetime
    ends_at: datetime
    rooms: dict[int, RoomRef]
    missing: list[MissingOut]
    by_link: list[int]
    reasons: list[Reason]


class HeatCell(msgspec.Struct, frozen=True):
    """Half an hour. ``open``: all sites involved work; ``rooms``: each site has one for those who come; ``fits``: the whole
    meeting could start here, with all who are required and a room at each site."""

    starts_at: datetime
    ends_at: datetime
    open: bool
    required: int
    """how many of the required people can"""
    everybody: int
    rooms: bool
    fits: bool
    missing: list[MissingOut]


class HeatDay(msgspec.Struct, frozen=True):
    """A local date at the organiser's posting."""

    on: date
    cells: list[HeatCell]


class Heat(msgspec.Struct, frozen=True):
    """The same half hours each day, from the earliest at which some site involved works to the latest; ``zone`` is that of
    the dates. Days on which nobody works are left out."""

    zone: str
    required: int
    everybody: int
    days: list[HeatDay]
