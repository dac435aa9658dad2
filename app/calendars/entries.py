"""Entries of a calendar: plain values, already worded for one reader, for feeds and invitations alike.

An entry says all that is written about it, and nothing else is: whoever may know less gets another entry (``as_busy``), never
the same one with a mark on it. Times carry the zone of the place where the thing happens.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from app.calendars.cleaning import clean, clipped, one_line
from app.spans import Span

Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]
Busy = Literal["FREE", "TENTATIVE", "BUSY", "OOF"]
Level = Literal["busy", "basic", "full"]
LEVELS: tuple[Level, ...] = ("busy", "basic", "full")


class Recurrence(msgspec.Struct, frozen=True):
    """``rule`` is an RRULE's value with COUNT, or with UNTIL in UTC; ``without`` are starts that it names and that don't
    take place (EXDATE)."""

    rule: str
    without: tuple[datetime, ...] = ()


class Entry(msgspec.Struct, frozen=True):
    """One VEVENT. Either ``span``, in the IANA zone ``zone``, or ``days``: the first local date and the one after the last.

    ``changed_at`` is when what it says last changed: DTSTAMP and LAST-MODIFIED, so that equal entries keep a feed's bytes
    (RFC 5545, 3.8.7.2: without METHOD, DTSTAMP is the last revision). ``sequence`` grows with each change. ``busy`` other
    than FREE takes the reader's time. ``recurs_at`` makes it one occurrence of the recurring entry of the same ``uid``, moved
    from that instant. ``alarm_minutes`` is how long before its start it reminds.
    """

    uid: str
    sequence: int
    changed_at: datetime
    summary: str
    span: Span | None = None
    days: tuple[date, date] | None = None
    zone: str = "Asia/Jakarta"
    description: str = ""
    location: str = ""
    status: Status = "CONFIRMED"
    busy: Busy = "BUSY"
    categories: tuple[str, ...] = ()
    url: str = ""
    link: str = ""
    recurrence: Recurrence | None = None
    recurs_at: datetime | None = None
    alarm_minutes: int | None = None

    def __post_init__(self) -> None:
        if (self.span is None) == (self.days is None):
            raise ValueError("an entry has a span or days")
        if self.days and self.days[0] >= self.days[1]:
            raise ValueError("days end after they begin")

    @property
    def order(self) -> tuple[str, str, str]:
        """Where it stands in a feed: by start, then by UID, then the rule before what differs from it."""
        starts = self.span.starts_at.isoformat() if self.span else str(self.days and self.days[0])
        return starts, self.uid, self.recurs_at.isoformat() if self.recurs_at else ""


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.order)


class Names(msgspec.Struct, frozen=True):
    """How this installation names its entries: a UID is the same in feeds and in mail, for ever, and nobody else's.

    ``key`` is a secret of the installation. It makes the name's end, so that two installations never name two things alike,
    whatever their address is; and the names in feeds that must not be joined with others.
    """

    key: bytes
    origin: str = ""
    """the public address, for links back; "" leaves them out"""

    def uid(self, kind: str, *ids: int | str) -> str:
        """meeting-12@3f0c9a1be2d4.selaras"""
        end = hmac.digest(self.key, b"calendars", hashlib.sha256).hex()[:12]
        return f"{'-'.join((kind, *map(str, ids)))}@{end}.selaras"

    def hidden(self, uid: str, feed: str) -> str:
        """Another name for an entry, which tells nothing and is a different one in each ``feed``."""
        return self.uid("x", hmac.digest(self.key, f"{feed}\n{uid}".encode(), hashlib.sha256).hex()[:32])

    def link(self, path: str) -> str:
        return self.origin + path if self.origin else ""


def as_busy(entry: Entry, names: Names, feed: str, word: str) -> Entry | None:
    """What remains for whoever may know only that time is taken; None if it takes none. Made anew, not cut down: a property
    that is added to entries one day stays out until it is let in here."""
    if entry.busy == "FREE" or entry.status == "CANCELLED":
        return None
    return Entry(
        names.hidden(entry.uid, feed),
        entry.sequence,
        entry.changed_at,
        word,
        span=entry.span,
        days=entry.days,
        zone=entry.zone,
        status="TENTATIVE" if entry.status == "TENTATIVE" else "CONFIRMED",
        busy="TENTATIVE" if entry.status == "TENTATIVE" else "BUSY",
        recurrence=entry.recurrence,
        recurs_at=entry.recurs_at,
    )


def cancelled(entry: Entry, word: str) -> Entry:
    """The entry of a thing that was called off: it stays a while, so that clients which only add learn of it."""
    return msgspec.structs.replace(
        entry,
        summary=one_line(word.format(title=entry.summary)),
        status="CANCELLED",
        busy="FREE",
        link="",
        alarm_minutes=None,
    )


def text(*parts: str) -> str:
    """Paragraphs of a description, without empty ones, cut to what clients bear."""
    return clipped("\n\n".join(kept for part in parts if (kept := clean(part))))


def day(on: date) -> tuple[date, date]:
    """A whole local date, as ``Entry.days`` has it: the end is not included (RFC 5545, 3.6.1)."""
    return on, on + timedelta(days=1)
