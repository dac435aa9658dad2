"""Changes of the dated tables: looked at beforehand, carried out in one transaction, told to each owner once, undone exactly.

Plans are never rewritten: a day that is off owes nothing and its parts don't count; they count again when it is one no
more. Desks on it are cancelled, and taken up again by the undoing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app import journal, notices, sites
from app.db import Base
from app.errors import Forbidden, Invalid, NotFound
from app.people import service as people
from app.people.access import Actor
from app.people.rules import Role
from app.rooms import day_off_desks
from app.rooms.day_off_desks import Kept
from app.scheduling import rulebook, rules, touched
from app.scheduling.errors import AlreadyThere, NotUndoable
from app.scheduling.models import CalendarChange, DayOffRow, HoursRow, PolicyRow, RulebookVersion, SeasonRow, SegmentRow
from app.scheduling.policy_kinds import DecisionMaker, LeastOnSite, NotTogether, Policy
from app.scheduling.touched import Row, Touch, Touched
from app.scheduling.working_time import DayOff, Hours, Season

OFFICERS = frozenset({Role.HR_OFFICER, Role.AGENCY_ADMIN, Role.OPERATOR})

KINDS: dict[str, tuple[type[Any], type[Any]]] = {
    "day-off": (DayOff, DayOffRow),
    "season": (Season, SeasonRow),
    "work-hours": (Hours, HoursRow),
    "policy": (Policy, PolicyRow),
}
"""What a row is, and its table, by the kind of subject."""
MOST_SHOWN = 50


class Wish(msgspec.Struct, frozen=True):
    """That the row ``id`` of a kind become ``row``: without an id it is added, without a row it goes."""

    kind: str
    row: Row | None
    id: int = 0


class Change(msgspec.Struct, frozen=True):
    """A change that was made. ``before`` and ``after`` are the row as it was and became, ``undoable`` that it can be taken
    back now, as far as the order of changes goes."""

    id: int
    kind: str
    subject_id: int
    before: Row | None
    after: Row | None
    plans: int
    desks: int
    people: int
    by: str
    at: datetime
    undone_at: datetime | None
    undoable: bool


# Reading


def row_of(session: Session, kind: str, id: int) -> Row:
    """Raises NotFound."""
    if (found := _row(session, kind, id)) is None:
        raise NotFound(id=id)
    return found


def rows_of(session: Session, kind: str) -> list[Any]:
    """Every row of a kind, those called off too."""
    every: dict[str, Any] = {
        "day-off": rulebook.days_off_of,
        "season": rulebook.seasons_of,
        "work-hours": rulebook.hours_of,
        "policy": rulebook.policies_of,
    }
    return every[kind](session)  # type: ignore[no-any-return]


def _row(session: Session, kind: str, id: int) -> Row | None:
    return next((row for row in rows_of(session, kind) if row.id == id), None)


def changes(session: Session, kind: str | None = None, *, limit: int = MOST_SHOWN) -> list[Change]:
    """Changes, the latest first. What they were is everybody's to see, as are the rules themselves."""
    these = select(CalendarChange).order_by(CalendarChange.id.desc()).limit(limit)
    if kind is not None:
        these = these.where(CalendarChange.subject.startswith(f"{kind}:"))
    found = list(session.scalars(these))
    names = {id: people.name_of(session, id) or "" for id in {change.by_id for change in found}}
    return [_shown(change, names[change.by_id], found) for change in found]


def _shown(change: CalendarChange, by: str, every: Sequence[CalendarChange]) -> Change:
    kind, _, id = change.subject.partition(":")
    row = KINDS[kind][0]
    undoable = change.undone_at is None and not any(_follows(later, change) for later in every)
    return Change(
        change.id,
        kind,
        int(id),
        msgspec.convert(change.before, row) if change.before else None,
        msgspec.convert(change.after, row) if change.after else None,
        change.plans,
        len(change.bookings),
        change.people,
        by,
        change.at,
        change.undone_at,
        undoable,
    )


def _follows(later: CalendarChange, change: CalendarChange) -> bool:
    """Whether a later change stands on this one: it is of the same row, or of another day off on the same date, whose desks
    were cancelled by whichever came first."""
    if later.id <= change.id or later.undone_at is not None:
        return False
    return later.subject == change.subject or bool(_days(later) & _days(change))


def _days(change: CalendarChange) -> set[str]:
    if not change.subject.startswith("day-off:"):
        return set()
    return {row["on"] for row in (change.before, change.after) if row}


# Who may


def may_look(actor: Actor) -> bool:
    """Whether somebody may see beforehand how many a change would touch."""
    return bool(actor.roles & OFFICERS)


def may_change(session: Session, actor: Actor, row: Row) -> bool:
    """Whether the actor may change a row: the nation's only as an operator, others as an officer of their agency."""
    return rules.may_administer(actor, _agency_of(session, actor, row))


def _agency_of(session: Session, actor: Actor, row: Row) -> int | None:
    if isinstance(row, Hours) and row.person_id is not None:
        return people.employee_for(session, actor, row.person_id, may=lambda *_: True).agency_id
    if isinstance(row, Hours | Policy):
        return people.unit(session, row.unit_id).agency_id if row.unit_id is not None else row.agency_id
    return None


# Beforehand


def preview(session: Session, actor: Actor, wishes: Sequence[Wish], *, now: datetime) -> Touch:
    """How many plans, desks and people the changes would touch together. Raises NotFound, Invalid, Forbidden for whoever
    is no officer."""
    if not may_look(actor):
        raise Forbidden
    found = Touched()
    for wish in wishes:
        before, after = _asked(session, actor, wish)
        found = found.and_also(touched.touched(session, before, after, now=now))
    return found.count


def _asked(session: Session, actor: Actor, wish: Wish) -> tuple[Row | None, Row | None]:
    """The row as it is and as it is to be."""
    before = row_of(session, wish.kind, wish.id) if wish.id else None
    after = msgspec.structs.replace(wish.row, id=wish.id) if wish.row is not None else None
    if after is not None:
        _check(session, actor, after)
    return before, after


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
        if agency is not None and (
            row.agency_id not in (None, agency) or agency not in people.agency_ids(session).values()
        ):
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
    rulebook.changed(session)
    return [_shown(change, actor.name, made) for change in made]


def _lock(session: Session) -> None:
    """Changes go one after another; on SQLite they do by themselves."""
    session.execute(select(RulebookVersion.id).with_for_update(key_share=True))


def _apply(session: Session, actor: Actor, wish: Wish, *, now: datetime) -> CalendarChange:
    before, after = _asked(session, actor, wish)
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
        before=_plain(before),
        after=_plain(msgspec.structs.replace(after, id=id) if after is not None else None),
        bookings=msgspec.to_builtins(kept),
        plans=count.plans,
        people=count.people,
        by_id=actor.id,
        at=now,
    )
    session.add(change)
    session.flush()
    _tell(session, wish.kind, before, after, found, f"calendar-change:{change.id}", now=now)
    _record(session, "changed", change, actor, now=now)
    return change


def _write(session: Session, kind: str, before: Row | None, after: Row | None) -> int:
    """The id of the row, written."""
    table: type[Base] = KINDS[kind][1]
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


def _plain(row: Row | None) -> dict[str, Any] | None:
    return msgspec.to_builtins(row) if row is not None else None


def sweep(session: Session, actor: Actor, change_id: int, *, now: datetime) -> int:
    """Give back what somebody booked on a new day off in the very moment it became one, having read the rules before;
    returns how many. It runs after the change is committed: from then on nobody reads the old ones.
    """
    change = session.get_one(CalendarChange, change_id, with_for_update={"key_share": True})
    before, after = (msgspec.convert(row, DayOff) if row else None for row in (change.before, change.after))
    days: set[date] = {row.on for row in (before, after) if row}
    calendar = rulebook.current(session).calendar
    late = [
        desk
        for on in sorted(days)
        for desk in day_off_desks.desks_on(
            session, on, [site.id for site in sites.sites(session) if calendar.day_off(site.id, on)], now=now, lock=True
        )
    ]
    if late:
        kept = day_off_desks.cancel_all(session, late, actor_id=actor.id, now=now)
        change.bookings = [*change.bookings, *msgspec.to_builtins(kept)]
        told = Touched(desks=tuple(late), off=frozenset(days))
        _tell(session, "day-off", before, after, told, f"calendar-change:{change.id}:late", now=now)
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
    kind, _, id = change.subject.partition(":")
    shape = KINDS[kind][0]
    before: Row | None = msgspec.convert(change.before, shape) if change.before else None
    after: Row | None = msgspec.convert(change.after, shape) if change.after else None
    if not all(may_change(session, actor, row) for row in (before, after) if row is not None):
        raise Forbidden
    later = session.scalars(select(CalendarChange).where(CalendarChange.id > change.id)).all()
    if change.undone_at or any(_follows(one, change) for one in later) or _row(session, kind, int(id)) != after:
        raise NotUndoable
    found = touched.touched(session, after, before, now=now, lock=True)
    _write(session, kind, after, before)
    day_off_desks.cancel_all(session, found.desks, actor_id=actor.id, now=now)
    kept = _still_planned(session, msgspec.convert(change.bookings, list[Kept]))
    back = day_off_desks.restore(session, kept, actor_id=actor.id, now=now)
    change.undone_at = now
    told = msgspec.structs.replace(found, desks=(*found.desks, *back))
    _tell(session, kind, after, before, told, f"calendar-change:{change.id}:undone", now=now)
    _record(session, "undone", change, actor, now=now)
    rulebook.changed(session)
    session.flush()
    return _shown(change, people.name_of(session, change.by_id) or "", [])


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


# Telling


def _tell(
    session: Session, kind: str, before: Row | None, after: Row | None, found: Touched, cause: str, *, now: datetime
) -> None:
    """One notice for each owner. A policy tells nobody: what it means is said at the plan that it concerns."""
    if kind == "day-off":
        gone = {person for person, on in found.plans if on in found.off} | (
            found.desk_owners if found.off else frozenset()
        )
        with_desk = found.desk_owners
        for name, row, owners in (
            ("day-off-added", after, gone),
            ("day-off-removed", before, found.owners - gone),
        ):
            facts = _day_facts(row)
            notices.tell(session, owners & with_desk, name, cause, facts=facts | {"desk": True}, at=now)
            notices.tell(session, owners - with_desk, name, cause, facts=facts, at=now)
    elif kind in ("season", "work-hours"):
        row = after or before
        assert isinstance(row, Season | Hours)
        until = row.until_on.isoformat() if row.until_on else None
        facts = {"from": row.from_on.isoformat(), "until": until, "basis": row.basis}
        name = "season-changed" if kind == "season" else "hours-changed"
        notices.tell(session, found.owners, name, cause, facts=facts, at=now)


def _day_facts(row: Row | None) -> dict[str, Any]:
    if not isinstance(row, DayOff):
        return {}
    return {"on": row.on.isoformat(), "name": row.name, "name_en": row.name_en, "basis": row.basis}


def _record(session: Session, verb: str, change: CalendarChange, actor: Actor, *, now: datetime) -> None:
    facts = {"subject": change.subject, "before": change.before, "after": change.after}
    journal.record(session, verb, "calendar-change", change.id, actor_id=actor.id, at=now, facts=facts)
