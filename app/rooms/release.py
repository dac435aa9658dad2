"""What the clock does to bookings: no-shows are released, and whoever checked in is done at the end."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.leases import Work
from app.rooms import bookings, service
from app.rooms.models import Booking

BATCH = 200


def end_due_bookings(session: Session, *, now: datetime) -> int:
    """Release or complete up to 200 bookings whose time has come; returns how many it ended."""
    rows = session.execute(
        select(Booking.space_id, Booking.id)
        .where(Booking.active, Booking.release_at <= now)
        .order_by(Booking.release_at, Booking.id)
        .limit(BATCH)
    ).all()
    due = sorted((space_id, booking_id) for space_id, booking_id in rows)
    # what ends goes to the first in line at once, which locks its space: so all bookings before the first space
    bookings.lock(session, Booking.id.in_([booking_id for _, booking_id in due]))
    return sum(service.end_due(session, booking_id, now=now) is not None for _, booking_id in due)


RELEASE = Work("release", timedelta(seconds=20), end_due_bookings)
