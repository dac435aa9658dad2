"""What a feed shows: entries read from bookings, plans and meetings for one reader, as far as its owner may know them now."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy.orm import Session

from app import sites
from app.calendars import booking_entry, day_entry, meeting_entry, series_entry
from app.calendars.booking_entry import Holder
from app.calendars.entries import Entry, Level, Names, as_busy, in_order
from app.calendars.meeting_entry import MeetingFacts
from app.calendars.store import Stored
from app.calendars.window import Window
from app.meetings import calendar_reading as meetings
from app.meetings.calendar_reading import MeetingRead
from app.people import service as people
from app.people.access import Actor
from app.people.members import members_of
from app.rooms import calendar_reading as bookings
from app.rooms.calendar_reading import HeldPlace, Placed
from app.scheduling import board
from app.scheduling import calendar_reading as plans
from app.texts import N_, Words, words

MOST_ENTRIES = 2000
BUSY = N_("Sibuk")


class Shown(msgspec.Struct, frozen=True):
    """A calendar's name and its entries, by start."""

    title: str
    entries: list[Entry]


def shown(session: Session, actor: Actor, feed: Stored, within: Window, names: Names) -> Shown:
    """What a feed of the actor shows. Raises NotFound or Forbidden once they may not see its subject any more."""
    said = words(feed.language)
    read = {
        "me": _of_oneself,
        "team": _of_team,
        "room": _of_place,
        "desk": _of_place,
        "area": _of_place,
        "series": _of_series,
    }[feed.kind]
    entries: Iterable[Entry] = read(session, actor, feed, within, names, said)
    if feed.level == "busy":
        about, word = f"{feed.kind}:{feed.subject_id}", said.say(BUSY)
        hidden = (as_busy(entry, names, about, word) for entry in entries)
        entries = (entry for entry in hidden if entry is not None)
    if not feed.with_cancelled:
        entries = (entry for entry in entries if entry.status != "CANCELLED")
    return Shown(title(session, actor, feed), in_order(entries)[:MOST_ENTRIES])


def title(session: Session, actor: Actor, feed: Stored) -> str:
    """What the calendar is called, in its language. Raises NotFound or Forbidden."""
    return f"Selaras: {subject(session, actor, feed.kind, feed.subject_id, words(feed.language))}"


def subject(session: Session, actor: Actor, kind: str, subject_id: int, said: Words) -> str:
    """The name of what a feed is about, if the actor may see it. Raises NotFound or Forbidden."""
    if kind == "me":
        return actor.name
    if kind == "team":
        return board.unit_for(session, actor, subject_id).name
    if kind == "series":
        return series_entry.said_of(bookings.series_for(session, actor, subject_id), said)
    if kind == "area":
        area = bookings.area_named(session, subject_id, said.language)
        return f"{area.name} · {area.building} · {area.floor}"
    return place_name(bookings.space_named(session, subject_id, kind), said)


def place_name(place: Placed, said: Words) -> str:
    named = N_("Ruang {room}") if place.kind == "room" else N_("Meja {desk}")
    return f"{said.say(named, room=place.name, desk=place.name)} · {place.building} · {place.floor}"


def meeting_facts(read: MeetingRead, said: Words) -> MeetingFacts:
    """A meeting as entries tell it, with its rooms in words: the same for feeds and for invitations."""
    return MeetingFacts(
        read.id,
        read.title,
        read.agenda,
        read.letter,
        read.link,
        read.organiser,
        read.span,
        read.zone,
        (*read.zones, *(room.zone for room in read.rooms)),
        read.host,
        tuple(booking_entry.place(room, said) for room in read.rooms),
        read.attendees,
        read.state == "cancelled",
        read.sequence,
        read.changed_at,
    )


# By kind


def _of_oneself(
    session: Session, actor: Actor, feed: Stored, within: Window, names: Names, said: Words
) -> Iterable[Entry]:
    level: Level = "full" if feed.level == "full" else "basic"
    known = {site.id: site for site in sites.sites(session)}
    planned = plans.days_of(session, [actor.id], within.from_on, within.until_on, own=True, now=within.span.starts_at)
    for day in planned:
        yield from day_entry.own(day, names, known, said)
    for held in bookings.of_person(session, actor.id, within.span):
        gone = held.state in ("cancelled", "released") and held.changed_at < within.gone_before
        if held.meeting_id is None and not gone:
            yield booking_entry.own(held, names, said, level=level)
    if feed.with_meetings:
        for one in meetings.of_person(session, actor.id, within.span):
            if one.state == "planned" or one.changed_at >= within.gone_before:
                facts = meeting_facts(one, said)
                yield meeting_entry.meeting(facts, names, said, level=level, alarm=feed.with_alarm)


def _of_team(
    session: Session, actor: Actor, feed: Stored, within: Window, names: Names, said: Words
) -> Iterable[Entry]:
    """From this week on: a large unit's past alone would fill the feed."""
    board.unit_for(session, actor, feed.subject_id)
    known = {site.id: site for site in sites.sites(session)}
    members = {member.id: member.name for member in members_of(session, [feed.subject_id])}
    planned = plans.days_of(session, members, within.monday, within.until_on, own=False, now=within.span.starts_at)
    for day in planned:
        yield day_entry.of_mate(day, members[day.person_id], names, known, said, level=feed.level)


def _of_place(
    session: Session, actor: Actor, feed: Stored, within: Window, names: Names, said: Words
) -> Iterable[Entry]:
    of = bookings.of_area if feed.kind == "area" else bookings.of_space
    held = of(session, feed.subject_id, within.span)
    holders = _holders(session, actor, held) if feed.level != "busy" else {}
    for one in held:
        yield booking_entry.of_place(one, holders.get(one.id, Holder()), names, said, level=feed.level)


def _holders(session: Session, actor: Actor, held: list[HeldPlace]) -> dict[int, Holder]:
    """Who holds each place, as far as the actor may know, by the booking's id."""
    known = people.names_for(session, actor, (one.person_id for one in held))
    cards = people.cards(session, known)
    kept = bookings.kept_of(session, actor, held)
    found = {}
    for one in held:
        told = one.id in kept or actor.id in (one.person_id, one.booked_by_id)
        card = cards.get(one.person_id)
        found[one.id] = Holder(card.unit if card else "", card.name if card else "", one.purpose if told else "")
    return found


def _of_series(
    session: Session, actor: Actor, feed: Stored, within: Window, names: Names, said: Words
) -> Iterable[Entry]:
    read = bookings.series_for(session, actor, feed.subject_id)
    return series_entry.series(read, names, said, level=feed.level)
