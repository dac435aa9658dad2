"""Papan tim as a browser without scripts meets it: what it shows, every form, every refusal."""

import html
import re
from datetime import date

import pytest
from sqlalchemy import update

from app.people.models import Person
from tests.scheduling.test_board import (  # noqa: F401 - fixtures
    DAYS,
    WEEK,
    boss,
    coverage,
    half_on_site,
    plan,
    team,
    unit,
)
from tests.support.office import EMPLOYEE, HR, SUPERIOR, at
from tests.support.pages import BROWSER, Browser, sign_in


class Board(Browser):
    """Somebody signed in who reads the board."""

    def __init__(self, office, email):
        super().__init__(office)
        office.client.cookies.clear()
        sign_in(self, email)

    def form_of(self, person):
        """Which of the decisions on the page is about this person's week."""
        items = [form["item"] for form in self.forms("/tim/putusan")]
        return next(n for n, item in enumerate(items) if item.startswith(f"{person}:{WEEK}:"))


@pytest.fixture
def superior(office):
    return Board(office, SUPERIOR)


def state_of(office, person):
    return office.get(f"/api/people/{person}/weeks/{WEEK}", person).json()["state"]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("email", [EMPLOYEE, SUPERIOR, HR])
def test_everybody_sees_the_board_of_their_unit(office, email, language, unit, team):  # noqa: F811
    plan(office, team[0], "WFH", "leave")
    plan(office, team[1], "WFA", submit=False)
    office.change(update(Person).where(Person.email == email).values(language=language))
    browser = Board(office, email)
    answer = browser.go(f"/tim?week={WEEK}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert len(re.findall(r"<h1[ >]", answer.text)) == 1
    assert "{" not in browser.text
    ids = re.findall(r'\bid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|<style|\sstyle=", answer.text)
    assert answer.headers["cache-control"] == "private, no-store"
    assert all(
        'name="_csrf_token" value="' in form
        for form in re.findall(r'<form[^>]*method="post".*?</form>', answer.text, re.S)
    )


def test_the_page_shows_the_numbers_of_the_board(office, superior, boss, unit, team, half_on_site):  # noqa: F811
    for person in team[: (len(team) + 1) // 2 + 1]:
        plan(office, person, "WFH")
    superior.go(f"/tim/{unit}?week={WEEK}")
    seen = coverage(office, boss, unit)
    for half in seen["items"]:
        assert f"{half['present']} dari {half['total']}" in superior.text
    monday = seen["items"][0]
    assert f"kurang {monday['need'] - monday['present']}" in superior.text
    assert "Kehadiran di kantor belum memenuhi aturan" in superior.text
    assert "Dasar: SE PANRB 1/2024" in superior.text


def test_colleagues_read_neither_leave_nor_drafts(office, unit, team):  # noqa: F811
    me = office.id_of(EMPLOYEE)
    one, other = [person for person in team if person != me][:2]
    plan(office, one, "leave")
    plan(office, other, "WFA", submit=False)
    colleague = Board(office, EMPLOYEE)
    colleague.go(f"/tim/{unit}?week={WEEK}")
    table = re.search(r'<table class="board">.*?</table>', colleague.page, re.DOTALL)[0]
    assert "Tidak tersedia" in table
    assert "Cuti" not in table
    assert "draf" not in table


@pytest.mark.parametrize(("on", "week"), [(27, "2026-W48"), (28, "2026-W49"), (29, "2026-W49"), (30, "2026-W49")])
def test_at_its_end_a_week_gives_way_to_the_next(office, on, week):
    office.clock.set(at(date(2026, 11, on), 10))
    superior = Board(office, SUPERIOR)
    superior.go("/tim")
    assert f"papan.csv?week={week}" in superior.page


def test_a_week_is_approved_by_its_button(office, superior, team):  # noqa: F811
    plan(office, team[0], "WFH")
    superior.go(f"/tim?week={WEEK}")
    name = office.ask(Person.__table__.select().where(Person.id == team[0]))[0].name
    superior.follow(superior.send("/tim/putusan", superior.form_of(team[0]), decision="approved"))
    assert f"Rencana {name} disetujui." in superior.text
    assert state_of(office, team[0]) == "approved"


def test_all_that_pass_are_approved_by_one_button_and_the_others_wait(office, superior, boss, unit, team, half_on_site):  # noqa: F811
    enough = (len(team) + 1) // 2
    for person in team[:enough]:
        plan(office, person, "WFH")
    plan(office, team[0], None, "WFA")
    plan(office, team[enough], "WFH")
    superior.go(f"/tim?week={WEEK}")
    passing = superior.forms("/tim/putusan/semua")[0]["items"].split(",")
    answer = superior.send("/tim/putusan/semua")
    superior.follow(answer)
    assert f"{len(passing)} permohonan disetujui." in superior.text
    for item in passing:
        person, week, _ = item.split(":")
        assert office.get(f"/api/people/{person}/weeks/{week}", int(person)).json()["state"] == "approved"
    assert superior.forms("/tim/putusan/semua") == []


def test_a_return_without_a_reason_comes_back_to_its_field(office, superior, team):  # noqa: F811
    plan(office, team[0], "WFH")
    superior.go(f"/tim?week={WEEK}")
    answer = superior.send("/tim/putusan", superior.form_of(team[0]), decision="returned")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "Tuliskan alasan sekurang-kurangnya 3 huruf." in superior.text
    answer = superior.send(
        "/tim/putusan", superior.form_of(team[0]), decision="returned", reason="Mohon hadir pada rapat."
    )  # fmt: skip
    superior.follow(answer)
    assert "dikembalikan beserta alasannya" in superior.text
    assert state_of(office, team[0]) == "returned"


@pytest.mark.parametrize(("reason", "status"), [("", 422), ("singkat", 422), ("Layanan tetap berjalan.", 303)])
def test_coverage_is_overruled_only_with_a_reason(office, superior, team, half_on_site, reason, status):  # noqa: F811
    for person in team:
        plan(office, person, "WFH")
    superior.go(f"/tim?week={WEEK}")
    n = superior.form_of(team[-1])
    answer = superior.send("/tim/putusan", n, decision="approved", reason=reason)
    assert answer.status_code == status
    assert state_of(office, team[-1]) == ("approved" if status == 303 else "submitted")
    if status == 422:
        assert "di bawah batas" in superior.text
        assert superior.forms("/tim/putusan")[superior.form_of(team[-1])]["reason"] == reason


def test_a_week_that_changed_meanwhile_is_told(office, superior, team):  # noqa: F811
    plan(office, team[0], "WFH")
    superior.go(f"/tim?week={WEEK}")
    n = superior.form_of(team[0])
    plan(office, team[0], "WFA")
    answer = superior.send("/tim/putusan", n, decision="approved")
    assert answer.status_code == 412
    assert "sudah diubah sejak Anda membacanya" in superior.text
    assert state_of(office, team[0]) == "submitted"


def test_a_week_decided_by_somebody_else_is_told(office, superior, boss, team):  # noqa: F811
    plan(office, team[0], "WFH")
    superior.go(f"/tim?week={WEEK}")
    n = superior.form_of(team[0])
    form = superior.forms("/tim/putusan")[n]
    done = office.put(f"/api/people/{team[0]}/weeks/{WEEK}/approval", boss, json={"decision": "approved"})
    assert done.status_code == 200
    answer = office.post("/tim/putusan", data=form | {"decision": "approved"}, headers=BROWSER)
    assert answer.status_code in (409, 412)
    assert 'role="alert"' in answer.text


def test_nobody_decides_by_form_what_is_not_theirs(office, team):  # noqa: F811
    me = office.id_of(EMPLOYEE)
    other = next(person for person in team if person != me)
    plan(office, other, "WFH")
    colleague = Board(office, EMPLOYEE)
    colleague.go(f"/tim?week={WEEK}")
    assert f"{other}:{WEEK}" not in colleague.page
    token = colleague.forms("/keluar")[0]["_csrf_token"]
    data = {"_csrf_token": token, "item": f"{other}:{WEEK}:1", "decision": "approved", "next": "/tim"}
    assert office.post("/tim/putusan", data=data, headers=BROWSER, follow_redirects=False).status_code == 403
    assert state_of(office, other) == "submitted"


@pytest.mark.parametrize("data", [
    {}, {"item": "x", "decision": "approved"}, {"item": "1:2026-W50:1"}, {"item": "1:2026-W50:1", "decision": "revoked"},
    {"item": "0:2026-W50:1", "decision": "approved"}, {"item": "1:2026-W60:1", "decision": "approved"},
    {"item": "1:2026-W50:1", "decision": "returned", "reason": "x" * 501},
])  # fmt: skip
def test_a_form_that_says_nothing_sensible_is_refused_with_a_page(office, superior, data):
    superior.go("/tim")
    token = superior.forms("/keluar")[0]["_csrf_token"]
    answer = office.post("/tim/putusan", data=data | {"_csrf_token": token}, headers=BROWSER, follow_redirects=False)
    assert answer.status_code in (400, 403, 404), answer.text[:300]
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/tim/putusan", "/tim/putusan/semua"])
def test_no_decision_is_taken_without_its_token(office, superior, path):
    assert office.post(path, data={"item": "1:2026-W50:1", "items": "1:2026-W50:1"}, headers=BROWSER).status_code == 403


@pytest.mark.parametrize(("path", "status"), [
    ("/tim?week=x", 400), ("/tim?week=2026-W60", 400), ("/tim/999999", 404), ("/tim?after=x", 200), ("/tim?after=99999", 200),
    ("/tim?done=all&n=x&left=9999999999999", 200), ("/tim?done=approved&person=999999", 200), ("/tim?done=x", 200),
    ("/tim/0", 400), ("/tim?week=%22%3E%3Cscript%3E", 400), ("/tim/999999/papan.csv", 404),
])  # fmt: skip
def test_whatever_stands_in_the_address_is_borne(superior, path, status):
    answer = superior.go(path)
    assert answer.status_code == status
    assert "<script>" not in answer.text


def test_an_officer_walks_to_every_unit_of_the_agency(office):
    officer = Board(office, HR)
    officer.go(f"/tim?week={WEEK}")
    links = [html.unescape(link) for link in re.findall(r'href="(/tim/\d+\?week=[^"]+)"', officer.page)]
    assert len(set(links)) > 3
    for link in set(links):
        assert officer.go(link).status_code == 200


def test_weeks_are_links(superior):
    superior.go(f"/tim?week={WEEK}")
    assert "week=2026-W49" in superior.page
    assert "week=2026-W51" in superior.page
    assert "Pekan 50 · 7 Des – 11 Des 2026" in superior.text


def test_the_days_of_the_week_are_columns(superior):
    superior.go(f"/tim?week={WEEK}")
    assert len(re.findall(r'<th scope="col"', superior.page)) == 1 + len(DAYS)
