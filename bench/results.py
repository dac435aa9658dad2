"""What a measurement answers: one line with its limit, its bar and whether it is met."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

import msgspec


class Result(msgspec.Struct, frozen=True):
    """``measured`` and ``limit`` are in ``unit``. With a limit the bar is a multiple of it, without one a plain value;
    ``at_least`` turns the bar round, for rates."""

    what: str
    measured: float
    unit: str
    bar: float
    limit: float | None = None
    at_least: bool = False

    @property
    def against_bar(self) -> float:
        return self.measured / self.limit if self.limit else self.measured

    @property
    def passed(self) -> bool:
        return self.against_bar >= self.bar if self.at_least else self.against_bar <= self.bar

    def columns(self) -> tuple[str, ...]:
        sign = ">=" if self.at_least else "<="
        unit = "x" if self.limit else f" {self.unit}"
        return (
            self.what,
            f"{number(self.measured)} {self.unit}",
            f"{number(self.limit)} {self.unit}" if self.limit else "",
            f"{self.against_bar:.2f}x" if self.limit else "",
            f"{sign} {self.bar:g}{unit}",
            "pass" if self.passed else "FAIL",
        )


HEAD = ("measured", "value", "limit", "ratio", "bar", "")


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")


def table(results: Sequence[Result]) -> str:
    rows = [HEAD, *(result.columns() for result in results)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def main(run: Callable[[], Iterator[Result]]) -> None:
    """Print one script's results; the exit status is 1 if a bar was missed."""
    results = list(run())
    print(table(results))
    sys.exit(not all(result.passed for result in results))
