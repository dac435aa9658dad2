"""How long things take in live presence, in seconds; tests make them shorter."""

from __future__ import annotations

import msgspec


class Times(msgspec.Struct, frozen=True):
    """All in seconds."""

    first: float = 0.005
    """a change of a quiet channel waits so long for others of the same moment"""
    apart: float = 0.25
    """then frames of a channel are so far apart"""
    counts_apart: float = 1.0
    """and those of counts, which change with everybody"""
    spread: float = 2.0
    """what many rows do by themselves at one full hour is spread over so long at most"""
    beat: float = 30.0
    silence: float = 40.0
    """a connection that nothing came from for so long is dead: the server pings every 25"""
    stale: float = 15.0
    """a viewer that doesn't read has so long before the connection ends"""
    idle_apart: float = 30.0
    """how often a viewer's idle or active is taken over"""
    linger: float = 60.0
    """a channel without viewers is kept so long: people walk from page to page"""
    grace: float = 45.0
    """somebody whose last connection went is there so long"""
    lease: float = 45.0
    renew: float = 15.0
    """three renewals make a lease: two may be lost"""
    catch_up: float = 4.0
    """how often the journal is looked at"""
    late: float = 60.0
    """how much later than its number an entry may be committed"""
    gather: float = 0.05
    """changes go to other processes in batches of so long"""
    bus_beat: float = 5.0
    bus_silence: float = 15.0
    """a bus that doesn't bring one's own beats back for so long is down"""
    bus_retry: tuple[float, float] = (0.2, 5.0)
    """the first wait before a bus is tried again, and the longest"""
