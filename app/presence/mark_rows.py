"""Marks that differ whenever a page would: of Papan tim and of Hari ini, which are then fetched anew. They say nothing more."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app import journal, notices
from app.meetings import service as meetings
from app.people import service as people
from app.people.access import Actor
from app.people.members import members_of
from app.presence import facts, rules
from app.presence.audience import EVERYBODY, Viewers
from app.presence.channels import Connections, Key, Loaded, Wanted
from app.presence.index import Index
from app.presence.part import Channels, people_of, touches_all, want
from app.presence.scopes import Scope
from app.presence.shapes import MarkRow
from app.rooms import sitting
from app.scheduling import board, planned_hours
from app.spans import Span

BEFORE = timedelta(days=14)
"""Weeks before the one shown that may wait for a decision on the same page."""
COMING = timedelta(days=120)
TEAM_AHEAD = timedelta(hours=12)


class _Marks:
    def __init__(self) -> None:
        self._about: Index[int] = Index()

    def _concerns(self, change: journal.Change) -> bool:
        raise NotImplementedError

    def touched(self, changes: Sequence[journal.Change], channels: Channels, into: Wanted) -> None:
        self._about.keep(channels)
        everybody = any(touches_all(change) for change in changes)
        ids = set().union(*(people_of(change) for change in changes if self._concerns(change)))
        for channel in channels if ids or everybody else ():
            about = self._about.ids(channel)
            if everybody or about is None or about & ids:
                want(into, channel, None)

    def connected(self, person_id: int, into: Wanted) -> None:
        """Neither page shows who has a page open."""


class Boards(_Marks):
    """Week plans of a unit and those below it, of a week and around it."""

    def admit(self, session: Session, actor: Actor, scope: Scope, *, now: datetime) -> str:
        board.unit_for(session, actor, scope.id)
        return EVERYBODY

    def load(self, session: Session, wanted: Wanted, channels: Channels, into: Loaded, *, now: datetime) -> None:
        for channel in wanted:
            scope = channels[channel]
            assert scope.monday is not None
            ids = [member.id for member in members_of(session, [scope.id])]
            self._about.put(channel, ids)
            mark = planned_hours.mark_of(session, ids, scope.monday - BEFORE)
            into.rows[channel] = {scope.id: MarkRow(scope.id, _mark(mark))}

    def _concerns(self, change: journal.Change) -> bool:
        return change.subject == "week-plan"


class Todays(_Marks):
    """What one's page Hari ini is made of: bookings of oneself and one's team, meetings, news."""

    def __init__(self, connections: Connections, viewers: Viewers) -> None:
        super().__init__()
        self._connections, self._viewers = connections, viewers

    def admit(self, session: Session, actor: Actor, scope: Scope, *, now: datetime) -> str:
        return self._viewers.alone(actor)

    def load(self, session: Session, wanted: Wanted, channels: Channels, into: Loaded, *, now: datetime) -> None:
        for channel in wanted:
            viewer = self._viewers.viewer(channel.audience)
            if viewer is None or viewer.actor is None:
                into.rows[channel] = {}
                continue
            actor = viewer.actor
            team = list(people.team_of(session, actor))
            self._about.put(channel, (actor.id, *team))
            known = facts.known(session, members_of(session, (), also=[actor.id]), self._connections, now=now)
            answer, until = rules.derive(now, known[actor.id].facts) if actor.id in known else (None, None)
            mark = _mark(
                sitting.mark_of(session, [actor.id], Span(now, now + COMING)),
                sitting.mark_of(session, team, Span(now, now + TEAM_AHEAD)),
                meetings.mark_of(session, actor.id, Span(now, now + facts.AHEAD)),
                [one.id for one in notices.unseen(session, actor.id)],
                [answer.state.place, answer.state.avail is rules.Avail.MEETING] if answer else [],
            )
            key: Key = actor.id
            into.rows[channel] = {key: MarkRow(key, mark)}
            into.due[channel] = {key: until or now + facts.AHEAD}

    def _concerns(self, change: journal.Change) -> bool:
        return True


def _mark(*parts: Any) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()
