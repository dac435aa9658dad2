"""Coming in, leaving, and being sent away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visiting import DESKTOP, Browsers, Site, desk, free_desks, panel, sign_in
from tests.support.office import EMPLOYEE
from tests.support.world import QUIET

pytestmark = pytest.mark.browser

SIGN_IN = re.compile("/masuk")


def test_a_wrong_password_is_said_in_place_and_the_address_stays(browse: Browsers, site: Site):
    browse.expected = ("status of 401",)
    page = browse()
    page.goto("/pesanan")
    expect(page).to_have_url(re.compile("/masuk.next=/pesanan"))
    page.get_by_label("Surel").fill(EMPLOYEE)
    page.get_by_label("Kata sandi").fill("salah sama sekali")
    enter = page.get_by_role("main").get_by_role("button", name="Masuk", exact=True)
    enter.click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Surel")).to_have_value(EMPLOYEE)
    expect(page.get_by_label("Kata sandi")).to_have_value("")
    expect(page.get_by_label("Kata sandi")).to_have_accessible_description(re.compile(r"\w+"))
    page.get_by_label("Kata sandi").fill("selaras-demo")
    enter.click()
    expect(page).to_have_url(re.compile("/pesanan$"))


def test_a_demo_account_fills_in_its_address_and_leaves_the_password_to_the_visitor(browse: Browsers, site: Site):
    page = browse()
    page.goto("/masuk")
    page.get_by_role("button", name="Pakai akun Pegawai").click()
    expect(page.get_by_label("Surel")).to_have_value(EMPLOYEE)
    expect(page.get_by_label("Kata sandi")).to_be_focused()


def test_the_back_button_shows_no_private_page_after_signing_out(browse: Browsers, site: Site):
    page = browse(viewport=DESKTOP)
    sign_in(page, EMPLOYEE)
    page.goto("/pesanan")
    page.get_by_role("banner").get_by_role("button", name="Keluar").click()
    expect(page).to_have_url(SIGN_IN)
    page.go_back()
    expect(page).to_have_url(SIGN_IN)
    expect(page.get_by_label("Kata sandi")).to_be_visible()


def test_signing_out_everywhere_ends_the_other_browser(browse: Browsers, site: Site):
    who = site.somebody()
    here, there = browse(who), browse(who)
    there.goto("/")
    here.goto("/profil")
    expect(here.get_by_text("Anda masuk di 2 perangkat.")).to_be_visible()
    here.get_by_role("button", name="Keluar dari semua perangkat").click()
    expect(here).to_have_url(SIGN_IN)
    there.goto("/pesanan")
    expect(there).to_have_url(SIGN_IN)


def test_a_session_that_ends_before_the_booking_leads_to_signing_in(browse: Browsers, site: Site):
    who = site.somebody()
    page = browse(who)
    page.goto(f"/denah?on={QUIET}")
    wanted = free_desks(page)[0]
    desk(page, wanted).click()
    button = panel(page).get_by_role("button", name=re.compile("^Pesan untuk"))
    expect(button).to_be_visible()
    site.ends_sessions(who)
    button.click()
    expect(page).to_have_url(SIGN_IN)
    expect(page.get_by_label("Kata sandi")).to_be_visible()


def test_a_session_that_idled_too_long_leads_to_signing_in(browse: Browsers, site: Site):
    who = site.somebody()
    page = browse(who)
    page.goto("/pesanan")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pesanan saya")
    site.idles(who, hours=13)
    page.reload()
    expect(page).to_have_url(SIGN_IN)
