"""Whom a meeting summons, and whom it did: for those who pass it on to them by mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from app.meetings import store
from app.meetings.shapes import Reply, State


class Summoned(msgspec.Struct, frozen=True):
    """Somebody who is on the list, or was (not ``invited`` then); see ``models.Attendee``."""

    person_id: int
    invited: bool
    required: bool
    reply: Reply
    stand_in_id: int | None
    for_id: int | None


class Summons(msgspec.Struct, frozen=True):
    """``guests`` are names by e-mail address."""

    meeting_id: int
    organiser_id: int
    site_id: int
    state: State
    sequence: int
    starts_at: datetime
    ends_at: datetime
    people: Mapping[int, Summoned]
    guests: Mapping[str, str]


def summons(session: Session, meeting_id: int) -> Summons | None:
    """None if there is no such meeting. Whoever asks shows it to nobody but those whom it names."""
    meeting = store.one(session, meeting_id)
    if meeting is None:
        return None
    rows = store.invited(session, meeting_id)
    return Summons(
        meeting.id,
        meeting.organiser_id,
        meeting.site_id,
        meeting.state,
        meeting.sequence,
        meeting.starts_at,
        meeting.ends_at,
        {
            id: Summoned(id, row.invited, row.required, row.reply, row.stand_in_id, row.for_id)
            for id, row in rows.items()
        },
        {guest.email: guest.name for guest in store.guests_of(session, meeting_id)},
    )
