"""Bring a database up to date: its shape first, then the rules that hold for the whole nation where they are missing."""

from __future__ import annotations

from app import tables  # noqa: F401 - a statement about one table needs those it refers to
from app.db import Database
from app.db.migrate import migrate


def upgrade(db: Database) -> bool:
    """True if there was something to do. A database that is up to date costs one question."""
    if not migrate(db):
        return False
    from app.scheduling.seeds import plant  # noqa: PLC0415 - only a new database needs them

    db.write_here(plant)
    return True
