"""The country's days off, Ramadan and office hours, year by year and to the minute."""

from collections import Counter
from datetime import date, timedelta

import pytest

from app.scheduling.national import DAYS_OFF, HOURS, RAMADAN, SEASONS
from app.scheduling.working_time import Calendar, DayKind, Whose, minutes

WITA = "Asia/Makassar"
EVERYBODY = Whose(1)
calendar = Calendar(DAYS_OFF, SEASONS, HOURS)


def year_of(year):
    return calendar.days(date(year, 1, 1), date(year, 12, 31), EVERYBODY, WITA)


@pytest.mark.parametrize(("year", "working", "fridays", "in_ramadan", "ramadan_fridays", "owed"), [
    (2025, 237, 44, 19, 3, 1758.5),
    (2026, 240, 46, 19, 4, 1781.0),
    (2027, 242, 48, 20, 4, 1795.0),
    (2028, 247, 48, 21, 5, 1831.5),  # no collective leave is known yet
])  # fmt: skip
def test_a_year_in_numbers(year, working, fridays, in_ramadan, ramadan_fridays, owed):
    days = [day for day in year_of(year) if day.kind == DayKind.WORKING]
    fasting = [day for day in days if day.season == RAMADAN]
    assert len(days) == working
    assert sum(day.on.isoweekday() == 5 for day in days) == fridays
    assert len(fasting) == in_ramadan
    assert sum(day.on.isoweekday() == 5 for day in fasting) == ramadan_fridays
    assert sum(day.minutes_owed for day in days) == sum(minutes(day.spans) for day in days) == owed * 60


@pytest.mark.parametrize(("year", "holidays", "leave", "elections"), [
    (2024, 17, 10, 2),
    (2025, 17, 11, 0),
    (2026, 17, 8, 0),
    (2027, 18, 8, 0),
    (2028, 17, 0, 0),
])  # fmt: skip
def test_each_year_has_the_days_off_that_were_decreed(year, holidays, leave, elections):
    kinds = Counter(day.kind for day in DAYS_OFF if day.on.year == year)
    assert kinds == Counter(
        {DayKind.NATIONAL_HOLIDAY: holidays, DayKind.COLLECTIVE_LEAVE: leave, DayKind.ELECTION: elections}
    )


def days(months):
    return {date(year, month, day) for year, month, numbers in months for day in numbers}


@pytest.mark.parametrize(("year", "kind", "expected"), [
    (2026, DayKind.NATIONAL_HOLIDAY, [
        (1, [1, 16]), (2, [17]), (3, [19, 21, 22]), (4, [3, 5]), (5, [1, 14, 27, 31]), (6, [1, 16]), (8, [17, 25]),
        (12, [25]),
    ]),
    (2026, DayKind.COLLECTIVE_LEAVE, [(2, [16]), (3, [18, 20, 23, 24]), (5, [15, 28]), (12, [24])]),
    (2027, DayKind.NATIONAL_HOLIDAY, [
        (1, [1, 5]), (2, [6]), (3, [8, 10, 11, 26, 28]), (5, [1, 6, 17, 20]), (6, [1, 6]), (8, [15, 17]), (12, [25, 26]),
    ]),
    (2027, DayKind.COLLECTIVE_LEAVE, [(2, [5]), (3, [9, 12, 15, 25]), (5, [18, 19]), (12, [24])]),
])  # fmt: skip
def test_the_dates_of_a_decree(year, kind, expected):
    dated = {day.on for day in DAYS_OFF if day.on.year == year and day.kind == kind}
    assert dated == days((year, month, numbers) for month, numbers in expected)


def test_a_date_is_said_once_with_its_names_and_its_basis():
    assert len({day.on for day in DAYS_OFF}) == len(DAYS_OFF)
    assert list(DAYS_OFF) == sorted(DAYS_OFF, key=lambda day: day.on)
    for day in DAYS_OFF:
        assert day.name
        assert day.name_en
        assert day.basis
        assert day.site_id is None
        assert day.name.startswith("Cuti bersama ") == (day.kind == DayKind.COLLECTIVE_LEAVE)
        assert not any(old in day.name for old in ("Idul Fitri", "Idul Adha", "Isra Miraj", "Jum'at", "Ramadhan"))


def test_what_was_never_decreed_is_an_estimate():
    estimated = {day.on.year for day in DAYS_OFF if day.state == "estimated"}
    assert estimated == {2028}
    assert all(day.state == "estimated" for day in DAYS_OFF if day.on.year == 2028)
    assert [season.from_on.year for season in SEASONS if season.state == "estimated"] == [2027, 2028]


def test_idulfitri_follows_the_last_day_of_ramadan():
    feasts = {
        day.on for day in DAYS_OFF if day.name.startswith("Hari Raya Idulfitri") and not day.name.endswith("hari kedua")
    }
    assert {season.until_on + timedelta(days=1) for season in SEASONS} == feasts
    assert {(season.until_on - season.from_on).days + 1 for season in SEASONS} <= {29, 30}


@pytest.mark.parametrize(("monday", "owed"), [
    (date(2026, 11, 23), 2250),  # 37 h 30 min
    (date(2026, 3, 2), 1950),  # 32 h 30 min
])  # fmt: skip
def test_a_week_owes_what_the_decree_says(monday, owed):
    week = calendar.days(monday, monday + timedelta(days=6), EVERYBODY, WITA)
    assert sum(day.minutes_owed for day in week) == owed
