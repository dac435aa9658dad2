"""Text made fit for a calendar: what would break a content line, or the whole feed, is taken out first."""

from __future__ import annotations

import re

from app.cleaning import clean, one_line

MOST_OCTETS = 2048
"""of a description: some clients cut longer ones off in the middle of a word, others fold them one by one"""


def clipped(text: str, most: int = MOST_OCTETS) -> str:
    """``text`` in at most ``most`` octets of UTF-8, cut after a word and marked with an ellipsis."""
    octets = text.encode()
    if len(octets) <= most:
        return text
    kept = octets[: most - len("…".encode())].decode(errors="ignore")
    whole = re.sub(r"\s+\S*$", "", kept)
    return (whole or kept) + "…"


__all__ = ["MOST_OCTETS", "clean", "clipped", "one_line"]
