"""Chromium, a real server of the demo world with its clock stopped, and words for what a visitor does.

State is reset by asking for somebody new: whoever ``site.somebody()`` hands out has given back every desk they had.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import delete, insert, select, update

from app.db import Database
from app.people import secrets
from app.people.models import BrowserSession, FailedSignIn, Person
from app.rooms.models import Booking
from tests.support.office import Office
from tests.support.server import Server
from tests.support.world import NOW, PASSWORD, FakeClock

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
COOKIE = "selaras"
GONE = {"state": "cancelled", "active": False, "release_at": None, "ended_at": NOW}


class Site(Office):
    """The office behind a real server. ``client`` speaks to its API; the database is open for looks behind the scenes."""

    def __init__(self, db: Database, client: httpx.Client, address: str, server: Server) -> None:
        super().__init__(db, client, FakeClock(), address)  # type: ignore[arg-type]
        self.server = server
        self.url = f"http://127.0.0.1:{server.port}"
        self._strangers = iter(self.colleagues(posts=60))

    def somebody(self) -> int:
        """Somebody posted in Nusantara whom no test has met yet, without a desk on any day."""
        return self.without_desks(next(self._strangers))

    def without_desks(self, person_id: int) -> int:
        """The person, their bookings gone."""
        self.change(update(Booking).where(Booking.person_id == person_id, Booking.active).values(**GONE))
        return person_id

    def session_of(self, person_id: int, *, seen_at: datetime = NOW) -> str:
        """A new session's id, as the cookie keeps it."""
        session_id = secrets.new_session_id()
        row = {"digest": secrets.digest(session_id), "person_id": person_id, "created_at": seen_at, "seen_at": seen_at}
        self.change(insert(BrowserSession).values(**row))
        return session_id

    def ends_sessions(self, person_id: int) -> None:
        self.change(delete(BrowserSession).where(BrowserSession.person_id == person_id))

    def idles(self, person_id: int, *, hours: float) -> None:
        """As if the person's browsers had asked for nothing for so long."""
        seen = update(BrowserSession).where(BrowserSession.person_id == person_id)
        self.change(seen.values(seen_at=NOW - timedelta(hours=hours)))

    def forgives(self) -> None:
        """Forget failed attempts to sign in."""
        self.change(delete(FailedSignIn))

    def vacate(self, space_id: int) -> None:
        self.change(update(Booking).where(Booking.space_id == space_id, Booking.active).values(**GONE))

    def puts_at(self, person_id: int, space_id: int, starts_at: datetime, ends_at: datetime) -> None:
        """A booking as the database keeps it, at hours at which nobody can book by the rules."""
        row = {"space_id": space_id, "kind": "desk", "person_id": person_id, "booked_by_id": person_id}
        row |= {"starts_at": starts_at, "ends_at": ends_at, "state": "booked", "active": True, "purpose": ""}
        row |= {"release_at": ends_at, "created_at": NOW, "version": 1}
        self.change(insert(Booking).values(**row))

    def unit_of(self, person_id: int) -> list[int]:
        """Ids of everybody in the person's unit."""
        unit = select(Person.unit_id).where(Person.id == person_id).scalar_subquery()
        return [row[0] for row in self.ask(select(Person.id).where(Person.unit_id == unit).order_by(Person.id))]

    def name_of(self, person_id: int) -> str:
        return self.ask(select(Person.name).where(Person.id == person_id))[0][0]

    def speaks(self, person_id: int, language: str) -> int:
        self.change(update(Person).where(Person.id == person_id).values(language=language))
        return person_id


class Browsers:
    """Opens browsers that share nothing, and keeps what went wrong in them."""

    def __init__(self, chromium: Browser, site: Site) -> None:
        self._chromium, self._site = chromium, site
        self._contexts: list[BrowserContext] = []
        self.expected: tuple[str, ...] = ()
        """parts of console errors that the test provokes"""
        self.problems: list[str] = []

    def __call__(self, who: int | None = None, **options: Any) -> Page:
        """A page of a new browser, a phone unless said otherwise; ``who`` is signed in."""
        usual = {
            "viewport": PHONE,
            "base_url": self._site.url,
            "locale": "id-ID",
            "timezone_id": "Asia/Makassar",
            "reduced_motion": "reduce",
            "service_workers": "block",
        }
        context = self._chromium.new_context(**{**usual, **options})
        self._contexts.append(context)
        self._watch(context)
        if who is not None:
            cookie = {"name": COOKIE, "value": self._site.session_of(who), "url": self._site.url}
            context.add_cookies([cookie | {"httpOnly": True, "sameSite": "Lax"}])
        return context.new_page()

    def _watch(self, context: BrowserContext) -> None:
        def note(text: str) -> None:
            if not any(part in text for part in self.expected):
                self.problems.append(text)

        def ask(url: str) -> None:
            parts = urlsplit(url)
            if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(self._site.url).netloc:
                self.problems.append(f"asked another host: {url}")

        context.on("console", lambda message: note(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: note(str(error.error)))
        context.on("request", lambda request: ask(request.url))

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """As people do, by the form."""
    page.goto("/masuk")
    page.get_by_label("Surel").fill(email)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("main").get_by_role("button", name="Masuk", exact=True).click()
    expect(page).not_to_have_url(re.compile("/masuk"))


def panel(page: Page) -> Locator:
    return page.locator("#panel")


def notice(page: Page) -> Locator:
    return page.get_by_role("main").locator(".note")


def desk(page: Page, desk_id: int) -> Locator:
    return page.locator(f"#d-{desk_id}")


def free_desks(page: Page, area: str = "A") -> list[int]:
    """Ids of the free desks of an area as the page draws them. The island must be there first: it shows an area."""
    expect(page.locator(".plan .d[tabindex='0']")).to_have_count(1)
    drawn = page.locator(f".plan .d.free[data-area={area}]")
    return [int(id) for id in drawn.evaluate_all("desks => desks.map(desk => desk.dataset.desk)")]


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""the rules that look at colours, all that a theme changes"""
_AXE = """(only) =>
  axe.run({ runOnly: only, resultTypes: ['violations'], preload: false }).then((answer) => answer.violations)"""


def axe_findings(page: Page, *, in_the_dark: list[str] = COLOURS) -> list[str]:
    """What axe has against a page, at both widths and in both themes; in the dark by these rules only."""
    page.evaluate(Axe().axe_script)
    found = []
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            found += [
                f"{size['width']} {theme} {broken['id']}: {node['html'][:200]} {node['failureSummary']}"
                for broken in page.evaluate(_AXE, RULES if theme == "light" else in_the_dark)
                for node in broken["nodes"]
            ]
    return found
