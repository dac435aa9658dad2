"""What findings, shortfalls and ways out are called to people."""

from __future__ import annotations

from app.texts import N_

WORDS = {
    "day-off": N_("{on} adalah hari libur: {name}. Hari itu tidak perlu direncanakan."),
    # About one person's week
    "flexible-days": N_("Kerja fleksibel paling banyak {most} hari sepekan; sudah {used} dari {most} terpakai."),
    "allowed-modes": N_("Cara kerja yang dipilih untuk {on} tidak termasuk yang diizinkan."),
    "weekday-mode": N_("Untuk {on} sudah ditetapkan cara kerja lain daripada yang direncanakan."),
    "excluded": N_("Unit kerja atau jenjang jabatan ini dikecualikan dari cara kerja yang dipilih untuk {on}."),
    "eligibility": N_("Syarat kerja fleksibel untuk {on} belum terpenuhi. Silakan menghubungi pengelola kepegawaian."),
    "office-days": N_(
        "Pekan ini perlu sekurang-kurangnya {need} hari kerja penuh di kantor; baru {have} yang direncanakan."
    ),
    "core-hours": N_("Rencana {on} belum mencakup jam inti, {starts}–{ends} waktu setempat."),
    "notice": N_("Kerja fleksibel pada {on} perlu diajukan sekurang-kurangnya {days} hari sebelumnya."),
    "hours": N_("Jam kerja yang direncanakan pekan ini kurang {missing} menit dari kewajiban."),
    "letter": N_("Rencana {on} memerlukan nomor surat tugas."),
    # About a unit's presence
    "least-on-site": N_(
        "Pada {on} hanya {have} orang yang berada di kantor, sedangkan sekurang-kurangnya {need} diperlukan."
    ),
    "most-away": N_(
        "Pada {on} ada {away} orang yang bekerja di tempat lain, sedangkan paling banyak {most} ({percent}%)."
    ),
    "decision-maker": N_("Pada {on} tidak ada pejabat pengambil keputusan di salah satu kantor yang mewajibkannya."),
    "not-together": N_("Pada {on} tidak boleh lebih dari satu orang di antara mereka berada di luar kantor: {names}."),
}
"""By the tag of the rule. The facts of the finding or shortfall are put in, with its date as ``on``."""

ACTIONS = {
    "office-day": N_("Bekerja di kantor"),
    "all-office": N_("Bekerja di kantor pada semua hari yang tersisa"),
    "move": N_("Pindahkan ke hari lain"),
    "change-mode": N_("Ganti cara kerja"),
    "drop-day": N_("Kosongkan hari itu"),
    "whole-day": N_("Penuhi seluruh jam kerja hari itu"),
}
"""Ways out by their action; the edge names the days."""
