"""Week plans: read, plan with desks, submit, take back. One transaction holds the plan, its desks and its journal entry.

Locks are taken in one order everywhere: coverage rules, then the week, then bookings, then person and desks. Each is there
for a person and a week by name, and for the ``Ground`` of a week that is known already.
"""

from __future__ import annotations

from datetime import date, datetime

from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.errors import Stale
from app.people.access import Actor
from app.scheduling import approvers, desks, drafts, judgement, plans, whereabouts
from app.scheduling.errors import NothingToSubmit
from app.scheduling.ground import Ground, ground
from app.scheduling.judgement import judge
from app.scheduling.plans import Plan
from app.scheduling.reading import SeenWeek, counted, held_by, refused, seen, segments_of, shown
from app.scheduling.rules import DayState
from app.scheduling.shapes import WeekIn

PENDING = (DayState.DRAFT, DayState.RETURNED, DayState.REVOKED)
"""States from which a day can be submitted."""


def week_for(session: Session, actor: Actor, person_id: int, week: str, *, now: datetime) -> SeenWeek:
    """A week of one's own, or of somebody whose weeks one may plan. Raises Invalid, NotFound, Forbidden."""
    return week_on(session, ground(session, actor, person_id, week, now=now))


def week_on(session: Session, base: Ground) -> SeenWeek:
    return seen(session, base, plans.read(session, base.person.id, base.monday))


def look_on(session: Session, base: Ground, wanted: WeekIn) -> SeenWeek:
    """What the rules would say to ``wanted``, without writing anything; desks are not tried. Raises as ``put_on``."""
    plan = plans.read(session, base.person.id, base.monday)
    days = drafts.drafts_of(base, plan, wanted)
    segments = drafts.segments_in(base, days)
    found = judge(session, base, drafts.kept(base, plan, days), segments)
    return shown(session, base, plan, segments, found, held_by(session, base, plan))


def put_week(
    session: Session,
    actor: Actor,
    person_id: int,
    week: str,
    wanted: WeekIn,
    *,
    version: int | None = None,
    now: datetime,
) -> SeenWeek:
    """``put_on`` for a person and a week by name. Raises Invalid, NotFound, Forbidden as well."""
    base = ground(session, actor, person_id, week, now=now)
    return put_on(session, actor, base, wanted, version=version, now=now)


def put_on(
    session: Session, actor: Actor, base: Ground, wanted: WeekIn, *, version: int | None = None, now: datetime
) -> SeenWeek:
    """Plan a week with its desks, all of it or nothing. A day that changes is a draft again; the others stay what they are.

    Raises Invalid, Stale, PastDay for a change of a day that is over, PlanRefused if a rule says no, NotBookable if a desk is
    refused (unless ``wanted`` goes on without).
    """
    plan = _locked(session, base, version)
    days = drafts.drafts_of(base, plan, wanted)
    segments = drafts.segments_in(base, days)
    found = judge(session, base, drafts.kept(base, plan, days), segments)
    if found.refusals:
        raise refused(found)
    held = held_by(session, base, plan)
    changed = drafts.write(session, plan, base, days, held)
    if changed is None:
        return shown(session, base, plan, segments, found, held)
    settled = desks.settle(session, actor, base, changed.wishes, go_on=wanted.without_desk, now=now)
    plan = plans.save(session, changed.plan)
    plans.record(session, plan, "planned", changed.days, actor_id=actor.id, at=now)
    now_held = {part_id: desk for part_id, desk in (held | settled.held).items() if desk is not None}
    return replace(shown(session, base, plan, segments, found, now_held), desks_refused=settled.refused)


def submit(
    session: Session,
    actor: Actor,
    person_id: int,
    week: str,
    *,
    despite_coverage: bool = False,
    version: int | None = None,
    now: datetime,
) -> SeenWeek:
    """``submit_on`` for a person and a week by name. Raises Invalid, NotFound, Forbidden as well."""
    base = ground(session, actor, person_id, week, now=now)
    return submit_on(session, actor, base, despite_coverage=despite_coverage, version=version, now=now)


def submit_on(
    session: Session,
    actor: Actor,
    base: Ground,
    *,
    despite_coverage: bool = False,
    version: int | None = None,
    now: datetime,
) -> SeenWeek:
    """Ask for what a week plans. Days at the own office stand at once; so does everything where the policy lets the rules
    approve and nothing is to be said against it.

    Raises Stale, NothingToSubmit, PlanRefused if a rule says no, or if the team would fall short on site and
    ``despite_coverage`` doesn't leave that to the approver.
    """
    whereabouts.lock(session, whereabouts.rules_about(base))
    plan = _locked(session, base, version)
    asked = [day for day in plan.planned(*PENDING) if day.on >= base.today]
    if not asked:
        raise NothingToSubmit
    before = counted(base, plan)
    after = before | {day.on: segments_of(base, day) for day in asked}
    found = judge(session, base, before, after)
    if found.refusals or (found.shortfalls and not despite_coverage):
        raise refused(found)
    rule = judgement.approval(base)
    automatic = rule.automatic and found.clean
    deciding = [day for day in asked if judgement.needs_decision(rule, segments_of(base, day)) and not automatic]
    standing = [day for day in asked if day not in deciding]
    if standing:
        plans.set_state(session, (day.id for day in standing), DayState.APPROVED, automatic=True, at=now)
    if deciding:
        plans.set_state(session, (day.id for day in deciding), DayState.SUBMITTED)
    plan = plans.save(session, plan, step=0)
    plans.record(session, plan, "submitted", _dates(asked), actor_id=actor.id, at=now)
    if deciding:
        approvers.ask(session, base, plan, approvers.chain(session, base.person, rule), now=now)
    return week_on(session, base)


def withdraw(
    session: Session, actor: Actor, person_id: int, week: str, *, version: int | None = None, now: datetime
) -> SeenWeek:
    """Take back what waits for a decision; its days are drafts again. Raises Invalid, NotFound, Forbidden, Stale,
    NothingToSubmit if nothing waits."""
    base = ground(session, actor, person_id, week, now=now)
    plan = _locked(session, base, version)
    waiting = plan.planned(DayState.SUBMITTED)
    if not waiting:
        raise NothingToSubmit
    plans.set_state(session, (day.id for day in waiting), DayState.DRAFT)
    plan = plans.save(session, plan, step=0)
    plans.record(session, plan, "withdrawn", _dates(waiting), actor_id=actor.id, at=now)
    return week_on(session, base)


def _locked(session: Session, base: Ground, version: int | None) -> Plan:
    """The week, ours until the transaction ends. Raises Stale if ``version`` is given and not the present one."""
    plans.lock(session, base.person.id, base.monday)
    plan = plans.read(session, base.person.id, base.monday)
    if version is not None and version != plan.version:
        raise Stale(version=plan.version)
    return plan


def _dates(days: list[plans.Day]) -> list[date]:
    return [day.on for day in days]
