"""From the command to the first page: ``selaras serve --demo`` on SQLite with the demo's data present.

Measured: from exec to the first 200 of ``GET /masuk``, five starts; the CPU it took is printed beside, as a busy machine
stretches the time. Bar: 1 second.

Measured as a user's environment starts it: Litestar loads pydantic and attrs wherever it finds them, and here it finds them
only because tools of developers brought them.

The code is compiled, as it is where pip has installed it: a start before the measured ones writes Python's bytecode into a
folder of its own. What a start costs that finds no bytecode, because the environment was made without, is printed too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from bench import support
from bench.results import Result, main

BAR_S = 1.0
STARTS = 5
AS_INSTALLED = """
import sys
sys.modules.update(dict.fromkeys(("pydantic", "attrs", "attr")))
from app.__main__ import main
sys.exit(main())
"""


def run() -> Iterator[Result]:
    with support.databases() as databases:
        address = databases.make("SQLite", "start")
        support.demo(address)
        bytecode = {"PYTHONPYCACHEPREFIX": str(databases.home / "bytecode")}
        _, uncompiled = _start(address, PYTHONDONTWRITEBYTECODE="1", **bytecode)
        _start(address, PYTHONDONTWRITEBYTECODE="", **bytecode)
        starts = [_start(address, PYTHONDONTWRITEBYTECODE="", **bytecode) for _ in range(STARTS)]
        seconds, cpu = zip(*starts, strict=True)
        print(f"cold start: {_plain(seconds)} s; of CPU {_plain(cpu)} s; uncompiled {uncompiled:.2f} s", flush=True)
        yield Result("cold start to the first page", median(seconds), "s", BAR_S)


def _start(address: str, **environment: str) -> tuple[float, float]:
    """Seconds to the first page, and seconds of CPU."""
    port = support.free_port()
    command = ["-c", AS_INSTALLED, "serve", "--demo", "--port", str(port)]
    began = time.perf_counter()
    with support.started(command, port, "/masuk", SELARAS_DATABASE=address, **environment) as server:
        return time.perf_counter() - began, server.cpu()


def _plain(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


if __name__ == "__main__":
    main(run)
