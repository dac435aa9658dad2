"""Everything that ``make test`` runs: brings Chromium, PostgreSQL and libical where it can, then the suite in three zones.

Each test but those of pages runs once on each engine: on PostgreSQL under UTC; on SQLite under America/St_Johns if it reads
clocks, else under Asia/Jakarta. Code that looked at the machine's own zone would answer differently there, whatever the engine.
``--zones`` runs the whole suite on SQLite under each of the three, and the pages on PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from ctypes.util import find_library
from pathlib import Path

from tests.support import chromium

CLOCKS = (
    *("tests/test_times.py", "tests/db", "tests/rooms/test_api.py", "tests/rooms/test_rules.py", "tests/web"),
    *("tests/scheduling/test_working_time.py", "tests/scheduling/test_plans.py", "tests/scheduling/test_changes.py"),
    *("tests/scheduling/test_week_page.py", "tests/scheduling/test_board_page.py", "tests/people/test_sign_in.py"),
    *("tests/calendars/test_writer.py", "tests/calendars/test_feeds.py", "tests/presence/test_rules.py"),
)
"""Whatever says what day or hour it is."""
PAGES = (
    *(
        "tests/scheduling/test_admin_pages.py",
        "tests/scheduling/test_board_page.py",
        "tests/scheduling/test_week_page.py",
    ),
    *("tests/rooms/test_room_pages.py", "tests/rooms/test_waiting_pages.py", "tests/rooms/test_series_pages.py"),
    *("tests/meetings/test_pages.py", "tests/meetings/test_find_page.py"),
    *("tests/calendars/test_pages.py", "tests/mail/test_pages.py"),
)
"""What forms and pages say: on SQLite, as the services behind them are tested on both engines and ``tests/web`` writes every page
on both; with ``--zones`` on PostgreSQL too."""
STORMS = sorted(str(path) for path in Path("tests").glob("*/test_*storm.py"))
FAULTS = "tests/presence/test_faults.py"
"""They wait more than they work, and some measure how long: apart from the storms, which take whatever the machine has."""
SQLITE = "not storm and not browser and not postgresql"
BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}
"""Kept whatever the machine says: six parts of several processes each would compile and rewrite every test anew."""
CORES = min(os.cpu_count() or 1, 4)


def main() -> int:
    """Exit status of the first part that failed, or 0."""
    _bring(chromium.SHELL, shutil.which(chromium.SHELL) is not None)
    _bring("chromium", chromium.path() is not None)
    _bring("postgresql", _has_postgresql())
    _bring("libical3", find_library("ical") is not None)
    for zone, options in _zones() if "--zones" in sys.argv else _once():
        print(f"== TZ={zone} pytest {' '.join(options)}", flush=True)
        status = subprocess.call([sys.executable, "-m", "pytest", *options], env=os.environ | BYTECODE | {"TZ": zone})
        if status:
            return status
    return 0


def _once() -> list[tuple[str, Sequence[str]]]:
    """Each test in one zone."""
    but_pages, but_clocks = ([f"--ignore={path}" for path in paths] for paths in (PAGES, CLOCKS))
    return [
        ("UTC", (*_spread(CORES + 1, "not storm and not browser and not sqlite"), *but_pages)),
        ("Asia/Jakarta", (*_spread(CORES + 1, f"{SQLITE} and sqlite"), *but_clocks)),
        ("America/St_Johns", (*_spread(CORES + 1, SQLITE), *CLOCKS)),
        ("UTC", (*_spread(CORES, "storm"), *STORMS)),
        ("UTC", (*_spread(CORES, "storm", "load"), FAULTS)),
        ("UTC", (*_spread(CORES, "browser"), "tests/browser")),
    ]


def _zones() -> list[tuple[str, Sequence[str]]]:
    """Every test on SQLite in every zone."""
    zones = ("UTC", "Asia/Jakarta", "America/St_Johns")
    parts: list[tuple[str, Sequence[str]]] = [(zone, _spread(CORES + 1, f"{SQLITE} and not lengthy")) for zone in zones]
    return [*parts, ("UTC", (*_spread(CORES + 1, "postgresql"), *PAGES))]


def _spread(workers: int, chosen: str, how: str = "loadfile") -> Sequence[str]:
    return "-n", str(workers), "--dist", how, "-m", chosen


def _has_postgresql() -> bool:
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def _bring(package: str, there: bool) -> None:
    """Install a Debian package if this machine lets us; the tests say what they skip without it, and fail in CI."""
    if there or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"== apt-get install {package}", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.call(["apt-get", "-qq", "update"], **quiet)
    subprocess.call(["apt-get", "-qq", "-y", "install", package], **quiet)


if __name__ == "__main__":
    sys.exit(main())
