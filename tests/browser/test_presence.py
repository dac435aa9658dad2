"""Live pages: what one browser does, another one shows within a second; and a dot that says whether it would."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, WebSocketRoute, expect
from sqlalchemy import select, update

from app.people.models import Person
from app.rooms.models import Booking
from app.scheduling.models import PlanDay
from tests.browser.conftest import browsers_of, site_at
from tests.browser.test_looks import LAYOUT_SHIFT
from tests.browser.visiting import (
    DESKTOP,
    PHONE,
    Browsers,
    Site,
    axe_findings,
    desk,
    free_desks,
    notice,
    panel,
    sign_in,
)
from tests.support.office import EMPLOYEE, SUPERIOR, at, hours
from tests.support.world import NOW, QUIET, TODAY, SqliteCopies

pytestmark = pytest.mark.browser

SECOND = 1_000
FLOOR = f"/denah?on={QUIET}"
WEEK = "2026-W50"
NOT_LOOKED_AT_YET = """Object.defineProperty(document, 'hidden', { get: () => !window.looked, configurable: true })"""
LOOK = "() => { window.looked = true; document.dispatchEvent(new Event('visibilitychange')) }"


def live(page: Page, path: str) -> Page:
    """The page once it is live."""
    page.goto(path)
    expect(page.locator("#live")).to_have_attribute("data-state", "on")
    return page


def drawn(page: Page, desk_id: int, state: str) -> None:
    expect(desk(page, desk_id)).to_have_class(re.compile(rf"\b{state}\b"), timeout=SECOND)


@pytest.fixture(scope="module")
def visitors(site: Site) -> list[int]:
    """Three people who have no bookings; each test takes desks and rooms of its own."""
    return [site.somebody() for _ in range(3)]


def chip(page: Page) -> Any:
    return page.locator("details.presence")


def test_a_booking_a_check_in_and_its_end_appear_in_another_browser_and_mine_is_mine_alone(
    browse: Browsers, site: Site, visitors: list[int]
):
    booker, mate = browse(visitors[0], viewport=DESKTOP), browse(visitors[1], viewport=DESKTOP)
    live(booker, "/denah?wing=all")
    live(mate, booker.url)
    wanted = free_desks(booker)[0]
    kosong = int(mate.locator("[data-count=free]").text_content() or 0)
    desk(booker, wanted).click()
    panel(booker).get_by_role("button", name=re.compile("^Pesan untuk")).click()
    drawn(mate, wanted, "booked")
    drawn(booker, wanted, "mine")
    expect(mate.locator("[data-count=free]")).to_have_text(str(kosong - 1))
    mine, theirs = (desk(page, wanted).get_attribute("aria-label") or "" for page in (booker, mate))
    assert "meja Anda" in mine
    assert "dipesan" in theirs
    assert "meja Anda" not in theirs
    panel(booker).get_by_role("button", name="Lapor masuk").click()
    drawn(mate, wanted, "in")
    panel(booker).get_by_role("button", name="Lapor keluar").click()
    drawn(mate, wanted, "free")
    drawn(booker, wanted, "free")
    said = desk(mate, wanted).get_attribute("aria-label")
    mate.reload()
    assert desk(mate, wanted).get_attribute("aria-label") == said


def test_what_live_rows_draw_is_what_the_server_draws(browse: Browsers, visitors: list[int]):
    page = live(browse(visitors[0], viewport=DESKTOP), "/denah?wing=all")
    shapes = "all => all.map(one => [one.id, one.getAttribute('class').replace(' news', ''), one.getAttribute('aria-label')])"
    by_rows = page.locator(".plan .d").evaluate_all(shapes)
    plain = browse(java_script_enabled=False, viewport=DESKTOP)
    plain.context.add_cookies(page.context.cookies())
    plain.goto(page.url)
    by_server = plain.locator(".plan .d").evaluate_all(shapes)
    assert {each[1] for each in by_server} >= {"d free", "d in", "d booked"}
    assert by_rows == by_server


def test_the_panel_of_a_desk_that_somebody_takes_says_so(browse: Browsers, site: Site, visitors: list[int]):
    page = live(browse(visitors[0], viewport=DESKTOP), FLOOR)
    wanted = free_desks(page)[0]
    desk(page, wanted).click()
    expect(panel(page).get_by_role("button", name=re.compile("^Pesan untuk"))).to_be_visible()
    site.booked(site.without_desks(visitors[1]), wanted, *hours(QUIET, 7.5, 16))
    drawn(page, wanted, "booked")
    expect(panel(page).get_by_role("button", name="Masuk daftar tunggu")).to_be_visible()


def test_a_frame_of_several_desks_draws_them_all_and_counts_them(browse: Browsers, site: Site, visitors: list[int]):
    page = live(browse(visitors[0], viewport=DESKTOP), f"{FLOOR}&wing=all")
    free = free_desks(page)[:3]
    desk(page, free[0]).click()
    expect(panel(page).get_by_role("button", name=re.compile("^Pesan untuk"))).to_be_visible()
    before = int(page.locator("[data-count=free]").text_content() or 0)
    people = [site.somebody() for _ in free]
    for who, wanted in zip(people, free, strict=True):
        site.booked(who, wanted, *hours(QUIET, 7.5, 16))
    for wanted in free:
        drawn(page, wanted, "booked")
    expect(page.locator("[data-count=free]")).to_have_text(str(before - 3))
    page.get_by_role("link", name="Tutup rincian meja").click()
    expect(page.locator("#lead")).to_have_text(f"{before - 3} meja kosong")
    site.without_desks(people[0])
    site.booked(people[0], free[0], *hours(QUIET, 7.5, 16))
    site.delete(f"/api/bookings/{_booking_of(site, people[1])}", people[1])
    expect(page.locator("#lead")).to_have_text(f"{before - 2} meja kosong", timeout=SECOND)


def _booking_of(site: Site, person: int) -> int:
    rows = site.ask(select(Booking.id).where(Booking.person_id == person, Booking.active).order_by(Booking.id.desc()))
    return int(rows[0][0])


def test_the_list_of_desks_is_live_with_its_panel_and_the_focus_where_it_was(
    browse: Browsers, site: Site, visitors: list[int]
):
    one, two = site.somebody(), site.somebody()
    wanted, other = site.desks()[3], site.desks()[4]
    for each in (wanted, other):
        site.vacate(each)
    page = live(browse(visitors[0], viewport=DESKTOP), f"{FLOOR}&floor={site.floor('IKN-K3-A-03')}&view=list&wing=all")
    row, link = page.locator(f"#d-{wanted}"), page.locator(f"#d-{wanted} a")
    link.click()
    expect(panel(page).get_by_role("button", name=re.compile("^Pesan untuk"))).to_be_visible()
    link.focus()
    site.booked(one, wanted, *hours(QUIET, 7.5, 16))
    expect(row).to_contain_text(site.name_of(one), timeout=SECOND)
    expect(link).to_be_focused()
    expect(panel(page).get_by_role("button", name="Masuk daftar tunggu")).to_be_visible()
    site.delete(f"/api/bookings/{_booking_of(site, one)}", one)
    site.booked(two, wanted, *hours(QUIET, 7.5, 16))
    expect(row).to_contain_text(site.name_of(two), timeout=SECOND)
    expect(row).not_to_contain_text(site.name_of(one))


def test_what_happens_before_the_first_rows_shows_in_the_list_too(browse: Browsers, site: Site, visitors: list[int]):
    who, wanted = site.somebody(), site.desks()[5]
    site.vacate(wanted)
    page = browse(visitors[0], viewport=DESKTOP)
    page.add_init_script(NOT_LOOKED_AT_YET)
    page.goto(f"{FLOOR}&floor={site.floor('IKN-K3-A-03')}&view=list&wing=all")
    expect(page.locator("#live")).to_have_attribute("data-state", "wait")
    site.booked(who, wanted, *hours(QUIET, 7.5, 16))
    page.evaluate(LOOK)
    expect(page.locator(f"#d-{wanted}")).to_contain_text(site.name_of(who), timeout=SECOND)


@pytest.fixture
def team(site: Site) -> list[int]:
    """The demo employee's unit without its head; nobody's request of the week is open."""
    site.change(update(PlanDay).where(PlanDay.state == "submitted").values(state="approved"))
    unit = select(Person.unit_id).where(Person.email == EMPLOYEE).scalar_subquery()
    rows = site.ask(select(Person.id).where(Person.unit_id == unit, Person.email != SUPERIOR).order_by(Person.name))
    return [id for (id,) in rows]


def test_a_plan_and_its_approval_appear_on_the_board_with_the_focus_where_it_was(
    browse: Browsers, site: Site, team: list[int]
):
    page = live(browse(team[1], viewport=DESKTOP), f"/tim?week={WEEK}")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=site.name_of(team[0])))
    row.get_by_role("cell").first.click()
    cell = page.locator(".board [tabindex='0']")
    cell.focus()
    focused = cell.evaluate("cell => [cell.parentElement.rowIndex, cell.cellIndex]")
    days = {(QUIET.replace(day=7)).isoformat(): [{"mode": "WFH"}]}
    weeks = f"/api/people/{team[0]}/weeks/{WEEK}"
    assert site.put(weeks, team[0], json={"days": days}).status_code == 200
    assert site.put(f"{weeks}/submission", team[0], json={"despite_coverage": True}).status_code == 200
    expect(row.get_by_role("cell").first).to_contain_text("WFH", timeout=SECOND)
    boss = site.id_of(SUPERIOR)
    waits = row.get_by_text("menunggu")
    expect(waits.first).to_be_visible(timeout=SECOND)
    decided = site.put(f"{weeks}/approval", boss, json={"decision": "approved", "reason": "Sudah dibicarakan."})
    assert decided.status_code == 200, decided.text
    expect(waits).to_have_count(0, timeout=SECOND)
    active = "() => [document.activeElement.parentElement.rowIndex, document.activeElement.cellIndex]"
    assert page.evaluate(active) == focused
    page.keyboard.press("ArrowRight")
    assert page.evaluate(active) == [focused[0], focused[1] + 1]


def test_a_meeting_that_goes_on_shows_in_the_head_and_where_the_team_is(browse: Browsers, site: Site, team: list[int]):
    who, mate = team[2], team[3]
    here, there = live(browse(who, viewport=DESKTOP), "/pesanan"), live(browse(mate, viewport=DESKTOP), "/di-mana")
    starts_at, ends_at = hours(TODAY, 9, 10.5)
    wanted = {
        "title": "Rapat mendadak",
        "site_id": 1,
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "required_ids": [who],
    }
    assert site.post("/api/meetings", who, json=wanted).status_code == 201
    expect(chip(here).locator("summary .word")).to_have_text("Dalam rapat", timeout=SECOND)
    expect(chip(here).locator("summary .until")).to_have_text(re.compile("sampai (10.30 WITA|09.30 WIB)"))
    expect(there.locator(f"#p-{who}")).to_contain_text("Dalam rapat", timeout=SECOND)
    expect(there.locator(f"#p-{who}")).to_contain_text(re.compile("sampai (10.30 WITA|09.30 WIB)"))


def test_a_meeting_begins_in_every_browser_by_itself(chromium: Browser, sqlite_copies: SqliteCopies):
    """Nothing is written when its hour comes: the clock alone does it."""
    starts_at, ends_at = hours(TODAY, 10, 11)
    ahead = timedelta(seconds=9)
    with site_at(sqlite_copies, starts_at - ahead) as site, browsers_of(chromium, site) as browse:
        who, mate = site.unit_of(site.id_of(EMPLOYEE))[2:4]
        wanted = {"title": "Rapat pukul sepuluh", "site_id": 1, "required_ids": [who]}
        wanted |= {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
        assert site.post("/api/meetings", who, json=wanted).status_code == 201
        here, there = browse(who, viewport=DESKTOP), browse(mate, viewport=DESKTOP)
        here.goto("/pesanan")
        there.goto("/di-mana")
        began = site.server.run_clock()
        live(here, "/pesanan")
        live(there, "/di-mana")
        expect(chip(here).locator("summary .word")).to_have_text("Tersedia")
        expect(there.locator(f"#p-{who}")).to_contain_text("Tersedia")
        there.wait_for_timeout(1000 * (began + ahead.total_seconds() - time.time()))
        expect(there.locator(f"#p-{who}")).to_contain_text("Dalam rapat", timeout=SECOND)
        expect(chip(here).locator("summary .word")).to_have_text("Dalam rapat", timeout=SECOND)


def test_focus_is_said_in_the_head_seen_by_the_team_and_taken_back(browse: Browsers, site: Site, team: list[int]):
    here, there = live(browse(team[4], viewport=PHONE), "/pesanan"), live(browse(team[3]), "/di-mana")
    chip(here).locator("summary").click()
    chip(here).get_by_role("button", name="Fokus").click()
    expect(here).to_have_url(re.compile("/pesanan"))
    expect(chip(here).locator("summary .word")).to_have_text("Fokus")
    expect(there.locator(f"#p-{team[4]}")).to_contain_text("Fokus", timeout=SECOND)
    expect(there.locator(f"#p-{team[4]}")).to_contain_text(re.compile("sampai 1[56].[03]0 WI"))
    chip(here).locator("summary").click()
    chip(here).get_by_role("button", name="Kembali otomatis").click()
    expect(chip(here).locator("summary .word")).to_have_text("Tersedia")
    expect(there.locator(f"#p-{team[4]}")).not_to_contain_text("Fokus", timeout=SECOND)


def test_who_opens_a_page_is_there_for_the_team(browse: Browsers, site: Site, team: list[int]):
    there = live(browse(team[0], viewport=DESKTOP), "/di-mana")
    somebody = there.locator(f"#p-{team[5]}")
    expect(somebody.locator(".state")).to_have_text(re.compile("Tidak aktif|Tidak di tempat"))
    live(browse(team[5]), "/pesanan")
    expect(somebody.locator(".state")).to_have_text("Tersedia", timeout=SECOND)


def test_today_follows_the_team_and_ones_own_desk(browse: Browsers, site: Site, team: list[int]):
    site.without_desks(team[0])
    page = live(browse(team[0], viewport=DESKTOP), "/")
    expect(page.locator(".hero h2")).to_have_text("Belum ada meja untuk hari ini")
    wanted = site.desks()[7]
    site.vacate(wanted)
    booking = site.booked(team[0], wanted, at(TODAY, 9, 15), at(TODAY, 16))
    expect(page.locator(".hero h2")).to_contain_text("Meja", timeout=SECOND)
    assert site.put(f"/api/bookings/{booking['id']}/check-in", team[0]).status_code == 200
    expect(page.locator(".hero").get_by_role("button", name="Lapor keluar")).to_be_visible(timeout=SECOND)


def test_a_room_that_is_booked_is_taken_on_the_timeline_while_a_form_is_left_alone(
    browse: Browsers, site: Site, visitors: list[int]
):
    room, other = site.rooms("IKN-K3-A-04")[0], site.rooms("IKN-K3-A-04")[4]
    site.vacate(room)
    site.vacate(other)
    page = live(browse(visitors[0], viewport=DESKTOP), f"/ruang?on={QUIET}")
    site.booked(visitors[1], room, *hours(QUIET, 9, 10), purpose="Telaah")
    row = page.locator(f"#r-{room}")
    expect(row.locator("td.booked")).to_have_count(1, timeout=SECOND)
    page.goto(f"/ruang?on={QUIET}&space={other}&from=13:00&until=14:00")
    expect(page.locator("#live")).to_have_attribute("data-state", "on")
    purpose = panel(page).get_by_label("Keperluan")
    purpose.fill("Rapat pa")
    site.booked(visitors[1], room, *hours(QUIET, 11, 12), purpose="Uji")
    page.wait_for_timeout(1_500)
    expect(purpose).to_have_value("Rapat pa")
    expect(purpose).to_be_focused()
    purpose.blur()
    site.booked(visitors[1], room, *hours(QUIET, 12, 13), purpose="Uji")
    page.wait_for_timeout(1_500)
    expect(purpose).to_have_value("Rapat pa")


def test_a_time_that_somebody_takes_is_said_in_the_form_and_is_not_replaced(
    browse: Browsers, site: Site, visitors: list[int]
):
    room = site.rooms("IKN-K3-A-04")[2]
    site.vacate(room)
    page = live(browse(visitors[0], viewport=DESKTOP), f"/ruang?on={QUIET}&space={room}&from=09:00&until=10:00")
    site.booked(visitors[1], room, *hours(QUIET, 9, 10))
    expect(panel(page).get_by_text("09.00–10.00 WITA sudah dipesan.")).to_be_visible(timeout=SECOND)
    expect(panel(page).get_by_label(re.compile("^Dari")).first).to_have_value("09:00")
    live(page, f"/ruang?on={QUIET}&space={room}")
    offered = panel(page).get_by_label(re.compile("^Dari")).first
    expect(offered).to_have_value("06:00")
    site.booked(visitors[1], room, *hours(QUIET, 6, 7))
    expect(panel(page).locator(".held-list li")).to_have_count(2, timeout=SECOND)
    expect(offered).to_have_value("06:00")


def test_what_happens_between_a_page_and_its_first_rows_is_not_lost(browse: Browsers, site: Site, team: list[int]):
    page = browse(site.without_desks(team[0]), viewport=DESKTOP)
    page.add_init_script(NOT_LOOKED_AT_YET)
    page.goto("/")
    expect(page.locator("#live")).to_have_attribute("data-state", "wait")
    expect(page.locator(".hero h2")).to_have_text("Belum ada meja untuk hari ini")
    wanted = site.desks()[8]
    site.vacate(wanted)
    site.booked(team[0], wanted, at(TODAY, 9, 15), at(TODAY, 16))
    page.evaluate(LOOK)
    expect(page.locator(".hero h2")).to_contain_text("Meja", timeout=SECOND)


def test_the_dot_tells_the_truth_without_a_network_and_after(browse: Browsers, site: Site, visitors: list[int]):
    browse.expected = ("net::ERR_INTERNET_DISCONNECTED",)
    page = live(browse(visitors[0], viewport=DESKTOP), FLOOR)
    dot = page.locator("#live")
    expect(dot).to_have_text("Langsung")
    wanted = free_desks(page)[0]
    page.context.set_offline(True)
    expect(dot).to_have_text("Luring, data pukul 09.12 WITA")
    site.booked(site.without_desks(visitors[2]), wanted, *hours(QUIET, 7.5, 16))
    page.context.set_offline(False)
    expect(dot).to_have_text("Langsung")
    expect(desk(page, wanted)).to_have_class(re.compile(r"\bbooked\b"))


def test_a_page_lives_again_after_its_server_was_killed(browse: Browsers, site: Site, visitors: list[int]):
    browse.expected = ("WebSocket connection to",)
    page = live(browse(visitors[0], viewport=DESKTOP), FLOOR)
    dot = page.locator("#live")
    wanted = free_desks(page)[0]
    site.server.kill()
    expect(dot).to_have_text("Menyambung, data pukul 09.12 WITA")
    site.server.start()
    site.booked(site.without_desks(visitors[2]), wanted, *hours(QUIET, 7.5, 16))
    expect(dot).to_have_text("Langsung", timeout=15 * SECOND)
    drawn(page, wanted, "booked")


def test_where_no_websocket_gets_through_pages_ask(browse: Browsers, visitors: list[int]):
    page = browse(visitors[0], viewport=DESKTOP)
    page.route_web_socket("**/ws/presence", lambda socket: socket.close(code=4409))
    with page.expect_response(re.compile(r"/api/presence\?scope=floor")) as answer:
        page.goto(FLOOR)
    assert answer.value.ok
    expect(page.locator("#live")).to_contain_text("data pukul 09.12 WITA")


def test_a_page_that_asks_asks_again_after_it_was_out_of_sight(browse: Browsers, visitors: list[int]):
    page = browse(visitors[0], viewport=DESKTOP)
    page.clock.install(time=NOW)
    page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => window.unseen, configurable: true })")
    page.route_web_socket("**/ws/presence", lambda socket: socket.close(code=4409))
    asked = re.compile(r"/api/presence\?scope=floor")
    with page.expect_response(asked):
        page.goto(FLOOR)
    looks = "(unseen) => { window.unseen = unseen; document.dispatchEvent(new Event('visibilitychange')) }"
    page.evaluate(looks, True)
    page.clock.fast_forward("05:00")
    with page.expect_response(asked):
        page.evaluate(looks, False)
    with page.expect_response(asked):
        page.clock.fast_forward("00:31")


def test_the_dot_says_how_old_a_page_is_not_when_it_was_last_tried(browse: Browsers, visitors: list[int]):
    browse.expected = ("net::ERR_FAILED", "net::ERR_CONNECTION_REFUSED")
    page = browse(visitors[0], viewport=DESKTOP)
    page.clock.install(time=NOW)
    opened: list[WebSocketRoute] = []

    def first_only(socket: WebSocketRoute) -> None:
        opened.append(socket)
        if len(opened) == 1:
            socket.connect_to_server()
        else:
            socket.close(code=1013)

    page.route_web_socket("**/ws/presence", first_only)
    page.route("**/api/presence*", lambda route: route.abort())
    live(page, FLOOR)
    opened[0].close(code=1012)
    expect(page.locator("#live")).to_have_attribute("data-state", "wait")
    for _ in range(4):
        page.clock.fast_forward("02:00")
    assert len(opened) > 2
    expect(page.locator("#live")).to_have_text("Menyambung, data pukul 09.12 WITA")


def test_of_two_answers_the_one_asked_for_last_stays(browse: Browsers, site: Site, team: list[int]):
    page = live(browse(site.without_desks(team[0]), viewport=DESKTOP), "/")
    held: list[tuple[Route, APIResponse]] = []

    def hold_first(route: Route) -> None:
        if held:
            route.fallback()
        else:
            held.append((route, route.fetch()))

    page.route(f"{site.url}/", hold_first)
    wanted = site.desks()[9]
    site.vacate(wanted)
    booking = site.booked(team[0], wanted, at(TODAY, 9, 15), at(TODAY, 16))
    while not held:
        page.wait_for_timeout(20)
    assert site.put(f"/api/bookings/{booking['id']}/check-in", team[0]).status_code == 200
    out = page.locator(".hero").get_by_role("button", name="Lapor keluar")
    expect(out).to_be_visible()
    route, answer = held[0]
    route.fulfill(response=answer)
    page.wait_for_timeout(500)
    expect(out).to_be_visible()


def test_without_scripts_a_status_is_said_and_explained(browse: Browsers, site: Site):
    page = browse(viewport=PHONE, java_script_enabled=False)
    sign_in(page, EMPLOYEE)
    page.goto("/pesanan")
    chip(page).locator("summary").click()
    chip(page).get_by_label("Berlaku").select_option("30m")
    chip(page).get_by_role("button", name="Fokus").click()
    expect(chip(page).locator("summary .word")).to_have_text("Fokus")
    page.goto("/status")
    steps = page.get_by_role("region", name="Dapat dihubungi atau tidak")
    expect(steps.locator(".holds")).to_contain_text("Yang Anda sampaikan")
    expect(steps.locator(".holds")).to_contain_text("sampai 09.42 WITA")
    page.get_by_role("main").get_by_role("button", name="Kembali otomatis").click()
    expect(notice(page)).to_contain_text("kembali mengikuti")
    page.get_by_label("Tempat kerja").select_option("home")
    page.get_by_role("button", name="Sampaikan").click()
    expect(notice(page)).to_contain_text("Tersimpan")
    expect(page.get_by_role("region", name="Di mana Anda").locator(".holds")).to_contain_text("Di rumah")


@pytest.mark.parametrize("path", ["/status", "/di-mana", "/pesanan"])
def test_axe_finds_nothing_and_it_fits_320_pixels(browse: Browsers, site: Site, path: str):
    page = live(browse(site.id_of(SUPERIOR)), path)
    if path == "/pesanan":
        chip(page).locator("summary").click()
    assert page.evaluate(LAYOUT_SHIFT) <= 0.02
    found = axe_findings(page)
    assert not found, "\n".join(found)
    assert page.locator("*").count() <= 1500
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
