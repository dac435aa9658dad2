"""Calendar feeds in a browser: made, copied, rotated, revoked; the address stays out of the history."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import PHONE, Browsers, Site, axe_findings

pytestmark = pytest.mark.browser

FEEDS = "/profil/kalender"


def make(page: Page, name: str = "Ponsel") -> str:
    page.goto(FEEDS)
    page.get_by_label("Nama alamat ini").fill(name)
    page.get_by_role("button", name="Buat alamat").click()
    shown = page.locator("#feed-url")
    expect(shown).to_be_visible()
    return str(shown.text_content())


def fetched(url: str) -> str:
    answer = httpx.get(url)
    assert answer.status_code == 200
    return answer.text


def test_an_address_is_made_copied_rotated_and_revoked(browse: Browsers, site: Site):
    page = browse(site.somebody(), permissions=["clipboard-read", "clipboard-write"])
    url = make(page)
    assert "BEGIN:VCALENDAR" in fetched(url)
    page.get_by_role("button", name="Salin").click()
    expect(page.get_by_text("Tersalin")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == url
    expect(page.get_by_role("img", name="Kode QR alamat kalender ini")).to_be_visible()
    expect(page.get_by_role("link", name="Buka di aplikasi kalender")).to_have_attribute(
        "href", re.compile("^webcal://")
    )
    page.get_by_role("link", name="Atur Ponsel").click()
    expect(page.get_by_text("Yang terlihat oleh siapa pun")).to_be_visible()
    page.get_by_role("button", name="Ganti alamat").click()
    fresh = str(page.locator("#feed-url").text_content())
    assert fresh != url
    assert "dicabut" in fetched(url)
    page.get_by_role("link", name="Atur Ponsel").click()
    page.get_by_role("button", name="Cabut alamat").click()
    expect(page.get_by_text("Alamat kalender dicabut")).to_be_visible()
    assert "dicabut" in fetched(fresh)


def test_the_address_is_in_no_address_of_a_page_and_not_there_again(browse: Browsers, site: Site):
    page = browse(site.somebody())
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    secret = make(page).rpartition("/")[2].removesuffix(".ics")
    page.goto("/")
    page.goto(FEEDS)
    expect(page.get_by_role("link", name="Atur Ponsel")).to_be_visible()
    assert secret not in page.content()
    assert len(visited) >= 4
    assert not any(secret in url for url in visited)


def test_it_works_without_a_script(browse: Browsers, site: Site):
    page = browse(site.somebody(), java_script_enabled=False)
    url = make(page)
    assert "BEGIN:VCALENDAR" in fetched(url)
    page.get_by_role("link", name="Atur Ponsel").click()
    page.get_by_role("button", name="Cabut alamat").click()
    expect(page.get_by_text("Alamat kalender dicabut")).to_be_visible()


def test_the_pages_are_for_everybody(browse: Browsers, site: Site):
    page = browse(site.somebody())
    make(page)
    looked_at(page)
    page.get_by_role("link", name="Atur Ponsel").click()
    expect(page.get_by_role("heading", name="Ponsel")).to_be_visible()
    looked_at(page)
    page.goto(f"{FEEDS}?kind=desk")
    looked_at(page)


def looked_at(page: Page) -> None:
    """Nothing for axe at any width in any theme, and nothing wider than the smallest screen."""
    assert axe_findings(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
