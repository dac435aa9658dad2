"""Bookings of desks and rooms as entries: of one's own calendar, and of the calendar of a place."""

from __future__ import annotations

import msgspec

from app.calendars.cleaning import one_line
from app.calendars.entries import Entry, Level, Names, Status, cancelled, text
from app.calendars.meeting_entry import CANCELLED
from app.rooms.calendar_reading import HeldPlace, SeriesRead
from app.texts import N_, Words

RELEASED = N_("Dilepas: {title}")


def own(held: HeldPlace, names: Names, said: Words, *, level: Level = "full") -> Entry:
    """One's own desk takes no time: it is where one is. One's own room does, as a meeting would."""
    title = space(held, said)
    desk = held.kind == "desk"
    asked = held.approval == "asked" or held.held_until is not None
    entry = Entry(
        names.uid("booking", held.id),
        held.version - 1,
        held.changed_at,
        one_line(title if desk else held.purpose or title),
        span=held.span,
        zone=held.zone,
        description=text(*_details(held, said)) if level == "full" else "",
        location=place(held, said),
        status="TENTATIVE" if asked else "CONFIRMED",
        busy="FREE" if desk else "TENTATIVE" if asked else "BUSY",
        url=names.link("/pesanan"),
    )
    if held.state == "released":
        return cancelled(entry, said.say(RELEASED))
    return cancelled(entry, said.say(CANCELLED)) if held.state == "cancelled" else entry


class Holder(msgspec.Struct, frozen=True):
    """Who holds a place, as far as the reader may know: "" where they may not. ``purpose`` is for the holder and the
    keeper of the room alone."""

    unit: str = ""
    name: str = ""
    purpose: str = ""


def of_place(held: HeldPlace, holder: Holder, names: Names, said: Words, *, level: Level) -> Entry:
    """What is held of a place. ``basic`` names the unit that has it; ``full`` the person and, to whom it is known, what for.
    Nobody's name stands at a desk: where a civil servant sits is theirs to tell."""
    full = level == "full" and held.kind == "room"
    who = holder.unit if not full else ", ".join(part for part in (holder.name, holder.unit) if part)
    title = (holder.purpose if full else "") or who or said.say(N_("Terpakai"))
    return Entry(
        names.uid("booking", held.id),
        held.version - 1,
        held.changed_at,
        one_line(f"{space(held, said)}: {title}"),
        span=held.span,
        zone=held.zone,
        description=text(who) if full and holder.purpose else "",
        location=place(held, said),
        status=status(held),
        busy="TENTATIVE" if status(held) == "TENTATIVE" else "BUSY",
    )


def status(held: HeldPlace) -> Status:
    """What waits for a keeper's word, or for somebody on the waiting list to accept it, isn't certain."""
    return "TENTATIVE" if held.approval == "asked" or held.held_until is not None else "CONFIRMED"


def space(held: HeldPlace | SeriesRead, said: Words) -> str:
    """Ruang Mahakam; Meja B-12"""
    if held.kind == "room":
        return said.say(N_("Ruang {room}"), room=held.space)
    return said.say(N_("Meja {desk}"), desk=held.space)


def place(held: HeldPlace, said: Words) -> str:
    """Ruang Mahakam, Menara A · Lantai 4, Nusantara"""
    return one_line(f"{space(held, said)}, {held.building} · {held.floor}, {held.site}")


def _details(held: HeldPlace, said: Words) -> list[str]:
    parts = [held.purpose] if held.kind == "desk" else []
    if held.state == "booked" and held.held_until is not None:
        until = said.time(held.held_until, held.zone)
        parts.append(said.say(N_("Ditahan untuk Anda sampai {time}"), time=until))
    elif held.state == "booked" and held.release_at is not None:
        by = said.time(held.release_at, held.zone)
        parts.append(said.say(N_("Lapor masuk paling lambat {time}, lalu pesanan dilepas."), time=by))
    if held.approval == "asked":
        parts.append(said.say(N_("Menunggu persetujuan")))
    return parts
