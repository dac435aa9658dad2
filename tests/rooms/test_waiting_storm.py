"""Who gets a desk that frees while everybody reaches for it: the first in line, and nobody else, however they race."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
import uvloop
from sqlalchemy import select

from app.db import Database
from app.rooms.models import Booking, Wait
from tests.rooms.test_storm import crowd, deadlocks, once_double, wish, workers
from tests.support.office import hours, office_at
from tests.support.server import serving
from tests.support.wire import Wire
from tests.support.world import QUIET, copy_of, token_of

pytestmark = pytest.mark.storm

WALK_INS, TRIES = 6, 200
DAYS = [QUIET + timedelta(days=n) for n in (-2, -1, 1, 4)]
SLOTS = [hours(day, 6 + n, 7 + n) for day in DAYS for n in range(14)]


@pytest.fixture(scope="module")
def busy(copies):
    with (
        copy_of(copies) as address,
        Database(address) as db,
        office_at(db, address) as office,
        serving(address, workers=workers(office)) as server,
    ):
        yield office, server


class Crowd:
    """People with a connection each."""

    def __init__(self, server, people):
        self.wires = {who: Wire(server.port) for who in people}
        self.met = Counter()

    async def ask(self, who, method, path, data=None):
        answer = await self.wires[who].ask(method, path, token_of(who), data)
        self.met[answer.status] += 1
        return answer

    async def book(self, who, desk, slot):
        return await self.ask(who, "POST", "/api/bookings", wish(desk, *slot))

    async def queue(self, desk, slot, *line):
        """The first of ``line`` gets the desk, the others wait for it in this order: the booking's id and the waits'."""
        booking = await self.book(line[0], desk, slot)
        assert booking.status == 201, booking.body
        waits = []
        for who in line[1:]:
            wait = await self.ask(who, "POST", "/api/waiting-list", wish(desk, *slot))
            assert wait.status == 201, wait.body
            waits.append(wait.body["id"])
        return booking.body["id"], *waits

    async def until(self, who, method, path, *, unless=None):
        """Ask again and again for what is refused with 409; whether it was granted before ``unless`` was set."""
        for _ in range(TRIES):
            answer = await self.ask(who, method, path)
            if answer.status != 409:
                return answer
            if unless is not None and unless.is_set():
                return answer
        raise AssertionError(f"{method} {path} is refused for ever: {answer.body}")

    async def walk_in(self, who, desk, slot, unless):
        """Try to book until it is decided; the statuses met."""
        met = set()
        while not unless.is_set():
            met.add((await self.book(who, desk, slot)).status)
        return met | {(await self.book(who, desk, slot)).status}

    async def close(self):
        for wire in self.wires.values():
            await wire.close()


async def contest(crowd_, desk, slot, people, *, declines):
    """Cancel, two who answer, and walk-ins, all at once; with ``declines`` the first in line gives the offer on."""
    has, first, second, *others = people
    booking, offer, behind = await crowd_.queue(desk, slot, has, first, second)
    decided = asyncio.Event()

    async def take(who, wait, *, unless=None):
        answer = await crowd_.until(who, "PUT", f"/api/waiting-list/{wait}/acceptance", unless=unless)
        if answer.status == 200:
            decided.set()
        return answer.status

    async def decline():
        """Only once it is offered: whoever leaves before has no turn."""
        for _ in range(TRIES):
            seen = await crowd_.ask(first, "GET", f"/api/waiting-list/{offer}")
            if seen.body["state"] == "held":
                break
        return (await crowd_.ask(first, "DELETE", f"/api/waiting-list/{offer}")).status

    first_answers = decline() if declines else take(first, offer)
    second_answers = take(second, behind) if declines else take(second, behind, unless=decided)
    cancelled, one, two, *walked_in = await asyncio.gather(
        crowd_.ask(has, "DELETE", f"/api/bookings/{booking}"),
        first_answers,
        second_answers,
        *(crowd_.walk_in(who, desk, slot, decided) for who in others),
    )
    assert cancelled.status == 200
    assert set().union(*walked_in) == {409}
    return one, two


def run(server, people, act):
    async def whole():
        crowd_ = Crowd(server, people)
        try:
            return [await act(crowd_, n, slot) for n, slot in enumerate(SLOTS)], crowd_.met
        finally:
            await crowd_.close()

    return uvloop.run(whole())


def sitters(office, desk):
    """Who has the desk in each slot in the end."""
    held = select(Booking.starts_at, Booking.person_id, Booking.held_until)
    rows = office.ask(held.where(Booking.space_id == desk, Booking.active, Booking.starts_at >= SLOTS[0][0]))
    assert len(rows) == len({row[0] for row in rows})
    return {row[0]: (row[1], row[2]) for row in rows}


def test_of_two_waiters_and_walk_ins_exactly_the_first_takes_what_is_cancelled(busy):
    office, server = busy
    desk, people = office.desks()[0], crowd(office, 3 + WALK_INS)

    async def act(crowd_, n, slot):
        return await contest(crowd_, desk, slot, people, declines=n % 4 == 3)

    doubled = once_double(office)
    rounds, met = run(server, people, act)
    assert [each for n, each in enumerate(rounds) if n % 4 != 3] == [(200, 409)] * (len(SLOTS) * 3 // 4)
    assert [each for n, each in enumerate(rounds) if n % 4 == 3] == [(200, 200)] * (len(SLOTS) // 4)
    assert sitters(office, desk) == {slot[0]: (people[2 if n % 4 == 3 else 1], None) for n, slot in enumerate(SLOTS)}
    assert set(met) <= {200, 201, 409}
    assert office.findings() == []
    assert once_double(office) == doubled
    assert deadlocks(office.db) == 0


def test_a_waiter_who_books_another_desk_at_that_moment_has_one_desk_in_the_end(busy):
    office, server = busy
    desk, other, people = office.desks()[1], office.desks()[2], crowd(office, 12)[-3:]

    async def act(crowd_, _, slot):
        has, first, second = people
        booking, offer, behind = await crowd_.queue(desk, slot, has, first, second)
        cancelled, booked = await asyncio.gather(
            crowd_.ask(has, "DELETE", f"/api/bookings/{booking}"), crowd_.book(first, other, slot)
        )
        assert cancelled.status == 200
        states = [
            (await crowd_.ask(who, "GET", f"/api/waiting-list/{wait}")).body["state"]
            for who, wait in ((first, offer), (second, behind))
        ]
        return booked.status, *states

    rounds, met = run(server, people, act)
    assert set(rounds) <= {(201, "waiting", "held"), (409, "held", "waiting")}
    assert set(met) <= {200, 201, 409}
    assert office.findings() == []


def test_many_who_join_while_it_is_given_back_are_all_in_line_or_told_that_it_is_free(busy):
    office, server = busy
    desk, people = office.desks()[3], crowd(office, 20)[-8:]

    async def act(crowd_, _, slot):
        has, *others = people
        (booking,) = await crowd_.queue(desk, slot, has)
        cancelled, *joined = await asyncio.gather(
            crowd_.ask(has, "DELETE", f"/api/bookings/{booking}"),
            *(crowd_.ask(who, "POST", "/api/waiting-list", wish(desk, *slot)) for who in others),
        )
        assert cancelled.status == 200
        return sorted(answer.body.get("id", 0) for answer in joined)

    rounds, met = run(server, people, act)
    assert set(met) <= {200, 201, 409}
    states = dict(office.ask(select(Wait.id, Wait.state).where(Wait.space_id == desk)))
    for ids in rounds:
        line = [states[id] for id in ids if id]
        # whoever joined before it was given back waits behind the first of them; nobody waits for what stands free
        assert line == [*["held"][: len(line)], *["waiting"] * (len(line) - 1)]
    assert office.findings() == []
