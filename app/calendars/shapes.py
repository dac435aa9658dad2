"""Feeds as programs write and read them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from app.calendars.entries import Level
from app.calendars.kinds import Kind
from app.ids import NAMED, Id
from app.texts import Language

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=NAMED)]


class NewFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``subject_id`` is the unit, space, area or booking series that the feed is about; a feed of oneself has none, and one of
    a team is about one's own unit without it. ``level`` is the usual one of its kind if absent, ``language`` one's own.
    Without ``with_cancelled`` what was called off is left out at once; without ``with_meetings`` meetings are, for whoever
    gets them by mail; ``with_alarm`` reminds of meetings ten minutes before."""

    kind: Kind
    name: Name
    subject_id: Id | None = None
    level: Level | None = None
    language: Language | None = None
    with_cancelled: bool = True
    with_meetings: bool = True
    with_alarm: bool = False


class FeedChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is given changes, the address stays."""

    name: Name | UnsetType = UNSET
    level: Level | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    with_cancelled: bool | UnsetType = UNSET
    with_meetings: bool | UnsetType = UNSET
    with_alarm: bool | UnsetType = UNSET


class FeedOut(msgspec.Struct, frozen=True):
    """A feed without its address. ``fetches`` counts in steps of minutes; ``client`` is the family of programs that fetched
    last."""

    id: int
    kind: Kind
    subject_id: int
    subject: str
    level: Level
    language: Language
    name: str
    with_cancelled: bool
    with_meetings: bool
    with_alarm: bool
    created_at: datetime
    fetched_at: datetime | None
    client: str
    fetches: int


class NewAddress(msgspec.Struct, frozen=True):
    """The only answer that ever holds the token. ``url`` is to be subscribed to as it is, ``webcal_url`` opens the calendar
    program of the device, ``google_url`` Google's own dialog."""

    id: int
    name: str
    url: str
    webcal_url: str
    google_url: str


class Made(msgspec.Struct, frozen=True):
    """A new token as the service knows it; the edge makes its addresses."""

    id: int
    name: str
    token: str

    @property
    def shown_once(self) -> bool:
        return True
