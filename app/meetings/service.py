"""Meetings: plan, move, cancel, reply. A meeting and its rooms at all sites change together or not at all.

Locks are taken in one order everywhere: the meeting, then its rooms' bookings, then person and spaces (app/rooms/service.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import sites
from app.errors import Forbidden, Invalid, NotFound, Stale
from app.meetings import news, store
from app.meetings.errors import MeetingNotNow, NoStandIn, TooManyPeople
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
from app.meetings.store import Invited, Stored
from app.people import service as people
from app.people.access import Actor
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
        people.employee_for(session, actor, organiser_id)
    sites.site(session, wanted.site_id)
    rooms = meeting_rooms.rooms_at(session, wanted.room_ids)
    invited = _wished(session, actor, organiser_id, wanted.required_ids, wanted.optional_ids, wanted.unit_ids)
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
    store.add_attendees(session, id, span, [_row_of(one, organiser_id, now) for one in invited.values()])
    store.put_guests(session, id, _guests(wanted.guests))
    meeting = store.one(session, id)
    assert meeting is not None
    store.record(session, meeting, "planned", actor_id=actor.id, at=now)
    news.tell(session, meeting, "meeting-invited", _others(invited, actor), actor=actor, at=now)
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
    before = _to_change(session, actor, meeting_id, version=version)
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
    struck, added = _change_list(session, actor, before, rows, wanted, now=now)
    guests_changed = wanted.guests is not UNSET and store.put_guests(session, before.id, _guests(wanted.guests))
    moved = span != before.span
    rooms_changed = _change_rooms(session, actor, before, after, wanted, now=now)
    if moved:
        store.move_attendees(session, before.id, span)
        _ask_anew(session, before, rows)
    told = replace(after, notes=before.notes) != before or rooms_changed
    if not (told or struck or added or guests_changed or after != before):
        return _out(session, actor, before)
    if before.ends_at <= now and (told or struck or added or guests_changed):
        raise MeetingNotNow(why="over")
    if told or struck or added or guests_changed:
        after = replace(after, sequence=before.sequence + 1)
    saved = store.save(session, before, after, "moved" if moved else "changed", actor_id=actor.id, at=now)
    kept = {id: row for id, row in rows.items() if row.invited and id not in struck and id not in added}
    if told:
        kind = "meeting-moved" if moved or rooms_changed else "meeting-changed"
        news.tell(session, saved, kind, _others(kept, actor), actor=actor, at=now)
    news.tell(session, saved, "meeting-invited", _others(added, actor), actor=actor, at=now)
    news.tell(session, saved, "meeting-cancelled", [id for id in struck if id != actor.id], actor=actor, at=now)
    return _out(session, actor, saved)


def cancel(session: Session, actor: Actor, meeting_id: int, *, version: int | None = None, now: datetime) -> MeetingOut:
    """Call a meeting off; its rooms are free at once. Cancelling twice is no error.

    Raises NotFound, Forbidden, Stale, MeetingNotNow for one that is over.
    """
    before = _to_change(session, actor, meeting_id, version=version, cancelled=True)
    if before.state == "cancelled":
        return _out(session, actor, before)
    if before.ends_at <= now:
        raise MeetingNotNow(why="over")
    meeting_rooms.give_back(session, actor, meeting_id=before.id, organiser_id=before.organiser_id, now=now)
    rows = store.invited(session, before.id)
    store.end_attendance(session, before.id)
    after = replace(before, state="cancelled", sequence=before.sequence + 1)
    saved = store.save(session, before, after, "cancelled", actor_id=actor.id, at=now)
    listed = {id: row for id, row in rows.items() if row.invited}
    news.tell(session, saved, "meeting-cancelled", _others(listed, actor), actor=actor, at=now)
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
    represented = wanted.reply == "represented"
    stand_in_id = _stand_in(session, actor, before, rows, wanted) if represented else None
    released = _release_stand_in(session, before, rows, mine, stand_in_id)
    if stand_in_id is not None and not (rows.get(stand_in_id) and rows[stand_in_id].invited):
        _send(session, before, rows, mine, actor.id, stand_in_id)
    store.change_attendees(
        session,
        before.id,
        [actor.id],
        reply=wanted.reply,
        stand_in_id=stand_in_id,
        remark=wanted.remark,
        replied_at=now,
        active=wanted.reply == "attending",
    )
    changes_list = stand_in_id is not None or released
    after = replace(before, sequence=before.sequence + 1) if changes_list else before
    facts = {"person_id": actor.id, "reply": wanted.reply, "stand_in_id": stand_in_id}
    saved = store.save(session, before, after, "replied", facts=facts, actor_id=actor.id, at=now)
    listed = {id for id, row in store.invited(session, before.id).items() if row.invited and id != actor.id}
    told = listed if changes_list else listed & {before.organiser_id}
    news.tell_reply(session, saved, wanted.reply, stand_in_id, told, actor=actor, at=now)
    return _out(session, actor, saved)


def meeting_for(session: Session, actor: Actor, meeting_id: int) -> MeetingOut:
    """A meeting that the actor organises, attends, or whose organiser they may act for. Raises NotFound for any other."""
    meeting = store.one(session, meeting_id)
    if meeting is None:
        raise NotFound(meeting_id=meeting_id)
    return _out(session, actor, meeting)


def meetings_of(session: Session, actor: Actor, within: Span) -> list[MeetingItem]:
    """The actor's own meetings that touch ``within``, with their rooms, in the order of their start."""
    items = store.of_person(session, actor.id, within, begins=within.starts_at - LONGEST)
    rooms = meeting_rooms.names_for(session, [item.id for item in items if item.state == "planned"])
    return [replace(item, rooms=rooms.get(item.id, [])) for item in items]


# Inside


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
    required: Iterable[int],
    optional: Iterable[int],
    units: Iterable[int] = (),
) -> dict[int, Invited]:
    """Everybody a list names, by id; who is named twice is needed. Raises NotFound for whom the actor may not know of."""
    found = {id: _open(id, required=False) for id in optional}
    for unit_id in units:
        people.unit(session, unit_id)
        for member in people.members_of(session, [unit_id]):
            found[member.id] = _open(member.id, unit_id=unit_id)
    found |= {id: _open(id) for id in required}
    found[organiser_id] = _open(organiser_id)
    if len(found) > MOST_PEOPLE:
        raise TooManyPeople(most=MOST_PEOPLE, invited=len(found))
    known = people.names_for(session, actor, found)
    if unknown := sorted(found.keys() - known.keys() - {organiser_id}):
        raise NotFound(person_id=unknown[0])
    return found


def _open(person_id: int, *, required: bool = True, unit_id: int | None = None) -> Invited:
    return Invited(person_id, required, True, "", None, None, unit_id, "")


def _row_of(one: Invited, organiser_id: int, now: datetime) -> dict[str, object]:
    row: dict[str, object] = {"person_id": one.person_id, "required": one.required, "unit_id": one.unit_id}
    if one.person_id == organiser_id:
        row |= {"reply": "attending", "replied_at": now}
    return row


def _guests(guests: list[GuestIn]) -> list[GuestOut]:
    return list({guest.email.lower(): GuestOut(guest.email.lower(), guest.name) for guest in guests}.values())


def _others(rows: Iterable[int], actor: Actor) -> list[int]:
    return [id for id in rows if id != actor.id]


def _may_change(session: Session, actor: Actor, meeting: Stored) -> bool:
    if meeting.organiser_id == actor.id:
        return True
    try:
        people.employee_for(session, actor, meeting.organiser_id)
    except (NotFound, Forbidden):
        return False
    return True


def _to_change(
    session: Session, actor: Actor, meeting_id: int, *, version: int | None, cancelled: bool = False
) -> Stored:
    """The meeting locked. Raises NotFound, Forbidden for an attendee, Stale, MeetingNotNow unless ``cancelled`` will do."""
    meeting = store.one(session, meeting_id, lock=True)
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


def _change_list(
    session: Session,
    actor: Actor,
    meeting: Stored,
    rows: dict[int, Invited],
    wanted: MeetingChange,
    *,
    now: datetime,
) -> tuple[list[int], list[int]]:
    """Strike people off the list and add others; who those are. Stand-ins stay with whom they stand in for."""
    if wanted.required_ids is UNSET and wanted.optional_ids is UNSET:
        return [], []
    before = {id: row for id, row in rows.items() if row.invited and row.for_id is None}
    required = wanted.required_ids
    if required is UNSET:
        required = [id for id, row in before.items() if row.required]
    optional = wanted.optional_ids
    if optional is UNSET:
        optional = [id for id, row in before.items() if not row.required]
    wished = _wished(session, actor, meeting.organiser_id, required, [id for id in optional if id not in required])
    struck = [id for id in before if id not in wished]
    struck += [row.person_id for row in rows.values() if row.invited and row.for_id in struck]
    added = [id for id in wished if id not in rows or not rows[id].invited]
    store.change_attendees(session, meeting.id, struck, invited=False, active=False)
    again = [id for id in added if id in rows]
    asked_anew = {"invited": True, "active": True, "reply": "", "stand_in_id": None, "for_id": None}
    store.change_attendees(session, meeting.id, again, **asked_anew)
    fresh = [_row_of(wished[id], meeting.organiser_id, now) for id in added if id not in rows]
    store.add_attendees(session, meeting.id, meeting.span, fresh)
    for needed in (True, False):
        turned = [id for id, one in wished.items() if id in rows and one.required == needed != rows[id].required]
        store.change_attendees(session, meeting.id, turned, required=needed)
    return struck, added


def _change_rooms(
    session: Session, actor: Actor, before: Stored, after: Stored, wanted: MeetingChange, *, now: datetime
) -> bool:
    """Move the rooms with the meeting, and make them those that are wanted; whether that changed anything."""
    if wanted.room_ids is UNSET and after.span == before.span and after.title == before.title:
        return False
    if wanted.room_ids is UNSET:
        room_ids = meeting_rooms.active_rooms(session, before.id)
    else:
        room_ids = list(meeting_rooms.rooms_at(session, wanted.room_ids))
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


def _ask_anew(session: Session, meeting: Stored, rows: dict[int, Invited]) -> None:
    """Replies were given to another time. Stand-ins stay, as who sends whom doesn't hang on the hour."""
    asked = [
        id
        for id, row in rows.items()
        if row.invited and row.reply in ("attending", "not-attending") and id != meeting.organiser_id
    ]
    store.change_attendees(session, meeting.id, asked, reply="", active=True, replied_at=None)


def _stand_in(session: Session, actor: Actor, meeting: Stored, rows: dict[int, Invited], wanted: ReplyIn) -> int:
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


def _release_stand_in(
    session: Session, meeting: Stored, rows: dict[int, Invited], mine: Invited, keep: int | None
) -> bool:
    """Strike the former stand-in off the list, if they were on it only for that, and whoever stands in for them."""
    gone: list[int] = []
    sender, former = mine.person_id, mine.stand_in_id
    while former is not None and former != keep and (row := rows.get(former)) is not None:
        if not row.invited or row.for_id != sender:
            break
        gone.append(former)
        sender, former = former, row.stand_in_id
    store.change_attendees(session, meeting.id, gone, invited=False, active=False, reply="", stand_in_id=None)
    return bool(gone)


def _send(
    session: Session, meeting: Stored, rows: dict[int, Invited], mine: Invited, sender_id: int, stand_in_id: int
) -> None:
    if stand_in_id in rows:
        store.change_attendees(
            session,
            meeting.id,
            [stand_in_id],
            invited=True,
            active=True,
            reply="",
            stand_in_id=None,
            for_id=sender_id,
            required=mine.required,
        )
    else:
        row = {"person_id": stand_in_id, "for_id": sender_id, "required": mine.required}
        store.add_attendees(session, meeting.id, meeting.span, [row])


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
