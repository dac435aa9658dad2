"""One's own state in the head of every page, with the menu to say something else."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from app import clock, sites
from app.people.access import Actor
from app.presence import references, service, wording
from app.presence.channels import Connections
from app.presence.rules import Avail
from app.texts import N_, Words


class Choice(msgspec.Struct, frozen=True):
    key: str
    label: str
    current: bool


class Chip(msgspec.Struct, frozen=True):
    """``words`` are those of every state, for the page's script; ``me`` is the reference by which live rows call the reader,
    ``scope`` the reader's own. ``said`` is set while what they said of themselves holds."""

    avail: str
    word: str
    until: str
    said: bool
    choices: tuple[Choice, ...]
    lengths: tuple[tuple[str, str], ...]
    words: dict[str, str]
    until_word: str
    me: str
    scope: str
    zone: str
    zone_name: str


def chip(session: Session, actor: Actor, connections: Connections, said: Words, *, now: datetime) -> Chip:
    mine = service.own(session, actor, connections, now=now)
    zone = sites.site(session, actor.site_id).zone
    state = mine.presence.state
    override = mine.known.facts.override
    chosen = override.avail if override else None
    return Chip(
        avail=state.avail.value,
        word=said.say(wording.AVAILS[state.avail]),
        until=wording.until(mine.presence.until, zone, said, now=now),
        said=override is not None,
        choices=choices(chosen, said),
        lengths=tuple((value, said.say(label)) for value, label in wording.LENGTHS),
        words={avail.value: said.say(word) for avail, word in wording.AVAILS.items()},
        until_word=said.say(N_("sampai {time}"), time="{time}"),
        me=references.references(session, [actor.id])[actor.id],
        scope=f"person:{actor.id}",
        zone=zone,
        zone_name=clock.zone_name(zone),
    )


def choices(chosen: Avail | None, said: Words) -> tuple[Choice, ...]:
    """What one may say of how one can be reached; offline is what follows from having nothing open."""
    return tuple(
        Choice(avail.value, said.say(word), avail is chosen)
        for avail, word in wording.AVAILS.items()
        if avail is not Avail.OFFLINE
    )
