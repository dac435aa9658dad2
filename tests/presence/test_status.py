"""What people say of themselves over HTTP, their page with every step, and where a team is: without scripts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app import journal
from app.people.models import Person
from app.presence import service
from app.presence.models import OverrideRow
from app.rooms.models import Booking
from tests.presence.test_scopes import plan_leave, unit_of
from tests.support.office import EMPLOYEE, NOW, SUPERIOR, Office, at, hours
from tests.support.pages import BROWSER, Browser, sign_in
from tests.support.world import QUIET, TODAY, WIB


@pytest.fixture
def me(office: Office) -> int:
    return office.id_of(EMPLOYEE)


@pytest.fixture
def browser(office: Office, me: int) -> Browser:
    """The employee at a browser, without any desk."""
    office.change(
        update(Booking).where(Booking.person_id == me, Booking.active).values(state="cancelled", active=False)
    )
    browser = Browser(office)
    sign_in(browser)
    return browser


def say(office: Office, who: int, **wanted: Any) -> Any:
    return office.put("/api/me/presence", who, json=wanted)


# The API


def test_what_one_says_holds_to_the_end_of_the_working_day_at_most(office: Office, me: int):
    found = say(office, me, avail="dnd", place="home").json()
    assert (found["avail"], found["why"], found["place"]["kind"], found["place_why"]) == (
        "dnd",
        "override",
        "home",
        "override",
    )
    assert found["override_until"] == "2026-11-24T08:00:00Z"
    late = say(office, me, avail="away", until=at(TODAY, 22).isoformat()).json()
    assert late["override_until"] == "2026-11-24T08:00:00Z"
    assert late["place"]["kind"] != "home"  # what was said before is not kept
    soon = say(office, me, avail="away", until=(NOW + timedelta(minutes=5)).isoformat()).json()
    assert (soon["override_until"], soon["version"]) == ("2026-11-24T01:17:00Z", 3)
    office.clock.advance(minutes=5)
    over = office.get("/api/me/presence", me).json()
    assert (over["override_until"], over["avail"]) == (None, "available")


def test_what_one_said_is_not_kept_once_it_is_over(office: Office, me: int):
    other = office.id_of(SUPERIOR)
    say(office, me, avail="dnd", place="home", until=(NOW + timedelta(minutes=5)).isoformat())
    say(office, other, avail="away", until=(NOW + timedelta(minutes=50)).isoformat())
    now = office.clock.advance(minutes=10)
    assert office.db.write_here(service.forget_over, now=now) == 1
    assert office.db.write_here(service.forget_over, now=now) == 0
    rows = dict(office.ask(select(OverrideRow.person_id, OverrideRow.avail + OverrideRow.place)))
    assert (rows[me], rows[other]) == ("", "away")


def test_who_is_posted_in_jakarta_has_the_day_of_jakarta(office: Office):
    who = office.colleagues(site="JKT")[0]
    assert say(office, who, avail="dnd").json()["override_until"] == at(TODAY, 16, zone=WIB).isoformat().replace(
        "+00:00", "Z"
    )


def test_it_is_taken_back_and_doing_so_twice_is_no_error(office: Office, me: int):
    say(office, me, avail="dnd")
    for _ in range(2):
        found = office.delete("/api/me/presence", me)
        assert (found.status_code, found.json()["override_until"], found.json()["avail"]) == (200, None, "available")
    again = say(office, me, avail="dnd").json()
    assert again["avail"] == "dnd"


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"avail": "offline"},
        {"avail": "dnd", "until": "2026-11-24T09:00:00"},
        {"avail": "dnd", "until": "2026-11-24T01:12:00Z"},
        {"avail": "dnd", "until": "1999-11-24T01:12:00Z"},
        {"avail": "dnd", "site_id": 1},
        {"place": "moon"},
        {"place": "site", "site_id": 0},
        {"avail": "dnd", "since": 3},
    ],
)
def test_what_cannot_be_said_is_refused(shared_office: Office, wanted: dict[str, Any]):
    answer = say(shared_office, shared_office.id_of(EMPLOYEE), **wanted)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_an_unknown_office_and_nobody_are_refused(shared_office: Office):
    me = shared_office.id_of(EMPLOYEE)
    assert say(shared_office, me, place="site", site_id=99).status_code == 404
    assert shared_office.put("/api/me/presence", json={"avail": "dnd"}).status_code == 401
    assert shared_office.get("/api/presence?scope=today:me").status_code == 401


def test_the_journal_knows_that_something_was_said_and_never_what(office: Office, me: int):
    say(office, me, avail="dnd", place="home")
    office.put("/api/me/presence/choices", me, json={"hides_desk": True, "hides_idle": True})
    office.delete("/api/me/presence", me)
    rows = office.ask(
        select(journal.Entry.verb, journal.Entry.facts)
        .where(journal.Entry.subject == "presence")
        .order_by(journal.Entry.id)
    )
    assert [tuple(row) for row in rows] == [("said", {}), ("chose", {}), ("took-back", {})]


def test_scopes_are_read_by_http_as_well(shared_office: Office):
    me = shared_office.id_of(EMPLOYEE)
    unit = unit_of(shared_office, me)
    found = shared_office.get(f"/api/presence?scope=team:{unit}", me).json()
    assert found["scope"] == f"team:{unit}"
    assert me in [row[0] for row in found["rows"]]
    own = shared_office.get(f"/api/presence?scope=person:{me}", me).json()
    assert [row[0] for row in own["rows"]] == [me]
    assert own["me"] == found["me"]
    for scope, status in (("nonsense", 400), ("team:99999", 404), ("", 400), ("x" * 80, 400)):
        assert shared_office.get("/api/presence", me, params={"scope": scope}).status_code == status


def test_two_first_words_at_once_are_both_heard(office: Office, me: int):
    """The second finds what the first wrote, whichever engine: a row a person."""
    for avail in ("dnd", "away"):
        assert say(office, me, avail=avail).status_code == 200
    assert office.get("/api/me/presence", me).json()["version"] == 2


# One's own page


def steps(browser: Browser, name: str) -> dict[str, str]:
    """The steps of one ladder: label and look."""
    part = re.search(rf'aria-labelledby="{name}">(.*?)</section>', browser.page, re.DOTALL)
    assert part
    found = re.findall(r'<li class="(\w+)"><b>(.*?)</b>', part[1])
    return {label: look for look, label in found}


def test_the_page_shows_each_step_and_the_one_that_decides(office: Office, browser: Browser, me: int):
    browser.go("/status")
    assert steps(browser, "avail")["Selaras yang terbuka"] == "holds"
    assert list(steps(browser, "place").values()).count("holds") == 1
    say(office, me, avail="dnd", place="home")
    browser.go("/status")
    place, avail = steps(browser, "place"), steps(browser, "avail")
    assert place == {
        "Lapor masuk": "passed",
        "Yang Anda sampaikan": "holds",
        "Pesanan meja": "below",
        "Rencana yang disetujui": "below",
        "Tanpa keterangan lain": "below",
    }
    assert avail["Cuti yang disetujui"] == "passed"
    assert avail["Yang Anda sampaikan"] == "holds"
    assert "sampai 16.00 WITA" in browser.text
    assert "Anda menyampaikan sendiri" in browser.text


def test_a_check_in_decides_over_all_else(office: Office, browser: Browser, me: int):
    desk = office.desks()[4]
    office.change(update(Booking).where(Booking.space_id == desk).values(state="cancelled", active=False))
    booking = office.booked(me, desk, *hours(TODAY, 9.25, 16))
    say(office, me, place="home")
    office.put(f"/api/bookings/{booking['id']}/check-in", me)
    browser.go("/status")
    assert steps(browser, "place")["Lapor masuk"] == "holds"
    assert "Lantai 3" in browser.text


def test_what_one_says_is_not_called_seen_where_a_check_in_says_more(office: Office, browser: Browser, me: int):
    desk = office.desks()[1]
    gone = {"state": "cancelled", "active": False}
    office.change(update(Booking).where(Booking.space_id == desk, Booking.active).values(**gone))
    booking = office.booked(me, desk, at(TODAY, 9, 15), at(TODAY, 16))
    assert office.put(f"/api/bookings/{booking['id']}/check-in", me).status_code == 200
    office.clock.set(at(TODAY, 9, 20))
    browser.go("/status")
    assert "Tidak ada pesanan meja lain untuk saat ini." in browser.text
    browser.follow(browser.send("/status", n=1, avail="", place="home", minutes=""))
    assert "Tersimpan, tetapi langkah lain lebih menentukan" in browser.text
    browser.follow(browser.send("/status", n=1, avail="dnd", place="", minutes=""))
    assert "Tersimpan. Rekan Anda melihatnya sekarang." in browser.text


def test_the_latest_end_names_its_day_where_that_is_not_today(office: Office, browser: Browser):
    browser.go("/status")
    assert "Paling lama sampai 16.00 WITA, lalu kembali otomatis." in browser.text
    office.clock.set(at(TODAY, 20))
    browser.go("/status")
    assert "Paling lama sampai Rab 25 Nov 00.00 WITA, lalu kembali otomatis." in browser.text


def test_leave_decides_and_a_colleague_is_not_told(office: Office, browser: Browser, me: int):
    plan_leave(office, me)
    browser.go("/status")
    assert steps(browser, "avail")["Cuti yang disetujui"] == "holds"
    mate, boss = office.colleagues()[0], office.id_of(SUPERIOR)
    unit = unit_of(office, me)
    in_unit = office.ask(select(Person.id).where(Person.unit_id == unit, Person.id.not_in([me, boss])).limit(1))[0][0]
    for who, kind in ((boss, "leave"), (in_unit, "unknown"), (mate, "unknown")):
        seen = {row[0]: row for row in office.get(f"/api/presence?scope=team:{unit}", who).json()["rows"]}
        assert (seen[me][3][0], seen[me][4]) == (kind, "offline"), who


def test_the_form_says_and_takes_back(browser: Browser):
    browser.go("/status")
    answer = browser.send("/status", n=1, avail="away", minutes="30m")
    browser.follow(answer)
    assert "Tersimpan" in browser.text
    assert "sampai 09.42 WITA" in browser.text
    browser.follow(browser.send("/status/selesai"))
    assert "kembali mengikuti" in browser.text


def test_the_head_says_it_from_any_page_and_comes_back_there(browser: Browser):
    browser.go("/pesanan?done=x")
    answer = browser.send("/status", avail="dnd", minutes="")
    assert answer.headers["location"] == "/pesanan?done=x"
    browser.follow(answer)
    assert 'class="avail dnd"' in browser.page


@pytest.mark.parametrize(
    "data",
    [{"avail": "", "place": ""}, {"avail": "offline"}, {"place": "moon"}, {"avail": "dnd", "minutes": "x"},
     {"avail": "dnd", "minutes": "0m"}, {"avail": "dnd", "minutes": "99999"}],
)  # fmt: skip
def test_a_form_that_says_nothing_comes_again_with_the_reason(browser: Browser, data: dict[str, str]):
    browser.go("/status")
    answer = browser.send("/status", n=1, **data)
    assert answer.status_code == 400
    assert "Pilih status atau tempat kerja." in browser.text


def test_what_one_hides_is_chosen_on_the_page(office: Office, browser: Browser, me: int):
    browser.go("/status")
    token = browser.forms("/status/pilihan")[0]["_csrf_token"]
    data = {"_csrf_token": token, "hides_desk": "1"}  # a box that isn't ticked is not sent
    browser.follow(office.post("/status/pilihan", data=data, headers=BROWSER, follow_redirects=False))
    assert office.get("/api/me/presence/choices", me).json() == {"hides_desk": True, "hides_idle": False, "version": 1}
    assert re.search(r'name="hides_desk" value="1" checked', browser.page)


def test_a_hidden_desk_has_no_name_on_the_floor_plan_of_others(office: Office, me: int):
    desk = office.desks()[2]
    office.booked(me, desk)
    name = office.ask(select(Person.name).where(Person.id == me))[0][0]
    path = f"/denah?floor={office.floor('IKN-K3-A-03')}&on={QUIET}&desk={desk}"
    other = office.ask(
        select(Person.email, Person.id).where(
            Person.agency_id == select(Person.agency_id).where(Person.id == me).scalar_subquery(),
            Person.unit_id != unit_of(office, me), Person.roles == "")
    )[0]  # fmt: skip
    html = {"Accept": "text/html"}
    assert name in office.get(path, other[1], headers=html).text
    office.put("/api/me/presence/choices", me, json={"hides_desk": True, "hides_idle": False})
    assert name not in office.get(path, other[1], headers=html).text
    assert name in office.get(path, office.id_of(SUPERIOR), headers=html).text


def test_a_superior_elsewhere_who_hides_their_desk_is_in_no_list_of_the_team(office: Office):
    units = dict(office.ask(select(Person.id, Person.unit_id)))
    pairs = office.ask(select(Person.id, Person.superior_id).where(Person.superior_id.is_not(None)).order_by(Person.id))
    who, boss = next((id, superior) for id, superior in pairs if units[id] != units[superior])
    name = office.ask(select(Person.name).where(Person.id == boss))[0][0]
    desk = office.desks()[0]
    office.booked(boss, desk)
    floor = f"/denah?floor={office.floor('IKN-K3-A-03')}&on={QUIET}"
    office.clock.set(at(QUIET, 9))
    seen = [name in office.get(path, who, headers=BROWSER).text for path in (floor, "/")]
    office.put("/api/me/presence/choices", boss, json={"hides_desk": True, "hides_idle": False})
    hidden = [name in office.get(path, who, headers=BROWSER).text for path in (floor, "/")]
    assert (seen, hidden) == ([True, True], [False, False])


# Where the team is


def test_the_team_is_shown_by_office_with_both_clocks(office: Office, browser: Browser, me: int):
    browser.go("/di-mana")
    assert "Di mana tim saya?" in browser.text
    assert re.search(r"09\.12 WITA", browser.text)
    assert re.search(r"08\.12 WIB", browser.text)
    unit = unit_of(office, me)
    staff = office.ask(select(Person.id).where(Person.unit_id == unit, Person.active))
    assert len(re.findall(r'<li id="p-\d+"', browser.page)) == len(staff)
    assert f'data-live="team:{unit}"' in browser.page


@pytest.mark.parametrize("path", ["/", "/tim", "/ruang", "/di-mana", "/status"])
def test_a_page_says_from_which_rows_it_was_written(office: Office, browser: Browser, me: int, path: str):
    """So what happens until its first rows come is seen when they come."""

    def marks() -> tuple[str, str]:
        scope = re.search(r'id="[\w-]+" data-live="([^"]+)"|data-live="([^"]+)" id=', browser.go(path).text)
        assert scope
        rows = office.get("/api/presence", me, params={"scope": scope[1] or scope[2]}).json()
        mark = re.search(r'data-mark="(\w+)"', browser.page)
        assert mark
        return mark[1], rows["mark"]

    before, now = marks()
    assert before == now
    mate = office.colleagues()[0] if path != "/status" else me
    say(office, mate, avail="dnd")
    office.put(f"/api/people/{me}/weeks/2026-W48", me, json={"days": {TODAY.isoformat(): [{"mode": "WFH"}]}})
    office.booked(me, office.rooms("IKN-K3-A-04")[2], *hours(TODAY, 15, 16))
    after, now = marks()
    assert after == now != before


def test_what_comes_next_is_what_changes(office: Office, me: int):
    office.clock.set(at(TODAY, 6))
    page = office.get("/di-mana", me, headers={"Accept": "text/html"}).text
    assert "Tidak aktif" in page
    assert "lalu di kantor" in page
    assert "lalu tidak aktif" not in page


def test_another_day_is_named(office: Office, me: int):
    office.clock.set(at(TODAY + timedelta(days=4), 23, 37))  # a Saturday
    page = office.get("/di-mana", me, headers=BROWSER).text
    assert "sampai Sen 30 Nov 07.30 WITA, lalu di kantor" in page
    office.clock.set(at(TODAY + timedelta(days=6), 6))
    assert "sampai 07.30 WITA, lalu di kantor" in office.get("/di-mana", me, headers=BROWSER).text


def test_a_unit_of_another_agency_is_not_there(office: Office, browser: Browser):
    other = office.ask(select(Person.unit_id).where(Person.id == office.colleagues("KEMENKEU", site="JKT", posts=1)[0]))
    assert browser.go(f"/di-mana/{other[0][0]}").status_code == 404


def test_the_pages_speak_english(office: Office, browser: Browser, me: int):
    office.change(update(Person).where(Person.id == me).values(language="en"))
    browser.go("/status")
    assert "What your team sees now" in browser.text
    browser.go("/di-mana")
    assert "Where is my team?" in browser.text
