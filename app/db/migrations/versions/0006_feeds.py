"""Calendar feeds, and what was written of their entries.

Revision ID: 0006
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from app.db import columns as col
from app.db.base import BigId

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _key() -> None:
    """The secret of this installation that names entries: whoever reads a feed needs it, and reads only."""
    secret = sa.table("secret", sa.column("name", sa.Text()), sa.column("value", sa.LargeBinary()))
    op.execute(sa.insert(secret).values(name="calendars", value=secrets.token_bytes(32)))


def upgrade() -> None:
    col.table(
        "feed",
        col.id_(),
        col.to("person", "person_id"),
        col.text("kind"),
        sa.Column("subject_id", BigId, nullable=False),
        col.text("level"),
        col.text("language"),
        col.text("name"),
        *(col.flag(name) for name in ("with_cancelled", "with_meetings", "with_alarm")),
        col.binary("digest"),
        col.instant("created_at"),
        col.instant("ended_at", null=True),
        col.text("ending"),
        col.instant("fetched_at", null=True),
        col.text("client"),
        col.number("fetches"),
        col.binary("state", null=True),
        col.text("etag"),
        col.instant("modified_at", null=True),
        more=(
            col.unique("feed", "digest"),
            sa.CheckConstraint("kind IN ('me', 'team', 'room', 'desk', 'area', 'series')", name="feed_kind"),
            sa.CheckConstraint("level IN ('busy', 'basic', 'full')", name="feed_level"),
            sa.CheckConstraint("ending IN ('', 'revoked', 'rotated', 'lost', 'unused')", name="feed_ending"),
        ),
    )
    op.create_index("feed_person_id", "feed", ["person_id"])
    _key()
    col.table("calendar_entry", col.binary("digest"), col.binary("body"), col.day("made_on"), key=("digest",))
    op.create_index("calendar_entry_made_on", "calendar_entry", ["made_on"])
