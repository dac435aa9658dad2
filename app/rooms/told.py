"""What has just been done to a booking, in the words of the page that comes after it. What is not so any more is not said: pages
are read again, and gone back to."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.errors import Refused
from app.people.access import Actor
from app.rooms import service, today_view, waiting_view, wording
from app.texts import N_, Words
from app.views import Notice

DONE = {
    "booked": N_("Meja {desk} Anda pesan: {when}."),
    "for-other": N_("Meja {desk} dipesankan: {when}."),
    "moved": N_("Pesanan dipindahkan ke meja {desk}: {when}."),
    "checked-in": N_("Anda sudah lapor masuk di meja {desk}. Selamat bekerja."),
    "completed": N_("Anda sudah lapor keluar. Meja {desk} kini kosong."),
    "cancelled": N_("Meja {desk} dilepas dan dapat dipakai orang lain."),
    "restored": N_("Meja {desk} kembali menjadi milik Anda: {when}."),
}
ROOM_VERBS = {"for-other": "booked", "moved": "changed"}
PROOF = {
    "checked-in": ("checked-in",),
    "completed": ("completed",),
    "cancelled": ("cancelled", "completed"),
}
"""By what was done: the states that prove it. All else needs a booking that stands."""
STANDS = ("booked", "checked-in")


def notice(
    session: Session, actor: Actor, said: Words, told: tuple[str, int] | None, *, acts: str = "/pesanan"
) -> Notice | None:
    """``told``: what was done, and the id of the booking or the wait; ``acts``: where forms about bookings go."""
    if told is None:
        return None
    verb, about = told
    if verb in waiting_view.DONE:
        return waiting_view.notice(session, actor, said, verb, about)
    try:
        booking = service.booking_for(session, actor, about)
    except Refused:
        return None
    if booking.state not in PROOF.get(verb, STANDS):
        return None
    when = said.when(booking.span, booking.zone, today_view.zone_of(session, actor))
    undo = ""
    if verb in ("booked", "for-other", "restored") and booking.state == "booked":
        undo = f"{acts}/{booking.id}/batal"
    elif verb == "cancelled" and booking.state == "cancelled":
        undo = f"{acts}/{booking.id}/pulihkan"
    if booking.kind == "room":
        return Notice("ok", wording.room_done(ROOM_VERBS.get(verb, verb), booking, when, said), undo=undo)
    return Notice("ok", said.say(DONE[verb], desk=booking.space, when=when), undo=undo)
