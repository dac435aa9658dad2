"""Redis or Valkey as a bus, for many processes: publish and subscribe, nothing is kept there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.presence.bus.kept import Kept, Up
from app.presence.bus.port import CHANNEL

if TYPE_CHECKING:
    from redis.asyncio import Redis

WAIT_S = 5.0


class RedisBus:
    limit = 256 * 1024

    def __init__(self, address: str, *, retry: tuple[float, float]) -> None:
        self._address = address.replace("valkey://", "redis://", 1).replace("valkeys://", "rediss://", 1)
        self._kept = Kept("Redis", self._listen, retry)
        self._heard: Callable[[bytes], None] = lambda message: None
        self._sender: Redis | None = None

    async def start(self, heard: Callable[[bytes], None], turned: Callable[[bool], None]) -> None:
        self._heard = heard
        self._kept.start(turned)

    async def _listen(self, up: Up) -> None:
        client = self._client()
        try:
            async with client.pubsub(ignore_subscribe_messages=False) as listening:
                await listening.subscribe(CHANNEL)
                while True:
                    message: dict[str, Any] | None = await listening.get_message(timeout=WAIT_S)
                    if message is None:
                        continue
                    if message["type"] == "subscribe":
                        up()
                    elif message["type"] == "message":
                        self._heard(message["data"])
        finally:
            await client.aclose()

    async def publish(self, message: bytes) -> None:
        if self._sender is None:
            self._sender = self._client()
        await self._sender.publish(CHANNEL, message)

    def _client(self) -> Redis:
        from redis.asyncio import Redis  # noqa: PLC0415 - a tenth of a second, for those who use it
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415

        return Redis.from_url(
            self._address,
            socket_connect_timeout=WAIT_S,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),  # ``Kept`` tries again, and knows that meanwhile something was missed
        )

    def reconnect(self) -> None:
        self._kept.reconnect()

    async def stop(self) -> None:
        await self._kept.stop()
        if self._sender is not None:
            await self._sender.aclose()
