"""The slot finder: gathers everybody's time and the sites' rooms with a few statements, and has ``slots.py`` rank them.

What it proposes can be had at that moment: a meeting planned right after is refused no room, unless somebody was faster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app import clock, quarters, sites
from app.db.many import HotForMany
from app.db.seconds import seconds
from app.errors import NotFound
from app.meetings import service
from app.meetings.errors import MeetingNotNow
from app.meetings.invitees import invitees
from app.meetings.models import Attendee
from app.meetings.slot_shapes import Heat, HeatCell, HeatDay, MissingOut, RoomRef, SlotOut, SlotsWanted
from app.meetings.slots import (
    FRIDAY_PRAYER,
    Missing,
    Person,
    Preferences,
    Question,
    Room,
    Search,
    Site,
    Slot,
    Why,
    any_of,
    missing,
)
from app.meetings.store import OVERLAPPING
from app.people import service as people
from app.people.access import Actor
from app.people.members import Member
from app.people.rules import may_arrange_for
from app.quarters import Grid
from app.rooms import free_rooms
from app.rooms.free_rooms import RoomsWanted
from app.rooms.rules import Seeker
from app.scheduling import availability, rulebook
from app.scheduling import rules as scheduling
from app.scheduling.availability import Available, Diary
from app.scheduling.working_time import Whose
from app.sites import SiteOut
from app.spans import Span

HALF_HOUR = 2
"""quarters"""


def find(session: Session, actor: Actor, wanted: SlotsWanted, *, now: datetime) -> list[SlotOut]:
    """The best slots, the best first; none share time.

    Raises NotFound for people, units, sites or a meeting there are none of for the actor, Forbidden for an organiser they
    may not plan for, TooManyPeople, MeetingNotNow for a window that is past.
    """
    return gathered(session, actor, wanted, now=now).slots()


def heat(session: Session, actor: Actor, wanted: SlotsWanted, *, now: datetime) -> Heat:
    """How the window looks half hour by half hour. Raises what ``find`` does."""
    return gathered(session, actor, wanted, now=now).heat()


def gathered(session: Session, actor: Actor, wanted: SlotsWanted, *, now: datetime) -> Gathered:
    """Everything about one question, read once, for ``slots`` and ``heat``. Raises what ``find`` does."""
    organiser_id = wanted.organiser_id or actor.id
    if wanted.meeting_id is not None:
        organiser_id = service.changeable(session, actor, wanted.meeting_id).organiser_id
    elif organiser_id != actor.id:
        people.employee_for(session, actor, organiser_id, may=may_arrange_for)
    window = _window(wanted, now=now)
    known = {site.id: site for site in sites.sites(session)}
    site_ids = sorted(set(wanted.site_ids) | set(wanted.seats))
    if unknown := [id for id in site_ids if id not in known]:
        raise NotFound(site_id=unknown[0])
    members, required = invitees(
        session, actor, organiser_id, wanted.required_ids, wanted.optional_ids, wanted.unit_ids
    )
    grid = quarters.grid(window)
    organiser = members[organiser_id]
    if not grid.count:
        return Gathered(actor, wanted, grid, organiser, members, Question(1, 0, ()), known, {})
    preferences = wanted.preferences
    diary = Diary(
        rulebook.current(session).calendar, grid, known, friday=FRIDAY_PRAYER if preferences.friday_prayer else None
    )
    available = availability.of_people(session, diary, members.values(), reached=frozenset(site_ids))
    meetings = _meetings(session, members, grid, wanted.meeting_id or 0)
    rooms = free_rooms.free_rooms(
        session,
        Seeker(organiser.id, organiser.agency_id, organiser.unit_lineage),
        site_ids,
        grid,
        RoomsWanted(wanted.minutes, frozenset(wanted.attributes), wanted.seats, wanted.asked, wanted.meeting_id or 0),
        now=now,
    )
    involved = _involved(grid, (available[id] for id in required), site_ids)
    ground = Ground(diary, grid, preferences, organiser.agency_id, involved)
    length = -(-wanted.minutes // 15)
    question = Question(
        length,
        ground.open(),
        tuple(_person(id, id in required, available[id], meetings.get(id, 0)) for id in _ordered(members, required)),
        tuple(Site(id, tuple(Room(*_facts(room)) for room in rooms[id]), wanted.seats.get(id)) for id in site_ids),
        ground.across(wanted.minutes),
        ground.late(),
        ground.core(),
    )
    return Gathered(actor, wanted, grid, organiser, members, question, known, ground.hours)


def _window(wanted: SlotsWanted, *, now: datetime) -> Span:
    """What of the window is still to come. Raises MeetingNotNow if nothing is."""
    if wanted.window.until <= now:
        raise MeetingNotNow(why="past")
    return Span(max(wanted.window.from_, now), wanted.window.until).in_utc()


def _ordered(members: Iterable[int], required: frozenset[int]) -> list[int]:
    return sorted(members, key=lambda id: (id not in required, id))


_BUSY = HotForMany[tuple[int, int, int]](
    lambda ids: select(Attendee.person_id, seconds(Attendee.starts_at), seconds(Attendee.ends_at)).where(
        Attendee.person_id.in_(ids), OVERLAPPING, Attendee.meeting_id != bindparam("meeting")
    )
)


def _meetings(session: Session, person_ids: Iterable[int], grid: Grid, but: int) -> dict[int, int]:
    """The quarters that meetings other than ``but`` take of these people's time."""
    facts = {"since": grid.at(0), "until": grid.at(grid.count), "meeting": but}
    return grid.held(_BUSY.rows(session, person_ids, facts))


def _person(id: int, required: bool, available: Available, meetings: int) -> Person:
    hours = available.hours
    away = (
        (Why.DAY_OFF, hours.off),
        (Why.LEAVE, available.leave),
        (Why.TRAVEL, available.travel),
        (Why.OUTSIDE_HOURS, hours.outside),
        (Why.FRIDAY_PRAYER, hours.prayer),
        (Why.BREAK, hours.rest),
        (Why.MEETING, meetings),
    )
    return Person(id, required, available.can & ~meetings, away, available.at)


def _facts(room: free_rooms.FreeRoom) -> tuple[int, str, int, int]:
    return room.id, room.name, room.seats, room.free


def _involved(grid: Grid, required: Iterable[Available], site_ids: Iterable[int]) -> dict[int, int]:
    """When which site is involved: always where a room is needed, else while somebody required is there."""
    involved: defaultdict[int, int] = defaultdict(int)
    for one in required:
        for site_id, mask in one.based:
            involved[site_id] |= mask
    for site_id in site_ids:
        involved[site_id] = grid.full
    return dict(sorted(involved.items()))


class Ground:
    """The hours of the sites involved, as those of the organiser's agency have them there."""

    def __init__(
        self, diary: Diary, grid: Grid, preferences: Preferences, agency_id: int, involved: Mapping[int, int]
    ) -> None:
        self._diary, self._grid, self._preferences, self._involved = diary, grid, preferences, involved
        self._whose = {site_id: Whose(site_id, agency_id) for site_id in involved}
        self.hours = {site_id: diary.working(whose).can for site_id, whose in self._whose.items()}

    def open(self) -> int:
        """When every site that is involved then works, and one is."""
        some, mask = 0, self._grid.full
        for site_id, held in self._involved.items():
            some |= held
            mask &= self.hours[site_id] | ~held
        return mask & some

    def across(self, minutes: int) -> int:
        """The time of asar, for a meeting too long to be held across it."""
        longest = self._preferences.asar_minutes
        if longest is None or minutes <= longest:
            return 0
        mask = 0
        for site_id, held in self._involved.items():
            zone = self._diary.zone(site_id)
            if (asar := self._preferences.asar.get(zone)) is not None:
                for day in self._diary.days(self._whose[site_id]):
                    mask |= held & self._diary.local(day.on, *asar, zone)
        return mask

    def late(self) -> int:
        """The time of Ramadan's days in which meetings are better over."""
        until = self._preferences.ramadan_until
        if until is None:
            return 0
        mask = 0
        for site_id, held in self._involved.items():
            zone = self._diary.zone(site_id)
            for day in self._diary.days(self._whose[site_id]):
                if day.season:
                    mask |= held & self._diary.local(day.on, until, 1440, zone)
        return mask

    def core(self) -> tuple[tuple[int, int], ...]:
        """For each site what isn't the edge of its working day."""
        edge = timedelta(minutes=self._preferences.edge_minutes)
        cores = []
        for site_id, held in self._involved.items():
            edges = 0
            for day in self._diary.days(self._whose[site_id]):
                if day.spans and edge:
                    starts_at, ends_at = day.spans[0].starts_at, day.spans[-1].ends_at
                    edges |= self._grid.touched(starts_at, starts_at + edge)
                    edges |= self._grid.touched(ends_at - edge, ends_at)
            cores.append((site_id, self._grid.full & ~(edges & held)))
        return tuple(cores)


class _Unit(NamedTuple):
    id: int
    agency_id: int
    lineage: str


class Gathered:
    """One question with all it takes to answer it."""

    def __init__(
        self,
        actor: Actor,
        wanted: SlotsWanted,
        grid: Grid,
        organiser: Member,
        members: dict[int, Member],
        question: Question,
        known: dict[int, SiteOut],
        hours: dict[int, int],
    ) -> None:
        self._actor, self._wanted, self._grid, self._organiser = actor, wanted, grid, organiser
        self._members, self._question, self._known, self._hours = members, question, known, hours
        self._search = Search(question, wanted.preferences)

    def slots(self) -> list[SlotOut]:
        """See ``find``."""
        return [self._slot(slot) for slot in self._search.slots(self._wanted.limit)]

    def slot_in(self, starts_at: datetime) -> SlotOut | None:
        """The best slot that starts in the half hour from ``starts_at`` on."""
        first = (starts_at - self._grid.at(0)) // quarters.QUARTER
        found = self._search.slots(1, among=0b11 << first) if first >= 0 else []
        return self._slot(found[0]) if found else None

    def _slot(self, slot: Slot) -> SlotOut:
        starts_at = self._grid.at(slot.starts)
        return SlotOut(
            starts_at,
            starts_at + timedelta(minutes=self._wanted.minutes),
            {site_id: RoomRef(room.id, room.name, room.seats) for site_id, room in slot.rooms},
            [self._told(one) for one in slot.missing],
            [id for id in slot.by_link if self._knows_place(self._members[id])],
            list(slot.reasons),
        )

    def _told(self, one: Missing) -> MissingOut:
        """What the actor may know of somebody who can't: of people they may plan for all; of others never leave, and where
        they are only if they may see that on the board; of other agencies' people that they are busy."""
        member, why, until = self._members[one.person.id], one.why, one.until
        if self._actor.id != member.id and not may_arrange_for(self._actor, member):
            if member.agency_id != self._actor.agency_id:
                why = Why.BUSY
            elif why is Why.LEAVE or (why is Why.TRAVEL and not self._knows_place(member)):
                why = Why.UNAVAILABLE
        return MissingOut(member.id, member.name, one.person.required, why, self._grid.at(min(until, self._grid.count)))

    def _knows_place(self, member: Member) -> bool:
        """Whether the actor may know where somebody works: for whom they may plan, or whom they see on the board."""
        if self._actor.id == member.id or may_arrange_for(self._actor, member):
            return True
        return scheduling.may_see_board(self._actor, _Unit(member.unit_id, member.agency_id, member.unit_lineage))

    def heat(self) -> Heat:
        """See ``heat``."""
        question = self._question
        zone = self._known[self._organiser.site_id].zone
        half = Search(replace(question, quarters=HALF_HOUR), self._wanted.preferences)
        fits = any_of(self._search.suits(), HALF_HOUR)
        required = sum(person.required for person in question.people)
        days: defaultdict[date, list[HeatCell]] = defaultdict(list)
        for starts in self._half_hours(zone):
            absent = missing(question.people, starts, HALF_HOUR)
            starts_at = self._grid.at(starts)
            days[clock.local_date(starts_at, zone)].append(
                HeatCell(
                    starts_at,
                    starts_at + timedelta(minutes=30),
                    half.opens(starts),
                    required - sum(one.person.required for one in absent),
                    len(question.people) - len(absent),
                    half.rooms(starts) is not None,
                    fits >> starts & 1 == 1,
                    [self._told(one) for one in absent],
                )
            )
        return Heat(zone, required, len(question.people), [HeatDay(on, cells) for on, cells in sorted(days.items())])

    def _half_hours(self, zone: str) -> list[int]:
        """The first quarters of the cells: on the dates on which some site works, from the earliest minute at which one ever
        does to the latest."""
        working = any_of(_all(self._hours.values()), HALF_HOUR)
        first = next((n for n in range(HALF_HOUR) if self._on_the_half(n, zone)), 0)
        cells = [
            (clock.local_date(self._grid.at(n), zone), clock.minute_of(self._grid.at(n), zone), n, working >> n & 1)
            for n in range(first, self._grid.count - 1, HALF_HOUR)
        ]
        minutes = [minute for _, minute, _, works in cells if works]
        dates = {on for on, _, _, works in cells if works}
        return [n for on, minute, n, _ in cells if on in dates and min(minutes) <= minute <= max(minutes)]

    def _on_the_half(self, quarter: int, zone: str) -> bool:
        return clock.minute_of(self._grid.at(quarter), zone) % 30 == 0


def _all(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
