"""Two cities, one hour apart; the browser's own zone is a third one, and nothing may depend on it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import DESKTOP, Browsers, Site, desk, panel
from tests.support.office import at
from tests.support.world import NOW, TODAY, WIB

pytestmark = pytest.mark.browser

ELSEWHERE = "America/St_Johns"
LATE = "23.30–23.45 WIB"
LATE_HERE = re.compile(r"Sel,? 24 Nov · 23\.30–23\.45 WIB \(Rab,? 25 Nov · 00\.30–00\.45 WITA\)")
CLOCK = re.compile(r"\d\d[.:]\d\d")


@pytest.fixture(params=["Asia/Makassar", ELSEWHERE])
def page(request: pytest.FixtureRequest, browse: Browsers, site: Site) -> Page:
    """Somebody posted in Nusantara has a desk in Jakarta at 23.30 WIB."""
    who = site.somebody()
    space = site.desks("JKT-PST-01", "A")[5]
    site.vacate(space)
    site.puts_at(who, space, at(TODAY, 23, 30, WIB), at(TODAY, 23, 45, WIB))
    page = browse(who, timezone_id=request.param, viewport=DESKTOP)
    page.desk_id = space  # type: ignore[attr-defined]
    return page


def test_half_past_eleven_in_jakarta_is_the_next_day_in_nusantara(page: Page):
    page.goto("/")
    expect(page.locator(".hero")).to_contain_text(LATE_HERE)
    expect(page.locator("article.booking .when")).to_have_text(LATE_HERE)
    page.goto("/pesanan")
    expect(page.locator("section[aria-labelledby=upcoming] .when")).to_have_text(LATE_HERE)
    page.locator("section[aria-labelledby=upcoming] h3 a").click()
    expect(panel(page).locator(".facts")).to_contain_text(LATE_HERE)
    expect(page.locator(".days a[aria-current]")).to_contain_text("24")
    expect(page.locator("details.hours summary")).to_contain_text(LATE)
    expect(desk(page, page.desk_id)).to_have_class(re.compile("mine"))  # type: ignore[attr-defined]


def test_the_two_clocks_go_and_show_their_own_cities(browse: Browsers, site: Site):
    page = browse(site.somebody(), timezone_id=ELSEWHERE, viewport=DESKTOP)
    page.clock.install(time=NOW)
    page.goto("/pesanan")
    clocks = page.get_by_role("group", name="Waktu setempat")
    expect(clocks).to_have_text(re.compile(r"09\.12 WITA Nusantara\s*08\.12 WIB Jakarta"))
    page.clock.fast_forward("01:00")
    expect(clocks).to_have_text(re.compile(r"09\.13 WITA Nusantara\s*08\.13 WIB Jakarta"))


@pytest.mark.parametrize("wrong", [timedelta(hours=-3), timedelta(days=400), timedelta(minutes=2)])
def test_the_clocks_are_right_where_the_device_s_is_wrong(browse: Browsers, site: Site, wrong: timedelta):
    page = browse(site.somebody(), viewport=DESKTOP)
    page.clock.install(time=NOW + wrong)
    page.goto("/pesanan")
    clocks = page.get_by_role("group", name="Waktu setempat")
    expect(clocks).to_have_text(re.compile(r"09\.12 WITA Nusantara\s*08\.12 WIB Jakarta"))
    page.clock.fast_forward("01:00")
    expect(clocks).to_have_text(re.compile(r"09\.13 WITA Nusantara\s*08\.13 WIB Jakarta"))


def test_a_day_in_the_address_is_the_same_day_wherever_the_browser_thinks_it_is(browse: Browsers, site: Site):
    page = browse(site.somebody(), timezone_id=ELSEWHERE, viewport=DESKTOP)
    page.goto(f"/denah?on={date(2026, 12, 1)}")
    expect(page.locator(".days a[aria-current]")).to_have_text(re.compile("Sel.*1"))
    page.locator(".plan .d.free").first.click()
    expect(panel(page).get_by_role("button", name="Pesan untuk Sel 1 Des")).to_be_visible()


BLOCKS = "li, p, dd, h1, h2, h3, fieldset, summary, .when, .clocks span, .field, .seg a, .note"


def test_no_time_stands_without_the_name_of_its_zone(browse: Browsers, site: Site):
    who = site.somebody()
    page = browse(who, viewport=DESKTOP)
    page.goto("/denah")
    free = page.locator(".plan .d.free").first
    pages = ["/", "/denah", free.get_attribute("href") or "", "/denah?view=list", "/pesanan", "/profil"]
    taken = page.locator(".plan .d.in").first.get_attribute("href") or ""
    free.click()
    panel(page).get_by_role("button", name=re.compile("^Pesan untuk")).click()
    expect(page.locator(".plan .d.mine")).to_have_count(1)
    seen = 0
    for path in [*pages, taken, page.url]:
        page.goto(path)
        for text in page.locator(BLOCKS).all_text_contents():
            if CLOCK.search(text):
                seen += 1
                assert re.search(r"WITA|WIB|WIT", text), f"{path}: {' '.join(text.split())}"
    assert seen > 40
