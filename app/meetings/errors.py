"""What may be refused about meetings."""

from __future__ import annotations

from app.errors import Refused
from app.texts import N_


class MeetingNotNow(Refused):
    """The meeting is in a state in which this can't be done; the fact ``why`` says which."""

    code = "meeting-not-now"
    title = N_("Tidak lagi dapat dilakukan")
    detail = N_("Rapat ini sudah dibatalkan.")
    told_by = "why"
    sentences = {  # noqa: RUF012
        "cancelled": detail,
        "over": N_("Rapat ini sudah selesai."),
        "past": N_("Waktu yang diminta sudah lewat."),
    }


class NoStandIn(Refused):
    """Somebody can't be sent in another's place; the fact ``why`` says why."""

    code = "no-stand-in"
    status = 422
    title = N_("Wakil belum dapat ditetapkan")
    detail = N_("Pilih siapa yang mewakili Anda.")
    told_by = "why"
    sentences = {  # noqa: RUF012
        "nobody": detail,
        "organiser": N_("Penyelenggara tidak dapat diwakili; ubah penyelenggara atau batalkan rapat."),
        "self": N_("Anda tidak dapat mewakili diri sendiri."),
        "already-represented": N_("Pegawai itu sendiri diwakili pada rapat ini."),
    }


class TooManyPeople(Refused):
    """More people than a meeting takes, units counted."""

    code = "too-many-people"
    status = 422
    title = N_("Terlalu banyak peserta")
    detail = N_("Satu rapat paling banyak {most} peserta; yang diundang {invited}.")
