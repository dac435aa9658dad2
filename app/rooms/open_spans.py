"""When a room can still be had on one day: pure, from the rules of its day and the bookings it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from app import clock
from app.quarters import QUARTER
from app.rooms import rules
from app.rooms.rules import Hindrance, House, Place, Refusal, Seeker
from app.spans import Span


def bookable_part(window: Span, *, now: datetime) -> Span | None:
    """What of a day's opening hours isn't over: from the quarter hour that ``now`` is in. None if all of it is."""
    begun = now - timedelta(seconds=now.timestamp() % QUARTER.total_seconds())
    starts_at = max(window.starts_at, begun)
    return Span(starts_at, window.ends_at) if starts_at < window.ends_at else None


def day_refusal(window: Span, place: Place, seeker: Seeker, house: House, *, now: datetime) -> Refusal | None:
    """Why nothing of ``window`` can be booked, whoever has booked what; closures are looked at hour by hour instead."""
    if window.ends_at <= now:
        return Refusal(Hindrance.PAST)
    probe = Span(window.ends_at - min(QUARTER, window.length), window.ends_at)
    why = rules.standing_refusal(probe, place, seeker, house, now=now)
    if why is None or why.hindrance is not Hindrance.CLOSED:
        return why
    on = clock.local_date(window.starts_at, place.zone)
    return None if house.allotted(place.area_id, on, seeker) else Refusal(Hindrance.NOT_ALLOTTED)


def free_spans(window: Span, taken: Iterable[Span], place: Place, house: House) -> tuple[Span, ...]:
    """The stretches of ``window`` in which the place is open, held by nobody, and neither cleared up nor set up; those of
    at least a quarter of an hour."""
    left = list(_open(window, place, house))
    for other in taken:
        held = place.kept_free(other)
        left = [piece for span in left for piece in _without(span, held)]
    return tuple(span for span in left if span.length >= QUARTER)


def _open(window: Span, place: Place, house: House) -> Iterator[Span]:
    closed = house.closure(place, window)
    if closed is None:
        yield window
        return
    for piece in _without(window, closed.span):
        yield from _open(piece, place, house)


def _without(span: Span, gone: Span) -> Iterator[Span]:
    if not span.overlaps(gone):
        yield span
        return
    if span.starts_at < gone.starts_at:
        yield Span(span.starts_at, gone.starts_at)
    if gone.ends_at < span.ends_at:
        yield Span(gone.ends_at, span.ends_at)
