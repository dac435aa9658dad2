"""Words for people: Indonesian is the source text, English its translation in the ``en.po`` of each folder.

Dates and times are worded here and nowhere else. No time leaves without the name of its zone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from app import clock
from app.spans import Span

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")


def N_(text: str) -> str:  # noqa: N802 - gettext's name for a text that is translated when it is said
    """Mark ``text`` for translation."""
    return text


@lru_cache(maxsize=1)
def _english() -> dict[str, str | tuple[str, ...]]:
    from babel.messages.pofile import read_po  # noqa: PLC0415 - a start in Indonesian needs no catalogue

    catalog: dict[str, str | tuple[str, ...]] = {}
    for path in [Path(__file__).parent / "en.po", *sorted(Path(__file__).parent.glob("*/en.po"))]:
        with path.open("rb") as file:
            for message in read_po(file, locale="en"):
                if message.id and message.string:
                    source = message.id if isinstance(message.id, str) else message.id[0]
                    catalog[source] = message.string if isinstance(message.string, str) else tuple(message.string)
    return catalog


class Words:
    """What a reader of one language reads."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._catalog = _english() if language == "en" else {}

    def say(self, text: str, **facts: Any) -> str:
        """``text`` in this language, with the facts put in; where it has a plural, the fact ``n`` decides. An unknown text
        comes back as it is."""
        said = self._catalog.get(text, text)
        if not isinstance(said, str):
            said = said[0] if facts.get("n") == 1 else said[-1]
        return said.format(**facts) if facts else said

    def count(self, one: str, many: str, n: int, **facts: Any) -> str:
        """``one`` or ``many`` with ``{n}`` put in. Indonesian nouns have one form, so there the two are equal."""
        said = self._catalog.get(one)
        forms = said if isinstance(said, tuple) else (one, many)
        text = forms[0] if n == 1 else forms[-1]
        return text.format(n=n, **facts)

    def forms(self, text: str) -> tuple[str, str]:
        """A text with a plural as it stands, of one and of many, for whoever puts in ``n`` later."""
        said = self._catalog.get(text, text)
        return (said, said) if isinstance(said, str) else (said[0], said[-1])

    def day(self, on: date) -> str:
        """Selasa, 24 November 2026"""
        return _date(on, "EEEE, d MMMM y", self.language)

    def short_day(self, on: date) -> str:
        """Sel 24 Nov"""
        return _date(on, "EEE d MMM", self.language)

    def plain_date(self, on: date) -> str:
        """24 Nov 2026"""
        return _date(on, "d MMM y", self.language)

    def weekday(self, on: date) -> str:
        """Sel"""
        return _date(on, "EEE", self.language)

    def clock(self, instant: datetime, zone: str) -> str:
        """07.30, without the zone's name: only for where the name stands beside it."""
        wall = instant.astimezone(clock.zone(zone))
        return f"{wall:%H.%M}" if self.language == "id" else f"{wall:%H:%M}"

    def minute(self, minute: int) -> str:
        """07.30, from minutes since a local midnight: only for where the zone's name stands beside it."""
        return f"{minute // 60:02}{'.' if self.language == 'id' else ':'}{minute % 60:02}"

    def time(self, instant: datetime, zone: str) -> str:
        """07.30 WITA"""
        return f"{self.clock(instant, zone)} {clock.zone_name(zone)}"

    def hours(self, span: Span, zone: str) -> str:
        """07.30-16.00 WITA; a day ends at 24.00, not where it begins."""
        ends = self.clock(span.ends_at, zone)
        if clock.minute_of(span.ends_at, zone) == 0:
            ends = self.minute(1440)
        return f"{self.clock(span.starts_at, zone)}–{ends} {clock.zone_name(zone)}"

    def when(self, span: Span, zone: str, reader_zone: str) -> str:
        """Selasa, 24 Nov · 07.30-16.00 WITA (06.30-15.00 WIB): the second where the reader is posted in another zone.

        A date that differs between the two walls is said, as is an end on a later day.
        """
        here = f"{self.short_day(clock.local_date(span.starts_at, zone))} · {self._hours_with_days(span, zone)}"
        if clock.zone_name(reader_zone) == clock.zone_name(zone):
            return here
        start = clock.local_date(span.starts_at, reader_zone)
        other_day = "" if start == clock.local_date(span.starts_at, zone) else f"{self.short_day(start)} · "
        return f"{here} ({other_day}{self._hours_with_days(span, reader_zone)})"

    def _hours_with_days(self, span: Span, zone: str) -> str:
        last = clock.local_date(span.ends_at - timedelta(seconds=1), zone)
        if last == clock.local_date(span.starts_at, zone):
            return self.hours(span, zone)
        ends_on = clock.local_date(span.ends_at, zone)
        end = f"{self.short_day(ends_on)} {self.clock(span.ends_at, zone)}"
        return f"{self.clock(span.starts_at, zone)} – {end} {clock.zone_name(zone)}"


@lru_cache(maxsize=4096)
def _date(on: date, pattern: str, language: str) -> str:
    from babel.dates import format_date  # noqa: PLC0415 - loaded with the first date, not with the first page

    return format_date(on, pattern, locale=language)


@lru_cache(maxsize=2)
def words(language: Language) -> Words:
    return Words(language)


def language_of(*wishes: str | None) -> Language:
    """The first wish that is one of ours (a code, or an Accept-Language header); Indonesian otherwise."""
    for wish in wishes:
        for part in (wish or "").split(","):
            code = part.split(";")[0].strip().lower().split("-")[0]
            if code == "id":
                return "id"
            if code == "en":
                return "en"
    return "id"
