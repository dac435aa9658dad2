"""Meetings in a browser: a time found and both rooms booked in five taps, moved with one, answered, with keys alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.meetings.models import Attendee, Meeting
from app.rooms.models import Booking
from tests.browser.test_looks import LAYOUT_SHIFT
from tests.browser.visiting import DESKTOP, PHONE, Browsers, Site, axe_findings, notice
from tests.support.office import EMPLOYEE, SUPERIOR, hours
from tests.support.world import QUIET, TODAY

pytestmark = pytest.mark.browser

MOST_ELEMENTS = 1500
IKN_FLOOR, JKT_FLOOR = "IKN-K3-A-04", "JKT-PST-01"


@pytest.fixture(scope="module")
def me(site: Site) -> int:
    return site.id_of(EMPLOYEE)


@pytest.fixture(scope="module")
def boss(site: Site) -> int:
    return site.id_of(SUPERIOR)


@pytest.fixture(scope="module")
def jakarta(site: Site) -> list[int]:
    return site.colleagues(site="JKT", posts=2)


def planned(site: Site, who: int, people: list[int], rooms: tuple[int, ...] = (), **more: Any) -> int:
    starts_at, ends_at = hours(more.pop("on", QUIET), more.pop("starts", 13), more.pop("ends", 14))
    data = {"title": "Rapat koordinasi", "site_id": 1, "required_ids": people, "room_ids": list(rooms)} | more
    data |= {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    answer = site.post("/api/meetings", who, json=data)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def free_pair(site: Site, starts: int, ends: int) -> tuple[int, int]:
    """A room at each site that nobody has on the quiet day at these hours."""
    starts_at, ends_at = hours(QUIET, starts, ends)
    taken = site.ask(
        select(Booking.space_id).where(Booking.active, Booking.starts_at < ends_at, Booking.ends_at > starts_at)
    )
    busy = {id for (id,) in taken}
    first, second = ([id for id in site.rooms(floor) if id not in busy] for floor in (IKN_FLOOR, JKT_FLOOR))
    return first[0], second[0]


def rooms_of(site: Site, meeting: int) -> list[Any]:
    return site.ask(select(Booking.space_id, Booking.starts_at).where(Booking.meeting_id == meeting, Booking.active))


class Taps:
    """Counts what a finger does."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, what: Locator) -> None:
        self.n += 1
        what.click()


@pytest.mark.parametrize("script", [True, False])
def test_five_taps_find_a_time_and_book_both_rooms(browse: Browsers, site: Site, boss: int, *, script: bool):
    page, tap = browse(boss, java_script_enabled=script), Taps()
    page.goto("/rapat/cari")
    tap(page.get_by_role("button", name="Tim saya"))
    tap(page.get_by_role("link", name=re.compile("^Pilih")).first)
    tap(page.get_by_label("Judul"))
    page.keyboard.type(f"Rapat tim {script}")
    tap(page.get_by_role("button", name="Rencanakan rapat dan ruangnya"))
    expect(notice(page).first).to_contain_text("direncanakan")
    assert tap.n <= 5
    meeting = site.ask(select(Meeting.id).where(Meeting.title == f"Rapat tim {script}"))[0][0]
    assert len(rooms_of(site, meeting)) == 2
    expect(page.locator(".tag.free").filter(has_text="Dipesan")).to_have_count(2)


def test_a_cell_of_the_map_books_as_well(browse: Browsers, boss: int):
    page, tap = browse(boss, viewport=DESKTOP), Taps()
    page.goto("/rapat/cari")
    tap(page.get_by_role("button", name="Tim saya"))
    tap(page.locator(".heat .fits").last)
    panel = page.locator("#pilihan")
    expect(panel).to_be_in_viewport()
    expect(panel).to_contain_text("orang dapat hadir")
    tap(panel.get_by_role("link", name=re.compile("^Pilih")))
    page.get_by_label("Judul").fill("Rapat dari peta")
    tap(page.get_by_role("button", name="Rencanakan rapat dan ruangnya"))
    expect(notice(page).first).to_contain_text("Rapat dari peta")
    assert tap.n <= 5


@pytest.mark.parametrize("script", [True, False])
def test_one_tap_moves_the_meeting_with_its_rooms(
    browse: Browsers, site: Site, boss: int, me: int, jakarta: list[int], *, script: bool
):
    meeting = planned(site, boss, [me, *jakarta], free_pair(site, 13, 14), title=f"Rapat pindah {script}")
    page, tap = browse(boss, java_script_enabled=script), Taps()
    page.goto(f"/rapat/{meeting}")
    tap(page.get_by_role("link", name="Cari waktu baru"))
    tap(page.get_by_role("button", name=re.compile("^Pindahkan ke")).first)
    expect(notice(page).first).to_contain_text("dipindahkan beserta ruangnya")
    assert tap.n == 2
    starts_at = site.ask(select(Meeting.starts_at).where(Meeting.id == meeting))[0][0]
    assert [at for _, at in rooms_of(site, meeting)] == [starts_at, starts_at]
    assert starts_at != hours(QUIET, 13, 14)[0]


@pytest.mark.parametrize("script", [True, False])
def test_somebody_comes_in_ones_place(browse: Browsers, site: Site, boss: int, me: int, *, script: bool):
    meeting = planned(site, boss, [me], starts=8, ends=9)
    page = browse(me, java_script_enabled=script)
    page.goto(f"/rapat/{meeting}")
    page.get_by_text("Diwakili", exact=True).click()
    stand_in = page.get_by_label("Yang mewakili Anda")
    name = stand_in.locator("option").nth(1).inner_text()
    if "Made" in name:  # the organiser is there already
        name = stand_in.locator("option").nth(2).inner_text()
    stand_in.select_option(label=name)
    page.get_by_role("button", name="Tetapkan wakil").click()
    expect(notice(page).first).to_contain_text("diwakili")
    expect(page.locator(".attendees li").filter(has_text=f"diwakili {name}")).to_have_count(1)
    reply = site.ask(select(Attendee.reply).where(Attendee.meeting_id == meeting, Attendee.person_id == me))[0][0]
    assert reply == "represented"


def test_replying_cancelling_and_planning_need_no_script(browse: Browsers, site: Site, boss: int, me: int):
    meeting = planned(site, boss, [me], free_pair(site, 15, 16), starts=15, ends=16, title="Rapat tanpa skrip")
    page = browse(me, java_script_enabled=False)
    page.goto("/rapat")
    row = page.locator(".meeting-rows li").filter(has_text="Rapat tanpa skrip")
    row.get_by_role("button", name="Tidak hadir").click()
    expect(notice(page)).to_contain_text("tidak hadir")
    expect(row.get_by_role("button", name="Tidak hadir")).to_have_attribute("aria-pressed", "true")
    page = browse(boss, java_script_enabled=False)
    page.goto(f"/rapat/{meeting}")
    page.get_by_role("link", name="Batalkan rapat").click()
    expect(page.get_by_text("1 peserta diberi tahu.")).to_be_visible()
    page.get_by_role("button", name="Ya, batalkan rapat").click()
    expect(notice(page).first).to_contain_text("dibatalkan")
    assert not rooms_of(site, meeting)
    page.goto(f"/rapat/baru?on={QUIET}&from=15:00&until=16:00")
    page.get_by_label("Judul").fill("Rapat sendiri")
    page.get_by_label("Cari nama").fill("siti")
    page.get_by_role("button", name="Cari", exact=True).click()
    page.get_by_role("button", name=re.compile("^Tambah ")).first.click()
    expect(page.locator(".chips li")).to_have_count(1)
    expect(page.get_by_label("Judul")).to_have_value("Rapat sendiri")
    page.get_by_role("button", name="Rencanakan rapat dan ruangnya").click()
    expect(notice(page).first).to_contain_text("direncanakan")


def tab_to(page: Page, what: Locator) -> None:
    """Tab until it has the focus."""
    expect(what).to_be_visible()
    for _ in range(120):
        if what.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard doesn't get there")


def test_keys_alone_find_a_time_and_book(browse: Browsers, boss: int):
    page = browse(boss, viewport=DESKTOP)
    page.goto("/rapat/cari")
    tab_to(page, page.get_by_label("Cari nama"))
    page.keyboard.type("siti rahma")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Tambah Siti Rahma", exact=True))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name=re.compile("^Pilih")).nth(1))
    page.keyboard.press("Enter")
    title = page.get_by_label("Judul")
    expect(title).to_be_focused()
    page.keyboard.type("Rapat papan ketik")
    page.keyboard.press("Enter")
    expect(notice(page).first).to_contain_text("Rapat papan ketik")


def test_keys_alone_reply_and_open_a_cell(browse: Browsers, site: Site, boss: int, me: int):
    meeting = planned(site, boss, [me], starts=10, ends=11)
    page = browse(me, viewport=DESKTOP)
    page.goto(f"/rapat/{meeting}")
    tab_to(page, page.get_by_role("button", name="Hadir", exact=True))
    page.keyboard.press("Enter")
    expect(notice(page).first).to_contain_text("hadir")
    page.goto(f"/rapat/cari?form=1&from={QUIET}&required={boss}")
    tab_to(page, page.locator(".heat button").first)
    page.keyboard.press("Enter")
    expect(page.locator("#pilihan")).to_be_visible()


def paths(site: Site, boss: int, me: int, jakarta: list[int]) -> dict[str, str]:
    more = {"agenda": "1. Kemajuan\n2. Jadwal", "letter": "B-1/SES/11/2026", "link": "https://rapat.example/1"}
    guests = [{"email": "sinta@contoh.go.id", "name": "Sinta"}]
    pair = free_pair(site, 9, 10)
    meeting = planned(site, boss, [me, *jakarta], pair, starts=9, ends=10, guests=guests, title="Rapat rupa", **more)
    planned(site, boss, [me], on=TODAY, starts=16, ends=17, title="Rapat sore")
    for task, owner, due in (("Kirim bahan", me, "2026-11-20"), ("Siapkan ruang", boss, "2026-12-20")):
        answer = site.post(
            f"/api/meetings/{meeting}/follow-ups", boss, json={"task": task, "owner_id": owner, "due_on": due}
        )
        assert answer.status_code == 200 or answer.status_code == 201, answer.text
    found = f"/rapat/cari?form=1&from={QUIET}&days=21&at-1=1&at-2=1&required={me},{jakarta[0]}&optional={jakarta[1]}"
    return {
        "list": "/rapat",
        "past": "/rapat?view=past",
        "meeting": f"/rapat/{meeting}?reply=represented",
        "cancel": f"/rapat/{meeting}/batal",
        "change": f"/rapat/{meeting}/ubah",
        "new": "/rapat/baru?q=si&people=search",
        "find": "/rapat/cari",
        "found": found,
        "cell": f"{found}&cell=20261210T0100",
        "move": f"/rapat/cari?meeting={meeting}",
        "today": "/",
        "week": "/pekan",
    }


@pytest.fixture(scope="module")
def shown(site: Site, boss: int, me: int, jakarta: list[int]) -> dict[str, str]:
    return paths(site, boss, me, jakarta)


NAMES = ("list", "past", "meeting", "cancel", "change", "new", "find", "found", "cell", "move", "today", "week")


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_in_either_theme_at_either_width(
    browse: Browsers, boss: int, shown: dict[str, str], name: str
):
    page = browse(boss)
    page.goto(shown[name])
    page.evaluate("scrollTo(0, 0)")
    found = axe_findings(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_320_pixels_stands_still_and_is_small(
    browse: Browsers, boss: int, shown: dict[str, str], name: str
):
    page = browse(boss)
    page.goto(shown[name])
    assert page.evaluate(LAYOUT_SHIFT) <= 0.02
    assert page.locator("*").count() <= MOST_ELEMENTS
    for size in (PHONE, {"width": 320, "height": 640}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


INDONESIAN = re.compile(r"\b(Peserta|Ruang|Cari|Tambah|Jawaban|berhalangan|istirahat|kursi|menit|sampai)\b")


@pytest.mark.parametrize("name", ["list", "meeting", "change", "new", "find", "found", "cell", "move"])
def test_who_reads_english_reads_english(browse: Browsers, site: Site, boss: int, shown: dict[str, str], name: str):
    site.speaks(boss, "en")
    page = browse(boss)
    page.goto(shown[name])
    expect(page.locator("html")).to_have_attribute("lang", "en")
    words = page.locator("main").inner_text()
    site.speaks(boss, "id")
    for line in words.splitlines():
        assert not INDONESIAN.search(line), line
    assert re.search(r"\d\d:\d\d", words) or name in ("find", "new")
