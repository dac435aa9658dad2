"""Feeds of somebody: make, change, rotate, revoke. A token is shown when it is made and never again."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec import UNSET
from sqlalchemy.orm import Session

from app import journal
from app.calendars import sources, store
from app.calendars.errors import FeedEnded
from app.calendars.kinds import USUAL, Kind
from app.calendars.shapes import FeedChange, FeedOut, Made, NewAddress, NewFeed
from app.calendars.store import Stored
from app.errors import Forbidden, Invalid, NotFound
from app.people.access import Actor
from app.people.secrets import digest
from app.texts import language_of, words

OPTIONS = ("level", "language", "name", "with_cancelled", "with_meetings", "with_alarm")


def make(session: Session, actor: Actor, wanted: NewFeed, *, now: datetime) -> Made:
    """A new feed of what the actor may see. Raises NotFound or Forbidden for what they may not, Invalid for a subject of none
    or one too many."""
    subject_id = _subject_id(actor, wanted)
    language = wanted.language or language_of(actor.language)
    sources.subject(session, actor, wanted.kind, subject_id, words(language))
    options = {
        "level": wanted.level or USUAL[wanted.kind],
        "language": language,
        "name": wanted.name.strip(),
        "with_cancelled": wanted.with_cancelled,
        "with_meetings": wanted.with_meetings,
        "with_alarm": wanted.with_alarm,
    }
    return _add(session, actor, wanted.kind, subject_id, options, "made", at=now)


def change(session: Session, actor: Actor, feed_id: int, wanted: FeedChange, *, now: datetime) -> FeedOut:
    """Change what a feed shows; its address stays. Raises NotFound, FeedEnded."""
    before = _own(session, actor, feed_id, lock=True)
    given = {name: value for name in OPTIONS if (value := getattr(wanted, name)) is not UNSET}
    if any(getattr(before, name) != value for name, value in given.items()):
        store.save(session, feed_id, **given)
        _record(session, actor, "changed", feed_id, {**_facts(before), **given}, at=now)
    after = store.one(session, feed_id)
    assert after is not None
    return shown(session, actor, after)


def rotate(session: Session, actor: Actor, feed_id: int, *, now: datetime) -> Made:
    """The same feed at a new address; the old one is empty from now on. Raises NotFound, FeedEnded."""
    before = _own(session, actor, feed_id, lock=True)
    _end(session, actor, before, "rotated", at=now)
    options = {name: getattr(before, name) for name in OPTIONS}
    return _add(session, actor, before.kind, before.subject_id, options, "rotated", at=now)


def revoke(session: Session, actor: Actor, feed_id: int, *, now: datetime) -> None:
    """End a feed: its address shows an empty calendar for thirty days, then nothing. Raises NotFound, FeedEnded."""
    _end(session, actor, _own(session, actor, feed_id, lock=True), "revoked", at=now)


def feeds_of(session: Session, actor: Actor) -> list[FeedOut]:
    """The actor's feeds that still show something, newest first."""
    return [shown(session, actor, feed) for feed in store.of_person(session, actor.id)]


def own(session: Session, actor: Actor, feed_id: int) -> Stored:
    """One of the actor's feeds. Raises NotFound, FeedEnded."""
    return _own(session, actor, feed_id)


def shown(session: Session, actor: Actor, feed: Stored) -> FeedOut:
    """A feed for its owner. What they may no longer see has no name."""
    try:
        name = sources.subject(session, actor, feed.kind, feed.subject_id, words(language_of(actor.language)))
    except (NotFound, Forbidden):
        name = ""
    return FeedOut(
        feed.id,
        feed.kind,
        feed.subject_id,
        name,
        feed.level,
        feed.language,
        feed.name,
        feed.with_cancelled,
        feed.with_meetings,
        feed.with_alarm,
        feed.created_at,
        feed.fetched_at,
        feed.client,
        feed.fetches,
    )


def address(made: Made, base: str) -> NewAddress:
    """The addresses of a new token; ``base`` is the public one of this service, without a path."""
    url = f"{base.rstrip('/')}/ical/{made.token}.ics"
    webcal = f"webcal://{urlsplit(url).netloc}{urlsplit(url).path}"
    google = f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}"
    return NewAddress(made.id, made.name, url, webcal, google)


def upkeep(session: Session, *, now: datetime) -> int:
    """End feeds that nobody uses, and forget what was written long ago."""
    return store.end_unused(session, now=now) + store.forget_written(session, on=now.date())


# Inside


def _subject_id(actor: Actor, wanted: NewFeed) -> int:
    if wanted.kind == "me":
        if wanted.subject_id not in (None, actor.id):
            raise Invalid(problem="subject_id")
        return actor.id
    if wanted.kind == "team" and wanted.subject_id is None:
        return actor.unit_id
    if wanted.subject_id is None:
        raise Invalid(problem="subject_id")
    return wanted.subject_id


def _add(
    session: Session, actor: Actor, kind: Kind, subject_id: int, options: dict[str, Any], verb: str, *, at: datetime
) -> Made:
    token = secrets.token_urlsafe(32)
    row = {
        "person_id": actor.id,
        "kind": kind,
        "subject_id": subject_id,
        **options,
        "digest": digest(token),
        "created_at": at,
        "ended_at": None,
        "ending": "",
        "fetched_at": None,
        "client": "",
        "fetches": 0,
        "state": None,
        "etag": "",
        "modified_at": None,
    }
    id = store.add(session, row)
    _record(session, actor, verb, id, {"kind": kind, "subject_id": subject_id, **options}, at=at)
    return Made(id, options["name"], token)


def _own(session: Session, actor: Actor, feed_id: int, *, lock: bool = False) -> Stored:
    feed = store.one(session, feed_id, lock=lock)
    if feed is None or feed.person_id != actor.id:
        raise NotFound(feed_id=feed_id)
    if feed.ended_at is not None and feed.ending != "lost":
        raise FeedEnded(feed_id=feed_id)
    return feed


def _end(session: Session, actor: Actor, feed: Stored, ending: str, *, at: datetime) -> None:
    """The empty calendar is a later version than whatever a client has."""
    later = at if feed.modified_at is None else max(at, feed.modified_at + timedelta(seconds=1))
    store.save(session, feed.id, ended_at=at, ending=ending, state=None, etag="", modified_at=later)
    _record(session, actor, ending, feed.id, _facts(feed), at=at)


def _facts(feed: Stored) -> dict[str, Any]:
    return {"kind": feed.kind, "subject_id": feed.subject_id, **{name: getattr(feed, name) for name in OPTIONS}}


def _record(session: Session, actor: Actor, verb: str, feed_id: int, facts: dict[str, Any], *, at: datetime) -> None:
    journal.record(session, verb, "feed", feed_id, actor_id=actor.id, at=at, facts=facts)
