"""The office in which the tests play: the small demo world, filled at one fixed moment, copied for whoever needs it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, insert, select, text

from app import clock
from app.db import Database
from app.demo import world
from app.people import secrets
from app.people.models import Person, Token
from app.settings import Settings
from app.upgrade import upgrade

WITA, WIB = "Asia/Makassar", "Asia/Jakarta"
NOW = datetime(2026, 11, 24, 9, 12, tzinfo=ZoneInfo(WITA)).astimezone(UTC)
"""Tuesday, 24 November 2026, 09.12 WITA. No test knows another date."""
TODAY = date(2026, 11, 24)
QUIET = date(2026, 12, 10)
"""A Thursday on which the demo has no bookings yet, within everybody's horizon but that of the ministry of finance."""
NIP_KEY = "a key for tests only"
PASSWORD = world.PASSWORD


class FakeClock:
    """The wall clock of a test: it shows ``at`` until the test moves it."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def set(self, at: datetime) -> datetime:
        self.at = at.astimezone(UTC)
        return self.at

    def advance(self, **length: float) -> datetime:
        return self.set(self.at + timedelta(**length))


def settings_for(address: str, **more: object) -> Settings:
    return Settings(database=address, nip_key=NIP_KEY, **more)  # type: ignore[arg-type]


def at(on: date, hour: int, minute: int = 0, zone: str = WITA) -> datetime:
    """The instant at which the wall clock of ``zone`` shows this time."""
    return clock.instant_of(on, hour * 60 + minute, zone)


def token_of(person_id: int) -> str:
    """The bearer token that everybody in the test world has from the start."""
    return f"{secrets.TOKEN_PREFIX}of-person-{person_id}"


def bearer(person_id: int) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(person_id)}"}


def build(address: str) -> None:
    """Fill an empty database with the test world."""
    with Database(address) as db:
        upgrade(db)
        world.fill(db, settings_for(address), now=NOW, small=True)
        with db.engine.begin() as connection:
            people = connection.execute(select(Person.id)).scalars().all()
            rows = [
                {
                    "person_id": id,
                    "name": "uji",
                    "digest": secrets.digest(token_of(id)),
                    "created_at": NOW,
                    "used_on": NOW.date(),
                }
                for id in people
            ]
            connection.execute(insert(Token), rows)
            connection.execute(text("ANALYZE"))  # what the engine would have done by itself before long


class SqliteCopies:
    """Databases on SQLite: each is a copy of one file."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count()
        self._template: Path | None = None

    def _new(self) -> Path:
        return self._folder / f"{next(self._numbers)}.db"

    def empty(self) -> str:
        return f"sqlite:///{self._new()}"

    def filled(self) -> str:
        if self._template is None:
            template = self._folder / "template.db"
            build(f"sqlite:///{template}")
            with sqlite3.connect(template) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            self._template = template
        copy = self._new()
        shutil.copyfile(self._template, copy)
        return f"sqlite:///{copy}"

    def drop(self, address: str) -> None:
        for suffix in ("", "-wal", "-shm", ".lock"):
            Path(address.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)


class PostgresCopies:
    """Databases on PostgreSQL: each is a copy of a template database."""

    name = "postgresql"

    def __init__(self, address: str) -> None:
        self._address, self._numbers = address, count()
        self._admin = create_engine(
            (address % "postgres").replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
        )
        self._template = ""

    def _create(self, template: str = "template0") -> str:
        name = f"t{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def empty(self) -> str:
        return self._address % self._create()

    def filled(self) -> str:
        if not self._template:
            name = self._create()
            build(self._address % name)
            self._template = name
        return self._address % self._create(self._template)

    def drop(self, address: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {address.partition('@/')[2].partition('?')[0]} WITH (FORCE)")

    def close(self) -> None:
        self._admin.dispose()


Copies = SqliteCopies | PostgresCopies


@contextmanager
def copy_of(copies: Copies, *, filled: bool = True) -> Iterator[str]:
    """The address of a database of one's own, gone afterwards."""
    address = copies.filled() if filled else copies.empty()
    try:
        yield address
    finally:
        copies.drop(address)
