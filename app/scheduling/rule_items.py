"""A row of the dated tables in the words of one reader: what it says, for whom, and on what basis."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy.orm import Session

from app import sites
from app.people.agencies import agency_ids
from app.people.units import unit_ids
from app.scheduling import admin_fields, rule_words
from app.scheduling.policy_kinds import Policy
from app.scheduling.touched import Row
from app.scheduling.working_time import DayOff, Hours, Season
from app.texts import N_, Words


class Item(msgspec.Struct, frozen=True):
    """A row in words. ``faded`` is one that doesn't hold, ``over`` one whose time has passed; with ``edit_href`` and ``end``
    the reader may change it."""

    id: int
    title: str
    detail: str
    basis: str
    tags: tuple[str, ...] = ()
    faded: bool = False
    over: bool = False
    edit_href: str = ""
    end: bool = False


class Names(msgspec.Struct, frozen=True):
    """Places and units by id, for words; ``agency_of_unit`` for who may change what."""

    sites: dict[int, str]
    agencies: dict[int, str]
    units: dict[int, str]
    agency_of_unit: dict[int, int]


def names_of(session: Session) -> Names:
    agencies = {id: code for code, id in agency_ids(session).items()}
    units, agency_of = {}, {}
    for (agency, path), id in unit_ids(session).items():
        units[id], agency_of[id] = path, agency
    return Names({site.id: site.name for site in sites.sites(session)}, agencies, units, agency_of)


def item_of(row: Row, said: Words, names: Names, today: date, *, tab: str = "", may: bool = False) -> Item:
    title, detail, tags = describe(row, said, names)
    over, cancelled = _over(row, today), getattr(row, "state", "") == "cancelled"
    edit = f"/aturan/{tab}?ubah={row.id}#formulir" if may and not over and admin_fields.fits(row) else ""
    return Item(row.id, title, detail, row.basis, tags, cancelled, over, edit, may and not over and not cancelled)


def _over(row: Row, today: date) -> bool:
    if isinstance(row, DayOff):
        return row.on < today
    return row.until_on is not None and row.until_on < today


def describe(row: Row, said: Words, names: Names) -> tuple[str, str, tuple[str, ...]]:
    """Title, details and tags."""
    if isinstance(row, DayOff):
        name = row.name_en if said.language == "en" else row.name
        tags = (said.say(rule_words.DAY_KINDS[row.kind.value]), *_state(row.state, said), *_site(row.site_id, names))
        return said.day(row.on), name, tags
    if isinstance(row, Season):
        title = f"{said.plain_date(row.from_on)} – {said.plain_date(row.until_on)}"
        days = (row.until_on - row.from_on).days + 1
        return title, said.count("{n} hari", "{n} hari", days), _state(row.state, said)
    tags = (_scope(row, said, names), *(_site(row.site_id, names) if isinstance(row, Hours) else ()))
    span = said.say(N_("sejak {date}"), date=said.plain_date(row.from_on))
    if row.until_on:
        span = f"{said.plain_date(row.from_on)} – {said.plain_date(row.until_on)}"
    if isinstance(row, Hours):
        return _hours_title(row, said), f"{_rest(row, said)} · {span}", (*tags, *season_tag(row.season, said))
    kind = said.say(rule_words.POLICIES[row.kind])
    settings = rule_words.settings(row.rule, said, names.sites)
    name = "" if row.name == rule_words.POLICIES[row.kind] else row.name
    return kind, " · ".join(part for part in (name, settings, span) if part), tags


def _hours_title(row: Hours, said: Words) -> str:
    times = f"{rule_words.clock(row.starts, said)}–{rule_words.clock(row.ends, said)}"
    return f"{rule_words.weekdays(row.weekdays, said)} · {times}"


def _rest(row: Hours, said: Words) -> str:
    hours, minutes = divmod(row.minutes, 60)
    length = said.say(N_("{hours} jam {minutes} menit"), hours=hours, minutes=minutes)
    if row.break_starts == row.break_ends:
        return length
    rest = f"{rule_words.clock(row.break_starts, said)}–{rule_words.clock(row.break_ends, said)}"
    return f"{said.say(N_('Istirahat {span}'), span=rest)} · {length}"


def _state(state: str, said: Words) -> tuple[str, ...]:
    return () if state == "fixed" else (said.say(rule_words.STATES[state]),)


def season_tag(name: str, said: Words) -> tuple[str, ...]:
    return (said.say(rule_words.SEASONS.get(name, name)),) if name else ()


def _site(site_id: int | None, names: Names) -> tuple[str, ...]:
    return (names.sites.get(site_id, ""),) if site_id else ()


def _scope(row: Hours | Policy, said: Words, names: Names) -> str:
    if isinstance(row, Hours) and row.person_id:
        return said.say(N_("Perorangan"))
    if row.unit_id:
        return names.units.get(row.unit_id, "")
    return names.agencies.get(row.agency_id, "") if row.agency_id else said.say(N_("Nasional"))
