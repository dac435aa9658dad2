"""Bring a database to the newest shape. Migrations are written by hand for both engines: what autogenerate makes of
exclusion constraints and triggers is wrong on each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from app.db.work import Database

HEAD = "0007"
"""The newest migration; named here so that a start with nothing to do need not load Alembic. A test holds it."""
LOCK = 5_317_002
"""The number of PostgreSQL's advisory lock under which one process at a time migrates."""


class TooNew(Exception):  # noqa: N818 - a state, not a fault
    """The database was migrated by a newer Selaras than this one, which doesn't know what it may write there."""

    def __init__(self, found: str) -> None:
        super().__init__(f"the database stands at migration {found}, this Selaras knows {HEAD}: install the newer one")


class NotMigrated(Exception):  # noqa: N818 - a state, not a fault
    """There is no such database yet, or one of an older Selaras."""

    def __init__(self) -> None:
        super().__init__("the database is empty, or stands at an older migration: run selaras migrate first")


def check_migrated(database: Database) -> None:
    """For commands that only look: raises NotMigrated or TooNew, and makes no file where there is none."""
    there = not database.embedded or Path(database.url.database or "").exists()
    if not there or not _is_newest(database):
        raise NotMigrated


def _is_newest(database: Database) -> bool:
    """Raises TooNew."""
    found = version(database)
    if found is not None and found > HEAD:
        raise TooNew(found)
    return found == HEAD


def version(database: Database) -> str | None:
    """The migration the database stands at, or None for an empty one."""
    return database.read_here(_version)


def _version(session: Session) -> str | None:
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    return session.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(database: Database, then: Callable[[Session], None] | None = None) -> bool:
    """Run what is missing, and ``then``, all in one transaction; True if there was something to run. Of several processes
    one migrates, and the others wait for it. Raises TooNew."""
    if _is_newest(database):
        return False
    from alembic import command  # noqa: PLC0415 - only a start that migrates pays for the import
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.engine.begin() as connection:
        if not database.embedded:  # SQLite's transaction holds the whole file
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if then is not None:
            with Session(connection) as session:
                then(session)
                session.flush()
    return True
