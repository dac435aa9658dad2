"""Servers of live presence as child processes, and clients that speak its protocol."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.reducer import Reducer
from tests.support.server import ROOT
from tests.support.world import NOW, bearer

SUBPROTOCOL = "presence.v1"
BEGAN = time.time()
"""When the clock of all servers of a run showed ``NOW``."""
PATIENCE_S = 60


class LiveServer:
    """One process on a port of its own."""

    def __init__(
        self,
        address: str,
        *,
        bus: str = "",
        large: float = 0.0,
        ping: float = 25.0,
        plain: bool = False,
        buffers: int = 0,
        sockets: int = 0,
        **times: Any,
    ) -> None:
        """``buffers``: bytes that the kernel holds for each connection; by itself it takes megabytes."""
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if buffers:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffers)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(1024)
        self.port: int = self._socket.getsockname()[1]
        handle = self._socket.fileno()
        command = [sys.executable, "-m", "tests.support.live_launcher", "--socket", str(handle), "--database", address]
        command += ["--bus", bus, "--times", json.dumps(times), "--at", NOW.isoformat(), "--began", str(BEGAN)]
        command += ["--large", str(large), "--ping", str(ping), *(["--plain"] if plain else [])]
        command += ["--sockets", str(sockets)] if sockets else []
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SELARAS_")}
        self.process = subprocess.Popen(command, pass_fds=[handle], cwd=ROOT, env=environment, start_new_session=True)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError("the server ended at once")
            try:
                self.get("/health/live")
                self._socket.close()  # the child has it; a client of a dead server is refused
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the server doesn't answer")

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return answer.read()

    def metric(self, name: str) -> float:
        for line in self.get("/metrics").decode().splitlines():
            if line.startswith(f"selaras_presence_{name}") and not line.startswith("#"):
                return float(line.split()[-1])
        raise AssertionError(name)

    def end(self, sign: signal.Signals = signal.SIGTERM) -> float:
        """Seconds until the process was gone."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(sign)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        return time.monotonic() - began


@contextmanager
def live_server(address: str, **options: Any) -> Iterator[LiveServer]:
    server = LiveServer(address, **options)
    try:
        yield server
    finally:
        server.end()


class Client:
    """One connection. It keeps what it heard and makes of it what a screen would."""

    def __init__(self, connection: ClientConnection, reducer: Reducer) -> None:
        self.connection = connection
        self.reducer = reducer
        self.heard: list[dict[str, Any]] = []
        self.code: int | None = None
        self._new = asyncio.Event()
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        try:
            async for text in self.connection:
                message = json.loads(text)
                self.heard.append(message)
                self.reducer.take(message)
                asks, self.reducer.asks = self.reducer.asks, {}
                for scope, resume in asks.items():
                    await self.sub(scope, resume={scope: resume} if resume else {})
                self._new.set()
        except ConnectionClosed:
            pass
        await self.connection.wait_closed()
        self.code = self.connection.close_code
        self._new.set()

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def sub(self, *scopes: str, id: int = 1, resume: dict[str, Any] | None = None) -> None:
        await self.say(t="sub", id=id, scopes=list(scopes), resume=resume or {})

    def rows(self, scope: str) -> dict[Any, list[Any]]:
        held = self.reducer.scopes.get(scope)
        return held.values() if held else {}

    async def until(self, true: Callable[[], Any], *, seconds: float = 20) -> float:
        """Wait for what is heard to make something true; answers how long it took."""
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            while not true():
                self._new.clear()
                await self._new.wait()
        return time.monotonic() - began

    async def closed(self, *, seconds: float = 20) -> int | None:
        """The close code."""
        await self.until(lambda: self.code is not None, seconds=seconds)
        return self.code

    async def close(self) -> None:
        await self.connection.close()
        await self._task


@asynccontextmanager
async def client(
    port: int,
    who: int | None = None,
    *,
    headers: dict[str, str] | None = None,
    subprotocol: str = SUBPROTOCOL,
    reducer: Reducer | None = None,
    **options: Any,
) -> AsyncIterator[Client]:
    sent = (bearer(who) if who else {}) | (headers or {})
    async with connect(
        f"ws://127.0.0.1:{port}/ws/presence",
        subprotocols=[subprotocol] if subprotocol else None,  # type: ignore[list-item]
        additional_headers=sent,
        compression=None,
        ping_interval=None,
        close_timeout=2,
        **options,
    ) as connection:
        one = Client(connection, reducer or Reducer())
        try:
            yield one
        finally:
            await one.close()
