"""Sites, floors and spaces as programs and pages read them; and the one way to get a space to book."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BindParameter, ColumnElement, bindparam, case, func, select
from sqlalchemy.orm import Session, aliased

from app import shapes
from app.db.hot import Hot
from app.errors import NotFound
from app.people.access import Actor
from app.rooms import house
from app.rooms.models import PLACE, Area, Building, Floor, Space
from app.rooms.plans import AreaShape, Plan, RoomShape
from app.rooms.rules import House, Place, Spot
from app.sites import Site, site


class FloorOut(msgspec.Struct, frozen=True):
    id: int
    name: str
    building: str
    building_id: int
    code: str
    level: int
    desks: int


class SpaceShape(msgspec.Struct, frozen=True):
    """A desk or room as drawn, in the plan's units."""

    id: int
    name: str
    code: str
    kind: str
    area: str | None
    x: float
    y: float
    width: float
    height: float
    chair: str
    seats: int
    attributes: list[str]
    bookable: bool


class FloorPlan(msgspec.Struct, frozen=True):
    """A floor with everything that stands on it; ``desks`` and ``rooms`` are its spaces by kind."""

    id: int
    name: str
    building: str
    code: str
    level: int
    site_id: int
    zone: str
    plan: Plan
    areas: list[AreaShape]
    desks: list[SpaceShape]
    rooms: list[SpaceShape]


class Wanted(msgspec.Struct, frozen=True):
    """A space about to be booked: what the rules see, where it stands, and the rules themselves."""

    place: Place
    spot: Spot
    building_id: int
    house: House


_SPACE = (
    select(
        *PLACE,
        Space.retired_at,
        Space.x,
        Space.y,
        Floor.building_id,
        house.VERSION,
    )
    .join(Floor, Floor.id == Space.floor_id)
    .join(Site, Site.id == Floor.site_id)
    .where(Space.id == bindparam("space"))
)
_HOT = Hot[Any](_SPACE)
_HOT_LOCKED = Hot[Any](_SPACE.with_for_update(of=Space, key_share=True))
_HOT_AT_ONCE = Hot[Any](_SPACE.with_for_update(of=Space, key_share=True, skip_locked=True))


def space_for(session: Session, actor: Actor | None, space_id: int, *, lock: bool = False) -> Wanted:
    """The space with the rules that hold for it; locked, it is the actor's until the transaction ends. Without an actor
    the service itself asks.

    Whoever writes bookings locks their spaces in the order of ids. Every signed-in person may know every space: offices
    are shared. Raises NotFound.
    """
    row = (_HOT_LOCKED if lock else _HOT).first(session, {"space": space_id})
    if row is None:
        raise NotFound(space_id=space_id)
    return _wanted(session, row)


def space_at_once(session: Session, space_id: int) -> Wanted | None:
    """The space locked without waiting; None while somebody else holds it, and for one that there isn't."""
    row = _HOT_AT_ONCE.first(session, {"space": space_id})
    return None if row is None else _wanted(session, row)


def _wanted(session: Session, row: Any) -> Wanted:
    place = Place(*row[:10])
    if row[10] is not None:
        place = msgspec.structs.replace(place, offered=False)
    return Wanted(place, Spot(row[0], row[3], row[11], row[12], row[4]), row[13], house.of_version(session, row[14]))


class BuildingOut(msgspec.Struct, frozen=True):
    id: int
    name: str
    first_floor: int


_BUILDINGS = Hot[Any](
    select(Building.id, Building.name, Floor.id)
    .join(Floor, Floor.building_id == Building.id)
    .where(Building.site_id == bindparam("site"))
    .order_by(Building.id, Floor.level, Floor.id)
)


def buildings(session: Session, site_id: int) -> list[BuildingOut]:
    """Buildings of a site that have floors, each with its lowest."""
    first: dict[int, BuildingOut] = {}
    for id, name, floor_id in _BUILDINGS.rows(session, {"site": site_id}):
        first.setdefault(id, BuildingOut(id, name, floor_id))
    return list(first.values())


def floors(session: Session, site_id: int) -> list[FloorOut]:
    """Floors of a site, by building and level. Raises NotFound if there is no such site."""
    site(session, site_id)
    desks = (
        select(func.count())
        .where(Space.floor_id == Floor.id, Space.kind == "desk", Space.retired_at.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(Floor.id, Floor.name, Building.name, Building.id, Floor.code, Floor.level, desks)
        .join(Building, Building.id == Floor.building_id)
        .where(Floor.site_id == site_id)
        .order_by(Building.id, Floor.level, Floor.id)
    )
    return [FloorOut(*row) for row in rows]


_SHAPES = Hot[Any](
    select(
        Space.id,
        Space.name,
        Space.code,
        Space.kind,
        Area.code,
        Space.x,
        Space.y,
        Space.width,
        Space.height,
        Space.chair,
        Space.seats,
        Space.attributes,
        Space.bookable,
    )
    .join(Area, Area.id == Space.area_id, isouter=True)
    .where(Space.floor_id == bindparam("floor"), Space.retired_at.is_(None))
    .order_by(Space.id)
)


def floor_plan(session: Session, floor_id: int, language: str = "id") -> FloorPlan:
    """A floor with its geometry, desks and rooms. Raises NotFound."""
    row = session.execute(
        select(Floor, Building.name, Site.zone)
        .join(Building, Building.id == Floor.building_id)
        .join(Site, Site.id == Floor.site_id)
        .where(Floor.id == floor_id)
    ).first()
    if row is None:
        raise NotFound(floor_id=floor_id)
    floor, building, zone = row
    spaces = [_shape(row) for row in _SHAPES.rows(session, {"floor": floor_id})]
    name = Area.name_en if language == "en" else Area.name
    areas = session.execute(
        select(Area.code, name, Area.x, Area.y, Area.width, Area.height)
        .where(Area.floor_id == floor_id)
        .order_by(Area.code)
    )
    return FloorPlan(
        floor.id,
        floor.name,
        building,
        floor.code,
        floor.level,
        floor.site_id,
        zone,
        shapes.convert(floor.plan, Plan),
        [AreaShape(*area) for area in areas],
        [shape for shape in spaces if shape.kind == "desk"],
        [shape for shape in spaces if shape.kind == "room"],
    )


def _shape(row: Any) -> SpaceShape:
    facts = (*row[:11], row[11].split(), row[12])
    return SpaceShape(*facts)


def drawn(floor: FloorPlan) -> Plan:
    """The plan with its rooms and areas filled in, as a page draws it."""
    rooms = tuple(
        RoomShape(room.name, room.x, room.y, room.width, room.height, room.seats if room.bookable else 0)
        for room in floor.rooms
    )
    return msgspec.structs.replace(floor.plan, rooms=rooms, areas=tuple(floor.areas))


def first_floor(session: Session, site_id: int) -> int | None:
    return session.scalar(
        select(Floor.id).where(Floor.site_id == site_id).order_by(Floor.building_id, Floor.level).limit(1)
    )


class FloorSite(msgspec.Struct, frozen=True):
    """Where a floor stands, with the rules that hold there."""

    floor_id: int
    building_id: int
    site_id: int
    zone: str
    house: House


_FLOOR_SITE = Hot[Any](
    select(Floor.id, Floor.building_id, Floor.site_id, Site.zone, house.VERSION)
    .join(Site, Site.id == Floor.site_id)
    .where(Floor.id == bindparam("floor"))
)


def floor_site(session: Session, floor_id: int) -> FloorSite:
    """Raises NotFound."""
    row = _FLOOR_SITE.first(session, {"floor": floor_id})
    if row is None:
        raise NotFound(floor_id=floor_id)
    return FloorSite(row[0], row[1], row[2], row[3], house.of_version(session, row[4]))


def fewer_seats(wanted: int | BindParameter[int]) -> ColumnElement[bool]:
    """Whether a space holds fewer people than the one of this id, as a part of a statement."""
    other = aliased(Space)
    return Space.seats < select(other.seats).where(other.id == wanted).scalar_subquery()


def by_size(fewer: ColumnElement[bool]) -> tuple[ColumnElement[Any], ...]:
    """An order: what holds fewer people after all else, the largest of it first."""
    return fewer, case((fewer, -Space.seats), else_=0)
