"""What each kind of scope must be able to do for the one source of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app import journal
from app.people.access import Actor
from app.presence.channels import Channel, Key, Loaded, Wanted
from app.presence.scopes import Scope

Channels = Mapping[Channel, Scope]


class Part(Protocol):
    def admit(self, session: Session, actor: Actor, scope: Scope, *, now: datetime) -> str:
        """The audience in which the actor sees a scope. Raises Refused."""

    def load(self, session: Session, wanted: Wanted, channels: Channels, into: Loaded, *, now: datetime) -> None:
        """Put the rows of these channels into ``into``."""

    def touched(self, changes: Sequence[journal.Change], channels: Channels, into: Wanted) -> None:
        """Put what must be read anew after changes into ``into``."""

    def connected(self, person_id: int, into: Wanted) -> None:
        """Put what must be read anew as somebody's connections changed into ``into``."""


def want(into: Wanted, channel: Channel, keys: set[Key] | None) -> None:
    """Add to what is wanted of a channel; None is all of it."""
    if keys is None or into.get(channel, keys) is None:
        into[channel] = None
    elif keys:
        into[channel] = (into.get(channel) or set()) | keys


QUIET = frozenset({"signed-in", "signed-out", "preferred"})
"""What people do that changes nothing anybody sees of them."""


def people_of(change: journal.Change) -> set[int]:
    """Ids of the people whose place or time a change is about."""
    facts = change.facts
    if change.subject == "presence" or (change.subject == "person" and change.verb not in QUIET):
        return {change.subject_id}
    if change.subject == "meeting":
        return set(facts.get("people", ()))
    if change.subject in ("booking", "week-plan", "wait"):
        return {id for id in (facts.get("person_id"),) if id}
    return set()


def touches_all(change: journal.Change) -> bool:
    """Whether a change is about so many that all of them are read anew."""
    return change.subject in ("calendar-change", "people", "places", "agency")
