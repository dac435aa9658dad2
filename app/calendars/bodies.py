"""Bodies that were sent last, packed, by the digest of what is in them: no body can be another feed's."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict

MOST_BYTES = 64_000_000
LEVEL = 6


def pack(body: bytes) -> bytes:
    """The same bytes for the same body: no time, no file name."""
    return gzip.compress(body, LEVEL, mtime=0)


class Bodies:
    """Keeps packed bodies, those used last, up to a number of bytes."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most, self._bytes = most, 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, etag: str) -> bytes | None:
        with self._lock:
            if (packed := self._kept.get(etag)) is not None:
                self._kept.move_to_end(etag)
            return packed

    def keep(self, etag: str, packed: bytes) -> None:
        with self._lock:
            if etag not in self._kept:
                self._kept[etag] = packed
                self._bytes += len(packed)
            while self._bytes > self._most and len(self._kept) > 1:
                self._bytes -= len(self._kept.popitem(last=False)[1])
