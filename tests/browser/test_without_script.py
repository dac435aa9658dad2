"""Everything works before, after and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import PHONE, Browsers, Site, notice, panel, sign_in
from tests.support.office import EMPLOYEE

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browse: Browsers, site: Site) -> Page:
    site.without_desks(site.speaks(site.id_of(EMPLOYEE), "id"))
    page = browse(java_script_enabled=False, viewport=PHONE)
    sign_in(page, EMPLOYEE)
    return page


def test_a_desk_is_booked_checked_in_released_and_restored(page: Page):
    page.goto("/denah?wing=A")
    wanted = page.locator(".plan .d.free").first
    name = (wanted.get_attribute("aria-label") or "").partition(",")[0]
    wanted.click()
    expect(panel(page).get_by_role("heading", name=name)).to_be_visible()
    panel(page).get_by_role("button", name=re.compile("^Pesan untuk")).click()
    expect(notice(page)).to_contain_text("Anda pesan")
    page.goto("/pesanan")
    first = page.locator("article.booking").first
    first.get_by_role("button", name="Lepas meja").click()
    expect(notice(page)).to_contain_text("dilepas")
    notice(page).get_by_role("button", name="Urungkan").click()
    expect(notice(page)).to_contain_text("kembali menjadi milik Anda")
    page.goto("/")
    page.locator(".hero").get_by_role("button", name="Lapor masuk").click()
    expect(notice(page)).to_contain_text("Anda sudah lapor masuk")
    page.locator(".hero").get_by_role("button", name="Lapor keluar").click()
    expect(notice(page)).to_contain_text("Anda sudah lapor keluar")


def test_a_reload_after_booking_repeats_nothing(page: Page):
    page.goto("/denah?on=2026-12-10&wing=A")
    page.locator(".plan .d.free").first.click()
    panel(page).get_by_role("button", name=re.compile("^Pesan untuk")).click()
    expect(notice(page)).to_contain_text("Anda pesan")
    page.reload()
    expect(page.locator(".plan .d.mine")).to_have_count(1)
    page.goto("/pesanan")
    expect(page.locator("section[aria-labelledby=upcoming] article")).to_have_count(1)


def test_other_hours_list_wings_and_days_are_plain_links_and_forms(page: Page):
    page.goto("/denah")
    page.get_by_role("link", name="Sayap timur").click()
    expect(page).to_have_url(re.compile("wing=C"))
    expect(page.get_by_role("link", name="Sayap timur")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Daftar").click()
    expect(page.get_by_role("table")).to_have_count(1)
    expect(page.get_by_role("table", name="Sayap timur")).to_be_visible()
    page.locator("details.hours summary").click()
    page.locator("details.hours").get_by_label(re.compile("^Dari")).fill("09:30")
    page.locator("details.hours").get_by_label(re.compile("^Sampai")).fill("11:00")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.locator("details.hours summary")).to_contain_text("09.30–11.00 WITA")
    page.locator(".days a").last.click()
    expect(page).to_have_url(re.compile("on=2026-11-27"))


def test_language_and_theme_change_and_stay(page: Page):
    page.goto("/pesanan")
    page.get_by_role("button", name="EN, switch to English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My bookings")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="ID, ganti ke bahasa Indonesia").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pesanan saya")
    page.get_by_role("button", name="Ganti tema terang atau gelap").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page).to_have_url(re.compile("/pesanan$"))
    page.goto("/profil")
    page.get_by_role("button", name="Ikuti perangkat").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "system")


def test_on_a_dark_device_the_first_click_makes_it_light(page: Page):
    page.emulate_media(color_scheme="dark")
    page.goto("/pesanan")
    page.get_by_role("button", name="Ganti tema terang atau gelap").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Ganti tema terang atau gelap").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/profil")
    page.get_by_role("button", name="Ikuti perangkat").click()


def test_signing_out_ends_at_the_sign_in_page(page: Page):
    page.goto("/profil")
    page.get_by_role("main").get_by_role("button", name="Keluar", exact=True).click()
    expect(page).to_have_url(re.compile("/masuk$"))
    page.goto("/pesanan")
    expect(page).to_have_url(re.compile("/masuk"))
