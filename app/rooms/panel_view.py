"""The chosen desk beside the floor plan: what it is, and the one thing to do next."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.errors import NotFound
from app.people import service as people
from app.people.rules import initials
from app.rooms import bookings, places, rules, service, waiting, waiting_view, wording
from app.rooms.bookings import BookingOut, Rival
from app.rooms.floor_scene import Scene, worded
from app.rooms.places import Wanted
from app.rooms.rules import NEAR, Hindrance
from app.rooms.views import Choice, Desk, Panel, WaitPart
from app.rooms.ways_out import seeker_of
from app.spans import Span, on_day
from app.texts import N_


def panel(session: Session, scene: Scene, desks: tuple[Desk, ...]) -> Panel:
    """Raises NotFound for a desk that is not on the floor."""
    desk = next((desk for desk in desks if desk.id == scene.query.desk), None)
    if desk is None:
        raise NotFound(space_id=scene.query.desk)
    space = places.space_for(session, scene.actor, desk.id)
    rivals = bookings.rivals(session, desk.id, scene.actor.id, _whole_day(scene))
    area = next((area.name for area in scene.floor.areas if area.code == desk.area), "")
    common = {
        "desk": desk,
        "area": area,
        "state_label": wording.sentence(scene.said.say(wording.DESK_STATES[desk.state])),
        "attributes": (*wording.attributes(list(desk.attributes), scene.said), *_company(scene, desk, desks)),
        "starts": wording.hhmm(scene.span.starts_at, scene.floor.zone),
        "ends": wording.until(scene.span, scene.floor.zone),
    }
    if desk.state == "mine":
        booking = bookings.one(session, scene.held[desk.id].booking_id)
        assert booking is not None
        if booking.held_until is not None:
            common["state_label"] = wording.state(booking, scene.said)
        return Panel(action="mine", **_mine(session, scene, booking), **common)  # type: ignore[arg-type]
    held: dict[str, object] = {**_holder(scene, desk)}
    own = [rival for rival in rivals if rival.person_id == scene.actor.id and rival.span.overlaps(scene.span)]
    if own and desk.state == "free":
        return Panel(**_move(session, scene, own, desk), **common)  # type: ignore[arg-type]
    held["wait"] = _wait(session, scene, space, rivals)
    choices = _parts(scene, space, rivals)
    if any(not choice.disabled for choice in choices) or desk.state == "free":
        button = scene.said.say(N_("Pesan untuk {day}"), day=scene.said.short_day(scene.on))
        colleagues = tuple(people.charges_of(session, scene.actor))
        return Panel(action="book", parts=choices, button=button, colleagues=colleagues, **held, **common)  # type: ignore[arg-type]
    return Panel(action="none", reason=_reason(scene, space, rivals), **held, **common)  # type: ignore[arg-type]


def _whole_day(scene: Scene) -> Span:
    zone = scene.floor.zone
    day = on_day(scene.on, 0, 1440, zone)
    return Span(min(day.starts_at, scene.span.starts_at), max(day.ends_at, scene.span.ends_at))


def _parts(scene: Scene, space: Wanted, rivals: list[Rival]) -> tuple[Choice, ...]:
    """The parts of the day at this desk, those that can't be booked disabled; the current one is the one shown, or else
    the first that works."""
    spans = rules.day_parts(scene.on, scene.rules, scene.floor.zone)
    works = {part: _refusal(scene, space, span, rivals) is None for part, span in spans.items()}
    shown: str = scene.query.part
    if shown != "span" and not works[shown]:
        shown = next((part for part, fine in works.items() if fine), shown)
    return tuple(
        Choice(
            part,
            scene.said.say(wording.PARTS[part]),
            "",
            part == shown,
            f"{scene.said.clock(span.starts_at, scene.floor.zone)}–{scene.said.clock(span.ends_at, scene.floor.zone)}",
            not works[part],
        )
        for part, span in spans.items()
    )


def _refusal(scene: Scene, space: Wanted, span: Span, rivals: list[Rival]) -> rules.Refusal | None:
    return rules.refusal(
        span,
        space.place,
        seeker_of(people.itself(scene.actor)),
        space.house,
        taken=[rival.span for rival in rivals if rival.space_id == space.place.id],
        own_desks=[rival.span for rival in rivals if rival.space_id != space.place.id],
        now=scene.now,
    )


def _reason(scene: Scene, space: Wanted, rivals: list[Rival]) -> str:
    why = _refusal(scene, space, scene.span, rivals)
    if why is None or why.hindrance is Hindrance.TAKEN:
        return ""
    return worded(scene, space.place, why)


def _wait(session: Session, scene: Scene, space: Wanted, rivals: list[Rival]) -> WaitPart | None:
    """The waiting list, where somebody else has the desk at the hours shown."""
    why = _refusal(scene, space, scene.span, rivals)
    if why is None or why.hindrance not in rules.OCCUPIED:
        return None
    said = scene.said
    for one in waiting.waits_of(session, scene.actor, now=scene.now):
        if one.space_id == space.place.id and one.state == "waiting" and one.span.overlaps(scene.span):
            when = said.when(one.span, one.zone, scene.reader_zone)
            text = said.say(N_("Anda dalam daftar tunggu: {when}"), when=when)
            return WaitPart(f"{text} · {waiting_view.standing(one, said)}", id=one.id)
    hint = ""
    if any(rival.space_id != space.place.id and rival.span.overlaps(scene.span) for rival in rivals):
        hint = said.say(N_("Selama Anda punya meja lain pada waktu itu, giliran Anda dilewati."))
    starts_at, ends_at = (instant.isoformat() for instant in (scene.span.starts_at, scene.span.ends_at))
    return WaitPart(waiting_view.promise(said), starts_at, ends_at, hint)


def _holder(scene: Scene, desk: Desk) -> dict[str, str]:
    held = scene.held.get(desk.id)
    if held is None:
        return {}
    said, zone = scene.said, scene.floor.zone
    if held.checked_in_at:
        since = said.say("Hadir sejak {time}", time=said.time(held.checked_in_at, zone))
    else:
        since = said.say("Belum lapor masuk")
    hours = said.hours(Span(held.starts_at, held.ends_at), zone)
    name = desk.who or said.say(N_("Nama tidak ditampilkan"))
    return {
        "holder": name,
        "holder_initials": initials(desk.who) if desk.who else "–",
        "holder_detail": f"{since} · {hours}",
    }


def _company(scene: Scene, desk: Desk, desks: tuple[Desk, ...]) -> tuple[tuple[str, str], ...]:
    near = sum(
        other.team and other.id != desk.id and abs(other.x - desk.x) + abs(other.y - desk.y) <= NEAR for other in desks
    )
    if not near:
        return ()
    return (("users", scene.said.count("{n} rekan tim dalam 3 meja", "{n} rekan tim dalam 3 meja", near)),)


def _mine(session: Session, scene: Scene, booking: BookingOut) -> dict[str, object]:
    opens_at = rules.check_in_opens_at(booking.starts_at, service.rules_of(session, scene.actor, booking))
    return {
        "accept": f"/daftar-tunggu/{waiting.offer_of(session, booking)}/terima" if booking.held_until else "",
        "booking_id": booking.id,
        "booking_version": booking.version,
        "when": scene.said.when(booking.span, booking.zone, scene.reader_zone),
        "check_in_by": wording.check_in_by(booking, scene.said),
        "can_check_in": booking.state == "booked" and opens_at <= scene.now < booking.ends_at,
        "can_check_out": booking.state == "checked-in",
    }


def _move(session: Session, scene: Scene, own: list[Rival], desk: Desk) -> dict[str, object]:
    found = [booking for rival in own if (booking := bookings.one(session, rival.id))]
    if len(found) != 1:
        text = N_("Anda sudah punya beberapa meja pada waktu itu: {desks}. Pilih jam lain, atau lepas meja itu dulu.")
        return {"action": "none", "reason": scene.said.say(text, desks=", ".join(one.space for one in found))}
    (booking,) = found
    if booking.state != "booked":
        text = N_("Anda sudah memakai meja {desk} pada waktu itu. Lapor keluar dulu, lalu pesan meja ini.")
        return {"action": "none", "reason": scene.said.say(text, desk=booking.space)}
    hours = scene.said.when(booking.span, booking.zone, scene.reader_zone)
    return {
        "action": "move",
        "booking_id": booking.id,
        "booking_version": booking.version,
        "when": hours,
        "button": scene.said.say(N_("Pindah dari {old} ke {new}"), old=booking.space, new=desk.code),
        "colleagues": tuple(people.charges_of(session, scene.actor)),
    }
