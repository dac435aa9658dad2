"""Feeds as tests make and fetch them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
from icalendar import Calendar, Event

from app.calendars.public_controllers import Fetches
from tests.support.office import Office


def made(office: Office, who: int, kind: str = "me", **more: Any) -> dict[str, Any]:
    """A new feed of somebody, with its address."""
    answer = office.post("/api/feeds", who, json={"kind": kind, "name": "Outlook kantor", **more})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def path(feed: dict[str, Any]) -> str:
    return "/ical/" + str(feed["url"]).rpartition("/")[2]


def token(feed: dict[str, Any]) -> str:
    return path(feed).removeprefix("/ical/").removesuffix(".ics")


def fetched(office: Office, feed: dict[str, Any], method: str = "GET", **headers: str) -> httpx.Response:
    """As a client that has fetched nothing before, in a process that remembers no fetches."""
    office.client.app.state.fetches = Fetches()
    return office.client.request(
        method, path(feed), headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def entries(answer: httpx.Response) -> Sequence[Event]:
    assert answer.status_code == 200, answer.text
    return Calendar.from_ical(answer.content).walk("VEVENT")  # type: ignore[return-value]


def by_uid(answer: httpx.Response) -> dict[str, Event]:
    """Entries by the first part of their UID: "booking-7"."""
    return {str(one["uid"]).partition("@")[0]: one for one in entries(answer)}
