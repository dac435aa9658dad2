"""Meetings as programs and pages read and write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from app.ids import NAMED, PARAGRAPHS, PLAIN, Id
from app.spans import AwareInstant, Span, check_years

State = Literal["planned", "cancelled"]
Reply = Literal["", "attending", "not-attending", "represented"]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NAMED)]
Line = Annotated[str, msgspec.Meta(max_length=200, pattern=PLAIN)]
Paragraphs = Annotated[str, msgspec.Meta(max_length=10_000, pattern=PARAGRAPHS)]
Link = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^(https://[^\s\x00]+)?$")]
Email = Annotated[str, msgspec.Meta(max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00]+$")]
MOST_PEOPLE, MOST_GUESTS = 200, 100


class GuestIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody from outside the offices, invited by e-mail."""

    email: Email
    name: Line = ""


class NewMeeting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``site_id`` hosts; ``room_ids`` at most one a site; ``unit_ids`` invite whole units, as they are now.

    The organiser is the one who asks, or ``organiser_id``, for whom they may act, and always attends.
    """

    title: Title
    site_id: Id
    starts_at: AwareInstant
    ends_at: AwareInstant
    agenda: Paragraphs = ""
    letter: Line = ""
    link: Link = ""
    organiser_id: Id | None = None
    required_ids: Annotated[list[Id], msgspec.Meta(max_length=MOST_PEOPLE)] = []
    optional_ids: Annotated[list[Id], msgspec.Meta(max_length=MOST_PEOPLE)] = []
    unit_ids: Annotated[list[Id], msgspec.Meta(max_length=20)] = []
    guests: Annotated[list[GuestIn], msgspec.Meta(max_length=MOST_GUESTS)] = []
    room_ids: Annotated[list[Id], msgspec.Meta(max_length=10)] = []

    def __post_init__(self) -> None:
        check_years(self.starts_at, self.ends_at)
        Span(self.starts_at, self.ends_at)


class MeetingChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is given changes, the rest stays. Lists replace what was there: with ``room_ids`` the rooms are these from now on."""

    title: Title | UnsetType = UNSET
    starts_at: AwareInstant | UnsetType = UNSET
    ends_at: AwareInstant | UnsetType = UNSET
    agenda: Paragraphs | UnsetType = UNSET
    letter: Line | UnsetType = UNSET
    link: Link | UnsetType = UNSET
    required_ids: Annotated[list[Id], msgspec.Meta(max_length=MOST_PEOPLE)] | UnsetType = UNSET
    optional_ids: Annotated[list[Id], msgspec.Meta(max_length=MOST_PEOPLE)] | UnsetType = UNSET
    guests: Annotated[list[GuestIn], msgspec.Meta(max_length=MOST_GUESTS)] | UnsetType = UNSET
    room_ids: Annotated[list[Id], msgspec.Meta(max_length=10)] | UnsetType = UNSET
    notes: Paragraphs | UnsetType = UNSET

    def __post_init__(self) -> None:
        check_years(self.starts_at, self.ends_at)


class ReplyIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``represented`` names the stand-in (disposisi), who is invited in turn and replies for themselves."""

    reply: Literal["attending", "not-attending", "represented"]
    stand_in_id: Id | None = None
    remark: Line = ""


class FollowUpIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    task: Title
    owner_id: Id
    due_on: date


class FollowUpChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    done: bool


class RoomOut(msgspec.Struct, frozen=True):
    """A room held for the meeting; ``approval`` is the room keeper's word, where it is needed."""

    booking_id: int
    space_id: int
    name: str
    site_id: int
    zone: str
    seats: int
    state: str
    approval: str


class AttendeeOut(msgspec.Struct, frozen=True):
    """``conflicts``: other meetings of theirs at that time, shown and never forbidden. ``for_id``: whom they stand in for."""

    person_id: int
    name: str
    unit: str
    site_id: int
    required: bool
    reply: Reply
    stand_in_id: int | None
    for_id: int | None
    remark: str
    conflicts: int = 0


class GuestOut(msgspec.Struct, frozen=True):
    email: str
    name: str


class FollowUpOut(msgspec.Struct, frozen=True):
    id: int
    task: str
    owner_id: int
    owner: str
    due_on: date
    done_at: datetime | None


class MeetingOut(msgspec.Struct, frozen=True):
    """A meeting for those who are part of it; ``tallies`` count replies by site code, then by reply."""

    id: int
    title: str
    agenda: str
    letter: str
    link: str
    organiser_id: int
    organiser: str
    site_id: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    state: State
    notes: str
    sequence: int
    version: int
    rooms: list[RoomOut]
    attendees: list[AttendeeOut]
    guests: list[GuestOut]
    follow_ups: list[FollowUpOut]
    tallies: dict[str, dict[str, int]]
    my_reply: Reply
    may_change: bool

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


class MeetingItem(msgspec.Struct, frozen=True):
    """A meeting in a list: of somebody's days."""

    id: int
    title: str
    organiser: str
    organiser_id: int
    site_id: int
    zone: str
    starts_at: datetime
    ends_at: datetime
    state: State
    reply: Reply
    rooms: list[str]
    link: str
    version: int

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


class BusyOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Time that somebody hasn't. ``title`` and ``meeting_id`` only for those who are part of the meeting."""

    starts_at: datetime
    ends_at: datetime
    kind: str
    title: str = ""
    meeting_id: int | None = None
