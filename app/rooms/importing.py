"""Places from a file: checked whole, an error per row, written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app import journal
from app.people import service as people
from app.rooms import house
from app.rooms.models import Allotment, Area, Booking, Building, Closure, DayOff, Floor, HouseRule, Space
from app.rooms.places_file import FloorRow, Places, RowError, minute, read
from app.rooms.plans import DESK_DEPTH, DESK_WIDTH
from app.sites import Site


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
    known = _Known(session, places)
    errors += known.missing(places)
    retired, stranded = _leaving(session, places, known, now=now)
    report = Report(
        len(places.floors),
        sum(len(floor.desks) for floor in places.floors),
        sum(len(floor.rooms) for floor in places.floors),
        len(retired),
        stranded,
        tuple(errors),
    )
    if errors or dry_run:
        return report
    for agency in places.agencies:
        people.add_agency(session, agency.code, agency.name)
    for site in places.sites:
        _put(session, Site, {"code": site.code}, name=site.name, zone=site.zone)
    known.agencies, known.sites = people.agency_ids(session), _ids(session, Site)
    for building in places.buildings:
        _put(session, Building, {"code": building.code}, site_id=known.sites[building.site], name=building.name)
    known.buildings = {
        code: (id, site) for code, id, site in session.execute(select(Building.code, Building.id, Building.site_id))
    }
    if retired:
        session.execute(update(Space).where(Space.id.in_(retired)).values(retired_at=now))
    for floor in places.floors:
        _put_floor(session, floor, known)
    _dated_rows(session, places)
    house.changed(session)
    facts = {"floors": report.floors, "desks": report.desks, "rooms": report.rooms, "retired": report.retired}
    journal.record(session, "imported", "places", 0, actor_id=None, at=now, facts=facts)
    return report


class _Known:
    """Codes that are in the database or in the file."""

    def __init__(self, session: Session, places: Places) -> None:
        self.agencies = people.agency_ids(session)
        self.sites = _ids(session, Site)
        self.units = people.unit_ids(session)
        buildings = session.execute(select(Building.code, Building.id, Building.site_id))
        self.buildings: dict[str, tuple[int, int]] = {code: (id, site) for code, id, site in buildings}
        self.floors = _ids(session, Floor)
        self.areas: set[tuple[str, str]] = {
            (floor, area)
            for floor, area in session.execute(select(Floor.code, Area.code).join(Floor, Floor.id == Area.floor_id))
        }
        self.spaces: set[tuple[str, str]] = {
            (floor, space)
            for floor, space in session.execute(select(Floor.code, Space.code).join(Floor, Floor.id == Space.floor_id))
        }
        self.areas |= {(floor.code, area.code) for floor in places.floors for area in floor.areas}
        self.spaces |= {(floor.code, row.code) for floor in places.floors for row in (*floor.desks, *floor.rooms)}

    def missing(self, places: Places) -> list[RowError]:
        """Rows that refer to something that is neither known nor in the file."""
        agencies = set(self.agencies) | {row.code for row in places.agencies}
        sites = set(self.sites) | {row.code for row in places.sites}
        buildings = set(self.buildings) | {row.code for row in places.buildings}
        floors = set(self.floors) | {row.code for row in places.floors}
        units = {(code, path) for code, id in self.agencies.items() for agency, path in self.units if agency == id}
        found: list[RowError] = []

        def look(where: str, code: str | None, known: Iterable[object], what: str) -> None:
            if code is not None and code not in known:
                found.append(RowError(where, f"there is no {what} {code}"))

        for n, building in enumerate(places.buildings):
            look(f"buildings[{n}]", building.site, sites, "site")
        for n, floor in enumerate(places.floors):
            look(f"floors[{n}]", floor.building, buildings, "building")
        for n, allotment in enumerate(places.allotments):
            look(f"allotments[{n}]", allotment.agency, agencies, "agency")
            if (allotment.floor, allotment.area) not in self.areas:
                found.append(RowError(f"allotments[{n}]", f"there is no area {allotment.area} on {allotment.floor}"))
            if allotment.unit and (allotment.agency, allotment.unit) not in units:
                found.append(RowError(f"allotments[{n}]", f"there is no unit {allotment.unit}"))
        for n, rule in enumerate(places.rules):
            look(f"rules[{n}]", rule.floor, floors, "floor")
            look(f"rules[{n}]", rule.agency, agencies, "agency")
        for n, closure in enumerate(places.closures):
            look(f"closures[{n}]", closure.site, sites, "site")
            look(f"closures[{n}]", closure.floor, floors, "floor")
            if closure.area and (closure.floor, closure.area) not in self.areas:
                found.append(RowError(f"closures[{n}]", f"there is no area {closure.area} on {closure.floor}"))
            if closure.space and (closure.floor, closure.space) not in self.spaces:
                found.append(RowError(f"closures[{n}]", f"there is no space {closure.space} on {closure.floor}"))
        for n, day in enumerate(places.days_off):
            look(f"days_off[{n}]", day.site, sites, "site")
        return found


def _ids(session: Session, table: type[Site] | type[Floor]) -> dict[str, int]:
    return {code: id for code, id in session.execute(select(table.code, table.id))}


def _leaving(session: Session, places: Places, known: _Known, *, now: datetime) -> tuple[list[int], int]:
    """Ids of spaces that their floor's newer file no longer has, and how many bookings are to come on them."""
    leaving: list[int] = []
    for floor in places.floors:
        if floor.code in known.floors:
            staying = {row.code for row in (*floor.desks, *floor.rooms)}
            there = select(Space.id, Space.code).where(
                Space.floor_id == known.floors[floor.code], Space.retired_at.is_(None)
            )
            leaving += [id for id, code in session.execute(there) if code not in staying]
    to_come = select(func.count()).where(Booking.space_id.in_(leaving), Booking.active, Booking.ends_at > now)
    return leaving, (session.scalar(to_come) or 0) if leaving else 0


def _put(session: Session, table: type[Any], key: Mapping[str, Any], **values: Any) -> int:
    """The id of the row with this key, added or updated."""
    row = session.scalar(select(table).filter_by(**key))
    if row is None:
        row = table(**key)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return int(row.id)


def _put_floor(session: Session, floor: FloorRow, known: _Known) -> None:
    building_id, site_id = known.buildings[floor.building]
    floor_id = _put(
        session,
        Floor,
        {"code": floor.code},
        building_id=building_id,
        site_id=site_id,
        name=floor.name,
        level=floor.level,
        plan=msgspec.to_builtins(floor.plan),
    )
    areas = {
        area.code: _put(
            session,
            Area,
            {"floor_id": floor_id, "code": area.code},
            name=area.name,
            name_en=area.name_en or area.name,
            x=area.x,
            y=area.y,
            width=area.width,
            height=area.height,
        )
        for area in floor.areas
    }
    there = {code: id for code, id in session.execute(select(Space.code, Space.id).where(Space.floor_id == floor_id))}
    rows = [
        {
            "kind": "desk",
            "code": desk.code,
            "name": desk.name or desk.code,
            "width": DESK_WIDTH,
            "height": DESK_DEPTH,
            "chair": desk.chair,
            "seats": 1,
            "bookable": True,
            **_shared(desk, areas, floor_id),
        }
        for desk in floor.desks
    ] + [
        {
            "kind": "room",
            "code": room.code,
            "name": room.name,
            "width": room.width,
            "height": room.height,
            "chair": "north",
            "seats": room.seats,
            "bookable": room.bookable,
            **_shared(room, areas, floor_id),
        }
        for room in floor.rooms
    ]
    if new := [row for row in rows if row["code"] not in there]:
        session.execute(insert(Space), new)
    if old := [row | {"id": there[str(row["code"])], "retired_at": None} for row in rows if row["code"] in there]:
        session.execute(update(Space), old)


def _shared(row: Any, areas: Mapping[str, int], floor_id: int) -> dict[str, Any]:
    area_id = areas[row.area] if row.area else None
    return {"floor_id": floor_id, "area_id": area_id, "x": row.x, "y": row.y, "attributes": " ".join(row.attributes)}


def _dated_rows(session: Session, places: Places) -> None:
    agencies, units, floors, sites = (
        people.agency_ids(session),
        people.unit_ids(session),
        _ids(session, Floor),
        _ids(session, Site),
    )
    areas = {(floor, code): id for floor, code, id in session.execute(select(Area.floor_id, Area.code, Area.id))}
    if places.allotments:
        session.execute(delete(Allotment))
        session.execute(
            insert(Allotment),
            [
                {
                    "area_id": areas[floors[row.floor], row.area],
                    "agency_id": agencies[row.agency],
                    "unit_id": units[agencies[row.agency], row.unit] if row.unit else None,
                    "from_on": row.from_,
                    "until_on": row.until,
                }
                for row in places.allotments
            ],
        )
    if places.rules:
        session.execute(delete(HouseRule))
        session.add_all(
            HouseRule(
                floor_id=floors[rule.floor] if rule.floor else None,
                agency_id=agencies[rule.agency] if rule.agency else None,
                weekday=rule.weekday,
                from_on=rule.from_,
                until_on=rule.until,
                basis=rule.basis,
                horizon_days=rule.horizon_days,
                longest_minutes=rule.longest_minutes,
                open_weekdays=rule.open_weekdays,
                check_in_from_minutes=rule.check_in_from_minutes,
                release_after_minutes=rule.release_after_minutes,
                **{name: minute(getattr(rule, name)) for name in _HOURS},
            )
            for rule in places.rules
        )
    if places.closures:
        session.execute(delete(Closure))
        session.add_all(
            Closure(
                site_id=sites[row.site] if row.site else None,
                floor_id=floors[row.floor] if row.floor and not (row.area or row.space) else None,
                area_id=areas[floors[row.floor], row.area] if row.floor and row.area else None,
                space_id=_space_id(session, floors[row.floor], row.space) if row.floor and row.space else None,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                reason=row.reason,
            )
            for row in places.closures
        )
    if places.days_off:
        session.execute(delete(DayOff))
        session.add_all(
            DayOff(
                site_id=sites[row.site] if row.site else None,
                on=row.on,
                name=row.name,
                name_en=row.name_en or row.name,
                basis=row.basis,
            )
            for row in places.days_off
        )
    session.flush()


_HOURS = ("opens", "closes", "day_starts", "break_starts", "break_ends", "day_ends")


def _space_id(session: Session, floor_id: int, code: str) -> int:
    return session.scalars(select(Space.id).where(Space.floor_id == floor_id, Space.code == code)).one()
