"""Calendar feeds: what a fetch costs.

Bars: a body put together from entries written before, at most 2 times hand-joined strings of the same size; one changed
booking writes one VEVENT; at least 1,500 answers a second of 304 with p99 at most 20 ms in one process, token check, limits
and version of the calendar included; at least 800 packed bodies of 1,000 events a second; and 12,000 feeds that are polled
every hour, at most 1 % of a core. With ``RADICALE`` naming a Python that has Radicale, its GET of the same calendar is printed
beside.
"""

from __future__ import annotations

import itertools
import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from app import clock
from app.calendars import fetching
from app.calendars.fetching import Material, composed
from app.calendars.models import Feed
from app.calendars.window import window
from app.db import Database
from app.people.models import Person
from app.people.secrets import digest
from app.rooms.models import Booking
from bench import support
from bench.load import load, request
from bench.results import Result, main

ROUNDS = int(os.environ.get("ROUNDS", "5"))
EVENTS, POLLED, WHOLE_FEEDS = 1000, 900, 300
RATE, P99_MS, WHOLE_RATE, CONNECTIONS = 1500, 20, 800, 16
FEEDS_IN_ALL, SHARE = 12_000, 1.0


def run() -> Iterator[Result]:
    with support.databases() as databases:
        for engine in support.ENGINES:
            address = databases.make(engine, "feeds")
            support.demo(address, small=True)
            person_id = _busy_person(address)
            yield from _put_together(address, engine, person_id)
            yield from _served(address, engine, person_id)


# In one process


def _put_together(address: str, engine: str, person_id: int) -> Iterator[Result]:
    with Database(address) as db:
        feed_id, token = _feeds(db, [person_id], "full")[0]
        material = _material(db, token)
        began = time.process_time()
        body = composed(material, "id")
        print(
            f"first fill of {len(material.digests)} events: {(time.process_time() - began) * 1000:.0f} ms", flush=True
        )
        db.write_here(fetching.note, feed_id, material.state, body, lost=False, now=clock.now())
        known = _material(db, token)
        assert len(known.written) == len(set(known.digests))
        cached = min(_timed(lambda: composed(known, "id")) for _ in range(ROUNDS * 2))
        hand = min(_timed(lambda: _hand_joined(known)) for _ in range(ROUNDS * 2))
        yield Result(f"body of {EVENTS} entries written before, {engine}", cached * 1000, "ms", 2.0, hand * 1000)
        db.write_here(lambda session: session.execute(_one_changed(person_id)) and None)
        changed = composed(_material(db, token), "id")
        yield Result(f"VEVENTs written for one changed booking, {engine}", len(changed.fresh), "", 1)
        _radicale(changed.body)


def _material(db: Database, token: str) -> Material:
    now = clock.now()
    return db.read_here(fetching.gather, digest(token), window(now), "", now)


def _timed(work: Any) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _one_changed(person_id: int) -> Any:
    some = (
        select(Booking.id).where(Booking.person_id == person_id).order_by(Booking.id.desc()).limit(1).scalar_subquery()
    )
    return update(Booking).where(Booking.id == some).values(version=Booking.version + 1, purpose="Lain")


def _hand_joined(material: Material) -> bytes:
    """The same entries as strings put together by hand, escaped and folded: what no library can be faster than by much."""
    assert material.shown is not None
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for entry in material.shown.entries:
        lines += ["BEGIN:VEVENT", f"UID:{entry.uid}", f"SEQUENCE:{entry.sequence}"]
        lines += [f"DTSTAMP:{entry.changed_at:%Y%m%dT%H%M%SZ}", f"LAST-MODIFIED:{entry.changed_at:%Y%m%dT%H%M%SZ}"]
        if entry.span:
            starts, ends = (at.astimezone(clock.zone(entry.zone)) for at in (entry.span.starts_at, entry.span.ends_at))
            lines += [
                f"DTSTART;TZID={entry.zone}:{starts:%Y%m%dT%H%M%S}",
                f"DTEND;TZID={entry.zone}:{ends:%Y%m%dT%H%M%S}",
            ]
        else:
            assert entry.days is not None
            lines += [f"DTSTART;VALUE=DATE:{entry.days[0]:%Y%m%d}", f"DTEND;VALUE=DATE:{entry.days[1]:%Y%m%d}"]
        lines += [
            f"SUMMARY:{_escaped(entry.summary)}",
            f"STATUS:{entry.status}",
            f"X-MICROSOFT-CDO-BUSYSTATUS:{entry.busy}",
        ]
        lines += [f"LOCATION:{_escaped(entry.location)}", f"DESCRIPTION:{_escaped(entry.description)}", "TRANSP:OPAQUE"]
        lines.append("END:VEVENT")
    return "\r\n".join(_folded(line) for line in [*lines, "END:VCALENDAR", ""]).encode()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    if len(line) < 38 or len(octets := line.encode()) <= 75:
        return line
    parts, at = [], 0
    while at < len(octets):
        end = min(at + (75 if at == 0 else 74), len(octets))
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        parts.append(octets[at:end])
        at = end
    return b"\r\n ".join(parts).decode()


# Over HTTP


def _served(address: str, engine: str, person_id: int) -> Iterator[Result]:
    with Database(address) as db:
        people = db.read_here(lambda session: list(session.scalars(select(Person.id).order_by(Person.id))))
        polled = [token for _, token in _feeds(db, list(itertools.islice(itertools.cycle(people), POLLED)), "full")]
        whole = [token for _, token in _feeds(db, [person_id] * WHOLE_FEEDS, "full")]
    with support.served(address) as server:
        load(server.port, [request("GET", f"/ical/{token}.ics") for token in (*polled, whole[0])], connections=4)
    tags = _tags(address, polled)
    _same_for_all(address, whole)
    asks = [request("GET", f"/ical/{token}.ics", headers=f"If-None-Match: {tags[token]}\r\n") for token in polled]
    with support.served(address) as server:
        first = support.cpu_us(server, lambda: _all(server.port, asks, 304), len(asks))
        rounds = [_all(server.port, asks * 2, 304) for _ in range(ROUNDS)]
        again = support.cpu_us(server, lambda: _all(server.port, asks * 2, 304), 2 * len(asks))
        packed = request("GET", f"/ical/{whole[0]}.ics", headers="Accept-Encoding: gzip\r\n")
        load(server.port, [packed], connections=1)
        gets = [request("GET", f"/ical/{token}.ics", headers="Accept-Encoding: gzip\r\n") for token in whole[1:]]
        bodies = [_all(server.port, gets, 200) for _ in range(min(ROUNDS, 8))]
    share = first * FEEDS_IN_ALL / 3600 / 1e6 * 100
    print(
        f"{engine}: {first:.0f} us of CPU for a fetch an hour after the last, its note written; {again:.0f} us of a 304 alone",
        flush=True,
    )
    yield Result(
        f"304 a second, {engine}", sorted(one.rate for one in rounds)[len(rounds) // 2], "/s", RATE, at_least=True
    )
    p99 = sorted(one.percentile_ms(99) for one in rounds)[len(rounds) // 2]
    yield Result(f"p99 of a 304, {CONNECTIONS} clients, {engine}", p99, "ms", P99_MS)
    rate = sorted(one.rate for one in bodies)[len(bodies) // 2]
    yield Result(f"packed bodies of {EVENTS} events a second, {engine}", rate, "/s", WHOLE_RATE, at_least=True)
    yield Result(f"{FEEDS_IN_ALL:,} feeds polled every hour, of a core, {engine}", share, "%", SHARE)


def _all(port: int, requests: list[bytes], status: int) -> Any:
    done = load(port, requests, connections=CONNECTIONS)
    assert done.statuses == {status: len(requests)}, done.statuses
    return done


def _busy_person(address: str) -> int:
    """Somebody with a thousand bookings in the year to come."""
    row = support.slots(address, 1)[0].row(clock.now())
    starts_at = row["starts_at"] + timedelta(days=7)
    with Database(address) as db, db.engine.begin() as connection:
        person_id = int(connection.scalars(select(Person.id).order_by(Person.id.desc())).first() or 0)
        rows = [
            row
            | {
                "person_id": person_id,
                "starts_at": starts_at + timedelta(hours=8 * n),
                "ends_at": starts_at + timedelta(hours=8 * n + 4),
                "state": "completed",
                "active": False,
                "release_at": None,
                "purpose": "Menyusun laporan kinerja triwulan",
            }
            for n in range(EVENTS)
        ]
        connection.execute(insert(Booking), rows)
    return person_id


def _feeds(db: Database, people: list[int], level: str) -> list[tuple[int, str]]:
    """A feed for each of these people: its id and its token."""
    tokens = [secrets.token_urlsafe(32) for _ in people]
    now = clock.now()
    rows = [
        {
            "person_id": person_id,
            "kind": "me",
            "subject_id": person_id,
            "level": level,
            "language": "id",
            "name": "bench",
            "with_cancelled": True,
            "with_meetings": True,
            "with_alarm": False,
            "digest": digest(token),
            "created_at": now,
            "ending": "",
            "client": "",
            "fetches": 0,
            "etag": "",
        }
        for person_id, token in zip(people, tokens, strict=True)
    ]
    with db.engine.begin() as connection:
        ids = connection.scalars(insert(Feed).returning(Feed.id, sort_by_parameter_order=True), rows).all()
    return list(zip(ids, tokens, strict=True))


def _tags(address: str, tokens: list[str]) -> dict[str, str]:
    with Database(address) as db, db.engine.connect() as connection:
        known = {bytes(key): tag for key, tag in connection.execute(select(Feed.digest, Feed.etag))}
    return {token: f'W/"{known[digest(token)]}"' for token in tokens}


def _same_for_all(address: str, tokens: list[str]) -> None:
    """Note what the first fetch found for all of these feeds, which show the same: three hundred fills are no subject here."""
    with Database(address) as db, db.engine.begin() as connection:
        found = connection.execute(
            select(Feed.state, Feed.etag, Feed.modified_at).where(Feed.digest == digest(tokens[0]))
        ).one()
        ours = Feed.digest.in_([digest(token) for token in tokens])
        connection.execute(update(Feed).where(ours).values(state=found[0], etag=found[1], modified_at=found[2]))


# Beside it


def _radicale(body: bytes) -> None:
    """Radicale's GET of the same calendar, for whoever has it in a Python of its own."""
    python = os.environ.get("RADICALE")
    if not python:
        print("Radicale: not measured; RADICALE names a Python that has it", flush=True)
        return
    port = support.free_port()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "collection-root" / "bench" / "calendar"
        folder.mkdir(parents=True)
        (folder / ".Radicale.props").write_text('{"tag": "VCALENDAR"}')
        head, *events = body.decode().split("BEGIN:VEVENT")
        for n, event in enumerate(events):
            inside = event.partition("END:VEVENT")[0]
            (folder / f"{n}.ics").write_text(f"{head}BEGIN:VEVENT{inside}END:VEVENT\r\nEND:VCALENDAR\r\n", newline="")
        command = [python, "-m", "radicale", "--hosts", f"127.0.0.1:{port}", "--storage-filesystem-folder", home]
        command += ["--auth-type", "none", "--rights-type", "owner_only"]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            path = "/bench/calendar/"
            headers = {"Authorization": "Basic YmVuY2g6YmVuY2g="}
            support.until(lambda: support.answer_of(port, path, headers), OSError, AssertionError)
            began = time.perf_counter()
            for _ in range(5):  # it closes its connection after each answer
                support.answer_of(port, path, headers)
            each = (time.perf_counter() - began) / 5
            print(f"Radicale, GET of {len(events)} events: {1 / each:.1f}/s, {1000 * each:.0f} ms each", flush=True)
        finally:
            child.terminate()
            child.wait(timeout=10)


if __name__ == "__main__":
    main(run)
