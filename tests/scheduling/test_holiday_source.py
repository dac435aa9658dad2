"""What the package would have otherwise, line by line."""

from datetime import date

import pytest

from app.scheduling.holiday_source import compare, proposed
from app.scheduling.national import DAYS_OFF
from app.scheduling.working_time import DayKind, DayOff

NATIONAL, LEAVE = DayKind.NATIONAL_HOLIDAY, DayKind.COLLECTIVE_LEAVE
NATAL = date(2027, 12, 25)


def day(on=NATAL, kind=NATIONAL, name="Hari Raya Natal", name_en="Christmas Day", **facts):
    return DayOff(on, kind, name, name_en, **facts)


def kinds(known, theirs, year=2027):
    return [(line.kind, line.on) for line in compare(known, theirs, year)]


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_our_list_differs_from_the_package_in_wording_only(year):
    lines = compare(DAYS_OFF, proposed(year), year)
    assert {line.kind for line in lines} == {"rename"}


def test_a_year_without_a_decree_is_estimated_and_has_no_collective_leave():
    days = proposed(2031)
    assert len(days) >= 16
    assert {day.kind for day in days} == {NATIONAL}
    assert any(day.state == "estimated" for day in days)
    assert not any("perkiraan" in day.name or "estimated" in day.name_en for day in days)


@pytest.mark.parametrize("locale", ["C", "id_ID.UTF-8", "en_US.UTF-8"])
def test_names_come_in_both_languages_whatever_the_computer_speaks(monkeypatch, locale):
    for name in ("LANG", "LC_ALL", "LANGUAGE"):
        monkeypatch.setenv(name, locale)
    days = {day.on: day for day in proposed(2026)}
    assert (days[date(2026, 12, 25)].name, days[date(2026, 12, 25)].name_en) == ("Hari Raya Natal", "Christmas Day")
    assert days[date(2026, 3, 18)].kind == LEAVE
    assert days[date(2026, 3, 18)].name.startswith("Cuti Bersama")


def test_days_come_by_date_once_each_and_an_election_is_one():
    days = proposed(2024)
    assert [day.on for day in days] == sorted({day.on for day in days})
    assert [day.on for day in days if day.kind == DayKind.ELECTION] == [date(2024, 2, 14), date(2024, 11, 27)]
    assert all(day.basis.startswith("Paket holidays ") for day in days)


def test_equal_lists_differ_in_nothing():
    assert compare([day()], [day(basis="Paket")], 2027) == []


@pytest.mark.parametrize(("known", "theirs", "expected"), [
    ([], [day()], [("add", NATAL)]),
    ([day()], [], [("remove", NATAL)]),
    ([day()], [day(name="Natal")], [("rename", NATAL)]),
    ([day()], [day(name_en="Christmas")], [("rename", NATAL)]),
    ([day(kind=LEAVE)], [day()], [("kind", NATAL)]),
    ([day(kind=LEAVE, name="Cuti bersama")], [day()], [("kind", NATAL)]),  # one line a date
    ([day(state="cancelled")], [day()], [("add", NATAL)]),
    ([day(state="cancelled")], [], []),
    ([day(state="cancelled"), day(id=2)], [day()], []),  # called off and set again
    ([day(kind=LEAVE), day(id=2)], [day()], []),  # one of ours is the same
    ([day(site_id=1)], [], []),  # a site's own day is no concern of the package
    ([day(kind=DayKind.LOCAL)], [], []),
    ([day(site_id=1)], [day()], [("add", NATAL)]),
])  # fmt: skip
def test_what_differs(known, theirs, expected):
    assert kinds(known, theirs) == expected


def test_a_line_holds_both_sides():
    ours, theirs = day(state="cancelled"), day(name="Natal")
    (line,) = compare([ours], [theirs], 2027)
    assert (line.known, line.proposed) == (ours, theirs)
    (line,) = compare([], [theirs], 2027)
    assert (line.known, line.proposed) == (None, theirs)


def test_only_the_year_that_is_asked_for_is_compared_by_date():
    other = date(2026, 12, 25)
    assert kinds([day(), day(date(2027, 1, 1)), day(other)], [day(date(2026, 1, 1))]) == [
        ("remove", date(2027, 1, 1)),
        ("remove", NATAL),
    ]
