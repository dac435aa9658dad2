"""Today, and one's own bookings: where, which desk, who is near, and the one thing to do now."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, sites
from app.people.access import Actor
from app.people.rules import initials
from app.presence import choices
from app.rooms import bookings, house, rules, service, waiting, wording
from app.rooms.bookings import BookingOut
from app.rooms.floor_choice import address
from app.rooms.models import Area, Booking, Building, Floor, Space
from app.rooms.room_choice import address as room_address
from app.rooms.rules import House
from app.rooms.views import BigButton, BookingCard, BookingsPage, Mate, TodayPage
from app.spans import Span
from app.texts import N_, Words
from app.views import Notice

PAST_DAYS, COMING_DAYS, MOST = 30, 120, 60


class Where(msgspec.Struct, frozen=True):
    building: str
    floor: str
    floor_id: int
    area: str


def today_page(
    session: Session, actor: Actor, said: Words, *, notice: Notice | None = None, now: datetime
) -> TodayPage:
    """What the reader needs to know at a glance; "today" is the date at their place of posting, or at the place of the
    desk they have."""
    zone = sites.site(session, actor.site_id).zone
    on = clock.local_date(now, zone)
    coming = bookings.of_person(session, actor.id, Span(now - timedelta(hours=16), now + timedelta(days=COMING_DAYS)))
    coming = [one for one in coming if one.active and one.ends_at > now and one.kind == "desk"]
    current = next(
        (one for one in coming if clock.local_date(one.starts_at, one.zone) == clock.local_date(now, one.zone)), None
    )
    # what is only held waits for an answer in a place of its own
    later = [one for one in coming if one is not current and one.held_until is None][:3]
    where = _where(session, [one for one in (current, *later) if one], said.language)
    rules_now = house.current(session)
    headline, detail = _headline(session, actor, current, where, said, zone, now=now)
    button, second = _buttons(session, actor, current, said, now=now)
    return TodayPage(
        greeting=_greeting(actor, said, clock.minute_of(now, zone)),
        day_label=said.day(on),
        headline=headline,
        detail=detail,
        button=button,
        second=second,
        booking=_card(session, actor, current, where, rules_now, said, zone, now=now) if current else None,
        next_bookings=tuple(_card(session, actor, one, where, rules_now, said, zone, now=now) for one in later),
        mates=_mates(session, actor, said, current, now=now),
        notice=notice,
    )


def bookings_page(
    session: Session, actor: Actor, said: Words, *, notice: Notice | None = None, now: datetime
) -> BookingsPage:
    """Bookings to come, soonest first, and those of the last thirty days, latest first."""
    zone = sites.site(session, actor.site_id).zone
    within = Span(now - timedelta(days=PAST_DAYS), now + timedelta(days=COMING_DAYS))
    found = bookings.of_person(session, actor.id, within)
    upcoming = [one for one in found if one.active and one.ends_at > now][:MOST]
    past = [one for one in reversed(found) if not (one.active and one.ends_at > now)][:MOST]
    where = _where(session, [*upcoming, *past], said.language)
    rules_now = house.current(session)
    lapsed = waiting.not_accepted(session, [one.id for one in past if one.state == "released"])
    label = said.say(N_("Tidak diterima sampai batas waktunya"))

    def card(one: BookingOut) -> BookingCard:
        shown = _card(session, actor, one, where, rules_now, said, zone, now=now)
        return replace(shown, state_label=label) if one.id in lapsed else shown

    return BookingsPage(tuple(map(card, upcoming)), tuple(map(card, past)), notice)


def _greeting(actor: Actor, said: Words, minute: int) -> str:
    greetings = (
        (660, N_("Selamat pagi, {name}")),
        (900, N_("Selamat siang, {name}")),
        (1110, N_("Selamat sore, {name}")),
    )
    text = next((text for until, text in greetings if minute < until), N_("Selamat malam, {name}"))
    return said.say(text, name=actor.name)


def _headline(
    session: Session,
    actor: Actor,
    current: BookingOut | None,
    where: dict[int, Where],
    said: Words,
    zone: str,
    *,
    now: datetime,
) -> tuple[str, str]:
    if current is None:
        today, rest = _why_no_desk(session, actor, zone, now=now)
        return said.say(today), said.say(rest)
    place = where[current.id]
    headline = said.say("Meja {desk}", desk=current.space)
    held = f"{wording.state(current, said)} · " if current.held_until else ""
    return headline, f"{held}{place.building} · {place.floor} · {said.when(current.span, current.zone, zone)}"


def _why_no_desk(session: Session, actor: Actor, zone: str, *, now: datetime) -> tuple[str, str]:
    """What to say to somebody without a desk today: it depends on whether there is a working day left to book."""
    on = clock.local_date(now, zone)
    next_day = N_("Pesan meja untuk hari kerja berikutnya, atau biarkan kami memilihkan di dekat tim Anda.")
    rules_now = house.current(session)
    settings = rules_now.rules(0, actor.agency_id, on)
    if rules_now.day_off(actor.site_id, on) or str(on.isoweekday()) not in settings.open_weekdays:
        return N_("Hari ini bukan hari kerja"), next_day
    if clock.instant_of(on, settings.day_ends, zone) <= now:
        return N_("Jam kerja hari ini sudah selesai"), next_day
    return (
        N_("Belum ada meja untuk hari ini"),
        N_("Pesan meja di kantor bersama, atau biarkan kami memilihkan di dekat tim Anda."),
    )


def _buttons(
    session: Session, actor: Actor, current: BookingOut | None, said: Words, *, now: datetime
) -> tuple[BigButton, BigButton | None]:
    """The one thing to do now, and one other."""
    plan = BigButton(said.say(N_("Buka denah")), "map", "/denah", "get")
    if current is None:
        return BigButton(said.say(N_("Pesan meja dekat tim")), "users", "/denah/dekat-tim", "post"), plan
    if current.held_until is not None:
        answers = f"/daftar-tunggu/{waiting.offer_of(session, current)}"
        accept = BigButton(said.say(N_("Terima")), "circle-check", f"{answers}/terima", "post", {"next": "/"})
        return accept, BigButton(said.say(N_("Lepas")), "undo-2", f"{answers}/keluar", "post", {"next": "/"})
    fields = {"version": str(current.version), "next": "/"}
    release = BigButton(said.say(N_("Lepas meja")), "undo-2", f"/pesanan/{current.id}/batal", "post", fields)
    if current.state == "checked-in":
        leave = BigButton(said.say(N_("Lapor keluar")), "log-out", f"/pesanan/{current.id}/selesai", "post", fields)
        return leave, plan
    if rules.check_in_opens_at(current.starts_at, service.rules_of(session, actor, current)) <= now:
        arrive = BigButton(said.say(N_("Lapor masuk")), "log-in", f"/pesanan/{current.id}/hadir", "post", fields)
        return arrive, release
    return BigButton(said.say(N_("Lihat meja saya")), "map", desk_href(current), "get"), release


def desk_href(booking: BookingOut) -> str:
    """Where this booking's desk or room is shown, on its day."""
    return space_href(booking.kind, booking.space_id, booking.span, booking.zone, booking_id=booking.id)


def space_href(kind: str, space_id: int, span: Span, zone: str, *, booking_id: int | None = None) -> str:
    """The floor plan with this desk chosen, on its day and at its hours; for a room the list of rooms."""
    on = clock.local_date(span.starts_at, zone).isoformat()
    if kind == "room":
        return room_address({"on": on, "space": space_id, "booking": booking_id}, space_id)
    midnight = clock.minute_of(span.ends_at, zone) == 0
    until = "24:00" if midnight else wording.hhmm(span.ends_at, zone)
    starts = wording.hhmm(span.starts_at, zone)
    return address({"on": on, "part": "span", "from": starts, "until": until, "desk": space_id})


def _card(
    session: Session,
    actor: Actor,
    booking: BookingOut,
    where: dict[int, Where],
    rules_now: House,
    said: Words,
    zone: str,
    *,
    now: datetime,
) -> BookingCard:
    """One of the actor's own bookings."""
    place = where[booking.id]
    to_come = booking.state == "booked" and booking.ends_at > now
    opens_at = now
    if to_come:
        on = clock.local_date(booking.starts_at, booking.zone)
        settings = rules_now.rules(place.floor_id, actor.agency_id, on)
        opens_at = rules.check_in_opens_at(booking.starts_at, settings)
    return BookingCard(
        accept=f"/daftar-tunggu/{waiting.offer_of(session, booking)}/terima" if booking.held_until else "",
        id=booking.id,
        version=booking.version,
        desk=booking.space,
        place=" · ".join(part for part in (place.building, place.floor, place.area) if part),
        when=said.when(booking.span, booking.zone, zone),
        state=booking.state,
        state_label=wording.room_state(booking, said) if booking.kind == "room" else wording.state(booking, said),
        href=desk_href(booking),
        series=f"/pesanan/seri/{booking.series_id}" if booking.series_id else "",
        detail=_reminder(booking, said) if to_come and opens_at <= now else "",
        can_check_in=to_come and opens_at <= now,
        can_check_out=booking.state == "checked-in",
        can_cancel=to_come and booking.meeting_id is None,
        can_restore=_can_restore(booking, now=now),
        title=wording.named(booking.kind, booking.space, said),
        give_back=said.say("Batalkan") if booking.kind == "room" else said.say("Lepas meja"),
    )


def _can_restore(booking: BookingOut, *, now: datetime) -> bool:
    """Not what a room keeper refused, nor a meeting's room, which comes back with the meeting."""
    over = booking.state in ("cancelled", "released") and booking.ends_at > now
    return over and booking.approval != "refused" and booking.meeting_id is None


def _reminder(booking: BookingOut, said: Words) -> str:
    if booking.held_until is not None:  # its state says until when to accept
        return ""
    return f"{said.say('Lapor masuk')} {wording.check_in_by(booking, said)}."


def _where(session: Session, found: list[BookingOut], language: str) -> dict[int, Where]:
    """Building, floor and area of bookings, by their ids."""
    by_space = where(session, {one.space_id for one in found}, language)
    return {one.id: by_space[one.space_id] for one in found}


def where(session: Session, spaces: set[int], language: str) -> dict[int, Where]:
    """Building, floor and area of spaces, by their ids."""
    rows = session.execute(
        select(Space.id, Building.name, Floor.name, Floor.id, Area.name_en if language == "en" else Area.name)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Building, Building.id == Floor.building_id)
        .join(Area, Area.id == Space.area_id, isouter=True)
        .where(Space.id.in_(spaces))
    )
    return {row[0]: Where(row[1], row[2], row[3], row[4] or "") for row in rows}


def _mates(
    session: Session, actor: Actor, said: Words, current: BookingOut | None, *, now: datetime
) -> tuple[Mate, ...]:
    """Team mates with a desk that is still theirs today, by its place's day; those on the reader's floor first."""
    team = choices.team_in_sight(session, actor)
    own_floor = session.scalar(select(Space.floor_id).where(Space.id == current.space_id)) if current else None
    rows = session.execute(
        select(
            Booking.person_id,
            Booking.state,
            Booking.checked_in_at,
            Booking.starts_at,
            Booking.ends_at,
            Space.id,
            Space.name,
            Space.floor_id,
            Floor.name,
            sites.Site.zone,
            Building.name,
        )
        .join(Space, Space.id == Booking.space_id)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Building, Building.id == Floor.building_id)
        .join(sites.Site, sites.Site.id == Floor.site_id)
        .where(
            Booking.person_id.in_(list(team)),
            Booking.active,
            Booking.kind == "desk",
            Booking.ends_at > now,
            Booking.starts_at < now + timedelta(days=1),
        )
    ).all()
    rows = [row for row in rows if clock.local_date(row[3], row[9]) <= clock.local_date(now, row[9])]
    found = []
    for row in sorted(rows, key=lambda row: (row[7] != own_floor, row[1] != "checked-in", team[row[0]])):
        name, zone, here = team[row[0]], row[9], row[1] == "checked-in"
        if here and row[2]:
            since = said.say("Hadir sejak {time}", time=said.time(row[2], zone))
        else:
            since = said.hours(Span(row[3], row[4]), zone)
        on = clock.local_date(row[3], zone).isoformat()
        detail = since if row[7] == own_floor else f"{since} · {row[8]}, {row[10]}"
        href = f"/denah?floor={row[7]}&on={on}&desk={row[5]}"
        found.append(Mate(name, initials(name), detail, row[6], href, here=here))
    return tuple(found[:12])


def zone_of(session: Session, actor: Actor) -> str:
    """The IANA zone of the reader's place of posting."""
    return sites.site(session, actor.site_id).zone
