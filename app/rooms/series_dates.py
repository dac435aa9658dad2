"""The dates of a series: by which rule, where each should be, which can't be had, and the bookings of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app import clock
from app.errors import Invalid
from app.people.access import Actor
from app.people.service import Employee
from app.rooms import (
    bookings,
    holding,
    keeping,
    places,
    recurrence,
    series_rules,
    series_store,
    series_ways,
    waiting,
)
from app.rooms.bookings import BookingOut, Tie
from app.rooms.errors import SeriesConflicts
from app.rooms.places import Wanted
from app.rooms.recurrence import Recurrence
from app.rooms.rules import Refusal
from app.rooms.series_rules import Diary, Held, InTheWay, Pattern, Wish
from app.rooms.series_shapes import Fix
from app.rooms.series_store import Stored
from app.rooms.series_ways import Search
from app.rooms.ways_out import seeker_of
from app.spans import Span

Spaces = dict[int, Wanted]


def rule_of(value: str, space: Wanted, person: Employee, starts_on: date, starts: int, *, now: datetime) -> Recurrence:
    """The rule; without an end of its own it goes as far as the place may be booked. Raises Invalid."""
    try:
        rule = recurrence.parse(value, space.place.zone, starts)
    except ValueError as error:
        raise Invalid(problem=f"rule: {error}") from error
    if rule.bounded:
        return rule
    horizon = space.house.rules(space.place.floor_id, person.agency_id, starts_on).horizon_days
    return recurrence.until(rule, clock.local_date(now, space.place.zone) + timedelta(days=horizon))


def dates_from(rule: Recurrence, starts_on: date) -> list[date]:
    """Raises Invalid."""
    try:
        return recurrence.dates(rule, starts_on)
    except ValueError as error:
        raise Invalid(problem=f"rule: {error}") from error


def locked_spaces(session: Session, actor: Actor, space_ids: Iterable[int], fixes: Sequence[Fix]) -> Spaces:
    """All spaces that are touched, locked in the order of their ids. Raises NotFound, Invalid for a desk in place of a
    room, or the other way round."""
    ids = {*space_ids, *(fix.space_id for fix in fixes if fix.space_id is not None)}
    spaces = {id: places.space_for(session, actor, id, lock=True) for id in sorted(ids)}
    if len({space.place.kind for space in spaces.values()}) > 1:
        raise Invalid(problem="space_id")
    return spaces


def wishes_for(
    spaces: Spaces, pattern: Pattern, asked: Iterable[tuple[date, Held | None]], fixes: Sequence[Fix]
) -> list[Wish]:
    """Where each date should be: by the pattern, unless it is fixed. Raises Invalid for a fix of another date."""
    fixed = {fix.on: fix for fix in fixes}
    wishes = []
    for on, held in asked:
        fix, place, span = fixed.pop(on, None), spaces[pattern.space_id].place, pattern.span(on)
        if fix is not None and fix.space_id is not None:
            place = spaces[fix.space_id].place
        if fix is not None and fix.starts_at is not None and fix.ends_at is not None:
            span = bookings.span_of(fix.starts_at, fix.ends_at)
        wishes.append(Wish(on, place, span, held))
    if fixed:
        raise Invalid(problem=f"fixes: {min(fixed)}")
    return wishes


def refused_dates(
    session: Session,
    space: Wanted,
    person: Employee,
    wishes: list[Wish],
    *,
    skip: bool,
    now: datetime,
) -> dict[date, Refusal]:
    """The dates that can't be had, which only ``skip`` lets pass. Raises SeriesConflicts."""
    if not wishes:
        return {}
    ours = frozenset(wish.held.id for wish in wishes if wish.held)
    around = [wish.place.kept_free(wish.span) for wish in wishes]
    within = Span(min(span.starts_at for span in around), max(span.ends_at for span in around))
    space_ids = {wish.place.id for wish in wishes}
    found = series_store.in_the_way(session, space_ids, person.id, within, but=ours)
    refused = series_rules.judged(wishes, Diary(found), space.house, seeker_of(person), now=now)
    if skip:
        refused = series_rules.with_what_stays(wishes, refused)
    if not refused or (skip and len(refused) < len(wishes)):
        return refused
    search = Search(space, person, wishes, refused, ours, now)
    raise _conflicts(search, found)


def _conflicts(search: Search, found: list[InTheWay]) -> SeriesConflicts:
    place = search.space.place
    conflicts = {
        wish.on: holding.refused(search.refused[wish.on], wish.place, other=_own_desk(wish, found))
        for wish in search.conflicts
    }

    def find(session: Session) -> tuple[()]:
        series_ways.find(session, search, conflicts)
        return ()

    refusal = SeriesConflicts(
        search=find,
        conflicting=len(conflicts),
        dates=len(search.wishes),
        space=place.name,
        space_id=place.id,
        zone=place.zone,
    )
    refusal.conflicts = conflicts
    return refusal


def _own_desk(wish: Wish, found: list[InTheWay]) -> str:
    return next((one.space for one in found if one.own and one.span.overlaps(wish.span)), "")


def book_dates(
    session: Session,
    actor: Actor,
    series: Stored,
    person: Employee,
    spaces: Spaces,
    wishes: Sequence[Wish],
    *,
    now: datetime,
) -> None:
    """Make the bookings of some dates; keepers of rooms on which they decide are told once."""
    rows = [
        holding.row_of(
            spaces[wish.place.id],
            person,
            wish.span,
            series.purpose,
            tie=Tie(series_id=series.id, occurs_on=wish.on),
            actor=actor,
            now=now,
        )
        for wish in wishes
    ]
    bookings.add_all(session, rows)
    on = {wish.on for wish in wishes}
    since = min(on, default=None)
    made = [
        one
        for one in series_store.bookings_of(session, series.id, since=since)
        if one.occurs_on in on and one.active and one.version == 1
    ]
    bookings.record_all(session, made, "booked", actor_id=actor.id, at=now)
    tell_keepers(session, spaces, made, now=now)


def tell_keepers(session: Session, spaces: Spaces, changed: Iterable[BookingOut], *, now: datetime) -> None:
    """Once for each space whose keepers must decide, however many dates wait for them."""
    asked: dict[int, list[BookingOut]] = {}
    for one in changed:
        if one.approval == "asked":
            asked.setdefault(one.space_id, []).append(one)
    for space_id, found in asked.items():
        keeping.tell_keepers(session, spaces[space_id], found[0], dates=len(found), at=now)


def offer(session: Session, left: Iterable[BookingOut], *, now: datetime) -> None:
    """Offer what was left to those who wait for it, in the order in which spaces are locked."""
    spans: dict[int, list[Span]] = {}
    for one in left:
        spans.setdefault(one.space_id, []).append(one.span)
    for space_id in sorted(spans):
        waiting.freed(session, space_id, *spans[space_id], now=now)
