"""What the clock does to bookings: no-shows are released, and whoever checked in is done at the end."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.leases import Work
from app.rooms import service
from app.rooms.models import Booking

BATCH = 200


def end_due_bookings(session: Session, *, now: datetime) -> int:
    """Release or complete up to 200 bookings whose time has come; returns how many it ended."""
    due = session.scalars(
        select(Booking.id)
        .where(Booking.active, Booking.release_at <= now)
        .order_by(Booking.release_at, Booking.id)
        .limit(BATCH)
    ).all()
    return sum(service.end_due(session, booking_id, now=now) is not None for booking_id in due)


RELEASE = Work("release", timedelta(seconds=20), end_due_bookings)
