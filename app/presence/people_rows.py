"""People of a team, one person, and how many of a unit are where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy.orm import Session

from app import journal
from app.errors import NotFound
from app.people.access import Actor
from app.people.agencies import sharing_agencies
from app.people.members import Member, members_of, unit_team
from app.people.rules import initials, may_know_name
from app.people.units import unit_by_id
from app.presence import facts, rules
from app.presence.audience import EVERYBODY, Viewer, Viewers
from app.presence.channels import Connections, Key, Loaded, Row, Wanted
from app.presence.facts import Known
from app.presence.index import Index
from app.presence.part import Channels, people_of, touches_all, want
from app.presence.rules import Answer, Avail, Kind, Sight
from app.presence.scopes import Scope
from app.presence.shapes import CountRow, PersonRow, own_row, person_row
from app.scheduling import board

MOST = 200
"""People of one team on a page; whole organisations are searched, not watched."""
COARSE = "named:"
"""The audience of who may know names and no more."""


class _People:
    """What these have in common: whom each channel is about."""

    def __init__(self, connections: Connections, viewers: Viewers) -> None:
        self._connections, self._viewers = connections, viewers
        self._about: Index[int] = Index()

    def touched(self, changes: Sequence[journal.Change], channels: Channels, into: Wanted) -> None:
        self._about.keep(channels)
        everybody = any(touches_all(change) for change in changes)
        ids = set().union(*map(people_of, changes))
        for channel in channels:
            about = self._about.ids(channel)
            if everybody or about is None:
                want(into, channel, None)
            elif found := about & ids:
                want(into, channel, self._keys(found))

    def connected(self, person_id: int, into: Wanted) -> None:
        for channel in self._about.about(person_id):
            want(into, channel, self._keys({person_id}))

    def _keys(self, ids: Iterable[int]) -> set[Key] | None:
        return set(ids)


class Teams(_People):
    """The people of a unit, without those of units below it."""

    def admit(self, session: Session, actor: Actor, scope: Scope, *, now: datetime) -> str:
        unit = unit_by_id(session, scope.id)
        members = unit_team(session, unit.id, most=MOST)
        if any(rules.leads(actor, member) for member in members if member.id != actor.id):
            return self._viewers.alone(actor)
        if actor.unit_id == unit.id:
            return f"unit:{actor.unit_id}:{actor.agency_id}"
        if any(actor.superior_id == member.id for member in members):
            return self._viewers.alone(actor)
        if may_know_name(actor.agency_id, unit.agency_id, sharing_agencies(session)):
            return f"{COARSE}{actor.agency_id}"
        raise NotFound(unit_id=scope.id)

    def load(self, session: Session, wanted: Wanted, channels: Channels, into: Loaded, *, now: datetime) -> None:
        units = {channels[channel].id for channel in wanted}
        members = {unit: unit_team(session, unit, most=MOST) for unit in units}
        for channel in wanted:  # before connections are looked at: who comes while this is read is then wanted again
            self._about.put(channel, (member.id for member in members[channels[channel].id]))
        known = facts.known(session, {one.id: one for each in members.values() for one in each}.values(),
                            self._connections, now=now)  # fmt: skip
        answers = {id: rules.answer(now, one.facts) for id, one in known.items()}
        for channel, asked in wanted.items():
            team = [known[member.id] for member in members[channels[channel].id]]
            see = _eyes(self._viewers, channel.audience)
            rows: dict[Key, Row | None] = {} if asked is None else dict.fromkeys(asked)
            for one in team:
                if asked is None or one.member.id in asked:
                    rows[one.member.id] = see(one, answers[one.member.id])
            into.rows[channel] = rows
            into.due[channel] = _due(rows, answers, now)


class Persons(_People):
    """One person."""

    def admit(self, session: Session, actor: Actor, scope: Scope, *, now: datetime) -> str:
        if scope.id == actor.id:
            return self._viewers.alone(actor)
        member = _member(session, scope.id)
        named = may_know_name(actor.agency_id, member.agency_id, sharing_agencies(session))
        sight = rules.sight(actor, member, named=named)
        if sight is None:
            raise NotFound(person_id=scope.id)
        return f"{COARSE}{actor.agency_id}" if sight is Sight.COARSE else self._viewers.alone(actor)

    def load(self, session: Session, wanted: Wanted, channels: Channels, into: Loaded, *, now: datetime) -> None:
        ids = {channels[channel].id for channel in wanted}
        for channel in wanted:
            self._about.put(channel, (channels[channel].id,))
        known = facts.known(session, members_of(session, (), also=ids), self._connections, now=now)
        answers = {id: rules.answer(now, one.facts) for id, one in known.items()}
        for channel in wanted:
            id = channels[channel].id
            see = _eyes(self._viewers, channel.audience)
            rows: dict[Key, Row | None] = {id: see(known[id], answers[id]) if id in known else None}
            into.rows[channel] = rows
            into.due[channel] = _due(rows, answers, now)


class Units(_People):
    """Totals of a unit and those below it, nobody named; leave counts as it looks to colleagues, unknown."""

    def admit(self, session: Session, actor: Actor, scope: Scope, *, now: datetime) -> str:
        board.unit_for(session, actor, scope.id)
        return EVERYBODY

    def load(self, session: Session, wanted: Wanted, channels: Channels, into: Loaded, *, now: datetime) -> None:
        for channel in wanted:
            members = members_of(session, [channels[channel].id])
            self._about.put(channel, (member.id for member in members))
            known = facts.known(session, members, self._connections, now=now)
            answers = [rules.answer(now, one.facts) for one in known.values()]
            seen = [answer.seen(Sight.TEAM).state for answer in answers]
            totals = Counter((state.place.kind, state.avail) for state in seen)
            rows: dict[Key, Row | None] = {_key(*both): None for both in product(Kind, Avail)}
            rows |= {_key(*both): CountRow(_key(*both), total) for both, total in totals.items()}
            into.rows[channel] = rows
            changes = [answer.until for answer in answers if answer.until is not None]
            first = next((key for key, row in rows.items() if row is not None), None)
            if first is not None:
                into.due[channel] = {first: min([*changes, now + facts.AHEAD])}

    def _keys(self, ids: Iterable[int]) -> set[Key] | None:
        return None


def _key(kind: Kind, avail: Avail) -> str:
    return f"{kind.value} {avail.value}"


def _member(session: Session, person_id: int) -> Member:
    found = members_of(session, (), also=[person_id])
    if not found:
        raise NotFound(person_id=person_id)
    return found[0]


Eyes = Callable[[Known, Answer], PersonRow | None]
"""How an audience sees somebody; None for who must be let in again."""


def _eyes(viewers: Viewers, audience: str) -> Eyes:
    if audience.startswith(COARSE):
        return lambda one, answer: _row(one, answer, Sight.COARSE, hides=one.choices.hides_desk)
    viewer = viewers.viewer(audience)
    if viewer is None:
        return lambda one, answer: None
    if viewer.actor is None:
        return lambda one, answer: _row(one, answer, Sight.TEAM, hides=False)
    return _own_eyes(viewer, viewer.actor)


def _own_eyes(viewer: Viewer, actor: Actor) -> Eyes:
    def see(one: Known, answer: Answer) -> PersonRow | None:
        sight = rules.sight(actor, one.member, named=True)
        assert sight is not None
        return _row(one, answer, sight, hides=one.choices.hides_desk and not viewer.sees_desk(one.member))

    return see


def _row(one: Known, answer: Answer, sight: Sight, *, hides: bool) -> PersonRow:
    member = one.member
    seen = answer.seen(sight, hides_desk=hides)
    word: Any = own_row if sight is Sight.SELF else person_row
    row: PersonRow = word(member.id, member.name, initials(member.name), seen)
    return row


def _due(rows: dict[Key, Row | None], answers: dict[int, Answer], now: datetime) -> Any:
    """When each of the rows changes by itself."""
    later = now + facts.AHEAD
    return {key: answers[key].until or later for key, row in rows.items() if row is not None and isinstance(key, int)}
