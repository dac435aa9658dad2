"""Meetings as entries: the same in feeds and in invitations by mail."""

from __future__ import annotations

from datetime import datetime

import msgspec

from app import clock
from app.calendars.cleaning import one_line
from app.calendars.entries import Entry, Level, Names, cancelled, text
from app.spans import Span
from app.texts import N_, Words

MOST_NAMES = 20
CANCELLED = N_("Dibatalkan: {title}")


class MeetingFacts(msgspec.Struct, frozen=True):
    """What an entry says of a meeting. ``zone`` is the host's, ``zones`` are those of all places that take part; ``rooms`` are
    worded, "Ruang Mahakam, Menara A · Lantai 4, Nusantara". ``changed_at`` is when it or one of its rooms last changed."""

    id: int
    title: str
    agenda: str
    letter: str
    link: str
    organiser: str
    span: Span
    zone: str
    zones: tuple[str, ...]
    host: str
    rooms: tuple[str, ...]
    attendees: tuple[str, ...]
    is_cancelled: bool
    sequence: int
    changed_at: datetime


def meeting(about: MeetingFacts, names: Names, said: Words, *, level: Level = "full", alarm: bool = False) -> Entry:
    """``basic`` is title, time and place; ``full`` adds who, what about, and the link. Busy is ``entries.as_busy`` of it."""
    full = level == "full"
    times = both_times(about.span, about.zone, about.zones, said)
    entry = Entry(
        names.uid("meeting", about.id),
        about.sequence,
        about.changed_at,
        one_line(about.title),
        span=about.span,
        zone=about.zone,
        description=text(times, *(_details(about, said) if full else ())),
        location=one_line("; ".join(about.rooms) or about.host),
        url=names.link(f"/rapat/{about.id}"),
        link=about.link if full else "",
        alarm_minutes=10 if alarm else None,
    )
    return cancelled(entry, said.say(CANCELLED)) if about.is_cancelled else entry


def both_times(span: Span, zone: str, others: tuple[str, ...], said: Words) -> str:
    """09.00-10.00 WITA / 08.00-09.00 WIB: the host's clock first, then each other that differs."""
    first = clock.zone_name(zone)
    rest = sorted({clock.zone_name(other): other for other in others if clock.zone_name(other) != first}.items())
    return " / ".join(said.hours(span, each) for each in (zone, *(other for _, other in rest)))


def _details(about: MeetingFacts, said: Words) -> list[str]:
    parts = [said.say(N_("Tautan rapat: {link}"), link=about.link)] if about.link else []
    parts.append(about.agenda)
    parts.append(said.say(N_("Penyelenggara: {name}"), name=about.organiser))
    if about.letter:
        parts.append(said.say(N_("Nomor surat undangan: {letter}"), letter=about.letter))
    if about.attendees:
        parts.append(said.say(N_("Peserta: {names}"), names=_listed(about.attendees, said)))
    return parts


def _listed(attendees: tuple[str, ...], said: Words) -> str:
    shown = ", ".join(attendees[:MOST_NAMES])
    more = len(attendees) - MOST_NAMES
    return said.say(N_("{names}, dan {n} lainnya"), names=shown, n=more) if more > 0 else shown
