"""Tables of places and bookings. The no-overlap guards of ``booking`` are in ``app/db/guards.py``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId, partial
from app.sites import Site

ACTIVE: dict[str, Any] = {"postgresql_where": text("active"), "sqlite_where": text("active = 1")}
"""What makes an index partial, in the words each engine's queries use: SQLite matches them by their text."""


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
    """A desk or a room: what a booking holds. ``retired_at`` ends it; its history stays.

    Between two bookings of a room there is time to clear it up after the first and to set it up for the second. Where
    ``needs_approval``, the room keeper decides on each booking.
    """

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
    room_kind: Mapped[str] = mapped_column(default="")
    setup_minutes: Mapped[int] = mapped_column(default=0)
    clearing_minutes: Mapped[int] = mapped_column(default=0)
    needs_approval: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None]


PLACE = (
    Space.id,
    Space.kind,
    Space.name,
    Space.floor_id,
    Space.area_id,
    Site.id,
    Site.zone,
    Space.bookable,
    Space.setup_minutes + Space.clearing_minutes,
    Space.needs_approval,
)
"""The columns of ``rules.Place``, in its order; of a space that isn't retired."""


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
    ``segment_id`` is the part of a week plan that the desk was booked for, ``meeting_id`` the meeting that the room was
    booked for, ``series_id`` the series it was made by, for the local date ``occurs_on``, wherever it was moved since.
    ``approval`` is what the room keeper says: "", asked, approved or refused, the last with a ``remark``. Until
    ``held_until`` somebody on the waiting list may accept it; then it goes to the next.
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
        CheckConstraint("approval IN ('', 'asked', 'approved', 'refused')", name="approval"),
        Index("booking_segment", "segment_id", **partial("segment_id IS NOT NULL")),
        Index("booking_meeting", "meeting_id", **partial("meeting_id IS NOT NULL")),
        Index("booking_series_on", "series_id", "occurs_on", **partial("series_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    space_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str]
    segment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("segment.id"))
    meeting_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("meeting.id"))
    series_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("booking_series.id"))
    occurs_on: Mapped[date | None]
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    booked_by_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="booked")
    active: Mapped[bool] = mapped_column(default=True)
    purpose: Mapped[str] = mapped_column(default="")
    approval: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")
    held_until: Mapped[datetime | None]
    release_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class Series(Base):
    """Bookings made by one rule: the same space, person and local hours on each date of an RFC 5545 recurrence.

    ``rule`` is an RRULE's value without DTSTART; hours are minutes since local midnight of ``starts_on`` and the dates
    that follow from it. ``ended_at`` is set once nothing of it is left to come.
    """

    __tablename__ = "booking_series"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    space_id: Mapped[int] = mapped_column(BigId, ForeignKey("space.id"))
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    booked_by_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    rule: Mapped[str]
    starts_on: Mapped[date]
    starts: Mapped[int]
    ends: Mapped[int]
    purpose: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Wait(Base):
    """Somebody's place in the line for a space over a span. First asked, first served.

    ``waiting``, then ``held`` while booking ``booking_id`` is kept for them; in the end ``taken``, ``expired`` (not accepted
    in time, or the time itself has come) or ``left``. ``automatic``: accepted beforehand.
    """

    __tablename__ = "wait"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("state IN ('waiting', 'held', 'taken', 'expired', 'left')", name="state"),
        Index("wait_space_time", "space_id", "ends_at", **partial("state = 'waiting'")),
        Index("wait_booking", "booking_id", **partial("booking_id IS NOT NULL")),
        Index("wait_person", "person_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    space_id: Mapped[int] = mapped_column(BigId, ForeignKey("space.id"))
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    automatic: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default="waiting")
    booking_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("booking.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
