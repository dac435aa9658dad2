"""Without a network the last pages can be read, nothing can be sent, and nobody's data outlives their session."""

from __future__ import annotations

import contextlib
import re

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.visiting import DESKTOP, Browsers, Site, desk, free_desks, panel, sign_in
from tests.support.office import EMPLOYEE

pytestmark = pytest.mark.browser

KEPT = """async () => {
  const kept = []
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) kept.push(new URL(request.url).pathname)
  return kept
}"""
SLOW_FLOOR = """() => {
  const network = fetch
  self.fetch = async (request) => {
    const answer = await network(request)
    if (new URL(request.url).pathname === '/denah') await new Promise((go) => { self.go = go })
    return answer
  }
}"""
CONTROLLED = "() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"


def kept(page: Page) -> list[str]:
    """Paths in the worker's caches, without the shell that everybody has."""
    return sorted(path for path in page.evaluate(KEPT) if not path.startswith("/static/"))


def with_worker(browse: Browsers, who: int | None = None) -> Page:
    """A page whose requests go through the service worker."""
    page = browse(who, service_workers="allow", viewport=DESKTOP)
    page.goto("/masuk" if who is None else "/")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    assert page.evaluate(CONTROLLED)
    return page


def test_the_last_floor_can_still_be_read_and_nothing_can_be_sent(browse: Browsers, site: Site):
    browse.expected = ("net::ERR_INTERNET_DISCONNECTED",)
    page = with_worker(browse, site.somebody())
    page.goto("/denah")
    wanted = free_desks(page)[0]
    page.goto(f"/denah?desk={wanted}")
    expect(panel(page).get_by_role("button", name=re.compile("^Pesan untuk"))).to_be_enabled()
    page.context.set_offline(True)
    expect(panel(page).get_by_role("button", name=re.compile("^Pesan untuk"))).to_be_disabled()
    page.reload()
    banner = page.get_by_role("main").get_by_text("Luring: data Sel 24 Nov pukul 09.12 WITA (08.12 WIB)")
    expect(banner).to_be_visible()
    expect(desk(page, wanted)).to_be_visible()
    for button in page.locator("form[method=post] button").all():
        expect(button).to_be_disabled()
    page.goto("/")
    expect(banner).to_be_visible()
    page.context.set_offline(False)
    expect(banner).to_be_hidden()


def test_only_four_pages_are_kept_never_profile_or_api(browse: Browsers, site: Site):
    page = with_worker(browse, site.somebody())
    for path in ("/denah", "/denah?view=list", "/pesanan", "/pekan/2026-W48", "/profil", "/problems/not-bookable"):
        page.goto(path)
    page.evaluate("() => fetch('/api/bookings').then((answer) => answer.text())")
    page.goto("/")
    assert kept(page) == ["/", "/denah", "/pekan", "/pesanan"]


def test_the_week_last_looked_at_can_be_read_without_a_network(browse: Browsers, site: Site):
    browse.expected = ("net::ERR_INTERNET_DISCONNECTED",)
    page = with_worker(browse, site.somebody())
    page.goto("/pekan/2026-W48")
    said = page.get_by_role("heading", level=1).inner_text()
    page.context.set_offline(True)
    page.goto("/pekan")
    expect(page.get_by_role("heading", level=1)).to_have_text(said)
    expect(page.get_by_role("main").get_by_text("Luring: data Sel 24 Nov pukul 09.12 WITA (08.12 WIB)")).to_be_visible()
    for button in page.locator("form[method=post] button").all():
        expect(button).to_be_disabled()


def test_signing_out_leaves_nothing_behind(browse: Browsers, site: Site):
    page = with_worker(browse)
    sign_in(page, EMPLOYEE)
    page.goto("/denah")
    expect(page.locator(".plan .d").first).to_be_visible()
    assert kept(page)
    page.get_by_role("banner").get_by_role("button", name="Keluar").click()
    expect(page).to_have_url(re.compile("/masuk$"))
    assert kept(page) == []
    assert page.context.cookies() == []


def test_a_session_that_ended_elsewhere_leaves_nothing_behind_either(browse: Browsers, site: Site):
    who = site.somebody()
    page = with_worker(browse, who)
    page.goto("/denah")
    assert kept(page)
    site.ends_sessions(who)
    page.goto("/pesanan")
    expect(page).to_have_url(re.compile("/masuk"))
    assert kept(page) == []


def test_a_page_that_comes_after_its_reader_left_is_not_kept(browse: Browsers, site: Site):
    page = with_worker(browse, site.somebody())
    (worker,) = page.context.service_workers
    worker.evaluate(SLOW_FLOOR)
    late = page.context.new_page()
    with contextlib.suppress(TimeoutError):
        late.goto("/denah", timeout=1_000)
    with page.expect_navigation(url=re.compile("/masuk$")):
        page.get_by_role("banner").get_by_role("button", name="Keluar").click()
    worker.evaluate("() => go()")
    worker.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    assert kept(page) == []
