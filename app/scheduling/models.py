"""Tables of working time, policies and week plans."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId


class DayOffRow(Base):
    """A national holiday, collective leave (cuti bersama), an election day, or a site's own day; a local date.

    ``state`` is ``estimated`` until decreed, ``fixed``, or ``cancelled``: a day that was called off stays in the table.
    """

    __tablename__ = "day_off"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("site.id"))
    on: Mapped[date]
    name: Mapped[str]
    name_en: Mapped[str]
    basis: Mapped[str]
    kind: Mapped[str] = mapped_column(default="national-holiday")
    state: Mapped[str] = mapped_column(default="fixed")


class SeasonRow(Base):
    """Days with hours of their own, both ends included: Ramadan, decided one or two evenings before (sidang isbat)."""

    __tablename__ = "season"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date]
    basis: Mapped[str]
    state: Mapped[str] = mapped_column(default="fixed")


class HoursRow(Base):
    """Dated working hours of everybody, a site, an agency, a unit or one person (``working_time.Hours``)."""

    __tablename__ = "work_hours"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("site.id"))
    agency_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("agency.id"))
    unit_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("unit.id"))
    person_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(default="office")
    season: Mapped[str] = mapped_column(default="")
    weekdays: Mapped[str]
    on_days_off: Mapped[bool] = mapped_column(default=False)
    starts: Mapped[int]
    break_starts: Mapped[int]
    break_ends: Mapped[int]
    ends: Mapped[int]
    flexi_band_minutes: Mapped[int] = mapped_column(default=0)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    basis: Mapped[str]


class PolicyRow(Base):
    """A dated policy or coverage rule of everybody, an agency, or a unit with those below it; ``rule`` is its kind with
    its settings (``policies.Rule``, ``coverage.Rule``). Whoever counts a unit's absences locks the row that limits them."""

    __tablename__ = "policy"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("agency.id"))
    unit_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(default="")
    basis: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    rule: Mapped[dict[str, Any]]


class RulebookVersion(Base):
    """One row, renumbered with each change of the dated tables above."""

    __tablename__ = "rulebook_version"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class WeekPlan(Base):
    """One person's week; the row that is locked while it changes. ``step`` is how far up the chain of approvers it is."""

    __tablename__ = "week_plan"
    __table_args__ = (UniqueConstraint("person_id", "monday_on"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    monday_on: Mapped[date]
    step: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)


class PlanDay(Base):
    """A day of a plan: its state, what its approver said last, and whether the rules approved it without anybody."""

    __tablename__ = "plan_day"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'submitted', 'approved', 'returned', 'revoked')", name="state"),
        Index("plan_day_person_on", "person_id", "on", unique=True),
        Index("plan_day_on_state", "on", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_id: Mapped[int] = mapped_column(BigId, ForeignKey("week_plan.id"))
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    on: Mapped[date]
    state: Mapped[str] = mapped_column(default="draft")
    automatic: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


class SegmentRow(Base):
    """A part of a planned day (``rules.Segment``). A ``whole`` one lasts as long as the working day does, whatever becomes
    of the day's hours; ``starts`` and ``ends`` are what they were when it was planned.

    A desk booking points to its segment, never the other way round: a booking that ends for whatever reason leaves no
    segment that points to it. One that is planned no more stays, not ``active``, for the bookings of its past.
    """

    __tablename__ = "segment"
    __table_args__ = (CheckConstraint("starts < ends", name="order"), Index(None, "day_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day_id: Mapped[int] = mapped_column(BigId, ForeignKey("plan_day.id"))
    mode: Mapped[str]
    starts: Mapped[int]
    ends: Mapped[int]
    site_id: Mapped[int] = mapped_column(BigId, ForeignKey("site.id"))
    whole: Mapped[bool] = mapped_column(default=False)
    letter: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)


class CalendarChange(Base):
    """A change of the dated tables that touched plans and desks: what the row was and became, whom it touched, and which
    bookings it took, so that it can be undone exactly."""

    __tablename__ = "calendar_change"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    bookings: Mapped[list[Any]]
    plans: Mapped[int]
    people: Mapped[int]
    by_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
