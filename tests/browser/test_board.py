"""Papan tim in a browser: readable by everybody, walked by keys, decided with and without scripts, printed on A4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from app.people.models import Person
from app.scheduling.models import PlanDay
from tests.browser.test_looks import LAYOUT_SHIFT
from tests.browser.visiting import DESKTOP, Browsers, Site, axe_findings, notice
from tests.support.office import EMPLOYEE, SUPERIOR
from tests.support.world import QUIET

pytestmark = pytest.mark.browser

WEEK = "2026-W50"
MONDAY = QUIET - timedelta(days=3)
PATH = f"/tim?week={WEEK}"


def plan(site: Site, person: int, *modes: str | None) -> None:
    days = {
        (MONDAY + timedelta(days=n)).isoformat(): [{"mode": mode}] for n, mode in enumerate(modes) if mode is not None
    }
    for path, json in (("", {"days": days}), ("/submission", {"despite_coverage": True})):
        answer = site.put(f"/api/people/{person}/weeks/{WEEK}{path}", person, json=json)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def team(site: Site) -> Iterator[list[int]]:
    """The demo employee's unit, of whom two have asked for days; nobody else's request is open."""
    site.change(update(PlanDay).where(PlanDay.state == "submitted").values(state="approved"))
    unit = select(Person.unit_id).where(Person.email == EMPLOYEE).scalar_subquery()
    rows = site.ask(select(Person.id).where(Person.unit_id == unit, Person.email != SUPERIOR).order_by(Person.name))
    ids = [id for (id,) in rows]
    plan(site, ids[0], "WFH", "WFO", None, "WFA")
    plan(site, ids[1], "WFO", "leave", "WFH")
    yield ids
    late = PlanDay.person_id.in_(ids), PlanDay.on >= MONDAY
    site.change(update(PlanDay).where(*late).values(state="draft"))


def board(browse: Browsers, site: Site, email: str = SUPERIOR, **options: object) -> Page:
    page = browse(site.id_of(email), **options)
    page.goto(PATH)
    return page


@pytest.mark.parametrize("email", [SUPERIOR, EMPLOYEE])
def test_axe_finds_nothing_in_either_theme_at_either_width(browse: Browsers, site: Site, team: list[int], email: str):
    page = board(browse, site, email)
    found = axe_findings(page)
    assert not found, "\n".join(found)


def test_the_board_fits_320_pixels_and_stands_still(browse: Browsers, site: Site, team: list[int]):
    page = board(browse, site)
    assert page.evaluate(LAYOUT_SHIFT) <= 0.02
    assert page.locator("*").count() <= 1500
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_arrow_keys_walk_the_table(browse: Browsers, site: Site, team: list[int]):
    page = board(browse, site, viewport=DESKTOP)
    cell = page.locator(".board [tabindex='0']")
    expect(cell).to_have_count(1)
    cell.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    focused = page.locator(":focus")
    expect(focused).to_have_class(re.compile(r"^(c|split)"))
    assert focused.evaluate("cell => cell.cellIndex") == 2
    page.keyboard.press("End")
    assert page.locator(":focus").evaluate("cell => cell.cellIndex") == 5
    page.keyboard.press("Home")
    expect(page.locator(":focus")).to_have_attribute("scope", "row")
    expect(cell).to_have_count(1)


@pytest.mark.parametrize("script", [True, False])
def test_a_week_is_returned_with_a_reason_and_the_rest_approved(
    browse: Browsers, site: Site, team: list[int], *, script: bool
):
    page = board(browse, site, java_script_enabled=script)
    name = site.name_of(team[0])
    row = page.locator(".asked li").filter(has_text=name)
    if row.locator("summary").count():
        row.locator("summary").click()
    row.get_by_label("Alasan").fill("Mohon hadir pada rapat Senin.")
    if script:
        row.get_by_label("Alasan").press("Enter")
    else:
        row.get_by_role("button", name="Kembalikan").click()
    expect(notice(page).first).to_contain_text(f"Rencana {name} dikembalikan")
    expect(page).to_have_url(re.compile(WEEK))
    expect(page.locator(".asked li").filter(has_text=name)).to_have_count(0)
    line = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))
    expect(line.get_by_text("dikembalikan").first).to_have_count(1)


def test_a_day_that_would_fall_short_asks_for_a_reason_at_its_field(browse: Browsers, site: Site, team: list[int]):
    browse.expected = ("status of 422",)
    for person in team[2:]:
        plan(site, person, None, None, None, None, "WFH")
    page = board(browse, site)
    short = page.locator(".asked li").filter(has=page.locator(".against")).filter(has_text="sekurang-kurangnya").last
    short.get_by_role("button", name="Setujui").click()
    error = page.get_by_role("alert")
    expect(error).to_contain_text("tuliskan alasan")
    field = page.locator("[aria-invalid=true]")
    expect(field).to_be_focused()
    field.fill("Layanan tetap berjalan.")
    field.locator("xpath=ancestor::form").get_by_role("button", name="Setujui").click()
    expect(notice(page).first).to_contain_text("disetujui")


def test_paper_is_a4_across_and_shows_the_board_alone(browse: Browsers, site: Site, team: list[int]):
    page = board(browse, site, viewport=DESKTOP)
    page.emulate_media(media="print")
    for gone in (".side", ".top", ".asked", ".board-tools", ".board-head nav"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".board")).to_be_visible()
    assert b"/MediaBox [0 0 841" in page.pdf(prefer_css_page_size=True)
