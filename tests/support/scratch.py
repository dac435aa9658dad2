"""Where databases of tests lie: in memory where the machine has a place for that."""

from __future__ import annotations

import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2**32
"""Bytes that must be free there: containers often give it next to nothing."""


def folder() -> str | None:
    """A folder in memory, or None for the usual one. A database of PostgreSQL is some 350 files: to copy it took 15 ms in
    memory and 340 ms on a disk whose file system makes files slowly, and there are two thousand copies in a run."""
    return str(MEMORY) if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None
