"""What the engine of live presence and the meaning of its rows agree on. The engine knows nothing else of the office."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

import msgspec
from sqlalchemy.orm import Session

from app import journal
from app.people.access import Actor

Key: TypeAlias = int | str
How: TypeAlias = Literal["active", "idle"]


class Row(msgspec.Struct, frozen=True, array_like=True):
    """What viewers of a channel may see of one thing; everything in it goes to each of them. Two rows that are equal are
    the same to them."""

    key: Key


class Channel(msgspec.Struct, frozen=True):
    """``scope`` is what a client named ("floor:12@2026-11-24"); ``audience`` is who sees the same rows ("agency:3", "unit:9",
    "all", "me:17"), and is never sent."""

    scope: str
    audience: str


def mark_of(rows: Iterable[Row]) -> str:
    """The same for the same rows in whatever order: a page that was written from them knows by it whether they still hold."""
    return hashlib.blake2b(b"".join(sorted(map(_encode, rows))), digest_size=8).hexdigest()


_encode = msgspec.json.Encoder().encode

Wanted: TypeAlias = dict[Channel, set[Key] | None]
"""Channels and the keys of the rows to read anew; None: every row."""


class Loaded(msgspec.Struct):
    """What was read: None for a row that is not there, or not any more. For a channel that was wanted whole, rows that are
    left out are gone too. ``due``: when a row changes by itself."""

    rows: dict[Channel, dict[Key, Row | None]]
    due: dict[Channel, dict[Key, datetime]] = msgspec.field(default_factory=dict)


class Source(Protocol):
    """Where rows come from."""

    def admit(self, session: Session, actor: Actor, scope: str, *, now: datetime) -> Channel:
        """The channel in which ``actor`` sees ``scope``. Raises Refused."""

    def load(self, session: Session, wanted: Wanted, *, now: datetime) -> Loaded:
        """The rows of many channels in one read transaction."""

    def touched(self, changes: Sequence[journal.Change], channels: Collection[Channel]) -> Wanted:
        """Which rows of ``channels`` to read anew after ``changes``. Called in the event loop: it reads no database."""

    def connected(self, person_id: int, how: How | None) -> Wanted:
        """Which rows to read anew as somebody's connections changed; None: the last has gone and its grace is over."""


class Connections(Protocol):
    """Who has Selaras open somewhere, in this process or another."""

    def of(self, person_id: int) -> How | None:
        """The most active of somebody's connections, or None for nobody there."""


class Office(Source, Protocol):
    """A source that knows who looks."""

    def me(self, session: Session, actor: Actor) -> str:
        """The opaque reference by which ``actor`` finds themselves among the rows."""
