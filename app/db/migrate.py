"""Bring a database to the newest shape. Migrations are written by hand for both engines: what autogenerate makes of
exclusion constraints and triggers is wrong on each of them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from app.db.work import Database

HEAD = "0007"
"""The newest migration; named here so that a start with nothing to do need not load Alembic. A test holds it."""


def version(database: Database) -> str | None:
    """The migration the database stands at, or None for an empty one."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(database: Database) -> bool:
    """Run what is missing, all in one transaction; True if there was something to run."""
    if version(database) == HEAD:
        return False
    from alembic import command  # noqa: PLC0415 - only a start that migrates pays for the import
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True
