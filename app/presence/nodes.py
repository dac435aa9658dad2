"""Who has Selaras open, in all processes: each process keeps one row with the people who are connected to it.

A row is a lease. A process that dies renews it no more, and its people are gone when it ends. Between renewals processes
tell each other over the bus; a word that is lost heals with the next renewal.
"""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.clock import Clock
from app.db import Base
from app.presence.channels import How
from app.presence.times import Times

KEPT = timedelta(hours=1)
"""Rows of processes that ended are removed so much later."""
WORDS: Mapping[str, How] = {"active": "active", "idle": "idle"}


class Node(Base):
    """A process of the service. ``people``: the ids of those who are connected to it, as {"active": [...], "idle": [...]}."""

    __tablename__ = "presence_node"

    id: Mapped[str] = mapped_column(primary_key=True)
    until_at: Mapped[datetime]
    people: Mapped[dict[str, Any]]


class Nodes:
    """``changed(person_id, how)`` is called when somebody's connections, taken together, are another than before; ``told``
    when those of this process are, for the bus. ``time`` is the event loop's."""

    def __init__(
        self,
        *,
        times: Times,
        time: Callable[[], float],
        clock: Clock,
        changed: Callable[[int, How | None], None],
        told: Callable[[int, How | None], None],
    ) -> None:
        self.id = secrets.token_hex(6)
        self._times, self._time, self._clock = times, time, clock
        self._changed, self._told = changed, told
        self._sockets: defaultdict[int, Counter[How]] = defaultdict(Counter)
        self._here: dict[int, How] = {}
        self._leaving: dict[int, float] = {}
        self._others: dict[str, dict[int, How]] = {}
        self._until: dict[str, datetime] = {}

    def of(self, person_id: int) -> How | None:
        """The most active of somebody's connections, or None for nobody there."""
        found: How | None = self._here.get(person_id)
        if found == "active":
            return found
        for people in tuple(self._others.values()):  # readers' threads ask, too
            there = people.get(person_id)
            if there == "active":
                return there
            found = found or there
        return found

    # This process

    def sockets_of(self, person_id: int) -> int:
        """How many connections somebody has here."""
        return self._sockets[person_id].total() if person_id in self._sockets else 0

    def came(self, person_id: int) -> None:
        self._sockets[person_id]["active"] += 1
        self._leaving.pop(person_id, None)
        self._settle(person_id)

    def turned(self, person_id: int, *, idle: bool) -> None:
        """One of somebody's connections became idle, or active again."""
        before, after = WORDS["active" if idle else "idle"], WORDS["idle" if idle else "active"]
        sockets = self._sockets[person_id]
        sockets[before] -= 1
        sockets[after] += 1
        self._settle(person_id)

    def went(self, person_id: int, *, idle: bool) -> None:
        """The last connection that goes leaves a grace: people walk from page to page."""
        sockets = self._sockets[person_id]
        sockets[WORDS["idle" if idle else "active"]] -= 1
        if sockets.total() <= 0:
            del self._sockets[person_id]
            self._leaving[person_id] = self._time() + self._times.grace
        else:
            self._settle(person_id)

    def _settle(self, person_id: int) -> None:
        sockets = self._sockets[person_id]
        self._set_here(person_id, "active" if sockets["active"] > 0 else "idle")

    def _set_here(self, person_id: int, how: How | None) -> None:
        if self._here.get(person_id) == how:
            return
        before = self.of(person_id)
        if how is None:
            del self._here[person_id]
        else:
            self._here[person_id] = how
        self._told(person_id, how)
        if (after := self.of(person_id)) != before:
            self._changed(person_id, after)

    # Other processes

    def heard(self, node: str, people: Iterable[tuple[int, How | None]]) -> None:
        """Another process tells whose connections changed."""
        theirs = self._others.setdefault(node, {})
        self._until.setdefault(node, self._clock() + timedelta(seconds=self._times.lease))
        for person_id, how in people:
            before = self.of(person_id)
            if how is None:
                theirs.pop(person_id, None)
            else:
                theirs[person_id] = how
            if (after := self.of(person_id)) != before:
                self._changed(person_id, after)

    def take_over(self, rows: Mapping[str, tuple[datetime, dict[int, How]]]) -> None:
        """The rows of all processes, as they were just read. Leases that ended end here too."""
        now = self._clock()
        known = set(self._others) | {id for id, (until_at, _) in rows.items() if until_at > now}
        for node in known - {self.id}:
            until_at, people = rows.get(node, (self._until.get(node, now), self._others.get(node, {})))
            self._until[node] = until_at
            self._replace(node, people if until_at > now else {})
        self.expire()

    def _replace(self, node: str, people: dict[int, How]) -> None:
        before = self._others.get(node, {})
        touched = {id for id in before.keys() | people.keys() if before.get(id) != people.get(id)}
        was = {id: self.of(id) for id in touched}
        self._others[node] = people
        for id in touched:
            if (after := self.of(id)) != was[id]:
                self._changed(id, after)

    # What time brings

    def expire(self) -> None:
        """Graces that are over, and processes that were not heard of for a lease. Once a second."""
        time, now = self._time(), self._clock()
        for person_id in [id for id, at in self._leaving.items() if at <= time]:
            del self._leaving[person_id]
            self._set_here(person_id, None)
        for node in [id for id, until_at in self._until.items() if until_at <= now]:
            self._replace(node, {})
            del self._others[node], self._until[node]

    def people(self) -> dict[str, list[int]]:
        """Those who are connected to this process, as its row has them."""
        found: dict[str, list[int]] = {"active": [], "idle": []}
        for person_id, how in self._here.items():
            found[how].append(person_id)
        return found


def renew(session: Session, id: str, people: dict[str, list[int]], *, lease: timedelta, now: datetime) -> None:
    """Say that this process lives, and who is connected to it."""
    values = {"until_at": now + lease, "people": people}
    done = session.connection().execute(update(Node).where(Node.id == id).values(values)).rowcount
    if not done:
        session.execute(insert(Node).values(id=id, **values))
    session.execute(delete(Node).where(Node.until_at < now - KEPT))


def read(session: Session) -> dict[str, tuple[datetime, dict[int, How]]]:
    """All processes with the end of their lease and their people."""
    rows = session.execute(select(Node.id, Node.until_at, Node.people))
    return {
        id: (until_at, {person_id: how for word, how in WORDS.items() for person_id in people.get(word, ())})
        for id, until_at, people in rows
    }
