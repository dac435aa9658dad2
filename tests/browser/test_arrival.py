"""Pages on a thin network or a busy phone, which come bit by bit: what is drawn stays where it is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.visiting import DESKTOP, PHONE, Browsers, Site, free_desks
from tests.support.office import ADMIN, EMPLOYEE, ROOM_KEEPER, SUPERIOR
from tests.support.world import QUIET

pytestmark = pytest.mark.browser

PATHS = {
    None: ["/masuk", "/tidak-ada", "/problems/not-bookable"],
    EMPLOYEE: [
        "/",
        "/pekan",
        "/denah",
        "/denah?view=list",
        "desk",
        "/ruang",
        "room",
        "/pesanan",
        "/pesanan/seri/baru",
        "/rapat",
        "/rapat/baru",
        "/rapat/cari",
        "/di-mana",
        "/profil",
        "/profil/kalender",
        "/profil/pemberitahuan",
    ],
    SUPERIOR: ["/tim"],
    ROOM_KEEPER: ["/ruang/kelola"],
    ADMIN: ["/aturan", "/aturan/libur", "/surel", "/status"],
}

ARRIVE = """async ([address, pieces]) => {
  const html = await fetch(address, { headers: { Accept: 'text/html' } }).then((answer) => answer.text())
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  const shifts = []
  const where = (rect) => [rect.x, rect.y, rect.width, rect.height].map(Math.round).join(' ')
  const told = ({ node, previousRect, currentRect }) =>
    `${node?.nodeName}.${node?.className} ${where(previousRect)} -> ${where(currentRect)}`
  const note = (list) => list.getEntries().forEach(({ value, sources }) => shifts.push([value, sources.map(told)]))
  new PerformanceObserver(note).observe({ type: 'layout-shift' })
  const body = html.indexOf('<body')
  if (body < 0) throw new Error(`no page at ${address}`)
  document.open()
  document.write(html.slice(0, body))
  while (!document.styleSheets.length) await drawn()
  await document.fonts.ready
  for (let at = body, end; at < html.length; at = end) {
    end = html.indexOf('>', at + (html.length - body) / pieces) + 1 || html.length
    document.write(html.slice(at, end))
    await drawn()
  }
  document.close()
  await drawn()
  return shifts
}"""


def found(page: Page, path: str) -> str:
    """Address of the page; with a desk or a room chosen, of the first one that is free."""
    if path == "desk":
        page.goto(f"/denah?on={QUIET}")
        return str(page.locator(f"#d-{free_desks(page)[0]}").get_attribute("href"))
    if path == "room":
        page.goto(f"/ruang?on={QUIET}")
        return str(page.locator(".rooms-table td a").first.get_attribute("href"))
    return path


@pytest.mark.parametrize(("size", "pieces"), [(PHONE, 23), (DESKTOP, 6)], ids=["phone", "desktop"])
@pytest.mark.parametrize("who", PATHS)
def test_what_is_drawn_stays_where_it_is_while_the_rest_arrives(
    who: str | None, size: Any, pieces: int, browse: Browsers, site: Site
):
    browse.expected = ("status of 404",)
    page = browse(who and site.id_of(who), viewport=size)
    moved = {}
    for path in PATHS[who]:
        address = found(page, path)
        page.goto("/manifest.webmanifest")
        shifts = page.evaluate(ARRIVE, [address, pieces])
        if sum(value for value, _ in shifts) > 0.02:
            moved[path] = shifts
    assert not moved
