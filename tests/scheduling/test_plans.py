"""Week plans with their desks, from the outside, on both engines."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from app.people.models import Person
from app.rooms.models import Booking
from app.scheduling import rulebook
from app.scheduling.models import PlanDay, PolicyRow, SegmentRow
from tests.support.office import ADMIN, EMPLOYEE, HR, QUIET, ROOM_KEEPER, SUPERIOR, at
from tests.support.world import TODAY

WEEK = "2026-W50"
MONDAY = QUIET - timedelta(days=3)
DAYS = [MONDAY + timedelta(days=n) for n in range(5)]


@pytest.fixture
def me(office):
    return office.colleagues(posts=1)[0]


@pytest.fixture
def boss(office, me):
    return office.ask(select(Person.superior_id).where(Person.id == me))[0][0]


def path(person, week=WEEK):
    return f"/api/people/{person}/weeks/{week}"


def week(*modes, **more):
    """A plan from Monday on: a mode for a whole day, None for nothing, or segments as they are."""
    days = {}
    for on, mode in zip(DAYS, modes, strict=False):
        if mode is not None:
            days[on.isoformat()] = [{"mode": mode}] if isinstance(mode, str) else mode
    return {"days": days, **more}


def put(office, who, data, person=None, **headers):
    return office.put(path(person or who), who, json=data, headers=headers)


def planned(office, who, data, **more):
    answer = put(office, who, data, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def submit(office, who, **json):
    return office.put(f"{path(who)}/submission", who, json=json)


def submitted(office, who, **json):
    answer = submit(office, who, **json)
    assert answer.status_code == 200, answer.text
    return answer.json()


def decide(office, who, person, decision, reason="", **more):
    return office.put(f"{path(person)}/approval", who, json={"decision": decision, "reason": reason, **more})


def bookings(office, person):
    rows = office.ask(
        select(Booking.space_id, Booking.starts_at, Booking.ends_at, Booking.segment_id)
        .where(Booking.person_id == person, Booking.active, Booking.starts_at >= at(MONDAY, 0))
        .order_by(Booking.starts_at)
    )
    return [tuple(row) for row in rows]


def orphans(office):
    """Active desk bookings tied to a plan whose segment is gone, or lies on another day."""
    return office.ask(
        select(Booking.id)
        .join(SegmentRow, SegmentRow.id == Booking.segment_id)
        .join(PlanDay, PlanDay.id == SegmentRow.day_id)
        .where(Booking.active, (~SegmentRow.active) | (PlanDay.person_id != Booking.person_id))
    )


# Planning


def test_a_week_that_was_never_planned_is_empty_and_can_be_read(office, me):
    seen = office.get(path(me), me).json()
    assert (seen["version"], seen["state"], seen["days"]) == (0, None, {})
    assert seen["about"][QUIET.isoformat()]["minutes_owed"] == 450


def test_a_whole_day_takes_its_hours_from_the_working_day(office, me):
    seen = planned(office, me, week("WFO", None, "wfh", None, "WFH"))
    monday, friday = seen["days"][DAYS[0].isoformat()][0], seen["days"][DAYS[4].isoformat()][0]
    assert (monday["mode"], monday["starts"], monday["ends"], monday["zone"]) == (
        "WFO",
        "07:30",
        "16:00",
        "Asia/Makassar",
    )
    assert monday["starts_at"] == "2026-12-06T23:30:00Z"
    assert friday["ends"] == "16:30"
    assert seen["version"] == 1
    assert seen["state"] == "draft"


def test_a_week_can_be_put_back_as_it_was_read(office, me):
    first = planned(office, me, week("WFO", "WFH"))
    again = planned(office, me, {"days": first["days"]})
    assert again["days"] == first["days"]
    assert again["version"] == first["version"]


def test_an_older_version_is_refused(office, me):
    planned(office, me, week("WFO"))
    planned(office, me, week("WFH"), **{"If-Match": '"1"'})
    answer = put(office, me, week("WFO"), **{"If-Match": '"1"'})
    assert answer.status_code == 412
    assert answer.json()["code"] == "stale"


HALF = {"mode": "WFO", "starts": "07:30", "ends": "12:00"}


@pytest.mark.parametrize("data", [
    {"days": {"2026-12-01": [{"mode": "WFO"}]}},
    {"days": {"2026-12-07": [{"mode": "sleep"}]}},
    {"days": {"2026-12-07": [{"mode": "WFO", "starts": "07:30"}]}},
    {"days": {"2026-12-07": [{"mode": "WFO", "starts": "16:00", "ends": "07:30"}]}},
    {"days": {"2026-12-07": [HALF, {"mode": "WFH", "starts": "11:00", "ends": "16:00"}]}},
    {"days": {"2026-12-07": [{"mode": "WFO", "starts": "7.30", "ends": "16:00"}]}},
    {"days": {"2026-12-07": [{"mode": "WFO", "site_id": 999}]}},
    {"days": {"2026-12-07": [{"mode": "WFH", "near_team": True}]}},
    {"days": [], "x": 1},
])  # fmt: skip
def test_what_cannot_be_read_is_refused_without_a_trace(office, me, data):
    answer = put(office, me, data)
    assert answer.status_code == 400, answer.text
    assert office.get(path(me), me).json()["version"] == 0


@pytest.mark.parametrize("name", ["2026-48", "2026-W60", "W48", "1999-W01"])
def test_a_week_that_is_none_is_refused(office, me, name):
    assert office.get(path(me, name), me).status_code == 400


def test_a_day_that_is_over_stays_what_it_was(office, me):
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    answer = office.put(path(me, "2026-W48"), me, json={"days": {yesterday: [{"mode": "WFH"}]}})
    assert answer.status_code == 409
    assert answer.json()["code"] == "past-day"


def test_a_third_flexible_day_is_refused_with_ways_out_that_work(office, me):
    answer = put(office, me, week("WFH", "WFA", "WFH", "WFO", "WFO"))
    problem = answer.json()
    assert answer.status_code == 409, answer.text
    assert problem["code"] == "plan-refused"
    assert problem["facts"]["rule"] == "flexible-days"
    assert problem["facts"]["basis"] == "PermenPANRB 4/2025"
    assert "2 dari 2" in problem["detail"]
    assert problem["ways_out"]
    for way in problem["ways_out"]:
        days = {**week("WFH", "WFA", "WFH", "WFO", "WFO")["days"], **way["days"]}
        planned(office, me, {"days": days})


def test_work_at_an_office_that_is_not_ones_own_is_work_at_another(office, me):
    jakarta = next(site["id"] for site in office.get("/api/sites", me).json()["items"] if site["code"] == "JKT")
    seen = planned(office, me, week([{"mode": "WFO", "site_id": jakarta}]))
    part = seen["days"][DAYS[0].isoformat()][0]
    assert (part["mode"], part["zone"], part["starts"]) == ("other-office", "Asia/Jakarta", "07:30")


def test_official_travel_needs_the_number_of_its_letter(office, me):
    problem = put(office, me, week([{"mode": "travel"}])).json()
    assert problem["facts"]["rule"] == "letter"
    planned(office, me, week([{"mode": "travel", "letter": "ST-12/2026"}]))


def test_a_stranger_may_neither_see_nor_plan_a_week(office, me):
    other = office.colleagues("KEMENKEU", posts=1)[0]
    assert office.get(path(me), other).status_code in (403, 404)
    assert put(office, other, week("WFH"), person=me).status_code in (403, 404)


def test_the_superior_and_the_hr_officer_may_plan_for_others(office, me, boss):
    planned(office, boss, week("WFH"), person=me)
    hr = office.id_of(HR)
    if office.actor(hr).agency_id == office.actor(me).agency_id:
        planned(office, hr, week("WFO"), person=me)


# The one plan


def test_plan_and_desk_are_one(office, me):
    desk = office.desks()[0]
    seen = planned(office, me, week("WFO", None, None, [{"mode": "WFO", "desk_id": desk}]))
    part = seen["days"][QUIET.isoformat()][0]
    assert (part["desk_id"], part["booking_id"] is not None) == (desk, True)
    [(space, starts, ends, segment)] = bookings(office, me)
    assert (space, starts, ends, segment) == (desk, at(QUIET, 7, 30), at(QUIET, 16), part["id"])


def test_a_refused_desk_refuses_the_whole_week(office, me, boss):
    desk = office.desks()[0]
    office.booked(boss, desk)
    answer = put(office, me, week("WFH", None, None, [{"mode": "WFO", "desk_id": desk}]))
    assert (answer.status_code, answer.json()["code"]) == (409, "not-bookable")
    assert office.get(path(me), me).json()["version"] == 0
    seen = planned(office, me, week("WFH", None, None, [{"mode": "WFO", "desk_id": desk}], without_desk=True))
    assert seen["days"][QUIET.isoformat()][0]["desk_id"] is None
    assert "desk" in {finding["rule"] for finding in seen["findings"]}
    assert bookings(office, me) == []


def test_near_the_team_picks_a_desk(office, me):
    seen = planned(office, me, week(None, None, None, [{"mode": "WFO", "near_team": True}]))
    assert seen["days"][QUIET.isoformat()][0]["desk"]
    assert len(bookings(office, me)) == 1


def test_the_desk_follows_its_hours_moves_and_is_given_back(office, me):
    first, second = office.desks()[:2]
    planned(office, me, week(None, None, None, [{"mode": "WFO", "desk_id": first}]))
    planned(office, me, week(None, None, None, [{"mode": "WFO", "starts": "07:30", "ends": "12:00"}]))
    assert [row[:3] for row in bookings(office, me)] == [(first, at(QUIET, 7, 30), at(QUIET, 12))]
    planned(office, me, week(None, None, None, [{"mode": "WFO", "desk_id": second}]))
    assert [row[:3] for row in bookings(office, me)] == [(second, at(QUIET, 7, 30), at(QUIET, 16))]
    planned(office, me, week(None, None, None, [{"mode": "WFO", "desk_id": None}]))
    assert bookings(office, me) == []


@pytest.mark.parametrize("mode", ["WFH", "leave", None])
def test_leaving_the_office_day_frees_the_desk(office, me, mode):
    planned(office, me, week(None, None, None, [{"mode": "WFO", "desk_id": office.desks()[0]}]))
    planned(office, me, week(None, None, None, mode))
    assert bookings(office, me) == []
    assert office.findings() == []


def test_a_desk_booked_before_is_taken_into_the_plan(office, me):
    desk = office.desks()[0]
    loose = office.booked(me, desk)
    seen = planned(office, me, week(None, None, None, [{"mode": "WFO", "desk_id": desk}]))
    assert seen["days"][QUIET.isoformat()][0]["booking_id"] == loose["id"]
    assert len(bookings(office, me)) == 1


def test_a_booking_that_is_moved_by_itself_leaves_the_plan(office, me):
    seen = planned(office, me, week(None, None, None, [{"mode": "WFO", "desk_id": office.desks()[0]}]))
    booking = seen["days"][QUIET.isoformat()][0]["booking_id"]
    moved = at(DAYS[4], 8).isoformat(), at(DAYS[4], 16).isoformat()
    answer = office.patch(f"/api/bookings/{booking}", me, json={"starts_at": moved[0], "ends_at": moved[1]})
    assert answer.json()["segment_id"] is None
    assert office.get(path(me), me).json()["days"][QUIET.isoformat()][0]["booking_id"] is None


# Submission and approval


def test_submission_waits_for_the_superior_who_approves(office, me, boss):
    planned(office, me, week("WFO", "WFH"))
    seen = submitted(office, me)
    assert seen["about"][DAYS[0].isoformat()]["state"] == "approved"
    assert seen["about"][DAYS[1].isoformat()]["state"] == "submitted"
    assert [one["id"] for one in seen["approvers"]][:1] == [boss]
    waiting = office.get("/api/approvals", boss).json()["items"]
    assert (me, WEEK) in {(item["person_id"], item["week"]) for item in waiting}
    done = decide(office, boss, me, "approved")
    assert done.status_code == 200, done.text
    assert done.json()["state"] == "approved"
    again = decide(office, boss, me, "approved")
    assert (again.status_code, again.json()["code"]) == (409, "nothing-to-decide")


def test_nobody_decides_about_themselves(office, me):
    planned(office, me, week("WFH"))
    submitted(office, me)
    assert decide(office, me, me, "approved").status_code == 403


def test_a_return_needs_a_reason_and_the_week_can_be_submitted_again(office, me, boss):
    planned(office, me, week("WFH"))
    submitted(office, me)
    assert decide(office, boss, me, "returned").status_code == 422
    seen = decide(office, boss, me, "returned", "Mohon hadir pada rapat.").json()
    assert seen["about"][DAYS[0].isoformat()]["state"] == "returned"
    assert seen["about"][DAYS[0].isoformat()]["reason"] == "Mohon hadir pada rapat."
    assert submitted(office, me)["about"][DAYS[0].isoformat()]["state"] == "submitted"


def test_a_change_asks_again_only_for_its_day(office, me, boss):
    planned(office, me, week("WFH", "WFA"))
    submitted(office, me)
    decide(office, boss, me, "approved")
    seen = planned(office, me, week("WFH", None, "WFA"))
    states = {on: day["state"] for on, day in seen["about"].items() if day["state"]}
    assert states == {DAYS[0].isoformat(): "approved", DAYS[2].isoformat(): "draft"}


def test_revoking_an_approval_frees_the_desks_of_its_days(office, me, boss):
    planned(office, me, week(None, None, None, [{"mode": "WFO", "desk_id": office.desks()[0]}]))
    submitted(office, me)
    assert decide(office, boss, me, "revoked", "singkat").status_code == 422
    done = decide(office, boss, me, "revoked", "Pekerjaan lapangan mendesak.")
    assert done.status_code == 200, done.text
    assert bookings(office, me) == []
    assert orphans(office) == []


def test_withdrawing_makes_a_draft_of_what_waits(office, me):
    planned(office, me, week("WFH"))
    submitted(office, me)
    seen = office.delete(f"{path(me)}/submission", me).json()
    assert seen["state"] == "draft"
    assert office.delete(f"{path(me)}/submission", me).json()["code"] == "nothing-to-submit"


def test_whoever_acts_for_the_superior_decides_and_only_while_they_do(office, me, boss):
    kin = select(Person.id).where(Person.agency_id == office.actor(me).agency_id, Person.id.not_in([me, boss]))
    other = next(id for (id,) in office.ask(kin.order_by(Person.id)) if not office.actor(id).roles)
    planned(office, me, week("WFH"))
    submitted(office, me)
    assert decide(office, other, me, "approved").status_code == 403
    given = office.post(
        "/api/delegations", boss, json={"to_id": other, "from_on": TODAY.isoformat(), "until_on": TODAY.isoformat()}
    )
    assert given.status_code == 201, given.text
    assert decide(office, other, me, "approved").status_code == 200
    office.delete(f"/api/delegations/{given.json()['id']}", boss)
    planned(office, me, week(None, "WFH"))
    submitted(office, me)
    assert decide(office, other, me, "approved").status_code == 403


TODAY_ONLY = {"from_on": TODAY.isoformat(), "until_on": TODAY.isoformat()}


def test_the_office_of_staff_says_who_stands_in_for_somebody(office, me, boss):
    kin = select(Person.id).where(Person.agency_id == office.actor(me).agency_id, Person.id.not_in([me, boss]))
    other = next(id for (id,) in office.ask(kin.order_by(Person.id)) if not office.actor(id).roles)
    officer = office.id_of(HR)
    given = office.post("/api/delegations", officer, json={"from_id": boss, "to_id": other, **TODAY_ONLY})
    assert given.status_code == 201, given.text
    assert (given.json()["from_id"], given.json()["to_id"]) == (boss, other)
    assert office.delete(f"/api/delegations/{given.json()['id']}", officer).status_code < 300


@pytest.mark.parametrize("email", [ROOM_KEEPER, EMPLOYEE, HR, ADMIN])
def test_nobody_puts_themselves_into_anothers_place(shared_office, email):
    who, boss = shared_office.id_of(email), shared_office.id_of(SUPERIOR)
    answer = shared_office.post("/api/delegations", who, json={"from_id": boss, "to_id": who, **TODAY_ONLY})
    assert answer.status_code in (400, 403), answer.text


def test_who_books_for_others_says_nothing_of_who_decides(shared_office):
    keeper, boss, other = (shared_office.id_of(email) for email in (ROOM_KEEPER, SUPERIOR, EMPLOYEE))
    answer = shared_office.post("/api/delegations", keeper, json={"from_id": boss, "to_id": other, **TODAY_ONLY})
    assert answer.status_code == 403, answer.text


def test_the_rules_approve_by_themselves_where_the_agency_wants(office, me):
    put_policy(
        office, {"type": "approval", "chain": ["superior"], "automatic": True}, agency_id=office.actor(me).agency_id
    )
    seen = planned(office, me, week("WFH"))
    assert seen["automatic"] is True
    assert submitted(office, me)["about"][DAYS[0].isoformat()] | {"decided_at": ""} == seen["about"][DAYS[0].isoformat()] | {
        "state": "approved", "automatic": True, "decided_at": "",
    }  # fmt: skip


def test_twenty_weeks_are_decided_at_once_each_for_itself(office):
    rows = office.ask(select(Person.superior_id, Person.id).where(Person.superior_id.is_not(None)).order_by(Person.id))
    by_boss = {}
    for boss, person in rows:
        by_boss.setdefault(boss, []).append(person)
    boss, team = max(by_boss.items(), key=lambda item: len(item[1]))
    asked = []
    for person in team:
        if (
            put(office, person, week("WFO", "WFH")).status_code == 200
            and submit(office, person, despite_coverage=True).status_code == 200
        ):
            asked.append(person)
    items = [{"person_id": person, "week": WEEK} for person in asked] + [{"person_id": boss, "week": WEEK}]
    answer = office.post("/api/approvals", boss, json={"items": items, "reason": "Sudah dibicarakan."})
    assert answer.status_code == 200, answer.text
    outcomes = answer.json()["items"]
    assert len(asked) >= 5
    assert [("problem" in one) for one in outcomes] == [False] * len(asked) + [True]


def put_policy(office, rule, **scope):
    def write(session):
        row = {"name": "", "basis": "Uji", "from_on": TODAY - timedelta(days=400), "until_on": None, "rule": rule}
        session.execute(insert(PolicyRow).values(**row, **scope))
        rulebook.changed(session)

    office.db.write_here(write)


# Coverage


def test_who_comes_last_to_an_allowed_absence_is_refused_or_asks_the_approver(office, me, boss):
    mates = [id for (id,) in office.ask(select(Person.id).where(Person.superior_id == boss).order_by(Person.id))]
    unit = office.actor(me).unit_id
    everybody = office.ask(select(Person.id).where(Person.unit_id == unit, Person.active))
    put_policy(office, {"type": "least-on-site", "count": len(everybody) - 1}, unit_id=unit)
    first, second = [mate for mate in mates if office.actor(mate).unit_id == unit][:2]
    planned(office, first, week("WFH"))
    planned(office, second, week("WFH"))
    submitted(office, first)
    answer = submit(office, second)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["facts"]["rule"]) == (409, "plan-refused", "least-on-site")
    for way in problem["ways_out"]:
        planned(office, second, {"days": {**week("WFH")["days"], **way["days"]}})
        submitted(office, second)
        office.delete(f"{path(second)}/submission", second)
    planned(office, second, week("WFH"))
    submitted(office, second, despite_coverage=True)
    short = decide(office, boss, second, "approved", "ya")
    assert (short.status_code, short.json()["code"]) == (422, "reason-needed")
    assert decide(office, boss, second, "approved", "Tim lain membantu di loket.").status_code == 200


def test_ineligible_people_may_not_plan_flexible_days(office, me):
    office.change(update(Person).where(Person.id == me).values(eligible=False))
    problem = put(office, me, week("WFH")).json()
    assert problem["facts"]["rule"] == "eligibility"
