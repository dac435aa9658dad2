"""From a change to a frame: what is read, when, and how often."""

import asyncio
from datetime import timedelta

from app.journal import Change
from app.presence.channels import Channel, Loaded
from app.presence.follow import Follow
from app.presence.hub import Hub
from app.presence.times import Times
from tests.support import virtual_loop
from tests.support.live_hub import Cell
from tests.support.world import NOW, FakeClock

TIMES = Times(first=0.002, apart=0.05, counts_apart=0.2, spread=0.01)


class Source:
    """Values in memory; it notes each reading and can be told to fail."""

    def __init__(self):
        self.values = {}
        self.readings = []
        self.due = {}
        self.failures = 0
        self.gate = None

    def load(self, session, wanted, *, now):
        self.readings.append((dict(wanted), now))
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the database is gone")
        loaded = Loaded({})
        for channel, asked in wanted.items():
            keys = self.values.keys() if asked is None else asked
            loaded.rows[channel] = {key: Cell(key, self.values[key]) if key in self.values else None for key in keys}
            loaded.due[channel] = {key: at for key, at in self.due.items() if key in keys and at > now}
        return loaded

    def touched(self, changes, channels):
        if any(change.subject == "nonsense" for change in changes):
            raise KeyError("nonsense")
        return {channel: {change.subject_id for change in changes} for channel in channels}


class Db:
    def __init__(self, source):
        self._source = source

    async def read(self, function, *arguments, **named):
        if self._source.gate is not None:
            await self._source.gate.wait()
        await asyncio.sleep(0)
        return function(None, *arguments, **named)


class Pipe:
    sees_pongs = True
    heard_at = 0.0


class Bench:
    def __init__(self):
        loop = asyncio.get_running_loop()
        self.source, self.clock = Source(), FakeClock()
        self.follow = Follow(Db(self.source), self.source, times=TIMES, clock=self.clock, time=loop.time)
        self.sent = []
        self.hub = Hub(times=TIMES, time=loop.time, soon=loop.call_soon, now=self.clock, fresh=self.follow.fresh)
        self.follow.hub = self.hub

    async def look_at(self, *scopes):
        for scope in scopes:
            channel = Channel(scope, "all")
            self.hub.subscribe(_Nobody(), channel)
        await asyncio.sleep(0.01)

    def change(self, *ids):
        for id in ids:
            self.source.values[id] = self.source.values.get(id, 0) + 1
        self.follow.changed([Change("changed", "thing", id, {}) for id in ids])

    def value(self, scope, key):
        row = self.hub.topics[Channel(scope, "all")].rows.get(key)
        return row and row.value


class _Nobody:
    def __init__(self):
        self.scopes, self.stale_since, self.pipe = {}, None, self

    def put(self, frames):
        return True


def run(work):
    async def whole():
        bench = Bench()
        await work(bench)
        await bench.follow.stop()

    virtual_loop.run(whole())


def test_the_first_change_goes_at_once_and_the_next_ones_together():
    async def work(bench):
        await bench.look_at("floor:1")
        await asyncio.sleep(0.06)
        bench.source.readings.clear()
        bench.change(1)
        await asyncio.sleep(0.02)
        assert bench.value("floor:1", 1) == 1
        for _ in range(5):
            bench.change(1, 2)
            await asyncio.sleep(0.002)
        assert bench.value("floor:1", 1) == 1
        await asyncio.sleep(0.06)
        assert (bench.value("floor:1", 1), bench.value("floor:1", 2)) == (6, 5)
        assert [wanted for wanted, _ in bench.source.readings] == [
            {Channel("floor:1", "all"): {1}}, {Channel("floor:1", "all"): {1, 2}},
        ]  # fmt: skip

    run(work)


def test_counts_go_once_a_second():
    async def work(bench):
        await bench.look_at("unit:1", "floor:1")
        await asyncio.sleep(0.06)
        bench.change(1)
        await asyncio.sleep(0.05)
        assert bench.value("floor:1", 1) == 1
        assert bench.value("unit:1", 1) is None
        await asyncio.sleep(0.2)
        assert bench.value("unit:1", 1) == 1

    run(work)


def test_channels_that_begin_together_are_read_together():
    async def work(bench):
        await bench.look_at(*(f"floor:{number}" for number in range(30)))
        assert [len(wanted) for wanted, _ in bench.source.readings] == [30]

    run(work)


def test_a_change_while_rows_are_read_is_read_after():
    async def work(bench):
        bench.source.values[1] = 5
        bench.source.gate = asyncio.Event()
        await bench.look_at("floor:1")
        bench.change(1)
        bench.source.gate.set()
        await asyncio.sleep(0.12)
        assert bench.value("floor:1", 1) == 6
        assert len(bench.source.readings) == 2

    run(work)


def test_a_reading_that_failed_is_made_again():
    async def work(bench):
        await bench.look_at("floor:1")
        bench.source.failures = 1
        bench.change(1)
        await asyncio.sleep(0.9)
        assert bench.value("floor:1", 1) is None
        await asyncio.sleep(0.2)
        assert bench.value("floor:1", 1) == 1

    run(work)


def test_changes_nobody_understands_have_everything_read_anew():
    async def work(bench):
        await bench.look_at("floor:1")
        bench.source.values[3] = 1
        bench.follow.changed([Change("x", "nonsense", 1, {})])
        await asyncio.sleep(0.1)
        assert bench.value("floor:1", 3) == 1

    run(work)


def test_rows_change_when_they_are_due_and_not_before():
    async def work(bench):
        bench.source.values[1] = 1
        bench.source.due[1] = NOW + timedelta(seconds=30)
        await bench.look_at("floor:1")
        bench.source.readings.clear()
        bench.clock.advance(seconds=29)
        bench.follow.tick()
        await asyncio.sleep(0.08)
        assert bench.source.readings == []
        bench.clock.advance(seconds=1)
        bench.source.values[1] = 2
        bench.follow.tick()
        await asyncio.sleep(0.08)
        assert [now for _, now in bench.source.readings] == [NOW + timedelta(seconds=30)]
        assert bench.value("floor:1", 1) == 2
        bench.clock.advance(hours=1)
        bench.follow.tick()
        await asyncio.sleep(0.08)
        assert len(bench.source.readings) == 1

    run(work)


def test_nobody_looking_nothing_is_read():
    async def work(bench):
        bench.change(1)
        bench.follow.want({Channel("floor:1", "all"): None})
        await asyncio.sleep(0.05)
        assert bench.source.readings == []

    run(work)


def test_what_is_due_is_noted_once_however_often_it_is_read():
    async def work():
        bench = Bench()
        bench.source.values = dict.fromkeys(range(20), 0)
        bench.source.due = dict.fromkeys(range(20), NOW + timedelta(hours=14))
        await bench.look_at("floor:1")
        await asyncio.sleep(0.1)
        for _ in range(50):
            bench.source.values[0] += 1
            bench.follow.want({Channel("floor:1", "all"): None})
            await asyncio.sleep(0.06)
        assert len(bench.source.readings) > 40
        assert len(bench.follow._due) == 20
        await bench.follow.stop()

    virtual_loop.run(work())
