"""The JSON API of working time: what each local date of a site is to the one who asks."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.paths import PathId
from app.people.visit import Visit
from app.problems import refusals
from app.scheduling import working_days
from app.scheduling.working_days import WorkingTime


class WorkingTimeController(Controller):
    path = "/api/sites"
    tags = ["working time"]  # noqa: RUF012

    @get("/{site_id:int}/working-time", responses=refusals(404))
    async def days(
        self,
        site_id: PathId,
        visit: NamedDependency[Visit],
        from_on: Annotated[date, QueryParameter(name="from", description="First local date")],
        until_on: Annotated[date, QueryParameter(name="to", description="Last local date, at most 400 days on")],
    ) -> WorkingTime:
        """Hours, breaks and minutes owed on each date, both ends included, as they hold for the asker at that site."""
        return await visit.read(working_days.working_time, site_id, from_on, until_on)
