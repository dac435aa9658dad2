"""The dated rules of all places, read once per version: a few hundred rows that change a few times a week.

No availability is kept here. The version is read in the same statement as the place it is asked for, so a change of rules
holds from the next request on, in every process.
"""

from __future__ import annotations

import secrets

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.db.hot import Hot
from app.db.work import one_moment
from app.rooms.models import Allotment, Closure, HouseRule, HouseVersion
from app.rooms.rules import AllotmentRow, ClosureRow, DayOffRow, House, HouseRules, RuleRow
from app.scheduling import rulebook
from app.spans import Span

SETTINGS = HouseRules.__struct_fields__

_own = select(HouseVersion.number).scalar_subquery()
VERSION = func.coalesce(_own, 0) + func.coalesce(rulebook.VERSION, 0)
"""Both versions in one, as days off come from the rulebook. They are random numbers: two sums are never equal by chance."""
_VERSION = Hot(select(VERSION), int)

_known: dict[int, House] = {}


def current(session: Session) -> House:
    """The rules as this transaction sees them."""
    return of_version(session, _VERSION.first(session, {}))


def of_version(session: Session, version: int | None) -> House:
    """The rules of a version just read in this transaction."""
    version = version or 0
    if (house := _known.get(version)) is None:
        one_moment(session)
        if len(_known) > 8:
            _known.clear()
        house = _load(session)
        if version:
            _known[version] = house
    return house


def changed(session: Session) -> None:
    """Say that rules, allotments or closures changed in this transaction. Versions are random, not counted, so
    two databases of one process never share one."""
    number = secrets.randbits(48)
    if not session.connection().execute(update(HouseVersion).values(number=number)).rowcount:
        session.execute(insert(HouseVersion).values(id=1, number=number))


def _load(session: Session) -> House:
    rules = [
        RuleRow(
            rule.from_on,
            rule.until_on,
            rule.floor_id,
            rule.agency_id,
            rule.weekday,
            rule.basis,
            {name: value for name in SETTINGS if (value := getattr(rule, name)) is not None},
        )
        for rule in session.scalars(select(HouseRule).order_by(HouseRule.id))
    ]
    allotments = session.execute(
        select(Allotment.area_id, Allotment.agency_id, Allotment.unit_id, Allotment.from_on, Allotment.until_on)
    )
    closures = [
        ClosureRow(row.site_id, row.floor_id, row.area_id, row.space_id, Span(row.starts_at, row.ends_at), row.reason)
        for row in session.scalars(select(Closure))
    ]
    days = (
        DayOffRow(day.site_id, day.on, day.name, day.name_en, day.basis) for day in rulebook.current(session).days_off()
    )
    return House(rules, (AllotmentRow(*row) for row in allotments), closures, days)
