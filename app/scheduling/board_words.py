"""What the team board calls modes, states and halves of days: as short as its cells are narrow."""

from __future__ import annotations

from datetime import date, timedelta

from app.scheduling.board import UNAVAILABLE
from app.scheduling.rules import DayState, Mode
from app.texts import N_, Words

MODES = {
    Mode.WFO.value: N_("WFO"),
    Mode.WFH.value: N_("WFH"),
    Mode.WFA.value: N_("WFA"),
    Mode.OTHER_OFFICE.value: N_("Kantor lain"),
    Mode.TRAVEL.value: N_("Dinas"),
    Mode.LEAVE.value: N_("Cuti"),
    UNAVAILABLE: N_("Tidak tersedia"),
}
MEANINGS = {
    Mode.WFO.value: N_("bekerja di kantor penempatan"),
    Mode.WFH.value: N_("bekerja dari rumah"),
    Mode.WFA.value: N_("bekerja dari mana saja"),
    Mode.OTHER_OFFICE.value: N_("bekerja di kantor lain"),
    Mode.TRAVEL.value: N_("perjalanan dinas"),
    Mode.LEAVE.value: N_("cuti"),
}
LOOKS = {
    Mode.WFO.value: "wfo",
    Mode.WFH.value: "wfh",
    Mode.WFA.value: "wfa",
    Mode.OTHER_OFFICE.value: "oth",
    Mode.TRAVEL.value: "trv",
    Mode.LEAVE.value: "lv",
    UNAVAILABLE: "lv",
}
STATES = {
    DayState.SUBMITTED: N_("menunggu"),
    DayState.RETURNED: N_("dikembalikan"),
    DayState.DRAFT: N_("draf"),
    DayState.REVOKED: N_("dicabut"),
}
"""An approved day says nothing: that is what a plan is meant to be."""
SIGNS = {DayState.SUBMITTED: "…", DayState.RETURNED: "↩", DayState.DRAFT: "✎", DayState.REVOKED: "×"}
"""What stands for these words where a cell is too narrow for them, as board.css draws it."""
PARTS = {"am": N_("pagi"), "pm": N_("siang")}
DAY_OFF = N_("Libur")


def off_name(name: str, name_en: str, said: Words) -> str:
    """What a day is off for, in the reader's language."""
    return (name_en if said.language == "en" else "") or name or said.say(DAY_OFF)


def week_label(monday: date, said: Words) -> str:
    """Pekan 49 · 30 Nov 2026 – 4 Des 2026"""
    friday = monday + timedelta(days=4)
    starts = said.plain_date(monday)
    if monday.year == friday.year:
        starts = starts.removesuffix(f" {monday.year}")
    week = said.say(N_("Pekan {number}"), number=monday.isocalendar().week)
    return f"{week} · {starts} – {said.plain_date(friday)}"
