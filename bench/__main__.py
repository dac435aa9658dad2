"""All measurements, one after the other, and one table in the end; the exit status is 1 if a bar was missed."""

from __future__ import annotations

import sys
import time

from bench import (
    availability,
    board,
    booking_cpu,
    cold_start,
    feeds,
    growth,
    holiday,
    http_rate,
    lists,
    page,
    presence,
    rush,
    slots,
    week_put,
)
from bench.results import Result, table

SCRIPTS = (
    booking_cpu,
    http_rate,
    rush,
    lists,
    page,
    cold_start,
    availability,
    growth,
    week_put,
    board,
    holiday,
    slots,
    presence,
    feeds,
)


def main() -> int:
    results: list[Result] = []
    for script in SCRIPTS:
        print(f"== {script.__name__}", flush=True)
        began = time.perf_counter()
        results += script.run()
        print(f"   {time.perf_counter() - began:.0f} s", flush=True)
    print(f"\n{table(results)}")
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
