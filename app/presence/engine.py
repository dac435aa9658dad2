"""Live presence of one process: it starts with the first viewer and holds together what the other files do.

A change goes: commit -> ``Database.told`` in the writer's thread -> the event loop -> ``touched`` -> one reading a batch ->
hub -> viewers; and beside that, over the bus, to other processes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database
from app.journal import Change
from app.people import access
from app.people.access import Actor, Credential
from app.presence import bus, cursor, nodes, wire
from app.presence.channels import Connections, How, Office
from app.presence.follow import Follow
from app.presence.hub import Hub, Pipe, Viewer
from app.presence.nodes import Nodes
from app.presence.outside import Outside
from app.presence.rights import Rights
from app.presence.times import Times
from app.presence.together import Together
from app.presence.wire import Close
from app.settings import Settings

log = logging.getLogger("selaras.presence")

TIMES = Times()
TICK_S = 0.25
SOCKETS = 20_000
"""More than this, and a process sends people to another one."""
SOCKETS_EACH = 8
RETRY_S = (0.5, 5.0)
COMING_BACK = 1000
"""How many a second a process that starts can greet: the range in which its viewers come back grows with their number."""


class Presence:
    """``office(connections)`` makes the source of rows."""

    def __init__(
        self,
        db: Database,
        *,
        clock: Clock,
        settings: Settings,
        office: Callable[[Connections], Office],
        times: Times | None = None,
    ) -> None:
        self.settings, self.clock = settings, clock
        self.direct = True
        """whether the server's own pipes work here"""
        self._db = db
        self.times = times or TIMES
        self._loop = asyncio.get_running_loop()
        time = self._loop.time
        self.nodes = Nodes(times=self.times, time=time, clock=clock, changed=self._connected, told=self._tell_where)
        self.source = office(self.nodes)
        self.together = Together(db)
        self.follow = Follow(db, self.source, times=self.times, clock=clock, time=time)
        self.hub = Hub(times=self.times, time=time, soon=self._loop.call_soon, now=clock, fresh=self.follow.fresh)
        self.rights = Rights(self.together, self.source, clock, renew=lambda channel: self.follow.want({channel: None}))
        self.outside = Outside(
            db,
            bus.chosen(settings, db.url, self.times),
            times=self.times,
            time=time,
            changed=self._changed,
            everything=self._everything,
            back=self._back,
        )
        self.follow.hub = self.rights.hub = self.hub
        self.outside.nodes = self.nodes
        self._incoming: deque[list[Change]] = deque()
        self._called = False
        self._awake: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._renew = asyncio.Event()

    # Life

    def start(self) -> None:
        """Listen to what this process commits. Everything else waits for the first viewer."""
        self._db.told = self._told

    async def wake(self) -> None:
        """Be there for viewers: done by the first of them, waited for by all."""
        if self._awake is None:
            self._awake = asyncio.create_task(self._wake_up())
        try:
            await asyncio.shield(self._awake)
        except Exception:
            self._awake = None  # the next one tries again
            raise

    async def _wake_up(self) -> None:
        from app.presence import transport  # noqa: PLC0415 - a tenth of a second that no start need take

        self.direct = await transport.works(transport.FramedProtocol)
        if not self.direct:
            log.warning("this uvicorn hides its transport: live presence sends as ASGI has it, at twice the CPU")
        await self.outside.start()
        works: list[Callable[[], Coroutine[Any, Any, None]]] = [
            self._keep_time,
            self._keep_seconds,
            self.outside.keep_looking,
            self.rights.keep_checking,
        ]
        if not self._db.embedded:
            works.append(self._keep_node)
        self._tasks = [asyncio.create_task(work(), name=f"presence {work.__name__}") for work in works]

    async def stop(self) -> None:
        """Say goodbye to whoever is left, and end. The row of this process stays until its lease ends: its people are on
        their way to another one."""
        if self._db.told == self._told:
            self._db.told = None
        for viewer in list(self.hub.viewers):
            self.hub.send(viewer, self.farewell())
            viewer.leave(Close.RESTART)
        await asyncio.sleep(0)
        for task in (*self._tasks, *([self._awake] if self._awake else [])):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
        await self.follow.stop()
        await self.outside.stop()

    def farewell(self) -> bytes:
        """The last frame of a process that goes down."""
        latest = max(RETRY_S[1], len(self.hub.viewers) / COMING_BACK)
        return wire.frame(wire.Bye(Close.RESTART, (RETRY_S[0], latest)))

    # Viewers

    async def greet(self, credential: Credential) -> tuple[Actor, str]:
        """Who connects, and the reference they know themselves by. Raises SignInNeeded."""
        now = self.clock()

        def ask(session: Session) -> tuple[Actor, str]:
            actor = access.actor_for(session, credential, now=now)
            return actor, self.source.me(session, actor)

        actor, me = await self.together.read(ask)
        if access.needs_touch(actor, credential, now=now):
            await self._db.write(access.touch, credential, now=now)
        return actor, me

    def enter(self, viewer: Viewer, me: str) -> None:
        self.hub.enter(viewer)
        self.rights.enter(viewer)
        self.nodes.came(viewer.person_id)
        pong = not viewer.pipe.sees_pongs
        self.hub.send(viewer, wire.frame(wire.Welcome(viewer.name, me, self.clock(), self.times.beat, RETRY_S, pong)))

    def exit(self, viewer: Viewer) -> None:
        self.hub.exit(viewer)
        self.rights.exit(viewer)
        self.nodes.went(viewer.person_id, idle=viewer.idle)

    async def subscribe(self, viewer: Viewer, wanted: wire.Sub) -> None:
        """Bring a viewer what it may see of what it asks for. Raises SignInNeeded."""
        asked, room = [], wire.MAX_SCOPES - len(viewer.scopes)
        for scope in dict.fromkeys(wanted.scopes):
            room -= scope not in viewer.scopes
            if room < 0 or len(scope) > wire.MAX_SCOPE_LENGTH:
                code = "too-many-scopes" if room < 0 else "invalid"
                self.hub.tell(viewer, wire.frame(wire.Err(wanted.id, code, scope[: wire.MAX_SCOPE_LENGTH])))
                room += scope not in viewer.scopes
            else:
                asked.append(scope)
        if not asked:
            return
        _, found = await self.together.read(self.rights.question(viewer.credential, asked))
        nothing_missed = False
        for scope, answer in found.items():
            if isinstance(answer, str):
                self.hub.unsubscribe(viewer, scope)
                self.hub.tell(viewer, wire.frame(wire.Err(wanted.id, answer, scope)))
            elif not self.hub.subscribe(viewer, answer, wanted.resume.get(scope)):
                nothing_missed = True
        if nothing_missed:
            self.hub.beat(viewer)

    def turned(self, viewer: Viewer, *, idle: bool) -> None:
        """A viewer says that the person is idle, or active again."""
        if idle != viewer.idle:
            viewer.idle = idle
            self.nodes.turned(viewer.person_id, idle=idle)

    def pipe_of(self, scope: Any) -> Any:
        """The server's own pipe of a websocket, or None."""
        from app.presence.pipes import EXTENSION  # noqa: PLC0415 - beside ``transport``, which only a viewer loads

        return scope.get("extensions", {}).get(EXTENSION) if self.direct else None

    # What happens

    def _told(self, changes: list[Change]) -> None:
        """In a writer's thread, after a commit."""
        if self._awake is None and not self.outside.has_bus:
            return
        self._incoming.append(changes)
        if not self._called:
            self._called = True
            self._loop.call_soon_threadsafe(self._gather)

    def _gather(self) -> None:
        self._called = False  # before the queue is emptied: what comes from now on calls again
        changes: list[Change] = []
        while self._incoming:
            changes += self._incoming.popleft()
        if changes:
            changes = cursor.plain(changes)
            self.outside.here(changes)
            self._changed(changes)

    def _changed(self, changes: Sequence[Change]) -> None:
        self.rights.changed(changes)
        self.follow.changed(changes)

    def _everything(self) -> None:
        self.rights.doubt(self.hub.viewers)
        self.follow.everything()

    def _connected(self, person_id: int, how: How | None) -> None:
        if self.hub.topics:
            self.follow.want(self.source.connected(person_id, how))

    def _tell_where(self, person_id: int, how: How | None) -> None:
        self.outside.here_is(person_id, how)

    def _back(self) -> None:
        """The bus is there again: what it would have said of people is in the rows of the processes."""
        self._renew.set()

    # What time brings

    async def _keep_time(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(TICK_S)
            turn += 1
            self._safely(self.hub.tend)
            self._safely(self.follow.tick)
            if turn % 4 == 0:
                self._safely(self.hub.second)
                self._safely(self.nodes.expire)
                self._safely(self.outside.second)
                self.hub.degrade(self.outside.degraded())

    async def _keep_seconds(self) -> None:
        """What asks the database each second."""
        while True:
            await asyncio.sleep(1)
            await self._surely(self.rights.second)

    async def _keep_node(self) -> None:
        """Renew the row of this process and read those of the others."""
        lease = timedelta(seconds=self.times.lease)
        while True:
            await self._surely(lambda: self._meet(lease))
            with suppress(TimeoutError):
                async with asyncio.timeout(self.times.renew):
                    await self._renew.wait()
            self._renew.clear()

    async def _meet(self, lease: timedelta) -> None:
        await self._db.write(nodes.renew, self.nodes.id, self.nodes.people(), lease=lease, now=self.clock())
        self.nodes.take_over(await self._db.read(nodes.read))

    def _safely(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # time must go on
            log.exception("presence: %s failed", work.__name__)

    async def _surely(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception:
            log.exception("presence: a look at the database failed; tried again")


__all__ = ["Pipe", "Presence"]
