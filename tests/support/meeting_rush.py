"""Somebody who plans, moves and calls off meetings in the same two rooms as everybody else.

Run as a process of its own: the orders come as JSON on standard input, counts of answers go as JSON to standard output.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from tests.support.wire import Wire


async def rush(orders: dict[str, Any]) -> dict[str, Any]:
    dice = random.Random(orders["seed"])
    wire = Wire(orders["port"])
    await wire.open()
    counts: Counter[str] = Counter()
    mine: list[int] = []
    opens = datetime.fromisoformat(orders["opens"])
    for _ in range(orders["steps"]):
        starts_at = opens + timedelta(minutes=30 * dice.randrange(8))
        rooms = dice.sample(orders["rooms"], 2)
        span = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=1)).isoformat()}
        roll = dice.random()
        if roll < 0.5 or not mine:
            body = {"title": "Rapat", "site_id": 1, "room_ids": rooms, **span}
            answer = await wire.ask("POST", "/api/meetings", orders["token"], body)
            if answer.status == 201:
                mine.append(answer.body["id"])
        elif roll < 0.8:
            body = span if dice.random() < 0.5 else span | {"room_ids": rooms}
            answer = await wire.ask("PATCH", f"/api/meetings/{dice.choice(mine)}", orders["token"], body)
        else:
            gone = mine.pop(dice.randrange(len(mine)))
            answer = await wire.ask("DELETE", f"/api/meetings/{gone}", orders["token"])
        counts[str(answer.status)] += 1
    await wire.close()
    return {"counts": counts, "mine": mine}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(rush(json.load(sys.stdin)))))
