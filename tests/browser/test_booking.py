"""Whole journeys at the floor plan, on a phone: book, undo, move, lose a race, sit near the team, come and go."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import Browsers, Site, desk, free_desks, notice, panel, sign_in
from tests.support.office import SUPERIOR, at
from tests.support.world import QUIET

pytestmark = pytest.mark.browser

FLOOR = f"/denah?on={QUIET}"
BOOK = re.compile("^Pesan untuk")


def book(page: Page, desk_id: int) -> None:
    desk(page, desk_id).click()
    panel(page).get_by_role("button", name=BOOK).click()
    expect(notice(page)).to_contain_text("Anda pesan")


def state(page: Page, desk_id: int, word: str) -> None:
    expect(desk(page, desk_id)).to_have_class(re.compile(rf"\b{word}\b"))


def test_a_desk_is_booked_within_three_taps_from_opening_the_floor(browse: Browsers, site: Site):
    page = browse(site.somebody())
    page.goto("/denah")
    wanted = free_desks(page)[0]
    taps = 0
    for target in (desk(page, wanted), panel(page).get_by_role("button", name=BOOK)):
        target.click()
        taps += 1
    expect(notice(page)).to_contain_text("Anda pesan")
    expect(notice(page)).to_contain_text("WITA")
    expect(notice(page)).to_be_focused()
    expect(notice(page)).to_be_in_viewport()
    state(page, wanted, "mine")
    assert taps <= 3


def test_a_tap_shows_a_desk_and_a_second_tap_leads_to_the_button_but_books_nothing(browse: Browsers, site: Site):
    who = site.somebody()
    page = browse(who)
    page.goto(FLOOR)
    wanted = free_desks(page)[0]
    desk(page, wanted).click()
    button = panel(page).get_by_role("button", name=BOOK)
    expect(button).to_be_visible()
    desk(page, wanted).click()
    expect(button).to_be_focused()
    desk(page, wanted).dblclick()
    expect(button).to_be_focused()
    state(page, wanted, "free")
    assert site.get("/api/bookings", who, params={"from": at(QUIET, 0).isoformat()}).json()["items"] == []


def test_a_booking_is_undone_and_taken_up_again_from_its_notice(browse: Browsers, site: Site):
    page = browse(site.somebody())
    page.goto(FLOOR)
    wanted = free_desks(page)[0]
    book(page, wanted)
    notice(page).get_by_role("button", name="Urungkan").click()
    expect(notice(page)).to_contain_text("dilepas")
    state(page, wanted, "free")
    notice(page).get_by_role("button", name="Urungkan").click()
    expect(notice(page)).to_contain_text("kembali menjadi milik Anda")
    state(page, wanted, "mine")


def test_another_desk_takes_the_booking_along(browse: Browsers, site: Site):
    page = browse(site.somebody())
    page.goto(FLOOR)
    first, second = free_desks(page)[:2]
    book(page, first)
    panel(page).get_by_role("link", name="Tutup rincian meja").click()
    desk(page, second).click()
    panel(page).get_by_role("button", name=re.compile("^Pindah dari .+ ke .+")).click()
    expect(notice(page)).to_contain_text("dipindahkan")
    state(page, second, "mine")
    state(page, first, "free")
    page.reload()
    state(page, second, "mine")


def test_who_loses_a_race_is_told_in_place_and_books_one_of_the_ways_out(browse: Browsers, site: Site):
    page = browse(site.somebody())
    rival = site.somebody()
    page.goto(FLOOR)
    wanted = free_desks(page)[0]
    desk(page, wanted).click()
    button = panel(page).get_by_role("button", name=BOOK)
    expect(button).to_be_visible()
    site.booked(rival, wanted, at(QUIET, 7, 30), at(QUIET, 16))
    button.click()
    alert = panel(page).get_by_role("alert")
    expect(alert).to_contain_text("sudah dipesan pada waktu itu")
    expect(alert).to_be_focused()
    expect(page).to_have_url(re.compile("/denah"))
    state(page, wanted, "booked")
    ways = alert.get_by_role("listitem").get_by_role("link")
    expect(ways).to_have_count(3)
    expect(ways.first).to_contain_text("WITA")
    ways.first.click()
    panel(page).get_by_role("button", name=BOOK).click()
    expect(notice(page)).to_contain_text("Anda pesan")
    expect(page.locator(".plan .d.mine")).to_have_count(1)


def test_a_desk_picked_near_the_team_comes_with_its_reason_and_is_booked_by_the_next_tap(browse: Browsers, site: Site):
    who = site.somebody()
    mate = next(id for id in site.unit_of(who) if id != who)
    site.without_desks(mate)
    page = browse(who)
    page.goto(FLOOR)
    site.booked(mate, free_desks(page)[0], at(QUIET, 7, 30), at(QUIET, 16))
    panel(page).get_by_role("button", name="Pilihkan dekat tim saya").click()
    expect(notice(page)).to_contain_text(re.compile(r"Dipilihkan: \d+ rekan tim duduk dalam jarak 3 meja"))
    expect(page.locator(".plan .d.mine")).to_have_count(0)
    panel(page).get_by_role("button", name=BOOK).click()
    expect(notice(page)).to_contain_text("Anda pesan")


def test_today_leads_from_a_pick_to_check_in_and_check_out(browse: Browsers, site: Site):
    page = browse(site.somebody())
    page.goto("/")
    page.get_by_role("button", name="Pesan meja dekat tim").click()
    expect(notice(page)).to_contain_text("Dipilihkan")
    panel(page).get_by_role("button", name=BOOK).click()
    expect(notice(page)).to_contain_text("Anda pesan")
    page.goto("/")
    hero = page.locator(".hero")
    hero.get_by_role("button", name="Lapor masuk").click()
    expect(notice(page)).to_contain_text("Anda sudah lapor masuk")
    expect(page.locator(".booking .tag")).to_have_text("Sudah lapor masuk")
    hero.get_by_role("button", name="Lapor keluar").click()
    expect(notice(page)).to_contain_text("Anda sudah lapor keluar")
    expect(page.get_by_role("heading", name="Belum ada meja untuk hari ini")).to_be_visible()


def test_a_superior_books_for_a_colleague(browse: Browsers, site: Site):
    page = browse()
    sign_in(page, SUPERIOR)
    page.goto(FLOOR)
    wanted = free_desks(page)[0]
    desk(page, wanted).click()
    whom = panel(page).get_by_label("Pesan untuk")
    colleague = site.without_desks(int(whom.locator("option").nth(1).get_attribute("value") or 0))
    whom.select_option(value=str(colleague))
    panel(page).get_by_role("button", name=BOOK).click()
    expect(notice(page)).to_contain_text("dipesankan")
    state(page, wanted, "booked")
    expect(desk(page, wanted)).to_have_accessible_name(re.compile(re.escape(site.name_of(colleague))))
    notice(page).get_by_role("button", name="Urungkan").click()
    state(page, wanted, "free")


def book_hours(page: Page, starts: str, ends: str) -> None:
    """Ask for a free desk at hours of one's own."""
    desk(page, free_desks(page)[0]).click()
    panel(page).locator("[data-hours] summary").click()
    panel(page).get_by_label("Dari").fill(starts)
    panel(page).get_by_label("Sampai").fill(ends)
    panel(page).locator("#book .btn").click()


def test_hours_that_are_none_are_asked_for_at_their_field(browse: Browsers, site: Site):
    page = browse(site.somebody())
    page.goto(FLOOR)
    book_hours(page, "14:00", "13:00")
    wanted = "Isi jam mulai dan jam selesai sesudahnya."
    expect(panel(page).get_by_role("alert")).to_contain_text(wanted)
    expect(panel(page).get_by_label("Sampai")).to_have_accessible_description(wanted)
    expect(page.locator(".plan .d.mine")).to_have_count(0)


def test_after_booking_other_hours_the_plan_shows_them(browse: Browsers, site: Site):
    page = browse(site.somebody())
    page.goto(FLOOR)
    book_hours(page, "08:00", "10:00")
    expect(page).to_have_url(re.compile("part=span.*from=08"))
    expect(page.locator(".plan .d.mine")).to_have_count(1)
    expect(panel(page)).to_contain_text("08.00–10.00")
