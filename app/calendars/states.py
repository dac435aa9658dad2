"""The version of everything that a feed says, in one statement for feeds of its kind and without a row of what it says.

Bookings, plans and meetings keep their rows, and each change of one raises its version; names of places and people change with
imports that are counted. Nothing is written for this where bookings are made.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, bindparam, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from app.calendars import writer
from app.calendars.kinds import Kind
from app.calendars.models import Feed
from app.calendars.store import COLUMNS, Stored
from app.calendars.window import Window
from app.db import BigId
from app.db.hot import Hot
from app.meetings import calendar_reading as meetings
from app.people import directory
from app.rooms import calendar_reading as bookings
from app.scheduling import calendar_reading as plans

_PERSON: Any = bindparam("person", type_=BigId)
_SUBJECT: Any = bindparam("subject", type_=BigId)
_OWN = (directory.standing(_PERSON), directory.NAMES, directory.SHARING, bookings.PLACES)
"""Of every feed: its owner's rights, and all names."""
_PARTS: dict[Kind, tuple[Any, ...]] = {
    "me": (bookings.OF_PERSON, plans.version_of(_PERSON), meetings.OF_PERSON, meetings.ROOMS_OF_PERSON),
    "team": (directory.membership(_SUBJECT), plans.version_of(directory.members(_SUBJECT))),
    "room": (bookings.OF_SPACE,),
    "desk": (bookings.OF_SPACE,),
    "area": (bookings.IN_AREA,),
    "series": (bookings.SERIES, bookings.OF_SERIES, directory.standing(bookings.SERIES_OWNER)),
}


_COLUMNS = {name: literal_column(f"feed.{name}_id", BigId) for name in ("person", "subject")}
"""As text: a column would bring its table into every inner select."""


def _of_feed(part: Any) -> Any:
    """A part that asks about somebody or something, asked about what the feed's own row names."""

    def named(element: Any, **_: Any) -> Any:
        return _COLUMNS.get(element.key) if isinstance(element, BindParameter) else None

    return visitors.replacement_traverse(part, {}, named)


@lru_cache(maxsize=len(_PARTS))
def _asked(kind: Kind) -> Hot[Any]:
    """A feed's own row with the version of what feeds of its kind show; made with the first fetch, not with the start."""
    parts = [_of_feed(part).label(f"part_{n}") for n, part in enumerate((*_OWN, *_PARTS[kind]))]
    return Hot(select(*COLUMNS, *parts).where(Feed.digest == bindparam("digest")))


_KIND = Hot[Any](select(Feed.kind).where(Feed.digest == bindparam("digest")))
_KNOWN = len(COLUMNS)
_kinds: dict[bytes, Kind] = {}
"""Kinds of feeds by their tokens' digests: a kind never changes, and knowing it spares a statement."""
MOST_KINDS = 50_000


def _kind_of(session: Session, digest: bytes) -> Kind | None:
    if (kind := _kinds.get(digest)) is None:
        row = _KIND.first(session, {"digest": digest})
        if row is None:
            return None
        if len(_kinds) >= MOST_KINDS:
            _kinds.clear()
        kind = _kinds[digest] = row[0]
    return kind


def look_up(session: Session, digest: bytes, within: Window) -> tuple[Stored, bytes] | None:
    """The feed of a token's digest, and a digest that differs whenever what it says could: all that is in it, who may see it,
    how it is written. None if there never was such a feed. One statement but for the first time a process meets the feed."""
    if (kind := _kind_of(session, digest)) is None:
        return None
    facts = {
        "digest": digest,
        "since": within.span.starts_at,
        "until": within.span.ends_at,
        "monday": within.from_on,
        "until_on": within.until_on,
    }
    row = _asked(kind).first(session, facts)
    if row is None:
        return None
    feed = Stored(*row[:_KNOWN])
    said = (
        writer.VERSION,
        within.monday,
        feed.kind,
        feed.subject_id,
        feed.level,
        feed.language,
        feed.with_cancelled,
        feed.with_meetings,
        feed.with_alarm,
        *row[_KNOWN:],
    )
    return feed, hashlib.sha256(repr([str(one) for one in said]).encode()).digest()
