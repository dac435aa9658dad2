"""People, places and bookings, with the guards against double booking.

Revision ID: 0001
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db import columns as col
from app.db import guards
from app.db.base import BigId, Json

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for make in (_people, _places, _rules, _bookings, _shared):
        make()
    for statement in guards.create(op.get_bind().dialect.name):
        op.execute(sa.text(statement.replace(":", r"\:")))


def _people() -> None:
    col.table(
        "site", col.id_(), col.text("code"), col.text("name"), col.text("zone"), more=(col.unique("site", "code"),)
    )
    col.table(
        "agency",
        col.id_(),
        col.text("code"),
        col.text("name"),
        col.flag("shares_names"),
        more=(col.unique("agency", "code"),),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    # unit and person refer to each other; SQLite checks neither before a row comes, PostgreSQL wants the table there
    head = col.to("person", "head_id", null=True) if sqlite else sa.Column("head_id", BigId, nullable=True)
    col.table(
        "unit",
        col.id_(),
        col.to("agency", "agency_id"),
        col.to("unit", "parent_id", null=True),
        col.text("name"),
        col.text("path"),
        col.text("lineage"),
        head,
        more=(col.unique("unit", "agency_id", "path"),),
    )
    col.table(
        "person",
        col.id_(),
        col.text("email"),
        col.text("name"),
        col.text("title"),
        col.to("agency", "agency_id"),
        col.to("unit", "unit_id"),
        col.to("person", "superior_id", null=True),
        col.to("site", "site_id"),
        col.text("roles"),
        col.binary("nip_digest", null=True),
        col.text("nip_last4", null=True),
        col.text("password", null=True),
        col.text("language", null=True),
        col.text("theme"),
        col.flag("active"),
        col.number("version"),
        more=(col.unique("person", "email"), col.unique("person", "nip_digest")),
    )
    if not sqlite:
        op.create_foreign_key("unit_head_id_fkey", "unit", "person", ["head_id"], ["id"])
    for column in ("unit_id", "superior_id", "agency_id"):
        op.create_index(f"person_{column}", "person", [column])
    col.table(
        "browser_session",
        col.binary("digest"),
        col.to("person", "person_id"),
        col.instant("created_at"),
        col.instant("seen_at"),
        key=("digest",),
    )
    op.create_index("browser_session_person_id", "browser_session", ["person_id"])
    col.table(
        "token",
        col.id_(),
        col.to("person", "person_id"),
        col.text("name"),
        col.binary("digest"),
        col.instant("created_at"),
        col.day("used_on", null=True),
        col.instant("revoked_at", null=True),
        more=(col.unique("token", "digest"),),
    )
    op.create_index("token_person_id", "token", ["person_id"])
    col.table("failed_sign_in", col.id_(), col.binary("key"), col.instant("at"))
    op.create_index("failed_sign_in_key_at", "failed_sign_in", ["key", "at"])
    col.table("secret", col.text("name"), col.binary("value"), key=("name",))
    col.table(
        "idempotency",
        col.to("person", "person_id"),
        col.text("key"),
        col.binary("request"),
        col.binary("answer", null=True),
        col.instant("at"),
        key=("person_id", "key"),
    )


def _places() -> None:
    col.table(
        "building",
        col.id_(),
        col.to("site", "site_id"),
        col.text("code"),
        col.text("name"),
        more=(col.unique("building", "code"),),
    )
    col.table(
        "floor",
        col.id_(),
        col.to("building", "building_id"),
        col.to("site", "site_id"),
        col.text("code"),
        col.text("name"),
        col.number("level"),
        sa.Column("plan", Json(), nullable=False),
        more=(col.unique("floor", "code"),),
    )
    op.create_index("floor_building_id", "floor", ["building_id"])
    op.create_index("floor_site_id", "floor", ["site_id"])
    rectangle: Callable[[], list[sa.Column[float]]] = lambda: [  # noqa: E731
        col.measure(name) for name in ("x", "y", "width", "height")
    ]
    col.table(
        "area",
        col.id_(),
        col.to("floor", "floor_id"),
        col.text("code"),
        col.text("name"),
        col.text("name_en"),
        *rectangle(),
        more=(col.unique("area", "floor_id", "code"),),
    )
    col.table(
        "space",
        col.id_(),
        col.to("floor", "floor_id"),
        col.to("area", "area_id", null=True),
        col.text("kind"),
        col.text("code"),
        col.text("name"),
        *rectangle(),
        col.text("chair"),
        col.number("seats"),
        col.text("attributes"),
        col.flag("bookable"),
        col.instant("retired_at", null=True),
        more=(
            col.unique("space", "floor_id", "code"),
            col.unique("space", "id", "kind"),
            sa.CheckConstraint("kind IN ('desk', 'room')", name="space_kind"),
        ),
    )


def _rules() -> None:
    col.table(
        "allotment",
        col.id_(),
        col.to("area", "area_id"),
        col.to("agency", "agency_id"),
        col.to("unit", "unit_id", null=True),
        col.day("from_on"),
        col.day("until_on", null=True),
    )
    settings = ("opens", "closes", "day_starts", "break_starts", "break_ends", "day_ends")
    col.table(
        "house_rule",
        col.id_(),
        col.to("floor", "floor_id", null=True),
        col.to("agency", "agency_id", null=True),
        col.number("weekday", null=True),
        col.day("from_on"),
        col.day("until_on", null=True),
        col.text("basis"),
        col.number("horizon_days", null=True),
        col.number("longest_minutes", null=True),
        col.text("open_weekdays", null=True),
        *(col.number(name, null=True) for name in settings),
        col.number("check_in_from_minutes", null=True),
        col.number("release_after_minutes", null=True),
    )
    col.table(
        "closure",
        col.id_(),
        *(col.to(name, f"{name}_id", null=True) for name in ("site", "floor", "area", "space")),
        col.instant("starts_at"),
        col.instant("ends_at"),
        col.text("reason"),
    )
    col.table(
        "day_off",
        col.id_(),
        col.to("site", "site_id", null=True),
        col.day("on"),
        col.text("name"),
        col.text("name_en"),
        col.text("basis"),
    )
    col.table("house_version", col.id_(), sa.Column("number", sa.BigInteger(), nullable=False))


def _bookings() -> None:
    col.table(
        "booking",
        col.id_(),
        sa.Column("space_id", BigId, nullable=False),
        col.text("kind"),
        col.to("person", "person_id"),
        col.to("person", "booked_by_id"),
        col.instant("starts_at"),
        col.instant("ends_at"),
        col.text("state"),
        col.flag("active"),
        col.text("purpose"),
        col.instant("release_at", null=True),
        col.instant("checked_in_at", null=True),
        col.instant("ended_at", null=True),
        col.instant("created_at"),
        col.number("version"),
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
    col.table(
        "journal",
        col.id_(),
        col.instant("at"),
        col.to("person", "actor_id", null=True),
        col.text("verb"),
        col.text("subject"),
        sa.Column("subject_id", BigId, nullable=False),
        col.number("version"),
        sa.Column("facts", Json(), nullable=False),
    )
    op.create_index("journal_subject_subject_id", "journal", ["subject", "subject_id"])
    col.table(
        "lease",
        col.text("name"),
        col.text("holder"),
        col.instant("until_at"),
        col.instant("started_at", null=True),
        col.instant("ended_at", null=True),
        col.text("outcome"),
        key=("name",),
    )
