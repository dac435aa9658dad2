"""CPU of one week plan with its desk: ``PUT /api/people/{id}/weeks/{week}``, measured as ``booking_cpu`` measures a booking.

Measured: CPU time of the server's process for each 200 that plans a day at the office and holds a desk for it, in a week
that the person hasn't planned yet. Limit, in the same rounds on the same server: ``POST /api/bookings`` of such a desk alone.
Bar: twice the limit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from app import clock
from app.weeks import week_of
from bench import support
from bench.load import load, request
from bench.results import Result, main

BAR = 2.0
ROUNDS, EACH = 5, 100


def run() -> Iterator[Result]:
    with support.databases() as databases:
        for engine in support.ENGINES:
            yield _measure(databases, engine)


def _measure(databases: support.Databases, engine: str) -> Result:
    address = databases.make(engine, "week_put")
    support.demo(address)
    tokens = support.with_tokens(address)
    zones = support.zones_of_desks(address)
    posting = support.zones_of_people(address)
    plans, bookings, weeks = [], [], set()
    for slot in support.slots(address, 12_000, days_ahead=14):
        zone = zones[slot.space_id]
        starts = slot.span.starts_at.astimezone(clock.zone(zone))
        if zone != posting.get(slot.person_id):
            continue
        key = (slot.person_id, week_of(starts.date()))
        if key in weeks:
            continue
        weeks.add(key)
        if len(plans) <= len(bookings):
            plans.append((slot, starts))
        else:
            bookings.append(slot)
    wanted = (ROUNDS + 1) * EACH
    each = min(EACH, len(bookings) // (ROUNDS + 1))
    assert each >= 20, f"{len(bookings)} slots for {wanted} plans"
    rounds = []
    with support.served(address) as server:
        for start in range(0, each * (ROUNDS + 1), each):
            puts = [_put(slot, starts, tokens) for slot, starts in plans[start : start + each]]
            posts = [slot.request(tokens) for slot in bookings[start : start + each]]

            def go(requests: list[bytes], status: int) -> None:
                statuses = load(server.port, requests).statuses
                assert statuses == {status: len(requests)}, statuses

            rounds.append(
                {
                    "plan": support.cpu_us(server, lambda puts=puts: go(puts, 200), each),
                    "booking": support.cpu_us(server, lambda posts=posts: go(posts, 201), each),
                }
            )
    found = support.medians(rounds[1:])
    return Result(f"week plan with its desk, {engine}", found["plan"], "us", BAR, found["booking"])


def _put(slot: support.Slot, starts: datetime, tokens: dict[int, str]) -> bytes:
    ends = starts + slot.span.length
    part = {"mode": "WFO", "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}", "desk_id": slot.space_id}
    path = f"/api/people/{slot.person_id}/weeks/{week_of(starts.date())}"
    body = json.dumps({"days": {starts.date().isoformat(): [part]}}).encode()
    return request("PUT", path, tokens[slot.person_id], body)


if __name__ == "__main__":
    main(run)
