"""Lists as every address of the API answers them."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Listing(msgspec.Struct, Generic[T], frozen=True):
    """``next`` is where the following items start, null if all are here."""

    items: list[T]
    next: str | None = None
