"""What the clock does to the waiting list: lines for a time that is over end, and nobody waits for what stands free."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.leases import Work
from app.rooms import waiting
from app.rooms import waiting_line as line
from app.spans import Span


def tend(session: Session, *, now: datetime) -> int:
    """End what is over, and offer what came free in another way than by the end of a booking: the person gave back the desk
    they had instead, a closure was lifted. Returns how many waits changed."""
    ended = [
        line.mark(session, wait_id, "waiting", "expired", actor_id=None, at=now)
        for wait_id in line.over(session, now=now)
    ]
    offered = [
        waiting.freed(session, space_id, Span(now, ends_at), now=now)
        for space_id, ends_at in line.missed(session, now=now)
    ]
    return sum(ended) + sum(offered)


WAITING = Work("waiting-list", timedelta(seconds=20), tend)
