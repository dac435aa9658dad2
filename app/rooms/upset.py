"""What became of somebody's booking without them: for those who tell them of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.journal import Written
from app.rooms import waiting
from app.rooms.models import Floor, Space
from app.sites import Site

VERBS = ("released", "cancelled", "changed", "restored")
"""Entries of the journal about bookings by which somebody can lose one, or find it elsewhere."""


class Upset(msgspec.Struct, frozen=True):
    """``facts`` word it: the place and time it has or had, those before, the zone of each."""

    person_id: int
    booking_id: int
    version: int
    news: str
    site_id: int
    starts: tuple[datetime, ...]
    facts: dict[str, Any]
    at: datetime


def upset(session: Session, entry: Written) -> Upset | None:
    """What an entry about a booking means for whoever has it, or None for what they did themselves. A meeting's rooms change
    with it, and it tells of that; their release alone is news."""
    person_id = entry.facts["person_id"]
    if entry.actor_id == person_id or (entry.facts.get("meeting_id") and entry.verb != "released"):
        return None
    if entry.verb == "released" and waiting.not_accepted(session, [entry.subject_id]):
        return None  # they were told until when it was held
    history = journal.history(session, "booking", entry.subject_id, until=entry.version)
    before = history[1].facts if len(history) > 1 else entry.facts
    if entry.verb == "changed" and all(before[name] == entry.facts[name] for name in _SEEN):
        return None
    places = _places(session, (entry.facts["space_id"], before["space_id"]))
    now, then = places[entry.facts["space_id"]], places[before["space_id"]]
    facts = _worded(entry.facts, now) | {"booking_id": entry.subject_id}
    if any(before[name] != entry.facts[name] for name in _SEEN):
        facts["before"] = _worded(before, then)
    return Upset(
        person_id,
        entry.subject_id,
        entry.version,
        f"booking-{entry.verb}",
        now.site_id,
        tuple(datetime.fromisoformat(one["starts_at"]) for one in (entry.facts, before)),
        facts,
        entry.at,
    )


_SEEN = ("space_id", "starts_at", "ends_at")


class _Place(msgspec.Struct, frozen=True):
    kind: str
    name: str
    floor: str
    site_id: int
    zone: str


def _places(session: Session, space_ids: Sequence[int]) -> dict[int, _Place]:
    rows: Any = session.execute(
        select(Space.id, Space.kind, Space.name, Floor.name, Site.id, Site.zone)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Site, Site.id == Floor.site_id)
        .where(Space.id.in_(set(space_ids)))
    )
    return {id: _Place(*place) for id, *place in rows}


def _worded(facts: dict[str, Any], place: _Place) -> dict[str, Any]:
    return {
        "kind": place.kind,
        "space": place.name,
        "floor": place.floor,
        "zone": place.zone,
        "starts_at": facts["starts_at"],
        "ends_at": facts["ends_at"],
    }
