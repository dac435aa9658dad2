"""The JSON API of rooms: a site's rooms on a day, and the room keeper's word on a booking."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, Response, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from app.etags import IfMatch, tagged, version_of
from app.listings import Listing
from app.paths import PathId
from app.people.visit import Visit
from app.problems import refusals
from app.rooms import approval, room_list
from app.rooms.approval import Decision
from app.rooms.bookings import BookingOut
from app.rooms.places_file import RoomAttribute, RoomKind
from app.rooms.room_list import RoomFilter
from app.rooms.room_shapes import RoomOut, shaped


class SiteRoomsController(Controller):
    path = "/api/sites/{site_id:int}/rooms"
    tags = ["places"]  # noqa: RUF012

    @get(responses=refusals(404))
    async def rooms(
        self,
        site_id: PathId,
        visit: NamedDependency[Visit],
        on: Annotated[date | None, QueryParameter(description="Local date of the site; today if absent")] = None,
        seats: Annotated[int, QueryParameter(ge=0, le=5000, description="At least so many")] = 0,
        attributes: Annotated[
            list[RoomAttribute] | None, QueryParameter(description="All of these; the parameter may be repeated")
        ] = None,
        kind: Annotated[RoomKind | None, QueryParameter(description="Of this kind only")] = None,
        building_id: Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1)] = None,
    ) -> Listing[RoomOut]:
        """The rooms of a site on a day: their bookings, and what of the day the asker could still book."""
        wanted = RoomFilter(seats, frozenset(attributes or ()), kind or "", building_id)
        found = await visit.read(room_list.of_site, site_id, on, wanted, now=visit.now)
        return Listing([shaped(day) for day in found])


class BookingApprovalController(Controller):
    path = "/api/bookings/{booking_id:int}/approval"
    tags = ["bookings"]  # noqa: RUF012

    @put(responses=refusals(403, 404, 409, 412))
    async def decide(
        self,
        booking_id: PathId,
        data: JSONBody[Decision],
        visit: NamedDependency[Visit],
        if_match: IfMatch = None,
    ) -> Response[BookingOut]:
        """Approve a booking of a room that one keeps, or refuse it with a reason, which frees the room."""
        version = version_of(if_match)
        booking = await visit.write(approval.decide, booking_id, data, version=version, now=visit.now)
        return tagged(booking)
