"""The kinds of dated rules, as they are stored: what may be said about one person's week, and about a unit's presence.

A rule can't be built wrong; what it means is said where it is asked, in ``policies`` and ``coverage``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, Protocol

import msgspec

from app.scheduling.rules import FLEXIBLE, LEVELS, Mode
from app.scheduling.working_time import WEEKDAYS

Modes = tuple[Mode, ...]
ANY_FLEXIBLE: Modes = tuple(mode for mode in Mode if mode in FLEXIBLE)
UNIT_KINDS = ("direct-service", "support")
"""Units that Perpres 21/2023, article 7, excepts: direct service to the public, and operational support."""


# About one person's week


class FlexibleDays(msgspec.Struct, frozen=True, tag="flexible-days"):
    """At most so many working days a week with any part in a mode of ``counts`` (PermenPANRB 4/2025: two). A day that
    follows a weekday's norm is one of them, unless ``norm_counts`` says no."""

    most: int = 2
    counts: Modes = ANY_FLEXIBLE
    norm_counts: bool = True

    def __post_init__(self) -> None:
        _within("most", self.most, 7)


class AllowedModes(msgspec.Struct, frozen=True, tag="allowed-modes"):
    """Only these modes. Work at the own office and leave need not be named: the first is what is always left, the second is
    granted elsewhere."""

    modes: Modes


class WeekdayMode(msgspec.Struct, frozen=True, tag="weekday-mode"):
    """The norm for an ISO weekday, such as Friday at home (SE PANRB 3/2026); ``required`` warns whoever does otherwise."""

    weekday: int
    mode: Mode
    required: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.weekday <= 7:
            raise ValueError("weekday is an ISO weekday, 1 to 7")


class Excluded(msgspec.Struct, frozen=True, tag="excluded"):
    """These kinds of unit and levels of position may not use these modes: either is enough."""

    unit_kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    modes: Modes = ANY_FLEXIBLE

    def __post_init__(self) -> None:
        if not self.unit_kinds and not self.levels:
            raise ValueError("an exclusion names unit_kinds or levels")
        _known("unit_kinds", self.unit_kinds, UNIT_KINDS)
        _known("levels", self.levels, LEVELS)


class Eligibility(msgspec.Struct, frozen=True, tag="eligibility"):
    """These modes are for whoever is eligible (PermenPANRB 4/2025); why somebody isn't is never known here."""

    modes: Modes = ANY_FLEXIBLE


class OfficeDays(msgspec.Struct, frozen=True, tag="office-days"):
    """At least so many working days of a five-day week wholly in the modes of ``counts``. Each day that the week lacks, or
    that is all travel or leave, takes one off."""

    least: int
    counts: Modes = (Mode.WFO,)

    def __post_init__(self) -> None:
        _within("least", self.least, 7)


class CoreHours(msgspec.Struct, frozen=True, tag="core-hours"):
    """Every working day covers ``starts`` to ``ends``, local minutes of where one works; the break and leave aside."""

    starts: int
    ends: int

    def __post_init__(self) -> None:
        if not 0 <= self.starts < self.ends <= 1440:
            raise ValueError("core hours start before they end, within the day")


class Notice(msgspec.Struct, frozen=True, tag="notice"):
    """Days in these modes are asked for so many days ahead."""

    days: int
    modes: Modes = ANY_FLEXIBLE

    def __post_init__(self) -> None:
        _within("days", self.days, 366)


class Hours(msgspec.Struct, frozen=True, tag="hours"):
    """A week's plan covers the minutes owed, but for ``tolerance`` minutes (Perpres 21/2023, article 9)."""

    tolerance: int = 0

    def __post_init__(self) -> None:
        _within("tolerance", self.tolerance, 7 * 1440)


class Letter(msgspec.Struct, frozen=True, tag="letter"):
    """These modes need the number of an assignment letter (surat tugas)."""

    modes: Modes = (Mode.TRAVEL,)


class Approval(msgspec.Struct, frozen=True, tag="approval"):
    """Who decides, one after the other, about days with any part in ``modes``; ``automatic`` lets the rules approve what
    they have nothing to say against. Without such a policy the direct superior decides."""

    chain: tuple[Literal["superior", "head"], ...] = ("superior",)
    automatic: bool = False
    modes: Modes = ANY_FLEXIBLE

    def __post_init__(self) -> None:
        if not self.chain:
            raise ValueError("somebody decides: superior or head")


# About a unit's presence


class LeastOnSite(msgspec.Struct, frozen=True, tag="least-on-site"):
    """At least ``count`` people, and ``percent`` of them rounded up, are at an office: those with ``duty`` if it is given,
    at ``site_id`` if it is given (the share then is of those posted there). ``day`` means both parts, each by itself."""

    count: int = 0
    percent: int = 0
    duty: str = ""
    part: Literal["day", "am", "pm"] = "day"
    site_id: int | None = None
    weekdays: str = WEEKDAYS

    def __post_init__(self) -> None:
        if not self.count and not self.percent:
            raise ValueError("a least on site is a count or a percentage")
        _within("count", self.count, 100_000)
        _within("percent", self.percent, 100)
        if not self.weekdays or set(self.weekdays) - set("1234567"):
            raise ValueError("weekdays are ISO digits, 1 to 7")


class MostAway(msgspec.Struct, frozen=True, tag="most-away"):
    """At most ``percent`` of the people, rounded down, work in these modes at once (SE PANRB 1/2024: 50 % at home)."""

    percent: int
    modes: Modes = ANY_FLEXIBLE

    def __post_init__(self) -> None:
        _within("percent", self.percent, 100)


class DecisionMaker(msgspec.Struct, frozen=True, tag="decision-maker"):
    """Somebody of one of these levels is at each of these sites."""

    levels: tuple[str, ...]
    site_ids: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.levels or not self.site_ids:
            raise ValueError("a decision maker has a level and a site")
        _known("levels", self.levels, LEVELS)


class NotTogether(msgspec.Struct, frozen=True, tag="not-together"):
    """Of these people, by id, no two are away from every office at once."""

    people: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(set(self.people)) < 2:
            raise ValueError("it takes two people to be together")


def _within(name: str, number: int, most: int) -> None:
    if not 0 <= number <= most:
        raise ValueError(f"{name} is a number from 0 to {most}")


def _known(name: str, given: Iterable[str], known: Iterable[str]) -> None:
    if unknown := set(given) - set(known):
        raise ValueError(f"{name} has no {', '.join(sorted(unknown))}")


PersonRule = (
    FlexibleDays | AllowedModes | WeekdayMode | Excluded | Eligibility | OfficeDays | CoreHours | Notice | Hours | Letter
    | Approval
)  # fmt: skip
CoverageRule = LeastOnSite | MostAway | DecisionMaker | NotTogether


class Somebody(Protocol):
    """The facts that decide whether a policy is about a person."""

    @property
    def agency_id(self) -> int: ...
    @property
    def unit_lineage(self) -> str: ...


class Policy(msgspec.Struct, frozen=True):
    """A dated rule of everybody, an agency, or a unit with all below it. Local dates, both ends included.

    ``basis`` is the regulation or circular it comes from. Raises ValueError when it ends before it begins.
    """

    id: int
    basis: str
    from_on: date
    until_on: date | None
    agency_id: int | None
    unit_id: int | None
    rule: PersonRule | CoverageRule
    name: str = ""

    def __post_init__(self) -> None:
        if self.until_on is not None and self.until_on < self.from_on:
            raise ValueError("a policy must not end before it begins")

    @property
    def kind(self) -> str:
        """The rule's tag, such as ``flexible-days``: a promise to programs."""
        return str(self.rule.__struct_config__.tag)

    def holds(self, on: date) -> bool:
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)

    def holds_within(self, from_on: date, until_on: date) -> bool:
        """Whether it holds on some day between two dates, both included."""
        return self.from_on <= until_on and (self.until_on is None or from_on <= self.until_on)

    def covers(self, planner: Somebody) -> bool:
        """Whether somebody belongs to the agency and the unit that it names, whatever its rule looks at."""
        return self.agency_id in (None, planner.agency_id) and (
            self.unit_id is None or f"/{self.unit_id}/" in planner.unit_lineage
        )
