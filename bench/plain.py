"""Applications that do as little as can be: the limits that ours are held against."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
from litestar import Litestar, get
from litestar.types import Receive, Scope, Send

from app.rooms.bookings import BookingOut


@get("/", sync_to_thread=False)
def _hello() -> dict[str, str]:
    return {"hello": "world"}


hello = Litestar([_hello], openapi_config=None, logging_config=None)

_AT = datetime(2026, 11, 24, tzinfo=UTC)
_ROWS = [
    BookingOut(
        id,
        id,
        f"Meja A-{id:03}",
        "desk",
        1,
        1,
        _AT,
        _AT + timedelta(hours=8),
        "Asia/Makassar",
        "completed",
        "",
        None,
        _AT,
        _AT,
        2,
    )
    for id in range(1, 201)
]


async def rows(scope: Scope, _: Receive, send: Send) -> None:
    """Two hundred bookings, encoded anew for each answer."""
    if scope["type"] == "http":
        await _answer(send, _ROWS)


DATABASE, PERSON = "BENCH_DATABASE", "BENCH_PERSON"
_LIST = """
SELECT booking.id, booking.space_id, space.name, booking.kind, booking.person_id, booking.booked_by_id, booking.starts_at,
  booking.ends_at, site.zone, booking.state, booking.purpose, booking.release_at, booking.checked_in_at, booking.ended_at,
  booking.version
FROM booking JOIN space ON space.id = booking.space_id JOIN floor ON floor.id = space.floor_id
JOIN site ON site.id = floor.site_id
WHERE booking.person_id = {m} AND booking.active = {m} ORDER BY booking.starts_at, booking.id LIMIT 200
"""
_thread = ThreadPoolExecutor(1)
_connections: list[Any] = []


async def rows_read(scope: Scope, _: Receive, send: Send) -> None:
    """Two hundred bookings, read by the raw driver in a thread and encoded for each answer."""
    if scope["type"] == "http":
        await _answer(send, await asyncio.get_running_loop().run_in_executor(_thread, _read))


def _read() -> list[BookingOut]:
    address, person_id = os.environ[DATABASE], int(os.environ[PERSON])
    if not _connections:
        sqlite = address.startswith("sqlite:///")
        _connections.append(sqlite3.connect(address[10:]) if sqlite else psycopg.connect(address, autocommit=True))
    connection = _connections[0]
    if isinstance(connection, sqlite3.Connection):
        found = connection.execute(_LIST.format(m="?"), (person_id, False)).fetchall()
        return [
            BookingOut(*r[:6], _at(r[6]), _at(r[7]), *r[8:11], _at(r[11]), _at(r[12]), _at(r[13]), r[14]) for r in found
        ]
    cursor = connection.cursor(binary=True)
    return [BookingOut(*row) for row in cursor.execute(_LIST.format(m="%s"), (person_id, False)).fetchall()]


def _at(seconds: int | None, since: Any = datetime.fromtimestamp) -> datetime | None:
    return None if seconds is None else since(seconds, UTC)


async def _answer(send: Send, items: list[BookingOut]) -> None:
    body = msgspec.json.encode({"items": items, "next": None})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})  # type: ignore[typeddict-item]
    await send({"type": "http.response.body", "body": body, "more_body": False})  # type: ignore[typeddict-item]
