"""What a booking costs in a full house: ``POST /api/bookings`` with a million bookings there, and with none but the demo's.

Measured: CPU of the server over HTTP, with that of PostgreSQL's own processes, 32 connections, both servers up and their
rounds interleaved. Both have the full demo's 12,000 people. Bar: the full house costs at most 1.3 times the empty one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from app import clock
from app.db import Database
from app.demo import history
from bench import support
from bench.load import load
from bench.results import Result, main

BAR = 1.3
BOOKINGS = 1_000_000
ROUNDS, EACH = 5, 1000


def run() -> Iterator[Result]:
    with support.databases() as databases:
        for engine in support.ENGINES:
            yield _measure(databases, engine)


def _measure(databases: support.Databases, engine: str) -> Result:
    empty = databases.make(engine, "growth_empty")
    support.full_demo(empty, bookings=0)
    tokens = support.with_tokens(empty)
    full = databases.make(engine, "growth_full", template="growth_empty")
    began = time.perf_counter()
    with Database(full) as db:
        history.fill(db, now=clock.now(), bookings=BOOKINGS)
    print(f"{engine}: {BOOKINGS:,} bookings written in {time.perf_counter() - began:.0f} s", flush=True)
    slots = support.slots(full, (ROUNDS + 1) * EACH)
    rounds: list[dict[str, float]] = []
    with support.served(empty) as small, support.served(full) as big:
        for start in range(0, len(slots), EACH):
            posts = [slot.request(tokens) for slot in slots[start : start + EACH]]

            def book(port: int, posts: list[bytes] = posts) -> None:
                statuses = load(port, posts).statuses
                assert statuses == {201: EACH}, statuses

            both = {"empty": small, "full": big}
            rounds.append(
                {
                    name: support.cpu_us_with(databases, server, lambda server=server: book(server.port), EACH)
                    for name, server in both.items()
                }
            )
    found = support.medians(rounds[1:])
    return Result(f"a booking among 1,000,000, {engine}", found["full"], "us", BAR, found["empty"])


if __name__ == "__main__":
    main(run)
