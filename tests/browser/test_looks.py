"""What must hold on every page: readable by everybody in both themes and on small screens, light to load, in one language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import DESKTOP, Browsers, Site, axe_findings, free_desks, notice, panel
from tests.support.office import EMPLOYEE, SUPERIOR
from tests.support.world import QUIET

pytestmark = pytest.mark.browser

MOST_ELEMENTS = 1500
KILO = 1000


def free_desk(page: Page, on: date = QUIET + timedelta(days=1)) -> None:
    page.goto(f"/denah?on={on}")
    page.locator(f"#d-{free_desks(page)[0]}").click()
    expect(panel(page).locator("#book")).to_be_visible()


def own_desk(page: Page) -> None:
    page.goto(f"/denah?on={QUIET}")
    if page.locator(".plan .d.mine").count():
        page.locator(".plan .d.mine").click()
        expect(panel(page).locator(".acts")).to_be_visible()
        return
    free_desk(page, QUIET)
    panel(page).locator("#book .btn").click()
    expect(page.locator(".plan .d.mine")).to_have_count(1)
    expect(notice(page)).to_be_visible()


def booked_today(page: Page) -> None:
    page.goto("/")
    if not page.locator("article.booking").count():
        page.locator(".hero form button").first.click()
        panel(page).locator("#book .btn").click()
        expect(page.locator(".plan .d.mine")).to_have_count(1)
        page.goto("/")
    expect(page.locator("article.booking")).to_be_visible()


def wrong_password(page: Page) -> None:
    page.goto("/masuk")
    page.locator("input[name=email]").fill(EMPLOYEE)
    page.locator("input[name=password]").fill("salah sama sekali")
    page.locator("form[action='/masuk'] button").click()
    expect(page.get_by_role("alert")).to_be_visible()


def new_token(page: Page) -> None:
    page.goto("/profil")
    page.locator("input[name=name]").fill("Excel")
    page.locator("form.inline-form button").click()
    expect(page.locator("#new-token")).to_be_visible()


def refused_week(page: Page) -> None:
    """Flexible on every day, saved: the form comes back with what stands against it."""
    page.goto("/pekan/2026-W50")
    for day in range(5):
        page.locator(f"[name=mode-{day}]").select_option("travel")
    page.get_by_role("button", name=re.compile("Simpan draf|Save draft")).click()
    expect(page.get_by_role("alert")).to_be_visible()


def at_path(path: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(path)

    return go


PAGES: dict[str, Callable[[Page], None]] = {
    "sign-in": at_path("/masuk"),
    "sign-in with an error": wrong_password,
    "today": at_path("/"),
    "today with a booking": booked_today,
    "floor": at_path("/denah"),
    "floor with a free desk": free_desk,
    "floor with one's own desk": own_desk,
    "floor as a list": at_path("/denah?view=list"),
    "bookings": at_path("/pesanan"),
    "week": at_path("/pekan"),
    "week that is refused": refused_week,
    "profile": at_path("/profil"),
    "profile with a new token": new_token,
    "nothing there": at_path("/tidak-ada"),
    "a kind of refusal": at_path("/problems/not-bookable"),
}


def opened(browse: Browsers, site: Site, name: str, who: int, **options: Any) -> Page:
    browse.expected = ("status of 404", "status of 401", "status of 409")
    page = browse(None if name.startswith("sign-in") else who, **options)
    PAGES[name](page)
    return page


@pytest.fixture(scope="module")
def visitor(site: Site) -> int:
    """Somebody whose bookings of one test are there in the next."""
    return site.somebody()


@pytest.fixture(scope="module")
def reader(site: Site) -> int:
    """Somebody who reads English."""
    return site.speaks(site.somebody(), "en")


@pytest.fixture(autouse=True)
def nobody_is_locked_out(site: Site) -> Iterator[None]:
    yield
    site.forgives()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_either_theme_at_either_width(name: str, browse: Browsers, site: Site, visitor: int):
    page = opened(browse, site, name, visitor)
    page.evaluate("scrollTo(0, 0)")
    found = axe_findings(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_320_pixels_stands_still_and_is_small(name: str, browse: Browsers, site: Site, visitor: int):
    page = opened(browse, site, name, visitor)
    assert page.evaluate(LAYOUT_SHIFT) <= 0.02
    assert page.locator("*").count() <= MOST_ELEMENTS
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


LAYOUT_SHIFT = """() => new Promise((told) => {
  let sum = 0
  const add = (list) => list.getEntries().forEach((entry) => { if (!entry.hadRecentInput) sum += entry.value })
  const observer = new PerformanceObserver(add)
  observer.observe({ type: 'layout-shift', buffered: true })
  document.fonts.ready.then(() => setTimeout(() => told(sum), 100))
})"""

SIZES = "areas => areas.map(area => area.getBoundingClientRect()).map(({ width, height }) => [width, height])"


OPEN_ALL = """() => [...document.querySelectorAll('main details.menu')].filter((menu) => menu.checkVisibility()).map((menu) => {
  menu.open = true
  const { left, right } = menu.querySelector('.pop').getBoundingClientRect()
  const wide = document.documentElement.scrollWidth
  menu.open = false
  return [menu.querySelector('summary').textContent.trim(), Math.floor(left), Math.ceil(Math.max(right, wide))]
})"""


@pytest.mark.parametrize("path", ["/denah", "/denah?view=list", "/ruang", "/di-mana"])
def test_menus_open_where_they_can_be_read(path: str, browse: Browsers, site: Site):
    page = browse(site.id_of(SUPERIOR))
    for width in (320, 390, 1024):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(path)
        found = page.evaluate(OPEN_ALL)
        assert found
        assert [menu for menu in found if menu[1] < 0 or menu[2] > width] == []


def test_the_theme_changes_in_place_and_the_profile_says_so(browse: Browsers, visitor: int):
    page = browse(visitor, color_scheme="dark")
    page.goto("/profil")
    button = page.get_by_role("button", name="Ganti tema terang atau gelap")
    for theme, chosen in (("light", "Terang"), ("dark", "Gelap")):
        with page.expect_response(re.compile("/tema$")):
            button.click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        expect(button).to_be_focused()
        expect(page.get_by_role("button", name=chosen, pressed=True)).to_be_visible()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_long_word_does_not_widen_the_page(browse: Browsers, site: Site, visitor: int):
    page = browse(visitor)
    page.goto("/profil")
    page.locator("input[name=name]").fill("token" * 12)
    page.get_by_role("button", name="Buat token").click()
    expect(page.get_by_text("token" * 12)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("floor", ["IKN-K3-A-04", "IKN-K3-A-03", "JKT-PST-01"])
def test_desks_of_a_wing_are_large_enough_to_touch(floor: str, browse: Browsers, site: Site, visitor: int):
    page = browse(visitor)
    page.goto(f"/denah?floor={site.floor(floor)}&on={QUIET}")
    for wing in "ABC":
        tab = page.locator(f"a[data-wing={wing}]")
        tab.click()
        expect(tab).to_have_attribute("aria-current", "true")
        sizes = page.locator(f".plan .d[data-area={wing}] use.ch").evaluate_all(SIZES)
        assert sizes
        assert min(min(size) for size in sizes) >= 24


class Wire:
    """Counts what comes over the network, as it was sent: compressed, with its headers."""

    def __init__(self, page: Page) -> None:
        self.bytes: dict[str, float] = {}
        self._urls: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self._met)
        session.on("Network.loadingFinished", self._came)

    def _met(self, event: dict[str, Any]) -> None:
        self._urls[event["requestId"]] = event["response"]["url"]

    def _came(self, event: dict[str, Any]) -> None:
        url = self._urls[event["requestId"]]
        self.bytes[url] = self.bytes.get(url, 0) + event["encodedDataLength"]

    def sum(self, ending: str = "") -> float:
        return sum(size for url, size in self.bytes.items() if url.endswith(ending)) / KILO


def test_the_first_page_and_the_next_are_light(
    browse: Browsers, site: Site, visitor: int, record_property: Callable[[str, object], None]
):
    page = browse(visitor)
    wire = Wire(page)
    page.goto("/denah", wait_until="networkidle")
    first, scripts, styles = wire.sum(), wire.sum(".js"), wire.sum(".css")
    wire.bytes.clear()
    sizes = {}
    for path in ("/", "/pesanan", "/profil", "/denah"):
        page.goto(path, wait_until="networkidle")
        sizes[path] = wire.sum()
        wire.bytes.clear()
    told = {"first": first, "js": scripts, "css": styles, **sizes}
    record_property("kB", told)
    print({name: round(size, 1) for name, size in told.items()})
    assert first <= 80
    assert 0 < scripts <= 25
    assert 0 < styles <= 12
    assert max(sizes.values()) <= 10


INDONESIAN = re.compile(
    r"\b(meja|denah|pesan|pesanan|lepas|lapor|masuk|keluar|kosong|terisi|dipesan|dilepas|anda|kami|yang|atau|untuk|dengan|"
    r"pada|belum|tidak|hari ini|pukul|sampai|dari|rekan|pilih|jam|waktu|siang|pagi|surel|sandi|halaman|kerja anda|tutup|"
    r"pegawai instansi|sayap|tengah|selamat|akun|peragaan|daftar|profil|sesi|perangkat|dibuat|cabut|luring|monitor meja)\b",
    re.IGNORECASE,
)
TEXTS = """() => {
  const texts = []
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node
    if (element.closest('[lang=id], script, style')) continue
    if (node.nodeType === Node.TEXT_NODE) texts.push(node.data.trim())
    else for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'data-done'])
      if (node.hasAttribute(name)) texts.push(node.getAttribute(name))
  }
  return texts.filter(Boolean)
}"""
NAMES = (
    "Kemenko",
    "Lantai",
    "Kantor Penghubung",
    "Perbaikan",
    "Penggantian",
    "Perawatan",
    "Direktorat",
    "Deputi",
    "Biro",
)


@pytest.mark.parametrize("name", PAGES)
def test_an_english_page_is_english_throughout(name: str, browse: Browsers, site: Site, reader: int):
    page = opened(browse, site, name, reader, locale="en-GB")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    leaked = [text for text in page.evaluate(TEXTS) if INDONESIAN.search(text) and not text.startswith(NAMES)]
    assert not leaked


def test_pages_are_indonesian_unless_somebody_wishes_otherwise(browse: Browsers, site: Site):
    page = browse(locale="de-DE")
    page.goto("/masuk")
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.get_by_role("heading", level=1)).to_have_text("Masuk")


def test_paper_shows_the_plan_without_what_can_only_be_clicked(browse: Browsers, site: Site, visitor: int):
    page = browse(visitor, viewport=DESKTOP)
    own_desk(page)
    page.emulate_media(media="print")
    for gone in (".side", ".top", ".filters", ".week", ".offline", "#panel .acts"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".plan")).to_be_visible()
    expect(page.get_by_role("heading", name="Denah meja")).to_be_visible()
    expect(panel(page).locator(".facts")).to_be_visible()
    expect(page.locator("#plan")).to_contain_text("WITA")
