"""Where somebody is and whether they can be reached, from what is known of them; and who may see how much of it.

Plain values in, an answer out. A working signal, not attendance: the answer is made when it is asked for and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Literal, Protocol

import msgspec

from app.people.rules import Asker, Role, Someone
from app.spans import Span

How = Literal["active", "idle"]


class Kind(StrEnum):
    """Where somebody is. A promise to programs."""

    SITE = "site"
    HOME = "home"
    ELSEWHERE = "elsewhere"
    LEAVE = "leave"
    UNKNOWN = "unknown"


class Avail(StrEnum):
    """Whether somebody can be reached. A promise to programs."""

    AVAILABLE = "available"
    MEETING = "meeting"
    DND = "dnd"
    AWAY = "away"
    OFFLINE = "offline"


class Why(StrEnum):
    """What an answer rests on. A promise to programs."""

    CHECK_IN = "checkin"
    OVERRIDE = "override"
    BOOKING = "booking"
    SCHEDULE = "schedule"
    MEETING = "meeting"
    HOURS = "hours"
    ACTIVITY = "activity"
    NOTHING = "nothing"


class Part(msgspec.Struct, frozen=True):
    """A part of an approved plan."""

    span: Span
    kind: Kind
    site_id: int | None = None


class Desk(msgspec.Struct, frozen=True):
    """A desk held over a span. One that nobody checked in at is held until it would be released; one with ``here`` from the
    check-in on."""

    span: Span
    site_id: int
    floor_id: int
    desk_id: int
    here: bool = False


class Override(msgspec.Struct, frozen=True):
    """What somebody says of themselves until an instant: how they can be reached, where they are, or both."""

    until: datetime
    avail: Avail | None = None
    kind: Kind | None = None
    site_id: int | None = None


class Facts(msgspec.Struct, frozen=True):
    """What is known of one person around an instant. ``hours`` are the working days at the place where they work, breaks
    included. ``connected``: the most active of their open pages, None for none."""

    hours: tuple[Span, ...] = ()
    parts: tuple[Part, ...] = ()
    desks: tuple[Desk, ...] = ()
    meetings: tuple[Span, ...] = ()
    override: Override | None = None
    connected: How | None = None


class Place(msgspec.Struct, frozen=True):
    """``confirmed``: by a check-in."""

    kind: Kind
    site_id: int | None = None
    floor_id: int | None = None
    desk_id: int | None = None
    confirmed: bool = False


class State(msgspec.Struct, frozen=True):
    """An answer at one instant, with what each half rests on."""

    place: Place
    place_why: Why
    avail: Avail
    why: Why


class Presence(msgspec.Struct, frozen=True):
    """An answer, until when it holds by itself and what comes then; neither where nothing known will change it."""

    state: State
    until: datetime | None = None
    next: tuple[Kind, Avail] | None = None


NOWHERE = Place(Kind.UNKNOWN)


def derive(now: datetime, facts: Facts) -> tuple[Presence, datetime | None]:
    """The answer at ``now``, and the first instant after it at which it changes by itself."""
    state = state_at(now, facts)
    for edge in _edges_after(now, facts):
        later = state_at(edge, facts)
        if later != state:
            return Presence(state, edge, (later.place.kind, later.avail)), edge
    return Presence(state), None


class Answer(msgspec.Struct, frozen=True):
    """What holds, what those see of it who may not know of leave, and the first instant at which either changes."""

    whole: Presence
    public: Presence
    until: datetime | None

    def seen(self, sight: Sight, *, hides_desk: bool = False) -> Presence:
        """As somebody may see it; ``hides_desk``: they hide it, and from this viewer (``may_see_desk``)."""
        return shown(self.whole if sight >= Sight.SUPERIOR else self.public, sight, hides_desk=hides_desk)


def answer(now: datetime, facts: Facts) -> Answer:
    whole, until = derive(now, facts)
    known = without_leave(now, facts)
    if known is facts:
        return Answer(whole, whole, until)
    public, sooner = derive(now, known)
    return Answer(whole, public, min(filter(None, (until, sooner)), default=None))


def without_leave(now: datetime, facts: Facts) -> Facts:
    """What colleagues may know: leave looks to them as if nothing were known, until when and what comes next included. While
    it lasts somebody is offline, whatever else is known of them."""
    if not any(part.kind is Kind.LEAVE for part in facts.parts):
        return facts
    parts = tuple(part for part in facts.parts if part.kind is not Kind.LEAVE)
    if any(part.span.holds(now) for part in facts.parts if part.kind is Kind.LEAVE):
        return Facts(hours=facts.hours, parts=parts)
    return msgspec.structs.replace(facts, parts=parts)


def state_at(at: datetime, facts: Facts) -> State:
    """The first rung of each ladder that holds."""
    place_why, place = next((why, found) for why, found in place_rungs(at, facts) if found is not None)
    why, avail = next((why, found) for why, found in avail_rungs(at, facts) if found is not None)
    return State(place, place_why, avail, why)


def place_rungs(at: datetime, facts: Facts) -> Iterator[tuple[Why, Place | None]]:
    """What each kind of fact says of the place, the strongest first; the last always says something."""
    desk = _desk(at, facts)
    said = _said(at, facts)
    part = _part(at, facts)
    yield Why.CHECK_IN, _at_desk(desk) if desk and desk.here else None
    yield Why.OVERRIDE, Place(said.kind, said.site_id) if said and said.kind else None
    yield Why.BOOKING, _at_desk(desk) if desk and not desk.here else None
    yield Why.SCHEDULE, Place(part.kind, part.site_id) if part else None
    yield Why.NOTHING, NOWHERE


def avail_rungs(at: datetime, facts: Facts) -> Iterator[tuple[Why, Avail | None]]:
    """What each kind of fact says of whether somebody can be reached, the strongest first; the last always says something.
    What somebody says of themselves is never weakened by what they do."""
    part, said, desk = _part(at, facts), _said(at, facts), _desk(at, facts)
    working = any(span.holds(at) for span in facts.hours)
    yield Why.SCHEDULE, Avail.OFFLINE if part and part.kind is Kind.LEAVE else None
    yield Why.OVERRIDE, said.avail if said else None
    yield Why.MEETING, Avail.MEETING if any(span.holds(at) for span in facts.meetings) else None
    yield Why.HOURS, Avail.OFFLINE if facts.connected is None and not working else None
    yield Why.CHECK_IN, Avail.AWAY if facts.connected is None and desk and desk.here else None
    yield Why.ACTIVITY, _ACTIVITY[facts.connected]


_ACTIVITY: dict[How | None, Avail] = {"active": Avail.AVAILABLE, "idle": Avail.AWAY, None: Avail.OFFLINE}


def _at_desk(desk: Desk) -> Place:
    return Place(Kind.SITE, desk.site_id, desk.floor_id, desk.desk_id, desk.here)


def _desk(at: datetime, facts: Facts) -> Desk | None:
    held = [desk for desk in facts.desks if desk.span.holds(at)]
    return min(held, key=lambda desk: (not desk.here, desk.span.starts_at, desk.desk_id), default=None)


def _part(at: datetime, facts: Facts) -> Part | None:
    return next((part for part in facts.parts if part.span.holds(at)), None)


def _said(at: datetime, facts: Facts) -> Override | None:
    return facts.override if facts.override and at < facts.override.until else None


def _edges_after(now: datetime, facts: Facts) -> list[datetime]:
    spans = [*facts.hours, *facts.meetings, *(part.span for part in facts.parts), *(desk.span for desk in facts.desks)]
    edges = {edge for span in spans for edge in (span.starts_at, span.ends_at)}
    if facts.override:
        edges.add(facts.override.until)
    return sorted(edge for edge in edges if edge > now)


# What somebody says of themselves


LONGEST_AFTER_HOURS = timedelta(hours=4)


def last_until(now: datetime, hours: tuple[Span, ...], midnight: datetime) -> datetime:
    """How long what somebody says of themselves may hold: to the end of their working day; outside of it four hours, yet
    not past ``midnight``, the end of the local date."""
    ends = [span.ends_at for span in hours if span.holds(now)]
    return max(ends) if ends else min(now + LONGEST_AFTER_HOURS, midnight)


# Who may see how much


class Sight(IntEnum):
    """How much of somebody another one sees; each sees what the one before sees.

    COARSE: at which office, or that they are elsewhere. TEAM: desk, home or away, and why. SUPERIOR: leave by its name.
    """

    COARSE = 1
    TEAM = 2
    SUPERIOR = 3
    SELF = 4


class Member(Someone, Protocol):
    @property
    def unit_id(self) -> int: ...


def sight(viewer: Asker, person: Member, *, named: bool) -> Sight | None:
    """How much of ``person`` the viewer sees; None where they may not even know the name (``named`` False)."""
    if viewer.id == person.id:
        return Sight.SELF
    if leads(viewer, person):
        return Sight.SUPERIOR
    if viewer.unit_id == person.unit_id or viewer.superior_id == person.id:
        return Sight.TEAM
    return Sight.COARSE if named else None


def leads(viewer: Asker, person: Someone) -> bool:
    """Whether the viewer is their superior, or the head of their unit or of one above it."""
    if person.superior_id == viewer.id:
        return True
    heads = Role.HEAD_OF_UNIT in viewer.roles and viewer.agency_id == person.agency_id
    return heads and f"/{viewer.unit_id}/" in person.unit_lineage


def shown(presence: Presence, sight: Sight, *, hides_desk: bool = False) -> Presence:
    """What of an answer may be seen; ``hides_desk``: they hide it, and from this viewer (``may_see_desk``)."""
    if sight is Sight.SELF:
        return presence
    state = presence.state
    place = state.place
    if hides_desk:
        place = Place(place.kind, place.site_id, confirmed=place.confirmed)
        state = State(place, state.place_why, state.avail, state.why)
    if sight < Sight.TEAM:
        why = state.why if state.why is Why.MEETING else Why.NOTHING
        state = State(_coarse(place), Why.NOTHING, state.avail, why)
    elif sight < Sight.SUPERIOR and place.kind is Kind.LEAVE:
        state = State(NOWHERE, Why.NOTHING, state.avail, Why.NOTHING)
    elif sight < Sight.SUPERIOR and state.avail is Avail.OFFLINE:
        state = State(place, state.place_why, state.avail, Why.NOTHING)  # of the reasons for it, leave is one
    following = presence.next and (_following(presence.next[0], sight), presence.next[1])
    return Presence(state, presence.until, following)


def _coarse(place: Place) -> Place:
    if place.kind is Kind.SITE:
        return Place(Kind.SITE, place.site_id, confirmed=place.confirmed)
    return NOWHERE if place.kind in (Kind.UNKNOWN, Kind.LEAVE) else Place(Kind.ELSEWHERE)


def _following(kind: Kind, sight: Sight) -> Kind:
    if sight < Sight.SUPERIOR and kind is Kind.LEAVE:
        return Kind.UNKNOWN
    return Kind.ELSEWHERE if sight < Sight.TEAM and kind is Kind.HOME else kind


def may_see_desk(viewer: Asker, person: Member) -> bool:
    """Whether the viewer sees at which desk somebody sits who hides it: their unit and those who lead it do."""
    return viewer.id == person.id or viewer.unit_id == person.unit_id or leads(viewer, person)
