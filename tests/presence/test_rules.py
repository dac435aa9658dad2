"""Where somebody is and whether they can be reached: by the table, minute by minute, and who may see how much."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app import clock
from app.people.members import Member
from app.people.rules import Role
from app.presence.rules import (
    Avail,
    Desk,
    Facts,
    Kind,
    Override,
    Part,
    Place,
    Presence,
    Sight,
    State,
    Why,
    answer,
    derive,
    last_until,
    leads,
    may_see_desk,
    shown,
    sight,
    state_at,
)
from app.spans import Span
from tests.presence.people import asker, member
from tests.support.world import WIB, WITA, at

TUESDAY = date(2026, 11, 24)
NOW = at(TUESDAY, 10)
IKN, JKT = 1, 2
DAY = Span(at(TUESDAY, 7, 30), at(TUESDAY, 16))


def hours(starts: float, ends: float, zone: str = WITA, on: date = TUESDAY) -> Span:
    return Span(*(clock.instant_of(on, round(hour * 60), zone) for hour in (starts, ends)))


def desk(starts: float, ends: float, *, here: bool = False) -> Desk:
    return Desk(hours(starts, ends), IKN, 4, 114, here)


AT_DESK = Place(Kind.SITE, IKN, 4, 114, confirmed=True)
BOOKED = Place(Kind.SITE, IKN, 4, 114)


@pytest.mark.parametrize(
    ("facts", "place", "why"),
    [
        (Facts(), Place(Kind.UNKNOWN), Why.NOTHING),
        (Facts(parts=(Part(DAY, Kind.HOME),)), Place(Kind.HOME), Why.SCHEDULE),
        (Facts(parts=(Part(DAY, Kind.SITE, JKT),)), Place(Kind.SITE, JKT), Why.SCHEDULE),
        (Facts(parts=(Part(hours(13, 16), Kind.HOME),)), Place(Kind.UNKNOWN), Why.NOTHING),
        (Facts(parts=(Part(DAY, Kind.HOME),), desks=(desk(8, 16),)), BOOKED, Why.BOOKING),
        (Facts(desks=(desk(7, 9),)), Place(Kind.UNKNOWN), Why.NOTHING),  # released, or over
        (Facts(desks=(desk(8, 10),)), Place(Kind.UNKNOWN), Why.NOTHING),  # ends this very minute
        (
            Facts(desks=(desk(8, 16),), override=Override(at(TUESDAY, 12), kind=Kind.ELSEWHERE)),
            Place(Kind.ELSEWHERE),
            Why.OVERRIDE,
        ),
        (
            Facts(desks=(desk(8, 16, here=True),), override=Override(at(TUESDAY, 12), kind=Kind.HOME)),
            AT_DESK,
            Why.CHECK_IN,
        ),
        (Facts(desks=(desk(8, 16),), override=Override(NOW, kind=Kind.HOME)), BOOKED, Why.BOOKING),
        (Facts(desks=(desk(8, 16),), override=Override(at(TUESDAY, 12), Avail.DND)), BOOKED, Why.BOOKING),
        (Facts(parts=(Part(DAY, Kind.LEAVE),)), Place(Kind.LEAVE), Why.SCHEDULE),
        (Facts(parts=(Part(DAY, Kind.LEAVE),), desks=(desk(8, 16, here=True),)), AT_DESK, Why.CHECK_IN),
    ],
)
def test_the_strongest_fact_says_where_somebody_is(facts: Facts, place: Place, why: Why):
    state = state_at(NOW, facts)
    assert (state.place, state.place_why) == (place, why)


UNTIL_NOON = at(TUESDAY, 12)
MEETING = (hours(9.5, 10.5),)


@pytest.mark.parametrize(
    ("facts", "avail", "why"),
    [
        (Facts(hours=(DAY,)), Avail.OFFLINE, Why.ACTIVITY),
        (Facts(hours=(DAY,), connected="active"), Avail.AVAILABLE, Why.ACTIVITY),
        (Facts(hours=(DAY,), connected="idle"), Avail.AWAY, Why.ACTIVITY),
        (Facts(connected="active"), Avail.AVAILABLE, Why.ACTIVITY),  # who works late is there
        (Facts(), Avail.OFFLINE, Why.HOURS),
        (Facts(hours=(hours(7.5, 9),)), Avail.OFFLINE, Why.HOURS),
        (Facts(hours=(DAY,), desks=(desk(8, 16, here=True),)), Avail.AWAY, Why.CHECK_IN),
        (Facts(hours=(DAY,), desks=(desk(8, 16),)), Avail.OFFLINE, Why.ACTIVITY),
        (Facts(desks=(desk(8, 16, here=True),)), Avail.OFFLINE, Why.HOURS),
        (Facts(hours=(DAY,), meetings=MEETING), Avail.MEETING, Why.MEETING),
        (Facts(hours=(DAY,), meetings=MEETING, connected="active"), Avail.MEETING, Why.MEETING),
        (Facts(hours=(DAY,), meetings=(hours(9, 10),), connected="active"), Avail.AVAILABLE, Why.ACTIVITY),
        (Facts(meetings=MEETING, override=Override(UNTIL_NOON, Avail.AVAILABLE)), Avail.AVAILABLE, Why.OVERRIDE),
        (Facts(override=Override(UNTIL_NOON, Avail.DND), connected="active"), Avail.DND, Why.OVERRIDE),
        (Facts(override=Override(UNTIL_NOON, Avail.DND), connected="idle"), Avail.DND, Why.OVERRIDE),
        (Facts(override=Override(NOW, Avail.DND), connected="active"), Avail.AVAILABLE, Why.ACTIVITY),
        (Facts(parts=(Part(DAY, Kind.LEAVE),), connected="active"), Avail.OFFLINE, Why.SCHEDULE),
        (
            Facts(parts=(Part(DAY, Kind.LEAVE),), override=Override(UNTIL_NOON, Avail.AVAILABLE)),
            Avail.OFFLINE,
            Why.SCHEDULE,
        ),
    ],
)
def test_the_strongest_fact_says_whether_somebody_can_be_reached(facts: Facts, avail: Avail, why: Why):
    state = state_at(NOW, facts)
    assert (state.avail, state.why) == (avail, why)


def test_an_answer_says_until_when_it_holds_and_what_comes_then():
    facts = Facts(hours=(DAY,), parts=(Part(DAY, Kind.HOME),), meetings=(hours(10.5, 11),), connected="active")
    presence, until = derive(NOW, facts)
    assert (presence.state.avail, presence.until, until) == (Avail.AVAILABLE, at(TUESDAY, 10, 30), at(TUESDAY, 10, 30))
    assert presence.next == (Kind.HOME, Avail.MEETING)


def test_what_never_changes_by_itself_has_no_end():
    assert derive(NOW, Facts(connected="active"))[0] == Presence(
        State(Place(Kind.UNKNOWN), Why.NOTHING, Avail.AVAILABLE, Why.ACTIVITY)
    )


def test_a_no_show_is_back_to_the_plan_when_the_desk_is_released():
    facts = Facts(parts=(Part(DAY, Kind.SITE, IKN),), desks=(desk(8, 10.25),))
    presence, until = derive(NOW, facts)
    assert presence.state.place == BOOKED
    assert until == at(TUESDAY, 10, 15)
    assert presence.next == (Kind.SITE, Avail.OFFLINE)
    assert state_at(until, facts).place == Place(Kind.SITE, IKN)


def test_each_city_has_its_own_morning():
    """At 07.30 WITA it is 06.30 WIB: who is posted in Jakarta isn't expected yet."""
    moment = at(TUESDAY, 7, 30)
    nusantara = Facts(hours=(hours(7.5, 16, WITA),))
    jakarta = Facts(hours=(hours(7.5, 16, WIB),))
    assert state_at(moment, nusantara).why is Why.ACTIVITY
    assert state_at(moment, jakarta).why is Why.HOURS
    assert derive(moment, jakarta)[1] == at(TUESDAY, 7, 30, WIB)


# Minute by minute


MINUTE = timedelta(minutes=1)
START = at(TUESDAY, 20)
"""so that both zones' midnights lie within the minutes looked at"""
LENGTH = 8 * 60


def minutes(low: int = -120, high: int = LENGTH + 120) -> st.SearchStrategy[datetime]:
    return st.integers(low, high).map(lambda n: START + n * MINUTE)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    starts_at = draw(minutes())
    return Span(starts_at, starts_at + draw(st.integers(1, 240)) * MINUTE)


@st.composite
def everything(draw: st.DrawFn) -> Facts:
    many = lambda of, most: st.lists(of, max_size=most).map(tuple)  # noqa: E731
    kinds = st.sampled_from([Kind.SITE, Kind.HOME, Kind.ELSEWHERE, Kind.LEAVE])
    part = st.builds(Part, spans(), kinds, st.sampled_from([IKN, JKT]))
    held = st.builds(Desk, spans(), st.just(IKN), st.just(4), st.integers(1, 3), st.booleans())
    said = st.builds(
        Override,
        minutes(),
        st.sampled_from([None, Avail.AVAILABLE, Avail.MEETING, Avail.DND, Avail.AWAY]),
        st.sampled_from([None, Kind.SITE, Kind.HOME, Kind.ELSEWHERE]),
        st.just(JKT),
    )
    return Facts(
        draw(many(spans(), 2)),
        draw(many(part, 3)),
        draw(many(held, 2)),
        draw(many(spans(), 2)),
        draw(st.none() | said),
        draw(st.sampled_from([None, "idle", "active"])),
    )


def by_hand(t: datetime, facts: Facts) -> tuple[Place, Avail]:
    """The table of the design, written out once more."""
    inside = lambda span: span.starts_at <= t < span.ends_at  # noqa: E731
    said = facts.override if facts.override is not None and facts.override.until > t else None
    sitting = sorted(
        (one for one in facts.desks if inside(one.span)), key=lambda one: (one.span.starts_at, one.desk_id)
    )
    arrived = [one for one in sitting if one.here]
    plan = [part for part in facts.parts if inside(part.span)]
    if arrived:
        place = Place(Kind.SITE, arrived[0].site_id, arrived[0].floor_id, arrived[0].desk_id, True)
    elif said and said.kind is not None:
        place = Place(said.kind, said.site_id)
    elif sitting:
        place = Place(Kind.SITE, sitting[0].site_id, sitting[0].floor_id, sitting[0].desk_id)
    elif plan:
        place = Place(plan[0].kind, plan[0].site_id)
    else:
        place = Place(Kind.UNKNOWN)
    if plan and plan[0].kind == Kind.LEAVE:
        return place, Avail.OFFLINE
    if said and said.avail is not None:
        return place, said.avail
    if any(map(inside, facts.meetings)):
        return place, Avail.MEETING
    if facts.connected == "active":
        return place, Avail.AVAILABLE
    if facts.connected == "idle":
        return place, Avail.AWAY
    return place, Avail.AWAY if arrived and any(map(inside, facts.hours)) else Avail.OFFLINE


@given(everything())
@settings(max_examples=150)
def test_the_end_of_an_answer_is_the_first_minute_at_which_it_changes(facts: Facts):
    t, end = START, START + LENGTH * MINUTE
    presence, until = derive(t, facts)
    while t < end:
        answer = by_hand(t, facts)
        if until is not None and t >= until:
            assert t == until, "it would have changed before"
            before = presence
            presence, until = derive(t, facts)
            assert before.until == t
            assert before.next == (answer[0].kind, answer[1])
            assert presence.state != before.state
        assert (presence.state.place, presence.state.avail) == answer
        t += MINUTE


@given(everything(), minutes())
def test_there_is_always_an_answer_and_its_end_is_to_come(facts: Facts, moment: datetime):
    presence, until = derive(moment, facts)
    assert presence.until == until
    assert until is None or until > moment
    assert (presence.next is None) == (until is None)


@given(everything(), minutes(), st.sampled_from([Avail.DND, Avail.AVAILABLE, Avail.AWAY]))
def test_what_somebody_says_is_stronger_than_all_but_leave(facts: Facts, moment: datetime, avail: Avail):
    said = replace(facts, override=Override(moment + MINUTE, avail))
    state = state_at(moment, said)
    assert state.avail is avail or state.why is Why.SCHEDULE


# How long one may say it


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(TUESDAY, 10), at(TUESDAY, 16)),
        (at(TUESDAY, 15, 59), at(TUESDAY, 16)),
        (at(TUESDAY, 16), at(TUESDAY, 20)),  # the day is over: four hours
        (at(TUESDAY, 5), at(TUESDAY, 9)),
        (at(TUESDAY, 22), at(date(2026, 11, 25), 0)),  # not past midnight
    ],
)
def test_it_holds_to_the_end_of_the_working_day_at_most(now: datetime, expected: datetime):
    assert last_until(now, (DAY,), at(date(2026, 11, 25), 0)) == expected


# Who sees how much


def test_who_sees_how_much():
    boss, mate, other, stranger, me = (asker(1), asker(3), asker(4, unit_id=8), asker(5, agency_id=9, unit_id=99), 7)
    person = member(me, superior_id=1)
    assert sight(asker(me), person, named=True) is Sight.SELF
    assert sight(boss, person, named=True) is Sight.SUPERIOR
    assert sight(mate, person, named=True) is Sight.TEAM
    assert sight(asker(6, unit_id=8, superior_id=me), person, named=True) is Sight.TEAM
    assert sight(other, person, named=True) is Sight.COARSE
    assert sight(stranger, person, named=True) is Sight.COARSE
    assert sight(stranger, person, named=False) is None
    head = asker(2, unit_id=5, roles=frozenset({Role.HEAD_OF_UNIT}))
    assert sight(head, person, named=True) is Sight.SUPERIOR
    assert sight(replace(head, unit_id=8), person, named=True) is Sight.COARSE
    assert sight(asker(2, unit_id=8, roles=frozenset({Role.HR_OFFICER})), person, named=True) is Sight.COARSE
    assert leads(boss, person)
    assert not leads(mate, person)


def test_only_the_unit_and_those_who_lead_it_see_a_hidden_desk():
    person = member(7, superior_id=1)
    assert may_see_desk(asker(7), person)
    assert may_see_desk(asker(1, unit_id=4), person)
    assert may_see_desk(asker(3), person)
    assert not may_see_desk(asker(6, unit_id=8, superior_id=7), person)


@given(everything(), minutes(), st.sampled_from(list(Sight)), st.booleans())
def test_nobody_sees_more_than_they_may(facts: Facts, moment: datetime, seen_by: Sight, hides: bool):
    answer, _ = derive(moment, facts)
    seen = shown(answer, seen_by, hides_desk=hides)
    place = seen.state.place
    assert seen.state.avail is answer.state.avail
    if seen_by is Sight.SELF:
        assert seen == answer
        return
    if seen_by is Sight.COARSE or hides:
        assert (place.floor_id, place.desk_id) == (None, None)
    if seen_by is Sight.COARSE:
        assert place.kind in (Kind.SITE, Kind.ELSEWHERE, Kind.UNKNOWN)
        assert seen.state.why in (Why.MEETING, Why.NOTHING)
        assert seen.next is None or seen.next[0] in (Kind.SITE, Kind.ELSEWHERE, Kind.UNKNOWN)
    if seen_by is not Sight.SUPERIOR:
        assert place.kind is not Kind.LEAVE
        assert seen.next is None or seen.next[0] is not Kind.LEAVE
        assert (seen.state.avail, seen.state.why) != (Avail.OFFLINE, Why.SCHEDULE)


def test_leave_looks_to_colleagues_as_if_nothing_were_known():
    on_leave, _ = derive(NOW, Facts(hours=(DAY,), parts=(Part(DAY, Kind.LEAVE),)))
    seen = shown(on_leave, Sight.TEAM)
    nothing, _ = derive(NOW, Facts(hours=(DAY,)))
    assert seen.state == shown(nothing, Sight.TEAM).state
    assert shown(on_leave, Sight.SUPERIOR).state.place.kind is Kind.LEAVE


@pytest.mark.parametrize("connected", [None, "active"])
@pytest.mark.parametrize("leave", [hours(8, 12), hours(12, 16), hours(0, 24)])
@pytest.mark.parametrize("now", [at(TUESDAY, 9), at(TUESDAY, 12), at(TUESDAY, 15)])
def test_neither_until_when_nor_what_comes_next_tells_colleagues_of_leave(now, leave, connected):
    facts = Facts(hours=(hours(8, 16),), parts=(Part(leave, Kind.LEAVE),), connected=connected)
    there = None if leave.holds(now) else connected  # while it lasts they are offline
    nothing = answer(now, Facts(hours=(hours(8, 16),), connected=there))
    for theirs in (Sight.COARSE, Sight.TEAM):
        assert answer(now, facts).seen(theirs) == nothing.seen(theirs)
    assert answer(now, facts).until == min(filter(None, (derive(now, facts)[1], nothing.until)), default=None)


def test_members_are_what_people_are():
    assert isinstance(member(7), Member)
    assert NOW.tzinfo is UTC
