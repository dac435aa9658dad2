"""Rooms on which a keeper decides: asked, approved, refused, moved, and by whom."""

import pytest
from sqlalchemy import select, update

from app.notices import NoticeRow
from app.rooms import kept_rooms
from app.rooms.models import Space
from app.rooms.rules import Hindrance
from tests.support.office import EMPLOYEE, ROOM_KEEPER, hours
from tests.support.world import NOW, QUIET


@pytest.fixture
def me(office):
    return office.id_of(EMPLOYEE)


@pytest.fixture
def keeper(office):
    return office.id_of(ROOM_KEEPER)


@pytest.fixture
def room(office):
    """A leadership room that BAPPENAS, the employee's agency and the keeper's, has to itself."""
    return office.rooms()[1]


@pytest.fixture
def asked(office, me, room):
    booking = office.booked(me, room, *hours(QUIET, 9, 10), purpose="Rapat pimpinan")
    assert booking["approval"] == "asked"
    return booking


def decide(office, who, booking, decision, reason="", **more):
    data = {"decision": decision, "reason": reason}
    return office.put(f"/api/bookings/{booking['id']}/approval", who, json=data, **more)


def told(office, person):
    rows = office.ask(select(NoticeRow.kind, NoticeRow.facts).where(NoticeRow.person_id == person, NoticeRow.at == NOW))
    return [(kind, facts) for kind, facts in rows if kind.startswith("room-")]


def test_whoever_asks_is_told_when_the_keeper_approves(office, me, keeper, asked):
    assert [kind for kind, facts in told(office, keeper) if facts["booking_id"] == asked["id"]] == ["room-asked"]
    answer = decide(office, keeper, asked, "approved")
    assert answer.status_code == 200
    assert (answer.json()["approval"], answer.json()["state"]) == ("approved", "booked")
    assert answer.headers["etag"] == f'"{asked["version"] + 1}"'
    assert [kind for kind, _ in told(office, me)] == ["room-approved"]
    assert decide(office, keeper, asked, "approved").json()["version"] == asked["version"] + 1  # twice is once
    assert office.findings() == []


def test_a_refusal_gives_its_reason_and_frees_the_room(office, me, keeper, asked, room):
    other = office.colleagues()[0]
    assert office.book(other, room, *hours(QUIET, 9, 10)).status_code == 409
    answer = decide(office, keeper, asked, "refused", "Dipakai kunjungan menteri")
    assert (answer.json()["state"], answer.json()["remark"]) == ("cancelled", "Dipakai kunjungan menteri")
    ((kind, facts),) = told(office, me)
    assert (kind, facts["reason"]) == ("room-refused", "Dipakai kunjungan menteri")
    office.booked(other, room, *hours(QUIET, 9, 10))
    assert office.findings() == []


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_refusal_without_a_reason_is_none(office, keeper, asked, reason):
    answer = decide(office, keeper, asked, "refused", reason)
    assert answer.status_code == 400
    assert office.booking(asked["id"]).approval == "asked"


def test_only_who_keeps_the_room_decides(office, me, asked):
    foreign = office.id_of("ruang.kemenkeu@selaras.test")
    for who in (me, foreign, office.colleagues()[0]):
        answer = decide(office, who, asked, "approved")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert decide(office, office.id_of(ROOM_KEEPER), {"id": 999_999}, "approved").status_code == 404


def test_a_keeper_of_one_agency_does_not_see_nor_move_what_another_keeps(office, asked):
    foreign = office.id_of("ruang.kemenkeu@selaras.test")
    move = office.patch(f"/api/bookings/{asked['id']}", foreign, json={"space_id": office.rooms()[0]})
    assert move.status_code in (403, 404)


def test_an_old_version_and_an_ended_booking_are_refused(office, keeper, asked, me):
    assert decide(office, keeper, asked, "approved", headers={"If-Match": '"7"'}).status_code == 412
    office.delete(f"/api/bookings/{asked['id']}", me)
    answer = decide(office, keeper, asked, "approved")
    assert (answer.status_code, answer.json()["facts"]["why"]) == (409, "ended")


def test_a_keeper_s_own_booking_needs_no_other_word(office, keeper, room):
    assert office.booked(keeper, room, *hours(QUIET, 9, 10))["approval"] == "approved"


def test_other_hours_are_asked_for_again(office, me, keeper, asked):
    decide(office, keeper, asked, "approved")
    later = dict(zip(("starts_at", "ends_at"), (one.isoformat() for one in hours(QUIET, 11, 12)), strict=True))
    answer = office.patch(f"/api/bookings/{asked['id']}", me, json=later)
    assert answer.json()["approval"] == "asked"
    office.patch(f"/api/bookings/{asked['id']}", me, json={"purpose": "Tertutup"})
    assert office.booking(asked["id"]).approval == "asked"


def test_to_move_a_booking_to_where_it_is_tells_nobody(office, me, keeper, asked):
    decide(office, keeper, asked, "approved")
    before = told(office, me)

    def stay(session):
        return kept_rooms.move(session, office.actor(keeper), asked["id"], asked["space_id"], version=None, now=NOW)

    assert office.db.write_here(stay).space_id == asked["space_id"]
    assert told(office, me) == before


def test_a_keeper_moves_a_booking_to_another_room(office, keeper, asked):
    other = office.rooms()[0]
    answer = office.patch(f"/api/bookings/{asked['id']}", keeper, json={"space_id": other})
    assert (answer.status_code, answer.json()["space_id"], answer.json()["approval"]) == (200, other, "")
    assert office.findings() == []


def test_a_keeper_s_move_by_program_reaches_whoever_has_the_room_and_their_own_does_not(office, me, keeper):
    here, *rest = office.rooms()
    booking = office.booked(me, here, *hours(QUIET, 13, 14))
    there, back = rest[1:3]
    moved = office.patch(f"/api/bookings/{booking['id']}", keeper, json={"space_id": there})
    assert moved.status_code == 200, moved.text
    assert [(kind, facts["before"]) for kind, facts in told(office, me)] == [("room-moved", booking["space"])]
    again = office.patch(f"/api/bookings/{booking['id']}", me, json={"space_id": back})
    assert again.status_code == 200, again.text
    assert len(told(office, me)) == 1


def test_a_room_that_must_be_prepared_is_not_booked_back_to_back(office, me, asked, room):
    answer = office.book(office.colleagues()[0], room, *hours(QUIET, 10.25, 11))
    assert answer.json()["facts"] | {"hindrance": Hindrance.TURNAROUND, "minutes": 30} == answer.json()["facts"]
    ways = answer.json()["ways_out"]
    assert ways
    assert room not in {way["space_id"] for way in ways}
    assert all(office.take(office.colleagues()[0], way).status_code == 201 for way in ways[:1])


def test_ways_out_of_a_large_room_are_rooms_with_enough_seats_first(office, me, asked, room):
    seats = dict(office.ask(select(Space.id, Space.seats)))
    office.change(update(Space).where(Space.id == office.rooms("IKN-K3-A-03")[-1]).values(seats=30))
    ways = office.book(office.colleagues()[0], room, *hours(QUIET, 9, 10)).json()["ways_out"]
    assert ways[0]["space_id"] == office.rooms("IKN-K3-A-03")[-1]
    assert all(seats[way["space_id"]] < seats[room] for way in ways[1:])


def test_where_no_room_is_as_large_the_largest_come_first(office, me):
    """Nobody takes forty people into a phone booth because it is next door."""
    rooms = {id: seats for id, seats in office.ask(select(Space.id, Space.seats).where(Space.kind == "room"))}
    room = office.rooms()[0]
    office.change(update(Space).where(Space.id == room).values(seats=400))
    office.booked(me, room, *hours(QUIET, 9, 10))
    ways = office.book(office.colleagues()[0], room, *hours(QUIET, 9, 10)).json()["ways_out"]
    sizes = [rooms[way["space_id"]] for way in ways]
    assert len(sizes) == 3
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > min(rooms.values()) + 3
    series = {
        "space_id": room,
        "rule": "FREQ=WEEKLY;COUNT=2",
        "starts_on": f"{QUIET}",
        "starts": "09:00",
        "ends": "10:00",
    }
    refused = office.post("/api/booking-series", office.colleagues()[0], json=series).json()
    ways = refused["conflicts"][0]["ways_out"]
    assert [rooms[way["space_id"]] for way in ways] == sizes[: len(ways)]
