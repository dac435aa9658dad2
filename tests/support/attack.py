"""An attack on a few desks of one day: many people book, move, give back and take up again, all at once, over HTTP.

Run as a process of its own: the orders come as JSON on standard input, what happened goes as JSON to standard output.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from tests.support.wire import Answer, Wire

QUARTER = timedelta(minutes=15)


class Client:
    """One person at one connection. ``alone``: nobody else acts for this person, so their desks are known here."""

    def __init__(self, orders: dict[str, Any], person: dict[str, Any], told: Told) -> None:
        self._wire = Wire(orders["port"])
        self._desks: list[int] = orders["desks"]
        self._opens = datetime.fromisoformat(orders["opens"])
        self._quarters: int = orders["quarters"]
        self._steps: int = orders["steps"]
        self._id, self._token, self._alone = person["id"], person["token"], person["alone"]
        self._dice = random.Random(f"{orders['seed']}/{person['id']}/{person['nth']}")
        self._mine: dict[int, dict[str, Any]] = {}
        self._step_now = 0
        self._told = told

    async def open(self) -> None:
        await self._wire.open()

    async def run(self) -> None:
        try:
            for step in range(self._steps):
                self._step_now = step
                await self._step()
        finally:
            await self._wire.close()

    async def _step(self) -> None:
        active = [one for one in self._mine.values() if one["state"] == "booked"]
        gone = [one for one in self._mine.values() if one["state"] == "cancelled"]
        roll = self._dice.random()
        if roll < 0.45 or not active:
            await self._write("POST", "/api/bookings", self._anything())
        elif roll < 0.7:
            await self._move(self._dice.choice(active))
        elif roll < 0.9 or not gone:
            await self._write("DELETE", self._path(self._dice.choice(active)), None)
        else:
            one = self._dice.choice(gone)
            await self._write("PATCH", self._path(one), {"state": "booked"}, span_of=one)

    async def _move(self, one: dict[str, Any]) -> None:
        change = self._anything()
        kept = self._dice.choice(("space_id", "hours", ""))
        if kept == "space_id":
            del change["space_id"]
        elif kept == "hours":
            del change["starts_at"], change["ends_at"]
        stale = self._dice.random() < 0.1
        version = one["version"] + (1 if stale else 0)
        headers = {"If-Match": f'"{version}"'}
        await self._write("PATCH", self._path(one), change, headers, moved=one, span_of=one, stale=stale)

    def _anything(self) -> dict[str, Any]:
        """Any desk at any time; every other wish is what everybody wants just now, so that many meet in one moment."""
        length = self._dice.randint(1, 4)
        start, desk = self._dice.randrange(self._quarters - length), self._dice.choice(self._desks)
        if self._dice.random() < 0.5:
            start = 4 * self._step_now % (self._quarters - 4)
            desk = self._desks[self._step_now % len(self._desks)]
        starts_at = self._opens + QUARTER * start
        ends_at = starts_at + QUARTER * length
        return {"space_id": desk, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}

    @staticmethod
    def _path(one: dict[str, Any]) -> str:
        return f"/api/bookings/{one['id']}"

    async def _write(
        self,
        method: str,
        path: str,
        data: Any,
        headers: dict[str, str] | None = None,
        *,
        moved: dict[str, Any] | None = None,
        span_of: dict[str, Any] | None = None,
        stale: bool = False,
    ) -> None:
        answer = await self._wire.ask(method, path, self._token, data, headers)
        self._told.statuses[f"{method} {answer.status}"] += 1
        if answer.status in (200, 201):
            self._mine[answer.body["id"]] = answer.body
            if answer.status == 201:
                self._told.made.append(answer.body["id"])
        elif answer.status == 409:
            self._refused(answer, {**(span_of or {}), **(data or {})}, moved)
        elif not (answer.status == 412 and stale):
            self._told.odd.append(f"{method} {path} {data} for {self._id}: {answer}")

    def _refused(self, answer: Answer, wanted: dict[str, Any], moved: dict[str, Any] | None) -> None:
        why = answer.body.get("facts", {}).get("hindrance")
        if answer.kind != "application/problem+json" or answer.body["code"] != "not-bookable":
            self._told.odd.append(f"a refusal of the wrong kind: {answer}")
            return
        self._told.hindrances[why] += 1
        if why not in ("taken", "has-desk"):
            self._told.odd.append(f"an unexpected hindrance: {answer}")
        ways = answer.body.get("ways_out", [])
        # with two desks of one's own in the way, no single change gets around both
        others = sum(self._meets(one, wanted) for one in self._mine.values() if one is not moved)
        if self._alone and not ways and others <= (0 if moved else 1) and why == "taken":
            self._told.odd.append(f"no way out although desks are free: {answer}")
        for way in ways[:1]:
            self._told.ways.append(way | {"person": self._id})

    @staticmethod
    def _meets(one: dict[str, Any], wanted: dict[str, Any]) -> bool:
        starts, ends = (datetime.fromisoformat(one[name]) for name in ("starts_at", "ends_at"))
        wants, until = (datetime.fromisoformat(wanted[name]) for name in ("starts_at", "ends_at"))
        return one["state"] == "booked" and starts < until and wants < ends


class Told:
    """What happened: answers by method and status, refusals by hindrance, everything odd, ids made, ways out offered."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.hindrances: Counter[str] = Counter()
        self.odd: list[str] = []
        self.made: list[int] = []
        self.ways: list[dict[str, Any]] = []

    def as_json(self) -> dict[str, Any]:
        return {
            "statuses": self.statuses,
            "hindrances": self.hindrances,
            "odd": self.odd[:20],
            "made": self.made,
            "ways": self.ways[-60:],
        }


async def attack(orders: dict[str, Any]) -> dict[str, Any]:
    told = Told()
    clients = [Client(orders, person, told) for person in orders["people"]]
    await asyncio.gather(*(client.open() for client in clients))
    done = await asyncio.gather(*(client.run() for client in clients), return_exceptions=True)
    told.odd += [repr(error) for error in done if isinstance(error, BaseException)]
    return told.as_json()


if __name__ == "__main__":
    import uvloop

    print(json.dumps(uvloop.run(attack(json.load(sys.stdin)))))
