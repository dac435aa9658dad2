"""PostgreSQL's NOTIFY as a bus: no further server for a few processes.

One kept connection listens, one sends; both are of their own and never inside somebody's transaction, as a transaction that
notifies takes a lock of the whole cluster when it commits. A payload has less than 8,000 bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy.engine import URL

from app.presence.bus.kept import Kept, Up
from app.presence.bus.port import CHANNEL

KEEPALIVE: dict[str, Any] = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "connect_timeout": 5,
}


class PostgresBus:
    limit = 7_900

    def __init__(self, url: URL, *, retry: tuple[float, float]) -> None:
        # "conninfo" as libpq has it: what the address says beside host and name, such as a socket's folder, is kept
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._kept = Kept("PostgreSQL", self._listen, retry)
        self._heard: Callable[[bytes], None] = lambda message: None
        self._sender: psycopg.AsyncConnection[object] | None = None
        self._sending = asyncio.Lock()

    async def start(self, heard: Callable[[bytes], None], turned: Callable[[bool], None]) -> None:
        self._heard = heard
        self._kept.start(turned)

    async def _listen(self, up: Up) -> None:
        connection = await self._connect()
        try:
            await connection.execute(f"LISTEN {CHANNEL}")
            up()
            async for notice in connection.notifies():
                self._heard(notice.payload.encode())
            raise ConnectionError("the listening connection ended")
        finally:
            await connection.close()

    async def publish(self, message: bytes) -> None:
        async with self._sending:
            if self._sender is None or self._sender.closed:
                self._sender = await self._connect()
            try:
                await self._sender.execute("SELECT pg_notify(%s, %s)", (CHANNEL, message.decode()))
            except BaseException:
                await self._sender.close()
                self._sender = None
                raise

    async def _connect(self) -> psycopg.AsyncConnection[object]:
        return await psycopg.AsyncConnection.connect(self._address, autocommit=True, **KEEPALIVE)

    def reconnect(self) -> None:
        self._kept.reconnect()

    async def stop(self) -> None:
        await self._kept.stop()
        if self._sender is not None:
            await self._sender.close()
