"""The threads in which units of work run, called from an event loop.

``concurrent.futures`` makes two futures of each call, copies one into the other and wakes the loop for each: a tenth of a
booking's CPU. Here a call has one future. And while calls wait in line, a loop is not woken for each that is done, as
a network card does not interrupt for each packet: it looks by itself every few milliseconds, or when the line is empty.
Otherwise a writer and its loop pass the interpreter to each other a dozen times a booking.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
Work = Callable[[], Any]

LOOK_S = 0.002
"""So often a loop looks what is done while calls wait in line; no answer is later for it."""


class _Loop:
    """An event loop, and what is done for it and not yet told there. All but ``put`` runs in its thread."""

    __slots__ = ("_called", "_ends", "_most", "_waiting", "looks", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, most: int) -> None:
        self.loop, self._most = loop, most
        self._ends: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._waiting = 0
        self._called = False
        self.looks = False
        """whether it will look by itself"""

    def future(self) -> asyncio.Future[Any]:
        self._waiting += 1
        if not self.looks:
            self._look_later()
        return self.loop.create_future()

    def put(self, future: asyncio.Future[Any], answer: Any, error: BaseException | None, *, more: bool) -> None:
        """From a thread; ``more``: calls wait in line."""
        self._ends.append((future, answer, error))
        if self._called or (more and self.looks):
            return
        self._called = True
        try:
            self.loop.call_soon_threadsafe(self._tell)
        except RuntimeError:  # it was closed meanwhile: nobody is left who waits
            self._ends.clear()

    def _look_later(self) -> None:
        self.looks = self._waiting > self._most
        if self.looks:
            self.loop.call_later(LOOK_S, self._look)

    def _look(self) -> None:
        self.looks = False  # before the rest, as below
        self._tell()
        self._look_later()

    def _tell(self) -> None:
        self._called = False  # before the queue is emptied: what comes from now on calls again
        while self._ends:
            future, answer, error = self._ends.popleft()
            self._waiting -= 1
            if future.done():  # whoever waited has been cancelled
                continue
            if error is None:
                future.set_result(answer)
            else:
                future.set_exception(error)


class Threads:
    """At most so many; each starts with a call that finds fewer."""

    def __init__(self, most: int, name: str) -> None:
        self._most, self._name = most, name
        self._line: SimpleQueue[tuple[_Loop, asyncio.Future[Any], Work] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._loop: _Loop | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """``work()`` in one of the threads. It runs to its end even if the caller is cancelled."""
        running = asyncio.get_running_loop()
        loop = self._loop
        if loop is None or loop.loop is not running:
            loop = self._loop = _Loop(running, self._most)
        future: asyncio.Future[T] = loop.future()
        self._line.put((loop, future, work))
        if len(self._threads) < self._most:
            thread = threading.Thread(target=self._serve, name=f"{self._name}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return await future

    def close(self) -> None:
        """Wait until all that was asked for is done, and end the threads."""
        for _ in self._threads:
            self._line.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _serve(self) -> None:
        while (item := self._line.get()) is not None:
            loop, future, work = item
            answer, error = None, None
            try:
                answer = work()
            except BaseException as raised:  # whatever it is, the caller is told
                error = _tellable(raised)
            loop.put(future, answer, error, more=not self._line.empty())
            del item, loop, future, work, answer, error  # a thread that waits keeps nothing alive


def _tellable(error: BaseException) -> BaseException:
    """A future takes any error but this one, which would end its loop's reading instead."""
    if not isinstance(error, StopIteration):
        return error
    told = RuntimeError("a unit of work raised StopIteration")
    told.__cause__ = error
    return told
