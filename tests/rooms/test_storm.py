"""Promises that hold under load: no desk and no person is booked twice, and every loser learns why and where to go."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
import uvloop
from sqlalchemy import func, select, text

from app import journal
from app.db import Database, guards
from app.people.models import Agency, Person
from app.rooms import audit, bookings
from app.rooms.models import Booking, Space
from app.rooms.rules import Hindrance
from app.spans import Span
from tests.support.office import at, hours, office_at
from tests.support.server import ROOT, Server, serving
from tests.support.wire import Wire
from tests.support.world import QUIET, FakeClock, copy_of, token_of

pytestmark = pytest.mark.storm

PROCESSES, CLIENTS, STEPS = 4, 50, 25
PATIENCE = 180


@pytest.fixture
def store(copies):
    """The office's database with an office to look at it; servers of its own processes serve it."""
    with copy_of(copies) as address, Database(address) as db, office_at(db, address) as office:
        yield office


def workers(store):
    return 1 if store.db.embedded else 4


@pytest.fixture(scope="module")
def busy(copies):
    """One server for all the rushes: each has hours of its own."""
    with copy_of(copies) as address, Database(address) as db, office_at(db, address) as office:
        with serving(address, workers=workers(office)) as server:
            yield office, server
        assert db.read_here(audit.findings) == []
        assert deadlocks(db) == 0


def deadlocks(db):
    if db.embedded:
        return 0
    with db.engine.connect() as connection:
        return connection.scalar(text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))


def crowd(office, count):
    """People of every agency whose horizon reaches the quiet days."""
    rows = office.ask(
        select(Person.id)
        .join(Agency, Agency.id == Person.agency_id)
        .where(Agency.code != "KEMENKEU", Person.password.is_(None))
        .order_by(Person.id)
        .limit(count)
    )
    assert len(rows) == count
    return [row[0] for row in rows]


# The attack


def attack(office, server, *, processes=PROCESSES, clients=CLIENTS, steps=STEPS, seed=1):
    """Many people in several processes on five desks of one day; what all of them met, added up.

    A tenth of the people act through two clients at once, so that a person's own desks are fought over as well.
    """
    people = crowd(office, processes * clients - processes * clients // 10)
    seats = [
        {"id": id, "token": token_of(id), "nth": 0, "alone": n >= processes * clients // 10}
        for n, id in enumerate(people)
    ]
    seats += [seat | {"nth": 1} for seat in seats if not seat["alone"]]
    orders = {
        "port": server.port,
        "desks": office.desks()[:5],
        "opens": at(QUIET, 6).isoformat(),
        "quarters": 14 * 4,
        "steps": steps,
        "seed": seed,
    }
    running = []
    for n in range(processes):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.attack"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        process.stdin.write(json.dumps(orders | {"people": seats[n::processes]}))
        process.stdin.close()
        process.stdin = None
        running.append(process)
    told = {"statuses": Counter(), "hindrances": Counter(), "odd": [], "made": [], "ways": []}
    for process in running:
        try:
            said = json.loads(process.communicate(timeout=PATIENCE)[0])
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        for name, value in said.items():
            told[name] += Counter(value) if isinstance(value, dict) else value
    return told


def once_double(office):
    """Double bookings that stood at some moment, told by the journal, even if somebody gave one of them back later.

    Whoever books after a rival waits until that one's entry is written, so the order of entries is the order of events.
    """
    held, found = {}, []
    rooms = {row[0] for row in office.ask(select(Space.id).where(Space.kind == "room"))}
    for booking_id, _, facts in office.db.read_here(lambda session: list(journal.entries_of(session, "booking"))):
        held.pop(booking_id, None)
        if facts["state"] in ("booked", "checked-in"):
            span = Span(parsed(facts["starts_at"]), parsed(facts["ends_at"]))
            for other_id, (other, other_span) in held.items():
                same = other["space_id"] == facts["space_id"]
                if not {other["space_id"], facts["space_id"]} & rooms:  # a person may have a desk and a room at once
                    same |= other["person_id"] == facts["person_id"]
                if same and span.overlaps(other_span):
                    found.append(f"bookings {other_id} and {booking_id} overlap for a while")
            held[booking_id] = facts, span
    return found


def verdict(office, told):
    """Everything that is not as promised after an attack."""
    found = office.findings() + once_double(office)
    found += [f"{count} answers {what}" for what, count in told["statuses"].items() if int(what.split()[1]) >= 500]
    found += told["odd"]
    there = office.ask(select(func.count()).where(Booking.id.in_(told["made"])))[0][0]
    if there != len(told["made"]):
        found.append(f"{len(told['made'])} bookings were confirmed, {there} are there")
    if broken := deadlocks(office.db):
        found.append(f"{broken} deadlocks")
    return found


def test_an_attack_leaves_no_double_booking_and_no_loser_without_an_answer(store, capsys):
    with serving(store.address, workers=workers(store)) as server:
        told = attack(store, server)
    with capsys.disabled():
        print(f"\nattack on {store.db.url.get_backend_name()}: {dict(told['statuses'])} {dict(told['hindrances'])}")
    assert verdict(store, told) == []
    assert told["statuses"]["POST 201"] > 100
    assert told["statuses"]["PATCH 200"] > 100
    assert told["hindrances"]["taken"] > 500
    assert still_open(store, told["ways"]) > 5


def still_open(office, ways):
    """Go those ways out of the storm that nobody took meanwhile; how many there were."""
    gone = 0
    for way in ways:
        booking = office.booking(way["booking_id"]) if way["booking_id"] else None
        wanted = bookings.NewBooking(way["space_id"], *(parsed(way[name]) for name in ("starts_at", "ends_at")))
        rivals = office.db.read_here(
            bookings.rivals, way["space_id"], way["person"], wanted.span, but=booking.id if booking else 0
        )
        if rivals or (booking and booking.state != "booked"):
            continue
        answer = office.take(way["person"], way)
        assert answer.status_code in (200, 201), (way, answer.text)
        gone += 1
    return gone


def parsed(text):
    return FakeClock().at.fromisoformat(text)


def test_without_locks_and_guards_the_same_attack_finds_double_bookings(store):
    with store.db.engine.begin() as connection:
        for statement in guards.drop(connection.dialect.name):
            connection.exec_driver_sql(statement)
    with serving(store.address, workers=workers(store), sloppy=True) as server:
        told = attack(store, server, processes=2, steps=5)
    found = verdict(store, told)
    assert any("overlap" in line for line in found), found


# Rushes


def rush(server, requests, *, patience=60):
    """All requests at once, each on a connection of its own that stands ready; the answers in order."""

    async def run():
        wires = [Wire(server.port, patience=patience) for _ in requests]
        for start in range(0, len(wires), 50):
            await asyncio.gather(*(wire.open() for wire in wires[start : start + 50]))
        try:
            return await asyncio.gather(*(wire.ask(*request) for wire, request in zip(wires, requests, strict=True)))
        finally:
            await asyncio.gather(*(wire.close() for wire in wires))

    return uvloop.run(run())


def wish(space, starts_at, ends_at):
    return {"space_id": space, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}


def booking_request(person, space, *span, headers=None):
    return ("POST", "/api/bookings", token_of(person), wish(space, *span), headers)


def test_of_sixty_four_people_who_want_one_desk_exactly_one_gets_it_two_hundred_times(busy):
    office, server = busy
    desk, people = office.desks()[0], crowd(office, 64)
    days = [QUIET + timedelta(days=n) for n in (-6, -3, -2, -1, 1, 4, 5, 6)]
    slots = [hours(day, 6 + n / 2, 6.5 + n / 2) for day in days for n in range(28)][:200]

    async def run():
        wires = [Wire(server.port) for _ in people]
        rounds = []
        for slot in slots:
            asks = zip(wires, people, strict=True)
            answers = [wire.ask("POST", "/api/bookings", token_of(who), wish(desk, *slot)) for wire, who in asks]
            rounds.append(Counter(answer.status for answer in await asyncio.gather(*answers)))
        for wire in wires:
            await wire.close()
        return rounds

    rounds = uvloop.run(run())
    assert [dict(each) for each in rounds] == [{201: 1, 409: 63}] * 200
    held = select(Booking.starts_at, func.count()).where(
        Booking.space_id == desk, Booking.active, Booking.starts_at.in_([slot[0] for slot in slots])
    )
    assert dict(office.ask(held.group_by(Booking.starts_at))) == {slot[0]: 1 for slot in slots}


def test_two_hundred_requests_for_one_desk_have_one_winner_and_ways_out_that_work(busy):
    office, server = busy
    desk, span = office.desks()[1], hours(QUIET, 8, 16)
    people = crowd(office, 200)
    answers = rush(server, [booking_request(who, desk, *span) for who in people])
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 199}
    losers = [(who, answer.body) for who, answer in zip(people, answers, strict=True) if answer.status == 409]
    for _, body in losers:
        assert body["code"] == "not-bookable"
        assert body["facts"]["hindrance"] == Hindrance.TAKEN
        assert 1 <= len(body["ways_out"]) <= 3
    for who, body in losers[:20]:
        free = [way for way in body["ways_out"] if not taken(office, way)]
        if free:
            answer = office.take(who, free[0])
            assert answer.status_code == 201, answer.text
        again = office.book(who, desk, *span)
        assert again.status_code == 409
        if not free:
            assert office.take(who, again.json()["ways_out"][0]).status_code == 201


def taken(office, way):
    span = Span(parsed(way["starts_at"]), parsed(way["ends_at"]))
    return bool(office.db.read_here(bookings.rivals, way["space_id"], 0, span))


def test_one_person_who_wants_forty_desks_at_once_gets_one(busy):
    office, server = busy
    who, span = crowd(office, 1)[0], hours(QUIET + timedelta(days=7), 8, 16)
    desks = [*office.desks(), *office.desks(area="A")][:40]
    answers = rush(server, [booking_request(who, desk, *span) for desk in desks])
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 39}
    losers = [answer.body for answer in answers if answer.status == 409]
    assert {body["facts"]["hindrance"] for body in losers} == {Hindrance.HAS_DESK}
    assert all(len(body["ways_out"]) == 1 for body in losers)


def test_a_request_repeated_twenty_times_at_once_is_done_once_and_answered_alike(busy):
    office, server = busy
    who, span = crowd(office, 2)[1], hours(QUIET + timedelta(days=8), 8, 16)
    request = booking_request(who, office.desks()[2], *span, headers={"Idempotency-Key": "once"})
    answers = rush(server, [request] * 20)
    assert {answer.status for answer in answers} == {201}
    assert all(answer.body == answers[0].body for answer in answers)
    made = select(func.count()).where(Booking.person_id == who, Booking.starts_at == span[0])
    assert office.ask(made) == [(1,)]


def test_a_booking_moved_by_many_at_once_is_never_lost_from_sight(busy):
    office, server = busy
    who, span = crowd(office, 3)[2], hours(QUIET + timedelta(days=11), 8, 16)
    desks = office.desks()
    booking = office.booked(who, desks[0], *span)
    moves = [("PATCH", f"/api/bookings/{booking['id']}", token_of(who), {"space_id": desk}) for desk in desks]
    assert Counter(answer.status for answer in rush(server, moves)) == {200: len(desks)}
    seen = office.get(f"/api/bookings/{booking['id']}", who).json()
    guarded = {"If-Match": f'"{seen["version"]}"'}
    # to move it where it stands is no change, and fine with everybody
    moves = [(*move, guarded) for move in moves if move[3]["space_id"] != seen["space_id"]]
    assert Counter(answer.status for answer in rush(server, moves)) == {200: 1, 412: len(moves) - 1}


# Crashes


def test_what_was_confirmed_before_the_power_failed_is_there_afterwards(store):
    desks, people = store.desks() + store.desks("JKT-PST-01", "B"), crowd(store, 200)
    confirmed = []

    async def one(server, n, who):
        wire = Wire(server.port, patience=10)
        try:
            for turn in range(40):
                span = hours(QUIET, 6 + (turn % 26) / 2, 6.5 + (turn % 26) / 2)
                answer = await wire.ask(*booking_request(who, desks[(n + turn) % 18], *span))
                if answer.status == 201:
                    confirmed.append((answer.body["id"], who, answer.body["space_id"]))
                if len(confirmed) == 150:
                    await asyncio.to_thread(server.kill)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            return
        finally:
            await wire.close()

    async def run(server):
        await asyncio.gather(*(one(server, n, who) for n, who in enumerate(people[:40])))

    server = Server(store.address, workers=workers(store))
    try:
        server.start()
        uvloop.run(run(server))
        assert not server.runs
        server.start()
        answers = rush(server, [("GET", f"/api/bookings/{id}", token_of(who)) for id, who, _ in confirmed])
    finally:
        server.close()
    assert len(confirmed) >= 150
    assert [(answer.body["id"], answer.body["space_id"]) for answer in answers] == [
        (id, space) for id, _, space in confirmed
    ]
    assert store.findings() == []
