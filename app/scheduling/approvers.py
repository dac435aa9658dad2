"""Who decides about a week: the chain of the policy, with whoever acts in somebody's place."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from app import notices, weeks
from app.people import delegation
from app.people import service as people
from app.people.access import Actor
from app.people.service import Employee
from app.scheduling.ground import Ground
from app.scheduling.plans import Plan
from app.scheduling.policy_kinds import Approval


class Approver(msgspec.Struct, frozen=True):
    """``acting_for`` names the one whose place they take, None for themselves."""

    id: int
    name: str
    acting_for: str | None = None


def chain(session: Session, person: Employee, rule: Approval) -> list[list[int]]:
    """Who decides at each step, without the person themselves and without the same one twice in a row; the agency's HR
    officers where nobody else is left."""
    steps: list[list[int]] = []
    heads = [head for head in delegation.heads_above(session, person.unit_lineage) if head != person.id]
    for step in rule.chain:
        if step == "superior":
            found = [person.superior_id] if person.superior_id else heads[:1]
        else:
            found = heads[:1] or ([person.superior_id] if person.superior_id else [])
        if found and found not in steps:
            steps.append(found)
    return steps or [[id for id in delegation.officers(session, person.agency_id) if id != person.id]]


def of(session: Session, base: Ground, rule: Approval, step: int) -> list[Approver]:
    """Who may decide now: those of the step, then those acting for them. Nobody decides about themselves."""
    steps = chain(session, base.person, rule)
    principals = steps[min(step, len(steps) - 1)]
    return [
        Approver(stand.id, stand.name, None if stand.id == stand.for_id else stand.for_name)
        for stand in delegation.stands(session, principals, base.today)
        if stand.id != base.person.id
    ]


def last_step(session: Session, base: Ground, rule: Approval, step: int) -> bool:
    return step + 1 >= len(chain(session, base.person, rule))


def may_decide(session: Session, actor: Actor, base: Ground, rule: Approval, step: int) -> bool:
    """Whether the actor decides at this step; whoever stands higher in the chain may decide before their turn comes."""
    steps = chain(session, base.person, rule)
    principals = [id for ids in steps[min(step, len(steps) - 1) :] for id in ids]
    return any(stand.id == actor.id for stand in delegation.stands(session, principals, base.today)) and (
        actor.id != base.person.id
    )


def ask(session: Session, base: Ground, plan: Plan, rule: Approval, *, now: datetime) -> None:
    """Tell whoever decides next that a week waits for them."""
    facts = {"person_id": base.person.id, "name": base.person.name, "week": weeks.week_of(base.monday)}
    cause = f"week-plan:{plan.id}:{plan.version}"
    notices.tell(
        session,
        (one.id for one in of(session, base, rule, plan.step)),
        "approval-asked",
        cause,
        facts=facts,
        at=now,
    )


def name_of(session: Session, person_id: int | None) -> str | None:
    return people.name_of(session, person_id) if person_id else None
