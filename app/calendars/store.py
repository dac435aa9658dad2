"""Feeds and written entries as they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from app.calendars.entries import Level
from app.calendars.kinds import Kind
from app.calendars.models import Feed, Written
from app.db import locks_rows
from app.db.hot import Hot
from app.db.many import HotForMany
from app.texts import Language

UNUSED = timedelta(days=180)
"""After so long without a fetch a feed ends: nobody would miss it, and somebody may still have its address."""
WRITTEN_KEPT = timedelta(days=60)
ROOM_FOR = 500
"""entries in one statement"""


class Stored(msgspec.Struct, frozen=True):
    """A feed as it is, without its token, which nobody has."""

    id: int
    person_id: int
    kind: Kind
    subject_id: int
    level: Level
    language: Language
    name: str
    with_cancelled: bool
    with_meetings: bool
    with_alarm: bool
    created_at: datetime
    ended_at: datetime | None
    ending: str
    fetched_at: datetime | None
    client: str
    fetches: int
    state: bytes | None
    etag: str
    modified_at: datetime | None


COLUMNS = tuple(getattr(Feed, name) for name in Stored.__struct_fields__)
_BY_ID = Hot(select(*COLUMNS).where(Feed.id == bindparam("feed")), Stored)
_LOCK = select(Feed.id).where(Feed.id == bindparam("feed")).with_for_update(key_share=True)
_WRITTEN: HotForMany[Any] = HotForMany(
    lambda digests: select(Written.digest, Written.body).where(Written.digest.in_(digests))
)
_TOUCH = Hot[None](
    update(Feed)
    .where(Feed.id == bindparam("feed"))
    .values(fetched_at=bindparam("at"), client=bindparam("by"), fetches=Feed.fetches + bindparam("more")),
    columns=(),
)


def one(session: Session, feed_id: int, *, lock: bool = False) -> Stored | None:
    if lock and locks_rows(session):
        session.connection().execute(_LOCK, {"feed": feed_id})
    return _BY_ID.first(session, {"feed": feed_id})


def of_person(session: Session, person_id: int) -> list[Stored]:
    """Feeds of somebody that still show something, newest first."""
    rows: Any = session.execute(
        select(*COLUMNS).where(Feed.person_id == person_id, Feed.ended_at.is_(None)).order_by(Feed.id.desc())
    )
    return [Stored(*row) for row in rows]


def add(session: Session, row: Mapping[str, Any]) -> int:
    id: int = session.connection().execute(insert(Feed).returning(Feed.id), row).scalar_one()
    return id


def save(session: Session, feed_id: int, **values: Any) -> None:
    session.connection().execute(update(Feed).where(Feed.id == feed_id).values(**values))


def touch(session: Session, feed_id: int, client: str, fetches: int, *, now: datetime) -> None:
    """Note who fetched last, and how many fetches there were since the last note."""
    _TOUCH.rows(session, {"feed": feed_id, "at": now, "by": client, "more": fetches})


def end_unused(session: Session, *, now: datetime) -> int:
    """End feeds that nobody has fetched for half a year."""
    since = now - UNUSED
    unused = or_(Feed.fetched_at < since, and_(Feed.fetched_at.is_(None), Feed.created_at < since))
    ended = {"ended_at": now, "ending": "unused", "state": None, "etag": "", "modified_at": now}
    statement = update(Feed).where(Feed.ended_at.is_(None), unused).values(ended)
    return session.connection().execute(statement).rowcount


# What is written


def written(session: Session, digests: Iterable[bytes]) -> dict[bytes, bytes]:
    """Entries that were written before, by their digests."""
    return dict(_WRITTEN.rows(session, digests, {}))


def keep_written(session: Session, bodies: Mapping[bytes, bytes], *, on: date) -> None:
    """Keep what was written. Others may write the same at the same time; in one order, they wait for each other in line."""
    if not bodies:
        return
    statement = _insert(session)(Written).on_conflict_do_nothing(index_elements=["digest"])
    rows = [{"digest": digest, "body": body, "made_on": on} for digest, body in sorted(bodies.items())]
    for at in range(0, len(rows), ROOM_FOR):
        session.connection().execute(statement, rows[at : at + ROOM_FOR])


def _insert(session: Session) -> Any:
    """An insert in the engine's own words; each dialect takes a tenth of a second to load."""
    if locks_rows(session):
        from sqlalchemy.dialects.postgresql import insert as of_engine  # noqa: PLC0415
    else:
        from sqlalchemy.dialects.sqlite import insert as of_engine  # type: ignore[assignment]  # noqa: PLC0415
    return of_engine


def forget_written(session: Session, *, on: date) -> int:
    """Remove what was written long ago; a feed that still has it writes it anew."""
    return session.connection().execute(delete(Written).where(Written.made_on < on - WRITTEN_KEPT)).rowcount
