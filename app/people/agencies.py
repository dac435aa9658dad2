"""Agencies: which there are, and which of them show names to one another."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import journal
from app.db.hot import Hot
from app.errors import NotFound
from app.people.access import Actor
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


_SHARING = Hot(select(Agency.id).where(Agency.shares_names), int)


def sharing_agencies(session: Session) -> frozenset[int]:
    """The agencies that opted in to show names to one another."""
    return frozenset(_SHARING.rows(session, {}))


def agency_ids(session: Session) -> dict[str, int]:
    """Ids of agencies by code, for imports that name them."""
    return {code: id for code, id in session.execute(select(Agency.code, Agency.id))}


def add_agency(session: Session, code: str, name: str) -> int:
    """The id of the agency with this code, made or renamed as needed."""
    known = session.scalar(select(Agency).where(Agency.code == code))
    if known is None:
        known = Agency(code=code, name=name)
        session.add(known)
    known.name = name
    session.flush()
    return known.id


def named_agencies(session: Session, actor: Actor) -> frozenset[int]:
    """The agencies whose people the actor may see named."""
    sharing = sharing_agencies(session)
    return sharing | {actor.agency_id} if actor.agency_id in sharing else frozenset({actor.agency_id})
