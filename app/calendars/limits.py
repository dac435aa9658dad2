"""How often an address may be fetched: buckets that fill with time, one a key, in this process."""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import datetime
from typing import Any

PER_HOUR, BURST = 60, 10
UNCHANGED = 0.1
"""What an answer costs that says only that nothing changed."""
MOST_KEYS = 50_000


class Limits:
    """``BURST`` at once and ``PER_HOUR`` over time, for each key; the keys used last are remembered."""

    def __init__(self, *, per_hour: float = PER_HOUR, burst: float = BURST) -> None:
        self._per_second, self._burst = per_hour / 3600, burst
        self._left: OrderedDict[Any, tuple[float, datetime]] = OrderedDict()

    def wait(self, key: Any, cost: float, *, now: datetime) -> int:
        """Take ``cost`` and return 0, or take nothing and return in how many seconds it could be taken."""
        left, since = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + max(0.0, (now - since).total_seconds()) * self._per_second)
        enough = left >= cost - 1e-9
        self._left[key] = (left - cost if enough else left, now)
        if len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)
        return 0 if enough else max(1, math.ceil((cost - left) / self._per_second))
