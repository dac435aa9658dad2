"""Tables of places and bookings. The no-overlap guards of ``booking`` are in ``app/db/guards.py``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId

ACTIVE: dict[str, Any] = {"postgresql_where": text("active"), "sqlite_where": text("active = 1")}
"""What makes an index partial, in the words each engine's queries use: SQLite matches them by their text."""


TIED: dict[str, Any] = {name: text("segment_id IS NOT NULL") for name in ("postgresql_where", "sqlite_where")}


class Building(Base):
    __tablename__ = "building"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int] = mapped_column(BigId, ForeignKey("site.id"))
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Floor(Base):
    """``plan`` is the geometry that nobody books (``plans.Plan``)."""

    __tablename__ = "floor"
    __table_args__ = (Index(None, "building_id"), Index(None, "site_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    building_id: Mapped[int] = mapped_column(BigId, ForeignKey("building.id"))
    site_id: Mapped[int] = mapped_column(BigId, ForeignKey("site.id"))
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    level: Mapped[int]
    plan: Mapped[dict[str, Any]]


class Area(Base):
    """A part of a floor, the unit of allotment; a rectangle in the plan's units."""

    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("floor_id", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    floor_id: Mapped[int] = mapped_column(BigId, ForeignKey("floor.id"))
    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]
    x: Mapped[float]
    y: Mapped[float]
    width: Mapped[float]
    height: Mapped[float]


class Space(Base):
    """A desk or a room: what a booking holds. ``retired_at`` ends it; its history stays."""

    __tablename__ = "space"
    __table_args__ = (
        UniqueConstraint("floor_id", "code"),
        UniqueConstraint("id", "kind"),
        CheckConstraint("kind IN ('desk', 'room')", name="kind"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    floor_id: Mapped[int] = mapped_column(BigId, ForeignKey("floor.id"))
    area_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("area.id"))
    kind: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    x: Mapped[float]
    y: Mapped[float]
    width: Mapped[float]
    height: Mapped[float]
    chair: Mapped[str] = mapped_column(default="north")
    seats: Mapped[int] = mapped_column(default=1)
    attributes: Mapped[str] = mapped_column(default="")
    bookable: Mapped[bool] = mapped_column(default=True)
    retired_at: Mapped[datetime | None]


class Allotment(Base):
    """An area given to an agency, or to one unit of it, from and up to and including local dates."""

    __tablename__ = "allotment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    area_id: Mapped[int] = mapped_column(BigId, ForeignKey("area.id"))
    agency_id: Mapped[int] = mapped_column(BigId, ForeignKey("agency.id"))
    unit_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("unit.id"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]


class HouseRule(Base):
    """Dated settings of booking, for a floor, an agency or everybody; what is None here is said by a wider row.

    Hours are minutes since local midnight, 0 to 1440.
    """

    __tablename__ = "house_rule"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    floor_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("floor.id"))
    agency_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("agency.id"))
    weekday: Mapped[int | None]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    basis: Mapped[str]
    horizon_days: Mapped[int | None]
    longest_minutes: Mapped[int | None]
    opens: Mapped[int | None]
    closes: Mapped[int | None]
    open_weekdays: Mapped[str | None]
    day_starts: Mapped[int | None]
    break_starts: Mapped[int | None]
    break_ends: Mapped[int | None]
    day_ends: Mapped[int | None]
    check_in_from_minutes: Mapped[int | None]
    release_after_minutes: Mapped[int | None]


class Closure(Base):
    """A period in which a site, floor, area or space can't be booked; exactly one of the four is named."""

    __tablename__ = "closure"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("site.id"))
    floor_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("floor.id"))
    area_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("area.id"))
    space_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("space.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]


class HouseVersion(Base):
    """One row, renumbered with each change of rules, allotments and closures."""

    __tablename__ = "house_version"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class Booking(Base):
    """A space held for a person over a half-open span. ``active`` while booked or checked in; the guards look at it.

    ``release_at`` is when a desk still waiting for its check-in is freed; ``ended_at`` when the booking really ended.
    ``segment_id`` is the part of a week plan that the desk was booked for, if it was.
    """

    __tablename__ = "booking"
    __table_args__ = (
        ForeignKeyConstraint(["space_id", "kind"], ["space.id", "space.kind"], name="booking_space_fkey"),
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("state IN ('booked', 'checked-in', 'completed', 'cancelled', 'released')", name="state"),
        CheckConstraint("active = (state IN ('booked', 'checked-in'))", name="active"),
        Index("booking_space_time", "space_id", "ends_at", "starts_at", **ACTIVE),
        Index("booking_person_time", "person_id", "ends_at", "starts_at", **ACTIVE),
        Index("booking_release", "release_at", **ACTIVE),
        Index("booking_person_history", "person_id", "starts_at"),
        Index("booking_segment", "segment_id", **TIED),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    space_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str]
    segment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("segment.id"))
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    booked_by_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="booked")
    active: Mapped[bool] = mapped_column(default=True)
    purpose: Mapped[str] = mapped_column(default="")
    release_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
