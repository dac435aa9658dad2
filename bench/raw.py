"""The raw drivers: one booking a transaction, through a thread, with the guards on. Nothing that books can cost less."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import psycopg
import uvloop

from app.db.engines import SQLITE_PRAGMAS
from app.rooms.bookings import NEW_COLUMNS
from bench.support import Databases


def insert_sql(mark: str) -> str:
    return (
        f"INSERT INTO booking ({', '.join(NEW_COLUMNS)}) VALUES ({', '.join([mark] * len(NEW_COLUMNS))}) RETURNING id"
    )


class RawSqlite:
    """sqlite3 with the product's pragmas and one writer thread."""

    def __init__(self, databases: Databases, name: str) -> None:
        self._connection = sqlite_connection(databases, name)
        self._threads = ThreadPoolExecutor(1)

    def book(self, rows: Sequence[dict[str, Any]]) -> None:
        plain = [tuple(_seconds(row[column]) for column in NEW_COLUMNS) for row in rows]
        through_threads(self._threads, self._one, plain)

    def _one(self, row: tuple[Any, ...]) -> None:
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        execute(_SQLITE_INSERT, row).fetchone()
        execute("COMMIT")


_SQLITE_INSERT = insert_sql("?")


def sqlite_connection(databases: Databases, name: str) -> sqlite3.Connection:
    path = databases.home / f"{name}.db"
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _seconds(value: Any) -> Any:
    return int(value.timestamp()) if isinstance(value, datetime) else value


class RawPostgres:
    """psycopg, eight threads with a connection each: BEGIN, INSERT, COMMIT."""

    def __init__(self, databases: Databases, name: str) -> None:
        self._databases, self._name = databases, name
        self._threads = ThreadPoolExecutor(8)
        self._mine = threading.local()

    def book(self, rows: Sequence[dict[str, Any]]) -> None:
        through_threads(self._threads, self._one, [tuple(row[column] for column in NEW_COLUMNS) for row in rows])

    def _one(self, row: tuple[Any, ...]) -> None:
        connection: psycopg.Connection[Any] | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._mine.connection = self._databases.connect(self._name)
        connection.execute(_POSTGRES_INSERT, row).fetchone()
        connection.commit()


_POSTGRES_INSERT = insert_sql("%s")

RAW: dict[str, type[RawSqlite] | type[RawPostgres]] = {"SQLite": RawSqlite, "PostgreSQL": RawPostgres}


def through_threads(
    threads: ThreadPoolExecutor, work: Callable[[Any], Any], each: Sequence[Any], *, tasks: int = 32
) -> None:
    """``work`` for each value, from so many tasks of an event loop at a time: the thread hop is part of the limit."""

    async def one(values: Iterator[Any]) -> None:
        loop = asyncio.get_running_loop()
        for value in values:
            await loop.run_in_executor(threads, work, value)

    async def everything() -> None:
        values = iter(each)
        await asyncio.gather(*(one(values) for _ in range(tasks)))

    uvloop.run(everything())
