"""How people are reached: for mail to them, and for nobody's eyes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.people.models import Person
from app.texts import Language, language_of


class Contact(msgspec.Struct, frozen=True):
    """Where mail to somebody goes, in which language, and where they are posted."""

    id: int
    name: str
    email: str
    language: Language
    site_id: int
    active: bool


def contacts(session: Session, ids: Iterable[int]) -> dict[int, Contact]:
    """By id; those who have left are there too, not ``active``."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session.connection().execute(
        select(Person.id, Person.name, Person.email, Person.language, Person.site_id, Person.active).where(
            Person.id.in_(wanted)
        )
    )
    return {row[0]: Contact(row[0], row[1], row[2], language_of(row[3]), row[4], row[5]) for row in rows}
