"""Which floor, day and span to show when the reader did not say: where their desk or their team is, and the next open day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import urlencode

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.errors import NotFound
from app.ids import day, minute, number
from app.people.access import Actor
from app.presence import choices
from app.rooms import places, rules
from app.rooms.models import Booking, Space
from app.rooms.places import FloorSite
from app.rooms.rules import HouseRules
from app.spans import Span, on_day

Part = Literal["day", "am", "pm", "span"]
LOOK_AHEAD = 21


class FloorQuery(msgspec.Struct, frozen=True):
    """What the address asks for; anything unreadable in it counts as not asked."""

    floor: int | None = None
    on: date | None = None
    part: Part = "day"
    starts: int | None = None
    ends: int | None = None
    """minutes since local midnight, for part "span" """
    wing: str = ""
    desk: int | None = None
    view: Literal["map", "list"] = "map"


def read_query(fields: dict[str, str]) -> FloorQuery:
    """The query of an address or a form."""
    part = fields.get("part", "day")
    return FloorQuery(
        number(fields.get("floor")) or None,
        day(fields.get("on")),
        part if part in ("day", "am", "pm", "span") else "day",  # type: ignore[arg-type]
        minute(fields.get("from")),
        minute(fields.get("until")),
        fields.get("wing", "")[:40],
        number(fields.get("desk")) or None,
        "list" if fields.get("view") == "list" else "map",
    )


def lacks_hours(query: FloorQuery) -> bool:
    """Whether hours of one's own are wanted, and none are given, or backwards."""
    return query.part == "span" and (query.starts is None or query.ends is None or query.starts >= query.ends)


def hours_key(query: FloorQuery) -> str:
    """The hours asked for, in one word: two pages with the same key show the same."""
    return f"span {query.starts} {query.ends}" if query.part == "span" else query.part


def address(fields: Mapping[str, str | int | None]) -> str:
    """The floor page's address that ``read_query`` reads back; None leaves a field out."""
    return "/denah?" + urlencode({name: value for name, value in fields.items() if value is not None})


def chosen_floor(session: Session, actor: Actor, query: FloorQuery, *, now: datetime) -> int:
    """The floor asked for; else that of the reader's next desk; else where most of their team sit next; else the first
    of their place of posting. Raises NotFound if there is no floor at all."""
    if query.floor is not None:
        return query.floor
    if query.desk is not None and (floor := session.scalar(select(Space.floor_id).where(Space.id == query.desk))):
        return floor
    soon = now + timedelta(days=7)
    coming = (Booking.active, Booking.kind == "desk", Booking.ends_at > now, Booking.starts_at < soon)
    own = session.scalar(
        select(Space.floor_id)
        .join(Booking, Booking.space_id == Space.id)
        .where(Booking.person_id == actor.id, *coming)
        .order_by(Booking.starts_at)
        .limit(1)
    )
    if own:
        return own
    team = session.scalar(
        select(Space.floor_id)
        .join(Booking, Booking.space_id == Space.id)
        .where(Booking.person_id.in_(list(choices.team_in_sight(session, actor))), *coming)
        .group_by(Space.floor_id)
        .order_by(func.count().desc(), Space.floor_id)
        .limit(1)
    )
    floor = team or places.first_floor(session, actor.site_id)
    if floor is None:
        raise NotFound(site_id=actor.site_id)
    return floor


def chosen_day(query: FloorQuery, where: FloorSite, actor: Actor, *, now: datetime) -> date:
    """The day asked for; else today while it can be booked; else the next open day."""
    if query.on is not None:
        return query.on
    today = clock.local_date(now, where.zone)
    for n in range(LOOK_AHEAD):
        on = today + timedelta(days=n)
        settings = where.house.rules(where.floor_id, actor.agency_id, on)
        ends_at = clock.instant_of(on, settings.day_ends, where.zone)
        if (
            str(on.isoweekday()) in settings.open_weekdays
            and not where.house.day_off(where.site_id, on)
            and ends_at > now
        ):
            return on
    return today


def chosen_span(query: FloorQuery, on: date, settings: HouseRules, zone: str) -> tuple[Span, Part]:
    """The span asked for, and the part of the day it really is."""
    if query.part == "span" and query.starts is not None and query.ends is not None and not lacks_hours(query):
        return on_day(on, query.starts, query.ends, zone), "span"
    part: Part = "day" if query.part == "span" else query.part
    return rules.day_parts(on, settings, zone)[part], part
