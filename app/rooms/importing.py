"""Places from a file: checked whole, an error per row, written whole or not at all (docs/places.md)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app import journal, sites
from app.db import Base
from app.people.agencies import add_agency, agency_ids
from app.people.units import unit_ids
from app.rooms import house
from app.rooms.models import Allotment, Area, Booking, Building, Closure, Floor, HouseRule, Space
from app.rooms.places_file import (
    AllotmentRow,
    ClosureRow,
    DeskRow,
    FloorRow,
    Places,
    RoomRow,
    RowError,
    RuleRow,
    minute,
    read,
)
from app.rooms.plans import DESK_DEPTH, DESK_WIDTH
from app.sites import Site

Values = dict[str, Any]


class Report(msgspec.Struct, frozen=True):
    """What an import did, or with errors would not do. ``stranded``: bookings to come on spaces that it retires."""

    floors: int
    desks: int
    rooms: int
    retired: int
    stranded: int
    errors: tuple[RowError, ...] = ()


def import_places(
    session: Session,
    document: Any,
    *,
    drawing: Callable[[str], str] | None = None,
    now: datetime,
    dry_run: bool = False,
) -> Report:
    """Add and update places by their codes; with any error, or as a dry run, nothing is written.

    Rules, allotments, closures and days off are replaced where the file has rows of that kind: a file says all of them.
    """
    places, errors = read(document, drawing)
    known = _Known(session)
    errors += known.problems(places)
    leaving = known.leaving(places)
    report = Report(
        len(places.floors),
        sum(len(floor.desks) for floor in places.floors),
        sum(len(floor.rooms) for floor in places.floors),
        len(leaving),
        _stranded(session, leaving, now=now),
        tuple(errors),
    )
    if errors or dry_run:
        return report
    _put_places(session, places, known)
    if leaving:
        session.execute(update(Space), [{"id": space.id, "retired_at": now} for space in leaving])
    _replace_dated_rows(session, places)
    house.changed(session)
    facts = {"floors": report.floors, "desks": report.desks, "rooms": report.rooms, "retired": report.retired}
    journal.record(session, "imported", "places", 0, actor_id=None, at=now, facts=facts)
    return report


# What is there


class _KnownBuilding(msgspec.Struct, frozen=True):
    id: int
    site_id: int


class _KnownSpace(msgspec.Struct, frozen=True):
    id: int
    floor_id: int
    kind: str
    retired: bool


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


class _Known:
    """Everything with a code that is in the database before the import; areas and spaces by floor and code."""

    def __init__(self, session: Session) -> None:
        self.agencies = agency_ids(session)
        self.units = unit_ids(session)
        self.sites = sites.site_ids(session)
        self.buildings = _buildings(session)
        self.floors = _floor_ids(session)
        self.areas = _area_ids(session)
        self.spaces = _spaces(session)

    def leaving(self, places: Places) -> list[_KnownSpace]:
        """Spaces that their floor's newer file no longer has."""
        floors = {floor.code for floor in places.floors}
        staying = _drawn_spaces(places)
        return [
            space
            for (floor, code), space in self.spaces.items()
            if floor in floors and not space.retired and (floor, code) not in staying
        ]

    def problems(self, places: Places) -> list[RowError]:
        """Codes that come twice, and rows that refer to something that is neither known nor in the file."""
        return [
            *_twice("agencies", places.agencies),
            *_twice("sites", places.sites),
            *_twice("buildings", places.buildings),
            *_twice("floors", places.floors),
            *self._missing(places),
            *self._turned(places),
        ]

    def _missing(self, places: Places) -> Iterator[RowError]:
        agencies, sites = _codes(self.agencies, places.agencies), _codes(self.sites, places.sites)
        buildings, floors = _codes(self.buildings, places.buildings), _codes(self.floors, places.floors)
        areas = {*self.areas, *((floor.code, area.code) for floor in places.floors for area in floor.areas)}
        spaces = {*self.spaces, *_drawn_spaces(places)}
        for n, building in enumerate(places.buildings):
            yield from _absent(f"buildings[{n}]", building.site, sites, "site")
        for n, floor in enumerate(places.floors):
            yield from _absent(f"floors[{n}]", floor.building, buildings, "building")
        for n, row in enumerate(places.allotments):
            where = f"allotments[{n}]"
            yield from _absent(where, row.agency, agencies, "agency")
            yield from _absent_on(where, row.floor, row.area, areas, "area")
            if row.unit and (self.agencies.get(row.agency), row.unit) not in self.units:
                yield RowError(where, f"there is no unit {row.unit}")
        for n, rule in enumerate(places.rules):
            yield from _absent(f"rules[{n}]", rule.floor, floors, "floor")
            yield from _absent(f"rules[{n}]", rule.agency, agencies, "agency")
        for n, closure in enumerate(places.closures):
            where = f"closures[{n}]"
            yield from _absent(where, closure.site, sites, "site")
            yield from _absent(where, closure.floor, floors, "floor")
            yield from _absent_on(where, closure.floor, closure.area, areas, "area")
            yield from _absent_on(where, closure.floor, closure.space, spaces, "space")

    def _turned(self, places: Places) -> Iterator[RowError]:
        """Codes of desks that are rooms now, or the other way round: the bookings there hold the space as what it was."""
        for n, floor in enumerate(places.floors):
            kinds: tuple[tuple[str, Sequence[_Coded]], ...] = (("desk", floor.desks), ("room", floor.rooms))
            for kind, rows in kinds:
                for m, row in enumerate(rows):
                    space = self.spaces.get((floor.code, row.code))
                    if space is not None and space.kind != kind:
                        yield RowError(f"floors[{n}].{kind}s[{m}]", f"code {row.code} has been a {space.kind}'s here")


def _drawn_spaces(places: Places) -> set[tuple[str, str]]:
    return {(floor.code, row.code) for floor in places.floors for row in _desks_and_rooms(floor)}


def _desks_and_rooms(floor: FloorRow) -> tuple[DeskRow | RoomRow, ...]:
    return (*floor.desks, *floor.rooms)


def _codes(known: Iterable[str], rows: Iterable[_Coded]) -> set[str]:
    return {*known, *(row.code for row in rows)}


def _twice(kind: str, rows: Iterable[_Coded]) -> Iterator[RowError]:
    seen: set[str] = set()
    for n, row in enumerate(rows):
        if row.code in seen:
            yield RowError(f"{kind}[{n}]", f"code {row.code} is in this file already")
        seen.add(row.code)


def _absent(where: str, code: str | None, known: Container[str], what: str) -> Iterator[RowError]:
    if code is not None and code not in known:
        yield RowError(where, f"there is no {what} {code}")


def _absent_on(
    where: str, floor: str | None, code: str | None, known: Container[tuple[str | None, str]], what: str
) -> Iterator[RowError]:
    if code is not None and (floor, code) not in known:
        yield RowError(where, f"there is no {what} {code} on {floor}")


def _stranded(session: Session, leaving: Sequence[_KnownSpace], *, now: datetime) -> int:
    """How many bookings are to come, or under way, on spaces that leave."""
    if not leaving:
        return 0
    to_come = session.execute(
        select(Booking.space_id, func.count())
        .join(Space, Space.id == Booking.space_id)
        .where(Space.floor_id.in_({space.floor_id for space in leaving}), Booking.active, Booking.ends_at > now)
        .group_by(Booking.space_id)
    )
    ids = {space.id for space in leaving}
    return sum(count for id, count in to_come if id in ids)


def _buildings(session: Session) -> dict[str, _KnownBuilding]:
    rows = session.execute(select(Building.code, Building.id, Building.site_id))
    return {code: _KnownBuilding(id, site_id) for code, id, site_id in rows}


def _floor_ids(session: Session) -> dict[str, int]:
    return {code: id for code, id in session.execute(select(Floor.code, Floor.id))}


def _area_ids(session: Session) -> dict[tuple[str, str], int]:
    rows = session.execute(select(Floor.code, Area.code, Area.id).join(Floor, Floor.id == Area.floor_id))
    return {(floor, code): id for floor, code, id in rows}


def _spaces(session: Session) -> dict[tuple[str, str], _KnownSpace]:
    rows = session.execute(
        select(Floor.code, Space.code, Space.id, Space.floor_id, Space.kind, Space.retired_at).join(
            Floor, Floor.id == Space.floor_id
        )
    )
    return {
        (floor, code): _KnownSpace(id, floor_id, kind, retired_at is not None)
        for floor, code, id, floor_id, kind, retired_at in rows
    }


def _space_ids(session: Session, floors: Iterable[str]) -> dict[tuple[str, str], int]:
    rows = session.execute(
        select(Floor.code, Space.code, Space.id)
        .join(Floor, Floor.id == Space.floor_id)
        .where(Floor.code.in_(set(floors)))
    )
    return {(floor, code): id for floor, code, id in rows}


# Places, from the outside in


def _put_places(session: Session, places: Places, known: _Known) -> None:
    """Each kind in one go, since it needs the ids of the kind around it."""
    for agency in places.agencies:
        add_agency(session, agency.code, agency.name)
    site_rows = [{"code": site.code, "name": site.name, "zone": site.zone} for site in places.sites]
    _put(session, Site, [(known.sites.get(row["code"]), row) for row in site_rows])
    _put_buildings(session, places, known)
    _put_floors(session, places.floors, known)
    floor_ids = _floor_ids(session)
    _put(
        session,
        Area,
        [
            (known.areas.get((floor.code, row["code"])), row)
            for floor in places.floors
            for row in _area_rows(floor, floor_ids[floor.code])
        ],
    )
    area_ids = _area_ids(session)
    space_ids = {key: space.id for key, space in known.spaces.items()}
    _put(
        session,
        Space,
        [
            (space_ids.get((floor.code, row["code"])), row)
            for floor in places.floors
            for row in _space_rows(floor, floor_ids[floor.code], area_ids)
        ],
    )


def _put(session: Session, table: type[Base], rows: Sequence[tuple[int | None, Values]]) -> None:
    """Update the rows that come with the id of one that is there, insert the others."""
    if new := [values for id, values in rows if id is None]:
        session.execute(insert(table), new)
    if old := [{"id": id, **values} for id, values in rows if id is not None]:
        session.execute(update(table), old)


def _put_buildings(session: Session, places: Places, known: _Known) -> None:
    site_ids = sites.site_ids(session)
    rows: list[tuple[int | None, Values]] = []
    for building in places.buildings:
        there, site_id = known.buildings.get(building.code), site_ids[building.site]
        rows.append((there.id if there else None, {"code": building.code, "site_id": site_id, "name": building.name}))
        if there and there.site_id != site_id:
            # floors that are not in this file move with their building
            session.execute(update(Floor).where(Floor.building_id == there.id).values(site_id=site_id))
    _put(session, Building, rows)


def _put_floors(session: Session, floors: Sequence[FloorRow], known: _Known) -> None:
    buildings = _buildings(session)
    rows: list[tuple[int | None, Values]] = []
    for floor in floors:
        building = buildings[floor.building]
        values = {
            "code": floor.code,
            "building_id": building.id,
            "site_id": building.site_id,
            "name": floor.name,
            "level": floor.level,
            "plan": msgspec.to_builtins(floor.plan),
        }
        rows.append((known.floors.get(floor.code), values))
    _put(session, Floor, rows)


def _area_rows(floor: FloorRow, floor_id: int) -> Iterator[Values]:
    for area in floor.areas:
        yield {
            "floor_id": floor_id,
            "code": area.code,
            "name": area.name,
            "name_en": area.name_en or area.name,
            "x": area.x,
            "y": area.y,
            "width": area.width,
            "height": area.height,
        }


def _space_rows(floor: FloorRow, floor_id: int, area_ids: Mapping[tuple[str, str], int]) -> Iterator[Values]:
    for row in _desks_and_rooms(floor):
        yield {
            "floor_id": floor_id,
            "area_id": area_ids[floor.code, row.area] if row.area else None,
            "code": row.code,
            "x": row.x,
            "y": row.y,
            "attributes": " ".join(row.attributes),
            "retired_at": None,
            **(_of_desk(row) if isinstance(row, DeskRow) else _of_room(row)),
        }


def _of_desk(desk: DeskRow) -> Values:
    return {
        "kind": "desk",
        "name": desk.name or desk.code,
        "width": DESK_WIDTH,
        "height": DESK_DEPTH,
        "chair": desk.chair,
        "seats": 1,
        "bookable": True,
        "room_kind": "",
        "setup_minutes": 0,
        "clearing_minutes": 0,
        "needs_approval": False,
    }


def _of_room(room: RoomRow) -> Values:
    return {
        "kind": "room",
        "name": room.name,
        "width": room.width,
        "height": room.height,
        "chair": "north",
        "seats": room.seats,
        "bookable": room.bookable,
        "room_kind": room.kind,
        "setup_minutes": room.setup_minutes,
        "clearing_minutes": room.clearing_minutes,
        "needs_approval": room.needs_approval,
    }


# What holds there, and when


class _Ids(msgspec.Struct, frozen=True):
    """Ids of what dated rows name, once all places are written."""

    agencies: Mapping[str, int]
    units: Mapping[tuple[int, str], int]
    sites: Mapping[str, int]
    floors: Mapping[str, int]
    areas: Mapping[tuple[str, str], int]
    spaces: Mapping[tuple[str, str], int]


def _replace_dated_rows(session: Session, places: Places) -> None:
    ids = _Ids(
        agency_ids(session),
        unit_ids(session),
        sites.site_ids(session),
        _floor_ids(session),
        _area_ids(session),
        _space_ids(session, (closure.floor for closure in places.closures if closure.floor and closure.space)),
    )
    _replace(session, Allotment, [_allotment(row, ids) for row in places.allotments])
    _replace(session, HouseRule, [_rule(row, ids) for row in places.rules])
    _replace(session, Closure, [_closure(row, ids) for row in places.closures])


def _replace(session: Session, table: type[Base], rows: list[Values]) -> None:
    if rows:
        session.execute(delete(table))
        session.execute(insert(table), rows)


def _allotment(row: AllotmentRow, ids: _Ids) -> Values:
    agency_id = ids.agencies[row.agency]
    return {
        "area_id": ids.areas[row.floor, row.area],
        "agency_id": agency_id,
        "unit_id": ids.units[agency_id, row.unit] if row.unit else None,
        "from_on": row.from_,
        "until_on": row.until,
    }


_PLAIN_SETTINGS = (
    "horizon_days",
    "longest_minutes",
    "open_weekdays",
    "check_in_from_minutes",
    "release_after_minutes",
)
_HOURS = ("opens", "closes", "day_starts", "break_starts", "break_ends", "day_ends")


def _rule(row: RuleRow, ids: _Ids) -> Values:
    return {
        "floor_id": ids.floors[row.floor] if row.floor else None,
        "agency_id": ids.agencies[row.agency] if row.agency else None,
        "weekday": row.weekday,
        "from_on": row.from_,
        "until_on": row.until,
        "basis": row.basis,
        **{name: getattr(row, name) for name in _PLAIN_SETTINGS},
        **{name: minute(getattr(row, name)) for name in _HOURS},
    }


def _closure(row: ClosureRow, ids: _Ids) -> Values:
    """The narrowest place that the row names."""
    floor = row.floor or ""
    return {
        "site_id": ids.sites[row.site] if row.site else None,
        "floor_id": ids.floors[floor] if floor and not (row.area or row.space) else None,
        "area_id": ids.areas[floor, row.area] if row.area else None,
        "space_id": ids.spaces[floor, row.space] if row.space else None,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "reason": row.reason,
    }
