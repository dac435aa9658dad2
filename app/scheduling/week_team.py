"""The team beside one's own week: who is where on each day, and how many are at the office."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import msgspec
from sqlalchemy.orm import Session

from app.people.access import Actor
from app.people.rules import initials
from app.scheduling import board
from app.scheduling.board import Board, Cell
from app.scheduling.board_chips import Chip, chips_of
from app.scheduling.board_meters import gauge, of_all
from app.scheduling.rules import DayState
from app.scheduling.week_views import DayGauge, MateRow, Team
from app.texts import N_, Words

OFF = Cell(None, None, None)
MOST_MATES = 14
"""Team mates in the strip; the board has all of them."""


def team(session: Session, actor: Actor, week: str, shown: list[date], said: Words, *, now: datetime) -> Team:
    found = board.board_for(session, actor, actor.unit_id, week, most=MOST_MATES + 1, now=now)
    mates = [one for one in found.people if one.person_id != actor.id][:MOST_MATES]
    rows = [
        MateRow(one.name, initials(one.name), tuple(_chips(one.days.get(on, OFF), found, said) for on in shown))
        for one in mates
    ]
    left = found.total - 1 - len(mates)
    return Team(
        tuple(rows),
        tuple((said.weekday(on), str(on.day)) for on in shown),
        tuple(_gauges(found, shown, said)),
        said.count(N_("dan {n} orang lain"), N_("dan {n} orang lain"), left) if left > 0 else "",
        f"/tim/{actor.unit_id}?week={week}",
    )


def _chips(cell: Cell, found: Board, said: Words) -> tuple[Chip, ...]:
    """As on the board, without how far a plan has come: the strip says where people mean to be."""
    plain = msgspec.structs.replace(cell, state=DayState.APPROVED if cell.state else None)
    return chips_of(plain, found.coverage.sites, said)


def _gauges(found: Board, shown: list[date], said: Words) -> Iterable[DayGauge]:
    """For each working day the half with fewer people at the office."""
    short = {one.on for one in found.coverage.shortfalls}
    for on in shown:
        meters = [meter for meter in found.coverage.meters if meter.on == on]
        if meters:
            least = min(meters, key=lambda meter: (meter.present - meter.need, meter.present))
            yield DayGauge(said.weekday(on), gauge("", of_all(least), said), on in short)
