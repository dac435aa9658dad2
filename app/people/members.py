"""Who belongs where: the people of units, those under a superior, and everybody for counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Integer, bindparam, or_, select
from sqlalchemy.orm import Session

from app.db.hot import Hot
from app.db.many import HotForMany
from app.people.access import Actor
from app.people.models import Person, Unit
from app.people.rules import Role


class Member(msgspec.Struct, frozen=True):
    """Somebody of a unit, as coverage and the team board see them."""

    id: int
    name: str
    title: str
    level: str
    duties: frozenset[str]
    unit_id: int
    unit_lineage: str
    agency_id: int
    superior_id: int | None
    site_id: int


def members_of(session: Session, unit_ids: Iterable[int], *, also: Iterable[int] = ()) -> list[Member]:
    """The people of these units and of those below them, and those of ids ``also``, by name. Whoever asks has checked that
    they may."""
    units = [Unit.lineage.contains(f"/{unit_id}/") for unit_id in sorted(unit_ids)]
    if not units:
        return _MEMBERS.rows(session, sorted(also), {})
    below = or_(Person.id.in_(sorted(also)), *units)
    return [_member(*row) for row in session.connection().execute(_members(below))]


def _members(these: ColumnElement[bool]) -> Any:
    return (
        select(
            Person.id,
            Person.name,
            Person.title,
            Person.level,
            Person.duties,
            Person.unit_id,
            Unit.lineage,
            Person.agency_id,
            Person.superior_id,
            Person.site_id,
        )
        .join(Unit, Unit.id == Person.unit_id)
        .where(these, Person.active)
        .order_by(Person.name, Person.id)
    )


def _member(id: int, name: str, title: str, level: str, duties: str, *rest: Any) -> Member:
    return Member(id, name, title, level, frozenset(duties.split()), *rest)


_MEMBERS = HotForMany(lambda ids: _members(Person.id.in_(ids)), _member)


_TEAM_OF_UNIT = Hot(_members(Person.unit_id == bindparam("unit")).limit(bindparam("most", type_=Integer)), _member)


def unit_team(session: Session, unit_id: int, *, most: int) -> list[Member]:
    """The people of a unit, without those of units below it, by name. Whoever asks has checked that they may."""
    return _TEAM_OF_UNIT.rows(session, {"unit": unit_id, "most": most})


_LEADS_ELSEWHERE = Hot(
    select(Person.id)
    .where(Person.superior_id == bindparam("person"), Person.unit_id != bindparam("unit"), Person.active)
    .limit(1),
    int,
)


def leads_elsewhere(session: Session, actor: Actor) -> bool:
    """Whether somebody of another unit reports to the actor."""
    return bool(_LEADS_ELSEWHERE.rows(session, {"person": actor.id, "unit": actor.unit_id}))


def people_under(session: Session, principals: Iterable[int]) -> list[int]:
    """Ids of the people under some superiors: their reports, the people of units that they head, and for HR officers
    those of the agency without a superior."""
    ids = list(principals)
    reports = select(Person.id).where(Person.superior_id.in_(ids), Person.active)
    heads = session.scalars(select(Unit.id).where(Unit.head_id.in_(ids))).all()
    below = [Unit.lineage.contains(f"/{id}/") for id in heads]
    found = set(session.scalars(reports))
    if below:
        staff = select(Person.id).join(Unit, Unit.id == Person.unit_id).where(or_(*below), Person.active)
        found |= set(session.scalars(staff))
    officers = select(Person.agency_id).where(Person.id.in_(ids), Person.roles.contains(Role.HR_OFFICER.value))
    alone = select(Person.id).where(
        Person.agency_id.in_(officers), Person.superior_id.is_(None), Person.active, Person.id.not_in(ids)
    )
    return sorted(found | set(session.scalars(alone)))


class Posting(msgspec.Struct, frozen=True):
    """Where somebody belongs, as far as a rule may look when it counts whom it touches."""

    id: int
    agency_id: int
    unit_id: int
    unit_lineage: str
    site_id: int


_POSTINGS = Hot(
    select(Person.id, Person.agency_id, Person.unit_id, Unit.lineage, Person.site_id)
    .join(Unit, Unit.id == Person.unit_id)
    .where(Person.active)
    .order_by(Person.id),
    Posting,
)


def postings(session: Session) -> list[Posting]:
    """Everybody, without names: for counts that go beyond what the asker may see of each."""
    return _POSTINGS.rows(session, {})
