"""Whom a meeting's list names: the same people for whoever plans it and for whoever looks for a time."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.errors import NotFound
from app.meetings.errors import TooManyPeople
from app.meetings.shapes import MOST_PEOPLE
from app.people import rules as people_rules
from app.people.access import Actor
from app.people.agencies import sharing_agencies
from app.people.members import Member, members_of
from app.people.units import unit_by_id


def invitees(
    session: Session,
    actor: Actor,
    organiser_id: int,
    required_ids: Iterable[int],
    optional_ids: Iterable[int],
    unit_ids: Iterable[int] = (),
) -> tuple[dict[int, Member], frozenset[int]]:
    """Everybody by id, and the ids of those who are needed: the organiser, the required, and the people of units.

    Raises NotFound for people or units there are none of for the actor, TooManyPeople.
    """
    needed, units = {organiser_id, *required_ids}, list(unit_ids)
    for unit_id in units:
        unit_by_id(session, unit_id)
    named = needed.union(optional_ids)
    members = {member.id: member for member in members_of(session, units, also=named)}
    if len(members) > MOST_PEOPLE:
        raise TooManyPeople(most=MOST_PEOPLE, invited=len(members))
    sharing = sharing_agencies(session)
    for id in sorted(named | members.keys()):
        known = id in members and people_rules.may_know_name(actor.agency_id, members[id].agency_id, sharing)
        if id not in members or not (known or id == organiser_id):
            raise NotFound(person_id=id)
    by_unit = {id for id, member in members.items() if unit_of(member, units) is not None}
    return members, frozenset(needed | by_unit)


def unit_of(member: Member, unit_ids: Iterable[int]) -> int | None:
    """The first of some units to which somebody belongs, or one below it."""
    return next((id for id in unit_ids if f"/{id}/" in member.unit_lineage), None)
