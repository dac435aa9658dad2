"""Whether the bookings are as promised: no overlap, and nothing that the journal does not explain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from app import journal
from app.rooms.models import Booking


class Kept(msgspec.Struct, frozen=True):
    """A booking's state as table and journal both tell it."""

    space_id: int
    person_id: int
    starts_at: datetime
    ends_at: datetime
    state: str
    version: int


def overlaps(session: Session) -> list[tuple[int, int]]:
    """Pairs of active bookings that overlap on one space, or as desks of one person; by the database itself."""
    one, other = aliased(Booking), aliased(Booking)
    meet = and_(
        one.active, other.active, one.id < other.id, one.starts_at < other.ends_at, other.starts_at < one.ends_at
    )
    same_space = select(one.id, other.id).where(meet, one.space_id == other.space_id)
    same_person = select(one.id, other.id).where(
        meet, one.person_id == other.person_id, one.kind == "desk", other.kind == "desk"
    )
    return [(a, b) for a, b in session.execute(same_space.union(same_person))]


def replayed(entries: Iterable[tuple[int, int, dict[str, Any]]]) -> dict[int, Kept]:
    """Bookings by id as the journal tells them: each entry holds the whole state, and the last one counts."""
    return {
        subject_id: Kept(
            facts["space_id"],
            facts["person_id"],
            datetime.fromisoformat(facts["starts_at"]),
            datetime.fromisoformat(facts["ends_at"]),
            facts["state"],
            version,
        )
        for subject_id, version, facts in entries
    }


def findings(session: Session) -> list[str]:
    """One line for everything that is not as promised."""
    found = [f"bookings {a} and {b} overlap" for a, b in overlaps(session)]
    told = replayed(journal.entries_of(session, "booking"))
    began = journal.began_at(session)
    rows = session.execute(
        select(
            Booking.id,
            Booking.space_id,
            Booking.person_id,
            Booking.starts_at,
            Booking.ends_at,
            Booking.state,
            Booking.version,
            Booking.created_at,
        )
    )
    for row in rows:
        kept = Kept(*row[1:7])
        tale = told.pop(row[0], None)
        if tale is None and began is not None and row[7] < began:
            continue  # taken over from before the journal was kept
        if tale != kept:
            found.append(f"booking {row[0]} differs from its journal")
    found += [f"the journal tells of booking {id}, which is not there" for id in told]
    return found
