"""Feeds from the outside: made by their owner, fetched by whoever has the address."""

import gzip
from datetime import timedelta

import pytest
from icalendar import Calendar

from tests.support.office import ADMIN, EMPLOYEE, HR, SUPERIOR, at, hours
from tests.support.world import QUIET, WIB


def made(office, who, kind="me", **more):
    answer = office.post("/api/feeds", who, json={"kind": kind, "name": "Outlook kantor", **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def path(feed):
    return feed["url"].partition("testserver.local")[2]


def fetched(office, feed, **headers):
    return office.client.get(path(feed), headers=headers)


def entries(answer):
    assert answer.status_code == 200, answer.text
    return Calendar.from_ical(answer.content).walk("VEVENT")


@pytest.fixture
def me(office):
    return office.id_of(EMPLOYEE)


def test_a_feed_shows_bookings_plans_and_meetings_of_its_owner(office, me):
    feed = made(office, me)
    before = entries(fetched(office, feed))
    desk = office.desks()[0]
    booked = office.booked(me, desk)
    found = {str(one["uid"]).partition("@")[0]: one for one in entries(fetched(office, feed))}
    assert len(found) == len(before) + 1
    entry = found[f"booking-{booked['id']}"]
    assert entry["transp"] == "TRANSPARENT"
    assert entry["dtstart"].dt == at(QUIET, 8)
    assert str(entry["dtstart"].dt.tzinfo) == "Asia/Makassar"
    print(fetched(office, feed).text)
