"""``GET`` and ``HEAD /ical/{token}.ics``: a feed for whoever has its address.

An answer is a pure function of the token and of what there is: no cookie, no session, no language or form of the request. The
token is looked for by its digest and goes nowhere else: not into logs, which know the route's pattern only, nor into any
header or body.
"""

from __future__ import annotations

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache, partial
from typing import Any

import msgspec
from litestar import asgi
from litestar.types import Receive, Scope, Send

from app.calendars import clients, fetching, store
from app.calendars.bodies import Bodies, pack
from app.calendars.fetching import GONE_AFTER, Body, Found
from app.calendars.limits import UNCHANGED, Limits
from app.calendars.store import Stored
from app.calendars.window import Window, window
from app.clock import Clock
from app.db import Database
from app.people.secrets import digest
from app.settings import Settings

NOTED_EVERY_S = 300
MOST_NOTED = 50_000
SAME = (
    (b"cache-control", b"private, no-cache"),
    (b"vary", b"Accept-Encoding"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow"),
)
"""Headers of every answer, whatever it says."""

ROUTE = "/ical/{token}.ics"
"""What logs and counters know of the address."""
Headers = dict[bytes, bytes]


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


class Fetches:
    """What one process remembers of fetches: bodies, how often each address was fetched, and what is yet to be noted."""

    def __init__(self) -> None:
        self.bodies = Bodies()
        self.limits = Limits()
        self.strangers = Limits()
        """by network address, of fetches with tokens that there are none of"""
        self.writer = ThreadPoolExecutor(1, "calendar")
        """Writing many entries takes long: neither the event loop nor those who read the database wait for it."""
        self._noted: dict[bytes, tuple[int, datetime, str]] = {}

    def to_note(self, key: bytes, client: str, *, now: datetime) -> int:
        """How many fetches to note for a feed now, 0 while the last note is fresh enough."""
        count, at, last = self._noted.get(key, (0, None, ""))
        if at is not None and client == last and (now - at).total_seconds() < NOTED_EVERY_S:
            self._noted[key] = (count + 1, at, last)
            return 0
        if len(self._noted) >= MOST_NOTED:
            self._noted.clear()
        self._noted[key] = (0, now, client)
        return count + 1


@asgi("/ical", is_mount=True, copy_scope=False)
async def feed(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one fetch."""
    scope["path_template"] = ROUTE
    answer = await _answer(scope)
    headers = [*SAME, *answer.headers]
    if answer.status != 304:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if scope.get("method") == "HEAD" else answer.body
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _answer(scope: Scope) -> Answer:
    if scope.get("method") not in ("GET", "HEAD"):
        return _problem(405, ((b"allow", b"GET, HEAD"),))
    state: Any = scope["litestar_app"].state
    db: Database = state.db
    clock: Clock = state.clock
    fetches: Fetches = state.fetches
    now, given = clock(), dict(scope["headers"])
    name = str(scope["path"]).strip("/").removeprefix("ical/")
    key = digest(name.removesuffix(".ics")) if name.endswith(".ics") else b""
    within = window(now)
    found = await db.glance(fetching.look_up, key, within) if key else None
    if found is None:
        wait = fetches.strangers.wait(_address(scope), 1, now=now)
        return _too_often(wait) if wait else _problem(404)
    feed = found.feed
    if wait := fetches.limits.wait(key, UNCHANGED, now=now):
        return _too_often(wait)
    if feed.ended_at is not None and now >= feed.ended_at + GONE_AFTER:
        return _problem(410)
    client = clients.family_of(given.get(b"user-agent", b"").decode("latin-1"))
    try:
        if _current(found) and (tagged := _unchanged(feed, given, now=now)):
            return Answer(304, tagged)
        if wait := fetches.limits.wait(key, 1 - UNCHANGED, now=now):
            return _too_often(wait)
        return await _whole(db, fetches, state.settings, key, found, within, given, client, now)
    finally:
        if count := fetches.to_note(key, client, now=now):
            await db.write(store.touch, feed.id, client, count, now=now)


def _current(found: Found) -> bool:
    """Whether the feed's tag is that of what it would show now. One that ended for good shows the same for ever."""
    feed = found.feed
    return bool(feed.etag) and (found.state is None or feed.state == found.state)


async def _whole(
    db: Database,
    fetches: Fetches,
    settings: Settings,
    key: bytes,
    found: Found,
    within: Window,
    given: Headers,
    client: str,
    now: datetime,
) -> Answer:
    """The calendar itself: as it was packed last, or put together anew."""
    feed = found.feed
    modified_at = feed.modified_at
    etag = feed.etag
    packed = fetches.bodies.get(etag) if _current(found) else None
    if packed is None:
        made, state, lost = await _made(db, fetches, settings, key, found, within, now)
        noted = await db.write(fetching.note, feed.id, state, made, lost=lost, now=now)
        if noted is None:
            ended = msgspec.structs.replace(feed, ended_at=now, ending="revoked", etag="", modified_at=None)
            return await _whole(db, fetches, settings, key, Found(ended, None), within, given, client, now)
        etag, modified_at = noted.etag, noted.modified_at
        packed = await asyncio.get_running_loop().run_in_executor(fetches.writer, pack, made.body)
        fetches.bodies.keep(etag, packed)
        if tagged := _unchanged(msgspec.structs.replace(feed, etag=etag, modified_at=modified_at), given, now=now):
            return Answer(304, tagged)
    headers = [
        *_tags(etag, modified_at, now=now),
        (b"content-type", b"text/calendar; charset=utf-8"),
        (b"content-disposition", b'inline; filename="selaras.ics"'),
    ]
    if client not in clients.PLAIN and accepts_gzip(given.get(b"accept-encoding", b"").decode("latin-1")):
        return Answer(200, (*headers, (b"content-encoding", b"gzip")), packed)
    return Answer(200, tuple(headers), gzip.decompress(packed))


async def _made(
    db: Database, fetches: Fetches, settings: Settings, key: bytes, found: Found, within: Window, now: datetime
) -> tuple[Body, bytes | None, bool]:
    """The body, the version of what is in it, and whether its owner may not see it any more."""
    feed = found.feed
    if found.state is None:
        return _ended(feed.language), None, False
    material = await db.read(fetching.gather, key, within, settings.origin, now)
    write = partial(fetching.composed, material, feed.language)
    body = await asyncio.get_running_loop().run_in_executor(fetches.writer, write)
    return body, material.state, material.shown is None


@lru_cache(maxsize=2)
def _ended(language: str) -> Body:
    return fetching.ended(language)


# Validators (RFC 9110, 13)


def _tags(etag: str, modified_at: datetime | None, *, now: datetime) -> tuple[tuple[bytes, bytes], ...]:
    """The tag is weak, as the packed body has it too. A feed that changed several times within a second is dated ahead;
    until that has come, it goes by its tag alone."""
    tags: tuple[tuple[bytes, bytes], ...] = ((b"etag", f'W/"{etag}"'.encode()),)
    if modified_at is not None and modified_at <= now:
        tags = (*tags, (b"last-modified", format_datetime(modified_at, usegmt=True).encode()))
    return tags


def _unchanged(feed: Stored, given: Headers, *, now: datetime) -> tuple[tuple[bytes, bytes], ...] | None:
    """The headers of a 304 if the client has what there is. A tag goes before a date."""
    if (wanted := given.get(b"if-none-match")) is not None:
        known = {tag.strip().removeprefix("W/").strip('"') for tag in wanted.decode("latin-1").split(",")}
        same = feed.etag in known or "*" in known
    elif (since := given.get(b"if-modified-since")) is not None and feed.modified_at is not None:
        same = _not_before(since.decode("latin-1"), feed.modified_at)
    else:
        same = False
    return _tags(feed.etag, feed.modified_at, now=now) if same else None


def _not_before(date: str, modified_at: datetime) -> bool:
    try:
        at = parsedate_to_datetime(date)
        return at.tzinfo is not None and at >= modified_at
    except (ValueError, OverflowError):
        return False  # what is no date of HTTP is passed over


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header asks for gzip, by name or by ``*``, and not with q=0."""
    quality: dict[str, float] = {}
    for part in header.lower().split(","):
        coding, _, rest = part.partition(";")
        weight = rest.strip().removeprefix("q=")
        try:
            quality[coding.strip()] = float(weight) if rest.strip() else 1.0
        except ValueError:
            quality[coding.strip()] = 0.0
    return quality.get("gzip", quality.get("*", 0.0)) > 0


# Refusals, in one shape that tells nothing of the token


_TITLES = {404: "not-found", 405: "method-not-allowed", 410: "gone", 429: "too-many-requests"}


def _problem(status: int, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Answer:
    code = _TITLES[status]
    body = msgspec.json.encode({"type": f"/problems/{code}", "code": code, "title": code, "status": status})
    return Answer(status, (*headers, (b"content-type", b"application/problem+json")), body)


def _too_often(wait: int) -> Answer:
    return _problem(429, ((b"retry-after", str(wait).encode()),))


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""
