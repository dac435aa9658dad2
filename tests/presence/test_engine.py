"""One process's live presence from within: what a commit sets off, who asks by HTTP, how it begins and ends."""

import asyncio
import weakref
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app import journal
from app.errors import Forbidden, Invalid, NotFound, SignInNeeded
from app.people.access import Credential
from app.people.models import Person
from app.people.secrets import digest
from app.people.visit import Visit
from app.presence import service, wire
from app.presence.channels import Channel
from app.presence.engine import Presence
from app.presence.hub import Viewer
from app.presence.rights import ROUND_S
from app.presence.times import Times
from app.presence.together import Together
from app.settings import Settings
from tests.support.live_hub import FakePipe
from tests.support.live_source import SmallSource
from tests.support.office import Office
from tests.support.world import NOW, FakeClock, token_of


class Bench:
    def __init__(self, db, address, times=None):
        self.db = db
        self.clock = FakeClock()
        self.office = Office(db, None, self.clock, address)
        self.one, self.two, _ = self.office.colleagues()
        self.floor = self.office.floor("IKN-K3-A-03")
        self.desk = self.office.desks()[0]
        self.live = Presence(
            db, clock=self.clock, settings=Settings(), office=SmallSource, times=times or Times(catch_up=60)
        )
        self.live.start()
        self.left = []
        self.time = asyncio.get_running_loop().time()

    def credential(self, person):
        return Credential("token", digest(token_of(person)))

    async def viewer(self, person, *scopes):
        await self.live.wake()
        actor, me = await self.live.greet(self.credential(person))
        pipe = FakePipe(self)
        viewer = Viewer(
            actor.id, self.credential(person), pipe, lambda code, hard=False: self.left.append((person, code))
        )
        self.live.enter(viewer, me)
        await self.live.subscribe(viewer, wire.Sub(list(scopes)))
        return viewer, pipe

    def change(self, who=None, number=1):
        """What a booking leaves in the journal."""

        def work(session):
            journal.record(
                session,
                "booked",
                "booking",
                number,
                actor_id=who,
                at=NOW,
                facts={"space_id": self.desk, "days": (1, 2)},
            )

        return self.db.write(work)


async def until(true, seconds=10):
    async with asyncio.timeout(seconds):
        while not (found := true()):
            await asyncio.sleep(0.005)
    return found


def run(work, db, address, **options):
    async def whole():
        bench = Bench(db, address, **options)
        try:
            await work(bench)
        finally:
            await bench.live.stop()

    asyncio.run(whole())


def test_a_commit_is_followed_when_it_is_committed_and_not_when_it_is_not(db, address):
    async def work(bench):
        heard = []
        touched = bench.live.source.touched
        bench.live.source.touched = lambda changes, channels: heard.extend(changes) or touched(changes, channels)
        await bench.viewer(bench.one, f"floor:{bench.floor}")

        def fail(session):
            journal.record(session, "booked", "booking", 5, actor_id=None, at=NOW)
            raise RuntimeError("no")

        with pytest.raises(RuntimeError):
            await bench.db.write(fail)
        await bench.change(number=6)
        await until(lambda: heard)
        assert [(change.subject_id, change.facts["days"]) for change in heard] == [(6, [1, 2])]

    run(work, db, address)


def test_nobody_looking_a_commit_costs_nothing(db, address):
    async def work(bench):
        await bench.change()
        await asyncio.sleep(0)
        assert not bench.live._incoming
        assert bench.live.hub.counts.loads == 0
        assert bench.live._tasks == []

    run(work, db, address)


def test_who_asks_by_http_gets_the_same_rows_and_the_same_refusals(db, address):
    async def work(bench):
        _, pipe = await bench.viewer(bench.one, f"floor:{bench.floor}")
        snap = await until(lambda: next((m for m in pipe.read() if m["t"] == "snap"), None))

        def ask(scope, credential):
            return Visit(db, credential, now=NOW).read(service.snapshot, scope, bench.live.source, now=NOW)

        found = await ask(f"floor:{bench.floor}", bench.credential(bench.one))
        assert found.scope == f"floor:{bench.floor}"
        assert sorted(row[0] for row in found.rows) == sorted(row[0] for row in snap["rows"])
        for scope, refusal in (("floor:0", NotFound), ("x" * 200, Invalid), ("team:1", Forbidden)):
            with pytest.raises(refusal):
                await ask(scope, bench.credential(bench.one))
        with pytest.raises(SignInNeeded):
            await ask(f"floor:{bench.floor}", None)

    run(work, db, address)


def test_after_an_import_everybody_is_looked_up_again(db, address):
    async def work(bench):
        unit = bench.office.ask(select(Person.unit_id).where(Person.id == bench.one))[0][0]
        _, pipe = await bench.viewer(bench.one, f"team:{unit}")
        other = next(id for (id,) in bench.office.ask(select(Person.unit_id)) if id != unit)

        def import_people(session):
            session.execute(Person.__table__.update().where(Person.id == bench.one).values(unit_id=other))
            session.execute(Person.__table__.update().where(Person.id == bench.two).values(active=False))
            journal.record(session, "imported", "people", 0, actor_id=None, at=NOW)

        await bench.viewer(bench.two, f"floor:{bench.floor}")
        await bench.db.write(import_people)
        dropped = await until(lambda: [m for m in pipe.read() if m["t"] == "drop"])
        assert dropped == [{"t": "drop", "scope": f"team:{unit}", "reason": "forbidden"}]
        await until(lambda: bench.left == [(bench.two, 4401)])

    run(work, db, address)


def test_a_viewer_whose_audience_changes_gets_the_rows_of_the_new_one(db, address):
    async def work(bench):
        viewer, pipe = await bench.viewer(bench.one, f"floor:{bench.floor}")
        first = await until(lambda: next((m for m in pipe.read() if m["t"] == "snap"), None))
        agency = bench.office.ask(select(Person.agency_id).where(Person.id == bench.one))[0][0]
        other = next(id for (id,) in bench.office.ask(select(Person.agency_id)) if id != agency)

        def move(session):
            session.execute(Person.__table__.update().where(Person.id == bench.one).values(agency_id=other))
            journal.record(session, "roles-set", "person", bench.one, actor_id=None, at=NOW)

        await bench.db.write(move)
        second = await until(lambda: next((m for m in pipe.read() if m["t"] == "snap"), None))
        assert second["e"] != first["e"]
        assert viewer.scopes[f"floor:{bench.floor}"].channel == Channel(f"floor:{bench.floor}", f"agency:{other}")

    run(work, db, address)


def test_a_start_that_failed_is_tried_again_by_the_next(db, address):
    async def work(bench):
        start = bench.live.outside.start

        async def fail():
            raise OSError("the database is not there yet")

        bench.live.outside.start = fail
        for _ in range(2):
            with pytest.raises(OSError, match="not there"):
                await bench.live.wake()
        bench.live.outside.start = start
        await asyncio.gather(bench.live.wake(), bench.live.wake())
        assert len(bench.live._tasks) == (4 if db.embedded else 5)

    run(work, db, address)


def test_whoever_is_left_at_the_end_is_told(db, address):
    async def work(bench):
        _, pipe = await bench.viewer(bench.one)
        await bench.live.stop()
        assert pipe.read()[-1] == {"t": "bye", "code": 1012, "after": [0.5, 5.0]}
        assert bench.left == [(bench.one, 1012)]
        assert bench.db.told is None

    run(work, db, address)


def test_what_another_process_wrote_is_found_in_the_journal(db, address):
    async def work(bench):
        await bench.viewer(bench.one, f"floor:{bench.floor}")
        await until(lambda: bench.live.hub.counts.loads == 1)
        told, bench.db.told = bench.db.told, None  # as if it were not this one
        await bench.change(number=7)
        bench.db.told = told
        await bench.live.outside.catch_up()
        await until(lambda: bench.live.hub.counts.loads == 2)
        await bench.change(number=8)  # heard at once, and not again from the journal
        await until(lambda: bench.live.hub.counts.loads == 3)
        await bench.live.outside.catch_up()
        await asyncio.sleep(0.4)
        assert bench.live.hub.counts.loads == 3

    run(work, db, address)


def test_too_many_entries_at_once_have_everything_read_anew(db, address, monkeypatch):
    monkeypatch.setattr("app.presence.outside.MANY", 3)

    async def work(bench):
        await bench.viewer(bench.one, f"floor:{bench.floor}")
        await until(lambda: bench.live.hub.counts.loads == 1)
        told, bench.db.told = bench.db.told, None
        for number in range(4):
            await bench.db.write(
                lambda session, number=number: journal.record(session, "x", "y", number, actor_id=None, at=NOW)
            )
        bench.db.told = told
        await bench.live.outside.catch_up()
        await until(lambda: bench.live.hub.counts.loads == 2)

    run(work, db, address)


def test_a_session_that_idles_out_ends_its_connections(db, address):
    async def work(bench):
        await bench.viewer(bench.one)
        idle = Credential("session", b"no such session", timedelta(hours=12))
        bench.live.rights.enter(
            ghost := Viewer(bench.two, idle, FakePipe(bench), lambda code, hard=False: bench.left.append(code))
        )
        bench.live.hub.enter(ghost)
        await until(lambda: bench.left == [4401])

    run(work, db, address)


# Many questions in one transaction


def test_questions_asked_together_are_answered_one_by_one(db):
    async def work():
        together = Together(db)
        hops = []
        read = db.read

        async def counted(function, *arguments):
            hops.append(1)
            return await read(function, *arguments)

        db.read = counted

        def ask(number):
            def question(session):
                if number % 7 == 0:
                    raise Forbidden
                return session.scalar(text(f"SELECT {number}"))

            return together.read(question)

        found = await asyncio.gather(*(ask(number) for number in range(120)), return_exceptions=True)
        assert [number for number, one in enumerate(found) if isinstance(one, Forbidden)] == list(range(0, 120, 7))
        assert [one for one in found if not isinstance(one, Forbidden)] == [n for n in range(120) if n % 7]
        assert len(hops) == 3

    asyncio.run(work())


def test_a_failure_of_the_database_reaches_all_who_asked_and_nobody_after(db):
    async def work():
        together = Together(db)
        asked = [together.read(lambda session: session.execute(text("SELECT * FROM nothing"))) for _ in range(3)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(one, Exception) for one in found)
        assert await together.read(lambda session: 5) == 5

    asyncio.run(work())


def test_who_gives_up_waiting_disturbs_nobody(db):
    async def work():
        together = Together(db)
        first = asyncio.create_task(together.read(lambda session: 1))
        second = asyncio.create_task(together.read(lambda session: 2))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == 2
        with pytest.raises(asyncio.CancelledError):
            await first

    asyncio.run(work())


def test_whoever_has_left_is_not_kept_until_their_turn_comes(db, address):
    """A connection weighs tens of kilobytes: those of thousands who reconnect must not wait for a look at their rights."""

    async def work(bench):
        pipes = []
        for _ in range(3 * ROUND_S):
            viewer, pipe = await bench.viewer(bench.one)
            pipes.append(weakref.ref(pipe))
            del pipe
        await bench.live.rights.second()  # looks at some of them, and has the others in line
        assert all(ref() is not None for ref in pipes)
        for viewer in list(bench.live.hub.viewers):
            bench.live.exit(viewer)
        del viewer
        await asyncio.sleep(0)
        assert [ref() for ref in pipes if ref() is not None] == []

    run(work, db, address)


def test_whose_rights_were_in_doubt_has_rows_read_anew_though_their_channel_has_the_same_name(db, address):
    """By the same name they may see other things of it than before."""

    async def work(bench):
        scope = f"floor:{bench.floor}"
        viewer, _ = await bench.viewer(bench.one, scope)
        channel = viewer.scopes[scope].channel
        await until(lambda: bench.live.hub.topics[channel].loaded)
        wanted = []
        bench.live.follow.want = wanted.append
        bench.live.rights.doubt([viewer])
        await until(lambda: wanted)
        assert wanted == [{channel: None}]

    run(work, db, address)
