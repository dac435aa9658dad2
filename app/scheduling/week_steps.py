"""What the week planner does at one press: save, save and ask, take over last week's pattern. Each is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from app.people.access import Actor
from app.scheduling import plans, service, week_form, whereabouts
from app.scheduling.ground import Ground, ground, ground_of
from app.scheduling.reading import SeenWeek
from app.scheduling.rules import COUNTED, Mode
from app.scheduling.shapes import SegmentIn, SegmentOut, WeekIn, WeekOut

_ONCE = frozenset({Mode.TRAVEL, Mode.LEAVE})
"""Modes that a pattern doesn't hold: a journey has its own letter, and leave was granted for its own days."""


class Saved(msgspec.Struct, frozen=True):
    """``desks_refused`` are dates whose desk was refused and left out."""

    seen: SeenWeek
    desks_refused: tuple[date, ...] = ()


def save(
    session: Session,
    actor: Actor,
    week: str,
    data: Mapping[str, str],
    *,
    version: int | None,
    ask: bool = False,
    despite_coverage: bool = False,
    now: datetime,
) -> Saved:
    """Plan one's own week as the form has it, and with ``ask`` submit it. Raises as ``put_week`` and ``submit`` do, and
    then nothing of it is written."""
    base = ground(session, actor, actor.id, week, now=now)
    if ask:  # the lock of the coverage rules goes before that of the week
        whereabouts.lock(session, whereabouts.rules_about(base))
    stored = service.week_on(session, base).week
    forms = week_form.sent_forms(base, week_form.stored_forms(base, stored), data)
    wanted = week_form.wanted(base, stored, forms)
    seen = service.put_on(session, actor, base, wanted, version=version, now=now)
    refused = tuple(on for on, _ in seen.desks_refused)
    if ask:
        seen = service.submit_on(session, actor, base, despite_coverage=despite_coverage, now=now)
    return Saved(seen, refused)


def copy_last(session: Session, actor: Actor, week: str, *, version: int | None, now: datetime) -> Saved | None:
    """Put last week's pattern on the working days to come that nobody was asked about yet; None if there is nothing to
    copy. Who had a desk gets one near their team. Raises as ``put_week`` does."""
    base = ground(session, actor, actor.id, week, now=now)
    here = service.week_on(session, base).week
    pattern = pattern_of(session, base, here, now=now)
    if not pattern:
        return None
    days = {on: pattern.get(on) or [week_form.as_stored(part) for part in here.days.get(on, [])] for on in _open(base)}
    wanted = WeekIn(days, without_desk=True)
    seen = service.put_on(session, actor, base, wanted, version=version, now=now)
    return Saved(seen, tuple(on for on, _ in seen.desks_refused))


def copied_data(pattern: Mapping[date, list[SegmentIn]], base: Ground) -> dict[str, str]:
    """The pattern as the form would send it, to be shown where it can't be saved."""
    return {"way": week_form.days_text(base, pattern)}


def pattern_of(session: Session, base: Ground, here: WeekOut, *, now: datetime) -> dict[date, list[SegmentIn]]:
    """What last week's days would be in this one."""
    last = service.week_on(session, ground_of(session, base.person, base.monday - timedelta(days=7), now=now)).week.days
    pattern = {}
    for on in _open(base):
        parts = last.get(on - timedelta(days=7), [])
        if parts and _ONCE.isdisjoint(part.mode for part in parts) and here.about[on].state not in COUNTED:
            pattern[on] = [_copied(part) for part in parts]
    return pattern


def has_pattern(session: Session, base: Ground) -> bool:
    """Whether last week holds anything to take over."""
    last = plans.read(session, base.person.id, base.monday - timedelta(days=7))
    return any(
        _ONCE.isdisjoint(part.segment.mode for part in day.parts)
        for day in last.planned()
        if week_form.may_change(base, day.on + timedelta(days=7))
    )


def _open(base: Ground) -> list[date]:
    return [on for on in base.days if week_form.may_change(base, on)]


def _copied(part: SegmentOut) -> SegmentIn:
    return msgspec.structs.replace(week_form.as_stored(part), letter="", near_team=part.desk_id is not None)
