"""The websocket of live presence: who connects, what they say, and how it ends.

Whoever is refused is let in first and then told why by a close code: browsers show a refused handshake as nothing at all.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import msgspec
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect

from app.errors import SignInNeeded
from app.people.access import Credential
from app.people.cookies import from_elsewhere
from app.people.visit import credential_of
from app.presence import wire
from app.presence.engine import SOCKETS, SOCKETS_EACH, Presence
from app.presence.hub import Viewer
from app.presence.pipes import FAREWELL_S, PlainPipe
from app.presence.wire import SUBPROTOCOL, Close

log = logging.getLogger("selaras.presence")

Socket = WebSocket[Any, Any, Any]
BROKEN = 1011
BURST, A_SECOND = 60.0, 20.0
"""So many messages at once, and so many a second for long; people's pages send a few a minute."""


@websocket("/ws/presence")
async def presence(socket: WebSocket[Any, Any, Any]) -> None:
    """Live presence; subprotocol ``presence.v1``."""
    live: Presence = socket.app.state.presence
    try:
        code = await _answer(live, socket)
        if code is not None:
            with suppress(Exception):
                async with asyncio.timeout(FAREWELL_S):
                    await socket.close(code)
    finally:
        del socket.receive, socket.send  # they refer to their socket, which would have to wait for the collector


async def _answer(live: Presence, socket: Socket) -> int | None:
    try:
        return await _Call(live, socket).run()
    except WebSocketDisconnect:
        return None
    except Exception:  # its text may say what no viewer should read
        log.exception("a connection of live presence failed")
        return BROKEN


class _Call:
    """One connection, from the handshake to the close code; ``run`` answers None where there is nobody left to tell."""

    def __init__(self, live: Presence, socket: Socket) -> None:
        self._live, self._socket = live, socket
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._plain: PlainPipe | None = None
        self._ending: int | None = None
        self._hard = False
        self._budget, self._counted_at = BURST, self._loop.time()
        self._acted_at = float("-inf")
        self._later: asyncio.TimerHandle | None = None

    async def run(self) -> int | None:
        offered = SUBPROTOCOL in self._socket.scope["subprotocols"]
        credential = credential_of(self._socket, self._live.settings)
        answer = self._refusal(credential) or (await self._greeting(credential) if offered else Close.BAD_MESSAGE)
        try:
            await self._socket.accept(subprotocols=SUBPROTOCOL if offered else None)
        except OSError:  # who left before the handshake was answered (ASGI 2.4: send raises OSError)
            return None
        if isinstance(answer, Close):
            return answer
        person_id, me = answer
        if self._live.nodes.sockets_of(person_id) >= SOCKETS_EACH:
            return Close.TOO_MANY_SOCKETS
        pipe = self._live.pipe_of(self._socket.scope)
        if pipe is None:
            pipe = self._plain = PlainPipe(self._socket.send_text)
        else:
            pipe.farewell = self._live.farewell
        assert credential is not None
        return await self._stay(Viewer(person_id, credential, pipe, self._leave), me)

    def _refusal(self, credential: Credential | None) -> Close | None:
        """What can be said without asking anybody."""
        if (credential is None or credential.kind == "session") and from_elsewhere(self._socket, self._live.settings):
            return Close.FORBIDDEN
        if credential is None:
            return Close.SESSION_ENDED
        return Close.OVERLOADED if len(self._live.hub.viewers) >= SOCKETS else None

    async def _greeting(self, credential: Credential | None) -> tuple[int, str] | Close:
        """The person's id and the reference they know themselves by."""
        assert credential is not None
        try:
            await self._live.wake()
            actor, me = await self._live.greet(credential)
        except SignInNeeded:
            return Close.SESSION_ENDED
        except Exception:
            log.exception("nobody can be greeted")
            return Close.OVERLOADED
        return actor.id, me

    async def _stay(self, viewer: Viewer, me: str) -> int | None:
        self._live.enter(viewer, me)
        try:
            return await self._listen(viewer)
        except asyncio.CancelledError:
            if self._ending is None or self._task is None:
                raise
            self._task.uncancel()
            if self._hard and self._plain is None:
                viewer.pipe.end(self._ending)  # type: ignore[attr-defined]  # the server's own pipe
                return None
            return self._ending
        finally:
            if self._later is not None:
                self._later.cancel()
            self._live.exit(viewer)
            if self._plain is not None:
                await self._plain.close()

    def _leave(self, code: Close, *, hard: bool = False) -> None:
        if self._ending is None and self._task is not None:
            self._ending, self._hard = code, hard
            self._task.cancel()

    async def _listen(self, viewer: Viewer) -> int | None:
        while True:
            message: Any = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            if self._plain is not None:
                self._plain.heard_at = self._loop.time()
            if not self._affordable():
                return Close.TOO_MANY_MESSAGES
            try:
                said = wire.read(message.get("text") or "")
            except (msgspec.DecodeError, UnicodeError):
                return Close.BAD_MESSAGE
            try:
                await self._do(viewer, said)
            except SignInNeeded:
                return Close.SESSION_ENDED

    def _affordable(self) -> bool:
        time = self._loop.time()
        self._budget = min(BURST, self._budget + (time - self._counted_at) * A_SECOND) - 1
        self._counted_at = time
        return self._budget >= 0

    async def _do(self, viewer: Viewer, said: wire.Said) -> None:
        if isinstance(said, wire.Sub):
            await self._live.subscribe(viewer, said)
        elif isinstance(said, wire.Unsub):
            for scope in said.scopes:
                self._live.hub.unsubscribe(viewer, scope)
        elif isinstance(said, wire.Act):
            self._act(viewer, idle=said.idle)

    def _act(self, viewer: Viewer, *, idle: bool) -> None:
        """Taken over at most every half minute; the last word counts."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        wait = self._acted_at + self._live.times.idle_apart - self._loop.time()
        if wait > 0:
            self._later = self._loop.call_later(wait, lambda: self._act(viewer, idle=idle))
            return
        if idle != viewer.idle:
            self._acted_at = self._loop.time()
            self._live.turned(viewer, idle=idle)
