"""A rush on five desks: 32 people at once want the same few desks of one day, on PostgreSQL.

Measured: p99 of one try through the service as served (``Database.write``, row locks, exclusion constraint as the net).
Limit, in the same rounds: p99 of ``INSERT ... ON CONFLICT DO NOTHING`` by psycopg, the fastest correct way there is, though
it could not say why it refuses. Each try has a connection of its own, 32 in all. Bars: 5 times the limit, no deadlock,
no overlap. The server of PostgreSQL is durable as by default.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from statistics import median, quantiles
from typing import Any

import psycopg

from app import clock
from app.db import Database
from app.people.access import Credential, actor_for
from app.people.secrets import digest
from app.rooms import audit, service
from app.rooms.bookings import NEW_COLUMNS, NewBooking
from app.rooms.errors import NotBookable
from app.spans import Span
from bench import support
from bench.raw import insert_sql
from bench.results import Result, main
from bench.support import Slot

BAR = 5.0
CONNECTIONS, DESKS, TRIES, ROUNDS = 32, 5, 40, 5

_OVER_CONFLICTS = insert_sql("%s").replace("RETURNING", "ON CONFLICT DO NOTHING RETURNING")


def run() -> Iterator[Result]:
    with support.databases() as databases:
        address = databases.make("PostgreSQL", "rush")
        support.demo(address)
        tokens = support.with_tokens(address)
        slots = support.slots(address, 60 * CONNECTIONS)
        ours, limit = [], []
        with (
            Database(address, writers=CONNECTIONS) as db,
            databases.connect("rush", autocommit=True) as watch,
        ):
            for turn in range(ROUNDS + 1):
                ours.append(_p99_ms(_service(db, tokens), _tries(slots, turn * 2)))
                limit.append(_p99_ms(_insert(databases), _tries(slots, turn * 2 + 1)))
            deadlocks = watch.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = 'rush'").fetchone()
            overlaps = len(db.read_here(audit.overlaps))
            booked = watch.execute("SELECT count(*) FROM booking").fetchone()
        assert deadlocks
        print(
            f"rush: p99 in ms by round, ours {_plain(ours)}, limit {_plain(limit)}; bookings now {booked}", flush=True
        )
        yield Result("rush on 5 desks, p99, PostgreSQL", median(ours[1:]), "ms", BAR, median(limit[1:]))
        yield Result("rush on 5 desks, deadlocks", deadlocks[0], "of them", 0)
        yield Result("rush on 5 desks, overlaps", overlaps, "of them", 0)


def _tries(slots: list[Slot], turn: int) -> list[list[Slot]]:
    """For each connection its person and what they try: half-hours of five desks, a day for each turn, many in conflict."""
    dice = random.Random(turn)
    desks = list(dict.fromkeys(slot.space_id for slot in slots))[:DESKS]
    people = list(dict.fromkeys(slot.person_id for slot in slots))[:CONNECTIONS]
    days = sorted({slot.span.starts_at.date() for slot in slots})
    starts = sorted({slot.span.starts_at for slot in slots if slot.span.starts_at.date() == days[turn % len(days)]})

    def one(person_id: int) -> Slot:
        starts_at = dice.choice(starts) + timedelta(minutes=30 * dice.randrange(2))
        return Slot(person_id, dice.choice(desks), Span(starts_at, starts_at + timedelta(minutes=30)))

    return [[one(person_id) for _ in range(TRIES)] for person_id in people]


def _p99_ms(start: Callable[[], Callable[[Slot], None]], tries: list[list[Slot]]) -> float:
    seconds: list[float] = []
    ready = threading.Barrier(CONNECTIONS)

    def one(mine: list[Slot]) -> None:
        book = start()
        ready.wait()
        for slot in mine:
            began = time.perf_counter()
            book(slot)
            seconds.append(time.perf_counter() - began)

    threads = [threading.Thread(target=one, args=(mine,)) for mine in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seconds) == CONNECTIONS * TRIES, "a try failed"
    return quantiles(seconds, n=100, method="inclusive")[98] * 1000


def _service(db: Database, tokens: dict[int, str]) -> Callable[[], Callable[[Slot], None]]:
    now = clock.now()

    def work(session: Any, slot: Slot) -> None:
        actor = actor_for(session, Credential("token", digest(tokens[slot.person_id])), now=now)
        service.book(session, actor, NewBooking(slot.space_id, slot.span.starts_at, slot.span.ends_at), now=now)

    def book(slot: Slot) -> None:
        with suppress(NotBookable):
            db.write_here(work, slot)

    return lambda: book


def _insert(databases: support.Databases) -> Callable[[], Callable[[Slot], None]]:
    now = clock.now()

    def start() -> Callable[[Slot], None]:
        connection: psycopg.Connection[Any] = databases.connect("rush")

        def book(slot: Slot) -> None:
            row = slot.row(now)
            connection.execute(_OVER_CONFLICTS, tuple(row[column] for column in NEW_COLUMNS))
            connection.commit()

        return book

    return start


def _plain(values: list[float]) -> str:
    return " ".join(f"{value:.0f}" for value in values)


if __name__ == "__main__":
    main(run)
