"""Series changed for one date, from a date on, or as a whole. What was moved or cancelled on its own stays as it is."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import clock
from app.errors import Invalid, NotFound
from app.ids import minute_of
from app.people import service as people
from app.people.access import Actor
from app.people.rules import asked_already
from app.people.service import Employee
from app.rooms import (
    day_off_desks,
    holding,
    places,
    recurrence,
    series_dates,
    series_reading,
    series_rules,
    series_store,
    service,
)
from app.rooms.bookings import BookingChange, BookingOut
from app.rooms.errors import NotNow
from app.rooms.places import Wanted
from app.rooms.recurrence import Recurrence
from app.rooms.series_dates import Spaces
from app.rooms.series_rules import Course, Held, Wish
from app.rooms.series_shapes import SeriesChange, SeriesOut
from app.rooms.series_store import Stored
from app.spans import Span, on_day


def change_series(
    session: Session,
    actor: Actor,
    series_id: int,
    wanted: SeriesChange,
    *,
    version: int | None = None,
    now: datetime,
) -> SeriesOut:
    """Change one date of a series, those from a date on, which then are a series of their own, or all to come.

    All of it is done or, with SeriesConflicts, nothing. Raises NotFound for a date or space there is none of, Stale, NotNow
    for dates that are over, Invalid for hours or a rule that can't be, NotBookable for a single date.
    """
    before = series_reading.stored_for(session, actor, series_id, version=version, lock=True)
    if wanted.scope == "this":
        return _change_one(session, actor, before, wanted, now=now)
    cut = _cut(before, wanted, now=now)
    rows = series_store.bookings_of(session, before.id, since=cut, lock=True)
    person = people.employee_for(session, actor, before.person_id, lock=True, may=asked_already)
    space_id = before.space_id if wanted.space_id is UNSET else wanted.space_id
    spaces = series_dates.locked_spaces(session, actor, [before.space_id, space_id], wanted.fixes)
    after = _changed(before, wanted, cut, spaces[space_id], person, now=now)
    course = series_rules.course(
        [_held(one) for one in rows if series_reading.date_of(one) >= cut],
        before.pattern,
        [on for on in series_reading.dates_of(before) if on >= cut],
        series_reading.dates_of(after),
        in_order=wanted.moves_to is not None,
    )
    return _carry_out(session, actor, before, after, course, rows, person, spaces, wanted, cut, now=now)


def _cut(before: Stored, wanted: SeriesChange, *, now: datetime) -> date:
    """The first date that changes. Raises NotFound, NotNow."""
    dates = series_reading.dates_of(before)
    coming = [on for on in dates if before.pattern.span(on).starts_at > now]
    if wanted.on is not None and wanted.on not in dates:
        raise NotFound(on=wanted.on)
    if not coming or (wanted.on is not None and wanted.on < coming[0]):
        raise NotNow(why="ended")
    return wanted.on if wanted.scope == "following" and wanted.on is not None else coming[0]


def _changed(
    before: Stored, wanted: SeriesChange, cut: date, space: Wanted, person: Employee, *, now: datetime
) -> Stored:
    """The series as it is from the cut on. Raises Invalid."""
    starts = before.starts if wanted.starts is UNSET else minute_of(wanted.starts)
    ends = before.ends if wanted.ends is UNSET else minute_of(wanted.ends)
    if starts >= ends:
        raise Invalid(problem="starts, ends")
    rule = recurrence.rest(recurrence.parse(before.rule, before.zone), before.starts_on, cut)
    starts_on = cut
    if wanted.rule is not UNSET:
        rule = series_dates.rule_of(wanted.rule, space, person, cut, starts, now=now)
        starts_on = series_dates.dates_from(rule, cut)[0]
    elif wanted.moves_to is not None and wanted.on is not None:
        starts_on = cut + (wanted.moves_to - wanted.on)
        rule = _shifted(rule, cut, starts_on)
    return replace(
        before,
        space_id=space.place.id,
        space=space.place.name,
        zone=space.place.zone,
        rule=rule.value,
        starts_on=starts_on,
        starts=starts,
        ends=ends,
        purpose=before.purpose if wanted.purpose is UNSET else wanted.purpose,
    )


def _shifted(rule: Recurrence, cut: date, starts_on: date) -> Recurrence:
    """Raises Invalid for a rule that doesn't go with its dates."""
    try:
        after = recurrence.shifted(rule, cut, starts_on)
        dates = recurrence.dates(after, starts_on)
    except ValueError as error:
        raise Invalid(problem=f"moves_to: {error}") from error
    if dates[0] != starts_on or len(dates) != len(recurrence.dates(rule, cut)):
        raise Invalid(problem="moves_to: the rule has other dates then; say the new rule")
    return after


def _held(one: BookingOut) -> Held:
    return Held(one.id, series_reading.date_of(one), one.space_id, one.span, one.purpose, one.state)


def _change_one(session: Session, actor: Actor, before: Stored, wanted: SeriesChange, *, now: datetime) -> SeriesOut:
    rows = [one for one in series_store.bookings_of(session, before.id) if one.occurs_on == wanted.on]
    if not rows:
        raise NotFound(on=wanted.on)
    booking = max(rows, key=lambda one: (one.active, one.id))
    if not booking.active or booking.starts_at <= now:
        raise NotNow(why="ended")
    change = BookingChange(space_id=wanted.space_id, purpose=wanted.purpose)
    if wanted.moves_to is not None or wanted.starts is not UNSET or wanted.ends is not UNSET:
        space_id = booking.space_id if wanted.space_id is UNSET else wanted.space_id
        span = _hours(booking, wanted, places.space_for(session, actor, space_id).place.zone)
        change = replace(change, starts_at=span.starts_at, ends_at=span.ends_at)
    saved = service.change(session, actor, booking.id, change, now=now)
    if saved.version != booking.version:
        before = series_store.save(session, before, "changed", actor_id=actor.id, at=now)
    return series_reading.series_out(session, before)


def _hours(booking: BookingOut, wanted: SeriesChange, zone: str) -> Span:
    """Raises Invalid."""
    on = wanted.moves_to or clock.local_date(booking.starts_at, booking.zone)
    starts, ends = (clock.minute_of(instant, booking.zone) for instant in (booking.starts_at, booking.ends_at))
    starts = starts if wanted.starts is UNSET else minute_of(wanted.starts)
    ends = (ends or 1440) if wanted.ends is UNSET else minute_of(wanted.ends)
    if starts >= ends:
        raise Invalid(problem="starts, ends")
    return on_day(on, starts, ends, zone)


def _carry_out(
    session: Session,
    actor: Actor,
    before: Stored,
    after: Stored,
    course: Course,
    rows: list[BookingOut],
    person: Employee,
    spaces: Spaces,
    wanted: SeriesChange,
    cut: date,
    *,
    now: datetime,
) -> SeriesOut:
    asked = [*((to, held) for held, to in course.moved), *((on, None) for on in course.added)]
    wishes = series_dates.wishes_for(spaces, after.pattern, asked, wanted.fixes)
    moving = [wish for wish in wishes if not _stays(wish)]
    if not moving and not course.dropped and after == replace(before, rule=after.rule, starts_on=after.starts_on):
        return series_reading.series_out(session, before)
    space = spaces[after.space_id]
    refused = series_dates.refused_dates(session, space, person, moving, skip=wanted.skip_conflicts, now=now)
    after = _write(session, actor, before, after, cut, split=wanted.scope == "following", now=now)
    old = {one.id: one for one in rows}
    dropped = [old[one.id] for one in course.dropped]
    day_off_desks.cancel_all(session, dropped, actor_id=actor.id, now=now)
    kept = [*course.kept, *((wish.held, wish.on) for wish in wishes if wish.held and wish.on in refused)]
    tied = [(old[one.id], replace(old[one.id], series_id=after.id, occurs_on=on)) for one, on in kept]
    moved = [
        (old[wish.held.id], _moved(old[wish.held.id], wish, after, actor, person, spaces, now=now))
        for wish in wishes
        if wish.held and wish.on not in refused
    ]
    changed = [(one, new) for one, new in (*tied, *moved) if one != new]
    saved = series_store.save_all(session, changed, actor_id=actor.id, at=now)
    asked_before = {one.id for one in rows if one.approval == "asked"}
    series_dates.tell_keepers(
        session, spaces, (one for one in saved if one.active and one.id not in asked_before), now=now
    )
    added = [wish for wish in wishes if wish.held is None and wish.on not in refused]
    series_dates.book_dates(session, actor, after, person, spaces, added, now=now)
    left = [one for one, new in moved if one.space_id != new.space_id or not new.span.covers(one.span)]
    series_dates.offer(session, [*dropped, *left], now=now)
    return series_reading.series_out(session, after, refused)


def _stays(wish: Wish) -> bool:
    return wish.held is not None and (wish.held.space_id, wish.held.span) == (wish.place.id, wish.span)


def _write(
    session: Session, actor: Actor, before: Stored, after: Stored, cut: date, *, split: bool, now: datetime
) -> Stored:
    """The series with what changes; split off it if earlier dates stay as they are."""
    earlier = [on for on in series_reading.dates_of(before) if on < cut]
    if not split or not earlier:
        return series_store.save(session, replace(after, ended_at=None), "changed", actor_id=actor.id, at=now)
    rule = recurrence.until(recurrence.parse(before.rule, before.zone), earlier[-1])
    coming = any(
        one.active and one.ends_at > now and series_reading.date_of(one) < cut
        for one in series_store.bookings_of(session, before.id)
    )
    shortened = replace(before, rule=rule.value, ended_at=None if coming else before.ended_at or now)
    series_store.save(session, shortened, "split", actor_id=actor.id, at=now)
    return series_store.add(
        session,
        after.pattern,
        after.rule,
        after.starts_on,
        person_id=after.person_id,
        booked_by_id=after.booked_by_id,
        actor_id=actor.id,
        at=now,
    )


def _moved(
    one: BookingOut, wish: Wish, series: Stored, actor: Actor, person: Employee, spaces: Spaces, *, now: datetime
) -> BookingOut:
    tied = replace(one, series_id=series.id, occurs_on=wish.on, purpose=series.purpose)
    if _stays(wish):
        return tied
    return holding.moved(tied, spaces[wish.place.id], person, wish.span, actor, now=now)
