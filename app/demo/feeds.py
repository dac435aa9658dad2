"""Calendar feeds of the demo: addresses that some clients fetch already. Nobody has their tokens, as they are shown once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.calendars import service, store
from app.calendars.shapes import NewFeed
from app.people.access import actor_of

VISITOR = "pegawai@selaras.test"
IDEAS = (
    (NewFeed("me", "Ponsel", with_alarm=True), "apple", 41, timedelta(minutes=26)),
    (NewFeed("me", "Untuk mitra kerja", level="busy"), "google", 3, timedelta(hours=7)),
)
"""What is asked for, who fetches it, how often, and how long ago."""


def settle(session: Session, *, now: datetime) -> None:
    """Give the visitor feeds unless they have some."""
    actor = actor_of(session, VISITOR, now=now)
    if actor is None or store.of_person(session, actor.id):
        return
    for wanted, client, times, ago in IDEAS:
        made = service.make(session, actor, wanted, now=now - timedelta(days=3))
        store.touch(session, made.id, client, times, now=now - ago)
