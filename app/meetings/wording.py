"""Words about meetings for one reader."""

from __future__ import annotations

from collections.abc import Iterable

from app import clock
from app.meetings.shapes import RoomOut
from app.spans import Span
from app.texts import N_, Words

REPLIES = {
    "attending": N_("Hadir"),
    "not-attending": N_("Tidak hadir"),
    "represented": N_("Diwakili"),
    "": N_("Belum menjawab"),
}
COUNTED = {
    "attending": (N_("{n} hadir"), N_("{n} hadir")),
    "not-attending": (N_("{n} tidak hadir"), N_("{n} tidak hadir")),
    "represented": (N_("{n} diwakili"), N_("{n} diwakili")),
    "open": (N_("{n} belum menjawab"), N_("{n} belum menjawab")),
}
"""Replies of a site's attendees, in the order in which they are said."""


def hours(span: Span, zone: str, others: Iterable[str], said: Words) -> str:
    """13.00-14.00 WITA (12.00-13.00 WIB), for where the day stands beside it. A meeting over midnight says its days."""
    if clock.local_date(span.starts_at, zone) != clock.local_date(span.ends_at, zone):
        return when(span, zone, others, said)
    beside = ", ".join(said.hours(span, other) for other in apart(zone, others))
    return f"{said.hours(span, zone)} ({beside})" if beside else said.hours(span, zone)


def when(span: Span, zone: str, others: Iterable[str], said: Words) -> str:
    """Sel 24 Nov · 13.00-14.00 WITA (12.00-13.00 WIB)"""
    first, *more = apart(zone, others) or [zone]
    return said.when(span, zone, first) + "".join(f" ({said.hours(span, other)})" for other in more)


def apart(zone: str, others: Iterable[str]) -> list[str]:
    """Those of ``others`` whose clocks go by another name than that of ``zone``, each name once."""
    named = {clock.zone_name(other): other for other in others}
    named.pop(clock.zone_name(zone), None)
    return list(named.values())


def room_state(room: RoomOut, said: Words) -> str:
    """How a room stands: the room keeper's word where there is one."""
    if room.approval == "refused":
        return said.say(N_("Ditolak pengelola ruang"))
    if room.state == "released":
        return said.say(N_("Dilepas karena tidak lapor masuk"))
    if room.approval == "asked":
        return said.say(N_("Menunggu pengelola ruang"))
    if room.approval == "approved":
        return said.say(N_("Disetujui pengelola ruang"))
    return said.say(N_("Selesai") if room.state == "completed" else N_("Dipesan"))


def tally(counts: dict[str, int], said: Words) -> str:
    """3 hadir · 1 belum menjawab"""
    return " · ".join(said.count(*COUNTED[key], counts[key]) for key in COUNTED if counts.get(key))
