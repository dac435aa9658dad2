"""Week plans with their desks, dated working time and policies, delegation, notices.

Days off move from the places to working time: they get a kind and a state.

Revision ID: 0002
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Instant, Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _id() -> sa.Column[int]:
    return sa.Column("id", BigId, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _date(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=null)


def _instant(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Instant(), nullable=null)


def _json(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Json(), nullable=null)


def _to(table: str, name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, BigId, nullable=null, info={"to": table})


def _table(name: str, *columns: sa.Column[Any], more: tuple[Any, ...] = ()) -> None:
    references = [
        sa.ForeignKeyConstraint([column.name], [f"{column.info['to']}.id"], name=f"{name}_{column.name}_fkey")
        for column in columns
        if "to" in column.info
    ]
    op.create_table(name, *columns, sa.PrimaryKeyConstraint("id", name=f"{name}_pkey"), *references, *more)


def upgrade() -> None:
    for make in (_people, _working_time, _plans, _bookings, _notices):
        make()


def _people() -> None:
    op.add_column("unit", sa.Column("kind", sa.Text(), nullable=False, server_default=""))
    op.add_column("person", sa.Column("level", sa.Text(), nullable=False, server_default=""))
    op.add_column("person", sa.Column("duties", sa.Text(), nullable=False, server_default=""))
    op.add_column("person", sa.Column("eligible", sa.Boolean(), nullable=False, server_default=sa.true()))
    _table(
        "delegation",
        _id(),
        _to("person", "from_id"),
        _to("person", "to_id"),
        _text("kind"),
        _text("letter"),
        _date("from_on"),
        _date("until_on"),
        _instant("ended_at", null=True),
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
    _table("season", _id(), _text("name"), _date("from_on"), _date("until_on"), _text("basis"), _text("state"))
    minutes = ("starts", "break_starts", "break_ends", "ends", "flexi_band_minutes")
    _table(
        "work_hours",
        _id(),
        *(_to(name, f"{name}_id", null=True) for name in ("site", "agency", "unit", "person")),
        _text("kind"),
        _text("season"),
        _text("weekdays"),
        _flag("on_days_off"),
        *(_number(name) for name in minutes),
        _date("from_on"),
        _date("until_on", null=True),
        _text("basis"),
    )
    _table(
        "policy",
        _id(),
        *(_to(name, f"{name}_id", null=True) for name in ("agency", "unit")),
        _text("name"),
        _text("basis"),
        _date("from_on"),
        _date("until_on", null=True),
        _json("rule"),
    )
    _table("rulebook_version", _id(), sa.Column("number", sa.BigInteger(), nullable=False))
    _table(
        "calendar_change",
        _id(),
        _text("subject"),
        _json("before", null=True),
        _json("after", null=True),
        _json("bookings"),
        _number("plans"),
        _number("people"),
        _to("person", "by_id"),
        _instant("at"),
        _instant("undone_at", null=True),
    )


def _plans() -> None:
    _table(
        "week_plan",
        _id(),
        _to("person", "person_id"),
        _date("monday_on"),
        _number("step"),
        _number("version"),
        more=(sa.UniqueConstraint("person_id", "monday_on", name="week_plan_person_id_monday_on_key"),),
    )
    states = "state IN ('draft', 'submitted', 'approved', 'returned', 'revoked')"
    _table(
        "plan_day",
        _id(),
        _to("week_plan", "plan_id"),
        _to("person", "person_id"),
        _date("on"),
        _text("state"),
        _flag("automatic"),
        _text("reason"),
        _to("person", "decided_by_id", null=True),
        _instant("decided_at", null=True),
        more=(sa.CheckConstraint(states, name="plan_day_state"),),
    )
    op.create_index("plan_day_person_on", "plan_day", ["person_id", "on"], unique=True)
    op.create_index("plan_day_on_state", "plan_day", ["on", "state"])
    _table(
        "segment",
        _id(),
        _to("plan_day", "day_id"),
        _text("mode"),
        _number("starts"),
        _number("ends"),
        _to("site", "site_id"),
        _flag("whole"),
        _text("letter"),
        _flag("active"),
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
    _table(
        "notice",
        _id(),
        _to("person", "person_id"),
        _text("kind"),
        _text("cause"),
        _json("facts"),
        _instant("at"),
        _instant("seen_at", null=True),
        more=(sa.UniqueConstraint("person_id", "cause", name="notice_person_id_cause_key"),),
    )
