"""Notices in the words of one reader, each with where to look further."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from app import clock
from app.notices import Notice
from app.spans import Span
from app.texts import N_, Words
from app.weeks import monday_of, week_of

WORDS = {
    "approval-asked": N_("{name} menunggu keputusan Anda atas rencana {week}."),
    "plan-approved": N_("Rencana Anda untuk {week} disetujui oleh {by}."),
    "plan-returned": N_("Rencana Anda untuk {week} dikembalikan oleh {by}."),
    "plan-revoked": N_("Persetujuan rencana Anda untuk {week} dicabut oleh {by}."),
    "day-off-added": N_("{on} menjadi hari libur: {name}."),
    "day-off-removed": N_("{on} bukan hari libur lagi ({name}). Rencana Anda untuk hari itu berlaku kembali."),
    "season-changed": N_("Jam kerja {from} sampai {until} berubah. Rencana Anda mengikuti jam yang baru."),
    "hours-changed": N_("Jam kerja Anda sejak {from} berubah. Rencana Anda mengikuti jam yang baru."),
    "room-asked": N_("Ruang {space} diminta untuk {when}. Putuskan permohonannya."),
    "room-series-asked": N_("Ruang {space} diminta {dates} kali, mulai {when}. Putuskan permohonannya."),
    "room-approved": N_("Ruang {space} untuk {when} disetujui pengelola ruang."),
    "room-refused": N_("Ruang {space} untuk {when} ditolak pengelola ruang."),
    "room-moved": N_("Pesanan ruang Anda untuk {when} dipindahkan dari {before} ke {space}."),
    "desk-held": N_("Meja {space} ditahan untuk Anda sampai {until}: {when}. Terima, atau lepas."),
    "desk-given": N_("Meja {space} dari daftar tunggu kini milik Anda: {when}."),
    "room-held": N_("Ruang {space} ditahan untuk Anda sampai {until}: {when}. Terima, atau lepas."),
    "room-given": N_("Ruang {space} dari daftar tunggu kini milik Anda: {when}."),
    "meeting-invited": N_("{by} mengundang Anda ke rapat “{title}”: {when}."),
    "meeting-moved": N_("{by} memindahkan rapat “{title}”: {when}."),
    "meeting-changed": N_("{by} mengubah rapat “{title}”: {when}."),
    "meeting-cancelled": N_("{by} membatalkan rapat “{title}”: {when}."),
    "meeting-attending": N_("{by} hadir pada rapat “{title}”: {when}."),
    "meeting-not-attending": N_("{by} tidak hadir pada rapat “{title}”: {when}."),
    "meeting-represented": N_("{by} diwakili {stand_in} pada rapat “{title}”: {when}."),
    "meeting-stand-in": N_("{by} meminta Anda mewakilinya pada rapat “{title}”: {when}."),
}
"""By kind; the facts of the notice are put in."""

DESK = {
    "day-off-added": N_("Meja Anda pada hari itu sudah dilepas."),
    "day-off-removed": N_("Meja Anda pada hari itu dipesan kembali."),
}
"""Said as well where a desk was part of it."""

ROOMS = frozenset({"room-asked", "room-series-asked", "room-approved", "room-refused", "room-moved"})
"""About a room at a time."""

WAITED = frozenset({"desk-held", "desk-given", "room-held", "room-given"})
"""About what came free for somebody on the waiting list."""

OTHER = N_("Ada perubahan yang menyangkut rencana Anda.")
"""For kinds that this version doesn't know."""
WEEK = N_("pekan {monday}")


class News(msgspec.Struct, frozen=True):
    """``detail`` is a reason or a legal basis as somebody wrote it; ``href`` where to look further."""

    text: str
    detail: str
    href: str


def worded(notice: Notice, said: Words) -> News:
    facts = {name: _worded(name, fact, said) for name, fact in notice.facts.items()}
    if notice.kind in ROOMS:
        return News(
            said.say(WORDS[notice.kind], **facts, when=_when(notice.facts, said)), facts["reason"], _room(notice)
        )
    if notice.kind in WAITED:
        until = datetime.fromisoformat(notice.facts.get("held_until") or notice.facts["starts_at"])
        facts |= {"when": _when(notice.facts, said), "until": said.time(until, notice.facts["zone"])}
        return News(said.say(WORDS[notice.kind], **facts), "", "/")
    if notice.kind.startswith("meeting-") and notice.kind in WORDS:
        return News(said.say(WORDS[notice.kind], **facts, when=_when(notice.facts, said)), "", _meeting(notice))
    if said.language == "en" and facts.get("name_en"):
        facts["name"] = facts["name_en"]
    text = said.say(WORDS.get(notice.kind, OTHER), **facts)
    if notice.facts.get("desk"):
        text = f"{text} {said.say(DESK[notice.kind])}"
    week = str(notice.facts.get("week") or _week_of(notice.facts.get("on") or notice.facts.get("from")))
    href = "/tim" if notice.kind == "approval-asked" else f"/pekan/{week}" if week else "/pekan"
    return News(text, str(notice.facts.get("reason") or notice.facts.get("basis") or ""), href)


def _worded(name: str, fact: Any, said: Words) -> str:
    if name == "week":
        return said.say(WEEK, monday=said.plain_date(monday_of(str(fact))))
    if name in ("on", "from", "until") and fact:
        return said.day(date.fromisoformat(str(fact)))
    return str(fact)


def _week_of(on: Any) -> str:
    return week_of(date.fromisoformat(str(on))) if on else ""


def _when(facts: dict[str, Any], said: Words) -> str:
    """Day and hours by the wall of the room."""
    span, zone = Span(*(datetime.fromisoformat(facts[name]) for name in ("starts_at", "ends_at"))), facts["zone"]
    return f"{said.day(clock.local_date(span.starts_at, zone))}, {said.hours(span, zone)}"


def _room(notice: Notice) -> str:
    """Keepers look at that day's bookings, everybody else at the room on that day."""
    starts_at, zone = datetime.fromisoformat(notice.facts["starts_at"]), notice.facts["zone"]
    on = clock.local_date(starts_at, zone).isoformat()
    if notice.kind in ("room-asked", "room-series-asked"):
        return f"/ruang/kelola?on={on}"
    return f"/ruang?on={on}&space={notice.facts['space_id']}" if "space_id" in notice.facts else f"/ruang?on={on}"


def _meeting(notice: Notice) -> str:
    """Who was struck off the list is told that it is cancelled for them: they have no page of it any more."""
    return "/rapat" if notice.kind == "meeting-cancelled" else f"/rapat/{notice.facts['meeting_id']}"
