"""Hours and approved plans around an instant: on the wall of the office where somebody works that day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.people.members import members_of
from app.scheduling import planned_hours
from app.scheduling.models import PlanDay, SegmentRow
from app.scheduling.planned_hours import Planned, PlannedPart
from app.spans import Span
from tests.support.office import EMPLOYEE, NOW, Office, hours
from tests.support.world import QUIET, TODAY, WIB

WEEK = "2026-W50"


@pytest.fixture
def me(office: Office) -> int:
    """The employee, who has planned nothing of today."""
    me = office.id_of(EMPLOYEE)
    days = select(PlanDay.id).where(PlanDay.person_id == me)
    office.change(update(SegmentRow).where(SegmentRow.day_id.in_(days)).values(active=False))
    office.clock.set(hours(QUIET, 9, 10)[0])
    return me


def plan(office: Office, who: int, *segments: dict[str, Any], state: str = "approved") -> None:
    answer = office.put(f"/api/people/{who}/weeks/{WEEK}", who, json={"days": {QUIET.isoformat(): list(segments)}})
    assert answer.status_code == 200, answer.text
    office.change(update(PlanDay).where(PlanDay.person_id == who, PlanDay.on == QUIET).values(state=state))


def around(office: Office, who: int) -> Planned:
    def read(session: Any) -> Planned:
        members = members_of(session, (), also=[who])
        return planned_hours.around(session, members, now=office.clock())[who]

    return office.db.read_here(read)


def test_a_whole_day_lasts_as_long_as_the_working_day(office: Office, me: int):
    plan(office, me, {"mode": "WFH"})
    found = around(office, me)
    assert found.parts == (PlannedPart(Span(*hours(QUIET, 7.5, 16)), "home", None),)
    assert Span(*hours(QUIET, 7.5, 16)) in found.hours


def test_parts_are_what_was_planned_each_in_its_place(office: Office, me: int):
    plan(
        office,
        me,
        {"mode": "WFO", "starts": "07:30", "ends": "12:00"},
        {"mode": "WFA", "starts": "13:00", "ends": "16:00"},
    )
    assert around(office, me).parts == (
        PlannedPart(Span(*hours(QUIET, 7.5, 12)), "site", 1),
        PlannedPart(Span(*hours(QUIET, 13, 16)), "elsewhere", None),
    )


def test_at_another_office_its_hours_hold_on_its_own_wall(office: Office, me: int):
    plan(office, me, {"mode": "other-office", "site_id": 2})
    found = around(office, me)
    assert [(part.where, part.site_id) for part in found.parts] == [("site", 2)]
    there = [span for span in found.hours if span.overlaps(Span(*hours(QUIET, 6, 22)))]
    assert there == [found.parts[0].span]
    assert found.parts[0].span.starts_at == hours(QUIET, 7.5, 16, WIB)[0]


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "revoked"])
def test_what_is_not_approved_says_nothing(office: Office, me: int, state: str):
    plan(office, me, {"mode": "WFH"}, state=state)
    assert around(office, me).parts == ()


def test_days_off_have_no_hours(office: Office):
    who = office.colleagues()[0]
    office.clock.set(NOW + timedelta(days=4, hours=6))  # Saturday
    saturday = TODAY + timedelta(days=4)
    assert not [span for span in around(office, who).hours if span.overlaps(Span(*hours(saturday, 0, 24)))]


def test_the_mark_of_a_week_changes_with_its_plans(office: Office, me: int):
    def mark() -> list[int]:
        return office.db.read_here(planned_hours.mark_of, [me], QUIET - timedelta(days=3))

    before = mark()
    assert mark() == before
    plan(office, me, {"mode": "WFH"})
    assert mark() != before
