"""The page of rooms: from the day of each room to words and columns, for one reader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import clock, sites
from app.people.access import Actor
from app.problems import detail
from app.rooms import holding, house, places, room_list, room_panel, wording
from app.rooms.room_choice import ALL, FILTERS, SEATS, RoomsQuery, address, fields_of, settled
from app.rooms.room_grid import LEAST, Hours, Stretch, next_free, offered, shown_hours, stretches
from app.rooms.room_list import RoomDay
from app.rooms.room_views import Bar, Cell, RoomRow, RoomsPage, Ruler
from app.rooms.rules import Hindrance, House
from app.rooms.views import Choice, Day
from app.rooms.wording import hhmm, until
from app.sites import SiteOut
from app.spans import Span
from app.texts import N_, Words
from app.views import Notice

ROWS = 24
"""rooms at once: more would make a page that small phones labour at"""
WEEK = 5
SHOWN_AS = {
    "booked": N_("dipesan"),
    "in": N_("sedang dipakai"),
    "pending": N_("menunggu persetujuan"),
    "mine": N_("pesanan Anda"),
    "prep": N_("disiapkan"),
    "past": N_("sudah lewat"),
    "off": N_("tutup"),
}
IN_USE = ("booked", "in", "pending", "mine")


class Scene(msgspec.Struct, frozen=True):
    """Everything read for one reader, site and day."""

    said: Words
    actor: Actor
    query: RoomsQuery
    site: SiteOut
    on: date
    house: House
    days: tuple[RoomDay, ...]
    """of the rooms that are listed, and first of the chosen one if it is not among them"""
    hours: Hours
    reader_zone: str
    now: datetime

    @property
    def zone(self) -> str:
        return self.site.zone

    @property
    def fields(self) -> dict[str, str]:
        return fields_of(self.query)

    def href(self, room: int | None = None, /, **changes: str | int | None) -> str:
        """The address of this page with something changed; None leaves a field out."""
        return address(self.fields | changes, room)

    def room_href(self, day: RoomDay, span: Span | None = None, booking: int | None = None) -> str:
        """The page with a room chosen, at a time if it is said."""
        hours = {"from": hhmm(span.starts_at, self.zone), "until": until(span, self.zone)} if span else {}
        return self.href(day.room.id, space=day.room.id, booking=booking, **hours)


def rooms_page(
    session: Session, actor: Actor, query: RoomsQuery, said: Words, *, notice: Notice | None = None, now: datetime
) -> RoomsPage:
    """The whole page. Raises NotFound for a site or room there is none of."""
    scene, found, every = look(session, actor, query, said, now=now)
    rows = tuple(_row(scene, day) for day in found)
    panel = room_panel.panel(session, scene) if scene.query.space else None
    first = clock.instant_of(scene.on, scene.hours.first, scene.zone)
    passed = int((now - first).total_seconds()) // 60
    return RoomsPage(
        title=said.say(N_("Ruang rapat")),
        day_label=said.day(scene.on),
        zone=scene.site.zone_name,
        sites=_sites(session, scene),
        buildings=_buildings(session, scene),
        days=_days(scene),
        earlier=_week_href(scene, -7),
        later=_week_href(scene, 7),
        seats=_seats(scene),
        kinds=_kinds(scene),
        toggles=_toggles(scene),
        rulers=_rulers(session, scene),
        quarters=scene.hours.quarters,
        now=passed if 0 <= passed < scene.hours.last - scene.hours.first else None,
        now_label=said.say(N_("Sekarang {time}"), time=said.time(now, scene.zone)),
        rooms=rows,
        parts=_parts(scene, len(every)),
        count=said.count(N_("{n} ruang"), N_("{n} ruang"), len(every)),
        own=_own(scene, every),
        hidden=scene.fields,
        here=scene.href(space=scene.query.space, booking=scene.query.booking),
        close=scene.href(scene.query.space),
        panel=panel,
        notice=notice,
        closed=_closed(scene, every),
        scope=f"rooms:{scene.site.id}@{scene.on.isoformat()}",
        every_room="" if every else scene.href(seats=None, kind=None, part=None, **dict.fromkeys(FILTERS)),
    )


def look(
    session: Session, actor: Actor, query: RoomsQuery, said: Words, *, now: datetime
) -> tuple[Scene, list[RoomDay], list[RoomDay]]:
    """The scene, the rooms of the part of the list that is shown, and all that fit the filters."""
    query = settled(session, actor, query, now=now)
    site = sites.site(session, query.site or actor.site_id)
    if query.building not in {ALL, *(one.id for one in places.buildings(session, site.id))}:
        query = replace(query, building=ALL)
    rules_now = house.current(session)
    on = query.on or _next_open_day(rules_now, site, actor, now=now)
    every = room_list.of_site(session, actor, site.id, on, query.wanted, now=now)
    if query.space is not None and query.part == 1:
        at = next((n for n, day in enumerate(every) if day.room.id == query.space), 0)
        query = replace(query, part=at // ROWS + 1)
    parts = max(1, -(-len(every) // ROWS))
    query = replace(query, on=on, part=min(query.part, parts))
    found = every[(query.part - 1) * ROWS : query.part * ROWS]
    days = tuple(found)
    if query.space is not None and all(day.room.id != query.space for day in found):
        days = (*_chosen(session, actor, query, site, on, now=now), *found)
    zone = sites.site(session, actor.site_id).zone
    return Scene(said, actor, query, site, on, rules_now, days, shown_hours(found), zone, now), found, every


def _chosen(
    session: Session, actor: Actor, query: RoomsQuery, site: SiteOut, on: date, *, now: datetime
) -> list[RoomDay]:
    every = room_list.of_site(session, actor, site.id, on, now=now)
    return [day for day in every if day.room.id == query.space]


def _next_open_day(house: House, site: SiteOut, actor: Actor, *, now: datetime) -> date:
    """Today while its rooms are open; else the next day on which they are."""
    today = clock.local_date(now, site.zone)
    for n in range(21):
        on = today + timedelta(days=n)
        settings = house.rules(0, actor.agency_id, on)
        shut = house.day_off(site.id, on) or str(on.isoweekday()) not in settings.open_weekdays
        if not shut and clock.instant_of(on, settings.closes, site.zone) > now:
            return on
    return today


# Rows


def _row(scene: Scene, day: RoomDay) -> RoomRow:
    said, room = scene.said, day.room
    parts = stretches(day, scene.hours, now=scene.now)
    longest = timedelta(minutes=day.longest_minutes)
    free = next_free(day, now=scene.now) if day.free else None
    first = offered(free, free.starts_at, longest=longest) if free else None
    used = [part for part in parts if part.look in IN_USE]
    taken = ", ".join(f"{said.hours(part.span, scene.zone)}" for part in used)
    floor = room.floor if scene.query.building else f"{room.building}, {room.floor}"
    seats = said.count(N_("{n} orang"), N_("{n} orang"), room.seats)
    return RoomRow(
        id=room.id,
        name=room.name,
        href=scene.room_href(day, first),
        kind=wording.sentence(said.say(wording.ROOM_KINDS[room.kind])),
        detail=f"{seats} · {floor}",
        attributes=wording.attributes(list(room.attributes), said),
        needs_approval=room.place.needs_approval,
        next_label=_next(scene, day),
        next_href=scene.room_href(day, first) if first else "",
        said=said.say(N_("Terpakai {hours}"), hours=taken) if taken else said.say(N_("Belum ada pesanan")),
        bars=_bars(scene, parts),
        cells=tuple(_apart([_cell(scene, day, part) for part in parts])),
        current=room.id == scene.query.space,
    )


def _next(scene: Scene, day: RoomDay) -> str:
    """When it is free next, or why it isn't any more."""
    said = scene.said
    if not day.free:
        if day.refusal is not None:
            return wording.sentence(said.say(N_("tidak dapat dipesan")))
        return said.say(N_("Penuh hari itu"))
    free = next_free(day, now=scene.now)
    if free.holds(scene.now):
        return said.say(N_("Kosong sampai {time}"), time=said.time(free.ends_at, scene.zone))
    return said.say(N_("Kosong {hours}"), hours=said.hours(free, scene.zone))


def _bars(scene: Scene, parts: list[Stretch]) -> tuple[Bar, ...]:
    """Stretches that are not free, for the small bar."""
    at, bars = 0, []
    for part in parts:
        if part.look != "free":
            bars.append(Bar(part.look, at, 15 * part.quarters))
        at += 15 * part.quarters
    return tuple(bars)


def _cell(scene: Scene, day: RoomDay, part: Stretch) -> Cell:
    said, zone = scene.said, scene.zone
    if part.free is not None:
        wish = offered(part.free, part.span.starts_at, longest=timedelta(minutes=day.longest_minutes))
        chosen = scene.query.space == day.room.id and scene.query.booking is None
        return Cell(
            "free",
            part.quarters,
            said.say(N_("{room}, kosong {hours}"), room=day.room.name, hours=said.hours(part.span, zone)),
            said.clock(part.span.starts_at, zone),
            scene.room_href(day, wish),
            chosen and scene.query.starts == clock.minute_of(part.span.starts_at, zone),
        )
    word = said.say(SHOWN_AS[part.look])
    booking = part.booking
    if booking is None:
        return Cell(part.look, part.quarters, f"{word} {said.hours(part.span, zone)}")
    who = said.say(N_("Anda")) if booking.mine else booking.who or said.say(N_("Terpakai"))
    text = booking.purpose or who
    sentence = ", ".join(dict.fromkeys((who, word, text, said.hours(booking.span, zone))))
    href = scene.room_href(day, booking=booking.id) if booking.mine else ""
    return Cell(part.look, part.quarters, sentence, text, href, booking.id == scene.query.booking)


def _apart(cells: list[Cell]) -> Iterator[Cell]:
    """A cell too small for a finger is no link beside another one (WCAG 2.2, 2.5.8): the panel offers the same."""
    linked = [bool(cell.href) for cell in (*cells[:1], *cells, *cells[-1:])]
    for at, cell in enumerate(cells):
        before, after = at > 0 and linked[at], at + 1 < len(cells) and linked[at + 2]
        yield replace(cell, href="") if cell.quarters < LEAST and (before or after) else cell


def _rulers(session: Session, scene: Scene) -> tuple[Ruler, ...]:
    """The hours on the wall here, then those of each other zone in which there is an office."""
    zones = list(dict.fromkeys([scene.zone, *(site.zone for site in sites.sites(session))]))
    instants = [
        clock.instant_of(scene.on, minute, scene.zone) for minute in range(scene.hours.first, scene.hours.last, 60)
    ]
    return tuple(
        Ruler(clock.zone_name(zone), tuple(scene.said.clock(instant, zone) for instant in instants)) for zone in zones
    )


def _own(scene: Scene, every: list[RoomDay]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (day.room.name, scene.said.hours(one.span, scene.zone), scene.room_href(day, booking=one.id))
        for day in every
        for one in day.bookings
        if one.mine
    )


def _closed(scene: Scene, every: list[RoomDay]) -> str:
    """Why nothing can be booked in any of the rooms, where one reason holds for all."""
    reasons = {day.refusal.hindrance if day.refusal else None for day in every}
    if len(reasons) != 1 or (why := every[0].refusal) is None:
        return ""
    if why.hindrance not in (Hindrance.PAST, Hindrance.TOO_FAR_AHEAD, Hindrance.DAY_OFF, Hindrance.CLOSED):
        return ""
    sentence = detail(holding.refused(why, every[0].room.place), scene.said)
    return f"{sentence} {scene.said.say('Dasar: {basis}', basis=why.basis)}" if why.basis else sentence


# Choices


def _sites(session: Session, scene: Scene) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            str(site.id),
            site.name,
            scene.href(site=site.id, building=None, part=None),
            site.id == scene.site.id,
            site.zone_name,
        )
        for site in sites.sites(session)
    )


def _buildings(session: Session, scene: Scene) -> tuple[Choice, ...]:
    every = Choice(
        "0", scene.said.say(N_("Semua gedung")), scene.href(building=ALL, part=None), not scene.query.building
    )
    buildings = places.buildings(session, scene.site.id)
    found = tuple(
        Choice(
            str(one.id),
            one.name,
            scene.href(building=one.id, part=None),
            len(buildings) == 1 or one.id == scene.query.building,
        )
        for one in buildings
    )
    return (every, *found) if len(found) > 1 else found


def _seats(scene: Scene) -> tuple[Choice, ...]:
    said = scene.said
    return tuple(
        Choice(
            str(least),
            said.count(N_("{n} orang atau lebih"), N_("{n} orang atau lebih"), least)
            if least
            else said.say(N_("Kapasitas berapa pun")),
            scene.href(seats=least or None, part=None),
            least == scene.query.seats,
        )
        for least in SEATS
    )


def _kinds(scene: Scene) -> tuple[Choice, ...]:
    every = Choice("", scene.said.say(N_("Semua jenis")), scene.href(kind=None, part=None), not scene.query.kind)
    return (
        every,
        *(
            Choice(
                kind,
                wording.sentence(scene.said.say(word)),
                scene.href(kind=kind, part=None),
                kind == scene.query.kind,
            )
            for kind, word in wording.ROOM_KINDS.items()
        ),
    )


def _toggles(scene: Scene) -> tuple[Choice, ...]:
    chosen = scene.query.attributes
    return tuple(
        Choice(
            name,
            wording.sentence(scene.said.say(wording.ATTRIBUTES[name][1])),
            scene.href(part=None, **{name: None if name in chosen else 1}),
            name in chosen,
            wording.ATTRIBUTES[name][0],
        )
        for name in FILTERS
    )


def _parts(scene: Scene, rooms: int) -> tuple[Choice, ...]:
    parts = -(-rooms // ROWS)
    return tuple(
        Choice(str(n), str(n), scene.href(part=n), n == scene.query.part) for n in range(1, parts + 1) if parts > 1
    )


def _days(scene: Scene) -> tuple[Day, ...]:
    monday = scene.on - timedelta(days=scene.on.weekday())
    week = [monday + timedelta(days=n) for n in range(WEEK)]
    return tuple(
        Day(
            on.isoformat(),
            scene.said.weekday(on),
            str(on.day),
            scene.said.day(on),
            0,
            scene.href(on=on.isoformat()),
            on == scene.on,
            _off(scene, on),
        )
        for on in (week if scene.on in week else [*week, scene.on])
    )


def _off(scene: Scene, on: date) -> str:
    off = scene.house.day_off(scene.site.id, on)
    return "" if off is None else off.name_en if scene.said.language == "en" else off.name


def _week_href(scene: Scene, days: int) -> str:
    """The address of the same page a week earlier or later; empty where nothing can be booked there."""
    monday = scene.on + timedelta(days=days - scene.on.weekday())
    today = clock.local_date(scene.now, scene.zone)
    horizon = scene.house.rules(0, scene.actor.agency_id, today).horizon_days
    if monday + timedelta(days=WEEK - 1) < today or monday > today + timedelta(days=horizon):
        return ""
    return scene.href(on=max(monday, today).isoformat())
