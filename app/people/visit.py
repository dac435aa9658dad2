"""A request as the services see it: who asks, when, and through which database."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database
from app.errors import Invalid, Refused
from app.people import access, repeats
from app.people.access import Actor, Credential
from app.people.secrets import digest
from app.settings import Settings
from app.texts import Language, Words, language_of, words

P = ParamSpec("P")
T = TypeVar("T")
AnyRequest = Request[None, None, State]
AnyConnection = ASGIConnection[Any, Any, Any, State]


def session_cookie(settings: Settings) -> str:
    """The cookie's name; ``__Host-`` makes browsers insist on Secure, path / and no domain (RFC 6265bis, 4.1.3.2)."""
    return "__Host-selaras" if settings.secure else "selaras"


class Head(Protocol):
    """What every page shows of its reader, read in the page's own unit of work."""

    def read(self, session: Session, actor: Actor, visit: Visit) -> Any:
        """What stands in the head."""

    def mark(self, session: Session, actor: Actor, visit: Visit) -> str:
        """What the rows of ``visit.follows`` are now."""


class Visit:
    """One request of somebody. Who it is gets looked up inside the very unit of work that acts for them, so a booking
    takes one thread hop and one transaction, and a session that ends meanwhile ends in time."""

    def __init__(
        self,
        db: Database,
        credential: Credential | None,
        *,
        now: datetime,
        wishes: tuple[str | None, ...] = (),
        key: repeats.Key | None = None,
        head: Head | None = None,
    ) -> None:
        self.db = db
        self.credential = credential
        self.now = now
        self.actor: Actor | None = None
        self._wishes = wishes
        self._key = key
        self._head = head
        self.head: Any = None
        """what the head of a page shows of whoever reads it, once something was read for the page"""
        self.follows = ""
        """the live scope that tells when the page is out of date, if one does"""
        self.mark = ""
        """what the rows of that scope were when the page was read"""

    @property
    def language(self) -> Language:
        """From the profile, else the cookie, else the browser; Indonesian by default."""
        return language_of(self.actor.language if self.actor else None, *self._wishes)

    @property
    def said(self) -> Words:
        """The words of that language."""
        return words(self.language)

    async def read(self, function: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``function(session, actor, ...)`` in one read-only transaction. Raises SignInNeeded before it runs."""
        return await self._look(self.db.read, function, *args, **kwargs)

    async def glance(
        self, function: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``read`` where the one statement that matters sees its own moment (``Database.glance``)."""
        return await self._look(self.db.glance, function, *args, **kwargs)

    async def _look(
        self,
        how: Callable[[Callable[[Session], T]], Awaitable[T]],
        function: Callable[Concatenate[Session, Actor, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        def work(session: Session) -> T:
            self.actor = access.actor_for(session, self.credential, now=self.now)
            if self._head is None:
                return function(session, self.actor, *args, **kwargs)
            if self.head is None:
                self.head = self._head.read(session, self.actor, self)
            answer = function(session, self.actor, *args, **kwargs)
            if self.follows:
                self.mark = self._head.mark(session, self.actor, self)
            return answer

        answer = await how(work)
        if self.actor and self.credential and access.needs_touch(self.actor, self.credential, now=self.now):
            await self.db.write(access.touch, self.credential, now=self.now)
        return answer

    async def write(
        self, function: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``function(session, actor, ...)`` in one transaction, once even if the request is repeated with its key."""

        def work(session: Session) -> T:
            actor = self.actor = access.actor_for(session, self.credential, now=self.now)
            if self._key is None:
                return function(session, actor, *args, **kwargs)
            return repeats.once(
                session,
                actor.id,
                self._key,
                lambda: function(session, actor, *args, **kwargs),
                repeats.answer_type(function),
                now=self.now,
            )

        try:
            answer = await self.db.write(work)
        except Refused as refused:
            if refused.search is not None:
                refused.ways_out = await self.db.read(refused.search)
            raise
        if self.actor and self.credential and access.needs_touch(self.actor, self.credential, now=self.now):
            await self.db.write(access.touch, self.credential, now=self.now)
        return answer


def credential_of(connection: AnyConnection, settings: Settings) -> Credential | None:
    """What a request or a websocket brings; a bearer token goes before a cookie."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return Credential("token", digest(token))
    if cookie := connection.cookies.get(session_cookie(settings)):
        return Credential("session", digest(cookie), timedelta(hours=settings.session_hours))
    return None


async def provide_visit(request: AnyRequest) -> Visit:
    """The dependency ``visit``: credential, clock, wished languages and Idempotency-Key of the request.

    Raises Invalid for an Idempotency-Key that is empty or longer than 200 characters.
    """
    state = request.app.state
    settings: Settings = state.settings
    clock: Clock = state.clock
    headers, cookies = request.headers, request.cookies
    credential = credential_of(request, settings)
    key = None
    if request.method == "POST" and (name := headers.get("idempotency-key")) is not None:
        if not 0 < len(name) <= 200:
            raise Invalid(problem="Idempotency-Key")
        what = f"{request.method} {request.url.path}\n".encode() + await request.body()
        key = repeats.Key(name, hashlib.sha256(what).digest())
    whole = "text/html" in headers.get("accept", "") and "hx-request" not in headers
    visit = Visit(
        state.db,
        credential,
        now=clock(),
        wishes=(cookies.get("lang"), headers.get("accept-language")),
        key=key,
        head=state.head(request) if whole and "head" in state else None,
    )
    request.state.visit = visit
    return visit
