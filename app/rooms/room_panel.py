"""The chosen room beside the list: what it offers, who decides, and the one thing to do next."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app import clock
from app.errors import NotFound
from app.people import service as people
from app.people.rules import Role
from app.problems import detail
from app.quarters import QUARTER
from app.rooms import bookings, holding, places, room_list, rules, service, waiting, waiting_view, wording
from app.rooms.bookings import BookingOut
from app.rooms.room_grid import look_of, next_free, offered
from app.rooms.room_list import RoomBooking, RoomDay
from app.rooms.room_views import Own, RoomLine, RoomPanel
from app.rooms.views import Choice
from app.rooms.ways_out import seeker_of
from app.rooms.wording import hhmm, until
from app.spans import Span, on_day
from app.texts import N_

if TYPE_CHECKING:
    from app.rooms.room_view import Scene

MOST_KEEPERS = 3
TAGS = {
    "free": N_("kosong"),
    "booked": N_("dipesan"),
    "in": N_("sedang dipakai"),
    "pending": N_("menunggu persetujuan"),
    "mine": N_("pesanan Anda"),
    "off": N_("tutup"),
}
BOOK, ASK = N_("Pesan ruang"), N_("Ajukan")


def panel(session: Session, scene: Scene) -> RoomPanel:
    """Raises NotFound for a room that is not one of the site."""
    day = next((day for day in scene.days if day.room.id == scene.query.space), None)
    if day is None:
        raise NotFound(space_id=scene.query.space)
    common = _common(session, scene, day) | {"line": _line(session, scene, day)}
    own = _own_booking(session, scene)
    if own is not None and own.space_id == day.room.id:
        return RoomPanel(action="mine", own=_own(session, scene, own), **_times(scene, own.span), **common)
    if own is not None and own.state == "booked":
        text = scene.said.say(N_("Pindahkan pesanan dari {old}"), old=own.space)
        span = _wished(scene) or own.span
        return RoomPanel(action="move", own=_own(session, scene, own), button=text, **_times(scene, span), **common)
    if not day.free:
        return RoomPanel(action="none", reason=_reason(scene, day), **common)
    wished = _wished(scene)
    taken = wished is not None and any(wished.overlaps(other) for other in _others(scene, day))
    if wished is None:
        free = next_free(day, now=scene.now)
        wished = offered(free, free.starts_at, longest=timedelta(minutes=day.longest_minutes))
    asks = day.room.place.needs_approval
    return RoomPanel(
        action="book",
        # No other time takes the place of one that is gone: whoever is about to press would book what they never chose.
        reason=_taken(scene, wished) if taken else "",
        button=scene.said.say(
            ASK if asks and not room_list.keeps(scene.actor, day.room, scene.house, scene.on) else BOOK
        ),
        again=f"/pesanan/seri/baru?space={day.room.id}&on={scene.on}",
        **_times(scene, wished),
        **common,
    )


def _common(session: Session, scene: Scene, day: RoomDay) -> dict[str, Any]:
    said, room = scene.said, day.room
    tag = _look(scene, day)
    facts = [
        (said.say(N_("Jenis")), wording.sentence(said.say(wording.ROOM_KINDS[room.kind]))),
        (said.say(N_("Kapasitas")), said.count("{n} orang", "{n} orang", room.seats)),
        (said.say(N_("Jam buka")), said.hours(day.hours, scene.zone)),
    ]
    if room.place.turnaround_minutes:
        minutes = room.place.turnaround_minutes
        facts.append((said.say(N_("Jeda antarpesanan")), said.count(N_("{n} menit"), N_("{n} menit"), minutes)))
    return {
        "id": room.id,
        "name": room.name,
        "where": f"{room.building} · {room.floor}",
        "tag": wording.sentence(said.say(TAGS[tag])),
        "look": tag,
        "facts": tuple(facts),
        "attributes": wording.attributes(list(room.attributes), said),
        "zone": scene.site.zone_name,
        "decided_by": _decided_by(session, scene, day) if room.place.needs_approval else "",
        "free": _free(scene, day),
        "held": _held(scene, day),
    }


def _look(scene: Scene, day: RoomDay) -> str:
    """How the room stands at the time that is asked for, or else now, on the day of now; else at its next free time."""
    wished = _wished(scene)
    for booking in day.bookings:
        if booking.id == scene.query.booking or (
            booking.span.overlaps(wished) if wished else booking.span.holds(scene.now)
        ):
            return look_of(booking)
    if wished and any(free.covers(wished) for free in day.free):
        return "free"
    return "free" if day.free else "off" if day.refusal or not day.bookings else "booked"


def _times(scene: Scene, span: Span) -> dict[str, Any]:
    return {"starts": hhmm(span.starts_at, scene.zone), "ends": until(span, scene.zone)}


def _wished(scene: Scene) -> Span | None:
    """The time that the address says."""
    starts, ends = scene.query.starts, scene.query.ends
    if starts is None or ends is None or starts >= ends:
        return None
    return on_day(scene.on, starts, ends, scene.zone)


def _free(scene: Scene, day: RoomDay) -> tuple[Choice, ...]:
    """The free spans of the day, each a link that fills the form with it."""
    longest = timedelta(minutes=day.longest_minutes)
    return tuple(
        Choice(
            hhmm(span.starts_at, scene.zone),
            scene.said.hours(span, scene.zone),
            scene.room_href(day, offered(span, span.starts_at, longest=longest)),
            scene.query.starts is not None and span.holds(clock.instant_of(scene.on, scene.query.starts, scene.zone)),
        )
        for span in day.free
    )


def _held(scene: Scene, day: RoomDay) -> tuple[tuple[str, str, str, str, str], ...]:
    said = scene.said
    return tuple(
        (
            said.hours(one.span, scene.zone),
            said.say(N_("Anda")) if one.mine else one.who or said.say(N_("Terpakai")),
            one.purpose,
            scene.room_href(day, booking=one.id) if one.mine else "",
            scene.room_href(day, one.span) if _waited_for(scene, day, one) else "",
        )
        for one in day.bookings
    )


def _waited_for(scene: Scene, day: RoomDay, booking: RoomBooking) -> bool:
    return not booking.mine and booking.ends_at > scene.now and day.refusal is None


def _others(scene: Scene, day: RoomDay) -> list[Span]:
    """When others have the room, of what can be waited for."""
    return [one.span for one in day.bookings if _waited_for(scene, day, one)]


def _line(session: Session, scene: Scene, day: RoomDay) -> RoomLine | None:
    """The waiting list, where somebody else has the room at some time of the day that is not over."""
    said = scene.said
    held = _others(scene, day)
    own = tuple(
        (one.id, f"{said.when(one.span, one.zone, scene.reader_zone)} · {waiting_view.standing(one, said)}")
        for one in waiting.waits_of(session, scene.actor, now=scene.now)
        if one.space_id == day.room.id and one.state == "waiting"
    )
    if not held and not own:
        return None
    wished = _wished(scene)
    chosen = wished is not None and any(wished.overlaps(other) for other in held)
    span = wished if wished is not None and chosen else next(iter(held), None)
    times = _times(scene, span) if span else {"starts": "", "ends": ""}
    return RoomLine(waiting_view.promise(said), **times, chosen=chosen, own=own)


def _decided_by(session: Session, scene: Scene, day: RoomDay) -> str:
    """Who decides on the room's bookings: by name where the reader may know it."""
    keepers = people.with_role(session, Role.ROOM_KEEPER, scene.house.holders(day.room.place.area_id, scene.on))
    names = sorted(one.name for one in people.names_for(session, scene.actor, keepers).values())
    if not names:
        return scene.said.say(N_("pengelola ruang"))
    more = N_("{names}, atau pengelola ruang lain") if len(keepers) > MOST_KEEPERS else "{names}"
    return scene.said.say(more, names=", ".join(names[:MOST_KEEPERS]))


def _taken(scene: Scene, span: Span) -> str:
    when = scene.said.hours(span, scene.zone)
    return scene.said.say(N_("{when} sudah dipesan. Pilih waktu lain, atau masuk daftar tunggu."), when=when)


def _reason(scene: Scene, day: RoomDay) -> str:
    if day.refusal is None:
        return scene.said.say(N_("Tidak ada waktu kosong lagi di ruang ini pada hari itu."))
    sentence = detail(holding.refused(day.refusal, day.room.place), scene.said)
    basis = day.refusal.basis
    return f"{sentence} {scene.said.say('Dasar: {basis}', basis=basis)}" if basis else sentence


def _own_booking(session: Session, scene: Scene) -> BookingOut | None:
    """The booking that the address names, if it is one of the reader's own, of a room, and not over."""
    if scene.query.booking is None:
        return None
    booking = bookings.one(session, scene.query.booking)
    if booking is None or booking.person_id != scene.actor.id or booking.kind != "room":
        return None
    return booking if booking.active and booking.ends_at > scene.now else None


def _own(session: Session, scene: Scene, booking: BookingOut) -> Own:
    said, now = scene.said, scene.now
    waiting, meeting = booking.state == "booked", booking.meeting_id is not None
    opens_at = rules.check_in_opens_at(booking.starts_at, service.rules_of(session, scene.actor, booking))
    return Own(
        id=booking.id,
        version=booking.version,
        when=said.when(booking.span, booking.zone, scene.reader_zone),
        state=wording.room_state(booking, said),
        purpose=booking.purpose,
        check_in_by=wording.check_in_by(booking, said),
        can_check_in=waiting and opens_at <= now,
        can_check_out=not waiting,
        can_cancel=waiting and not meeting,
        can_move=waiting and not meeting,
        extended="" if meeting or waiting else _extended(session, scene, booking),
        meeting=meeting,
        series=f"/pesanan/seri/{booking.series_id}" if booking.series_id else "",
    )


def _extended(session: Session, scene: Scene, booking: BookingOut) -> str:
    """Until when the booking would last with a quarter of an hour more; empty where the rules or others stand against it."""
    longer = Span(booking.starts_at, booking.ends_at + QUARTER)
    space = places.space_for(session, scene.actor, booking.space_id)
    rivals = bookings.rivals(session, booking.space_id, scene.actor.id, space.place.kept_free(longer), but=booking.id)
    taken = [rival.span for rival in rivals if rival.space_id == booking.space_id]
    seeker = seeker_of(people.itself(scene.actor))
    why = rules.refusal(longer, space.place, seeker, space.house, taken=taken, now=scene.now)
    return "" if why else scene.said.time(longer.ends_at, booking.zone)
