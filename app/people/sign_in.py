"""Signing in and out: sessions live in the database, change their id at every sign-in, and can all be ended at once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app import journal
from app.db import Database, locks_rows
from app.errors import TooManyTries
from app.people import rules, secrets
from app.people.access import Actor, Credential, actor_for
from app.people.errors import WrongSignIn
from app.people.models import BrowserSession, FailedSignIn, Person


class Attempt(msgspec.Struct, frozen=True):
    """Somebody who wants in; ``address`` is the network address they come from."""

    email: str
    password: str
    address: str

    @property
    def keys(self) -> dict[str, bytes]:
        """By what failures are counted; digests, so that the table of failures lists no addresses of people."""
        return {
            "email": secrets.digest("email:" + self.email.strip().lower()),
            "address": secrets.digest("address:" + self.address),
        }


async def sign_in(db: Database, attempt: Attempt, *, now: datetime, replacing: Credential | None = None) -> str:
    """A new session's id. ``replacing`` is the session the browser had: it ends here.

    An attempt counts as failed until it has succeeded: those that come at once can't slip past the limit. The password is
    checked in a thread that holds no connection, since argon2 takes long by design and nobody else must wait for it, and
    only some at a time: colleagues behind one network address who come in together aren't held against each other.
    Raises TooManyTries, WrongSignIn.
    """
    async with _turn():
        opened = await db.write(_begin, attempt, now=now)
        fits = await asyncio.to_thread(secrets.password_fits, opened.password, attempt.password)
        if opened.person_id is None or not fits:
            raise WrongSignIn
        return await db.write(_open_session, opened.person_id, opened.attempts, replacing, now=now)


CHECKS = max(2, os.cpu_count() or 2)
"""So many passwords are checked at a time."""
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def _turn() -> asyncio.Semaphore:
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(CHECKS))


class _Begun(msgspec.Struct, frozen=True):
    """``person_id`` and the hash of the password, if there is such an account; ``attempts`` are the ids of what counts
    against it until it succeeds."""

    person_id: int | None
    password: str | None
    attempts: list[int]


def _begin(session: Session, attempt: Attempt, *, now: datetime) -> _Begun:
    """Raises TooManyTries."""
    since = now - timedelta(minutes=rules.FAILED_SIGN_IN_MINUTES)
    _lock(session, attempt.keys.values())
    for kind, key in attempt.keys.items():
        failures = session.scalar(select(func.count()).where(FailedSignIn.key == key, FailedSignIn.at > since)) or 0
        if failures >= rules.FAILED_SIGN_INS[kind]:
            raise TooManyTries(minutes=rules.FAILED_SIGN_IN_MINUTES)
    rows = [{"key": key, "at": now} for key in attempt.keys.values()]
    ids = list(session.scalars(insert(FailedSignIn).returning(FailedSignIn.id), rows))
    row = session.execute(
        select(Person.id, Person.password).where(Person.email == attempt.email.strip().lower(), Person.active)
    ).first()
    return _Begun(row.id if row else None, row.password if row else None, ids)


def _lock(session: Session, keys: Iterable[bytes]) -> None:
    """One attempt after the other by each key; SQLite's one writer needs no lock."""
    if locks_rows(session):
        for number in sorted(int.from_bytes(key[:8], "big", signed=True) for key in keys):
            session.execute(select(func.pg_advisory_xact_lock(number)))


def _open_session(
    session: Session, person_id: int, attempts: list[int], replacing: Credential | None, *, now: datetime
) -> str:
    session.execute(delete(FailedSignIn).where(FailedSignIn.id.in_(attempts)))
    if replacing is not None:
        session.execute(delete(BrowserSession).where(BrowserSession.digest == replacing.digest))
    session_id = secrets.new_session_id()
    row = {"digest": secrets.digest(session_id), "person_id": person_id, "created_at": now, "seen_at": now}
    session.execute(insert(BrowserSession), [row])
    journal.record(session, "signed-in", "person", person_id, actor_id=person_id, at=now)
    return session_id


def sign_out(session: Session, credential: Credential, *, now: datetime) -> None:
    """End one session; ending it twice is no error."""
    who = session.scalar(
        delete(BrowserSession).where(BrowserSession.digest == credential.digest).returning(BrowserSession.person_id)
    )
    if who is not None:
        journal.record(session, "signed-out", "person", who, actor_id=who, at=now)


def sign_out_everywhere(session: Session, actor: Actor, *, now: datetime) -> int:
    """End all sessions of the actor, this one too; returns how many there were."""
    return end_sessions(session, actor.id, actor_id=actor.id, now=now)


def end_sessions(session: Session, person_id: int, *, actor_id: int | None, now: datetime) -> int:
    ended = session.connection().execute(delete(BrowserSession).where(BrowserSession.person_id == person_id)).rowcount
    journal.record(
        session, "signed-out-everywhere", "person", person_id, actor_id=actor_id, at=now, facts={"sessions": ended}
    )
    return ended


def session_count(session: Session, person_id: int) -> int:
    return session.scalar(select(func.count()).where(BrowserSession.person_id == person_id)) or 0


def forget_old(session: Session, *, idle: timedelta, now: datetime) -> int:
    """Remove sessions that idled out and failures nobody counts any more; returns how many rows."""
    gone = session.connection().execute(delete(BrowserSession).where(BrowserSession.seen_at < now - idle)).rowcount
    gone += session.connection().execute(delete(FailedSignIn).where(FailedSignIn.at < now - timedelta(days=1))).rowcount
    return gone


def actor_of(session: Session, session_id: str, *, now: datetime) -> Actor:
    """Who just signed in."""
    return actor_for(session, Credential("session", secrets.digest(session_id)), now=now)
