"""Working hours and approved plans of people around an instant, as spans: what live presence reads of week plans."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app import clock
from app.db.many import HotForMany
from app.scheduling import rulebook
from app.scheduling.availability import Employed, Part, parts_of
from app.scheduling.models import PlanDay, WeekPlan
from app.scheduling.rules import DayState, Mode
from app.scheduling.working_time import Calendar, Day, Whose
from app.sites import sites
from app.spans import Span, on_day

Whereabouts = Literal["site", "home", "elsewhere", "leave"]
_WHERE: dict[Mode, Whereabouts] = {
    Mode.WFO: "site",
    Mode.OTHER_OFFICE: "site",
    Mode.WFH: "home",
    Mode.WFA: "elsewhere",
    Mode.TRAVEL: "elsewhere",
    Mode.LEAVE: "leave",
}


class PlannedPart(msgspec.Struct, frozen=True):
    """A part of an approved day; ``site_id`` is the office where ``where`` is "site"."""

    span: Span
    where: Whereabouts
    site_id: int | None


class Planned(msgspec.Struct, frozen=True):
    """``hours`` are whole working days, breaks included, at the office whose hours they keep."""

    hours: tuple[Span, ...]
    parts: tuple[PlannedPart, ...]


_APPROVED = HotForMany(lambda ids: parts_of(ids, PlanDay.state == DayState.APPROVED.value), Part)


def around(session: Session, people: Iterable[Employed], *, now: datetime) -> dict[int, Planned]:
    """Hours and approved parts of yesterday, today and tomorrow, by person. Each date is read on the wall of the office where
    they work then, which is that of their posting unless they planned another. Whoever asks has checked that they may know.
    """
    everybody = list(people)
    zones = {site.id: site.zone for site in sites(session)}
    calendar = rulebook.current(session).calendar
    first, last = now.date() - timedelta(days=1), now.date() + timedelta(days=2)
    rows: dict[int, list[Part]] = {}
    for row in _APPROVED.rows(session, (one.id for one in everybody), {"from_on": first, "until_on": last}):
        rows.setdefault(row.person_id, []).append(row)
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {one.id: _planned(one, rows.get(one.id, ()), dates, calendar, zones) for one in everybody}


def _planned(
    person: Employed, rows: Iterable[Part], dates: list[date], calendar: Calendar, zones: dict[int, str]
) -> Planned:
    def day(on: date, site_id: int) -> Day:
        return calendar.day(on, Whose(site_id, person.agency_id, person.unit_lineage, person.id), zones[site_id])

    parts: list[PlannedPart] = []
    offices: dict[date, int] = {}
    for row in rows:
        mode = Mode(row.mode)
        if mode is Mode.OTHER_OFFICE:
            offices[row.on] = row.site_id
        hours = day(row.on, row.site_id)
        whole = row.whole and hours.spans
        starts, ends = (hours.starts, min(hours.ends, 1440)) if whole else (row.starts, row.ends)
        where = _WHERE[mode]
        span = on_day(row.on, starts, ends, zones[row.site_id])
        parts.append(PlannedPart(span, where, row.site_id if where == "site" else None))
    days = [day(on, offices.get(on, person.site_id)) for on in dates]
    working = tuple(Span(one.spans[0].starts_at, one.spans[-1].ends_at) for one in days if one.spans)
    return Planned(working, tuple(parts))


def local_midnight(session: Session, site_id: int, *, now: datetime) -> datetime:
    """The end of the local date at a site."""
    zone = next(site.zone for site in sites(session) if site.id == site_id)
    return clock.instant_of(clock.local_date(now, zone), 1440, zone)


_MARK = HotForMany[tuple[int, int]](
    lambda ids: select(func.count(WeekPlan.id), func.coalesce(func.sum(WeekPlan.version), 0)).where(
        WeekPlan.person_id.in_(ids), WeekPlan.monday_on >= bindparam("monday")
    )
)


def mark_of(session: Session, people: Iterable[int], monday: date) -> list[int]:
    """Something that changes whenever a plan of these people does, of a week or a later one: compare it, nothing more."""
    rows = _MARK.rows(session, people, {"monday": monday})
    return [int(number) for number in rows[0]] if rows else [0, 0]
