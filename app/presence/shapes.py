"""Presence as rows of live channels and as programs read and write it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from app.ids import Id
from app.presence.channels import Row
from app.presence.rules import Avail, Kind, Presence
from app.spans import AwareInstant

PlaceRow = tuple[str, int | None, int | None, int | None, bool]
"""Kind, site, floor, desk, and whether a check-in says so."""


BookingState = Literal["booked", "checked-in"]


class BookingRow(msgspec.Struct, frozen=True, array_like=True):
    """A booking of a desk. ``ref``, ``initials`` and ``name`` are empty where the audience may not know who it is."""

    starts: int
    ends: int
    state: BookingState
    ref: str = ""
    initials: str = ""
    name: str = ""


class DeskRow(Row, frozen=True, array_like=True):
    """A desk with its bookings of the day, by start; times in seconds since 1970."""

    bookings: tuple[BookingRow, ...]


class PersonRow(Row, frozen=True, array_like=True):
    """Somebody; ``until`` in seconds since 1970, ``next`` the kind of place and the availability that come then."""

    name: str
    initials: str
    place: PlaceRow
    avail: str
    until: int | None
    next: tuple[str, str] | None
    why: str


class OwnRow(PersonRow, frozen=True, array_like=True):
    """Oneself, with what the place rests on as well."""

    place_why: str


class CountRow(Row, frozen=True, array_like=True):
    """How many people are somewhere and can be reached in some way; the key is both, "site available"."""

    total: int


class RoomRow(Row, frozen=True, array_like=True):
    """A room with its bookings of the day: start, end, state, the room keeper's word, version."""

    bookings: tuple[tuple[int, int, str, str, int], ...]


class MarkRow(Row, frozen=True, array_like=True):
    """``mark`` differs whenever what it stands for has changed, and says nothing more."""

    mark: str


def person_row(id: int, name: str, initials: str, seen: Presence) -> PersonRow:
    return PersonRow(id, name, initials, *_halves(seen))


def own_row(id: int, name: str, initials: str, seen: Presence) -> OwnRow:
    return OwnRow(id, name, initials, *_halves(seen), seen.state.place_why.value)


def _halves(seen: Presence) -> tuple[PlaceRow, str, int | None, tuple[str, str] | None, str]:
    state = seen.state
    place = state.place
    following = (seen.next[0].value, seen.next[1].value) if seen.next else None
    until = int(seen.until.timestamp()) if seen.until else None
    where = (place.kind.value, place.site_id, place.floor_id, place.desk_id, place.confirmed)
    return where, state.avail.value, until, following, state.why.value


# The API


class OverrideIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one says of oneself, ``until`` an instant, the end of the working day at the latest and if absent. At least one
    of ``avail`` and ``place``; ``site_id`` says which office, the own posting if absent."""

    avail: Literal["available", "meeting", "dnd", "away"] | None = None
    place: Literal["site", "home", "elsewhere"] | None = None
    site_id: Id | None = None
    until: AwareInstant | None = None

    def __post_init__(self) -> None:
        if self.avail is None and self.place is None:
            raise ValueError("say avail, place, or both")
        if self.site_id is not None and self.place != "site":
            raise ValueError("site_id goes with place site")


class PlaceOut(msgspec.Struct, frozen=True):
    """``confirmed`` is true where a check-in says so."""

    kind: Kind
    site_id: int | None
    floor_id: int | None
    desk_id: int | None
    confirmed: bool


class PresenceOut(msgspec.Struct, frozen=True):
    """Oneself as one's team sees it. ``why`` and ``place_why`` say what each half rests on; ``override_until`` is set while
    what one said of oneself holds."""

    place: PlaceOut
    place_why: str
    avail: Avail
    why: str
    until: datetime | None
    next_place: Kind | None
    next_avail: Avail | None
    override_until: datetime | None
    version: int


class Snapshot(msgspec.Struct, frozen=True):
    """All rows of a scope as the asker may see them, as the websocket sends them; ``me`` is the reference by which rows name
    the asker, ``mark`` differs where rows do."""

    scope: str
    now: datetime
    me: str
    mark: str
    rows: list[Annotated[list[Any], msgspec.Meta(description="a row, its key first")]]


class ChoicesIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    hides_desk: bool
    hides_idle: bool
