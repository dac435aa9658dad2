"""From what happened to what is shown: changes name rows, rows are read in batches, and the hub sends what differs.

One batch is read at a time, so a row can't be overtaken by an older reading of itself.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count

from app import journal
from app.clock import Clock
from app.db import Database
from app.presence.channels import Channel, Key, Loaded, Source, Wanted
from app.presence.hub import Hub
from app.presence.times import Times

log = logging.getLogger("selaras.presence")

CHANNELS = 200
"""So many channels are read in one transaction: the first of a storm need not wait for the last."""
AGAIN_S = 1.0
"""After a reading that failed."""
SPREAD_EACH_S = 0.001
"""What changes by itself at one full hour is spread over so long for each channel: a house with few sees it at once."""
SOON = timedelta(seconds=1)
"""A row that says it changes by itself at once is believed a second later."""


class Follow:
    """``time`` is the event loop's; ``clock`` the wall's, by which rows are read."""

    def __init__(self, db: Database, source: Source, *, times: Times, clock: Clock, time: Callable[[], float]) -> None:
        self._db, self._source, self._times, self._clock, self._time = db, source, times, clock, time
        self.hub: Hub
        self._wanted: Wanted = {}
        self._at: dict[Channel, float] = {}
        self._heap: list[tuple[float, int, Channel]] = []
        self._due: list[tuple[datetime, int, Channel, Key]] = []
        self._numbers = count()
        self._rev = int(clock().timestamp() * 1000)
        self._timer: asyncio.TimerHandle | None = None
        self._armed_at = 0.0
        self._reading: asyncio.Task[None] | None = None

    # What is to be read

    def changed(self, changes: Sequence[journal.Change]) -> None:
        """Changes that are committed, here or elsewhere."""
        if not self.hub.topics:
            return
        try:
            self.want(self._source.touched(changes, self.hub.topics.keys()))
        except Exception:
            log.exception("changes were not understood; everything is read anew")
            self.everything()

    def everything(self) -> None:
        """Read all channels anew."""
        self.want(dict.fromkeys(self.hub.topics))

    def fresh(self, channel: Channel) -> None:
        """Somebody waits for a channel that is not there yet: at once."""
        self._want(channel, None, self._time())

    def want(self, wanted: Wanted, *, spread: float = 0.0) -> None:
        """Read rows anew: a few milliseconds from now for a channel that was quiet, else when its time has come; each channel
        somewhere within ``spread`` seconds after that."""
        time = self._time()
        for channel, keys in wanted.items():
            topic = self.hub.topics.get(channel)
            if topic is None or (keys is not None and not keys):
                continue
            apart = self._times.counts_apart if channel.scope.startswith("unit:") else self._times.apart
            at = max(time + self._times.first, topic.flushed_at + apart)
            if spread:
                at += zlib.crc32(channel.scope.encode()) % 1000 / 1000 * spread
            self._want(channel, keys, at)

    def _want(self, channel: Channel, keys: set[Key] | None, at: float) -> None:
        before, known = self._wanted.get(channel, set()), self._at.get(channel)
        self._wanted[channel] = None if keys is None or before is None else before | keys
        if known is None or at < known:
            self._at[channel] = at
            heapq.heappush(self._heap, (at, next(self._numbers), channel))
            self._arm()

    def tick(self) -> None:
        """Rows that change by themselves by now. Several times a second."""
        now = self._clock()
        wanted: Wanted = {}
        while self._due and self._due[0][0] <= now:
            at, _, channel, key = heapq.heappop(self._due)
            topic = self.hub.topics.get(channel)
            if topic is not None and topic.due.get(key) == at:
                keys = wanted.setdefault(channel, set())
                assert keys is not None
                keys.add(key)
        self.want(wanted, spread=min(self._times.spread, len(wanted) * SPREAD_EACH_S))

    # Reading

    def _arm(self) -> None:
        if self._reading is not None or not self._heap:
            return
        at = self._heap[0][0]
        if self._timer is not None:
            if self._armed_at <= at:
                return
            self._timer.cancel()
        self._armed_at = at
        self._timer = asyncio.get_running_loop().call_at(at, self._start)

    def _start(self) -> None:
        self._timer = None
        if self._reading is not None:
            return
        batch = self._batch()
        if batch:
            self._reading = asyncio.create_task(self._read(batch))
        else:
            self._arm()

    def _batch(self) -> Wanted:
        time = self._time() + 0.002
        batch: Wanted = {}
        while self._heap and self._heap[0][0] <= time and len(batch) < CHANNELS:
            channel = heapq.heappop(self._heap)[2]
            if self._at.pop(channel, None) is None:  # it was wanted sooner meanwhile, and is read already
                continue
            keys = self._wanted.pop(channel)
            if (topic := self.hub.topics.get(channel)) is not None:
                batch[channel] = keys if topic.loaded else None
        return batch

    async def _read(self, batch: Wanted) -> None:
        try:
            self._rev += 1
            epochs = {channel: self.hub.topics[channel].epoch for channel in batch}
            self.hub.counts.loads += 1
            loaded = await self._db.read(self._source.load, batch, now=self._clock())
            self._take(batch, epochs, loaded)
        except Exception:
            log.exception("rows could not be read; tried again")
            for channel, keys in batch.items():
                self._want(channel, keys, self._time() + AGAIN_S)
        finally:
            self._reading = None
            self._arm()

    def _take(self, batch: Wanted, epochs: Mapping[Channel, str], loaded: Loaded) -> None:
        soonest = self._clock() + SOON
        for channel, keys in batch.items():
            topic = self.hub.topics.get(channel)
            if (
                topic is None or topic.epoch != epochs[channel]
            ):  # left and taken up again meanwhile: it is read by itself
                continue
            due = {key: max(at, soonest) for key, at in loaded.due.get(channel, {}).items()}
            known = topic.due
            self.hub.apply(channel, loaded.rows.get(channel, {}), due, whole=keys is None, rev=self._rev)
            for key, at in due.items():
                if known.get(key) != at:  # else it is on the heap already
                    heapq.heappush(self._due, (at, next(self._numbers), channel, key))

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
