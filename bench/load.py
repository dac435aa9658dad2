"""A small keep-alive HTTP client that costs little beside the server it loads: it reads status and Content-Length only."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from statistics import quantiles

import msgspec
import uvloop


class Load(msgspec.Struct):
    """How a number of requests went; ``latencies`` in seconds, as the client saw them."""

    statuses: Counter[int]
    latencies: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile_ms(self, percent: int) -> float:
        return quantiles(self.latencies, n=100, method="inclusive")[percent - 1] * 1000


def request(method: str, path: str, token: str = "", body: bytes = b"", headers: str = "") -> bytes:
    """One request as bytes. ``headers`` are further lines, each ending in CRLF."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def load(port: int, requests: Iterable[bytes], *, connections: int = 32) -> Load:
    """Send all requests over so many connections, each one after the answer to the one before on its connection."""
    return uvloop.run(_load(port, iter(requests), connections))


async def _load(port: int, requests: Iterator[bytes], connections: int) -> Load:
    done = Load(Counter(), [], 0.0)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    clients = [_Client(requests, done, loop.create_future()) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)
    await asyncio.gather(*(client.finished for client in clients))
    done.seconds = time.perf_counter() - started
    return done


class _Client(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], done: Load, finished: asyncio.Future[None]) -> None:
        self._requests, self._done, self.finished = requests, done, finished
        self._got = b""
        self._sent_at = 0.0
        self._answer = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.finished.done():
            self.finished.set_exception(error or ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._answer:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._got[:end].lower()
            at = head.find(b"\r\ncontent-length:")
            length = int(head[at + 17 : head.find(b"\r\n", at + 2) % (end + 1)]) if at >= 0 else 0
            self._answer = end + 4 + length
        if len(self._got) >= self._answer:
            self._done.latencies.append(time.perf_counter() - self._sent_at)
            self._done.statuses[int(self._got[9:12])] += 1
            self._got, self._answer = b"", 0
            self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.finished.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)
