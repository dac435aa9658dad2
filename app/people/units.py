"""Units of agencies: by id, by path, and by name."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.people.access import Actor
from app.people.agencies import named_agencies
from app.people.models import Unit


class UnitOut(msgspec.Struct, frozen=True):
    id: int
    agency_id: int
    name: str
    lineage: str
    head_id: int | None


_UNITS = select(Unit.id, Unit.agency_id, Unit.name, Unit.lineage, Unit.head_id)


def unit_by_id(session: Session, unit_id: int) -> UnitOut:
    """Raises NotFound. Whoever asks has yet to check what the asker may see of it."""
    row = session.execute(_UNITS.where(Unit.id == unit_id)).one_or_none()
    if row is None:
        raise NotFound(unit_id=unit_id)
    return UnitOut(*row)


def unit_ids(session: Session) -> dict[tuple[int, str], int]:
    """Ids of units by agency and path, for imports that name them."""
    return {(agency, path): id for agency, path, id in session.execute(select(Unit.agency_id, Unit.path, Unit.id))}


def find_units(session: Session, actor: Actor, q: str, *, limit: int) -> list[UnitOut]:
    """Units whose name holds ``q``, by name; only those whose people the actor may see named."""
    found = (
        _UNITS.where(Unit.agency_id.in_(named_agencies(session, actor)))
        .where(func.lower(Unit.name).contains(q.lower(), autoescape=True))
        .order_by(Unit.name, Unit.id)
        .limit(limit)
    )
    return [UnitOut(*row) for row in session.execute(found)]
