"""CPU of one booking over HTTP: ``POST /api/bookings`` with a token, the server as ``selaras serve`` runs it.

Measured: CPU time of the server's process for each 201, 32 connections, distinct slots. Limit, in the same round: the raw
driver's transaction with that one row through a thread (guards on), plus Litestar's "hello" in JSON under the same server.
PostgreSQL's own processes count on neither side. Bar: 5 times the limit, in the middle one of many short rounds: a machine
whose speed changes from second to second changes it for both sides of a round.
"""

from __future__ import annotations

from collections.abc import Iterator

from app import clock
from bench import support
from bench.load import load
from bench.raw import RAW
from bench.results import Result, main

BAR = 5.0
ROUNDS, EACH = 11, 600


def run() -> Iterator[Result]:
    with support.databases() as databases, support.limit("hello") as hello:
        for engine in support.ENGINES:
            yield _measure(databases, engine, hello)


def _measure(databases: support.Databases, engine: str, hello: support.Server) -> Result:
    address = databases.make(engine, "booking")
    support.demo(address)
    tokens = support.with_tokens(address)
    slots = support.slots(address, (ROUNDS + 1) * EACH)
    databases.make(engine, "booking_raw", template="booking")
    raw = RAW[engine](databases, "booking_raw")
    greeting = support.request("GET", "/")
    now = clock.now()
    rounds: list[dict[str, float]] = []
    with support.served(address) as server:
        for start in range(0, len(slots), EACH):
            part = slots[start : start + EACH]
            posts = [slot.request(tokens) for slot in part]
            rows = [slot.row(now) for slot in part]

            def book(posts: list[bytes] = posts) -> None:
                statuses = load(server.port, posts).statuses
                assert statuses == {201: EACH}, statuses

            rounds.append(
                {
                    "endpoint": support.cpu_us(server, book, EACH),
                    "raw": support.own_cpu_us(lambda rows=rows: raw.book(rows), EACH),
                    "hello": support.cpu_us(hello, lambda: load(hello.port, [greeting] * EACH), EACH),
                }
            )
    found = sorted(rounds[1:], key=lambda one: one["endpoint"] / (one["raw"] + one["hello"]))[ROUNDS // 2]
    print(f"{engine}: " + ", ".join(f"{name} {value:.0f} us" for name, value in found.items()), flush=True)
    return Result(f"POST /api/bookings, {engine}", found["endpoint"], "us", BAR, found["raw"] + found["hello"])


if __name__ == "__main__":
    main(run)
