"""Meetings from the outside: planned, moved, called off and answered, with their rooms, and who hears of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.meetings.models import Attendee, Meeting
from app.notices import NoticeRow
from app.people.models import Person
from app.rooms.models import Booking
from tests.support.faults import fail_at_each_statement
from tests.support.office import EMPLOYEE, NOW, QUIET, ROOM_KEEPER, WIB, WITA, at, hours

IKN_FLOOR, JKT_FLOOR = "IKN-K3-A-04", "JKT-PST-01"
TABLES = (Meeting, Attendee, Booking, NoticeRow)


@pytest.fixture
def me(office):
    return office.colleagues()[0]


@pytest.fixture
def others(office):
    return office.colleagues()[1:]


@pytest.fixture
def pair(office):
    """A room in IKN and one in Jakarta."""
    return office.rooms(IKN_FLOOR)[0], office.rooms(JKT_FLOOR)[0]


def wish(people=(), rooms=(), **more):
    starts_at, ends_at = hours(QUIET, 9, 10)
    return {
        "title": "Rapat koordinasi",
        "site_id": 1,
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "required_ids": list(people),
        "room_ids": list(rooms),
        **more,
    }


def planned(office, who, *args, **more):
    answer = office.post("/api/meetings", who, json=wish(*args, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()


def told(office, who):
    """Kinds of what somebody was told, in order."""
    rows = office.ask(select(NoticeRow.kind).where(NoticeRow.person_id == who).order_by(NoticeRow.id))
    return [row[0] for row in rows]


def rooms_of(office, meeting):
    return office.ask(
        select(Booking.space_id, Booking.starts_at, Booking.ends_at, Booking.state)
        .where(Booking.meeting_id == meeting["id"], Booking.active)
        .order_by(Booking.space_id)
    )


def test_a_meeting_holds_a_room_at_each_site(office, me, others, pair):
    meeting = planned(office, me, others, pair)
    assert meeting["organiser_id"] == me
    assert sorted(room["space_id"] for room in meeting["rooms"]) == sorted(pair)
    assert {room["zone"] for room in meeting["rooms"]} == {WITA, WIB}
    assert {one["person_id"]: one["reply"] for one in meeting["attendees"]} == {
        me: "attending",
        **dict.fromkeys(others, ""),
    }
    assert meeting["tallies"] == {"IKN": {"attending": 1, "open": len(others)}}
    assert [told(office, id) for id in others] == [["meeting-invited"]] * len(others)
    assert told(office, me) == []


def test_a_room_that_is_taken_leaves_nothing_of_the_meeting(office, me, others, pair):
    office.booked(office.colleagues(site="JKT")[0], pair[1], *hours(QUIET, 8, 10))
    answer = office.post("/api/meetings", me, json=wish(others, pair))
    assert answer.status_code == 409, answer.text
    assert answer.json()["facts"]["hindrance"] == "taken"
    assert answer.json()["facts"]["space_id"] == pair[1]
    assert office.ask(select(Meeting.id)) == []
    assert office.ask(select(Booking.id).where(Booking.meeting_id.is_not(None))) == []
    way = answer.json()["ways_out"][0]
    assert office.post("/api/meetings", me, json=wish(others, (pair[0], way["space_id"]))).status_code == 201


@pytest.mark.parametrize("what", ["plan", "move", "cancel", "represent"])
@pytest.mark.lengthy
def test_a_fault_at_any_statement_leaves_meeting_and_rooms_in_step(office, me, others, pair, what):
    acts = {
        "plan": lambda: office.post("/api/meetings", me, json=wish(others, pair)),
        "move": lambda: office.patch(path, me, json=span(hours(QUIET, 14, 15))),
        "cancel": lambda: office.delete(path, me),
        "represent": lambda: office.put(
            f"{path}/replies/me", others[0], json={"reply": "represented", "stand_in_id": stand_in}
        ),
    }
    stand_in = office.colleagues(posts=4)[3]
    path = ""
    if what != "plan":
        path = f"/api/meetings/{planned(office, me, others, pair)['id']}"
    assert fail_at_each_statement(office.db, TABLES, acts[what]) > 5
    assert office.findings() == []


def span(of):
    return {"starts_at": of[0].isoformat(), "ends_at": of[1].isoformat()}


def test_a_meeting_moves_with_both_rooms_and_everybody_hears_once(office, me, others, pair):
    meeting = planned(office, me, others, pair)
    path = f"/api/meetings/{meeting['id']}"
    office.put(f"{path}/replies/me", others[0], json={"reply": "attending"})
    answer = office.patch(path, me, json=span(hours(QUIET, 14, 15.5)))
    assert answer.status_code == 200, answer.text
    moved = answer.json()
    starts_at, ends_at = hours(QUIET, 14, 15.5)
    assert rooms_of(office, meeting) == [(id, starts_at, ends_at, "booked") for id in sorted(pair)]
    assert moved["sequence"] == meeting["sequence"] + 1
    assert {one["reply"] for one in moved["attendees"] if one["person_id"] != me} == {""}
    assert [told(office, id) for id in others] == [["meeting-invited", "meeting-moved"]] * len(others)
    busy = office.get(f"/api/people/{others[0]}/free-busy", me, params={"from": at(QUIET, 0).isoformat()}).json()
    assert [(one["starts_at"], one["title"]) for one in busy["items"]] == [
        (moved["starts_at"], "Rapat koordinasi"),
    ]


def test_a_move_into_a_taken_room_moves_nothing(office, me, others, pair):
    meeting = planned(office, me, others, pair)
    office.booked(office.colleagues(site="JKT")[0], pair[1], *hours(QUIET, 14, 15))
    answer = office.patch(f"/api/meetings/{meeting['id']}", me, json=span(hours(QUIET, 14, 15)))
    assert answer.status_code == 409, answer.text
    starts_at, ends_at = hours(QUIET, 9, 10)
    assert rooms_of(office, meeting) == [(id, starts_at, ends_at, "booked") for id in sorted(pair)]
    assert office.get(f"/api/meetings/{meeting['id']}", me).json() == meeting


def test_rooms_are_changed_as_a_list(office, me, others, pair):
    meeting = planned(office, me, others, pair)
    other = office.rooms(IKN_FLOOR)[1]
    answer = office.patch(f"/api/meetings/{meeting['id']}", me, json={"room_ids": [other, pair[1]]})
    assert answer.status_code == 200, answer.text
    assert [row[0] for row in rooms_of(office, meeting)] == sorted((other, pair[1]))
    answer = office.patch(f"/api/meetings/{meeting['id']}", me, json={"room_ids": [other, pair[0]]})
    assert answer.status_code == 400
    assert [row[0] for row in rooms_of(office, meeting)] == sorted((other, pair[1]))


def test_a_cancelled_meeting_frees_its_rooms_and_everybodys_time(office, me, others, pair):
    meeting = planned(office, me, others, pair)
    path = f"/api/meetings/{meeting['id']}"
    assert office.delete(path, others[0]).status_code == 403
    gone = office.delete(path, me).json()
    assert (gone["state"], gone["sequence"]) == ("cancelled", 1)
    assert rooms_of(office, meeting) == []
    assert told(office, others[0]) == ["meeting-invited", "meeting-cancelled"]
    assert office.get(f"/api/people/{me}/free-busy", me).json()["items"] == []
    assert office.delete(path, me).status_code == 200
    answer = office.patch(path, me, json={"title": "Lain"})
    assert (answer.status_code, answer.json()["code"]) == (409, "meeting-not-now")
    assert office.put(f"{path}/replies/me", others[0], json={"reply": "attending"}).status_code == 409


def test_a_meetings_room_is_no_single_booking(office, me, pair):
    meeting = planned(office, me, (), pair)
    booking = meeting["rooms"][0]["booking_id"]
    answer = office.delete(f"/api/bookings/{booking}", me)
    assert (answer.status_code, answer.json()["facts"]["why"]) == (409, "meeting")
    answer = office.patch(f"/api/bookings/{booking}", me, json=span(hours(QUIET, 14, 15)))
    assert (answer.status_code, answer.json()["facts"]["why"]) == (409, "meeting")


def test_a_stand_in_is_invited_and_everybody_hears_with_one_higher_sequence(office, me, others, pair):
    meeting = planned(office, me, others, pair)
    path = f"/api/meetings/{meeting['id']}"
    sender, listener = others[0], others[1]
    stand_in = office.colleagues(posts=4)[3]
    answer = office.put(f"{path}/replies/me", sender, json={"reply": "represented", "stand_in_id": stand_in})
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert after["sequence"] == meeting["sequence"] + 1
    rows = {one["person_id"]: one for one in after["attendees"]}
    assert (rows[sender]["reply"], rows[sender]["stand_in_id"]) == ("represented", stand_in)
    assert (rows[stand_in]["reply"], rows[stand_in]["for_id"]) == ("", sender)
    assert told(office, stand_in) == ["meeting-stand-in"]
    assert told(office, listener) == ["meeting-invited", "meeting-represented"]
    assert told(office, me) == ["meeting-represented"]
    assert told(office, sender) == ["meeting-invited"]
    assert office.put(f"{path}/replies/me", stand_in, json={"reply": "attending"}).status_code == 200
    assert told(office, me) == ["meeting-represented", "meeting-attending"]
    assert office.get(f"/api/people/{sender}/free-busy", me).json()["items"] == []
    assert len(office.get(f"/api/people/{stand_in}/free-busy", me).json()["items"]) == 1
    # who comes after all sends the stand-in home
    back = office.put(f"{path}/replies/me", sender, json={"reply": "attending"}).json()
    assert stand_in not in {one["person_id"] for one in back["attendees"]}
    assert back["sequence"] == after["sequence"] + 1


@pytest.mark.parametrize(("stand_in", "why"), [(None, "nobody"), ("me", "self")])
def test_not_everybody_can_be_sent(office, me, others, stand_in, why):
    meeting = planned(office, me, others)
    body = {"reply": "represented", "stand_in_id": others[0] if stand_in else None}
    answer = office.put(f"/api/meetings/{meeting['id']}/replies/me", others[0], json=body)
    assert (answer.status_code, answer.json()["facts"]["why"]) == (422, why)
    body = {"reply": "represented", "stand_in_id": others[0]}
    answer = office.put(f"/api/meetings/{meeting['id']}/replies/me", me, json=body)
    assert answer.json()["facts"]["why"] == "organiser"


def test_a_meeting_is_nobody_elses(office, me, others, pair):
    meeting = planned(office, me, others, pair)
    path = f"/api/meetings/{meeting['id']}"
    stranger = office.colleagues("KEMENKEU")[0]
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"title": "Lain"})):
        assert office.call(method, path, stranger, json=body).status_code == 404
    assert office.put(f"{path}/replies/me", stranger, json={"reply": "attending"}).status_code == 404
    assert office.patch(path, others[0], json={"title": "Lain"}).status_code == 403
    free = office.get(f"/api/people/{others[0]}/free-busy", office.colleagues(posts=4)[3]).json()["items"]
    assert [set(one) for one in free] == [{"starts_at", "ends_at", "kind"}]


def test_a_superior_may_plan_for_somebody(office, me, others):
    boss = office.ask(select(Person.superior_id).where(Person.id == me))[0][0]
    meeting = planned(office, boss, others, organiser_id=me)
    assert meeting["organiser_id"] == me
    assert told(office, me) == ["meeting-invited"]
    answer = office.post("/api/meetings", others[0], json=wish(organiser_id=me))
    assert answer.status_code == 403


def test_a_whole_unit_is_invited(office, me):
    unit = office.ask(select(Person.unit_id).where(Person.id == me))[0][0]
    everybody = {row[0] for row in office.ask(select(Person.id).where(Person.unit_id == unit, Person.active))}
    meeting = planned(office, me, unit_ids=[unit])
    assert everybody <= {one["person_id"] for one in meeting["attendees"]}


def test_who_is_struck_off_hears_of_it_and_has_the_time_again(office, me, others):
    meeting = planned(office, me, others)
    path = f"/api/meetings/{meeting['id']}"
    answer = office.patch(path, me, json={"required_ids": [others[1]]})
    assert {one["person_id"] for one in answer.json()["attendees"]} == {me, others[1]}
    assert told(office, others[0]) == ["meeting-invited", "meeting-cancelled"]
    assert told(office, others[1]) == ["meeting-invited"]
    assert office.get(path, others[0]).status_code == 404
    again = office.patch(path, me, json={"optional_ids": [others[0]]})
    rows = {one["person_id"]: one["required"] for one in again.json()["attendees"]}
    assert rows == {me: True, others[1]: True, others[0]: False}


def test_conflicts_are_shown_and_not_forbidden(office, me, others):
    planned(office, others[0], [others[1]])
    meeting = planned(office, me, others)
    assert {one["person_id"]: one["conflicts"] for one in meeting["attendees"]} == {me: 0, others[0]: 1, others[1]: 1}


def test_a_stale_change_is_refused(office, me, others):
    meeting = planned(office, me, others)
    path = f"/api/meetings/{meeting['id']}"
    assert office.patch(path, me, json={"title": "Satu"}, headers={"If-Match": '"1"'}).status_code == 200
    assert office.patch(path, me, json={"title": "Dua"}, headers={"If-Match": '"1"'}).status_code == 412


def test_a_repeated_request_plans_one_meeting(office, me, pair):
    for _ in range(2):
        answer = office.post("/api/meetings", me, json=wish((), pair), headers={"Idempotency-Key": "sekali"})
        assert answer.status_code == 201
    assert len(office.ask(select(Meeting.id))) == 1


def test_notes_and_follow_ups(office, me, others, clock):
    meeting = planned(office, me, others)
    path = f"/api/meetings/{meeting['id']}"
    clock.set(at(QUIET, 11))
    assert office.patch(path, me, json={"notes": "Disepakati."}).json()["sequence"] == 0
    assert office.patch(path, me, json={"title": "Lain"}).json()["facts"]["why"] == "over"
    body = {"task": "Kirim bahan", "owner_id": others[0], "due_on": "2026-12-14"}
    follow_up = office.post(f"{path}/follow-ups", others[1], json=body).json()
    assert follow_up["owner_id"] == others[0]
    one = f"{path}/follow-ups/{follow_up['id']}"
    assert office.patch(one, others[1], json={"done": True}).status_code == 403
    assert office.patch(one, others[0], json={"done": True}).json()["done_at"]
    assert office.get(path, me).json()["follow_ups"][0]["done_at"]
    assert office.patch(one, me, json={"done": False}).json()["done_at"] is None


@pytest.mark.parametrize(
    "more",
    [
        {"title": ""},
        {"ends_at": at(QUIET, 8).isoformat()},
        {"ends_at": (at(QUIET, 9) + timedelta(hours=13)).isoformat()},
        {"link": "javascript:alert(1)"},
        {"guests": [{"email": "bukan alamat"}]},
        {"room_ids": [0]},
        {"site_id": 99999},
        {"required_ids": [999999]},
        {"room_ids": [999999]},
        {"starts_at": (NOW - timedelta(days=1)).isoformat(), "ends_at": NOW.isoformat()},
    ],
)
def test_what_makes_no_sense_is_refused(shared_office, more):
    me = shared_office.colleagues()[0]
    answer = shared_office.post("/api/meetings", me, json=wish(**more))
    assert answer.status_code in (400, 404, 409, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert shared_office.ask(select(Meeting.id)) == []


def test_a_desk_is_no_room(office, me):
    assert office.post("/api/meetings", me, json=wish((), office.desks()[:1])).status_code == 404


def test_guests_are_invited_by_mail_address(office, me):
    meeting = planned(office, me, guests=[{"email": "Tamu@Contoh.test", "name": "Tamu"}, {"email": "tamu@contoh.test"}])
    assert [guest["email"] for guest in meeting["guests"]] == ["tamu@contoh.test"]


def test_a_person_who_left_keeps_their_place_in_the_record(office, me, others):
    meeting = planned(office, me, others)
    office.change(update(Person).where(Person.id == others[0]).values(active=False))
    assert len(office.get(f"/api/meetings/{meeting['id']}", me).json()["attendees"]) == 3


def test_ones_own_meetings_are_listed(office, me, others, pair):
    planned(office, me, others, pair)
    answer = office.get("/api/meetings", others[0], params={"from": at(QUIET, 0).isoformat()}).json()
    assert [(one["title"], len(one["rooms"]), one["reply"]) for one in answer["items"]] == [("Rapat koordinasi", 2, "")]
    assert office.get("/api/meetings", office.id_of(EMPLOYEE)).json()["items"] == []
    assert office.get("/api/meetings", me, params={"from": "2026-12-01T00:00:00"}).status_code in (400, 422)


def test_who_is_struck_off_while_the_meeting_moves_has_their_time(office, me, others):
    meeting = planned(office, me, others)
    path = f"/api/meetings/{meeting['id']}"
    office.put(f"{path}/replies/me", others[0], json={"reply": "attending"})
    answer = office.patch(path, me, json={"required_ids": [others[1]], **span(hours(QUIET, 14, 15))})
    assert answer.status_code == 200, answer.text
    assert office.get(f"/api/people/{others[0]}/free-busy", me).json()["items"] == []
    assert told(office, others[0]) == ["meeting-invited", "meeting-cancelled"]


def test_whether_somebody_is_needed_is_a_change_like_any_other(office, me, others, clock):
    meeting = planned(office, me, others)
    path = f"/api/meetings/{meeting['id']}"
    after = office.patch(path, me, json={"required_ids": [others[0]], "optional_ids": [others[1]]}).json()
    assert (after["version"], after["sequence"]) == (2, 1)
    assert {one["person_id"]: one["required"] for one in after["attendees"]}[others[1]] is False
    clock.set(at(QUIET, 11))
    assert office.patch(path, me, json={"required_ids": others}).json()["facts"]["why"] == "over"


def test_a_stand_in_who_is_sent_home_hears_of_it(office, me, others):
    meeting = planned(office, me, others)
    path = f"/api/meetings/{meeting['id']}"
    stand_in = office.colleagues(posts=4)[3]
    office.put(f"{path}/replies/me", others[0], json={"reply": "represented", "stand_in_id": stand_in})
    office.put(f"{path}/replies/me", others[0], json={"reply": "attending"})
    assert told(office, stand_in) == ["meeting-stand-in", "meeting-cancelled"]
    assert office.get(path, stand_in).status_code == 404


def test_a_room_of_a_meeting_is_not_taken_elsewhere_by_itself(office, me, pair):
    meeting = planned(office, me, (), pair)
    booking = meeting["rooms"][0]["booking_id"]
    answer = office.patch(f"/api/bookings/{booking}", me, json={"space_id": office.rooms(IKN_FLOOR)[2]})
    assert (answer.status_code, answer.json()["facts"]["why"]) == (409, "meeting")
    assert len(rooms_of(office, meeting)) == 2


def test_a_room_keeper_has_no_business_in_a_meeting(office, me, others, pair):
    keeper = office.id_of(ROOM_KEEPER)
    meeting = planned(office, me, others, pair)
    path = f"/api/meetings/{meeting['id']}"
    assert office.get(path, keeper).status_code == 404
    assert office.patch(path, keeper, json={"notes": "x"}).status_code == 404
    assert office.post("/api/meetings", keeper, json=wish(organiser_id=me)).status_code == 403


def test_who_has_left_is_not_invited_and_stays_where_they_were(office, me, others):
    meeting = planned(office, me, others)
    office.change(update(Person).where(Person.id == others[0]).values(active=False))
    assert office.post("/api/meetings", me, json=wish(others)).status_code == 404
    answer = office.patch(f"/api/meetings/{meeting['id']}", me, json={"required_ids": others, "title": "Lain"})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["attendees"]) == 3
