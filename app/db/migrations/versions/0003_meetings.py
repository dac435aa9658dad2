"""Meetings, series of bookings, waiting lists; what a room is and who decides on it.

Revision ID: 0003
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db import columns as col

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for make in (_spaces, _meetings, _series, _bookings, _waiting):
        make()


def _where(condition: str) -> dict[str, Any]:
    return {name: sa.text(condition) for name in ("postgresql_where", "sqlite_where")}


def _active() -> dict[str, Any]:
    return {"postgresql_where": sa.text("active"), "sqlite_where": sa.text("active = 1")}


def _spaces() -> None:
    op.add_column("space", sa.Column("room_kind", sa.Text(), nullable=False, server_default=""))
    op.add_column("space", sa.Column("setup_minutes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("space", sa.Column("clearing_minutes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("space", sa.Column("needs_approval", sa.Boolean(), nullable=False, server_default=sa.false()))


def _meetings() -> None:
    col.table(
        "meeting",
        col.id_(),
        *(col.text(name) for name in ("title", "agenda", "letter", "link")),
        col.to("person", "organiser_id"),
        col.to("site", "site_id"),
        col.instant("starts_at"),
        col.instant("ends_at"),
        col.text("state"),
        col.text("notes"),
        col.number("sequence"),
        col.number("version"),
        col.instant("created_at"),
        more=(
            sa.CheckConstraint("ends_at > starts_at", name="meeting_order"),
            sa.CheckConstraint("state IN ('planned', 'cancelled')", name="meeting_state"),
        ),
    )
    op.create_index("meeting_organiser", "meeting", ["organiser_id", "ends_at"])
    col.table(
        "attendee",
        col.id_(),
        col.to("meeting", "meeting_id"),
        col.to("person", "person_id"),
        col.to("unit", "unit_id", null=True),
        col.to("person", "for_id", null=True),
        col.flag("required"),
        col.flag("invited"),
        col.instant("starts_at"),
        col.instant("ends_at"),
        col.flag("active"),
        col.text("reply"),
        col.to("person", "stand_in_id", null=True),
        col.text("remark"),
        col.instant("replied_at", null=True),
        more=(
            col.unique("attendee", "meeting_id", "person_id"),
            sa.CheckConstraint("reply IN ('', 'attending', 'not-attending', 'represented')", name="attendee_reply"),
        ),
    )
    op.create_index("attendee_person_time", "attendee", ["person_id", "ends_at", "starts_at"], **_active())
    op.create_index("attendee_person_history", "attendee", ["person_id", "starts_at"])
    col.table(
        "guest",
        col.id_(),
        col.to("meeting", "meeting_id"),
        col.text("name"),
        col.text("email"),
        more=(col.unique("guest", "meeting_id", "email"),),
    )
    col.table(
        "follow_up",
        col.id_(),
        col.to("meeting", "meeting_id"),
        col.text("task"),
        col.to("person", "owner_id"),
        col.day("due_on"),
        col.instant("done_at", null=True),
    )
    op.create_index("follow_up_meeting_id", "follow_up", ["meeting_id"])
    op.create_index("follow_up_owner", "follow_up", ["owner_id", "due_on"])


def _series() -> None:
    col.table(
        "booking_series",
        col.id_(),
        col.to("space", "space_id"),
        col.to("person", "person_id"),
        col.to("person", "booked_by_id"),
        col.text("rule"),
        col.day("starts_on"),
        col.number("starts"),
        col.number("ends"),
        col.text("purpose"),
        col.instant("created_at"),
        col.instant("ended_at", null=True),
        col.number("version"),
    )


def _bookings() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    kind = "INTEGER" if sqlite else "BIGINT"
    for name, table in (("meeting_id", "meeting"), ("series_id", "booking_series")):
        refers = f"CONSTRAINT booking_{name}_fkey REFERENCES {table} (id)"
        op.execute(sa.text(f"ALTER TABLE booking ADD COLUMN {name} {kind} {refers}"))
    op.add_column("booking", col.day("occurs_on", null=True))
    allowed = "CONSTRAINT booking_approval CHECK (approval IN ('', 'asked', 'approved', 'refused'))"
    op.execute(sa.text(f"ALTER TABLE booking ADD COLUMN approval TEXT NOT NULL DEFAULT '' {allowed}"))
    op.add_column("booking", sa.Column("remark", sa.Text(), nullable=False, server_default=""))
    op.add_column("booking", col.instant("held_until", null=True))
    op.create_index("booking_meeting", "booking", ["meeting_id"], **_where("meeting_id IS NOT NULL"))
    op.create_index("booking_series_on", "booking", ["series_id", "occurs_on"], **_where("series_id IS NOT NULL"))


def _waiting() -> None:
    col.table(
        "wait",
        col.id_(),
        col.to("space", "space_id"),
        col.to("person", "person_id"),
        col.instant("starts_at"),
        col.instant("ends_at"),
        col.flag("automatic"),
        col.text("state"),
        col.to("booking", "booking_id", null=True),
        col.instant("asked_at"),
        col.instant("ended_at", null=True),
        more=(
            sa.CheckConstraint("ends_at > starts_at", name="wait_order"),
            sa.CheckConstraint("state IN ('waiting', 'held', 'taken', 'expired', 'left')", name="wait_state"),
        ),
    )
    op.create_index("wait_space_time", "wait", ["space_id", "ends_at"], **_where("state = 'waiting'"))
    op.create_index("wait_booking", "wait", ["booking_id"], **_where("booking_id IS NOT NULL"))
    op.create_index("wait_person", "wait", ["person_id", "ends_at"])
