"""Text without what no database, calendar or mail can hold: what forms send is cleaned rather than refused."""

from __future__ import annotations

import re

_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""C0 and C1 controls (RFC 5545, 3.1 allows none but tab), halves of surrogate pairs, which UTF-8 has no way to write, and
what is no character at all."""


def clean(text: str) -> str:
    """``text`` with plain line ends and nothing that can't be kept or sent."""
    return _UNFIT.sub("", _BREAKS.sub("\n", text).replace("\t", " ")).strip()


def one_line(text: str) -> str:
    """``clean`` on a single line: for titles, places and names, of which some properties escape no line end."""
    return " ".join(clean(text).split())
