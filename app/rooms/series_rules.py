"""Which dates of a series can be had and which of its bookings go with a change: plain values in, an answer out."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

import msgspec

from app.rooms import rules
from app.rooms.rules import Hindrance, House, Place, Refusal, Seeker
from app.spans import Span, on_day


class Pattern(msgspec.Struct, frozen=True):
    """What all bookings of a series share. Hours in minutes since local midnight."""

    space_id: int
    zone: str
    starts: int
    ends: int
    purpose: str = ""

    def span(self, on: date) -> Span:
        return on_day(on, self.starts, self.ends, self.zone)


class Held(msgspec.Struct, frozen=True):
    """A booking of a series, made for its date ``on``."""

    id: int
    on: date
    space_id: int
    span: Span
    purpose: str
    state: str

    @property
    def active(self) -> bool:
        return self.state in ("booked", "checked-in")

    def follows(self, pattern: Pattern) -> bool:
        """True for a booking as its series has it; what was moved, reworded or ended on its own is an exception."""
        same = (self.space_id, self.span, self.purpose) == (pattern.space_id, pattern.span(self.on), pattern.purpose)
        return self.state == "booked" and same


class Wish(msgspec.Struct, frozen=True):
    """Where a date of a series should be; ``held`` is the booking to move there, None for one to make."""

    on: date
    place: Place
    span: Span
    held: Held | None = None


class InTheWay(msgspec.Struct, frozen=True):
    """An active booking of a space that is wanted, or another desk of the person (``own``)."""

    id: int
    space_id: int
    space: str
    own: bool
    span: Span


class Calendar:
    """Spans of which no two overlap, as the guards have it, so that those near a time are found at once."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans = sorted(spans)

    def add(self, span: Span) -> None:
        insort(self._spans, span)

    def near(self, window: Span) -> Iterator[Span]:
        first = bisect_right(self._spans, window.starts_at, key=_ends_at)
        for span in self._spans[first:]:
            if span.starts_at >= window.ends_at:
                return
            yield span


def _ends_at(span: Span) -> datetime:
    return span.ends_at


class Diary:
    """What stands in the way of somebody's series, by space; what is granted stands in the way of the rest."""

    def __init__(self, found: Iterable[InTheWay]) -> None:
        spaces: dict[int, list[Span]] = {}
        desks: list[Span] = []
        for one in found:
            if one.own:
                desks.append(one.span)
            else:
                spaces.setdefault(one.space_id, []).append(one.span)
        self._spaces = {id: Calendar(spans) for id, spans in spaces.items()}
        self._desks = Calendar(desks)

    def refusal(self, wish: Wish, house: House, seeker: Seeker, *, now: datetime) -> Refusal | None:
        taken = self._spaces.get(wish.place.id, Calendar()).near(wish.place.kept_free(wish.span))
        own = self._desks.near(wish.span)
        return rules.refusal(wish.span, wish.place, seeker, house, taken=taken, own_desks=own, now=now)

    def add(self, space_id: int, kind: str, span: Span) -> None:
        self._spaces.setdefault(space_id, Calendar()).add(span)
        if kind == "desk":
            self._desks.add(span)


def judged(wishes: Sequence[Wish], diary: Diary, house: House, seeker: Seeker, *, now: datetime) -> dict[date, Refusal]:
    """Why dates can't be had, by date; all others can be had together. ``diary`` holds what is granted afterwards."""
    refused: dict[date, Refusal] = {}
    for wish in sorted(wishes, key=lambda one: one.span):
        if why := diary.refusal(wish, house, seeker, now=now):
            refused[wish.on] = why
        else:
            diary.add(wish.place.id, wish.place.kind, wish.span)
    return refused


def with_what_stays(wishes: Sequence[Wish], refused: dict[date, Refusal]) -> dict[date, Refusal]:
    """Refused dates once those that are refused stay where they are, and so stand in the way of others in turn."""
    refused = dict(refused)
    stuck = [wish for wish in wishes if wish.on in refused and wish.held]
    while stuck:
        held = stuck.pop().held
        assert held is not None
        for wish in wishes:
            if wish.on in refused:
                continue
            same_space = wish.place.id == held.space_id and wish.place.kept_free(wish.span).overlaps(held.span)
            if same_space or (wish.place.kind == "desk" and wish.span.overlaps(held.span)):
                refused[wish.on] = Refusal(Hindrance.TAKEN if same_space else Hindrance.HAS_DESK)
                if wish.held:
                    stuck.append(wish)
    return refused


class Course(msgspec.Struct, frozen=True):
    """What a change does to the dates of a series: bookings that move to a date, those that stay as they are but stand for
    a date, those that end, and dates to book anew."""

    moved: list[tuple[Held, date]]
    kept: list[tuple[Held, date]]
    dropped: list[Held]
    added: list[date]


def course(
    held: Sequence[Held], pattern: Pattern, before: Sequence[date], after: Sequence[date], *, in_order: bool
) -> Course:
    """From the dates ``before`` to those ``after``: the first to the first and so on if ``in_order``, else each to itself.

    A date that nobody holds stays so: it was skipped, and is not brought back. Exceptions are kept.
    """
    paired = dict(zip(before, after, strict=False)) if in_order else {on: on for on in before if on in set(after)}
    moved, kept, dropped = [], [], []
    for one in held:
        to = paired.get(one.on)
        if not one.follows(pattern):
            kept.append((one, to or one.on))
        elif to is None:
            dropped.append(one)
        else:
            moved.append((one, to))
    there = set(paired.values()) | {one.on for one in held if one.active and not one.follows(pattern)}
    return Course(moved, kept, dropped, [on for on in after if on not in there])
