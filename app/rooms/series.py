"""Series of bookings: made, read, and cancelled as a whole or in part, all their dates in one transaction.

Locks are taken in the order that holds everywhere (app/rooms/service.py), the series itself before them: series, bookings,
person, spaces by id. What is over, or has begun, is never touched; what was moved or cancelled on its own stays so.
"""

from __future__ import annotations

from datetime import date, datetime

from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import clock
from app.errors import Invalid
from app.ids import minute_of
from app.people import service as people
from app.people.access import Actor
from app.rooms import day_off_desks, series_dates, series_reading, series_store
from app.rooms.series_rules import Pattern
from app.rooms.series_shapes import NewSeries, SeriesOut


def book_series(session: Session, actor: Actor, wanted: NewSeries, *, now: datetime) -> SeriesOut:
    """Book a space on every date of a rule, for the actor or for the person they may act for.

    Raises NotFound for an unknown space or person, Forbidden for somebody the actor may not act for, Invalid for a rule that
    can't be read, SeriesConflicts naming each date that can't be had: then nothing is booked, unless they may be skipped and
    some dates are left.
    """
    person = people.employee_for(session, actor, wanted.person_id or actor.id, lock=True)
    spaces = series_dates.locked_spaces(session, actor, [wanted.space_id], wanted.fixes)
    space = spaces[wanted.space_id]
    starts, ends = minute_of(wanted.starts), minute_of(wanted.ends)
    rule = series_dates.rule_of(wanted.rule, space, person, wanted.starts_on, starts, now=now)
    dates = series_dates.dates_from(rule, wanted.starts_on)
    pattern = Pattern(space.place.id, space.place.zone, starts, ends, wanted.purpose)
    wishes = series_dates.wishes_for(spaces, pattern, [(on, None) for on in dates], wanted.fixes)
    refused = series_dates.refused_dates(session, space, person, wishes, skip=wanted.skip_conflicts, now=now)
    stored = series_store.add(
        session,
        pattern,
        rule.value,
        dates[0],
        person_id=person.id,
        booked_by_id=actor.id,
        actor_id=actor.id,
        at=now,
    )
    granted = [wish for wish in wishes if wish.on not in refused]
    series_dates.book_dates(session, actor, stored, person, spaces, granted, now=now)
    return series_reading.series_out(session, stored, refused)


def series_for(session: Session, actor: Actor, series_id: int) -> SeriesOut:
    """A series of the actor's own, of somebody they may act for, or of a room they keep. Raises NotFound for any other."""
    return series_reading.series_out(session, series_reading.stored_for(session, actor, series_id))


def cancel_range(
    session: Session,
    actor: Actor,
    series_id: int,
    *,
    from_on: date | None = None,
    until_on: date | None = None,
    version: int | None = None,
    now: datetime,
) -> SeriesOut:
    """Cancel all that lies on local dates from ``from_on`` up to and including ``until_on``, or all that is to come.

    Dates that were moved count where they are now. What has begun stays, as does what somebody has checked in for. Doing so
    twice is no error. Raises NotFound, Stale, Invalid for dates that are backwards.
    """
    if from_on is not None and until_on is not None and from_on > until_on:
        raise Invalid(problem="from, until")
    before = series_reading.stored_for(session, actor, series_id, version=version, lock=True)
    rows = series_store.bookings_of(session, before.id, lock=True)
    gone = [
        one
        for one in rows
        if one.state == "booked"
        and one.starts_at > now
        and (from_on or date.min) <= clock.local_date(one.starts_at, one.zone) <= (until_on or date.max)
    ]
    if not gone:
        return series_reading.series_out(session, before)
    day_off_desks.cancel_all(session, gone, actor_id=actor.id, now=now)
    ids = {one.id for one in gone}
    left = any(one.active and one.ends_at > now and one.id not in ids for one in rows)
    after = replace(before, ended_at=None if left else now)
    saved = series_store.save(session, after, "cancelled", actor_id=actor.id, at=now)
    series_dates.offer(session, gone, now=now)
    return series_reading.series_out(session, saved)
