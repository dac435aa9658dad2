"""The waiting list as programs send and read it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from app.ids import Id
from app.rooms.bookings import span_of
from app.spans import AwareInstant, Span, check_years

State = Literal["waiting", "held", "taken", "expired", "left"]


class NewWait(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``automatic``: whatever comes free is accepted at once. ``person_id``: for whom, if not for oneself. Instants with an
    offset; fractions of a second are dropped."""

    space_id: Id
    starts_at: AwareInstant
    ends_at: AwareInstant
    automatic: bool = False
    person_id: Id | None = None

    def __post_init__(self) -> None:
        check_years(self.starts_at, self.ends_at)
        span_of(self.starts_at, self.ends_at)

    @property
    def span(self) -> Span:
        return span_of(self.starts_at, self.ends_at)


class WaitOut(msgspec.Struct, frozen=True):
    """``place`` in the line counts from 1 while waiting. Until ``held_until`` booking ``booking_id`` is kept for the person,
    who may accept it."""

    id: int
    space_id: int
    space: str
    kind: str
    person_id: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    state: State
    automatic: bool
    asked_at: datetime
    ended_at: datetime | None
    place: int | None = None
    booking_id: int | None = None
    held_until: datetime | None = None

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)
