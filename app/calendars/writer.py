"""The only place that writes iCalendar (RFC 5545), one VEVENT at a time: a feed is a constant head, VEVENTs, and a tail.

icalendar does the writing. What it would do differently at each call, or wrong, is not asked of it: no random UID, no "now",
no zones of its own choice (their order follows the process's hash seed), and no text that wasn't cleaned. ``VERSION`` changes
whenever the same entry is written differently, so that nobody keeps what an older release wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import msgspec

from app import clock
from app.calendars.cleaning import one_line
from app.calendars.entries import Entry

VERSION = 1
MEDIA_TYPE = "text/calendar"
ZONES = ("Asia/Jakarta", "Asia/Makassar")
"""Zones that every head declares. Clients take an undeclared one for UTC, or refuse the whole feed."""
REFRESH = timedelta(hours=1)
TAIL = b"END:VCALENDAR\r\n"
_SINCE = datetime(1970, 1, 1)  # noqa: DTZ001 - a zone's rules begin by its own wall

PartStat = Literal["NEEDS-ACTION", "ACCEPTED", "DECLINED", "DELEGATED"]


class Party(msgspec.Struct, frozen=True):
    """An organiser or attendee of an invitation by mail (RFC 5546). Feeds have none: clients would offer to reply."""

    name: str
    email: str
    part: PartStat = "NEEDS-ACTION"
    required: bool = True
    rsvp: bool = False
    delegated_to: str = ""
    delegated_from: str = ""
    sent_by: str = ""
    """e-mail of whoever sends in the organiser's name"""


def vevent(entry: Entry, *, organiser: Party | None = None, attendees: Sequence[Party] = ()) -> bytes:
    """An entry as written, each line folded at 75 octets; with an organiser and attendees for an invitation."""
    from icalendar import Event  # noqa: PLC0415 - a start without a fetch need not load it

    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    _when(event, entry)
    for name, value in (
        ("summary", one_line(entry.summary)),
        ("description", entry.description),
        ("location", one_line(entry.location)),
    ):
        if value:  # an empty one is an error to libical
            event.add(name, value)
    if entry.url:
        event.add("url", one_line(entry.url))
    if entry.link:
        event.add("conference", one_line(entry.link), parameters={"VALUE": "URI", "FEATURE": "VIDEO"})
    if entry.categories:
        event.add("categories", [one_line(category) for category in entry.categories])
    event.add("status", entry.status)
    event.add("transp", "TRANSPARENT" if entry.busy == "FREE" else "OPAQUE")
    event.add("x-microsoft-cdo-busystatus", entry.busy)
    if organiser is not None:
        event.add("organizer", _address(organiser, attends=False))
    for attendee in attendees:
        event.add("attendee", _address(attendee, attends=True))
    if entry.alarm_minutes is not None:
        event.add_component(_alarm(entry))
    return bytes(event.to_ical())


def head(*, name: str, description: str = "", zones: Iterable[str] = (), method: str = "") -> bytes:
    """Everything before the first VEVENT. ``method`` is for mail alone: a feed with one is refused by some clients.

    There is no UID of the calendar (vdirsyncer takes the whole for one event then) and no SOURCE (it would hold the secret
    address).
    """
    from icalendar import Calendar, vText  # noqa: PLC0415

    calendar = Calendar()
    calendar.add("prodid", "-//Selaras//Kalender//ID")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    else:
        for property_ in ("name", "x-wr-calname"):
            calendar.add(property_, vText(one_line(name)))  # as text: other values are not escaped
        if description:
            for property_ in ("description", "x-wr-caldesc"):
                calendar.add(property_, vText(one_line(description)))
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    for zone in sorted({*ZONES, *(zone for zone in zones if is_steady(zone))}):
        calendar.add_component(_zone(zone))
    return bytes(calendar.to_ical()).removesuffix(TAIL)


def calendar(
    bodies: Iterable[bytes], *, name: str = "", description: str = "", zones: Iterable[str] = (), method: str = ""
) -> bytes:
    """A whole calendar of VEVENTs that ``vevent`` wrote; ``zones`` are those of their entries."""
    return head(name=name, description=description, zones=zones, method=method) + b"".join(bodies) + TAIL


@lru_cache(maxsize=64)
def is_steady(zone: str) -> bool:
    """Whether a zone's clocks have not been changed since 1990, so that one line of VTIMEZONE says all about it. Times of any
    other zone are written in UTC."""
    tz = clock.zone(zone)
    return len({datetime(year, month, 1, tzinfo=tz).utcoffset() for year in range(1990, 2038) for month in (1, 7)}) == 1


# Inside


def _when(event: Any, entry: Entry) -> None:
    if entry.days is not None:
        event.add("dtstart", entry.days[0])
        event.add("dtend", entry.days[1])
        return
    assert entry.span is not None
    event.add("dtstart", _wall(entry.span.starts_at, entry.zone))
    event.add("dtend", _wall(entry.span.ends_at, entry.zone))
    if entry.recurrence is not None:
        event.add("rrule", _rule(entry.recurrence.rule))
        if entry.recurrence.without:
            # of one zone only: a list of two would be labelled with the last
            event.add("exdate", [_wall(instant, entry.zone) for instant in sorted(entry.recurrence.without)])
    if entry.recurs_at is not None:
        event.add("recurrence-id", _wall(entry.recurs_at, entry.zone))


def _wall(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(clock.zone(zone) if is_steady(zone) else UTC)


def _rule(value: str) -> Any:
    from icalendar import vRecur  # noqa: PLC0415

    return vRecur.from_ical(value)


def _alarm(entry: Entry) -> Any:
    from icalendar import Alarm  # noqa: PLC0415

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", one_line(entry.summary) or "Selaras")  # without one, Home Assistant refuses the whole
    alarm.add("trigger", -timedelta(minutes=entry.alarm_minutes or 0))
    return alarm


def _address(party: Party, *, attends: bool) -> Any:
    from icalendar import vCalAddress  # noqa: PLC0415

    address = vCalAddress(f"mailto:{one_line(party.email)}")
    if name := one_line(party.name):
        address.params["CN"] = name
    if party.sent_by:
        address.params["SENT-BY"] = f"mailto:{one_line(party.sent_by)}"
    if attends:
        address.params["CUTYPE"] = "INDIVIDUAL"
        address.params["ROLE"] = "REQ-PARTICIPANT" if party.required else "OPT-PARTICIPANT"
        address.params["PARTSTAT"] = party.part
        address.params["RSVP"] = "TRUE" if party.rsvp else "FALSE"
        for parameter, email in (("DELEGATED-TO", party.delegated_to), ("DELEGATED-FROM", party.delegated_from)):
            if email:
                address.params[parameter] = f"mailto:{one_line(email)}"
    return address


@lru_cache(maxsize=16)
def _zone(name: str) -> Any:
    """A VTIMEZONE of one STANDARD. The full history has offsets to the second, which Outlook on the web refuses."""
    from icalendar import Timezone, TimezoneStandard  # noqa: PLC0415

    offset = datetime(2020, 1, 1, tzinfo=clock.zone(name)).utcoffset()
    standard = TimezoneStandard()
    standard.add("dtstart", _SINCE)
    standard.add("tzoffsetfrom", offset)
    standard.add("tzoffsetto", offset)
    standard.add("tzname", clock.zone_name(name))
    timezone = Timezone()
    timezone.add("tzid", name)
    timezone.add_component(standard)
    return timezone
