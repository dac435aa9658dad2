"""The JSON API of the waiting list."""

from __future__ import annotations

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.answers import Answer
from app.listings import Listing
from app.paths import PathId
from app.people.visit import Visit
from app.problems import refusals
from app.rooms import waiting
from app.rooms.waiting_shapes import NewWait, WaitOut


class WaitingListController(Controller):
    """Standing in line for a desk or a room, accepting, leaving."""

    path = "/api/waiting-list"
    tags = ["waiting list"]  # noqa: RUF012

    @post(responses=refusals(403, 404, 409, 422))
    async def join(self, data: JSONBody[NewWait], visit: NamedDependency[Visit]) -> Response[WaitOut]:
        """Stand in line for what somebody else has."""
        wait = await visit.write(waiting.join, data, now=visit.now)
        return Answer(wait, headers={"Location": f"/api/waiting-list/{wait.id}"})

    @get(responses=refusals())
    async def own(self, visit: NamedDependency[Visit]) -> Listing[WaitOut]:
        """What one waits for, with one's place in line, and what is held for one, until when."""
        return Listing(await visit.read(waiting.waits_of, now=visit.now))

    @get("/{wait_id:int}", responses=refusals(403, 404))
    async def one(self, wait_id: PathId, visit: NamedDependency[Visit]) -> WaitOut:
        """One place in line, and what became of it."""
        return await visit.read(waiting.wait_for, wait_id)

    @put("/{wait_id:int}/acceptance", responses=refusals(403, 404, 409))
    async def accept(self, wait_id: PathId, visit: NamedDependency[Visit]) -> WaitOut:
        """Take what is held."""
        return await visit.write(waiting.accept, wait_id, now=visit.now)

    @delete("/{wait_id:int}", status_code=200, responses=refusals(403, 404, 409))
    async def leave(self, wait_id: PathId, visit: NamedDependency[Visit]) -> WaitOut:
        """Leave the line, or give back what is held: it goes to the next."""
        return await visit.write(waiting.leave, wait_id, now=visit.now)
