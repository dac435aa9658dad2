"""Week plans: their words, their states, and who may do what with them. Plain values in, an answer out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

import msgspec

from app.people.rules import Asker, Role
from app.scheduling.working_time import DayKind


class Mode(StrEnum):
    """How a part of a day is worked. Read in any letter case."""

    WFO = "WFO"
    WFH = "WFH"
    WFA = "WFA"
    OTHER_OFFICE = "other-office"
    TRAVEL = "travel"
    LEAVE = "leave"

    @classmethod
    def _missing_(cls, value: object) -> Mode | None:
        wanted = str(value).lower()
        return next((mode for mode in cls if mode.value.lower() == wanted), None)


FLEXIBLE = frozenset({Mode.WFH, Mode.WFA, Mode.OTHER_OFFICE})
"""The kinds of place that count as flexible work (PermenPANRB 4/2025)."""
AT_OFFICE = frozenset({Mode.WFO, Mode.OTHER_OFFICE})
"""Modes that may carry a desk; so may travel to one of our sites."""


class Segment(msgspec.Struct, frozen=True, order=True):
    """A part of a day, in minutes since the local midnight of ``site_id``, 0 to 1440.

    ``site_id`` is the office worked at, for WFO, another office and travel to a site; for the rest the place of posting,
    whose zone the times are read in. ``letter`` is the number of the assignment letter (surat tugas) of a journey.
    """

    starts: int
    ends: int
    mode: Mode
    site_id: int
    letter: str = ""

    @property
    def minutes(self) -> int:
        return self.ends - self.starts

    @property
    def place(self) -> int | None:
        """The site at which somebody is during it, or None outside our offices."""
        return self.site_id if self.mode in AT_OFFICE else None


class PlannedDay(msgspec.Struct, frozen=True):
    """A local date with what is owed on it and what is planned; a day without segments is one at the own office."""

    on: date
    kind: DayKind
    minutes_owed: int
    segments: tuple[Segment, ...] = ()

    @property
    def modes(self) -> frozenset[Mode]:
        return frozenset(segment.mode for segment in self.segments)


class Planner(msgspec.Struct, frozen=True):
    """Whose week it is, as far as policies look. ``unit_lineage`` is "/1/5/9/", the root first; ``unit_kind`` is empty,
    "direct-service" or "support" (Perpres 21/2023, article 7); ``level`` one of ``LEVELS`` or empty; ``eligible`` is a
    yes or no, never the reason (PermenPANRB 4/2025: no punishment under way, not new)."""

    id: int
    agency_id: int
    unit_id: int
    unit_lineage: str
    unit_kind: str
    level: str
    eligible: bool
    site_id: int


LEVELS = ("jpt-utama", "jpt-madya", "jpt-pratama", "administrator", "pengawas", "fungsional", "pelaksana")


class Week(msgspec.Struct, frozen=True):
    """Seven days of one person, Monday first."""

    planner: Planner
    days: tuple[PlannedDay, ...]


class DayState(StrEnum):
    """Where a day of a plan stands. A day that was never planned has no state at all."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    REVOKED = "revoked"


COUNTED = frozenset({DayState.SUBMITTED, DayState.APPROVED})
"""States whose absences others must reckon with: what is asked for counts until it is returned."""
STANDING = frozenset({DayState.DRAFT, DayState.SUBMITTED, DayState.APPROVED, DayState.RETURNED})
"""States whose desks are kept: a returned day is a draft again, a revoked one has lost its desk."""


def state_of(states: Iterable[DayState]) -> DayState | None:
    """What a week is, from its days: what still needs somebody goes before what is settled. None for an empty week."""
    found = set(states)
    order = (DayState.RETURNED, DayState.REVOKED, DayState.DRAFT, DayState.SUBMITTED, DayState.APPROVED)
    return next((state for state in order if state in found), None)


def disorder(segments: Sequence[Segment]) -> str | None:
    """What is wrong with the segments of one day, in the order given, or None: ``backwards``, ``overlap``, ``too-many``."""
    if len(segments) > MOST_SEGMENTS:
        return "too-many"
    for before, after in pairwise(segments):
        if before.ends > after.starts:
            return "overlap"
    if any(not 0 <= segment.starts < segment.ends <= 1440 for segment in segments):
        return "backwards"
    return None


MOST_SEGMENTS = 8


def worked_minutes(segments: Iterable[Segment], rest: tuple[int, int]) -> int:
    """Minutes of the segments, without what of them lies in the break from ``rest[0]`` to ``rest[1]``."""
    return sum(
        segment.minutes - max(0, min(segment.ends, rest[1]) - max(segment.starts, rest[0])) for segment in segments
    )


class Unit(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def agency_id(self) -> int: ...
    @property
    def lineage(self) -> str: ...


def may_see_board(asker: Asker, unit: Unit) -> bool:
    """Whether ``asker`` may see who of a unit is where: its own people, those above it in the tree, and the officers of
    the agency."""
    if Role.OPERATOR in asker.roles:
        return True
    if asker.agency_id != unit.agency_id:
        return False
    if asker.unit_id == unit.id or asker.roles & {Role.HR_OFFICER, Role.AGENCY_ADMIN}:
        return True
    return f"/{asker.unit_id}/" in unit.lineage


def may_administer(asker: Asker, agency_id: int | None) -> bool:
    """Whether ``asker`` may change the rules of an agency, or of everybody where ``agency_id`` is None."""
    if Role.OPERATOR in asker.roles:
        return True
    if agency_id is None:
        return False
    return asker.agency_id == agency_id and bool(asker.roles & {Role.HR_OFFICER, Role.AGENCY_ADMIN})
