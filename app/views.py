"""What pages of every folder show alike: plain values, already worded for one reader."""

from __future__ import annotations

from typing import Literal

import msgspec


class WayOut(msgspec.Struct, frozen=True):
    """One thing that would work instead, checked by the rules that refused."""

    label: str
    href: str


class Notice(msgspec.Struct, frozen=True):
    """What just happened; ``undo`` is the address of a POST that takes it back."""

    kind: Literal["ok", "warn"]
    text: str
    basis: str = ""
    ways_out: tuple[WayOut, ...] = ()
    undo: str = ""
