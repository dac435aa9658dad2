"""The page Di mana tim saya: the people of a unit by where they are now, as its reader may see them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from app import clock, sites
from app.people.access import Actor
from app.people.units import unit_by_id, unit_ids
from app.presence import wording
from app.presence.rules import Avail, Kind, Place
from app.presence.shapes import PersonRow
from app.presence.source import OfficeSource
from app.rooms import sitting
from app.rooms.sitting import SpaceAt
from app.sites import SiteOut
from app.texts import N_, Words

ORDER = (Kind.HOME, Kind.ELSEWHERE, Kind.LEAVE, Kind.UNKNOWN)
GROUPS: dict[Kind, str] = {
    Kind.HOME: N_("Di rumah"),
    Kind.ELSEWHERE: N_("Di tempat lain"),
    Kind.LEAVE: N_("Cuti"),
    Kind.UNKNOWN: N_("Belum diketahui"),
}
NEAR = {avail: at for at, avail in enumerate(Avail)}


class Person(msgspec.Struct, frozen=True):
    """``detail`` is where they sit; ``until`` why they can or can't be reached, and when that changes by itself."""

    id: int
    name: str
    initials: str
    avail: str
    word: str
    detail: str
    until: str
    href: str
    mine: bool
    here: bool


class Group(msgspec.Struct, frozen=True):
    """A place; for a site ``zone`` with the time there."""

    key: str
    label: str
    zone: str
    zone_name: str
    time: str
    people: tuple[Person, ...]


class UnitLink(msgspec.Struct, frozen=True):
    label: str
    href: str
    current: bool


class WherePage(msgspec.Struct, frozen=True):
    unit: str
    count: str
    groups: tuple[Group, ...]
    units: tuple[UnitLink, ...]
    scope: str
    path: str


class _Reading(msgspec.Struct, frozen=True):
    sites: dict[int, SiteOut]
    spaces: dict[int, SpaceAt]
    zone: str
    me: int
    now: datetime
    said: Words


def where_page(
    session: Session, actor: Actor, unit_id: int, source: OfficeSource, said: Words, *, now: datetime
) -> WherePage:
    """Raises NotFound for a unit whose people the actor may not know."""
    scope = f"team:{unit_id}"
    channel = source.admit(session, actor, scope, now=now)
    found = source.load(session, {channel: None}, now=now).rows[channel].values()
    rows = [row for row in found if isinstance(row, PersonRow)]
    known = {site.id: site for site in sites.sites(session)}
    zone = known[actor.site_id].zone
    spaces = sitting.spaces_at(session, (row.place[3] for row in rows if row.place[3] is not None))
    reading = _Reading(known, spaces, zone, actor.id, now, said)
    return WherePage(
        unit_by_id(session, unit_id).name,
        said.count(N_("{n} orang"), N_("{n} orang"), len(rows)),
        _groups(reading, rows, now),
        _units(session, actor, unit_id),
        scope,
        f"/di-mana/{unit_id}",
    )


def _groups(reading: _Reading, rows: list[PersonRow], now: datetime) -> tuple[Group, ...]:
    """Offices first, each with its clock, even if nobody is there; then what is no office, if somebody is."""
    said = reading.said
    offices = [
        Group(
            f"site-{site.id}",
            site.name,
            site.zone,
            site.zone_name,
            said.clock(now, site.zone),
            _people(reading, rows, Kind.SITE, site.id),
        )
        for site in reading.sites.values()
    ]
    others = [Group(kind.value, said.say(GROUPS[kind]), "", "", "", _people(reading, rows, kind)) for kind in ORDER]
    return (*offices, *(group for group in others if group.people))


def _people(reading: _Reading, rows: list[PersonRow], kind: Kind, site_id: int | None = None) -> tuple[Person, ...]:
    these = [row for row in rows if row.place[0] == kind.value and (site_id is None or row.place[1] == site_id)]
    these.sort(key=lambda row: (NEAR[Avail(row.avail)], row.name))
    return tuple(_person(reading, row) for row in these)


def _person(reading: _Reading, row: PersonRow) -> Person:
    said = reading.said
    kind, site_id, floor_id, desk_id, confirmed = row.place
    place = Place(Kind(kind), site_id, floor_id, desk_id, confirmed)
    desk = reading.spaces.get(desk_id or 0)
    parts = [wording.seat(desk, said)] if desk else []
    if place.kind is Kind.SITE:
        parts.append(said.say(N_("sudah lapor masuk")) if confirmed else said.say(N_("belum lapor masuk")))
    until = datetime.fromtimestamp(row.until, clock.zone(reading.zone)) if row.until else None
    why = [said.say(wording.WHYS[row.why])] if row.why in wording.WHYS else []
    if until is not None and row.next is not None:
        comes, then = Kind(row.next[0]), Avail(row.next[1])
        what = said.say(wording.KINDS[comes] if then is Avail(row.avail) else wording.AVAILS[then]).lower()
        why += [wording.until(until, reading.zone, said, now=reading.now), said.say(N_("lalu {what}"), what=what)]
    return Person(
        int(row.key),
        row.name,
        row.initials,
        row.avail,
        said.say(wording.AVAILS[Avail(row.avail)]),
        " · ".join(parts),
        ", ".join(why),
        f"/denah?floor={floor_id}&on={clock.local_date(reading.now, reading.zone)}&desk={desk_id}" if desk else "",
        row.key == reading.me,
        confirmed,
    )


def _units(session: Session, actor: Actor, unit_id: int) -> tuple[UnitLink, ...]:
    """The units of the reader's agency."""
    paths = {id: path for (agency, path), id in unit_ids(session).items() if agency == actor.agency_id}
    links = sorted(paths.items(), key=lambda one: one[1])
    return tuple(UnitLink(path, f"/di-mana/{id}", id == unit_id) for id, path in links)
