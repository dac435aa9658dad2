"""The rooms of a site on a day: who has them, what of the day is free, and for whom."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, insert, select, update

from app.people.models import Person
from app.rooms import house, open_spans, room_grid, room_list
from app.rooms.models import Closure, Floor, Space
from app.rooms.rules import House, Place
from app.spans import Span
from tests.support.office import ADMIN, EMPLOYEE, ROOM_KEEPER, WIB, at, hours
from tests.support.world import NOW, QUIET, TODAY, WITA


@pytest.fixture
def me(office):
    return office.id_of(EMPLOYEE)


@pytest.fixture
def room(office):
    return office.rooms()[0]


def site_of(office, code="IKN-K3-A-04"):
    return office.ask(select(Floor.site_id).where(Floor.code == code))[0][0]


def rooms_on(office, who, on=QUIET, site="IKN-K3-A-04", **query):
    answer = office.get(f"/api/sites/{site_of(office, site)}/rooms", who, params={"on": str(on), **query})
    assert answer.status_code == 200, answer.text
    return {room["id"]: room for room in answer.json()["items"]}


def spans(room):
    return [
        (datetime.fromisoformat(free["starts_at"]), datetime.fromisoformat(free["ends_at"])) for free in room["free"]
    ]


def test_a_day_without_bookings_is_free_while_the_house_is_open(office, me, room):
    shown = rooms_on(office, me)[room]
    assert spans(shown) == [hours(QUIET, 6, 20)]
    assert datetime.fromisoformat(shown["opens_at"]) == at(QUIET, 6)
    assert (shown["hindrance"], shown["bookings"], shown["zone"]) == (None, [], WITA)


def test_what_the_list_calls_free_can_be_booked_and_then_is_free_no_more(office, me, room):
    office.booked(me, room, *hours(QUIET, 9, 10.5))
    office.booked(me, room, *hours(QUIET, 13, 14))
    shown = rooms_on(office, me)[room]
    assert spans(shown) == [hours(QUIET, 6, 9), hours(QUIET, 10.5, 13), hours(QUIET, 14, 20)]
    office.booked(office.colleagues()[0], room, *spans(shown)[1])
    assert spans(rooms_on(office, me)[room]) == [hours(QUIET, 6, 9), hours(QUIET, 14, 20)]


def test_time_to_prepare_a_room_is_not_free(office, me, room):
    office.change(update(Space).where(Space.id == room).values(setup_minutes=15, clearing_minutes=15))
    office.booked(me, room, *hours(QUIET, 9, 10))
    shown = rooms_on(office, me)[room]
    assert shown["turnaround_minutes"] == 30
    assert spans(shown) == [hours(QUIET, 6, 8.5), hours(QUIET, 10.5, 20)]
    office.booked(me, room, *hours(QUIET, 10.5, 11))
    assert office.book(me, room, *hours(QUIET, 11.25, 12)).json()["facts"]["hindrance"] == "turnaround"


@pytest.mark.parametrize(
    ("starts", "ends", "hindrance"),
    [(7, 8.5, None), (7, 8.75, "turnaround"), (9.5, 10, "taken"), (10.25, 11, "turnaround"), (10.5, 11, None)],
)
def test_floor_and_site_say_of_a_room_s_time_to_prepare_what_a_booking_meets(office, me, room, starts, ends, hindrance):
    office.change(update(Space).where(Space.id == room).values(setup_minutes=15, clearing_minutes=15))
    office.booked(office.colleagues()[0], room, *hours(QUIET, 9, 10))
    starts_at, ends_at = hours(QUIET, starts, ends)
    which = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    lists = [
        office.get(f"/api/floors/{office.floor('IKN-K3-A-04')}/availability", me, params=which),
        office.get("/api/sites/1/availability", me, params=which | {"kind": "room", "limit": 1000}),
    ]
    for answer in lists:
        (shown,) = [one for one in answer.json()["items"] if one["id"] == room]
        assert (shown["free"], shown.get("hindrance")) == (hindrance is None, hindrance)
    asked = office.book(me, room, starts_at, ends_at)
    assert (asked.json()["facts"]["hindrance"] if asked.status_code == 409 else None) == hindrance


def test_a_closure_takes_its_hours_out_of_the_day_and_a_whole_day_says_so(office, me, room):
    def close(session, span, space):
        row = dict(zip(("starts_at", "ends_at"), span, strict=True)) | {"reason": "Pengecatan", "space_id": space}
        session.execute(insert(Closure).values(**row))
        house.changed(session)

    office.db.write_here(close, hours(QUIET, 10, 12), room)
    office.db.write_here(close, hours(QUIET, 5, 21), office.rooms()[2])
    shown = rooms_on(office, me)
    assert spans(shown[room]) == [hours(QUIET, 6, 10), hours(QUIET, 12, 20)]
    assert (shown[office.rooms()[2]]["hindrance"], shown[office.rooms()[2]]["free"]) == ("closed", [])


def test_today_begins_with_the_quarter_hour_of_now_and_past_days_and_days_off_are_not_free(office, me, room):
    free = spans(rooms_on(office, me, TODAY)[room])
    assert all(starts >= NOW - timedelta(minutes=15) for starts, _ in free)
    for on, why in (("2026-11-23", "past"), ("2026-12-25", "too-far-ahead"), ("2026-11-28", "day-off")):
        shown = rooms_on(office, me, on)[room]
        assert (shown["hindrance"], shown["free"]) == (why, [])


def test_a_room_of_another_agency_is_shown_and_not_free(office):
    leadership = office.rooms()[1]
    stranger = office.colleagues("KEMENKEU")[0]
    assert rooms_on(office, office.colleagues()[0])[leadership]["needs_approval"]
    assert rooms_on(office, stranger, TODAY + timedelta(days=2))[leadership]["hindrance"] == "not-allotted"


def test_names_and_purposes_are_for_those_who_may_know_them(office, me, room):
    stranger, friend = office.colleagues("KEMENKEU")[0], office.colleagues("KEMENPANRB")[0]
    booking = office.booked(me, room, *hours(QUIET, 9, 10), purpose="Telaah")
    name = office.ask(select(Person.name).where(Person.id == me))[0][0]
    seen = {
        who: rooms_on(office, who)[room]["bookings"][0] for who in (me, friend, stranger, office.id_of(ROOM_KEEPER))
    }
    assert (seen[me]["who"], seen[me]["purpose"], seen[me]["id"]) == (name, "Telaah", booking["id"])
    assert (seen[friend]["who"], seen[friend]["purpose"], seen[friend]["id"]) == (name, "", None)
    assert (seen[stranger]["who"], seen[stranger]["purpose"], seen[stranger]["id"]) == (None, "", None)
    assert seen[office.id_of(ROOM_KEEPER)]["purpose"] == "Telaah"


def test_rooms_are_found_by_seats_kind_and_all_of_the_attributes(office, me):
    every = rooms_on(office, me)
    assert {room["seats"] >= 8 for room in rooms_on(office, me, seats=8).values()} == {True}
    both = rooms_on(office, me, attributes=["video", "hearing-loop"])
    assert both.keys() == {id for id, one in every.items() if {"video", "hearing-loop"} <= set(one["attributes"])}
    assert {room["kind"] for room in rooms_on(office, me, kind="phone-booth").values()} == {"phone-booth"}
    assert {"meeting", "leadership", "teleconference", "focus", "phone-booth"} <= {
        room["kind"] for room in every.values()
    }
    building = next(iter(every.values()))["building_id"]
    assert rooms_on(office, me, building_id=building).keys() == every.keys()


@pytest.mark.parametrize("query", [{"on": "soon"}, {"seats": -1}, {"attributes": "sauna"}, {"kind": "cellar"}])
def test_what_can_not_be_read_is_refused(shared_office, query):
    office = shared_office
    answer = office.get(f"/api/sites/{site_of(office)}/rooms", office.id_of(EMPLOYEE), params=query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


def test_no_site_no_rooms_and_nobody_without_signing_in(shared_office):
    assert shared_office.get("/api/sites/9999/rooms", shared_office.id_of(EMPLOYEE)).status_code == 404
    assert shared_office.get(f"/api/sites/{site_of(shared_office)}/rooms").status_code == 401


def test_hours_are_those_of_the_wall_there(office, me):
    jakarta = rooms_on(office, me, site="JKT-PST-01")
    assert {room["zone"] for room in jakarta.values()} == {WIB}
    some = next(room for room in jakarta.values() if not room["needs_approval"])
    assert spans(some) == [hours(QUIET, 6, 19, WIB)]  # this floor closes an hour earlier


def test_a_hundred_rooms_take_as_many_statements_as_three(office, me):
    floor = office.floor("IKN-K3-A-03")
    common = {"floor_id": floor, "kind": "room", "x": 0, "y": 0, "width": 9, "height": 9, "seats": 4, "chair": "north"}
    office.change(insert(Space).values([common | {"code": f"R{n}", "name": f"Ruang {n}"} for n in range(100)]))
    actor, statements = office.actor(me), []
    site = site_of(office)
    listen = lambda *args: statements.append(args[2])  # noqa: E731
    event.listen(office.db.engine, "before_cursor_execute", listen)
    try:
        found = office.db.read_here(room_list.of_site, actor, site, QUIET, now=NOW)
    finally:
        event.remove(office.db.engine, "before_cursor_execute", listen)
    assert len(found) > 100
    assert len(statements) <= 4


# Pure


def span(starts, ends):
    return Span(*hours(QUIET, starts, ends))


@pytest.mark.parametrize(
    ("taken", "gap", "expected"),
    [
        ([], 0, [(6, 20)]),
        ([(6, 7), (19, 20)], 0, [(7, 19)]),
        ([(9, 10), (10, 11)], 0, [(6, 9), (11, 20)]),
        ([(6.1, 19.9)], 0, []),  # six minutes at either end are too little
        ([(9, 10)], 30, [(6, 8.5), (10.5, 20)]),
        ([(5, 21)], 0, []),
    ],
)
def test_free_is_what_nobody_holds(taken, gap, expected):
    place = Place(1, "room", "Mahakam", 1, None, 1, WITA, turnaround_minutes=gap)
    found = open_spans.free_spans(span(6, 20), [span(*one) for one in taken], place, House())
    assert found == tuple(span(*one) for one in expected)


def test_every_quarter_hour_of_the_table_is_there_once(office, me, room):
    office.booked(me, room, *hours(QUIET, 9.25, 10))
    office.booked(office.colleagues()[0], room, *hours(QUIET, 10.5, 12.1))
    days = office.db.read_here(room_list.of_site, office.actor(me), site_of(office), QUIET, now=NOW)
    shown = room_grid.shown_hours(days)
    assert (shown.first, shown.last) == (360, 1200)
    for day in days:
        parts = room_grid.stretches(day, shown, now=NOW)
        assert sum(part.quarters for part in parts) == shown.quarters
        assert [part.span.ends_at for part in parts[:-1]] == [part.span.starts_at for part in parts[1:]]
    parts = room_grid.stretches(next(day for day in days if day.room.id == room), shown, now=NOW)
    looks = [(part.look, part.quarters) for part in parts if part.look != "free"]
    assert looks == [("mine", 3), ("booked", 7)]  # a quarter that is free in part is not offered


def test_what_is_offered_first_is_an_hour_in_whole_five_minutes():
    free, hour = span(9.1, 12), timedelta(hours=10)
    assert room_grid.offered(free, free.starts_at, longest=hour) == Span(at(QUIET, 9, 10), at(QUIET, 10, 10))
    assert room_grid.offered(free, at(QUIET, 11, 30), longest=hour) == Span(at(QUIET, 11, 30), at(QUIET, 12))
    assert room_grid.offered(free, at(QUIET, 10), longest=timedelta(minutes=30)).length == timedelta(minutes=30)


def test_the_operator_of_the_house_keeps_every_room(office):
    assert rooms_on(office, office.id_of(ADMIN)).keys() == rooms_on(office, office.id_of(EMPLOYEE)).keys()
