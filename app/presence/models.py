"""Tables of presence. Nothing else of it is stored: no activity, no history, no place but by check-in (``app/rooms``)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId


class OverrideRow(Base):
    """What somebody says of themselves until ``until_at``: how they can be reached (``avail``), where they are (``place``),
    each "" where nothing is said of it. One row a person, written over; what was said before is not kept."""

    __tablename__ = "presence_override"
    __table_args__ = (
        CheckConstraint("avail IN ('', 'available', 'meeting', 'dnd', 'away')", name="avail"),
        CheckConstraint("place IN ('', 'site', 'home', 'elsewhere')", name="place"),
    )

    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"), primary_key=True)
    avail: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    site_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("site.id"))
    until_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ChoiceRow(Base):
    """What somebody hides: their desk from all but their team, and from everybody that their open page is idle."""

    __tablename__ = "presence_choice"

    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"), primary_key=True)
    hides_desk: Mapped[bool] = mapped_column(default=False)
    hides_idle: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
