"""Policies of the whole nation: what the regulations say, and our own defaults where they leave it open. Seeds only; from
then on the table is what holds, and people change it.

The regulations are cited as the press cites them: whoever deploys checks the rows against the texts.
"""

from __future__ import annotations

from datetime import date

from app.scheduling.policy_kinds import (
    Approval,
    Eligibility,
    Excluded,
    FlexibleDays,
    Hours,
    Letter,
    Notice,
    PersonRule,
    Policy,
    WeekdayMode,
)
from app.scheduling.rules import Mode

_PERMEN, _OURS = "PermenPANRB 4/2025", "Pengaturan awal Selaras"
_IN_FORCE = date(2025, 4, 21)


def _policy(
    rule: PersonRule, basis: str, from_on: date = _IN_FORCE, until_on: date | None = None, name: str = ""
) -> Policy:
    return Policy(0, basis, from_on, until_on, None, None, rule, name)


POLICIES = (
    _policy(FlexibleDays(2), _PERMEN, name="Paling banyak dua hari fleksibel sepekan"),
    _policy(Eligibility(), _PERMEN, name="Syarat pegawai"),
    _policy(Excluded(unit_kinds=("direct-service",)), "SE PANRB 1/2024, SE PANRB 3/2026", name="Layanan langsung"),
    # Extended on 21 May 2026 for two months at least. Whether it held on is to be confirmed: then its end is moved.
    _policy(
        WeekdayMode(5, Mode.WFH),
        "SE PANRB 3/2026",
        date(2026, 4, 1),
        date(2026, 7, 21),
        "Jumat bekerja dari rumah (pastikan perpanjangannya)",
    ),
    _policy(Letter(), _OURS, name="Nomor surat tugas"),
    _policy(Notice(1), _OURS, name="Tenggang pengajuan"),
    _policy(Hours(), "Perpres 21/2023, Pasal 9", name="Jam kerja sepekan"),
    _policy(Approval(("superior",)), _PERMEN, name="Atasan langsung menyetujui"),
)
