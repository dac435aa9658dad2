"""The team board: where the people of a unit are planned to be in a week, and how many of them are at which office.

Everybody who may see the board counts the same numbers. What a single day says depends on who looks: leave has no name for
colleagues, and a draft has no content for anybody but its owner.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from app import clock, sites, weeks
from app.errors import Forbidden, NotFound
from app.people.access import Actor
from app.people.members import Member, members_of
from app.people.rules import may_arrange_for
from app.people.units import UnitOut, unit_by_id
from app.scheduling import coverage, rulebook, rules, whereabouts
from app.scheduling.coverage import Meter, Shortfall
from app.scheduling.ground import monday_in
from app.scheduling.policy_kinds import Policy
from app.scheduling.rules import COUNTED, DayState, Mode, Segment
from app.scheduling.whereabouts import Planned, Presence
from app.scheduling.working_time import Day, Whose
from app.sites import SiteOut

MOST_PEOPLE = 200
"""People on one board; the meters count everybody all the same."""
UNAVAILABLE = "unavailable"
"""What leave is to colleagues: that somebody is away is theirs to know, why isn't."""
OPEN = frozenset({DayState.SUBMITTED, DayState.APPROVED, DayState.RETURNED})
"""States of days that colleagues see."""


class Slot(msgspec.Struct, frozen=True, gc=False):
    """Half a day: ``mode`` is one of ``Mode`` or ``unavailable``, ``site_id`` the office, null outside all of them."""

    mode: str
    site_id: int | None = None


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One person's day, before (``am``) and after (``pm``) the break; null on a day off. What isn't planned, or isn't the
    reader's to see, counts as work at the own office and has ``state`` null."""

    state: DayState | None
    am: Slot | None
    pm: Slot | None


class OnBoard(msgspec.Struct, frozen=True):
    """Somebody on the board; ``site_id`` is the posting."""

    person_id: int
    name: str
    title: str
    unit_id: int
    site_id: int
    days: dict[date, Cell]


class BoardDay(msgspec.Struct, frozen=True):
    """A column; ``name`` says what a day is off for on which nobody of the unit works."""

    on: date
    working: bool
    name: str = ""
    name_en: str = ""


class Coverage(msgspec.Struct, frozen=True):
    """How many people of a unit and those below it are at which office, part by part; what was asked for counts as well as
    what was approved, and whoever planned nothing is at the office of their posting. ``about`` is the unit of each policy
    that names one."""

    unit_id: int
    unit: str
    week: str
    days: tuple[BoardDay, ...]
    meters: tuple[Meter, ...]
    shortfalls: tuple[Shortfall, ...]
    about: dict[int, int]
    sites: dict[int, SiteOut]


class Board(msgspec.Struct, frozen=True):
    """``next`` is where the following people start, None if all are here; ``total`` is how many there are in all."""

    agency_id: int
    coverage: Coverage
    people: tuple[OnBoard, ...]
    total: int
    next: int | None = None


def board_for(
    session: Session,
    actor: Actor,
    unit_id: int,
    week: str | None,
    *,
    after: int = 0,
    most: int | None = MOST_PEOPLE,
    now: datetime,
) -> Board:
    """The board of a unit and all below it in an ISO week, the present one at the actor's posting if absent.

    ``after`` people are passed over and ``most`` shown at most, by name. Raises Invalid, NotFound, Forbidden.
    """
    team = _team(session, actor, unit_id, week, now=now)
    shown = team.members[after : None if most is None else after + most]
    cells = tuple(
        OnBoard(
            member.id,
            member.name,
            member.title,
            member.unit_id,
            member.site_id,
            team.cells(actor, member),
        )
        for member in shown
    )
    rest = after + len(shown)
    more = rest if rest < len(team.members) else None
    return Board(team.unit.agency_id, team.coverage(), cells, len(team.members), more)


def coverage_for(session: Session, actor: Actor, unit_id: int, week: str | None, *, now: datetime) -> Coverage:
    """The presence of a unit and all below it, against the rules about them. Raises Invalid, NotFound, Forbidden."""
    return _team(session, actor, unit_id, week, now=now).coverage()


def unit_for(session: Session, actor: Actor, unit_id: int) -> UnitOut:
    """A unit whose board the actor may see. Raises NotFound for one of an agency whose people they may not know, Forbidden
    for any other."""
    unit = unit_by_id(session, unit_id)
    if rules.may_see_board(actor, unit):
        return unit
    if actor.agency_id != unit.agency_id:
        raise NotFound(unit_id=unit_id)
    raise Forbidden(unit_id=unit_id)


def _monday(session: Session, actor: Actor, week: str | None, *, now: datetime) -> date:
    """The Monday of a week as written, or of the present one at the actor's posting. Raises Invalid."""
    if not week:
        today = clock.local_date(now, sites.site(session, actor.site_id).zone)
        return today - timedelta(days=today.weekday())
    return monday_in(week)


def _team(session: Session, actor: Actor, unit_id: int, week: str | None, *, now: datetime) -> _Team:
    unit = unit_for(session, actor, unit_id)
    monday = _monday(session, actor, week, now=now)
    members = members_of(session, [unit.id])
    known = {site.id: site for site in sites.sites(session)}
    book = rulebook.current(session)
    dates = weeks.days_of(monday)
    hours = {
        member.id: [book.calendar.day(on, _whose(member), known[member.site_id].zone) for on in dates]
        for member in members
    }
    plans = whereabouts.planned(session, hours, monday, dates[-1])
    policies = [
        policy
        for policy in coverage.rules_of_unit(book.policies, unit.lineage, unit.agency_id)
        if policy.holds_within(monday, dates[-1])
    ]
    return _Team(unit, monday, known, members, hours, plans, policies)


def _whose(member: Member) -> Whose:
    return Whose(member.site_id, member.agency_id, member.unit_lineage, member.id)


Halves = tuple[Segment | None, Segment | None]


class _Team:
    """A unit's people in one week: their hours, and their plans in halves of days."""

    def __init__(
        self,
        unit: UnitOut,
        monday: date,
        known: dict[int, SiteOut],
        members: list[Member],
        hours: dict[int, list[Day]],
        plans: dict[tuple[int, date], Planned],
        policies: list[Policy],
    ) -> None:
        self.unit, self.members = unit, members
        self._monday, self._sites, self._hours, self._plans, self._policies = monday, known, hours, plans, policies
        self._halves = {key: self._split(*key, plan.segments) for key, plan in plans.items()}
        self.days = tuple(self._columns())

    def _columns(self) -> Iterator[BoardDay]:
        """Monday to Friday, and days of the weekend on which somebody works."""
        planned = {on for _, on in self._plans}
        for n, on in enumerate(weeks.days_of(self._monday)):
            hours = [days[n] for days in self._hours.values()]
            working = any(day.spans for day in hours)
            off = next((day for day in hours if day.name), None) if not working else None
            if n < 5 or working or on in planned:
                yield BoardDay(on, working, off.name if off else "", off.name_en if off else "")

    def _split(self, person_id: int, on: date, segments: tuple[Segment, ...]) -> Halves:
        day = self._day(person_id, on)
        if not day.spans:  # duty on a day off has no break to tell its halves by
            whole = max(segments, key=lambda segment: segment.minutes, default=None)
            return whole, whole
        if len(segments) == 1 and segments[0].starts <= day.starts and segments[0].ends >= day.ends:
            return segments[0], segments[0]
        return whereabouts.segment_of(segments, day, "am"), whereabouts.segment_of(segments, day, "pm")

    def _day(self, person_id: int, on: date) -> Day:
        return self._hours[person_id][(on - self._monday).days]

    def coverage(self) -> Coverage:
        mates = [whereabouts.mate_of(member) for member in self.members]
        presence, modes = self._presence()
        working = [day.on for day in self.days if day.working]
        return Coverage(
            self.unit.id,
            self.unit.name,
            weeks.week_of(self._monday),
            self.days,
            coverage.meters(self._policies, mates, presence, working),
            coverage.shortfalls(self._policies, mates, presence, working, modes),
            {policy.id: policy.unit_id for policy in self._policies if policy.unit_id is not None},
            self._sites,
        )

    def _presence(self) -> tuple[Presence, dict[tuple[int, date, str], Mode]]:
        """Where everybody is, as far as it isn't the office of their posting; nobody is at the office on their day off."""
        presence: Presence = {}
        modes: dict[tuple[int, date, str], Mode] = {}
        for person_id, days in self._hours.items():
            for day in days:
                if not day.spans:
                    for part in coverage.PARTS:
                        presence[person_id, day.on, part] = None
        for (person_id, on), halves in self._halves.items():
            if self._plans[person_id, on].state in COUNTED:
                for part, segment in zip(coverage.PARTS, halves, strict=True):
                    if segment is not None:
                        presence[person_id, on, part] = segment.place
                        modes[person_id, on, part] = segment.mode
        return presence, modes

    def cells(self, actor: Actor, member: Member) -> dict[date, Cell]:
        """Somebody's days as ``actor`` may see them."""
        mine = actor.id == member.id
        says = mine or may_arrange_for(actor, member)
        own = Slot(Mode.WFO, member.site_id)
        assumed, off = Cell(None, own, own), Cell(None, None, None)
        found = {}
        for day in self.days:
            works = bool(self._day(member.id, day.on).spans)
            plan = self._plans.get((member.id, day.on))
            if plan is None or (plan.state not in OPEN and not mine):
                found[day.on] = assumed if works else off
                if plan is not None and says:
                    found[day.on] = msgspec.structs.replace(found[day.on], state=plan.state)
                continue
            first, second = self._halves[member.id, day.on]
            am = _slot(first, named=says) if first else own
            pm = am if second is first else _slot(second, named=says) if second else own
            found[day.on] = Cell(plan.state, am, pm)
        return found


def _slot(segment: Segment, *, named: bool) -> Slot:
    if segment.mode is Mode.LEAVE and not named:
        return Slot(UNAVAILABLE)
    return Slot(segment.mode, segment.place)
