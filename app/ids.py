"""Ids and texts as they come from outside."""

from __future__ import annotations

from typing import Annotated

import msgspec

LARGEST = 2**31 - 1
"""what fits the integer ranges of the guards"""

Id = Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]
"""A row's id in a body; anything else is refused before a database sees it."""

PLAIN = r"^[^\x00]*$"
"""No NUL: PostgreSQL has no way to keep one, so it is refused for both engines."""


def number(text: str | None) -> int | None:
    """A number as addresses and fields hold it, of nine digits at most; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
