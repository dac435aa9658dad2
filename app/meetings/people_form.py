"""Whom a form invites: names typed, found and added, one button each, so that it works without scripts."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.ids import number
from app.meetings.shapes import MOST_PEOPLE
from app.people import service as people
from app.people.access import Actor
from app.people.agencies import sharing_agencies
from app.people.members import members_of
from app.people.rules import initials, may_know_name
from app.people.units import find_units, unit_by_id

MOST_FOUND, MOST_UNITS_FOUND, MOST_UNITS = 8, 4, 20


class Chosen(msgspec.Struct, frozen=True):
    """Ids as the fields ``required``, ``optional`` and ``units`` keep them, in the order in which they were added."""

    required: tuple[int, ...] = ()
    optional: tuple[int, ...] = ()
    units: tuple[int, ...] = ()

    @property
    def anybody(self) -> bool:
        return bool(self.required or self.optional or self.units)

    def lists(self) -> dict[str, str]:
        """All three fields."""
        lists = {"required": self.required, "optional": self.optional, "units": self.units}
        return {name: ",".join(map(str, ids)) for name, ids in lists.items()}

    def fields(self) -> dict[str, str]:
        """Those that name somebody."""
        return {name: ids for name, ids in self.lists().items() if ids}


class Chip(msgspec.Struct, frozen=True):
    """``drop`` and ``turn`` are what its buttons send; a unit can't be turned."""

    name: str
    detail: str
    initials: str
    optional: bool
    drop: str
    turn: str = ""


class Found(msgspec.Struct, frozen=True):
    id: int
    name: str
    initials: str
    unit_id: int
    unit: str


class FoundUnit(msgspec.Struct, frozen=True):
    id: int
    name: str
    members: int


class Picker(msgspec.Struct, frozen=True):
    """``team`` is the reader's own unit, 0 once it is chosen; ``nobody`` is a search that found none. ``searched``: the next
    name is likely to be typed."""

    fields: dict[str, str]
    chips: tuple[Chip, ...]
    q: str
    found: tuple[Found, ...]
    nobody: bool
    team: int
    team_name: str
    searched: bool
    units: tuple[FoundUnit, ...] = ()


def read(data: Mapping[str, str]) -> Chosen:
    """Whom the fields name, after the pressed button ``people`` has done its work."""
    required, optional, units = (_ids(data.get(name, "")) for name in ("required", "optional", "units"))
    verb, _, text = data.get("people", "").partition(":")
    id = number(text)
    if id is None:
        return _chosen(required, optional, units)
    if verb in ("add", "optional", "drop", "turn"):
        was_optional = id in optional
        required = [one for one in required if one != id]
        optional = [one for one in optional if one != id]
        if verb == "add" or (verb == "turn" and was_optional):
            required.append(id)
        elif verb in ("optional", "turn"):
            optional.append(id)
    elif verb in ("unit", "drop-unit"):
        units = [one for one in units if one != id] + ([id] if verb == "unit" else [])
    return _chosen(required, optional, units)


def pressed(data: Mapping[str, str]) -> bool:
    """Whether a button of this part was pressed, or Enter in its search: then nothing else is done."""
    return bool(data.get("people")) or (data.get("step") == "enter" and bool(data.get("q", "").strip()))


def known(session: Session, actor: Actor, chosen: Chosen) -> Chosen:
    """Those of ``chosen`` whom the actor may invite, without the actor, who comes anyway."""
    names = people.names_for(session, actor, (*chosen.required, *chosen.optional)).keys() - {actor.id}
    return Chosen(
        tuple(id for id in chosen.required if id in names),
        tuple(id for id in chosen.optional if id in names),
        tuple(id for id in chosen.units if knows_unit(session, actor, id)),
    )


def picker(session: Session, actor: Actor, chosen: Chosen, data: Mapping[str, str]) -> Picker:
    """The part of the form, with what was searched. Whom the actor may not know of is left out."""
    names = people.names_for(session, actor, (*chosen.required, *chosen.optional))
    cards = people.cards(session, names)
    chips = [_unit_chip(session, id) for id in chosen.units if knows_unit(session, actor, id)]
    for ids, optional in ((chosen.required, False), (chosen.optional, True)):
        chips += [
            Chip(cards[id].name, cards[id].unit, initials(cards[id].name), optional, f"drop:{id}", f"turn:{id}")
            for id in ids
            if id in names and id != actor.id
        ]
    added = data.get("people", "").partition(":")[0] in ("add", "optional", "unit")
    q = "" if added else data.get("q", "").strip()[:80]
    known = {actor.id, *chosen.required, *chosen.optional}
    rows = people.find_people(session, actor, q=q, limit=MOST_FOUND + len(known)) if q else []
    found = [Found(one.id, one.name, initials(one.name), one.unit_id, one.unit) for one in rows if one.id not in known][
        :MOST_FOUND
    ]
    units = _units_found(session, actor, chosen, q) if q else ()
    team = 0 if actor.unit_id in chosen.units else actor.unit_id
    searched = pressed(data) and not data.get("people", "").startswith("unit")
    nobody = bool(q) and not found and not units
    return Picker(chosen.lists(), tuple(chips), q, tuple(found), nobody, team, actor.unit_name, searched, units)


def _units_found(session: Session, actor: Actor, chosen: Chosen, q: str) -> tuple[FoundUnit, ...]:
    rows = find_units(session, actor, q, limit=MOST_UNITS_FOUND + len(chosen.units))
    new = [one for one in rows if one.id not in chosen.units][:MOST_UNITS_FOUND]
    members = members_of(session, [one.id for one in new])
    sizes = {one.id: sum(f"/{one.id}/" in member.unit_lineage for member in members) for one in new}
    return tuple(FoundUnit(one.id, one.name, sizes[one.id]) for one in new if sizes[one.id])


def knows_unit(session: Session, actor: Actor, unit_id: int) -> bool:
    """Whether there is such a unit whose people the actor may see named."""
    try:
        unit = unit_by_id(session, unit_id)
    except NotFound:
        return False
    return may_know_name(actor.agency_id, unit.agency_id, sharing_agencies(session))


def _unit_chip(session: Session, unit_id: int) -> Chip:
    name = unit_by_id(session, unit_id).name
    members = len(members_of(session, [unit_id]))
    return Chip(name, str(members), "", False, f"drop-unit:{unit_id}")


def _chosen(required: list[int], optional: list[int], units: list[int]) -> Chosen:
    needed = tuple(dict.fromkeys(required))
    others = tuple(id for id in dict.fromkeys(optional) if id not in needed)
    return Chosen(needed, others, tuple(dict.fromkeys(units))[:MOST_UNITS])


def _ids(text: str) -> list[int]:
    found = [number(part) for part in text.split(",")[: MOST_PEOPLE + 1]]
    return [id for id in found if id]
