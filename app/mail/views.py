"""What the pages of mail show: plain values, already worded for one reader, times with their zone's name."""

from __future__ import annotations

import msgspec

from app.views import Notice


class Tick(msgspec.Struct, frozen=True):
    name: str
    label: str
    detail: str
    chosen: bool


class ChoicesPage(msgspec.Struct, frozen=True):
    """``email`` is where mail goes; ``sends`` is False where no mail leaves the house yet."""

    email: str
    ticks: tuple[Tick, ...]
    sends: bool
    notice: Notice | None = None


class Tab(msgspec.Struct, frozen=True):
    href: str
    label: str
    count: int
    current: bool


class Line(msgspec.Struct, frozen=True):
    """A mail in the queue; ``retry`` is where it is sent again from, empty for what is over."""

    id: int
    to: str
    about: str
    when: str
    tries: str
    error: str
    retry: str


class QueuePage(msgspec.Struct, frozen=True):
    tabs: tuple[Tab, ...]
    lines: tuple[Line, ...]
    empty: str
    sends: bool
    earlier: str = ""
    retry_all: bool = False
    state: str = ""
    notice: Notice | None = None
