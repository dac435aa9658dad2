"""Whatever fails while a plan is written, and in whatever order things happen, plan and desks agree."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from app import clock
from app.db import Database
from app.notices import NoticeRow
from app.people.models import Person
from app.rooms import audit
from app.rooms.models import Booking
from app.scheduling import changes
from app.scheduling.models import DayOffRow, PlanDay, SegmentRow, WeekPlan
from app.scheduling.working_time import DayKind, DayOff
from tests.support.faults import fail_at_each_statement
from tests.support.office import ADMIN, WITA, at, office_at
from tests.support.world import NOW, QUIET, copy_of

pytestmark = pytest.mark.lengthy

WEEK = "2026-W50"
MONDAY = QUIET - timedelta(days=3)
DAYS = [MONDAY + timedelta(days=n) for n in range(5)]
TABLES = (WeekPlan, PlanDay, SegmentRow, Booking, NoticeRow)


def days(*modes):
    return {
        on.isoformat(): [mode if isinstance(mode, dict) else {"mode": mode}]
        for on, mode in zip(DAYS, modes, strict=False)
    }


def at_desk(desk):
    return {"mode": "WFO", "desk_id": desk}


@pytest.mark.parametrize("what", ["put", "submit", "approve", "revoke"])
def test_a_fault_at_any_statement_leaves_nothing_half_done(office, what):
    me = office.colleagues(posts=1)[0]
    boss = office.ask(select(Person.superior_id).where(Person.id == me))[0][0]
    first, second = office.desks()[:2]
    path = f"/api/people/{me}/weeks/{WEEK}"
    steps = {
        "plan": lambda: office.put(path, me, json={"days": days(at_desk(first), at_desk(first), "WFH")}),
        "put": lambda: office.put(path, me, json={"days": days(at_desk(second), "WFH", at_desk(first))}),
        "submit": lambda: office.put(f"{path}/submission", me, json={"despite_coverage": True}),
        "approve": lambda: office.put(f"{path}/approval", boss, json={"decision": "approved", "reason": "Sudah dibicarakan."}),
        "revoke": lambda: office.put(f"{path}/approval", boss, json={"decision": "revoked", "reason": "Sudah dibicarakan."}),
    }  # fmt: skip
    for before in ("plan", "submit", "approve"):
        if before == what:
            break
        assert steps[before]().status_code == 200
        if what == "put":
            break
    assert fail_at_each_statement(office.db, TABLES, steps[what]) > 5
    assert office.findings() == []


PARTS = st.sampled_from(["none", "desk-0", "desk-1", "near", "WFO", "WFH", "WFA", "leave", "half"])


class Plans(RuleBasedStateMachine):
    """Two people and their superior, three desks, one week."""

    copies = None

    def __init__(self):
        super().__init__()
        self._copy = copy_of(self.copies)
        address = self._copy.__enter__()
        self._db = Database(address)
        self._office_at = office_at(self._db, address)
        self.office = self._office_at.__enter__()
        self.people = self.office.colleagues(posts=2)
        self.desks = self.office.desks()[:2]
        self.admin = self.office.actor(self.office.id_of(ADMIN))
        self.made = []

    def teardown(self):
        self._office_at.__exit__(None, None, None)
        self._db.close()
        self._copy.__exit__(None, None, None)

    def _parts(self, word):
        if word == "none":
            return []
        if word.startswith("desk"):
            return [{"mode": "WFO", "desk_id": self.desks[int(word[-1])]}]
        if word == "near":
            return [{"mode": "WFO", "near_team": True}]
        if word == "half":
            return [
                {"mode": "WFO", "starts": "07:30", "ends": "12:00", "desk_id": self.desks[0]},
                {"mode": "WFH", "starts": "13:00", "ends": "16:00"},
            ]
        return [{"mode": word}]

    def _path(self, n):
        return f"/api/people/{self.people[n]}/weeks/{WEEK}"

    def _boss(self, n):
        return self.office.ask(select(Person.superior_id).where(Person.id == self.people[n]))[0][0]

    @rule(n=st.integers(0, 1), words=st.lists(PARTS, min_size=5, max_size=5), go_on=st.booleans())
    def plan(self, n, words, go_on):
        data = {
            "days": {on.isoformat(): self._parts(word) for on, word in zip(DAYS, words, strict=True)},
            "without_desk": go_on,
        }
        assert self.office.put(self._path(n), self.people[n], json=data).status_code in (200, 409)

    @rule(n=st.integers(0, 1))
    def submit(self, n):
        answer = self.office.put(f"{self._path(n)}/submission", self.people[n], json={"despite_coverage": True})
        assert answer.status_code in (200, 409)

    @rule(n=st.integers(0, 1), decision=st.sampled_from(["approved", "returned", "revoked"]))
    def decide(self, n, decision):
        data = {"decision": decision, "reason": "Sudah dibicarakan."}
        answer = self.office.put(f"{self._path(n)}/approval", self._boss(n), json=data)
        assert answer.status_code in (200, 409)

    @rule(n=st.integers(0, 1), day=st.integers(0, 4), desk=st.integers(0, 1))
    def book(self, n, day, desk):
        span = at(DAYS[day], 8), at(DAYS[day], 12)
        assert self.office.book(self.people[n], self.desks[desk], *span).status_code in (201, 409)

    @rule(n=st.integers(0, 1), data=st.data())
    def touch_a_booking(self, n, data):
        mine = self.office.ask(
            select(Booking.id)
            .where(Booking.person_id == self.people[n], Booking.starts_at >= at(MONDAY, 0))
            .order_by(Booking.id)
        )
        if not mine:
            return
        id = data.draw(st.sampled_from(mine))[0]
        what = data.draw(st.sampled_from(["cancel", "move", "restore"]))
        path = f"/api/bookings/{id}"
        if what == "cancel":
            answer = self.office.delete(path, self.people[n])
        elif what == "move":
            hours = {"starts_at": at(DAYS[4], 9).isoformat(), "ends_at": at(DAYS[4], 11).isoformat()}
            answer = self.office.patch(path, self.people[n], json=hours)
        else:
            answer = self.office.patch(path, self.people[n], json={"state": "booked"})
        assert answer.status_code in (200, 409)

    @rule(day=st.integers(0, 4))
    def a_day_off_comes(self, day):
        leave = DayOff(DAYS[day], DayKind.COLLECTIVE_LEAVE, "Cuti bersama uji", "Trial leave", "Keppres uji")
        if self.office.ask(select(DayOffRow.id).where(DayOffRow.on == DAYS[day], DayOffRow.state != "cancelled")):
            return
        made = self._db.write_here(changes.apply, self.admin, [changes.Wish("day-off", leave)], now=NOW)
        self.made += [one.id for one in made]

    @rule()
    def the_last_change_is_undone(self):
        if self.made:
            self._db.write_here(changes.undo, self.admin, self.made.pop(), now=NOW)

    @invariant()
    def nobody_has_a_desk_on_a_day_off(self):
        off = [
            on
            for (on,) in self.office.ask(
                select(DayOffRow.on).where(DayOffRow.on.in_(DAYS), DayOffRow.state != "cancelled")
            )
        ]
        held = self.office.ask(select(Booking.starts_at).where(Booking.active, Booking.starts_at >= at(MONDAY, 0)))
        assert not {clock.local_date(starts_at, WITA) for (starts_at,) in held} & set(off)

    @invariant()
    def desks_of_plans_stand_in_their_office_segments(self):
        rows = self.office.ask(
            select(
                Booking.id,
                Booking.starts_at,
                SegmentRow.active,
                SegmentRow.mode,
                PlanDay.on,
                PlanDay.person_id,
                Booking.person_id,
                PlanDay.state,
            )
            .join(SegmentRow, SegmentRow.id == Booking.segment_id)
            .join(PlanDay, PlanDay.id == SegmentRow.day_id)
            .where(Booking.active)
        )
        for _, starts_at, active, mode, on, planner, holder, state in rows:
            assert active
            assert mode in ("WFO", "other-office", "travel")
            assert at(on, 0) <= starts_at < at(on + timedelta(days=1), 0)
            assert planner == holder
            assert state != "revoked"

    @invariant()
    def weeks_show_only_desks_that_are_held(self):
        for n in (0, 1):
            seen = self.office.get(self._path(n), self.people[n]).json()
            for parts in seen["days"].values():
                for part in parts:
                    if part["booking_id"]:
                        booking = self.office.booking(part["booking_id"])
                        assert booking.active
                        assert booking.space_id == part["desk_id"]

    @invariant()
    def the_journal_explains_all(self):
        assert self._db.read_here(audit.findings) == []


def test_any_sequence_of_plans_bookings_and_decisions_keeps_plan_and_desk_together(copies):
    Plans.copies = copies
    run_state_machine_as_test(Plans, settings=settings(max_examples=12, stateful_step_count=14, deadline=None))


def test_days_of_no_week_are_counted_twice(db):
    double = db.read_here(
        lambda session: session.execute(
            select(PlanDay.person_id, PlanDay.on).group_by(PlanDay.person_id, PlanDay.on).having(func.count() > 1)
        ).all()
    )
    assert double == []
