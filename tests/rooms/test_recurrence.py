"""Which dates a rule has, which rules are none, and what becomes of a rule that is cut or moved."""

from datetime import date, timedelta
from time import perf_counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.rooms import recurrence
from app.rooms.recurrence import MOST, WEEKDAYS, Recurrence, dates, parse, rest, shifted, until

WITA = "Asia/Makassar"
TUESDAY = date(2026, 11, 24)


def days(value, starts_on=TUESDAY):
    return [f"{on:%d %b}" for on in dates(parse(value, WITA), starts_on)]


@pytest.mark.parametrize(("value", "expected"), [
    ("FREQ=DAILY;COUNT=3", ["24 Nov", "25 Nov", "26 Nov"]),
    ("FREQ=WEEKLY;COUNT=3", ["24 Nov", "01 Dec", "08 Dec"]),
    ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", ["25 Nov", "30 Nov", "02 Dec"]),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=4", ["24 Nov", "26 Nov", "08 Dec", "10 Dec"]),
    ("FREQ=WEEKLY;UNTIL=20261208", ["24 Nov", "01 Dec", "08 Dec"]),
    ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", ["27 Nov", "25 Dec"]),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", ["30 Nov", "31 Dec"]),
    ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", ["31 Dec", "31 Jan"]),
    ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261201", ["24 Nov", "25 Nov", "26 Nov", "27 Nov", "30 Nov", "01 Dec"]),
    ("FREQ=YEARLY;COUNT=2", ["24 Nov", "24 Nov"]),
    ("RRULE:FREQ=DAILY;COUNT=1", ["24 Nov"]),
    ("freq=daily;count=1", ["24 Nov"]),
])  # fmt: skip
def test_the_dates_of_a_rule(value, expected):
    assert days(value) == expected


def test_a_rule_may_fall_on_the_29th_of_february():
    assert dates(parse("FREQ=YEARLY;COUNT=2", WITA), date(2028, 2, 29)) == [date(2028, 2, 29), date(2032, 2, 29)]


@pytest.mark.parametrize(("value", "starts", "last"), [
    ("20261208", 0, date(2026, 12, 8)),
    ("20261208T080000", 480, date(2026, 12, 8)),
    ("20261208T080000", 481, date(2026, 12, 7)),
    ("20261207T160000Z", 0, date(2026, 12, 8)),  # midnight in Nusantara
    ("20261207T155959Z", 1439, date(2026, 12, 7)),
    ("20261208T000000Z", 480, date(2026, 12, 8)),  # 08.00 there
    ("20261208T000000Z", 481, date(2026, 12, 7)),
])  # fmt: skip
def test_until_counts_by_the_wall_of_the_place(value, starts, last):
    assert parse(f"FREQ=DAILY;UNTIL={value}", WITA, starts).until == last


@pytest.mark.parametrize("value", [
    "", "FREQ", "FREQ=", "COUNT=3", "FREQ=HOURLY;COUNT=3", "FREQ=MINUTELY;COUNT=3", "FREQ=DAILY;BYHOUR=8;COUNT=2",
    "FREQ=DAILY;COUNT=3;UNTIL=20261231", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=367", "FREQ=DAILY;COUNT=-1",
    "FREQ=DAILY;INTERVAL=0;COUNT=3", "FREQ=DAILY;INTERVAL=x;COUNT=3", "FREQ=DAILY;COUNT=2;COUNT=3",
    "FREQ=DAILY;UNTIL=tomorrow", "FREQ=DAILY;UNTIL=20261331", "FREQ=DAILY;UNTIL=20260230T250000Z",
    "FREQ=DAILY;UNTIL=20261230T990099Z", "FREQ=DAILY;UNTIL=99991231",
    "FREQ=WEEKLY;BYDAY=XX;COUNT=2", "FREQ=WEEKLY;BYDAY=1MO;COUNT=2", "FREQ=MONTHLY;BYDAY=0MO;COUNT=2",
    "FREQ=MONTHLY;BYDAY=54MO;COUNT=2", "FREQ=WEEKLY;BYMONTHDAY=3;COUNT=2", "FREQ=MONTHLY;BYMONTHDAY=0;COUNT=2",
    "FREQ=MONTHLY;BYMONTHDAY=32;COUNT=2", "FREQ=YEARLY;BYMONTH=13;COUNT=2", "FREQ=YEARLY;BYMONTH=-1;COUNT=2",
    "FREQ=MONTHLY;BYWEEKNO=3;COUNT=2", "FREQ=DAILY;BYYEARDAY=3;COUNT=2", "FREQ=MONTHLY;BYSETPOS=1;COUNT=2",
    "FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO;COUNT=2", "FREQ=WEEKLY;WKST=1;COUNT=2", "FREQ=WEEKLY;BYEASTER=1;COUNT=2",
    "FREQ=DAILY;COUNT=3\nRRULE:FREQ=HOURLY", "FREQ=DAILY;COUNT=3\nDTSTART:20261124", "FREQ=DAILY;COUNT=３",
])  # fmt: skip
def test_what_is_no_rule_is_refused(value):
    with pytest.raises(ValueError, match=r"\w"):
        parse(value, WITA)


@pytest.mark.parametrize(("value", "reason"), [
    ("FREQ=DAILY", "COUNT or UNTIL"),
    ("FREQ=DAILY;UNTIL=20281231", "366 dates"),
    ("FREQ=DAILY;UNTIL=20261123", "no dates"),
    ("FREQ=YEARLY;UNTIL=20400101", "five years"),
    ("FREQ=YEARLY;COUNT=7", "five years"),
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "no dates"),
    ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6;COUNT=1", "no dates"),
])  # fmt: skip
def test_a_rule_is_bounded(value, reason):
    rule = parse(value, WITA)
    began = perf_counter()
    with pytest.raises(ValueError, match=reason):
        dates(rule, TUESDAY)
    assert perf_counter() - began < 3  # dateutil alone looks for half a minute on a slow machine


weekdays = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True)
starts = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@st.composite
def rules(draw):
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 3))}"]
    if freq == "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYDAY={','.join(draw(weekdays))}")
        parts.append(f"WKST={draw(st.sampled_from(['MO', 'SU']))}")
    if freq == "MONTHLY" and draw(st.booleans()):
        parts.append(f"BYDAY={draw(st.sampled_from([1, 2, 3, -1]))}{draw(st.sampled_from(WEEKDAYS))}")
    count = draw(st.integers(1, 20))
    return parse(";".join([*parts, f"COUNT={count}"]), WITA)


@given(rules(), starts)
def test_a_rule_is_read_as_it_was_written(rule, starts_on):
    assert parse(rule.value, WITA) == rule
    assert len(dates(rule, starts_on)) == rule.count


@given(rules(), starts, st.data())
def test_what_is_left_after_a_cut_and_what_was_before_are_the_whole(rule, starts_on, data):
    every = dates(rule, starts_on)
    at = data.draw(st.integers(0, len(every) - 1))
    assert dates(rest(rule, starts_on, every[at]), every[at]) == every[at:]
    if at:
        assert dates(until(rule, every[at - 1]), every[0]) == every[:at]


@given(rules(), starts, st.integers(-10, 10), st.booleans())
def test_a_rule_by_days_or_weeks_moves_with_its_dates(rule, starts_on, by, bounded):
    assume(rule.freq != "MONTHLY")
    every = dates(rule, starts_on)
    if bounded:
        rule = until(rule, every[-1])
    moved = shifted(rule, every[0], every[0] + timedelta(days=by))
    assert dates(moved, every[0] + timedelta(days=by)) == [on + timedelta(days=by) for on in every]


@pytest.mark.parametrize(("value", "to", "expected"), [
    ("FREQ=MONTHLY;BYDAY=4TU;COUNT=2", date(2026, 11, 26), "FREQ=MONTHLY;COUNT=2;BYDAY=4TH"),
    ("FREQ=MONTHLY;BYDAY=-1TU;COUNT=2", date(2026, 11, 30), "FREQ=MONTHLY;COUNT=2;BYDAY=-1MO"),
    ("FREQ=MONTHLY;BYMONTHDAY=24;COUNT=2", date(2026, 11, 25), "FREQ=MONTHLY;COUNT=2;BYMONTHDAY=25"),
    ("FREQ=MONTHLY;COUNT=2", date(2026, 11, 25), "FREQ=MONTHLY;COUNT=2"),
    ("FREQ=DAILY;UNTIL=20261130", date(2026, 11, 25), "FREQ=DAILY;UNTIL=20261201"),
])  # fmt: skip
def test_a_monthly_rule_follows_its_day(value, to, expected):
    assert shifted(parse(value, WITA), TUESDAY, to).value == expected


@pytest.mark.parametrize("value", ["FREQ=MONTHLY;BYMONTHDAY=24,25;COUNT=2", "FREQ=DAILY;BYDAY=MO,TU;COUNT=2"])
def test_a_rule_that_hangs_on_more_than_a_day_is_not_moved_by_guessing(value):
    with pytest.raises(ValueError, match="new rule"):
        shifted(parse(value, WITA), TUESDAY, date(2026, 11, 25))


def test_the_rule_of_a_form():
    rule = recurrence.weekly([3, 1], 2, date(2027, 1, 31))
    assert rule.value == "FREQ=WEEKLY;INTERVAL=2;UNTIL=20270131;BYDAY=MO,WE"
    assert recurrence.weekdays_of(rule) == [1, 3]
    assert recurrence.weekdays_of(Recurrence("DAILY", count=3)) is None


def test_there_are_never_more_dates_than_a_leap_year_has():
    assert len(dates(parse(f"FREQ=DAILY;COUNT={MOST}", WITA), TUESDAY)) == MOST
