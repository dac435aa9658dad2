"""The waiting list as a browser without scripts meets it."""

import pytest

from tests.support.office import EMPLOYEE, at, hours
from tests.support.pages import Browser, sign_in
from tests.support.world import QUIET

DAY = hours(QUIET, 7.5, 16)


@pytest.fixture
def browser(office):
    browser = Browser(office)
    sign_in(browser)
    return browser


@pytest.fixture
def has(office):
    """Somebody with the desk that the reader would like."""
    return office.colleagues(posts=1)[0]


@pytest.fixture
def taken(office, has):
    return office.booked(has, office.desks()[0], *DAY)


@pytest.fixture
def panel(office, taken):
    """The address of that desk beside its floor, at the hours it is taken."""
    floor = office.floor("IKN-K3-A-03")
    return f"/denah?floor={floor}&on={QUIET}&part=day&desk={taken['space_id']}"


def joined(browser, panel, **more):
    browser.go(panel)
    return browser.follow(browser.send("/daftar-tunggu", automatic=more.get("automatic", "")))


def wait_of(office):
    return office.get("/api/waiting-list", office.id_of(EMPLOYEE)).json()["items"][0]


def give_back(office, has, taken):
    assert office.delete(f"/api/bookings/{taken['id']}", has).status_code == 200


def test_a_taken_desk_offers_its_waiting_list_and_a_free_one_does_not(office, browser, panel):
    browser.go(panel)
    (form,) = browser.forms("/daftar-tunggu")
    assert form["automatic"] == "yes"
    assert "ditawari lebih dulu selama 15 menit" in browser.text
    browser.go(panel.rpartition("=")[0] + f"={office.desks()[1]}")
    assert browser.forms("/daftar-tunggu") == []


def test_joining_leads_back_to_the_desk_and_says_the_place_in_line(office, browser, panel):
    answer = joined(browser, panel)
    assert answer.status_code == 200
    assert "Anda masuk daftar tunggu pada urutan ke-1" in browser.text
    assert "07.30–16.00 WITA" in browser.text
    assert browser.forms("/daftar-tunggu") == []
    assert not wait_of(office)["automatic"]
    browser.send(f"/daftar-tunggu/{wait_of(office)['id']}/keluar")
    browser.go(panel)
    assert len(browser.forms("/daftar-tunggu")) == 1


def test_the_box_asks_to_be_given_it_at_once(office, browser, has, taken, panel):
    joined(browser, panel, automatic="yes")
    browser.go("/")
    assert "Urutan ke-1 · diterima otomatis" in browser.text
    give_back(office, has, taken)
    browser.go("/")
    assert f"Meja {taken['space']} dari daftar tunggu kini milik Anda" in browser.text
    assert "Urutan ke-1" not in browser.text


def test_today_shows_the_place_in_line_and_the_way_out(office, browser, panel, taken):
    joined(browser, panel)
    browser.go("/")
    assert "Daftar tunggu Anda" in browser.text
    assert "Urutan ke-1" in browser.text
    browser.follow(browser.send(f"/daftar-tunggu/{wait_of(office)['id']}/keluar"))
    assert f"Anda keluar dari daftar tunggu. Meja {taken['space']}" in browser.text
    assert "Daftar tunggu Anda" not in browser.text


def test_an_offer_says_until_when_and_one_tap_accepts(office, browser, has, taken, panel):
    joined(browser, panel)
    give_back(office, has, taken)
    browser.go("/")
    assert f"Meja {taken['space']} ditahan untuk Anda sampai 09.27 WITA" in browser.text
    assert "Ditahan untuk Anda sampai 09.27 WITA" in browser.text
    wait = wait_of(office)
    browser.go("/pesanan")
    assert "Ditahan untuk Anda sampai 09.27 WITA" in browser.text
    browser.go(panel)
    assert "Ditahan untuk Anda sampai 09.27 WITA" in browser.text
    browser.go("/")
    browser.follow(browser.send(f"/daftar-tunggu/{wait['id']}/terima"))
    assert f"Meja {taken['space']} kini milik Anda" in browser.text
    assert "Ditahan untuk Anda sampai" not in browser.text


def test_an_offer_for_today_is_the_one_thing_to_do_now(office, browser, has, taken, panel):
    joined(browser, panel)
    office.clock.set(at(QUIET, 7))
    sign_in(browser)
    give_back(office, has, taken)
    browser.go("/")
    wait = wait_of(office)
    assert len(browser.forms(f"/daftar-tunggu/{wait['id']}/terima")) == 2  # large, and at the booking itself
    browser.follow(browser.send(f"/daftar-tunggu/{wait['id']}/keluar"))
    assert "Tawaran dilepas untuk yang berikutnya" in browser.text


def test_an_offer_that_is_over_is_refused_in_words_and_told_apart_from_a_no_show(office, browser, has, taken, panel):
    joined(browser, panel)
    give_back(office, has, taken)
    browser.go("/")
    office.clock.advance(minutes=15)
    answer = browser.send(f"/daftar-tunggu/{wait_of(office)['id']}/terima")
    assert answer.status_code == 409
    assert "sudah berakhir dan diteruskan kepada yang berikutnya" in browser.text
    office.sweep()
    browser.go("/pesanan")
    assert "Tidak diterima sampai batas waktunya" in browser.text
    assert "Dilepas karena tidak lapor masuk" not in browser.text


def test_a_line_for_what_became_free_meanwhile_is_refused_at_the_desk(office, browser, has, taken, panel):
    browser.go(panel)
    give_back(office, has, taken)
    answer = browser.send("/daftar-tunggu", automatic="")
    assert answer.status_code == 409
    assert "masih kosong pada waktu itu" in browser.text
    assert len(browser.forms("/denah/pesan")) == 1


def test_the_pages_script_gets_the_panel_alone(browser, panel):
    browser.go(panel)
    answer = browser.send("/daftar-tunggu", headers={"HX-Request": "true"}, automatic="")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "urutan ke-1" in browser.text


@pytest.mark.parametrize("fields", [{"space_id": "x"}, {"starts_at": "besok"}, {"ends_at": "2026-12-10T01:00:00"}])
def test_forms_that_cannot_be_read_are_refused(browser, panel, fields):
    browser.go(panel)
    assert browser.send("/daftar-tunggu", **fields).status_code == 400


def test_in_english_too(office, browser, has, taken, panel):
    joined(browser, panel)
    give_back(office, has, taken)
    office.client.cookies.set("lang", "en")
    browser.go("/")
    assert f"Desk {taken['space']} is held for you until 09:27 WITA" in browser.text
    assert "Held for you until 09:27 WITA" in browser.text


def test_a_taken_room_is_waited_for_at_the_hours_of_the_booking_or_others(office, browser, has):
    room = office.rooms()[0]
    office.booked(has, room, *hours(QUIET, 9, 11))
    browser.go(f"/ruang?on={QUIET}&space={room}")
    (form,) = browser.forms("/ruang/tunggu")
    assert (form["from"], form["until"]) == ("09:00", "11:00")
    answer = browser.follow(browser.send("/ruang/tunggu", until="10:00", automatic=""))
    assert answer.status_code == 200
    assert "Anda masuk daftar tunggu pada urutan ke-1" in browser.text
    assert "09.00–10.00 WITA" in browser.text
    browser.follow(browser.send(f"/daftar-tunggu/{wait_of(office)['id']}/keluar"))
    assert "Anda keluar dari daftar tunggu" in browser.text
    browser.send("/ruang/tunggu", **{"from": "13:00", "until": "14:00", "automatic": ""})
    assert "masih kosong pada waktu itu" in browser.text


def test_a_room_that_nobody_has_offers_no_waiting_list(office, browser):
    browser.go(f"/ruang?on={QUIET}&space={office.rooms()[0]}")
    assert browser.forms("/ruang/tunggu") == []
