"""Today, the floor plan, and one's own bookings: whole pages for browsers, parts of them for the pages' script."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import ids, notice_words, notices
from app.errors import Invalid, Refused
from app.forms import Form, number_of
from app.meetings import day_view
from app.paths import PathId
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.problems import detail
from app.rooms import floor_scene, floor_view, places, series_view, service, today_view, waiting_view, wording
from app.rooms import told as told_words
from app.rooms.bookings import BookingChange, BookingOut, NewBooking
from app.rooms.errors import NotBookable
from app.rooms.floor_choice import FloorQuery, address, chosen_span, hours_key, lacks_hours, read_query
from app.rooms.near_team import pick_for
from app.texts import Words
from app.views import Notice
from app.web.page import go, is_fragment, local_path, page


class RoomPages(Controller):
    include_in_schema = False

    @get("/")
    async def today(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _today(request, visit, _told(request))

    @post("/kabar/dibaca", status_code=200)
    async def put_news_away(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """Mark everything one was told as read."""

        def put_away(session: Session, actor: Actor) -> None:
            notices.put_away(session, actor.id, now=visit.now)

        await visit.write(put_away)
        return go("/")

    @get("/pesanan")
    async def bookings(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _bookings(request, visit, _told(request))

    @get("/denah")
    async def floor(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        query = read_query(dict(request.query_params))
        return await _floor(request, visit, query, told=_told(request))

    @post("/denah/pesan", status_code=200)
    async def book(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Book the chosen desk for the part of the day chosen in the form."""
        query = replace(read_query(data), desk=number_of(data, "space_id"))
        wanted_for = number_of(data, "person_id") if data.get("person_id") else None

        def book(session: Session, actor: Actor) -> BookingOut:
            if lacks_hours(query):
                raise Invalid(problem=HOURS)
            space = places.space_for(session, actor, query.desk or 0)
            on = query.on or floor_scene.look(session, actor, query, visit.said, now=visit.now).on
            settings = space.house.rules(space.place.floor_id, actor.agency_id, on)
            span, _ = chosen_span(query, on, settings, space.place.zone)
            new = NewBooking(space.place.id, span.starts_at, span.ends_at, wanted_for)
            return service.book(session, actor, new, now=visit.now)

        try:
            booking = await visit.write(book)
        except Refused as refused:
            if wanted_for is not None:  # this page moves one's own bookings only
                refused.ways_out = tuple(way for way in refused.ways_out if way.action == "book")
            return await _floor(request, visit, query, refused=refused)
        verb = "booked" if visit.actor and booking.person_id == visit.actor.id else "for-other"
        return await _done(request, visit, query, verb, booking, shown=data.get("shown"))

    @post("/denah/pindah", status_code=200)
    async def move(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Take one's own booking to the chosen desk."""
        query = replace(read_query(data), desk=number_of(data, "space_id"))
        change = BookingChange(space_id=query.desk or 0)
        version = number_of(data, "version")
        try:
            booking = await visit.write(
                service.change, number_of(data, "booking_id"), change, version=version, now=visit.now
            )
        except Refused as refused:
            return await _floor(request, visit, query, refused=refused)
        return await _done(request, visit, query, "moved", booking)

    @post("/denah/dekat-tim", status_code=200)
    async def near_team(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Pick a good desk and show it with the reason; the second tap books it."""
        query = read_query(data)

        def pick(session: Session, actor: Actor) -> tuple[FloorQuery, str]:
            scene = floor_scene.look(session, actor, query, visit.said, now=visit.now)
            return pick_for(session, scene)

        chosen, reason = await visit.read(pick)
        notice = Notice("ok" if chosen.desk else "warn", reason)
        return await _floor(request, visit, chosen, notice=notice)

    @post("/pesanan/{booking_id:int}/{verb:str}", status_code=200)
    async def act(
        self,
        request: AnyRequest,
        visit: NamedDependency[Visit],
        booking_id: PathId,
        verb: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Check in (hadir), check out (selesai), give back (batal), take up again (pulihkan)."""
        if verb not in _ACTS:
            raise Invalid(problem=verb)
        version = number_of(data, "version") if data.get("version") else None
        try:
            done, booking = await visit.write(_ACTS[verb], booking_id, version=version, now=visit.now)
        except Refused as refused:
            if refused.status in (401, 404):
                raise
            return await back(request, visit, data, refused=refused)
        return await back(request, visit, data, done=done, about=booking.id)


def _act(function: Any, done: str, **change: Any) -> Any:
    def act(
        session: Session, actor: Actor, booking_id: int, *, version: int | None, now: Any
    ) -> tuple[str, BookingOut]:
        return done, function(session, actor, booking_id, **change, version=version, now=now)

    return act


_ACTS: dict[str, Any] = {
    "hadir": _act(service.check_in, "checked-in"),
    "selesai": _act(service.check_out, "completed"),
    "batal": _act(service.cancel, "cancelled"),
    "pulihkan": _act(service.change, "restored", wanted=BookingChange(state="booked")),
}


async def _today(request: AnyRequest, visit: Visit, told: tuple[str, int] | None = None, **more: Any) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        said = visit.said
        notice = more.get("notice") or told_words.notice(session, actor, said, told)
        news = [notice_words.worded(one, said) for one in notices.unseen(session, actor.id)]
        meetings = day_view.today(session, actor, said, now=visit.now)
        view = today_view.today_page(session, actor, said, notice=notice, now=visit.now)
        shown = view.booking.id if view.booking else 0
        waits = waiting_view.waits(session, actor, said, but=shown, now=visit.now)
        return view, {"news": news, "meetings": meetings, "waits": waits}

    visit.follows = "today:me"
    view, parts = await visit.read(read)
    status = more.get("status", 200)
    return page(request, visit, "rooms/today.html", key="today", view=view, here="/", status=status, **parts)


async def _bookings(
    request: AnyRequest, visit: Visit, told: tuple[str, int] | None = None, **more: Any
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        said = visit.said
        notice = more.get("notice") or told_words.notice(session, actor, said, told)
        view = today_view.bookings_page(session, actor, said, notice=notice, now=visit.now)
        return replace(view, series=series_view.links(session, actor, said, now=visit.now))

    view = await visit.read(read)
    status = more.get("status", 200)
    return page(request, visit, "rooms/bookings.html", key="bookings", view=view, here="/pesanan", status=status)


async def _floor(
    request: AnyRequest,
    visit: Visit,
    query: FloorQuery,
    *,
    told: tuple[str, int] | None = None,
    notice: Notice | None = None,
    refused: Refused | None = None,
) -> Response[Any]:
    """The page, or for the page's script the panel alone; a refusal comes as a notice at the desk it is about."""

    def read(session: Session, actor: Actor) -> Any:
        said = visit.said
        shown = notice or told_words.notice(session, actor, said, told)
        if refused is not None:
            shown = _refusal(refused, said, query)
        elif shown is None and lacks_hours(query):
            shown = Notice("warn", said.say(wording.HOURS_WANTED))
        view = floor_view.floor_page(session, actor, query, said, notice=shown, now=visit.now)
        visit.follows = view.live.scope if view.live else ""
        return view

    view = await visit.read(read)
    part = is_fragment(request)
    template = "rooms/floor_panel.html" if part else "rooms/floor.html"
    status = refused.status if refused is not None and not part else 200
    here = view.panel.desk.href if view.panel else view.list_href if view.as_list else view.map_href
    return page(request, visit, template, key="floor", view=view, here=here, status=status, whole=not part)


def _refusal(refused: Refused, said: Words, query: FloorQuery) -> Notice:
    if isinstance(refused, NotBookable):
        floor = f"/denah?{'view=list' if query.view == 'list' else 'view=map'}"
        return wording.refusal(refused, said, floor)
    if isinstance(refused, Invalid) and refused.facts.get("problem") == HOURS:
        return Notice("warn", said.say(wording.HOURS_WANTED))
    return Notice("warn", detail(refused, said))


async def _done(
    request: AnyRequest,
    visit: Visit,
    query: FloorQuery,
    verb: str,
    booking: BookingOut,
    *,
    shown: str | None = None,
) -> Response[Any]:
    """``shown``: the hours that the page shows (``hours_key``). Of other ones the panel alone would tell beside a plan that
    knows nothing of them."""
    part = is_fragment(request)
    if part and shown in (None, hours_key(query)):
        return await _floor(request, visit, query, told=(verb, booking.id))
    span = query.part == "span"
    fields = {
        "desk": booking.space_id,
        "on": query.on.isoformat() if query.on else None,
        "part": query.part,
        "from": ids.hhmm(query.starts or 0) if span else None,
        "until": ids.hhmm(query.ends or 0) if span else None,
        "wing": query.wing or None,
        "view": query.view,
        "done": verb,
        "booking": booking.id,
    }
    path = address(fields)
    return Response(b"", status_code=204, headers={"HX-Redirect": path}) if part else go(path)


async def back(
    request: AnyRequest,
    visit: Visit,
    data: dict[str, str],
    *,
    done: str = "",
    about: int = 0,
    refused: Refused | None = None,
) -> Response[Any]:
    """Where the form was: the panel for the page's script, the same page again for a refusal, else a redirect there."""
    path = local_path(data.get("next"), "/pesanan")
    parts = urlsplit(path)
    fields = {name: value for name, value in parse_qsl(parts.query) if name not in ("done", "booking", "wait")}
    told = (done, about) if about else None
    if parts.path == "/denah" and (is_fragment(request) or refused is not None):
        return await _floor(request, visit, read_query(fields), told=told, refused=refused)
    if refused is not None:
        notice = Notice("warn", detail(refused, visit.said))
        render = _today if parts.path == "/" else _bookings
        return await render(request, visit, notice=notice, status=refused.status)
    news = {"done": done, "wait" if done in waiting_view.DONE else "booking": about}
    return go(f"{parts.path}?{urlencode({**fields, **news})}")


def _told(request: AnyRequest) -> tuple[str, int] | None:
    return waiting_view.told(request.query_params, told_words.DONE, "booking")


HOURS = "from, until"
"""What is wrong with a form that wants hours of its own and names none."""
