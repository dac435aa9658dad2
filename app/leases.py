"""Background work inside the service: one runner at a time across all processes, by a lease row that shows its last run."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.clock import Clock
from app.db import Base, Database

log = logging.getLogger("selaras.work")


class Lease(Base):
    """``holder`` may run the work until ``until_at``; the rest is what people see of the last run."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")


class LastRun(msgspec.Struct, frozen=True):
    name: str
    started_at: datetime | None
    ended_at: datetime | None
    outcome: str


class Work(msgspec.Struct, frozen=True):
    """``do(session, now=...)`` once every ``every``; it answers with how many things it changed. It runs again at once
    while it changes something, so a long queue is worked off in short transactions."""

    name: str
    every: timedelta
    do: Callable[..., int]


class Errand(msgspec.Struct, frozen=True):
    """A work that does something outside the database: ``run(clock=...)`` makes its own units of work, none of which lasts
    while it waits for others. The lease is taken anew before each run; it answers as ``Work.do`` does."""

    name: str
    every: timedelta
    run: Callable[..., Awaitable[int]]


def take(session: Session, name: str, holder: str, length: timedelta, *, now: datetime) -> bool:
    """Whether ``holder`` has the lease for ``length`` from now: it had it, nobody did, or it had run out."""
    mine = (
        update(Lease)
        .where(Lease.name == name, or_(Lease.holder == holder, Lease.until_at <= now))
        .values(holder=holder, until_at=now + length, started_at=now)
    )
    if session.connection().execute(mine).rowcount:
        return True
    if session.scalar(select(Lease.name).where(Lease.name == name)) is not None:
        return False
    session.execute(insert(Lease).values(name=name, holder=holder, until_at=now + length, started_at=now, outcome=""))
    return True


def note(session: Session, name: str, outcome: str, *, now: datetime) -> None:
    session.execute(update(Lease).where(Lease.name == name).values(ended_at=now, outcome=outcome))


def last_runs(session: Session) -> list[LastRun]:
    rows = session.execute(select(Lease.name, Lease.started_at, Lease.ended_at, Lease.outcome).order_by(Lease.name))
    return [LastRun(*row) for row in rows]


class Runner:
    """Runs the works of one process. A work that fails is logged and noted, and tried again at its next time."""

    def __init__(self, db: Database, works: tuple[Work | Errand, ...], clock: Clock) -> None:
        self._db, self._works, self._clock = db, works, clock
        self._holder = secrets.token_hex(6)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._keep(work), name=work.name) for work in self._works]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def run(self, work: Work | Errand) -> int | None:
        """Run a work once if the lease is ours; how much it changed, or None."""
        if not await self._take(work):
            return None
        total = 0
        while changed := await self._once(work):
            total += changed
        await self._db.write(note, work.name, f"{total}", now=self._clock())
        return total

    async def _once(self, work: Work | Errand) -> int:
        if isinstance(work, Work):
            return await self._db.write(work.do, now=self._clock())
        return await work.run(clock=self._clock) if await self._take(work) else 0

    async def _take(self, work: Work | Errand) -> bool:
        return await self._db.write(take, work.name, self._holder, work.every * 3, now=self._clock())

    async def _keep(self, work: Work | Errand) -> None:
        while True:
            try:
                await self.run(work)
            except Exception as error:  # a background work must outlive whatever one run meets
                log.exception("work %s failed", work.name)
                with suppress(Exception):
                    await self._db.write(note, work.name, type(error).__name__, now=self._clock())
            await asyncio.sleep(work.every.total_seconds())
