"""Gathers what is to be mailed from what changes have written already: notices, and entries of the journal.

Nothing is asked of whoever makes a change. A notice is taken once, and marked in the same transaction as it is put into a
mail; the journal is read by a cursor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock, journal, notices, sites
from app.journal import Written
from app.leases import Work
from app.mail import choices, outbox, rules
from app.mail.models import MailCursor
from app.mail.outbox import News
from app.mail.rules import Kind
from app.meetings.summons import summons
from app.notices import Told
from app.people.contacts import Contact, contacts
from app.rooms import upset as bookings

BATCH = 200
MEETINGS = ("planned", "moved", "changed", "cancelled", "replied")
OWN = "meeting-own"
READ: Mapping[str, Iterable[str]] = {"booking": bookings.VERBS, "meeting": MEETINGS}


def gather(session: Session, *, now: datetime) -> int:
    """Put what was not told yet into mails; returns how much of it was looked at."""
    return _from_notices(session, now=now) + _from_journal(session, now=now)


GATHER = Work("mail-gather", timedelta(seconds=20), gather)


class _Readers:
    """Those whom a batch is about: how they are reached, and what they have chosen."""

    def __init__(self, session: Session, ids: Iterable[int]) -> None:
        self._session, self._ids = session, set(ids)

    @cached_property
    def contacts(self) -> dict[int, Contact]:
        return contacts(self._session, self._ids)

    @cached_property
    def choices(self) -> dict[int, dict[Kind, bool]]:
        return choices.of(self._session, self._ids)


def _from_notices(session: Session, *, now: datetime) -> int:
    told = notices.take(session, most=BATCH, now=now)
    if not told:
        return 0
    readers = _Readers(session, (one.person_id for one in told))
    begun: dict[str, Mapping[str, Any]] = {}
    zones = {site.id: site.zone for site in sites.sites(session)}
    news = []
    for one in told:
        contact = readers.contacts.get(one.person_id)
        if contact is None or not contact.active:
            continue
        topic = rules.topic_of(one.kind, one.facts.get("meeting_id"))
        if topic and topic not in begun:
            begun[topic] = outbox.known(session, topic)
        near = rules.is_near(one.kind, _starts(session, one, zones[contact.site_id]), at=one.at)
        mine = str(one.person_id)
        if rules.goes_out(
            one.kind, readers.choices.get(one.person_id, {}), near=near, begun=mine in begun.get(topic, ())
        ):
            news.append(News(mine, one.person_id, topic, contact.site_id, one.kind, one.cause, one.facts, one.at))
    outbox.put(session, news, now=now)
    return len(told)


def _starts(session: Session, told: Told, zone: str) -> list[datetime]:
    """When that starts of which somebody was told, and when it did before. A day starts at its midnight, where they are."""
    facts = told.facts
    found: list[datetime] = []
    if told.kind not in rules.CHANGES:
        return found
    if facts.get("starts_at"):
        found.append(datetime.fromisoformat(facts["starts_at"]))
    if facts.get("on") and facts.get("desk"):
        found.append(clock.instant_of(date.fromisoformat(facts["on"]), 0, zone))
    if told.kind.startswith("meeting-"):
        found += _meeting_starts(session, told)
    return found


def _meeting_starts(session: Session, told: Told) -> list[datetime]:
    """When the meeting was to start before the change of which a notice tells."""
    sequence = int(told.cause.split(":")[2])
    entries = journal.history(session, "meeting", told.facts["meeting_id"], most=20)
    before = next((entry for entry in entries if entry.facts["sequence"] < sequence), None)
    return [datetime.fromisoformat(before.facts["starts_at"])] if before else []


# From the journal


def _from_journal(session: Session, *, now: datetime) -> int:
    """Entries from the cursor on, each once."""
    row = session.execute(select(MailCursor.done_id, MailCursor.seen_id, MailCursor.horizon)).one()
    settled = journal.settled(session, row.seen_id, row.horizon)
    fresh = journal.between(session, row.done_id, settled.until, READ, most=BATCH)
    _put(session, fresh, now=now)
    done_id = fresh[-1].id if len(fresh) == BATCH else max(settled.until, row.done_id)
    seen_id, horizon = row.seen_id, row.horizon
    if done_id >= seen_id:
        seen_id, horizon = settled.newest, settled.horizon
    if (done_id, seen_id) != (row.done_id, row.seen_id):
        session.execute(update(MailCursor).values(done_id=done_id, seen_id=seen_id, horizon=horizon))
    return len(fresh)


def _put(session: Session, entries: list[Written], *, now: datetime) -> None:
    """One after the other: what an entry tells somebody may leave nothing to tell them by the next."""
    for entry in entries:
        news = _of_booking(session, entry) if entry.subject == "booking" else _of_meeting(session, entry)
        outbox.put(session, news, now=now)


def _of_booking(session: Session, entry: Written) -> list[News]:
    """What was done to somebody's booking within the day before it starts."""
    told = bookings.upset(session, entry)
    if told is None or not rules.is_near(told.news, told.starts, at=told.at):
        return []
    if notices.told_at(session, told.person_id, told.at, rules.OF_BOOKINGS):
        return []
    cause = f"booking:{told.booking_id}:{told.version}"
    return [News(str(told.person_id), told.person_id, "", told.site_id, told.news, cause, told.facts, told.at)]


def _of_meeting(session: Session, entry: Written) -> list[News]:
    """For those who get no notice of a change and yet have it in their calendars: guests, and an attendee who made it. Its
    organiser has it from the feed."""
    called = summons(session, entry.subject_id)
    if called is None:
        return []
    topic = rules.topic_of(OWN, called.meeting_id)
    known = outbox.known(session, topic)
    cause = f"meeting:{called.meeting_id}:{entry.facts['sequence']}"

    def news(recipient: str, person_id: int | None, *, listed: bool) -> list[News]:
        last = known.get(recipient)
        if not listed and (last is None or _is_farewell(last)):
            return []
        facts = {"meeting_id": called.meeting_id, "verb": entry.verb, "listed": listed}
        return [News(recipient, person_id, topic, called.site_id, OWN, cause, facts, entry.at)]

    found: list[News] = []
    if entry.verb != "replied":
        for guest in sorted({*called.guests, *(one for one in known if not one.isdigit())}):
            found += news(guest, None, listed=guest in called.guests)
    actor_id = entry.actor_id
    mine = called.people.get(actor_id or 0)
    if actor_id is not None and mine is not None and actor_id != called.organiser_id:
        chosen = choices.of(session, [actor_id]).get(actor_id, {})
        if rules.goes_out(OWN, chosen, near=False, begun=str(actor_id) in known):
            found += news(str(actor_id), actor_id, listed=mine.invited)
    return found


def _is_farewell(item: outbox.Item) -> bool:
    """Whether somebody was told already that they are off the list: what happens to the meeting since is not for them."""
    return item.kind == "meeting-cancelled" or not item.facts.get("listed", True)
