"""Agencies as an operator tends them from the command line: whether they show names to one another."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import journal
from app.errors import NotFound
from app.people.models import Agency


def list_agencies(session: Session) -> list[tuple[str, str, bool]]:
    """Code, name and whether it shows names, of every agency."""
    rows = session.execute(select(Agency.code, Agency.name, Agency.shares_names).order_by(Agency.code))
    return [(code, name, shares) for code, name, shares in rows]


def set_sharing(session: Session, code: str, shares: bool, *, now: datetime) -> None:
    """Let an agency show its people's names to the others that do so too, or no longer. Raises NotFound."""
    changed = update(Agency).where(Agency.code == code).values(shares_names=shares).returning(Agency.id)
    agency_id = session.scalar(changed)
    if agency_id is None:
        raise NotFound(agency=code)
    verb, facts = "names-shared" if shares else "names-hidden", {"code": code}
    journal.record(session, verb, "agency", agency_id, actor_id=None, at=now, facts=facts)
