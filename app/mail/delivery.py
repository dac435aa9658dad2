"""Takes mail from the queue to the server: claim, hand over, note. No transaction waits for the network.

A process that dies between the last two leaves a mail that is sent again, with the same Message-ID and the same bytes, once
its claim has run out. None is lost, and as long as a claim holds no other process touches what is claimed.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database
from app.leases import Errand
from app.mail import letters, outbox, post, rules
from app.mail.letters import House
from app.mail.message import Unwritable
from app.mail.outbox import Claimed, Ended, Letter, Outcome
from app.mail.post import Line, Server, Unreached
from app.settings import Settings

log = logging.getLogger("selaras.mail")

BATCH = 10
EVERY = timedelta(seconds=20)
MARGIN = timedelta(minutes=3)
"""What is left of a claim when no further mail of it is begun."""


def errand(db: Database, settings: Settings) -> Errand:
    house = House(settings.origin, settings.senders())
    return Errand("mail-send", EVERY, partial(deliver, db, post.server(settings), house))


async def deliver(db: Database, server: Server, house: House, *, clock: Clock) -> int:
    """Send up to ten mails that are due; how many were dealt with. 0 while the server isn't there, however many wait: the
    next run tries again."""
    claim = secrets.token_hex(8)
    until = clock() + rules.HELD - MARGIN
    claimed = await db.write(outbox.claim, claim, most=BATCH, now=clock())
    if not claimed:
        return 0
    ready = await _written(db, claim, claimed, house, clock=clock)
    if not ready:
        return len(claimed)
    try:
        line = await post.connect(server)
    except Unreached as error:
        for mail in ready:
            await _note(db, claim, mail, Outcome(str(error), unreached=True), clock=clock)
        log.warning("mail: %s, %d wait", error, len(ready))
        return 0
    try:
        done = [await _send(db, line, claim, mail, clock=clock, late=clock() >= until) for mail in ready]
    finally:
        await line.close()
    return len(claimed) if all(done) else 0


async def _send(db: Database, line: Line, claim: str, mail: Claimed, *, clock: Clock, late: bool) -> bool:
    """Whether the line still stands afterwards."""
    if late or not line.open:
        await _note(db, claim, mail, Outcome(untried=True), clock=clock)
        return False
    outcome = await line.send(mail)
    # noted even when the service is told to stop just now: otherwise it would be sent again
    await asyncio.shield(_note(db, claim, mail, outcome, clock=clock))
    if outcome.error:
        log.warning("mail %d: %s", mail.id, outcome.error.partition(" ")[0])
    return not outcome.unreached


async def _note(db: Database, claim: str, mail: Claimed, outcome: Outcome, *, clock: Clock) -> None:
    await db.write(outbox.note, claim, mail, outcome, now=clock())


async def _written(db: Database, claim: str, claimed: list[Claimed], house: House, *, clock: Clock) -> list[Claimed]:
    """The mails in hand that are to be sent, each with its letter; those without are written now, each in a short reading
    unit of work, as writing takes longer than a writer should be kept from others."""
    ready, found = [], []
    for mail in claimed:
        if mail.message is not None:
            ready.append(mail)
            continue
        one = await db.read(written, mail, house, now=clock())
        found.append((mail.id, one))
        if isinstance(one, Letter):
            ready.append(with_letter(mail, one))
    if found:
        await db.write(outbox.keep, claim, found, now=clock())
    return sorted(ready, key=lambda mail: mail.id)  # of two about one meeting the older goes first


def with_letter(mail: Claimed, found: Letter) -> Claimed:
    return replace(mail, sender=found.sender, address=found.address, message=found.message)


def written(session: Session, mail: Claimed, house: House, *, now: datetime) -> Letter | Ended:
    """The letter that a mail is, or why it is none. One that can't be written holds up no other."""
    try:
        return letters.letter(session, mail, house, now=now)
    except Unwritable as error:
        return Ended("failed", str(error))
    except (KeyError, TypeError, ValueError, IndexError, AssertionError) as error:
        log.exception("mail %d can't be written", mail.id)
        return Ended("failed", f"can't be written: {type(error).__name__}")
