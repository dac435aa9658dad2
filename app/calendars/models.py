"""Tables of feeds. A token is not kept, only its SHA-256; what is written of entries is kept by a digest of all it says."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId


class Feed(Base):
    """An address that shows a calendar to whoever has it. ``subject_id`` is the person, unit, space, area or series it is about.

    ``ended_at`` is when it was ``revoked`` or ``rotated``, when its owner ``lost`` the right to see it, or when it was given up
    as ``unused``. ``state`` is the version of everything that its last bytes said, ``etag`` a digest of these bytes, and
    ``modified_at`` at least a second later each time they differ from those before.
    """

    __tablename__ = "feed"
    __table_args__ = (
        CheckConstraint("kind IN ('me', 'team', 'room', 'desk', 'area', 'series')", name="kind"),
        CheckConstraint("level IN ('busy', 'basic', 'full')", name="level"),
        CheckConstraint("ending IN ('', 'revoked', 'rotated', 'lost', 'unused')", name="ending"),
        Index(None, "person_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    kind: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigId)
    level: Mapped[str]
    language: Mapped[str]
    name: Mapped[str]
    with_cancelled: Mapped[bool] = mapped_column(default=True)
    with_meetings: Mapped[bool] = mapped_column(default=True)
    with_alarm: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ending: Mapped[str] = mapped_column(default="")
    fetched_at: Mapped[datetime | None]
    client: Mapped[str] = mapped_column(default="")
    fetches: Mapped[int] = mapped_column(default=0)
    state: Mapped[bytes | None] = mapped_column(LargeBinary)
    etag: Mapped[str] = mapped_column(default="")
    modified_at: Mapped[datetime | None]


class Written(Base):
    """A VEVENT as it was written, by a digest of the entry and of the writer's version: the same for every feed that has it,
    and never changed."""

    __tablename__ = "calendar_entry"
    __table_args__ = (Index(None, "made_on"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    made_on: Mapped[date]
