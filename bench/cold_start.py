"""From the command to the first page: ``selaras serve --demo`` on SQLite with the demo's data present.

Measured: from exec to the first 200 of ``GET /masuk``, five starts; the CPU it took is printed beside, as a busy machine
stretches the time. Bar: 1 second.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from bench import support
from bench.results import Result, main

BAR_S = 1.0
STARTS = 5


def run() -> Iterator[Result]:
    with support.databases() as databases:
        address = databases.make("SQLite", "start")
        support.demo(address)
        seconds, cpu = [], []
        for _ in range(STARTS):
            port = support.free_port()
            command = ["-m", "app", "serve", "--demo", "--port", str(port)]
            began = time.perf_counter()
            with support.started(command, port, "/masuk", SELARAS_DATABASE=address) as server:
                seconds.append(time.perf_counter() - began)
                cpu.append(server.cpu())
        print(f"cold start: {_plain(seconds)} s; of CPU {_plain(cpu)} s", flush=True)
        yield Result("cold start to the first page", median(seconds), "s", BAR_S)


def _plain(values: list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


if __name__ == "__main__":
    main(run)
