"""What the policies say about a week, kind by kind; which of several holds; the circulars on their dates and outside."""

from datetime import date, timedelta
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scheduling import coverage, finding_words, wording
from app.scheduling.coverage import DecisionMaker, LeastOnSite, MostAway, NotTogether
from app.scheduling.policies import (
    ACCUMULATING,
    AllowedModes,
    Approval,
    CoreHours,
    Eligibility,
    Excluded,
    FlexibleDays,
    Hours,
    Letter,
    Notice,
    OfficeDays,
    Policy,
    Rule,
    WeekdayMode,
    all_in_force,
    evaluate,
    in_force,
    precedence,
)
from app.scheduling.rules import LEVELS, Mode, Segment
from app.texts import Words
from tests.scheduling.circulars import (
    AGENCY,
    ALL,
    B_531,
    BKN,
    BKN_2025,
    CAP,
    CIMAHI,
    JAKARTA,
    NUSANTARA,
    ROOT,
    SE_1_2024,
    SE_2_2025,
    SE_2_2026,
    SE_3_2026,
    TEAM,
    UNIT,
    breaks_of,
    planner,
    policy,
    week,
    whole,
)

MONDAY = date(2026, 11, 23)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=n) for n in range(1, 5))
LONG_AGO = date(2024, 1, 1)


def said(plan, *policies, monday=MONDAY, today=None, who=None):
    """What is found, as pairs of rule and day (Monday is 0, None for the week)."""
    found = evaluate(week(monday, plan, who), policies, today=today or monday, breaks=breaks_of(monday))
    return [(one.rule, (one.on - monday).days if one.on else None) for one in found]


def facts(plan, *policies, **more):
    (one,) = evaluate(week(MONDAY, plan, **more), policies, today=MONDAY, breaks=breaks_of(MONDAY))
    return one.facts


def part(starts, ends, mode, site_id=NUSANTARA, letter=""):
    return Segment(round(starts * 60), round(ends * 60), Mode(mode), site_id, letter)


# The two days


@pytest.mark.parametrize(("plan", "expected"), [
    ("", []),
    ("WFH WFA WFO", []),
    ("WFH WFA WFH", [("flexible-days", 2)]),
    ("WFH other-office WFH", [("flexible-days", 2)]),  # another office is a flexible place
    ("WFH travel leave WFH", []),
    ("WFH WFH WFH WFH WFH", [("flexible-days", 2)]),  # said once
    ("WFH - - WFH - WFH WFH", []),  # weekends aren't judged
])  # fmt: skip
def test_at_most_two_flexible_days_a_week(plan, expected):
    assert said(plan, CAP) == expected


def test_a_third_day_names_two_of_two_and_the_regulation():
    (one,) = evaluate(week(MONDAY, "WFH WFO WFA WFO WFH"), [CAP], today=MONDAY)
    assert (one.severity, one.basis, one.on) == ("refusal", "PermenPANRB 4/2025", FRIDAY)
    assert one.facts == {"most": 2, "used": 2, "wanted": 3}
    assert "sudah 2 dari 2 terpakai" in finding_words.WORDS[one.rule].format(on=one.on, **one.facts)


def test_a_day_with_any_flexible_part_is_a_flexible_day():
    half = (part(7.5, 12, "WFO"), part(13, 16, "WFH"))
    assert said([half, half, "-", "-", half], CAP) == [("flexible-days", 4)]


def test_another_office_counts_only_where_the_policy_says_so():
    own = policy(FlexibleDays(2, (Mode.WFH, Mode.WFA)), since=date(2026, 1, 1), agency=AGENCY, id=2)
    plan = "WFH WFA other-office"
    assert said(plan, CAP) == [("flexible-days", 2)]
    assert said(plan, CAP, own) == []


@pytest.mark.parametrize(("today", "plan", "expected"), [
    (WEDNESDAY, "WFH WFH WFH", [("flexible-days", 2)]),  # two are over and count
    (THURSDAY, "WFH WFH WFH", []),  # all are over: nothing is left to change
    (THURSDAY, "WFH WFH WFH - WFH", [("flexible-days", 4)]),
    (THURSDAY, "WFH - - WFH", []),
])  # fmt: skip
def test_days_that_are_over_count_but_are_not_the_ones_to_change(today, plan, expected):
    assert said(plan, CAP, today=today) == expected


def test_friday_at_home_is_one_of_the_two_unless_the_cap_says_otherwise():
    friday = policy(WeekdayMode(5, Mode.WFH), "SE PANRB 3/2026", id=2)
    apart = policy(FlexibleDays(2, norm_counts=False), "PermenPANRB 4/2025", id=3)
    assert said("WFH WFO WFA WFO WFH", CAP, friday) == [("flexible-days", 4)]
    assert said("WFH WFO WFA WFO WFH", apart, friday) == []
    assert said("WFH WFH WFA WFO WFH", apart, friday) == [("flexible-days", 2)]
    assert said("WFH WFO WFA WFO WFA", apart, friday) == [("flexible-days", 4)]  # not what the norm is


# What a person or a day has no right to


def test_only_allowed_modes_and_always_the_own_office_and_leave():
    allowed = policy(AllowedModes((Mode.WFH,)))
    assert said("WFH WFA WFO leave travel", allowed) == [("allowed-modes", 1), ("allowed-modes", 4)]


@pytest.mark.parametrize(("who", "expected"), [
    ({"unit_kind": "direct-service"}, [("excluded", 1)]),
    ({"level": "jpt-pratama"}, [("excluded", 1)]),
    ({"unit_kind": "support"}, []),
    ({}, []),
])  # fmt: skip
def test_direct_service_and_named_levels_are_excluded(who, expected):
    excluded = policy(Excluded(("direct-service",), ("jpt-pratama",), (Mode.WFH,)))
    assert said("WFO WFH WFA", excluded, who=planner(**who)) == expected


def test_who_is_not_eligible_hears_so_and_never_why():
    rule = policy(Eligibility())
    assert said("WFH WFO", rule) == []
    assert said("WFO WFH travel", rule, who=planner(eligible=False)) == [("eligibility", 1)]
    assert facts("WFH", rule, who=planner(eligible=False)) == {"mode": "WFH"}


def test_a_journey_needs_the_number_of_its_letter():
    rule = policy(Letter())
    with_letter = whole(MONDAY, "travel", JAKARTA, "ST-12/2026")
    assert said([with_letter, whole(TUESDAY, "travel", JAKARTA, "  "), "WFH"], rule) == [("letter", 1)]


# Norms


@pytest.mark.parametrize(("plan", "expected"), [
    ("- - - - WFH", []),
    ("- - - - WFO", [("weekday-mode", 4)]),
    ("", [("weekday-mode", 4)]),  # nothing planned is a day at the office
    ("- - - - leave", []),
    ("- - - - travel", []),
    ("WFO WFO WFO WFO WFA", [("weekday-mode", 4)]),
])  # fmt: skip
def test_a_required_weekday_warns_whoever_does_otherwise(plan, expected):
    rule = policy(WeekdayMode(5, Mode.WFH, required=True))
    assert said(plan, rule) == expected
    assert all(one.severity == "warning" for one in evaluate(week(MONDAY, plan), [rule], today=MONDAY))
    assert said(plan, policy(WeekdayMode(5, Mode.WFH))) == []


@pytest.mark.parametrize("closed", [
    policy(Excluded(("direct-service",))), policy(Eligibility()), policy(AllowedModes((Mode.WFA,))),
])  # fmt: skip
def test_nobody_is_reminded_of_a_norm_that_is_closed_to_them(closed):
    who = planner(unit_kind="direct-service", eligible=False)
    assert said("WFO WFO WFO WFO WFO", policy(WeekdayMode(5, Mode.WFH, required=True)), closed, who=who) == []


# Days at the office


@pytest.mark.parametrize(("plan", "need", "have"), [
    ("WFH WFH - - -", None, None),
    ("WFH WFH WFH - -", 3, 2),
    ("WFH WFH leave - -", None, None),  # leave takes one off: two of four
    ("WFH WFH WFH leave -", 2, 1),
    ("travel travel travel WFH WFH", None, None),
    ("other-office WFH WFH - -", 3, 2),  # not the own office
])  # fmt: skip
def test_least_days_at_the_office(plan, need, have):
    rule = policy(OfficeDays(3))
    assert said(plan, rule) == ([("office-days", 2)] if need else [])
    if need:
        assert facts(plan, rule) == {"least": 3, "need": need, "have": have}


def test_a_short_week_asks_for_as_many_fewer_days_at_the_office():
    nyepi = date(2026, 3, 16)  # 18 March leave, 19 March Nyepi, 20 March leave
    assert said("WFH WFH", policy(OfficeDays(3)), monday=nyepi) == []
    assert said("WFH WFH", policy(OfficeDays(4)), monday=nyepi) == [("office-days", 1)]


# Hours


@pytest.mark.parametrize(("segments", "expected"), [
    ((), []),
    ((part(7.5, 16, "WFH"),), []),
    ((part(7.5, 12, "WFO"), part(13, 16, "WFH")), []),  # the break is aside
    ((part(7.5, 11.5, "WFO"), part(13, 16, "WFH")), [("core-hours", 0)]),  # half an hour is not the break
    ((part(9.5, 16, "WFH"),), [("core-hours", 0)]),
    ((part(7.5, 14.5, "WFH"),), [("core-hours", 0)]),
    ((part(7.5, 12, "WFH"), part(12, 16, "leave")), []),  # leave is granted elsewhere
    ((part(7.5, 16, "leave"),), []),
])  # fmt: skip
def test_core_hours_are_covered_break_and_leave_aside(segments, expected):
    assert said([segments], policy(CoreHours(9 * 60, 15 * 60))) == expected


def test_core_hours_are_said_in_the_reader_s_language():
    (found,) = evaluate(week(MONDAY, [(part(9.5, 16, "WFH"),)]), [policy(CoreHours(9 * 60, 15 * 60))], today=MONDAY)
    assert "09.00–15.00" in wording.finding(found, Words("id")).detail
    assert "09:00–15:00" in wording.finding(found, Words("en")).detail


def test_without_the_breaks_a_gap_around_noon_is_taken_for_one():
    halves = (part(7.5, 11.5, "WFO"), part(13, 16, "WFH"))
    assert evaluate(week(MONDAY, [halves]), [policy(CoreHours(540, 900))], today=MONDAY) == ()


@pytest.mark.parametrize(("segments", "missing"), [
    ((part(7.5, 16, "WFH"),), 0),
    ((part(7.5, 15, "WFH"),), 60),
    ((part(7.5, 12, "WFH"), part(13, 16, "WFO")), 0),
    ((part(7.5, 12.5, "WFH"),), 180),  # half an hour of it is break
])  # fmt: skip
def test_a_week_covers_the_minutes_owed(segments, missing):
    rule = policy(Hours())
    assert said([segments], rule) == ([("hours", None)] if missing else [])
    if missing:
        assert facts([segments], rule)["missing"] == missing
        assert said([segments], policy(Hours(tolerance=missing))) == []


def test_a_long_day_makes_up_for_a_short_one():
    assert said([(part(7.5, 15, "WFH"),), (part(7.5, 17, "WFH"),)], policy(Hours())) == []


@pytest.mark.parametrize(("today", "expected"), [
    (MONDAY - timedelta(days=7), []),
    (MONDAY, [("notice", 0), ("notice", 2)]),
    (TUESDAY, [("notice", 2)]),
    (MONDAY - timedelta(days=1), [("notice", 0)]),
])  # fmt: skip
def test_a_flexible_day_is_asked_for_some_days_ahead(today, expected):
    assert said("WFH WFO WFA travel", policy(Notice(3)), today=today) == expected


def test_approval_says_nothing_against_a_week():
    assert said("WFH WFH WFH", policy(Approval(("superior", "head"), automatic=True))) == []


def test_refusals_come_before_warnings():
    found = evaluate(week(MONDAY, "WFH WFH WFH"), [policy(Notice(9), id=3), CAP], today=MONDAY)
    assert [one.severity for one in found] == ["refusal", "warning", "warning", "warning"]


# Which policy holds

NATION = policy(FlexibleDays(2), id=1)
AGENCYS = policy(FlexibleDays(3), agency=AGENCY, id=2)
ROOTS = policy(FlexibleDays(1), agency=AGENCY, unit=ROOT, id=3)
UNITS = policy(FlexibleDays(4), agency=AGENCY, unit=UNIT, id=4)
TEAMS = policy(FlexibleDays(0), unit=TEAM, id=5)


def test_the_narrowest_policy_holds_and_says_whom_it_displaces():
    order = [TEAMS, UNITS, ROOTS, AGENCYS, NATION]
    for given_order in permutations(order):
        standings = precedence(given_order, planner(), MONDAY)
        assert [one.policy for one in standings] == order
        assert [one.overridden_by for one in standings] == [None, TEAMS, TEAMS, TEAMS, TEAMS]


@pytest.mark.parametrize("other", [
    policy(FlexibleDays(5), agency=BKN, id=9),
    policy(FlexibleDays(5), unit=99, id=9),
    policy(FlexibleDays(5), agency=BKN, unit=TEAM, id=9),
    policy(FlexibleDays(5), since=TUESDAY, id=9),
    policy(FlexibleDays(5), until=MONDAY - timedelta(days=1), id=9),
])  # fmt: skip
def test_a_policy_of_others_or_of_other_dates_does_not_hold(other):
    assert in_force([NATION, other], planner(), MONDAY) == {"flexible-days": NATION}


def test_of_equals_the_later_beginning_holds_then_the_one_added_last():
    later = policy(FlexibleDays(5), since=date(2026, 1, 1), id=0)
    again = policy(FlexibleDays(4), id=8)
    assert in_force([later, NATION], planner(), MONDAY) == {"flexible-days": later}
    assert in_force([again, NATION], planner(), MONDAY) == {"flexible-days": again}


def test_a_unit_whose_number_begins_alike_is_another_unit():
    assert in_force([policy(FlexibleDays(5), unit=9)], planner(unit_lineage="/1/5/95/"), MONDAY) == {}


def test_norms_exclusions_and_coverage_add_up():
    rows = [
        policy(Excluded(("direct-service",)), id=1), policy(Excluded((), ("pelaksana",)), unit=TEAM, id=2),
        policy(WeekdayMode(5, Mode.WFH), id=3), policy(WeekdayMode(3, Mode.WFH), agency=AGENCY, id=4),
        policy(LeastOnSite(2), id=5), policy(LeastOnSite(3), unit=TEAM, id=6),
    ]  # fmt: skip
    assert {one.id for one in all_in_force(rows, planner(), MONDAY)} == {1, 2, 3, 4, 5, 6}
    assert in_force(rows, planner(), MONDAY) == {}
    direct = planner(unit_kind="direct-service", level="pengawas")
    assert said("WFH", *rows, who=direct) == [("excluded", 0)]  # a narrower exclusion doesn't let them out


MODES = st.lists(st.sampled_from(list(Mode)), max_size=4).map(tuple)
RULES = st.one_of(
    st.builds(FlexibleDays, st.integers(0, 5), MODES, st.booleans()),
    st.builds(AllowedModes, MODES),
    st.builds(WeekdayMode, st.integers(1, 7), st.sampled_from(list(Mode)), st.booleans()),
    st.builds(Excluded, st.just(("direct-service",)), st.lists(st.sampled_from(LEVELS), max_size=2).map(tuple), MODES),
    st.builds(Eligibility, MODES),
    st.builds(OfficeDays, st.integers(0, 5)),
    st.builds(CoreHours, st.integers(420, 600), st.integers(840, 990)),
    st.builds(Notice, st.integers(0, 14)),
    st.builds(Hours, st.integers(0, 120)),
    st.builds(Letter, MODES),
    st.builds(LeastOnSite, st.integers(1, 5)),
)
DATES = st.dates(MONDAY - timedelta(days=3), MONDAY + timedelta(days=6))


@st.composite
def policies(draw, most=6):
    rows = []
    for id in range(1, draw(st.integers(1, most)) + 1):
        since = draw(st.one_of(st.just(LONG_AGO), DATES))
        until = draw(st.one_of(st.none(), st.dates(since, MONDAY + timedelta(days=9))))
        agency = draw(st.sampled_from([None, AGENCY, BKN]))
        unit = draw(st.sampled_from([None, None, ROOT, UNIT, TEAM, 99]))
        rows.append(Policy(id, f"Dasar {id}", since, until, agency, unit, draw(RULES)))
    return rows


@given(policies(), st.randoms(use_true_random=False), DATES)
def test_precedence_is_total_whatever_the_order_of_the_rows(rows, random, on):
    standings = precedence(rows, planner(), on)
    mixed = random.sample(rows, len(rows))
    assert precedence(mixed, planner(), on) == standings
    assert {one.policy for one in standings} == {row for row in rows if row.holds(on) and row.covers(planner())}
    held = [one.policy for one in standings if one.overridden_by is None]
    for one in standings:
        if isinstance(one.policy.rule, ACCUMULATING):
            assert one.overridden_by is None
        else:
            holding = [other for other in held if other.kind == one.policy.kind]
            assert holding == [one.overridden_by or one.policy]
    assert in_force(mixed, planner(), on) == {one.kind: one for one in held if not isinstance(one.rule, ACCUMULATING)}


@given(policies(), st.randoms(use_true_random=False), st.lists(st.sampled_from(list(Mode)), max_size=7))
def test_findings_lie_on_working_days_to_come_on_which_their_policy_holds(rows, random, modes):
    planned = week(MONDAY, " ".join(modes))
    found = evaluate(planned, rows, today=WEDNESDAY)
    assert evaluate(planned, random.sample(rows, len(rows)), today=WEDNESDAY) == found
    by_id = {row.id: row for row in rows}
    for one in found:
        row = by_id[one.policy_id]
        assert (one.rule, one.basis) == (row.kind, row.basis)
        assert one.on is None or (WEDNESDAY <= one.on <= FRIDAY and row.holds(one.on))
        assert finding_words.WORDS[one.rule].format(on=one.on, **one.facts)


@given(policies())
def test_policies_are_stored_and_read_back_as_they_were(rows):
    assert msgspec.json.decode(msgspec.json.encode(rows), type=list[Policy]) == rows


# Policies that begin or end within a week


def test_a_cap_that_begins_on_wednesday_counts_from_wednesday():
    cap = policy(FlexibleDays(1), since=WEDNESDAY)
    assert said("WFH WFH WFH", cap) == []
    assert said("WFH WFH WFH WFH", cap) == [("flexible-days", 3)]


def test_an_exclusion_that_ends_on_tuesday_leaves_wednesday_alone():
    excluded = policy(Excluded(("direct-service",)), until=TUESDAY)
    assert said("WFH WFH WFH", excluded, who=planner(unit_kind="direct-service")) == [("excluded", 0), ("excluded", 1)]


# The circulars


def test_in_april_2024_direct_service_stays_and_others_work_at_the_office_or_at_home():
    monday = date(2024, 4, 15)  # collective leave; the circular is for Tuesday and Wednesday
    direct = planner(unit_kind="direct-service")
    assert said("WFH WFH WFH WFH", *SE_1_2024, monday=monday, who=direct) == [("excluded", 1), ("excluded", 2)]
    assert said("WFA WFA WFH WFA", *SE_1_2024, monday=monday) == [("allowed-modes", 1)]
    assert said("WFA WFA WFA WFA", *SE_1_2024, monday=date(2024, 4, 22), who=direct) == []


def test_before_nyepi_2025_all_four_days_may_be_flexible():
    monday = date(2025, 3, 24)
    assert said("WFH WFA WFH WFA", *SE_2_2025, CAP, monday=monday) == []
    assert said("WFH WFA WFH other-office", *SE_2_2025, monday=monday) == [("allowed-modes", 3)]
    assert said("other-office", *SE_2_2025, monday=monday + timedelta(days=7)) == []


def test_the_cap_of_two_days_is_not_older_than_its_regulation():
    assert said("WFA WFA WFA", CAP, monday=date(2025, 4, 14)) == []
    assert said("WFA WFA WFA", CAP, monday=date(2025, 4, 21)) == [("flexible-days", 2)]


def test_three_days_from_anywhere_at_the_end_of_2025_beside_the_usual_two():
    monday = date(2025, 12, 29)  # Thursday is a holiday
    assert said("WFA WFA WFA - WFH", CAP, *B_531, monday=monday) == []
    assert said("WFA WFA WFA", CAP, monday=monday) == [("flexible-days", 2)]
    assert said("WFA WFA WFA", CAP, *B_531, monday=monday - timedelta(days=21)) == [("flexible-days", 2)]


def test_five_days_from_anywhere_around_idulfitri_2026():
    assert said("WFA WFA", CAP, *SE_2_2026, monday=date(2026, 3, 16)) == []
    assert said("- - WFA WFA WFA", CAP, *SE_2_2026, monday=date(2026, 3, 23)) == []
    assert said("- - WFA WFA WFA", CAP, monday=date(2026, 3, 23)) == [("flexible-days", 4)]
    assert said("- - WFA WFA WFA", CAP, *SE_2_2026, monday=date(2026, 4, 6)) == [("flexible-days", 4)]


@pytest.mark.parametrize(("monday", "expected"), [
    (date(2026, 3, 23), []),  # Friday 27 March, before it
    (date(2026, 3, 30), []),  # Good Friday
    (date(2026, 4, 6), [("weekday-mode", 4)]),  # 10 April, the first
    (date(2026, 7, 13), [("weekday-mode", 4)]),
    (date(2026, 7, 20), []),  # it ended on Tuesday
])  # fmt: skip
def test_fridays_at_home_in_2026(monday, expected):
    assert said("WFO WFO WFO WFO WFO", *SE_3_2026, monday=monday) == expected
    assert said("WFO WFO WFO WFO WFH", *SE_3_2026, CAP, monday=monday) == []


def test_on_fridays_in_2026_direct_service_is_at_the_office():
    direct = planner(unit_kind="direct-service")
    monday = date(2026, 4, 6)
    assert said("WFO WFO WFO WFO WFO", *SE_3_2026, monday=monday, who=direct) == []
    assert said("WFO WFO WFO WFO WFH", *SE_3_2026, monday=monday, who=direct) == [("excluded", 4)]


def test_bkn_has_two_days_from_anywhere_and_three_at_the_office():
    at_bkn = planner(agency_id=BKN)
    assert said("WFA WFA WFO WFO WFO", *BKN_2025, who=at_bkn) == []
    assert said("WFA WFA WFA WFO WFO", *BKN_2025, who=at_bkn) == [("flexible-days", 2), ("office-days", 2)]
    assert said("WFA WFA WFH WFO WFO", *BKN_2025, who=at_bkn) == [("office-days", 2)]
    assert said("WFA WFA WFA WFO WFO", *BKN_2025) == []  # another agency


def test_cimahi_keeps_its_heads_at_the_office():
    assert said("- - - - WFH", *CIMAHI, who=planner(level="administrator")) == [("excluded", 4)]
    assert said("- - - - WFH", *CIMAHI, who=planner(level="pengawas")) == []


def test_no_two_circulars_share_a_number():
    assert len({row.id for row in ALL}) == len(ALL)


# Rules that can't be built wrong


@pytest.mark.parametrize("build", [
    lambda: FlexibleDays(8), lambda: FlexibleDays(-1), lambda: WeekdayMode(0, Mode.WFH), Excluded,
    lambda: Excluded(("hospital",)), lambda: Excluded((), ("eselon-2",)), lambda: OfficeDays(9), lambda: CoreHours(900, 540),
    lambda: Notice(-1), lambda: Hours(-1), lambda: Approval(()), LeastOnSite, lambda: LeastOnSite(percent=101),
    lambda: LeastOnSite(1, weekdays="8"), lambda: MostAway(101), lambda: DecisionMaker((), (1,)),
    lambda: DecisionMaker(("menteri",), (1,)), lambda: DecisionMaker(("pengawas",), ()), lambda: NotTogether((4, 4)),
    lambda: policy(Hours(), since=TUESDAY, until=MONDAY),
])  # fmt: skip
def test_a_rule_that_makes_no_sense_cannot_be_built(build):
    with pytest.raises(ValueError):  # noqa: PT011 - the messages are for whoever sent it
        build()


def test_every_kind_has_its_words():
    kinds = {kind.__struct_config__.tag for rule in (coverage.Rule, Rule) for kind in rule.__args__}
    assert kinds - {"approval"} <= finding_words.WORDS.keys()
    assert len(kinds) == 15
