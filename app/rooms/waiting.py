"""The waiting list: whoever asked first for a space that is taken gets it first, when it frees."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.spans import Span


def freed(session: Session, space_id: int, span: Span, *, now: datetime) -> None:
    """Offer what has just been given back to the first in line who can have it."""
