"""A hub without a network or a clock of its own: the test turns its loop, moves its time and holds the ends of its pipes."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.people.access import Credential
from app.presence import wire
from app.presence.channels import Channel, Row
from app.presence.hub import Hub, Viewer
from app.presence.pipes import HIGH_BYTES
from app.presence.times import Times
from tests.support.world import NOW

CHANNEL = Channel("floor:1", "all")


class Cell(Row, frozen=True):
    value: int


class FakePipe:
    """Keeps what is written in ``buffer`` until it is read, as a socket would; ``writes`` counts them."""

    sees_pongs = True

    def __init__(self, hub: HubUnderTest) -> None:
        self._hub = hub
        self.heard_at = hub.time
        self.buffer = b""
        self.writes = 0

    def put(self, frames: bytes) -> bool:
        if len(self.buffer) > HIGH_BYTES:
            return False
        self.buffer += frames
        self.writes += 1
        return True

    def waiting(self) -> int:
        return len(self.buffer)

    def read(self) -> list[dict[str, Any]]:
        """What came; the frame that clogs is none of it."""
        frames, self.buffer = self.buffer, b""
        return [message for payload in wire.payloads(frames) if (message := json.loads(payload))]


class HubUnderTest:
    def __init__(self, times: Times | None = None) -> None:
        self.time = 1000.0
        self.soon: deque[Callable[[], None]] = deque()
        self.fresh: list[Channel] = []
        self.left: list[tuple[int, bool]] = []
        self.hub = Hub(
            times=times or Times(),
            time=lambda: self.time,
            soon=self.soon.append,
            now=lambda: NOW + timedelta(seconds=self.time - 1000),
            fresh=self.fresh.append,
        )
        self._rev = 0

    def viewer(self) -> tuple[Viewer, FakePipe]:
        pipe = FakePipe(self)

        def leave(code: int, *, hard: bool = False) -> None:
            self.left.append((int(code), hard))

        viewer = Viewer(1, Credential("token", b""), pipe, leave)
        self.hub.enter(viewer)
        return viewer, pipe

    def apply(self, rows: dict[Any, int | None], *, whole: bool = False, channel: Channel = CHANNEL) -> None:
        """Rows as they were read: a value, or None for a row that is gone."""
        self._rev += 1
        read = {key: None if value is None else Cell(key, value) for key, value in rows.items()}
        self.hub.apply(channel, read, {}, whole=whole, rev=self._rev)

    def turn(self) -> None:
        """One turn of the loop."""
        while self.soon:
            self.soon.popleft()()

    def seconds(self, count: int) -> None:
        for _ in range(count):
            self.time += 1
            self.hub.tend()
            self.hub.second()
            self.turn()
