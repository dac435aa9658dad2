"""From signing in to a booked desk without touching the mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visiting import DESKTOP, Browsers, Site, notice, panel
from tests.support.office import EMPLOYEE
from tests.support.world import PASSWORD

pytestmark = pytest.mark.browser

SEEN = """() => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement)
  const edge = document.activeElement.querySelector('rect.t')
  const drawn = edge && getComputedStyle(edge).strokeWidth
  return { outline: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2, boxShadow, drawn: parseFloat(drawn) || 0 }
}"""


def tab_to(page: Page, goal: Locator, *, at_most: int = 40) -> None:
    """Press Tab until ``goal`` has the focus; each stop on the way must be seen."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        assert_seen(page)
        if goal.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{at_most} times Tab do not lead to {goal}")


def assert_seen(page: Page) -> None:
    seen = page.evaluate(SEEN)
    assert seen["outline"] or seen["drawn"] >= 3, page.evaluate("document.activeElement.outerHTML").partition(">")[0]


def place(page: Page) -> tuple[float, float]:
    """Where on the floor the focused desk stands."""
    found = re.search(
        r"translate\(([\d.]+) ([\d.]+)\)", page.locator(".plan .d:focus").get_attribute("transform") or ""
    )
    assert found
    return float(found[1]), float(found[2])


def test_keys_alone_lead_from_signing_in_to_a_booked_desk(browse: Browsers, site: Site):
    site.without_desks(site.id_of(EMPLOYEE))
    page = browse(viewport=DESKTOP)
    page.goto("/masuk")
    tab_to(page, page.get_by_label("Surel"))
    page.keyboard.type(EMPLOYEE)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Selamat pagi")
    tab_to(page, page.get_by_role("link", name="Denah meja"))
    page.keyboard.press("Enter")
    expect(page.locator(".plan .d[tabindex='0']")).to_have_count(1)

    tab_to(page, page.locator(".plan .d[tabindex='0']"))
    walk(page)
    expect(page.locator(".plan .d:focus")).to_have_class(re.compile("free"))
    chosen = page.locator(".plan .d:focus").get_attribute("data-desk")
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("heading", level=2).first).to_contain_text("Meja")
    expect(page.locator("#say")).to_contain_text("Kosong")
    tab_to(page, panel(page).get_by_role("button", name=re.compile("^Pesan untuk")))
    page.keyboard.press("Enter")
    expect(notice(page)).to_contain_text("Anda pesan")
    expect(notice(page)).to_be_focused()
    expect(page.locator(f"#d-{chosen}")).to_have_class(re.compile("mine"))

    tab_to(page, notice(page).get_by_role("button", name="Urungkan"), at_most=2)
    page.keyboard.press("Enter")
    expect(notice(page)).to_contain_text("dilepas")
    expect(notice(page)).to_be_focused()


def walk(page: Page) -> None:
    """Arrow keys move in their direction; in the end a free desk has the focus."""
    x, y = place(page)
    page.keyboard.press("ArrowRight")
    right = place(page)
    assert right[0] > x
    assert abs(right[1] - y) <= right[0] - x
    page.keyboard.press("ArrowDown")
    below = place(page)
    assert below[1] > right[1]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert place(page)[0] < right[0]
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowDown") * 8:
        if "free" in (page.locator(".plan .d:focus").get_attribute("class") or ""):
            return
        page.keyboard.press(key)
        assert_seen(page)


def test_closing_the_panel_gives_the_focus_back_to_the_desk(browse: Browsers, site: Site):
    page = browse(site.somebody(), viewport=DESKTOP)
    page.goto("/denah")
    start = page.locator(".plan .d[tabindex='0']")
    expect(start).to_have_count(1)
    start.focus()
    page.keyboard.press("Space")
    close = panel(page).get_by_role("link", name="Tutup rincian meja")
    expect(close).to_be_visible()
    close.focus()
    page.keyboard.press("Enter")
    expect(close).to_have_count(0)
    expect(start).to_be_focused()


def test_menus_open_and_close_by_keys_and_the_skip_link_leads_to_the_content(browse: Browsers, site: Site):
    page = browse(site.somebody(), viewport=DESKTOP)
    page.goto("/denah")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Lewati ke isi")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    menu = page.locator(".place-bar details.menu").last
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
