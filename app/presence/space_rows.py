"""Desks of a floor and rooms of a site on a local date, each with its bookings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy.orm import Session

from app import clock, journal, sites
from app.errors import NotFound
from app.people.access import Actor
from app.people.agencies import sharing_agencies
from app.people.members import Member, members_of
from app.people.rules import initials, may_know_name
from app.presence import choices, references
from app.presence.audience import EVERYBODY, Viewer, Viewers
from app.presence.channels import Channel, Key, Loaded, Row, Wanted
from app.presence.index import SLACK
from app.presence.part import Channels, touches_all, want
from app.presence.scopes import Scope
from app.presence.shapes import BookingRow, BookingState, DeskRow, RoomRow
from app.rooms import sitting
from app.rooms.sitting import Held
from app.spans import Span, on_day

Worded = Callable[[int, list[Held]], Row]
"""A row of a space with its bookings, as one audience may see it."""


NO_SPACE = 0
"""The key under which "today" is due: the next day comes to a floor that has no rows as well."""


class _Spaces:
    """What floors and rooms have in common: rows by space, and whose each booking was when it was last read."""

    def __init__(self) -> None:
        self._spaces: dict[int, frozenset[int]] = {}
        self._at: dict[Channel, dict[int, tuple[int, int]]] = {}
        """space and person by booking, for whoever hides their desk"""

    def _all_of(self, session: Session, place_id: int) -> frozenset[int]:
        raise NotImplementedError

    def _site(self, session: Session, scope: Scope) -> int:
        raise NotImplementedError

    def _read(self, session: Session, place_id: int, within: Span) -> list[Held]:
        raise NotImplementedError

    def _worded(self, session: Session, channels: Iterable[Channel], held: list[Held]) -> dict[Channel, Worded]:
        raise NotImplementedError

    def load(self, session: Session, wanted: Wanted, channels: Channels, into: Loaded, *, now: datetime) -> None:
        places: defaultdict[tuple[int, date | None], list[Channel]] = defaultdict(list)
        for channel in wanted:
            places[channels[channel].id, channels[channel].on].append(channel)
        for (place_id, on), group in places.items():
            scope = Scope(channels[group[0]].what, place_id, on)
            within = _day(session, self._site(session, scope), on, now=now)
            self._spaces[place_id] = self._all_of(session, place_id)
            keys = _union(wanted, group) if on else None  # with the date all of "today" changes
            held = (
                self._read(session, place_id, within)
                if keys is None
                else sitting.of_spaces(session, keys & self._spaces[place_id], within)
            )
            by_space: defaultdict[int, list[Held]] = defaultdict(list)
            for one in held:
                by_space[one.space_id].append(one)
            for channel, word in self._worded(session, group, held).items():
                asked = wanted[channel] if on else set(self._spaces[place_id])
                rows: dict[Key, Row | None] = {} if asked is None else dict.fromkeys(asked)
                rows |= {
                    space: word(space, found) for space, found in by_space.items() if asked is None or space in rows
                }
                into.rows[channel] = rows
                self._remember(channel, held, keys)
                if on is None:
                    into.due[channel] = {NO_SPACE: within.ends_at}

    def _remember(self, channel: Channel, held: list[Held], keys: set[int] | None) -> None:
        before = self._at.get(channel, {}) if keys is not None else {}
        kept = {id: at for id, at in before.items() if keys is None or at[0] not in keys}
        self._at[channel] = kept | {one.booking_id: (one.space_id, one.person_id) for one in held}

    def touched(self, changes: Sequence[journal.Change], channels: Channels, into: Wanted) -> None:
        if len(self._at) > len(channels) + SLACK:
            self._at = {channel: at for channel, at in self._at.items() if channel in channels}
        if any(touches_all(change) for change in changes):
            self._spaces = {}
            for channel in channels:
                want(into, channel, None)
            return
        bookings = [change.facts for change in changes if change.subject == "booking"]
        booked = {facts.get(name) for facts in bookings for name in ("space_id", "left_space_id")}
        hiding = {change.subject_id for change in changes if change.subject == "presence"}
        for channel, scope in channels.items() if booked or hiding else ():
            spaces, at = self._spaces.get(scope.id), self._at.get(channel)
            if spaces is None or at is None:
                want(into, channel, None)
                continue
            keys: set[Key] = {space for space in booked if space in spaces}
            keys |= {space for space, person_id in at.values() if person_id in hiding} if hiding else set()
            want(into, channel, keys)

    def connected(self, person_id: int, into: Wanted) -> None:
        """A desk is taken whoever has a page open."""


class Floors(_Spaces):
    """Desks with who holds them, named where the audience may know it."""

    def __init__(self, viewers: Viewers) -> None:
        super().__init__()
        self._viewers = viewers

    def admit(self, session: Session, actor: Actor, scope: Scope, *, now: datetime) -> str:
        self._site(session, scope)
        return self._viewers.of_unit(session, actor)

    def _site(self, session: Session, scope: Scope) -> int:
        found = sitting.site_of_floor(session, scope.id)
        if found is None:
            raise NotFound(floor_id=scope.id)
        return found

    def _all_of(self, session: Session, place_id: int) -> frozenset[int]:
        return self._spaces.get(place_id) or sitting.desk_ids(session, place_id)

    def _read(self, session: Session, place_id: int, within: Span) -> list[Held]:
        return sitting.desks_on(session, place_id, within)

    def _worded(self, session: Session, channels: Iterable[Channel], held: list[Held]) -> dict[Channel, Worded]:
        holders = _holders(session, held)
        return {channel: holders.worded(self._viewers.viewer(channel.audience)) for channel in channels}


class Rooms(_Spaces):
    """Rooms with when they are held: what the page of rooms must be fetched anew for. Nobody is named."""

    def admit(self, session: Session, actor: Actor, scope: Scope, *, now: datetime) -> str:
        sites.site(session, scope.id)
        return EVERYBODY

    def _site(self, session: Session, scope: Scope) -> int:
        return scope.id

    def _all_of(self, session: Session, place_id: int) -> frozenset[int]:
        return self._spaces.get(place_id) or sitting.room_ids(session, place_id)

    def _read(self, session: Session, place_id: int, within: Span) -> list[Held]:
        return sitting.rooms_at(session, place_id, within)

    def _worded(self, session: Session, channels: Iterable[Channel], held: list[Held]) -> dict[Channel, Worded]:
        return dict.fromkeys(channels, _room)


def _room(space_id: int, held: list[Held]) -> RoomRow:
    return RoomRow(space_id, tuple((one.starts, one.ends, one.state, one.approval, one.version) for one in held))


class _Holders(msgspec.Struct, frozen=True):
    """Who holds the desks of a floor, and what keeps their names from being shown."""

    members: dict[int, Member]
    hiding: frozenset[int]
    sharing: frozenset[int]
    key: bytes

    def worded(self, viewer: Viewer | None) -> Worded:
        def booking(one: Held) -> BookingRow:
            return self._booking(viewer, one)

        def row(space_id: int, held: list[Held]) -> DeskRow:
            return DeskRow(space_id, tuple(map(booking, held)))

        return row

    def _booking(self, viewer: Viewer | None, one: Held) -> BookingRow:
        state: BookingState = "checked-in" if one.state == "checked-in" else "booked"
        member = self.members.get(one.person_id)
        if member is None or viewer is None or not self._named(viewer, member):
            return BookingRow(one.starts, one.ends, state)
        ref = references.reference(self.key, member.id)
        return BookingRow(one.starts, one.ends, state, ref, initials(member.name), member.name)

    def _named(self, viewer: Viewer, member: Member) -> bool:
        if not may_know_name(viewer.agency_id, member.agency_id, self.sharing):
            return False
        return member.id not in self.hiding or viewer.sees_desk(member)


def _holders(session: Session, held: list[Held]) -> _Holders:
    ids = {one.person_id for one in held}
    members = {member.id: member for member in members_of(session, (), also=ids)}
    hiding = frozenset(id for id, chosen in choices.of(session, ids).items() if chosen.hides_desk)
    return _Holders(members, hiding, sharing_agencies(session), references.key(session))


def _day(session: Session, site_id: int, on: date | None, *, now: datetime) -> Span:
    zone = sites.site(session, site_id).zone
    return on_day(on or clock.local_date(now, zone), 0, 1440, zone)


def _union(wanted: Wanted, channels: Iterable[Channel]) -> set[int] | None:
    """All keys that some of the channels want, None if one wants every row."""
    keys: set[int] = set()
    for channel in channels:
        asked = wanted[channel]
        if asked is None:
            return None
        keys |= {key for key in asked if isinstance(key, int)}
    return keys
