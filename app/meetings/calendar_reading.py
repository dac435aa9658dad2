"""Meetings as calendars tell them, and versions of them as parts of the caller's statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ScalarSelect, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from app import journal
from app.db.hot import Hot
from app.db.joined import pairs
from app.meetings import cities
from app.meetings.models import Attendee, Meeting
from app.meetings.shapes import State
from app.people import service as people
from app.rooms import calendar_reading as places
from app.rooms.calendar_reading import HeldPlace
from app.sites import Site
from app.spans import Span


class MeetingRead(msgspec.Struct, frozen=True):
    """A meeting for those who are part of it. ``zone`` is the host's, ``zones`` are those of the attendees' postings; ``rooms``
    are those held. ``changed_at`` is when it or one of its rooms last changed."""

    id: int
    title: str
    agenda: str
    letter: str
    link: str
    organiser_id: int
    organiser: str
    host: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    state: State
    sequence: int
    changed_at: datetime
    zones: tuple[str, ...]
    rooms: tuple[HeldPlace, ...]
    attendees: tuple[str, ...]

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


_MINE: Any = and_(
    Attendee.person_id == bindparam("person"),
    Attendee.starts_at >= bindparam("since"),
    Attendee.starts_at < bindparam("until"),
)
_IDS: Select[Any] = select(Attendee.meeting_id).where(_MINE)
OF_PERSON: ScalarSelect[Any] = (
    select(pairs(Meeting.id, Meeting.version))
    .join(Attendee, Attendee.meeting_id == Meeting.id)
    .where(_MINE)
    .scalar_subquery()
)
"""The meetings of ``person`` that start from ``since`` up to ``until``, cancelled ones and lost ones too."""
ROOMS_OF_PERSON: ScalarSelect[Any] = places.of_meetings(_IDS)
"""Their rooms, which change without them when a keeper decides or nobody comes."""
_INVITED = Hot(_IDS.where(Attendee.invited), int)


def of_person(session: Session, person_id: int, within: Span) -> list[MeetingRead]:
    """The meetings on whose list somebody is, of those that start within a span."""
    facts = {"person": person_id, "since": within.starts_at, "until": within.ends_at}
    return read(session, _INVITED.rows(session, facts))


def read(session: Session, meeting_ids: Sequence[int]) -> list[MeetingRead]:
    """Meetings by id. Whoever asks has checked that the reader is part of them."""
    if not meeting_ids:
        return []
    rows: Any = session.connection().execute(
        select(
            Meeting.id,
            Meeting.title,
            Meeting.agenda,
            Meeting.letter,
            Meeting.link,
            Meeting.organiser_id,
            Site.name,
            Site.zone,
            Meeting.starts_at,
            Meeting.ends_at,
            Meeting.state,
            Meeting.sequence,
            func.coalesce(journal.changed_at("meeting", Meeting.id), Meeting.created_at),
        )
        .join(Site, Site.id == Meeting.site_id)
        .where(Meeting.id.in_(meeting_ids))
        .order_by(Meeting.starts_at, Meeting.id)
    )
    meetings = list(rows)
    rooms = places.rooms_of_meetings(session, meeting_ids)
    zones = cities.zones_of(session, list(meeting_ids))
    attending = _attending(session, meeting_ids)
    cards = people.cards(session, {row[5] for row in meetings} | {id for ids in attending.values() for id in ids})
    found = []
    for row in meetings:
        every = rooms.get(row[0], [])
        names = sorted(cards[id].name for id in attending.get(row[0], ()) if id != row[5])
        facts = (
            *row[:6],
            cards[row[5]].name,
            *row[6:12],
            max([row[12], *(room.changed_at for room in every)]),
            tuple(zones.get(row[0], ())),
            tuple(room for room in every if room.active or room.state == "completed"),
            tuple(names),
        )
        found.append(MeetingRead(*facts))
    return found


def _attending(session: Session, meeting_ids: Sequence[int]) -> dict[int, list[int]]:
    rows = session.execute(
        select(Attendee.meeting_id, Attendee.person_id).where(Attendee.meeting_id.in_(meeting_ids), Attendee.invited)
    )
    found: dict[int, list[int]] = {}
    for meeting_id, person_id in rows:
        found.setdefault(meeting_id, []).append(person_id)
    return found
