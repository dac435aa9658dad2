"""Series of bookings as programs write and read them. Local times are written ``07:30``, in the zone of the place."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from app.ids import Id
from app.rooms.bookings import Approval, Purpose, State, span_of
from app.rooms.recurrence import MOST
from app.rooms.rules import Hindrance
from app.spans import AwareInstant, check_years

Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$", description="Local time, 07:30")]
Rule = Annotated[
    str, msgspec.Meta(min_length=1, max_length=300, description="RRULE of RFC 5545: FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10")
]
Scope = Literal["this", "following", "all"]


class Fix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another space, other hours or another day for one date of a series, such as a way out of its conflict."""

    on: date
    space_id: Id | None = None
    starts_at: AwareInstant | None = None
    ends_at: AwareInstant | None = None

    def __post_init__(self) -> None:
        if (self.starts_at is None) != (self.ends_at is None):
            raise ValueError("starts_at and ends_at go together")
        if self.starts_at is not None and self.ends_at is not None:
            check_years(self.starts_at, self.ends_at)
            span_of(self.starts_at, self.ends_at)


Fixes = Annotated[list[Fix], msgspec.Meta(max_length=MOST)]


class NewSeries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same hours on every date of ``rule`` from ``starts_on`` on; a rule without COUNT or UNTIL goes as far as may be
    booked. Dates that can't be had refuse the whole, unless ``fixes`` say otherwise for them or ``skip_conflicts`` leaves
    them out. ``person_id``: for whom, if not for oneself."""

    space_id: Id
    rule: Rule
    starts_on: date
    starts: Clock
    ends: Clock
    person_id: Id | None = None
    purpose: Purpose = ""
    skip_conflicts: bool = False
    fixes: Fixes = []

    def __post_init__(self) -> None:
        if not 2000 <= self.starts_on.year <= 2090:
            raise ValueError("years go from 2000 to 2090")
        if self.starts >= self.ends:
            raise ValueError("starts must be before ends")


class SeriesChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is given changes, the rest stays, for the date ``on`` alone (``this``), from it on (``following``), or for all
    dates to come. The date ``on`` moves to ``moves_to``, and the others as many days. A new ``rule`` counts from the first
    date that changes. What was moved or cancelled on its own stays as it is; with ``skip_conflicts`` so does what can't be
    changed."""

    scope: Scope
    on: date | None = None
    moves_to: date | None = None
    starts: Clock | UnsetType = UNSET
    ends: Clock | UnsetType = UNSET
    space_id: Id | UnsetType = UNSET
    purpose: Purpose | UnsetType = UNSET
    rule: Rule | UnsetType = UNSET
    skip_conflicts: bool = False
    fixes: Fixes = []

    def __post_init__(self) -> None:
        if self.on is None and (self.scope != "all" or self.moves_to is not None):
            raise ValueError("on says which date")
        if self.moves_to is not None and not 2000 <= self.moves_to.year <= 2090:
            raise ValueError("years go from 2000 to 2090")
        if self.rule is not UNSET and (self.scope == "this" or self.moves_to is not None):
            raise ValueError("a rule is for several dates, and says by itself where they move")
        if self.fixes and self.scope == "this":
            raise ValueError("fixes are for several dates")


class OccurrenceOut(msgspec.Struct, frozen=True):
    """A booking of a series, made for its date ``on``; an ``exception`` was moved or cancelled on its own."""

    on: date
    booking_id: int
    space_id: int
    space: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    state: State
    approval: Approval
    exception: bool
    version: int


class Skipped(msgspec.Struct, frozen=True, omit_defaults=True):
    """A date of the rule that isn't booked, or that a change left as it was, with the reason where it has just been found."""

    on: date
    hindrance: Hindrance | None = None


class SeriesOut(msgspec.Struct, frozen=True):
    """A series with all its dates, those that are over too; ``rule`` and hours are of those from ``starts_on`` on.
    ``ended_at`` is when nothing of it was left."""

    id: int
    space_id: int
    space: str
    kind: str
    zone: str
    person_id: int
    booked_by_id: int
    rule: str
    starts_on: date
    starts: str
    ends: str
    purpose: str
    created_at: datetime
    ended_at: datetime | None
    version: int
    dates: list[OccurrenceOut]
    skipped: list[Skipped]


class SeriesLine(msgspec.Struct, frozen=True):
    """A series of which ``coming`` bookings are still to come, the next at ``next_at``. ``starts`` and ``ends`` are local times
    HH:MM of the zone."""

    id: int
    space_id: int
    space: str
    kind: str
    zone: str
    rule: str
    starts_on: date
    starts: str
    ends: str
    purpose: str
    next_at: datetime
    coming: int


class FixOut(msgspec.Struct, frozen=True):
    """A way out of one date's conflict: sent among ``fixes``, it works."""

    action: Literal["fix"]
    on: date
    space_id: int
    space: str
    starts_at: datetime
    ends_at: datetime
