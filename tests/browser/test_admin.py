"""The pages of the dated rules in a browser: a day off from form to undoing, and readable for everybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_looks import MOST_ELEMENTS
from tests.browser.visiting import PHONE, RULES, Browsers, Site, axe_findings
from tests.support.office import ADMIN, QUIET

pytestmark = pytest.mark.browser
PATHS = (
    "/aturan/libur",
    "/aturan/ramadan",
    "/aturan/jam-kerja",
    "/aturan/kebijakan?jenis=least-on-site",
    "/aturan/libur/banding?tahun=2026",
)


def test_a_day_off_is_looked_at_applied_and_undone(browse: Browsers, site: Site):
    page = browse(site.id_of(ADMIN), viewport=PHONE)
    page.goto("/aturan/libur")
    form = page.locator("#formulir")
    form.get_by_label("Tanggal").fill(str(QUIET))
    form.get_by_label("Nama", exact=True).fill("Cuti bersama uji")
    form.get_by_label("Dasar hukum").fill("Keppres uji")
    form.get_by_role("button").click()
    expect(page.get_by_role("heading", name="Akan ditambahkan")).to_be_visible()
    page.get_by_role("button", name="Terapkan").click()
    expect(page.get_by_role("status").filter(has_text="Perubahan diterapkan")).to_be_visible()
    page.get_by_role("button", name="Batalkan perubahan").first.click()
    expect(page.get_by_role("status").filter(has_text="Perubahan dibatalkan")).to_be_visible()


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_in_either_theme_at_either_width(path: str, browse: Browsers, site: Site):
    page = browse(site.id_of(ADMIN))
    page.goto(path)
    found = axe_findings(page, in_the_dark=RULES)
    assert not found, "\n".join(found)
    assert page.locator("*").count() <= MOST_ELEMENTS
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
