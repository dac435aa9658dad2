"""Taking a space for somebody: what every way to a booking ends in. Whoever calls has locked the space."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import clock
from app.people.access import Actor
from app.people.service import Employee
from app.rooms import bookings, keeping, rules
from app.rooms.bookings import NO_TIE, Approval, BookingOut, NewBooking, Rival, Tie
from app.rooms.errors import NotBookable
from app.rooms.places import Wanted
from app.rooms.rules import Place, Refusal
from app.rooms.ways_out import Search, seeker_of, ways_out
from app.spans import Span


def hold(
    session: Session,
    space: Wanted,
    person: Employee,
    wanted: NewBooking,
    *,
    tie: Tie = NO_TIE,
    actor: Actor | None,
    now: datetime,
) -> BookingOut:
    """Book ``space``, locked already, for ``person``; without an ``actor`` the service itself does it.

    A room on which the room keeper decides is held until they do. Raises NotBookable.
    """
    span = wanted.span
    rivals = bookings.rivals(session, space.place.id, person.id, space.place.kept_free(span))
    refuse(session, space, span, person, rivals, own=None, now=now)
    row = row_of(space, person, span, wanted.purpose, tie=tie, actor=actor, now=now)
    booking = BookingOut(
        bookings.add(session, row, actor_id=actor.id if actor else None, at=now),
        space.place.id,
        space.place.name,
        space.place.kind,
        person.id,
        actor.id if actor else person.id,
        span.starts_at,
        span.ends_at,
        space.place.zone,
        "booked",
        wanted.purpose,
        row["release_at"],
        None,
        None,
        1,
        tie.segment_id,
        tie.meeting_id,
        tie.series_id,
        tie.occurs_on,
        row["approval"],
        "",
        tie.held_until,
    )
    if booking.approval == "asked":
        keeping.tell_keepers(session, space, booking, at=now)
    return booking


def row_of(
    space: Wanted, person: Employee, span: Span, purpose: str, *, tie: Tie, actor: Actor | None, now: datetime
) -> dict[str, Any]:
    """A new booking by the names of its columns (``bookings.NEW_COLUMNS``)."""
    return {
        "space_id": space.place.id,
        "kind": space.place.kind,
        "segment_id": tie.segment_id,
        "meeting_id": tie.meeting_id,
        "series_id": tie.series_id,
        "occurs_on": tie.occurs_on,
        "person_id": person.id,
        "booked_by_id": actor.id if actor else person.id,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "state": "booked",
        "active": True,
        "purpose": purpose,
        "approval": approval_of(space, span, actor),
        "remark": "",
        "held_until": tie.held_until,
        "release_at": tie.held_until or release_at(space, person, span, now=now),
        "created_at": now,
        "version": 1,
    }


def moved(
    booking: BookingOut, space: Wanted, person: Employee, span: Span, actor: Actor, *, now: datetime
) -> BookingOut:
    """A booking as it is at another place or time; the room keeper is asked anew."""
    return replace(
        booking,
        space_id=space.place.id,
        space=space.place.name,
        zone=space.place.zone,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        approval=approval_of(space, span, actor),
        remark="",
        release_at=release_at(space, person, span, now=now),
    )


def approval_of(space: Wanted, span: Span, actor: Actor | None) -> Approval:
    """What the room keeper has said of a booking just made: nothing where none is asked, yes where they make it."""
    if not space.place.needs_approval:
        return ""
    return "approved" if actor is not None and keeping.keeps(actor, space, span.starts_at) else "asked"


def refuse(
    session: Session,
    space: Wanted,
    span: Span,
    person: Employee,
    rivals: list[Rival],
    *,
    own: int | None,
    now: datetime,
) -> None:
    place = space.place
    why = rules.refusal(
        span,
        place,
        seeker_of(person),
        space.house,
        taken=[rival.span for rival in rivals if rival.space_id == place.id],
        own_desks=[rival.span for rival in rivals if rival.space_id != place.id],
        now=now,
    )
    if why is not None:
        raise _not_bookable(session, Search(space, span, person, why, own, now), rivals)


def _not_bookable(session: Session, search: Search, rivals: list[Rival]) -> NotBookable:
    """The refusal with the desk that the seeker has already, where that is what hinders, and a search for ways out."""
    others = [rival for rival in rivals if rival.space_id != search.wanted.place.id]
    other = bookings.one(session, others[0].id) if others else None
    more: dict[str, str | int] = {"other": other.space, "booking_id": other.id} if other else {}
    return refused(search.refusal, search.wanted.place, search=lambda reading: ways_out(reading, search), **more)


def refused(
    why: Refusal,
    place: Place,
    *,
    search: Callable[[Session], tuple[object, ...]] | None = None,
    **more: str | int,
) -> NotBookable:
    """The refusal with everything its sentence mentions."""
    facts: dict[str, Any] = {"other": "", "name": "", **why.facts, **more}
    if "minutes" in facts:
        facts["hours"] = int(str(facts["minutes"])) / 60
    return NotBookable(
        search=search,
        hindrance=why.hindrance,
        basis=why.basis,
        space=place.name,
        space_id=place.id,
        zone=place.zone,
        **facts,
    )


def release_at(space: Wanted, person: Employee, span: Span, *, now: datetime) -> datetime:
    on = clock.local_date(span.starts_at, space.place.zone)
    return rules.release_at(span, space.house.rules(space.place.floor_id, person.agency_id, on), now=now)
