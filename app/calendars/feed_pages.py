"""Umpan kalender, under Profil: make, look at, change, rotate and revoke feeds; and a meeting as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from markupsafe import Markup
from msgspec import UNSET
from sqlalchemy.orm import Session

from app.calendars import feed_view, invitation_file, service
from app.calendars.addresses import base_of
from app.calendars.kinds import KINDS
from app.calendars.shapes import FeedChange, NewAddress, NewFeed
from app.cleaning import one_line
from app.errors import Refused
from app.forms import Form
from app.ids import number
from app.paths import PathId
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.problems import detail
from app.texts import N_
from app.web.page import go, page

MOST_NAME = 80
NAMELESS = N_("Beri alamat ini nama, misalnya aplikasi yang akan memakainya.")
NOTHING_CHOSEN = N_("Pilih kalender yang akan ditampilkan.")


class FeedPages(Controller):
    path = "/profil/kalender"
    include_in_schema = False

    @get()
    async def feeds(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _feeds(request, visit, dict(request.query_params))

    @post(status_code=200)
    async def make(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Make a feed. The answer shows its address; the page's own address says nothing of it."""
        sent = {name: one_line(value) for name, value in data.items()}
        if error := _error(sent):
            return await _feeds(request, visit, sent, error=error)
        wanted = NewFeed(
            sent["kind"],  # type: ignore[arg-type]
            sent["name"][:MOST_NAME],
            number(sent.get("subject_id")) if sent["kind"] not in ("me", "team") else None,
            feed_view.level_of(sent.get("level")),
            visit.language,
            with_meetings="without_meetings" not in sent,
            with_alarm="with_alarm" in sent,
        )
        try:
            made = await visit.write(service.make, wanted, now=visit.now)
        except Refused as refused:
            if refused.status == 401:
                raise
            return await _feeds(request, visit, sent, error=detail(refused, visit.said))
        return await _feeds(request, visit, {}, fresh=service.address(made, base_of(request)))

    @get("/{feed_id:int}")
    async def feed(self, request: AnyRequest, visit: NamedDependency[Visit], feed_id: PathId) -> Response[Any]:
        return await _feed(request, visit, feed_id, done=request.query_params.get("done", ""))

    @post("/{feed_id:int}", status_code=200)
    async def change(
        self, request: AnyRequest, visit: NamedDependency[Visit], feed_id: PathId, data: Form
    ) -> Response[Any]:
        name = one_line(data.get("name", ""))[:MOST_NAME]
        if not name:
            return await _feed(request, visit, feed_id, error=NAMELESS)
        wanted = FeedChange(
            name=name,
            level=feed_view.level_of(data.get("level")) or UNSET,
            language="en" if data.get("language") == "en" else "id",
            with_cancelled="without_cancelled" not in data,
            with_meetings="without_meetings" not in data,
            with_alarm="with_alarm" in data,
        )
        await visit.write(service.change, feed_id, wanted, now=visit.now)
        return go(f"/profil/kalender/{feed_id}?done=changed")

    @post("/{feed_id:int}/ganti", status_code=200)
    async def rotate(self, request: AnyRequest, visit: NamedDependency[Visit], feed_id: PathId) -> Response[Any]:
        """A new address in one tap; the old one is empty before this page is there."""
        made = await visit.write(service.rotate, feed_id, now=visit.now)
        return await _feeds(request, visit, {}, fresh=service.address(made, base_of(request)))

    @post("/{feed_id:int}/cabut", status_code=200)
    async def revoke(self, visit: NamedDependency[Visit], feed_id: PathId) -> Response[Any]:
        await visit.write(service.revoke, feed_id, now=visit.now)
        return go("/profil/kalender?done=revoked")


class InvitationFiles(Controller):
    include_in_schema = False

    @get("/rapat/{meeting_id:int}/invite.ics")
    async def one(self, request: AnyRequest, visit: NamedDependency[Visit], meeting_id: PathId) -> Response[bytes]:
        """A meeting as a file, for calendars that are not subscribed: with the session, and as an attachment."""
        origin = request.app.state.settings.origin
        body = await visit.read(
            lambda session, actor: invitation_file.of(session, actor, meeting_id, visit.said, origin)
        )
        headers = {
            "Content-Disposition": f'attachment; filename="rapat-{meeting_id}.ics"',
            "Cache-Control": "private, no-store",
        }
        return Response(body, media_type="text/calendar", headers=headers)


def _error(sent: Mapping[str, str]) -> str:
    if sent.get("kind") not in KINDS:
        return NOTHING_CHOSEN
    if not sent.get("name"):
        return NAMELESS
    if sent["kind"] not in ("me", "team") and not number(sent.get("subject_id")):
        return NOTHING_CHOSEN
    return ""


async def _feeds(
    request: AnyRequest,
    visit: Visit,
    query: Mapping[str, str],
    *,
    fresh: NewAddress | None = None,
    error: str = "",
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        return feed_view.feeds_page(
            session,
            actor,
            visit.said,
            query=query,
            fresh=fresh,
            error=visit.said.say(error) if error else "",
            done=query.get("done", ""),
        )

    view = await visit.read(read)
    qr = Markup(view.fresh.qr) if view.fresh else ""  # noqa: S704 - made here, of black and white squares
    status = 400 if error else 200
    here = "/profil/kalender"
    return page(request, visit, "calendars/feeds.html", key="profile", view=view, qr=qr, here=here, status=status)


async def _feed(request: AnyRequest, visit: Visit, feed_id: int, *, done: str = "", error: str = "") -> Response[Any]:
    origin = request.app.state.settings.origin

    def read(session: Session, actor: Actor) -> Any:
        said = visit.said
        return feed_view.feed_page(
            session, actor, feed_id, said, origin, done=done, error=said.say(error) if error else "", now=visit.now
        )

    view = await visit.read(read)
    here, status = f"/profil/kalender/{feed_id}", 400 if error else 200
    return page(request, visit, "calendars/feed.html", key="profile", view=view, here=here, status=status)
