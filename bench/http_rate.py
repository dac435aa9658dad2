"""Bookings a second over HTTP: 16 clients on distinct slots, durable as by default, server and clients on one machine.

Bars: at least 380 bookings a second, and p99 at most 100 ms; the whole ministry, 12,000 people within ten minutes, makes
20 a second. On PostgreSQL with one worker process and with two, of which the better counts: that engine is there to be
served by many.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from bench import support
from bench.load import load
from bench.results import Result, main

RATE, P99_MS = 380, 100
ROUNDS, EACH, CLIENTS = 5, 1200, 16


def run() -> Iterator[Result]:
    with support.databases() as databases:
        for engine in support.ENGINES:
            address = databases.make(engine, "rate")
            support.demo(address)
            tokens = support.with_tokens(address)
            workers = (1,) if engine == "SQLite" else (1, 2)
            slots = support.slots(address, EACH * (ROUNDS + 1) * len(workers))
            posts = iter([slot.request(tokens) for slot in slots])
            found = []
            for number in workers:
                with support.served(address, workers=number) as server:
                    rounds = [load(server.port, _some(posts), connections=CLIENTS) for _ in range(ROUNDS + 1)][1:]
                assert all(one.statuses == {201: EACH} for one in rounds), [one.statuses for one in rounds]
                found.append((median(one.rate for one in rounds), median(one.percentile_ms(99) for one in rounds)))
                print(
                    f"{engine}, workers {number}: {found[-1][0]:.0f} bookings/s, p99 {found[-1][1]:.0f} ms", flush=True
                )
            rate, p99 = max(found)
            yield Result(f"bookings a second, {engine}", rate, "/s", RATE, at_least=True)
            yield Result(f"p99 of a booking, 16 clients, {engine}", p99, "ms", P99_MS)


def _some(posts: Iterator[bytes]) -> list[bytes]:
    return [next(posts) for _ in range(EACH)]


if __name__ == "__main__":
    main(run)
