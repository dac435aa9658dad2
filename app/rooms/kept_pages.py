"""Pengelola ruang: the bookings of the rooms that one keeps, to approve, refuse or move."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from app.errors import Invalid, Refused
from app.forms import Form
from app.ids import day, number
from app.paths import PathId
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.problems import detail
from app.rooms import approval, kept_rooms, kept_view, service, today_view
from app.rooms.approval import Decision
from app.rooms.kept_view import Tried
from app.texts import N_, Words
from app.views import Notice
from app.web.page import go, page

DONE = {
    "approved": N_("Ruang {room} disetujui: {when}."),
    "refused": N_("Pesanan ruang {room} ditolak beserta alasannya: {when}."),
    "moved": N_("Pesanan dipindahkan ke ruang {room}: {when}."),
}
MOST_REASON = 300


class KeptRoomsPages(Controller):
    path = "/ruang/kelola"
    include_in_schema = False

    @get("/")
    async def day(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _day(request, visit, dict(request.query_params))

    @post("/{booking_id:int}/putusan", status_code=200)
    async def decide(
        self, request: AnyRequest, visit: NamedDependency[Visit], booking_id: PathId, data: Form
    ) -> Response[Any]:
        """Approve a booking, or refuse it with a reason."""
        wanted = _decision(data)
        try:
            await visit.write(approval.decide, booking_id, wanted, version=_version(data), now=visit.now)
        except Refused as refused:
            return await _again(request, visit, booking_id, data, refused)
        return go(_back(data, wanted.decision, booking_id))

    @post("/{booking_id:int}/pindah", status_code=200)
    async def move(
        self, request: AnyRequest, visit: NamedDependency[Visit], booking_id: PathId, data: Form
    ) -> Response[Any]:
        """Take a booking to another room."""
        if not (space_id := number(data.get("space_id"))):
            raise Invalid(problem="space_id")
        try:
            await visit.write(kept_rooms.move, booking_id, space_id, version=_version(data), now=visit.now)
        except Refused as refused:
            return await _again(request, visit, booking_id, data, refused)
        return go(_back(data, "moved", booking_id))


async def _day(
    request: AnyRequest, visit: Visit, fields: dict[str, str], *, tried: Tried | None = None, status: int = 200
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        said = visit.said
        return kept_view.kept_page(
            session,
            actor,
            number(fields.get("site")) or None,
            day(fields.get("on")),
            said,
            moving=number(fields.get("pindah")) or None,
            tried=tried,
            notice=_told(session, actor, said, fields),
            now=visit.now,
        )

    view = await visit.read(read)
    here = kept_view.href(number(fields.get("site")), day(fields.get("on")))
    return page(request, visit, "rooms/kept.html", key="kept", view=view, here=here, status=status)


async def _again(
    request: AnyRequest, visit: Visit, booking_id: int, data: dict[str, str], refused: Refused
) -> Response[Any]:
    """The same page with the refusal at the booking that it is about."""
    if refused.status in (401, 403, 404):
        raise refused
    no_reason = isinstance(refused, Invalid) and refused.facts.get("problem") == "reason"
    error = visit.said.say(N_("Tuliskan alasannya.")) if no_reason else detail(refused, visit.said)
    tried = Tried(booking_id, data.get("reason", "").strip(), error)
    return await _day(request, visit, data, tried=tried, status=refused.status)


def _told(session: Session, actor: Actor, said: Words, fields: dict[str, str]) -> Notice | None:
    """What a redirect says has just been done, in words of ours and from the booking itself."""
    done, booking_id = fields.get("done", ""), number(fields.get("told"))
    if done not in DONE or not booking_id:
        return None
    try:
        booking = service.booking_for(session, actor, booking_id)
    except Refused:
        return None
    when = said.when(booking.span, booking.zone, today_view.zone_of(session, actor))
    return Notice("ok", said.say(DONE[done], room=booking.space, when=when))


def _back(data: dict[str, str], done: str, booking_id: int) -> str:
    return kept_view.href(number(data.get("site")), day(data.get("on")), done=done, told=booking_id)


def _decision(data: dict[str, str]) -> Decision:
    reason, decision = data.get("reason", "").strip(), data.get("decision")
    if len(reason) > MOST_REASON or "\x00" in reason:
        raise Invalid(problem="reason")
    if decision == "approved":
        return Decision("approved", reason)
    if decision == "refused":
        return Decision("refused", reason)
    raise Invalid(problem="decision")


def _version(data: dict[str, str]) -> int | None:
    return number(data.get("version")) or None
