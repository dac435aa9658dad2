"""What attendees are told of a meeting: once for each sequence of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app import notices
from app.meetings.shapes import Reply
from app.meetings.store import Stored
from app.people import service as people
from app.people.access import Actor


def tell(
    session: Session,
    meeting: Stored,
    kind: str,
    to: Iterable[int],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Queue a notice of ``kind`` for each of ``to``, but for whoever did it."""
    notices.tell(session, set(to) - {actor.id}, kind, _cause(meeting), facts=_facts(meeting, actor), at=at)


def tell_reply(
    session: Session,
    meeting: Stored,
    reply: Reply,
    stand_in_id: int | None,
    to: Iterable[int],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Queue what somebody replied, for all others; the stand-in's own notice is an invitation."""
    facts = _facts(meeting, actor) | {"reply": reply}
    told = set(to) - {actor.id}
    cause = f"{_cause(meeting)}:{meeting.version}"
    if stand_in_id is not None:
        facts["stand_in"] = people.name_of(session, stand_in_id) or ""
        notices.tell(session, told & {stand_in_id}, "meeting-stand-in", cause, facts=facts, at=at)
        told.discard(stand_in_id)
    notices.tell(session, told, f"meeting-{reply}", cause, facts=facts, at=at)


def _cause(meeting: Stored) -> str:
    return f"meeting:{meeting.id}:{meeting.sequence}"


def _facts(meeting: Stored, actor: Actor) -> dict[str, str | int]:
    return {
        "meeting_id": meeting.id,
        "title": meeting.title,
        "by": actor.name,
        "starts_at": meeting.starts_at.isoformat(),
        "ends_at": meeting.ends_at.isoformat(),
        "zone": meeting.zone,
    }
