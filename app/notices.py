"""What people are told: one row a person and cause, written in the change's own transaction, read on their pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ForeignKey, UniqueConstraint, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import Base, BigId

MOST_SHOWN = 20


class NoticeRow(Base):
    """``cause`` names what it is about, such as "calendar-change:7": nobody is told twice about one cause."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("person_id", "cause"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    kind: Mapped[str]
    cause: Mapped[str]
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


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
