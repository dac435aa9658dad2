"""Booking desks and rooms: read, ask the rules, write, and note it in the journal, in one transaction.

Locks are taken in one order everywhere, booking before person before spaces by id, so that rivals wait in line and never in
a circle. Behind the locks stands the database's own guard.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import clock
from app.db import locks_rows
from app.errors import Invalid, NotFound, Stale
from app.people import service as people
from app.people.access import Actor
from app.people.rules import asked_already
from app.people.service import Employee
from app.rooms import bookings, holding, keeping, places, rules, waiting
from app.rooms.bookings import NO_TIE, BookingChange, BookingOut, NewBooking, Tie, span_of
from app.rooms.errors import NotNow
from app.rooms.places import Wanted
from app.rooms.rules import HouseRules
from app.spans import Span


def book(session: Session, actor: Actor, wanted: NewBooking, *, tie: Tie = NO_TIE, now: datetime) -> BookingOut:
    """Book a desk or a room for the actor, or for the person they may act for; ``tie`` says what for. A room on which the
    room keeper decides is held until they do.

    Raises NotFound for an unknown space or person, Forbidden for somebody the actor may not act for, NotBookable if the
    rules say no or somebody got there first.
    """
    person = _locked_person(session, actor, wanted.person_id or actor.id)
    space = places.space_at_once(session, wanted.space_id) or _space_in_turn(session, actor, person, wanted, now=now)
    return holding.hold(session, space, person, wanted, tie=tie, actor=actor, now=now)


def change(
    session: Session,
    actor: Actor,
    booking_id: int,
    wanted: BookingChange,
    *,
    segment_id: int | None = None,
    meeting_id: int | None = None,
    version: int | None = None,
    now: datetime,
) -> BookingOut:
    """Move a booking in place or time, reword it, or take it up again after it was cancelled or released.

    With ``segment_id`` it belongs to that part of a week plan from now on. Without, a booking that moves in time, or comes
    back, belongs to no plan any more: the plan says when its desk is held. A meeting's room moves with the meeting alone, or
    where its keeper takes it, who say so by ``meeting_id``. Whoever changes what is held for them has accepted it.

    Raises NotFound, Stale if ``version`` is not the present one, NotNow for a booking that is over, or a meeting's, or a
    move of one that is checked in, Invalid for a span that is backwards, NotBookable as ``book`` does.
    """
    before = booking_for(session, actor, booking_id, version=version, lock=True)
    span = _changed_span(before, wanted)
    space_id = before.space_id if wanted.space_id is UNSET else wanted.space_id
    restored = wanted.state == "booked" and not before.active
    if not before.active and not (restored and before.state in ("cancelled", "released")):
        raise NotNow(why="ended")
    if before.held_until is not None and before.held_until <= now:
        raise NotNow(why="ended")
    if before.state == "checked-in" and (space_id != before.space_id or span.starts_at != before.starts_at):
        raise NotNow(why="checked-in")
    moves = restored or span != before.span or space_id != before.space_id
    if moves and before.meeting_id not in (None, meeting_id):
        raise NotNow(why="meeting")
    tie = segment_id or (None if restored or span != before.span else before.segment_id)
    after = replace(before, segment_id=tie, purpose=before.purpose if wanted.purpose is UNSET else wanted.purpose)
    if moves:
        after = _moved(session, actor, after, space_id, span, now=now)
    if after == before:
        return before
    if before.held_until is not None:
        kept_until = rules.release_at(after.span, rules_of(session, actor, after), now=now)
        after = replace(after, held_until=None, release_at=kept_until)
    saved = bookings.save(session, before, after, "restored" if restored else "changed", actor_id=actor.id, at=now)
    if after.approval == "asked" and before.approval != "asked":
        keeping.tell_keepers(session, places.space_for(session, actor, space_id), saved, at=now)
    if saved.kind == "room" and space_id != before.space_id and saved.meeting_id is None:
        keeping.tell_moved(session, before, saved, actor_id=actor.id, at=now)
    waiting.follow(session, before, saved, actor_id=actor.id, now=now)
    if before.active and (space_id != before.space_id or not saved.span.covers(before.span)):
        waiting.freed(session, before.space_id, before.span, now=now)
    return saved


def _moved(
    session: Session, actor: Actor, booking: BookingOut, space_id: int, span: Span, *, now: datetime
) -> BookingOut:
    person = people.employee_for(session, actor, booking.person_id, lock=True, may=asked_already)
    locked = {id: places.space_for(session, actor, id, lock=True) for id in sorted({booking.space_id, space_id})}
    space = locked[space_id]
    if space.place.kind != booking.kind:
        raise Invalid(problem="space_id")
    rivals = bookings.rivals(session, space_id, person.id, space.place.kept_free(span), but=booking.id)
    holding.refuse(session, space, span, person, rivals, own=booking.id if booking.state == "booked" else None, now=now)
    after = holding.moved(booking, space, person, span, actor, now=now)
    if booking.state == "checked-in":
        return replace(after, release_at=span.ends_at)
    return replace(after, state="booked", ended_at=None)


def cancel(session: Session, actor: Actor, booking_id: int, *, version: int | None = None, now: datetime) -> BookingOut:
    """Give a booking back: cancelled if it waited, completed if it was checked in. Giving back twice is no error.

    Raises NotFound, Stale, NotNow if it was released or completed already.
    """
    before = booking_for(session, actor, booking_id, version=version, lock=True)
    if before.state == "cancelled":
        return before
    if not before.active:
        raise NotNow(why="ended")
    if before.meeting_id is not None:
        raise NotNow(why="meeting")
    return give_back(session, before, actor_id=actor.id, now=now)


def give_back(session: Session, before: BookingOut, *, actor_id: int | None, now: datetime) -> BookingOut:
    """End an active, locked booking: completed if it was checked in, cancelled if it waited."""
    if before.state == "checked-in":
        return _complete(session, before, actor_id=actor_id, now=now)
    after = bookings.ended(before, "cancelled", at=now)
    return waiting.end(session, before, after, "cancelled", actor_id=actor_id, now=now)


def check_in(
    session: Session, actor: Actor, booking_id: int, *, version: int | None = None, now: datetime
) -> BookingOut:
    """Say that the person is there. Doing so twice is no error.

    Raises NotFound, Stale, NotNow if it is too early or the booking is over or was released.
    """
    before = booking_for(session, actor, booking_id, version=version, lock=True)
    if before.state == "checked-in":
        return before
    if not before.active or before.ends_at <= now or (before.release_at and before.release_at <= now):
        raise NotNow(why="ended")
    opens_at = rules.check_in_opens_at(before.starts_at, rules_of(session, actor, before))
    if now < opens_at:
        raise NotNow(why="too-early", opens_at=opens_at, zone=before.zone)
    after = replace(before, state="checked-in", checked_in_at=now, release_at=before.ends_at, held_until=None)
    saved = bookings.save(session, before, after, "checked-in", actor_id=actor.id, at=now)
    waiting.follow(session, before, saved, actor_id=actor.id, now=now)
    return saved


def check_out(
    session: Session, actor: Actor, booking_id: int, *, version: int | None = None, now: datetime
) -> BookingOut:
    """Say that the person has left: the rest of the span is free at once. Doing so twice is no error.

    Raises NotFound, Stale, NotNow if the booking was never checked in.
    """
    before = booking_for(session, actor, booking_id, version=version, lock=True)
    if before.state == "completed":
        return before
    if before.state != "checked-in":
        raise NotNow(why="not-checked-in" if before.active else "ended")
    return _complete(session, before, actor_id=actor.id, now=now)


def _complete(session: Session, before: BookingOut, *, actor_id: int | None, now: datetime) -> BookingOut:
    after = bookings.ended(before, "completed", at=min(now, before.ends_at))
    return waiting.end(session, before, after, "completed", actor_id=actor_id, now=now)


def end_due(session: Session, booking_id: int, *, now: datetime) -> BookingOut | None:
    """What the clock does to a booking whose ``release_at`` has come: a no-show is released, a checked-in one completed."""
    before = bookings.one(session, booking_id, lock=True)
    if before is None or not before.active or before.release_at is None or before.release_at > now:
        return None
    if before.state == "checked-in":
        return _complete(session, before, actor_id=None, now=now)
    after = bookings.ended(before, "released", at=now)
    return waiting.end(session, before, after, "released", actor_id=None, now=now)


def booking_for(
    session: Session, actor: Actor, booking_id: int, *, version: int | None = None, lock: bool = False
) -> BookingOut:
    """A booking of the actor's own, of somebody they may act for, or of a room they keep.

    Raises NotFound for any other, Stale if ``version`` is given and not the present one.
    """
    booking = bookings.one(session, booking_id, lock=lock)
    if booking is None:
        raise NotFound(booking_id=booking_id)
    if booking.person_id != actor.id and not keeping.keeps_booked(session, actor, booking):
        people.check_may_act_for(session, actor, booking.person_id, booking_id=booking_id)
    if version is not None and version != booking.version:
        raise Stale(version=booking.version)
    return booking


def bookings_of(
    session: Session,
    actor: Actor,
    person_id: int | None,
    within: Span,
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 200,
) -> list[BookingOut]:
    """Bookings that touch ``within``: the actor's own, or of ``person_id``, for whom they may act. Raises NotFound, Forbidden."""
    if person_id is not None and person_id != actor.id:
        people.employee_for(session, actor, person_id)
    return bookings.of_person(session, person_id or actor.id, within, after=after, limit=limit)


def rules_of(session: Session, actor: Actor, booking: BookingOut) -> HouseRules:
    """The house rules that hold for a booking's person on the day it starts."""
    space = places.space_for(session, actor, booking.space_id)
    on = clock.local_date(booking.starts_at, booking.zone)
    agency_id = actor.agency_id
    if booking.person_id != actor.id:
        agency_id = people.employee_for(session, actor, booking.person_id, may=asked_already).agency_id
    return space.house.rules(space.place.floor_id, agency_id, on)


def _locked_person(session: Session, actor: Actor, person_id: int) -> Employee:
    """The person's row locked, so that their desks can't be counted by two at once; SQLite's one writer needs no lock."""
    if person_id == actor.id and not locks_rows(session):
        return people.itself(actor)
    return people.employee_for(session, actor, person_id, lock=True)


def _space_in_turn(session: Session, actor: Actor, person: Employee, wanted: NewBooking, *, now: datetime) -> Wanted:
    """The space when those who are booking it just now are done. Whoever wants what is taken already is told so at once:
    they need not wait in line with those who still fight over it."""
    if bookings.rivals(session, wanted.space_id, person.id, wanted.span):
        space = places.space_for(session, actor, wanted.space_id)
        rivals = bookings.rivals(session, wanted.space_id, person.id, space.place.kept_free(wanted.span))
        holding.refuse(session, space, wanted.span, person, rivals, own=None, now=now)
    return places.space_for(session, actor, wanted.space_id, lock=True)


def _changed_span(before: BookingOut, wanted: BookingChange) -> Span:
    starts_at = before.starts_at if wanted.starts_at is UNSET else wanted.starts_at
    ends_at = before.ends_at if wanted.ends_at is UNSET else wanted.ends_at
    try:
        return span_of(starts_at, ends_at)
    except ValueError as error:
        raise Invalid(problem="starts_at, ends_at") from error
