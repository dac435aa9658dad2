"""What leads to a viewer. The server's own transport is one way (``transport.py``); this is the other, plain ASGI."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from app.presence import wire

HIGH_BYTES = 128 * 1024
"""More than this waiting, and a viewer has fallen behind."""
EXTENSION = "selaras.pipe"
"""Where in an ASGI scope the server's own pipe is."""
FAREWELL_S = 1.0
"""A peer has so long to take what was written, when all ends."""


class PlainPipe:
    """A queue that one task empties with ASGI's own ``send``."""

    __slots__ = ("_bytes", "_queue", "_send", "_task", "_wake", "heard_at")
    sees_pongs = False

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self.heard_at = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._empty())

    def put(self, frames: bytes) -> bool:
        if self._bytes > HIGH_BYTES:
            return False
        for payload in wire.payloads(frames):
            self._queue.append(payload)
            self._bytes += len(payload)
        self._wake.set()
        return True

    def waiting(self) -> int:
        return self._bytes

    async def close(self) -> None:
        """Send what waits, within a moment, and end the task."""
        try:
            async with asyncio.timeout(FAREWELL_S):
                while self._queue and not self._task.done():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pass
        self._task.cancel()

    async def _empty(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._queue:
                    payload = self._queue[0]
                    await self._send(payload.decode())
                    self._queue.popleft()
                    self._bytes -= len(payload)
        except Exception:  # the peer is gone: the handler hears it by itself
            self._queue.clear()
            self._bytes = 0
