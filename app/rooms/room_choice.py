"""Which rooms, day and time the page of rooms shows: as its address says, else where the reader works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import urlencode

import msgspec
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.ids import day, minute, number
from app.people.access import Actor
from app.rooms import places
from app.rooms.floor_choice import FloorQuery, chosen_floor
from app.rooms.room_list import RoomFilter
from app.rooms.wording import ROOM_KINDS

FILTERS = ("screen", "video", "accessible")
"""attributes that the page filters by"""
SEATS = (0, 4, 8, 12, 20, 40)
ALL = 0
"""instead of a building's id: the whole site"""


class RoomsQuery(msgspec.Struct, frozen=True):
    """What the address asks for; anything unreadable in it counts as not asked. Times are minutes since local midnight."""

    site: int | None = None
    building: int | None = None
    on: date | None = None
    seats: int = 0
    attributes: tuple[str, ...] = ()
    kind: str = ""
    part: int = 1
    """of the list of rooms, which comes in parts"""
    space: int | None = None
    starts: int | None = None
    ends: int | None = None
    booking: int | None = None

    @property
    def wanted(self) -> RoomFilter:
        return RoomFilter(self.seats, frozenset(self.attributes), self.kind, self.building or None)


def read_query(fields: Mapping[str, str]) -> RoomsQuery:
    """The query of an address or a form."""
    seats = number(fields.get("seats")) or 0
    kind = fields.get("kind", "")
    building = fields.get("building")
    return RoomsQuery(
        number(fields.get("site")) or None,
        number(building) if building else None,
        day(fields.get("on")),
        min(seats, 5000),
        tuple(name for name in FILTERS if fields.get(name) == "1"),
        kind if kind in ROOM_KINDS else "",
        min(max(number(fields.get("part")) or 1, 1), 99),
        number(fields.get("space")) or None,
        minute(fields.get("from")),
        minute(fields.get("until")),
        number(fields.get("booking")) or None,
    )


def fields_of(query: RoomsQuery) -> dict[str, str]:
    """The fields that ``read_query`` reads back, without the chosen room."""
    fields: dict[str, str | int] = {
        "site": query.site or "",
        "building": "" if query.building is None else query.building,
        "on": query.on.isoformat() if query.on else "",
        "seats": query.seats or "",
        "kind": query.kind,
        **dict.fromkeys(query.attributes, 1),
        "part": query.part if query.part > 1 else "",
    }
    return {name: str(value) for name, value in fields.items() if value != ""}


def address(fields: Mapping[str, str | int | None], room: int | None = None) -> str:
    """The page's address; ``room`` is the row that the browser shows."""
    given = urlencode({name: value for name, value in fields.items() if value not in (None, "")})
    return f"/ruang?{given}{f'#r-{room}' if room else ''}"


def settled(session: Session, actor: Actor, query: RoomsQuery, *, now: datetime) -> RoomsQuery:
    """The query with a site and a building: those asked for; else of the chosen room; else of the floor where the reader or
    their team sits, as the floor plan opens on it. Raises NotFound."""
    if query.space is not None and (query.site is None or query.building is None):
        space = places.space_for(session, actor, query.space)
        site = query.site or space.place.site_id
        here = space.building_id if site == space.place.site_id else ALL
        return msgspec.structs.replace(query, site=site, building=here if query.building is None else query.building)
    if query.site is not None and query.building is not None:
        return query
    try:
        floor = places.floor_site(session, chosen_floor(session, actor, FloorQuery(), now=now))
    except NotFound:
        return msgspec.structs.replace(query, site=query.site or actor.site_id, building=ALL)
    site = query.site or floor.site_id
    if query.building is None:
        first = next((one.id for one in places.buildings(session, site)), ALL)
        building = floor.building_id if site == floor.site_id else first
        query = msgspec.structs.replace(query, building=building)
    return msgspec.structs.replace(query, site=site)
