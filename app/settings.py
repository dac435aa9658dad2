"""Settings, read once from the environment. Each is in the README; a test holds that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

BUSES = ("redis://", "rediss://", "valkey://", "valkeys://")


class Settings(msgspec.Struct, frozen=True):
    """Field ``x`` is read from ``SELARAS_X``."""

    database: str = "sqlite:///selaras.db"
    """where the data lives: ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``"""
    origin: str = ""
    """the public address, such as ``https://selaras.go.id``; makes cookies Secure and is the only origin that may write"""
    nip_key: str = ""
    """the key under which NIPs are hashed; without it one is made and kept in the database"""
    session_hours: int = 12
    """a browser is signed out after this many hours without a request"""
    proxies: str = "127.0.0.1"
    """addresses of proxies whose X-Forwarded-For is believed, separated by commas"""
    log: str = "info"
    """debug, info, warning or error"""
    bus: str = ""
    """how processes tell each other what changes: nothing, ``postgresql``, or ``redis://HOST``"""

    def __post_init__(self) -> None:
        if self.bus == "postgresql" and self.embedded:
            raise ValueError("SELARAS_BUS=postgresql needs PostgreSQL as SELARAS_DATABASE")
        if self.bus not in ("", "postgresql") and not self.bus.startswith(BUSES):
            raise ValueError("SELARAS_BUS is postgresql, redis://HOST, or not set")

    @property
    def secure(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def embedded(self) -> bool:
        """True on SQLite: one process, one writer."""
        return self.database.startswith("sqlite")

    @property
    def host(self) -> str:
        """Host and port of ``origin``, or empty."""
        return urlsplit(self.origin).netloc


def read(environment: Mapping[str, str]) -> Settings:
    """Raises msgspec.ValidationError for a value of the wrong kind."""
    given: dict[str, Any] = {
        field: environment[name]
        for field in Settings.__struct_fields__
        if (name := f"SELARAS_{field.upper()}") in environment
    }
    return msgspec.convert(given, Settings, strict=False)
