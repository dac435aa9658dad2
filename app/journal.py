"""What happened, one row a change, in the change's own transaction: audit trail, outbox and cursor in one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    ForeignKey,
    Index,
    ScalarSelect,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import Base, BigId, locks_rows
from app.db.hot import Hot
from app.db.work import CHANGES


class Entry(Base):
    """``actor_id`` is None where the service itself acted. ``facts`` hold the subject's state after the change, never a
    NIP, a password or a token; ``version`` is the subject's version after it."""

    __tablename__ = "journal"
    __table_args__ = (Index(None, "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    verb: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigId)
    version: Mapped[int]
    facts: Mapped[dict[str, Any]]


class Change(msgspec.Struct, frozen=True):
    """An entry as those are told it who follow changes as they are committed: what changed, and its state after it."""

    verb: str
    subject: str
    subject_id: int
    facts: dict[str, Any]


_COLUMNS = ("at", "actor_id", "verb", "subject", "subject_id", "version", "facts")
_RECORD = Hot[None](insert(Entry).values({name: bindparam(name) for name in _COLUMNS}), columns=())


def record(
    session: Session,
    verb: str,
    subject: str,
    subject_id: int,
    *,
    actor_id: int | None,
    at: datetime,
    version: int = 1,
    facts: dict[str, Any] | None = None,
) -> None:
    """Write that ``actor_id`` did ``verb`` to a subject: ``record(session, "booked", "booking", 7, ...)``."""
    row = {"at": at, "actor_id": actor_id, "verb": verb, "subject": subject, "subject_id": subject_id}
    _RECORD.rows(session, row | {"version": version, "facts": facts or {}})
    _note(session, Change(verb, subject, subject_id, facts or {}))


def making(subject_id: ColumnElement[int]) -> Hot[int]:
    """A statement that makes a subject, whose id is ``subject_id``, and the first entry about it: one way to the server for
    both, on PostgreSQL. ``make`` runs it."""
    columns = Entry.__table__.c
    others = {name: bindparam(name, type_=columns[name].type) for name in _COLUMNS}
    found = select(*(others | {"subject_id": subject_id}).values())
    statement = insert(Entry).from_select(_COLUMNS, found).returning(Entry.subject_id)
    return Hot(statement, int, columns=(Entry.subject_id,))


def make(
    session: Session,
    statement: Hot[int],
    subject_row: dict[str, Any],
    verb: str,
    subject: str,
    *,
    actor_id: int | None,
    at: datetime,
    facts: dict[str, Any],
) -> int:
    """Make a subject by such a statement, of version 1, and write that ``actor_id`` did; the subject's id."""
    row = {"at": at, "actor_id": actor_id, "verb": verb, "subject": subject, "version": 1, "facts": facts}
    (subject_id,) = statement.rows(session, subject_row | row)
    _note(session, Change(verb, subject, subject_id, facts))
    return subject_id


def record_all(
    session: Session,
    verb: str,
    subject: str,
    told: Iterable[tuple[int, int, dict[str, Any]]],
    *,
    actor_id: int | None,
    at: datetime,
) -> None:
    """Write that ``actor_id`` did ``verb`` to many subjects at once, each with its id, version and facts."""
    same = {"at": at, "actor_id": actor_id, "verb": verb, "subject": subject}
    told = list(told)
    if told:
        rows = [same | {"subject_id": id, "version": version, "facts": facts} for id, version, facts in told]
        session.connection().execute(insert(Entry), rows)
        _note(session, *(Change(verb, subject, id, facts) for id, _, facts in told))


def _note(session: Session, *changes: Change) -> None:
    session.info.setdefault(CHANGES, []).extend(changes)


def entries_of(session: Session, subject: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Id, version and facts of every entry about a kind of subject, in the order of writing."""
    rows = session.execute(
        select(Entry.subject_id, Entry.version, Entry.facts).where(Entry.subject == subject).order_by(Entry.id)
    )
    yield from (tuple(row) for row in rows)


def changed_at(subject: str, id: ColumnExpressionArgument[int]) -> ScalarSelect[Any]:
    """When the subject of this id last changed, as a part of a statement about such subjects."""
    return select(func.max(Entry.at)).where(Entry.subject == subject, Entry.subject_id == id).scalar_subquery()


def count_of(subject: str, id: int = 0) -> ScalarSelect[int]:
    """How many entries there are about a subject, as a part of a statement: it grows with each change that is committed."""
    return select(func.count()).where(Entry.subject == subject, Entry.subject_id == id).scalar_subquery()


def began_at(session: Session) -> datetime | None:
    """When the first entry was written."""
    return session.scalar(select(func.min(Entry.at)))


class Written(msgspec.Struct, frozen=True):
    """An entry as it was written."""

    id: int
    at: datetime
    actor_id: int | None
    verb: str
    subject: str
    subject_id: int
    version: int
    facts: dict[str, Any]


_WRITTEN = (
    Entry.id,
    Entry.at,
    Entry.actor_id,
    Entry.verb,
    Entry.subject,
    Entry.subject_id,
    Entry.version,
    Entry.facts,
)


def newest(session: Session) -> int:
    """The highest id there is, 0 for an empty journal. On PostgreSQL a lower one may yet be committed."""
    return session.scalar(select(func.max(Entry.id))) or 0


class Settled(msgspec.Struct, frozen=True):
    """Up to which id nothing more will be committed; and what a later look needs to know of this one."""

    until: int
    newest: int
    horizon: int


def settled(session: Session, seen: int, horizon: int) -> Settled:
    """For who reads the journal by its ids, each entry once. ``seen`` and ``horizon`` are ``newest`` and ``horizon`` of a look
    before.

    With one writer ids are committed in their order. On PostgreSQL all up to ``seen`` are there once each transaction that was
    under way then has ended, that is, once none is left whose number is below ``horizon``. A number that no transaction has
    reached yet comes from another server, whose backup this database is: what it had under way then never ends here.
    """
    found = newest(session)
    if not locks_rows(session):
        return Settled(found, found, 0)
    oldest, following = session.execute(
        _SNAPSHOT
    ).one()  # after ``newest``: whoever wrote up to it is below ``following``
    return Settled(seen if oldest >= horizon or horizon > following else 0, found, following)


_SNAPSHOT = text(
    "SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint FROM pg_current_snapshot() AS now"
)


def between(
    session: Session, after: int, until: int, verbs: Mapping[str, Iterable[str]], *, most: int
) -> list[Written]:
    """Up to ``most`` entries with ids above ``after``, up to ``until``, by id: of the subjects and verbs that are named."""
    these = [and_(Entry.subject == subject, Entry.verb.in_(list(named))) for subject, named in verbs.items()]
    rows = session.execute(
        select(*_WRITTEN).where(Entry.id > after, Entry.id <= until, or_(*these)).order_by(Entry.id).limit(most)
    )
    return [Written(*row) for row in rows]


def history(
    session: Session, subject: str, subject_id: int, *, until: int | None = None, most: int = 2
) -> list[Written]:
    """The last ``most`` entries about one thing, up to its version ``until`` if that is given, latest first."""
    found = (
        select(*_WRITTEN)
        .where(Entry.subject == subject, Entry.subject_id == subject_id)
        .order_by(Entry.version.desc(), Entry.id.desc())
        .limit(most)
    )
    if until is not None:
        found = found.where(Entry.version <= until)
    return [Written(*row) for row in session.execute(found)]
