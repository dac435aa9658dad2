"""Mail: what goes out to whom, from what it is told, who wants what; a notice knows whether it was passed on.

Revision ID: 0007
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db import columns as col
from app.db.base import BigId

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for make in (_mails, _choices, _sources):
        make()


def _where(condition: str) -> dict[str, Any]:
    return {name: sa.text(condition) for name in ("postgresql_where", "sqlite_where")}


def _mails() -> None:
    col.table(
        "mail",
        col.id_(),
        col.text("recipient"),
        col.to("person", "person_id", null=True),
        col.text("topic"),
        col.to("site", "site_id"),
        col.text("state"),
        col.instant("opened_at"),
        col.instant("due_at"),
        col.number("attempts"),
        col.text("claim"),
        col.instant("claimed_until", null=True),
        col.text("message_id"),
        col.text("sender"),
        col.text("address"),
        col.text("method"),
        col.text("told"),
        col.binary("message", null=True),
        col.text("last_error"),
        col.instant("ended_at", null=True),
        more=(sa.CheckConstraint("state IN ('open', 'waiting', 'sent', 'failed', 'dropped')", name="mail_state"),),
    )
    op.create_index("mail_open", "mail", ["recipient", "topic"], unique=True, **_where("state = 'open'"))
    op.create_index("mail_due", "mail", ["due_at"], **_where("state IN ('open', 'waiting')"))
    op.create_index("mail_topic", "mail", ["topic", "recipient"])
    op.create_index("mail_state_of", "mail", ["state", "id"])
    col.table(
        "mail_item",
        col.id_(),
        col.to("mail", "mail_id"),
        col.text("recipient"),
        col.text("kind"),
        col.text("cause"),
        col.document("facts"),
        col.instant("at"),
        more=(col.unique("mail_item", "recipient", "cause"),),
    )
    op.create_index("mail_item_mail_id", "mail_item", ["mail_id"])


def _choices() -> None:
    col.table(
        "mail_choice",
        col.to("person", "person_id"),
        col.text("kind"),
        col.flag("wanted"),
        key=("person_id", "kind"),
    )


def _sources() -> None:
    """What is there already is told: nobody gets mail about it."""
    op.add_column("notice", col.instant("taken_at", null=True))
    op.execute(sa.text("UPDATE notice SET taken_at = at"))
    op.create_index("notice_untaken", "notice", ["id"], **_where("taken_at IS NULL"))
    col.table(
        "mail_cursor",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, BigId, nullable=False) for name in ("done_id", "seen_id", "horizon")),
    )
    op.execute(
        sa.text(
            "INSERT INTO mail_cursor (id, done_id, seen_id, horizon) "
            "SELECT 1, newest, newest, 0 FROM (SELECT coalesce(max(id), 0) AS newest FROM journal) AS written"
        )
    )
