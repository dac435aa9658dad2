"""Ruang rapat: the rooms of a place on one day, and what the reader does with them. All of it works without a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import clock
from app.errors import Invalid, Refused
from app.forms import Form, number_of
from app.paths import PathId
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.problems import detail
from app.quarters import QUARTER
from app.rooms import places, room_view, service, waiting, waiting_view, wording
from app.rooms import told as told_words
from app.rooms.bookings import BookingChange, BookingOut, NewBooking
from app.rooms.errors import NotBookable
from app.rooms.places import Wanted
from app.rooms.room_choice import RoomsQuery, address, fields_of, read_query
from app.rooms.waiting_shapes import NewWait, WaitOut
from app.rooms.ways_out import WayOut as Way
from app.spans import Span, on_day
from app.texts import N_, Words
from app.views import Notice, WayOut
from app.web.page import go, local_path, page

MOST_PURPOSE = 200


class RoomsPages(Controller):
    path = "/ruang"
    include_in_schema = False

    @get("/")
    async def rooms(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _rooms(request, visit, read_query(dict(request.query_params)), told=_told(request))

    @post("/pesan", status_code=200)
    async def book(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Book the chosen room for the hours in the form, on the day that the page shows."""
        query = replace(read_query(data), space=number_of(data, "space_id"), booking=None)
        purpose = _purpose(data)

        def book(session: Session, actor: Actor) -> BookingOut:
            span = _span(places.space_for(session, actor, query.space or 0), query)
            new = NewBooking(query.space or 0, span.starts_at, span.ends_at, purpose=purpose)
            return service.book(session, actor, new, now=visit.now)

        try:
            booking = await visit.write(book)
        except Refused as refused:
            return await _again(request, visit, query, refused, purpose)
        return go(_shown(query, "booked", booking))

    @post("/tunggu", status_code=200)
    async def wait(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Stand in line for the chosen room at the hours in the form, on the day that the page shows."""
        query = replace(read_query(data), space=number_of(data, "space_id"), booking=None)

        def join(session: Session, actor: Actor) -> WaitOut:
            span = _span(places.space_for(session, actor, query.space or 0), query)
            new = NewWait(query.space or 0, span.starts_at, span.ends_at, automatic=data.get("automatic") == "yes")
            return waiting.join(session, actor, new, now=visit.now)

        try:
            joined = await visit.write(join)
        except Refused as refused:
            return await _again(request, visit, query, refused)
        here = fields_of(query) | {"space": str(joined.space_id)}
        return go(address({**here, "done": "joined", "wait": joined.id}, joined.space_id))

    @post("/{booking_id:int}/{verb:str}", status_code=200)
    async def act(
        self,
        request: AnyRequest,
        visit: NamedDependency[Visit],
        booking_id: PathId,
        verb: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Check in (hadir), end (selesai), a quarter of an hour more (tambah), other hours or room (pindah), give back
        (batal), take up again (pulihkan)."""
        if verb not in _ACTS:
            raise Invalid(problem=verb)
        version = number_of(data, "version") if data.get("version") else None
        query = _page_of(data)
        if verb == "pindah":
            query = replace(read_query(data), space=number_of(data, "space_id"), booking=booking_id)
        try:
            done, booking = await visit.write(_ACTS[verb], booking_id, query, version=version, now=visit.now)
        except Refused as refused:
            if refused.status in (401, 404):
                raise
            return await _again(request, visit, replace(query, booking=booking_id), refused)
        return go(_shown(query, done, booking))


Done = tuple[str, BookingOut]


def _act(function: Any, done: str, **change: Any) -> Callable[..., Done]:
    def act(session: Session, actor: Actor, booking_id: int, _: RoomsQuery, *, version: int | None, now: Any) -> Done:
        return done, function(session, actor, booking_id, **change, version=version, now=now)

    return act


def _extend(session: Session, actor: Actor, booking_id: int, _: RoomsQuery, *, version: int | None, now: Any) -> Done:
    before = service.booking_for(session, actor, booking_id)
    change = BookingChange(ends_at=before.ends_at + QUARTER)
    return "changed", service.change(session, actor, booking_id, change, version=version, now=now)


def _move(session: Session, actor: Actor, booking_id: int, query: RoomsQuery, *, version: int | None, now: Any) -> Done:
    span = _span(places.space_for(session, actor, query.space or 0), query)
    change = BookingChange(query.space or 0, span.starts_at, span.ends_at)
    return "changed", service.change(session, actor, booking_id, change, version=version, now=now)


_ACTS: dict[str, Callable[..., Done]] = {
    "hadir": _act(service.check_in, "checked-in"),
    "selesai": _act(service.check_out, "completed"),
    "batal": _act(service.cancel, "cancelled"),
    "pulihkan": _act(service.change, "restored", wanted=BookingChange(state="booked")),
    "tambah": _extend,
    "pindah": _move,
}


async def _rooms(
    request: AnyRequest,
    visit: Visit,
    query: RoomsQuery,
    *,
    told: tuple[str, int] | None = None,
    refused: Refused | None = None,
    purpose: str = "",
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        said = visit.said
        shown = (
            _refusal(refused, said, query) if refused else told_words.notice(session, actor, said, told, acts="/ruang")
        )
        view = room_view.rooms_page(session, actor, query, said, notice=shown, now=visit.now)
        if view.panel is not None and purpose:
            view = replace(view, panel=replace(view.panel, purpose=purpose))
        visit.follows = view.scope
        return view

    view = await visit.read(read)
    status = refused.status if refused is not None else 200
    return page(request, visit, "rooms/rooms.html", key="rooms", view=view, here=view.here, status=status)


async def _again(
    request: AnyRequest, visit: Visit, query: RoomsQuery, refused: Refused, purpose: str = ""
) -> Response[Any]:
    """The same page with the refusal at the room that it is about."""
    if refused.status in (401, 404):
        raise refused
    return await _rooms(request, visit, query, refused=refused, purpose=purpose)


def _refusal(refused: Refused, said: Words, query: RoomsQuery) -> Notice:
    if not isinstance(refused, NotBookable):
        invalid = isinstance(refused, Invalid)
        return Notice("warn", said.say(wording.HOURS_WANTED) if invalid else detail(refused, said))
    zone = str(refused.facts["zone"])
    ways = tuple(_way(way, said, query, zone) for way in refused.ways_out)
    return Notice("warn", detail(refused, said), str(refused.facts.get("basis") or ""), ways)


def _way(way: Way, said: Words, query: RoomsQuery, zone: str) -> WayOut:
    """A way out as the page with another room or time chosen; the second tap goes it."""
    span = Span(way.starts_at, way.ends_at)
    on = clock.local_date(way.starts_at, zone)
    when = f"{said.short_day(on)} · {said.hours(span, zone)}"
    fields: dict[str, str | int | None] = {
        **{name: value for name, value in fields_of(query).items() if name in ("site", "building")},
        "on": on.isoformat(),
        "space": way.space_id,
        "from": wording.hhmm(way.starts_at, zone),
        "until": wording.until(span, zone),
        "booking": way.booking_id,
    }
    return WayOut(said.say(N_("{room}, {when}"), room=way.space, when=when), address(fields, way.space_id))


def _told(request: AnyRequest) -> tuple[str, int] | None:
    return waiting_view.told(request.query_params, wording.ROOM_DONE, "told")


def _shown(query: RoomsQuery, done: str, booking: BookingOut) -> str:
    """Where to see what has been done: the booking in its room, or the room alone once the booking is over."""
    on = clock.local_date(booking.starts_at, booking.zone).isoformat()
    here = fields_of(query) | {"on": on, "space": str(booking.space_id)}
    news = {"booking": booking.id if booking.active else None, "done": done, "told": booking.id}
    return address({**here, **news}, booking.space_id)


def _page_of(data: dict[str, str]) -> RoomsQuery:
    """The page that a form stood on."""
    parts = urlsplit(local_path(data.get("next"), "/ruang"))
    return read_query(dict(parse_qsl(parts.query)))


def _span(space: Wanted, query: RoomsQuery) -> Span:
    """The hours that the form says, on its day. Raises Invalid for hours that are missing or backwards."""
    zone = space.place.zone
    if query.on is None or query.starts is None or query.ends is None or query.starts >= query.ends:
        raise Invalid(problem="from, until")
    return on_day(query.on, query.starts, query.ends, zone)


def _purpose(data: dict[str, str]) -> str:
    purpose = data.get("purpose", "").strip()
    if len(purpose) > MOST_PURPOSE or "\x00" in purpose:
        raise Invalid(problem="purpose")
    return purpose
