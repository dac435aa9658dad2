"""The office as the engine of live presence sees it: who is let into which channel, its rows, and what changes touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from app import journal
from app.people.access import Actor
from app.presence import references, scopes
from app.presence.audience import Viewers
from app.presence.channels import Channel, Connections, How, Loaded, Wanted
from app.presence.mark_rows import Boards, Todays
from app.presence.part import Part
from app.presence.people_rows import Persons, Teams, Units
from app.presence.scopes import Scope, What
from app.presence.space_rows import Floors, Rooms


class OfficeSource:
    """One a process. What it remembers are indexes of what was read and who was let in: nothing that is true for itself."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections
        self._viewers = viewers = Viewers()
        self._parts: dict[What, Part] = {
            "floor": Floors(viewers),
            "rooms": Rooms(),
            "team": Teams(connections, viewers),
            "person": Persons(connections, viewers),
            "unit": Units(connections, viewers),
            "board": Boards(),
            "today": Todays(connections, viewers),
        }

    def admit(self, session: Session, actor: Actor, scope: str, *, now: datetime) -> Channel:
        """Raises Invalid for a scope that can't be read, NotFound and Forbidden for what isn't the actor's to see."""
        meant = _meant(scope)
        return Channel(scope, self._parts[meant.what].admit(session, actor, meant, now=now))

    def load(self, session: Session, wanted: Wanted, *, now: datetime) -> Loaded:
        """More rows than were asked for may come of a channel of totals."""
        loaded = Loaded({}, {})
        for what, channels in _by_kind(wanted).items():
            asked = {channel: wanted[channel] for channel in channels}
            self._parts[what].load(session, asked, channels, loaded, now=now)
        return loaded

    def touched(self, changes: Sequence[journal.Change], channels: Collection[Channel]) -> Wanted:
        self._viewers.keep(channels)
        found: Wanted = {}
        for what, of_kind in _by_kind(channels).items():
            self._parts[what].touched(changes, of_kind, found)
        return {channel: keys for channel, keys in found.items() if keys is None or keys}

    def connected(self, person_id: int, how: How | None) -> Wanted:
        """Channels that nobody has open any more may be among them."""
        found: Wanted = {}
        for part in self._parts.values():
            part.connected(person_id, found)
        return found

    def me(self, session: Session, actor: Actor) -> str:
        """The name by which rows call the actor."""
        return references.references(session, [actor.id])[actor.id]


def office_source(connections: Connections) -> OfficeSource:
    return OfficeSource(connections)


@lru_cache(maxsize=20_000)
def _meant(scope: str) -> Scope:
    return scopes.parse(scope)


def _by_kind(channels: Collection[Channel]) -> dict[What, dict[Channel, Scope]]:
    found: defaultdict[What, dict[Channel, Scope]] = defaultdict(dict)
    for channel in channels:
        meant = _meant(channel.scope)
        found[meant.what][channel] = meant
    return found
