"""What week plans do with desks: find a good one, take in one that is booked already, give back those of days that go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.people import service as people
from app.people.access import Actor
from app.people.service import Employee
from app.rooms import availability, bookings, places, rules, service
from app.rooms.bookings import OVERLAPPING, BookingChange, BookingOut, NewBooking, Tie
from app.rooms.errors import NONE_FREE, NotBookable
from app.rooms.models import Booking, Space
from app.rooms.rules import Spot
from app.sites import SiteOut, site
from app.spans import Span

__all__ = [
    "BookingChange",
    "BookingOut",
    "NewBooking",
    "NotBookable",
    "Tie",
    "desk_near",
    "desks_of",
    "free_desks",
    "loose_desk",
    "planned_desks",
]


def planned_desks(session: Session, person_id: int, within: Span) -> dict[int, BookingOut]:
    """A person's active desk bookings that belong to parts of their week plans, by the part's id."""
    found = bookings.of_person(session, person_id, within)
    return {one.segment_id: one for one in found if one.active and one.segment_id is not None}


def loose_desk(session: Session, person_id: int, desk_id: int, span: Span) -> BookingOut | None:
    """The person's booking of that desk at that time which belongs to no plan yet, to be taken into one."""
    found = bookings.of_person(session, person_id, span)
    loose = (one for one in found if one.state == "booked" and one.segment_id is None and one.space_id == desk_id)
    return next(loose, None)


def free_desks(session: Session, segment_ids: list[int], *, actor_id: int | None, now: datetime) -> list[int]:
    """Give back the desks of parts of week plans that are no more; returns the ids of the bookings.

    Whoever changes the plan has the right to: it isn't asked again.
    """
    ended = []
    tied = bookings.tied(session, segment_ids)
    bookings.lock(session, Booking.id.in_([found.id for found in tied]))
    for found in sorted(tied, key=lambda found: (found.space_id, found.id)):
        before = bookings.one(session, found.id, lock=True)
        if before is not None and before.active and before.segment_id in segment_ids:
            service.give_back(session, before, actor_id=actor_id, now=now)
            ended.append(before.id)
    return sorted(ended)


def desk_near(session: Session, actor: Actor, person: Employee, site_id: int, span: Span, *, now: datetime) -> int:
    """The desk at a site that suits ``person`` over ``span``: near most of their team.

    It looks where most of the team sit then, else on the floors of the site in their order. Raises NotBookable if no floor
    has one that is free for them.
    """
    mates = desks_of(session, list(people.team_of(session, person)), span)
    floors = [floor.id for floor in places.floors(session, site_id)]
    sitting = [mate.floor_id for mate in mates if mate.floor_id in floors]
    for floor_id in sorted(floors, key=lambda id: (-sitting.count(id), floors.index(id))):
        spaces = availability.of_floor(session, actor, floor_id, span, now=now)
        free = {space.id for space in spaces if space.free and space.kind == "desk"}
        if not free:
            continue
        spots = [
            Spot(desk.id, floor_id, desk.x, desk.y, None, frozenset(desk.attributes))
            for desk in places.floor_plan(session, floor_id).desks
            if desk.id in free
        ]
        if pick := rules.pick_near(spots, [mate for mate in mates if mate.floor_id == floor_id]):
            return pick.spot.id
    raise _none_free(site(session, site_id), span)


def desks_of(session: Session, team: list[int], span: Span) -> list[Spot]:
    """Where the people of a team have desks at that time."""
    rows = session.execute(
        select(Space.id, Space.floor_id, Space.x, Space.y)
        .join(Booking, Booking.space_id == Space.id)
        .where(Booking.person_id.in_(team), Booking.kind == "desk", OVERLAPPING),
        {"starts_at": span.starts_at, "ends_at": span.ends_at},
    )
    return [Spot(*row) for row in rows]


def _none_free(at: SiteOut, span: Span) -> NotBookable:
    return NotBookable(
        hindrance=NONE_FREE, basis="", space=at.name, site_id=at.id, zone=at.zone, starts_at=span.starts_at
    )
