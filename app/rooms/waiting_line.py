"""The waiting list as it is stored.

A row that waits changes under the lock of its space, or to leave by itself; a row that is held, under that of its booking.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, exists, func, insert, literal_column, or_, select, update
from sqlalchemy.orm import Session, aliased

from app import journal
from app.db import locks_rows
from app.db.hot import Hot
from app.rooms.models import Booking, Floor, Space, Wait
from app.rooms.waiting_shapes import State, WaitOut
from app.sites import Site
from app.spans import Span

_waiting: Any = literal_column("'waiting'")
_held: Any = literal_column("'held'")
WAITING = Wait.state == _waiting
"""Said in the words of the partial index, by which SQLite finds it."""


class Waiter(msgspec.Struct, frozen=True):
    """Somebody in the line."""

    id: int
    person_id: int
    starts_at: datetime
    ends_at: datetime
    automatic: bool

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


_LINE = (
    select(Wait.id, Wait.person_id, Wait.starts_at, Wait.ends_at, Wait.automatic)
    .where(
        Wait.space_id == bindparam("space"),
        WAITING,
        Wait.ends_at > bindparam("starts_at"),
        Wait.starts_at < bindparam("ends_at"),
        Wait.ends_at > bindparam("now"),
    )
    .order_by(Wait.id)
)
_IN_LINE = Hot(_LINE, Waiter)
_IN_LINE_LOCKED = Hot(_LINE.with_for_update(key_share=True), Waiter)


def in_line(session: Session, space_id: int, span: Span, *, now: datetime) -> list[Waiter]:
    """Who waits for a locked space at some time of ``span``, first the one who asked first. Nobody can leave any more."""
    facts = {"space": space_id, "starts_at": span.starts_at, "ends_at": span.ends_at, "now": now}
    return (_IN_LINE_LOCKED if locks_rows(session) else _IN_LINE).rows(session, facts)


_other = aliased(Wait)
_ahead = (
    select(func.count())
    .where(
        _other.space_id == Wait.space_id,
        _other.state == _waiting,
        _other.ends_at > Wait.starts_at,
        _other.starts_at < Wait.ends_at,
        _other.id < Wait.id,
    )
    .scalar_subquery()
)
_OUT = (
    select(
        Wait.id,
        Wait.space_id,
        Space.name,
        Space.kind,
        Wait.person_id,
        Wait.starts_at,
        Wait.ends_at,
        Site.zone,
        Wait.state,
        Wait.automatic,
        Wait.asked_at,
        Wait.ended_at,
        _ahead,
        Wait.booking_id,
        Booking.held_until,
    )
    .join(Space, Space.id == Wait.space_id)
    .join(Floor, Floor.id == Space.floor_id)
    .join(Site, Site.id == Floor.site_id)
    .join(Booking, Booking.id == Wait.booking_id, isouter=True)
)


def _out(*row: Any) -> WaitOut:
    waiting, held = row[8] == "waiting", row[8] == "held"
    facts = (*row[:12], row[12] + 1 if waiting else None, row[13], row[14] if held else None)
    return WaitOut(*facts)


_ONE = Hot(_OUT.where(Wait.id == bindparam("wait")), _out)
_OPEN = Hot(
    _OUT.where(
        Wait.person_id == bindparam("person"), Wait.ends_at > bindparam("now"), or_(WAITING, Wait.state == _held)
    ).order_by(Wait.starts_at, Wait.id),
    _out,
)
_OF_BOOKINGS = select(Wait.booking_id, Wait.id, Wait.state)


def one(session: Session, wait_id: int) -> WaitOut | None:
    return _ONE.first(session, {"wait": wait_id})


def open_of(session: Session, person_id: int, *, now: datetime) -> list[WaitOut]:
    """What somebody waits for, or has been offered, soonest first."""
    return _OPEN.rows(session, {"person": person_id, "now": now})


def of_bookings(session: Session, booking_ids: list[int]) -> dict[int, tuple[int, State]]:
    """Ids and states of the waits that some bookings were made for, by the booking's id."""
    if not booking_ids:
        return {}
    rows: Any = session.connection().execute(_OF_BOOKINGS.where(Wait.booking_id.in_(booking_ids)).order_by(Wait.id))
    return {booking_id: (id, state) for booking_id, id, state in rows}


_TOLD = (Wait.id, Wait.space_id, Wait.person_id, Wait.starts_at, Wait.ends_at)
"""What the journal says of a wait."""
_ADD = insert(Wait).returning(*_TOLD)


def add(
    session: Session,
    space_id: int,
    person_id: int,
    span: Span,
    *,
    automatic: bool,
    actor_id: int,
    at: datetime,
) -> int:
    """The id of a new place at the end of the line."""
    values = {
        "space_id": space_id,
        "person_id": person_id,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "automatic": automatic,
        "state": "waiting",
        "asked_at": at,
    }
    row = session.connection().execute(_ADD, values).one()
    _record(session, "joined", row, "waiting", actor_id=actor_id, at=at)
    wait_id: int = row.id
    return wait_id


def mark(
    session: Session,
    wait_id: int,
    before: State,
    after: State,
    *,
    booking_id: int | None = None,
    actor_id: int | None,
    at: datetime,
) -> bool:
    """Bring a wait from one state to the next, unless somebody else was faster."""
    values: dict[str, Any] = {"state": after, "ended_at": None if after == "held" else at}
    if booking_id is not None:
        values["booking_id"] = booking_id
    changed = update(Wait).where(Wait.id == wait_id, Wait.state == before).values(**values).returning(*_TOLD)
    row = session.connection().execute(changed).first()
    if row is not None:
        _record(session, after, row, after, booking_id=booking_id, actor_id=actor_id, at=at)
    return row is not None


def make_automatic(session: Session, wait_id: int, automatic: bool) -> None:
    session.connection().execute(update(Wait).where(Wait.id == wait_id, WAITING).values(automatic=automatic))


def over(session: Session, *, now: datetime) -> list[int]:
    """Ids of those who still wait for a time that is over."""
    return list(session.scalars(select(Wait.id).where(WAITING, Wait.ends_at <= now).order_by(Wait.id)))


_in_the_way = exists().where(
    Booking.active,
    Booking.space_id == Wait.space_id,
    Booking.ends_at > Wait.starts_at,
    Booking.ends_at > bindparam("now"),
    Booking.starts_at < Wait.ends_at,
)
_own_desk = exists().where(
    Booking.active,
    Booking.person_id == Wait.person_id,
    Booking.kind == "desk",
    Booking.ends_at > Wait.starts_at,
    Booking.ends_at > bindparam("now"),
    Booking.starts_at < Wait.ends_at,
)
_MISSED = Hot[Any](
    select(Wait.space_id, func.max(Wait.ends_at))
    .join(Space, Space.id == Wait.space_id)
    .where(WAITING, Wait.ends_at > bindparam("now"), ~_in_the_way, or_(Space.kind == "room", ~_own_desk))
    .group_by(Wait.space_id)
    .order_by(Wait.space_id)
)


def missed(session: Session, *, now: datetime) -> list[tuple[int, datetime]]:
    """Spaces, by id, that stand free for somebody who waits for them, and until when that somebody would want them."""
    return [tuple(row) for row in _MISSED.rows(session, {"now": now})]


def _record(
    session: Session,
    verb: str,
    row: Any,
    state: State,
    *,
    booking_id: int | None = None,
    actor_id: int | None,
    at: datetime,
) -> None:
    facts = {
        "space_id": row.space_id,
        "person_id": row.person_id,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "state": state,
    }
    if booking_id is not None:
        facts["booking_id"] = booking_id
    journal.record(session, verb, "wait", row.id, actor_id=actor_id, at=at, facts=facts)
