"""Signing in and out: sessions live in the database, change their id at every sign-in, and can all be ended at once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app import journal
from app.db import Database
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

    The password is checked in a thread that holds no connection, since argon2 takes long by design and nobody else must
    wait for it. Raises TooManyTries, WrongSignIn.
    """
    account = await db.read(_account, attempt, now=now)
    fits = await asyncio.to_thread(secrets.password_fits, account[1] if account else None, attempt.password)
    if account is None or not fits:
        await db.write(_note_failure, attempt, now=now)
        raise WrongSignIn
    return await db.write(_open_session, account[0], replacing, now=now)


def _account(session: Session, attempt: Attempt, *, now: datetime) -> tuple[int, str | None] | None:
    """Id and password's hash of the account, if there is one. Raises TooManyTries."""
    since = now - timedelta(minutes=rules.FAILED_SIGN_IN_MINUTES)
    for kind, key in attempt.keys.items():
        failures = session.scalar(select(func.count()).where(FailedSignIn.key == key, FailedSignIn.at > since)) or 0
        if failures >= rules.FAILED_SIGN_INS[kind]:
            raise TooManyTries(minutes=rules.FAILED_SIGN_IN_MINUTES)
    row = session.execute(
        select(Person.id, Person.password).where(Person.email == attempt.email.strip().lower(), Person.active)
    ).first()
    return (row.id, row.password) if row else None


def _note_failure(session: Session, attempt: Attempt, *, now: datetime) -> None:
    session.execute(insert(FailedSignIn), [{"key": key, "at": now} for key in attempt.keys.values()])


def _open_session(session: Session, person_id: int, replacing: Credential | None, *, now: datetime) -> str:
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
