"""The desks of a week plan: held, moved and given back in the plan's own transaction."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.people.access import Actor
from app.rooms import plan_desks
from app.rooms import service as rooms
from app.rooms.plan_desks import BookingChange, BookingOut, NewBooking, NotBookable, Tie
from app.scheduling.ground import Ground
from app.scheduling.rules import AT_OFFICE, Mode, Segment
from app.spans import Span, on_day


class Wish(msgspec.Struct, frozen=True):
    """What becomes of a part's desk: ``desk_id`` unset keeps what it has, None gives it back."""

    on: date
    part_id: int
    segment: Segment
    desk_id: int | UnsetType | None = UNSET
    near_team: bool = False
    has: BookingOut | None = None


def may_hold(segment: Segment) -> bool:
    """Whether a desk goes with it: at an office, or on a journey to one of ours."""
    return segment.mode in AT_OFFICE or segment.mode is Mode.TRAVEL


def check(on: date, segment: Segment, desk_id: int | UnsetType | None, near_team: bool) -> None:
    """Raises Invalid for a desk wished for where nobody sits at an office."""
    if (near_team or (desk_id is not UNSET and desk_id is not None)) and not may_hold(segment):
        raise Invalid(problem=f"days.{on}: desk_id")


class Settled(msgspec.Struct, frozen=True):
    """What each part holds now, None for nothing, and the desks that were refused."""

    held: dict[int, BookingOut | None]
    refused: tuple[tuple[date, NotBookable], ...]


def settle(
    session: Session, actor: Actor, ground: Ground, wishes: list[Wish], *, go_on: bool, now: datetime
) -> Settled:
    """Fulfil the wishes, first all that give back, then all that move or take, in the order of bookings: two of one person
    then never stand in each other's way, and locks are taken in one order.

    Raises NotBookable for the first desk that is refused; with ``go_on`` those are told instead, and their parts have no
    desk.
    """
    back = [wish for wish in wishes if wish.has is not None and (wish.desk_id is None or not may_hold(wish.segment))]
    if back:
        plan_desks.free_desks(session, [wish.part_id for wish in back], actor_id=actor.id, now=now)
    refused = []
    held: dict[int, BookingOut | None] = {wish.part_id: None for wish in wishes}
    rest = [wish for wish in wishes if wish not in back]
    for wish in sorted(rest, key=lambda wish: (wish.has is None, wish.has.id if wish.has else 0, wish.on)):
        try:
            held[wish.part_id] = _hold(session, actor, ground, wish, now=now)
        except NotBookable as refusal:
            if not go_on:
                raise
            if wish.has is not None:
                plan_desks.free_desks(session, [wish.part_id], actor_id=actor.id, now=now)
            refused.append((wish.on, refusal))
    return Settled(held, tuple(refused))


def _hold(session: Session, actor: Actor, ground: Ground, wish: Wish, *, now: datetime) -> BookingOut | None:
    span = span_of(ground, wish.on, wish.segment)
    has = wish.has
    if wish.near_team and has is None:
        desk_id: int | None = plan_desks.desk_near(session, actor, ground.person, wish.segment.site_id, span, now=now)
    else:
        desk_id = wish.desk_id if wish.desk_id is not UNSET else has.space_id if has else None
    if desk_id is None:
        return None
    if has is None:
        booking = _book(session, actor, ground, wish, desk_id, span, now=now)
    elif has.space_id != desk_id or has.span != span or has.segment_id != wish.part_id:
        booking = rooms.change(
            session,
            actor,
            has.id,
            BookingChange(desk_id, span.starts_at, span.ends_at),
            segment_id=wish.part_id,
            now=now,
        )
    else:
        return has
    if booking.kind != "desk" or booking.zone != ground.zone(wish.segment.site_id):
        raise Invalid(problem=f"days.{wish.on}: desk_id")
    return booking


def _book(
    session: Session, actor: Actor, ground: Ground, wish: Wish, desk_id: int, span: Span, *, now: datetime
) -> BookingOut:
    """The desk booked for the part, or the booking of it that the person has already, taken in."""
    try:
        new = NewBooking(desk_id, span.starts_at, span.ends_at, ground.person.id)
        return rooms.book(session, actor, new, tie=Tie(segment_id=wish.part_id), now=now)
    except NotBookable:
        loose = plan_desks.loose_desk(session, ground.person.id, desk_id, span)
        if loose is None:
            raise
        moved = BookingChange(desk_id, span.starts_at, span.ends_at)
        return rooms.change(session, actor, loose.id, moved, segment_id=wish.part_id, now=now)


def span_of(ground: Ground, on: date, segment: Segment) -> Span:
    zone = ground.zone(segment.site_id)
    return on_day(on, segment.starts, segment.ends, zone)
