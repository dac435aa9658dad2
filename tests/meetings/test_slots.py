"""The slot finder against one that tries everything, and its hours against the table of common time of two cities."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import quarters
from app.meetings.finding import Ground
from app.meetings.slots import (
    FEW,
    FRIDAY_PRAYER,
    Person,
    Preferences,
    Question,
    Room,
    Search,
    Site,
    Why,
    any_of,
    bits,
    end_of_run,
    lasting,
    missing,
)
from app.scheduling.availability import Diary
from app.scheduling.national import DAYS_OFF, HOURS, SEASONS
from app.scheduling.working_time import Calendar
from app.sites import SiteOut
from app.spans import Span

COUNT = 24
masks = st.integers(0, (1 << COUNT) - 1) | st.integers(0, (1 << COUNT) - 1).map(
    lambda mask: mask | mask >> 1 | mask << 1
)
mostly = st.builds(lambda gone: ((1 << COUNT) - 1) & ~gone, st.integers(0, (1 << COUNT) - 1)) | st.builds(
    lambda low, high: ((1 << COUNT) - 1) & ~(((1 << high) - 1) ^ ((1 << min(low, high)) - 1)),
    st.integers(0, COUNT),
    st.integers(0, COUNT),
)


@st.composite
def questions(draw):
    people = []
    for n in range(draw(st.integers(1, 5))):
        places = ((site, draw(masks)) for site in draw(st.sampled_from([(), (1,), (2,), (1, 2)])))
        away = tuple((why, draw(masks)) for why in (Why.LEAVE, Why.BREAK, Why.MEETING))
        people.append(Person(n, n == 0 or draw(st.booleans()), draw(mostly), away, tuple(places)))
    sites = []
    for id in draw(st.sampled_from([(), (1,), (2,), (1, 2)])):
        rooms = [Room(10 * id + n, "", draw(st.integers(1, 4)), draw(mostly)) for n in range(draw(st.integers(0, 4)))]
        sites.append(Site(id, tuple(rooms), draw(st.none() | st.integers(1, 4))))
    cores = tuple((id, draw(mostly)) for id in draw(st.sampled_from([(), (1,), (1, 2)])))
    across, late = draw(st.just(0) | masks), draw(st.just(0) | masks)
    return Question(draw(st.integers(1, 5)), draw(mostly), tuple(people), tuple(sites), across, late, cores)


class Oracle:
    """Tries every start and every room, quarter by quarter, with sets and nothing clever."""

    def __init__(self, question, preferences):
        self.asked, self.preferences = question, preferences
        self.open = set(bits(question.open))

    def slots(self, limit):
        found = []
        for rank, starts, rooms in sorted(self.candidates(), key=lambda one: (one[0], one[1])):
            few = len(found) < FEW and self.preferences.incomplete
            required = sum(person.required for person in self.asked.people)
            if rank[0] and not (few and 2 * rank[0] < required):
                continue
            if len(found) < limit and all(abs(starts - other) >= self.asked.quarters for other, *_ in found):
                found.append((starts, rooms, self.missing(starts)))
        return found

    def candidates(self):
        for starts in range(COUNT):
            rooms = [self.room(site, starts) for site in self.asked.sites]
            if self.quarters(starts) <= self.open and None not in rooms:
                yield self.rank(starts), starts, rooms

    def quarters(self, starts):
        return set(range(starts, starts + self.asked.quarters))

    def can(self, person, starts):
        return self.quarters(starts) <= set(bits(person.can))

    def missing(self, starts):
        return [person.id for person in self.asked.people if not self.can(person, starts)]

    def rank(self, starts):
        absent = [person for person in self.asked.people if not self.can(person, starts)]
        soft = sum(bool(self.quarters(starts) & set(bits(mask))) for mask in (self.asked.across, self.asked.late))
        edges = sum(not self.quarters(starts) <= set(bits(core)) for _, core in self.asked.core)
        return (
            sum(person.required for person in absent),
            soft,
            sum(not person.required for person in absent),
            edges,
        )

    def room(self, site, starts):
        seats = site.seats
        if seats is None:
            seats = sum(self.can(person, starts) and self.comes(person, site, starts) for person in self.asked.people)
        fitting = [room for room in site.rooms if room.seats >= seats and self.quarters(starts) <= set(bits(room.free))]
        return min(((room.seats, room.id) for room in fitting), default=None)

    def comes(self, person, site, starts):
        return any(at == site.id and self.quarters(starts) & set(bits(mask)) for at, mask in person.at)


@given(questions(), st.sampled_from([1, 3, 50]), st.booleans())
@settings(max_examples=2000)
def test_it_finds_what_trying_everything_finds(question, limit, incomplete):
    preferences = Preferences(incomplete=incomplete)
    found = Search(question, preferences).slots(limit)
    told = [
        (slot.starts, [(room.seats, room.id) for _, room in slot.rooms], [one.person.id for one in slot.missing])
        for slot in found
    ]
    assert told == Oracle(question, preferences).slots(limit)


@given(questions())
@settings(max_examples=500)
def test_where_all_required_can_start_is_what_trying_everything_finds(question):
    oracle = Oracle(question, Preferences())
    assert set(bits(Search(question, Preferences()).suits())) == {
        starts for rank, starts, _ in oracle.candidates() if not rank[0]
    }


@given(questions())
@settings(max_examples=500)
def test_whoever_is_missing_has_a_reason_that_holds_then(question):
    for slot in Search(question, Preferences()).slots(50):
        for one in slot.missing:
            wanted = set(range(slot.starts, slot.starts + question.quarters))
            lost = wanted - set(bits(one.person.can))
            held = {why: set(bits(mask)) & lost for why, mask in one.person.away}
            assert lost
            assert one.why == next((why for why, quarters in held.items() if quarters), Why.OUTSIDE_HOURS)
            assert one.until > slot.starts
            if one.why in held:
                assert one.until not in set(bits(dict(one.person.away)[one.why]))


@given(masks, st.integers(1, 9))
def test_runs_are_those_of_counting(mask, length):
    held = set(bits(mask))
    runs = {n: set(range(n, n + length)) for n in range(COUNT + 1)}
    assert set(bits(lasting(mask, length))) == {n for n, run in runs.items() if run <= held}
    assert set(bits(any_of(mask, length))) == {n for n, run in runs.items() if run & held}
    for quarter in held:
        assert end_of_run(mask, quarter) == next(n for n in range(quarter, COUNT + 2) if n not in held)


# Ranks


def person(id, *away, required=True, why=Why.MEETING):
    gone = sum(1 << n for n in away)
    return Person(id, required, (1 << COUNT) - 1 & ~gone, ((why, gone),), ((1, (1 << COUNT) - 1),))


def asked(*people, quarters=1, open_=range(3), **more):
    return Question(quarters, sum(1 << n for n in open_), people, **more)


def starts(question, **preferences):
    return [slot.starts for slot in Search(question, Preferences(**preferences)).slots(10)]


def codes(question):
    return [{reason.code for reason in slot.reasons} for slot in Search(question, Preferences()).slots(10)]


def test_the_earliest_goes_first_where_all_is_equal():
    assert starts(asked(person(1), person(2))) == [0, 1, 2]


def test_required_people_weigh_more_than_wishes_and_these_more_than_optional_people():
    people = (person(1), person(2, 2), person(3), person(4, 0, required=False))
    assert starts(asked(*people, across=0b10)) == [0, 1, 2]
    assert codes(asked(*people, across=0b10)) == [
        {"all-required", "optional-missing"},
        {"all-required", "all-optional", "across-asar"},
        {"required-missing", "all-optional"},
    ]


def test_the_edge_of_the_day_is_better_left_alone():
    assert starts(asked(person(1), core=((1, 0b110), (2, 0b011)))) == [1, 0, 2]
    assert codes(asked(person(1), core=((1, 0b110), (2, 0b011))))[1] == {"all-required", "edge-of-day"}


def test_times_some_required_people_have_not_are_proposed_only_where_there_are_few_others():
    people = (person(1), person(2), person(3, *range(4)))
    assert starts(asked(*people, open_=range(10))) == [4, 5, 6, 7, 8, 9]
    assert starts(asked(*people, open_=range(7))) == [4, 5, 6, 0, 1]
    assert starts(asked(*people, open_=range(7)), incomplete=False) == [4, 5, 6]
    assert starts(asked(*people[:1], people[2], open_=range(7))) == [4, 5, 6]  # half of two are not most


def test_no_two_slots_share_time():
    assert starts(asked(person(1), quarters=2, open_=range(7))) == [0, 2, 4]


def test_the_smallest_room_that_seats_those_who_come():
    rooms = (Room(1, "A", 8, 0b111), Room(2, "B", 2, 0b001), Room(3, "C", 4, 0b011), Room(4, "D", 4, 0b011))
    people = (person(1), person(2), person(3, 1, required=False))
    found = Search(asked(*people, sites=(Site(1, rooms),)), Preferences()).slots(10)
    assert {slot.starts: slot.rooms[0][1].name for slot in found} == {0: "C", 1: "C", 2: "A"}
    found = Search(asked(*people, sites=(Site(1, rooms, 5),)), Preferences()).slots(10)
    assert {slot.starts: slot.rooms[0][1].name for slot in found} == dict.fromkeys(range(3), "A")
    assert starts(asked(*people, sites=(Site(1, rooms, 9),))) == []


def test_who_is_not_at_a_site_with_a_room_joins_by_link():
    far = Person(2, True, 0b111, (), ((2, 0b111),))
    home = Person(3, True, 0b111)
    question = asked(person(1), far, home, sites=(Site(1, (Room(1, "A", 1, 0b111),)),))
    (slot, *_) = Search(question, Preferences()).slots(1)
    assert slot.by_link == (2, 3)
    assert [(reason.code, reason.count) for reason in slot.reasons] == [("all-required", 3), ("by-link", 2)]


def test_the_strongest_reason_is_told_until_it_ends():
    both = Person(1, True, 0, ((Why.LEAVE, 0b1100), (Why.MEETING, 0b0111)))
    assert [(one.why, one.until) for one in missing([both], 0, 2)] == [(Why.MEETING, 3)]
    assert [(one.why, one.until) for one in missing([both], 1, 2)] == [(Why.LEAVE, 4)]


# Hours

ZONES = {1: "Asia/Makassar", 2: "Asia/Jakarta"}
KNOWN = {id: SiteOut(id, zone, zone, zone, "") for id, zone in ZONES.items()}
NATIONAL = Calendar(DAYS_OFF, SEASONS, HOURS)


def ground(on, *, preferences=None, sites=(1, 2)):
    """The grid of a date in Nusantara, and the hours of the sites on it."""
    preferences = preferences or Preferences()
    midnight = datetime.combine(on, time(), UTC) - timedelta(hours=8)
    grid = quarters.grid(Span(midnight, midnight + timedelta(days=1)))
    diary = Diary(NATIONAL, grid, KNOWN, friday=FRIDAY_PRAYER if preferences.friday_prayer else None)
    return grid, Ground(diary, grid, preferences, 7, dict.fromkeys(sites, grid.full))


def stretches(grid, mask):
    """Runs of a mask as texts of their UTC times."""
    found = []
    while mask:
        starts = next(bits(mask))
        ends = end_of_run(mask, starts)
        found.append(f"{grid.at(starts):%H:%M}-{grid.at(ends):%H:%M}")
        mask &= ~((1 << ends) - 1)
    return found


@pytest.mark.parametrize("friday_prayer", [True, False])
@pytest.mark.parametrize(("on", "common"), [
    (date(2026, 11, 23), ["00:30-04:00", "06:00-08:00"]),
    (date(2026, 11, 26), ["00:30-04:00", "06:00-08:00"]),
    (date(2026, 11, 27), ["00:30-03:30", "06:00-08:30"]),
    (date(2026, 3, 2), ["01:00-04:00", "04:30-05:00", "05:30-07:00"]),
    (date(2026, 3, 6), ["01:00-03:30", "05:30-07:30"]),
    (date(2026, 3, 20), []),  # collective leave
    (date(2026, 11, 28), []),
])  # fmt: skip
def test_slots_lie_in_the_time_two_cities_have_in_common(on, common, friday_prayer):
    grid, found = ground(on, preferences=Preferences(friday_prayer=friday_prayer))
    assert stretches(grid, found.open()) == common


@pytest.mark.parametrize(("sites", "late"), [
    ((1,), "07:00-16:00"), ((2,), "08:00-16:00"), ((1, 2), "07:00-16:00"),
])  # fmt: skip
def test_in_ramadan_meetings_are_better_over_by_three_at_each_site(sites, late):
    grid, found = ground(date(2026, 3, 6), sites=sites)
    assert stretches(grid, found.late())[-1] == late
    assert ground(date(2026, 3, 6), preferences=Preferences(ramadan_until=None))[1].late() == 0
    assert ground(date(2026, 11, 27))[1].late() == 0


def test_asar_counts_for_long_meetings_only():
    grid, found = ground(date(2026, 11, 24))
    assert found.across(120) == 0
    assert stretches(grid, found.across(135)) == ["07:00-08:30"]  # 15.05-15.49 WITA and 14.41-15.28 WIB
    grid, found = ground(date(2026, 11, 24), sites=(1,))
    assert stretches(grid, found.across(135)) == ["07:00-08:00"]
    assert ground(date(2026, 11, 24), preferences=Preferences(asar_minutes=None))[1].across(480) == 0


def test_masks_never_promise_more_than_there_is():
    grid = quarters.grid(Span(datetime(2026, 11, 24, 1, 7, tzinfo=UTC), datetime(2026, 11, 24, 3, 5, tzinfo=UTC)))
    assert (grid.at(0), grid.count) == (datetime(2026, 11, 24, 1, 15, tzinfo=UTC), 7)
    odd = Span(datetime(2026, 11, 24, 1, 20, tzinfo=UTC), datetime(2026, 11, 24, 2, 10, tzinfo=UTC))
    assert list(bits(grid.within([odd]))) == [1, 2]
    assert list(bits(grid.touching([odd]))) == [0, 1, 2, 3]
    seconds = (int(odd.starts_at.timestamp()), int(odd.ends_at.timestamp()))
    assert grid.held([(1, *seconds)]) == {1: grid.touching([odd])}
    assert list(bits(grid.held([(1, *seconds), (2, *seconds)], {1: 0, 2: 600})[2])) == [0, 1, 2, 3, 4]
