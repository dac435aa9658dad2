"""Changes of the dated tables: looked at beforehand, carried out in one transaction, told to each owner once, undone exactly.

Plans are never rewritten: a day that is off owes nothing and its parts don't count; they count again when it is one no
more. Desks on it are cancelled, and taken up again by the undoing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app import journal, shapes, sites
from app.db import Base
from app.errors import Forbidden, Invalid, NotFound
from app.people import service as people
from app.people.access import Actor
from app.people.agencies import agency_ids
from app.people.rules import keeps_rules
from app.people.units import unit_by_id
from app.rooms import day_off_desks
from app.rooms.day_off_desks import Kept
from app.scheduling import change_notices, rulebook, rules, touched
from app.scheduling.change_log import KINDS, Change, find, follows, plain, read, row_of, rows_of, shown, subject_of
from app.scheduling.errors import AlreadyThere, NotUndoable
from app.scheduling.models import CalendarChange, RulebookVersion, SegmentRow
from app.scheduling.policy_kinds import DecisionMaker, LeastOnSite, NotTogether, Policy
from app.scheduling.touched import Row, Touch, Touched
from app.scheduling.working_time import DayOff, Hours


class Wish(msgspec.Struct, frozen=True):
    """That the row ``id`` of a kind become ``row``: without an id it is added, without a row it holds no more."""

    kind: str
    row: Row | None
    id: int = 0


# Who may


def may_look(actor: Actor) -> bool:
    """Whether somebody may see beforehand how many a change would touch."""
    return keeps_rules(actor)


def may_change(session: Session, actor: Actor, row: Row) -> bool:
    """Whether the actor may change a row: the nation's only as an operator, others as an officer of their agency."""
    return rules.may_administer(actor, _agency_of(session, actor, row))


def _agency_of(session: Session, actor: Actor, row: Row) -> int | None:
    if isinstance(row, Hours) and row.person_id is not None:
        return people.employee_for(session, actor, row.person_id, may=lambda *_: True).agency_id
    if isinstance(row, Hours | Policy):
        return unit_by_id(session, row.unit_id).agency_id if row.unit_id is not None else row.agency_id
    return None


# Beforehand


def preview(session: Session, actor: Actor, wishes: Sequence[Wish], *, now: datetime) -> Touch:
    """How many plans, desks and people the changes would touch together, written nowhere.

    Raises NotFound, Invalid, Forbidden for whoever is no officer, and for another agency's rows.
    """
    if not may_look(actor):
        raise Forbidden
    found = Touched()
    for wish in wishes:
        before, after = asked(session, actor, wish, now=now)
        for row in (before, after):
            if row is not None and _agency_of(session, actor, row) and not may_change(session, actor, row):
                raise Forbidden
        found = found.and_also(touched.touched(session, before, after, now=now))
    return found.count


def asked(session: Session, actor: Actor, wish: Wish, *, now: datetime) -> tuple[Row | None, Row | None]:
    """The row as it is and as it is to be."""
    before = row_of(session, wish.kind, wish.id) if wish.id else None
    if wish.row is None:
        if before is None:
            raise Invalid(problem="row, id")
        return before, ended(before, touched.today(session, now=now))
    after = msgspec.structs.replace(wish.row, id=wish.id)
    _check(session, actor, after)
    return before, after


def ended(row: Row, on: date) -> Row | None:
    """The row when it holds no more from ``on`` on. Days off and seasons are called off, and stay on record; hours and
    policies end the day before, or go if they haven't begun."""
    if not isinstance(row, Hours | Policy):
        return msgspec.structs.replace(row, state="cancelled")
    if row.from_on >= on:
        return None
    last = on - timedelta(days=1)
    return row if row.until_on is not None and row.until_on <= last else msgspec.structs.replace(row, until_on=last)


def _check(session: Session, actor: Actor, row: Row) -> None:
    """Raises Invalid for places and people that aren't there, or aren't the row's agency's."""
    known = {site.id for site in sites.sites(session)}
    named = {getattr(row, "site_id", None)} - {None}
    if isinstance(row, Policy):
        rule = row.rule
        named |= {rule.site_id} - {None} if isinstance(rule, LeastOnSite) else set()
        named |= set(rule.site_ids) if isinstance(rule, DecisionMaker) else set()
        if isinstance(rule, NotTogether) and set(rule.people) - set(
            people.names_for(session, actor, _small(rule.people))
        ):
            raise Invalid(problem="rule.people")
    if named - known:
        raise Invalid(problem="site_id")
    if isinstance(row, Hours | Policy):
        try:
            agency = _agency_of(session, actor, row)
        except NotFound as error:
            raise Invalid(problem="unit_id, person_id") from error
        if agency is not None and (row.agency_id not in (None, agency) or agency not in agency_ids(session).values()):
            raise Invalid(problem="agency_id")


def _small(ids: Sequence[int]) -> list[int]:
    return [id for id in ids if 0 < id < 2**31]


# Carrying out


def apply(session: Session, actor: Actor, wishes: Sequence[Wish], *, now: datetime) -> list[Change]:
    """Make the changes: rows, desks, notices and journal in this one transaction.

    Raises NotFound, Invalid, Forbidden, AlreadyThere for a row to add that is there already.
    """
    _lock(session)
    made = [_apply(session, actor, wish, now=now) for wish in wishes]
    return [shown(change, actor.name, made) for change in made]


def _lock(session: Session) -> None:
    """Changes go one after another; on SQLite they do by themselves."""
    session.execute(select(RulebookVersion.id).with_for_update(key_share=True))


def _apply(session: Session, actor: Actor, wish: Wish, *, now: datetime) -> CalendarChange:
    before, after = asked(session, actor, wish, now=now)
    if before == after:
        raise AlreadyThere
    if not all(may_change(session, actor, row) for row in (before, after) if row is not None):
        raise Forbidden
    if before is None and any(msgspec.structs.replace(row, id=0) == after for row in rows_of(session, wish.kind)):
        raise AlreadyThere
    found = touched.touched(session, before, after, now=now, lock=True)
    id = _write(session, wish.kind, before, after)
    kept = day_off_desks.cancel_all(session, found.desks, actor_id=actor.id, now=now)
    count = found.count
    change = CalendarChange(
        subject=f"{wish.kind}:{id}",
        before=plain(before),
        after=plain(msgspec.structs.replace(after, id=id) if after is not None else None),
        bookings=msgspec.to_builtins(kept),
        plans=count.plans,
        people=count.people,
        by_id=actor.id,
        at=now,
    )
    session.add(change)
    session.flush()
    change_notices.tell(session, before, after, found, f"calendar-change:{change.id}", now=now)
    _record(session, "changed", change, actor, now=now)
    return change


def _write(session: Session, kind: str, before: Row | None, after: Row | None) -> int:
    """The id of the row, written. The rules are another version at once: whatever reads them later in this transaction must
    not be remembered as the version before, which stays the present one if the transaction fails."""
    id = _written(session, kind, before, after)
    rulebook.changed(session)
    return id


def _written(session: Session, kind: str, before: Row | None, after: Row | None) -> int:
    table: type[Base] = KINDS[kind].table
    key: Any = table.__table__.c.id
    if after is None:
        assert before is not None
        session.execute(delete(table).where(key == before.id))
        return before.id
    values = {name: value for name, value in msgspec.structs.asdict(after).items() if name != "id"}
    if isinstance(after, Policy):
        values["rule"] = msgspec.to_builtins(after.rule)
    if before is None:
        more = {"id": after.id} if after.id else {}
        return int(session.scalar(insert(table).values(**values, **more).returning(key)) or 0)
    session.execute(update(table).where(key == before.id).values(**values))
    return before.id


def sweep(session: Session, change_id: int, *, actor_id: int, now: datetime) -> int:
    """Give back what somebody booked on a new day off in the very moment it became one, having read the rules before;
    returns how many. It runs after the change is committed: whoever begins to book from then on reads the new ones.
    """
    known = [site.id for site in sites.sites(session)]
    day_off_desks.wait_for_bookers(session, known)
    change = session.get_one(CalendarChange, change_id, with_for_update={"key_share": True})
    before, after = (read("day-off", row) for row in (change.before, change.after))
    days = frozenset(row.on for row in (before, after) if isinstance(row, DayOff))
    calendar = rulebook.current(session).calendar
    late = [
        desk
        for on in sorted(days)
        for desk in day_off_desks.desks_on(
            session, on, [site for site in known if calendar.day_off(site, on)], now=now, lock=True
        )
    ]
    if late:
        kept = day_off_desks.cancel_all(session, late, actor_id=actor_id, now=now)
        change.bookings = [*change.bookings, *msgspec.to_builtins(kept)]
        found = Touched(desks=tuple(late), off=days)
        change_notices.tell(session, before, after, found, f"calendar-change:{change.id}:late", now=now)
    return len(late)


# Undoing


def undo(session: Session, actor: Actor, change_id: int, *, now: datetime) -> Change:
    """Make everything what it was before a change, its desks included as far as nobody else has them.

    Raises NotFound, Forbidden, NotUndoable if it was undone already or another change followed it.
    """
    _lock(session)
    change = session.get(CalendarChange, change_id)
    if change is None:
        raise NotFound(change_id=change_id)
    kind, id = subject_of(change)
    before, after = (read(kind, row) for row in (change.before, change.after))
    if not all(may_change(session, actor, row) for row in (before, after) if row is not None):
        raise Forbidden
    later = session.scalars(select(CalendarChange).where(CalendarChange.id > change.id)).all()
    if change.undone_at or any(follows(one, change) for one in later) or find(session, kind, id) != after:
        raise NotUndoable
    found = touched.touched(session, after, before, now=now, lock=True)
    _write(session, kind, after, before)
    day_off_desks.cancel_all(session, found.desks, actor_id=actor.id, now=now)
    kept = _still_planned(session, shapes.convert(change.bookings, list[Kept]))
    back = day_off_desks.restore(session, kept, actor_id=actor.id, now=now)
    change.undone_at = now
    cause = f"calendar-change:{change.id}:undone"
    change_notices.tell(session, after, before, found, cause, back=frozenset(desk.person_id for desk in back), now=now)
    _record(session, "undone", change, actor, now=now)
    session.flush()
    return shown(change, people.name_of(session, change.by_id) or "", [])


def _still_planned(session: Session, kept: list[Kept]) -> list[Kept]:
    """Without the desks whose part of a plan was given up meanwhile."""
    parts = [one.segment_id for one in kept if one.segment_id is not None]
    ended: set[int] = set()
    for start in range(0, len(parts), day_off_desks.CHUNK):
        some = parts[start : start + day_off_desks.CHUNK]
        ended |= set(
            session.scalars(select(SegmentRow.id).where(SegmentRow.id.in_(some), SegmentRow.active.is_(False)))
        )
    return [one for one in kept if one.segment_id not in ended]


def _record(session: Session, verb: str, change: CalendarChange, actor: Actor, *, now: datetime) -> None:
    facts = {"subject": change.subject, "before": change.before, "after": change.after}
    journal.record(session, verb, "calendar-change", change.id, actor_id=actor.id, at=now, facts=facts)
