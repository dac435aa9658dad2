"""The slot finder from the outside: plans, leave, journeys, meetings, days off, rooms; and what it says of whom to whom."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, update

from app.meetings import finding
from app.meetings.slot_shapes import SlotsWanted, Window
from app.people.models import Agency, Person
from app.rooms import house
from app.rooms.models import Booking, Closure, Space
from app.scheduling import rulebook
from app.scheduling.models import DayOffRow, PlanDay, SegmentRow, WeekPlan
from tests.support.office import HR, NOW, QUIET, WIB, WITA, at, hours

IKN, JKT = 1, 2
COMMON = {4: [(8.5, 12), (14, 16)], 5: [(8.5, 11.5), (14, 16.5)]}
"""hours in WITA in which both cities work, by ISO weekday; Monday to Wednesday as Thursday"""
FRIDAY = QUIET + timedelta(days=1)
EARLY = {"preferences": {"edge_minutes": 0}}
"""who doesn't mind the edge of the day"""


@pytest.fixture
def me(office):
    return office.colleagues()[0]


@pytest.fixture
def mate(office):
    return office.colleagues()[1]


@pytest.fixture
def far(office):
    """Somebody in Jakarta."""
    return office.colleagues(site="JKT")[0]


def wish(on=QUIET, *, days=1, minutes=60, **more):
    window = {"from": at(on, 0).isoformat(), "until": at(on + timedelta(days=days), 0).isoformat()}
    return {"minutes": minutes, "window": window, "limit": 50, **more}


def found(office, who, *args, **more):
    answer = office.post("/api/meetings/slots", who, json=wish(*args, **more))
    assert answer.status_code == 200, answer.text
    assert answer.json()["next"] is None
    return answer.json()["items"]


def times(slots, zone=WITA):
    """Starts and ends on the wall, by time of day."""
    edges = sorted((slot["starts_at"], slot["ends_at"]) for slot in slots)
    return [
        "-".join(f"{datetime.fromisoformat(edge).astimezone(ZoneInfo(zone)):%H.%M}" for edge in pair) for pair in edges
    ]


def why(slots, person):
    """The reasons for which somebody is missing."""
    return {one["why"] for slot in slots for one in slot["missing"] if one["id"] == person}


def plan(office, person, *parts, on=QUIET, state="approved"):
    """Parts of a day: mode, site, and for less than the whole day its minutes."""

    def write(session):
        monday = on - timedelta(days=on.weekday())
        row = {"person_id": person, "monday_on": monday, "step": 0, "version": 1}
        plan_id = session.execute(insert(WeekPlan).values(row).returning(WeekPlan.id)).scalar_one()
        row = {"plan_id": plan_id, "person_id": person, "on": on, "state": state, "automatic": False, "reason": ""}
        day_id = session.execute(insert(PlanDay).values(row).returning(PlanDay.id)).scalar_one()
        for mode, site_id, *minutes in parts:
            starts, ends = minutes or (450, 960)
            row = {
                "day_id": day_id,
                "mode": mode,
                "site_id": site_id,
                "whole": not minutes,
                "letter": "",
                "active": True,
            }
            session.execute(insert(SegmentRow).values(row | {"starts": starts, "ends": ends}))

    office.db.write_here(write)


def meet(office, who, *times, people=(), rooms=()):
    starts_at, ends_at = times
    data = {
        "title": "Rapat",
        "site_id": IKN,
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "required_ids": list(people),
        "room_ids": list(rooms),
    }
    return office.post("/api/meetings", who, json=data)


# Time


@pytest.mark.parametrize(("on", "common"), [
    (QUIET, ["08.30-12.00", "14.00-16.00"]), (FRIDAY, ["08.30-11.30", "14.00-16.30"]),
    (date(2027, 2, 10), ["09.00-12.00", "12.30-13.00", "13.30-15.00"]), (date(2027, 2, 12), ["09.00-11.30", "13.30-15.30"]),
])  # fmt: skip
def test_people_of_two_cities_meet_in_the_time_both_work(office, me, far, on, common):
    quarters = times(found(office, me, on, minutes=15, required_ids=[far]))
    joined = []
    for quarter in quarters:
        starts, ends = quarter.split("-")
        if joined and joined[-1].endswith(starts):
            joined[-1] = f"{joined[-1][:6]}{ends}"
        else:
            joined.append(quarter)
    assert joined == common


def test_nothing_is_proposed_on_days_off_or_outside_the_common_hours(office, me, far):
    office.clock.set(at(date(2026, 12, 20), 9))  # two weeks with Christmas, collective leave and New Year's Day
    slots = found(office, me, date(2026, 12, 20), days=14, minutes=45, required_ids=[far], site_ids=[IKN, JKT])
    days = {datetime.fromisoformat(slot["starts_at"]).date() for slot in slots}
    assert days
    assert not days & {date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1)}
    for slot in slots:
        starts_at, ends_at = (datetime.fromisoformat(slot[edge]) for edge in ("starts_at", "ends_at"))
        on = starts_at.astimezone(UTC).date()
        common = COMMON[5 if on.isoweekday() == 5 else 4]
        assert on.isoweekday() < 6
        assert any(low <= starts_at and ends_at <= high for low, high in (hours(on, *edges) for edges in common))


def test_a_day_off_of_one_site_is_one_for_both(office, me, far):
    day = {"on": QUIET, "name": "Pilkada", "name_en": "Election", "basis": "Keppres", "kind": "election"}

    def close(session):
        session.execute(insert(DayOffRow).values(**day, site_id=JKT, state="fixed"))
        rulebook.changed(session)

    office.db.write_here(close)
    assert found(office, me, required_ids=[far]) == []
    assert found(office, me, site_ids=[JKT]) == []
    alone = found(office, me, optional_ids=[far], **EARLY)
    assert times(alone)[0] == "07.30-08.30"
    assert why(alone, far) == {"day-off"}


def test_what_has_begun_is_over_for_new_meetings(office, me):
    office.clock.set(at(QUIET, 9, 20))
    slots = found(office, me)
    assert times(slots)[0] == "09.30-10.30"
    past = office.post("/api/meetings/slots", me, json=wish(QUIET - timedelta(days=1)))
    assert (past.status_code, past.json()["code"]) == (409, "meeting-not-now")
    office.clock.set(at(QUIET, 23, 50))
    assert found(office, me) == []


# People


def test_meetings_take_time_and_call_offs_give_it_back(office, me, mate):
    meeting = meet(office, mate, *hours(QUIET, 9, 10.5)).json()
    assert times(found(office, me, required_ids=[mate], **EARLY))[:2] == ["07.30-08.30", "10.30-11.30"]
    assert why(found(office, me, optional_ids=[mate], minutes=15), mate) == {"meeting"}
    office.delete(f"/api/meetings/{meeting['id']}", mate)
    assert "09.00-10.00" in times(found(office, me, required_ids=[mate], preferences={"edge_minutes": 90}))


@pytest.mark.parametrize(
    ("mode", "told"), [("leave", {"unavailable"}), ("travel", {"travel"}), ("WFH", set()), ("WFA", set())]
)
def test_plans_count_as_asked_for_or_approved(office, me, mate, mode, told):
    plan(office, mate, (mode, IKN), state="submitted")
    assert why(found(office, me, optional_ids=[mate]), mate) == told
    assert bool(found(office, me, required_ids=[mate])) == (not told)


def test_a_draft_is_nobodys_business(office, me, mate):
    plan(office, mate, ("leave", IKN), state="draft")
    assert why(found(office, me, optional_ids=[mate]), mate) == set()


def test_part_of_a_day_is_part_of_a_day(office, me, mate):
    plan(office, mate, ("leave", IKN, 450, 720))
    assert times(found(office, me, required_ids=[mate])) == ["13.00-14.00", "14.00-15.00", "15.00-16.00"]


def test_who_works_from_home_joins_by_link_and_needs_no_seat(office, me, mate, far):
    plan(office, mate, ("WFH", IKN))
    room = every_room(office, IKN)[0]
    changed(office, update(Space).where(Space.id == room).values(seats=1, room_kind="meeting", needs_approval=False))
    slots = found(office, me, required_ids=[mate, far], site_ids=[IKN])
    assert {slot["rooms"][str(IKN)]["id"] for slot in slots} == {room}
    for slot in slots:
        assert sorted(slot["by_link"]) == sorted([mate, far])
        assert {"code": "by-link", "count": 2} in slot["reasons"]


def test_a_journey_to_the_place_of_the_meeting_is_presence_there(office, me, far):
    plan(office, far, ("travel", IKN))
    assert why(found(office, me, optional_ids=[far]), far) == {"travel"}
    slots = found(office, me, required_ids=[far], site_ids=[IKN], **EARLY)
    assert times(slots)[0] == "07.30-08.30"  # the hours of the place, not those of Jakarta
    assert [slot["by_link"] for slot in slots] == [[]] * len(slots)


def test_who_works_at_another_office_has_its_hours(office, me, far):
    plan(office, far, ("other-office", IKN))
    assert times(found(office, me, required_ids=[far], **EARLY))[0] == "07.30-08.30"
    assert times(found(office, far, **EARLY))[0] == "07.30-08.30"


def test_breaks_and_hours_of_the_other_zone_are_told(office, me, far):
    morning = found(office, me, minutes=30, optional_ids=[far])
    assert why(morning, far) == {"outside-hours", "break"}
    assert why(found(office, me, FRIDAY, minutes=30, optional_ids=[far]), far) == {"outside-hours", "friday-prayer"}
    early = next(one for slot in morning if slot["starts_at"] == "2026-12-09T23:30:00Z" for one in slot["missing"])
    assert early["until"] == "2026-12-10T00:30:00Z"


def test_units_are_asked_as_they_are_now(office, me):
    unit = office.actor(me).unit_id
    members = [row[0] for row in office.ask(select(Person.id).where(Person.unit_id == unit, Person.active))]
    for member in members[:3]:
        if member != me:
            plan(office, member, ("leave", IKN))
    slots = found(office, me, unit_ids=[unit])
    away = {id for id in members[:3] if id != me}
    assert all({one["id"] for one in slot["missing"] if one["why"] == "unavailable"} >= away for slot in slots)
    assert found(office, me, unit_ids=[unit], preferences={"incomplete": False}) == []


# Who may know what


def test_leave_has_its_name_for_those_who_plan_for_somebody(office, me, mate):
    plan(office, mate, ("leave", IKN))
    assert why(found(office, me, optional_ids=[mate]), mate) == {"unavailable"}
    assert why(found(office, office.id_of(HR), optional_ids=[mate]), mate) == {"leave"}
    assert found(office, mate, optional_ids=[me]) == []


def test_of_people_of_other_agencies_nobody_learns_more_than_that_they_are_busy(office, me):
    sharing = [row[0] for row in office.ask(select(Agency.code).where(Agency.shares_names, Agency.code != "BAPPENAS"))]
    other = next(people[0] for code in sharing if (people := office.colleagues(code)))
    plan(office, other, ("leave", IKN, 450, 600))
    meet(office, other, *hours(QUIET, 14, 15))
    slots = found(office, me, minutes=30, optional_ids=[other])
    assert why(slots, other) == {"busy"}
    assert why(found(office, me, FRIDAY, minutes=30, optional_ids=[other]), other) == set()


def test_who_is_not_to_be_known_is_not_found(office, me):
    office.change(update(Agency).values(shares_names=False))
    stranger = next(people[0] for code in ("KEMENKEU", "KEMENPANRB") if (people := office.colleagues(code)))
    unit = office.actor(stranger).unit_id
    for more in (
        {"required_ids": [stranger]},
        {"optional_ids": [stranger]},
        {"unit_ids": [unit]},
        {"required_ids": [999_999]},
    ):
        answer = office.post("/api/meetings/slots", me, json=wish(**more))
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), more


def test_an_organiser_is_somebody_to_act_for(office, me, mate):
    answer = office.post("/api/meetings/slots", me, json=wish(organiser_id=mate))
    assert answer.status_code == 403
    boss = office.ask(select(Person.superior_id).where(Person.id == mate))[0][0]
    meet(office, mate, *hours(QUIET, 9, 10.5))
    assert "10.30-11.30" in times(found(office, boss, organiser_id=mate))


# Rooms


def every_room(office, site_id):
    """Ids of all bookable rooms of a site."""
    floors = {IKN: ("IKN-K3-A-03", "IKN-K3-A-04"), JKT: ("JKT-PST-01",)}[site_id]
    return [id for floor in floors for id in office.rooms(floor)]


def changed(office, statement):
    def write(session):
        session.execute(statement)
        house.changed(session)

    office.db.write_here(write)


def closure(space_id, times, reason="Perbaikan"):
    return insert(Closure).values(space_id=space_id, starts_at=times[0], ends_at=times[1], reason=reason)


def test_a_room_at_each_site_or_none(office, me, far):
    for room in every_room(office, JKT):
        changed(office, closure(room, hours(QUIET, 0, 12)))
    slots = found(office, me, required_ids=[far], site_ids=[IKN, JKT])
    assert times(slots) == ["14.00-15.00", "15.00-16.00"]
    assert all(set(slot["rooms"]) == {str(IKN), str(JKT)} for slot in slots)


def test_the_smallest_room_with_the_seats_and_the_equipment(office, me):
    rows = office.ask(
        select(Space.id, Space.seats, Space.attributes, Space.room_kind, Space.needs_approval).where(
            Space.id.in_(every_room(office, IKN))
        )
    )
    alone = {"focus", "phone-booth"}
    for seats, attributes in ((1, []), (5, []), (9, ["video"]), (3, ["video", "screen"]), (500, [])):
        fitting = sorted(
            (row.seats, row.id)
            for row in rows
            if row.seats >= seats
            and set(attributes) <= set(row.attributes.split())
            and row.room_kind not in alone
            and not row.needs_approval
        )
        slots = found(office, me, site_ids=[IKN], seats={str(IKN): seats}, attributes=attributes)
        assert bool(slots) == bool(fitting)
        assert all(slot["rooms"][str(IKN)]["id"] in {id for _, id in fitting} for slot in slots)
        assert all(slot["rooms"][str(IKN)]["seats"] >= seats for slot in slots)


def test_what_the_room_keeper_decides_on_is_proposed_only_when_asked_for(office, me):
    for room in every_room(office, IKN):
        changed(office, update(Space).where(Space.id == room).values(needs_approval=True))
    assert found(office, me, site_ids=[IKN]) == []
    assert found(office, me, site_ids=[IKN], asked=True)


def test_rooms_are_prepared_between_two_meetings(office, me, mate):
    rooms = every_room(office, IKN)
    changed(office, update(Space).where(Space.id.in_(rooms)).values(bookable=False))
    office.change(
        update(Space).where(Space.id == rooms[0]).values(bookable=True, setup_minutes=20, clearing_minutes=10)
    )
    office.booked(mate, rooms[0], *hours(QUIET, 9, 10))
    slots = found(office, me, minutes=30, site_ids=[IKN], seats={str(IKN): 1})
    assert times(slots)[:3] == ["07.30-08.00", "08.00-08.30", "10.30-11.00"]
    assert office.book(me, rooms[0], *hours(QUIET, 10.25, 10.75)).json()["facts"]["hindrance"] == "turnaround"


def test_rooms_open_no_further_ahead_than_they_can_be_booked(office, me):
    horizon = NOW.date() + timedelta(days=30)
    slots = found(office, me, horizon - timedelta(days=3), days=10, site_ids=[IKN])
    last = max(datetime.fromisoformat(slot["starts_at"]) for slot in slots)
    assert last < at(horizon + timedelta(days=1), 0)
    assert found(office, me, horizon + timedelta(days=4), days=3, minutes=60)


@pytest.mark.parametrize("minutes", [15, 50, 90])
def test_a_proposed_room_is_never_refused(office, me, far, minutes):
    """Bookings of odd lengths everywhere, closures, allotments: whatever is proposed is then booked, all of it."""
    dice = random.Random(minutes)
    for site_id, zone in ((IKN, WITA), (JKT, WIB)):
        for room in every_room(office, site_id):
            for on in (QUIET, FRIDAY):
                starts = dice.randrange(480, 600, 5)
                while starts < 900:
                    ends = starts + dice.randrange(10, 100, 5)
                    if dice.random() < 0.6:
                        office.book(
                            far, room, at(on, starts // 60, starts % 60, zone), at(on, ends // 60, ends % 60, zone)
                        )
                    starts = ends + dice.randrange(0, 45, 5)
    changed(office, closure(every_room(office, IKN)[0], hours(QUIET, 9.2, 10)))
    slots = found(
        office, me, days=2, minutes=minutes, required_ids=[far], site_ids=[IKN, JKT], seats={str(IKN): 1, str(JKT): 1}
    )
    assert slots
    for slot in slots:
        rooms = [room["id"] for room in slot["rooms"].values()]
        span = [datetime.fromisoformat(slot[edge]) for edge in ("starts_at", "ends_at")]
        answer = meet(office, me, *span, people=[far], rooms=rooms)
        assert answer.status_code == 201, answer.text
        assert office.delete(f"/api/meetings/{answer.json()['id']}", me).status_code == 200
    assert office.findings() == []


def test_a_cancelled_booking_takes_no_room(office, me, mate):
    room = found(office, me, site_ids=[IKN])[0]["rooms"][str(IKN)]["id"]
    booking = office.booked(mate, room, *hours(QUIET, 8, 12))
    assert found(office, me, site_ids=[IKN])[0]["rooms"][str(IKN)]["id"] != room
    office.delete(f"/api/bookings/{booking['id']}", mate)
    assert office.ask(select(Booking.active).where(Booking.id == booking["id"]))[0][0] is False
    assert found(office, me, site_ids=[IKN])[0]["rooms"][str(IKN)]["id"] == room


# What is asked


@pytest.mark.parametrize("more", [
    {"minutes": 0}, {"minutes": 481}, {"minutes": 17}, {"limit": 51}, {"limit": 0},
    {"window": {"from": "2026-12-10T08:00:00", "until": "2026-12-11T08:00:00"}},
    {"window": {"from": "2026-12-11T08:00:00Z", "until": "2026-12-10T08:00:00Z"}},
    {"window": {"from": "2026-12-01T00:00:00Z", "until": "2027-02-02T00:00:00Z"}},
    {"window": {"from": "1926-12-01T00:00:00Z", "until": "1926-12-02T00:00:00Z"}},
    {"window": {}}, {"required_ids": [0]}, {"required_ids": list(range(1, 202))}, {"seats": {"1": 0}}, {"seats": {"x": 1}},
    {"site_ids": [2**40]}, {"attributes": [""]}, {"attributes": ["\x00"]}, {"preferences": {"asar_minutes": 9999}},
    {"preferences": {"asar": {"Asia/Makassar": [905]}}}, {"preferences": {"else": 1}}, {"colour": "red"},
])  # fmt: skip
def test_what_cannot_be_read_is_refused(office, me, more):
    answer = office.post("/api/meetings/slots", me, json=wish() | more)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), answer.text


def test_unknown_sites_and_units_are_not_found_and_strangers_are_not_let_in(office, me):
    for more in ({"site_ids": [77]}, {"seats": {"77": 3}}, {"unit_ids": [99_999]}):
        assert office.post("/api/meetings/slots", me, json=wish(**more)).status_code == 404
    assert office.post("/api/meetings/slots", json=wish()).status_code == 401


def test_more_people_than_a_meeting_takes_are_refused(office, me):
    everybody = [row[0] for row in office.ask(select(Person.id).where(Person.active).order_by(Person.id))]
    if len(everybody) <= 200:
        pytest.skip("the office has no more people")
    answer = office.post(
        "/api/meetings/slots", me, json=wish(required_ids=everybody[:200], optional_ids=everybody[200:300])
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "too-many-people")


def test_wishes_rank_and_do_not_forbid(office, me):
    slots = found(office, me, minutes=150, **EARLY)
    assert times(slots) == ["07.30-10.00", "13.00-15.30"]
    assert [reason["code"] for reason in slots[-1]["reasons"]] == ["all-required", "across-asar"]
    (last,) = found(office, me, minutes=150, preferences={"asar_minutes": None})[1:]
    assert [reason["code"] for reason in last["reasons"]] == ["all-required"]
    late = found(office, me, date(2027, 2, 12), minutes=30)[-1]
    assert (times([late]), [reason["code"] for reason in late["reasons"]]) == (
        ["15.00-15.30"],
        ["all-required", "late-in-ramadan", "edge-of-day"],
    )


def test_the_same_question_has_the_same_answer(office, me, far):
    question = wish(days=5, required_ids=[far], site_ids=[IKN, JKT])
    answers = {office.post("/api/meetings/slots", me, json=question).text for _ in range(3)}
    assert len(answers) == 1


# The page's heat


def heat(office, who, **more):
    starts_at, ends_at = at(QUIET, 0), at(QUIET + timedelta(days=5), 0)
    wanted = SlotsWanted(60, Window(starts_at, ends_at), **more)
    return office.db.read_here(finding.heat, office.actor(who), wanted, now=NOW)


def test_the_heat_shows_every_half_hour_in_which_some_site_works(office, me, mate, far):
    meet(office, mate, *hours(QUIET, 9, 10))
    shown = heat(office, me, required_ids=[far], optional_ids=[mate], site_ids=[IKN, JKT])
    assert (shown.zone, shown.required, shown.everybody) == (WITA, 2, 3)
    assert [day.on for day in shown.days] == [QUIET, FRIDAY, QUIET + timedelta(days=4)]
    cells = {cell.starts_at: cell for cell in shown.days[0].cells}
    assert (min(cells), max(cells)) == (at(QUIET, 7, 30), at(QUIET, 17))
    assert [
        (one.required, one.everybody, one.open, one.fits) for one in (cells[at(QUIET, 8)], cells[at(QUIET, 9)])
    ] == [
        (1, 2, False, False),
        (2, 2, True, True),
    ]
    assert [(one.id, one.why) for one in cells[at(QUIET, 9)].missing] == [(mate, "meeting")]
    assert cells[at(QUIET, 9)].rooms
    assert (cells[at(QUIET, 11)].fits, cells[at(QUIET, 11, 30)].fits) == (True, False)


def test_the_heat_fits_where_slots_are(office, me, far):
    wanted = {"required_ids": [far], "site_ids": [IKN, JKT]}
    fitting = {cell.starts_at for day in heat(office, me, **wanted).days for cell in day.cells if cell.fits}
    slots = found(office, me, days=5, **wanted)
    assert slots
    for slot in slots:
        starts_at = datetime.fromisoformat(slot["starts_at"])
        assert starts_at in fitting or starts_at - timedelta(minutes=15) in fitting


def test_a_meeting_to_be_moved_is_not_in_its_own_way(office, me, mate):
    rooms = every_room(office, IKN)
    starts_at, ends_at = hours(QUIET, 9, 10)
    body = {"title": "Rapat", "site_id": IKN, "required_ids": [mate], "room_ids": [rooms[0]]}
    body |= {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    meeting = office.post("/api/meetings", me, json=body).json()["id"]
    with_others = {"required_ids": [mate], "site_ids": [IKN]}
    assert "09.00-10.00" not in times(found(office, me, **with_others))
    slots = found(office, me, meeting_id=meeting, **with_others)
    assert "09.00-10.00" in times(slots)
    for slot in slots:
        change = {
            "starts_at": slot["starts_at"],
            "ends_at": slot["ends_at"],
            "room_ids": [slot["rooms"][str(IKN)]["id"]],
        }
        answer = office.patch(f"/api/meetings/{meeting}", me, json=change)
        assert answer.status_code == 200, answer.text
    assert office.post("/api/meetings/slots", mate, json=wish(meeting_id=meeting)).status_code == 403
    stranger = office.colleagues("KEMENKEU")[0]
    assert office.post("/api/meetings/slots", stranger, json=wish(meeting_id=meeting)).status_code == 404


def test_where_somebody_works_is_told_to_those_who_see_it_on_the_board(office, me, mate):
    other = office.ask(
        select(Person.id, Person.unit_id)
        .join(Agency, Agency.id == Person.agency_id)
        .where(Agency.code == "BAPPENAS", Person.roles == "", Person.site_id == IKN)
        .where(Person.unit_id.not_in(select(Person.unit_id).where(Person.id == me)))
        .order_by(Person.id)
    )[0][0]
    plan(office, other, ("WFH", IKN))
    room = every_room(office, IKN)[0]
    changed(office, update(Space).where(Space.id == room).values(seats=2, room_kind="meeting", needs_approval=False))
    told = {one for slot in found(office, me, required_ids=[other], site_ids=[IKN]) for one in slot["by_link"]}
    assert told == set()
    told = {one for slot in found(office, other, required_ids=[me], site_ids=[IKN]) for one in slot["by_link"]}
    assert told == {other}
    plan(office, mate, ("travel", JKT))
    assert why(found(office, other, optional_ids=[mate]), mate) == {"unavailable"}
    assert why(found(office, me, optional_ids=[mate]), mate) == {"travel"}
