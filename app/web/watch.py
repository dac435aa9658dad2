"""What operators see: one log line a request, counters for Prometheus, and whether the service lives."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, get
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from app import leases
from app.db import Database
from app.db.migrate import HEAD
from app.leases import LastRun
from app.meters import registry
from app.people.visit import AnyRequest

access = logging.getLogger("selaras.access")
log = logging.getLogger("selaras")

_requests = Counter("selaras_requests", "Answers by route and status", ("method", "route", "status"), registry=registry)
_seconds = Histogram(
    "selaras_seconds",
    "Time to answer by route",
    ("method", "route"),
    registry=registry,
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)


class Watch(ASGIMiddleware):
    """Counts and logs by the route's pattern: no query, no id, no body, no cookie ever reaches a log. And the headers that
    every answer carries, as it sees every answer."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, headers: Mapping[str, str]) -> None:
        """``headers`` go with every answer that doesn't say otherwise; as bytes, since Litestar's own way costs 30 us."""
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._data_headers = [*self._headers, (b"cache-control", b"private, no-store")]
        self._known: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        started = time.perf_counter()
        status = 500
        headers = self._data_headers if scope["path"].startswith("/api/") else self._headers

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message["headers"]
                said = {name for name, _ in given}
                message["headers"] = [*given, *(header for header in headers if header[0] not in said)]
            await send(message)

        try:
            await next_app(scope, receive, note)
        finally:
            took = time.perf_counter() - started
            key = (str(scope.get("method")), scope.get("path_template", ""), status)
            if (meters := self._known.get(key)) is None:
                method, route, _ = key
                meters = self._known[key] = (_requests.labels(method, route, status), _seconds.labels(method, route))
            meters[0].inc()
            meters[1].observe(took)
            if access.isEnabledFor(logging.INFO):
                access.info("%s %s %d %.1f ms", *key, took * 1000)


class Ready(msgspec.Struct, frozen=True):
    """``schema`` is None for a database that doesn't answer. ``work``: the background works with their last runs; ``outcome``
    is how many things changed, or what went wrong."""

    ready: bool
    schema: str | None
    work: list[LastRun]


def _state(session: Session) -> Ready:
    schema = str(session.execute(text("SELECT version_num FROM alembic_version")).scalar())
    # A newer one is well: while a new version is rolled out, it migrates, and the processes of the old one serve on.
    return Ready(schema >= HEAD, schema, leases.last_runs(session))


@get("/health/live", sync_to_thread=False, tags=["health"])
def live() -> dict[str, bool]:
    """The process answers."""
    return {"live": True}


@get("/health/ready", tags=["health"])
async def ready(request: AnyRequest) -> Response[Ready]:
    """The database answers and stands at the newest migration, or a newer one."""
    db: Database = request.app.state.db
    try:
        found = await db.read(_state)
    except (DBAPIError, NoConnection) as error:
        log.error("the database doesn't answer: %s", type(error).__name__)
        found = Ready(ready=False, schema=None, work=[])
    return Response(found, status_code=200 if found.ready else 503)


@get("/metrics", sync_to_thread=False, include_in_schema=False)
def metrics() -> Response[bytes]:
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
