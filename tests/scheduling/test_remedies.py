"""Ways out of a refused week: the smallest that work, and none that doesn't."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scheduling.policies import (
    AllowedModes,
    CoreHours,
    Eligibility,
    Excluded,
    FlexibleDays,
    Letter,
    OfficeDays,
    WeekdayMode,
    evaluate,
)
from app.scheduling.remedies import MOST, applied, remedies
from app.scheduling.rules import Mode, Segment
from app.scheduling.working_time import DayKind
from tests.scheduling.circulars import (
    CAP,
    JAKARTA,
    NUSANTARA,
    breaks_of,
    office_day,
    planner,
    policy,
    week,
    whole,
)
from tests.scheduling.test_policies import policies

MONDAY = date(2026, 11, 23)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=n) for n in range(1, 5))
BREAKS = breaks_of(MONDAY)
NAMES = {MONDAY: "mon", TUESDAY: "tue", WEDNESDAY: "wed", THURSDAY: "thu", FRIDAY: "fri"}


def ways(plan, *rows, today=MONDAY, who=None, acceptable=lambda changed: True):
    planned = week(MONDAY, plan, who)
    found = evaluate(planned, rows, today=today, breaks=BREAKS)
    return remedies(planned, rows, found, today=today, office_day=office_day, acceptable=acceptable, breaks=BREAKS)


def days_of(way):
    """A moved day is left before it is taken up; all else goes by date."""
    return way.changes.items() if way.action == "move" else sorted(way.changes.items())


def offered(*args, **more):
    """Each way out as its action and the modes of the days it changes."""
    return [
        (way.action, " ".join(f"{NAMES[on]}={'+'.join(part.mode for part in parts)}" for on, parts in days_of(way)))
        for way in ways(*args, **more)
    ]  # fmt: skip


def test_a_third_flexible_day_goes_to_the_office_or_one_of_the_others_does():
    assert offered("WFH WFO WFA WFO WFH", CAP) == [
        ("office-day", "fri=WFO"), ("office-day", "wed=WFO"), ("office-day", "mon=WFO"),
    ]  # fmt: skip


def test_days_that_are_over_are_left_alone():
    assert offered("WFH WFO WFA WFO WFH", CAP, today=THURSDAY) == [("office-day", "fri=WFO")]


def test_of_five_flexible_days_three_go():
    found = offered("WFH WFH WFH WFH WFH", CAP)
    assert [action for action, _ in found] == ["office-day"] * 3
    assert all(days.count("=WFO") == 3 for _, days in found)


def test_all_that_is_left_goes_where_nothing_less_works():
    assert offered("WFH WFH WFH", policy(FlexibleDays(0))) == [("all-office", "mon=WFO tue=WFO wed=WFO")]  # fmt: skip


def test_a_forbidden_mode_becomes_an_allowed_one_or_a_day_at_the_office():
    allowed = policy(AllowedModes((Mode.WFH,)))
    assert offered("WFO WFA", allowed) == [("change-mode", "tue=WFH"), ("office-day", "tue=WFO")]


def test_only_the_forbidden_part_of_a_day_changes():
    halves = (Segment(450, 720, Mode.WFO, NUSANTARA), Segment(780, 960, Mode.WFA, NUSANTARA))
    first, *_ = ways(["-", halves], policy(AllowedModes((Mode.WFH,))))
    assert first.changes == {TUESDAY: (halves[0], Segment(780, 960, Mode.WFH, NUSANTARA))}


def test_hours_at_another_office_are_not_read_on_the_own_wall():
    jakarta = tuple(Segment(part.starts + 30, part.ends, Mode.OTHER_OFFICE, JAKARTA) for part in office_day(MONDAY))
    first, *_ = ways([jakarta], policy(AllowedModes((Mode.WFH,))))
    assert first.changes == {MONDAY: whole(MONDAY, "WFH")}


def test_direct_service_has_only_the_office():
    direct = planner(unit_kind="direct-service")
    assert offered("WFH", policy(Excluded(("direct-service",))), who=direct) == [("office-day", "mon=WFO")]


def test_an_excluded_day_moves_to_the_norm_of_the_week_first():
    monday_only = policy(Excluded((), ("pelaksana",)), until=MONDAY, id=2)
    norm = policy(WeekdayMode(5, Mode.WFH), id=3)
    assert offered("WFA WFO WFO WFO WFO", monday_only, norm) == [
        ("office-day", "mon=WFO"), ("move", "mon=WFO fri=WFH"), ("move", "mon=WFO tue=WFA"),
    ]  # fmt: skip


def test_a_day_moves_under_the_norm_where_the_norm_is_not_counted():
    apart = policy(FlexibleDays(2, norm_counts=False), id=2)
    found = offered("WFA WFH WFA WFO WFO", apart, policy(WeekdayMode(5, Mode.WFH), id=3))
    assert found == [("office-day", "wed=WFO"), ("office-day", "tue=WFO"), ("move", "wed=WFO fri=WFH")]


def test_a_day_that_the_team_cannot_spare_moves_to_the_norm_of_the_week():
    def acceptable(changed):
        return Mode.WFH not in changed.days[0].modes

    norm = policy(WeekdayMode(5, Mode.WFH), id=3)
    found = ways("WFH", norm, acceptable=acceptable)
    assert [(way.action, list(way.changes)) for way in found][:2] == [
        ("office-day", [MONDAY]),
        ("move", [MONDAY, FRIDAY]),
    ]
    assert found[1].changes[FRIDAY] == whole(FRIDAY, "WFH")
    assert found[1].changes[MONDAY] == office_day(MONDAY)


def test_two_offending_days_are_mended_together():
    assert offered("WFH WFA WFH", policy(Eligibility()), who=planner(eligible=False)) == [
        ("all-office", "mon=WFO tue=WFO wed=WFO")
    ]


def test_a_forbidden_mode_and_one_day_too_many_are_mended_at_once():
    found = offered("WFA WFH WFH", policy(AllowedModes((Mode.WFH,)), id=2), CAP)
    assert found[0] == ("office-day", "mon=WFO")
    assert ("change-mode", "mon=WFH wed=WFO") in found


def test_short_hours_are_filled_in_the_same_mode():
    short = (Segment(600, 900, Mode.WFH, NUSANTARA),)
    assert offered([short], policy(CoreHours(540, 900))) == [("whole-day", "mon=WFH"), ("office-day", "mon=WFO")]


def test_a_journey_without_its_letter_becomes_a_day_at_the_office():
    assert offered([whole(MONDAY, "travel", JAKARTA)], policy(Letter())) == [("office-day", "mon=WFO")]


def test_leave_and_journeys_stay_when_the_rest_of_their_day_goes_to_the_office():
    half = (Segment(450, 720, Mode.LEAVE, NUSANTARA), Segment(780, 960, Mode.WFH, NUSANTARA))
    trip = (Segment(450, 720, Mode.WFH, NUSANTARA), Segment(780, 960, Mode.TRAVEL, JAKARTA, "ST-1"))
    (way,) = ways([half, trip], policy(FlexibleDays(0)))
    assert way.changes == {
        MONDAY: (half[0], Segment(780, 960, Mode.WFO, NUSANTARA)),
        TUESDAY: (Segment(450, 720, Mode.WFO, NUSANTARA), trip[1]),
    }


def test_a_week_that_no_change_can_mend_has_no_way_out():
    assert offered("WFH WFH WFH", policy(FlexibleDays(2)), acceptable=lambda changed: False) == []
    assert offered("leave", policy(Excluded((), ("pelaksana",), (Mode.LEAVE,)))) == []


def test_each_acceptance_is_asked_only_for_weeks_without_refusals():
    asked = []
    ways("WFH WFA WFH", CAP, acceptable=lambda changed: asked.append(changed) or True)
    assert asked
    assert all(evaluate(changed, [CAP], today=MONDAY) == () for changed in asked)


@st.composite
def days(draw, on):
    """One day's segments: nothing, a whole day, or two halves."""
    modes = st.sampled_from(list(Mode))
    shape = draw(st.integers(0, 3))
    if shape == 0:
        return ()
    if shape < 3:
        letter = draw(st.sampled_from(["", "ST-1"]))
        return tuple(Segment(part.starts, part.ends, draw(modes), NUSANTARA, letter) for part in office_day(on))
    start = draw(st.integers(420, 600))
    return (Segment(start, 720, draw(modes), NUSANTARA), Segment(780, 960, draw(modes), NUSANTARA))


weeks = st.tuples(*(days(MONDAY + timedelta(days=n)) for n in range(5))).map(list)
planners = st.builds(
    planner,
    unit_kind=st.sampled_from(["", "direct-service"]),
    level=st.sampled_from(["pelaksana", "administrator"]),
    eligible=st.booleans(),
)


def refusals(planned, rows, today):
    found = evaluate(planned, rows, today=today, breaks=BREAKS)
    return [one for one in found if one.severity == "refusal"]


@given(policies(), weeks, planners, st.sampled_from([MONDAY, WEDNESDAY, FRIDAY]))
def test_every_way_out_that_is_offered_works(rows, plan, who, today):
    planned = week(MONDAY, plan, who)
    found = evaluate(planned, rows, today=today, breaks=BREAKS)
    offers = remedies(planned, rows, found, today=today, office_day=office_day, breaks=BREAKS)
    assert len(offers) <= MOST
    for way in offers:
        assert way.changes
        changed = applied(planned, way.changes)
        assert refusals(changed, rows, today) == []
        for before, after in zip(planned.days, changed.days, strict=True):
            assert after.kind is DayKind.WORKING or after == before
            assert after.on >= today or after == before
            assert [part for part in before.segments if part.mode is Mode.LEAVE] == [
                part for part in after.segments if part.mode is Mode.LEAVE
            ]
    for way in offers:
        assert way.action == "move" or not any(other.changes.items() < way.changes.items() for other in offers)


@given(policies(), weeks, planners, st.sampled_from([MONDAY, WEDNESDAY]))
def test_there_is_a_way_out_wherever_whole_days_at_the_office_would_do(rows, plan, who, today):
    planned = week(MONDAY, plan, who)
    changes = {
        day.on: office_day(day.on)
        for day in planned.days
        if day.on >= today and day.segments and Mode.LEAVE not in day.modes
    }
    if refusals(planned, rows, today) and not refusals(applied(planned, changes), rows, today):
        found = evaluate(planned, rows, today=today, breaks=BREAKS)
        assert remedies(planned, rows, found, today=today, office_day=office_day, breaks=BREAKS)


@pytest.mark.parametrize("least", [3, 4, 5])
def test_days_at_the_office_are_found(least):
    found = ways("WFH WFH WFH WFH WFH", policy(OfficeDays(least)))
    assert found
    assert all(len(way.changes) == least for way in found)
