"""Desks on a date that becomes a day off: all of them given back at once, and taken up again if the day off is undone.

A few statements for any number of bookings, since a day off of the whole country touches thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TypeVar

import msgspec
from msgspec.structs import replace
from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session, aliased

from app import clock, sites
from app.db import locks_rows
from app.rooms import bookings, waiting
from app.rooms.bookings import BookingOut
from app.rooms.models import Booking, Floor, Space

T = TypeVar("T")
CHUNK = 5_000
"""Ids named in one statement: SQLite takes 32,766 parameters."""


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What it takes to give a cancelled booking back as it was; ``version`` is the one after its cancelling."""

    id: int
    release_at: datetime | None
    version: int
    segment_id: int | None = None


def desks_on(
    session: Session, on: date, site_ids: Iterable[int] | None = None, *, now: datetime, lock: bool = False
) -> list[BookingOut]:
    """Desk bookings that wait for their check-in and start on the local date ``on`` of their site, by id.

    ``site_ids`` None means all sites. What is over by ``now`` is left alone. Locked, they stay as they are until the
    transaction ends.
    """
    found = []
    for site in sites.sites(session):
        if site_ids is None or site.id in set(site_ids):
            found += _desks_at(session, site, on, now=now, lock=lock)
    return sorted(found, key=lambda booking: booking.id)


def _desks_at(session: Session, site: sites.SiteOut, on: date, *, now: datetime, lock: bool) -> list[BookingOut]:
    starts_at, ends_at = clock.instant_of(on, 0, site.zone), clock.instant_of(on, 1440, site.zone)
    spaces = select(Space.id).join(Floor, Floor.id == Space.floor_id).where(Floor.site_id == site.id)
    these = and_(
        Booking.space_id.in_(spaces),
        Booking.kind == "desk",
        Booking.active,
        Booking.state == "booked",
        Booking.ends_at > max(starts_at, now),
        Booking.starts_at >= starts_at,
        Booking.starts_at < ends_at,
    )
    connection = session.connection()
    if lock and locks_rows(session):
        connection.execute(select(Booking.id).where(these).order_by(Booking.id).with_for_update(key_share=True))
    return bookings.found(session, these)


def wait_for_bookers(session: Session, site_ids: Iterable[int]) -> None:
    """Wait until whoever is booking at these sites just now is done: each of them holds the lock of a space."""
    if locks_rows(session):
        at_sites = select(Floor.id).where(Floor.site_id.in_(list(site_ids)))
        spaces = select(Space.id).where(Space.floor_id.in_(at_sites)).order_by(Space.id)
        session.connection().execute(spaces.with_for_update(key_share=True))


def cancel_all(session: Session, found: Sequence[BookingOut], *, actor_id: int, now: datetime) -> list[Kept]:
    """Cancel bookings that ``desks_on`` found and locked; returns what ``restore`` needs."""
    for ids in _chunks([booking.id for booking in found]):
        session.connection().execute(
            update(Booking)
            .where(Booking.id.in_(ids))
            .values(
                state="cancelled",
                active=False,
                held_until=None,
                release_at=None,
                ended_at=now,
                version=Booking.version + 1,
            )
        )
    after = [bookings.ended(one, "cancelled", at=now, version=one.version + 1) for one in found]
    bookings.record_all(session, after, "cancelled", actor_id=actor_id, at=now)
    for before, cancelled in zip(found, after, strict=True):
        waiting.follow(session, before, cancelled, actor_id=actor_id, now=now)
    return [Kept(one.id, one.release_at, one.version + 1, one.segment_id) for one in found]


def restore(session: Session, kept: Sequence[Kept], *, actor_id: int, now: datetime) -> list[BookingOut]:
    """Take cancelled bookings up again, exactly as they were; returns those that are back.

    Left cancelled is one that was changed since, whose time has come, or whose desk or person has another by now.
    """
    wanted = {one.id: one for one in kept if one.release_at is None or one.release_at > now}
    _lock(session, list(wanted))
    back = []
    for ids in _chunks(sorted(wanted)):
        found = bookings.found(session, and_(Booking.id.in_(ids), Booking.state == "cancelled", Booking.ends_at > now))
        taken = _taken(session, ids)
        back += [one for one in found if one.id not in taken and one.version == wanted[one.id].version]
    after = [
        replace(one, state="booked", release_at=wanted[one.id].release_at, ended_at=None, version=one.version + 1)
        for one in back
    ]
    if after:
        session.connection().execute(
            update(Booking)
            .where(Booking.id == bindparam("booking"))
            .values(
                state="booked",
                active=True,
                ended_at=None,
                release_at=bindparam("until", type_=Booking.release_at.type),
                version=Booking.version + 1,
            ),
            [{"booking": one.id, "until": one.release_at} for one in after],
        )
        bookings.record_all(session, after, "restored", actor_id=actor_id, at=now)
    return after


def _lock(session: Session, ids: list[int]) -> None:
    """Bookings, then their spaces, in the order of ids, as whoever writes bookings does."""
    if not locks_rows(session):
        return
    connection = session.connection()
    spaces: set[int] = set()
    for some in _chunks(sorted(ids)):
        bookings.lock(session, Booking.id.in_(some))
        spaces |= set(connection.scalars(select(Booking.space_id).where(Booking.id.in_(some))))
    for some in _chunks(sorted(spaces)):
        these = select(Space.id).where(Space.id.in_(some)).order_by(Space.id)
        connection.execute(these.with_for_update(key_share=True))


def _taken(session: Session, ids: Sequence[int]) -> set[int]:
    """Those of some bookings in whose way another one stands: on the same space, or another desk of the same person."""
    other = aliased(Booking)
    base = select(Booking.id).where(
        Booking.id.in_(ids), other.active, other.ends_at > Booking.starts_at, other.starts_at < Booking.ends_at
    )
    on_space = base.where(other.space_id == Booking.space_id)
    of_person = base.where(other.kind == "desk", other.person_id == Booking.person_id)
    return {*session.scalars(on_space), *session.scalars(of_person)}


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
