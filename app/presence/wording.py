"""Words about presence for one reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app import clock
from app.presence.rules import Avail, Kind, Place, Why
from app.rooms.sitting import SpaceAt
from app.sites import SiteOut
from app.texts import N_, Words

AVAILS: dict[Avail, str] = {
    Avail.AVAILABLE: N_("Tersedia"),
    Avail.MEETING: N_("Dalam rapat"),
    Avail.DND: N_("Fokus"),
    Avail.AWAY: N_("Tidak di tempat"),
    Avail.OFFLINE: N_("Tidak aktif"),
}
KINDS: dict[Kind, str] = {
    Kind.SITE: N_("Di kantor"),
    Kind.HOME: N_("Di rumah"),
    Kind.ELSEWHERE: N_("Di tempat lain"),
    Kind.LEAVE: N_("Cuti"),
    Kind.UNKNOWN: N_("Belum diketahui"),
}
WHYS: dict[str, str] = {
    Why.OVERRIDE.value: N_("disampaikan sendiri"),
    Why.MEETING.value: N_("undangan rapat"),
}
"""What is worth saying of why somebody can or can't be reached."""
PLACES: tuple[tuple[str, str], ...] = (
    ("site", N_("Di kantor")),
    ("home", N_("Di rumah")),
    ("elsewhere", N_("Di tempat lain")),
)
"""What one may say of where one is."""
LENGTHS: tuple[tuple[str, str], ...] = (
    ("30m", N_("30 menit")),
    ("60m", N_("1 jam")),
    ("120m", N_("2 jam")),
    ("", N_("Sampai jam kerja selesai")),
)
"""For how many minutes one may say it, as forms send it; the last for as long as may be."""


def where(place: Place, sites: Mapping[int, SiteOut], spaces: Mapping[int, SpaceAt], said: Words) -> str:
    """Nusantara (IKN) · Meja B-12, Lantai 4"""
    if place.kind is not Kind.SITE or place.site_id is None:
        return said.say(KINDS[place.kind])
    site = sites[place.site_id].name
    desk = spaces.get(place.desk_id or 0)
    return f"{site} · {seat(desk, said)}" if desk else site


def seat(desk: SpaceAt, said: Words) -> str:
    """Meja B-12, Lantai 4"""
    return said.say(N_("Meja {desk}, {floor}"), desk=desk.name, floor=desk.floor)


def until(instant: datetime | None, zone: str, said: Words, *, now: datetime) -> str:
    """sampai 10.30 WITA; on another day than today sampai Sen 30 Nov 10.30 WITA"""
    if instant is None:
        return ""
    on, time = clock.local_date(instant, zone), said.time(instant, zone)
    return said.say(
        N_("sampai {time}"), time=time if on == clock.local_date(now, zone) else f"{said.short_day(on)} {time}"
    )
