"""What people hide of themselves, for whoever shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.many import HotForMany
from app.people import service as people
from app.people.access import Actor
from app.people.members import members_of
from app.presence import rules
from app.presence.models import ChoiceRow


class Choices(msgspec.Struct, frozen=True):
    """Nothing is hidden unless somebody chose to."""

    hides_desk: bool = False
    hides_idle: bool = False
    version: int = 0


OPEN = Choices()

_OF = HotForMany[Any](
    lambda ids: select(ChoiceRow.person_id, ChoiceRow.hides_desk, ChoiceRow.hides_idle, ChoiceRow.version).where(
        ChoiceRow.person_id.in_(ids)
    )
)


def of(session: Session, ids: Iterable[int]) -> dict[int, Choices]:
    """The choices of those among ``ids`` who made any."""
    return {row[0]: Choices(bool(row[1]), bool(row[2]), row[3]) for row in _OF.rows(session, set(ids), {})}


def hidden_from(session: Session, actor: Actor, ids: Iterable[int]) -> set[int]:
    """Those among ``ids`` whose desk the actor may not see: they hide it, and the actor isn't of their team."""
    hiding = [id for id, chosen in of(session, ids).items() if chosen.hides_desk]
    members = members_of(session, (), also=hiding) if hiding else []
    return {member.id for member in members if not rules.may_see_desk(actor, member)}


def team_in_sight(session: Session, actor: Actor) -> dict[int, str]:
    """The actor's team by id, with names, but those whose desk they may not see: a superior of another unit may hide it."""
    team = people.team_of(session, actor)
    hidden = hidden_from(session, actor, team)
    return {id: name for id, name in team.items() if id not in hidden}
