"""Words of the slot finder: why somebody can't, and why a slot ranks where it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app import clock
from app.meetings.slot_shapes import MissingOut, SlotOut
from app.meetings.slots import Code, Reason, Why
from app.texts import N_, Words

WHY = {
    Why.DAY_OFF: N_("hari libur"),
    Why.LEAVE: N_("cuti"),
    Why.TRAVEL: N_("dinas luar"),
    Why.OUTSIDE_HOURS: N_("di luar jam kerja"),
    Why.FRIDAY_PRAYER: N_("salat Jumat"),
    Why.BREAK: N_("istirahat"),
    Why.MEETING: N_("rapat lain"),
    Why.BUSY: N_("ada acara lain"),
    Why.UNAVAILABLE: N_("tidak tersedia"),
}
REASONS = {
    Code.ALL_REQUIRED: N_("Semua peserta wajib dapat hadir ({n})"),
    Code.REQUIRED_MISSING: N_("{n} peserta wajib berhalangan"),
    Code.ALL_OPTIONAL: N_("Semua peserta opsional dapat hadir ({n})"),
    Code.OPTIONAL_MISSING: N_("{n} peserta opsional berhalangan"),
    Code.ACROSS_ASAR: N_("Melintasi waktu asar; sisipkan jeda"),
    Code.LATE_IN_RAMADAN: N_("Berakhir sesudah jam kerja bersama bulan Ramadan"),
    Code.EDGE_OF_DAY: N_("Dekat awal atau akhir hari kerja di {site}"),
    Code.BY_LINK: N_("{n} peserta bergabung melalui tautan"),
}
TONES = {Code.ALL_REQUIRED: "good", Code.ALL_OPTIONAL: "good", Code.BY_LINK: "aside"}
"""What speaks for a slot, and what is only told; all else speaks against it."""
MOST_NAMED = 6


def reasons(slot: SlotOut, sites: Mapping[int, str], said: Words) -> tuple[tuple[str, str], ...]:
    """The tone of each (good, but, aside), and its words."""
    return tuple((TONES.get(one.code, "but"), _reason(one, sites, said)) for one in slot.reasons)


def _reason(one: Reason, sites: Mapping[int, str], said: Words) -> str:
    facts = {"n": one.count, "site": sites.get(one.site_id or 0, "")}
    return said.say(REASONS[one.code], **facts)


def absent(missing: Sequence[MissingOut], zone: str, said: Words) -> tuple[str, ...]:
    """Who can't, why and until when; those who are required first, of many only how many more."""
    ordered = sorted(missing, key=lambda one: not one.required)
    lines = [_absent(one, zone, said) for one in ordered[:MOST_NAMED]]
    if (more := len(ordered) - MOST_NAMED) > 0:
        lines.append(said.count(N_("dan {n} orang lagi"), N_("dan {n} orang lagi"), more))
    return tuple(lines)


def _absent(one: MissingOut, zone: str, said: Words) -> str:
    name = one.name if one.required else said.say(N_("{name} (opsional)"), name=one.name)
    text = N_("{name}: {why} sampai {until}")
    until = f"{said.short_day(clock.local_date(one.until, zone))} {said.time(one.until, zone)}"
    return said.say(text, name=name, why=said.say(WHY[one.why]), until=until)
