"""Decisions about weeks: approve, return with a reason, revoke. Each leaves one entry in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app import notices, sites, weeks
from app.clock import local_date
from app.errors import Forbidden, Refused, Stale
from app.people import delegation
from app.people import service as people
from app.people.access import Actor
from app.people.members import people_under
from app.rooms import plan_desks
from app.scheduling import approvers, judgement, plans, reading, whereabouts
from app.scheduling.errors import NothingToDecide, ReasonNeeded
from app.scheduling.ground import Ground, ground_of, monday_in
from app.scheduling.judgement import judge
from app.scheduling.models import PlanDay, WeekPlan
from app.scheduling.plans import Day, Plan
from app.scheduling.reading import SeenWeek, counted, segments_of
from app.scheduling.rules import DayState, Segment
from app.scheduling.shapes import Id, Reason
from app.scheduling.whereabouts import Teams

LEAST_REASON = 10
"""Letters of a reason that overrules coverage, or takes back what was approved."""
LEAST_RETURN = 3


class DecisionIn(msgspec.Struct, frozen=True, omit_defaults=True):
    """``returned`` and ``revoked`` need a reason; so does ``approved`` where the team would fall short on site. ``days``
    are those meant, all that wait (or, to revoke, all that are to come) if absent."""

    decision: Literal["approved", "returned", "revoked"]
    reason: Reason = ""
    days: list[date] | None = None


class ApprovalItem(msgspec.Struct, frozen=True):
    person_id: Id
    week: str
    version: int | None = None


class ManyIn(msgspec.Struct, frozen=True, omit_defaults=True):
    """Up to 100 weeks, each decided for itself."""

    items: list[ApprovalItem]
    decision: Literal["approved", "returned"] = "approved"
    reason: Reason = ""

    def __post_init__(self) -> None:
        if not 0 < len(self.items) <= 100:
            raise ValueError("between 1 and 100 weeks at once")


class Outcome(msgspec.Struct, frozen=True):
    """``refused`` is why a week was left as it was."""

    person_id: int
    week: str
    version: int | None = None
    refused: Refused | None = None


class Waiting(msgspec.Struct, frozen=True):
    """A week that waits for the actor's decision; ``days`` with the modes asked for, ``refusals`` and ``shortfalls`` what
    stands against it."""

    person_id: int
    name: str
    week: str
    version: int
    days: dict[date, tuple[Segment, ...]]
    judgement: judgement.Judgement


def decide(
    session: Session,
    actor: Actor,
    person_id: int,
    week: str,
    wanted: DecisionIn,
    *,
    version: int | None = None,
    now: datetime,
) -> SeenWeek:
    """Decide about the days of a week that wait, or take back what was approved.

    Raises Invalid, NotFound, Forbidden for somebody else's to decide, Stale, NothingToDecide, ReasonNeeded.
    """
    base = _ground(session, actor, person_id, week, now=now)
    whereabouts.lock(session, whereabouts.rules_about(base))
    plans.lock(session, person_id, base.monday)
    plan = _decide(session, actor, base, wanted, version=version, now=now)
    return reading.seen(session, base, plan)


def decide_many(session: Session, actor: Actor, wanted: ManyIn, *, now: datetime) -> list[Outcome]:
    """Decide about many weeks, each for itself: one that is refused leaves the others decided. Absences count as they are
    approved, so that the last allowed one is allowed once."""
    bases: list[tuple[ApprovalItem, Ground | Refused]] = []
    for item in wanted.items:
        try:
            bases.append((item, _ground(session, actor, item.person_id, item.week, now=now)))
        except Refused as refusal:
            bases.append((item, refusal))
    grounds = [base for _, base in bases if isinstance(base, Ground)]
    whereabouts.lock(session, {rule.id: rule for base in grounds for rule in whereabouts.rules_about(base)}.values())
    for person_id, monday in sorted({(base.person.id, base.monday) for base in grounds}):
        plans.lock(session, person_id, monday)
    one = DecisionIn(wanted.decision, wanted.reason)
    outcomes = []
    for item, base in bases:
        if isinstance(base, Refused):
            outcomes.append(Outcome(item.person_id, item.week, refused=base))
            continue
        try:
            plan = _decide(session, actor, base, one, version=item.version, now=now)
            outcomes.append(Outcome(item.person_id, item.week, plan.version))
        except Refused as refusal:
            outcomes.append(Outcome(item.person_id, item.week, refused=refusal))
    return outcomes


def _ground(session: Session, actor: Actor, person_id: int, week: str, *, now: datetime) -> Ground:
    monday = monday_in(week)
    return ground_of(session, people.colleague_for(session, actor, person_id), monday, now=now)


def _decide(
    session: Session, actor: Actor, base: Ground, wanted: DecisionIn, *, version: int | None, now: datetime
) -> Plan:
    """Raises before anything is written."""
    plan = plans.read(session, base.person.id, base.monday)
    steps = approvers.chain(session, base.person, judgement.approval(base))
    if not approvers.may_decide(session, actor, base, steps, plan.step):
        raise Forbidden(person_id=base.person.id)
    if version is not None and version != plan.version:
        raise Stale(version=plan.version)
    days = _meant(base, plan, wanted)
    if not days:
        raise NothingToDecide
    reason = wanted.reason.strip()
    told = _told(session, base, plan, days, wanted.decision, reason)
    dates = [day.on for day in days]
    if wanted.decision == "approved" and plan.step + 1 < len(steps):
        plan = plans.save(session, plan, step=plan.step + 1)
        plans.record(session, plan, "passed-on", dates, actor_id=actor.id, at=now, **told)
        approvers.ask(session, base, plan, steps, now=now)
        return plans.read(session, base.person.id, base.monday)
    state = DayState(wanted.decision)
    plans.set_state(session, (day.id for day in days), state, reason=reason, by_id=actor.id, at=now)
    if state is DayState.REVOKED:
        parts = [part.id for day in days for part in day.parts]
        plan_desks.free_desks(session, parts, actor_id=actor.id, now=now)
    plan = plans.save(session, plan)
    plans.record(session, plan, wanted.decision, dates, actor_id=actor.id, at=now, **told)
    _tell(session, base, plan, wanted.decision, reason, actor, now=now)
    return plans.read(session, base.person.id, base.monday)


def _told(
    session: Session, base: Ground, plan: Plan, days: Sequence[Day], decision: str, reason: str
) -> dict[str, Any]:
    """What the journal tells of a decision besides its days. Raises ReasonNeeded if it needs a reason and has none."""
    told: dict[str, Any] = {"reason": reason} if reason else {}
    if decision == "approved":
        return told | ({"despite_coverage": True} if _overrules(session, base, plan, days, reason) else {})
    least = LEAST_REASON if decision == "revoked" else LEAST_RETURN
    if len(reason) < least:
        raise ReasonNeeded(why="returned", least=least, have=0, need=0)
    return told


def _meant(base: Ground, plan: Plan, wanted: DecisionIn) -> list[Day]:
    states = (DayState.APPROVED,) if wanted.decision == "revoked" else (DayState.SUBMITTED,)
    days = plan.planned(*states)
    if wanted.decision == "revoked":
        days = [day for day in days if day.on >= base.today]
    return days if wanted.days is None else [day for day in days if day.on in wanted.days]


def _overrules(session: Session, base: Ground, plan: Plan, days: Sequence[Day], reason: str) -> bool:
    """Whether approving these days leaves the team short on site. Raises ReasonNeeded if it does and nobody says why."""
    asked = {day.on: segments_of(base, day) for day in days}
    before = {on: parts for on, parts in counted(base, plan).items() if on not in asked}
    short = judge(session, base, before, before | asked, ways_out=False).shortfalls
    if short and len(reason) < LEAST_REASON:
        raise ReasonNeeded(why="coverage", least=LEAST_REASON, have=short[0].have, need=short[0].need, on=short[0].on)
    return bool(short)


def _tell(
    session: Session, base: Ground, plan: Plan, decision: str, reason: str, actor: Actor, *, now: datetime
) -> None:
    facts = {"week": weeks.week_of(base.monday), "reason": reason, "by": actor.name}
    cause = f"week-plan:{plan.id}:{plan.version}"
    notices.tell(session, [base.person.id], f"plan-{decision}", cause, facts=facts, at=now)


# What waits


_WAITING = (
    select(WeekPlan.person_id, WeekPlan.monday_on)
    .join(PlanDay, PlanDay.plan_id == WeekPlan.id)
    .where(PlanDay.state == "submitted", WeekPlan.person_id.in_(bindparam("people", expanding=True)))
    .distinct()
    .order_by(WeekPlan.monday_on, WeekPlan.person_id)
    .limit(200)
)


def waiting(session: Session, actor: Actor, *, now: datetime) -> list[Waiting]:
    """Weeks that wait for the actor, as themselves or in somebody's place; the earliest first, 200 at most."""
    today = local_date(now, sites.site(session, actor.site_id).zone)
    principals = delegation.principals_of(session, actor.id, today)
    charges = people_under(session, principals)
    if not charges:
        return []
    found = []
    teams = Teams()
    for person_id, monday in session.connection().execute(_WAITING, {"people": charges}).all():
        person = people.colleague_for(session, actor, person_id)
        base = ground_of(session, person, monday, now=now)
        plan = plans.read(session, person_id, monday)
        steps = approvers.chain(session, person, judgement.approval(base))
        if not approvers.may_decide(session, actor, base, steps, plan.step):
            continue
        days = {day.on: segments_of(base, day) for day in plan.planned(DayState.SUBMITTED)}
        before = {on: parts for on, parts in counted(base, plan).items() if on not in days}
        said = judge(session, base, before, before | days, ways_out=False, teams=teams)
        found.append(Waiting(person.id, person.name, weeks.week_of(monday), plan.version, days, said))
    return found
