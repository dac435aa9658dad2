"""Live presence: who is connected to which process.

Revision ID: 0004
"""

from __future__ import annotations

from app.db import columns as col

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    col.table("presence_node", col.text("id"), col.instant("until_at"), col.document("people"))
