"""Plain values given their shape, safely from many threads.

msgspec builds what it knows of a type at the type's first use and shows it to other threads half built: two threads that
meet a new type at once end the whole process (0.22, SIGSEGV). So each type is built under a lock before it is used.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_built: set[Any] = set()
_building = threading.Lock()


def prepare(shape: Any) -> None:
    """Build what msgspec must know of ``shape`` and of all types in it."""
    if shape not in _built:
        with _building:
            msgspec.json.Decoder(shape)
            _built.add(shape)


def convert(value: Any, shape: type[T], *, strict: bool = True) -> T:
    """``msgspec.convert``. Raises msgspec.ValidationError if ``value`` doesn't have the shape."""
    prepare(shape)
    return msgspec.convert(value, shape, strict=strict)


def decode(text: bytes | str, shape: type[T]) -> T:
    """``msgspec.json.decode``. Raises msgspec.DecodeError if ``text`` isn't JSON of the shape."""
    prepare(shape)
    return msgspec.json.decode(text, type=shape)
