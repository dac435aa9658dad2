"""Meetings in the days of their attendees: worded for the lists of meetings, of today and of a week."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app import clock, sites
from app.meetings import cities, service, wording
from app.meetings.shapes import MeetingItem
from app.meetings.views import Answer, DayOf, Line
from app.people.access import Actor
from app.rooms import meeting_rooms
from app.spans import Span
from app.texts import N_, Words


def today(session: Session, actor: Actor, said: Words, *, now: datetime) -> tuple[Line, ...]:
    """The reader's meetings that are not over yet on the date at their place of posting, without those they don't go to."""
    zone = sites.site(session, actor.site_id).zone
    ends = clock.instant_of(clock.local_date(now, zone), 1440, zone)
    return lines(session, actor, _attended(service.meetings_of(session, actor, Span(now, ends))), said, now=now)


def week(session: Session, actor: Actor, monday: date, said: Words, *, now: datetime) -> tuple[DayOf, ...]:
    """The reader's meetings of a week by the date on which they start at their posting, without those they don't go to."""
    zone = sites.site(session, actor.site_id).zone
    within = Span(clock.instant_of(monday, 0, zone), clock.instant_of(monday + timedelta(days=7), 0, zone))
    items = _attended(service.meetings_of(session, actor, within))
    days = by_day(items, lines(session, actor, items, said, now=now), zone, first=monday)
    return tuple(DayOf(said.day(on), tuple(found)) for on, found in days.items())


def by_day(
    items: Iterable[MeetingItem], lines: Iterable[Line], zone: str, *, first: date = date.min
) -> dict[date, list[Line]]:
    """Lines of meetings by the local date on which each starts, ``first`` at the earliest."""
    days: dict[date, list[Line]] = {}
    for item, line in zip(items, lines, strict=True):
        days.setdefault(max(clock.local_date(item.starts_at, zone), first), []).append(line)
    return days


def lines(session: Session, actor: Actor, items: list[MeetingItem], said: Words, *, now: datetime) -> tuple[Line, ...]:
    """Meetings of one reader, worded: hours in the host's zone, beside them those of every other city that takes part."""
    ids = [item.id for item in items]
    zones = cities.zones_of(session, ids)
    rooms = meeting_rooms.rooms_for(session, [item.id for item in items if item.state == "planned"])
    codes = {site.id: site.code for site in sites.sites(session)}
    own = sites.site(session, actor.site_id).zone
    found = []
    for item in items:
        cancelled = item.state == "cancelled"
        mine = item.organiser_id == actor.id
        over = item.ends_at <= now
        found.append(
            Line(
                id=item.id,
                title=item.title,
                href=f"/rapat/{item.id}",
                hours=wording.hours(item.span, item.zone, [*zones.get(item.id, ()), own], said),
                rooms=tuple(f"{codes[room.site_id]}: {room.name}" for room in rooms.get(item.id, ())),
                link="" if cancelled or over else item.link,
                organiser=said.say(N_("Anda menyelenggarakan")) if mine else item.organiser,
                state=said.say(N_("Dibatalkan")) if cancelled else said.say(wording.REPLIES[item.reply]),
                answers=() if cancelled or over else answers(item.id, item.reply, said, organiser=mine),
                cancelled=cancelled,
                mine=mine,
                now=not cancelled and item.span.holds(now),
            )
        )
    return tuple(found)


def answers(meeting_id: int, reply: str, said: Words, *, organiser: bool) -> tuple[Answer, ...]:
    """The replies to choose from. Whom to send is chosen on the meeting's own page; an organiser comes by themselves."""
    values = ["attending", "not-attending"] if organiser else ["attending", "not-attending", "represented"]
    stand_in = f"/rapat/{meeting_id}?reply=represented#reply"
    return tuple(
        Answer(value, said.say(wording.REPLIES[value]), value == reply, stand_in if value == "represented" else "")
        for value in values
    )


def _attended(items: list[MeetingItem]) -> list[MeetingItem]:
    return [item for item in items if item.state == "planned" and item.reply not in ("not-attending", "represented")]
