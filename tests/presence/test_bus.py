"""The buses against real servers, and what goes over them."""

import asyncio
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import RedisError
from sqlalchemy import text

from app.db import Database, engines
from app.journal import Change
from app.presence import bus
from app.presence.bus import port
from app.presence.times import Times
from app.settings import Settings
from tests.support.redis import RedisServer, binary
from tests.support.world import copy_of

TIMES = Times(bus_retry=(0.05, 0.2))
END_OTHERS = text("""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE (query LIKE 'LISTEN%' OR query LIKE '%notify%') AND pid <> pg_backend_pid()
""")


@pytest.fixture(scope="module")
def redis():
    server = RedisServer(binary())
    server.start()
    yield server
    server.stop()


class Postgres:
    """PostgreSQL seen as a bus that can go down: its connections are ended."""

    def __init__(self, address):
        self.address = "postgresql"
        self.url = engines.normal_url(address)
        self._database = Database(address)

    def stop(self):
        with self._database.engine.connect() as connection:
            connection.execute(END_OTHERS)

    def start(self):
        pass

    def close(self):
        self._database.close()


@pytest.fixture(params=["postgresql", "redis"])
def server(request):
    if request.param == "redis":
        server = request.getfixturevalue("redis")
        server.url = engines.normal_url("postgresql://x/x")
        yield server
        return
    with copy_of(request.getfixturevalue("postgres_copies"), filled=False) as address:
        server = Postgres(address)
        yield server
        server.close()


class Ear:
    def __init__(self, server):
        settings = Settings(database="postgresql://x/x", bus=server.address)
        self.bus = bus.chosen(settings, server.url, TIMES)
        self.heard, self.turns = [], []
        self._new = asyncio.Event()

    async def __aenter__(self):
        await self.bus.start(self._hear, self._turn)
        await self.until(lambda: self.turns == [True])
        return self

    async def __aexit__(self, *_):
        await self.bus.stop()

    def _hear(self, message):
        self.heard.append(message)
        self._new.set()

    def _turn(self, up):
        self.turns.append(up)
        self._new.set()

    async def until(self, true):
        async with asyncio.timeout(20):
            while not true():
                self._new.clear()
                await self._new.wait()


def test_what_one_says_all_hear_in_order(server):
    async def work():
        async with Ear(server) as one, Ear(server) as two:
            said = [b'["a"]', '["b",[["x","café",1,{}]]]'.encode(), b'["' + b"c" * 7_000 + b'"]']
            for message in said:
                await one.bus.publish(message)
            await one.until(lambda: len(one.heard) == 3)
            await two.until(lambda: len(two.heard) == 3)
            assert one.heard == two.heard == said

    asyncio.run(work())


def test_a_bus_that_went_down_comes_back_by_itself(server):
    async def work():
        async with Ear(server) as one:
            await one.bus.publish(b'["a"]')
            await one.until(lambda: one.heard)
            server.stop()
            await one.until(lambda: False in one.turns)
            server.start()
            await one.until(lambda: one.turns[-1] is True and len(one.turns) >= 3)
            one.heard.clear()
            async with asyncio.timeout(20):
                while not one.heard:  # the connection that sends may have to find out first
                    try:
                        await one.bus.publish(b'["b"]')
                    except Exception:
                        await asyncio.sleep(0.05)
                        continue
                    await asyncio.sleep(0.05)
            assert one.heard[0] == b'["b"]'

    asyncio.run(work())


def test_a_connection_that_seems_dead_is_made_anew(server):
    async def work():
        async with Ear(server) as one:
            one.bus.reconnect()
            await one.until(lambda: one.turns == [True, False, True])
            await one.bus.publish(b'["a"]')
            await one.until(lambda: one.heard)

    asyncio.run(work())


def test_a_bus_that_is_not_there_makes_nobody_wait():
    async def work():
        for address in ("redis://127.0.0.1:1/0", "postgresql"):
            settings = Settings(database="postgresql://127.0.0.1:1/x", bus=address)
            one = bus.chosen(settings, engines.normal_url("postgresql://127.0.0.1:1/x"), TIMES)
            turns = []
            await one.start(turns.append, turns.append)
            with pytest.raises((OSError, psycopg.Error, RedisError)):
                await one.publish(b"[]")
            await one.stop()
            assert True not in turns

    asyncio.run(work())


def test_without_a_bus_a_process_hears_itself_alone():
    assert bus.chosen(Settings(), engines.normal_url("sqlite:///x.db"), TIMES) is None


def test_secrets_of_an_address_stay_out_of_the_log(caplog):
    async def work():
        settings = Settings(database="postgresql://x/x", bus="redis://:hush-hush@127.0.0.1:1/0")
        one = bus.chosen(settings, engines.normal_url("postgresql://x/x"), TIMES)
        await one.start(lambda _: None, lambda _: None)
        await asyncio.sleep(0.3)
        await one.stop()

    asyncio.run(work())
    assert "is down" in caplog.text
    assert "hush" not in caplog.text


# Messages

facts = st.dictionaries(st.just("x"), st.text(max_size=80))
changes = st.lists(st.builds(Change, st.just("booked"), st.just("booking"), st.integers(1, 9), facts), max_size=40)
people = st.lists(st.tuples(st.integers(1, 12_000), st.sampled_from(["active", "idle", None])), max_size=450)


@given(changes, people)
def test_messages_are_short_and_lose_nothing(changes, people):
    made = port.messages("node", changes, people, limit=4000)
    read = [port.read(message) for message in made]
    assert all(len(message) <= 4000 for message in made)
    assert [one for message in read for one in message.people] == people
    found = [one for message in read for one in message.changes]
    assert found == changes or (found == [] and read[0].look)
    assert {message.node for message in read} == {"node"}


@pytest.mark.parametrize("address", ["redis://host/0", "rediss://host", "valkey://host", "postgresql", ""])
def test_a_bus_is_named_by_its_address(address):
    settings = Settings(database="postgresql://x/x", bus=address)
    made = bus.chosen(settings, engines.normal_url("postgresql://x/x"), TIMES)
    expected = {"": "NoneType", "postgresql": "PostgresBus"}.get(address, "RedisBus")
    assert type(made).__name__ == expected
    assert urlsplit(address).scheme in ("", "redis", "rediss", "valkey", "postgresql")


@pytest.mark.parametrize(("bus_address", "database"), [
    ("nats://host", "postgresql://x/x"), ("postgresql", "sqlite:///x.db"), ("redis", "postgresql://x/x"),
])  # fmt: skip
def test_a_bus_that_makes_no_sense_is_refused(bus_address, database):
    with pytest.raises(ValueError, match="SELARAS_BUS"):
        Settings(database=database, bus=bus_address)
