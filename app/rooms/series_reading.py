"""Series of bookings as their owner, and the keepers of their room, may read them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from app.errors import NotFound, Stale
from app.ids import hhmm
from app.people import service as people
from app.people.access import Actor
from app.rooms import keeping, recurrence, series_store
from app.rooms.bookings import BookingOut
from app.rooms.rules import Refusal
from app.rooms.series_rules import Pattern
from app.rooms.series_shapes import OccurrenceOut, SeriesLine, SeriesOut, Skipped
from app.rooms.series_store import Stored


def stored_for(
    session: Session, actor: Actor, series_id: int, *, version: int | None = None, lock: bool = False
) -> Stored:
    """A series of the actor's own, of somebody they may act for, or of a room they keep. Raises NotFound, Forbidden, and
    Stale if ``version`` is given and not the present one."""
    stored = series_store.one(session, series_id, lock=lock)
    if stored is None:
        raise NotFound(series_id=series_id)
    first = stored.pattern.span(stored.starts_on).starts_at
    if stored.person_id != actor.id and not keeping.keeps_space(session, actor, stored.kind, stored.space_id, first):
        people.check_may_act_for(session, actor, stored.person_id, series_id=series_id)
    if version is not None and version != stored.version:
        raise Stale(version=stored.version)
    return stored


def series_of(session: Session, actor: Actor, *, now: datetime) -> list[SeriesLine]:
    """The actor's own series of which something is to come, the soonest first."""
    return [
        SeriesLine(
            one.id,
            one.space_id,
            one.space,
            one.kind,
            one.zone,
            one.rule,
            one.starts_on,
            hhmm(one.starts),
            hhmm(one.ends),
            one.purpose,
            next_at,
            left,
        )
        for one, next_at, left in series_store.coming_of(session, actor.id, now=now)
    ]


def series_out(session: Session, stored: Stored, refused: dict[date, Refusal] | None = None) -> SeriesOut:
    pattern, by_rule = stored.pattern, dates_of(stored)
    shown: dict[date, BookingOut] = {}
    for one in sorted(series_store.bookings_of(session, stored.id), key=lambda one: (one.active, one.id)):
        on = date_of(one)
        if one.active or on < stored.starts_on or on in by_rule:
            shown[on] = one
    reasons = {on: why.hindrance for on, why in (refused or {}).items()}
    missing = [on for on in by_rule if on not in shown]
    return SeriesOut(
        stored.id,
        stored.space_id,
        stored.space,
        stored.kind,
        stored.zone,
        stored.person_id,
        stored.booked_by_id,
        stored.rule,
        stored.starts_on,
        hhmm(stored.starts),
        hhmm(stored.ends),
        stored.purpose,
        stored.created_at,
        stored.ended_at,
        stored.version,
        [_occurrence(one, pattern, stored.starts_on) for _, one in sorted(shown.items())],
        [Skipped(on, reasons.get(on)) for on in sorted({*missing, *reasons})],
    )


def _occurrence(one: BookingOut, pattern: Pattern, starts_on: date) -> OccurrenceOut:
    on = date_of(one)
    own = one.state == "cancelled" or (one.space_id, one.span) != (pattern.space_id, pattern.span(on))
    return OccurrenceOut(
        on,
        one.id,
        one.space_id,
        one.space,
        one.starts_at,
        one.ends_at,
        one.zone,
        one.state,
        one.approval,
        own and on >= starts_on,
        one.version,
    )


def date_of(booking: BookingOut) -> date:
    """The date that a booking of a series was made for."""
    assert booking.occurs_on is not None
    return booking.occurs_on


def dates_of(stored: Stored) -> list[date]:
    return recurrence.dates(recurrence.parse(stored.rule, stored.zone), stored.starts_on)
