"""The JSON API of presence: scopes as they are now, and what one says of oneself."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, delete, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from app.people.visit import AnyRequest, Visit
from app.presence import service
from app.presence.at_hand import source_of
from app.presence.choices import Choices
from app.presence.shapes import ChoicesIn, OverrideIn, PresenceOut, Snapshot
from app.problems import refusals

ScopeName = Annotated[
    str,
    QueryParameter(
        name="scope",
        description="floor:12@2026-11-24, team:3, unit:3, person:7, rooms:1@2026-11-24, board:3@2026-W48, today:me",
        min_length=1,
        max_length=60,
    ),
]


class PresenceController(Controller):
    path = "/api"
    tags = ["presence"]  # noqa: RUF012

    @get("/presence", responses=refusals(403, 404))
    async def look(self, request: AnyRequest, visit: NamedDependency[Visit], scope_: ScopeName) -> Snapshot:
        """All rows of a scope, as the asker may see them."""
        return await visit.read(service.snapshot, scope_, source_of(request), now=visit.now)

    @get("/me/presence", responses=refusals())
    async def own(self, request: AnyRequest, visit: NamedDependency[Visit]) -> PresenceOut:
        """Where one is and whether one can be reached, with what that rests on."""
        connections = source_of(request).connections
        return service.shaped(await visit.read(service.own, connections, now=visit.now))

    @put("/me/presence", responses=refusals(403, 404))
    async def say(self, request: AnyRequest, visit: NamedDependency[Visit], data: JSONBody[OverrideIn]) -> PresenceOut:
        """Say how one can be reached, or where one is, until the end of the working day at the latest."""
        connections = source_of(request).connections
        return await visit.write(service.put_override, data, connections, now=visit.now)

    @delete("/me/presence", status_code=200, responses=refusals(403))
    async def take_back(self, request: AnyRequest, visit: NamedDependency[Visit]) -> PresenceOut:
        """Take back what one said of oneself."""
        return await visit.write(service.end_override, source_of(request).connections, now=visit.now)

    @get("/me/presence/choices", responses=refusals())
    async def choices(self, visit: NamedDependency[Visit]) -> Choices:
        """What one hides of oneself."""
        return await visit.read(service.choices_of)

    @put("/me/presence/choices", responses=refusals(403))
    async def choose(self, visit: NamedDependency[Visit], data: JSONBody[ChoicesIn]) -> Choices:
        """Hide or show one's desk from all but one's team, and from everybody that one's page is idle."""
        return await visit.write(service.choose, data, now=visit.now)
