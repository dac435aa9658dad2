"""Two walls, one instant: what Jakarta books at half past eleven at night, Nusantara reads as half past midnight."""

import html
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert

from app.rooms import house
from app.rooms.models import HouseRule
from tests.support.office import EMPLOYEE, WIB, at, hours

LATE = date(2026, 12, 10)
ROOT = Path(__file__).parents[1]


@pytest.fixture
def late(office):
    """Somebody posted in Nusantara holds a desk in Jakarta from 23.30 to 24.00 WIB."""

    def open_all_night(session):
        floor = office.floor("JKT-PST-01")
        session.execute(
            insert(HouseRule).values(floor_id=floor, from_on=date(2026, 1, 2), basis="Uji", opens=0, closes=1440)
        )
        house.changed(session)

    office.db.write_here(open_all_night)
    me, desk = office.id_of(EMPLOYEE), office.desks("JKT-PST-01", "A")[0]
    booking = office.booked(me, desk, *hours(LATE, 23.5, 24, WIB))
    return office, me, booking


SAID = {
    "id": ("Kam 10 Des · 23.30–24.00 WIB", "(Jum 11 Des · 00.30–01.00 WITA)"),
    "en": ("Thu 10 Dec · 23:30–24:00 WIB", "(Fri 11 Dec · 00:30–01:00 WITA)"),
}


def page(office, path, who, language):
    answer = office.get(path, who, headers={"Accept-Language": language, "Accept": "text/html"})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", answer.text)))


def test_the_api_says_the_instant_and_the_zone_of_the_place(late):
    _, _, booking = late
    assert (booking["starts_at"], booking["zone"]) == ("2026-12-10T16:30:00Z", WIB)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("path", ["/", "/pesanan", "panel"])
def test_pages_show_both_walls_and_both_dates(late, clock, language, path):
    office, me, booking = late
    clock.set(at(LATE, 21, 0, WIB))
    if path == "panel":
        path = f"/denah?desk={booking['space_id']}&on={LATE}&part=span&from=23:30&until=24:00"
    text = page(office, path, me, language)
    here, there = SAID[language]
    assert there in text, text
    assert here in text, text


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_time_on_a_page_stands_without_its_zone(late, clock, language):
    office, me, _ = late
    clock.set(at(LATE, 21, 0, WIB))
    text = page(office, "/pesanan", me, language)
    sign = "." if language == "id" else ":"
    times = re.findall(rf"\b\d\d\{sign}\d\d\b(?!\s*(?:–|WITA|WIB))", text)
    assert times == []


ASK = """
import json
from datetime import UTC, date, datetime
from app import clock
from app.rooms.rules import HouseRules, day_parts, local_days
from app.spans import Span
from app.texts import words
instant = datetime(2026, 12, 10, 16, 30, tzinfo=UTC)
span = Span(instant, instant.replace(hour=17))
print(json.dumps([
    str(clock.local_date(instant, "Asia/Makassar")), clock.minute_of(instant, "Asia/Jakarta"),
    str(clock.instant_of(date(2026, 11, 1), 90, "Asia/Makassar")),
    words("id").when(span, "Asia/Jakarta", "Asia/Makassar"), words("en").day(date(2026, 11, 1)),
    [str(day) for day in local_days(span, "Asia/Makassar")],
    str(day_parts(date(2026, 11, 1), HouseRules(), "Asia/Jakarta")["day"].starts_at),
    clock.now().tzname(), abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5,
]))
"""


def test_where_the_computer_believes_to_be_changes_nothing():
    told = {}
    for zone in ("UTC", "America/St_Johns", "Asia/Makassar"):
        environment = os.environ | {"TZ": zone}
        done = subprocess.run(
            [sys.executable, "-c", ASK],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        told[zone] = json.loads(done.stdout)
    assert told["UTC"] == told["America/St_Johns"] == told["Asia/Makassar"]
    assert told["UTC"][:3] == ["2026-12-11", 23 * 60 + 30, "2026-10-31 17:30:00+00:00"]
