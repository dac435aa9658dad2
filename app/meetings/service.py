"""Meetings: plan, move, cancel, reply. A meeting and its rooms at all sites change together or not at all.

Locks are taken in one order everywhere: the meeting, then its rooms' bookings, then person and spaces (app/rooms/service.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import sites
from app.errors import Forbidden, Invalid, NotFound, Stale
from app.meetings import news, rules, store
from app.meetings.errors import MeetingNotNow, NoStandIn, TooManyPeople
from app.meetings.invitees import invitees, unit_of
from app.meetings.rules import Invited, Rows
from app.meetings.shapes import (
    MOST_PEOPLE,
    GuestIn,
    GuestOut,
    MeetingChange,
    MeetingItem,
    MeetingOut,
    NewMeeting,
    ReplyIn,
    RoomOut,
)
from app.meetings.store import Stored
from app.people import service as people
from app.people.access import Actor
from app.people.rules import may_arrange_for
from app.rooms import meeting_rooms
from app.spans import Span

LONGEST = timedelta(hours=12)


def plan(session: Session, actor: Actor, wanted: NewMeeting, *, now: datetime) -> MeetingOut:
    """Plan a meeting with its rooms, invite everybody and tell them.

    Raises NotFound for people, units, a site or rooms there are none of for the actor, Forbidden for an organiser they may
    not act for, Invalid for a span too long or two rooms of one site, MeetingNotNow for one that is past, TooManyPeople,
    NotBookable if a room can't be had: then nothing of it is done.
    """
    span = _span(wanted.starts_at, wanted.ends_at, now=now)
    organiser_id = wanted.organiser_id or actor.id
    if organiser_id != actor.id:
        people.employee_for(session, actor, organiser_id, may=may_arrange_for)
    sites.site(session, wanted.site_id)
    rooms = meeting_rooms.rooms_at(session, wanted.room_ids)
    invited = _wished(session, actor, organiser_id, wanted.required_ids, wanted.optional_ids, wanted.unit_ids)
    invited[organiser_id] = replace(invited[organiser_id], reply="attending")
    row = {
        "title": wanted.title,
        "agenda": wanted.agenda,
        "letter": wanted.letter,
        "link": wanted.link,
        "organiser_id": organiser_id,
        "site_id": wanted.site_id,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "state": "planned",
        "notes": "",
        "sequence": 0,
        "version": 1,
        "created_at": now,
    }
    id = store.add(session, row)
    meeting_rooms.hold(
        session, actor, rooms, span, meeting_id=id, organiser_id=organiser_id, purpose=wanted.title, now=now
    )
    store.put_list(session, id, span, {}, invited, at=now)
    store.put_guests(session, id, _guests(wanted.guests))
    meeting = store.one(session, id)
    assert meeting is not None
    store.record(session, meeting, "planned", facts=_whom(invited), actor_id=actor.id, at=now)
    news.tell(session, meeting, "meeting-invited", invited, actor=actor, at=now)
    return _out(session, actor, meeting)


def change(
    session: Session,
    actor: Actor,
    meeting_id: int,
    wanted: MeetingChange,
    *,
    version: int | None = None,
    now: datetime,
) -> MeetingOut:
    """Move a meeting with all its rooms, change whom it invites or what it says. Everybody on the list is told once.

    Whoever had replied is asked anew when the time moves. Raises what ``plan`` does, Stale, Forbidden for who didn't plan
    it and may not act for the organiser, MeetingNotNow for a meeting that was cancelled or, unless only notes are written,
    is over.
    """
    before = changeable(session, actor, meeting_id, version=version, lock=True)
    starts_at = before.starts_at if wanted.starts_at is UNSET else wanted.starts_at
    ends_at = before.ends_at if wanted.ends_at is UNSET else wanted.ends_at
    span = before.span
    if (starts_at, ends_at) != (before.starts_at, before.ends_at):
        span = _span(starts_at, ends_at, now=now)
    given = {
        name: value
        for name in ("title", "agenda", "letter", "link", "notes")
        if (value := getattr(wanted, name)) is not UNSET
    }
    after = replace(before, starts_at=span.starts_at, ends_at=span.ends_at, **given)
    rows = store.invited(session, before.id)
    listed = _changed_list(session, actor, before, rows, wanted)
    moved = span != before.span
    if moved:
        listed = rules.asked_anew(listed, before.organiser_id)
    guests_changed = wanted.guests is not UNSET and store.put_guests(session, before.id, _guests(wanted.guests))
    rooms_changed = _change_rooms(session, actor, before, after, wanted, now=now)
    told = replace(after, notes=before.notes) != before or rooms_changed
    heard = told or guests_changed or rules.summoned(listed) != rules.summoned(rows)
    if not heard and after == before:
        return _out(session, actor, before)
    if heard:
        if before.ends_at <= now:
            raise MeetingNotNow(why="over")
        after = replace(after, sequence=before.sequence + 1)
    store.put_list(session, before.id, span, rows, listed, at=now)
    verb = "moved" if moved else "changed"
    saved = store.save(session, before, after, verb, facts=_whom(rows, listed), actor_id=actor.id, at=now)
    were, are = rules.listed(rows), rules.listed(listed)
    if told:
        kind = "meeting-moved" if moved or rooms_changed else "meeting-changed"
        news.tell(session, saved, kind, were & are, actor=actor, at=now)
    news.tell(session, saved, "meeting-invited", are - were, actor=actor, at=now)
    news.tell(session, saved, "meeting-cancelled", were - are, actor=actor, at=now)
    return _out(session, actor, saved)


def cancel(session: Session, actor: Actor, meeting_id: int, *, version: int | None = None, now: datetime) -> MeetingOut:
    """Call a meeting off; its rooms are free at once. Cancelling twice is no error.

    Raises NotFound, Forbidden, Stale, MeetingNotNow for one that is over.
    """
    before = changeable(session, actor, meeting_id, version=version, cancelled=True, lock=True)
    if before.state == "cancelled":
        return _out(session, actor, before)
    if before.ends_at <= now:
        raise MeetingNotNow(why="over")
    meeting_rooms.give_back(session, actor, meeting_id=before.id, organiser_id=before.organiser_id, now=now)
    rows = store.invited(session, before.id)
    store.put_list(session, before.id, before.span, rows, rows, alive=False, at=now)
    after = replace(before, state="cancelled", sequence=before.sequence + 1)
    saved = store.save(session, before, after, "cancelled", facts=_whom(rows), actor_id=actor.id, at=now)
    news.tell(session, saved, "meeting-cancelled", rules.listed(rows), actor=actor, at=now)
    return _out(session, actor, saved)


def reply(session: Session, actor: Actor, meeting_id: int, wanted: ReplyIn, *, now: datetime) -> MeetingOut:
    """Say that one comes, doesn't come, or sends somebody in one's place, who is invited in turn.

    A stand-in changes who comes, so everybody on the list hears of it; any other reply only the organiser. Raises NotFound
    for who isn't on the list or a stand-in the actor may not know of, NoStandIn, MeetingNotNow.
    """
    before = store.one(session, meeting_id, lock=True)
    rows = store.invited(session, meeting_id) if before else {}
    mine = rows.get(actor.id)
    if before is None or mine is None or not mine.invited:
        raise NotFound(meeting_id=meeting_id)
    _alive(before, now=now)
    if (mine.reply, mine.stand_in_id, mine.remark) == (wanted.reply, wanted.stand_in_id, wanted.remark):
        return _out(session, actor, before)
    stand_in_id = _stand_in(session, actor, before, rows, wanted) if wanted.reply == "represented" else None
    after_rows = rules.with_reply(rows, actor.id, wanted.reply, stand_in_id=stand_in_id, remark=wanted.remark)
    store.put_list(session, before.id, before.span, rows, after_rows, at=now)
    gone = rules.listed(rows) - rules.listed(after_rows)
    changes_list = stand_in_id is not None or bool(gone)
    after = replace(before, sequence=before.sequence + 1) if changes_list else before
    facts: dict[str, Any] = {"person_id": actor.id, "reply": wanted.reply, "stand_in_id": stand_in_id} | _whom(
        rows, after_rows
    )
    saved = store.save(session, before, after, "replied", facts=facts, actor_id=actor.id, at=now)
    told = rules.listed(after_rows) if changes_list else {before.organiser_id}
    news.tell_reply(session, saved, wanted.reply, stand_in_id, told, actor=actor, at=now)
    news.tell(session, saved, "meeting-cancelled", gone, actor=actor, at=now)
    return _out(session, actor, saved)


def meeting_for(session: Session, actor: Actor, meeting_id: int) -> MeetingOut:
    """A meeting that the actor organises, attends, or whose organiser they may plan for. Raises NotFound for any other."""
    meeting = store.one(session, meeting_id)
    if meeting is None:
        raise NotFound(meeting_id=meeting_id)
    return _out(session, actor, meeting)


def meeting_to_change(session: Session, actor: Actor, meeting_id: int) -> MeetingOut:
    """A meeting that the actor may change, as pages show it. Raises NotFound, Forbidden, MeetingNotNow."""
    return _out(session, actor, changeable(session, actor, meeting_id))


def meetings_of(session: Session, actor: Actor, within: Span) -> list[MeetingItem]:
    """The actor's own meetings that touch ``within``, in the order of their start; their rooms are asked for apart."""
    return store.of_person(session, actor.id, within, begins=within.starts_at - LONGEST)


def meetings_with_rooms(session: Session, actor: Actor, within: Span) -> list[MeetingItem]:
    """``meetings_of`` with the names of their rooms."""
    items = meetings_of(session, actor, within)
    rooms = meeting_rooms.rooms_for(session, [item.id for item in items if item.state == "planned"])
    return [replace(item, rooms=[room.name for room in rooms.get(item.id, ())]) for item in items]


def taken(session: Session, people: list[int], within: Span) -> list[tuple[int, datetime, datetime, int]]:
    """Person, start, end and meeting of what takes these people's time within a span. Whoever asks has checked that they may
    know."""
    return store.busy_of(session, people, within) if people else []


def mark_of(session: Session, person_id: int, within: Span) -> list[int]:
    """Something that changes whenever a meeting of somebody does that touches a span: compare it, nothing more."""
    found = store.of_person(session, person_id, within, begins=within.starts_at - LONGEST)
    return [part for item in found for part in (item.id, item.version)]


# Inside


def _whom(*lists: Rows) -> dict[str, list[int]]:
    """Whose time a change is about, for who follows the journal: those on the list before it, and after."""
    return {"people": sorted(set().union(*map(rules.listed, lists)))}


def _span(starts_at: datetime, ends_at: datetime, *, now: datetime) -> Span:
    """Raises Invalid for a span that is backwards or longer than twelve hours, MeetingNotNow for one that is past."""
    try:
        span = Span(starts_at.replace(microsecond=0), ends_at.replace(microsecond=0)).in_utc()
    except ValueError as error:
        raise Invalid(problem="starts_at, ends_at") from error
    if span.length > LONGEST:
        raise Invalid(problem="ends_at")
    if span.ends_at <= now:
        raise MeetingNotNow(why="past")
    return span


def _wished(
    session: Session,
    actor: Actor,
    organiser_id: int,
    required_ids: Iterable[int],
    optional_ids: Iterable[int],
    unit_ids: Sequence[int] = (),
) -> dict[int, Invited]:
    """Open invitations for everybody a list names. Raises NotFound, TooManyPeople."""
    members, needed = invitees(session, actor, organiser_id, required_ids, optional_ids, unit_ids)
    return {id: Invited(id, id in needed, unit_id=unit_of(member, unit_ids)) for id, member in members.items()}


def _guests(guests: list[GuestIn]) -> list[GuestOut]:
    return list({guest.email.lower(): GuestOut(guest.email.lower(), guest.name) for guest in guests}.values())


def _may_change(session: Session, actor: Actor, meeting: Stored) -> bool:
    """The organiser, and whoever may plan for them. Room keepers book for others, yet have no business in their meetings."""
    if meeting.organiser_id == actor.id:
        return True
    organiser = people.employee(session, meeting.organiser_id)
    return organiser is not None and may_arrange_for(actor, organiser)


def changeable(
    session: Session,
    actor: Actor,
    meeting_id: int,
    *,
    version: int | None = None,
    cancelled: bool = False,
    lock: bool = False,
) -> Stored:
    """A meeting that the actor may change.

    Raises NotFound, Forbidden for an attendee, Stale, MeetingNotNow for one that was cancelled, unless that will do.
    """
    meeting = store.one(session, meeting_id, lock=lock)
    if meeting is None:
        raise NotFound(meeting_id=meeting_id)
    if not _may_change(session, actor, meeting):
        listed = store.invited(session, meeting_id).get(actor.id)
        raise Forbidden(meeting_id=meeting_id) if listed and listed.invited else NotFound(meeting_id=meeting_id)
    if version is not None and version != meeting.version:
        raise Stale(version=meeting.version)
    if meeting.state == "cancelled" and not cancelled:
        raise MeetingNotNow(why="cancelled")
    return meeting


def _alive(meeting: Stored, *, now: datetime) -> None:
    if meeting.state == "cancelled":
        raise MeetingNotNow(why="cancelled")
    if meeting.ends_at <= now:
        raise MeetingNotNow(why="over")


def _changed_list(session: Session, actor: Actor, meeting: Stored, rows: Rows, wanted: MeetingChange) -> Rows:
    """The list with those who are wanted in their own right. Whoever is on it may stay, known to the actor or not.

    Raises NotFound, TooManyPeople.
    """
    if wanted.required_ids is UNSET and wanted.optional_ids is UNSET:
        return rows
    before = rules.own(rows)
    required, optional = (
        {id for id, row in before.items() if row.required == needed} if given is UNSET else set(given)
        for given, needed in ((wanted.required_ids, True), (wanted.optional_ids, False))
    )
    optional -= required
    fresh = _wished(session, actor, meeting.organiser_id, required - before.keys(), optional - before.keys())
    kept = {id: replace(row, required=id not in optional) for id, row in before.items() if id in required | optional}
    listed = fresh | kept
    listed[meeting.organiser_id] = replace(rows[meeting.organiser_id], required=True)
    if len(listed) > MOST_PEOPLE:
        raise TooManyPeople(most=MOST_PEOPLE, invited=len(listed))
    return rules.with_list(rows, listed)


def _change_rooms(
    session: Session, actor: Actor, before: Stored, after: Stored, wanted: MeetingChange, *, now: datetime
) -> bool:
    """Move the rooms with the meeting, and make them those that are wanted; whether that changed anything."""
    if wanted.room_ids is UNSET and after.span == before.span and after.title == before.title:
        return False
    room_ids = None if wanted.room_ids is UNSET else list(meeting_rooms.rooms_at(session, wanted.room_ids))
    return meeting_rooms.rearrange(
        session,
        actor,
        room_ids,
        after.span,
        meeting_id=before.id,
        organiser_id=before.organiser_id,
        purpose=after.title,
        now=now,
    )


def _stand_in(session: Session, actor: Actor, meeting: Stored, rows: Rows, wanted: ReplyIn) -> int:
    """Who comes in the actor's place. Raises NoStandIn, NotFound."""
    if actor.id == meeting.organiser_id:
        raise NoStandIn(why="organiser")
    if wanted.stand_in_id is None:
        raise NoStandIn(why="nobody")
    if wanted.stand_in_id == actor.id:
        raise NoStandIn(why="self")
    there = rows.get(wanted.stand_in_id)
    if there is not None and there.invited and there.reply == "represented":
        raise NoStandIn(why="already-represented")
    return people.colleague_for(session, actor, wanted.stand_in_id).id


def _out(session: Session, actor: Actor, meeting: Stored) -> MeetingOut:
    """Raises NotFound for who is no part of the meeting."""
    rows = store.invited(session, meeting.id)
    mine = rows.get(actor.id)
    may_change = _may_change(session, actor, meeting)
    if not may_change and (mine is None or not mine.invited):
        raise NotFound(meeting_id=meeting.id)
    attendees, tallies = store.attendees(session, meeting, rows)
    organiser = people.cards(session, [meeting.organiser_id])[meeting.organiser_id].name
    rooms = [
        RoomOut(
            held.booking.id,
            held.room.id,
            held.room.name,
            held.room.site_id,
            held.booking.zone,
            held.room.seats,
            held.booking.state,
            held.booking.approval,
        )
        for held in meeting_rooms.held_for(session, meeting.id)
    ]
    return MeetingOut(
        meeting.id,
        meeting.title,
        meeting.agenda,
        meeting.letter,
        meeting.link,
        meeting.organiser_id,
        organiser,
        meeting.site_id,
        meeting.starts_at,
        meeting.ends_at,
        meeting.zone,
        meeting.state,
        meeting.notes,
        meeting.sequence,
        meeting.version,
        rooms,
        attendees,
        store.guests_of(session, meeting.id),
        store.follow_ups(session, meeting.id),
        tallies,
        mine.reply if mine and mine.invited else "",
        may_change,
    )
