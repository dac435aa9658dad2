"""Series from the outside: every date named, exceptions kept, the past left alone, all or nothing."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, func, insert, select, update

from app import clock as clocks
from app.db import Database, guards
from app.errors import Refused
from app.journal import Entry as Journal
from app.notices import NoticeRow
from app.rooms import house, series, series_changes
from app.rooms.errors import SeriesConflicts
from app.rooms.models import Booking, HouseRule, Series, Space
from app.rooms.series_shapes import NewSeries, SeriesChange
from app.scheduling import rulebook
from app.scheduling.models import DayOffRow
from tests.support.faults import fail_at_each_statement
from tests.support.office import ROOM_KEEPER, WITA, at, hours, office_at
from tests.support.world import NOW, TODAY, FakeClock, copy_of

THURSDAY = date(2027, 1, 7)
WEEKS = [THURSDAY + timedelta(weeks=n) for n in range(60)]
YEAR = {"horizon_days": 500, "open_weekdays": "1234567"}


def put_rule(db, **what):
    def put(session):
        session.execute(insert(HouseRule).values(from_on=date(2026, 1, 1), basis="Aturan uji", floor_id=None, **what))
        house.changed(session)

    db.write_here(put)


def open_all_year(office):
    """Every day of a year and a half may be booked."""

    def open_days(session):
        session.execute(delete(DayOffRow))
        session.execute(delete(HouseRule))
        rulebook.changed(session)

    office.db.write_here(open_days)
    put_rule(office.db, **YEAR)


@pytest.fixture
def year(office):
    open_all_year(office)
    return office


@pytest.fixture
def me(office):
    return office.colleagues(posts=1)[0]


@pytest.fixture
def other(office):
    return office.colleagues(posts=2)[1]


@pytest.fixture
def room(office):
    """A room on which nobody decides, with no time between its bookings."""
    room = office.rooms()[0]
    office.change(
        update(Space).where(Space.id == room).values(setup_minutes=0, clearing_minutes=0, needs_approval=False)
    )
    return room


def wanted(space, rule="FREQ=WEEKLY;COUNT=6", **more):
    return {"space_id": space, "rule": rule, "starts_on": f"{THURSDAY}", "starts": "09:00", "ends": "10:00", **more}


def asked(office, who, space, rule="FREQ=WEEKLY;COUNT=6", **more):
    return office.post("/api/booking-series", who, json=wanted(space, rule, **more))


def booked(office, who, space, rule="FREQ=WEEKLY;COUNT=6", **more):
    answer = asked(office, who, space, rule, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def changed(office, who, series, scope, on=None, **more):
    body = {"scope": scope, **({"on": f"{on}"} if on else {}), **more}
    return office.patch(f"/api/booking-series/{series['id']}", who, json=body)


def done(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def times(series, *, active=True):
    """Local starts of the bookings of a series, by the dates they were made for."""
    return {
        one["on"]: f"{clocks.datetime.fromisoformat(one['starts_at']).astimezone(clocks.zone(one['zone'])):%d %b %H.%M}"
        for one in series["dates"]
        if not active or one["state"] in ("booked", "checked-in")
    }


def taken(office, who, space, on, starts=9, ends=10):
    return office.booked(who, space, *hours(on, starts, ends))


def rows(office, series_id):
    return office.ask(select(Booking.__table__).where(Booking.series_id == series_id).order_by(Booking.id))


# To book


def test_a_series_is_booked_on_all_its_dates(year, me, room):
    answer = asked(year, me, room, purpose="Rapat rutin")
    found = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/booking-series/{found['id']}"
    assert answer.headers["etag"] == '"1"'
    assert [one["on"] for one in found["dates"]] == [f"{on}" for on in WEEKS[:6]]
    assert found["skipped"] == []
    assert (found["rule"], found["starts_on"]) == ("FREQ=WEEKLY;COUNT=6", f"{THURSDAY}")
    assert (found["starts"], found["ends"], found["zone"]) == ("09:00", "10:00", WITA)
    first = found["dates"][0]
    assert (first["starts_at"], first["ends_at"]) == ("2027-01-07T01:00:00Z", "2027-01-07T02:00:00Z")
    assert not any(one["exception"] for one in found["dates"])
    assert year.get(answer.headers["location"], me).json() == found
    booking = year.get(f"/api/bookings/{first['booking_id']}", me).json()
    assert (booking["series_id"], booking["occurs_on"]) == (found["id"], f"{THURSDAY}")
    assert booking["purpose"] == "Rapat rutin"
    assert booking["release_at"]
    assert year.findings() == []


def test_a_desk_of_ones_own_stands_in_the_way_of_a_date_moved_to_it(year, me):
    desk, own = year.desks()[:2]
    taken(year, me, own, WEEKS[1])
    starts_at, ends_at = (instant.isoformat() for instant in hours(WEEKS[1], 9, 10))
    fix = {"on": f"{WEEKS[1]}", "space_id": own, "starts_at": starts_at, "ends_at": ends_at}
    answer = asked(year, me, desk, fixes=[fix])
    assert answer.status_code == 409, answer.text
    assert [one["on"] for one in answer.json()["conflicts"]] == [f"{WEEKS[1]}"]
    assert year.findings() == []


def test_a_year_with_five_conflicts_is_answered_with_those_five(year, me, other, room):
    conflicting = [WEEKS[n] for n in (3, 11, 20, 34, 51)]
    for on in conflicting:
        taken(year, other, room, on, 9.5, 11)
    answer = asked(year, me, room, "FREQ=WEEKLY;COUNT=52")
    found = booked(year, me, room, "FREQ=WEEKLY;COUNT=52", skip_conflicts=True)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "series-conflicts")
    assert [one["on"] for one in problem["conflicts"]] == [f"{on}" for on in conflicting]
    assert (problem["facts"]["conflicting"], problem["facts"]["dates"]) == (5, 52)
    for one in problem["conflicts"]:
        assert one["hindrance"] == "taken"
        assert one["sentence"]
        assert len(one["ways_out"]) == 2
    assert len(found["dates"]) == 47
    assert found["skipped"] == [{"on": f"{on}", "hindrance": "taken"} for on in conflicting]
    assert year.findings() == []


def test_a_series_with_conflicts_leaves_nothing_behind(year, me, other, room):
    taken(year, other, room, WEEKS[2])
    before = year.ask(select(func.count()).select_from(Booking))
    assert asked(year, me, room).status_code == 409
    assert year.ask(select(func.count()).select_from(Booking)) == before
    assert year.ask(select(Series.id)) == []


def test_the_ways_out_of_conflicts_work_as_fixes(year, me, other, room):
    taken(year, other, room, WEEKS[1])
    taken(year, other, room, WEEKS[4])
    problem = asked(year, me, room).json()
    for n in (0, 1):
        ways = [one["ways_out"][n] for one in problem["conflicts"]]
        assert all(way["space_id"] != room for way in ways)
        fixes = [{name: way[name] for name in ("on", "space_id", "starts_at", "ends_at")} for way in ways]
        found = booked(year, me, room, fixes=fixes)
        assert len(found["dates"]) == 6
        assert [one["on"] for one in found["dates"] if one["exception"]] == [f"{WEEKS[1]}", f"{WEEKS[4]}"]
        assert year.delete(f"/api/booking-series/{found['id']}", me).status_code == 200
    assert year.findings() == []


@pytest.mark.parametrize(("more", "hindrance", "n", "ways"), [
    ({"starts": "05:00", "ends": "07:00"}, "outside-hours", 6, True),
    ({"starts": "06:00", "ends": "17:00"}, "too-long", 6, True),
    ({"starts_on": "2026-11-17", "rule": "FREQ=DAILY;COUNT=4"}, "past", 4, False),
])  # fmt: skip
def test_every_rule_of_the_house_names_its_dates(year, me, room, more, hindrance, n, ways):
    problem = asked(year, me, room, **more).json()
    assert [one["hindrance"] for one in problem["conflicts"]] == [hindrance] * n, problem
    assert all(bool(one.get("ways_out")) == ways for one in problem["conflicts"])
    if ways:
        fixes = [
            {name: way[name] for name in ("on", "space_id", "starts_at", "ends_at")}
            for way in (one["ways_out"][0] for one in problem["conflicts"])
        ]
        assert asked(year, me, room, **more, fixes=fixes).status_code == 201


def test_dates_beyond_the_horizon_are_conflicts_like_others(office, me, room):
    office.change(delete(HouseRule))
    put_rule(office.db, horizon_days=30)
    problem = asked(office, me, room, "FREQ=WEEKLY;COUNT=5", starts_on="2026-12-10").json()
    late = [f"{date(2026, 12, 10) + timedelta(weeks=n)}" for n in (3, 4)]
    assert {one["on"]: one["hindrance"] for one in problem["conflicts"]}.items() >= dict.fromkeys(
        late, "too-far-ahead"
    ).items()
    assert "24 Desember 2026" in problem["conflicts"][-1]["sentence"]


def test_a_rule_without_an_end_goes_as_far_as_may_be_booked(office, me, room):
    office.change(delete(HouseRule))
    put_rule(office.db, horizon_days=21, open_weekdays="1234567")
    found = booked(office, me, room, "FREQ=WEEKLY", starts_on="2026-12-01")
    assert found["rule"] == "FREQ=WEEKLY;UNTIL=20261215"
    assert len(found["dates"]) == 3


def test_a_day_off_is_moved_to_a_day_near_it(year, me, room):
    put_rule(year.db, open_weekdays="12345", weekday=None)
    problem = asked(year, me, room, "FREQ=DAILY;INTERVAL=2;COUNT=2").json()  # Thursday, Saturday
    assert [one["hindrance"] for one in problem["conflicts"]] == ["day-off"]
    way = problem["conflicts"][0]["ways_out"][0]
    assert way["starts_at"] == "2027-01-11T01:00:00Z"
    fix = {name: way[name] for name in ("on", "space_id", "starts_at", "ends_at")}
    found = booked(year, me, room, "FREQ=DAILY;INTERVAL=2;COUNT=2", fixes=[fix])
    assert times(found)["2027-01-09"] == "11 Jan 09.00"


def test_a_person_has_one_desk_on_the_dates_of_a_series_too(year, me):
    mine, wish = year.desks()[:2]
    taken(year, me, mine, WEEKS[1])
    problem = asked(year, me, wish).json()
    assert [one["hindrance"] for one in problem["conflicts"]] == ["has-desk"]
    assert "B-01" in problem["conflicts"][0]["sentence"]
    found = booked(year, me, wish, skip_conflicts=True)
    assert len(found["dates"]) == 5
    assert year.findings() == []


def test_rooms_keep_the_time_between_two_bookings(year, me, other, room):
    year.change(update(Space).where(Space.id == room).values(clearing_minutes=15))
    taken(year, other, room, WEEKS[2], 10, 11)
    problem = asked(year, me, room).json()
    assert [(one["on"], one["hindrance"]) for one in problem["conflicts"]] == [(f"{WEEKS[2]}", "turnaround")]


@pytest.mark.parametrize("change", [
    {"rule": "FREQ=HOURLY;COUNT=2"}, {"rule": "no"}, {"rule": ""}, {"rule": "FREQ=DAILY;UNTIL=20990101"},
    {"starts": "10:00"}, {"starts": "9:00"}, {"ends": "25:00"}, {"starts_on": "2027-02-30"}, {"starts_on": "2099-01-01"},
    {"space_id": 0}, {"purpose": "x" * 201}, {"purpose": "\x00"}, {"more": 1}, {"fixes": [{"on": "2027-01-08"}]},
    {"fixes": [{"on": "2027-01-07", "starts_at": "2027-01-07T09:00:00+08:00"}]},
    {"fixes": [{"on": "2027-01-07", "starts_at": "2027-01-07T09:00:00", "ends_at": "2027-01-07T10:00:00"}]},
])  # fmt: skip
def test_what_cannot_be_read_is_refused(year, me, room, change):
    answer = asked(year, me, **{"space": room, **change}) if "space_id" not in change else year.post(
        "/api/booking-series", me, json=wanted(room, **change)
    )  # fmt: skip
    assert answer.status_code == 400, answer.text


def test_only_for_whom_one_may_book_and_only_for_their_eyes(year, me, other, room):
    stranger = year.colleagues("KEMENKEU", site="JKT", posts=1)[0]
    assert asked(year, me, room, person_id=stranger).status_code in (403, 404)
    assert asked(year, None, room).status_code == 401
    assert asked(year, me, 2**31 - 1).status_code == 404
    found = booked(year, me, room)
    path = f"/api/booking-series/{found['id']}"
    for answer in (
        year.get(path, stranger),
        changed(year, stranger, found, "all", purpose="x"),
        year.delete(path, stranger),
    ):
        assert answer.status_code in (403, 404)
    assert year.get("/api/booking-series/999999", me).status_code == 404


def test_a_request_that_comes_twice_is_done_once(year, me, room):
    key = {"Idempotency-Key": "seri"}
    first, again = (year.post("/api/booking-series", me, json=wanted(room), headers=key) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert len(year.ask(select(Series.id))) == 1


def test_keepers_are_told_once_of_a_whole_series(year, me, room):
    year.change(update(Space).where(Space.id == room).values(needs_approval=True))
    keeper = year.id_of(ROOM_KEEPER)
    found = booked(year, me, room)
    assert {one["approval"] for one in found["dates"]} == {"asked"}
    told = year.ask(select(NoticeRow.facts).where(NoticeRow.person_id == keeper, NoticeRow.kind == "room-series-asked"))
    assert [row[0]["dates"] for row in told] == [6]
    done(changed(year, me, found, "all", starts="11:00", ends="12:00"))
    told = year.ask(select(NoticeRow.facts).where(NoticeRow.person_id == keeper, NoticeRow.kind == "room-series-asked"))
    assert len(told) == 1  # they are asked already
    mine = booked(year, keeper, room, starts="14:00", ends="15:00")
    assert {one["approval"] for one in mine["dates"]} == {"approved"}


# To change


def test_one_date_is_moved_and_stays_so_when_all_others_change(year, me, room):
    found = booked(year, me, room)
    found = done(changed(year, me, found, "this", WEEKS[2], starts="13:00", ends="14:00"))
    assert [one["on"] for one in found["dates"] if one["exception"]] == [f"{WEEKS[2]}"]
    assert found["version"] == 2
    year.delete(f"/api/bookings/{found['dates'][4]['booking_id']}", me)
    found = done(changed(year, me, found, "all", starts="08:00", ends="09:00"))
    assert list(times(found).values()) == [
        "07 Jan 08.00", "14 Jan 08.00", "21 Jan 13.00", "28 Jan 08.00", "11 Feb 08.00",
    ]  # fmt: skip
    assert [one["on"] for one in found["dates"] if one["exception"]] == [f"{WEEKS[2]}", f"{WEEKS[4]}"]
    assert year.findings() == []


def test_from_a_date_on_it_is_a_series_of_its_own(year, me, room):
    found = booked(year, me, room)
    answer = changed(year, me, found, "following", WEEKS[3], starts="10:00", ends="11:30", purpose="Rapat baru")
    new = done(answer)
    assert new["id"] != found["id"]
    assert answer.headers["location"] == f"/api/booking-series/{new['id']}"
    old = year.get(f"/api/booking-series/{found['id']}", me).json()
    assert (old["rule"], new["rule"]) == ("FREQ=WEEKLY;UNTIL=20270121", "FREQ=WEEKLY;COUNT=3")
    assert list(times(old).values()) == ["07 Jan 09.00", "14 Jan 09.00", "21 Jan 09.00"]
    assert list(times(new).values()) == ["28 Jan 10.00", "04 Feb 10.00", "11 Feb 10.00"]
    assert (old["purpose"], new["purpose"]) == ("", "Rapat baru")
    assert year.findings() == []


def test_a_series_moves_to_another_weekday_through_its_own_dates(year, me, room):
    found = booked(year, me, room, "FREQ=DAILY;COUNT=5")
    found = done(changed(year, me, found, "this", WEEKS[0] + timedelta(days=2), starts="15:00", ends="16:00"))
    found = done(changed(year, me, found, "all", WEEKS[0], moves_to=f"{WEEKS[0] + timedelta(days=1)}"))
    assert list(times(found).values()) == [
        "08 Jan 09.00", "09 Jan 09.00", "09 Jan 15.00", "11 Jan 09.00", "12 Jan 09.00",
    ]  # fmt: skip
    weekly = booked(year, me, room, "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4", starts="17:00", ends="18:00")
    weekly = done(changed(year, me, weekly, "following", date(2027, 1, 12), moves_to="2027-01-13"))
    assert weekly["rule"] == "FREQ=WEEKLY;COUNT=3;BYDAY=WE,FR;WKST=TU"
    assert list(times(weekly).values()) == ["13 Jan 17.00", "15 Jan 17.00", "20 Jan 17.00"]
    assert year.findings() == []


def test_a_new_rule_adds_dates_and_gives_others_back(year, me, room):
    found = booked(year, me, room, "FREQ=WEEKLY;BYDAY=TH;COUNT=4")
    year.delete(f"/api/bookings/{found['dates'][1]['booking_id']}", me)
    found = done(changed(year, me, found, "all", rule="FREQ=WEEKLY;BYDAY=TH,FR;COUNT=6"))
    assert list(times(found)) == ["2027-01-07", "2027-01-08", "2027-01-15", "2027-01-21", "2027-01-22"]
    found = done(changed(year, me, found, "all", rule="FREQ=WEEKLY;BYDAY=FR;COUNT=2"))
    assert list(times(found)) == ["2027-01-08", "2027-01-15"]
    assert year.findings() == []


def test_what_was_skipped_is_not_brought_back(year, me, other, room):
    taken(year, other, room, WEEKS[1])
    found = booked(year, me, room, skip_conflicts=True)
    found = done(changed(year, me, found, "all", starts="12:00", ends="13:00"))
    assert [one["on"] for one in found["skipped"]] == [f"{WEEKS[1]}"]
    assert len(found["dates"]) == 5


def test_a_change_with_conflicts_changes_nothing_or_what_it_can(year, me, other, room):
    taken(year, other, room, WEEKS[2], 13, 14)
    found = booked(year, me, room)
    before = rows(year, found["id"])
    answer = changed(year, me, found, "all", starts="13:00", ends="14:00")
    assert (answer.status_code, answer.json()["code"]) == (409, "series-conflicts")
    assert [one["on"] for one in answer.json()["conflicts"]] == [f"{WEEKS[2]}"]
    assert rows(year, found["id"]) == before
    way = answer.json()["conflicts"][0]["ways_out"][0]
    fix = {name: way[name] for name in ("on", "space_id", "starts_at", "ends_at")}
    fixed = done(changed(year, me, found, "all", starts="13:00", ends="14:00", fixes=[fix]))
    assert set(times(fixed).values()) == {f"{on:%d %b} 13.00" for on in WEEKS[:6]}
    back = done(changed(year, me, fixed, "all", starts="09:00", ends="10:00"))
    skipped = done(changed(year, me, back, "all", starts="13:00", ends="14:00", skip_conflicts=True))
    assert times(skipped)[f"{WEEKS[2]}"] == "21 Jan 13.00"  # the fixed one is an exception by now
    assert year.findings() == []


def test_what_cannot_change_stays_and_so_stands_in_the_way_of_the_next(year, me, other, room):
    found = booked(year, me, room, "FREQ=DAILY;COUNT=5")
    for n in (1, 4):
        year.delete(f"/api/bookings/{found['dates'][n]['booking_id']}", me)
    taken(year, other, room, WEEKS[0] + timedelta(days=4))
    found = done(changed(year, me, found, "all", WEEKS[0], moves_to="2027-01-08", skip_conflicts=True))
    assert list(times(found).values()) == ["08 Jan 09.00", "09 Jan 09.00", "10 Jan 09.00"]
    assert [(one["on"], one["hindrance"]) for one in found["skipped"]] == [
        ("2027-01-10", "taken"), ("2027-01-11", "taken"),
    ]  # fmt: skip
    assert year.findings() == []


def test_past_dates_are_left_alone(year, me, room):
    found = booked(year, me, room)
    year.clock.set(at(WEEKS[2], 9, 30))
    before = {row.id: row for row in rows(year, found["id"])[:3]}
    new = done(changed(year, me, found, "all", starts="12:00", ends="13:00"))
    assert new["id"] == found["id"]
    assert new["starts_on"] == f"{WEEKS[3]}"
    assert {row.id: row for row in rows(year, found["id"])[:3]} == before
    assert list(times(new).values())[2:] == ["21 Jan 09.00", "28 Jan 12.00", "04 Feb 12.00", "11 Feb 12.00"]
    assert not any(one["exception"] for one in new["dates"])
    for scope, on in (("following", WEEKS[1]), ("this", WEEKS[2])):
        answer = changed(year, me, new, scope, on, starts="15:00", ends="16:00")
        assert (answer.status_code, answer.json()["code"]) in ((409, "not-now"), (404, "not-found")), answer.text
    year.clock.set(at(WEEKS[8], 9))
    assert changed(year, me, new, "all", purpose="x").json()["code"] == "not-now"


@pytest.mark.parametrize("change", [
    {"scope": "this"}, {"scope": "following"}, {"scope": "all", "moves_to": "2027-01-08"}, {"scope": "some"},
    {"scope": "all", "starts": "11:00"}, {"scope": "all", "rule": "FREQ=HOURLY;COUNT=2"},
    {"scope": "this", "on": "2027-01-07", "rule": "FREQ=DAILY;COUNT=2"},
    {"scope": "this", "on": "2027-01-07", "starts": "11:00"},
    {"scope": "this", "on": "2027-01-07", "fixes": [{"on": "2027-01-07"}]},
    {"scope": "all", "on": "2027-01-07", "rule": "FREQ=DAILY;COUNT=2", "moves_to": "2027-01-08"},
])  # fmt: skip
def test_a_change_that_cannot_be_is_refused(year, me, room, change):
    found = booked(year, me, room)
    assert year.patch(f"/api/booking-series/{found['id']}", me, json=change).status_code == 400


def test_a_date_that_is_none_is_not_found(year, me, room):
    found = booked(year, me, room)
    for scope in ("this", "following", "all"):
        assert changed(year, me, found, scope, THURSDAY + timedelta(days=1), purpose="x").status_code == 404


def test_versions_keep_two_from_changing_at_once(year, me, room):
    found = booked(year, me, room)
    path = f"/api/booking-series/{found['id']}"
    first = year.patch(path, me, json={"scope": "all", "purpose": "a"}, headers={"If-Match": '"1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert year.patch(path, me, json={"scope": "all", "purpose": "b"}, headers={"If-Match": '"1"'}).status_code == 412
    assert year.delete(path, me, headers={"If-Match": '"1"'}).status_code == 412
    assert year.delete(path, me, headers={"If-Match": '"2"'}).status_code == 200


def test_nothing_changed_is_no_new_version(year, me, room):
    found = booked(year, me, room)
    for scope, on in (("all", None), ("following", WEEKS[2]), ("this", WEEKS[2])):
        assert done(changed(year, me, found, scope, on, starts="09:00", ends="10:00")) == found


# To cancel


def test_a_range_of_dates_is_cancelled(year, me, room):
    found = booked(year, me, room)
    path = f"/api/booking-series/{found['id']}"
    done(changed(year, me, found, "this", WEEKS[4], moves_to=f"{WEEKS[2] + timedelta(days=1)}"))
    part = done(year.delete(f"{path}?from={WEEKS[1]}&until={WEEKS[2] + timedelta(days=1)}", me))
    assert list(times(part)) == [f"{WEEKS[n]}" for n in (0, 3, 5)]
    assert part["ended_at"] is None
    assert done(year.delete(f"{path}?from={WEEKS[1]}&until={WEEKS[2]}", me)) == part
    assert year.delete(f"{path}?from={WEEKS[2]}&until={WEEKS[1]}", me).status_code == 400
    year.clock.set(at(WEEKS[0], 9, 5))
    whole = done(year.delete(path, me))
    assert list(times(whole)) == [f"{WEEKS[0]}"]  # it has begun
    assert year.findings() == []
    year.clock.set(at(WEEKS[1], 9))
    year.sweep()
    assert done(year.delete(path, me))["version"] == whole["version"]


def test_what_a_series_leaves_goes_to_the_first_in_line(year, me, other, room):
    found = booked(year, me, room)
    spans = [hours(WEEKS[n], 9, 10) for n in (1, 2)]
    for span in spans:
        wish = {"space_id": room, "starts_at": span[0].isoformat(), "ends_at": span[1].isoformat(), "automatic": True}
        assert year.post("/api/waiting-list", other, json=wish).status_code == 201
    done(changed(year, me, found, "following", WEEKS[2], starts="10:00", ends="11:00"))
    done(year.delete(f"/api/booking-series/{found['id']}?from={WEEKS[1]}&until={WEEKS[1]}", me))
    theirs = select(Booking.starts_at).where(
        Booking.person_id == other, Booking.space_id == room, Booking.active, Booking.starts_at > at(THURSDAY, 0)
    )
    assert sorted(row[0] for row in year.ask(theirs)) == [span[0] for span in spans]
    assert year.findings() == []


@pytest.mark.lengthy
def test_a_fault_at_any_statement_leaves_all_as_it_was(year, me, room):
    tables = (Series, Booking)
    fail_at_each_statement(year.db, tables, lambda: asked(year, me, room))
    found = year.ask(select(Series.id))[0][0]
    body = {"scope": "following", "on": f"{WEEKS[2]}", "rule": "FREQ=WEEKLY;BYDAY=TH,FR;COUNT=4", "starts": "08:00"}
    path = f"/api/booking-series/{found}"
    statements = fail_at_each_statement(year.db, tables, lambda: year.patch(path, me, json=body))
    assert statements < 80
    fail_at_each_statement(year.db, tables, lambda: year.delete(f"{path}?from={WEEKS[0]}&until={WEEKS[1]}", me))
    assert year.findings() == []


# Whatever is done


class Changes(RuleBasedStateMachine):
    """A room, two people with series in it, and single bookings in between; the clock goes on."""

    office = None

    @initialize()
    def begin(self):
        self.office.change(delete(Booking))
        self.office.change(delete(Series))
        self.office.db.write_here(lambda session: session.execute(delete(Journal)) and None)
        self.office.clock.set(NOW)
        self.people = self.office.colleagues(posts=2)
        self.rooms = self.office.rooms()[:3]
        self.owners = {}

    def act(self, what, *args, who=0, **more):
        """One change; exceptions and all that has begun are the same after it. Whether it was refused."""
        actor = self.office.actor(self.people[who])
        before = {row.id: row for row in self.rows()}
        exceptions = self.exceptions()
        try:
            answer = self.office.db.write_here(what, actor, *args, now=self.office.clock(), **more)
        except Refused as refused:
            assert {row.id: row for row in self.rows()} == before
            if isinstance(refused, SeriesConflicts):
                self.check(actor, refused)
            return None
        after = {row.id: row for row in self.rows()}
        now = self.office.clock()
        for id, row in before.items():
            if row.starts_at <= now or not row.active:
                assert after[id][: len(row)] == row or (row.starts_at > now and same(after[id], row))
        if what is series_changes.change_series and args[1].scope != "this":
            for id in exceptions:
                assert same(after[id], before[id]), (args, before[id], after[id])
        self.owners[answer.id] = who
        return answer

    def check(self, actor, refused):
        """Each conflict is there; its ways out are free."""
        assert refused.conflicts
        self.office.db.read_here(refused.search)
        for conflict in refused.conflicts.values():
            for way in conflict.ways_out:
                clash = select(Booking.id).where(
                    Booking.space_id == way.space_id,
                    Booking.active,
                    Booking.starts_at < way.ends_at,
                    Booking.ends_at > way.starts_at,
                    Booking.person_id != actor.id,
                )
                assert self.office.ask(clash) == []

    def rows(self):
        return self.office.ask(select(Booking.__table__).where(Booking.series_id.is_not(None)).order_by(Booking.id))

    def exceptions(self):
        """Ids of coming bookings that aren't where their series has them."""
        found = []
        for series_row in self.office.ask(select(Series.__table__)):
            for row in self.rows():
                if row.series_id == series_row.id and row.occurs_on >= series_row.starts_on:
                    starts = clocks.instant_of(row.occurs_on, series_row.starts, WITA)
                    ends = clocks.instant_of(row.occurs_on, series_row.ends, WITA)
                    regular = (series_row.space_id, starts, ends) == (row.space_id, row.starts_at, row.ends_at)
                    if not regular or not row.active:
                        found.append(row.id)
        return found

    def chosen(self, data):
        """A series, whose it is, and one of its dates: of those to come, if there are any."""
        series_id = data.draw(st.sampled_from(sorted(self.owners)))
        rows = [row for row in self.rows() if row.series_id == series_id]
        coming = [row for row in rows if row.active and row.starts_at > self.office.clock()]
        on = data.draw(st.sampled_from(sorted(row.occurs_on for row in coming or rows) or [TODAY]))
        return series_id, self.owners[series_id], on

    @precondition(lambda self: len(self.owners) < 5)
    @rule(
        who=st.integers(0, 1),
        room=st.integers(0, 2),
        starts=st.sampled_from(["07:00", "08:00", "09:00"]),
        rule=st.sampled_from(["FREQ=DAILY;COUNT=5", "FREQ=WEEKLY;COUNT=4", "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=6"]),
        day=st.integers(0, 4),
        skip=st.booleans(),
    )
    def book(self, who, room, starts, rule, day, skip):
        starts_on = clocks.local_date(self.office.clock(), WITA) + timedelta(days=day)
        new = NewSeries(self.rooms[room], rule, starts_on, starts, "09:30", skip_conflicts=skip)
        self.act(series.book_series, new, who=who)

    @precondition(lambda self: self.owners)
    @rule(data=st.data(), what=st.sampled_from(["hours", "space", "move"]))
    def change_one(self, data, what):
        series_id, who, on = self.chosen(data)
        wanted = SeriesChange("this", on, **self.given(data, what, on))
        self.act(series_changes.change_series, series_id, wanted, who=who)

    @precondition(lambda self: self.owners)
    @rule(
        data=st.data(),
        scope=st.sampled_from(["following", "all"]),
        what=st.sampled_from(["hours", "space", "move", "rule", "purpose"]),
        skip=st.booleans(),
    )
    def change_many(self, data, scope, what, skip):
        series_id, who, on = self.chosen(data)
        wanted = SeriesChange(scope, on, **self.given(data, what, on), skip_conflicts=skip)
        self.act(series_changes.change_series, series_id, wanted, who=who)

    def given(self, data, what, on):
        return {
            "hours": {"starts": data.draw(st.sampled_from(["07:00", "08:00", "11:00"])), "ends": "12:00"},
            "space": {"space_id": data.draw(st.sampled_from(self.rooms))},
            "move": {"moves_to": on + timedelta(days=data.draw(st.integers(-3, 3)))},
            "rule": {"rule": data.draw(st.sampled_from(["FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;BYDAY=TU,FR;COUNT=5"]))},
            "purpose": {"purpose": data.draw(st.sampled_from(["a", "b"]))},
        }[what]

    @precondition(lambda self: self.owners)
    @rule(data=st.data(), days=st.integers(0, 9))
    def cancel(self, data, days):
        series_id, who, on = self.chosen(data)
        until = on + timedelta(days=days)
        answer = self.act(series.cancel_range, series_id, from_on=on, until_on=until, who=who)
        assert answer is not None
        now = self.office.clock()
        left = [one for one in answer.dates if one.state == "booked" and one.starts_at > now]
        assert not any(on <= clocks.local_date(one.starts_at, WITA) <= until for one in left)

    @rule(hours=st.sampled_from([1, 20, 30, 100]))
    def go_on(self, hours):
        self.office.clock.advance(hours=hours)

    @invariant()
    def as_promised(self):
        assert self.office.findings() == []


def same(after, before):
    """The booking is as it was, whatever date of its series it stands for."""
    names = ("space_id", "person_id", "starts_at", "ends_at", "state", "active", "purpose", "approval", "release_at")
    return all(getattr(after, name) == getattr(before, name) for name in names)


@pytest.mark.lengthy
def test_whatever_is_edited_exceptions_and_the_past_stay_and_nothing_overlaps(copies, monkeypatch):
    fired = []
    monkeypatch.setattr(guards, "lost_race", fired.append)
    rounds = 40 if copies.name == "sqlite" else 12
    with copy_of(copies) as address, Database(address) as db, office_at(db, address, clock=FakeClock()) as office:
        open_all_year(office)
        office.change(update(Space).values(setup_minutes=0, clearing_minutes=0, needs_approval=False))
        Changes.office = office
        run_state_machine_as_test(
            Changes,
            settings=settings(
                max_examples=rounds,
                stateful_step_count=25,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert fired == []
