"""The team board and coverage of a unit, from the outside, on both engines."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from app.people.models import Person, Unit
from app.scheduling import rulebook
from app.scheduling.models import PolicyRow
from tests.support.office import EMPLOYEE, HR, QUIET, SUPERIOR

WEEK = "2026-W50"
MONDAY = QUIET - timedelta(days=3)
DAYS = [(MONDAY + timedelta(days=n)).isoformat() for n in range(5)]


@pytest.fixture
def unit(office):
    return office.ask(select(Person.unit_id).where(Person.email == EMPLOYEE))[0][0]


@pytest.fixture
def team(office, unit):
    """Ids of the unit's people by name, without its superior."""
    rows = office.ask(select(Person.id).where(Person.unit_id == unit, Person.email != SUPERIOR).order_by(Person.name))
    return [id for (id,) in rows]


@pytest.fixture
def boss(office):
    return office.id_of(SUPERIOR)


@pytest.fixture
def half_on_site(office, unit):
    """Half of the unit, rounded up, has to be at an office."""

    def plant(session):
        agency = session.scalar(select(Unit.agency_id).where(Unit.id == unit))
        rule = {"type": "least-on-site", "percent": 50}
        facts = {"agency_id": agency, "unit_id": unit, "from_on": MONDAY, "until_on": None, "basis": "SE PANRB 1/2024"}
        session.execute(insert(PolicyRow).values(**facts, name="", rule=rule))
        rulebook.changed(session)

    office.db.write_here(plant)


def plan(office, person, *modes, submit=True):
    days = {
        on: [{"mode": mode}] if isinstance(mode, str) else mode for on, mode in zip(DAYS, modes, strict=False) if mode
    }
    answer = office.put(f"/api/people/{person}/weeks/{WEEK}", person, json={"days": days})
    assert answer.status_code == 200, answer.text
    if submit:
        answer = office.put(
            f"/api/people/{person}/weeks/{WEEK}/submission", person, json={"despite_coverage": True}
        )  # fmt: skip
        assert answer.status_code == 200, answer.text


def board(office, who, unit, week=WEEK, **params):
    answer = office.get(f"/api/units/{unit}/board", who, params={"week": week, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def coverage(office, who, unit, week=WEEK):
    answer = office.get(f"/api/units/{unit}/coverage", who, params={"week": week})
    assert answer.status_code == 200, answer.text
    return answer.json()


def day_of(seen, person, on=DAYS[0]):
    return next(one for one in seen["items"] if one["person_id"] == person)["days"][on]


def meter(seen, on=DAYS[0], part="am"):
    return next(one for one in seen["items"] if (one["on"], one["part"]) == (on, part))


def site_of(office, person):
    return office.ask(select(Person.site_id).where(Person.id == person))[0][0]


def test_who_planned_nothing_counts_at_the_office_of_their_posting(office, boss, unit, team):
    seen = board(office, boss, unit)
    assert seen["total"] == len(seen["items"]) == len(team) + 1
    assert seen["next"] is None
    own = {"mode": "WFO", "site_id": site_of(office, team[0])}
    assert day_of(seen, team[0]) == {"state": None, "am": own, "pm": own}
    found = meter(seen["coverage"])
    assert (found["present"], found["total"]) == (len(team) + 1, len(team) + 1)


def test_the_two_cities_are_counted_apart_and_add_up(office, boss, unit, team):
    plan(office, team[0], "WFH")
    for half in coverage(office, boss, unit)["items"]:
        assert sum(site["present"] for site in half["sites"]) == half["present"]
        assert sum(site["total"] for site in half["sites"]) == half["total"]
        assert {site["code"] for site in half["sites"]} == {"IKN", "JKT"}


def test_a_visit_to_the_other_city_moves_the_count(office, boss, unit, team):
    mine = site_of(office, team[0])
    other = next(site["id"] for site in office.get("/api/sites", boss).json()["items"] if site["id"] != mine)
    before = {site["site_id"]: site["present"] for site in meter(coverage(office, boss, unit))["sites"]}
    plan(office, team[0], [{"mode": "other-office", "site_id": other}])
    after = {site["site_id"]: site["present"] for site in meter(coverage(office, boss, unit))["sites"]}
    assert after == {mine: before[mine] - 1, other: before[other] + 1}


def test_half_a_day_at_home_counts_in_its_half(office, boss, unit, team):
    halves = [{"mode": "WFH", "starts": "07:30", "ends": "12:00"}, {"mode": "WFO", "starts": "13:00", "ends": "16:00"}]
    plan(office, team[0], halves)
    seen = board(office, boss, unit)
    assert [day_of(seen, team[0])[part]["mode"] for part in ("am", "pm")] == ["WFH", "WFO"]
    assert meter(seen["coverage"], part="pm")["present"] - meter(seen["coverage"])["present"] == 1


def test_what_waits_counts_as_away_and_a_returned_day_does_not(office, boss, unit, team):
    plan(office, team[0], "WFH")
    everybody = len(team) + 1
    assert meter(coverage(office, boss, unit))["present"] == everybody - 1
    back = {"decision": "returned", "reason": "Mohon hadir."}
    office.put(f"/api/people/{team[0]}/weeks/{WEEK}/approval", boss, json=back)
    assert meter(coverage(office, boss, unit))["present"] == everybody
    assert day_of(board(office, team[1], unit), team[0])["state"] == "returned"


def test_a_draft_is_its_owners_and_that_there_is_one_the_approvers_to_know(office, boss, unit, team):
    plan(office, team[0], "WFH", submit=False)
    own = day_of(board(office, team[0], unit), team[0])
    assert (own["state"], own["am"]["mode"]) == ("draft", "WFH")
    above = day_of(board(office, boss, unit), team[0])
    assert (above["state"], above["am"]["mode"]) == ("draft", "WFO")
    beside = day_of(board(office, team[1], unit), team[0])
    assert (beside["state"], beside["am"]["mode"]) == (None, "WFO")
    assert meter(coverage(office, team[1], unit))["present"] == len(team) + 1


def test_leave_has_a_name_for_those_above_only(office, boss, unit, team):
    plan(office, team[0], "leave")
    seen = {who: day_of(board(office, who, unit), team[0])["am"] for who in (team[0], boss, team[1])}
    assert seen[team[0]]["mode"] == seen[boss]["mode"] == "leave"
    assert seen[team[1]] == {"mode": "unavailable", "site_id": None}


def test_a_shortfall_is_marked_before_anybody_approves(office, boss, unit, team, half_on_site):
    for person in team[: (len(team) + 1) // 2 + 1]:
        plan(office, person, "WFH")
    seen = coverage(office, boss, unit)
    monday = meter(seen)
    assert monday["need"] == -(-(len(team) + 1) // 2)
    assert monday["present"] < monday["need"]
    assert monday["short"]
    assert not meter(seen, DAYS[1])["short"]
    assert ("least-on-site", DAYS[0], "SE PANRB 1/2024") in {
        (one["rule"], one["on"], one["basis"]) for one in seen["findings"]
    }
    assert {one["on"] for one in seen["findings"]} == {DAYS[0]}


def test_a_holiday_is_named_and_counts_nobody(office, boss, unit):
    seen = board(office, boss, unit, "2026-W52")
    christmas = next(day for day in seen["days"] if day["on"] == "2026-12-25")
    assert not christmas["working"]
    assert christmas["name"]
    assert all(item["on"] != "2026-12-25" for item in seen["coverage"]["items"])
    assert day_of(seen, boss, "2026-12-25") == {"state": None, "am": None, "pm": None}


def test_a_unit_shows_the_people_of_the_units_below_it(office, unit):
    hr = office.id_of(HR)
    lineage = office.ask(select(Unit.lineage).where(Unit.id == unit))[0][0]
    above = int(lineage.split("/")[1])
    below = office.ask(
        select(Person.id).join(Unit, Unit.id == Person.unit_id).where(Unit.lineage.contains(f"/{above}/"))
    )
    seen = board(office, hr, above)
    assert {one["person_id"] for one in seen["items"]} == {id for (id,) in below}


def test_people_come_by_name_and_the_rest_follows(office, boss, unit, team):
    whole = board(office, boss, unit)
    names = [one["name"] for one in whole["items"]]
    rest = board(office, boss, unit, after=2)
    assert [one["name"] for one in rest["items"]] == names[2:]
    assert rest["coverage"] == whole["coverage"]


def test_the_present_week_is_meant_where_none_is_named(office, boss, unit):
    assert office.get(f"/api/units/{unit}/board", boss).json()["week"] == "2026-W48"


@pytest.mark.parametrize("path", ["board", "coverage"])
def test_who_may_not_see_a_board_does_not(office, unit, path):
    other = office.colleagues("KEMENKEU", posts=1)[0]
    assert office.get(f"/api/units/{unit}/{path}", other).status_code == 404
    neighbour = office.ask(
        select(Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(Person.agency_id == office.actor(office.id_of(EMPLOYEE)).agency_id, Unit.id != unit, Person.roles == "")
        .where(Unit.lineage.like("/%/%/"))
        .limit(1)
    )[0][0]
    assert office.get(f"/api/units/{unit}/{path}", neighbour).status_code == 403
    assert office.get(f"/api/units/{unit}/{path}", office.id_of(HR)).status_code == 200
    assert office.get(f"/api/units/999999/{path}", neighbour).status_code == 404
    assert office.get(f"/api/units/{unit}/{path}").status_code == 401


@pytest.mark.parametrize("week", ["2026-48", "W48", "2026-W60", "x"])
def test_a_week_that_is_none_is_refused(office, boss, unit, week):
    assert office.get(f"/api/units/{unit}/board", boss, params={"week": week}).status_code == 400


def test_the_weeks_of_a_whole_unit_are_approved_at_once(office, boss, unit, team):
    for person in team:
        plan(office, person, "WFH")
    items = [{"person_id": person, "week": WEEK} for person in team]
    wanted = {"items": items, "reason": "Layanan tetap berjalan dari rumah."}
    answer = office.post("/api/approvals", boss, json=wanted).json()
    assert [one.get("problem") for one in answer["items"]] == [None] * len(team)
    assert {day_of(board(office, boss, unit), person)["state"] for person in team} == {"approved"}


# The table as a file


def file_of(office, who, unit, language="id"):
    office.client.cookies.set("lang", language)
    answer = office.get(f"/tim/{unit}/papan.csv", who, params={"week": WEEK})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if language == "id" else ","))


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_file_has_the_totals_of_the_board_to_the_unit(office, boss, unit, team, half_on_site, language):
    plan(office, team[0], "WFH", "WFO", "leave")
    plan(
        office,
        team[1],
        [{"mode": "WFA", "starts": "07:30", "ends": "12:00"}, {"mode": "WFO", "starts": "13:00", "ends": "16:00"}],
    )
    lines = file_of(office, boss, unit, language)
    head, rest = lines[0], lines[1:]
    people, totals = rest[: len(team) + 1], rest[len(team) + 1 :]
    assert len(head) == 3 + 2 * 5
    assert {len(line) for line in lines} == {len(head)}
    halves = coverage(office, boss, unit)["items"]
    assert [int(n) for n in totals[0][3:]] == [half["present"] for half in halves]
    for code, line in (("IKN", totals[1]), ("JKT", totals[2])):
        assert line[2] == code
        assert [int(n) for n in line[3:]] == [
            next(site["present"] for site in half["sites"] if site["code"] == code) for half in halves
        ]
    assert [int(n) for n in totals[3][3:]] == [half["need"] for half in halves]
    assert {int(n) for n in totals[4][3:]} == {len(people)}
    for column in range(3, len(head)):
        counted = sum(bool(re.search(r"\b(IKN|JKT)\b", line[column])) for line in people)
        assert counted == int(totals[0][column])


@pytest.mark.parametrize("name", ["=1+1", "+62811", "-2+3", "@SUM(A1)", 'Siti "Ani"; M.Si.'])
def test_no_cell_of_the_file_is_a_formula(office, boss, unit, team, name):
    office.change(update(Person).where(Person.id == team[0]).values(name=name))
    cells = [line[0] for line in file_of(office, boss, unit)]
    assert (name if name.startswith("Siti") else f"'{name}") in cells
