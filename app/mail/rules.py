"""Decisions about mail: which news goes out by it, when, and when it is tried again. Plain values in, an answer out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

COLLECTED = timedelta(minutes=5)
"""How long a mail takes up what else its recipient is to be told."""
NEAR = timedelta(hours=24)
"""A change of what starts so soon goes out by mail whatever people have chosen: a feed may be fetched a day later."""
HELD = timedelta(minutes=10)
"""How long a process may have mails in hand. A process that dies gives them back by this alone."""
MOST_TRIES = 78
"""Tries, about three days of them, after which a mail waits for somebody to look at it. While the server itself isn't there,
nothing is given up."""
KEPT = timedelta(days=400)
"""How long it stays on record that a mail went out: so long its meeting may be called off."""


class Kind(StrEnum):
    """What people choose among."""

    INVITATIONS = "invitations"
    REPLIES = "replies"
    DECISIONS = "decisions"
    REQUESTS = "requests"
    ROOMS = "rooms"
    WAITING = "waiting"
    CALENDAR = "calendar"
    OTHERS = "others"


UNASKED = frozenset(Kind) - {Kind.REPLIES}
"""What people get who have chosen nothing: all that asks something of them or changes their plans."""

KINDS: Mapping[str, Kind] = {
    "meeting-invited": Kind.INVITATIONS,
    "meeting-moved": Kind.INVITATIONS,
    "meeting-changed": Kind.INVITATIONS,
    "meeting-cancelled": Kind.INVITATIONS,
    "meeting-stand-in": Kind.INVITATIONS,
    "meeting-own": Kind.INVITATIONS,
    "meeting-attending": Kind.REPLIES,
    "meeting-not-attending": Kind.REPLIES,
    "meeting-represented": Kind.REPLIES,
    "plan-approved": Kind.DECISIONS,
    "plan-returned": Kind.DECISIONS,
    "plan-revoked": Kind.DECISIONS,
    "approval-asked": Kind.REQUESTS,
    "room-asked": Kind.REQUESTS,
    "room-series-asked": Kind.REQUESTS,
    "room-approved": Kind.ROOMS,
    "room-refused": Kind.ROOMS,
    "room-moved": Kind.ROOMS,
    "desk-held": Kind.WAITING,
    "desk-given": Kind.WAITING,
    "room-held": Kind.WAITING,
    "room-given": Kind.WAITING,
    "day-off-added": Kind.CALENDAR,
    "day-off-removed": Kind.CALENDAR,
    "season-changed": Kind.CALENDAR,
    "hours-changed": Kind.CALENDAR,
}
"""Of which kind each notice is; one that isn't here is of ``OTHERS``."""

CHANGES = frozenset(
    {
        "meeting-moved",
        "meeting-changed",
        "meeting-cancelled",
        "room-refused",
        "room-moved",
        "day-off-added",
        "booking-released",
        "booking-cancelled",
        "booking-changed",
        "booking-restored",
    }
)
"""News by which somebody else, or the service, takes away or moves what one had."""

OF_BOOKINGS = frozenset({"room-approved", "room-refused", "room-moved", "day-off-added", "day-off-removed"})
"""Notices that tell of bookings already: what they tell needn't be told again from the journal."""

ITIP = frozenset(
    {"meeting-invited", "meeting-moved", "meeting-changed", "meeting-cancelled", "meeting-stand-in", "meeting-own"}
)
"""News of a meeting that change what stands in calendars; each meeting has a mail of its own, since calendar programs read
one invitation a mail."""


def kind_of(news: str) -> Kind:
    return KINDS.get(news, Kind.OTHERS)


def topic_of(news: str, meeting_id: int | None) -> str:
    """Which mail takes up a piece of news: "meeting:7", or "" for the one that all else shares."""
    return f"meeting:{meeting_id}" if news in ITIP and meeting_id else ""


def is_near(news: str, starts: Iterable[datetime], *, at: datetime) -> bool:
    """Whether something that starts within the day was changed at ``at``; ``starts`` are when it starts, and did before."""
    return news in CHANGES and any(at <= start + NEAR and start <= at + NEAR for start in starts)


def goes_out(news: str, choices: Mapping[Kind, bool], *, near: bool, begun: bool) -> bool:
    """Whether a piece of news is mailed. What was ``begun`` by mail is ended by mail: an invitation that stands in somebody's
    calendar has to be taken out of it again."""
    kind = kind_of(news)
    return near or choices.get(kind, kind in UNASKED) or (begun and news in ITIP)


STEPS = (1, 2, 5, 10, 15, 30, 60)
MOST_UNREACHED = 15
"""Minutes between tries while the server itself isn't there: it comes back for all mails at once."""


def next_try(attempts: int, *, unreached: bool, now: datetime) -> datetime:
    """When a mail is tried again after so many ``attempts``; ``unreached``: the server wasn't there at all."""
    minutes = STEPS[min(attempts, len(STEPS)) - 1]
    return now + timedelta(minutes=min(minutes, MOST_UNREACHED) if unreached else minutes)
