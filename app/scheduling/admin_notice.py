"""What a page of the dated rules has to say on top."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Notice(msgspec.Struct, frozen=True):
    """What just happened, or why not; ``undo`` is the address of a POST that takes it back."""

    kind: Literal["ok", "warn"]
    text: str
    basis: str = ""
    ways_out: tuple[Any, ...] = ()
    undo: str = ""
