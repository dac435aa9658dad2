"""The queue and people's choices as programs read them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from app.mail.outbox import State


class MailOut(msgspec.Struct, frozen=True):
    """A mail in the queue, without its content. ``to`` is a person's name or a guest's address; ``about`` are kinds of news,
    "meeting-moved". ``due_at``: when it is tried next; ``last_error`` as the server said it."""

    id: int
    to: str
    about: list[str]
    state: State
    opened_at: datetime
    due_at: datetime
    attempts: int
    last_error: str
    ended_at: datetime | None


class MailChoices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which kinds of news somebody gets by mail. What others do to one's bookings within the day before they start is
    always mailed."""

    invitations: bool
    replies: bool
    decisions: bool
    requests: bool
    rooms: bool
    waiting: bool
    calendar: bool
    others: bool
