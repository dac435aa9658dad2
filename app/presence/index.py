"""Which channels are about whom, as far as they have been read: what tells whom a change is for without asking a database."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from typing import Generic, TypeVar

from app.presence.channels import Channel

T = TypeVar("T", bound=int)
SLACK = 2000


class Index(Generic[T]):
    """Ids by channel and channels by id. It is filled by readers' threads and asked in the event loop."""

    def __init__(self) -> None:
        self._ids: dict[Channel, frozenset[T]] = {}
        self._channels: dict[T, frozenset[Channel]] = {}
        self._lock = threading.Lock()

    def put(self, channel: Channel, ids: Iterable[T], *, more: bool = False) -> None:
        """That a channel is about these ids; ``more``: besides those it is about already."""
        with self._lock:
            before = self._ids.get(channel, frozenset())
            after = frozenset(ids) | before if more else frozenset(ids)
            self._ids[channel] = after
            for id in after - before:
                self._channels[id] = self._channels.get(id, frozenset()) | {channel}
            for id in before - after:
                self._drop(id, channel)

    def ids(self, channel: Channel) -> frozenset[T] | None:
        """What a channel is about; None if it was never read."""
        return self._ids.get(channel)

    def about(self, id: T) -> frozenset[Channel]:
        return self._channels.get(id, frozenset())

    def keep(self, open_now: Collection[Channel]) -> None:
        """Forget channels that nobody has open any more, once they are many."""
        if len(self._ids) < len(open_now) + SLACK:
            return
        with self._lock:
            for channel in self._ids.keys() - set(open_now):
                for id in self._ids.pop(channel):
                    self._drop(id, channel)

    def _drop(self, id: T, channel: Channel) -> None:
        if left := self._channels.get(id, frozenset()) - {channel}:
            self._channels[id] = left
        else:
            self._channels.pop(id, None)
