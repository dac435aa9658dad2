"""What a bus is, and what goes over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from app.journal import Change
from app.presence.channels import How

CHANNEL = "selaras_presence"
"""One for all: each process sorts out by itself what its viewers see."""
PEOPLE = 200
"""So many people's connections go in one message."""


class Message(msgspec.Struct, omit_defaults=True, array_like=True):
    """From process ``node``: what was committed there, whose connections changed, or that there is more in the journal than a
    message holds. Without any of it, a sign of life."""

    node: str
    changes: list[Change] = []
    people: list[tuple[int, How | None]] = []
    look: bool = False


class Bus(Protocol):
    """``heard`` gets each message, one's own too; ``turned`` is told when the bus is up or down. Both are called in the event
    loop, which a bus never makes wait."""

    limit: int
    """bytes of a message, at most"""

    async def start(self, heard: Callable[[bytes], None], turned: Callable[[bool], None]) -> None:
        """Connect, and again whenever the connection is lost; returns at once."""

    async def publish(self, message: bytes) -> None:
        """Raises whatever the connection raises; a message that can't be sent is lost."""

    def reconnect(self) -> None:
        """The connection seems dead although nothing was raised: make a new one."""

    async def stop(self) -> None: ...


_encode = msgspec.json.Encoder().encode
_message = msgspec.json.Decoder(Message)


def read(message: bytes) -> Message:
    """Raises msgspec.DecodeError or ValidationError for what no process of ours sent."""
    return _message.decode(message)


def messages(
    node: str, changes: Sequence[Change], people: Sequence[tuple[int, How | None]], *, limit: int
) -> list[bytes]:
    """Messages, each at most ``limit`` bytes long. Changes that need more than one stay in the journal, for all to look."""
    first = _encode(Message(node, list(changes), list(people[:PEOPLE])))
    if len(first) > limit:
        first = _encode(Message(node, [], list(people[:PEOPLE]), look=bool(changes)))
    rest = [people[at : at + PEOPLE] for at in range(PEOPLE, len(people), PEOPLE)]
    return [first, *(_encode(Message(node, [], list(some))) for some in rest)]
