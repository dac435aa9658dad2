"""Follow-ups (tindak lanjut): what a meeting left to do, for whom, until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app import journal
from app.errors import Forbidden, NotFound
from app.meetings import service, store
from app.meetings.shapes import FollowUpIn, FollowUpOut
from app.people import service as people
from app.people.access import Actor


def add(session: Session, actor: Actor, meeting_id: int, wanted: FollowUpIn, *, now: datetime) -> FollowUpOut:
    """Note a follow-up; whoever is part of the meeting may. Raises NotFound for the meeting or the owner."""
    meeting = service.meeting_for(session, actor, meeting_id)
    owner = actor.name if wanted.owner_id == actor.id else people.colleague_for(session, actor, wanted.owner_id).name
    row = {
        "meeting_id": meeting.id,
        "task": wanted.task,
        "owner_id": wanted.owner_id,
        "due_on": wanted.due_on,
        "done_at": None,
    }
    id = store.add_follow_up(session, row)
    facts = {"meeting_id": meeting.id, "owner_id": wanted.owner_id, "due_on": wanted.due_on.isoformat()}
    journal.record(session, "asked", "follow-up", id, actor_id=actor.id, at=now, facts=facts)
    return FollowUpOut(id, wanted.task, wanted.owner_id, owner, wanted.due_on, None)


def finish(
    session: Session, actor: Actor, meeting_id: int, follow_up_id: int, *, done: bool, now: datetime
) -> FollowUpOut:
    """Tick a follow-up off, or open it again: its owner and whoever may change the meeting.

    Raises NotFound, Forbidden.
    """
    meeting = service.meeting_for(session, actor, meeting_id)
    before = next((one for one in meeting.follow_ups if one.id == follow_up_id), None)
    if before is None:
        raise NotFound(follow_up_id=follow_up_id)
    if before.owner_id != actor.id and not meeting.may_change:
        raise Forbidden(follow_up_id=follow_up_id)
    if (before.done_at is not None) == done:
        return before
    done_at = now if done else None
    store.finish_follow_up(session, follow_up_id, done_at)
    facts = {"meeting_id": meeting.id, "owner_id": before.owner_id, "due_on": before.due_on.isoformat()}
    verb = "done" if done else "reopened"
    journal.record(session, verb, "follow-up", follow_up_id, actor_id=actor.id, at=now, facts=facts)
    return FollowUpOut(before.id, before.task, before.owner_id, before.owner, before.due_on, done_at)
