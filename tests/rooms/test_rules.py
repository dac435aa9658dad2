"""What the office says about a wish for a desk, rule by rule, without a database."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from app.rooms import rules
from app.rooms.rules import (
    AllotmentRow,
    ClosureRow,
    DayOffRow,
    Hindrance,
    House,
    HouseRules,
    Pick,
    Place,
    RuleRow,
    Seeker,
    Spot,
)
from app.spans import Span

WITA, WIB = "Asia/Makassar", "Asia/Jakarta"
TUESDAY = date(2026, 11, 24)
SATURDAY = date(2026, 11, 28)
SITE, FLOOR, AREA, DESK = 1, 10, 100, 1000
OURS, THEIRS = 7, 8
SINCE = date(2026, 1, 1)
NOW = clock.instant_of(TUESDAY, 9 * 60, WITA)

desk = Place(DESK, "desk", "A-01", FLOOR, AREA, SITE, WITA)
we = Seeker(1, OURS, "/1/5/")


def hours(starts, ends, on=TUESDAY, zone=WITA):
    """The span from one hour of the local day to another; past 24 it goes on into the next."""
    return Span(*(clock.instant_of(on, round(hour * 60), zone) for hour in (starts, ends)))


def row(basis="", *, floor=None, agency=None, weekday=None, since=SINCE, until=None, **settings):
    return RuleRow(since, until, floor, agency, weekday, basis, settings)


def hindrance(wanted, place=desk, seeker=we, house=None, *, taken=(), own=(), now=NOW):
    answer = rules.refusal(wanted, place, seeker, house or House(), taken=taken, own_desks=own, now=now)
    return answer and answer.hindrance


# Each hindrance


@pytest.mark.parametrize(("wanted", "expected"), [
    (hours(7, 8), Hindrance.PAST),
    (hours(7, 9), Hindrance.PAST),  # over at this very moment
    (hours(7, 9.5), None),  # begun, not over
    (hours(10, 12), None),
])  # fmt: skip
def test_what_is_over_cannot_be_booked_and_what_has_begun_can(wanted, expected):
    assert hindrance(wanted) == expected


def test_a_place_that_is_not_offered_cannot_be_booked():
    musala = Place(DESK, "room", "Musala", FLOOR, None, SITE, WITA, offered=False)
    assert hindrance(hours(10, 11), musala) is Hindrance.NOT_OFFERED


@pytest.mark.parametrize(("days", "expected"), [(0, None), (13, None), (14, None), (15, Hindrance.TOO_FAR_AHEAD)])
def test_the_horizon_counts_local_dates(days, expected):
    house = House([row(horizon_days=14, open_weekdays="1234567")])
    assert hindrance(hours(10, 11, TUESDAY + timedelta(days=days)), house=house) == expected


def test_the_horizon_moves_at_the_midnight_of_the_place():
    house = House([row(horizon_days=1, open_weekdays="1234567", opens=0, closes=1440)])
    day_after_tomorrow = hours(10, 11, TUESDAY + timedelta(days=2))
    midnight = clock.instant_of(TUESDAY + timedelta(days=1), 0, WITA)
    assert hindrance(day_after_tomorrow, house=house, now=midnight - timedelta(seconds=1)) is Hindrance.TOO_FAR_AHEAD
    assert hindrance(day_after_tomorrow, house=house, now=midnight) is None


@pytest.mark.parametrize(("length", "expected"), [(2, None), (2.25, Hindrance.TOO_LONG)])
def test_one_booking_has_a_longest_length(length, expected):
    assert hindrance(hours(10, 10 + length), house=House([row(longest_minutes=120)])) == expected


@pytest.mark.parametrize(("on", "site", "expected"), [
    (TUESDAY, None, Hindrance.DAY_OFF),
    (TUESDAY, SITE, Hindrance.DAY_OFF),
    (TUESDAY, SITE + 1, None),  # another site's own day
    (TUESDAY + timedelta(days=1), None, None),
])  # fmt: skip
def test_nobody_books_on_a_day_off(on, site, expected):
    house = House(days_off=[DayOffRow(site, on, "Hari Raya", "Feast", "SKB")])
    assert hindrance(hours(10, 11), house=house) == expected


def test_a_day_off_is_refused_with_its_name_and_basis():
    house = House(days_off=[DayOffRow(None, TUESDAY, "Hari Raya", "Feast", "SKB 3 Menteri")])
    answer = rules.refusal(hours(10, 11), desk, we, house, now=NOW)
    assert (answer.basis, answer.facts) == ("SKB 3 Menteri", {"on": TUESDAY, "name": "Hari Raya", "name_en": "Feast"})


@pytest.mark.parametrize(("weekdays", "expected"), [("12345", Hindrance.DAY_OFF), ("123456", None), ("6", None)])
def test_weekends_are_off_unless_the_rules_open_them(weekdays, expected):
    assert hindrance(hours(10, 11, SATURDAY), house=House([row(open_weekdays=weekdays)])) == expected


@pytest.mark.parametrize(("starts", "ends", "expected"), [
    (6, 8, None),  # from the very opening
    (18, 20, None),  # to the very closing
    (5.75, 8, Hindrance.OUTSIDE_HOURS),
    (18, 20.25, Hindrance.OUTSIDE_HOURS),
    (22, 23, Hindrance.OUTSIDE_HOURS),
    (18, 30, Hindrance.OUTSIDE_HOURS),  # through the night
])  # fmt: skip
def test_bookings_keep_to_the_opening_hours(starts, ends, expected):
    house = House([row(longest_minutes=1440)])
    assert hindrance(hours(starts, ends, TUESDAY + timedelta(days=1)), house=house) == expected


def test_where_the_doors_never_close_a_booking_may_pass_midnight():
    house = House([row(opens=0, closes=1440)])
    assert hindrance(hours(23, 25), house=house) is None


def test_each_day_of_a_long_booking_is_looked_at():
    house = House([row(opens=0, closes=1440)], days_off=[DayOffRow(None, TUESDAY + timedelta(days=1), "Libur", "", "")])
    assert hindrance(hours(23, 25), house=house) is Hindrance.DAY_OFF
    assert hindrance(hours(23, 24), house=house) is None


@pytest.mark.parametrize("what", ["site_id", "floor_id", "area_id", "space_id"])
@pytest.mark.parametrize(("closed", "expected"), [
    (hours(8, 10), None),  # over as ours starts
    (hours(9, 10.25), Hindrance.CLOSED),
    (hours(10.5, 10.75), Hindrance.CLOSED),
    (hours(11, 12), None),  # begins as ours ends
])  # fmt: skip
def test_a_closure_holds_for_what_it_names_and_up_to_its_edges(what, closed, expected):
    ids = {"site_id": SITE, "floor_id": FLOOR, "area_id": AREA, "space_id": DESK}
    here = {name: ids[what] if name == what else None for name in ids}
    elsewhere = {name: ids[what] + 1 if name == what else None for name in ids}
    assert hindrance(hours(10, 11), house=House(closures=[ClosureRow(**here, span=closed, reason="cat")])) == expected
    assert hindrance(hours(10, 11), house=House(closures=[ClosureRow(**elsewhere, span=closed, reason="cat")])) is None


@pytest.mark.parametrize(("rows", "expected"), [
    ([], None),
    ([(OURS, None, SINCE, None)], None),
    ([(THEIRS, None, SINCE, None)], Hindrance.NOT_ALLOTTED),
    ([(THEIRS, None, SINCE, None), (OURS, None, SINCE, None)], None),
    ([(OURS, 5, SINCE, None)], None),  # our own unit
    ([(OURS, 1, SINCE, None)], None),  # the unit above ours
    ([(OURS, 6, SINCE, None)], Hindrance.NOT_ALLOTTED),
    ([(THEIRS, 5, SINCE, None)], Hindrance.NOT_ALLOTTED),
    ([(THEIRS, None, SINCE, TUESDAY)], Hindrance.NOT_ALLOTTED),  # the last day is included
    ([(THEIRS, None, SINCE, TUESDAY - timedelta(days=1))], None),
    ([(THEIRS, None, TUESDAY + timedelta(days=1), None)], None),
])  # fmt: skip
def test_an_area_is_for_those_it_is_allotted_to(rows, expected):
    house = House(allotments=[AllotmentRow(AREA, *each) for each in rows])
    assert hindrance(hours(10, 11), house=house) == expected


def test_a_place_outside_all_areas_is_allotted_to_nobody():
    house = House(allotments=[AllotmentRow(AREA, THEIRS, None, SINCE, None)])
    room = Place(DESK, "room", "Mahakam", FLOOR, None, SITE, WITA)
    assert hindrance(hours(10, 11), room, house=house) is None


@pytest.mark.parametrize(("taken", "expected"), [
    (hours(9, 10), None),  # ends as ours starts
    (hours(9, 10.25), Hindrance.TAKEN),
    (hours(10.5, 10.75), Hindrance.TAKEN),
    (hours(9, 13), Hindrance.TAKEN),
    (hours(12, 13), None),  # starts as ours ends
])  # fmt: skip
def test_a_desk_is_free_up_to_the_edges_of_other_bookings(taken, expected):
    assert hindrance(hours(10, 12), taken=[taken]) == expected


def test_one_person_has_one_desk_but_may_have_a_room_besides():
    room = Place(DESK, "room", "Mahakam", FLOOR, None, SITE, WITA)
    assert hindrance(hours(10, 12), own=[hours(11, 13)]) is Hindrance.HAS_DESK
    assert hindrance(hours(10, 12), own=[hours(12, 13)]) is None
    assert hindrance(hours(10, 12), room, own=[hours(11, 13)]) is None


def test_hindrances_are_looked_at_in_their_order():
    """Each wish below is hindered by everything that comes later in the list as well."""
    night = hours(22, 23, SATURDAY)
    house = House(
        [row(horizon_days=1, longest_minutes=30)],
        [AllotmentRow(AREA, THEIRS, None, SINCE, None)],
        [ClosureRow(SITE, None, None, None, hours(0, 240), "renovasi")],
    )
    everything = {"house": house, "taken": [night], "own": [night]}
    assert hindrance(night, **everything, now=night.ends_at) is Hindrance.PAST
    assert hindrance(night, Place(1, "desk", "", FLOOR, AREA, SITE, WITA, False), **everything) is Hindrance.NOT_OFFERED
    assert hindrance(night, **everything) is Hindrance.TOO_FAR_AHEAD
    soon = NOW + timedelta(days=4)
    assert hindrance(night, **everything, now=soon) is Hindrance.TOO_LONG
    house = House(
        [row()], [AllotmentRow(AREA, THEIRS, None, SINCE, None)], [ClosureRow(SITE, None, None, None, night, "")]
    )
    everything["house"] = house
    assert hindrance(night, **everything) is Hindrance.DAY_OFF
    late = hours(22, 23)
    assert hindrance(late, house=house, taken=[late], own=[late]) is Hindrance.OUTSIDE_HOURS
    noon = hours(12, 13)
    closed = [ClosureRow(SITE, None, None, None, noon, "")]
    assert hindrance(noon, house=House((), house_allots(), closed), taken=[noon]) is Hindrance.CLOSED
    assert hindrance(noon, house=House((), house_allots()), taken=[noon]) is Hindrance.NOT_ALLOTTED
    assert hindrance(noon, taken=[noon], own=[noon]) is Hindrance.TAKEN


def house_allots():
    return [AllotmentRow(AREA, THEIRS, None, SINCE, None)]


# Which row of the rules counts


FRIDAY = date(2026, 11, 27)
LATER = date(2026, 6, 1)


@pytest.mark.parametrize(("stronger", "weaker"), [
    (row("s", floor=FLOOR, horizon_days=1), row("w", agency=OURS, horizon_days=2)),
    (row("s", agency=OURS, horizon_days=1), row("w", horizon_days=2)),
    (row("s", floor=FLOOR, horizon_days=1), row("w", horizon_days=2)),
    (row("s", weekday=5, horizon_days=1), row("w", since=LATER, horizon_days=2)),
    (row("s", floor=FLOOR, horizon_days=1), row("w", agency=OURS, weekday=5, since=LATER, horizon_days=2)),
    (row("s", since=LATER, horizon_days=1), row("w", horizon_days=2)),
])  # fmt: skip
def test_the_more_specific_row_wins_whatever_the_order(stronger, weaker):
    for rows in permutations([stronger, weaker]):
        house = House(rows)
        assert house.rules(FLOOR, OURS, FRIDAY).horizon_days == 1
        assert house.basis(FLOOR, OURS, FRIDAY, "horizon_days") == "s"


@pytest.mark.parametrize("other", [
    row(floor=FLOOR + 1, horizon_days=1),
    row(agency=THEIRS, horizon_days=1),
    row(weekday=4, horizon_days=1),
    row(since=FRIDAY + timedelta(days=1), horizon_days=1),
    row(until=FRIDAY - timedelta(days=1), horizon_days=1),
])  # fmt: skip
def test_a_row_for_others_or_other_days_says_nothing(other):
    assert House([other]).rules(FLOOR, OURS, FRIDAY) == HouseRules()


def test_a_row_holds_on_its_first_and_its_last_day():
    house = House([row(since=TUESDAY, until=FRIDAY, horizon_days=1)])
    days = [TUESDAY - timedelta(days=1), TUESDAY, FRIDAY, FRIDAY + timedelta(days=1)]
    assert [house.rules(FLOOR, OURS, on).horizon_days for on in days] == [30, 1, 1, 30]


def test_rows_complete_one_another_setting_by_setting():
    house = House([row("wide", opens=420, closes=1140), row("floor", floor=FLOOR, closes=1080)])
    assert (house.rules(FLOOR, OURS, FRIDAY).opens, house.rules(FLOOR, OURS, FRIDAY).closes) == (420, 1080)
    assert house.basis(FLOOR, OURS, FRIDAY, "opens") == "wide"
    assert house.basis(FLOOR, OURS, FRIDAY, "closes") == "floor"


# The clock


@pytest.mark.parametrize(("starts", "now", "expected"), [
    (8, 7, 10),  # two hours after its start
    (8, 9, 11),  # made an hour late: two hours from then
    (15, 9, 16),  # never after its end
])  # fmt: skip
def test_a_desk_waits_for_its_check_in_but_not_longer_than_its_booking(starts, now, expected):
    at = rules.release_at(hours(starts, 16), HouseRules(), now=hours(now, 24).starts_at)
    assert at == hours(expected, 24).starts_at


def test_check_in_opens_an_hour_before():
    assert rules.check_in_opens_at(hours(8, 9).starts_at, HouseRules()) == hours(7, 9).starts_at
    early = HouseRules(check_in_from_minutes=0)
    assert rules.check_in_opens_at(hours(8, 9).starts_at, early) == hours(8, 9).starts_at


@pytest.mark.parametrize(("zone", "offset"), [(WITA, 8), (WIB, 7)])
def test_the_parts_of_a_day_are_read_on_the_wall_of_the_place(zone, offset):
    parts = rules.day_parts(TUESDAY, HouseRules(), zone)
    whole = datetime(2026, 11, 24, 7, 30, tzinfo=UTC) - timedelta(hours=offset)
    assert parts["day"] == Span(whole, whole + timedelta(hours=8.5))
    assert parts["am"].ends_at == whole + timedelta(hours=4.5)
    assert parts["pm"] == Span(whole + timedelta(hours=5.5), whole + timedelta(hours=8.5))


def test_half_past_eleven_at_night_in_jakarta_is_the_next_day_in_nusantara():
    late = hours(23.5, 24, zone=WIB)
    assert rules.local_days(late, WIB) == [TUESDAY]
    assert rules.local_days(late, WITA) == [TUESDAY + timedelta(days=1)]
    open_all_night = House([row(opens=0, closes=1440)])
    off = House([row(opens=0, closes=1440)], days_off=[DayOffRow(None, TUESDAY + timedelta(days=1), "Libur", "", "")])
    jakarta = Place(DESK, "desk", "A-01", FLOOR, AREA, SITE, WIB)
    assert hindrance(late, jakarta, house=open_all_night) is None
    assert hindrance(late, jakarta, house=off) is None  # the day off begins an hour later there
    assert hindrance(late, desk, house=off) is Hindrance.DAY_OFF


@given(
    st.dates(date(2001, 1, 1), date(2090, 1, 1)), st.integers(0, 1440), st.sampled_from([WITA, WIB, "Asia/Jayapura"])
)
def test_our_zones_know_no_summer_time(on, minute, zone):
    instant = clock.instant_of(on, minute, zone)
    assert instant == clock.instant_of(on, 0, zone) + timedelta(minutes=minute)
    assert clock.minute_of(instant, zone) == minute % 1440
    assert clock.local_date(instant, zone) == on + timedelta(days=minute // 1440)


# Whatever the spans


spans = st.builds(
    lambda start, length: Span(NOW + timedelta(minutes=start), NOW + timedelta(minutes=start + length)),
    st.integers(-3000, 3000),
    st.integers(1, 3000),
)


@given(spans, spans)
def test_overlap_is_mutual_and_means_a_common_instant(one, other):
    assert one.overlaps(other) == other.overlaps(one)
    common = max(one.starts_at, other.starts_at)
    assert one.overlaps(other) == (one.holds(common) and other.holds(common))


@given(spans, st.lists(spans, max_size=5))
def test_a_place_is_taken_exactly_where_a_booking_overlaps(wanted, bookings):
    house = House([row(opens=0, closes=1440, longest_minutes=44640, open_weekdays="1234567")])
    before = wanted.starts_at - timedelta(minutes=1)
    expected = Hindrance.TAKEN if any(wanted.overlaps(other) for other in bookings) else None
    assert hindrance(wanted, house=house, taken=bookings, now=before) == expected


@given(spans, spans)
def test_a_booking_inside_an_allowed_one_is_allowed(outer, inner):
    if outer.covers(inner) and hindrance(outer) is None and inner.ends_at > NOW:
        assert hindrance(inner) is None


@given(st.lists(spans, min_size=2, max_size=8))
def test_those_who_book_one_after_another_never_overlap(wishes):
    house = House([row(opens=0, closes=1440, longest_minutes=44640, open_weekdays="1234567", horizon_days=400)])
    granted = []
    for wish in wishes:
        if hindrance(wish, house=house, taken=granted) is None:
            granted.append(wish)
    assert not any(one.overlaps(other) for n, one in enumerate(granted) for other in granted[:n])


@pytest.mark.parametrize("ends", [NOW, NOW - timedelta(hours=1)])
def test_an_empty_or_backwards_span_cannot_be_made(ends):
    with pytest.raises(ValueError, match="must start before it ends"):
        Span(NOW, ends)


def test_a_span_without_zone_cannot_be_made():
    with pytest.raises(ValueError, match="with a zone"):
        Span(datetime(2026, 11, 24), datetime(2026, 11, 25))


# A desk near the team


def spot(id, x, y=0, *, floor=FLOOR, window=False):
    return Spot(id, floor, x, y, AREA, frozenset({"window"} if window else ()))


@pytest.mark.parametrize(("free", "mates", "expected"), [
    ([], [spot(9, 0)], None),
    ([spot(1, 0), spot(2, 50)], [], (1, 0)),
    ([spot(1, 0), spot(2, 50, window=True)], [], (2, 0)),  # alone: by the window
    ([spot(1, 400), spot(2, 100)], [spot(9, 0)], (2, 1)),
    ([spot(1, 100), spot(2, 500)], [spot(7, 450), spot(8, 520), spot(9, 0)], (2, 2)),  # most mates near
    ([spot(1, 100), spot(2, 100, window=True)], [spot(9, 0)], (2, 1)),  # the window breaks the tie
    ([spot(1, 0, floor=FLOOR + 1), spot(2, 900)], [spot(9, 0)], (2, 0)),  # another floor is far away
])  # fmt: skip
def test_the_desk_with_most_team_mates_near_is_picked(free, mates, expected):
    pick = rules.pick_near(free, mates)
    assert (pick and (pick.spot.id, pick.mates_near)) == expected


places = st.lists(st.builds(spot, st.integers(1, 10**6), st.integers(0, 1200), st.integers(0, 700)), max_size=8)


@given(places, places)
def test_no_free_desk_has_more_mates_near_than_the_one_picked(free, mates):
    pick = rules.pick_near(free, mates)
    if not free:
        assert pick is None
        return
    assert isinstance(pick, Pick)
    assert pick.spot in free
    near = [sum(abs(one.x - m.x) + abs(one.y - m.y) <= rules.NEAR for m in mates) for one in free]
    assert pick.mates_near == max(near)
