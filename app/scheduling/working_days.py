"""Working time as programs read it: each local date of a site, as it is to the one who asks."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy.orm import Session

from app import sites
from app.errors import Invalid
from app.people.access import Actor
from app.scheduling import rulebook
from app.scheduling.working_time import Day, DayKind, HoursKind, State, Whose
from app.spans import Span

MOST_DAYS = 400


class DayOut(msgspec.Struct, frozen=True):
    """A local date at the norm. ``spans`` are instants of work, net of ``breaks``, and add up to ``minutes_owed``; a day off
    has neither. One may start up to ``flexi_band_minutes`` later and then ends as much later."""

    on: date
    day_kind: DayKind
    name: str
    name_en: str
    basis: str
    state: State
    minutes_owed: int
    spans: tuple[Span, ...]
    breaks: tuple[Span, ...]
    season: str
    flexi_band_minutes: int
    hours_kind: HoursKind


class WorkingTime(msgspec.Struct, frozen=True):
    """``zone`` is the site's IANA name, on whose wall the dates are."""

    zone: str
    items: list[DayOut]
    next: str | None = None


def working_time(session: Session, actor: Actor, site_id: int, from_on: date, until_on: date) -> WorkingTime:
    """Raises NotFound, Invalid for a range that is backwards, too long, or outside the years 2000 to 2100."""
    site = sites.site(session, site_id)
    if not 0 <= (until_on - from_on).days < MOST_DAYS or not 2000 <= from_on.year <= until_on.year <= 2100:
        raise Invalid(problem="from, to")
    whose = Whose(site.id, actor.agency_id, actor.unit_lineage, actor.id)
    days = rulebook.current(session).calendar.days(from_on, until_on, whose, site.zone)
    return WorkingTime(site.zone, [_out(day) for day in days])


def _out(day: Day) -> DayOut:
    return DayOut(
        day.on,
        day.kind,
        day.name,
        day.name_en,
        day.basis,
        day.state,
        day.minutes_owed,
        day.spans,
        day.breaks,
        day.season,
        day.flexi_band_minutes,
        day.hours_kind,
    )
