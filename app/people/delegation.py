"""Who decides in whose place: Plh. while the other is away, Plt. while a post is vacant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.orm import Session, aliased

from app import journal
from app.errors import Invalid, NotFound
from app.people import service
from app.people.access import Actor
from app.people.models import Delegation, Person, Unit
from app.people.rules import may_arrange_for

Id = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]

LONGEST_DAYS = 183
"""Half a year: an acting official for longer is appointed, not delegated."""


class NewDelegation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``from_id`` is whose place is taken, oneself if absent; both dates are included."""

    to_id: Id
    from_on: date
    until_on: date
    kind: Literal["plh", "plt"] = "plh"
    letter: Annotated[str, msgspec.Meta(max_length=100)] = ""
    from_id: Id | None = None


class DelegationOut(msgspec.Struct, frozen=True):
    id: int
    from_id: int
    from_name: str
    to_id: int
    to_name: str
    kind: str
    letter: str
    from_on: date
    until_on: date


class Stand(msgspec.Struct, frozen=True):
    """Somebody who may decide; ``for_id`` and ``for_name`` are of the one whose place they take, their own otherwise."""

    id: int
    name: str
    for_id: int
    for_name: str


def delegate(session: Session, actor: Actor, wanted: NewDelegation, *, now: datetime) -> DelegationOut:
    """Let somebody of the same agency decide in one's place, or in that of somebody whose work one may arrange. Nobody puts
    themselves into another's place.

    Raises NotFound, Forbidden, Invalid for dates that are backwards, over, or too far apart, and for oneself.
    """
    principal = service.employee_for(session, actor, wanted.from_id or actor.id, may=may_arrange_for)
    other = session.execute(
        select(Person.id, Person.agency_id).where(Person.id == wanted.to_id, Person.active)
    ).one_or_none()
    if other is None or other.agency_id != principal.agency_id:
        raise NotFound(person_id=wanted.to_id)
    if other.id in (principal.id, actor.id):
        raise Invalid(problem="to_id")
    if not (wanted.from_on <= wanted.until_on and (wanted.until_on - wanted.from_on).days <= LONGEST_DAYS):
        raise Invalid(problem="until_on")
    if wanted.until_on < now.date():
        raise Invalid(problem="until_on")
    row = {
        "from_id": principal.id,
        "to_id": other.id,
        "kind": wanted.kind,
        "letter": wanted.letter,
        "from_on": wanted.from_on,
        "until_on": wanted.until_on,
    }
    id = session.execute(insert(Delegation).values(**row).returning(Delegation.id)).scalar_one()
    facts = {**row, "from_on": wanted.from_on.isoformat(), "until_on": wanted.until_on.isoformat()}
    journal.record(session, "delegated", "delegation", id, actor_id=actor.id, at=now, facts=facts)
    (made,) = _delegations(session, Delegation.id == id)
    return made


def end(session: Session, actor: Actor, delegation_id: int, *, now: datetime) -> None:
    """Take a delegation back, from now on. Raises NotFound for one that isn't there, is over, or isn't the actor's to end."""
    row = session.get(Delegation, delegation_id)
    if row is None or row.ended_at is not None:
        raise NotFound(delegation_id=delegation_id)
    service.check_may_act_for(session, actor, row.from_id, may=may_arrange_for, delegation_id=delegation_id)
    session.execute(update(Delegation).where(Delegation.id == delegation_id).values(ended_at=now))
    journal.record(session, "ended", "delegation", delegation_id, actor_id=actor.id, at=now, version=2)


def delegations_of(session: Session, actor: Actor) -> list[DelegationOut]:
    """Delegations from and to the actor that were not taken back, the newest first."""
    theirs = (Delegation.from_id == actor.id) | (Delegation.to_id == actor.id)
    return _delegations(session, and_(theirs, Delegation.ended_at.is_(None)))


def _delegations(session: Session, these: ColumnElement[bool]) -> list[DelegationOut]:
    principal, delegate = aliased(Person), aliased(Person)
    rows = session.execute(
        select(
            Delegation.id,
            Delegation.from_id,
            principal.name,
            Delegation.to_id,
            delegate.name,
            Delegation.kind,
            Delegation.letter,
            Delegation.from_on,
            Delegation.until_on,
        )
        .join(principal, principal.id == Delegation.from_id)
        .join(delegate, delegate.id == Delegation.to_id)
        .where(these)
        .order_by(Delegation.id.desc())
        .limit(50)
    )
    return [DelegationOut(*row) for row in rows]


def principals_of(session: Session, person_id: int, on: date) -> list[int]:
    """Ids of those in whose place somebody may decide on a date; they themselves first."""
    rows = session.scalars(
        select(Delegation.from_id).where(
            Delegation.to_id == person_id,
            Delegation.from_on <= on,
            Delegation.until_on >= on,
            Delegation.ended_at.is_(None),
        )
    )
    return [person_id, *dict.fromkeys(rows)]


def stands(session: Session, principals: Iterable[int], on: date) -> list[Stand]:
    """Who may decide in the place of ``principals`` on a date: they themselves, then those acting for them."""
    wanted = list(dict.fromkeys(principals))
    names = {
        id: name
        for id, name in session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted), Person.active))
    }
    own = [Stand(id, names[id], id, names[id]) for id in wanted if id in names]
    acting = session.execute(
        select(Delegation.to_id, Person.name, Delegation.from_id)
        .join(Person, Person.id == Delegation.to_id)
        .where(
            Delegation.from_id.in_(wanted),
            Delegation.from_on <= on,
            Delegation.until_on >= on,
            Delegation.ended_at.is_(None),
            Person.active,
        )
        .order_by(Delegation.id)
    )
    return own + [Stand(id, name, of, names.get(of, "")) for id, name, of in acting]


def heads_above(session: Session, unit_lineage: str) -> list[int]:
    """Heads of a unit and of the units above it, nearest first."""
    ids = [int(part) for part in unit_lineage.split("/") if part]
    heads = {id: head for id, head in session.execute(select(Unit.id, Unit.head_id).where(Unit.id.in_(ids)))}
    return [head for id in reversed(ids) if (head := heads.get(id)) is not None]
