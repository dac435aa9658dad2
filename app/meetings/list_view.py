"""The page Rapat: one's meetings by day, and what they left one to do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app import clock, sites, weeks
from app.meetings import day_view, service, store
from app.meetings.store import Todo
from app.meetings.views import DayOf, Line, MeetingsPage, Part, Task
from app.people.access import Actor
from app.spans import Span
from app.texts import N_, Words
from app.views import Notice

PAST_DAYS, COMING_DAYS, MOST = 90, 180, 60


def meetings_page(
    session: Session, actor: Actor, said: Words, *, past: bool = False, notice: Notice | None = None, now: datetime
) -> MeetingsPage:
    """What comes, soonest first, or with ``past`` what is over, latest first; dates are those at the reader's posting."""
    zone = sites.site(session, actor.site_id).zone
    if past:
        found = service.meetings_of(session, actor, Span(now - timedelta(days=PAST_DAYS), now))
        items = [item for item in reversed(found) if item.ends_at <= now][:MOST]
    else:
        items = service.meetings_of(session, actor, Span(now, now + timedelta(days=COMING_DAYS)))[:MOST]
    days = day_view.by_day(items, day_view.lines(session, actor, items, said, now=now), zone)
    on = clock.local_date(now, zone)
    tasks = () if past else tuple(_task(todo, said, on) for todo in store.todos(session, actor.id))
    parts = (Part("past", said.say(N_("Yang lalu")), _worded(days.items(), said)),) if past else _parts(days, on, said)
    return MeetingsPage(tuple(part for part in parts if part.days), tasks, past, notice)


def _parts(days: dict[date, list[Line]], today: date, said: Words) -> tuple[Part, ...]:
    """A meeting that began yesterday and still goes on is one of today."""
    sunday = weeks.days_of(weeks.monday_of(weeks.week_of(today)))[-1]
    spans = (
        ("today", N_("Hari ini"), date.min, today),
        ("week", N_("Pekan ini"), today + timedelta(days=1), sunday),
        ("later", N_("Sesudahnya"), max(today, sunday) + timedelta(days=1), date.max),
    )
    return tuple(
        Part(key, said.say(label), _worded(((on, each) for on, each in days.items() if first <= on <= last), said))
        for key, label, first, last in spans
    )


def _worded(days: Iterable[tuple[date, list[Line]]], said: Words) -> tuple[DayOf, ...]:
    return tuple(DayOf(said.day(on), tuple(lines)) for on, lines in days)


def _task(todo: Todo, said: Words, today: date) -> Task:
    return Task(
        id=todo.id,
        task=todo.task,
        due=said.short_day(todo.due_on),
        late=todo.due_on < today,
        done=False,
        owner="",
        action=f"/rapat/{todo.meeting_id}/tindak-lanjut/{todo.id}",
        meeting=todo.meeting,
        href=f"/rapat/{todo.meeting_id}",
    )
