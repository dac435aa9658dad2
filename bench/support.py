"""What measurements stand on: throw-away databases, servers as child processes and their CPU time, and people with tokens."""

from __future__ import annotations

import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import msgspec
import psycopg
from sqlalchemy import insert, select

from app import clock
from app.db import Database
from app.demo import history, world
from app.people import secrets
from app.people.models import BrowserSession, Person, Token
from app.rooms import house
from app.rooms.models import Booking, Floor, Space
from app.rooms.rules import Place, Seeker, standing_refusal
from app.scheduling.models import PolicyRow
from app.settings import Settings
from app.sites import Site
from app.spans import Span
from app.upgrade import upgrade
from bench.load import request

ENGINES = ("SQLite", "PostgreSQL")


# Databases


@contextmanager
def databases() -> Iterator[Databases]:
    """A folder for SQLite files and a PostgreSQL of our own (unix socket, durable as by default), both removed in the end."""
    home = Path(tempfile.mkdtemp(prefix="slr-bench-"))  # a socket's path has at most 107 bytes
    made = Databases(home)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(home, ignore_errors=True)


class Databases:
    """Makes databases by name; a name with a ``template`` starts as a copy of that one."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._server: subprocess.Popen[bytes] | None = None

    def make(self, engine: str, name: str, template: str = "") -> str:
        """The address of a new database: empty, or a copy of ``template``, which nobody may be using."""
        if engine == "SQLite":
            if template:
                shutil.copy(self.home / f"{template}.db", self.home / f"{name}.db")
            return f"sqlite:///{self.home / name}.db"
        self._start()
        with self.connect("postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return f"postgresql://postgres@/{name}?host={self.home}"

    def connect(self, name: str, **options: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(f"dbname={name} user=postgres host={self.home}", **options)

    def _start(self) -> None:
        if self._server is not None:
            return
        folder, user = _postgresql(), {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            someone = pwd.getpwnam("postgres")
            user = {"user": someone.pw_uid, "group": someone.pw_gid, "extra_groups": []}
            os.chown(self.home, someone.pw_uid, someone.pw_gid)
        data = self.home / "pg"
        initdb = [
            folder / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        subprocess.run(initdb, check=True, capture_output=True, cwd=self.home, **user)
        options = (
            "listen_addresses=",
            f"unix_socket_directories={self.home}",
            "max_connections=120",
            "max_wal_size=4GB",
        )
        flags = [part for option in options for part in ("-c", option)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._server = subprocess.Popen([folder / "postgres", "-D", data, *flags], cwd=self.home, **quiet, **user)
        until(lambda: self.connect("postgres").close(), psycopg.OperationalError)

    def cpu(self) -> dict[int, float]:
        """Seconds of CPU of each of PostgreSQL's processes; empty if there is none."""
        return {pid: cpu_of(pid) for pid in children(self._server.pid)} if self._server else {}

    def stop(self) -> None:
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait()


def _postgresql() -> Path:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if not folders:
        sys.exit("bench: PostgreSQL's initdb is not here; install PostgreSQL to measure on it")
    return folders[0]


def until(attempt: Callable[[], Any], *errors: type[Exception], seconds: float = 60) -> None:
    """Try until it goes without one of ``errors``."""
    last = time.monotonic() + seconds
    while True:
        try:
            attempt()
            return
        except errors:
            if time.monotonic() > last:
                raise
        time.sleep(0.02)


def demo(address: str, **options: Any) -> None:
    """Migrate and fill with the demo world: all floors and 320 people, unless ``options`` of ``world.fill`` say otherwise."""
    with Database(address) as db:
        upgrade(db)
        world.fill(db, Settings(database=address), now=clock.now(), **options)


def full_demo(address: str, *, bookings: int = history.BOOKINGS) -> None:
    """The full demo's 12,000 people, and so many bookings."""
    with Database(address) as db, patch.object(history, "fill", partial(history.fill, bookings=bookings)):
        upgrade(db)
        world.fill(db, Settings(database=address), now=clock.now(), full=True)


# Servers


class Server(msgspec.Struct, frozen=True):
    """A child process that answers on ``port``."""

    pid: int
    port: int

    def cpu(self) -> float:
        """Seconds of CPU that the process and its children have used so far, all threads, to the nanosecond."""
        return sum(cpu_of(pid) for pid in (self.pid, *children(self.pid)))


def cpu_of(pid: int) -> float:
    """Seconds of CPU of a process; 0 for one that has ended."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # the clock's number as clock_getcpuclockid(3) builds it
    except OSError:
        return 0.0


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


@contextmanager
def started(arguments: Sequence[str], port: int, path: str, **environment: str) -> Iterator[Server]:
    """A Python child process, from its first answer with status 200 to ``path`` on."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    child = subprocess.Popen([sys.executable, *arguments], env=os.environ | environment, **quiet)
    try:
        until(lambda: answer_of(port, path), OSError, AssertionError)
        yield Server(child.pid, port)
    finally:
        child.terminate()
        child.wait(timeout=30)


def served(address: str, *, workers: int = 1) -> Any:
    """Selaras as ``selaras serve`` runs it, with everything that is on by default."""
    port = free_port()
    arguments = ["-m", "app", "serve", "--port", str(port), "--workers", str(workers)]
    return started(arguments, port, "/health/live", SELARAS_DATABASE=address)


def limit(application: str, **environment: str) -> Any:
    """One of the plain applications of ``bench/plain.py``, under the same server."""
    port = free_port()
    uvicorn = ["-m", "uvicorn", f"bench.plain:{application}", "--port", str(port), "--no-access-log"]
    return started(
        [*uvicorn, "--loop", "uvloop", "--http", "httptools", "--log-level", "error"], port, "/", **environment
    )


def answer_of(port: int, path: str, headers: dict[str, str] | None = None) -> bytes:
    """The body of a GET. Raises AssertionError for any other status than 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, (answer.status, body[:500])
    return body


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def cpu_us(server: Server, work: Callable[[], Any], count: int) -> float:
    """Microseconds of the server's CPU for each of ``count`` requests that ``work`` makes."""
    before = server.cpu()
    work()
    return (server.cpu() - before) / count * 1e6


def cpu_us_with(databases: Databases, server: Server, work: Callable[[], Any], count: int) -> float:
    """The same with the CPU of PostgreSQL's own processes."""
    before = databases.cpu()
    ours = cpu_us(server, work, count)
    theirs = sum(max(0.0, used - before.get(pid, 0.0)) for pid, used in databases.cpu().items())
    return ours + theirs / count * 1e6


def own_cpu_us(work: Callable[[], Any], count: int) -> float:
    """``cpu_us`` for work in this process, all its threads."""
    before = time.process_time()
    work()
    return (time.process_time() - before) / count * 1e6


def medians(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: median(one[name] for one in rounds) for name in rounds[0]}


# People and what they book


def with_tokens(address: str) -> dict[int, str]:
    """A token for everybody, by their ids; noted as used today, as a token in daily use is."""
    now = clock.now()
    with Database(address) as db, db.engine.begin() as connection:
        tokens = {id: f"slr_bench_{id:012}" for id in connection.scalars(select(Person.id).order_by(Person.id))}
        rows = [
            {
                "person_id": id,
                "name": "bench",
                "digest": secrets.digest(token),
                "created_at": now,
                "used_on": now.date(),
            }
            for id, token in tokens.items()
        ]
        connection.execute(insert(Token), rows)
    return tokens


def signed_in(address: str, person_id: int) -> str:
    """The Cookie header of a browser session of somebody."""
    now, session_id = clock.now(), secrets.new_session_id()
    row = {"digest": secrets.digest(session_id), "person_id": person_id, "created_at": now, "seen_at": now}
    with Database(address) as db, db.engine.begin() as connection:
        connection.execute(insert(BrowserSession), row)
    return f"Cookie: selaras={session_id}\r\n"


class Slot(msgspec.Struct, frozen=True):
    """A booking that the rules allow and nothing stands against; no two slots are in each other's way."""

    person_id: int
    space_id: int
    span: Span

    def request(self, tokens: dict[int, str]) -> bytes:
        body = {"space_id": self.space_id, "starts_at": str(self.span.starts_at), "ends_at": str(self.span.ends_at)}
        return request("POST", "/api/bookings", tokens[self.person_id], json.dumps(body).encode())

    def row(self, now: datetime) -> dict[str, Any]:
        """The booking as a row of table ``booking``, for raw drivers."""
        starts_at, ends_at = self.span.starts_at, self.span.ends_at
        return {
            "space_id": self.space_id,
            "kind": "desk",
            **dict.fromkeys(("segment_id", "meeting_id", "series_id", "occurs_on", "held_until")),
            "person_id": self.person_id,
            "booked_by_id": self.person_id,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "state": "booked",
            "active": True,
            **dict.fromkeys(("purpose", "approval", "remark"), ""),
            "release_at": starts_at + timedelta(minutes=60),
            "created_at": now,
            "version": 1,
        }


def slots(address: str, wanted: int, *, days_ahead: int = 1) -> list[Slot]:
    """Hours on desks that are open to everybody, from tomorrow on, clear of the bookings that are there; well mixed."""
    with Database(address) as db:
        return db.read_here(_slots, clock.now(), wanted, days_ahead)


def _slots(session: Any, now: datetime, wanted: int, days_ahead: int) -> list[Slot]:
    rules = house.current(session)
    people = list(session.execute(select(Person.id, Person.agency_id).order_by(Person.id)))
    desks, held = _desks(session), _held(session, now)
    dice = random.Random(1)
    found: list[Slot] = []
    starts_at = (now + timedelta(days=days_ahead)).replace(hour=0, minute=0, second=0)
    while len(found) < wanted:
        starts_at += timedelta(hours=1 if starts_at.hour < 8 else 16)  # office hours in Jakarta and Nusantara, in UTC
        assert starts_at < now + timedelta(days=60), f"{len(found)} slots for {wanted} bookings"
        span, hour = Span(starts_at, starts_at + timedelta(hours=1)), held[starts_at]
        dice.shuffle(desks)
        dice.shuffle(people)
        anybody = Seeker(0, 0, "/")
        free = (
            place
            for place in desks
            if place.id not in hour[0] and standing_refusal(span, place, anybody, rules, now=now) is None
        )
        seekers = ((id, agency_id) for id, agency_id in people if id not in hour[1])
        found += [
            Slot(id, place.id, span)
            for (id, agency_id), place in zip(seekers, free, strict=False)
            if standing_refusal(span, place, Seeker(id, agency_id, "/"), rules, now=now) is None
        ]
    dice.shuffle(found)
    return found[:wanted]


def _held(session: Any, now: datetime) -> dict[datetime, tuple[set[int], set[int]]]:
    """Desks and people that have bookings, by hour."""
    held: dict[datetime, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    there = select(Booking.space_id, Booking.person_id, Booking.starts_at, Booking.ends_at)
    for space_id, person_id, starts_at, ends_at in session.execute(there.where(Booking.active, Booking.ends_at > now)):
        hour = starts_at.replace(minute=0)
        while hour < ends_at:
            held[hour][0].add(space_id)
            held[hour][1].add(person_id)
            hour += timedelta(hours=1)
    return held


def _desks(session: Any) -> list[Place]:
    rows = session.execute(
        select(Space.id, Space.kind, Space.name, Space.floor_id, Space.area_id, Site.id, Site.zone, Space.bookable)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Site, Site.id == Floor.site_id)
        .where(Space.kind == "desk", Space.retired_at.is_(None))
        .order_by(Space.id)
    )
    return [Place(*row) for row in rows]


def zones_of_desks(address: str) -> dict[int, str]:
    """The zone of every desk, by its id."""
    with Database(address) as db:
        return db.read_here(lambda session: {place.id: place.zone for place in _desks(session)})


def zones_of_people(address: str) -> dict[int, str]:
    """The zone of everybody's posting, by their id; without agencies whose core hours an hour's plan would not cover."""
    with Database(address) as db:
        return db.read_here(_zones_of_people)


def _zones_of_people(session: Any) -> dict[int, str]:
    core = {row.agency_id for row in session.scalars(select(PolicyRow)) if row.rule["type"] == "core-hours"}
    rows = session.execute(select(Person.id, Site.zone, Person.agency_id).join(Site, Site.id == Person.site_id))
    return {id: zone for id, zone, agency_id in rows if agency_id not in core}
