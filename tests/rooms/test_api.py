"""Desks and rooms from the outside, over HTTP: every rule with its status, its code, its facts and its ways out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from app import journal
from app.people.models import Agency, Person
from app.rooms import house
from app.rooms.models import Allotment, Booking, Closure, HouseRule, Space
from app.rooms.rules import Hindrance
from app.scheduling import rulebook
from app.scheduling.models import DayOffRow
from tests.support.office import EMPLOYEE, HR, NOW, QUIET, ROOM_KEEPER, SUPERIOR, WIB, WITA, at, hours
from tests.support.world import TODAY

SATURDAY = date(2026, 12, 12)
CHRISTMAS = date(2026, 12, 25)


@pytest.fixture
def me(office):
    return office.id_of(EMPLOYEE)


@pytest.fixture
def boss(office):
    return office.id_of(SUPERIOR)


@pytest.fixture
def desk(office):
    return office.desks()[0]


def refused(answer, hindrance):
    """The problem of a refusal, which is shaped as promised."""
    problem = answer.json()
    assert answer.status_code == 409, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"] == "not-bookable"
    assert problem["type"] == "/problems/not-bookable"
    assert problem["status"] == 409
    assert problem["facts"]["hindrance"] == hindrance
    assert problem["title"]
    assert "{" not in problem["detail"]
    return problem


def all_ways_work(office, who, problem, least=1):
    """Each offered way out is gone, and undone before the next."""
    ways = problem.get("ways_out", [])
    assert len(ways) >= least, problem
    assert len(ways) <= 3
    for way in ways:
        answer = office.take(who, way)
        assert answer.status_code in (200, 201), (way, answer.text)
        assert answer.json()["space_id"] == way["space_id"]
        if way["action"] == "book":
            assert office.delete(f"/api/bookings/{answer.json()['id']}", who).status_code == 200
    assert office.findings() == []


def put_rule(office, **settings):
    def put(session):
        session.execute(insert(HouseRule).values(from_on=date(2026, 1, 1), basis="Aturan uji", **settings))
        house.changed(session)

    office.db.write_here(put)


# Booking


def test_a_booking_is_answered_whole_with_its_address_and_version(office, me, desk):
    answer = office.book(me, desk, purpose="Rapat tim")
    booking = answer.json()
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"/api/bookings/{booking['id']}"
    assert booking == {
        "id": booking["id"],
        "space_id": desk,
        "space": "B-01",
        "kind": "desk",
        "person_id": me,
        "booked_by_id": me,
        "starts_at": "2026-12-10T00:00:00Z",
        "ends_at": "2026-12-10T08:00:00Z",
        "zone": WITA,
        "state": "booked",
        "purpose": "Rapat tim",
        "release_at": "2026-12-10T02:00:00Z",
        "checked_in_at": None,
        "ended_at": None,
        "version": 1,
        **dict.fromkeys(("segment_id", "meeting_id", "series_id", "occurs_on", "held_until")),
        **dict.fromkeys(("approval", "remark"), ""),
    }
    assert office.get(answer.headers["location"], me).json() == booking


def test_any_offset_is_understood_and_fractions_of_a_second_are_dropped(office, me, desk):
    data = {"space_id": desk, "starts_at": "2026-12-10T08:00:00.900+08:00", "ends_at": "2026-12-10T15:00:00.2+07:00"}
    booking = office.post("/api/bookings", me, json=data).json()
    assert (booking["starts_at"], booking["ends_at"]) == ("2026-12-10T00:00:00Z", "2026-12-10T08:00:00Z")


@pytest.mark.parametrize("change", [
    {"starts_at": "2026-12-10T08:00:00"},  # no zone
    {"starts_at": "2026-12-10T17:00:00+08:00"},  # backwards
    {"starts_at": "2026-12-10T16:00:00+08:00"},  # empty
    {"starts_at": "2026-12-10T15:59:59.9+08:00"},  # but for a fraction of a second
    {"starts_at": "2026-12-10T15:59:17+08:00"},  # shorter than a minute
    {"starts_at": "1999-12-10T08:00:00+08:00"},
    {"ends_at": "2101-12-10T08:00:00+08:00"},
    {"starts_at": "soon"},
    {"space_id": 0},
    {"space_id": 2**31},
    {"space_id": None},
    {"person_id": -1},
    {"purpose": "x" * 201},
    {"purpose": "a\x00b"},
    {"colour": "red"},
])  # fmt: skip
def test_what_cannot_be_read_is_refused_before_anything_happens(shared_office, change):
    data = {
        "space_id": shared_office.desks()[0],
        "starts_at": "2026-12-10T08:00:00+08:00",
        "ends_at": "2026-12-10T16:00:00+08:00",
    }
    answer = shared_office.post("/api/bookings", shared_office.id_of(EMPLOYEE), json=data | change)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"space_id": 1e400}'])
def test_a_body_that_is_no_booking_is_refused(shared_office, body):
    answer = shared_office.post(
        "/api/bookings", shared_office.id_of(EMPLOYEE), content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_nobody_books_without_signing_in(office, desk):
    answer = office.book(None, desk)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign-in-needed")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_desk_there_is_not_is_not_found(office, me):
    assert office.book(me, 999_999).json()["code"] == "not-found"
    assert office.book(me, 999_999).status_code == 404


# Each hindrance, with ways out that work


def test_the_past_is_refused_with_times_to_come(office, me, desk):
    problem = refused(office.book(me, desk, *hours(TODAY, 7, 9)), Hindrance.PAST)
    all_ways_work(office, me, problem)


def test_a_room_that_is_not_offered_is_refused_with_other_rooms(office, me):
    musala = office.rooms(bookable=False)[0]
    all_ways_work(office, me, refused(office.book(me, musala), Hindrance.NOT_OFFERED))


def test_a_retired_desk_is_not_offered(office, me, desk):
    office.change(update(Space).where(Space.id == desk).values(retired_at=NOW))
    all_ways_work(office, me, refused(office.book(me, desk), Hindrance.NOT_OFFERED))


def test_too_far_ahead_is_refused_with_the_last_day_and_days_within(office, me, desk):
    problem = refused(office.book(me, desk, *hours(date(2026, 12, 28), 8, 16)), Hindrance.TOO_FAR_AHEAD)
    assert problem["facts"]["days"] == 30
    assert problem["facts"]["last_on"] == "2026-12-24"
    assert problem["facts"]["basis"] == "Tata tertib kantor bersama (contoh)"
    assert "24 Desember 2026" in problem["detail"]
    all_ways_work(office, me, problem)


def test_the_ministry_of_finance_has_a_shorter_horizon(office, me, desk):
    theirs = office.colleagues("KEMENKEU")[0]
    problem = refused(office.book(theirs, desk, *hours(date(2026, 12, 9), 8, 16)), Hindrance.TOO_FAR_AHEAD)
    assert problem["facts"]["days"] == 14
    all_ways_work(office, theirs, problem)
    assert office.book(me, desk, *hours(date(2026, 12, 9), 8, 16)).status_code == 201


def test_too_long_is_refused_with_a_shorter_span(office, me, desk):
    problem = refused(office.book(me, desk, *hours(QUIET, 7, 18)), Hindrance.TOO_LONG)
    assert problem["facts"]["minutes"] == 600
    assert "10 jam" in problem["detail"]
    all_ways_work(office, me, problem)


@pytest.mark.parametrize(("on", "name"), [(SATURDAY, None), (date(2026, 12, 24), "Cuti bersama Hari Raya Natal")])
def test_a_day_off_is_refused_with_working_days(office, me, desk, on, name):
    problem = refused(office.book(me, desk, *hours(on, 8, 16)), Hindrance.DAY_OFF)
    assert problem["facts"]["on"] == on.isoformat()
    assert problem["facts"].get("name") == name
    if on == SATURDAY:
        all_ways_work(office, me, problem)


@pytest.mark.parametrize(("starts", "ends"), [(5, 9), (18, 21), (21, 23)])
def test_outside_the_opening_hours_is_refused_with_hours_inside(office, me, desk, starts, ends):
    problem = refused(office.book(me, desk, *hours(QUIET, starts, ends)), Hindrance.OUTSIDE_HOURS)
    assert "06.00–20.00 WITA" in problem["detail"]
    all_ways_work(office, me, problem)


def test_a_closed_desk_is_refused_with_the_reason_and_desks_near(office, me):
    chair = office.desk("A-05")
    problem = refused(office.book(me, chair, *hours(date(2026, 11, 26), 8, 16)), Hindrance.CLOSED)
    assert problem["facts"]["reason"] == "Perbaikan kursi dan stopkontak"
    assert problem["facts"]["until"] == "2026-11-26T12:00:00Z"


def test_a_closed_desk_leads_to_others(office, me, desk):
    def close(session):
        span = dict(zip(("starts_at", "ends_at"), hours(QUIET, 10, 11), strict=True))
        session.execute(insert(Closure).values(space_id=desk, reason="Cat", **span))
        house.changed(session)

    office.db.write_here(close)
    all_ways_work(office, me, refused(office.book(me, desk), Hindrance.CLOSED), least=3)


def test_an_area_of_another_agency_is_refused_with_desks_of_ones_own(office, me):
    theirs = office.desks("IKN-K3-A-04", "B")[0]
    all_ways_work(office, me, refused(office.book(me, theirs), Hindrance.NOT_ALLOTTED), least=3)


def test_a_taken_desk_is_refused_with_three_that_are_free(office, me, desk):
    other = office.colleagues()[0]
    office.booked(other, desk)
    problem = refused(office.book(me, desk), Hindrance.TAKEN)
    assert "B-01" in problem["detail"]
    assert str(other) not in problem["detail"]
    all_ways_work(office, me, problem, least=3)


def test_a_taken_desk_leads_whoever_has_another_to_change_that_one(office, me):
    desk, mine = office.desks()[:2]
    office.booked(office.colleagues()[0], desk)
    own = office.booked(me, mine)
    problem = refused(office.book(me, desk), Hindrance.TAKEN)
    assert {(way["action"], way["booking_id"]) for way in problem["ways_out"]} == {("change", own["id"])}
    all_ways_work(office, me, problem, least=3)


def test_who_has_a_desk_is_shown_it_and_may_move(office, me):
    mine, desk = office.desks()[:2]
    own = office.booked(me, mine)
    problem = refused(office.book(me, desk, *hours(QUIET, 10, 12)), Hindrance.HAS_DESK)
    assert problem["facts"]["other"] == "B-01"
    assert problem["facts"]["booking_id"] == own["id"]
    all_ways_work(office, me, problem)


def test_a_taken_room_is_refused_with_other_rooms(office, me):
    room = office.rooms()[0]
    office.booked(office.colleagues()[0], room)
    all_ways_work(office, me, refused(office.book(me, room), Hindrance.TAKEN), least=3)


def test_a_move_to_a_taken_desk_leads_to_free_ones_nearby(office, me):
    mine, desk = office.desks()[:2]
    own = office.booked(me, mine)
    office.booked(office.colleagues()[0], desk)
    answer = office.patch(f"/api/bookings/{own['id']}", me, json={"space_id": desk})
    problem = refused(answer, Hindrance.TAKEN)
    assert {way["booking_id"] for way in problem["ways_out"]} == {own["id"]}
    all_ways_work(office, me, problem, least=3)


def test_a_move_into_hours_where_one_has_another_desk_offers_nothing_that_fails(office, me):
    mine, other, desk = office.desks()[:3]
    morning = office.booked(me, mine, *hours(QUIET, 7, 9))
    office.booked(me, other, *hours(QUIET, 10, 12))
    office.booked(office.colleagues()[0], desk, *hours(QUIET, 10, 12))
    starts_at, ends_at = hours(QUIET, 10, 12)
    change = {"space_id": desk, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    problem = refused(office.patch(f"/api/bookings/{morning['id']}", me, json=change), Hindrance.TAKEN)
    all_ways_work(office, me, problem, least=0)


def test_touching_bookings_are_no_conflict(office, me, desk):
    office.booked(me, desk, *hours(QUIET, 8, 10))
    office.booked(office.colleagues()[0], desk, *hours(QUIET, 10, 12))
    office.booked(me, office.desks()[1], *hours(QUIET, 10, 12))


def test_what_is_no_longer_active_stands_in_nobodys_way(office, me, desk):
    office.delete(f"/api/bookings/{office.booked(me, desk)['id']}", me)
    office.booked(office.colleagues()[0], desk)


def test_refusals_are_worded_in_the_readers_language(office, me, desk):
    office.booked(office.colleagues()[0], desk)
    said = [
        office.book(me, desk, headers={"Accept-Language": wish}).json()["detail"] for wish in ("id", "en-GB,en;q=0.8")
    ]
    assert said[0].startswith("B-01 baru saja")
    assert said[1] != said[0]
    assert "B-01" in said[1]


# Changing


def test_a_booking_moves_in_place_and_time_and_counts_its_versions(office, me):
    first, second = office.desks()[:2]
    booking = office.booked(me, first)
    path = f"/api/bookings/{booking['id']}"
    moved = office.patch(path, me, json={"space_id": second})
    assert (moved.status_code, moved.headers["etag"], moved.json()["space"]) == (200, '"2"', "B-02")
    ends_at = at(QUIET, 12)
    shorter = office.patch(path, me, json={"ends_at": ends_at.isoformat()}).json()
    assert (shorter["space_id"], datetime.fromisoformat(shorter["ends_at"]), shorter["version"]) == (second, ends_at, 3)
    office.booked(office.colleagues()[0], first)
    assert office.findings() == []


def test_a_change_that_changes_nothing_keeps_its_version(office, me, desk):
    booking = office.booked(me, desk)
    same = office.patch(f"/api/bookings/{booking['id']}", me, json={"space_id": desk, "purpose": ""})
    assert same.json() == booking


def test_a_desk_cannot_become_a_room(office, me, desk):
    booking = office.booked(me, desk)
    answer = office.patch(f"/api/bookings/{booking['id']}", me, json={"space_id": office.rooms()[0]})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("change", [
    {"ends_at": "2026-12-10T07:00:00+08:00"},
    {"state": "released"},
    {"state": None},
    {"person_id": 1},
    {"starts_at": "2026-12-10T07:00:00"},
])  # fmt: skip
def test_a_change_that_cannot_be_read_is_refused(office, me, desk, change):
    booking = office.booked(me, desk)
    assert office.patch(f"/api/bookings/{booking['id']}", me, json=change).status_code == 400


@pytest.mark.parametrize(("header", "status"), [
    ('"1"', 200), ("1", 200), ('W/"1"', 200), ("*", 200), ('"2"', 412), ('"0"', 412),
    ('"x"', 400), ("", 400), ('"1", "2"', 400), ('"99999999999"', 400), ('"١"', 400),
])  # fmt: skip
def test_if_match_guards_against_changes_unseen(office, me, desk, header, status):
    booking = office.booked(me, desk)
    headers = {"If-Match": header.encode()}
    answer = office.patch(f"/api/bookings/{booking['id']}", me, json={"purpose": "baru"}, headers=headers)
    assert answer.status_code == status, answer.text
    if status == 412:
        assert answer.json()["code"] == "stale"
        assert answer.json()["facts"]["version"] == 1


@pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("PUT", "/check-in"), ("DELETE", "/check-in")])
def test_every_write_to_a_booking_minds_if_match(office, me, desk, method, path):
    booking = office.booked(me, desk)
    answer = office.call(method, f"/api/bookings/{booking['id']}{path}", me, headers={"If-Match": '"7"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")


# Giving back, taking up again


def test_a_booking_given_back_is_kept_as_history_and_may_be_taken_up_again(office, me, desk):
    booking = office.booked(me, desk)
    path = f"/api/bookings/{booking['id']}"
    gone = office.delete(path, me).json()
    assert (gone["state"], gone["version"], gone["release_at"]) == ("cancelled", 2, None)
    assert office.delete(path, me).json() == gone
    back = office.patch(path, me, json={"state": "booked"}).json()
    assert (back["state"], back["version"], back["ended_at"]) == ("booked", 3, None)
    assert office.findings() == []


def test_what_somebody_took_meanwhile_cannot_be_taken_up_again_but_something_near_can(office, me, desk):
    booking = office.booked(me, desk)
    path = f"/api/bookings/{booking['id']}"
    office.delete(path, me)
    office.booked(office.colleagues()[0], desk)
    problem = refused(office.patch(path, me, json={"state": "booked"}), Hindrance.TAKEN)
    all_ways_work(office, me, problem, least=3)


def test_a_cancelled_booking_is_not_changed_in_passing(office, me, desk):
    booking = office.booked(me, desk)
    office.delete(f"/api/bookings/{booking['id']}", me)
    answer = office.patch(f"/api/bookings/{booking['id']}", me, json={"purpose": "x"})
    assert (answer.status_code, answer.json()["code"], answer.json()["facts"]["why"]) == (409, "not-now", "ended")


# Checking in and out


def test_the_door_opens_an_hour_before(office, me, desk, clock):
    booking = office.booked(me, desk)
    path = f"/api/bookings/{booking['id']}/check-in"
    clock.set(at(QUIET, 6, 59))
    early = office.put(path, me)
    assert (early.status_code, early.json()["code"], early.json()["facts"]["why"]) == (409, "not-now", "too-early")
    assert "07.00 WITA" in early.json()["detail"]
    clock.set(at(QUIET, 7))
    there = office.put(path, me).json()
    assert (there["state"], there["checked_in_at"]) == ("checked-in", "2026-12-09T23:00:00Z")
    assert there["release_at"] == there["ends_at"]
    assert office.put(path, me).json() == there


def test_who_checked_in_leaves_and_the_rest_is_free_at_once(office, me, desk, clock):
    booking = office.booked(me, desk)
    path = f"/api/bookings/{booking['id']}/check-in"
    assert office.delete(path, me).json()["facts"]["why"] == "not-checked-in"
    clock.set(at(QUIET, 8))
    office.put(path, me)
    clock.set(at(QUIET, 11))
    gone = office.delete(path, me).json()
    assert (gone["state"], gone["ended_at"]) == ("completed", "2026-12-10T03:00:00Z")
    assert office.delete(path, me).json() == gone
    office.booked(office.colleagues()[0], desk, *hours(QUIET, 11, 16))
    assert office.findings() == []


def test_who_checked_in_keeps_the_desk_but_may_leave_later(office, me, clock):
    desk, other = office.desks()[:2]
    booking = office.booked(me, desk)
    clock.set(at(QUIET, 8))
    office.put(f"/api/bookings/{booking['id']}/check-in", me)
    path = f"/api/bookings/{booking['id']}"
    moved = office.patch(path, me, json={"space_id": other})
    assert (moved.status_code, moved.json()["facts"]["why"]) == (409, "checked-in")
    longer = office.patch(path, me, json={"ends_at": at(QUIET, 17).isoformat()}).json()
    assert (longer["state"], longer["release_at"]) == ("checked-in", longer["ends_at"])


@pytest.mark.parametrize("hour", [10, 17])
def test_after_its_release_or_its_end_nobody_checks_in(office, me, desk, clock, hour):
    booking = office.booked(me, desk)
    clock.set(at(QUIET, hour))
    answer = office.put(f"/api/bookings/{booking['id']}/check-in", me)
    assert (answer.status_code, answer.json()["facts"]["why"]) == (409, "ended")


def test_the_check_in_window_follows_the_rules_of_the_persons_agency(office, desk, clock):
    """Whoever presses the button: docs/places.md says an agency's row is for the person's agency."""
    theirs, operator = office.colleagues("KEMENDAGRI")[0], office.id_of("admin@selaras.test")
    agency = office.ask(select(Agency.id).where(Agency.code == "KEMENDAGRI"))[0][0]
    put_rule(office, agency_id=agency, check_in_from_minutes=180)
    booking = office.booked(theirs, desk)
    clock.set(at(QUIET, 5, 30))
    assert office.put(f"/api/bookings/{booking['id']}/check-in", operator).status_code == 200


# What the clock does


def test_a_no_show_is_released_two_hours_after_its_start(office, me, desk, clock):
    booking = office.booked(me, desk)
    clock.set(at(QUIET, 9, 59))
    office.sweep()
    assert office.booking(booking["id"]).state == "booked"
    clock.set(at(QUIET, 10))
    office.sweep()
    row = office.booking(booking["id"])
    assert (row.state, row.active, row.ended_at, row.version) == ("released", False, at(QUIET, 10), 2)
    office.booked(office.colleagues()[0], desk, *hours(QUIET, 10, 16))
    assert office.findings() == []


def test_who_checked_in_is_not_released_but_done_at_the_end(office, me, desk, clock):
    booking = office.booked(me, desk)
    clock.set(at(QUIET, 8))
    office.put(f"/api/bookings/{booking['id']}/check-in", me)
    clock.set(at(QUIET, 15, 59))
    office.sweep()
    assert office.booking(booking["id"]).state == "checked-in"
    clock.set(at(QUIET, 16))
    office.sweep()
    assert (office.booking(booking["id"]).state, office.booking(booking["id"]).ended_at) == ("completed", at(QUIET, 16))


def test_a_released_desk_may_be_taken_up_again_while_it_is_free(office, me, desk, clock):
    booking = office.booked(me, desk)
    clock.set(at(QUIET, 10, 30))
    office.sweep()
    back = office.patch(f"/api/bookings/{booking['id']}", me, json={"state": "booked"}).json()
    assert (back["state"], back["release_at"]) == ("booked", "2026-12-10T04:30:00Z")


def test_a_long_queue_is_worked_off_in_one_run(office, clock):
    clock.advance(days=40)
    waiting = office.ask(select(Booking.id).where(Booking.active))
    assert len(waiting) > 200
    assert office.sweep() == len(waiting)
    assert office.sweep() == 0
    assert office.ask(select(Booking.id).where(Booking.active)) == []
    assert office.findings() == []


# For somebody else


def test_superiors_and_those_who_care_for_staff_and_rooms_book_for_others(office, me, desk):
    for n, helper in enumerate((SUPERIOR, HR, ROOM_KEEPER, "admin@selaras.test")):
        booking = office.booked(
            office.id_of(helper), office.desks()[n], *hours(QUIET, 7 + 2 * n, 9 + 2 * n), person_id=me
        )
        assert (booking["person_id"], booking["booked_by_id"]) == (me, office.id_of(helper))
        assert office.get(f"/api/bookings/{booking['id']}", me).status_code == 200


def test_a_colleague_may_not_book_for_another(office, me, desk):
    answer = office.book(office.colleagues()[0], desk, person_id=me)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_who_may_not_even_be_known_is_not_found(office, desk):
    """Of an agency that doesn't share names, an id says nothing: as if there were nobody."""
    theirs = office.colleagues("KEMENDAGRI")[0]
    known = office.book(office.colleagues()[0], desk, person_id=theirs)
    unknown = office.book(office.colleagues()[0], desk, person_id=999_999)
    assert known.status_code == unknown.status_code == 404
    assert known.json()["detail"] == unknown.json()["detail"]


def test_the_room_keeper_of_one_agency_may_do_nothing_for_another(office, desk):
    theirs = office.colleagues("KEMENPANRB")[0]
    answer = office.book(office.id_of(ROOM_KEEPER), desk, person_id=theirs)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(("method", "path"), [
    ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("PUT", "/check-in"), ("DELETE", "/check-in"),
])  # fmt: skip
def test_a_booking_of_another_agency_is_not_there_for_us(office, me, desk, method, path):
    theirs = office.booked(office.colleagues("KEMENDAGRI")[0], desk)
    more = {"json": {"purpose": "x"}} if method == "PATCH" else {}
    answer = office.call(method, f"/api/bookings/{theirs['id']}{path}", me, **more)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert office.booking(theirs["id"]).version == 1


def test_a_booking_of_somebody_one_may_not_act_for_is_forbidden_or_unknown(office, me, desk):
    colleagues = office.booked(office.colleagues()[0], desk)
    assert office.delete(f"/api/bookings/{colleagues['id']}", me).status_code in (403, 404)
    assert office.booking(colleagues["id"]).state == "booked"


# Repeats


def test_a_repeated_request_is_done_once(office, me, desk):
    headers = {"Idempotency-Key": "abc"}
    first, second = (office.book(me, desk, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["location"] == first.headers["location"]
    assert len(office.ask(select(Booking.id).where(Booking.person_id == me, Booking.starts_at == at(QUIET, 8)))) == 1


def test_a_key_belongs_to_one_request_and_one_person(office, me, desk):
    headers = {"Idempotency-Key": "abc"}
    office.booked(me, desk, headers=headers)
    other = office.book(me, office.desks()[1], headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    office.booked(office.colleagues()[0], office.desks()[1], headers=headers)


def test_a_refused_request_may_be_repeated_with_its_key(office, me, desk):
    headers = {"Idempotency-Key": "abc"}
    rival = office.booked(office.colleagues()[0], desk)
    refused(office.book(me, desk, headers=headers), Hindrance.TAKEN)
    office.delete(f"/api/bookings/{rival['id']}", rival["person_id"])
    assert office.book(me, desk, headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_that_is_none_is_refused(office, me, desk, key):
    assert office.book(me, desk, headers={"Idempotency-Key": key}).json()["code"] == "invalid"


# Looking


def test_a_floor_says_of_every_space_whether_it_is_free_and_why_not(office, me, desk):
    office.booked(office.colleagues()[0], desk)
    starts_at, ends_at = hours(QUIET, 8, 16)
    floor = office.floor("IKN-K3-A-03")
    answer = office.get(f"/api/floors/{floor}/availability", me, params=span(starts_at, ends_at)).json()
    by_id = {space["id"]: space for space in answer["items"]}
    assert answer["next"] is None
    assert by_id[desk] == {"id": desk, "name": "B-01", "kind": "desk", "free": False, "hindrance": "taken"}
    assert by_id[office.desks()[1]]["free"]
    theirs = office.desks("IKN-K3-A-03", "C")[0]
    assert by_id[theirs]["hindrance"] == "not-allotted"
    assert {by_id[id]["hindrance"] for id in office.rooms("IKN-K3-A-03", bookable=False)} == {"not-offered"}


def span(starts_at, ends_at):
    return {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}


def test_what_a_floor_calls_free_can_be_booked_and_nothing_else(office, me):
    floor = office.floor("IKN-K3-A-03")
    asked = hours(date(2026, 11, 26), 8, 16)
    spaces = office.get(f"/api/floors/{floor}/availability", me, params=span(*asked)).json()["items"]
    for space in spaces[::7]:
        answer = office.book(me, space["id"], *asked)
        if answer.status_code == 201:
            office.delete(f"/api/bookings/{answer.json()['id']}", me)
        elif answer.json()["facts"]["hindrance"] == "has-desk":
            own = answer.json()["facts"]["booking_id"]
            office.delete(f"/api/bookings/{own}", me)
            answer = office.book(me, space["id"], *asked)
            office.delete(f"/api/bookings/{answer.json()['id']}", me)
        assert (answer.status_code == 201) == space["free"], (space, answer.text)


def test_a_site_is_read_page_by_page(shared_office):
    params = {"kind": "desk", **span(*hours(QUIET, 8, 16))}
    whole = shared_office.get("/api/sites/1/availability", shared_office.id_of(EMPLOYEE), params=params).json()["items"]
    found, cursor = [], None
    for _ in range(20):
        page = shared_office.get(
            "/api/sites/1/availability",
            shared_office.id_of(EMPLOYEE),
            params=params | {"limit": 50} | ({"cursor": cursor} if cursor else {}),
        )
        found += page.json()["items"]
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert found == whole
    assert len(found) > 150


@pytest.mark.parametrize("params", [
    {"starts_at": "2026-12-10T08:00:00", "ends_at": "2026-12-10T09:00:00+08:00"},
    {"starts_at": "2026-12-10T08:00:00+08:00", "ends_at": "2026-12-10T08:00:00+08:00"},
    {"starts_at": "0001-01-01T00:00:00+08:00", "ends_at": "9999-12-31T23:59:59-08:00"},
    {"starts_at": "x", "ends_at": "y"},
    {},
])  # fmt: skip
def test_hours_that_are_none_are_refused(shared_office, params):
    for path in ("/api/floors/1/availability", "/api/sites/1/availability?kind=desk"):
        joined = (
            path + ("&" if "?" in path else "?") + "&".join(f"{k}={v.replace('+', '%2B')}" for k, v in params.items())
        )
        answer = shared_office.get(joined, shared_office.id_of(EMPLOYEE))
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    "path", ["floors/999/availability", "sites/999/availability", "floors/999", "sites/999/floors"]
)
def test_places_there_are_not_are_not_found(shared_office, path):
    answer = shared_office.get(
        f"/api/{path}", shared_office.id_of(EMPLOYEE), params={"kind": "desk", **span(*hours(QUIET, 8, 16))}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_sites_and_floors_tell_what_people_call_their_zone(shared_office):
    sites = shared_office.get("/api/sites", shared_office.id_of(EMPLOYEE)).json()["items"]
    assert [(site["code"], site["zone"], site["zone_name"]) for site in sites] == [
        ("IKN", WITA, "WITA"),
        ("JKT", WIB, "WIB"),
    ]
    floors = shared_office.get(f"/api/sites/{sites[0]['id']}/floors", shared_office.id_of(EMPLOYEE)).json()["items"]
    assert [floor["code"] for floor in floors] == ["IKN-K3-A-03", "IKN-K3-A-04"]
    plan = shared_office.get(f"/api/floors/{floors[0]['id']}", shared_office.id_of(EMPLOYEE)).json()
    assert len(plan["desks"]) == floors[0]["desks"]
    assert plan["zone"] == WITA


def test_own_bookings_come_page_by_page_in_the_order_of_their_start(office, me):
    desks = office.desks()
    made = [office.booked(me, desks[n % 3], *hours(QUIET, 6 + n, 7 + n))["id"] for n in (4, 2, 0, 3, 1)]
    params = {"from": at(QUIET, 0).isoformat(), "limit": 2}
    found, cursor = [], None
    while True:
        page = office.get("/api/bookings", me, params=params | ({"cursor": cursor} if cursor else {})).json()
        found += [booking["id"] for booking in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == [made[2], made[4], made[1], made[3], made[0]]


def test_others_bookings_are_read_by_those_who_may_act_for_them(office, me, boss, desk):
    booking = office.booked(me, desk)
    params = {"person_id": me, "from": at(QUIET, 0).isoformat()}
    assert [one["id"] for one in office.get("/api/bookings", boss, params=params).json()["items"]] == [booking["id"]]
    assert office.get("/api/bookings", office.colleagues()[0], params=params).status_code == 403
    assert office.get("/api/bookings", office.colleagues("KEMENDAGRI")[0], params=params).status_code == 404


@pytest.mark.parametrize("params", [
    {"cursor": "!!"}, {"cursor": "eHg"}, {"limit": 0}, {"limit": 501}, {"person_id": 0}, {"from": "2026-01-01T00:00:00"},
])  # fmt: skip
def test_a_list_asked_for_wrongly_is_refused(shared_office, params):
    answer = shared_office.get("/api/bookings", shared_office.id_of(EMPLOYEE), params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


# Rules that change


def test_a_changed_rule_holds_from_the_next_request_on(office, me, desk):
    put_rule(office, floor_id=office.floor("IKN-K3-A-03"), closes=900)
    problem = refused(office.book(me, desk), Hindrance.OUTSIDE_HOURS)
    all_ways_work(office, me, problem)

    def day_off(session):
        row = {"on": QUIET, "name": "Hari Kota", "name_en": "City Day", "basis": "Perwali", "kind": "local"}
        session.execute(insert(DayOffRow).values(**row, state="fixed"))
        session.execute(delete(Allotment))
        rulebook.changed(session)

    office.db.write_here(day_off)
    assert refused(office.book(me, desk), Hindrance.DAY_OFF)["facts"]["name"] == "Hari Kota"


def test_every_change_is_in_the_journal_with_who_did_it(office, me, boss, desk, clock):
    booking = office.booked(boss, desk, person_id=me)
    path = f"/api/bookings/{booking['id']}"
    office.patch(path, me, json={"purpose": "lain"})
    office.delete(path, me)
    office.patch(path, me, json={"state": "booked"})
    clock.set(at(QUIET, 8))
    office.put(f"{path}/check-in", me)
    clock.set(at(QUIET, 17))
    office.sweep()
    entry = journal.Entry
    told = office.ask(
        select(entry.verb, entry.actor_id, entry.version)
        .where(entry.subject == "booking", entry.subject_id == booking["id"])
        .order_by(entry.id)
    )
    verbs = ["booked", "changed", "cancelled", "restored", "checked-in", "completed"]
    actors = [boss, me, me, me, me, None]
    assert [tuple(each) for each in told] == list(zip(verbs, actors, range(1, 7), strict=True))


def test_people_who_left_open_nothing(office, me, desk):
    office.change(update(Person).where(Person.id == me).values(active=False))
    assert office.book(me, desk).status_code == 401


def test_a_room_and_a_desk_at_once_are_fine_and_rooms_overlap_for_nobody(office, me, desk):
    office.booked(me, desk)
    office.booked(me, office.rooms()[0])
    office.booked(me, office.rooms()[1])
    refused(office.book(office.colleagues()[0], office.rooms()[0], *hours(QUIET, 9, 10)), Hindrance.TAKEN)


def test_in_the_last_days_of_the_horizon_the_ways_out_stay_within_it(office, me, desk, clock):
    clock.set(at(date(2026, 12, 9), 9))
    for on in (SATURDAY, CHRISTMAS, date(2027, 1, 9)):
        answer = office.book(me, desk, *hours(on, 8, 16))
        all_ways_work(office, me, answer.json())
    assert NOW + timedelta(days=1) < clock()


def test_whoever_wants_what_is_taken_need_not_wait_for_those_who_fight_over_it(office, me, boss, desk):
    if office.db.embedded:
        pytest.skip("SQLite has one lock for all, and no row to lock")
    office.booked(boss, desk)
    with ThreadPoolExecutor(1) as asking, office.db.engine.begin() as fight:
        fight.execute(select(Space.id).where(Space.id == desk).with_for_update(key_share=True))
        asked = asking.submit(office.book, me, desk)
        try:
            refused(asked.result(timeout=20), Hindrance.TAKEN)
        finally:
            fight.rollback()
