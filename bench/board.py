"""The team board ``GET /tim/{unit}``: its data and its page, for boards of 30 and of 100 people and five days.

Measured: CPU of this process to read the board of a unit whose people have all planned their week, to word it, and to
render the page from it. Bars: 5 ms for 30 people, 15 ms for 100. Printed beside: what the look for waiting requests costs
(none is open), which the page makes as well.
Also measured: seconds until twenty requests are approved at once, by the service; bar: 2 s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from statistics import median
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, select, update

from app import clock, weeks
from app.db import Database
from app.people import access
from app.people.access import Credential
from app.people.models import Person, Unit
from app.people.secrets import digest
from app.people.visit import Visit, session_cookie
from app.scheduling import approval, board_view, rulebook
from app.scheduling.approval import ApprovalItem, ManyIn
from app.scheduling.models import PlanDay, PolicyRow, SegmentRow, WeekPlan
from app.settings import Settings
from app.texts import words
from app.web.page import page
from bench import support
from bench.results import Result, main

SIZES = {30: 5, 100: 15}
BAR_S = 2
AT_ONCE = 20
ROUNDS, EACH = 7, 20
MODES = (("WFO",), ("WFO",), ("WFH",), ("WFH", "WFO"), ("leave",), ("WFA",), ("WFO",))
"""what days hold, one after the other, in halves where there are two"""


def run() -> Iterator[Result]:
    with support.databases() as databases:
        for engine in support.ENGINES:
            for size, bar in SIZES.items():
                address = databases.make(engine, f"board{size}")
                support.demo(address)
                unit, boss, monday = _team(address, size)
                data, waiting, render, count = _measured(address, unit, boss, monday)
                print(
                    f"board of {size}, {engine}: data {data:.1f} ms, page {render:.1f} ms, {count:,} bytes; what waits "
                    f"{waiting:.1f} ms",
                    flush=True,
                )
                yield Result(f"board of {size} people, {engine}", data + render, "ms", bar)
            yield Result(f"{AT_ONCE} approved at once, {engine}", _approved(address, boss, monday), "s", BAR_S)


def _team(address: str, size: int) -> tuple[int, int, date]:
    """A unit of so many people, headed by one of them, who have planned next week; posted in both cities."""
    today = clock.now().date()
    monday = today - timedelta(days=today.weekday()) + timedelta(days=14)
    with Database(address) as db:
        db.write_here(rulebook.changed)
    with Database(address) as db, db.engine.begin() as connection:
        unit, agency = connection.execute(
            select(Unit.id, Unit.agency_id).where(Unit.lineage.like("/%/%/"))
        ).first() or (0, 0)
        people = list(connection.scalars(select(Person.id).order_by(Person.id).limit(size)))
        boss = people[0]
        moved = update(Person).where(Person.id.in_(people))
        connection.execute(moved.values(unit_id=unit, agency_id=agency, superior_id=boss, roles=""))
        others = update(Person).where(Person.unit_id == unit, Person.id.not_in(people))
        connection.execute(others.values(active=False))
        connection.execute(update(Person).where(Person.id == boss).values(superior_id=None))
        connection.execute(update(Unit).where(Unit.id == unit).values(head_id=boss))
        rule = {"type": "least-on-site", "percent": 20}
        facts = {"agency_id": agency, "unit_id": unit, "basis": "SE PANRB 1/2024", "from_on": monday, "until_on": None}
        connection.execute(insert(PolicyRow).values(**facts, name="", rule=rule))
        connection.execute(update(PlanDay).where(PlanDay.state == "submitted").values(state="approved"))
        for n, person in enumerate(people):
            _week(connection, person, monday, n)
    return unit, boss, monday


def _week(connection: Any, person: int, monday: date, n: int, state: str = "approved") -> None:
    site = connection.scalar(select(Person.site_id).where(Person.id == person))
    plan = connection.scalar(
        insert(WeekPlan).values(person_id=person, monday_on=monday, step=0, version=1).returning(WeekPlan.id)
    )
    for d in range(5):
        day = connection.scalar(
            insert(PlanDay)
            .values(plan_id=plan, person_id=person, on=monday + timedelta(days=d), state=state)
            .returning(PlanDay.id)
        )
        modes = MODES[(n + d) % len(MODES)]
        edges = [450, 720, 960] if len(modes) == 2 else [450, 960]
        for mode, starts, ends in zip(modes, edges, edges[1:], strict=False):
            row = {
                "day_id": day,
                "mode": mode,
                "starts": starts,
                "ends": ends,
                "site_id": site,
                "whole": len(modes) == 1,
            }
            connection.execute(insert(SegmentRow).values(**row))


def _measured(address: str, unit: int, boss: int, monday: date) -> tuple[float, float, float, int]:
    session_id = support.signed_in(address, boss).strip().partition("=")[2]
    now, credential = clock.now(), Credential("session", digest(session_id))
    with Database(address) as db:
        actor = db.read_here(access.actor_for, credential, now=now)
        visit = Visit(db, credential, now=now)
        visit.actor = actor

        def read(session: Any) -> tuple[float, float]:
            def look() -> Any:
                return board_view.board_page(session, actor, unit, weeks.week_of(monday), words("id"), now=now)

            def ask() -> Any:
                return approval.waiting(session, actor, now=now)

            look()
            rounds = [(_ms(look), _ms(ask)) for _ in range(ROUNDS)]
            return median(whole - asked for whole, asked in rounds), median(asked for _, asked in rounds)

        data, waiting = db.read_here(read)
        view = db.read_here(
            lambda session: board_view.board_page(session, actor, unit, weeks.week_of(monday), words("id"), now=now)
        )
    request: Any = SimpleNamespace(
        method="GET",
        url=SimpleNamespace(path=f"/tim/{unit}", query=""),
        cookies={session_cookie(Settings(database=address)): session_id},
        app=SimpleNamespace(state=SimpleNamespace(settings=Settings(database=address))),
    )

    def render() -> Any:
        return page(request, visit, "scheduling/board.html", key="team", view=view)

    count = len(str(render().content).encode())
    return data, waiting, median(_ms(render) for _ in range(ROUNDS)), count


def _approved(address: str, boss: int, monday: date) -> float:
    """Seconds until twenty weeks that wait are approved in one unit of work."""
    next_monday, now = monday + timedelta(days=7), clock.now()
    session_id = support.signed_in(address, boss).strip().partition("=")[2]
    with Database(address) as db:
        with db.engine.begin() as connection:
            people = list(
                connection.scalars(
                    select(Person.id).where(Person.superior_id == boss, Person.id != boss).limit(AT_ONCE)
                )
            )
            for n, person in enumerate(people):
                _week(connection, person, next_monday, n, "submitted")
        items = [ApprovalItem(person, weeks.week_of(next_monday)) for person in people]

        def decide(session: Any, now: datetime) -> int:
            actor = access.actor_for(session, Credential("session", digest(session_id)), now=now)
            outcomes = approval.decide_many(session, actor, ManyIn(items, reason="Disetujui demi layanan."), now=now)
            return sum(one.refused is None for one in outcomes)

        began = time.perf_counter()
        done = db.write_here(decide, now)
        took = time.perf_counter() - began
    assert done == AT_ONCE, done
    return took


def _ms(work: Callable[[], Any]) -> float:
    began = time.process_time()
    for _ in range(EACH):
        work()
    return (time.process_time() - began) / EACH * 1000


if __name__ == "__main__":
    main(run)
