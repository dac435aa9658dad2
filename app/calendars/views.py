"""What the pages of feeds show: plain values, already worded for one reader."""

from __future__ import annotations

import msgspec

from app.views import Notice


class Choice(msgspec.Struct, frozen=True):
    value: str
    label: str
    chosen: bool = False
    group: str = ""


class FeedLine(msgspec.Struct, frozen=True):
    """A feed in the list; ``used`` says when and by what it was fetched last."""

    id: int
    name: str
    subject: str
    level: str
    used: str
    href: str


class Fresh(msgspec.Struct, frozen=True):
    """A new address, shown once; ``qr`` is an SVG element."""

    name: str
    url: str
    webcal_url: str
    google_url: str
    qr: str


class NewForm(msgspec.Struct, frozen=True):
    """The form of a new feed. What it is about is asked for in steps: the kind, for desks and areas the floor, then which."""

    kind: str
    kinds: tuple[Choice, ...]
    floors: tuple[Choice, ...]
    subjects: tuple[Choice, ...]
    needs_subject: bool
    levels: tuple[Choice, ...]
    reveals: tuple[tuple[str, str], ...]
    """each level and what it reveals"""
    name: str
    about_meetings: bool
    error: str = ""


class FeedsPage(msgspec.Struct, frozen=True):
    feeds: tuple[FeedLine, ...]
    form: NewForm
    fresh: Fresh | None
    notice: Notice | None


class Coming(msgspec.Struct, frozen=True):
    """An entry as the feed shows it."""

    when: str
    title: str
    place: str


class FeedPage(msgspec.Struct, frozen=True):
    """One feed: what it reveals, what it shows next, who fetched it, and how to change or end it."""

    id: int
    name: str
    subject: str
    kind: str
    reveals: str
    made: str
    used: str
    levels: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    with_cancelled: bool
    with_meetings: bool
    with_alarm: bool
    about_meetings: bool
    coming: tuple[Coming, ...]
    lost: bool
    notice: Notice | None
    error: str = ""
