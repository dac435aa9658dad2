"""The page of one meeting: what, when, where, who comes, what was said and what is left to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app import clock, sites
from app.meetings import day_view, service, wording
from app.meetings.shapes import AttendeeOut, FollowUpOut, MeetingOut
from app.meetings.views import (
    Choice,
    MeetingPage,
    Person,
    ReplyForm,
    RoomLine,
    SitePeople,
    Task,
    TaskForm,
)
from app.people import service as people
from app.people.access import Actor
from app.people.rules import initials
from app.sites import SiteOut
from app.texts import N_, Words
from app.views import Notice

MOST_FOUND = 12
TONES = {"attending": "free", "not-attending": "no", "represented": "sent", "": ""}
"""How a reply looks; its word stands in it."""


def meeting_page(
    session: Session,
    actor: Actor,
    meeting_id: int,
    said: Words,
    *,
    query: Mapping[str, str],
    reply_error: str = "",
    task: Mapping[str, str] | None = None,
    task_errors: Mapping[str, str] | None = None,
    notice: Notice | None = None,
    now: datetime,
) -> MeetingPage:
    """``query`` holds the part for a stand-in as it was sent, ``task`` the fields of a follow-up. Raises NotFound for who is
    no part of the meeting."""
    meeting = service.meeting_for(session, actor, meeting_id)
    places = {site.id: site for site in sites.sites(session)}
    cancelled, over = meeting.state == "cancelled", meeting.ends_at <= now
    mine = next((one for one in meeting.attendees if one.person_id == actor.id), None)
    reply = None
    if mine is not None and not cancelled and not over:
        reply = _reply(session, actor, meeting, mine, query, said, error=reply_error)
    return MeetingPage(
        id=meeting.id,
        version=meeting.version,
        title=meeting.title,
        when=said_when(session, actor, meeting, said),
        length=minutes(meeting.span.length, said),
        host=places[meeting.site_id].name,
        organiser=meeting.organiser,
        letter=meeting.letter,
        link="" if cancelled or over else meeting.link,
        agenda=meeting.agenda,
        cancelled=cancelled,
        over=over,
        rooms=_rooms(meeting, places, said),
        sites=_sites(meeting, places, said),
        guests=tuple((guest.name, guest.email) for guest in meeting.guests),
        notes=meeting.notes,
        tasks=tuple(_task(actor, meeting, one, said, now=now) for one in meeting.follow_ups),
        may_change=meeting.may_change,
        find_href=f"/rapat/cari?meeting={meeting.id}",
        reply=reply,
        task_form=_task_form(actor, meeting, task or {}, task_errors or {}, now=now),
        notice=notice,
    )


def said_when(session: Session, actor: Actor, meeting: MeetingOut, said: Words) -> str:
    """Day and hours in the host's zone, beside them those of every other city that takes part, and of the reader's."""
    return wording.when(meeting.span, meeting.zone, zones_of(session, actor, meeting), said)


def zones_of(session: Session, actor: Actor, meeting: MeetingOut) -> list[str]:
    places = {site.id: site.zone for site in sites.sites(session)}
    return [places[id] for id in sorted({one.site_id for one in meeting.attendees})] + [places[actor.site_id]]


def minutes(length: timedelta, said: Words) -> str:
    """90 menit"""
    minutes = int(length.total_seconds()) // 60
    return said.count(N_("{n} menit"), N_("{n} menit"), minutes)


def _rooms(meeting: MeetingOut, places: dict[int, SiteOut], said: Words) -> tuple[RoomLine, ...]:
    found = []
    for room in meeting.rooms:
        gone = room.approval == "refused" or room.state == "released"
        tone = "no" if gone else "wait" if room.approval == "asked" else "free"
        state = wording.room_state(room, said)
        found.append(RoomLine(places[room.site_id].name, room.name, room.seats, state, tone))
    return tuple(found)


def _sites(meeting: MeetingOut, places: dict[int, SiteOut], said: Words) -> tuple[SitePeople, ...]:
    names = {one.person_id: one.name for one in meeting.attendees}
    found = []
    for site in places.values():
        here = [one for one in meeting.attendees if one.site_id == site.id]
        if here:
            ordered = sorted(here, key=lambda one: (one.person_id != meeting.organiser_id, not one.required))
            listed = tuple(_person(one, meeting, names, said) for one in ordered)
            found.append(SitePeople(site.name, wording.tally(meeting.tallies.get(site.code, {}), said), listed))
    return tuple(found)


def _person(one: AttendeeOut, meeting: MeetingOut, names: dict[int, str], said: Words) -> Person:
    part = said.say(N_("Penyelenggara")) if one.person_id == meeting.organiser_id else ""
    if one.reply == "represented" and one.stand_in_id:
        part = said.say(N_("diwakili {name}"), name=names.get(one.stand_in_id, ""))
    elif one.for_id and one.for_id in names:
        part = said.say(N_("mewakili {name}"), name=names[one.for_id])
    conflict = ""
    if one.conflicts and one.reply not in ("not-attending", "represented"):
        text = N_("{n} rapat lain pada waktu itu")
        conflict = said.count(text, text, one.conflicts)
    return Person(
        one.name,
        initials(one.name),
        one.unit,
        said.say(wording.REPLIES[one.reply]),
        TONES[one.reply],
        not one.required,
        part,
        one.remark,
        conflict,
    )


def _reply(
    session: Session,
    actor: Actor,
    meeting: MeetingOut,
    mine: AttendeeOut,
    query: Mapping[str, str],
    said: Words,
    *,
    error: str,
) -> ReplyForm:
    q = query.get("q", "").strip()[:80]
    chosen = query.get("stand_in_id") or str(mine.stand_in_id or "")
    listed = {one.person_id: one.name for one in meeting.attendees}
    team = people.team_of(session, actor)
    names = {one.id: one.name for one in people.find_people(session, actor, q=q, limit=MOST_FOUND)} if q else team
    if mine.stand_in_id and not q:
        names = {mine.stand_in_id: listed.get(mine.stand_in_id, "")} | names
    organiser = actor.id == meeting.organiser_id
    return ReplyForm(
        answers=day_view.answers(meeting.id, mine.reply, said, organiser=organiser),
        remark=query.get("remark", mine.remark),
        organiser=organiser,
        open=bool(q) or query.get("reply") == "represented" or mine.reply == "represented",
        q=q,
        found=tuple(Choice(str(id), name, str(id) == chosen) for id, name in names.items() if id != actor.id),
        error=error,
    )


def _task(actor: Actor, meeting: MeetingOut, one: FollowUpOut, said: Words, *, now: datetime) -> Task:
    may = one.owner_id == actor.id or meeting.may_change
    late = one.done_at is None and one.due_on < clock.local_date(now, meeting.zone)
    action = f"/rapat/{meeting.id}/tindak-lanjut/{one.id}" if may else ""
    return Task(one.id, one.task, said.short_day(one.due_on), late, one.done_at is not None, one.owner, action)


def _task_form(
    actor: Actor, meeting: MeetingOut, data: Mapping[str, str], errors: Mapping[str, str], *, now: datetime
) -> TaskForm:
    owner = data.get("owner_id") or str(actor.id)
    owners = {one.person_id: one.name for one in meeting.attendees} | {actor.id: actor.name}
    due = max(clock.local_date(now, meeting.zone), clock.local_date(meeting.ends_at, meeting.zone)) + timedelta(days=7)
    return TaskForm(
        data.get("task", ""),
        data.get("due_on") or due.isoformat(),
        tuple(Choice(str(id), name, str(id) == owner) for id, name in sorted(owners.items(), key=lambda one: one[1])),
        dict(errors),
    )


def read_date(text: str) -> date | None:
    """A date as forms send it, in the years that are kept."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return None
    return on if 2000 <= on.year <= 2100 else None
