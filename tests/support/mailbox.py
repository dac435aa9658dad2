"""A mail server of the tests: real SMTP on a socket of this machine, and what it was given."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import delete, func, select, update

from app.journal import Entry
from app.leases import Runner
from app.mail import delivery, gathering
from app.mail.models import Mail, MailCursor, MailItem
from app.notices import NoticeRow
from app.people.models import Person
from app.settings import Settings
from tests.support.office import Office


class Mailbox:
    """``refuses`` answers the recipients of these addresses with these lines instead of taking the mail."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.raw: list[tuple[str, bytes]] = []
        self.refuses: dict[str, str] = {}
        self.sessions = 0
        self._controller: Controller | None = None

    # what aiosmtpd asks

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.raw += [(address, envelope.original_content) for address in envelope.rcpt_tos]
        return "250 taken"

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:  # noqa: N802
        self.sessions += 1
        session.host_name = hostname
        return responses

    # what tests ask

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def up(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, data_size_limit=10_000_000)
        self._controller.start()

    def down(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def mails(self) -> list[EmailMessage]:
        return [read(raw) for _, raw in self.raw]

    def to(self, address: str) -> list[EmailMessage]:
        return [read(raw) for recipient, raw in self.raw if recipient == address]

    def empty(self) -> None:
        self.raw.clear()


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)  # type: ignore[return-value]


def part(mail: EmailMessage, subtype: str) -> Any:
    """The part of a mail of this subtype, or None."""
    return next((one for one in mail.walk() if one.get_content_subtype() == subtype), None)


def content(mail: EmailMessage, subtype: str) -> str:
    found = part(mail, subtype)
    return "" if found is None else found.get_payload(decode=True).decode()


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """On a free port; up until it is told to go down."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Mailbox(port)
    box.up()
    try:
        yield box
    finally:
        box.down()


class Post:
    """What an office's mail does, run when a test says so; and a mailbox at the other end."""

    SENDERS = "IKN=selaras-ikn@setneg.test, JKT=selaras-jkt@setneg.test"
    ORIGIN = "https://selaras.contoh.id"

    def __init__(self, office: Office, box: Mailbox) -> None:
        self.office, self.box = office, box
        self.settings = Settings(smtp=box.address, mail_from=self.SENDERS, origin=self.ORIGIN)
        self._runner = Runner(office.db, (), office.clock)
        self._errand = delivery.errand(office.db, self.settings)
        self.forget()

    def forget(self) -> None:
        """As if everything so far had been passed on, and nothing were in the queue."""
        newest = select(func.coalesce(func.max(Entry.id), 0)).scalar_subquery()
        self.office.change(update(NoticeRow).values(taken_at=self.office.clock()))
        self.office.change(update(MailCursor).values(done_id=newest, seen_id=newest, horizon=0))
        self.office.change(delete(MailItem))
        self.office.change(delete(Mail))

    def gather(self) -> int:
        """Twice: on PostgreSQL the first time sees how far the journal goes, the next one reads it."""
        with self.office.client.portal() as portal:
            return sum(portal.call(self._runner.run, gathering.GATHER) or 0 for _ in range(2))

    def send(self) -> int | None:
        with self.office.client.portal() as portal:
            return portal.call(self._runner.run, self._errand)

    def goes(self, *, minutes: float = 5) -> list[EmailMessage]:
        """Gather, wait until the mails are closed, and send; what arrived by it."""
        before = len(self.box.raw)
        self.gather()
        self.office.clock.advance(minutes=minutes)
        self.send()
        return [read(raw) for _, raw in self.box.raw[before:]]

    def states(self) -> list[str]:
        return [row[0] for row in self.office.ask(select(Mail.state).order_by(Mail.id))]

    def email(self, person_id: int) -> str:
        return self.office.ask(select(Person.email).where(Person.id == person_id))[0][0]  # type: ignore[no-any-return]
