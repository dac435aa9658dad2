"""What may be refused about plans, their approval, and the dated rules."""

from __future__ import annotations

from typing import Any

from app.errors import Refused
from app.scheduling.finding_words import WORDS
from app.texts import N_


class PlanRefused(Refused):
    """A rule says no; the fact ``rule`` says which. ``ways_out`` are days to put instead, each checked to work."""

    code = "plan-refused"
    title = N_("Rencana belum dapat diterima")
    detail = N_("Rencana ini tidak sesuai dengan aturan yang berlaku.")

    told_by = "rule"
    sentences = WORDS


class PastDay(Refused):
    """A day that is over can't be planned otherwise."""

    code = "past-day"
    title = N_("Hari sudah lewat")
    detail = N_("{on} sudah lewat dan tidak dapat direncanakan ulang.")


class NothingToSubmit(Refused):
    code = "nothing-to-submit"
    title = N_("Belum ada yang diajukan")
    detail = N_("Pekan ini belum berisi rencana yang perlu diajukan.")


class NothingToDecide(Refused):
    """The week holds no day in a state that this decision is for."""

    code = "nothing-to-decide"
    title = N_("Tidak ada yang perlu diputuskan")
    detail = N_("Tidak ada hari yang menunggu keputusan ini. Mungkin sudah diputuskan orang lain.")


class ReasonNeeded(Refused):
    """A decision that needs a reason came without; the fact ``why`` says which."""

    code = "reason-needed"
    status = 422
    title = N_("Alasan diperlukan")
    detail = N_("Tuliskan alasan sekurang-kurangnya {least} huruf.")
    told_by = "why"
    sentences = {  # noqa: RUF012
        "returned": detail,
        "coverage": N_(
            "Dengan persetujuan ini kehadiran tim di kantor berada di bawah batas ({have} dari {need}). Untuk tetap menyetujui, "
            "tuliskan alasan sekurang-kurangnya {least} huruf."
        ),
    }


class NotUndoable(Refused):
    """A change of the calendar that was undone already, or that another one has followed."""

    code = "not-undoable"
    title = N_("Tidak dapat dibatalkan")
    detail = N_("Perubahan ini sudah dibatalkan, atau sudah disusul perubahan lain pada tanggal yang sama.")


class AlreadyThere(Refused):
    """The same row is in the table already: a form that was sent twice."""

    code = "already-there"
    title = N_("Sudah ada")
    detail = N_("Aturan yang sama persis sudah tercatat.")


def facts_of(found: Any) -> dict[str, Any]:
    """A finding's facts for a refusal: rule, basis, date and what its sentence mentions."""
    return {"rule": found.rule, "basis": found.basis, "on": found.on, **found.facts}
