"""The dated rules as programs write them. Local dates, both ends included; times of day are local minutes since midnight."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from app.ids import NAMED, PLAIN, Id
from app.scheduling.policy_kinds import CoverageRule, PersonRule, Policy
from app.scheduling.working_time import DayKind, DayOff, Hours, HoursKind, Season, State
from app.spans import check_years

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NAMED)]
Basis = Annotated[str, msgspec.Meta(min_length=3, max_length=300, pattern=NAMED)]
Minute = Annotated[int, msgspec.Meta(ge=0, le=2880)]
OffKind = Literal["national-holiday", "collective-leave", "election", "local"]


class DayOffIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``basis`` is the decree. Without ``site_id`` it is off everywhere."""

    on: date
    kind: OffKind
    name: Name
    name_en: Name
    basis: Basis
    state: State = "fixed"
    site_id: Id | None = None

    def __post_init__(self) -> None:
        check_years(self.on)

    def row(self) -> DayOff:
        kind = DayKind(self.kind)
        return DayOff(self.on, kind, self.name, self.name_en, self.basis, self.state, self.site_id)


class SeasonIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ramadan has the name ``ramadan``, which working hours refer to."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z]+(-[a-z]+)*\Z", max_length=40)]
    from_on: date
    until_on: date
    basis: Basis
    state: State = "fixed"

    def __post_init__(self) -> None:
        check_years(self.from_on, self.until_on)
        self.row()

    def row(self) -> Season:
        return Season(self.name, self.from_on, self.until_on, self.basis, self.state)


class HoursIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose they are: everybody's, or those of the site, agency, unit or person that it names. ``weekdays`` are ISO digits;
    a break from and to the same minute is none. The narrowest row holds: person before unit, agency, site and everybody."""

    weekdays: Annotated[str, msgspec.Meta(pattern=r"^[1-7]{1,7}\Z")]
    starts: Minute
    break_starts: Minute
    break_ends: Minute
    ends: Minute
    from_on: date
    basis: Basis
    until_on: date | None = None
    season: Annotated[str, msgspec.Meta(pattern=r"^([a-z]+(-[a-z]+)*)?\Z", max_length=40)] = ""
    flexi_band_minutes: Annotated[int, msgspec.Meta(ge=0, le=240)] = 0
    site_id: Id | None = None
    agency_id: Id | None = None
    unit_id: Id | None = None
    person_id: Id | None = None
    kind: HoursKind = "office"
    on_days_off: bool = False

    def __post_init__(self) -> None:
        check_years(self.from_on, self.until_on)
        self.row()

    def row(self) -> Hours:
        return Hours(**msgspec.structs.asdict(self))


class PolicyIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule of everybody, an agency, or a unit with those below it. ``rule`` says its ``type`` and its settings."""

    basis: Basis
    from_on: date
    rule: PersonRule | CoverageRule
    until_on: date | None = None
    agency_id: Id | None = None
    unit_id: Id | None = None
    name: Annotated[str, msgspec.Meta(max_length=200, pattern=PLAIN)] = ""

    def __post_init__(self) -> None:
        check_years(self.from_on, self.until_on)
        if b"\\u0000" in msgspec.json.encode(self.rule):
            raise ValueError("a rule holds no NUL")
        self.row()

    def row(self) -> Policy:
        return Policy(0, self.basis, self.from_on, self.until_on, self.agency_id, self.unit_id, self.rule, self.name)
