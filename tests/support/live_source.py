"""A small source of rows for tests of the engine: bookings of a floor, a team's connections, a counter, and a large row."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal
from app.errors import Forbidden, Invalid, NotFound
from app.people.access import Actor
from app.people.models import Person
from app.people.rules import Role
from app.presence.channels import Channel, Connections, How, Key, Loaded, Row, Wanted
from app.rooms.models import Booking, Floor, Space


class Desk(Row, frozen=True):
    bookings: list[tuple[int, str]]


class Mate(Row, frozen=True):
    how: str


class Large(Row, frozen=True):
    """``at_ns``: of the machine's monotonic clock, which all processes share."""

    number: int
    at_ns: int
    filling: str


class Alarm(Row, frozen=True):
    rung: bool


class SmallSource:
    """``floor:<id>`` for all; ``team:<unit>`` for its people and operators; ``large:1`` grows with each reading; ``alarm:1``
    rings two seconds after it was first read."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._numbers = count(1)
        self._rings_at: datetime | None = None

    def me(self, session: Session, actor: Actor) -> str:
        return f"me-{actor.id}"

    def admit(self, session: Session, actor: Actor, scope: str, *, now: datetime) -> Channel:
        kind, _, id = scope.partition(":")
        if not id.isdecimal():
            raise Invalid(problem="scope")
        if kind == "floor" and session.get(Floor, int(id)) is not None:
            return Channel(scope, f"agency:{actor.agency_id}")
        if kind == "team":
            if actor.unit_id != int(id) and Role.OPERATOR not in actor.roles:
                raise Forbidden
            return Channel(scope, "all")
        if kind in ("large", "alarm", "unit"):
            return Channel(scope, "all")
        if kind == "broken":
            raise RuntimeError("a secret that no frame may hold")
        raise NotFound

    def load(self, session: Session, wanted: Wanted, *, now: datetime) -> Loaded:
        loaded = Loaded({})
        for channel, keys in wanted.items():
            kind, _, id = channel.scope.partition(":")
            read = {
                "floor": self._desks,
                "team": self._team,
                "large": self._large,
                "alarm": self._alarm,
                "unit": self._unit,
            }
            rows: dict[Key, Any] = read[kind](session, int(id), now)
            loaded.rows[channel] = rows if keys is None else {key: rows.get(key) for key in keys}
            if kind == "alarm" and self._rings_at is not None and now < self._rings_at:
                loaded.due[channel] = {1: self._rings_at}
        return loaded

    @staticmethod
    def _desks(session: Session, id: int, now: datetime) -> dict[Key, Any]:
        rows = session.execute(
            select(Booking.space_id, Booking.id, Booking.state)
            .join(Space, Space.id == Booking.space_id)
            .where(Space.floor_id == id, Booking.active, Booking.ends_at > now)
            .order_by(Booking.space_id, Booking.id)
        )
        found: dict[int, list[tuple[int, str]]] = {}
        for space_id, booking_id, state in rows:
            found.setdefault(space_id, []).append((booking_id, state))
        return {space_id: Desk(space_id, bookings) for space_id, bookings in found.items()}

    def _team(self, session: Session, id: int, now: datetime) -> dict[Key, Any]:
        people = session.scalars(select(Person.id).where(Person.unit_id == id))
        return {person: Mate(person, self._connections.of(person) or "gone") for person in people}

    def _large(self, session: Session, id: int, now: datetime) -> dict[Key, Any]:
        return {1: Large(1, next(self._numbers), time.monotonic_ns(), "x" * 16_000)}

    def _unit(self, session: Session, id: int, now: datetime) -> dict[Key, Any]:
        return {1: Large(1, next(self._numbers), 0, "")}

    def _alarm(self, session: Session, id: int, now: datetime) -> dict[Key, Any]:
        self._rings_at = self._rings_at or now + timedelta(seconds=2)
        return {1: Alarm(1, now >= self._rings_at)}

    def touched(self, changes: Sequence[journal.Change], channels: Collection[Channel]) -> Wanted:
        wanted: Wanted = {}
        for change in changes:
            if change.subject == "booking":
                keys: set[Key] = {change.facts["space_id"]}
                for channel in channels:
                    if channel.scope.startswith("floor:"):
                        wanted.setdefault(channel, set()).update(keys)  # type: ignore[union-attr]
        return wanted

    def connected(self, person_id: int, how: How | None) -> Wanted:
        return {channel: {person_id} for channel in self._teams()}

    def _teams(self) -> list[Channel]:
        return [Channel(f"team:{id}", "all") for id in range(1, 60)]
