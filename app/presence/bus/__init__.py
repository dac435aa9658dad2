"""How processes wake each other. All ways are at most once: what is lost is made good by the journal (``cursor.py``)."""

from __future__ import annotations

from sqlalchemy.engine import URL

from app.presence.bus.port import Bus
from app.presence.times import Times
from app.settings import Settings


def chosen(settings: Settings, url: URL, times: Times) -> Bus | None:
    """The bus of the settings; None for memory, where a process hears itself."""
    if not settings.bus:
        return None
    if settings.bus == "postgresql":
        from app.presence.bus.postgres import PostgresBus  # noqa: PLC0415 - each is loaded by those who use it

        return PostgresBus(url, retry=times.bus_retry)
    from app.presence.bus.redis import RedisBus  # noqa: PLC0415

    return RedisBus(settings.bus, retry=times.bus_retry)
