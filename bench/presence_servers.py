"""What fans out frames in the measurements of live presence: Selaras, and three others to compare it with.

Run as a process of its own: ``python -m bench.presence_servers KIND PORT CONTROL``. The control port takes one command a line:
``burst N`` sends N messages of 200 bytes to everybody; ``rate N`` changes N people a second from now on. Each is answered by a
line when it is done.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
import uvicorn
import uvloop
from litestar import Litestar, WebSocket, websocket
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend

from app import main
from app.journal import Change
from app.people.access import Actor
from app.presence.channels import Channel, How, Key, Loaded, Row, Wanted
from app.presence.engine import Presence
from app.serving import WEBSOCKETS
from app.settings import Settings

FLOORS, TEAMS = 120, 1000
ALL = Channel("all:1", "all")
FILLING = "x" * 100
"""Frames of Selaras then have 200 bytes, header and all."""
Burst = Callable[[int], Awaitable[None]]


class Record(Row, frozen=True):
    """``at_ns``: when it was changed, by the machine's monotonic clock."""

    at_ns: int
    what: str


class BenchSource:
    """People by floor and team, in memory."""

    def __init__(self, people: int) -> None:
        self.records = {id: Record(id, 0, f"K1-{id % FLOORS}-{id // FLOORS:03} tersedia") for id in range(people)}

    def me(self, session: Any, actor: Actor) -> str:
        return str(actor.id)

    def admit(self, session: Any, actor: Actor, scope: str, *, now: datetime) -> Channel:
        return Channel(scope, "all")

    def load(self, session: Any, wanted: Wanted, *, now: datetime) -> Loaded:
        loaded = Loaded({})
        for channel, keys in wanted.items():
            chosen = _members(channel, len(self.records)) if keys is None else keys
            loaded.rows[channel] = {key: self.records[int(key)] for key in chosen}
        return loaded

    def touched(self, changes: Sequence[Change], channels: Collection[Channel]) -> Wanted:
        wanted: Wanted = {}
        for change in changes:
            id = change.subject_id
            for channel in (Channel(f"floor:{id % FLOORS}", "all"), Channel(f"team:{id % TEAMS}", "all")):
                keys = wanted.setdefault(channel, set())
                assert keys is not None
                keys.add(id)
        return wanted

    def connected(self, person_id: int, how: How | None) -> Wanted:
        return {}

    def change(self, id: int) -> Change:
        self.records[id] = msgspec.structs.replace(self.records[id], at_ns=time.monotonic_ns())
        return Change("changed", "record", id, {})


def _members(channel: Channel, people: int) -> Collection[Key]:
    kind, _, id = channel.scope.partition(":")
    return range(0) if kind == "all" else range(int(id), people, FLOORS if kind == "floor" else TEAMS)


def message(number: int) -> bytes:
    """What the others send: 196 bytes, so that a frame has 200."""
    return b'{"t":"d","seq":%08d,"filling":"%s"}' % (number, b"x" * 159)


# Selaras


def selaras() -> tuple[Any, str | type, Burst, Callable[[float], None]]:
    source = BenchSource(int(os.environ["BENCH_PEOPLE"]))
    main.office_source = lambda connections: source  # type: ignore[assignment]
    app = main.create_app(Settings(database=os.environ["SELARAS_DATABASE"], log="warning"), work=False)

    async def burst(count: int) -> None:
        hub = _presence(app).hub
        for number in range(count):
            hub.apply(ALL, {1: Record(1, time.monotonic_ns() + number, FILLING)}, {}, whole=False, rev=number + 1)
            await asyncio.sleep(0)

    def change() -> None:
        _presence(app)._told([source.change(random.randrange(len(source.records)))])

    driver = _Driver(change)
    return app, WEBSOCKETS["ws"], burst, driver.at


def _presence(app: Any) -> Presence:
    presence: Presence = app.state.presence
    return presence


class _Driver:
    def __init__(self, change: Callable[[], None]) -> None:
        self._change = change
        self._task: asyncio.Task[None] | None = None

    def at(self, rate: float) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._drive(rate)) if rate else None

    async def _drive(self, rate: float) -> None:
        began, made = time.monotonic(), 0
        while True:
            due = int((time.monotonic() - began) * rate)
            while made < due:
                self._change()
                made += 1
            await asyncio.sleep(min(1 / rate, 0.02))


# The others


def plain() -> tuple[Any, str | type, Burst, Any]:
    """One ``await send_text`` after the other."""
    sockets: set[Any] = set()

    @websocket("/ws/presence")
    async def handler(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        sockets.add(socket)
        with suppress(Exception):
            while True:
                await socket.receive_text()
        sockets.discard(socket)

    async def burst(count: int) -> None:
        for number in range(count):
            text = message(number).decode()
            for socket in list(sockets):
                await socket.send_text(text)
            await asyncio.sleep(0)

    return Litestar([handler], logging_config=None, openapi_config=None), "websockets-sansio", burst, None


def channels() -> tuple[Any, str | type, Burst, Any]:
    """Litestar's ChannelsPlugin, in memory."""
    plugin = ChannelsPlugin(MemoryChannelsBackend(), channels=["all"], subscriber_max_backlog=1000)

    @websocket("/ws/presence")
    async def handler(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        async with plugin.start_subscription(["all"]) as subscriber, subscriber.run_in_background(socket.send_text):
            with suppress(Exception):
                while True:
                    await socket.receive_text()

    async def burst(count: int) -> None:
        for number in range(count):
            plugin.publish(message(number).decode(), "all")
            await asyncio.sleep(0)

    app = Litestar([handler], plugins=[plugin], logging_config=None, openapi_config=None)
    return app, "websockets-sansio", burst, None


async def picows(port: int, control: int) -> None:
    """The limit: a server in C."""
    from picows import WSListener, WSMsgType, WSTransport, ws_create_server  # noqa: PLC0415 - for measurements only

    transports: set[WSTransport] = set()

    class Listener(WSListener):  # type: ignore[misc]
        def on_ws_connected(self, transport: WSTransport) -> None:
            transports.add(transport)

        def on_ws_disconnected(self, transport: WSTransport) -> None:
            transports.discard(transport)

    async def burst(count: int) -> None:
        for number in range(count):
            data = message(number)
            for transport in transports:
                transport.send(WSMsgType.TEXT, data)
            await asyncio.sleep(0)

    server = await ws_create_server(lambda request: Listener(), "127.0.0.1", port, backlog=4096)
    await _take_orders(control, burst, None)
    await server.serve_forever()


# All of them


async def _take_orders(port: int, burst: Burst, rate: Any) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            order, _, number = line.decode().partition(" ")
            if order == "burst":
                await burst(int(number))
            else:
                rate(float(number))
            writer.write(b"done\n")

    await asyncio.start_server(serve, "127.0.0.1", port)


async def serve(kind: str, port: int, control: int) -> None:
    if kind == "picows":
        await picows(port, control)
        return
    app, protocol, burst, rate = {"selaras": selaras, "plain": plain, "channels": channels}[kind]()
    await _take_orders(control, burst, rate)
    options = WEBSOCKETS | {"ws": protocol}
    config = uvicorn.Config(app, port=port, log_level="error", access_log=False, backlog=4096, **options)
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with suppress(KeyboardInterrupt):
        uvloop.run(serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
