"""Live presence in numbers, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakSet

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from app.meters import registry


class Counts(msgspec.Struct, weakref=True, eq=False):
    """Plain numbers that one event loop counts up: a frame costs 5 us, a counter of Prometheus one more."""

    sockets: int = 0
    channels: int = 0
    degraded: int = 0
    frames: int = 0
    writes: int = 0
    dropped: int = 0
    stale: int = 0
    aborted: int = 0
    loads: int = 0


_GAUGES = {
    "sockets": "Open connections of live presence",
    "channels": "Scopes as different audiences see them",
    "degraded": "1 while the bus to other processes is down",
}
_COUNTERS = {
    "frames": "Frames for viewers",
    "writes": "Writes to sockets; several frames go in one",
    "dropped": "Writes left out because a viewer doesn't read",
    "stale": "Times a viewer fell behind",
    "aborted": "Connections ended because nothing was read or heard",
    "loads": "Batches of rows read from the database",
}
_counted: WeakSet[Counts] = WeakSet()


def counts() -> Counts:
    """New numbers, which ``/metrics`` shows as long as somebody holds them."""
    made = Counts()
    _counted.add(made)
    return made


class _Presence(Collector):
    def collect(self) -> Iterator[Metric]:
        all_counts = list(_counted)
        for name, words in _GAUGES.items():
            yield GaugeMetricFamily(f"selaras_presence_{name}", words, sum(getattr(one, name) for one in all_counts))
        for name, words in _COUNTERS.items():
            yield CounterMetricFamily(f"selaras_presence_{name}", words, sum(getattr(one, name) for one in all_counts))


registry.register(_Presence())
