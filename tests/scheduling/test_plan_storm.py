"""Two races that a plan can lose: for the last absence that the team allows, and for the desk it wants."""

import asyncio
from collections import Counter
from datetime import date, timedelta

import pytest
import uvloop
from sqlalchemy import func, insert, select, text

from app.db import Database
from app.people.models import Person
from app.rooms import audit
from app.rooms.models import Booking
from app.scheduling import rulebook
from app.scheduling.models import PlanDay, PolicyRow, WeekPlan
from app.weeks import week_of
from tests.support.office import at, office_at
from tests.support.server import serving
from tests.support.wire import Wire
from tests.support.world import QUIET, copy_of, token_of

pytestmark = pytest.mark.storm

ROUNDS = 200
PEOPLE = 8


@pytest.fixture(scope="module")
def busy(copies):
    with copy_of(copies) as address, Database(address) as db, office_at(db, address) as office:
        with serving(address, workers=1 if db.embedded else 4) as server:
            yield office, server
        assert db.read_here(audit.findings) == []
        if not db.embedded:
            with db.engine.connect() as connection:
                query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
                assert connection.scalar(text(query)) == 0


def team(office):
    """The largest unit of the demo, and its people."""
    rows = office.ask(
        select(Person.unit_id, func.count()).where(Person.active).group_by(Person.unit_id).order_by(func.count().desc())
    )
    unit = rows[0][0]
    return unit, [id for (id,) in office.ask(select(Person.id).where(Person.unit_id == unit).order_by(Person.id))]


def at_once(server, people, rounds):
    """Each round's requests at once, on connections that stand ready; what each round answered."""

    async def run():
        wires = [Wire(server.port) for _ in people]
        told = []
        for requests in rounds:
            answers = await asyncio.gather(*(wire.ask(*request) for wire, request in zip(wires, requests, strict=True)))
            told.append(Counter(answer.status for answer in answers))
            odd = [answer.body for answer in answers if answer.status not in (200, 409)]
            assert not odd, odd[:1]
        for wire in wires:
            await wire.close()
        return told

    return uvloop.run(run())


def test_of_those_who_race_for_the_last_allowed_absence_exactly_one_gets_it(busy):
    office, server = busy
    unit, members = team(office)
    people = members[:PEOPLE]

    def rule(session):
        row = {"type": "least-on-site", "count": len(members) - 1}
        session.execute(
            insert(PolicyRow).values(
                name="", basis="Uji", from_on=date(2029, 1, 1), until_on=None, unit_id=unit, rule=row
            )
        )
        rulebook.changed(session)

    office.db.write_here(rule)
    wednesdays = [date(2029, 1, 3) + timedelta(weeks=n) for n in range(ROUNDS)]
    paths = [f"/api/people/{{}}/weeks/{week_of(on)}" for on in wednesdays]
    plan = [
        [("PUT", path.format(who), token_of(who), {"days": {on.isoformat(): [{"mode": "WFH"}]}}) for who in people]
        for on, path in zip(wednesdays, paths, strict=True)
    ]
    assert at_once(server, people, plan) == [Counter({200: PEOPLE})] * ROUNDS
    submit = [[("PUT", f"{path.format(who)}/submission", token_of(who), {}) for who in people] for path in paths]
    assert at_once(server, people, submit) == [Counter({200: 1, 409: PEOPLE - 1})] * ROUNDS
    asked = office.ask(
        select(PlanDay.on, func.count())
        .where(PlanDay.state.in_(("submitted", "approved")), PlanDay.on.in_(wednesdays))
        .group_by(PlanDay.on)
    )
    assert dict(asked) == dict.fromkeys(wednesdays, 1)


def test_of_those_whose_plans_want_one_desk_exactly_one_gets_it(busy):
    office, server = busy
    people = office.colleagues(posts=PEOPLE)
    desk = office.desks()[0]
    days = [QUIET + timedelta(days=n) for n in (-3, -2, -1, 0, 1, 4, 5, 6)]
    slots = [(day, 360 + n * 30) for day in days for n in range(25)][:ROUNDS]

    def week(day, starts):
        hours = {
            "starts": f"{starts // 60:02}:{starts % 60:02}",
            "ends": f"{(starts + 30) // 60:02}:{(starts + 30) % 60:02}",
        }
        return {"days": {day.isoformat(): [{"mode": "WFO", "desk_id": desk, **hours}]}}

    rounds = [
        [("PUT", f"/api/people/{who}/weeks/{week_of(day)}", token_of(who), week(day, starts)) for who in people]
        for day, starts in slots
    ]
    assert at_once(server, people, rounds) == [Counter({200: 1, 409: len(people) - 1})] * len(slots)
    those_days = (Booking.space_id == desk, Booking.active, Booking.starts_at >= at(days[0], 0))
    held = office.ask(select(func.count()).where(*those_days))
    tied = office.ask(select(func.count()).where(*those_days, Booking.segment_id.is_not(None)))
    assert held == tied
    weeks = office.ask(select(func.count()).select_from(WeekPlan).where(WeekPlan.version == 0))
    assert weeks == [(0,)]
