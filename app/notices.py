"""What people are told: one row a person and cause, written in the change's own transaction, read on their pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ForeignKey, Index, UniqueConstraint, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import Base, BigId

MOST_SHOWN = 20


class NoticeRow(Base):
    """``cause`` names what it is about, such as "calendar-change:7": nobody is told twice about one cause. ``taken_at``: when
    it was passed on to where mail is made of it."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("person_id", "cause"),
        Index("notice_untaken", "id", postgresql_where=text("taken_at IS NULL"), sqlite_where=text("taken_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    kind: Mapped[str]
    cause: Mapped[str]
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]


class Notice(msgspec.Struct, frozen=True):
    id: int
    kind: str
    facts: dict[str, Any]
    at: datetime


def tell(session: Session, people: Iterable[int], kind: str, cause: str, *, facts: dict[str, Any], at: datetime) -> int:
    """Queue a notice for each of ``people``, who have none with this cause yet; returns for how many."""
    rows = [{"person_id": id, "kind": kind, "cause": cause, "facts": facts, "at": at} for id in sorted(set(people))]
    if rows:
        session.connection().execute(insert(NoticeRow), rows)
    return len(rows)


def unseen(session: Session, person_id: int) -> list[Notice]:
    """What a person has not put away yet, newest first."""
    rows = session.execute(
        select(NoticeRow.id, NoticeRow.kind, NoticeRow.facts, NoticeRow.at)
        .where(NoticeRow.person_id == person_id, NoticeRow.seen_at.is_(None))
        .order_by(NoticeRow.id.desc())
        .limit(MOST_SHOWN)
    )
    return [Notice(*row) for row in rows]


def put_away(session: Session, person_id: int, *, now: datetime) -> None:
    """Mark everything a person was told as seen."""
    session.execute(
        update(NoticeRow).where(NoticeRow.person_id == person_id, NoticeRow.seen_at.is_(None)).values(seen_at=now)
    )


class Told(msgspec.Struct, frozen=True):
    """A notice with whom it is for."""

    id: int
    person_id: int
    kind: str
    cause: str
    facts: dict[str, Any]
    at: datetime


def take(session: Session, *, most: int, now: datetime) -> list[Told]:
    """Up to ``most`` notices that nobody has taken yet, in the order of writing; from now on they are taken."""
    rows = session.execute(
        select(NoticeRow.id, NoticeRow.person_id, NoticeRow.kind, NoticeRow.cause, NoticeRow.facts, NoticeRow.at)
        .where(NoticeRow.taken_at.is_(None))
        .order_by(NoticeRow.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = [Told(*row) for row in rows]
    if found:
        ids = [told.id for told in found]
        session.connection().execute(update(NoticeRow).where(NoticeRow.id.in_(ids)).values(taken_at=now))
    return found


def told_at(session: Session, person_id: int, at: datetime, kinds: Iterable[str]) -> bool:
    """Whether somebody was told something of these kinds at that very instant: by the same unit of work, that is."""
    found = select(NoticeRow.id).where(
        NoticeRow.person_id == person_id, NoticeRow.at == at, NoticeRow.kind.in_(list(kinds))
    )
    return session.scalar(found.limit(1)) is not None
