"""The form of a meeting: what was typed, what is wrong with it, and what it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import msgspec

from app import clock
from app.cleaning import clean, one_line
from app.ids import hhmm, number
from app.meetings.shapes import MOST_GUESTS, GuestIn, MeetingOut
from app.sites import SiteOut
from app.spans import Span, on_day
from app.texts import N_

FIELDS = {"title": 200, "agenda": 10_000, "letter": 200, "link": 500, "guests": 20_000}
"""Texts and how many letters each may have."""
TIMES = ("on", "from", "until", "zone_site")
_LINK = re.compile(r"https://[^\s]+")
_GUEST = re.compile(r"(?:(?P<name>[^<>@]*?)\s*<)?(?P<email>[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+)>?")
_MINUTE = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class Wanted(msgspec.Struct, frozen=True):
    """What the form asks for, as far as it can be read; ``errors`` by field, in words to be said. ``wall`` is the site by
    whose zone the times are shown: the host, unless they can't be read and stay as they were typed."""

    values: dict[str, str]
    host: SiteOut
    wall: SiteOut
    span: Span | None
    guests: list[GuestIn]
    room_ids: dict[int, int]
    """by site"""
    errors: dict[str, str]


def read(data: Mapping[str, str], places: Mapping[int, SiteOut], own_site: int, *, now: datetime) -> Wanted:
    """The fields as they were sent, or as an address prefilled them; what it leaves out is proposed.

    Times are those of the zone that was shown beside them (``zone_site``), whichever site hosts.
    """
    values = {name: _clean(data.get(name, ""), lines=name in ("agenda", "guests")) for name in FIELDS}
    host = places.get(number(data.get("site_id")) or 0) or places[own_site]
    told = places.get(number(data.get("zone_site")) or 0) or host
    times = {name: data.get(name, "") for name in TIMES} if data.get("on") else _proposed(told, now)
    errors = _problems(values)
    span, problems = _span(times, told)
    errors |= problems
    guests = _guests(values["guests"])
    if guests is None:
        errors["guests"] = N_("Tulis satu surel per baris, misalnya Sinta Dewi <sinta@contoh.go.id>.")
    wall = host if span else told
    shown = as_shown(span, host) if span else times
    return Wanted(
        {**values, **shown, "zone_site": str(wall.id), "site_id": str(host.id)},
        host,
        wall,
        span,
        guests or [],
        room_choices(data, places),
        errors,
    )


def as_shown(span: Span, site: SiteOut) -> dict[str, str]:
    """The fields of a span by a site's wall. An end at midnight or on a later day is shown by its hour."""
    starts, ends = (instant.astimezone(clock.zone(site.zone)) for instant in (span.starts_at, span.ends_at))
    return {"on": f"{starts:%Y-%m-%d}", "from": f"{starts:%H:%M}", "until": f"{ends:%H:%M}"}


def stored(meeting: MeetingOut, site: SiteOut) -> dict[str, str]:
    """The fields of a meeting as it is."""
    guests = "\n".join(f"{guest.name} <{guest.email}>" if guest.name else guest.email for guest in meeting.guests)
    texts = {
        "title": meeting.title,
        "agenda": meeting.agenda,
        "letter": meeting.letter,
        "link": meeting.link,
        "guests": guests,
    }
    rooms = {
        f"room-{room.site_id}": str(room.space_id) for room in meeting.rooms if room.state in ("booked", "checked-in")
    }
    return texts | as_shown(meeting.span, site) | rooms | {"site_id": str(site.id), "zone_site": str(site.id)}


def room_choices(data: Mapping[str, str], places: Mapping[int, SiteOut]) -> dict[int, int]:
    """The chosen room of each site that has one."""
    found = {site_id: number(data.get(f"room-{site_id}")) for site_id in places}
    return {site_id: room_id for site_id, room_id in found.items() if room_id}


def address(span: Span, site: SiteOut, rooms: Mapping[int, int]) -> dict[str, str]:
    """Fields that prefill the form with a time and a room at each site."""
    chosen = {f"room-{site_id}": str(room_id) for site_id, room_id in rooms.items()}
    return {"site_id": str(site.id)} | as_shown(span, site) | chosen


def _clean(text: str, *, lines: bool) -> str:
    """Without what can't be kept or sent; one line unless ``lines``."""
    return clean(text) if lines else one_line(text)


def _problems(values: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    if not values["title"]:
        errors["title"] = N_("Beri rapat ini judul.")
    for name, most in FIELDS.items():
        if len(values[name]) > most:
            errors[name] = N_("Terlalu panjang. Ringkaskan isian ini.")
    if values["link"] and not _LINK.fullmatch(values["link"]):
        errors["link"] = N_("Tautan diawali https:// dan tidak memuat spasi.")
    return errors


def _span(times: Mapping[str, str], site: SiteOut) -> tuple[Span | None, dict[str, str]]:
    errors = {}
    try:
        on = date.fromisoformat(times.get("on", ""))
        if not 2000 <= on.year < 2100:
            raise ValueError(on)
    except ValueError:
        on = None
        errors["on"] = N_("Isikan tanggal, misalnya 2026-12-10.")
    starts, ends = (_minute(times.get(name, "")) for name in ("from", "until"))
    if starts is None:
        errors["from"] = N_("Isikan jam, misalnya 09:00.")
    if ends is None:
        errors["until"] = N_("Isikan jam, misalnya 09:00.")
    if on is None or starts is None or ends is None:
        return None, errors
    ends = ends or 1440
    if ends <= starts:
        return None, {"until": N_("Selesai harus sesudah mulai.")}
    span = on_day(on, starts, ends, site.zone)
    if span.length > timedelta(hours=12):
        return None, {"until": N_("Satu rapat paling lama 12 jam.")}
    return span, {}


def _minute(text: str) -> int | None:
    found = _MINUTE.fullmatch(text[:5])
    return int(found[1]) * 60 + int(found[2]) if found else None


def _guests(text: str) -> list[GuestIn] | None:
    """None if a line is no address."""
    found = []
    for line in (part.strip() for part in re.split(r"[\n,;]", text)):
        if line:
            match = _GUEST.fullmatch(line)
            if not match or len(match["email"]) > 254 or len(match["name"] or "") > 200:
                return None
            found.append(GuestIn(match["email"], match["name"] or ""))
    return found if len(found) <= MOST_GUESTS else None


def _proposed(site: SiteOut, now: datetime) -> dict[str, str]:
    """The next half hour that leaves time to come, within the morning or afternoon of a day."""
    wall = now.astimezone(clock.zone(site.zone)) + timedelta(minutes=60)
    minute = (wall.hour * 60 + wall.minute) // 30 * 30
    on = wall.date()
    if minute > 15 * 60:
        on, minute = on + timedelta(days=1), 9 * 60
    on, minute = (on, max(minute, 8 * 60)) if on.weekday() < 5 else (on + timedelta(days=7 - on.weekday()), 9 * 60)
    ends = minute + 60
    clocks = {"from": hhmm(minute), "until": hhmm(ends)}
    return {"on": on.isoformat(), "zone_site": str(site.id)} | clocks
