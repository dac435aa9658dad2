"""Settings, read once from the environment. Each is in the README; a test holds that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
LOGS = ("debug", "info", "warning", "error")
BUSES = ("redis://", "rediss://", "valkey://", "valkeys://")
_ADDRESS = re.compile(r"[\w.+-]+@[A-Za-z0-9.-]+", re.ASCII)


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
    smtp: str = ""
    """the server that takes mail: ``smtp://USER@HOST:587`` (TLS by STARTTLS) or ``smtps://USER@HOST:465``; without one, mail
    waits in the queue"""
    smtp_password: str = ""
    """the password of that user"""
    smtp_password_file: str = ""
    """a file that holds it instead"""
    mail_from: str = ""
    """sender of mail: one address, or one for each site such as ``IKN=selaras-ikn@example.go.id, JKT=...``"""

    def __post_init__(self) -> None:
        if not self.database.startswith(DATABASES):
            raise ValueError("SELARAS_DATABASE is sqlite:///FILE or postgresql://HOST/NAME")
        if self.log.lower() not in LOGS:
            raise ValueError(f"SELARAS_LOG is one of {', '.join(LOGS)}")
        if self.smtp:
            _check_smtp(self.smtp)
            if not self.mail_from:
                raise ValueError("SELARAS_SMTP needs SELARAS_MAIL_FROM, the address that mail is sent from")
        if self.bus == "postgresql" and self.embedded:
            raise ValueError("SELARAS_BUS=postgresql needs PostgreSQL as SELARAS_DATABASE")
        if self.bus not in ("", "postgresql") and not self.bus.startswith(BUSES):
            raise ValueError("SELARAS_BUS is postgresql, redis://HOST, or not set")
        self.senders()

    def __repr__(self) -> str:
        """Without values: some are secrets, and this is what a trace shows."""
        return "Settings(...)"

    def senders(self) -> dict[str, str]:
        """Addresses that mail is sent from by the code of the site; "" is for all others."""
        found = {}
        for part in filter(None, (part.strip() for part in self.mail_from.split(","))):
            code, _, address = part.rpartition("=")
            if not _ADDRESS.fullmatch(address.strip()):
                raise ValueError("SELARAS_MAIL_FROM is no address, and no list of CODE=address")
            found[code.strip()] = address.strip()
        return found

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


def _check_smtp(address: str) -> None:
    """Raises ValueError, which repeats nothing of what may be a secret."""
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
        raise ValueError("SELARAS_SMTP is no smtp://USER@HOST:PORT")
    if parts.password is not None:
        raise ValueError("SELARAS_SMTP holds a password: give it in SELARAS_SMTP_PASSWORD, or name a file")
    _ = parts.port


def read(environment: Mapping[str, str]) -> Settings:
    """Raises msgspec.ValidationError for a value of the wrong kind."""
    given: dict[str, Any] = {
        field: environment[name]
        for field in Settings.__struct_fields__
        if (name := f"SELARAS_{field.upper()}") in environment
    }
    return msgspec.convert(given, Settings, strict=False)
