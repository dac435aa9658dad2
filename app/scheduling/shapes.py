"""Week plans as programs write and read them. Local times are written ``07:30`` in the zone of their site."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from app.scheduling.rules import DayState, Mode
from app.scheduling.working_time import DayKind

Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$", description="Local time, 07:30")]
Id = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Letter = Annotated[str, msgspec.Meta(max_length=100)]
Reason = Annotated[str, msgspec.Meta(max_length=500)]


class SegmentIn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a day. Without ``starts`` and ``ends`` it lasts the whole working day. ``site_id`` is where, the own posting
    if absent. ``desk_id`` holds a desk, null gives it back, and absent keeps what there is; ``near_team`` picks one.
    ``letter`` is the number of the assignment letter that official travel needs."""

    mode: Mode
    starts: Clock | None = None
    ends: Clock | None = None
    site_id: Id | None = None
    desk_id: Id | UnsetType | None = UNSET
    near_team: bool = False
    letter: Letter = ""


class WeekIn(msgspec.Struct, frozen=True, omit_defaults=True):
    """The whole week: a day that isn't named is planned no more, unless it is over or a day off. ``without_desk`` goes on
    where a desk is refused, rather than refuse the whole."""

    days: dict[date, list[SegmentIn]]
    without_desk: bool = False


class SubmissionIn(msgspec.Struct, frozen=True, omit_defaults=True):
    """``despite_coverage`` asks the approver to decide where the team would fall short on site."""

    despite_coverage: bool = False


class SegmentOut(msgspec.Struct, frozen=True):
    """``starts_at`` and ``ends_at`` are the same times as instants; ``whole`` is a part that follows the working day."""

    id: int
    mode: Mode
    starts: str
    ends: str
    site_id: int
    zone: str
    starts_at: datetime
    ends_at: datetime
    whole: bool
    letter: str
    desk_id: int | None
    desk: str | None
    booking_id: int | None


class DayOut(msgspec.Struct, frozen=True):
    """What a day is by the calendar, and how its plan stands; ``state`` is null for a day without a plan."""

    day_kind: DayKind
    name: str
    minutes_owed: int
    minutes_planned: int
    state: DayState | None = None
    automatic: bool = False
    reason: str = ""
    decided_by: str | None = None
    decided_at: datetime | None = None


class RemedyOut(msgspec.Struct, frozen=True):
    """A way out that was checked to work: put these days in place of the week's own."""

    action: str
    days: dict[date, list[SegmentIn]]


class FindingOut(msgspec.Struct, frozen=True):
    """What a rule says about the week: ``refusal`` must be mended before it counts, ``warning`` may stand."""

    rule: str
    severity: Literal["refusal", "warning"]
    basis: str
    detail: str
    on: date | None = None
    facts: dict[str, Any] = {}


class ApproverOut(msgspec.Struct, frozen=True):
    """Who decides; ``acting_for`` names whose place they take (Plh., Plt.)."""

    id: int
    name: str
    acting_for: str | None = None


class WeekOut(msgspec.Struct, frozen=True):
    """``days`` may be put back as it is. ``approvers`` are those who may decide now, ``automatic`` says that the rules alone
    would approve the week as it stands."""

    person_id: int
    week: str
    version: int
    state: DayState | None
    days: dict[date, list[SegmentOut]]
    about: dict[date, DayOut]
    findings: list[FindingOut]
    ways_out: list[RemedyOut]
    approvers: list[ApproverOut]
    automatic: bool
