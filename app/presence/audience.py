"""Who sees the same rows: how audiences are written, and who stands behind one.

Most people of a unit see the same of everything. Who leads people sees more of these, so they are an audience of their own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from contextlib import suppress

import msgspec
from sqlalchemy.orm import Session

from app.people.access import Actor
from app.people.members import leads_elsewhere
from app.people.rules import Role
from app.presence import rules
from app.presence.channels import Channel
from app.presence.index import SLACK
from app.presence.rules import Member

EVERYBODY = "all"


class Viewer(msgspec.Struct, frozen=True):
    """What all of an audience have in common; ``actor`` where it is one person."""

    agency_id: int
    unit_id: int
    actor: Actor | None = None

    def sees_desk(self, member: Member) -> bool:
        """Whether they see at which desk somebody sits who hides it."""
        if self.actor is not None:
            return rules.may_see_desk(self.actor, member)
        return member.unit_id == self.unit_id


def _alone(person_id: int) -> str:
    return f"me:{person_id}"


class Viewers:
    """Those who are an audience of their own, as they were when they were last let in."""

    def __init__(self) -> None:
        self._actors: OrderedDict[int, Actor] = OrderedDict()

    def of_unit(self, session: Session, actor: Actor) -> str:
        """The audience of the actor where a unit sees alike."""
        if Role.HEAD_OF_UNIT in actor.roles or leads_elsewhere(session, actor):
            return self.alone(actor)
        return f"unit:{actor.unit_id}:{actor.agency_id}"

    def alone(self, actor: Actor) -> str:
        self._actors[actor.id] = actor  # never gone in between: other threads look
        with suppress(KeyError):  # forgotten by the event loop's thread in this very moment
            self._actors.move_to_end(actor.id)
        return _alone(actor.id)

    def keep(self, open_now: Collection[Channel]) -> None:
        """Forget who looks at nothing any more, once they are many; not those who have only just been let in."""
        if len(self._actors) > len(open_now) + 2 * SLACK:
            there = {channel.audience for channel in open_now}
            for id in list(self._actors)[:-SLACK]:
                if _alone(id) not in there:
                    self._actors.pop(id, None)

    def viewer(self, audience: str) -> Viewer | None:
        """Who stands behind an audience of this kind; None for one that must be let in again."""
        kind, _, rest = audience.partition(":")
        if kind == "me":
            actor = self._actors.get(int(rest))
            return Viewer(actor.agency_id, actor.unit_id, actor) if actor else None
        unit_id, _, agency_id = rest.partition(":")
        return Viewer(int(agency_id), int(unit_id))
