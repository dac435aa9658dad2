"""What kinds of news are called, and news of bookings in words."""

from __future__ import annotations

from app.mail.rules import Kind, kind_of
from app.texts import N_

KINDS = {
    Kind.INVITATIONS: N_("Undangan rapat"),
    Kind.REPLIES: N_("Jawaban peserta rapat"),
    Kind.DECISIONS: N_("Keputusan atas rencana Anda"),
    Kind.REQUESTS: N_("Permohonan yang menunggu Anda"),
    Kind.ROOMS: N_("Keputusan pengelola ruang"),
    Kind.WAITING: N_("Daftar tunggu"),
    Kind.CALENDAR: N_("Hari libur dan jam kerja"),
    Kind.OTHERS: N_("Pemberitahuan lain"),
}
BOOKING = N_("Perubahan pesanan Anda")
BOOKINGS = {
    "booking-released": N_("{space} dilepas karena Anda tidak lapor masuk: {when}."),
    "booking-cancelled": N_("Pesanan Anda dibatalkan: {space}, {when}."),
    "booking-changed": N_("Pesanan Anda dipindahkan dari {space_before}, {when_before}, ke {space}, {when}."),
    "booking-restored": N_("Pesanan Anda berlaku kembali: {space}, {when}."),
}


def title(news: str) -> str:
    """What a piece of news is called where its content isn't told; to be translated."""
    return BOOKING if news in BOOKINGS else KINDS[kind_of(news)]
