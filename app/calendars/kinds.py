"""What a feed can show, to what depth, and what that reveals in words."""

from __future__ import annotations

from typing import Literal

from app.calendars.entries import Level
from app.texts import N_

Kind = Literal["me", "team", "room", "desk", "area", "series"]
KINDS: tuple[Kind, ...] = ("me", "team", "room", "desk", "area", "series")
USUAL: dict[Kind, Level] = {
    "me": "full",
    "team": "basic",
    "room": "basic",
    "desk": "busy",
    "area": "busy",
    "series": "full",
}
"""The level of a feed for which none is asked."""

NAMES: dict[Kind, str] = {
    "me": N_("Kalender saya"),
    "team": N_("Kalender unit"),
    "room": N_("Kalender ruang"),
    "desk": N_("Kalender meja"),
    "area": N_("Kalender area"),
    "series": N_("Kalender pesanan berulang"),
}
LEVEL_NAMES: dict[Level, str] = {
    "busy": N_("Hanya waktu terisi"),
    "basic": N_("Ringkas"),
    "full": N_("Lengkap"),
}
BUSY = N_("Hanya kapan waktunya terisi: tanpa judul, tempat, dan nama.")
REVEALS: dict[tuple[Kind, Level], str] = {
    ("me", "basic"): N_("Di mana Anda bekerja, meja dan ruang Anda, serta judul, waktu, dan tempat rapat Anda."),
    ("me", "full"): N_(
        "Di mana Anda bekerja, meja dan ruang Anda, serta rapat Anda dengan agenda, tautan, dan nama pesertanya."
    ),
    ("team", "basic"): N_("Nama rekan unit, cara kerja dan kantornya per hari. Alasan tidak tersedia tidak disebut."),
    ("team", "full"): N_(
        "Nama rekan unit, cara kerja, kantor dan jamnya per hari. Alasan tidak tersedia tidak disebut."
    ),
    ("room", "basic"): N_("Kapan ruang terpakai dan oleh unit mana. Unit dari instansi yang tertutup tidak disebut."),
    ("room", "full"): N_(
        "Kapan ruang terpakai, oleh unit mana, dan nama pemesannya; keperluan hanya untuk pemesan dan pengelola ruang."
    ),
    ("desk", "basic"): N_("Kapan meja terpakai dan oleh unit mana; nama pemakainya tidak pernah disebut."),
    ("desk", "full"): N_("Kapan meja terpakai dan oleh unit mana; nama pemakainya tidak pernah disebut."),
    ("area", "basic"): N_("Kapan meja dan ruang di area ini terpakai dan oleh unit mana; tanpa nama."),
    ("area", "full"): N_(
        "Kapan meja dan ruang di area ini terpakai dan oleh unit mana; nama pemesan hanya untuk ruang."
    ),
    ("series", "basic"): N_("Tanggal, jam, dan tempat pesanan berulang ini."),
    ("series", "full"): N_("Tanggal, jam, tempat, dan keperluan pesanan berulang ini."),
}


def reveals(kind: Kind, level: Level) -> str:
    """The sentence that says what whoever has the address gets to know."""
    return REVEALS.get((kind, level), BUSY)
