"""Tables of mail: what goes out to whom, what it tells, and who wants what by mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, partial


class Mail(Base):
    """A mail to one recipient: a person's id as text, or the e-mail address of a guest from outside.

    ``open`` until ``due_at``, it takes up what the recipient is to be told about its ``topic`` ("meeting:7", or "" for
    all else). Whoever takes it in hand then closes it, and writes it once (``message``): it stays the same however often it is
    tried. ``due_at`` is when it is tried next; ``claim`` names the process that has it in hand until ``claimed_until``.
    ``method`` is the iTIP method it carries, ``told`` a digest of what it says. A mail that was sent keeps no text.
    """

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'waiting', 'sent', 'failed', 'dropped')", name="state"),
        Index("mail_open", "recipient", "topic", unique=True, **partial("state = 'open'")),
        Index("mail_due", "due_at", **partial("state IN ('open', 'waiting')")),
        Index("mail_topic", "topic", "recipient"),
        Index("mail_state_of", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    recipient: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    topic: Mapped[str] = mapped_column(default="")
    site_id: Mapped[int] = mapped_column(BigId, ForeignKey("site.id"))
    state: Mapped[str] = mapped_column(default="open")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str] = mapped_column(default="")
    claimed_until: Mapped[datetime | None]
    message_id: Mapped[str] = mapped_column(default="")
    sender: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    method: Mapped[str] = mapped_column(default="")
    told: Mapped[str] = mapped_column(default="")
    message: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_error: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]


class MailItem(Base):
    """One thing that a mail tells. ``cause`` names it, such as "meeting:7:2": nobody gets it twice."""

    __tablename__ = "mail_item"
    __table_args__ = (UniqueConstraint("recipient", "cause"), Index(None, "mail_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    mail_id: Mapped[int] = mapped_column(BigId, ForeignKey("mail.id"))
    recipient: Mapped[str]
    kind: Mapped[str]
    cause: Mapped[str]
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class MailChoice(Base):
    """Whether somebody wants a kind of news (``rules.KINDS``) by mail, where they have said so."""

    __tablename__ = "mail_choice"

    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[bool]


class MailCursor(Base):
    """How far the journal was read, in one row: up to ``done_id``. On PostgreSQL an entry may be committed after one with a
    higher id: so ``seen_id``, the highest there was, is read up to once every transaction below ``horizon`` has ended, which is
    all that were under way then."""

    __tablename__ = "mail_cursor"

    id: Mapped[int] = mapped_column(primary_key=True)
    done_id: Mapped[int] = mapped_column(BigId)
    seen_id: Mapped[int] = mapped_column(BigId)
    horizon: Mapped[int] = mapped_column(BigId)
