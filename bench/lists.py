"""A list of 200 rows: ``GET /api/bookings`` of somebody who has 200 bookings, with a token.

Measured: CPU of the server's process, 32 connections. Limit, in the same rounds: a bare ASGI application under the same
server that reads 200 such rows by the raw driver in a thread and encodes structs by msgspec, for each answer. Bar: 3 times
the limit. Printed beside: the same application with its rows in memory, a limit for nobody who keeps bookings in a database.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from app import clock
from app.db import Database
from app.rooms.models import Booking
from bench import support
from bench.load import load, request
from bench.plain import DATABASE, PERSON
from bench.results import Result, main

BAR = 3.0
ROUNDS, EACH, ROWS = 5, 400, 200


def run() -> Iterator[Result]:
    with support.databases() as databases, support.limit("rows") as rows:
        for engine in support.ENGINES:
            address = databases.make(engine, "lists")
            support.demo(address, small=True)
            tokens = support.with_tokens(address)
            person_id = max(tokens)
            path = _two_hundred(address, person_id)
            get, plain = request("GET", path, tokens[person_id]), request("GET", "/")
            facts = {DATABASE: address, PERSON: str(person_id)}
            with support.served(address) as server, support.limit("rows_read", **facts) as read:
                answer = support.answer_of(server.port, path, {"Authorization": f"Bearer {tokens[person_id]}"})
                bare = support.answer_of(read.port, "/")
                assert answer.count(b'"space_id"') == bare.count(b'"space_id"') == ROWS, answer[:300]
                rounds = [
                    {"ours": _cpu(server, get), "memory": _cpu(rows, plain), "read": _cpu(read, plain)}
                    for _ in range(ROUNDS + 1)
                ]
            found = support.medians(rounds[1:])
            print(f"200 rows, {engine}: {found['ours']:.0f} us; encoding alone {found['memory']:.0f} us", flush=True)
            yield Result(f"GET of 200 rows, {engine}", found["ours"], "us", BAR, found["read"])


def _cpu(server: support.Server, get: bytes) -> float:
    return support.cpu_us(server, lambda: load(server.port, [get] * EACH), EACH)


def _two_hundred(address: str, person_id: int) -> str:
    """The path that lists two hundred past bookings of the person, written here."""
    now = clock.now()
    row = support.slots(address, 1)[0].row(now)
    with Database(address) as db, db.engine.begin() as connection:
        connection.execute(insert(Booking), [_past(row, person_id, days) for days in range(5, ROWS + 5)])
    since, until = (f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (ROWS + 30, 4))
    return f"/api/bookings?limit=200&from={since}&to={until}"


def _past(row: dict[str, Any], person_id: int, days: int) -> dict[str, Any]:
    starts_at = clock.now() - timedelta(days=days)
    return row | {
        "person_id": person_id,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=8),
        "state": "completed",
        "active": False,
        "release_at": None,
        "checked_in_at": starts_at,
        "ended_at": starts_at + timedelta(hours=8),
    }


if __name__ == "__main__":
    main(run)
