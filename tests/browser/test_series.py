"""Seri pemesanan in a browser: many dates in one form, a conflict seen and settled, readable on every screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import DESKTOP, Browsers, Site, axe_findings, notice
from tests.support.office import hours
from tests.support.world import QUIET

pytestmark = pytest.mark.browser

WEEK_BEFORE = QUIET - timedelta(weeks=1)


@pytest.fixture
def room(site: Site) -> int:
    """A room without any booking but one, of somebody else, in the way of the second date."""
    room = site.rooms("IKN-K3-A-04")[0]
    site.vacate(room)
    site.booked(site.somebody(), room, *hours(QUIET, 9, 10))
    return room


def conflict(page: Page, room: int) -> None:
    """The form of two weeks, of which one can't be had."""
    page.goto(f"/ruang?space={room}&on={WEEK_BEFORE}")
    page.get_by_role("link", name="Pesan berulang").click()
    page.get_by_label("Sampai tanggal").fill(QUIET.isoformat())
    page.get_by_label("Keperluan").fill("Rapat rutin")
    page.get_by_role("button", name="Pesan semua tanggal").click()
    expect(notice(page)).to_contain_text("1 dari 2 tanggal tidak dapat dipesan")


def test_a_conflict_is_settled_where_it_is_shown(browse: Browsers, site: Site, room: int):
    browse.expected = ("status of 409",)
    page = browse(site.somebody(), viewport=DESKTOP)
    conflict(page, room)
    expect(page.get_by_role("group", name="Kamis, 10 Desember 2026").get_by_role("radio").first).to_be_checked()
    page.get_by_role("button", name="Pesan dengan pilihan ini").click()
    expect(notice(page)).to_contain_text("tersimpan")
    dates = page.locator(".rows li")
    expect(dates).to_have_count(2)
    expect(dates.nth(1)).to_contain_text("menyimpang dari seri")
    page.get_by_label("Dari (WITA)").fill("13:00")
    page.get_by_label("Sampai (WITA)").fill("14:00")
    page.get_by_role("button", name="Ubah jam").click()
    expect(dates.nth(0)).to_contain_text("13.00–14.00 WITA")
    expect(dates.nth(1)).to_contain_text("09.00–10.00 WITA")
    page.get_by_role("button", name="Batalkan tanggal-tanggal itu").click()
    expect(dates.filter(has_text="Dibatalkan")).to_have_count(2)


@pytest.mark.parametrize("name", ["conflict", "series"])
def test_everybody_can_read_it_on_every_screen(browse: Browsers, site: Site, room: int, name: str):
    browse.expected = ("status of 409",)
    page = browse(site.somebody())
    conflict(page, room)
    if name == "series":
        page.get_by_role("button", name="Pesan dengan pilihan ini").click()
        expect(notice(page)).to_contain_text("tersimpan")
    page.evaluate("scrollTo(0, 0)")
    found = axe_findings(page)
    assert not found, "\n".join(found)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
