"""Other processes: what happens here goes to them over the bus, what happens there comes back, and the journal fills the gaps."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence

import msgspec

from app.db import Database
from app.journal import Change
from app.presence import cursor as journal_cursor
from app.presence.bus import port
from app.presence.bus.port import Bus
from app.presence.channels import How
from app.presence.cursor import MANY, Cursor
from app.presence.nodes import Nodes
from app.presence.times import Times

log = logging.getLogger("selaras.presence")


class Outside:
    """``changed`` is told of changes that were made elsewhere, ``everything`` that there were too many to name. ``bus`` is
    None where one process is all there is, or where the journal is quick enough."""

    def __init__(
        self,
        db: Database,
        bus: Bus | None,
        *,
        times: Times,
        time: Callable[[], float],
        changed: Callable[[Sequence[Change]], None],
        everything: Callable[[], None],
        back: Callable[[], None],
    ) -> None:
        self._db, self._bus, self._times, self._time = db, bus, times, time
        self._changed, self._everything, self._back = changed, everything, back
        self.nodes: Nodes
        self._cursor = Cursor(embedded=db.embedded, late=times.late)
        self._look = asyncio.Event()
        self._changes: list[Change] = []
        self._people: list[tuple[int, How | None]] = []
        self._sending: asyncio.Task[None] | None = None
        self._started = False
        self._up = False
        self._down_since = time()
        self._heard_at = time()
        self._beat_at = time()

    @property
    def has_bus(self) -> bool:
        return self._bus is not None

    def degraded(self) -> bool:
        """Whether other processes can't be heard at once. A connection may take a second to come."""
        return self._bus is not None and not self._up and self._time() - self._down_since > 1

    async def start(self) -> None:
        """Raises what the database raises."""
        self._cursor.begin(await self._db.read(journal_cursor.newest))
        self._started, self._down_since = True, self._time()
        if self._bus is not None:
            await self._bus.start(self._hear, self._turned)

    async def stop(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        if self._bus is not None:
            await self._bus.stop()

    # What happens here

    def here(self, changes: Sequence[Change]) -> None:
        """Committed in this process, and followed already."""
        if self._started:
            self._cursor.hear(changes, time=self._time())
        if self._bus is not None:
            self._changes += changes
            self._send_soon()

    def here_is(self, person_id: int, how: How | None) -> None:
        """Somebody's connections to this process changed."""
        if self._bus is not None:
            self._people.append((person_id, how))
            self._send_soon()

    def _send_soon(self) -> None:
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            await asyncio.sleep(self._times.gather)
            while self._changes or self._people:
                changes, self._changes = self._changes, []
                people, self._people = self._people, []
                await self._publish(changes, people)
        finally:
            self._sending = None

    async def _publish(self, changes: Sequence[Change], people: Sequence[tuple[int, How | None]]) -> None:
        assert self._bus is not None
        try:
            async with asyncio.timeout(self._times.bus_beat):
                for message in port.messages(self.nodes.id, changes, people, limit=self._bus.limit):
                    await self._bus.publish(message)
        except Exception as error:  # others find it in the journal
            log.info("not sent to other processes: %s", type(error).__name__)

    # What happens elsewhere

    def _hear(self, data: bytes) -> None:
        self._heard_at = self._time()
        try:
            message = port.read(data)
        except msgspec.DecodeError:
            log.warning("a message that no process of this version sends")
            return
        if message.node == self.nodes.id:
            return
        if message.changes:
            self._cursor.hear(message.changes, time=self._time())
            self._changed(message.changes)
        if message.people:
            self.nodes.heard(message.node, message.people)
        if message.look:
            self._look.set()

    def _turned(self, up: bool) -> None:
        self._up = up
        self._heard_at = self._time()
        if up:
            self._look.set()
            self._back()
        else:
            self._down_since = self._time()

    def second(self) -> None:
        """Our own signs of life must come back; a connection that is half open raises nothing. Once a second."""
        if self._bus is None or not self._up:
            return
        time = self._time()
        if time - self._heard_at > self._times.bus_silence:
            log.warning("nothing is heard from the bus")
            self._heard_at = time
            self._bus.reconnect()
        elif time - self._beat_at >= self._times.bus_beat and self._sending is None:
            self._beat_at = time
            self._sending = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        try:
            await self._publish([], [])
        finally:
            self._sending = None
            if self._changes or self._people:
                self._send_soon()

    # The journal

    async def keep_looking(self) -> None:
        """Look into the journal every few seconds, and at once when there is reason to."""
        while True:
            try:
                async with asyncio.timeout(self._times.catch_up * random.uniform(0.8, 1)):  # noqa: S311 - not all at once
                    await self._look.wait()
            except TimeoutError:
                pass
            self._look.clear()
            try:
                await self.catch_up()
            except Exception:
                log.exception("the journal could not be read; tried again")

    async def catch_up(self) -> None:
        cursor = self._cursor
        ids = await self._db.read(journal_cursor.numbers_after, cursor.floor)
        news = cursor.news(ids, time=self._time())
        if len(news) > MANY:
            self._everything()
        elif news:
            try:
                entries = await self._db.read(journal_cursor.entries, news)
            except Exception:
                self._everything()
                raise
            if missed := cursor.missed(entries, time=self._time()):
                self._changed(missed)
