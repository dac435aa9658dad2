"""A connection that is kept: made anew with growing waits whenever it is lost."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

log = logging.getLogger("selaras.presence")

Up = Callable[[], None]


class Kept:
    """Runs ``once(up)`` for ever: it connects, calls ``up``, and listens until something is raised. ``turned`` is told of
    every turn. Waits are between the two of ``retry``, in seconds, and half chance."""

    def __init__(self, name: str, once: Callable[[Up], Awaitable[None]], retry: tuple[float, float]) -> None:
        self._name, self._once, self._retry = name, once, retry
        self._turned: Callable[[bool], None] = lambda up: None
        self._task: asyncio.Task[None] | None = None
        self._attempt: asyncio.Task[None] | None = None
        self._up = False
        self._wait = retry[0]

    def start(self, turned: Callable[[bool], None]) -> None:
        self._turned = turned
        self._task = asyncio.create_task(self._keep())

    def reconnect(self) -> None:
        if self._attempt is not None:
            self._attempt.cancel()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self) -> None:
        while True:
            self._attempt = asyncio.ensure_future(self._once(self._came_up))
            try:
                await self._attempt
            except asyncio.CancelledError:
                if (task := asyncio.current_task()) is not None and task.cancelling():
                    self._attempt.cancel()
                    with suppress(Exception, asyncio.CancelledError):
                        await self._attempt
                    raise
            except Exception as error:
                log.warning("the bus (%s) is down: %s", self._name, type(error).__name__)
            if self._up:
                self._up = False
                self._turned(False)
            await asyncio.sleep(self._wait * random.uniform(0.5, 1))  # noqa: S311 - that not all come at once
            self._wait = min(self._wait * 2, self._retry[1])

    def _came_up(self) -> None:
        self._up, self._wait = True, self._retry[0]
        self._turned(True)
