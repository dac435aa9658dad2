"""Days of the team board as chips: a mode with its office, in the words of one reader."""

from __future__ import annotations

from typing import Any

import msgspec

from app.people.access import Actor
from app.people.rules import initials
from app.scheduling.board import OPEN, Board, Cell, Coverage, OnBoard, Slot
from app.scheduling.board_words import LOOKS, MEANINGS, MODES, PARTS, STATES
from app.scheduling.rules import DayState
from app.texts import N_, Words


class Chip(msgspec.Struct, frozen=True):
    """A mode as drawn: ``look`` is its classes, ``word`` names mode and office, ``note`` the state unless approved."""

    look: str
    word: str
    note: str = ""
    part: str = ""


class Row(msgspec.Struct, frozen=True):
    """One person; a day is one chip, or two for halves that differ, of which the second says the state of both."""

    name: str
    initials: str
    mine: bool
    days: list[tuple[Chip, ...]]


class Group(msgspec.Struct, frozen=True):
    label: str
    rows: list[Row]


Drawn = dict[tuple[Cell, bool], tuple[Chip, ...]]
"""Chips of days that were met before, by whether they are the reader's own: a board has few different ones."""


def groups(found: Board, actor: Actor, said: Words) -> list[Group]:
    """People by the place of their posting; within it by name, as they come."""
    drawn: Drawn = {}
    known = found.coverage.sites
    rows: dict[int, list[Row]] = {}
    for one in found.people:
        rows.setdefault(one.site_id, []).append(_row(one, actor, known, drawn, said))
    return [
        Group(f"{known[site_id].name} · {known[site_id].zone_name}", of_site)
        for site_id, of_site in sorted(rows.items())
    ]


def _row(one: OnBoard, actor: Actor, known: Any, drawn: Drawn, said: Words) -> Row:
    days, mine = [], one.person_id == actor.id
    for cell in one.days.values():
        if (chips := drawn.get((cell, mine))) is None:
            chips = drawn[cell, mine] = chips_of(cell, known, said, mine=mine)
        days.append(chips)
    return Row(one.name, initials(one.name), mine, days)


def chips_of(cell: Cell, known: Any, said: Words, *, mine: bool = False) -> tuple[Chip, ...]:
    if cell.am is None or cell.pm is None:
        return (Chip("off", "–"),)
    if cell.am == cell.pm:
        return (chip_of(cell.am, cell.state, known, said, mine=mine),)
    am, pm = said.say(PARTS["am"]), said.say(PARTS["pm"])
    first = chip_of(cell.am, cell.state, known, said, am, mine=mine)
    second = chip_of(cell.pm, cell.state, known, said, pm, mine=mine)
    return msgspec.structs.replace(first, note=""), second


def chip_of(slot: Slot, state: DayState | None, known: Any, said: Words, part: str = "", *, mine: bool = False) -> Chip:
    """An office without a mode is what is assumed: nothing is planned, or somebody else's draft isn't told."""
    office = known[slot.site_id].code if slot.site_id is not None else ""
    note = said.say(STATES[state]) if state in STATES else ""
    if state is None or (state not in OPEN and not mine):
        return Chip(f"none {state or ''}".strip(), office, note, part)
    look = LOOKS[slot.mode] + (f" {state}" if note else "")
    return Chip(look, f"{said.say(MODES[slot.mode])} {office}".strip(), note, part)


def legend(about: Coverage, said: Words) -> list[tuple[Chip, str]]:
    named = [(Chip(LOOKS[mode], said.say(MODES[mode])), said.say(meaning)) for mode, meaning in MEANINGS.items()]
    code = next(iter(about.sites.values())).code
    return [*named, (Chip("none", code), said.say(N_("belum direncanakan; dihitung hadir di kantor penempatan")))]
