"""Week plans with their desks, dated working time and policies, delegation, notices.

Days off move from the places to working time: they get a kind and a state.

Revision ID: 0002
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db import columns as col

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for make in (_people, _working_time, _plans, _bookings, _notices):
        make()


def _people() -> None:
    op.add_column("unit", sa.Column("kind", sa.Text(), nullable=False, server_default=""))
    op.add_column("person", sa.Column("level", sa.Text(), nullable=False, server_default=""))
    op.add_column("person", sa.Column("duties", sa.Text(), nullable=False, server_default=""))
    op.add_column("person", sa.Column("eligible", sa.Boolean(), nullable=False, server_default=sa.true()))
    col.table(
        "delegation",
        col.id_(),
        col.to("person", "from_id"),
        col.to("person", "to_id"),
        col.text("kind"),
        col.text("letter"),
        col.day("from_on"),
        col.day("until_on"),
        col.instant("ended_at", null=True),
        more=(sa.CheckConstraint("kind IN ('plh', 'plt')", name="delegation_kind"),),
    )
    for column in ("to_id", "from_id"):
        op.create_index(f"delegation_{column}", "delegation", [column])


def _working_time() -> None:
    op.add_column("day_off", sa.Column("kind", sa.Text(), nullable=False, server_default="national-holiday"))
    op.add_column("day_off", sa.Column("state", sa.Text(), nullable=False, server_default="fixed"))
    op.execute(sa.text("UPDATE day_off SET kind = 'local' WHERE site_id IS NOT NULL"))
    op.execute(
        sa.text("UPDATE day_off SET kind = 'collective-leave' WHERE site_id IS NULL AND name LIKE 'Cuti bersama%'")
    )
    col.table(
        "season",
        col.id_(),
        col.text("name"),
        col.day("from_on"),
        col.day("until_on"),
        col.text("basis"),
        col.text("state"),
    )
    minutes = ("starts", "break_starts", "break_ends", "ends", "flexi_band_minutes")
    col.table(
        "work_hours",
        col.id_(),
        *(col.to(name, f"{name}_id", null=True) for name in ("site", "agency", "unit", "person")),
        col.text("kind"),
        col.text("season"),
        col.text("weekdays"),
        col.flag("on_days_off"),
        *(col.number(name) for name in minutes),
        col.day("from_on"),
        col.day("until_on", null=True),
        col.text("basis"),
    )
    col.table(
        "policy",
        col.id_(),
        *(col.to(name, f"{name}_id", null=True) for name in ("agency", "unit")),
        col.text("name"),
        col.text("basis"),
        col.day("from_on"),
        col.day("until_on", null=True),
        col.document("rule"),
    )
    col.table("rulebook_version", col.id_(), sa.Column("number", sa.BigInteger(), nullable=False))
    col.table(
        "calendar_change",
        col.id_(),
        col.text("subject"),
        col.document("before", null=True),
        col.document("after", null=True),
        col.document("bookings"),
        col.number("plans"),
        col.number("people"),
        col.to("person", "by_id"),
        col.instant("at"),
        col.instant("undone_at", null=True),
    )


def _plans() -> None:
    col.table(
        "week_plan",
        col.id_(),
        col.to("person", "person_id"),
        col.day("monday_on"),
        col.number("step"),
        col.number("version"),
        more=(sa.UniqueConstraint("person_id", "monday_on", name="week_plan_person_id_monday_on_key"),),
    )
    states = "state IN ('draft', 'submitted', 'approved', 'returned', 'revoked')"
    col.table(
        "plan_day",
        col.id_(),
        col.to("week_plan", "plan_id"),
        col.to("person", "person_id"),
        col.day("on"),
        col.text("state"),
        col.flag("automatic"),
        col.text("reason"),
        col.to("person", "decided_by_id", null=True),
        col.instant("decided_at", null=True),
        more=(sa.CheckConstraint(states, name="plan_day_state"),),
    )
    op.create_index("plan_day_person_on", "plan_day", ["person_id", "on"], unique=True)
    op.create_index("plan_day_on_state", "plan_day", ["on", "state"])
    col.table(
        "segment",
        col.id_(),
        col.to("plan_day", "day_id"),
        col.text("mode"),
        col.number("starts"),
        col.number("ends"),
        col.to("site", "site_id"),
        col.flag("whole"),
        col.text("letter"),
        col.flag("active"),
        more=(sa.CheckConstraint("starts < ends", name="segment_order"),),
    )
    op.create_index("segment_day_id", "segment", ["day_id"])


def _bookings() -> None:
    column = "segment_id {} CONSTRAINT booking_segment_id_fkey REFERENCES segment (id)"
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(sa.text(f"ALTER TABLE booking ADD COLUMN {column.format(kind)}"))
    tied: Any = {name: sa.text("segment_id IS NOT NULL") for name in ("postgresql_where", "sqlite_where")}
    op.create_index("booking_segment", "booking", ["segment_id"], **tied)


def _notices() -> None:
    col.table(
        "notice",
        col.id_(),
        col.to("person", "person_id"),
        col.text("kind"),
        col.text("cause"),
        col.document("facts"),
        col.instant("at"),
        col.instant("seen_at", null=True),
        more=(sa.UniqueConstraint("person_id", "cause", name="notice_person_id_cause_key"),),
    )
