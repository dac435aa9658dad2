"""Bookings as calendars tell them: what is held, where, and when that last changed; and versions of it all.

A version is a part of the caller's own statement. It holds each booking's id and version, so that no change of one, and none
joining or leaving, goes unseen; names of places follow ``house.VERSION``, which each import changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import BindParameter, ColumnElement, ScalarSelect, and_, bindparam, func, select
from sqlalchemy.orm import Session

from app import journal
from app.db.hot import Hot
from app.db.joined import pairs
from app.errors import NotFound
from app.people.access import Actor
from app.rooms import house, keeping, places, recurrence, rules, series_reading
from app.rooms.models import Area, Booking, Building, Floor, Series, Space
from app.sites import Site
from app.spans import Span

PLACES = house.VERSION


class HeldPlace(msgspec.Struct, frozen=True):
    """A booking with the words for its place. ``sequence`` and ``changed_at`` are those of its last change."""

    id: int
    space_id: int
    kind: str
    space: str
    floor: str
    building: str
    site: str
    zone: str
    person_id: int
    booked_by_id: int
    starts_at: datetime
    ends_at: datetime
    state: str
    active: bool
    purpose: str
    approval: str
    held_until: datetime | None
    release_at: datetime | None
    meeting_id: int | None
    series_id: int | None
    occurs_on: date | None
    version: int
    changed_at: datetime

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


_HELD = (
    select(
        Booking.id,
        Booking.space_id,
        Booking.kind,
        Space.name,
        Floor.name,
        Building.name,
        Site.name,
        Site.zone,
        Booking.person_id,
        Booking.booked_by_id,
        Booking.starts_at,
        Booking.ends_at,
        Booking.state,
        Booking.active,
        Booking.purpose,
        Booking.approval,
        Booking.held_until,
        Booking.release_at,
        Booking.meeting_id,
        Booking.series_id,
        Booking.occurs_on,
        Booking.version,
        func.coalesce(journal.changed_at("booking", Booking.id), Booking.created_at),
    )
    .join(Space, Space.id == Booking.space_id)
    .join(Floor, Floor.id == Space.floor_id)
    .join(Building, Building.id == Floor.building_id)
    .join(Site, Site.id == Floor.site_id)
    .order_by(Booking.starts_at, Booking.id)
)
_version = select(pairs(Booking.id, Booking.version))


def _bind(name: str) -> BindParameter[Any]:
    return bindparam(name)


_WITHIN = and_(Booking.starts_at >= _bind("since"), Booking.starts_at < _bind("until"))
_OF_PERSON = and_(Booking.person_id == _bind("person"), _WITHIN)
_OF_SPACE = and_(Booking.space_id == _bind("subject"), Booking.active, _WITHIN)
_IN_AREA = and_(
    Booking.space_id.in_(
        # by floor, of which there is an index
        select(Space.id).where(
            Space.floor_id == select(Area.floor_id).where(Area.id == _bind("subject")).scalar_subquery(),
            Space.area_id == _bind("subject"),
        )
    ),
    Booking.active,
    _WITHIN,
)
_OF_SERIES = Booking.series_id == _bind("subject")

OF_PERSON: ScalarSelect[Any] = _version.where(_OF_PERSON).scalar_subquery()
"""The bookings of ``person`` that start from ``since`` up to ``until``, of every state."""
OF_SPACE: ScalarSelect[Any] = _version.where(_OF_SPACE).scalar_subquery()
"""What is held of the space ``subject``; what is over or was given up isn't. So is ``IN_AREA`` of an area."""
IN_AREA: ScalarSelect[Any] = _version.where(_IN_AREA).scalar_subquery()
OF_SERIES: ScalarSelect[Any] = _version.where(_OF_SERIES).scalar_subquery()
SERIES: ScalarSelect[int] = select(Series.version).where(Series.id == _bind("subject")).scalar_subquery()
SERIES_OWNER: ScalarSelect[int] = select(Series.person_id).where(Series.id == _bind("subject")).scalar_subquery()


def of_meetings(meetings: Any) -> ScalarSelect[Any]:
    """The version of the rooms of some meetings, whose ids are a select."""
    return _version.where(Booking.meeting_id.is_not(None), Booking.meeting_id.in_(meetings)).scalar_subquery()


_READ = {
    name: Hot(_HELD.where(these), HeldPlace)
    for name, these in (("me", _OF_PERSON), ("space", _OF_SPACE), ("area", _IN_AREA), ("series", _OF_SERIES))
}


def of_person(session: Session, person_id: int, within: Span) -> list[HeldPlace]:
    """A person's bookings that start within a span, of every state, in the order of their start."""
    return _READ["me"].rows(session, {"person": person_id, "since": within.starts_at, "until": within.ends_at})


def of_space(session: Session, space_id: int, within: Span) -> list[HeldPlace]:
    """What is held of a space, of what starts within a span."""
    return _READ["space"].rows(session, {"subject": space_id, "since": within.starts_at, "until": within.ends_at})


def of_area(session: Session, area_id: int, within: Span) -> list[HeldPlace]:
    return _READ["area"].rows(session, {"subject": area_id, "since": within.starts_at, "until": within.ends_at})


def rooms_of_meetings(session: Session, meeting_ids: Sequence[int]) -> dict[int, list[HeldPlace]]:
    """The rooms of meetings, by the meeting's id, with those that were given up: they say when something changed."""
    found: dict[int, list[HeldPlace]] = {}
    if meeting_ids:
        these: ColumnElement[bool] = Booking.meeting_id.in_(meeting_ids)
        rows: Any = session.connection().execute(_HELD.where(these))
        for row in rows:
            one = HeldPlace(*row)
            found.setdefault(one.meeting_id or 0, []).append(one)
    return found


class SeriesRead(msgspec.Struct, frozen=True):
    """A series with its bookings. ``dates`` are all that its rule names, in the zone of the place; ``rule`` is an RRULE's
    value that names the same from the first of them on, without its end, or "" if none does. Hours in minutes since local
    midnight."""

    id: int
    space_id: int
    space: str
    kind: str
    zone: str
    person_id: int
    purpose: str
    rule: str
    starts: int
    ends: int
    dates: tuple[date, ...]
    version: int
    changed_at: datetime
    held: tuple[HeldPlace, ...]


def series_for(session: Session, actor: Actor, series_id: int) -> SeriesRead:
    """A series that the actor may read. Raises NotFound, Forbidden."""
    stored = series_reading.stored_for(session, actor, series_id)
    dates = series_reading.dates_of(stored)
    changed_at = session.scalar(select(journal.changed_at("booking-series", _bind("series"))), {"series": series_id})
    return SeriesRead(
        stored.id,
        stored.space_id,
        stored.space,
        stored.kind,
        stored.zone,
        stored.person_id,
        stored.purpose,
        _endless(recurrence.parse(stored.rule, stored.zone), dates),
        stored.starts,
        stored.ends,
        tuple(dates),
        stored.version,
        changed_at or stored.created_at,
        tuple(_READ["series"].rows(session, {"subject": series_id})),
    )


def _endless(rule: recurrence.Recurrence, dates: list[date]) -> str:
    """Readers count from the first date that takes place, our rules from the day they were made for."""
    if not dates:
        return ""
    ended = msgspec.structs.replace(rule, count=None, until=dates[-1])
    if recurrence.dates(ended, dates[0]) != dates:
        return ""
    return msgspec.structs.replace(ended, until=None).value


def kept_of(session: Session, actor: Actor, held: Sequence[HeldPlace]) -> set[int]:
    """Ids of those bookings whose room the actor keeps."""
    if not actor.roles & rules.KEEPERS:
        return set()
    rooms = {one.space_id: places.space_for(session, actor, one.space_id) for one in held if one.kind == "room"}
    return {one.id for one in held if one.kind == "room" and keeping.keeps(actor, rooms[one.space_id], one.starts_at)}


class Placed(msgspec.Struct, frozen=True):
    """A space or an area as a calendar is named after it."""

    name: str
    kind: str
    floor: str
    building: str
    site: str
    zone: str


_floor = (
    select(Space.name, Space.kind, Floor.name, Building.name, Site.name, Site.zone)
    .join(Floor, Floor.id == Space.floor_id)
    .join(Building, Building.id == Floor.building_id)
    .join(Site, Site.id == Floor.site_id)
)


def space_named(session: Session, space_id: int, kind: str) -> Placed:
    """A desk or a room, retired or not: its calendar then ends by itself. Raises NotFound."""
    row = session.execute(_floor.where(Space.id == space_id, Space.kind == kind)).first()
    if row is None:
        raise NotFound(space_id=space_id)
    return Placed(*row)


def area_named(session: Session, area_id: int, language: str) -> Placed:
    """Raises NotFound."""
    row: Any = session.execute(
        select(Area.name_en if language == "en" else Area.name, Floor.name, Building.name, Site.name, Site.zone)
        .join(Floor, Floor.id == Area.floor_id)
        .join(Building, Building.id == Floor.building_id)
        .join(Site, Site.id == Floor.site_id)
        .where(Area.id == area_id)
    ).first()
    if row is None:
        raise NotFound(area_id=area_id)
    return Placed(row[0], "area", *row[1:])


# What there is to choose from


class Subject(msgspec.Struct, frozen=True):
    """Something that a calendar can be about, under the heading of where it is."""

    id: int
    name: str
    where: str


def floors_to_choose(session: Session) -> list[Subject]:
    rows: Any = session.execute(
        select(Floor.id, Floor.name, Building.name)
        .join(Building, Building.id == Floor.building_id)
        .order_by(Floor.site_id, Building.id, Floor.level)
    )
    return [Subject(*row) for row in rows]


def rooms_to_choose(session: Session) -> list[Subject]:
    """All rooms that can be booked, by building and floor."""
    rows: Any = session.execute(
        select(Space.id, Space.name, Building.name)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Building, Building.id == Floor.building_id)
        .where(Space.kind == "room", Space.bookable, Space.retired_at.is_(None))
        .order_by(Floor.site_id, Building.id, Floor.level, Space.name)
    )
    return [Subject(*row) for row in rows]


def desks_to_choose(session: Session, floor_id: int) -> list[Subject]:
    rows: Any = session.execute(
        select(Space.id, Space.name, func.coalesce(Area.name, ""))
        .join(Area, Area.id == Space.area_id, isouter=True)
        .where(Space.floor_id == floor_id, Space.kind == "desk", Space.bookable, Space.retired_at.is_(None))
        .order_by(Space.area_id, Space.name)
    )
    return [Subject(*row) for row in rows]


def areas_to_choose(session: Session, floor_id: int, language: str) -> list[Subject]:
    name = Area.name_en if language == "en" else Area.name
    rows: Any = session.execute(select(Area.id, name, Area.code).where(Area.floor_id == floor_id).order_by(Area.code))
    return [Subject(*row) for row in rows]


def series_to_choose(session: Session, person_id: int) -> list[Subject]:
    """The series of somebody that aren't over, by their place."""
    rows: Any = session.execute(
        select(Series.id, Series.purpose, Space.name)
        .join(Space, Space.id == Series.space_id)
        .where(Series.person_id == person_id, Series.ended_at.is_(None))
        .order_by(Series.id.desc())
        .limit(50)
    )
    return [Subject(*row) for row in rows]
