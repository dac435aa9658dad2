"""The version of everything that a feed says, in one statement and without a row of what it says.

Bookings, plans and meetings keep their rows, and each change of one raises its version; names of places and people change with
imports that are counted. Nothing is written for this where bookings are made.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import bindparam, literal, select
from sqlalchemy.orm import Session

from app.calendars import writer
from app.calendars.kinds import Kind
from app.calendars.store import Stored
from app.calendars.window import Window
from app.db import BigId
from app.db.hot import Hot
from app.meetings import calendar_reading as meetings
from app.people import directory
from app.rooms import calendar_reading as bookings
from app.scheduling import calendar_reading as plans

_PERSON: Any = bindparam("person", type_=BigId)
_UNIT: Any = bindparam("subject", type_=BigId)
_OWN = (directory.standing(_PERSON), directory.NAMES, directory.SHARING, bookings.PLACES)
"""Of every feed: its owner's rights, and all names."""
_PARTS: dict[Kind, tuple[Any, ...]] = {
    "me": (bookings.OF_PERSON, plans.version_of(_PERSON), meetings.OF_PERSON, meetings.ROOMS_OF_PERSON),
    "team": (directory.membership(_UNIT), plans.version_of(directory.members(_UNIT))),
    "room": (bookings.OF_SPACE,),
    "desk": (bookings.OF_SPACE,),
    "area": (bookings.IN_AREA,),
    "series": (bookings.SERIES, bookings.OF_SERIES, directory.standing(bookings.SERIES_OWNER)),
}
_STATES = {
    kind: Hot[Any](
        select(*(part.label(f"part_{n}") for n, part in enumerate((*_OWN, *parts))), literal(1).label("one"))
    )
    for kind, parts in _PARTS.items()
}


def state_of(session: Session, feed: Stored, within: Window) -> bytes:
    """A digest that differs whenever what the feed says could: all that is in it, who may see it, how it is written."""
    facts = {
        "person": feed.person_id,
        "subject": feed.subject_id,
        "since": within.span.starts_at,
        "until": within.span.ends_at,
        "monday": within.from_on,
        "until_on": within.until_on,
    }
    found = _STATES[feed.kind].first(session, facts)
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
        *(found or ()),
    )
    return hashlib.sha256(repr([str(one) for one in said]).encode()).digest()
