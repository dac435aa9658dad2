"""People, places and bookings, with the guards against double booking.

Revision ID: 0001
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db import guards
from app.db.base import BigId, Instant, Json

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _id() -> sa.Column[int]:
    return sa.Column("id", BigId, nullable=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _measure(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _instant(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Instant(), nullable=null)


def _date(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=null)


def _bytes(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def _to(table: str, name: str, *, null: bool = False) -> sa.Column[int]:
    """A column that refers to another table's id; the constraint is named as the models name it."""
    return sa.Column(name, BigId, nullable=null, info={"to": table})


def _table(name: str, *columns: sa.Column[Any], key: tuple[str, ...] = ("id",), more: tuple[Any, ...] = ()) -> None:
    references = [
        sa.ForeignKeyConstraint([column.name], [f"{column.info['to']}.id"], name=f"{name}_{column.name}_fkey")
        for column in columns
        if "to" in column.info
    ]
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f"{name}_pkey"), *references, *more)


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"{table}_{'_'.join(columns)}_key")


def upgrade() -> None:
    for make in (_people, _places, _rules, _bookings, _shared):
        make()
    for statement in guards.create(op.get_bind().dialect.name):
        op.execute(sa.text(statement.replace(":", r"\:")))


def _people() -> None:
    _table("site", _id(), _text("code"), _text("name"), _text("zone"), more=(_unique("site", "code"),))
    _table("agency", _id(), _text("code"), _text("name"), _flag("shares_names"), more=(_unique("agency", "code"),))
    sqlite = op.get_bind().dialect.name == "sqlite"
    # unit and person refer to each other; SQLite checks neither before a row comes, PostgreSQL wants the table there
    head = _to("person", "head_id", null=True) if sqlite else sa.Column("head_id", BigId, nullable=True)
    _table(
        "unit",
        _id(),
        _to("agency", "agency_id"),
        _to("unit", "parent_id", null=True),
        _text("name"),
        _text("path"),
        _text("lineage"),
        head,
        more=(_unique("unit", "agency_id", "path"),),
    )
    _table(
        "person",
        _id(),
        _text("email"),
        _text("name"),
        _text("title"),
        _to("agency", "agency_id"),
        _to("unit", "unit_id"),
        _to("person", "superior_id", null=True),
        _to("site", "site_id"),
        _text("roles"),
        _bytes("nip_digest", null=True),
        _text("nip_last4", null=True),
        _text("password", null=True),
        _text("language", null=True),
        _text("theme"),
        _flag("active"),
        _number("version"),
        more=(_unique("person", "email"), _unique("person", "nip_digest")),
    )
    if not sqlite:
        op.create_foreign_key("unit_head_id_fkey", "unit", "person", ["head_id"], ["id"])
    for column in ("unit_id", "superior_id", "agency_id"):
        op.create_index(f"person_{column}", "person", [column])
    _table(
        "browser_session",
        _bytes("digest"),
        _to("person", "person_id"),
        _instant("created_at"),
        _instant("seen_at"),
        key=("digest",),
    )
    op.create_index("browser_session_person_id", "browser_session", ["person_id"])
    _table(
        "token",
        _id(),
        _to("person", "person_id"),
        _text("name"),
        _bytes("digest"),
        _instant("created_at"),
        _date("used_on", null=True),
        _instant("revoked_at", null=True),
        more=(_unique("token", "digest"),),
    )
    op.create_index("token_person_id", "token", ["person_id"])
    _table("failed_sign_in", _id(), _bytes("key"), _instant("at"))
    op.create_index("failed_sign_in_key_at", "failed_sign_in", ["key", "at"])
    _table("secret", _text("name"), _bytes("value"), key=("name",))
    _table(
        "idempotency",
        _to("person", "person_id"),
        _text("key"),
        _bytes("request"),
        _bytes("answer", null=True),
        _instant("at"),
        key=("person_id", "key"),
    )


def _places() -> None:
    _table("building", _id(), _to("site", "site_id"), _text("code"), _text("name"), more=(_unique("building", "code"),))
    _table(
        "floor",
        _id(),
        _to("building", "building_id"),
        _to("site", "site_id"),
        _text("code"),
        _text("name"),
        _number("level"),
        sa.Column("plan", Json(), nullable=False),
        more=(_unique("floor", "code"),),
    )
    op.create_index("floor_building_id", "floor", ["building_id"])
    op.create_index("floor_site_id", "floor", ["site_id"])
    rectangle: Callable[[], list[sa.Column[float]]] = lambda: [  # noqa: E731
        _measure(name) for name in ("x", "y", "width", "height")
    ]
    _table(
        "area",
        _id(),
        _to("floor", "floor_id"),
        _text("code"),
        _text("name"),
        _text("name_en"),
        *rectangle(),
        more=(_unique("area", "floor_id", "code"),),
    )
    _table(
        "space",
        _id(),
        _to("floor", "floor_id"),
        _to("area", "area_id", null=True),
        _text("kind"),
        _text("code"),
        _text("name"),
        *rectangle(),
        _text("chair"),
        _number("seats"),
        _text("attributes"),
        _flag("bookable"),
        _instant("retired_at", null=True),
        more=(
            _unique("space", "floor_id", "code"),
            _unique("space", "id", "kind"),
            sa.CheckConstraint("kind IN ('desk', 'room')", name="space_kind"),
        ),
    )


def _rules() -> None:
    _table(
        "allotment",
        _id(),
        _to("area", "area_id"),
        _to("agency", "agency_id"),
        _to("unit", "unit_id", null=True),
        _date("from_on"),
        _date("until_on", null=True),
    )
    settings = ("opens", "closes", "day_starts", "break_starts", "break_ends", "day_ends")
    _table(
        "house_rule",
        _id(),
        _to("floor", "floor_id", null=True),
        _to("agency", "agency_id", null=True),
        _number("weekday", null=True),
        _date("from_on"),
        _date("until_on", null=True),
        _text("basis"),
        _number("horizon_days", null=True),
        _number("longest_minutes", null=True),
        _text("open_weekdays", null=True),
        *(_number(name, null=True) for name in settings),
        _number("check_in_from_minutes", null=True),
        _number("release_after_minutes", null=True),
    )
    _table(
        "closure",
        _id(),
        *(_to(name, f"{name}_id", null=True) for name in ("site", "floor", "area", "space")),
        _instant("starts_at"),
        _instant("ends_at"),
        _text("reason"),
    )
    _table(
        "day_off",
        _id(),
        _to("site", "site_id", null=True),
        _date("on"),
        _text("name"),
        _text("name_en"),
        _text("basis"),
    )
    _table("house_version", _id(), sa.Column("number", sa.BigInteger(), nullable=False))


def _bookings() -> None:
    _table(
        "booking",
        _id(),
        sa.Column("space_id", BigId, nullable=False),
        _text("kind"),
        _to("person", "person_id"),
        _to("person", "booked_by_id"),
        _instant("starts_at"),
        _instant("ends_at"),
        _text("state"),
        _flag("active"),
        _text("purpose"),
        _instant("release_at", null=True),
        _instant("checked_in_at", null=True),
        _instant("ended_at", null=True),
        _instant("created_at"),
        _number("version"),
        more=(
            sa.ForeignKeyConstraint(["space_id", "kind"], ["space.id", "space.kind"], name="booking_space_fkey"),
            sa.CheckConstraint("ends_at > starts_at", name="booking_order"),
            sa.CheckConstraint(
                "state IN ('booked', 'checked-in', 'completed', 'cancelled', 'released')", name="booking_state"
            ),
            sa.CheckConstraint("active = (state IN ('booked', 'checked-in'))", name="booking_active"),
        ),
    )
    # nearly all bookings are over: with the end first, "ends after now" leaves a handful of rows
    active: Any = {"postgresql_where": sa.text("active"), "sqlite_where": sa.text("active = 1")}
    op.create_index("booking_space_time", "booking", ["space_id", "ends_at", "starts_at"], **active)
    op.create_index("booking_person_time", "booking", ["person_id", "ends_at", "starts_at"], **active)
    op.create_index("booking_release", "booking", ["release_at"], **active)
    op.create_index("booking_person_history", "booking", ["person_id", "starts_at"])


def _shared() -> None:
    _table(
        "journal",
        _id(),
        _instant("at"),
        _to("person", "actor_id", null=True),
        _text("verb"),
        _text("subject"),
        sa.Column("subject_id", BigId, nullable=False),
        _number("version"),
        sa.Column("facts", Json(), nullable=False),
    )
    op.create_index("journal_subject_subject_id", "journal", ["subject", "subject_id"])
    _table(
        "lease",
        _text("name"),
        _text("holder"),
        _instant("until_at"),
        _instant("started_at", null=True),
        _instant("ended_at", null=True),
        _text("outcome"),
        key=("name",),
    )
