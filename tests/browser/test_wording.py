"""The few words that scripts make are those the server would."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.presence import wording
from app.texts import Language, words
from tests.support.world import NOW, WIB, WITA

pytestmark = pytest.mark.browser

TIMES = Path(__file__).parents[2] / "frontend/src/live/times.js"
TIME_AT = "async ([source, ms, now]) => (await import(`data:text/javascript;base64,${source}`)).timeAt(ms, now)"


@pytest.mark.parametrize("zone", [(WITA, "WITA"), (WIB, "WIB")])
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_time_names_its_day_where_it_is_another(chromium: Browser, language: Language, zone: tuple[str, str]):
    page = chromium.new_page()
    page.set_content(
        f'<html lang="{language}"><i data-presence data-at="{zone[0]}" data-zone-name="{zone[1]}"></i></html>'
    )
    source = base64.b64encode(TIMES.read_bytes()).decode()
    for ahead in (timedelta(), timedelta(hours=14), timedelta(hours=15), timedelta(hours=16), timedelta(days=40)):
        until = NOW + ahead
        said = page.evaluate(TIME_AT, [source, until.timestamp() * 1000, NOW.timestamp() * 1000])
        assert wording.until(until, zone[0], words(language), now=NOW).endswith(f" {said}")
    page.close()
