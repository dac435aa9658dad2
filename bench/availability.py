"""What is free, with two million bookings over 300 days (the full demo), on fifteen days around today.

``GET /api/floors/{id}/availability``: CPU of the server's process, 8 connections, floors of about 90 desks. Bar: 1 ms.

``GET /api/sites/{id}/availability?kind=desk`` of a site with 4,015 desks: p50 of the answer as a client sees it, one
connection. Limit, request by request in turn: the raw driver's NOT EXISTS query for the free desks, rows fetched. Bar: 3
times the limit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.client import HTTPConnection
from statistics import median
from typing import Any

from sqlalchemy import text

from app import clock
from app.db import Database
from bench import support
from bench.load import load, request
from bench.raw import sqlite_connection
from bench.results import Result, main

FLOOR_BAR_US, SITE_BAR = 1000, 3.0
DAYS, ROUNDS, EACH = range(-7, 8), 5, 300
SITE = ("IKN-SN-A", "IKN-SN-C", "IKN-K1-D")
"""buildings that a site of our own is made of: 2,328 + 1,290 + 397 desks"""

FREE = """
SELECT space.id, space.name, space.kind FROM space JOIN floor ON floor.id = space.floor_id
WHERE floor.site_id = {m} AND space.kind = 'desk' AND space.retired_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM booking WHERE booking.space_id = space.id AND {active}
  AND booking.ends_at > {m} AND booking.starts_at < {m}
) ORDER BY space.id
"""


def run() -> Iterator[Result]:
    with support.databases() as databases:
        for engine in support.ENGINES:
            address = databases.make(engine, "free")
            began = time.perf_counter()
            support.full_demo(address)
            print(f"{engine}: the full demo was written in {time.perf_counter() - began:.0f} s", flush=True)
            token = max(support.with_tokens(address).values())
            site_id, floors = _places(address)
            with support.served(address) as server:
                yield _floor(server, engine, floors, token)
                yield _site(server, engine, site_id, token, _raw(databases, engine))


def _places(address: str) -> tuple[int, list[int]]:
    """A new site out of a few buildings, and the floors of another."""
    with Database(address) as db, db.engine.begin() as connection:
        site_id = connection.execute(
            text("INSERT INTO site (code, name, zone) VALUES ('BENCH', 'Bench', 'Asia/Makassar') RETURNING id")
        ).scalar_one()
        for code in SITE:
            for table, key in (("building", "id"), ("floor", "building_id")):
                connection.execute(
                    text(
                        f"UPDATE {table} SET site_id = :site WHERE {key} = (SELECT id FROM building WHERE code = :code)"
                    ),
                    {"site": site_id, "code": code},
                )
        floors = connection.execute(text("SELECT id FROM floor WHERE code LIKE 'IKN-K3-A-%'")).scalars()
        return site_id, list(floors)


def _spans() -> list[tuple[datetime, datetime]]:
    today = clock.now().replace(hour=1, minute=0, second=0)
    return [(today + timedelta(days=n), today + timedelta(days=n, hours=6)) for n in DAYS]


def _address(what: str, id: int, span: tuple[datetime, datetime], more: str = "") -> str:
    starts_at, ends_at = (f"{instant:%Y-%m-%dT%H:%M:%SZ}" for instant in span)
    return f"/api/{what}/{id}/availability?starts_at={starts_at}&ends_at={ends_at}{more}"


def _floor(server: support.Server, engine: str, floors: list[int], token: str) -> Result:
    ways = [request("GET", _address("floors", id, span), token) for id in floors for span in _spans()]
    gets = [ways[n * 7 % len(ways)] for n in range(EACH)]

    def work() -> None:
        statuses = load(server.port, gets, connections=8).statuses
        assert statuses == {200: EACH}, statuses

    rounds = [support.cpu_us(server, work, EACH) for _ in range(ROUNDS + 1)]
    return Result(f"free desks of a floor, {engine}", median(rounds[1:]), "us", FLOOR_BAR_US)


def _site(server: support.Server, engine: str, site_id: int, token: str, raw: Callable[..., list[Any]]) -> Result:
    connection = HTTPConnection("127.0.0.1", server.port)
    ours, limit = [], []
    for span in _spans() * 4:
        path = _address("sites", site_id, span, "&kind=desk")
        began = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        free = raw(site_id, *span)
        limit.append(time.perf_counter() - began)
        assert answer.status == 200, body[:300]
        assert body.count(b'"id"') > 4000
        if span[0] > clock.now():
            assert body.count(b'"hindrance":"taken"') <= 4015 - len(free)
    connection.close()
    first = len(DAYS)
    return Result(
        f"free desks of a site of 4,015, p50, {engine}",
        median(ours[first:]) * 1000,
        "ms",
        SITE_BAR,
        median(limit[first:]) * 1000,
    )


def _raw(databases: support.Databases, engine: str) -> Callable[..., list[Any]]:
    if engine == "SQLite":
        statement = FREE.format(m="?", active="booking.active = 1")
        sqlite = sqlite_connection(databases, "free")
        return lambda site, starts_at, ends_at: sqlite.execute(
            statement, (site, int(starts_at.timestamp()), int(ends_at.timestamp()))
        ).fetchall()
    statement = FREE.format(m="%s", active="booking.active")
    postgres = databases.connect("free", autocommit=True)
    return lambda *facts: postgres.execute(statement, facts).fetchall()


if __name__ == "__main__":
    main(run)
