"""Bring a database up to date: its shape first, then the rules that hold for the whole nation where they are missing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app import tables  # noqa: F401 - a statement about one table needs those it refers to
from app.db import Database
from app.db.migrate import migrate


def upgrade(db: Database) -> bool:
    """True if there was something to do. A database that is up to date costs one question. Shape and rules come in one
    transaction: whatever stops it leaves nothing half done. Raises ``app.db.migrate.TooNew``."""
    return migrate(db, then=_plant)


def _plant(session: Session) -> None:
    from app.scheduling.seeds import plant  # noqa: PLC0415 - only a new database needs them

    plant(session)
