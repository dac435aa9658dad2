"""What a person's week stands on: whose it is, the rules in force, and each day's working hours."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, weeks
from app.db.hot import Hot
from app.errors import Invalid
from app.ids import minute_of
from app.people import service as people
from app.people.access import Actor
from app.people.rules import may_arrange_for
from app.people.service import Employee
from app.scheduling import rulebook, rules
from app.scheduling.plans import Part
from app.scheduling.rulebook import Rulebook
from app.scheduling.rules import PlannedDay, Planner, Segment, Week
from app.scheduling.shapes import SegmentIn
from app.scheduling.working_time import Day, Whose
from app.sites import Site, SiteOut

_SITES = Hot[Any](select(Site.id, Site.code, Site.name, Site.zone, rulebook.VERSION).order_by(Site.id))
"""All sites, and in the same question the version of the rules."""


class Ground(msgspec.Struct, frozen=True):
    """``days`` are the seven days of the week at the person's posting; ``today`` is the date there."""

    person: Employee
    sites: dict[int, SiteOut]
    book: Rulebook
    monday: date
    days: dict[date, Day]
    today: date

    @property
    def planner(self) -> Planner:
        person = self.person
        return Planner(
            person.id,
            person.agency_id,
            person.unit_id,
            person.unit_lineage,
            person.unit_kind,
            person.level,
            person.eligible,
            person.site_id,
        )

    def zone(self, site_id: int) -> str:
        return self.sites[site_id].zone

    def hours(self, on: date, site_id: int) -> Day:
        """The working day of a date at a site, for this person."""
        if site_id == self.person.site_id:
            return self.days[on]
        return self.book.calendar.day(on, whose(self.person, site_id), self.zone(site_id))

    def office_day(self, on: date) -> tuple[Segment, ...]:
        """A whole day at the own office; nothing on a day off."""
        day = self.days[on]
        if not day.spans:
            return ()
        return (Segment(day.starts, _ends(day), rules.Mode.WFO, self.person.site_id),)

    def week(self, segments: dict[date, tuple[Segment, ...]]) -> Week:
        """The week as the policies look at it."""
        days = (PlannedDay(on, day.kind, day.minutes_owed, segments.get(on, ())) for on, day in self.days.items())
        return Week(self.planner, tuple(days))

    def resolved(self, part: Part, on: date) -> Segment:
        """A stored part with the hours it has now: a whole one follows the working day."""
        day = self.hours(on, part.segment.site_id)
        if not part.whole or not day.spans:
            return part.segment
        return msgspec.structs.replace(part.segment, starts=day.starts, ends=_ends(day))

    def read(self, wanted: SegmentIn, on: date) -> tuple[Segment, bool]:
        """What was written, and whether that is the whole working day, which it then follows.

        Work at an office that isn't one's posting is work at another
        office, whatever it was called (PermenPANRB 4/2025). Raises Invalid."""
        site_id = wanted.site_id or self.person.site_id
        mode = wanted.mode
        if mode in rules.AT_OFFICE:
            mode = rules.Mode.WFO if site_id == self.person.site_id else rules.Mode.OTHER_OFFICE
        day = self.hours(on, site_id)
        if (wanted.starts is None) != (wanted.ends is None):
            raise Invalid(problem=f"days.{on}: starts, ends")
        starts = day.starts if wanted.starts is None else minute_of(wanted.starts)
        ends = _ends(day) if wanted.ends is None else minute_of(wanted.ends)
        whole = bool(day.spans) and (starts, ends) == (day.starts, _ends(day))
        return Segment(starts, ends, mode, site_id, wanted.letter.strip()), whole


def _ends(day: Day) -> int:
    """When the day ends, at midnight for a night shift: what follows belongs to the next day's plan."""
    return min(day.ends, 1440)


def whose(person: Employee, site_id: int) -> Whose:
    return Whose(site_id, person.agency_id, person.unit_lineage, person.id)


def ground(session: Session, actor: Actor, person_id: int, week: str, *, now: datetime) -> Ground:
    """Raises Invalid for a week that can't be read, NotFound and Forbidden for a person whom the actor may not plan for."""
    monday = monday_in(week)
    if person_id == actor.id:
        return ground_of(session, people.itself(actor), monday, now=now)
    person = people.employee_for(session, actor, person_id, may=may_arrange_for)
    return ground_of(session, person, monday, now=now)


def monday_in(week: str) -> date:
    """Raises Invalid for what isn't written as a week."""
    try:
        return weeks.monday_of(week)
    except ValueError as error:
        raise Invalid(problem="week") from error


def ground_of(session: Session, person: Employee, monday: date, *, now: datetime) -> Ground:
    rows = _SITES.rows(session, {})
    known = {id: SiteOut(id, code, name, zone, clock.zone_name(zone)) for id, code, name, zone, _ in rows}
    book = rulebook.of_version(session, rows[0][4] if rows else None)
    zone = known[person.site_id].zone
    of = whose(person, person.site_id)
    days = {on: book.calendar.day(on, of, zone) for on in weeks.days_of(monday)}
    return Ground(person, known, book, monday, days, clock.local_date(now, zone))
