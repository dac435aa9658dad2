"""Who is connected, over several processes, whatever is lost between them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.presence import nodes
from app.presence.nodes import Nodes
from app.presence.times import Times
from tests.support.world import NOW

LEASE = timedelta(seconds=45)


class Network:
    """Processes with one wall clock; ``lossy`` words don't arrive."""

    def __init__(self, count=2, lossy=False):
        self.time = 0.0
        self.lossy = lossy
        self.changed = [[] for _ in range(count)]
        self.rows = {}
        self.nodes = [self.node(number) for number in range(count)]

    def node(self, number):
        def told(person, how):
            for other in self.nodes:
                if not self.lossy and other is not self.nodes[number]:
                    other.heard(self.nodes[number].id, [(person, how)])

        return Nodes(
            times=Times(), time=lambda: self.time, clock=lambda: NOW + timedelta(seconds=self.time),
            changed=lambda person, how: self.changed[number].append((person, how)), told=told,
        )  # fmt: skip

    def renew(self, *which):
        for number in which:
            node = self.nodes[number]
            people = {id: how for how, ids in node.people().items() for id in ids}
            self.rows[node.id] = (NOW + timedelta(seconds=self.time) + LEASE, people)
        for number in which:
            self.nodes[number].take_over(self.rows)

    def wait(self, seconds):
        for _ in range(seconds):
            self.time += 1
            for node in self.nodes:
                node.expire()


def test_the_last_connection_leaves_a_grace():
    net = Network(1)
    (node,) = net.nodes
    node.came(1)
    node.came(1)
    node.went(1, idle=False)
    net.wait(60)
    assert node.of(1) == "active"
    node.went(1, idle=False)
    net.wait(44)
    assert node.of(1) == "active"
    node.came(1)  # the next page
    node.went(1, idle=False)
    net.wait(44)
    assert node.of(1) == "active"
    net.wait(1)
    assert node.of(1) is None
    assert net.changed[0] == [(1, "active"), (1, None)]


def test_the_most_active_of_several_counts():
    net = Network()
    here, there = net.nodes
    here.came(1)
    there.came(1)
    here.turned(1, idle=True)
    assert here.of(1) == there.of(1) == "active"
    there.turned(1, idle=True)
    assert here.of(1) == there.of(1) == "idle"
    here.came(1)
    assert there.of(1) == "active"
    here.went(1, idle=False)
    assert there.of(1) == "idle"


@pytest.mark.parametrize("lossy", [False, True])
def test_a_process_that_dies_takes_its_people_along_within_a_minute(lossy):
    net = Network(lossy=lossy)
    here, there = net.nodes
    there.came(1)
    there.came(2)
    here.came(2)
    net.renew(1, 0)
    assert here.of(1) == "active"
    for _ in range(3):  # no word of the other any more
        net.wait(15)
        net.renew(0)
    net.wait(1)
    assert here.of(1) is None
    assert here.of(2) == "active"
    assert net.changed[0][-1] == (1, None)


def test_a_word_that_was_lost_heals_with_the_next_renewal():
    net = Network(lossy=True)
    here, there = net.nodes
    there.came(1)
    net.renew(0, 1)
    net.renew(0, 1)
    assert here.of(1) == "active"
    there.went(1, idle=False)
    net.wait(46)
    net.renew(1, 0)
    assert here.of(1) is None


def test_lost_renewals_change_nothing_yet():
    net = Network()
    here, there = net.nodes
    there.came(1)
    net.renew(1, 0)
    net.wait(44)
    net.renew(0)
    assert here.of(1) == "active"
    net.renew(1, 0)
    net.wait(44)
    assert here.of(1) == "active"
    assert net.changed[0] == [(1, "active")]


@given(
    st.lists(
        st.tuples(st.sampled_from(["came", "went", "turned", "wait"]), st.integers(0, 1), st.booleans()), max_size=40
    )
)
def test_processes_agree_with_a_plain_count(steps):
    net = Network()
    sockets = [{}, {}]  # of one person: number -> idle, by process
    made = 0
    for what, number, idle in steps:
        mine = sockets[number]
        if what == "came":
            made += 1
            mine[made] = False
            net.nodes[number].came(9)
        elif what == "went" and mine:
            net.nodes[number].went(9, idle=mine.popitem()[1])
        elif what == "turned" and mine:
            one = next(iter(mine))
            if mine[one] != idle:
                mine[one] = idle
                net.nodes[number].turned(9, idle=idle)
        elif what == "wait":
            net.renew(0, 1)
            net.wait(3)
    net.wait(40)
    net.renew(0, 1)
    net.wait(10)
    there = [idle for mine in sockets for idle in mine.values()]
    expected = None if not there else "active" if not all(there) else "idle"
    assert [node.of(9) for node in net.nodes] == [expected, expected]


def test_rows_come_back_as_they_were_written(db):
    people = {"active": [3, 1], "idle": [2]}
    db.write_here(nodes.renew, "a", {"active": [9], "idle": []}, lease=LEASE, now=NOW)
    db.write_here(nodes.renew, "a", people, lease=LEASE, now=NOW)
    db.write_here(nodes.renew, "old", people, lease=LEASE, now=NOW - timedelta(hours=2))
    db.write_here(nodes.renew, "b", people, lease=LEASE, now=NOW)
    rows = db.read_here(nodes.read)
    assert rows == {id: (NOW + LEASE, {3: "active", 1: "active", 2: "idle"}) for id in ("a", "b")}
