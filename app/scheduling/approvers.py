"""Who decides about a week: the chain of the policy, with whoever acts in somebody's place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app import notices, weeks
from app.people import delegation
from app.people import service as people
from app.people.access import Actor
from app.people.rules import Role
from app.people.service import Employee
from app.scheduling.ground import Ground
from app.scheduling.plans import Plan
from app.scheduling.policy_kinds import Approval
from app.scheduling.shapes import ApproverOut

Chain = list[list[int]]
"""Ids of who decides at each step, one after the other."""


def chain(session: Session, person: Employee, rule: Approval) -> Chain:
    """Who decides at each step, without the person themselves and without the same one twice in a row; the agency's HR
    officers where nobody else is left."""
    steps: Chain = []
    heads = [head for head in delegation.heads_above(session, person.unit_lineage) if head != person.id]
    for step in rule.chain:
        if step == "superior":
            found = [person.superior_id] if person.superior_id else heads[:1]
        else:
            found = heads[:1] or ([person.superior_id] if person.superior_id else [])
        if found and found not in steps:
            steps.append(found)
    return steps or [[id for id in people.with_role(session, Role.HR_OFFICER, [person.agency_id]) if id != person.id]]


def of(session: Session, base: Ground, steps: Chain, step: int) -> list[ApproverOut]:
    """Who may decide now: those of the step, then those acting for them. Nobody decides about themselves."""
    return [
        ApproverOut(stand.id, stand.name, None if stand.id == stand.for_id else stand.for_name)
        for stand in delegation.stands(session, steps[min(step, len(steps) - 1)], base.today)
        if stand.id != base.person.id
    ]


def may_decide(session: Session, actor: Actor, base: Ground, steps: Chain, step: int) -> bool:
    """Whether the actor decides at this step; whoever stands higher in the chain may decide before their turn comes."""
    principals = [id for ids in steps[min(step, len(steps) - 1) :] for id in ids]
    return actor.id != base.person.id and any(
        stand.id == actor.id for stand in delegation.stands(session, principals, base.today)
    )


def ask(session: Session, base: Ground, plan: Plan, steps: Chain, *, now: datetime) -> None:
    """Tell whoever decides next that a week waits for them."""
    facts = {"person_id": base.person.id, "name": base.person.name, "week": weeks.week_of(base.monday)}
    cause = f"week-plan:{plan.id}:{plan.version}"
    people = (one.id for one in of(session, base, steps, plan.step))
    notices.tell(session, people, "approval-asked", cause, facts=facts, at=now)
