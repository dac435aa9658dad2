"""The JSON API of feeds."""

from __future__ import annotations

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.calendars import service
from app.calendars.addresses import base_of
from app.calendars.shapes import FeedChange, FeedOut, NewAddress, NewFeed
from app.listings import Listing
from app.paths import PathId
from app.people.visit import AnyRequest, Visit
from app.problems import refusals


class FeedsController(Controller):
    """Calendars to subscribe to: secret addresses, each with a name, that are shown once."""

    path = "/api/feeds"
    tags = ["calendars"]  # noqa: RUF012

    @post(responses=refusals(403, 404, 409, 422))
    async def create(self, data: JSONBody[NewFeed], visit: NamedDependency[Visit], request: AnyRequest) -> NewAddress:
        """Make a feed; this answer is the only one that shows its address."""
        made = await visit.write(service.make, data, now=visit.now)
        return service.address(made, base_of(request))

    @get(responses=refusals())
    async def list(self, visit: NamedDependency[Visit]) -> Listing[FeedOut]:
        """One's own feeds with their last fetches, without their addresses."""
        return Listing(await visit.read(service.feeds_of))

    @patch("/{feed_id:int}", responses=refusals(403, 404, 409))
    async def change(self, feed_id: PathId, data: JSONBody[FeedChange], visit: NamedDependency[Visit]) -> FeedOut:
        """Change name, level, language or options; the address stays."""
        return await visit.write(service.change, feed_id, data, now=visit.now)

    @post("/{feed_id:int}/rotation", responses=refusals(403, 404, 409, 422))
    async def rotate(self, feed_id: PathId, visit: NamedDependency[Visit], request: AnyRequest) -> NewAddress:
        """The same feed at a new address, with a new id; the old address shows an empty calendar."""
        made = await visit.write(service.rotate, feed_id, now=visit.now)
        return service.address(made, base_of(request))

    @delete("/{feed_id:int}", responses=refusals(403, 404, 409))
    async def revoke(self, feed_id: PathId, visit: NamedDependency[Visit]) -> None:
        """Revoke a feed: an empty calendar for thirty days, then 410."""
        await visit.write(service.revoke, feed_id, now=visit.now)
