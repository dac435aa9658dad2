"""One model, two engines: SQLite in one process, PostgreSQL in many."""

from app.db.base import Base, BigId, Instant, partial
from app.db.engines import locks_rows
from app.db.work import Database

__all__ = ["Base", "BigId", "Database", "Instant", "locks_rows", "partial"]
