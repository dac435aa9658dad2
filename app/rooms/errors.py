"""What may be refused about places and bookings."""

from __future__ import annotations

from app.errors import Refused
from app.rooms.rules import Hindrance
from app.texts import N_

NONE_FREE = "none-free"
"""The hindrance of a desk near the team where the whole site has none."""

WORDS: dict[str, str] = {
    Hindrance.PAST: N_("Waktu yang diminta sudah lewat."),
    Hindrance.NOT_OFFERED: N_("{space} tidak disediakan untuk dipesan."),
    Hindrance.TOO_FAR_AHEAD: N_("Pemesanan dibuka paling jauh {days} hari ke depan, sampai {last_on}."),
    Hindrance.TOO_LONG: N_("Satu pemesanan paling lama {hours} jam."),
    Hindrance.DAY_OFF: N_("{on} adalah hari libur di tempat ini. {name}"),
    Hindrance.OUTSIDE_HOURS: N_("Di luar jam buka tempat ini: {opens}–{closes}."),
    Hindrance.CLOSED: N_("{space} ditutup sampai {until}: {reason}."),
    Hindrance.NOT_ALLOTTED: N_("{space} ada di area yang diperuntukkan bagi unit lain pada tanggal itu."),
    Hindrance.TAKEN: N_("{space} baru saja atau sudah dipesan pada waktu itu."),
    Hindrance.TURNAROUND: N_("{space} perlu {minutes} menit untuk disiapkan antara dua pemesanan."),
    NONE_FREE: N_("Tidak ada meja kosong untuk Anda di {space} pada waktu itu."),
    Hindrance.HAS_DESK: N_("Sudah ada meja lain pada waktu itu: {other}. Satu orang satu meja."),
}


class NotBookable(Refused):
    """The rules say no, or somebody got there first; the fact ``hindrance`` says which, ``ways_out`` what works instead."""

    code = "not-bookable"
    title = N_("Tidak dapat dipesan")
    detail = WORDS[Hindrance.TAKEN]
    told_by = "hindrance"
    sentences = WORDS


class NotNow(Refused):
    """The booking is in a state, or the clock at a time, in which this can't be done; the fact ``why`` says which."""

    code = "not-now"
    title = N_("Belum atau tidak lagi dapat dilakukan")
    detail = N_("Pemesanan ini sudah berakhir.")
    told_by = "why"
    sentences = {  # noqa: RUF012
        "ended": detail,
        "too-early": N_("Lapor masuk dibuka mulai {opens_at}."),
        "meeting": N_("Ruang ini dipesan untuk rapat; ubah atau batalkan rapatnya."),
        "not-checked-in": N_("Anda belum lapor masuk untuk pemesanan ini."),
        "checked-in": N_("Anda sudah lapor masuk; tempat dan waktu mulai tidak dapat diubah lagi."),
    }


class CannotWait(Refused):
    """There is nothing to wait for; the fact ``why`` says why not. What is free can be booked: ``ways_out``."""

    code = "cannot-wait"
    title = N_("Tidak perlu menunggu")
    detail = N_("{space} masih kosong pada waktu itu. Silakan langsung memesannya.")
    told_by = "why"
    sentences = {  # noqa: RUF012
        "free": detail,
        "own": N_("{space} sudah menjadi milik Anda pada waktu itu."),
        "waiting": N_("Anda sudah ada dalam daftar tunggu {space} pada waktu itu."),
    }


class NoOffer(Refused):
    """What is asked of a place in the waiting list doesn't fit its state; the fact ``why`` says which."""

    code = "no-offer"
    title = N_("Belum atau tidak lagi ditawarkan")
    detail = N_("Tawaran {space} sudah berakhir dan diteruskan kepada yang berikutnya.")
    told_by = "why"
    sentences = {  # noqa: RUF012
        "in-line": N_("Belum giliran Anda untuk {space}."),
        "over": detail,
        "just-held": N_("{space} baru saja ditahan untuk Anda. Terima, atau lepas untuk yang berikutnya."),
        "taken": N_("{space} sudah Anda terima. Lepas pesanannya bila tidak jadi dipakai."),
    }


class SeriesConflicts(Refused):
    """Some dates of a series can't be had; ``conflicts`` says of each why not, and what would work instead."""

    code = "series-conflicts"
    title = N_("Sebagian tanggal tidak dapat dipesan")
    detail = N_(
        "{conflicting} dari {dates} tanggal tidak dapat dipesan di {space}. Lewati, atau ganti tempat atau waktunya."
    )
