"""Working days to the minute, in three zones, in and out of Ramadan; whose hours hold when several rows would."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from app.scheduling.national import DAYS_OFF, HOURS, RAMADAN, SEASONS
from app.scheduling.working_time import (
    Calendar,
    Day,
    DayKind,
    DayOff,
    Hours,
    Season,
    Whose,
    hours_that_hold,
    minutes,
)
from app.spans import Span

WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
ZONES = {WIB: 7, WITA: 8, WIT: 9}
MONDAY, FRIDAY, SATURDAY = date(2026, 11, 23), date(2026, 11, 27), date(2026, 11, 28)
FASTING = date(2026, 3, 2)  # the Monday of a week in Ramadan
SINCE = date(2026, 1, 1)
NUSANTARA, JAKARTA = 1, 2
AGENCY, ROOT, UNIT, TEAM, PERSON = 7, 1, 5, 9, 1000
me = Whose(NUSANTARA, AGENCY, f"/{ROOT}/{UNIT}/{TEAM}/", PERSON)
anybody = Whose(NUSANTARA)
NIGHT = {"rest": (26, 27), "kind": "shift", "unit_id": TEAM}
national = Calendar(DAYS_OFF, SEASONS, HOURS)


def at(hour):
    """Minutes since midnight, of hours as they are said: 7.30 is half past seven."""
    return int(hour) * 60 + round(hour % 1 * 100)


def row(starts, ends, weekdays="12345", *, rest=(12, 13), since=SINCE, **facts):
    return Hours(weekdays, at(starts), at(rest[0]), at(rest[1]), at(ends), since, **facts)


def utc(on, *edges):
    """Spans from their edges, each "HH:MM" in UTC of a date."""
    moments = [datetime.combine(on, time.fromisoformat(edge), UTC) for edge in edges]
    return tuple(Span(*pair) for pair in zip(moments[::2], moments[1::2], strict=True))


def day(on, whose=anybody, zone=WITA, calendar=national):
    return calendar.day(on, whose, zone)


def hours(rows, on=MONDAY, whose=me, *, season=False, days_off=()):
    """Start and end, in local minutes, that hold on a date; None on a day off."""
    seasons = [Season(RAMADAN, on, on, "Uji")] if season else []
    found = Calendar(days_off, seasons, [*HOURS, *rows]).day(on, whose, WITA)
    return (found.starts, found.ends) if found.kind == DayKind.WORKING else None


OFFICE, OFFICE_FRIDAY, RAMADAN_OFFICE = (at(7.30), at(16)), (at(7.30), at(16.30)), (at(8), at(15))


# A day, to the minute


@pytest.mark.parametrize(("on", "starts", "break_starts", "break_ends", "ends", "owed"), [
    (MONDAY, 7.30, 12.00, 13.00, 16.00, 450),
    (FRIDAY, 7.30, 11.30, 13.00, 16.30, 450),
    (FASTING, 8.00, 12.00, 12.30, 15.00, 390),
    (date(2026, 3, 6), 8.00, 11.30, 12.30, 15.30, 390),
])  # fmt: skip
@pytest.mark.parametrize("zone", ZONES)
def test_a_day_at_the_wall_clock_of_its_zone(on, starts, break_starts, break_ends, ends, owed, zone):
    midnight = datetime.combine(on, datetime.min.time(), UTC) - timedelta(hours=ZONES[zone])

    def wall(*hours):
        return Span(*(midnight + timedelta(minutes=at(hour)) for hour in hours))

    found = day(on, zone=zone)
    assert found.kind == DayKind.WORKING
    assert found.spans == (wall(starts, break_starts), wall(break_ends, ends))
    assert found.breaks == (wall(break_starts, break_ends),)
    assert found.minutes_owed == minutes(found.spans) == owed
    local = (found.starts, found.break_starts, found.break_ends, found.ends)
    assert local == tuple(at(hour) for hour in (starts, break_starts, break_ends, ends))
    assert found.basis.startswith("Perpres 21/2023")


W, N, C, H, E = (
    DayKind.WORKING,
    DayKind.NATIONAL_HOLIDAY,
    DayKind.COLLECTIVE_LEAVE,
    DayKind.WEEKEND,
    DayKind.ELECTION,
)
WEEKS = [
    (date(2026, 11, 23), [W, W, W, W, W, H, H], 2250),
    (date(2026, 2, 16), [C, N, W, W, W, H, H], 450 + 390 + 390),  # Ramadan starts on the Thursday
    (date(2026, 3, 2), [W, W, W, W, W, H, H], 1950),
    (date(2026, 3, 16), [W, W, C, N, C, N, N], 780),  # Nyepi, Idulfitri on the Saturday
    (date(2026, 3, 23), [C, C, W, W, W, H, H], 1350),
    (date(2027, 3, 8), [N, C, N, N, C, H, H], 0),  # a whole week off
    (date(2027, 3, 15), [C, W, W, W, W, H, H], 1800),
    (date(2024, 2, 12), [W, W, E, W, W, H, H], 1800),
    (date(2026, 3, 30), [W, W, W, W, N, H, N], 1800),
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("monday", "kinds", "owed"), WEEKS)
def test_a_week(monday, kinds, owed, zone):
    week = national.days(monday, monday + timedelta(days=6), anybody, zone)
    assert [found.on for found in week] == [monday + timedelta(days=n) for n in range(7)]
    assert [found.kind for found in week] == kinds
    assert sum(found.minutes_owed for found in week) == owed
    assert sum(minutes(found.spans) for found in week) == owed


@pytest.mark.parametrize(("on", "season", "starts"), [
    (date(2026, 2, 18), "", 7.30),
    (date(2026, 2, 19), RAMADAN, 8.00),
    (date(2026, 3, 17), RAMADAN, 8.00),
    (date(2026, 3, 25), "", 7.30),
])  # fmt: skip
def test_ramadan_hours_hold_from_its_first_day_to_its_last(on, season, starts):
    assert (day(on).season, day(on).starts) == (season, at(starts))


def test_a_day_off_has_a_name_and_a_basis_and_nothing_else():
    assert day(date(2026, 12, 24)) == Day(
        date(2026, 12, 24),
        C,
        "Cuti bersama Hari Raya Natal",
        "Collective leave: Christmas",
        "SKB 3 Menteri 1497/2025, 2/2025, 5/2025",
    )
    assert day(SATURDAY) == Day(SATURDAY, H)
    assert day(date(2026, 3, 20)).season == RAMADAN  # still fasting


@pytest.mark.parametrize(("on", "state"), [
    (date(2026, 3, 2), "fixed"),
    (date(2027, 2, 9), "estimated"),  # Ramadan awaits its sidang isbat
    (date(2027, 3, 10), "fixed"),
    (date(2028, 2, 28), "estimated"),
    (date(2028, 3, 1), "fixed"),
])  # fmt: skip
def test_what_awaits_its_decree_says_so(on, state):
    assert day(on).state == state


def test_hours_that_a_season_leaves_alone_do_not_await_it():
    calendar = Calendar(seasons=SEASONS, hours=[*HOURS, row(22, 30, **NIGHT)])
    assert calendar.day(date(2027, 2, 9), me, WITA).state == "fixed"


def test_before_any_hours_were_in_force_nobody_owes_anything():
    assert day(date(2023, 4, 11)).kind == H
    assert day(date(2023, 4, 12)).kind == W
    assert Calendar().day(MONDAY, me, WITA) == Day(MONDAY, H)


def test_the_flexi_band_moves_both_ends_and_leaves_the_norm():
    found = day(MONDAY, me, calendar=Calendar(hours=[row(7.30, 16, agency_id=AGENCY, flexi_band_minutes=30)]))
    assert (found.starts, found.ends, found.latest_end) == (at(7.30), at(16), at(16.30))
    assert found.spans == day(MONDAY).spans
    assert day(MONDAY).latest_end == OFFICE[1]


# Days off and seasons


def off(on=MONDAY, kind=N, name="Libur", **facts):
    return DayOff(on, kind, name, "Day off", **facts)


@pytest.mark.parametrize(("days", "expected"), [
    ([], None),
    ([off()], "Libur"),
    ([off(state="estimated")], "Libur"),
    ([off(state="cancelled")], None),
    ([off(site_id=JAKARTA)], None),
    ([off(), off(kind=DayKind.LOCAL, name="HUT kota", site_id=NUSANTARA)], "HUT kota"),
    ([off(), off(kind=DayKind.LOCAL, name="HUT kota", site_id=NUSANTARA, state="cancelled")], "Libur"),
    ([off(kind=C, name="Cuti bersama", id=1), off(id=2)], "Libur"),
])  # fmt: skip
def test_what_a_date_is_off_for(days, expected):
    for said in permutations(days):
        found = Calendar(said, hours=HOURS).day_off(NUSANTARA, MONDAY)
        assert (found and found.name) == expected
        assert Calendar(said, hours=HOURS).day(MONDAY, me, WITA).name == (expected or "")


def test_a_site_may_be_off_on_its_own():
    calendar = Calendar([off(kind=DayKind.LOCAL, site_id=JAKARTA)], hours=HOURS)
    assert calendar.day(MONDAY, Whose(JAKARTA), WIB).kind == DayKind.LOCAL
    assert calendar.day(MONDAY, Whose(NUSANTARA), WITA).kind == W


@pytest.mark.parametrize("kind", [W, H])
def test_a_day_off_is_off(kind):
    with pytest.raises(ValueError, match="day off"):
        off(kind=kind)


def season(first, last, **facts):
    return Season(RAMADAN, date(2026, 11, first), date(2026, 11, last), "Uji", **facts)


def test_a_season_holds_both_its_ends_and_a_fixed_one_goes_before_an_estimate():
    estimate, decreed = season(20, 28, state="estimated"), season(24, 26)
    for said in permutations([estimate, decreed, season(1, 30, state="cancelled")]):
        calendar = Calendar(seasons=said)
        found = [calendar.season(date(2026, 11, day)) for day in (19, 20, 23, 24, 26, 27, 28, 29)]
        assert found == [None, estimate, estimate, decreed, decreed, estimate, estimate, None]
    later = season(25, 28, state="estimated")
    for said in permutations([later, decreed]):
        assert Calendar(seasons=said).season(date(2026, 11, 26)) == decreed
    with pytest.raises(ValueError, match="season"):
        season(2, 1)


# Whose hours


def test_the_narrowest_row_decides_and_later_goes_before_earlier():
    rows = [
        row(9.00, 17, site_id=NUSANTARA),
        row(9.01, 17, agency_id=AGENCY),
        row(9.02, 17, agency_id=AGENCY, site_id=NUSANTARA),
        row(9.03, 17, unit_id=ROOT),
        row(9.04, 17, unit_id=UNIT),
        row(9.05, 17, unit_id=TEAM),
        row(9.06, 17, unit_id=TEAM, agency_id=AGENCY, since=SINCE + timedelta(1)),  # naming its agency adds nothing
        row(9.07, 17, unit_id=TEAM, since=SINCE + timedelta(2)),
        row(9.08, 17, person_id=PERSON),
        row(9.09, 17, person_id=PERSON, since=SINCE + timedelta(3)),
    ]
    for n, expected in enumerate(rows):
        assert hours(rows[: n + 1]) == hours(rows[n::-1]) == (expected.starts, expected.ends)


@pytest.mark.parametrize("other", [
    {"site_id": JAKARTA}, {"agency_id": 8}, {"unit_id": 15}, {"unit_id": 59}, {"person_id": 100},
    {"agency_id": AGENCY, "site_id": JAKARTA}, {"person_id": PERSON, "site_id": JAKARTA},
    {"since": MONDAY + timedelta(1)}, {"until_on": MONDAY - timedelta(1)}, {"weekdays": "2345"},
])  # fmt: skip
def test_a_row_for_somebody_or_sometime_else_changes_nothing(other):
    assert hours([row(9, 17, **other)]) == OFFICE


def test_a_row_holds_on_its_first_day_and_its_last():
    assert hours([row(9, 17, since=MONDAY, until_on=MONDAY)]) == (at(9), at(17))


def test_a_narrow_row_for_one_weekday_leaves_the_others():
    rows = [row(9, 17, "5", person_id=PERSON)]
    assert [hours(rows, MONDAY + timedelta(n)) for n in range(7)] == [OFFICE] * 4 + [(at(9), at(17)), None, None]


@pytest.mark.parametrize("scope", [{}, {"agency_id": AGENCY}, {"unit_id": TEAM}, {"person_id": PERSON}])
@pytest.mark.parametrize("kind", ["office", "dynamic"])
def test_hours_for_normal_time_never_displace_those_of_ramadan(scope, kind):
    rows = [row(9, 17, kind=kind, **scope)]
    assert hours(rows) == (at(9), at(17))
    assert hours(rows, season=True) == RAMADAN_OFFICE


def test_the_ramadan_hours_of_an_agency_hold_in_ramadan_only():
    rows = [row(9, 17, agency_id=AGENCY), row(8.30, 15.30, rest=(12, 12.30), agency_id=AGENCY, season=RAMADAN)]
    assert hours(rows) == (at(9), at(17))
    assert hours(rows, season=True) == (at(8.30), at(15.30))
    assert hours(rows, season=True, whose=Whose(NUSANTARA, 8)) == RAMADAN_OFFICE
    assert hours([*rows, row(10, 16, person_id=PERSON)], season=True) == (at(8.30), at(15.30))


def test_hours_of_another_season_never_hold():
    assert hours([row(9, 17, season="musim-haji")], season=True) == RAMADAN_OFFICE
    assert hours([row(9, 17, season="musim-haji")]) == OFFICE


# Shifts


def test_a_night_shift_ends_on_the_next_date():
    calendar = Calendar(DAYS_OFF, SEASONS, [*HOURS, row(22, 30, **NIGHT)])
    found = calendar.day(MONDAY, me, WITA)
    tuesday = MONDAY + timedelta(1)
    assert found.spans == (
        Span(clock.instant_of(MONDAY, at(22), WITA), clock.instant_of(tuesday, at(2), WITA)),
        Span(clock.instant_of(tuesday, at(3), WITA), clock.instant_of(tuesday, at(6), WITA)),
    )
    assert (found.minutes_owed, found.hours_kind) == (420, "shift")


@pytest.mark.parametrize("scope", [{"unit_id": UNIT}, {"person_id": PERSON}])
def test_a_roster_works_at_weekends_and_its_free_days_are_free(scope):
    rows = [row(8, 16, "34567", kind="shift", **scope)]
    days = [hours(rows, MONDAY + timedelta(n)) for n in range(7)]
    assert days == [None, None] + [(at(8), at(16))] * 5


@pytest.mark.parametrize("scope", [{}, {"site_id": NUSANTARA}, {"agency_id": AGENCY}])
def test_five_days_a_week_for_all_who_have_no_roster(scope):
    assert hours([row(8, 16, "123456", kind="shift", **scope)], SATURDAY) is None
    assert hours([row(8, 16, "123456", person_id=PERSON)], SATURDAY) is None  # office hours are no roster


def test_duty_at_weekends_is_added_to_the_week():
    rows = [row(8, 12, "6", rest=(10, 10), kind="shift", unit_id=UNIT)]
    days = [hours(rows, MONDAY + timedelta(n)) for n in range(7)]
    assert days == [OFFICE] * 4 + [OFFICE_FRIDAY, (at(8), at(12)), None]


def test_a_later_roster_ends_an_earlier_one():
    rows = [
        row(8, 16, "34567", kind="shift", unit_id=UNIT),
        row(9, 17, "12345", kind="shift", unit_id=UNIT, since=SINCE + timedelta(1)),
    ]
    assert hours(rows, SATURDAY) is None
    assert hours(rows) == (at(9), at(17))
    assert hours(rows, SINCE) == (at(8), at(16))  # a Thursday, still under the first


def test_one_roster_may_have_several_rows():
    rows = [
        row(6, 14, "123", kind="shift", person_id=PERSON, rest=(10, 10.30)),
        row(14, 22, "67", kind="shift", person_id=PERSON, rest=(18, 18.30)),
    ]
    days = [hours(rows, MONDAY + timedelta(n)) for n in range(7)]
    assert days == [(at(6), at(14))] * 3 + [None, None] + [(at(14), at(22))] * 2


def test_somebody_with_hours_of_their_own_is_taken_out_of_the_roster_of_their_unit():
    rows = [row(8, 16, "34567", kind="shift", unit_id=UNIT), row(9, 17, kind="shift", person_id=PERSON)]
    days = [hours(rows, MONDAY + timedelta(n)) for n in range(7)]
    assert days == [(at(9), at(17))] * 5 + [None, None]


def test_nobody_on_nights_comes_by_day_in_ramadan_until_their_unit_says_so():
    night = row(22, 30, **NIGHT)
    assert hours([night], season=True) == (at(22), at(30))
    fasting = row(21, 27.30, **NIGHT | {"rest": (24, 24.30)}, season=RAMADAN)
    assert hours([night, fasting], season=True) == (at(21), at(27.30))
    assert hours([night, fasting]) == (at(22), at(30))


@pytest.mark.parametrize(("on_days_off", "expected"), [(False, None), (True, (at(8), at(16)))])
def test_a_roster_works_on_holidays_if_it_says_so(on_days_off, expected):
    rows = [row(8, 16, kind="shift", unit_id=UNIT, on_days_off=on_days_off)]
    assert hours(rows, days_off=[off()]) == expected
    assert hours([row(8, 16, unit_id=UNIT, on_days_off=on_days_off)], days_off=[off()]) is None  # office hours never


def test_a_worked_holiday_keeps_its_name():
    rows = [row(8, 16, kind="shift", unit_id=UNIT, on_days_off=True, basis="SK Piket")]
    found = Calendar([off()], hours=rows).day(MONDAY, me, WITA)
    assert (found.kind, found.name, found.basis, found.minutes_owed) == (W, "Libur", "SK Piket", 420)


@pytest.mark.parametrize("facts", [
    {"weekdays": ""}, {"weekdays": "18"}, {"weekdays": "Mon"},
    {"starts": 16}, {"starts": 17}, {"starts": 24, "ends": 25, "rest": (24.30, 24.30)}, {"ends": 31.31},
    {"rest": (7, 8)}, {"rest": (13, 12)}, {"rest": (15, 17)}, {"rest": (7.30, 16)},
    {"flexi_band_minutes": -1}, {"until_on": SINCE - timedelta(1)},
])  # fmt: skip
def test_hours_that_nobody_can_work_are_no_hours(facts):
    with pytest.raises(ValueError, match=r"."):
        row(**{"starts": 7.30, "ends": 16} | facts)


def test_hours_without_a_break_are_one_span():
    for rest in ((10, 10), (8, 8), (12, 12)):
        (span,) = Calendar(hours=[row(8, 12, rest=rest)]).day(MONDAY, me, WITA).spans
        assert span.length == timedelta(hours=4)
    (span,) = Calendar(hours=[row(8, 12, rest=(11, 12))]).day(MONDAY, me, WITA).spans
    assert span.length == timedelta(hours=3)


def test_colleagues_with_the_same_rules_share_what_was_worked_out():
    calendar = Calendar(DAYS_OFF, SEASONS, [*HOURS, row(9, 17, person_id=PERSON)])
    others = [Whose(NUSANTARA, n % 40, f"/{n % 900}/{n}/", n) for n in range(1, 500)]
    assert len({id(calendar.day(MONDAY, other, WITA)) for other in others}) == 1
    assert calendar.day(MONDAY, me, WITA).starts == at(9)
    assert calendar.day(MONDAY, others[0], WIB) != calendar.day(MONDAY, others[0], WITA)


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr("app.scheduling.working_time.KEPT", 10)
    calendar = Calendar(DAYS_OFF, SEASONS, HOURS)
    for n in range(100):
        assert calendar.day(MONDAY + timedelta(n), Whose(n), WITA) == national.day(MONDAY + timedelta(n), anybody, WITA)
    assert max(len(calendar._settled), len(calendar._groups)) <= 10


# Two cities


def in_common(first, second):
    pairs = ((one, two) for one in first for two in second if one.overlaps(two))
    return tuple(Span(max(a.starts_at, b.starts_at), min(a.ends_at, b.ends_at)) for a, b in pairs)


@pytest.mark.parametrize(("on", "edges", "hours"), [
    (MONDAY, ("00:30", "04:00", "06:00", "08:00"), 5.5),
    (FRIDAY, ("00:30", "03:30", "06:00", "08:30"), 5.5),
    (FASTING, ("01:00", "04:00", "04:30", "05:00", "05:30", "07:00"), 5.0),
    (date(2026, 3, 6), ("01:00", "03:30", "05:30", "07:30"), 4.5),
    (date(2026, 3, 20), (), 0),  # collective leave
    (SATURDAY, (), 0),
])  # fmt: skip
def test_when_nusantara_and_jakarta_work_at_once(on, edges, hours):
    common = in_common(day(on, zone=WITA).spans, day(on, zone=WIB).spans)
    assert common == utc(on, *edges)
    assert minutes(common) == hours * 60


def test_three_zones_have_less_in_common():
    spans = [day(MONDAY, zone=zone).spans for zone in ZONES]
    assert in_common(in_common(spans[0], spans[1]), spans[2]) == utc(MONDAY, "00:30", "03:00", "06:00", "07:00")


# What holds for all


@st.composite
def rows(draw):
    starts = draw(st.integers(0, 1439))
    inner = sorted(draw(st.lists(st.integers(0, 1440), min_size=3, max_size=3)))
    if inner[2] - inner[1] + inner[0] == 0:
        inner = [60, 60, 120]
    scopes = st.fixed_dictionaries({}, optional={
        "site_id": st.sampled_from([NUSANTARA, JAKARTA]), "agency_id": st.sampled_from([AGENCY, 8]),
        "unit_id": st.sampled_from([ROOT, UNIT, TEAM, 77]), "person_id": st.sampled_from([PERSON, 1001]),
    })  # fmt: skip
    return Hours(
        weekdays=draw(st.sampled_from(["1", "12345", "5", "67", "34567", "1234567"])),
        starts=starts, break_starts=starts + inner[0], break_ends=starts + inner[1], ends=starts + inner[2],
        from_on=SINCE + timedelta(days=draw(st.integers(0, 3))),
        season=draw(st.sampled_from(["", RAMADAN])),
        kind=draw(st.sampled_from(["office", "shift", "dynamic"])),
        on_days_off=draw(st.booleans()),
        id=draw(st.integers(1, 10**6)),
        **draw(scopes),
    )  # fmt: skip


DATES = st.dates(date(2026, 1, 1), date(2026, 12, 31))
PEOPLE = st.builds(
    Whose,
    st.sampled_from([NUSANTARA, JAKARTA]),
    st.sampled_from([AGENCY, 8]),
    st.sampled_from(["/", "/1/", "/1/5/9/", "/1/77/"]),
    st.sampled_from([PERSON, 1001]),
)


@given(st.lists(rows(), max_size=6), DATES, PEOPLE, st.sampled_from(list(ZONES)))
def test_minutes_owed_are_the_sum_of_the_spans(rows, on, whose, zone):
    found = Calendar(DAYS_OFF, SEASONS, rows).day(on, whose, zone)
    assert found.minutes_owed == minutes(found.spans)
    assert (found.kind == DayKind.WORKING) == bool(found.spans)
    for one, two in zip(found.spans, found.spans[1:], strict=False):
        assert one.ends_at < two.starts_at
    assert not any(span.overlaps(rest) for span in found.spans for rest in found.breaks)


@given(st.lists(rows(), max_size=5, unique_by=lambda row: row.id), DATES, PEOPLE, st.sampled_from(["", RAMADAN]))
def test_one_row_decides_in_whatever_order_they_come(rows, on, whose, season):
    found = hours_that_hold(rows, whose, on, season)
    assert all(hours_that_hold(said, whose, on, season) == found for said in permutations(rows))
    assert found is None or (found.concerns(whose) and found.in_force(on) and found.season in ("", season))


@given(st.lists(rows(), max_size=5), DATES, st.lists(PEOPLE, min_size=1, max_size=3))
def test_what_is_shared_is_what_each_would_have_alone(rows, on, people):
    shared = Calendar(DAYS_OFF, SEASONS, [*HOURS, *rows])
    for whose in people:
        season = shared.season(on)
        found = hours_that_hold([*HOURS, *rows], whose, on, season.name if season else "")
        day = shared.day(on, whose, WITA)
        assert day == Calendar(DAYS_OFF, SEASONS, [*HOURS, *rows]).day(on, whose, WITA)
        if day.spans:
            assert found is not None
            assert (day.starts, day.ends, day.basis) == (found.starts, found.ends, found.basis)


ASK = """
from datetime import date
from app.scheduling.national import DAYS_OFF, HOURS, SEASONS
from app.scheduling.working_time import Calendar, Whose
calendar = Calendar(DAYS_OFF, SEASONS, HOURS)
for zone in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"):
    print(calendar.days(date(2026, 2, 16), date(2026, 3, 29), Whose(1), zone))
"""


def test_where_the_computer_believes_to_be_changes_nothing():
    told = {
        subprocess.run(
            [sys.executable, "-c", ASK],
            env=os.environ | {"TZ": zone},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for zone in ("UTC", "Asia/Jakarta", "America/St_Johns")
    }
    assert len(told) == 1
    assert "2026, 2, 18, 23, 0, tzinfo" in told.pop()  # 08.00 WIT on the first day of Ramadan
