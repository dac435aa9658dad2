"""What would work instead for the dates of a series that can't be had: two queries for all of them, and the same rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from app import clock
from app.people.service import Employee
from app.rooms import series_store
from app.rooms.errors import NotBookable
from app.rooms.places import Wanted
from app.rooms.rules import ELSEWHERE, Hindrance, Place, Refusal
from app.rooms.series_rules import Diary, InTheWay, Wish
from app.rooms.series_shapes import FixOut
from app.rooms.ways_out import seeker_of
from app.spans import Span

MOST = 2
PLACES = 24
DAYS = 6
"""How far from a day off another day is looked for."""
SHORTER = frozenset({Hindrance.OUTSIDE_HOURS, Hindrance.TOO_LONG})


class Search(msgspec.Struct, frozen=True):
    """Dates that were refused, and all that the series asks for; ``but`` are its bookings that would move."""

    space: Wanted
    person: Employee
    wishes: Sequence[Wish]
    refused: dict[date, Refusal]
    but: frozenset[int]
    now: datetime

    @property
    def conflicts(self) -> list[Wish]:
        return [wish for wish in self.wishes if wish.on in self.refused]


def find(session: Session, search: Search, conflicts: dict[date, NotBookable]) -> None:
    """Give each conflict up to two ways out, each checked against the rules and the bookings there are."""
    asked = [wish for wish in search.conflicts if search.refused[wish.on].hindrance is not Hindrance.PAST]
    if not asked:
        return
    wanted = any(search.refused[wish.on].hindrance in ELSEWHERE for wish in asked)
    nearby = series_store.nearby(session, search.space, PLACES) if wanted else []
    places = {place.id: place for place in (*nearby, search.space.place, *(wish.place for wish in search.wishes))}
    around = timedelta(days=DAYS + 1)
    within = Span(
        min(wish.span.starts_at for wish in asked) - around, max(wish.span.ends_at for wish in asked) + around
    )
    found = series_store.in_the_way(session, places, search.person.id, within, but=search.but)
    diary = _with_the_rest(search, found)
    for wish in asked:
        ways = _ways(search, diary, wish, nearby)
        conflicts[wish.on].ways_out = tuple(way for way, _ in zip(ways, range(MOST), strict=False))


def _with_the_rest(search: Search, found: list[InTheWay]) -> Diary:
    """What is in the way once all dates that aren't refused are booked."""
    diary = Diary(found)
    for wish in search.wishes:
        if wish.on not in search.refused:
            diary.add(wish.place.id, wish.place.kind, wish.span)
    return diary


def _ways(search: Search, diary: Diary, wish: Wish, nearby: list[Place]) -> Iterator[FixOut]:
    seeker, house = seeker_of(search.person), search.space.house
    for place, span in _candidates(search, wish, nearby):
        other = Wish(wish.on, place, span)
        if (place.id, span) != (wish.place.id, wish.span) and not diary.refusal(other, house, seeker, now=search.now):
            yield FixOut("fix", wish.on, place.id, place.name, span.starts_at, span.ends_at)


def _candidates(search: Search, wish: Wish, nearby: list[Place]) -> Iterator[tuple[Place, Span]]:
    hindrance = search.refused[wish.on].hindrance
    if hindrance in ELSEWHERE:
        yield from ((place, wish.span) for place in nearby)
    if hindrance in SHORTER:
        yield from _shorter(search, wish)
    if hindrance is Hindrance.DAY_OFF:
        asked_for = {other.on for other in search.wishes}
        for days in (*range(1, DAYS + 1), *range(-1, -DAYS - 1, -1)):
            if wish.on + timedelta(days=days) not in asked_for:
                yield wish.place, _moved(wish.span, days)


def _shorter(search: Search, wish: Wish) -> Iterator[tuple[Place, Span]]:
    """The same day within the hours and the length that the place allows."""
    place = wish.place
    on = clock.local_date(wish.span.starts_at, place.zone)
    that_day = search.space.house.rules(place.floor_id, search.person.agency_id, on)
    if fitted := that_day.fitted(on, wish.span, place.zone):
        yield place, fitted


def _moved(span: Span, days: int) -> Span:
    """Days of the wall are as long as days here: no zone of ours changes its clocks."""
    return Span(span.starts_at + timedelta(days=days), span.ends_at + timedelta(days=days))
