"""The JSON API of places and bookings."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter

from app import sites
from app.errors import Invalid
from app.etags import IfMatch, tagged, version_of
from app.ids import number
from app.listings import Listing
from app.paths import PathId
from app.people.visit import Visit
from app.problems import refusals
from app.rooms import availability, bookings, places, service
from app.rooms.availability import SpaceOut
from app.rooms.bookings import BookingChange, BookingOut, NewBooking
from app.rooms.places import FloorOut, FloorPlan
from app.sites import SiteOut
from app.spans import Span, check_years

Starts = Annotated[datetime, QueryParameter(description="Start of the span, with offset")]
Ends = Annotated[datetime, QueryParameter(description="End of the span, not included, with offset")]


class PlacesController(Controller):
    """Sites, floors, and what is free there."""

    path = "/api"
    tags = ["places"]  # noqa: RUF012

    @get("/sites", responses=refusals())
    async def sites(self, visit: NamedDependency[Visit]) -> Listing[SiteOut]:
        """All sites with their zones."""
        return Listing(await visit.read(lambda session, _: sites.sites(session)))

    @get("/sites/{site_id:int}/floors", responses=refusals(404))
    async def floors(self, site_id: PathId, visit: NamedDependency[Visit]) -> Listing[FloorOut]:
        """Floors of a site by building and level."""
        return Listing(await visit.read(lambda session, _: places.floors(session, site_id)))

    @get("/floors/{floor_id:int}", responses=refusals(404))
    async def floor(self, floor_id: PathId, visit: NamedDependency[Visit]) -> FloorPlan:
        """A floor: geometry, desks, rooms."""
        return await visit.read(lambda session, _: places.floor_plan(session, floor_id, visit.language))

    @get("/floors/{floor_id:int}/availability", responses=refusals(404))
    async def floor_availability(
        self, floor_id: PathId, starts_at: Starts, ends_at: Ends, visit: NamedDependency[Visit]
    ) -> Listing[SpaceOut]:
        """Every desk and room of a floor: free over the span for who asks, or why not."""
        return Listing(await visit.glance(availability.of_floor, floor_id, _span(starts_at, ends_at), now=visit.now))

    @get("/sites/{site_id:int}/availability", responses=refusals(404))
    async def site_availability(
        self,
        site_id: PathId,
        kind: FromQuery[Literal["desk", "room"]],
        starts_at: Starts,
        ends_at: Ends,
        visit: NamedDependency[Visit],
        cursor: Annotated[str | None, QueryParameter(max_length=40)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=5000)] = 5000,
    ) -> Listing[SpaceOut]:
        """Every desk or every room of a site: free over the span for who asks, or why not."""
        after = _number(cursor)
        span = _span(starts_at, ends_at)
        found = await visit.glance(availability.of_site, site_id, kind, span, after=after, limit=limit, now=visit.now)
        return Listing(found, str(found[-1].id) if len(found) == limit else None)


class BookingsController(Controller):
    """Booking, changing, checking in, giving back."""

    path = "/api/bookings"
    tags = ["bookings"]  # noqa: RUF012

    @post(responses=refusals(403, 404, 409, 422))
    async def create(self, data: JSONBody[NewBooking], visit: NamedDependency[Visit]) -> Response[BookingOut]:
        """Book a desk or a room."""
        booking = await visit.write(service.book, data, now=visit.now)
        return tagged(booking, location=f"/api/bookings/{booking.id}")

    @get(responses=refusals(403, 404))
    async def own(
        self,
        visit: NamedDependency[Visit],
        from_: Annotated[
            datetime | None, QueryParameter(name="from", description="With offset; a day ago if absent")
        ] = None,
        to: Annotated[
            datetime | None, QueryParameter(description="With offset; 60 days after `from` if absent")
        ] = None,
        person_id: Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1)] = None,
        cursor: Annotated[str | None, QueryParameter(max_length=80)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 200,
    ) -> Listing[BookingOut]:
        """One's own bookings, or those of somebody one may act for, that touch the time between ``from`` and ``to``."""
        starts = from_ or visit.now - timedelta(days=1)
        within = _span(starts, to or _later(starts, days=60))
        found = await visit.read(service.bookings_of, person_id, within, after=_after(cursor), limit=limit)
        return Listing(found, _cursor(found[-1]) if len(found) == limit else None)

    @get("/{booking_id:int}", responses=refusals(403, 404))
    async def one(self, booking_id: PathId, visit: NamedDependency[Visit]) -> Response[BookingOut]:
        """One booking; its version is the ETag."""
        return tagged(await visit.read(service.booking_for, booking_id))

    @patch("/{booking_id:int}", responses=refusals(403, 404, 409, 412))
    async def change(
        self,
        booking_id: PathId,
        data: JSONBody[BookingChange],
        visit: NamedDependency[Visit],
        if_match: IfMatch = None,
    ) -> Response[BookingOut]:
        """Move or reword a booking, or take up a cancelled one again with ``{"state": "booked"}``."""
        version = version_of(if_match)
        return tagged(await visit.write(service.change, booking_id, data, version=version, now=visit.now))

    @delete("/{booking_id:int}", status_code=200, responses=refusals(403, 404, 409, 412))
    async def cancel(
        self, booking_id: PathId, visit: NamedDependency[Visit], if_match: IfMatch = None
    ) -> Response[BookingOut]:
        """Give a booking back; its history stays."""
        version = version_of(if_match)
        return tagged(await visit.write(service.cancel, booking_id, version=version, now=visit.now))

    @put("/{booking_id:int}/check-in", responses=refusals(403, 404, 409, 412))
    async def check_in(
        self, booking_id: PathId, visit: NamedDependency[Visit], if_match: IfMatch = None
    ) -> Response[BookingOut]:
        """Say that one is there."""
        version = version_of(if_match)
        return tagged(await visit.write(service.check_in, booking_id, version=version, now=visit.now))

    @delete("/{booking_id:int}/check-in", status_code=200, responses=refusals(403, 404, 409, 412))
    async def check_out(
        self, booking_id: PathId, visit: NamedDependency[Visit], if_match: IfMatch = None
    ) -> Response[BookingOut]:
        """Say that one has left; the rest of the span is free at once."""
        version = version_of(if_match)
        return tagged(await visit.write(service.check_out, booking_id, version=version, now=visit.now))


def _span(starts_at: datetime, ends_at: datetime) -> Span:
    """Raises Invalid for instants without an offset, out of range, or in the wrong order."""
    try:
        check_years(starts_at, ends_at)
        return bookings.span_of(starts_at, ends_at)
    except ValueError as error:
        raise Invalid(problem="starts_at, ends_at") from error


def _later(instant: datetime, *, days: int) -> datetime:
    try:
        return instant + timedelta(days=days)
    except OverflowError as error:
        raise Invalid(problem="from") from error


def _number(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if (after := number(cursor)) is None:
        raise Invalid(problem="cursor")
    return after


def _cursor(last: BookingOut) -> str:
    return base64.urlsafe_b64encode(f"{int(last.starts_at.timestamp())}.{last.id}".encode()).decode().rstrip("=")


def _after(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    try:
        second, _, id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(".")
        return datetime.fromtimestamp(int(second), UTC), min(int(id), 2**31 - 1)
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid(problem="cursor") from error
