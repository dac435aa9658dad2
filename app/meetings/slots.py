"""Which times suit a meeting best: plain masks of quarter hours in, ranked slots out, exact and always the same.

Quarters are numbered from the start of what is looked at (``app/quarters.py`` makes the masks). A slot is a run of quarters

1. in which every site involved works (``Question.open``),
2. for which each site that needs a room has one that is free, has enough seats for those who come there, the smallest such
   one, and of these the one with the lowest id.

Slots rank by, in this order: how many required people can't; how many soft preferences they break; how many optional people
can't; at how many sites they lie near the edge of the working day; then the earlier. From the top of that order slots are
taken that share no time with one taken before. Those that some required people can't attend are taken only after all that
suit everybody required, only until ``FEW`` slots are found, and only if most of the required can.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Annotated

import msgspec

FEW = 5
"""Slots that suit all required people: with fewer, others are proposed too."""


class Why(StrEnum):
    """Why somebody can't; a promise to programs, and the order in which one of several reasons is told.

    ``busy`` stands for any of them where the reader may not know more of people of another agency, ``unavailable`` for
    leave, which is a colleague's own affair.
    """

    DAY_OFF = "day-off"
    LEAVE = "leave"
    TRAVEL = "travel"
    OUTSIDE_HOURS = "outside-hours"
    FRIDAY_PRAYER = "friday-prayer"
    BREAK = "break"
    MEETING = "meeting"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"


class Code(StrEnum):
    """What a slot's rank comes from; a promise to programs. ``count`` and ``site_id`` of the reason say how many and where."""

    ALL_REQUIRED = "all-required"
    REQUIRED_MISSING = "required-missing"
    ALL_OPTIONAL = "all-optional"
    OPTIONAL_MISSING = "optional-missing"
    ACROSS_ASAR = "across-asar"
    LATE_IN_RAMADAN = "late-in-ramadan"
    EDGE_OF_DAY = "edge-of-day"
    BY_LINK = "by-link"


Minute = Annotated[int, msgspec.Meta(ge=0, le=1440)]
Zone = Annotated[str, msgspec.Meta(max_length=40)]


ASAR = {"Asia/Makassar": (905, 949), "Asia/Jakarta": (881, 928)}
"""The yearly range of asar: 15.05 to 15.49 WITA in Nusantara, 14.41 to 15.28 WIB in Jakarta."""


class Preferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings, each of which can be switched off. Clock times are minutes since local midnight.

    ``asar_minutes``: longer meetings aren't held across asar; None switches it off. ``asar``: its yearly range at the sites
    of a zone. ``ramadan_until``: in Ramadan meetings end by then at each site involved; None switches it off.
    ``friday_prayer`` keeps the least break that Fridays have free at each site, whatever hours its people have; this one is
    never broken. ``edge_minutes`` from the start and to the end of the working day count as its edge. ``incomplete``:
    whether slots are proposed that some required people can't attend, if there are few others.
    """

    asar_minutes: Annotated[int, msgspec.Meta(ge=0, le=480)] | None = 120
    asar: Annotated[dict[Zone, tuple[Minute, Minute]], msgspec.Meta(max_length=10)] = msgspec.field(
        default_factory=lambda: dict(ASAR)
    )
    ramadan_until: Minute | None = 900
    friday_prayer: bool = True
    edge_minutes: Annotated[int, msgspec.Meta(ge=0, le=240)] = 30
    incomplete: bool = True


FRIDAY_PRAYER = (690, 750)
"""11.30 to 12.30: in every Friday's break, that of Ramadan too (Perpres 21/2023, article 4)."""


class Person(msgspec.Struct, frozen=True):
    """``can``: when somebody has time. ``away``: why they haven't, in the order of ``Why``; what isn't in it counts as
    outside hours. ``at``: when they are at which site; elsewhere they join by link."""

    id: int
    required: bool
    can: int
    away: tuple[tuple[Why, int], ...] = ()
    at: tuple[tuple[int, int], ...] = ()


class Room(msgspec.Struct, frozen=True):
    """``free``: when it can be booked, with the time to prepare it."""

    id: int
    name: str
    seats: int
    free: int


class Site(msgspec.Struct, frozen=True):
    """A site that needs a room: one of ``rooms``, with ``seats``, or as many as people come."""

    id: int
    rooms: tuple[Room, ...]
    seats: int | None = None


class Question(msgspec.Struct, frozen=True):
    """A meeting of ``quarters`` is sought. ``open``: when all sites involved work. ``across`` and ``late``: quarters that a
    soft preference would rather leave out, none where it doesn't hold; ``core``: for each site, what isn't the edge of its
    day."""

    quarters: int
    open: int
    people: tuple[Person, ...]
    sites: tuple[Site, ...] = ()
    across: int = 0
    late: int = 0
    core: tuple[tuple[int, int], ...] = ()


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    code: Code
    count: int | None = None
    site_id: int | None = None


class Missing(msgspec.Struct, frozen=True):
    """Somebody who can't, why, and the quarter at which that ends."""

    person: Person
    why: Why
    until: int


class Slot(msgspec.Struct, frozen=True):
    """From quarter ``starts``. ``rooms`` by site; ``by_link`` are ids of those who can attend from elsewhere."""

    starts: int
    rooms: tuple[tuple[int, Room], ...]
    missing: tuple[Missing, ...]
    by_link: tuple[int, ...]
    reasons: tuple[Reason, ...]


def missing(people: Iterable[Person], starts: int, quarters: int) -> tuple[Missing, ...]:
    """Those of ``people`` who can't attend all of these quarters, in their order."""
    wanted = ((1 << quarters) - 1) << starts
    return tuple(_missing(person, wanted) for person in people if wanted & ~person.can)


Rank = tuple[int, int, int, int, int]


class Search:
    """One question, answered in several ways. ``starts``: where a slot could begin whoever comes, rooms of any size looked
    at."""

    def __init__(self, question: Question, preferences: Preferences) -> None:
        self._asked, self._preferences = question, preferences
        length = question.quarters
        self.starts = self._open = lasting(question.open, length)
        can = {id(person): lasting(person.can, length) for person in question.people}
        required = [person for person in question.people if person.required]
        optional = [person for person in question.people if not person.required]
        self._required = len(required)
        self._missing = _Tally(self.starts & ~can[id(person)] for person in required)
        self._lacking = _Tally(self.starts & ~can[id(person)] for person in optional)
        self._across, self._late = any_of(question.across, length), any_of(question.late, length)
        self._core = [(site_id, lasting(core, length)) for site_id, core in question.core]
        self._sites = [_SiteSearch(site, question.people, can, self.starts, length) for site in question.sites]
        for site in self._sites:
            self.starts &= site.ever

    def slots(self, limit: int, *, among: int = -1) -> list[Slot]:
        """The best slots, at most ``limit``, the best first; only those that start in one of the quarters ``among``."""
        order = sorted(self._rank(starts) for starts in bits(self.starts & among))
        found: list[Slot] = []
        taken = 0
        length = self._asked.quarters
        for rank in order:
            short, starts = rank[0], rank[-1]
            if len(found) >= limit or (short and not self._worth(short, len(found))):
                break
            wanted = ((1 << length) - 1) << starts
            if taken & wanted or (rooms := self.rooms(starts)) is None:
                continue
            taken |= wanted
            found.append(self._slot(rank, rooms))
        return found

    def _worth(self, short: int, found: int) -> bool:
        return self._preferences.incomplete and found < FEW and 2 * short < self._required

    def _rank(self, starts: int) -> Rank:
        soft = (self._across >> starts & 1) + (self._late >> starts & 1)
        edges = sum(not core >> starts & 1 for _, core in self._core)
        return self._missing.at(starts), soft, self._lacking.at(starts), edges, starts

    def opens(self, starts: int) -> bool:
        """Whether all sites involved work from here on for as long as the meeting lasts."""
        return bool(self._open >> starts & 1)

    def suits(self) -> int:
        """The quarters at which a meeting could start that all required people can attend and for which there are rooms."""
        suited = (n for n in bits(self.starts) if not self._missing.at(n) and self.rooms(n) is not None)
        return sum(1 << n for n in suited)

    def rooms(self, starts: int) -> tuple[tuple[int, Room], ...] | None:
        """A room at each site that needs one for a meeting from here on, None if a site has none."""
        chosen = []
        for site in self._sites:
            if (room := site.room(starts)) is None:
                return None
            chosen.append((site.id, room))
        return tuple(chosen)

    def _slot(self, rank: Rank, rooms: tuple[tuple[int, Room], ...]) -> Slot:
        starts, people = rank[-1], self._asked.people
        absent = missing(people, starts, self._asked.quarters)
        away = {one.person.id for one in absent}
        wanted = ((1 << self._asked.quarters) - 1) << starts
        seated = {site.id for site in self._asked.sites}
        by_link = tuple(
            person.id
            for person in people
            if person.id not in away and not any(site in seated and mask & wanted for site, mask in person.at)
        )
        return Slot(starts, rooms, absent, by_link, tuple(self._reasons(rank, len(by_link))))

    def _reasons(self, rank: Rank, by_link: int) -> Iterator[Reason]:
        short, _, lacking, _, starts = rank
        yield Reason(Code.REQUIRED_MISSING, short) if short else Reason(Code.ALL_REQUIRED, self._required)
        if optional := len(self._asked.people) - self._required:
            yield Reason(Code.OPTIONAL_MISSING, lacking) if lacking else Reason(Code.ALL_OPTIONAL, optional)
        if self._across >> starts & 1:
            yield Reason(Code.ACROSS_ASAR)
        if self._late >> starts & 1:
            yield Reason(Code.LATE_IN_RAMADAN)
        for site_id, core in self._core:
            if not core >> starts & 1:
                yield Reason(Code.EDGE_OF_DAY, site_id=site_id)
        if by_link and self._asked.sites:
            yield Reason(Code.BY_LINK, by_link)


class _SiteSearch:
    """The rooms of one site, the smallest first, and how many seats each start needs."""

    def __init__(self, site: Site, people: Sequence[Person], can: dict[int, int], starts: int, quarters: int) -> None:
        self.id = site.id
        self._rooms = sorted(site.rooms, key=lambda room: (room.seats, room.id))
        self._free = [lasting(room.free, quarters) for room in self._rooms]
        self._seats = [room.seats for room in self._rooms]
        self._given = site.seats
        self._coming = _Tally(
            starts & can[id(person)] & any_of(mask, quarters)
            for person in people
            for at, mask in person.at
            if at == site.id and site.seats is None
        )
        self._larger = list(self._free)
        """when any room of at least this size is free"""
        for n in range(len(self._larger) - 2, -1, -1):
            self._larger[n] |= self._larger[n + 1]

    @property
    def ever(self) -> int:
        """The starts at which any room is free."""
        return self._larger[0] if self._larger else 0

    def room(self, starts: int) -> Room | None:
        """The smallest free room for those who come, None if all are taken or too small."""
        seats = self._coming.at(starts) if self._given is None else self._given
        first = bisect_left(self._seats, seats)
        if first == len(self._rooms) or not self._larger[first] >> starts & 1:
            return None
        return next(self._rooms[n] for n in range(first, len(self._rooms)) if self._free[n] >> starts & 1)


class _Tally:
    """How many of some masks hold each quarter, in binary: one number for all ones, one for all twos, and so on."""

    def __init__(self, masks: Iterable[int]) -> None:
        self._planes: list[int] = []
        for mask in masks:
            carry = mask
            for n, plane in enumerate(self._planes):
                self._planes[n], carry = plane ^ carry, plane & carry
                if not carry:
                    break
            else:
                if carry:
                    self._planes.append(carry)

    def at(self, quarter: int) -> int:
        return sum((plane >> quarter & 1) << n for n, plane in enumerate(self._planes))


def _missing(person: Person, wanted: int) -> Missing:
    for why, mask in person.away:
        if held := mask & wanted & ~person.can:
            return Missing(person, why, end_of_run(mask, (held & -held).bit_length() - 1))
    return Missing(person, Why.OUTSIDE_HOURS, wanted.bit_length())


def bits(mask: int) -> Iterator[int]:
    """The quarters of a mask, in order."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def lasting(mask: int, quarters: int) -> int:
    """The quarters from which on so many in a row are in ``mask``, that one counted."""
    have = 1
    while have < quarters:
        step = min(have, quarters - have)
        mask &= mask >> step
        have += step
    return mask


def any_of(mask: int, quarters: int) -> int:
    """The quarters from which on at least one of so many in a row is in ``mask``."""
    have = 1
    while have < quarters:
        step = min(have, quarters - have)
        mask |= mask >> step
        have += step
    return mask


def end_of_run(mask: int, quarter: int) -> int:
    """The first quarter after ``quarter``, which is in ``mask``, that isn't."""
    rest = ~(mask >> quarter)
    return quarter + (rest & -rest).bit_length() - 1
