"""Tables of meetings. Their rooms are bookings (``app/rooms/models.py``) that name the meeting."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId

ACTIVE: dict[str, Any] = {"postgresql_where": text("active"), "sqlite_where": text("active = 1")}


class Meeting(Base):
    """A meeting (rapat) over a half-open span; ``site_id`` hosts it, ``letter`` numbers its invitation (undangan).

    ``sequence`` counts what its attendees must hear of, as in RFC 5545, 3.8.7.4; ``version`` counts every change.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("state IN ('planned', 'cancelled')", name="state"),
        Index("meeting_organiser", "organiser_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str]
    agenda: Mapped[str] = mapped_column(default="")
    letter: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")
    organiser_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    site_id: Mapped[int] = mapped_column(BigId, ForeignKey("site.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="planned")
    notes: Mapped[str] = mapped_column(default="")
    sequence: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class Attendee(Base):
    """Somebody invited, or sent in another's place (``for_id``, by disposisi). ``unit_id``: invited with that unit.

    ``reply`` is "", attending, not-attending or represented, the last with the stand-in's id. The meeting's times are kept
    here as well, with ``active`` while it takes the person's time, so that one index tells when somebody is busy. Who is
    struck off the list stays in it without ``invited``.
    """

    __tablename__ = "attendee"
    __table_args__ = (
        UniqueConstraint("meeting_id", "person_id"),
        CheckConstraint("reply IN ('', 'attending', 'not-attending', 'represented')", name="reply"),
        Index("attendee_person_time", "person_id", "ends_at", "starts_at", **ACTIVE),
        Index("attendee_person_history", "person_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(BigId, ForeignKey("meeting.id"))
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    unit_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("unit.id"))
    for_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    required: Mapped[bool] = mapped_column(default=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    invited: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    reply: Mapped[str] = mapped_column(default="")
    stand_in_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    remark: Mapped[str] = mapped_column(default="")
    replied_at: Mapped[datetime | None]


class Guest(Base):
    """Somebody from outside, invited by e-mail; they have no account here."""

    __tablename__ = "guest"
    __table_args__ = (UniqueConstraint("meeting_id", "email"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(BigId, ForeignKey("meeting.id"))
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str]


class FollowUp(Base):
    """What a meeting left to do (tindak lanjut): who, what, until which local date."""

    __tablename__ = "follow_up"
    __table_args__ = (Index(None, "meeting_id"), Index("follow_up_owner", "owner_id", "due_on"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(BigId, ForeignKey("meeting.id"))
    task: Mapped[str]
    owner_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    due_on: Mapped[date]
    done_at: Mapped[datetime | None]
