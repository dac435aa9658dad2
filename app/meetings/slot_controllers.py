"""The JSON API of the slot finder."""

from __future__ import annotations

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.listings import Listing
from app.meetings import finding
from app.meetings.slot_shapes import SlotOut, SlotsWanted
from app.people.visit import Visit
from app.problems import refusals


class SlotsController(Controller):
    """Finding a common time."""

    path = "/api/meetings/slots"
    tags = ["meetings"]  # noqa: RUF012

    @post(status_code=200, responses=refusals(403, 404, 409, 422))
    async def find(self, data: JSONBody[SlotsWanted], visit: NamedDependency[Visit]) -> Listing[SlotOut]:
        """The times that suit a meeting best, with a room at each site, who can't attend and why, and what the rank comes
        from. Nothing is held: whoever plans the meeting first has the rooms."""
        return Listing(await visit.read(finding.find, data, now=visit.now))
