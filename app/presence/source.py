"""Where the rows of live presence come from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app import journal
from app.errors import NotFound
from app.people.access import Actor
from app.presence.channels import Channel, Connections, How, Loaded, Office, Wanted


class _Nothing:
    """A source without scopes."""

    def admit(self, session: Session, actor: Actor, scope: str, *, now: datetime) -> Channel:
        raise NotFound

    def load(self, session: Session, wanted: Wanted, *, now: datetime) -> Loaded:
        return Loaded({})

    def touched(self, changes: Sequence[journal.Change], channels: Collection[Channel]) -> Wanted:
        return {}

    def connected(self, person_id: int, how: How | None) -> Wanted:
        return {}

    def me(self, session: Session, actor: Actor) -> str:
        return ""


def office_source(connections: Connections) -> Office:
    return _Nothing()
