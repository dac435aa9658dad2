"""Text made fit for a calendar: what would break a content line, or the whole feed, is taken out first."""

from __future__ import annotations

import re

MOST_OCTETS = 2048
"""of a description: some clients cut longer ones off in the middle of a word, others fold them one by one"""

_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""C0 and C1 controls (RFC 5545, 3.1 allows none but tab), halves of surrogate pairs, which UTF-8 has no way to write, and
what is no character at all."""


def clean(text: str) -> str:
    """``text`` with plain line ends and nothing that a calendar can't hold."""
    return _UNFIT.sub("", _BREAKS.sub("\n", text).replace("\t", " ")).strip()


def one_line(text: str) -> str:
    """``clean`` on a single line: for titles, places and names, of which some properties escape no line end."""
    return " ".join(clean(text).split())


def clipped(text: str, most: int = MOST_OCTETS) -> str:
    """``text`` in at most ``most`` octets of UTF-8, cut after a word and marked with an ellipsis."""
    octets = text.encode()
    if len(octets) <= most:
        return text
    kept = octets[: most - len("…".encode())].decode(errors="ignore")
    whole = re.sub(r"\s+\S*$", "", kept)
    return (whole or kept) + "…"
