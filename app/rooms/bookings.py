"""Bookings as they are stored and answered: the statements of the hot path, built once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, Integer, and_, bindparam, insert, or_, select, union_all, update
from sqlalchemy.orm import Session

from app import journal
from app.db import locks_rows
from app.db.hot import Hot
from app.ids import PLAIN, Id
from app.rooms.models import Booking, Floor, Space
from app.sites import Site
from app.spans import AwareInstant, Span, check_years

State = Literal["booked", "checked-in", "completed", "cancelled", "released"]
Approval = Literal["", "asked", "approved", "refused"]
"""What the room keeper says of a booking that needs it; "" where none is needed."""
LONGEST = timedelta(days=32)
"""No rule may allow a longer booking (``longest_minutes`` in docs/places.md is at most 31 days)."""
SHORTEST = timedelta(minutes=1)
Purpose = Annotated[str, msgspec.Meta(max_length=200, pattern=PLAIN)]


class NewBooking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``person_id``: for whom, if not for oneself. Instants with an offset, a minute apart at least; fractions
    of a second are dropped."""

    space_id: Id
    starts_at: AwareInstant
    ends_at: AwareInstant
    person_id: Id | None = None
    purpose: Purpose = ""

    def __post_init__(self) -> None:
        check_years(self.starts_at, self.ends_at)
        span_of(self.starts_at, self.ends_at)

    @property
    def span(self) -> Span:
        return span_of(self.starts_at, self.ends_at)


class BookingChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is given changes, the rest stays. ``state`` "booked" takes a cancelled or released booking up again."""

    space_id: Id | UnsetType = UNSET
    starts_at: AwareInstant | UnsetType = UNSET
    ends_at: AwareInstant | UnsetType = UNSET
    purpose: Purpose | UnsetType = UNSET
    state: Literal["booked"] | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_years(self.starts_at, self.ends_at)


class Tie(msgspec.Struct, frozen=True):
    """What a booking is made for: a part of a week plan, a meeting, a date of a series; or kept for a waiter."""

    segment_id: int | None = None
    meeting_id: int | None = None
    series_id: int | None = None
    occurs_on: date | None = None
    held_until: datetime | None = None


NO_TIE = Tie()


class BookingOut(msgspec.Struct, frozen=True):
    """``release_at``: a booking still waiting for its check-in is released then. ``zone`` is the place's IANA zone;
    ``segment_id``, ``meeting_id`` and ``series_id`` say what it belongs to. ``remark`` is the room keeper's reason. Until
    ``held_until`` it is only kept for somebody on the waiting list, who may accept it."""

    id: int
    space_id: int
    space: str
    kind: str
    person_id: int
    booked_by_id: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    state: State
    purpose: str
    release_at: datetime | None
    checked_in_at: datetime | None
    ended_at: datetime | None
    version: int
    segment_id: int | None = None
    meeting_id: int | None = None
    series_id: int | None = None
    occurs_on: date | None = None
    approval: Approval = ""
    remark: str = ""
    held_until: datetime | None = None

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    @property
    def active(self) -> bool:
        return self.state in ("booked", "checked-in")


def span_of(starts_at: datetime, ends_at: datetime) -> Span:
    """The span in UTC, to the second. Raises ValueError if it is backwards, or shorter than a minute."""
    span = Span(starts_at.replace(microsecond=0), ends_at.replace(microsecond=0)).in_utc()
    if span.length < SHORTEST:
        raise ValueError("a booking lasts a minute at least")
    return span


OUT = (
    Booking.id,
    Booking.space_id,
    Space.name,
    Booking.kind,
    Booking.person_id,
    Booking.booked_by_id,
    Booking.starts_at,
    Booking.ends_at,
    Site.zone,
    Booking.state,
    Booking.purpose,
    Booking.release_at,
    Booking.checked_in_at,
    Booking.ended_at,
    Booking.version,
    Booking.segment_id,
    Booking.meeting_id,
    Booking.series_id,
    Booking.occurs_on,
    Booking.approval,
    Booking.remark,
    Booking.held_until,
)
"""The columns of ``BookingOut``, in its order."""

WHOLE = (
    select(*OUT)
    .join(Space, Space.id == Booking.space_id)
    .join(Floor, Floor.id == Space.floor_id)
    .join(Site, Site.id == Floor.site_id)
)
_ONE = Hot(WHOLE.where(Booking.id == bindparam("booking")), BookingOut)
_LOCK = select(Booking.id).where(Booking.id == bindparam("booking")).with_for_update(key_share=True)


class Rival(msgspec.Struct, frozen=True):
    """An active booking in the way: of the same space, or another desk of the same person."""

    id: int
    space_id: int
    person_id: int
    starts_at: datetime
    ends_at: datetime
    version: int

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


_OF_PERSON = Hot(
    WHOLE.where(
        Booking.person_id == bindparam("person"),
        Booking.starts_at < bindparam("until"),
        Booking.ends_at > bindparam("since"),
        Booking.starts_at >= bindparam("after_at"),  # spares the index all that is long over
        or_(Booking.starts_at > bindparam("after_at"), Booking.id > bindparam("after_id")),
    )
    .order_by(Booking.starts_at, Booking.id)
    .limit(bindparam("limit", type_=Integer)),
    BookingOut,
)
OVERLAPPING = and_(Booking.active, Booking.ends_at > bindparam("starts_at"), Booking.starts_at < bindparam("ends_at"))
"""Active bookings that share an instant with the span of the parameters ``starts_at`` and ``ends_at``."""
_rival = select(
    Booking.id, Booking.space_id, Booking.person_id, Booking.starts_at, Booking.ends_at, Booking.version
).where(OVERLAPPING)
# two searches rather than one with "or", for which SQLite reads every active booking there is
_NEAR = Hot(
    union_all(
        _rival.where(Booking.space_id == bindparam("space")),
        _rival.where(
            Booking.person_id == bindparam("person"), Booking.kind == "desk", Booking.space_id != bindparam("space")
        ),
    ),
    Rival,
)
NEW_COLUMNS = (
    "space_id",
    "kind",
    "segment_id",
    "meeting_id",
    "series_id",
    "occurs_on",
    "person_id",
    "booked_by_id",
    "starts_at",
    "ends_at",
    "state",
    "active",
    "purpose",
    "approval",
    "remark",
    "held_until",
    "release_at",
    "created_at",
    "version",
)
_new = insert(Booking).values({name: bindparam(name) for name in NEW_COLUMNS}).returning(Booking.id)
_ADD = Hot(_new, int, columns=(Booking.id,))
_ADD_AND_RECORD = journal.making(_new.cte("new").c.id)


def tied(session: Session, segment_ids: list[int]) -> list[BookingOut]:
    """Active bookings that belong to parts of week plans, in the order of their ids."""
    return found(session, and_(Booking.segment_id.in_(segment_ids), Booking.active)) if segment_ids else []


def found(session: Session, these: ColumnElement[bool]) -> list[BookingOut]:
    """The bookings of which ``these`` is true, in the order of their ids: for what is asked seldom."""
    rows: Any = session.connection().execute(WHOLE.where(these).order_by(Booking.id))
    return [BookingOut(*row) for row in rows]


def rivals(session: Session, space_id: int, person_id: int, wanted: Span, *, but: int = 0) -> list[Rival]:
    """Active bookings that overlap ``wanted`` on the space or, for desks, of the person; without booking ``but``."""
    facts = {"space": space_id, "person": person_id, "starts_at": wanted.starts_at, "ends_at": wanted.ends_at}
    return [rival for rival in _NEAR.rows(session, facts) if rival.id != but]


def one(session: Session, booking_id: int, *, lock: bool = False) -> BookingOut | None:
    if lock and locks_rows(session):
        # apart from the read: having waited, PostgreSQL joins the new row with the old desk, and finds nothing
        session.connection().execute(_LOCK, {"booking": booking_id})
    return _ONE.first(session, {"booking": booking_id})


def lock(session: Session, these: ColumnElement[bool]) -> None:
    """Lock the rows of several bookings in the order of their ids: before the first of their spaces is locked."""
    if locks_rows(session):
        session.connection().execute(
            select(Booking.id).where(these).order_by(Booking.id).with_for_update(key_share=True)
        )


def add(session: Session, row: dict[str, Any], *, actor_id: int | None, at: datetime) -> int:
    """Write a new booking, and the journal's entry with it; the booking's id."""
    facts = _facts(row.__getitem__)
    if locks_rows(session):
        return journal.make(session, _ADD_AND_RECORD, row, "booked", "booking", actor_id=actor_id, at=at, facts=facts)
    id = _ADD.rows(session, row)[0]
    journal.record(session, "booked", "booking", id, actor_id=actor_id, at=at, facts=facts)
    return id


def add_all(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Many new bookings, each with all of ``NEW_COLUMNS``."""
    if rows:
        session.connection().execute(insert(Booking), list(rows))


def ended(before: BookingOut, state: State, *, at: datetime, **more: Any) -> BookingOut:
    """A booking that has come to its end; nobody waits for a check-in or an acceptance any more."""
    return msgspec.structs.replace(before, state=state, ended_at=at, release_at=None, held_until=None, **more)


def save(
    session: Session, before: BookingOut, after: BookingOut, verb: str, *, actor_id: int | None, at: datetime
) -> BookingOut:
    """Write ``after`` over ``before`` with the next version, and the journal's entry with it."""
    after = msgspec.structs.replace(after, version=before.version + 1)
    session.connection().execute(
        update(Booking)
        .where(Booking.id == before.id, Booking.version == before.version)
        .values(
            space_id=after.space_id,
            segment_id=after.segment_id,
            starts_at=after.starts_at,
            ends_at=after.ends_at,
            state=after.state,
            active=after.active,
            purpose=after.purpose,
            meeting_id=after.meeting_id,
            approval=after.approval,
            remark=after.remark,
            held_until=after.held_until,
            release_at=after.release_at,
            checked_in_at=after.checked_in_at,
            ended_at=after.ended_at,
            version=after.version,
        )
    )
    record(session, after, verb, left=before.space_id, actor_id=actor_id, at=at)
    return after


def record(
    session: Session, booking: BookingOut, verb: str, *, left: int | None = None, actor_id: int | None, at: datetime
) -> None:
    """The journal's entry of a change; ``left`` is where the booking was before."""
    facts = facts_of(booking) | _left(booking, left)
    journal.record(session, verb, "booking", booking.id, actor_id=actor_id, at=at, version=booking.version, facts=facts)


def record_all(
    session: Session,
    changed: Iterable[BookingOut],
    verb: str,
    *,
    left: Mapping[int, int] = MappingProxyType({}),
    actor_id: int | None,
    at: datetime,
) -> None:
    """The journal's entries of one change of many bookings; ``left`` says by ids where they were before."""
    told = ((one.id, one.version, facts_of(one) | _left(one, left.get(one.id))) for one in changed)
    journal.record_all(session, verb, "booking", told, actor_id=actor_id, at=at)


def _left(booking: BookingOut, space_id: int | None) -> dict[str, int]:
    """Who follows what happens at a space must hear that something has left it, whatever they knew before."""
    return {} if space_id in (None, booking.space_id) else {"left_space_id": space_id}


def facts_of(booking: BookingOut) -> dict[str, Any]:
    """The whole state after a change, so that the journal alone can rebuild the bookings."""
    return _facts(partial(getattr, booking))


def _facts(of: Callable[[str], Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "space_id": of("space_id"),
        "person_id": of("person_id"),
        "starts_at": of("starts_at").isoformat(),
        "ends_at": of("ends_at").isoformat(),
        "state": of("state"),
    }
    for name in ("segment_id", "meeting_id", "series_id", "approval"):
        if value := of(name):
            facts[name] = value
    return facts


def of_person(
    session: Session, person_id: int, within: Span, *, after: tuple[datetime, int] | None = None, limit: int = 200
) -> list[BookingOut]:
    """Bookings of a person that touch ``within``, of every state, in the order of their start."""
    after_at, after_id = after or (within.starts_at - LONGEST, 0)
    facts = {
        "person": person_id,
        "since": within.starts_at,
        "until": within.ends_at,
        "after_at": after_at,
        "after_id": after_id,
        "limit": limit,
    }
    return _OF_PERSON.rows(session, facts)
