"""Chromium, and for each module a server of its own; what one can do with them is in ``visiting.py``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from app.db import Database
from tests.browser.visiting import Browsers, Site
from tests.support import chromium as executable
from tests.support.server import serving
from tests.support.world import NOW, SqliteCopies, copy_of

ARGUMENTS = [
    "--no-sandbox",
    "--process-per-site",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = executable.path()
    if path is None:
        reason = "no Chromium: install it (apt-get install chromium), or name one in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(sqlite_copies: SqliteCopies) -> Iterator[Site]:
    with site_at(sqlite_copies, NOW) as site:
        yield site


@contextmanager
def site_at(copies: SqliteCopies, at: datetime) -> Iterator[Site]:
    """The office of the demo world, its clock standing at an instant."""
    with (
        copy_of(copies) as address,
        serving(address, at=at) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client,
        Database(address) as db,
    ):
        yield Site(db, client, address, server)


@pytest.fixture
def browse(chromium: Browser, site: Site) -> Iterator[Browsers]:
    with browsers_of(chromium, site) as browsers:
        yield browsers


@contextmanager
def browsers_of(chromium: Browser, site: Site) -> Iterator[Browsers]:
    """Opens browsers; in the end none of them may have met an error of the console, of a script, or another host."""
    browsers = Browsers(chromium, site)
    yield browsers
    browsers.close()
    assert not browsers.problems
