"""The JSON API of a unit: who is where in a week, and how many at which office."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.paths import PathId
from app.people.visit import Visit
from app.problems import refusals
from app.scheduling import board, wording
from app.scheduling.board import Board, BoardDay, Coverage, OnBoard
from app.scheduling.shapes import FindingOut
from app.texts import Words

WeekQuery = Annotated[
    str | None, QueryParameter(description="An ISO week such as `2026-W48`; the present one if absent")
]
After = Annotated[int, QueryParameter(ge=0, le=1_000_000, description="`next` of the page before")]


class SitePresence(msgspec.Struct, frozen=True):
    """``present`` are at the office, ``total`` are posted there, ``need`` is what a rule for the site asks for, 0 if none."""

    site_id: int
    code: str
    present: int
    total: int
    need: int


class Presence(msgspec.Struct, frozen=True):
    """Half a day (``am`` before the break, ``pm`` after it); ``short`` says that some rule about presence isn't met."""

    on: date
    part: str
    present: int
    total: int
    need: int
    short: bool
    sites: list[SitePresence]


class CoverageOut(msgspec.Struct, frozen=True):
    """What was asked for counts as well as what was approved; whoever planned nothing is at the office."""

    unit_id: int
    unit: str
    week: str
    items: list[Presence]
    findings: list[FindingOut]
    next: str | None = None


class BoardOut(msgspec.Struct, frozen=True):
    """People by name, with the same ``coverage`` that ``/coverage`` answers."""

    unit_id: int
    unit: str
    week: str
    total: int
    days: list[BoardDay]
    items: list[OnBoard]
    coverage: CoverageOut
    next: str | None = None


class UnitsController(Controller):
    """Where the people of a unit are."""

    path = "/api/units/{unit_id:int}"
    tags = ["coverage"]  # noqa: RUF012

    @get("/coverage", responses=refusals(403, 404))
    async def coverage(
        self, unit_id: PathId, visit: NamedDependency[Visit], week: WeekQuery = None
    ) -> CoverageOut:  # fmt: skip
        """How many people of a unit are at which office, half day by half day, against what its rules ask."""
        return _coverage(await visit.read(board.coverage_for, unit_id, week, now=visit.now), visit.said)

    @get("/board", responses=refusals(403, 404))
    async def board(
        self, unit_id: PathId, visit: NamedDependency[Visit], week: WeekQuery = None, after: After = 0
    ) -> BoardOut:
        """Where each of a unit's people is planned to be, as far as the asker may know."""
        found = await visit.read(board.board_for, unit_id, week, after=after, now=visit.now)
        return _board(found, visit.said)


def _coverage(found: Coverage, said: Words) -> CoverageOut:
    short = {(one.on, one.part) for one in found.shortfalls}
    items = [
        Presence(
            meter.on,
            meter.part,
            meter.present,
            meter.total,
            meter.need,
            (meter.on, meter.part) in short,
            [
                SitePresence(one.site_id, found.sites[one.site_id].code, one.present, one.total, one.need)
                for one in meter.sites
            ],
        )
        for meter in found.meters
    ]
    findings = [wording.finding(one, said) for one in found.shortfalls]
    return CoverageOut(found.unit_id, found.unit, found.week, items, findings)


def _board(found: Board, said: Words) -> BoardOut:
    about = found.coverage
    return BoardOut(
        about.unit_id,
        about.unit,
        about.week,
        found.total,
        list(about.days),
        list(found.people),
        _coverage(about, said),
        None if found.next is None else str(found.next),
    )
