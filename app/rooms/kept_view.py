"""The room keeper's page: a day of their rooms in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlencode

import msgspec
from sqlalchemy.orm import Session

from app import clock, sites
from app.errors import Refused
from app.people.access import Actor
from app.people.rules import initials
from app.rooms import kept_rooms, service, wording
from app.rooms.kept_rooms import KeptBooking, KeptDay
from app.rooms.room_grid import look_of_state
from app.rooms.views import Choice
from app.texts import N_, Words
from app.views import Notice


class Tried(msgspec.Struct, frozen=True):
    """What was refused, to be shown where it was tried."""

    booking_id: int
    reason: str
    error: str


class KeptRow(msgspec.Struct, frozen=True):
    """A booking with what its keeper can do; ``rooms`` are those it can move to, once they were asked for."""

    id: int
    version: int
    room: str
    where: str
    when: str
    who: str
    initials: str
    purpose: str
    state: str
    look: str
    asked: bool
    can_refuse: bool
    move_href: str = ""
    rooms: tuple[tuple[int, str], ...] | None = None
    reason: str = ""
    error: str = ""


class KeptPage(msgspec.Struct, frozen=True):
    day_label: str
    on: str
    zone: str
    sites: tuple[Choice, ...]
    earlier: str
    later: str
    today: str
    asked: tuple[KeptRow, ...]
    held: tuple[KeptRow, ...]
    closed: tuple[tuple[str, str, str], ...]
    """room, until when, why"""
    count: str
    hidden: dict[str, str]
    notice: Notice | None = None


def kept_page(
    session: Session,
    actor: Actor,
    site_id: int | None,
    on: date | None,
    said: Words,
    *,
    moving: int | None = None,
    tried: Tried | None = None,
    notice: Notice | None = None,
    now: datetime,
) -> KeptPage:
    """Raises as ``kept_rooms.kept_day`` does."""
    day = kept_rooms.kept_day(session, actor, site_id or actor.site_id, on, now=now)
    options = _options(session, actor, moving, said, now=now)
    reader_zone = sites.site(session, actor.site_id).zone

    def rows(found: list[KeptBooking]) -> tuple[KeptRow, ...]:
        return tuple(_row(day, one, said, reader_zone, options, tried, now=now) for one in found)

    return KeptPage(
        said.day(day.on),
        day.on.isoformat(),
        day.site.zone_name,
        tuple(
            Choice(str(one.id), one.name, href(one.id, None), one.id == day.site.id, one.zone_name)
            for one in sites.sites(session)
        ),
        href(day.site.id, day.on - timedelta(days=1)),
        href(day.site.id, day.on + timedelta(days=1)),
        "" if day.on == clock.local_date(now, day.site.zone) else href(day.site.id, None),
        rows(day.asked),
        rows(day.held),
        tuple(
            (said.say("Ruang {room}", room=one.room.name), _until(one.until, day.site.zone, said), one.reason)
            for one in day.closed
        ),
        said.count("{n} ruang", "{n} ruang", day.rooms),
        {"site": str(day.site.id), "on": day.on.isoformat()},
        notice,
    )


def href(site_id: int | None, on: date | None, **more: str | int) -> str:
    fields = {"site": site_id, "on": on.isoformat() if on else None, **more}
    return f"/ruang/kelola?{urlencode({name: value for name, value in fields.items() if value})}"


Options = dict[int, tuple[tuple[int, str], ...]]


def _options(session: Session, actor: Actor, moving: int | None, said: Words, *, now: datetime) -> Options:
    """The rooms that the one booking to be moved can move to."""
    if moving is None:
        return {}
    try:
        booking = service.booking_for(session, actor, moving)
    except Refused:
        return {}
    found = kept_rooms.choices(session, actor, booking, now=now)
    seats = N_("{n} orang")
    return {
        booking.id: tuple(
            (day.room.id, f"{day.room.name} · {said.count(seats, seats, day.room.seats)} · {day.room.floor}, "
             f"{day.room.building}")
            for day in found
        )
    }  # fmt: skip


def _row(
    day: KeptDay,
    one: KeptBooking,
    said: Words,
    reader_zone: str,
    options: Options,
    tried: Tried | None,
    *,
    now: datetime,
) -> KeptRow:
    booking, room = one.booking, one.room
    waits = booking.state == "booked" and booking.ends_at > now
    again = tried is not None and tried.booking_id == booking.id
    return KeptRow(
        id=booking.id,
        version=booking.version,
        room=room.name,
        where=f"{room.building} · {room.floor}",
        when=said.when(booking.span, booking.zone, reader_zone),
        who=one.who or said.say("Pegawai instansi lain"),
        initials=initials(one.who) if one.who else "–",
        purpose=booking.purpose,
        state=wording.room_state(booking, said),
        look=look_of_state(booking.state, booking.approval),
        asked=booking.approval == "asked",
        can_refuse=waits,
        move_href=f"{href(day.site.id, day.on, pindah=booking.id)}#b-{booking.id}" if waits else "",
        rooms=options.get(booking.id) if waits else None,
        reason=tried.reason if again and tried else "",
        error=tried.error if again and tried else "",
    )


def _until(until: datetime, zone: str, said: Words) -> str:
    return f"{said.short_day(clock.local_date(until, zone))} {said.time(until, zone)}"
