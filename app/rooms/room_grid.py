"""A room's day in quarter hours: what each stretch of it is, for a table whose columns are quarter hours. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

import msgspec

from app import clock
from app.quarters import QUARTER
from app.rooms.room_list import RoomBooking, RoomDay
from app.spans import Span

Look = Literal["free", "booked", "in", "pending", "mine", "prep", "past", "off"]
"""free; booked and not arrived; checked in; waiting for the room keeper; the reader's own; being cleared up or set up; over;
closed, or not for the reader."""
HOUR = 60
PER_HOUR = 4
GRAIN = timedelta(minutes=5)
"""of the times that a form is filled with"""
LEAST = 3
"""quarter hours that a free stretch offers at least, where the free span has them"""


class Stretch(msgspec.Struct, frozen=True):
    """Quarter hours of one look, one after another. ``free`` is the whole free span that a free stretch lies in: such a
    stretch ends with an hour, so that a day that is free offers each of its hours."""

    look: Look
    span: Span
    quarters: int
    booking: RoomBooking | None = None
    free: Span | None = None


class Hours(msgspec.Struct, frozen=True):
    """The whole hours that a table shows, in minutes since local midnight."""

    first: int
    last: int

    @property
    def quarters(self) -> int:
        return (self.last - self.first) // HOUR * PER_HOUR


USUAL = Hours(360, 1200)


def shown_hours(days: Iterable[RoomDay]) -> Hours:
    """The hours in which some of the rooms are open."""
    minutes = [
        (clock.minute_of(day.hours.starts_at, zone), clock.minute_of(day.hours.ends_at, zone) or 1440)
        for day in days
        for zone in (day.room.place.zone,)
    ]
    if not minutes:
        return USUAL
    first, last = min(start for start, _ in minutes), max(end for _, end in minutes)
    return Hours(first // HOUR * HOUR, -(-last // HOUR) * HOUR)


def stretches(day: RoomDay, hours: Hours, *, now: datetime) -> list[Stretch]:
    """What fills the table's columns from the first to the last; a booking fills every quarter hour that it touches."""
    starts_at = clock.instant_of(day.on, hours.first, day.room.place.zone)
    quarters = [Span(starts_at + n * QUARTER, starts_at + (n + 1) * QUARTER) for n in range(hours.quarters)]
    seen = [(_part(day, quarter, n, now=now), quarter) for n, quarter in enumerate(quarters)]
    return [_joined(list(run)) for _, run in groupby(seen, key=lambda one: one[0].key)]


class _Part(msgspec.Struct, frozen=True):
    look: Look
    key: tuple[str, int, int]
    booking: RoomBooking | None = None
    free: Span | None = None


def _part(day: RoomDay, quarter: Span, n: int, *, now: datetime) -> _Part:
    for booking in day.bookings:
        if booking.span.overlaps(quarter):
            return _Part(look_of(booking), ("booking", booking.id, 0), booking)
    for at, free in enumerate(day.free):
        if free.covers(quarter):
            return _Part("free", ("free", at, _piece(free, quarter, n)), free=free)
    if quarter.ends_at <= now:
        return _Part("past", ("past", 0, 0))
    prepared = any(day.room.place.kept_free(booking.span).overlaps(quarter) for booking in day.bookings)
    look: Look = "prep" if prepared else "off"
    return _Part(look, (look, 0, 0))


def _piece(free: Span, quarter: Span, n: int) -> int:
    """The hour that offers a quarter of a free span: its own, or the one beside it where too little of its own is free for
    a finger."""
    if free.length <= PER_HOUR * QUARTER:
        return -1
    hour, place = divmod(n, PER_HOUR)
    starts_at = quarter.starts_at - place * QUARTER
    before, after = starts_at - free.starts_at, free.ends_at - (starts_at + PER_HOUR * QUARTER)
    here = PER_HOUR * QUARTER + min(before, timedelta(0)) + min(after, timedelta(0))
    if here >= LEAST * QUARTER:
        return hour
    return hour + 1 if after > timedelta(0) and before < timedelta(0) else hour - 1 if before > timedelta(0) else hour


def look_of(booking: RoomBooking) -> Look:
    return "mine" if booking.mine else look_of_state(booking.state, booking.approval)


def look_of_state(state: str, approval: str) -> Look:
    if state == "checked-in":
        return "in"
    return "pending" if approval == "asked" else "booked"


def _joined(run: list[tuple[_Part, Span]]) -> Stretch:
    part = run[0][0]
    return Stretch(part.look, Span(run[0][1].starts_at, run[-1][1].ends_at), len(run), part.booking, part.free)


def next_free(day: RoomDay, *, now: datetime) -> Span:
    """The first free span of a day that has some, of which a quarter of an hour is left; else the last."""
    return next((free for free in day.free if free.ends_at - now >= QUARTER), day.free[-1])


def offered(free: Span, start: datetime, *, longest: timedelta, usual: timedelta = timedelta(hours=1)) -> Span:
    """What a free stretch offers at first: an hour from ``start``, or what is left of the free span, in whole five minutes."""
    left = timedelta(seconds=-start.timestamp() % GRAIN.total_seconds())
    starts_at = start + left
    ends_at = min(free.ends_at, starts_at + min(usual, longest))
    return Span(starts_at, ends_at - timedelta(seconds=ends_at.timestamp() % GRAIN.total_seconds()))
