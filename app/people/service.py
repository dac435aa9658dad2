"""What the other folders ask about people: names they may show, teams, and whom an actor may act for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import bindparam, func, or_, select, true, update
from sqlalchemy.orm import Session

from app import journal
from app.db.hot import Hot
from app.errors import Forbidden, NotFound
from app.people import rules
from app.people.access import Actor
from app.people.agencies import named_agencies, sharing_agencies
from app.people.models import Agency, Person, Unit
from app.people.rules import Role


class PersonOut(msgspec.Struct, frozen=True):
    id: int
    name: str
    title: str
    unit_id: int
    unit: str
    agency: str


class Employee(msgspec.Struct, frozen=True):
    """The facts that decide what somebody may book and plan."""

    id: int
    name: str
    agency_id: int
    unit_id: int
    unit_lineage: str
    superior_id: int | None
    site_id: int
    unit_kind: str = ""
    level: str = ""
    eligible: bool = True


class Profile(msgspec.Struct, frozen=True):
    """What people see of themselves."""

    email: str
    nip_masked: str
    unit: str
    agency: str
    superior: str
    site_id: int


_EMPLOYEE = (
    select(
        Person.id,
        Person.name,
        Person.agency_id,
        Person.unit_id,
        Unit.lineage,
        Person.superior_id,
        Person.site_id,
        Unit.kind,
        Person.level,
        Person.eligible,
    )
    .join(Unit, Unit.id == Person.unit_id)
    .where(Person.id == bindparam("person"), Person.active)
)
_HOT = Hot(_EMPLOYEE, Employee)
_HOT_LOCKED = Hot(_EMPLOYEE.with_for_update(of=Person, key_share=True), Employee)
_NAMES = select(Person.id, Person.name, Person.agency_id, Person.unit_id)


def employee_for(
    session: Session,
    actor: Actor,
    person_id: int,
    *,
    lock: bool = False,
    may: Callable[[Actor, Employee], bool] = rules.may_act_for,
) -> Employee:
    """The person to act for, their row locked if asked (on SQLite the transaction already holds the only lock). ``may``
    says for whom one may do what is to be done: by default, book.

    Raises NotFound if there is none the actor may know of, Forbidden if the actor may not act for them.
    """
    person = (_HOT_LOCKED if lock else _HOT).first(session, {"person": person_id})
    if person is None:
        raise NotFound(person_id=person_id)
    if not may(actor, person):
        if not rules.may_know_name(actor.agency_id, person.agency_id, sharing_agencies(session)):
            raise NotFound(person_id=person_id)
        raise Forbidden(person_id=person_id)
    return person


def check_may_act_for(
    session: Session,
    actor: Actor,
    person_id: int,
    *,
    may: Callable[[Actor, Employee], bool] = rules.may_act_for,
    **thing: Any,
) -> None:
    """For something of somebody's. The refusal names the thing alone: whose it is, is nobody's business.

    Raises NotFound or Forbidden as ``employee_for`` does.
    """
    try:
        employee_for(session, actor, person_id, may=may)
    except (NotFound, Forbidden) as refused:
        raise type(refused)(**thing) from None


def employee(session: Session, person_id: int) -> Employee | None:
    """Somebody as the service itself sees them, without anybody asking; None for who has left."""
    return _HOT.first(session, {"person": person_id})


def itself(actor: Actor) -> Employee:
    """The actor as the one to act for."""
    return Employee(
        actor.id,
        actor.name,
        actor.agency_id,
        actor.unit_id,
        actor.unit_lineage,
        actor.superior_id,
        actor.site_id,
        actor.unit_kind,
        actor.level,
        actor.eligible,
    )


class Colleague(msgspec.Struct, frozen=True):
    name: str
    unit_id: int


def names_for(session: Session, actor: Actor, ids: Iterable[int]) -> dict[int, Colleague]:
    """Names of those among ``ids`` whom the actor may see named; the others are simply not in the answer."""
    wanted = set(ids)
    if not wanted:
        return {}
    sharing = sharing_agencies(session)
    rows = session.connection().execute(_NAMES.where(Person.id.in_(wanted)))
    return {
        id: Colleague(name, unit_id)
        for id, name, agency_id, unit_id in rows
        if rules.may_know_name(actor.agency_id, agency_id, sharing)
    }


_TEAM = Hot[Any](
    select(Person.id, Person.name)
    .where(
        or_(
            Person.unit_id == bindparam("unit"),
            Person.superior_id == bindparam("person"),
            Person.id == bindparam("superior"),
        ),
        Person.id != bindparam("person"),
        Person.active,
    )
    .order_by(Person.name)
)


def team_of(session: Session, somebody: Actor | Employee) -> dict[int, str]:
    """Names of somebody's team by id: their unit, their superior and their reports, without themselves."""
    facts = {"person": somebody.id, "unit": somebody.unit_id, "superior": somebody.superior_id or 0}
    return dict(_TEAM.rows(session, facts))


def colleague_for(session: Session, actor: Actor, person_id: int) -> Employee:
    """Somebody whose name the actor may know; what may be done for them is yet to be asked. Raises NotFound."""
    person = _HOT.first(session, {"person": person_id})
    if person is None or not rules.may_know_name(actor.agency_id, person.agency_id, sharing_agencies(session)):
        raise NotFound(person_id=person_id)
    return person


class Card(msgspec.Struct, frozen=True):
    """Who somebody is, for a record that is the reader's to see."""

    id: int
    name: str
    unit: str
    agency: str
    agency_id: int
    site_id: int


_CARDS = (
    select(Person.id, Person.name, Unit.name, Agency.code, Person.agency_id, Person.site_id)
    .join(Unit, Unit.id == Person.unit_id)
    .join(Agency, Agency.id == Person.agency_id)
)


def cards(session: Session, ids: Iterable[int]) -> dict[int, Card]:
    """Who these people are. Whoever asks has checked that the reader may see the record that names them."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {row[0]: Card(*row) for row in session.connection().execute(_CARDS.where(Person.id.in_(wanted)))}


def name_of(session: Session, person_id: int) -> str | None:
    """A name for a record that is the reader's to see."""
    return session.scalar(select(Person.name).where(Person.id == person_id))


def with_role(session: Session, role: Role, agencies: Iterable[int] = ()) -> list[int]:
    """Ids of the people who have a role, in some agencies; without any, in all."""
    wanted = list(agencies)
    these = Person.agency_id.in_(wanted) if wanted else true()
    rows = session.execute(select(Person.id, Person.roles).where(these, Person.roles != "", Person.active))
    return [id for id, roles in rows if role.value in roles.split()]


def charges_of(session: Session, actor: Actor, *, limit: int = 60) -> list[tuple[int, str]]:
    """People the actor may book for, most likely first: reports and unit; empty for somebody without a say."""
    say = actor.roles & {Role.HR_OFFICER, Role.AGENCY_ADMIN, Role.ROOM_KEEPER, Role.OPERATOR, Role.HEAD_OF_UNIT}
    who = (
        or_(Person.superior_id == actor.id, Person.unit_id == actor.unit_id) if say else Person.superior_id == actor.id
    )
    rows = session.execute(
        select(Person.id, Person.name)
        .where(who, Person.id != actor.id, Person.active)
        .order_by((Person.superior_id == actor.id).desc(), Person.name)
        .limit(limit)
    )
    return [(id, name) for id, name in rows]


def find_people(
    session: Session, actor: Actor, *, q: str = "", unit_id: int | None = None, after: int = 0, limit: int = 50
) -> list[PersonOut]:
    """People whose name holds ``q``, of a unit and those below it, in the order of their ids; only whom the actor may
    see named."""
    found = (
        select(Person.id, Person.name, Person.title, Person.unit_id, Unit.name, Agency.code)
        .join(Unit, Unit.id == Person.unit_id)
        .join(Agency, Agency.id == Person.agency_id)
        .where(Person.active, Person.agency_id.in_(named_agencies(session, actor)), Person.id > after)
        .order_by(Person.id)
        .limit(limit)
    )
    if q:
        found = found.where(func.lower(Person.name).contains(q.lower(), autoescape=True))
    if unit_id is not None:
        found = found.where(Unit.lineage.contains(f"/{unit_id}/"))
    return [PersonOut(*row) for row in session.execute(found)]


def profile_of(session: Session, actor: Actor) -> Profile:
    row = session.execute(
        select(Person.email, Person.nip_last4, Unit.path, Agency.name, Person.site_id, Person.superior_id)
        .join(Unit, Unit.id == Person.unit_id)
        .join(Agency, Agency.id == Person.agency_id)
        .where(Person.id == actor.id)
    ).one()
    superior = session.scalar(select(Person.name).where(Person.id == row.superior_id)) or ""
    masked = f"•••{row.nip_last4}" if row.nip_last4 else ""
    return Profile(row.email, masked, row.path, row.name, superior, row.site_id)


def set_preferences(
    session: Session,
    actor: Actor,
    *,
    language: Literal["id", "en"] | None = None,
    theme: Literal["system", "light", "dark"] | None = None,
    now: datetime,
) -> None:
    """Language and theme of the actor; what is None stays."""
    chosen = {name: value for name, value in (("language", language), ("theme", theme)) if value}
    if chosen:
        version = session.execute(
            update(Person)
            .where(Person.id == actor.id)
            .values(version=Person.version + 1, **chosen)
            .returning(Person.version)
        ).scalar_one()
        journal.record(
            session, "preferred", "person", actor.id, actor_id=actor.id, at=now, version=version, facts=chosen
        )
