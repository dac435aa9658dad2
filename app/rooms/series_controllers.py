"""The JSON API of series of bookings."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from app.etags import IfMatch, tagged, version_of
from app.listings import Listing
from app.paths import PathId
from app.people.visit import Visit
from app.problems import refusals
from app.rooms import series, series_changes, series_reading
from app.rooms.series_shapes import NewSeries, SeriesChange, SeriesLine, SeriesOut


class SeriesController(Controller):
    path = "/api/booking-series"
    tags = ["bookings"]  # noqa: RUF012

    @post(responses=refusals(403, 404, 409, 422))
    async def create(self, data: JSONBody[NewSeries], visit: NamedDependency[Visit]) -> Response[SeriesOut]:
        """Book a desk or a room on every date of an RFC 5545 rule, all or none; `conflicts` of a refusal names each date that
        can't be had, with ways out to send as `fixes`. `"skip_conflicts": true` leaves those dates out."""
        made = await visit.write(series.book_series, data, now=visit.now)
        return tagged(made, location=_address(made))

    @get(responses=refusals())
    async def own(self, visit: NamedDependency[Visit]) -> Listing[SeriesLine]:
        """Your own series of which something is to come, the soonest first."""
        return Listing(await visit.read(series_reading.series_of, now=visit.now))

    @get("/{series_id:int}", responses=refusals(403, 404))
    async def one(self, series_id: PathId, visit: NamedDependency[Visit]) -> Response[SeriesOut]:
        """A series with all its dates; its version is the ETag."""
        return tagged(await visit.read(series.series_for, series_id))

    @patch("/{series_id:int}", responses=refusals(403, 404, 409, 412))
    async def change(
        self,
        series_id: PathId,
        data: JSONBody[SeriesChange],
        visit: NamedDependency[Visit],
        if_match: IfMatch = None,
    ) -> Response[SeriesOut]:
        """Change one date, those from a date on, or all to come. Those from a date on become a series of their own, which is
        the answer."""
        version = version_of(if_match)
        changed = await visit.write(series_changes.change_series, series_id, data, version=version, now=visit.now)
        return tagged(changed, location=_address(changed) if changed.id != series_id else None)

    @delete("/{series_id:int}", status_code=200, responses=refusals(403, 404, 412))
    async def cancel(
        self,
        series_id: PathId,
        visit: NamedDependency[Visit],
        from_on: Annotated[
            date | None, QueryParameter(name="from", description="First local date to give back")
        ] = None,
        until_on: Annotated[
            date | None, QueryParameter(name="until", description="Last local date to give back")
        ] = None,
        if_match: IfMatch = None,
    ) -> Response[SeriesOut]:
        """Give back what lies on some dates, or all that is to come."""
        version = version_of(if_match)
        return tagged(
            await visit.write(
                series.cancel_range, series_id, from_on=from_on, until_on=until_on, version=version, now=visit.now
            )
        )


def _address(found: SeriesOut) -> str:
    return f"/api/booking-series/{found.id}"
