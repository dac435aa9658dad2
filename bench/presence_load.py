"""Thousands of websockets in one process that cost little beside the server they load: bytes, a few fields, no library.

Run as ``python -m bench.presence_load PORT``; it reads one order a line (JSON) from standard input and answers each with a line.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import struct
import sys
import time
from statistics import quantiles
from typing import Any

import msgspec
import uvloop

QUIET_S = 0.5
"""A scope that brought nothing for so long was quiet."""


class _Delta(msgspec.Struct):
    t: str
    scope: str = ""
    seq: int = 0
    rows: list[tuple[int, int, str]] = []


_read = msgspec.json.Decoder(_Delta).decode


class Socket(asyncio.Protocol):
    """One viewer. ``seqs``: of each scope, to find gaps and repeats."""

    def __init__(self, load: Load, number: int) -> None:
        self._load, self._number = load, number
        self._rest = b""
        self.shaken = False
        self.snaps = 0
        self.seqs: dict[str, int] = {}
        self.last: dict[str, float] = {}

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        token = f"Authorization: Bearer slr_bench_{self._number:012}\r\n"
        transport.write(
            f"GET /ws/presence HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{token}"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: presence.v1\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        at = 0
        if not self.shaken:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._rest = data
                return
            self.shaken, at = True, end + 4
            self._load.shaken += 1
            if scopes := self._load.scopes_of(self._number):
                self.say({"t": "sub", "scopes": scopes})
        size = len(data)
        while at + 2 <= size:
            length, head = data[at + 1], 2
            if length == 126:
                if at + 4 > size:
                    break
                length, head = struct.unpack_from("!H", data, at + 2)[0], 4
            elif length == 127:
                if at + 10 > size:
                    break
                length, head = struct.unpack_from("!Q", data, at + 2)[0], 10
            if at + head + length > size:
                break
            self._frame(data[at], data[at + head : at + head + length])
            at += head + length
        self._rest = data[at:]

    def _frame(self, kind: int, payload: bytes) -> None:
        load = self._load
        if kind == 0x89:
            self.transport.write(bytes((0x8A, 0x80 | len(payload), 0, 0, 0, 0)) + payload)
        elif kind == 0x88:
            load.closed += 1
        elif payload.startswith(b'{"t":"d"'):
            load.frames += 1
            load.bytes += len(payload) + 4
            if load.watching:
                self._watch(_read(payload))
        elif payload.startswith(b'{"t":"snap"'):
            self.snaps += 1
            if self.snaps == load.scopes:
                load.ready += 1
                load.ready_at = time.monotonic()
            if load.watching:
                snap = _read(payload)
                self.seqs[snap.scope] = snap.seq

    def _watch(self, delta: _Delta) -> None:
        load, now = self._load, time.monotonic_ns()
        if delta.seq != self.seqs.get(delta.scope, delta.seq - 1) + 1:
            load.gaps += 1
        self.seqs[delta.scope] = delta.seq
        quiet = now / 1e9 - self.last.get(delta.scope, 0.0) > QUIET_S
        self.last[delta.scope] = now / 1e9
        for _, at_ns, _ in delta.rows:
            late = (now - at_ns) / 1e6
            load.late.append(late)
            if quiet:
                load.quiet.append(late)

    def say(self, what: dict[str, Any]) -> None:
        data = json.dumps(what).encode()
        head = bytes((0x81, 0x80 | len(data))) if len(data) < 126 else b"\x81\xfe" + struct.pack("!H", len(data))
        self.transport.write(head + b"\0\0\0\0" + data)

    def connection_lost(self, error: Exception | None) -> None:
        self._load.lost += not self._load.dropping


class Load:
    """``scopes``: how many each viewer asks for: 0, 1 (all the same), or 2 (its floor and its team)."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sockets: list[Socket] = []
        self.scopes = 0
        self.watching = self.dropping = False
        self.shaken = self.frames = self.bytes = self.closed = self.lost = self.ready = self.gaps = 0
        self.ready_at = 0.0
        self.late: list[float] = []
        self.quiet: list[float] = []

    def scopes_of(self, number: int) -> list[str]:
        return ([], ["all:1"], [f"floor:{number % 120}", f"team:{number % 1000}"])[self.scopes]

    async def open(self, count: int, scopes: int, over_s: float = 0.0, at_once: int = 100) -> dict[str, Any]:
        """Connect; over so many seconds, each at a moment of its own, or as fast as they come in."""
        self.scopes, self.ready, self.shaken, began = scopes, 0, 0, time.monotonic()
        gate = asyncio.Semaphore(at_once if not over_s else count)

        async def one(number: int) -> None:
            if over_s:
                await asyncio.sleep(random.random() * over_s)
            async with gate:
                loop = asyncio.get_running_loop()
                _, socket = await loop.create_connection(lambda: Socket(self, number), "127.0.0.1", self._port)
                self._sockets.append(socket)
                while not over_s and not socket.shaken:
                    await asyncio.sleep(0.002)

        failed = sum(
            isinstance(one, Exception)
            for one in await asyncio.gather(*(one(number) for number in range(count)), return_exceptions=True)
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (self.ready if scopes else self.shaken) < count - failed:
            await asyncio.sleep(0.01)
        ready = self.ready if scopes else self.shaken
        return {"ready": ready, "errors": failed + count - ready + self.closed, "seconds": self.ready_at - began}

    async def drop(self) -> dict[str, Any]:
        """Reset all connections, without a close frame."""
        self.dropping = True
        for socket in self._sockets:
            socket.transport.abort()
        self._sockets.clear()
        await asyncio.sleep(0.5)
        self.dropping = False
        return {}

    async def frames_of(self, count: int) -> dict[str, Any]:
        """Wait until so many deltas came since the last time."""
        deadline = time.monotonic() + 60
        while self.frames < count and time.monotonic() < deadline:
            await asyncio.sleep(0.005)
        frames, self.frames = self.frames, 0
        return {"frames": frames}

    async def watch(self, seconds: float) -> dict[str, Any]:
        self.late.clear()
        self.quiet.clear()
        self.frames = self.bytes = self.gaps = 0
        self.watching = True
        await asyncio.sleep(seconds)
        self.watching = False
        return {
            "frames": self.frames / seconds,
            "bytes": self.bytes / seconds / max(1, len(self._sockets)) * 3600,
            "late": _percentiles(self.late),
            "quiet": _percentiles(self.quiet),
            "gaps": self.gaps,
            "lost": self.lost,
        }


def _percentiles(values: list[float]) -> tuple[float, float]:
    """p50 and p99."""
    if len(values) < 2:
        return 0.0, 0.0
    found = quantiles(values, n=100, method="inclusive")
    return found[49], found[98]


async def take_orders(port: int) -> None:
    load, loop = Load(port), asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        answer = await getattr(load, order.pop("do"))(**order)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    uvloop.run(take_orders(int(sys.argv[1])))
