"""The websocket from outside: who may connect, what is refused and how, and what a change looks like to a viewer."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from types import SimpleNamespace
from typing import ClassVar

import pytest
from sqlalchemy import select
from uvicorn.protocols.utils import ClientDisconnected
from websockets.exceptions import ConnectionClosed

from app.db import Database
from app.people import accounts, secrets
from app.people.models import BrowserSession, Person, Token
from app.presence import live
from app.rooms.models import Floor
from app.settings import Settings
from tests.support.live import client, live_server
from tests.support.office import EMPLOYEE, Office
from tests.support.world import NOW, QUIET, FakeClock, at, bearer, copy_of

FAST = {"idle_apart": 0.5}


@pytest.fixture(scope="module", params=["direct", "plain"])
def place(request, copies):
    """A server and its database, with both ways to a viewer."""
    with copy_of(copies) as address, Database(address) as db:
        office = Office(db, None, FakeClock(), address)
        # the plain way looks into the journal more often than the product, to save time; the direct one promises as it does
        times = FAST | ({"catch_up": 0.5} if request.param == "plain" else {})
        with live_server(address, plain=request.param == "plain", **times) as server:
            yield server, office


def run(work):
    return asyncio.run(work)


def post(server, who, path, data):
    body = json.dumps(data).encode()
    headers = {"Content-Type": "application/json", **bearer(who)}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", body, headers)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def book(server, who, space, hour=8):
    hours = {"starts_at": at(QUIET, hour).isoformat(), "ends_at": at(QUIET, hour + 1).isoformat()}
    return post(server, who, "/api/bookings", {"space_id": space, **hours})


def session_of(office, person_id):
    session_id = secrets.new_session_id()
    row = {"digest": secrets.digest(session_id), "person_id": person_id, "created_at": NOW, "seen_at": NOW}
    office.change(BrowserSession.__table__.insert().values(row))
    return {"Cookie": f"selaras={session_id}"}


def test_a_booking_reaches_those_who_look_at_its_floor(place):
    server, office = place
    one, two = office.colleagues()[:2]
    floor, desk = office.floor("IKN-K3-A-03"), office.desks()[0]

    async def look():
        async with client(server.port, one) as viewer:
            await viewer.sub(f"floor:{floor}")
            await viewer.until(lambda: f"floor:{floor}" in viewer.reducer.scopes)
            assert viewer.heard[0]["t"] == "welcome"
            assert viewer.heard[0]["me"] == f"me-{one}"
            before = viewer.rows(f"floor:{floor}").get(desk)
            booking = await asyncio.to_thread(book, server, two, desk)
            took = await viewer.until(lambda: viewer.rows(f"floor:{floor}").get(desk) != before)
            assert [booking["id"], "booked"] in viewer.rows(f"floor:{floor}")[desk][1]
            assert took < 1
            assert viewer.heard[-1]["seq"] == 1

    run(look())


def test_who_comes_back_gets_what_was_missed(place):
    server, office = place
    one, two = office.colleagues()[:2]
    floor, desk = office.floor("IKN-K3-A-03"), office.desks()[1]
    scope = f"floor:{floor}"

    async def look():
        async with client(server.port, one) as viewer:
            await viewer.sub(scope)
            await viewer.until(lambda: scope in viewer.reducer.scopes)
            resume = viewer.reducer.resume()
            async with client(server.port, two) as other:
                await other.sub(scope)
                await other.until(lambda: scope in other.reducer.scopes)
                seq = other.reducer.scopes[scope].seq
                booking = await asyncio.to_thread(book, server, two, desk, 11)
                await other.until(lambda: other.reducer.scopes[scope].seq > seq)
            known = viewer.reducer
        async with client(server.port, one, reducer=known) as viewer:
            await viewer.sub(scope, resume=resume)
            await viewer.until(lambda: len(viewer.heard) > 1)
            assert viewer.heard[1]["t"] == "d"
            assert [booking["id"], "booked"] in viewer.rows(scope)[desk][1]
            await viewer.sub(scope, resume=viewer.reducer.resume())
            await viewer.until(lambda: len(viewer.heard) > 2)
            assert viewer.heard[2]["t"] == "beat"
            await viewer.sub(scope, resume={scope: ["another", 0]})
            await viewer.until(lambda: len(viewer.heard) > 3)
            assert viewer.heard[3]["t"] == "snap"

    run(look())


@pytest.mark.parametrize(("wrong", "code"), [
    ({"headers": {"Cookie": "selaras=unknown"}}, 4401),
    ({"headers": {"Authorization": "Bearer slr_unknown"}}, 4401),
    ({}, 4401),
    ({"subprotocol": ""}, 4400),
    ({"origin": "https://evil.example"}, 4403),
    ({"headers": {"Sec-Fetch-Site": "cross-site"}}, 4403),
])  # fmt: skip
def test_strangers_are_told_why(place, wrong, code):
    server, office = place
    if code == 4400:
        wrong = wrong | {"who": office.colleagues()[0]}

    async def look():
        async with client(server.port, **wrong) as viewer:
            assert await viewer.closed() == code
            assert viewer.heard == []

    run(look())


def test_a_page_of_our_own_comes_in_by_cookie_and_one_of_another_does_not(place):
    server, office = place
    cookie = session_of(office, office.id_of(EMPLOYEE))

    async def look():
        async with client(server.port, headers=cookie, origin=f"http://127.0.0.1:{server.port}") as viewer:
            await viewer.until(lambda: viewer.reducer.welcome)
        async with client(server.port, headers=cookie, origin="http://127.0.0.1:1") as viewer:
            assert await viewer.closed() == 4403

    run(look())


@pytest.mark.parametrize(("scope", "code"), [
    ("floor:999999", "not-found"), ("desk:1", "not-found"), ("floor:", "invalid"), ("nonsense", "invalid"),
    ("team:1", "forbidden"), ("x" * 200, "invalid"),
])  # fmt: skip
def test_a_scope_is_refused_by_its_code(place, scope, code):
    server, office = place

    async def look():
        async with client(server.port, office.colleagues("KEMENKEU")[0]) as viewer:
            await viewer.sub(scope, id=7)
            await viewer.until(lambda: viewer.reducer.errors)
            assert viewer.reducer.errors == [{"t": "err", "id": 7, "code": code, "scope": scope[:100]}]

    run(look())


def test_the_seventeenth_scope_is_one_too_many(place):
    server, office = place
    floors = [row[0] for row in office.ask(select(Floor.id).order_by(Floor.id))]
    scopes = [f"unit:{number}" for number in range(17 - len(floors[:3]))] + [f"floor:{id}" for id in floors[:3]]

    async def look():
        async with client(server.port, office.colleagues()[0]) as viewer:
            await viewer.sub(*scopes, id=3)
            await viewer.until(lambda: len(viewer.reducer.scopes) == 16 and viewer.reducer.errors)
            assert [error["code"] for error in viewer.reducer.errors] == ["too-many-scopes"]
            await viewer.say(t="unsub", scopes=scopes[:2])
            await viewer.sub(viewer.reducer.errors[0]["scope"])
            await viewer.until(lambda: len(viewer.reducer.scopes) == 17)  # the client keeps what it had of the two

    run(look())


@pytest.mark.parametrize(("message", "code"), [
    ("no json", 4400), ('{"t":"dance"}', 4400), ('{"t":"sub"}', 4400), ('{"t":"sub","scopes":"floor:1"}', 4400),
    ("[]", 4400), (b"\x00\x01", 4400), (json.dumps({"t": "sub", "scopes": ["x"] * 65}), 4400), ("x" * 20_000, 1009),
])  # fmt: skip
def test_a_message_that_is_none_ends_the_connection(place, message, code):
    server, office = place

    async def look():
        async with client(server.port, office.colleagues()[0]) as viewer:
            await viewer.until(lambda: viewer.reducer.welcome)
            await viewer.connection.send(message)
            assert await viewer.closed() == code

    run(look())


def test_two_hundred_messages_a_second_are_too_many(place):
    server, office = place

    async def look():
        async with client(server.port, office.colleagues()[0]) as viewer:
            for _ in range(400):
                try:
                    await viewer.say(t="pong")
                except ConnectionClosed:
                    break
                await asyncio.sleep(0.005)
            assert await viewer.closed() == 4429

    run(look())


def test_a_few_messages_a_second_are_not(place):
    server, office = place

    async def look():
        async with client(server.port, office.colleagues()[0]) as viewer:
            for _ in range(40):
                await viewer.say(t="pong")
            await viewer.sub("unit:1")
            await viewer.until(lambda: "unit:1" in viewer.reducer.scopes)

    run(look())


def test_an_error_says_nothing_of_itself(place):
    server, office = place

    async def look():
        async with client(server.port, office.colleagues()[0]) as viewer:
            await viewer.sub("broken:1")
            assert await viewer.closed() == 1011
            assert viewer.connection.close_reason == ""
            assert "secret" not in json.dumps(viewer.heard)

    run(look())


def test_the_ninth_connection_of_a_person_is_one_too_many(place):
    server, office = place
    person = office.colleagues()[2]

    async def look():
        async with Many(server.port, person, 8) as viewers:
            async with client(server.port, person) as ninth:
                assert await ninth.closed() == 4409
            await viewers[0].close()
            await asyncio.sleep(0.1)
            async with client(server.port, person) as another:
                await another.until(lambda: another.reducer.welcome)

    run(look())


class Many:
    def __init__(self, port, person, count):
        self._all = [client(port, person) for _ in range(count)]

    async def __aenter__(self):
        return [await one.__aenter__() for one in self._all]

    async def __aexit__(self, *error):
        for one in self._all:
            await one.__aexit__(*error)


def test_a_process_that_is_full_sends_people_elsewhere(sqlite_copies):
    async def crowd(server, people):
        async with client(server.port, people[0]), client(server.port, people[1]) as second:
            async with client(server.port, people[2]) as third:
                assert await third.closed() == 1013
            await second.close()
            await asyncio.to_thread(until_metric, server, "sockets", 1)
            async with client(server.port, people[2]) as again:
                await again.until(lambda: again.reducer.welcome)

    with copy_of(sqlite_copies) as address, Database(address) as db:
        people = Office(db, None, FakeClock(), address).colleagues()
        with live_server(address, sockets=2) as server:
            run(crowd(server, people))


def until_metric(server, name, value):
    deadline = time.monotonic() + 20
    while server.metric(name) != value:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_session_that_ends_ends_its_connections(place):
    server, office = place
    person = office.id_of(EMPLOYEE)
    ended, other, gone = (
        session_of(office, person),
        session_of(office, office.colleagues()[0]),
        session_of(office, person),
    )

    async def look():
        async with (
            client(server.port, headers=ended) as viewer,
            client(server.port, headers=other) as stays,
            client(server.port, headers=gone) as quietly,
        ):
            await viewer.until(lambda: viewer.reducer.welcome)
            await quietly.until(lambda: quietly.reducer.welcome)
            # without a word in the journal, as when somebody else signs in with the same browser
            digest = secrets.digest(gone["Cookie"].partition("=")[2])
            await asyncio.to_thread(
                office.change, BrowserSession.__table__.delete().where(BrowserSession.digest == digest)
            )
            assert await quietly.closed(seconds=7) == 4401
            assert viewer.code is None
            # in another process, as an operator would
            await asyncio.to_thread(office.db.write_here, accounts.sign_out, EMPLOYEE, now=NOW)
            assert await viewer.closed(seconds=6) == 4401
            assert stays.code is None

    run(look())


def test_a_right_that_is_taken_away_drops_its_scope(place):
    server, office = place
    person = office.colleagues("KEMENKEU")[0]
    email = office.ask(select(Person.email).where(Person.id == person))[0][0]
    other_team = office.ask(select(Person.unit_id).where(Person.id == office.colleagues("BAPPENAS")[0]))[0][0]
    office.db.write_here(accounts.set_roles, email, ["operator"], now=NOW)

    async def look():
        async with client(server.port, person) as viewer:
            await viewer.sub(f"team:{other_team}", "unit:3")
            await viewer.until(lambda: len(viewer.reducer.scopes) == 2)
            await asyncio.to_thread(office.db.write_here, accounts.set_roles, email, [], now=NOW)
            took = await viewer.until(lambda: viewer.reducer.dropped, seconds=6)
            assert viewer.reducer.dropped == {f"team:{other_team}": "forbidden"}
            assert took <= 5
            assert viewer.code is None
            await asyncio.to_thread(
                office.change, Token.__table__.update().where(Token.person_id == person).values(revoked_at=NOW)
            )
            assert await viewer.closed(seconds=7) == 4401

    run(look())


def test_idle_and_active_are_told_to_those_who_may_know(place):
    server, office = place
    one = office.colleagues()[0]
    team = office.ask(select(Person.unit_id).where(Person.id == one))[0][0]
    mate = next(id for (id,) in office.ask(select(Person.id).where(Person.unit_id == team)) if id != one)

    async def look():
        async with client(server.port, one) as viewer:
            await viewer.sub(f"team:{team}")
            await viewer.until(lambda: viewer.rows(f"team:{team}").get(one) == [one, "active"])
            assert viewer.rows(f"team:{team}")[mate] == [mate, "gone"]
            async with client(server.port, mate) as other:
                await viewer.until(lambda: viewer.rows(f"team:{team}")[mate] == [mate, "active"])
                await other.say(t="act", idle=True)
                await viewer.until(lambda: viewer.rows(f"team:{team}")[mate] == [mate, "idle"])
                await other.say(t="act", idle=False)  # within the half minute: taken over when that is over
                await viewer.until(lambda: viewer.rows(f"team:{team}")[mate] == [mate, "active"])

    run(look())


def test_a_row_changes_by_itself_when_it_is_due(place):
    server, office = place

    async def look():
        async with client(server.port, office.colleagues()[0]) as viewer:
            await viewer.sub("alarm:1")
            await viewer.until(lambda: viewer.rows("alarm:1").get(1) == [1, True], seconds=10)

    run(look())


def test_operators_see_numbers(place):
    server, office = place

    async def look():
        async with client(server.port, office.colleagues()[0]) as viewer:
            await viewer.until(lambda: viewer.reducer.welcome)
            assert await asyncio.to_thread(server.metric, "sockets") >= 1
            assert await asyncio.to_thread(server.metric, "degraded") == 0

    run(look())


def test_a_handshake_that_is_none_is_an_ordinary_refusal(place):
    server, _ = place
    with pytest.raises(urllib.error.HTTPError) as refused:
        server.get("/ws/presence")
    assert refused.value.code in (400, 404, 405, 426)


def test_who_leaves_before_the_answer_is_nobodys_failure(caplog):
    class Gone:
        """A socket whose peer has left: uvicorn says so with an OSError."""

        headers: ClassVar[dict[str, str]] = {}
        cookies: ClassVar[dict[str, str]] = {}
        scope: ClassVar[dict[str, list[str]]] = {"subprotocols": ["presence.v1"]}

        async def accept(self, subprotocols):
            raise ClientDisconnected

    async def look():
        return await live._answer(SimpleNamespace(settings=Settings()), Gone())

    assert run(look()) is None
    assert caplog.text == ""
