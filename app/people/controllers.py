"""The JSON API of people: signing in and out, tokens, who am I, who is there."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, QueryParameter

from app.errors import Invalid
from app.ids import PLAIN, number
from app.listings import Listing
from app.paths import PathId
from app.people import service, sign_in, tokens
from app.people.access import Actor
from app.people.cookies import clear_cookies, set_cookies
from app.people.service import PersonOut
from app.people.sign_in import Attempt
from app.people.tokens import MadeToken, NewToken, TokenOut
from app.people.visit import AnyRequest, Visit
from app.problems import refusals


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    email: Annotated[str, msgspec.Meta(min_length=3, max_length=200, pattern=PLAIN)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Me(msgspec.Struct, frozen=True):
    """Who asks. ``roles`` as in the documentation of roles; ``unit`` and ``agency`` by name and code."""

    id: int
    name: str
    title: str
    unit_id: int
    unit: str
    agency: str
    site_id: int
    roles: list[str]


class SessionController(Controller):
    path = "/api"
    tags = ["people"]  # noqa: RUF012

    @post("/session", responses=refusals(403, 429), status_code=201)
    async def sign_in(self, data: JSONBody[SignIn], visit: NamedDependency[Visit], request: AnyRequest) -> Response[Me]:
        """Sign in: the answer sets the session's and the CSRF cookie."""
        attempt = Attempt(data.email, data.password, request.client.host if request.client else "")
        session_id = await sign_in.sign_in(visit.db, attempt, now=visit.now, replacing=visit.credential)
        actor = await visit.db.read(sign_in.actor_of, session_id, now=visit.now)
        response = Response(me_of(actor), status_code=201)
        set_cookies(response, session_id, request.app.state.settings)
        return response

    @delete("/session", responses=refusals(403) | {204: ResponseSpec(None, description="Signed out")})
    async def sign_out(self, visit: NamedDependency[Visit], request: AnyRequest) -> Response[None]:
        """Sign out: this session ends at once, on the server."""
        if visit.credential and visit.credential.kind == "session":
            await visit.db.write(sign_in.sign_out, visit.credential, now=visit.now)
        response = Response(None, status_code=204)
        clear_cookies(response, request.app.state.settings)
        return response

    @get("/me", responses=refusals())
    async def me(self, visit: NamedDependency[Visit]) -> Me:
        """Who asks."""
        return me_of(await visit.read(lambda _, actor: actor))

    @get("/people", responses=refusals())
    async def people(
        self,
        visit: NamedDependency[Visit],
        q: Annotated[str, QueryParameter(max_length=100)] = "",
        unit_id: Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1)] = None,
        cursor: Annotated[str | None, QueryParameter(max_length=40)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    ) -> Listing[PersonOut]:
        """People by name or unit, as far as the asker may see them named."""
        after = 0 if cursor is None else number(cursor)
        if "\x00" in q or after is None:
            raise Invalid(problem="q, cursor")
        found = await visit.read(service.find_people, q=q, unit_id=unit_id, after=after, limit=limit)
        return Listing(found, str(found[-1].id) if len(found) == limit else None)


class TokensController(Controller):
    path = "/api/tokens"
    tags = ["people"]  # noqa: RUF012

    @post(responses=refusals(403, 409, 422))
    async def create(self, data: JSONBody[NewToken], visit: NamedDependency[Visit]) -> MadeToken:
        """Make a personal token; this answer is the only one that shows it."""
        return await visit.write(tokens.make_token, data, now=visit.now)

    @get(responses=refusals())
    async def list(self, visit: NamedDependency[Visit]) -> Listing[TokenOut]:
        """One's own tokens, without their values."""
        return Listing(await visit.read(tokens.tokens_of))

    @delete("/{token_id:int}", responses=refusals(403, 404))
    async def revoke(self, token_id: PathId, visit: NamedDependency[Visit]) -> None:
        """Revoke a token; it opens nothing from the next request on."""
        await visit.write(tokens.revoke_token, token_id, now=visit.now)


def me_of(actor: Actor) -> Me:
    return Me(
        actor.id,
        actor.name,
        actor.title,
        actor.unit_id,
        actor.unit_name,
        actor.agency_code,
        actor.site_id,
        sorted(actor.roles),
    )
