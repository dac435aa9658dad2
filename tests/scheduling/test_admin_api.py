"""The API of working time and of the dated rules, from the outside."""

import pytest

from tests.support.office import ADMIN, EMPLOYEE, HR, QUIET, at

DAY = {
    "on": str(QUIET),
    "kind": "collective-leave",
    "name": "Cuti bersama uji",
    "name_en": "Trial leave",
    "basis": "Keppres uji",
}
HOURS = {
    "weekdays": "1234", "starts": 480, "break_starts": 720, "break_ends": 780, "ends": 990, "from_on": "2027-01-04",
    "basis": "SE uji",
}  # fmt: skip
POLICY = {"basis": "SE uji", "from_on": "2027-01-04", "rule": {"type": "flexible-days", "most": 1}}


@pytest.fixture
def admin(office):
    return office.id_of(ADMIN)


@pytest.fixture
def hr(office):
    return office.id_of(HR)


@pytest.fixture
def me(office):
    return office.id_of(EMPLOYEE)


def sites(office, who):
    return {site["code"]: site["id"] for site in office.get("/api/sites", who).json()["items"]}


def working_time(office, who, site, from_on, to):
    return office.get(f"/api/sites/{site}/working-time", who, params={"from": from_on, "to": to})


# Working time


def test_working_time_says_each_date_in_the_zone_of_the_site(office, me):
    ikn, jakarta = (sites(office, me)[code] for code in ("IKN", "JKT"))
    answer = working_time(office, me, ikn, "2026-12-23", "2026-12-26").json()
    assert [(day["day_kind"], day["minutes_owed"]) for day in answer["items"]] == [
        ("working", 450), ("collective-leave", 0), ("national-holiday", 0), ("weekend", 0),
    ]  # fmt: skip
    assert (answer["zone"], answer["next"]) == ("Asia/Makassar", None)
    assert [span["starts_at"] for span in answer["items"][0]["spans"]] == [
        "2026-12-22T23:30:00Z",
        "2026-12-23T05:00:00Z",
    ]
    there = working_time(office, me, jakarta, "2026-12-23", "2026-12-23").json()["items"][0]
    assert there["spans"][0]["starts_at"] == "2026-12-23T00:30:00Z"


def test_a_year_owes_what_the_law_says(office, me):
    year = working_time(office, me, sites(office, me)["IKN"], "2026-01-01", "2026-12-31").json()["items"]
    assert sum(day["minutes_owed"] for day in year) == 1781 * 60
    assert sum(day["day_kind"] == "working" for day in year) == 240


@pytest.mark.parametrize(
    ("from_on", "to", "status"),
    [("2026-01-01", "2027-02-04", 200), ("2026-01-01", "2027-02-05", 400), ("2026-01-02", "2026-01-01", 400),
     ("1999-12-31", "2000-01-01", 400), ("x", "2026-01-01", 400)],
)  # fmt: skip
def test_working_time_goes_400_days_at_most(office, me, from_on, to, status):
    assert working_time(office, me, sites(office, me)["IKN"], from_on, to).status_code == status


# Days off


def test_a_day_off_is_previewed_added_called_off_and_undone(office, admin, me):
    person, desk = office.colleagues(posts=1)[0], office.desks()[0]
    booking = office.booked(person, desk)
    shown = office.post("/api/days-off/preview", admin, json={"row": DAY}).json()
    assert shown == {"plans": 0, "desks": 1, "people": 1}
    made = office.post("/api/days-off", admin, json=DAY)
    assert made.status_code == 201, made.text
    made = made.json()
    assert {name: made[name] for name in shown} == shown
    assert made["undoable"] is True
    assert office.get(f"/api/bookings/{booking['id']}", person).json()["state"] == "cancelled"
    listed = office.get("/api/days-off", me, params={"year": 2026}).json()["items"]
    assert "Keppres uji" in {day["basis"] for day in listed}
    assert office.post("/api/days-off", admin, json=DAY).json()["code"] == "already-there"
    undone = office.delete(f"/api/calendar-changes/{made['id']}", admin)
    assert (undone.status_code, undone.json()["undone_at"] is not None) == (200, True)
    back = office.get(f"/api/bookings/{booking['id']}", person).json()
    assert {**back, "version": 1} == {**booking, "version": 1}
    assert office.delete(f"/api/calendar-changes/{made['id']}", admin).json()["code"] == "not-undoable"


def test_a_day_that_is_called_off_stays_on_record(office, admin, me):
    row = office.get("/api/days-off", me, params={"year": 2026}).json()["items"][-1]
    assert office.post("/api/days-off/preview", admin, json={"id": row["id"]}).status_code == 200
    assert office.delete(f"/api/days-off/{row['id']}", admin).json()["after"]["state"] == "cancelled"
    assert office.get("/api/days-off", me, params={"year": 2026}).json()["items"][-1]["state"] == "cancelled"
    assert office.delete(f"/api/days-off/{row['id']}", admin).status_code == 409


def test_the_same_request_adds_one_day_only(office, admin):
    first, second = (
        office.post("/api/days-off", admin, json=DAY, headers={"Idempotency-Key": "libur"}) for _ in range(2)
    )
    assert (first.status_code, first.json()) == (second.status_code, second.json())


# Who may


@pytest.mark.parametrize(("path", "row"), [("days-off", DAY), ("work-hours", HOURS), ("policies", POLICY)])
def test_the_nation_s_rules_are_an_operator_s(office, admin, hr, me, path, row):
    assert office.post(f"/api/{path}/preview", me, json={"row": row}).status_code == 403
    assert office.post(f"/api/{path}/preview", hr, json={"row": row}).status_code == 200
    assert office.post(f"/api/{path}", hr, json=row).status_code == 403
    assert office.post(f"/api/{path}", admin, json=row).status_code == 201
    assert office.get(f"/api/{path}", me).status_code == 200
    assert office.get("/api/calendar-changes", me).status_code == 403
    assert office.get("/api/calendar-changes", hr).json()["items"][0]["people"] >= 0


@pytest.mark.parametrize(("path", "row"), [("work-hours", HOURS), ("policies", POLICY)])
def test_an_officer_keeps_the_rules_of_the_own_agency(office, hr, path, row):
    own = office.actor(hr).agency_id
    other = office.actor(office.colleagues("KEMENKEU", site="JKT", posts=1)[0])
    made = office.post(f"/api/{path}", hr, json=row | {"agency_id": own}).json()
    assert office.post(f"/api/{path}", hr, json=row | {"agency_id": other.agency_id}).status_code == 403
    assert office.post(f"/api/{path}/preview", hr, json={"row": row | {"unit_id": other.unit_id}}).status_code == 403
    id = made["subject_id"]
    changed = office.put(f"/api/{path}/{id}", hr, json=row | {"agency_id": own, "until_on": "2027-06-30"})
    assert changed.json()["after"]["until_on"] == "2027-06-30"
    assert office.delete(f"/api/{path}/{id}", hr).json()["after"] is None
    assert office.put(f"/api/{path}/{id}", hr, json=row | {"agency_id": own}).status_code == 404


def test_hours_of_one_person_are_theirs_and_their_officer_s_to_see(office, hr, me):
    somebody, colleague = office.colleagues(posts=2)
    assert office.post("/api/work-hours", hr, json=HOURS | {"person_id": somebody}).status_code == 201

    def seen(who):
        return [row["person_id"] for row in office.get("/api/work-hours", who).json()["items"] if row["person_id"]]

    assert (seen(somebody), seen(hr), seen(colleague)) == ([somebody], [somebody], [])


@pytest.mark.parametrize(
    "row",
    [{**POLICY, "rule": {"type": "no-such-rule"}}, {**POLICY, "rule": {"type": "flexible-days", "most": 8}},
     {**POLICY, "until_on": "2026-01-01"}, {**POLICY, "rule": {"type": "most-away", "percent": 101}},
     {**POLICY, "rule": {"type": "decision-maker", "levels": ["pengawas"], "site_ids": [99]}},
     {**POLICY, "rule": {"type": "not-together", "people": [10**12, 7]}}, {**POLICY, "basis": ""}, {**POLICY, "unit_id": 10**6}],
)  # fmt: skip
def test_a_policy_that_can_t_be_is_refused(office, admin, row):
    assert office.post("/api/policies", admin, json=row).status_code == 400


def test_precedence_names_what_displaces_what(office, hr):
    actor = office.actor(hr)
    made = office.post("/api/policies", hr, json=POLICY | {"agency_id": actor.agency_id}).json()["subject_id"]
    found = office.get(f"/api/units/{actor.unit_id}/policies", hr, params={"on": "2027-01-05"}).json()["items"]
    standing = [(one["policy"]["id"] == made, one["overridden_by"]) for one in found if one["kind"] == "flexible-days"]
    assert standing == [(True, None), (False, made)]


def test_the_hours_that_changed_are_the_ones_that_hold(office, hr):
    actor = office.actor(hr)
    row = HOURS | {"agency_id": actor.agency_id, "from_on": str(QUIET), "weekdays": "4"}
    assert office.post("/api/work-hours", hr, json=row).status_code == 201
    (day,) = working_time(office, hr, sites(office, hr)["IKN"], QUIET, QUIET).json()["items"]
    assert (day["minutes_owed"], day["spans"][0]["starts_at"]) == (450, at(QUIET, 8).isoformat().replace("+00:00", "Z"))
