"""The hub by itself: what viewers get, in which order, and what a slow one costs."""

from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.presence import wire
from app.presence.channels import Channel
from app.presence.pipes import HIGH_BYTES
from tests.support.live_hub import CHANNEL, HubUnderTest
from tests.support.reducer import Reducer

CLOG = wire.framed(b"{" + b" " * HIGH_BYTES + b"}")
"""A frame that fills a pipe and says nothing."""


@pytest.fixture
def bench():
    return HubUnderTest()


def messages(pipe, kind=""):
    return [message for message in pipe.read() if not kind or message["t"] == kind]


def test_the_first_viewer_waits_for_the_rows_and_the_next_does_not(bench):
    one, first = bench.viewer()
    assert bench.hub.subscribe(one, CHANNEL)
    bench.turn()
    assert bench.fresh == [CHANNEL]
    assert first.read() == []
    bench.apply({1: 10, 2: 20}, whole=True)
    bench.turn()
    assert messages(first)[0]["rows"] == [[1, 10], [2, 20]]
    two, second = bench.viewer()
    bench.hub.subscribe(two, CHANNEL)
    bench.turn()
    assert bench.fresh == [CHANNEL]
    assert messages(second)[0]["seq"] == 0


def test_what_did_not_change_is_not_sent(bench):
    one, pipe = bench.viewer()
    bench.hub.subscribe(one, CHANNEL)
    bench.apply({1: 10}, whole=True)
    bench.turn()
    pipe.read()
    bench.apply({1: 10})
    bench.apply({2: None})
    bench.apply({1: 10}, whole=True)
    bench.turn()
    assert pipe.read() == []
    bench.apply({1: 11, 3: 30})
    bench.apply({3: 31}, whole=True)
    bench.turn()
    changed, gone = messages(pipe, "d")
    assert (changed["seq"], changed["rows"], changed["gone"]) == (1, [[1, 11], [3, 30]], [])
    assert (gone["seq"], gone["rows"], gone["gone"]) == (2, [[3, 31]], [1])
    assert gone["rev"] > changed["rev"]


def test_frames_of_one_turn_go_in_one_write(bench):
    one, pipe = bench.viewer()
    other = Channel("team:1", "all")
    for channel in (CHANNEL, other):
        bench.hub.subscribe(one, channel)
        bench.apply({1: 1}, whole=True, channel=channel)
    bench.hub.beat(one)
    bench.turn()
    assert pipe.writes == 1
    assert [message["t"] for message in pipe.read()] == ["snap", "snap", "beat"]


def test_one_scope_in_two_audiences_is_two_channels(bench):
    one, first = bench.viewer()
    two, second = bench.viewer()
    mine, theirs = Channel("floor:1", "agency:1"), Channel("floor:1", "agency:2")
    bench.hub.subscribe(one, mine)
    bench.hub.subscribe(two, theirs)
    bench.apply({1: 1}, whole=True, channel=mine)
    bench.apply({1: 2}, whole=True, channel=theirs)
    bench.turn()
    assert messages(first)[0]["rows"] == [[1, 1]]
    assert messages(second)[0]["rows"] == [[1, 2]]
    assert b"agency" not in first.buffer + second.buffer


def test_a_viewer_whose_audience_changes_gets_the_other_rows_under_the_same_name(bench):
    one, pipe = bench.viewer()
    wide, narrow = Channel("floor:1", "agency:1"), Channel("floor:1", "all")
    bench.hub.subscribe(one, wide)
    bench.apply({1: 1, 2: 2}, whole=True, channel=wide)
    bench.turn()
    pipe.read()
    bench.hub.subscribe(one, narrow)
    bench.apply({1: 1}, whole=True, channel=narrow)
    bench.apply({2: 3}, channel=wide)
    bench.turn()
    assert [message["rows"] for message in messages(pipe)] == [[[1, 1]]]


def test_resuming_brings_exactly_what_was_missed(bench):
    one, pipe = bench.viewer()
    bench.hub.subscribe(one, CHANNEL)
    bench.apply({1: 0}, whole=True)
    bench.turn()
    epoch = messages(pipe)[0]["e"]
    for value in range(1, 131):
        bench.apply({1: value})
    two, other = bench.viewer()

    def resumed(epoch, seq):
        answer = bench.hub.subscribe(two, CHANNEL, (epoch, seq))
        bench.turn()
        return answer, [message["t"] for message in other.read()]

    assert resumed(epoch, 128) == (True, ["d", "d"])
    assert resumed(epoch, 130) == (False, [])
    assert resumed(epoch, 2) == (True, ["d"] * 128)
    assert resumed(epoch, 1) == (True, ["snap"])  # one more than is remembered
    assert resumed(epoch, 131) == (True, ["snap"])  # a seq that never was
    assert resumed(epoch, -1) == (True, ["snap"])
    assert resumed("another", 130) == (True, ["snap"])


def test_a_slow_viewer_costs_the_others_nothing_and_gets_a_snapshot_when_it_reads(bench):
    slow, clogged = bench.viewer()
    good, pipe = bench.viewer()
    for viewer in (slow, good):
        bench.hub.subscribe(viewer, CHANNEL)
    bench.apply({1: 0}, whole=True)
    bench.turn()
    clogged.read()
    clogged.buffer = CLOG
    waits = len(clogged.buffer)
    for value in range(1, 200):
        bench.apply({1: value})
        bench.turn()
    assert len(messages(pipe, "d")) == 199
    assert len(clogged.buffer) == waits
    assert bench.hub.counts.stale == 1
    clogged.buffer = b""
    bench.apply({1: 200})  # on its way while the viewer is found to read again
    bench.hub.tend()
    bench.apply({1: 201})
    bench.turn()
    snap, delta = clogged.read()  # and nothing before, after which a client would have to ask
    assert (snap["rows"], delta["rows"]) == ([[1, 200]], [[1, 201]])
    assert delta["seq"] == snap["seq"] + 1
    assert bench.left == []


def test_what_was_taken_away_is_told_once_a_viewer_reads_again(bench):
    slow, clogged = bench.viewer()
    bench.hub.subscribe(slow, CHANNEL)
    bench.apply({1: 0}, whole=True)
    bench.turn()
    clogged.read()
    clogged.buffer = CLOG + b"x"
    bench.apply({1: 1})
    bench.turn()
    assert slow.stale_since is not None
    bench.hub.drop(slow, CHANNEL.scope, "forbidden")
    bench.turn()
    clogged.buffer = b""
    bench.hub.tend()
    bench.turn()
    assert [(one["t"], one.get("reason")) for one in clogged.read()] == [("drop", "forbidden")]
    bench.hub.tend()
    bench.turn()
    assert clogged.read() == []


def test_a_viewer_that_never_reads_is_let_go(bench):
    slow, clogged = bench.viewer()
    bench.hub.subscribe(slow, CHANNEL)
    bench.apply({1: 0}, whole=True)
    bench.turn()
    clogged.buffer = b"x" * (HIGH_BYTES + 1)
    bench.apply({1: 1})
    bench.turn()
    bench.seconds(15)
    assert bench.left == []
    clogged.heard_at = bench.time
    bench.seconds(1)
    assert bench.left == [(4410, True)]
    assert not bench.hub.viewers
    assert not bench.hub.topics[CHANNEL].viewers


def test_a_silent_viewer_is_found_within_45_seconds(bench):
    quiet, _ = bench.viewer()
    _, talks = bench.viewer()
    for second in range(45):
        bench.seconds(1)
        if second % 25 == 0:
            talks.heard_at = bench.time  # the answer to a ping
    assert bench.left == [(4408, True)]
    assert quiet not in bench.hub.viewers
    assert len(bench.hub.viewers) == 1


def test_everybody_gets_a_beat_each_half_minute_and_not_all_at_once(bench):
    pipes = []
    for _ in range(60):
        pipes.append(bench.viewer()[1])
        bench.seconds(1)
        for pipe in pipes:
            pipe.heard_at = bench.time + 30
    for pipe in pipes:
        pipe.read()
    busiest = 0
    for _ in range(30):
        before = sum(pipe.writes for pipe in pipes)
        bench.seconds(1)
        busiest = max(busiest, sum(pipe.writes for pipe in pipes) - before)
    assert [len(messages(pipe, "beat")) for pipe in pipes] == [1] * 60
    assert busiest <= 3


def test_a_beat_says_where_each_scope_is_and_whether_others_are_heard(bench):
    one, pipe = bench.viewer()
    bench.hub.subscribe(one, CHANNEL)
    bench.hub.subscribe(one, Channel("floor:2", "all"))
    bench.apply({1: 1}, whole=True)
    bench.apply({1: 2})
    bench.turn()
    pipe.read()
    bench.hub.degrade(True)
    bench.hub.degrade(True)
    bench.turn()
    (beat,) = messages(pipe)
    assert (beat["scopes"], beat["degraded"]) == ({"floor:1": 1}, True)
    bench.hub.degrade(False)
    bench.turn()
    assert "degraded" not in messages(pipe)[0]


def test_a_channel_nobody_came_back_to_is_forgotten_and_starts_anew(bench):
    one, pipe = bench.viewer()
    bench.hub.subscribe(one, CHANNEL)
    bench.apply({1: 1}, whole=True)
    bench.hub.unsubscribe(one, "floor:1")
    bench.turn()
    epoch = messages(pipe)[0]["e"]
    one.pipe.heard_at = bench.time + 100
    bench.seconds(59)
    assert CHANNEL in bench.hub.topics
    bench.hub.subscribe(one, CHANNEL)
    bench.seconds(61)
    assert CHANNEL in bench.hub.topics
    bench.hub.exit(one)
    bench.seconds(61)
    assert not bench.hub.topics
    bench.apply({1: 5})  # read for those who have gone
    two, other = bench.viewer()
    bench.hub.subscribe(two, CHANNEL, (epoch, 0))
    bench.apply({1: 5}, whole=True)
    bench.turn()
    (snap,) = messages(other)
    assert snap["e"] != epoch


def test_a_snapshot_is_made_once_for_a_storm_and_never_holds_an_old_seq(bench):
    viewers = [bench.viewer() for _ in range(20)]
    for viewer, _ in viewers:
        bench.hub.subscribe(viewer, CHANNEL)
    bench.apply({1: 1}, whole=True)
    bench.turn()
    assert len({pipe.buffer for _, pipe in viewers}) == 1
    bench.apply({1: 2})
    late, pipe = bench.viewer()
    bench.hub.subscribe(late, CHANNEL)
    bench.apply({1: 3})
    bench.turn()
    snap, delta = messages(pipe)
    assert (snap["seq"], snap["rows"], delta["seq"]) == (1, [[1, 2]], 2)


def test_leaving_twice_is_leaving(bench):
    one, _ = bench.viewer()
    bench.hub.subscribe(one, CHANNEL)
    bench.hub.exit(one)
    bench.hub.exit(one)
    bench.apply({1: 1}, whole=True)
    bench.turn()
    assert bench.hub.counts.sockets == 0


# Clients under a network that loses, repeats, delays and reorders


@dataclass
class Client:
    viewer: object
    pipe: object
    reducer: Reducer
    flying: list


class BadNetwork(RuleBasedStateMachine):
    """Rows change; frames on their way are lost, repeated, held back and swapped; connections break and come back, with or
    without resuming; viewers stop reading. When the network is well again, every client has the server's rows."""

    @initialize()
    def begin(self):
        self.bench = HubUnderTest()
        self.rows = {}
        self.clients = [self.connect(Reducer()) for _ in range(2)]
        self.bench.apply({}, whole=True)
        self.bench.turn()

    def connect(self, reducer):
        viewer, pipe = self.bench.viewer()
        client = Client(viewer, pipe, reducer, [])
        resume = reducer.resume().get("floor:1")
        if not self.bench.hub.subscribe(viewer, CHANNEL, resume):
            self.bench.hub.beat(viewer)
        return client

    @rule(changes=st.dictionaries(st.integers(0, 4), st.none() | st.integers(0, 3), min_size=1, max_size=3))
    def change(self, changes):
        for key, value in changes.items():
            if value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = value
        self.bench.apply(changes)
        self.bench.turn()

    @rule(left_out=st.sets(st.integers(0, 4), max_size=2))
    def read_whole(self, left_out):
        for key in left_out:
            self.rows.pop(key, None)
        self.bench.apply(dict(self.rows), whole=True)
        self.bench.turn()

    @rule(
        which=st.integers(0, 1), fate=st.sampled_from(["all", "lose", "twice", "swap", "hold", "late"]), data=st.data()
    )
    def deliver(self, which, fate, data):
        client = self.clients[which]
        client.flying += client.pipe.read()
        if not client.flying or fate == "hold":
            return
        at = data.draw(st.integers(0, len(client.flying) - 1))
        if fate == "lose":
            del client.flying[at]
        elif fate == "twice":
            client.flying.insert(at, client.flying[at])
        elif fate == "swap":
            client.flying.append(client.flying.pop(at))
        elif fate == "late":
            client.flying, now = client.flying[at:], client.flying[:at]
            self.take(client, now)
        else:
            self.take(client, client.flying)
            client.flying = []

    def take(self, client, flying):
        for message in flying:
            client.reducer.take(message)

    @rule(which=st.integers(0, 1), forget=st.booleans(), stragglers=st.booleans())
    def break_and_come_back(self, which, forget, stragglers):
        client = self.clients[which]
        self.bench.hub.exit(client.viewer)
        reducer = Reducer() if forget else client.reducer
        self.clients[which] = self.connect(reducer)
        if stragglers:  # frames of the old connection that are read after the new one began
            self.clients[which].flying = client.flying

    @rule(which=st.integers(0, 1))
    def clog(self, which):
        client = self.clients[which]
        client.flying += client.pipe.read()
        client.pipe.buffer = CLOG

    @rule(which=st.integers(0, 1))
    def read_on(self, which):
        client = self.clients[which]
        client.flying += client.pipe.read()
        self.bench.hub.tend()
        self.bench.turn()

    @rule(seconds=st.integers(1, 14))
    def wait(self, seconds):
        for client in self.clients:
            client.pipe.heard_at = self.bench.time + seconds
            if client.viewer.stale_since is not None:
                client.viewer.stale_since += seconds  # a clogged one is not let go here
        self.bench.seconds(seconds)

    @invariant()
    def the_server_has_the_rows(self):
        topic = self.bench.hub.topics[CHANNEL]
        assert {key: row.value for key, row in topic.rows.items()} == self.rows

    def teardown(self):
        if not hasattr(self, "clients"):
            return
        for client in self.clients:
            for _ in range(6):  # the network is well: what flies arrives, beats come, questions are answered
                client.flying += client.pipe.read()
                self.take(client, client.flying)
                client.flying = []
                self.bench.hub.tend()
                asks, client.reducer.asks = client.reducer.asks, {}
                for resume in asks.values():
                    if not self.bench.hub.subscribe(client.viewer, CHANNEL, resume):
                        self.bench.hub.beat(client.viewer)
                self.bench.hub.beat(client.viewer)
                self.bench.turn()
            seen = {key: row[1] for key, row in client.reducer.scopes["floor:1"].values().items()}
            assert seen == self.rows


BadNetwork.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestBadNetwork = BadNetwork.TestCase
