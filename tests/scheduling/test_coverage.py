"""Who has to be where: counts, shares, duties, decision makers, people who stand in for each other."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scheduling import finding_words
from app.scheduling.coverage import (
    PARTS,
    DecisionMaker,
    LeastOnSite,
    Mate,
    MostAway,
    NotTogether,
    concerns,
    is_coverage,
    meters,
    rules_of_unit,
    shortfalls,
    worse,
)
from app.scheduling.policies import FlexibleDays
from app.scheduling.rules import Mode
from tests.scheduling.circulars import (
    AGENCY,
    BANTEN,
    BKN,
    CIMAHI,
    JAKARTA,
    NUSANTARA,
    ROOT,
    SE_1_2024,
    TEAM,
    UNIT,
    planner,
    policy,
)

MONDAY = date(2026, 11, 23)
TUESDAY = MONDAY + timedelta(days=1)
FRIDAY = MONDAY + timedelta(days=4)
SIBLING = 10


def mate(id, *, level="pelaksana", duties=(), unit=TEAM, site=NUSANTARA):
    lineage = {ROOT: f"/{ROOT}/", UNIT: f"/{ROOT}/{UNIT}/"}.get(unit, f"/{ROOT}/{UNIT}/{unit}/")
    return Mate(id, f"Pegawai {id}", level, frozenset(duties), lineage, site)


def team(size, **facts):
    return [mate(id, **facts) for id in range(1, size + 1)]


def away(*ids, on=MONDAY, parts=PARTS, place=None):
    return {(id, on, part): place for id in ids for part in parts}


def short(rules, mates, presence, days=(MONDAY,), modes=None):
    found = shortfalls(rules if isinstance(rules, (list, tuple)) else [rules], mates, presence, days, modes)
    return [(one.part, one.have, one.need) for one in found]


def least(*args, unit=TEAM, **facts):
    return policy(LeastOnSite(*args, **facts), "Ketentuan unit", unit=unit, id=1)


# At least so many on site


@pytest.mark.parametrize(("gone", "expected"), [
    ((), []),
    ((1, 2), []),
    ((1, 2, 3), [("am", 1, 2), ("pm", 1, 2)]),
])  # fmt: skip
def test_at_least_two_on_site(gone, expected):
    assert short(least(2), team(4), away(*gone)) == expected


@pytest.mark.parametrize(("size", "percent", "need"), [(4, 25, 1), (5, 25, 2), (10, 50, 5), (3, 50, 2), (3, 100, 3)])
def test_a_share_on_site_is_rounded_up(size, percent, need):
    mates = team(size)
    rule = least(percent=percent)
    enough, too_many = range(1, size - need + 1), range(1, size - need + 2)
    assert short(rule, mates, away(*enough)) == []
    assert short(rule, mates, away(*too_many)) == [(part, need - 1, need) for part in PARTS]


def test_a_count_and_a_share_both_hold():
    assert short(least(3, percent=10), team(4), away(1, 2)) == [("am", 2, 3), ("pm", 2, 3)]
    assert short(least(1, percent=75), team(4), away(1, 2)) == [("am", 2, 3), ("pm", 2, 3)]


def test_mornings_and_afternoons_are_counted_by_themselves():
    presence = away(1, 2, 3, parts=["am"]) | away(4, parts=["pm"])
    assert short(least(2), team(4), presence) == [("am", 1, 2)]
    assert short(least(2, part="pm"), team(4), presence) == []
    assert short(least(2, part="am"), team(4), presence) == [("am", 1, 2)]


def test_a_rule_for_fridays_is_silent_on_mondays():
    presence = away(1, 2, 3) | away(1, 2, 3, on=FRIDAY)
    found = shortfalls([least(2, weekdays="5")], team(4), presence, [MONDAY, FRIDAY])
    assert {one.on for one in found} == {FRIDAY}


def test_a_rule_holds_on_its_dates():
    rule = policy(LeastOnSite(4), since=TUESDAY, until=TUESDAY, unit=TEAM)
    days = [MONDAY + timedelta(days=n) for n in range(5)]
    presence = {key: None for on in days for key in away(1, on=on)}
    assert {one.on for one in shortfalls([rule], team(4), presence, days)} == {TUESDAY}


def test_the_least_of_a_named_duty():
    mates = [mate(1, duties=["piket"]), mate(2, duties=["piket", "it"]), mate(3), mate(4)]
    rule = least(1, duty="piket")
    assert short(rule, mates, away(1, 3, 4)) == []
    assert short(rule, mates, away(1, 2)) == [("am", 0, 1), ("pm", 0, 1)]
    assert short(least(1, duty="it"), mates, away(2)) == [("am", 0, 1), ("pm", 0, 1)]
    assert short(least(percent=50, duty="piket"), mates, away(1)) == []


def test_at_one_site_whoever_is_there_counts_wherever_they_are_posted():
    mates = [*team(2), mate(3, site=JAKARTA), mate(4, site=JAKARTA)]
    rule = least(2, site_id=NUSANTARA)
    assert short(rule, mates, away(1)) == [("am", 1, 2), ("pm", 1, 2)]
    assert short(rule, mates, away(1) | away(3, place=NUSANTARA)) == []
    assert short(rule, mates, away(1, place=JAKARTA)) == [("am", 1, 2), ("pm", 1, 2)]
    assert short(least(4), mates, away(1, place=JAKARTA)) == []  # at some office


def test_a_share_at_one_site_is_of_those_posted_there():
    mates = [*team(4), *(mate(id, site=JAKARTA) for id in range(5, 11))]
    assert short(least(percent=50, site_id=NUSANTARA), mates, away(1, 2)) == []
    assert short(least(percent=50, site_id=NUSANTARA), mates, away(1, 2, 3)) == [("am", 1, 2), ("pm", 1, 2)]


# Whom a rule counts


def test_a_rule_of_a_unit_counts_all_below_it_together():
    mates = [mate(1, unit=UNIT), mate(2), mate(3, unit=SIBLING)]
    assert short(least(2, unit=UNIT), mates, away(1)) == []
    assert short(least(2, unit=UNIT), mates, away(1, 2)) == [("am", 1, 2), ("pm", 1, 2)]
    assert short(least(1, unit=SIBLING), mates, away(1, 2)) == []
    assert short(least(1, unit=SIBLING), mates, away(3)) == [("am", 0, 1), ("pm", 0, 1)]
    assert short(least(1, unit=99), mates, away(1, 2, 3)) == []


def test_a_rule_of_everybody_holds_in_each_unit_by_itself():
    mates = [mate(1), mate(2), mate(3, unit=SIBLING), mate(4, unit=SIBLING)]
    rule = policy(LeastOnSite(1), "Nasional")
    assert short(rule, mates, away(1, 3)) == []
    found = shortfalls([rule], mates, away(1, 3, 4), [MONDAY])
    assert [(one.unit_id, one.part, one.have) for one in found] == [(SIBLING, "am", 0), (SIBLING, "pm", 0)]


@pytest.mark.parametrize(("row", "expected"), [
    (policy(LeastOnSite(1), unit=UNIT), True),
    (policy(LeastOnSite(1), unit=SIBLING), False),
    (policy(LeastOnSite(1), agency=AGENCY), True),
    (policy(LeastOnSite(1), agency=BKN), False),
    (policy(MostAway(50)), True),
    (policy(NotTogether((1000, 5))), True),
    (policy(NotTogether((4, 5))), False),
    (policy(DecisionMaker(("pelaksana",), (NUSANTARA,))), True),
    (policy(DecisionMaker(("jpt-pratama",), (NUSANTARA,))), False),
    (policy(FlexibleDays(2)), False),
])  # fmt: skip
def test_whose_absence_a_rule_is_about(row, expected):
    assert concerns(row, planner()) is expected
    assert is_coverage(row) is not isinstance(row.rule, FlexibleDays)


def test_a_units_board_leaves_out_what_others_may_meet():
    above, own, below = (policy(LeastOnSite(1), unit=unit, id=unit) for unit in (ROOT, UNIT, TEAM))
    nation, other = policy(LeastOnSite(1), id=20), policy(LeastOnSite(1), agency=BKN, id=21)
    rules = [above, own, below, nation, other, policy(FlexibleDays(2), id=22)]
    assert rules_of_unit(rules, f"/{ROOT}/{UNIT}/", AGENCY) == (own, below, nation)
    assert rules_of_unit(rules, f"/{ROOT}/", AGENCY) == (above, own, below, nation)


# At most so many away


@pytest.mark.parametrize(
    ("percent", "size", "most"), [(50, 10, 5), (50, 5, 2), (75, 8, 6), (75, 10, 7), (20, 10, 2), (20, 4, 0)]
)
def test_a_share_away_is_rounded_down(percent, size, most):
    rule = policy(MostAway(percent), unit=TEAM)
    assert short(rule, team(size), away(*range(1, most + 1))) == []
    assert short(rule, team(size), away(*range(1, most + 2))) == [
        (part, size - most - 1, size - most) for part in PARTS
    ]


def test_another_office_is_away_for_a_share_of_flexible_work_but_not_of_home():
    mates, presence = team(4), away(1, 2, place=JAKARTA) | away(3)
    assert short(policy(MostAway(50), unit=TEAM), mates, presence) == [("am", 1, 2), ("pm", 1, 2)]
    assert short(policy(MostAway(50, (Mode.WFH,)), unit=TEAM), mates, presence) == []
    assert short(policy(MostAway(25, (Mode.OTHER_OFFICE,)), unit=TEAM), mates, presence) == [("am", 2, 3), ("pm", 2, 3)]


def test_leave_and_travel_do_not_count_where_it_is_known_how_people_work():
    rule = policy(MostAway(50), unit=TEAM)
    presence = away(1, 2, 3)
    known = dict.fromkeys(presence, Mode.WFH) | dict.fromkeys(away(1), Mode.LEAVE)
    assert short(rule, team(4), presence) == [("am", 1, 2), ("pm", 1, 2)]
    assert short(rule, team(4), presence, modes=known) == []
    assert short(rule, team(4), presence, modes=dict.fromkeys(presence, Mode.WFH)) == [("am", 1, 2), ("pm", 1, 2)]


@pytest.mark.parametrize(("rows", "size", "most", "on"), [
    (SE_1_2024, 10, 5, date(2024, 4, 16)),
    (CIMAHI, 8, 6, FRIDAY),
    (BANTEN, 10, 2, FRIDAY),
])  # fmt: skip
def test_the_shares_of_the_circulars(rows, size, most, on):
    rules = [row for row in rows if is_coverage(row)]
    assert shortfalls(rules, team(size), away(*range(1, most + 1), on=on), [on]) == ()
    found = shortfalls(rules, team(size), away(*range(1, most + 2), on=on), [on])
    assert [(one.basis, one.facts["away"], one.facts["most"]) for one in found] == [
        (rules[0].basis, most + 1, most)
    ] * 2


def test_the_share_of_april_2024_is_over_after_two_days():
    rules = [row for row in SE_1_2024 if is_coverage(row)]
    for on, expected in [
        (date(2024, 4, 15), 0),
        (date(2024, 4, 16), 2),
        (date(2024, 4, 17), 2),
        (date(2024, 4, 18), 0),
    ]:
        assert len(shortfalls(rules, team(4), away(1, 2, 3, on=on), [on])) == expected


# Decision makers, and people who stand in for each other


def test_a_decision_maker_is_at_each_site():
    head, deputy, clerk = mate(1, level="jpt-pratama"), mate(2, level="administrator", site=JAKARTA), mate(3)
    rule = policy(DecisionMaker(("jpt-pratama", "administrator"), (NUSANTARA, JAKARTA)), unit=TEAM)
    mates = [head, deputy, clerk]

    def lacking(presence):
        return [(one.site_id, one.part) for one in shortfalls([rule], mates, presence, [MONDAY])]

    assert lacking({}) == []
    assert lacking(away(1)) == [(NUSANTARA, "am"), (NUSANTARA, "pm")]
    assert lacking(away(2, parts=["pm"])) == [(JAKARTA, "pm")]
    assert lacking(away(1, place=JAKARTA)) == [(NUSANTARA, "am"), (NUSANTARA, "pm")]
    assert lacking(away(1, place=JAKARTA) | away(2, place=NUSANTARA)) == []
    assert lacking(away(3)) == []


def test_no_two_who_stand_in_for_each_other_are_away_at_once():
    rule = policy(NotTogether((1, 2, 3)))
    mates = [mate(1), mate(2, unit=SIBLING), mate(3), mate(4)]
    assert short(rule, mates, away(1, 4)) == []
    assert short(rule, mates, away(1, parts=["am"]) | away(2, parts=["pm"])) == []
    assert short(rule, mates, away(1, 2)) == [("am", 1, 2), ("pm", 1, 2)]
    assert short(rule, mates, away(1, 2, place=JAKARTA)) == []  # at an office, only another one
    one, *_ = shortfalls([rule], mates, away(1, 2), [MONDAY])
    assert one.facts["names"] == "Pegawai 1, Pegawai 2"


# What a change brings about


def test_only_what_a_change_brings_about_or_deepens_is_laid_to_it():
    rules, mates = [least(3)], team(4)

    def lacked(*gone):
        return shortfalls(rules, mates, away(*gone), [MONDAY])

    assert worse(lacked(1), lacked(1, 2)) == lacked(1, 2)
    assert worse(lacked(1, 2), lacked(1, 2)) == ()
    assert worse(lacked(1, 2), lacked(1, 2, 3)) == lacked(1, 2, 3)
    assert worse(lacked(1, 2, 3), lacked(1, 2)) == ()
    other_part = shortfalls(rules, mates, away(1, 2, parts=["pm"]), [MONDAY])
    assert worse(shortfalls(rules, mates, away(1, 2, parts=["am"]), [MONDAY]), other_part) == other_part


def test_a_unit_that_was_short_does_not_hide_another_that_becomes_so():
    mates = [mate(1), mate(2, unit=SIBLING)]
    rule = policy(LeastOnSite(1))
    before, after = (shortfalls([rule], mates, gone, [MONDAY]) for gone in (away(1), away(1, 2)))
    assert {one.unit_id for one in worse(before, after)} == {SIBLING}


# The board's bar


def test_the_bar_shows_who_is_present_where_and_what_is_needed():
    mates = [*team(3), mate(4, site=JAKARTA), mate(5, site=JAKARTA)]
    rules = [least(2), policy(MostAway(40), unit=TEAM, id=2), least(2, site_id=NUSANTARA), least(1, duty="piket")]
    morning, afternoon = meters(rules, mates, away(1) | away(4, parts=["pm"], place=NUSANTARA), [MONDAY])
    assert (morning.part, morning.present, morning.total, morning.need) == ("am", 4, 5, 3)
    assert [(site.site_id, site.present, site.total, site.need) for site in morning.sites] == [
        (NUSANTARA, 2, 3, 2), (JAKARTA, 2, 2, 0),
    ]  # fmt: skip
    assert [(site.site_id, site.present) for site in afternoon.sites] == [(NUSANTARA, 3), (JAKARTA, 1)]


def test_a_rule_of_everybody_is_added_up_over_the_units_of_a_board():
    mates = [mate(1), mate(2), mate(3, unit=SIBLING), mate(4, unit=SIBLING)]
    assert {one.need for one in meters([policy(LeastOnSite(1))], mates, {}, [MONDAY])} == {2}


def test_without_rules_the_bar_has_no_threshold():
    assert [(one.on, one.present, one.need) for one in meters([], team(2), {}, [MONDAY, TUESDAY])] == [
        (on, 2, 0) for on in (MONDAY, MONDAY, TUESDAY, TUESDAY)
    ]


# Whatever the rules and the people


SITES = st.sampled_from([NUSANTARA, JAKARTA])
mates_of_some_units = st.lists(
    st.tuples(st.sampled_from([UNIT, TEAM, SIBLING]), SITES, st.sampled_from(["pelaksana", "administrator"]), st.booleans()),
    min_size=1, max_size=12,
).map(lambda rows: [
    mate(id, unit=unit, site=site, level=level, duties=["piket"] if duty else [])
    for id, (unit, site, level, duty) in enumerate(rows, 1)
])  # fmt: skip
rules_of_any_kind = st.lists(
    st.tuples(
        st.one_of(
            st.builds(
                LeastOnSite, st.integers(1, 6), st.integers(0, 100), st.sampled_from(["", "piket"]),
                st.sampled_from(["day", "am", "pm"]), st.one_of(st.none(), SITES),
            ),
            st.builds(MostAway, st.integers(0, 100)),
            st.just(DecisionMaker(("administrator",), (NUSANTARA, JAKARTA))),
            st.just(NotTogether((1, 2, 3))),
        ),
        st.sampled_from([None, ROOT, UNIT, TEAM]),
    ),
    max_size=5,
).map(lambda rows: [policy(rule, unit=unit, id=id) for id, (rule, unit) in enumerate(rows, 1)])  # fmt: skip
absences = st.dictionaries(
    st.tuples(st.integers(1, 12), st.just(MONDAY), st.sampled_from(PARTS)), st.one_of(st.none(), SITES)
)


@given(rules_of_any_kind, mates_of_some_units, absences, st.integers(1, 12))
def test_who_comes_to_the_own_office_deepens_nothing_that_is_about_any_office(rules, mates, presence, id):
    before = shortfalls(rules, mates, presence, [MONDAY])
    came = {key: place for key, place in presence.items() if key[0] != id}
    after = shortfalls(rules, mates, came, [MONDAY])
    assert [one for one in worse(before, after) if one.site_id is None] == []
    for one in before:
        assert one.have < one.need
        assert finding_words.WORDS[one.rule].format(on=one.on, **one.facts)


@given(rules_of_any_kind, mates_of_some_units, absences, st.randoms(use_true_random=False))
def test_the_order_of_people_and_rules_changes_nothing(rules, mates, presence, random):
    found = set(map(repr, shortfalls(rules, mates, presence, [MONDAY])))
    mixed = shortfalls(random.sample(rules, len(rules)), random.sample(mates, len(mates)), presence, [MONDAY])
    assert set(map(repr, mixed)) == found


@given(rules_of_any_kind, mates_of_some_units, absences)
def test_a_bar_below_its_threshold_is_a_shortfall(rules, mates, presence):
    """Where each rule counts all of the board; people at another office count on the bar, not for a share."""
    presence = dict.fromkeys(presence)
    rules = [row for row in rules if row.unit_id in (ROOT, UNIT)]
    lacking = {(one.part, one.site_id) for one in shortfalls(rules, mates, presence, [MONDAY])}
    for bar in meters(rules, mates, presence, [MONDAY]):
        assert (bar.present >= bar.need) or (bar.part, None) in lacking
        for site in bar.sites:
            assert (site.present >= site.need) or (bar.part, site.site_id) in lacking
