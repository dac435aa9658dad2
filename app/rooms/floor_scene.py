"""What is read about a floor for one reader, day and span: what its page and the panel of a desk are both made of."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app import sites
from app.db.hot import Hot
from app.people import service as people
from app.people.access import Actor
from app.people.service import Colleague
from app.presence import choices
from app.problems import detail
from app.rooms import availability, holding, places, wording
from app.rooms.availability import SpaceOut
from app.rooms.bookings import OVERLAPPING
from app.rooms.floor_choice import FloorQuery, address, chosen_day, chosen_floor, chosen_span
from app.rooms.models import Booking, Space
from app.rooms.places import FloorPlan
from app.rooms.rules import House, HouseRules, Place, Refusal
from app.spans import Span
from app.texts import Words


class Held(msgspec.Struct, frozen=True):
    """An active booking on the floor that overlaps the span shown."""

    space_id: int
    booking_id: int
    person_id: int
    state: str
    starts_at: datetime
    ends_at: datetime
    checked_in_at: datetime | None


class Scene(msgspec.Struct, frozen=True):
    """Everything read about a floor for one reader, day and span."""

    said: Words
    actor: Actor
    query: FloorQuery
    floor: FloorPlan
    building_id: int
    house: House
    rules: HouseRules
    on: date
    span: Span
    free: dict[int, SpaceOut]
    held: dict[int, Held]
    names: dict[int, Colleague]
    team: dict[int, str]
    reader_zone: str
    now: datetime

    def href(self, **changes: str | int | None) -> str:
        """The address of this page with something changed; None leaves a field out."""
        return address(self.fields | {name: value for name, value in changes.items()})

    @property
    def fields(self) -> dict[str, str | int | None]:
        query = self.query
        hours = (
            {
                "from": wording.hhmm(self.span.starts_at, self.floor.zone),
                "until": wording.until(self.span, self.floor.zone),
            }
            if query.part == "span"
            else {}
        )
        return {
            "floor": self.floor.id,
            "on": self.on.isoformat(),
            "part": query.part,
            **hours,
            "wing": query.wing or None,
            "view": "list" if query.view == "list" else None,
        }


_HELD = Hot(
    select(
        Booking.space_id,
        Booking.id,
        Booking.person_id,
        Booking.state,
        Booking.starts_at,
        Booking.ends_at,
        Booking.checked_in_at,
    )
    .join(Space, Space.id == Booking.space_id)
    .where(
        Space.floor_id == bindparam("floor"),
        OVERLAPPING,
    ),
    Held,
)


def look(session: Session, actor: Actor, query: FloorQuery, said: Words, *, now: datetime) -> Scene:
    """Read the floor and everything on it for the day and span that the query asks for, or that suit the reader best."""
    floor_id = chosen_floor(session, actor, query, now=now)
    where = places.floor_site(session, floor_id)
    on = chosen_day(query, where, actor, now=now)
    settings = where.house.rules(floor_id, actor.agency_id, on)
    span, part = chosen_span(query, on, settings, where.zone)
    query = msgspec.structs.replace(query, floor=floor_id, part=part)
    floor = places.floor_plan(session, floor_id, said.language)
    facts = {"floor": floor_id, "starts_at": span.starts_at, "ends_at": span.ends_at}
    held = _HELD.rows(session, facts)
    holders = {booking.person_id for booking in held}
    return Scene(
        said=said,
        actor=actor,
        query=query,
        floor=floor,
        building_id=where.building_id,
        house=where.house,
        rules=settings,
        on=on,
        span=span,
        free={space.id: space for space in availability.of_floor(session, actor, floor_id, span, now=now)},
        held=_most_telling(held, actor.id),
        names=people.names_for(session, actor, holders - choices.hidden_from(session, actor, holders)),
        team=choices.team_in_sight(session, actor),
        reader_zone=sites.site(session, actor.site_id).zone,
        now=now,
    )


def _most_telling(held: list[Held], own: int) -> dict[int, Held]:
    """One booking a space: the reader's own before others, those checked in before those who only booked."""
    ranked = sorted(held, key=lambda one: (one.person_id == own, one.state == "checked-in"))
    return {booking.space_id: booking for booking in ranked}


def worded(scene: Scene, place: Place, why: Refusal) -> str:
    """A refusal's sentence, with its basis where it has one."""
    said = scene.said
    sentence = detail(holding.refused(why, place), said).rstrip()
    ended = sentence if sentence.endswith(".") else f"{sentence}."
    return f"{ended} {said.say('Dasar: {basis}', basis=why.basis)}" if why.basis else ended
