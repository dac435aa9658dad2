"""Units of work: one function, one transaction, one thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import engines, guards
from app.db.hot import CONNECTION
from app.db.threads import Threads

P = ParamSpec("P")
T = TypeVar("T")

CHANGES = "changes"
"""Where in ``session.info`` a unit of work notes what it changed; who listens is told once it is committed."""
GLANCES = "glances"
"""Set in ``session.info`` where each statement sees a moment of its own."""
ATTEMPTS = 4
"""Runs of one unit of work before its failure counts. A rival that beat us is committed by the second run, which then sees
it and says so in words; more runs are for rivals that keep coming."""


class NeedsOneMoment(Exception):  # noqa: N818 - nothing went wrong
    """What is to be kept must not be put together from several moments: the unit of work is done again in one."""


def one_moment(session: Session) -> None:
    """Called by whatever is about to read, in several statements, what it then keeps."""
    if GLANCES in session.info:
        raise NeedsOneMoment


class Database:
    """The writer's and the readers' threads and connections; one a process.

    SQLite has one writer thread, as the file has one write lock: waiting in our own queue is fair, waiting on the file isn't.
    It has one reader, as its driver lets go of the interpreter at every row: two readers cost each other more than twice the
    CPU (3.1 ms instead of 1.4 for 200 rows).
    """

    def __init__(self, address: str, *, writers: int = 8, readers: int = 4) -> None:
        self.url = engines.normal_url(address)
        self.embedded = self.url.get_backend_name() == "sqlite"
        writers, readers = (1, 1) if self.embedded else (writers, readers)
        self.told: Callable[[list[Any]], None] | None = None
        """Called in the writer's thread after each commit that noted changes, with these."""
        self._writing = engines.writing_engine(self.url, writers)
        self._reading = engines.reading_engine(self.url, readers)
        self._glancing = self._reading.execution_options(isolation_level="AUTOCOMMIT")
        self._writer_threads = Threads(writers, "writer")
        self._reader_threads = Threads(readers, "reader")

    @property
    def engine(self) -> Engine:
        """The engine that writes, for migrations and for tests that look behind the scenes."""
        return self._writing

    async def write(self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function(session, ...)`` in a transaction of its own; it is committed when this returns.

        The function may be run again after a lost race, so it must do nothing but read and write through its session.
        """
        return await self._writer_threads.run(partial(self.write_here, function, *args, **kwargs))

    async def read(self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function(session, ...)`` in a read-only transaction that sees one moment."""
        return await self._reader_threads.run(partial(self.read_here, function, *args, **kwargs))

    async def glance(self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``read`` for a function of one statement, or of some that need not agree: each sees its own moment. On PostgreSQL
        that saves the ways to the server that begin and end a transaction, which cost as much as two statements."""
        return await self._reader_threads.run(partial(self.glance_here, function, *args, **kwargs))

    def write_here(self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``write`` in the caller's own thread: for commands and tests."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with Session(self._writing, expire_on_commit=False) as session, session.begin():
                    session.info[CONNECTION] = session.connection()
                    answer = function(session, *args, **kwargs)
                if self.told is not None and (changes := session.info.get(CHANGES)):
                    self.told(changes)
                return answer
            except DBAPIError as error:
                if attempt == ATTEMPTS or not guards.lost_race(error):
                    raise
        raise AssertionError("unreachable")

    def read_here(self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``read`` in the caller's own thread."""
        return self._look(self._reading, function, *args, **kwargs)

    def glance_here(self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``glance`` in the caller's own thread."""
        if self.embedded:
            return self.read_here(function, *args, **kwargs)
        try:
            return self._look(self._glancing, function, *args, **kwargs)
        except NeedsOneMoment:
            return self.read_here(function, *args, **kwargs)

    def _look(
        self, engine: Engine, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            session.info[CONNECTION] = session.connection()
            if engine is self._glancing:
                session.info[GLANCES] = True
            return function(session, *args, **kwargs)

    def close(self) -> None:
        self._writer_threads.close()
        self._reader_threads.close()
        self._writing.dispose()
        self._reading.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
