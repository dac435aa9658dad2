"""Ruang rapat and Pengelola ruang in a browser: two taps to a room, on a phone and a desk, with and without scripts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import DESKTOP, PHONE, Browsers, Site, axe_findings, notice, panel, sign_in
from tests.support.office import ROOM_KEEPER, at, hours
from tests.support.world import QUIET, TODAY

pytestmark = pytest.mark.browser

OTHER_DAY = QUIET + timedelta(days=1)
MOST_ELEMENTS = 1500


@pytest.fixture(scope="module")
def visitor(site: Site) -> int:
    """Somebody whose bookings of one test are there in the next; each test empties the room that it is about."""
    return site.somebody()


@pytest.fixture
def keeper(site: Site) -> int:
    return site.id_of(ROOM_KEEPER)


def emptied(site: Site, n: int) -> int:
    """A room of the floor that the page opens on, without any booking."""
    room = site.rooms("IKN-K3-A-04")[n]
    site.vacate(room)
    return room


def test_a_room_is_booked_from_its_free_hour_on_a_desk(browse: Browsers, site: Site, visitor: int):
    room = emptied(site, 0)
    page = browse(visitor, viewport=DESKTOP)
    page.goto(f"/ruang?on={QUIET}")
    row = page.locator(f"#r-{room}")
    row.get_by_role("link", name=re.compile("kosong 14.00–15.00 WITA")).click()
    expect(panel(page).get_by_label("Dari (WITA)")).to_have_value("14:00")
    panel(page).get_by_label("Keperluan").fill("Telaah naskah")
    panel(page).get_by_role("button", name="Pesan ruang").click()
    expect(notice(page)).to_contain_text("Anda pesan: Kam 10 Des · 14.00–15.00 WITA")
    expect(row.locator("td.mine a")).to_have_text("Telaah naskah")
    notice(page).get_by_role("button", name="Urungkan").click()
    expect(notice(page)).to_contain_text("dibatalkan")
    expect(row.locator("td.mine")).to_have_count(0)


def test_on_a_phone_each_room_offers_its_next_free_time_in_a_sheet(browse: Browsers, site: Site, visitor: int):
    room = emptied(site, 0)
    page = browse(visitor)
    page.goto(f"/ruang?on={OTHER_DAY}")
    row = page.locator(f"#r-{room}")
    expect(row.locator("td").first).to_be_hidden()
    expect(row.get_by_role("img", name="Belum ada pesanan")).to_be_visible()
    row.get_by_role("link", name="Kosong 06.00–20.00 WITA").click()
    sheet = panel(page).locator(".room-card")
    expect(sheet).to_be_in_viewport()
    sheet.get_by_role("button", name="Pesan ruang").click()
    expect(notice(page)).to_contain_text("Anda pesan")
    box = sheet.bounding_box()
    assert box is not None
    assert box["width"] == PHONE["width"]


def test_rooms_are_reached_and_booked_by_keys_alone(browse: Browsers, site: Site, visitor: int):
    emptied(site, 4)
    page = browse(visitor, viewport=DESKTOP)
    page.goto(f"/ruang?on={QUIET}&kind=meeting&seats=4")
    first = page.locator("room-grid td a[tabindex='0']")
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("tbody tr").nth(1).locator("td a[tabindex='0']")).to_be_focused()
    expect(page.locator("room-grid td a[tabindex='0']")).to_have_count(1)
    page.keyboard.press("Enter")
    button = panel(page).get_by_role("button", name="Pesan ruang")
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    expect(notice(page)).to_contain_text("Anda pesan")


def test_a_keeper_refuses_with_a_reason_that_reaches_whoever_asked(
    browse: Browsers, site: Site, visitor: int, keeper: int
):
    room = emptied(site, 1)
    booking = site.booked(visitor, room, *hours(QUIET, 9, 10), purpose="Rapat pimpinan")
    browse.expected = ("status of 400",)
    page = browse(keeper)
    page.goto(f"/ruang/kelola?site=1&on={QUIET}")
    one = page.locator(f"#b-{booking['id']}")
    one.locator("summary", has_text="Tolak").click()
    one.locator("form").get_by_role("button", name="Tolak").click()
    expect(one.get_by_role("alert")).to_have_text("Tuliskan alasannya.")
    one.get_by_label(re.compile("Alasan")).fill("Dipakai kunjungan menteri")
    one.locator("form").get_by_role("button", name="Tolak").click()
    expect(notice(page)).to_contain_text("ditolak beserta alasannya")
    theirs = browse(visitor)
    theirs.goto("/")
    expect(theirs.get_by_role("main")).to_contain_text("Dipakai kunjungan menteri")


def test_without_scripts_a_keeper_moves_a_booking(browse: Browsers, site: Site, visitor: int):
    room = emptied(site, 1)
    booking = site.booked(visitor, room, *hours(OTHER_DAY, 9, 10))
    page = browse(java_script_enabled=False, viewport=PHONE)
    sign_in(page, ROOM_KEEPER)
    page.goto(f"/ruang/kelola?site=1&on={OTHER_DAY}")
    page.locator(f"#b-{booking['id']}").get_by_role("link", name=re.compile("Pindahkan")).click()
    page.locator(f"#b-{booking['id']}").get_by_role("button", name="Pindahkan").click()
    expect(notice(page)).to_contain_text("dipindahkan ke ruang")
    assert site.booking(booking["id"]).space_id != room


def with_own_booking(site: Site, who: int) -> str:
    room = emptied(site, 2)
    booking = site.booked(who, room, at(TODAY, 9, 15), at(TODAY, 10, 15), purpose="Telaah")
    return f"/ruang?space={room}&booking={booking['id']}"


def refused(page: Page, site: Site, visitor: int) -> None:
    room = emptied(site, 0)
    page.goto(f"/ruang?on={QUIET}&space={room}&from=09:00&until=10:00")
    site.booked(site.somebody(), room, *hours(QUIET, 9, 10))
    panel(page).get_by_role("button", name="Pesan ruang").click()
    expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("name", ["rooms", "room", "own", "refused", "kept"])
def test_axe_finds_nothing_in_either_theme_at_either_width_and_the_page_is_small(
    name: str, browse: Browsers, site: Site, visitor: int, keeper: int
):
    browse.expected = ("status of 409",)
    page = browse(keeper if name == "kept" else visitor)
    if name == "refused":
        refused(page, site, visitor)
    elif name == "kept":
        site.booked(visitor, emptied(site, 1), *hours(QUIET, 9, 10), purpose="Rapat pimpinan")
        page.goto(f"/ruang/kelola?site=1&on={QUIET}")
    elif name == "own":
        page.goto(with_own_booking(site, visitor))
    else:
        page.goto(f"/ruang?space={site.rooms('IKN-K3-A-04')[1]}" if name == "room" else "/ruang")
    page.evaluate("scrollTo(0, 0)")
    found = axe_findings(page)
    assert not found, "\n".join(found)
    assert page.locator("*").count() <= MOST_ELEMENTS
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_names_of_rooms_and_hours_stay_in_view(browse: Browsers, site: Site, visitor: int):
    page = browse(visitor, viewport={"width": 900, "height": 600})
    page.goto(f"/ruang?on={QUIET}")
    scroll = page.locator(".rooms-scroll")
    scroll.evaluate("box => box.scrollTo(300, 200)")
    edge = scroll.bounding_box()
    head, name = page.locator("thead th[scope=row]").first, page.locator("tbody th").nth(4)
    assert edge is not None
    for each in (head, name):
        box = each.bounding_box()
        assert box is not None
        assert edge["x"] <= box["x"] <= edge["x"] + 20
    assert head.bounding_box()["y"] == pytest.approx(edge["y"], abs=2)  # type: ignore[index]
