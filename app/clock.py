"""Now, as an aware instant in UTC. Everything else is told the time; only the edges ask for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
"""What people call a zone. Nobody in Nusantara says "Makassar" or "GMT+8"."""


def now() -> datetime:
    """The present instant in UTC, to the second: the finest grain both engines keep."""
    return datetime.now(UTC).replace(microsecond=0)


@lru_cache(maxsize=32)
def zone(name: str) -> ZoneInfo:
    """The IANA zone ``name``; raises ``zoneinfo.ZoneInfoNotFoundError`` if there is none."""
    return ZoneInfo(name)


def zone_name(name: str) -> str:
    """WIB, WITA or WIT; another zone goes by its IANA name, never by an offset."""
    return ZONE_NAMES.get(name, name)


def local_date(instant: datetime, zone_id: str) -> date:
    """What the calendar on the wall of ``zone_id`` says at ``instant``."""
    return instant.astimezone(zone(zone_id)).date()


def instant_of(on: date, minute: int, zone_id: str) -> datetime:
    """The instant, in UTC, of local minute ``minute`` (0 to 1440) of the local date ``on``; 1440 is the next midnight."""
    wall = datetime.combine(on + timedelta(days=minute // 1440), time(minute % 1440 // 60, minute % 60), zone(zone_id))
    return wall.astimezone(UTC)


def wall_time(minute: int) -> time:
    """What a wall clock shows so many minutes after midnight; of the day's end, 00.00."""
    return time(minute % 1440 // 60, minute % 60)


def minute_of(instant: datetime, zone_id: str) -> int:
    """Minutes since local midnight, 0 to 1439."""
    wall = instant.astimezone(zone(zone_id))
    return wall.hour * 60 + wall.minute
