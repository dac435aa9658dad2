"""What days off, hours and policies are called on the pages of those who keep them."""

from __future__ import annotations

from typing import Any

import msgspec

from app.scheduling.board_words import MODES
from app.texts import N_, Words

DAY_KINDS = {
    "national-holiday": N_("Libur nasional"),
    "collective-leave": N_("Cuti bersama"),
    "election": N_("Hari pemungutan suara"),
    "local": N_("Libur setempat"),
}
STATES = {"estimated": N_("Perkiraan"), "fixed": N_("Ditetapkan"), "cancelled": N_("Tidak berlaku")}
SEASONS = {"ramadan": N_("Ramadan")}
WEEKDAYS = {
    "1": N_("Senin"),
    "2": N_("Selasa"),
    "3": N_("Rabu"),
    "4": N_("Kamis"),
    "5": N_("Jumat"),
    "6": N_("Sabtu"),
    "7": N_("Minggu"),
}
LEVELS = {
    "jpt-utama": N_("JPT utama"),
    "jpt-madya": N_("JPT madya"),
    "jpt-pratama": N_("JPT pratama"),
    "administrator": N_("Administrator"),
    "pengawas": N_("Pengawas"),
    "fungsional": N_("Fungsional"),
    "pelaksana": N_("Pelaksana"),
}
UNIT_KINDS = {"direct-service": N_("Layanan langsung"), "support": N_("Dukungan operasional")}
PARTS = {"day": N_("Pagi dan siang"), "am": N_("Pagi"), "pm": N_("Siang")}
CHAINS = {
    "superior": N_("Atasan langsung"),
    "superior head": N_("Atasan langsung, lalu pimpinan unit"),
    "head": N_("Pimpinan unit"),
}

POLICIES = {
    "flexible-days": N_("Batas hari fleksibel"),
    "allowed-modes": N_("Cara kerja yang diizinkan"),
    "weekday-mode": N_("Cara kerja hari tertentu"),
    "excluded": N_("Pengecualian unit atau jenjang"),
    "eligibility": N_("Syarat pegawai"),
    "office-days": N_("Hari minimum di kantor"),
    "core-hours": N_("Jam inti"),
    "notice": N_("Tenggang pengajuan"),
    "hours": N_("Pemenuhan jam kerja"),
    "letter": N_("Surat tugas"),
    "approval": N_("Persetujuan"),
    "least-on-site": N_("Kehadiran minimum di kantor"),
    "most-away": N_("Batas bekerja di tempat lain"),
    "decision-maker": N_("Pejabat pengambil keputusan"),
    "not-together": N_("Tidak bersamaan di luar kantor"),
}
"""Kinds of policy, by the tag of their rule."""

SETTINGS = {
    "most": N_("Paling banyak (hari sepekan)"),
    "counts": N_("Yang dihitung"),
    "norm_counts": N_("Hari yang ditetapkan ikut dihitung"),
    "modes": N_("Cara kerja"),
    "mode": N_("Cara kerja"),
    "weekday": N_("Hari"),
    "weekdays": N_("Hari"),
    "required": N_("Beri peringatan jika berbeda"),
    "unit_kinds": N_("Jenis unit"),
    "levels": N_("Jenjang jabatan"),
    "least": N_("Sekurang-kurangnya (hari)"),
    "starts": N_("Mulai pukul"),
    "ends": N_("Sampai pukul"),
    "days": N_("Hari sebelumnya"),
    "tolerance": N_("Toleransi (menit)"),
    "chain": N_("Diputuskan oleh"),
    "automatic": N_("Setujui otomatis jika memenuhi semua aturan"),
    "count": N_("Jumlah orang"),
    "percent": N_("Persen"),
    "duty": N_("Tugas"),
    "part": N_("Bagian hari"),
    "site_id": N_("Lokasi"),
    "site_ids": N_("Lokasi"),
    "people": N_("Pegawai"),
}
"""Settings of policies, by field."""


def clock(minute: int, said: Words) -> str:
    """07.30; past midnight it counts from there, as the day's work does."""
    text = f"{minute // 60 % 24:02}.{minute % 60:02}" if minute != 1440 else "24.00"
    return text if said.language == "id" else text.replace(".", ":")


def weekdays(digits: str, said: Words) -> str:
    """Senin-Kamis, or the days one by one where they have gaps."""
    days = sorted(set(digits))
    names = [said.say(WEEKDAYS[day]) for day in days]
    if len(days) > 2 and int(days[-1]) - int(days[0]) == len(days) - 1:
        return f"{names[0]}–{names[-1]}"
    return ", ".join(names)


def settings(rule: msgspec.Struct, said: Words, sites: dict[int, str]) -> str:
    """The settings of a rule in a line."""
    found = []
    for name, value in msgspec.structs.asdict(rule).items():
        if (words := _value(name, value, said, sites)) is not None:
            found.append(f"{said.say(SETTINGS[name])}: {words}" if words else said.say(SETTINGS[name]))
    return " · ".join(found)


def _value(name: str, value: Any, said: Words, sites: dict[int, str]) -> str | None:
    """The value in words; empty where the name alone says it, None where there is nothing to say."""
    if value is True:
        return ""
    if value in (False, None, (), "", 0) and name != "most":
        return None
    if name in ("counts", "modes"):
        return ", ".join(said.say(MODES[mode.value]) for mode in value)
    if name == "chain":
        return said.say(CHAINS.get(" ".join(value), " ".join(value)))
    if name in ("starts", "ends"):
        return clock(value, said)
    if name == "weekdays":
        return weekdays(value, said)
    if name == "site_ids":
        return ", ".join(sites.get(id, str(id)) for id in value)
    if name == "people":
        return str(len(value))
    known = {"mode": MODES, "weekday": WEEKDAYS, "part": PARTS, "levels": LEVELS, "unit_kinds": UNIT_KINDS}
    if name in ("levels", "unit_kinds"):
        return ", ".join(said.say(known[name][word]) for word in value)
    if name in known:
        return said.say(known[name][str(getattr(value, "value", value))])
    return sites.get(value, str(value)) if name == "site_id" else str(value)
