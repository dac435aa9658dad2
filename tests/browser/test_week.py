"""Pekan saya: a week painted by mouse, finger and keys, copied from the last one, and planned without a script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_keyboard import assert_seen, tab_to
from tests.browser.visiting import DESKTOP, PHONE, Browsers, Site, notice

pytestmark = pytest.mark.browser

WEEK, NEXT = "2026-W50", "2026-W51"
PATH = f"/pekan/{WEEK}"


@pytest.fixture
def me(site: Site) -> int:
    """Somebody whose weeks to come are empty."""
    who = site.somebody()
    for week in ("2026-W49", WEEK, NEXT):
        site.put(f"/api/people/{who}/weeks/{week}", who, json={"days": {}})
    return who


def planned(site: Site, who: int, week: str = WEEK) -> dict[str, list[tuple[str, str, str]]]:
    days: dict[str, list[Any]] = site.get(f"/api/people/{who}/weeks/{week}", who).json()["days"]
    return {on[-2:]: [(part["mode"], part["starts"], part["ends"]) for part in parts] for on, parts in days.items()}


def cell(page: Page, day: int, time: str) -> Any:
    minute = int(time[:2]) * 60 + int(time[3:])
    return page.locator(f"td[data-d='{day}'][data-m='{minute}']")


def opened(page: Page, path: str = PATH) -> Page:
    page.goto(path)
    expect(page.locator("td[data-m][tabindex='0']")).to_have_count(1)
    return page


def choose(page: Page, mode: str) -> None:
    page.get_by_role("radio", name=re.compile(f"^{mode}")).check()


def painted(page: Page, day: int) -> Any:
    return page.locator(f"[name=parts-{day}]")


def save(page: Page) -> None:
    page.get_by_role("button", name="Simpan draf").click()
    expect(notice(page)).to_contain_text("tersimpan")


def test_next_week_is_planned_from_last_weeks_pattern_in_three_taps(browse: Browsers, site: Site, me: int):
    pattern = {"2026-11-25": "WFO", "2026-11-26": "WFH", "2026-11-27": "WFO"}
    days = {on: [{"mode": mode}] for on, mode in pattern.items()}
    assert site.put(f"/api/people/{me}/weeks/2026-W48", me, json={"days": days}).status_code == 200
    page = browse(me, viewport=PHONE, has_touch=True)
    opened(page, "/pekan")
    page.get_by_role("link", name="Pekan berikutnya").tap()
    page.get_by_role("button", name="Salin pekan lalu").tap()
    expect(notice(page)).to_contain_text("disalin")
    page.get_by_role("button", name=re.compile("^Ajukan ke|^Simpan dan")).tap()
    expect(notice(page)).to_contain_text(re.compile("diajukan kepada|Rencana berlaku"))
    modes = {on: parts[0][0] for on, parts in planned(site, me, "2026-W49").items()}
    assert {"02": "WFO", "03": "WFH", "04": "WFO"}.items() <= modes.items()


def test_the_mouse_paints_hours_and_the_rules_answer_while_it_does(browse: Browsers, site: Site, me: int):
    page = opened(browse(me, viewport=DESKTOP))
    choose(page, "WFH")
    page.get_by_role("button", name=re.compile("^Senin, 7 Desember")).click()
    expect(painted(page, 0)).to_have_value("WFH")
    with page.expect_response("**/periksa") as answer:
        cell(page, 1, "08:30").drag_to(cell(page, 1, "10:00"))
    assert answer.value.ok
    expect(painted(page, 1)).to_have_value("08:30-10:30=WFH")
    expect(page.locator("#judged")).to_contain_text("Hari fleksibel: 2 dari")
    cell(page, 1, "10:00").click()
    expect(painted(page, 1)).to_have_value("08:30-10:00=WFH")
    expect(page.get_by_text("Belum disimpan")).to_be_visible()
    choose(page, "WFO")
    cell(page, 1, "11:00").drag_to(cell(page, 1, "14:00"))
    expect(painted(page, 1)).to_have_value("08:30-10:00=WFH,11:00-14:30=WFO")
    page.locator("[name=desk-1]").select_option("none")
    save(page)
    assert planned(site, me)["08"] == [("WFH", "08:30", "10:00"), ("WFO", "11:00", "14:30")]
    expect(cell(page, 1, "11:00")).to_contain_text("11.00–14.30")


def test_a_tap_paints_and_a_resting_finger_drags(browse: Browsers, site: Site, me: int):
    page = opened(browse(me, viewport=PHONE, has_touch=True))
    page.locator(".palette label").nth(1).tap()
    cell(page, 2, "09:00").tap()
    cell(page, 2, "09:30").tap()
    expect(painted(page, 2)).to_have_value("09:00-10:00=WFH")
    cell(page, 2, "09:00").tap()
    expect(painted(page, 2)).to_have_value("09:30-10:00=WFH")
    page.get_by_role("button", name=re.compile("^Rabu, 9 Desember")).tap()
    expect(painted(page, 2)).to_have_value("WFH")
    drag_finger(page, cell(page, 3, "08:00"), cell(page, 3, "09:00"))
    expect(painted(page, 3)).to_have_value("08:00-09:30=WFH")


def drag_finger(page: Page, start: Any, end: Any) -> None:
    start.scroll_into_view_if_needed()
    (first, last) = (one.bounding_box() for one in (start, end))
    x = first["x"] + first["width"] / 2
    points = [{"x": x, "y": one["y"] + one["height"] / 2} for one in (first, last)]
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    expect(page.locator(f"[name=parts-{start.get_attribute('data-d')}]")).not_to_have_value("")
    session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points[1:]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_keys_alone_paint_and_save(browse: Browsers, site: Site, me: int):
    page = opened(browse(me, viewport=DESKTOP))
    tab_to(page, page.locator("td[data-m][tabindex='0']"))
    expect(cell(page, 0, "07:30")).to_be_focused()
    page.keyboard.press("2")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
        assert_seen(page)
    expect(painted(page, 0)).to_have_value("07:30-09:30=WFH")
    page.keyboard.press("ArrowRight")
    expect(cell(page, 1, "09:00")).to_be_focused()
    page.keyboard.press("3")
    page.keyboard.press("Space")
    expect(painted(page, 1)).to_have_value("09:00-09:30=WFA")
    page.keyboard.press("Delete")
    expect(painted(page, 1)).to_have_value("")
    expect(cell(page, 0, "07:30")).to_have_accessible_name(re.compile("WFH"))
    tab_to(page, page.get_by_role("button", name="Simpan draf"))
    page.keyboard.press("Enter")
    expect(notice(page)).to_contain_text("tersimpan")
    assert planned(site, me)["07"] == [("WFH", "07:30", "09:30")]


def test_selects_and_grid_say_the_same(browse: Browsers, me: int):
    page = opened(browse(me, viewport=DESKTOP))
    page.locator("[name=mode-0]").select_option("WFH")
    expect(cell(page, 0, "07:30")).to_contain_text("WFH")
    page.locator("#d-0 summary").click()
    page.locator("[name=pm-0]").select_option("WFO")
    expect(painted(page, 0)).to_have_value("07:30-12:00=WFH,13:00-16:00=WFO")
    expect(cell(page, 0, "13:00")).to_contain_text("WFO")
    choose(page, "WFA")
    cell(page, 0, "07:30").click()
    expect(page.locator("[name=mode-0]")).to_have_value("parts")
    expect(page.locator("[name=pm-0]")).to_have_value("")


def test_a_way_out_is_painted_and_the_refusal_goes(browse: Browsers, site: Site, me: int):
    page = opened(browse(me, viewport=DESKTOP))
    page.locator("[name=mode-2]").select_option("travel")
    expect(page.locator("#judged .refusal")).to_have_count(1)
    expect(page.locator("#who")).to_contain_text("Perbaiki dahulu")
    page.locator("#judged [name=way]").first.click()
    expect(painted(page, 2)).not_to_have_value("travel")
    expect(page.locator("#judged .refusal")).to_have_count(0)


def test_without_a_script_the_same_form_plans_and_asks(browse: Browsers, site: Site, me: int):
    page = browse(me, viewport=PHONE, java_script_enabled=False)
    page.goto(PATH)
    page.locator("[name=mode-1]").select_option("WFH")
    page.locator("#d-1 summary").click()
    page.locator("[name=pm-1]").select_option("WFO")
    page.locator("[name=desk-1]").select_option("none")
    save(page)
    assert planned(site, me)["08"] == [("WFH", "07:30", "12:00"), ("WFO", "13:00", "16:00")]
    page.get_by_role("button", name=re.compile("^Ajukan ke|^Simpan dan")).click()
    expect(notice(page)).to_contain_text(re.compile("diajukan|Rencana berlaku"))


def test_a_check_is_answered_within_a_quarter_of_a_second(browse: Browsers, me: int):
    page = opened(browse(me, viewport=DESKTOP))
    choose(page, "WFH")
    page.get_by_role("button", name=re.compile("^Senin, 7 Desember")).click()
    with page.expect_response("**/periksa") as answer:
        page.get_by_role("button", name=re.compile("^Selasa, 8 Desember")).click()
    assert answer.value.request.timing["responseEnd"] < 250


def test_the_page_prints_without_its_tools(browse: Browsers, me: int):
    page = opened(browse(me, viewport=DESKTOP))
    page.emulate_media(media="print")
    expect(page.locator("table.hours")).to_be_visible()
    expect(page.locator(".palette")).to_be_hidden()
    expect(page.get_by_role("button", name="Simpan draf")).to_be_hidden()
    expect(page.locator(".plan-team")).to_be_visible()
