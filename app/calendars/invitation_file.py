"""One meeting as a calendar file, for whoever is part of it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.calendars import sources, writer
from app.calendars.entries import Names
from app.calendars.fetching import KEY
from app.calendars.meeting_entry import meeting
from app.meetings import calendar_reading
from app.meetings import service as meetings
from app.people import directory
from app.people.access import Actor
from app.texts import Words


def of(session: Session, actor: Actor, meeting_id: int, said: Words, origin: str) -> bytes:
    """The same entry as in feeds and mails, so that a calendar which has it already changes it. Raises NotFound."""
    meetings.meeting_for(session, actor, meeting_id)
    (read,) = calendar_reading.read(session, [meeting_id])
    names = Names(directory.kept_key(session, KEY), origin)
    entry = meeting(sources.meeting_facts(read, said), names, said)
    return writer.calendar([writer.vevent(entry)], name=f"Selaras: {read.title}", zones=[entry.zone])
