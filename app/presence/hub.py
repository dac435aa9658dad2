"""Who looks at what in this process: rows of each channel, what changed in them, and frames on their way to viewers.

Only the event loop's thread comes here. Nothing waits: a viewer that doesn't read costs the others nothing.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from app.people.access import Credential
from app.presence import meters, wire
from app.presence.channels import Channel, Key, Row, mark_of
from app.presence.times import Times
from app.presence.wire import Close

RING = 128
"""Frames a channel remembers for those who come back."""
LOW_BYTES = 16 * 1024
"""A viewer that fell behind gets fresh snapshots once less than this waits."""
SNAP_S = 1.0
"""So long a snapshot serves others too; then its ``now`` would be old."""


class Pipe(Protocol):
    """The way to one viewer."""

    heard_at: float
    """when the last bytes came from there, in the event loop's time"""
    sees_pongs: bool

    def put(self, frames: bytes) -> bool:
        """Send without waiting. False, and nothing sent, if too much waits already."""

    def waiting(self) -> int:
        """Bytes that wait to be sent."""


class Leave(Protocol):
    """Ends a connection. ``hard``: a peer that takes nothing any more is not waited for."""

    def __call__(self, code: Close, *, hard: bool = False) -> None: ...


class Viewer:
    """One connection of somebody; ``leave`` ends it, from wherever."""

    __slots__ = ("bucket", "credential", "idle", "leave", "name", "person_id", "pipe", "scopes", "stale_since")

    def __init__(self, person_id: int, credential: Credential, pipe: Pipe, leave: Leave) -> None:
        self.person_id, self.credential, self.pipe, self.leave = person_id, credential, pipe, leave
        self.name = secrets.token_hex(4)
        self.scopes: dict[str, Topic] = {}
        self.idle = False
        self.stale_since: float | None = None
        self.bucket = 0


class Topic:
    """A channel that somebody looks at, or did a moment ago. Its epoch is new each time it is taken up, so a seq never means
    two things."""

    __slots__ = (
        "channel", "due", "empty_since", "epoch", "flushed_at", "loaded", "rev", "ring", "rows", "seq", "snap", "snap_at",
        "viewers",
    )  # fmt: skip

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.epoch = secrets.token_hex(4)
        self.seq = 0
        self.rev = 0
        self.rows: dict[Key, Row] = {}
        self.due: dict[Key, datetime] = {}
        self.ring: deque[tuple[int, bytes]] = deque(maxlen=RING)
        self.viewers: set[Viewer] = set()
        self.loaded = False
        self.snap: bytes | None = None
        self.snap_at = 0.0
        self.flushed_at = 0.0
        self.empty_since: float | None = None


class Hub:
    """``fresh`` is told of each channel that is new here, to have its rows read."""

    def __init__(
        self,
        *,
        times: Times,
        time: Callable[[], float],
        soon: Callable[[Callable[[], None]], Any],
        now: Callable[[], datetime],
        fresh: Callable[[Channel], None],
    ) -> None:
        self._times, self._time, self._soon, self._now, self._fresh = times, time, soon, now, fresh
        self.topics: dict[Channel, Topic] = {}
        self.viewers: set[Viewer] = set()
        self.counts = meters.counts()
        self.degraded = False
        self._out: dict[Viewer, bytes] = {}
        self._scheduled = False
        self._slow: set[Viewer] = set()
        self._owed: dict[Viewer, bytes] = {}
        """what must arrive, until it has been written: no snapshot makes up for it"""
        self._empty: dict[Topic, None] = {}
        self._wheel: list[set[Viewer]] = [set() for _ in range(max(1, round(times.beat)))]
        self._turn = 0

    # Coming and going

    def enter(self, viewer: Viewer) -> None:
        viewer.bucket = self._turn % len(self._wheel)  # its first beat is a whole round away
        self.viewers.add(viewer)
        self._wheel[viewer.bucket].add(viewer)
        self.counts.sockets = len(self.viewers)

    def exit(self, viewer: Viewer) -> None:
        for scope in list(viewer.scopes):
            self.unsubscribe(viewer, scope)
        self.viewers.discard(viewer)
        self._wheel[viewer.bucket].discard(viewer)
        self._slow.discard(viewer)
        self._out.pop(viewer, None)
        self._owed.pop(viewer, None)
        self.counts.sockets = len(self.viewers)

    def subscribe(self, viewer: Viewer, channel: Channel, resume: tuple[str, int] | None = None) -> bool:
        """Bring ``viewer`` a channel from now on, with what it has missed since ``resume`` (epoch, seq), or as a whole; whole
        as soon as its rows are read. False if it has missed nothing."""
        scope = channel.scope
        if (before := viewer.scopes.get(scope)) is not None and before.channel != channel:
            self.unsubscribe(viewer, scope)
        topic = self.topics.get(channel)
        if topic is None:
            topic = self.topics[channel] = Topic(channel)
            self.counts.channels = len(self.topics)
            self._fresh(channel)
        topic.viewers.add(viewer)
        topic.empty_since = None
        self._empty.pop(topic, None)
        viewer.scopes[scope] = topic
        if not topic.loaded:
            return True
        missed = _missed(topic, resume)
        if missed is None:
            self.send(viewer, self._snapshot(topic))
        elif missed:
            self.send(viewer, b"".join(missed))
        return missed is None or bool(missed)

    def unsubscribe(self, viewer: Viewer, scope: str) -> None:
        topic = viewer.scopes.pop(scope, None)
        if topic is None:
            return
        topic.viewers.discard(viewer)
        if not topic.viewers:
            topic.empty_since = self._time()
            self._empty[topic] = None

    def drop(self, viewer: Viewer, scope: str, reason: str) -> None:
        """Take a scope away from a viewer that may not see it any longer."""
        self.unsubscribe(viewer, scope)
        self.tell(viewer, wire.frame(wire.Drop(scope, reason)))

    # Rows

    def apply(
        self, channel: Channel, rows: Mapping[Key, Row | None], due: Mapping[Key, datetime], *, whole: bool, rev: int
    ) -> None:
        """Take over what was read, and send what differs. ``whole``: rows that are not in ``rows`` are gone."""
        topic = self.topics.get(channel)
        if topic is None:  # nobody looks any more
            return
        held = topic.rows
        gone: list[Key] = [key for key in held if key not in rows] if whole else []
        gone += [key for key, row in rows.items() if row is None and key in held]
        changed = [row for key, row in rows.items() if row is not None and held.get(key) != row]
        for key in gone:
            del held[key]
        for row in changed:
            held[row.key] = row
        topic.due = dict(due) if whole else {key: at for key, at in topic.due.items() if key not in rows} | dict(due)
        topic.flushed_at = self._time()
        if not topic.loaded:
            topic.loaded, topic.rev = True, rev
            self._fan_out(topic, self._snapshot(topic))
        elif changed or gone:
            topic.seq += 1
            topic.rev, topic.snap = rev, None
            frame = wire.frame(wire.Delta(channel.scope, topic.epoch, topic.seq, rev, changed, gone))
            topic.ring.append((topic.seq, frame))
            self._fan_out(topic, frame)

    def _snapshot(self, topic: Topic) -> bytes:
        """One frame for all who ask at one time: in a storm of reconnections it is made once."""
        time = self._time()
        if topic.snap is None or time - topic.snap_at > SNAP_S:
            rows = list(topic.rows.values())
            topic.snap_at = time
            snap = wire.Snap(topic.channel.scope, topic.epoch, topic.seq, topic.rev, self._now(), mark_of(rows), rows)
            topic.snap = wire.frame(snap)
        return topic.snap

    # Frames

    def send(self, viewer: Viewer, frames: bytes) -> None:
        """With the end of this turn of the loop: what comes until then goes in the same write."""
        self._out[viewer] = self._out.get(viewer, b"") + frames
        self.counts.frames += 1
        self._drain_soon()

    def tell(self, viewer: Viewer, frame: bytes) -> None:
        """``send`` for what a viewer must hear even if it has fallen behind."""
        self._owed[viewer] = self._owed.get(viewer, b"") + frame
        self.send(viewer, frame)

    def _fan_out(self, topic: Topic, frame: bytes) -> None:
        """One frame for all who look at a channel."""
        if self._out:
            for viewer in topic.viewers:
                self.send(viewer, frame)
        else:
            self._out = dict.fromkeys(topic.viewers, frame)
            self.counts.frames += len(topic.viewers)
            self._drain_soon()

    def _drain_soon(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._soon(self._drain)

    def _drain(self) -> None:
        self._scheduled = False
        out, self._out = self._out, {}
        counts, writes = self.counts, 0
        for viewer, frames in out.items():
            if viewer.stale_since is not None:
                counts.dropped += 1
            elif viewer.pipe.put(frames):
                writes += 1
            else:
                counts.dropped += 1
                counts.stale += 1
                viewer.stale_since = self._time()
                self._slow.add(viewer)
        counts.writes += writes
        for viewer in [one for one in self._owed if one in out and one.stale_since is None]:
            del self._owed[viewer]

    # What time brings

    def tend(self) -> None:
        """Look after viewers that fell behind, and forget channels that nobody came back to. Several times a second."""
        time = self._time()
        for viewer in list(self._slow):
            assert viewer.stale_since is not None
            if viewer.pipe.waiting() < LOW_BYTES:
                self._refresh(viewer)
            elif time - viewer.stale_since > self._times.stale:
                self._give_up(viewer, Close.TOO_SLOW)
        for topic in list(self._empty):
            assert topic.empty_since is not None
            if time - topic.empty_since > self._times.linger:
                del self._empty[topic], self.topics[topic.channel]
                self.counts.channels = len(self.topics)

    def _refresh(self, viewer: Viewer) -> None:
        """What was left out is made good by snapshots. What is on its way belongs to the frames that were left out."""
        viewer.stale_since = None
        self._slow.discard(viewer)
        self._out.pop(viewer, None)
        if owed := self._owed.get(viewer):
            self.send(viewer, owed)
        for topic in viewer.scopes.values():
            if topic.loaded:
                self.send(viewer, self._snapshot(topic))

    def second(self) -> None:
        """Beats for those whose turn it is, and an end to connections that nothing came from. Once a second."""
        self._turn += 1
        for viewer in self._wheel[self._turn % len(self._wheel)]:
            self.beat(viewer)
        oldest = self._time() - self._times.silence
        for viewer in [one for one in self.viewers if one.pipe.heard_at < oldest]:
            self._give_up(viewer, Close.SILENT)

    def _give_up(self, viewer: Viewer, code: Close) -> None:
        """The server's own ping time-out would wait until the peer has read what waits; a peer that is gone never does."""
        self.counts.aborted += 1
        self.exit(viewer)
        viewer.leave(code, hard=True)

    def beat(self, viewer: Viewer) -> None:
        scopes = {scope: topic.seq for scope, topic in viewer.scopes.items() if topic.loaded}
        self.send(viewer, wire.frame(wire.Beat(self._now(), scopes, self.degraded)))

    def degrade(self, degraded: bool) -> None:
        """Tell everybody whether other processes are heard."""
        if degraded != self.degraded:
            self.degraded = degraded
            self.counts.degraded = int(degraded)
            for viewer in self.viewers:
                self.beat(viewer)


def _missed(topic: Topic, resume: tuple[str, int] | None) -> list[bytes] | None:
    """The frames since ``resume``; None if they are not all remembered."""
    if resume is None or resume[0] != topic.epoch:
        return None
    missed = [frame for seq, frame in topic.ring if seq > resume[1]]
    return missed if len(missed) == topic.seq - resume[1] else None
