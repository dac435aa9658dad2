"""What people say of themselves and what they hide; the key of the references by which frames name people.

Revision ID: 0005
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from app.db import columns as col

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    col.table(
        "presence_override",
        col.to("person", "person_id"),
        col.text("avail"),
        col.text("place"),
        col.to("site", "site_id", null=True),
        col.instant("until_at"),
        col.number("version"),
        key=("person_id",),
        more=(
            sa.CheckConstraint("avail IN ('', 'available', 'meeting', 'dnd', 'away')", name="presence_override_avail"),
            sa.CheckConstraint("place IN ('', 'site', 'home', 'elsewhere')", name="presence_override_place"),
        ),
    )
    col.table(
        "presence_choice",
        col.to("person", "person_id"),
        col.flag("hides_desk"),
        col.flag("hides_idle"),
        col.number("version"),
        key=("person_id",),
    )
    secret = sa.table("secret", sa.column("name", sa.Text()), sa.column("value", sa.LargeBinary()))
    op.execute(sa.insert(secret).values(name="presence", value=secrets.token_bytes(32)))
