"""The team beside one's own week: who is where on each day, and how many are at the office."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.people.access import Actor
from app.people.rules import initials
from app.scheduling import board
from app.scheduling.board import Board, Cell, Slot
from app.scheduling.board_words import LOOKS, MODES, PARTS
from app.scheduling.week_views import Chip, Gauge, MateRow, Team
from app.texts import N_, Words

MOST_MATES = 14
"""Team mates in the strip; the board has all of them."""


def team(session: Session, actor: Actor, week: str, shown: list[date], said: Words, *, now: datetime) -> Team:
    found = board.board_for(session, actor, actor.unit_id, week, most=MOST_MATES + 1, now=now)
    mates = [one for one in found.people if one.person_id != actor.id][:MOST_MATES]
    drawn: dict[Cell, tuple[Chip, ...]] = {}
    rows = []
    for one in mates:
        days: list[tuple[Chip, ...]] = []
        for on in shown:
            cell = one.days.get(on)
            if cell is None:
                days.append((Chip("off", "–"),))
                continue
            if cell not in drawn:
                drawn[cell] = _chips(cell, found, said)
            days.append(drawn[cell])
        rows.append(MateRow(one.name, initials(one.name), tuple(days)))
    left = found.total - 1 - len(mates)
    return Team(
        tuple(rows),
        tuple((said.weekday(on), str(on.day)) for on in shown),
        tuple(_gauges(found, shown, said)),
        said.count(N_("dan {n} orang lain"), N_("dan {n} orang lain"), left) if left > 0 else "",
        f"/tim/{actor.unit_id}?week={week}",
    )


def _chips(cell: Cell, found: Board, said: Words) -> tuple[Chip, ...]:
    if cell.am is None or cell.pm is None:
        return (Chip("off", "–"),)
    if cell.am == cell.pm:
        return (_chip(cell.am, cell, found, said),)
    return tuple(
        _chip(slot, cell, found, said, said.say(part))
        for slot, part in zip((cell.am, cell.pm), PARTS.values(), strict=True)
    )


def _chip(slot: Slot, cell: Cell, found: Board, said: Words, part: str = "") -> Chip:
    office = found.coverage.sites[slot.site_id].code if slot.site_id is not None else ""
    if cell.state is None:
        return Chip("none", office, part)
    return Chip(LOOKS[slot.mode], f"{said.say(MODES[slot.mode])} {office}".strip(), part)


def _gauges(found: Board, shown: list[date], said: Words) -> Iterable[Gauge]:
    """For each working day the half with fewer people at the office."""
    short = {one.on for one in found.coverage.shortfalls}
    for on in shown:
        meters = [meter for meter in found.coverage.meters if meter.on == on]
        if not meters:
            continue
        least = min(meters, key=lambda meter: (meter.present - meter.need, meter.present))
        whole = max(least.present, least.total, least.need, 1)
        yield Gauge(
            said.weekday(on),
            round(100 * least.present / whole),
            round(100 * least.need / whole) if least.need else -1,
            said.say(N_("{present} dari {total}"), present=least.present, total=least.total),
            said.say(N_("min. {need}"), need=least.need) if least.need else "",
            on in short,
        )
