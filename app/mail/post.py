"""Speaks SMTP. One connection carries a batch of mails; what becomes of each is an outcome, never an exception."""

from __future__ import annotations

import asyncio
import ssl
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

from app.mail.outbox import Claimed, Outcome
from app.settings import Settings

if TYPE_CHECKING:
    from aiosmtplib import SMTP

TIMEOUT_S = 30
LONGEST_ERROR = 300


class Server(msgspec.Struct, frozen=True):
    """Where mail is handed over. With a user, TLS is a must unless the server is on this machine."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    must_start_tls: bool
    name: str = "localhost"
    """what we call ourselves: the domain that mail is sent from; asking for one's own name may wait for a name server"""

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"


def server(settings: Settings) -> Server:
    """Raises OSError for a password's file that can't be read."""
    parts = urlsplit(settings.smtp)
    tls = parts.scheme == "smtps"
    password = settings.smtp_password
    if settings.smtp_password_file:
        password = Path(settings.smtp_password_file).read_text(encoding="utf-8").strip()
    host = parts.hostname or ""
    user = unquote(parts.username or "")
    here = host in ("localhost", "127.0.0.1", "::1")
    name = next(iter(settings.senders().values())).rpartition("@")[2]
    must_start_tls = bool(user) and not tls and not here
    return Server(host, parts.port or (465 if tls else 25), user, password, tls, must_start_tls, name)


class Unreached(Exception):  # noqa: N818 - named as what it says
    """The server isn't there, or lets nobody in."""


class Line:
    """An open connection."""

    def __init__(self, smtp: SMTP) -> None:
        self._smtp = smtp

    async def send(self, mail: Claimed) -> Outcome:
        """Hand one mail over. A refusal for good (5xx) of the recipient or the mail is final; one of the sender's address or of
        the connection is the house's own matter, and is tried again."""
        from aiosmtplib import (  # noqa: PLC0415 - see connect
            SMTPException,
            SMTPRecipientsRefused,
            SMTPResponseException,
            SMTPSenderRefused,
        )

        assert mail.message is not None
        try:
            await self._smtp.sendmail(mail.sender, [mail.address], mail.message)
        except SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            return Outcome(_said(refused.code, refused.message), final=refused.code >= 500)
        except SMTPSenderRefused as error:
            return Outcome(_said(error.code, error.message))
        except SMTPResponseException as error:
            return Outcome(_said(error.code, error.message), final=error.code >= 500 and self.open)
        except (OSError, SMTPException, ValueError) as error:
            return Outcome(_lost(error), unreached=True)
        return Outcome()

    @property
    def open(self) -> bool:
        return self._smtp.is_connected

    async def close(self) -> None:
        from aiosmtplib import SMTPException  # noqa: PLC0415

        try:
            if self.open:
                await self._smtp.quit()
        except (OSError, SMTPException):
            self._smtp.close()


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Made once, and not in the event loop: reading the machine's certificates takes 25 ms."""
    return ssl.create_default_context()


async def connect(server: Server) -> Line:
    """Raises Unreached, with a reason that names neither user nor password."""
    from aiosmtplib import SMTP, SMTPException, SMTPResponseException  # noqa: PLC0415 - a start needs no mail client

    smtp = SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user or None,
        password=server.password or None,
        use_tls=server.tls,
        start_tls=(True if server.must_start_tls else None) if not server.tls else False,
        tls_context=await asyncio.to_thread(_trusted),
        timeout=TIMEOUT_S,
        local_hostname=server.name,
    )
    try:
        await smtp.connect()
    except SMTPResponseException as error:
        smtp.close()
        raise Unreached(_said(error.code, error.message)) from error
    except (OSError, SMTPException, ValueError) as error:
        smtp.close()
        raise Unreached(_lost(error)) from error
    return Line(smtp)


def _said(code: int, message: str) -> str:
    """As the server said it, on one line."""
    return f"{code} {' '.join(message.split())}"[:LONGEST_ERROR]


def _lost(error: Exception) -> str:
    return f"no connection: {type(error).__name__}"
