"""What the week planner calls states, steps and outcomes."""

from __future__ import annotations

from app.scheduling.rules import DayState
from app.texts import N_

STATES = {
    None: N_("Belum direncanakan"),
    DayState.DRAFT: N_("Draf"),
    DayState.SUBMITTED: N_("Menunggu persetujuan"),
    DayState.APPROVED: N_("Disetujui"),
    DayState.RETURNED: N_("Dikembalikan"),
    DayState.REVOKED: N_("Persetujuan dicabut"),
}
AUTOMATIC = N_("Disetujui otomatis")
OVER = N_("Sudah lewat")

STEPS = {
    "planned": N_("Rencana disimpan"),
    "submitted": N_("Diajukan"),
    "withdrawn": N_("Pengajuan ditarik kembali"),
    "passed-on": N_("Disetujui dan diteruskan ke pejabat berikutnya"),
    "approved": N_("Disetujui"),
    "returned": N_("Dikembalikan"),
    "revoked": N_("Persetujuan dicabut"),
}
"""Verbs of the journal about a week."""

DONE = {
    "saved": N_("Rencana pekan ini tersimpan sebagai draf."),
    "submitted": N_("Rencana diajukan kepada {names}."),
    "approved": N_("Rencana berlaku. Semua hari sudah disetujui."),
    "copied": N_("Pola pekan lalu disalin. Periksa, lalu ajukan."),
    "nothing-copied": N_("Tidak ada pola pekan lalu yang dapat disalin ke pekan ini."),
    "withdrawn": N_("Pengajuan ditarik kembali dan menjadi draf lagi."),
}
WITHOUT_DESK = N_("Meja untuk {days} tidak dapat dipesankan. Pilih meja lain di denah.")
APPLIED = N_("Usul diterapkan, tetapi belum disimpan.")

NOBODY_PLANNED = N_("Pekan ini belum direncanakan. Hari tanpa rencana dihitung bekerja di kantor sendiri.")
SETTLED = N_("Rencana pekan ini sudah disetujui.")
WAITS = N_("Menunggu keputusan {names}.")
AT_ONCE = N_("Langsung berlaku: semua hari di kantor sendiri atau tidak memerlukan persetujuan.")
BY_RULES = N_("Langsung disetujui otomatis: rencana memenuhi semua aturan.")
ASKS = N_("Diajukan kepada {names}.")
DESPITE = N_("Kehadiran tim akan di bawah batas. {names} yang memutuskan.")
BARRED = N_("Perbaiki dahulu yang ditandai di bagian Aturan.")

SUBMIT = N_("Ajukan")
SUBMIT_TO = N_("Ajukan ke {name}")
SUBMIT_AT_ONCE = N_("Simpan dan berlakukan")
SUBMIT_DESPITE = N_("Tetap ajukan ke {name}")
ACTING = N_("{name} (Plh. {acting_for})")
OR = N_("atau")
STALE = N_(
    "Rencana ini sudah diubah di tempat lain sejak Anda membukanya. Di bawah ini keadaan terakhir; ulangi perubahan Anda."
)
