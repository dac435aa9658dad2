"""Live presence: what a frame costs against three other ways, what a socket weighs, how late a change is, how a storm passes.

``python -m bench.presence`` measures the whole (about eight minutes; 12,000 sockets need a file limit of 13,000), ``--small`` a
tenth of it in a minute. With two cores or more the server has one of them and the clients another.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select

from app import clock
from app.db import Database
from app.people import secrets
from app.people.models import Person, Token
from bench import support
from bench.results import Result, main

KINDS = ("selaras", "picows", "plain", "channels")


class Form(msgspec.Struct, frozen=True):
    """How much is measured: sockets of each part, broadcasts of a burst, rounds, seconds of watching, cycles."""

    fan: int = 1000
    burst: int = 100
    rounds: int = 3
    sockets: int = 12_000
    half: int = 6_000
    storm: int = 5_000
    watch_s: float = 30.0
    cycles: int = 10
    rates: tuple[float, float] = (50.0, 300.0)


SMALL = Form(fan=500, burst=60, rounds=3, sockets=1_200, half=600, storm=500, watch_s=5.0, cycles=10, rates=(5.0, 30.0))


def run(form: Form | None = None) -> Iterator[Result]:
    form = form or Form()
    with support.databases() as databases:
        address = databases.make("SQLite", "presence")
        support.demo(address, small=True)
        _people(address, form.sockets)
        yield from _fan_out(address, form)
        yield from _crowd(address, form)


def _people(address: str, count: int) -> None:
    """So many people with tokens that the clients know, as copies of one."""
    with Database(address) as db, db.engine.begin() as connection:
        person = dict(connection.execute(select(Person.__table__).limit(1)).one()._mapping)
        person |= {"nip_digest": None, "nip_last4": None, "password": None, "superior_id": None, "roles": ""}
        ids = range(1_000_000, 1_000_000 + count)
        connection.execute(insert(Person), [person | {"id": id, "email": f"bench{id}@selaras.test"} for id in ids])
        connection.execute(delete(Token))
        now = clock.now()
        rows = [
            {
                "person_id": id,
                "name": "bench",
                "digest": secrets.digest(f"slr_bench_{number:012}"),
                "created_at": now,
                "used_on": now.date(),
            }
            for number, id in enumerate(ids)
        ]
        connection.execute(insert(Token), rows)


# Processes


class Pair:
    """A server and its clients."""

    def __init__(self, server: support.Server, control: int, clients: subprocess.Popen[str]) -> None:
        self.server, self._clients = server, clients
        self._control = socket.create_connection(("127.0.0.1", control))
        self._answers = self._control.makefile("r")

    def order(self, order: str) -> None:
        self._control.sendall(f"{order}\n".encode())
        assert self._answers.readline() == "done\n"

    def ask(self, do: str, **order: Any) -> Any:
        assert self._clients.stdin is not None
        assert self._clients.stdout is not None
        self._clients.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self._clients.stdin.flush()
        return json.loads(self._clients.stdout.readline())

    def drop(self) -> None:
        """End all connections, and wait until the server knows: those who come meanwhile weigh beside those who go."""
        self.ask("drop")
        support.until(self._is_empty, AssertionError)

    def _is_empty(self) -> None:
        assert b"selaras_presence_sockets 0.0\n" in support.answer_of(self.server.port, "/metrics")

    def rss_kib(self) -> float:
        pages = int(Path(f"/proc/{self.server.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024

    def close(self) -> None:
        self._control.close()


@contextmanager
def _pair(kind: str, address: str, people: int) -> Iterator[Pair]:
    port, control = support.free_port(), support.free_port()
    environment = os.environ | {"SELARAS_DATABASE": address, "BENCH_PEOPLE": str(people)}
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.presence_servers", kind, str(port), str(control)], env=environment
    )
    clients: subprocess.Popen[str] | None = None
    try:
        support.until(lambda: socket.create_connection(("127.0.0.1", port), 1).close(), OSError)
        support.until(lambda: socket.create_connection(("127.0.0.1", control), 1).close(), OSError)
        pipe = subprocess.PIPE
        clients = subprocess.Popen(
            [sys.executable, "-m", "bench.presence_load", str(port)], stdin=pipe, stdout=pipe, text=True
        )
        if len(cores := sorted(os.sched_getaffinity(0))) > 1:
            os.sched_setaffinity(server.pid, {cores[0]})
            os.sched_setaffinity(clients.pid, {cores[1]})
        pair = Pair(support.Server(server.pid, port), control, clients)
        yield pair
        pair.close()
    finally:
        for child in (clients, server):
            if child is not None:
                child.kill()
                child.wait()


# What is measured


def _fan_out(address: str, form: Form) -> Iterator[Result]:
    """Microseconds of the server's CPU for a frame of 200 bytes that arrived, in turns."""
    with ExitStack() as stack:
        pairs = {kind: stack.enter_context(_pair(kind, address, form.fan)) for kind in KINDS}
        for kind, pair in pairs.items():
            opened = pair.ask("open", count=form.fan, scopes=int(kind == "selaras"))
            assert opened["errors"] == 0, (kind, opened)
            _burst(pair, form)  # warm
        rounds = [{kind: _burst(pair, form) for kind, pair in pairs.items()} for _ in range(form.rounds)]
    us = support.medians(rounds)
    print("us of CPU a frame: " + ", ".join(f"{kind} {value:.1f}" for kind, value in us.items()), flush=True)
    yield Result("presence: a frame of 200 bytes, against picows", us["selaras"], "us", 1 / 0.65, us["picows"])
    yield Result("presence: the same", us["selaras"], "us", 8.0)
    reached = us["plain"] / us["picows"]  # what a frame costs is mostly the system call, which all of them pay
    bar = round(min(1.8, 0.85 * reached), 2)
    yield Result(
        f"a loop of sends ({reached:.2f}x of picows), against it", us["plain"], "us", bar, us["selaras"], at_least=True
    )
    yield Result("ChannelsPlugin, against it", us["channels"], "us", 2.7, us["selaras"], at_least=True)


def _burst(pair: Pair, form: Form) -> float:
    count = form.fan * form.burst
    before = pair.server.cpu()
    pair.order(f"burst {form.burst}")
    arrived = pair.ask("frames_of", count=count)["frames"]
    assert arrived == count, (arrived, count)
    return (pair.server.cpu() - before) / count * 1e6


def _crowd(address: str, form: Form) -> Iterator[Result]:
    """The weight of sockets, the share of a core, latency, and a storm, each with viewers of a floor and a team."""
    with _pair("selaras", address, form.sockets) as pair:
        pair.ask("open", count=50, scopes=2)
        pair.drop()
        empty = pair.rss_kib()
        weights = []
        for cycle in range(form.cycles + 1):
            opened = pair.ask("open", count=form.sockets, scopes=2)
            assert opened["errors"] == 0, opened
            weights.append((pair.rss_kib() - empty) / form.sockets)
            if cycle < form.cycles:
                pair.drop()
        print(f"KiB a socket, cycle by cycle: {', '.join(f'{weight:.1f}' for weight in weights)}", flush=True)
        growth = (weights[-1] - weights[1]) * form.sockets / (empty + weights[1] * form.sockets)
        yield Result(f"presence: {form.sockets:,} sockets, each", weights[0], "KiB", 32)
        yield Result(f"growth of memory over {form.cycles} times connected and dropped", growth * 100, "%", 5)
        share, seen = _watched(pair, form.rates[0], form.watch_s)
        yield Result(f"share of a core at {form.rates[0]:g} changes a second", share * 100, "%", 20)
        yield Result("a quiet scope: change to viewer, p99", seen["quiet"][1], "ms", 50)
        yield Result("bytes a viewer and hour", seen["bytes"] / 1000, "kB", 250)
        yield Result("frames missing or repeated", seen["gaps"] + seen["lost"], "", 0)
        pair.drop()
        assert pair.ask("open", count=form.half, scopes=2)["errors"] == 0
        share, seen = _watched(pair, form.rates[1], form.watch_s)
        yield Result(f"{form.half:,} sockets, {form.rates[1]:g} changes a second: p50", seen["late"][0], "ms", 15)
        yield Result("the same: p99", seen["late"][1], "ms", 300)
        pair.order("rate 0")
        pair.drop()
        storms = [_storm(pair, form) for _ in range(form.rounds)]
        yield Result(f"storm of {form.storm:,} in 5 s: the last snapshot", median(storms), "s", 8)


def _watched(pair: Pair, rate: float, seconds: float) -> tuple[float, Any]:
    pair.order(f"rate {rate:g}")
    time.sleep(2)
    before, began = pair.server.cpu(), time.monotonic()
    seen = pair.ask("watch", seconds=seconds)
    share = (pair.server.cpu() - before) / (time.monotonic() - began)
    late, quiet = (f"p50 {seen[name][0]:.1f} ms, p99 {seen[name][1]:.0f} ms" for name in ("late", "quiet"))
    print(f"{rate:g} changes/s: {share:.3f} of a core, {seen['frames']:,.0f} frames/s, {late}; quiet {quiet}; ", end="")
    print(f"{seen['bytes'] / 1000:.0f} kB a viewer and hour, {seen['gaps']} gaps", flush=True)
    return share, seen


def _storm(pair: Pair, form: Form) -> float:
    opened = pair.ask("open", count=form.storm, scopes=2, over_s=5.0)
    pair.drop()
    print(f"storm: {opened['seconds']:.1f} s, {opened['errors']} errors", flush=True)
    return float(opened["seconds"]) if not opened["errors"] else float("inf")


if __name__ == "__main__":
    main(lambda: run(SMALL if "--small" in sys.argv else None))
