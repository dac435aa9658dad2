"""Status saya and Di mana tim saya. Both work without a script; with one they follow what changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.errors import Invalid, Refused
from app.forms import Form
from app.ids import number
from app.paths import PathId
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.presence import chip_view, service, status_view, where_view
from app.presence.at_hand import source_of
from app.presence.chip_view import Chip
from app.presence.shapes import ChoicesIn, OverrideIn
from app.problems import detail
from app.texts import N_
from app.views import Notice
from app.web.page import go, local_path, page

DONE = {
    "said": N_("Tersimpan. Rekan Anda melihatnya sekarang."),
    "ended": N_("Status Anda kembali mengikuti rencana, rapat, dan pemakaian Selaras."),
    "chosen": N_("Pilihan Anda tersimpan."),
}
OUTWEIGHED = N_("Tersimpan, tetapi langkah lain lebih menentukan; lihat di bawah.")
AVAILS = ("available", "meeting", "dnd", "away")
PLACES = ("site", "home", "elsewhere")
MOST_MINUTES = 24 * 60


class PresencePages(Controller):
    include_in_schema = False

    @get("/status")
    async def status(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        done = request.query_params.get("done", "")
        return await _status(request, visit, done=done if done in DONE else "")

    @post("/status", status_code=200)
    async def say(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Say how one can be reached, where one is, or both."""
        try:
            wanted = _override(data, visit)
            await visit.write(service.put_override, wanted, source_of(request).connections, now=visit.now)
        except Refused as refused:
            if refused.status in (401, 403):
                raise
            words = N_("Pilih status atau tempat kerja.") if isinstance(refused, Invalid) else ""
            return await _status(request, visit, refused=refused, words=words)
        return go(_back(data, "said"))

    @post("/status/selesai", status_code=200)
    async def end(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Take back what one said."""
        await visit.write(service.end_override, source_of(request).connections, now=visit.now)
        return go(_back(data, "ended"))

    @post("/status/pilihan", status_code=200)
    async def choose(self, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        wanted = ChoicesIn("hides_desk" in data, "hides_idle" in data)
        await visit.write(service.choose, wanted, now=visit.now)
        return go(_back(data, "chosen"))

    @get("/di-mana")
    async def own_team(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _where(request, visit, None)

    @get("/di-mana/{unit_id:int}")
    async def team(self, request: AnyRequest, visit: NamedDependency[Visit], unit_id: PathId) -> Response[Any]:
        return await _where(request, visit, unit_id)


async def _status(
    request: AnyRequest,
    visit: Visit,
    *,
    done: str = "",
    refused: Refused | None = None,
    words: str = "",
) -> Response[Any]:
    connections = source_of(request).connections

    def read(session: Session, actor: Actor) -> Any:
        said, shown = visit.said, None
        view = status_view.status_page(session, actor, connections, said, now=visit.now)
        visit.follows = view.scope
        if refused is not None:
            shown = Notice("warn", said.say(words) if words else detail(refused, said))
        elif done:
            shown = Notice("ok", said.say(DONE[done] if done != "said" or view.heard else OUTWEIGHED))
        return replace(view, notice=shown)

    view = await visit.read(read)
    status = refused.status if refused is not None else 200
    return page(request, visit, "presence/status.html", key="status", view=view, here="/status", status=status)


async def _where(request: AnyRequest, visit: Visit, unit_id: int | None) -> Response[Any]:
    source = source_of(request)

    def read(session: Session, actor: Actor) -> Any:
        unit = unit_id or actor.unit_id
        view = where_view.where_page(session, actor, unit, source, visit.said, now=visit.now)
        visit.follows = view.scope
        return view

    view = await visit.read(read)
    return page(request, visit, "presence/where.html", key="where", view=view)


def _override(data: dict[str, str], visit: Visit) -> OverrideIn:
    """Raises Invalid for a form that says nothing, or something else than it offers."""
    avail, place = data.get("avail") or None, data.get("place") or None
    if (avail not in (None, *AVAILS)) or (place not in (None, *PLACES)) or (avail is None and place is None):
        raise Invalid(problem="avail, place")
    length = data.get("minutes", "").removesuffix("m")
    minutes = number(length)
    if length and not 0 < (minutes or 0) <= MOST_MINUTES:
        raise Invalid(problem="minutes")
    site_id = number(data.get("site_id")) or None if place == "site" else None
    until = visit.now + timedelta(minutes=minutes) if minutes else None
    return OverrideIn(cast(Any, avail), cast(Any, place), site_id, until)


def _back(data: dict[str, str], done: str) -> str:
    """Where the form stood; the page of the status says what was done."""
    path = local_path(data.get("next"), "/status")
    return f"/status?done={done}" if path.partition("?")[0] == "/status" else path


class Head:
    """What every page shows of its reader's own state, and what the part of it that is live was written from."""

    def __init__(self, request: AnyRequest) -> None:
        self._source = source_of(request)

    def read(self, session: Session, actor: Actor, visit: Visit) -> Chip:
        return chip_view.chip(session, actor, self._source.connections, visit.said, now=visit.now)

    def mark(self, session: Session, actor: Actor, visit: Visit) -> str:
        return service.mark(session, actor, visit.follows, self._source, now=visit.now)
