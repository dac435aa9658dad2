"""Words about desks and bookings for one reader."""

from __future__ import annotations

from datetime import datetime

from app import clock
from app.problems import detail
from app.rooms.bookings import BookingOut
from app.rooms.errors import NotBookable
from app.rooms.ways_out import WayOut as Way
from app.spans import Span
from app.texts import N_, Words
from app.views import Notice, WayOut

STATES = {
    "booked": N_("Dipesan"),
    "checked-in": N_("Sudah lapor masuk"),
    "completed": N_("Selesai"),
    "cancelled": N_("Dibatalkan"),
    "released": N_("Dilepas karena tidak lapor masuk"),
}
DESK_STATES = {
    "free": N_("kosong"),
    "booked": N_("dipesan"),
    "in": N_("terisi"),
    "mine": N_("meja Anda"),
    "off": N_("tidak dapat dipesan"),
}
ATTRIBUTES = {
    "monitor": ("monitor", N_("monitor")),
    "standing": ("arrow-up-down", N_("meja berdiri")),
    "accessible": ("accessibility", N_("aksesibel")),
    "quiet": ("volume-x", N_("area tenang")),
    "window": ("sun", N_("dekat jendela")),
    "video": ("video", N_("konferensi video")),
    "screen": ("presentation", N_("layar")),
    "hearing-loop": ("ear", N_("alat bantu dengar")),
    "hybrid": ("radio", N_("siap rapat hibrida")),
    "near-prayer-room": ("moon-star", N_("dekat musala")),
    "near-nursing-room": ("baby", N_("dekat ruang laktasi")),
}
"""Of desks and rooms: a Lucide icon and the words."""
ROOM_KINDS = {
    "meeting": N_("ruang rapat"),
    "leadership": N_("ruang rapat pimpinan"),
    "teleconference": N_("ruang telekonferensi"),
    "hall": N_("aula"),
    "classroom": N_("ruang kelas"),
    "collaboration": N_("ruang kolaborasi"),
    "focus": N_("ruang fokus"),
    "phone-booth": N_("bilik telepon"),
}
ROOM_DONE = {
    "booked": N_("Ruang {room} Anda pesan: {when}."),
    "changed": N_("Pesanan ruang {room} diubah: {when}."),
    "checked-in": N_("Anda sudah lapor masuk di ruang {room}."),
    "completed": N_("Selesai. Ruang {room} kini kosong."),
    "cancelled": N_("Pesanan ruang {room} dibatalkan; ruangnya dapat dipakai orang lain."),
    "restored": N_("Pesanan ruang {room} berlaku kembali: {when}."),
}
ASKED = N_("Ruang {room} diajukan: {when}. Pengelola ruang yang memutuskan.")
PARTS = {"day": N_("Sehari penuh"), "am": N_("Pagi"), "pm": N_("Siang"), "span": N_("Jam lain")}


def state(booking: BookingOut, said: Words) -> str:
    """How a booking stands, as its own person reads it."""
    if booking.active and booking.held_until is not None:
        return said.say(N_("Ditahan untuk Anda sampai {time}"), time=said.time(booking.held_until, booking.zone))
    return said.say(STATES[booking.state])


def sentence(text: str) -> str:
    """``text`` with its first letter large; the rest stays, as "Anda" is always written large."""
    return text[:1].upper() + text[1:]


def attributes(names: list[str], said: Words) -> tuple[tuple[str, str], ...]:
    """Pairs of icon and words."""
    return tuple((ATTRIBUTES[name][0], said.say(ATTRIBUTES[name][1])) for name in names if name in ATTRIBUTES)


def check_in_by(booking: BookingOut, said: Words) -> str:
    """By when to check in, lest the desk or room is released."""
    if booking.state != "booked" or booking.release_at is None or booking.held_until is not None:
        return ""
    desk, room = N_("paling lambat {time}, lalu meja dilepas"), N_("paling lambat {time}, lalu ruang dilepas")
    text = room if booking.kind == "room" else desk
    return said.say(text, time=said.time(booking.release_at, booking.zone))


def room_state(booking: BookingOut, said: Words) -> str:
    """How a room's booking stands: what the room keeper says comes before the rest."""
    if booking.approval == "refused":
        return said.say(N_("Ditolak pengelola ruang"))
    if booking.active and booking.held_until is not None:
        return state(booking, said)
    if booking.active and booking.state == "booked" and booking.approval in ("asked", "approved"):
        return said.say(N_("Menunggu persetujuan") if booking.approval == "asked" else N_("Disetujui"))
    return state(booking, said)


def named(kind: str, name: str, said: Words) -> str:
    """What people call a space: "Ruang Mahakam", "Meja B-12"."""
    return said.say(N_("Ruang {room}"), room=name) if kind == "room" else said.say(N_("Meja {desk}"), desk=name)


HOURS_WANTED = N_("Isi jam mulai dan jam selesai sesudahnya.")


def room_done(verb: str, booking: BookingOut, when: str, said: Words) -> str:
    """What has just been done with a room's booking."""
    asked = booking.active and booking.approval == "asked" and verb in ("booked", "changed", "restored")
    return said.say(ASKED if asked else ROOM_DONE[verb], room=booking.space, when=when)


def refusal(error: NotBookable, said: Words, href: str) -> Notice:
    """A refusal as a notice; ``href`` is the floor page's address without the desk, to which each way out adds its own."""
    ways = tuple(_way(way, said, href, str(error.facts["zone"])) for way in error.ways_out)
    return Notice("warn", detail(error, said), str(error.facts.get("basis") or ""), ways)


def _way(way: Way, said: Words, href: str, zone: str) -> WayOut:
    span = Span(way.starts_at, way.ends_at)
    when = f"{said.short_day(clock.local_date(way.starts_at, zone))} · {said.hours(span, zone)}"
    text = N_("Pindahkan pesanan ke {desk}, {when}") if way.action == "change" else N_("{desk}, {when}")
    on = clock.local_date(way.starts_at, zone).isoformat()
    hours = f"part=span&from={hhmm(way.starts_at, zone)}&until={hhmm(way.ends_at, zone)}"
    return WayOut(said.say(text, desk=way.space, when=when), f"{href}&on={on}&{hours}&desk={way.space_id}")


def hhmm(instant: datetime, zone: str) -> str:
    """HH:MM as form fields want it, in every language."""
    return f"{instant.astimezone(clock.zone(zone)):%H:%M}"


def until(span: Span, zone: str) -> str:
    """The end of a span for form fields; midnight is 24:00."""
    return "24:00" if clock.minute_of(span.ends_at, zone) == 0 else hhmm(span.ends_at, zone)
