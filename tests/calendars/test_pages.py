"""The pages of feeds as a browser without scripts meets them."""

import html
import re

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app.calendars.models import Feed
from tests.support.feeds import entries, fetched
from tests.support.office import EMPLOYEE, QUIET, SUPERIOR, hours
from tests.support.pages import Browser, sign_in

FEEDS = "/profil/kalender"
UNTICKED = ("without_meetings", "with_alarm", "without_cancelled")


@pytest.fixture
def browser(office):
    browser = Browser(office)
    sign_in(browser)
    return browser


def send(browser, action, n=0, **changes):
    """A form as it stands, but for boxes that nobody ticked."""
    sent = {name: value for name, value in browser.forms(action)[n].items() if name not in UNTICKED}
    answer = browser.office.post(action, data=sent | changes, headers={"Accept": "text/html"}, follow_redirects=False)
    browser.page = answer.text
    return answer


def address(browser):
    """The address that the page shows."""
    return {"url": html.unescape(re.search(r'<code id="feed-url">([^<]+)</code>', browser.page)[1])}


def feed_ids(office):
    return [row[0] for row in office.ask(select(Feed.id).where(Feed.ended_at.is_(None)).order_by(Feed.id))]


def test_feeds_are_found_from_the_profile(browser):
    browser.go("/profil")
    assert f'href="{FEEDS}"' in browser.page
    assert browser.go(FEEDS).status_code == 200
    assert "Belum ada." in browser.text


def test_an_address_is_made_shown_once_and_works(browser, office):
    browser.go(FEEDS)
    answer = send(browser, FEEDS, level="full", name="Outlook kantor")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    feed = address(browser)
    assert entries(fetched(office, feed))
    assert "webcal://" in browser.page
    assert "https://calendar.google.com/calendar/r?cid=webcal" in browser.page
    assert re.search(r'<svg[^>]*class="qr"', browser.page)
    assert " style=" not in browser.page
    secret = feed["url"].rpartition("/")[2]
    for attribute in re.findall(r'(?:action|name|value|src)="([^"]*)"', browser.page):
        assert secret.removesuffix(".ics") not in attribute, "the address goes nowhere by itself"
    browser.go(FEEDS)
    assert secret not in browser.page
    assert "Outlook kantor" in browser.text
    assert "Terakhir diambil" in browser.text
    assert "WITA oleh aplikasi lain, 1 kali" in browser.text


def test_a_page_says_what_an_address_reveals_and_shows_it(browser, office):
    me = office.id_of(EMPLOYEE)
    starts_at, ends_at = hours(QUIET, 9, 10)
    body = {"title": "Rapat anggaran", "site_id": 1, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    assert office.post("/api/meetings", me, json=body).status_code == 201
    browser.go(FEEDS)
    send(browser, FEEDS, level="full", name="Ponsel")
    (id,) = feed_ids(office)
    browser.go(f"{FEEDS}/{id}")
    assert "rapat Anda dengan agenda, tautan, dan nama pesertanya" in browser.text
    assert "Meja A-03" in browser.text
    answer = send(browser, f"{FEEDS}/{id}", name="Ponsel", level="busy", language="en")
    browser.follow(answer)
    assert "Perubahan disimpan" in browser.text
    assert "tanpa judul, tempat, dan nama" in browser.text
    assert "Busy" in browser.text, "in the feed's own language"
    assert not any(word in browser.text for word in ("Rapat anggaran", "Meja A-03"))


def test_rotating_is_one_tap_and_the_old_address_is_empty_at_once(browser, office):
    browser.go(FEEDS)
    send(browser, FEEDS, level="full", name="Ponsel")
    old = address(browser)
    (id,) = feed_ids(office)
    browser.go(f"{FEEDS}/{id}")
    assert "Alamat lama langsung kosong" in browser.text
    answer = send(browser, f"{FEEDS}/{id}/ganti")
    assert answer.status_code == 200
    fresh = address(browser)
    assert fresh != old
    assert entries(fetched(office, old)) == []
    assert entries(fetched(office, fresh))


def test_revoking_is_one_tap(browser, office):
    browser.go(FEEDS)
    send(browser, FEEDS, level="full", name="Ponsel")
    feed = address(browser)
    (id,) = feed_ids(office)
    browser.go(f"{FEEDS}/{id}")
    browser.follow(send(browser, f"{FEEDS}/{id}/cabut"))
    assert "Alamat kalender dicabut" in browser.text
    assert entries(fetched(office, feed)) == []
    assert browser.go(f"{FEEDS}/{id}").status_code == 409


@pytest.mark.parametrize("kind", ["team", "room", "desk", "area", "series"])
def test_every_kind_is_chosen_in_steps(browser, office, kind):
    me = office.id_of(EMPLOYEE)
    room = office.rooms("IKN-K3-A-04")[0]
    body = {
        "space_id": room,
        "starts_on": QUIET.isoformat(),
        "starts": "09:00",
        "ends": "10:00",
        "rule": "FREQ=DAILY;COUNT=2",
    }
    assert office.post("/api/booking-series", me, json=body | {"purpose": "Apel"}).status_code == 201
    browser.go(f"{FEEDS}?kind={kind}")
    options = re.findall(
        r'<option value="(\d+)"', browser.page.partition('name="subject_id"')[2].partition("</select>")[0]
    )
    assert bool(options) == (kind != "team")
    answer = send(browser, FEEDS, level="basic", name="Ruang kerja", **({"subject_id": options[-1]} if options else {}))
    assert answer.status_code == 200, browser.text
    assert fetched(office, address(browser)).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "me", "name": ""},
        {"kind": "me", "name": "\x07 "},
        {"kind": "nothing", "name": "x"},
        {"name": "x"},
        {"kind": "room", "name": "x"},
        {"kind": "room", "name": "x", "subject_id": "99999999"},
        {"kind": "desk", "name": "x", "subject_id": "-1"},
        {"kind": "series", "name": "x", "subject_id": "nothing"},
    ],
)
def test_what_cannot_be_made_comes_back_with_its_reason(browser, office, sent):
    browser.go(FEEDS)
    fields = browser.forms(FEEDS)[0]
    answer = office.post(FEEDS, data={"_csrf_token": fields["_csrf_token"], **sent}, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert feed_ids(office) == []


@pytest.mark.parametrize(
    "query", ["kind=desk&floor=x", "kind=desk&floor=99999999", "kind=x", "kind=area&floor=0", "level=x&done=x"]
)
def test_odd_addresses_show_the_form(browser, query):
    assert browser.go(f"{FEEDS}?{query}").status_code == 200


def test_a_text_with_control_characters_is_cleaned_not_refused(browser, office):
    browser.go(FEEDS)
    assert send(browser, FEEDS, level="full", name="Outlook\x00\r\nkantor\x0b 🌳").status_code == 200
    assert office.ask(select(Feed.name))[0][0] == "Outlook kantor 🌳"


def test_others_feeds_are_not_there(browser, office):
    browser.go(FEEDS)
    send(browser, FEEDS, level="full", name="Ponsel")
    (id,) = feed_ids(office)
    office.client.cookies.clear()
    other = Browser(office)
    sign_in(other, SUPERIOR)
    assert other.go(f"{FEEDS}/{id}").status_code == 404
    other.go(FEEDS)
    token = other.forms(FEEDS)[0]["_csrf_token"]
    for path in ("", "/ganti", "/cabut"):
        answer = office.post(
            f"{FEEDS}/{id}{path}", data={"_csrf_token": token, "name": "x"}, headers={"Accept": "text/html"}
        )
        assert answer.status_code == 404
    assert feed_ids(office) == [id]


def test_a_meeting_is_a_file_for_who_is_part_of_it(browser, office):
    me = office.id_of(EMPLOYEE)
    starts_at, ends_at = hours(QUIET, 9, 10)
    body = {"title": "Rapat anggaran", "site_id": 1, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    id = office.post("/api/meetings", me, json=body).json()["id"]
    browser.go(f"/rapat/{id}")
    assert f'href="/rapat/{id}/invite.ics"' in browser.page
    answer = browser.go(f"/rapat/{id}/invite.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["content-disposition"] == f'attachment; filename="rapat-{id}.ics"'
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["uid"]).startswith(f"meeting-{id}@")
    assert "METHOD" not in answer.text
    stranger = office.colleagues("KEMENKEU")[0]
    assert office.get(f"/rapat/{id}/invite.ics", stranger).status_code == 404
    office.client.cookies.clear()
    assert office.get(f"/rapat/{id}/invite.ics").status_code == 401


def test_the_pages_speak_english(browser, office):
    token = browser.go("/profil") and browser.forms("/bahasa")[0]["_csrf_token"]
    office.post("/bahasa", data={"lang": "en", "next": "/", "_csrf_token": token})
    browser.go(FEEDS)
    assert "Calendar feeds" in browser.text
    send(browser, FEEDS, level="full", name="Phone")
    (id,) = feed_ids(office)
    browser.go(f"{FEEDS}/{id}")
    assert "What whoever has this address can see:" in browser.text
    assert office.ask(select(Feed.language))[0][0] == "en"
