"""Versions of what others show of people, as parts of their own statements: whoever keeps what they said of people learns by
them that it may be said anew."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Case, ColumnElement, ScalarSelect, Select, Text, bindparam, case, cast, select
from sqlalchemy.orm import Session

from app import journal
from app.db.hot import Hot
from app.db.joined import joined, pairs
from app.people.models import Agency, Person, Secret, Unit

NAMES = journal.count_of("people")
"""Changes with each import, which alone makes and renames people, units and agencies."""
SHARING = select(joined(Agency.id)).where(Agency.shares_names).scalar_subquery()
"""Which agencies show names to one another."""


_KEY = Hot(select(Secret.value).where(Secret.name == bindparam("name")), bytes)


def kept_key(session: Session, name: str) -> bytes:
    """A secret of this installation that a migration made."""
    key = _KEY.first(session, {"name": name})
    assert key is not None, name
    return key


def standing(person: BindParameter[int] | ScalarSelect[int]) -> ScalarSelect[int]:
    """Changes whenever something about a person does, such as their roles; negative for somebody who has left."""
    number: Case[int] = case((Person.active, Person.version), else_=-Person.version)
    return select(number).where(Person.id == person).scalar_subquery()


def members(unit: BindParameter[int]) -> Select[int]:
    """Ids of the people of a unit and those below it."""
    return select(Person.id).join(Unit, Unit.id == Person.unit_id).where(_within(unit), Person.active)


def membership(unit: BindParameter[int]) -> ScalarSelect[Any]:
    """Changes whenever somebody joins or leaves these, or something about one of them does."""
    return (
        select(pairs(Person.id, Person.version))
        .join(Unit, Unit.id == Person.unit_id)
        .where(_within(unit), Person.active)
        .scalar_subquery()
    )


def _within(unit: BindParameter[int]) -> ColumnElement[bool]:
    return Unit.lineage.like("%/" + cast(unit, Text) + "/%")
