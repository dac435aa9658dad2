"""A series of bookings as one recurring entry (RFC 5545, 3.8.5): its rule, dates left out, and occurrences that differ."""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec.structs import replace

from app.calendars.booking_entry import place, space, status
from app.calendars.cleaning import one_line
from app.calendars.entries import Entry, Level, Names, Recurrence
from app.rooms.calendar_reading import HeldPlace, SeriesRead
from app.spans import Span, on_day
from app.texts import N_, Words

_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


def series(read: SeriesRead, names: Names, said: Words, *, level: Level) -> list[Entry]:
    """The recurring entry first, then what differs from it: moved, asked of the keeper, or made for a date that the rule no
    longer names. Without a rule that readers would understand alike, each date is an entry of its own."""
    changed_at = max([read.changed_at, *(one.changed_at for one in read.held)])
    told = _Told(read, names, said, level, int((changed_at - _BEGINNING).total_seconds()), changed_at)
    held = _shown(read)
    if not read.rule:
        return [told.alone(one) for _, one in sorted(held.items())]
    dates = [on for on in read.dates if on in held]
    strays = [told.alone(one) for on, one in sorted(held.items()) if on not in set(read.dates)]
    if not dates:
        return strays
    usual = next((status(held[on]) for on in dates if told.is_usual(on, held[on])), "CONFIRMED")
    spans = {on: told.span(on) for on in read.dates}
    without = tuple(spans[on].starts_at for on in read.dates if on not in held)
    until = f"{spans[read.dates[-1]].starts_at:%Y%m%dT%H%M%SZ}"
    master = replace(
        told.entry(spans[read.dates[0]], place(held[dates[0]], said), held[dates[0]]),
        recurrence=Recurrence(f"{read.rule};UNTIL={until}", without),
        status=usual,
        busy="TENTATIVE" if usual == "TENTATIVE" else "BUSY",
    )
    others = [
        replace(told.entry(held[on].span, place(held[on], said), held[on]), recurs_at=spans[on].starts_at)
        for on in dates
        if not told.is_usual(on, held[on]) or status(held[on]) != usual
    ]
    return [master, *others, *strays]


def _shown(read: SeriesRead) -> dict[date, HeldPlace]:
    """What takes place, or took place, by the date it was made for."""
    return {one.occurs_on: one for one in read.held if one.occurs_on and (one.active or one.state == "completed")}


class _Told:
    """How one series is told to one reader."""

    def __init__(
        self, read: SeriesRead, names: Names, said: Words, level: Level, sequence: int, changed_at: datetime
    ) -> None:
        self._read, self._names, self._said, self._level = read, names, said, level
        self._sequence, self._changed_at = sequence, changed_at

    def span(self, on: date) -> Span:
        return on_day(on, self._read.starts, self._read.ends, self._read.zone)

    def is_usual(self, on: date, one: HeldPlace) -> bool:
        return (one.space_id, one.span) == (self._read.space_id, self.span(on))

    def entry(self, span: Span, location: str, one: HeldPlace) -> Entry:
        return Entry(
            self._names.uid("series", self._read.id),
            self._sequence,
            self._changed_at,
            self._title(one),
            span=span,
            zone=self._read.zone,
            location=location,
            status=status(one),
            busy="TENTATIVE" if status(one) == "TENTATIVE" else "BUSY",
            url=self._names.link(f"/pesanan/seri/{self._read.id}"),
        )

    def alone(self, one: HeldPlace) -> Entry:
        entry = self.entry(one.span, place(one, self._said), one)
        return replace(entry, uid=self._names.uid("booking", one.id), zone=one.zone)

    def _title(self, one: HeldPlace) -> str:
        """What a series is for is a detail: others than its owner may read it."""
        purpose = self._read.purpose if self._level == "full" else ""
        return one_line(purpose or said_of(one, self._said))


def said_of(one: HeldPlace | SeriesRead, said: Words) -> str:
    """Ruang Mahakam, berulang"""
    return said.say(N_("{place}, berulang"), place=space(one, said))
