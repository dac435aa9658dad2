"""The protocol ``presence.v1``: messages as JSON in text frames, encoded once and framed once for all who get them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any

import msgspec

SUBPROTOCOL = "presence.v1"
MAX_SCOPES = 16
MAX_SCOPE_LENGTH = 100


class Close(IntEnum):
    """Why the server ends a connection; each has one reaction of the client."""

    RESTART = 1012
    """come back, within the range of ``bye``"""
    OVERLOADED = 1013
    """come back, later"""
    BAD_MESSAGE = 4400
    SESSION_ENDED = 4401
    """sign in; don't come back"""
    FORBIDDEN = 4403
    """no rights, or another origin; don't come back"""
    SILENT = 4408
    """nothing was heard for too long; come back"""
    TOO_MANY_SOCKETS = 4409
    TOO_SLOW = 4410
    """frames were not read; come back"""
    TOO_MANY_MESSAGES = 4429
    """come back in a minute"""


# What clients say

Scopes = Annotated[list[str], msgspec.Meta(max_length=4 * MAX_SCOPES)]
"""Each is answered: a list without end would have one message cost seconds."""


class Sub(msgspec.Struct, tag_field="t", tag="sub", frozen=True):
    """``resume``: epoch and seq of the last frame the client has of a scope."""

    scopes: Scopes
    id: int | Annotated[str, msgspec.Meta(max_length=40)] | None = None
    resume: Annotated[dict[str, tuple[str, int]], msgspec.Meta(max_length=4 * MAX_SCOPES)] = {}


class Unsub(msgspec.Struct, tag_field="t", tag="unsub", frozen=True):
    scopes: Scopes


class Act(msgspec.Struct, tag_field="t", tag="act", frozen=True):
    """Whether the person has left keyboard and mouse alone for a while."""

    idle: bool


class Pong(msgspec.Struct, tag_field="t", tag="pong", frozen=True):
    """The answer to a beat, where the server can't see the pongs of the websocket itself."""


Said = Sub | Unsub | Act | Pong
_said: msgspec.json.Decoder[Said] = msgspec.json.Decoder(Said)


def read(text: str | bytes) -> Said:
    """Raises msgspec.DecodeError or ValidationError for anything that is no message."""
    return _said.decode(text)


# What the server says


class Welcome(msgspec.Struct, tag_field="t", tag="welcome", frozen=True):
    """``me``: the reference by which the viewer knows themselves among the rows; ``retry``: seconds, least and most, before
    a connection that broke is tried again; ``pong``: whether beats want an answer."""

    conn: str
    me: str
    now: datetime
    beat_s: float
    retry: tuple[float, float]
    pong: bool
    v: int = 1


class Snap(msgspec.Struct, tag_field="t", tag="snap", frozen=True):
    """All rows of a scope, in place of whatever the client had; ``mark`` differs where they do."""

    scope: str
    e: str
    seq: int
    rev: int
    now: datetime
    mark: str
    rows: list[Any]


class Delta(msgspec.Struct, tag_field="t", tag="d", frozen=True):
    """Rows that changed or came, and keys of those that went, since frame ``seq - 1`` of the same epoch."""

    scope: str
    e: str
    seq: int
    rev: int
    rows: list[Any]
    gone: list[Any]


class Beat(msgspec.Struct, tag_field="t", tag="beat", frozen=True, omit_defaults=True):
    """A sign of life with the present seq of each scope: it shows a last frame that was lost."""

    now: datetime
    scopes: dict[str, int]
    degraded: bool = False


class Drop(msgspec.Struct, tag_field="t", tag="drop", frozen=True):
    """The viewer may not see a scope any longer."""

    scope: str
    reason: str


class Err(msgspec.Struct, tag_field="t", tag="err", frozen=True):
    """A scope that was refused, by the code of the refusal."""

    id: int | str | None
    code: str
    scope: str


class Bye(msgspec.Struct, tag_field="t", tag="bye", frozen=True):
    """The server goes down; ``after``: seconds, least and most, before coming back."""

    code: int
    after: tuple[float, float]


Told = Welcome | Snap | Delta | Beat | Drop | Err | Bye
_encode = msgspec.json.Encoder().encode


def frame(message: Told) -> bytes:
    """A message as one text frame of a server: final and unmasked (RFC 6455, 5.2)."""
    return framed(_encode(message))


def framed(payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    if length < 65536:
        return b"\x81\x7e" + struct.pack("!H", length) + payload
    return b"\x81\x7f" + struct.pack("!Q", length) + payload


def close_frame(code: int) -> bytes:
    return b"\x88\x02" + struct.pack("!H", code)


def payloads(frames: bytes) -> Iterator[bytes]:
    """The payloads of frames as ``framed`` made them, one after the other."""
    at = 0
    while at < len(frames):
        length, at = frames[at + 1], at + 2
        if length == 126:
            length, at = struct.unpack_from("!H", frames, at)[0], at + 2
        elif length == 127:
            length, at = struct.unpack_from("!Q", frames, at)[0], at + 8
        yield frames[at : at + length]
        at += length
