"""Cari waktu: times that suit everybody, with a room at each site; one tap moves a planned meeting there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from app.errors import Invalid, Refused
from app.forms import Form
from app.ids import number
from app.meetings import find_view, service
from app.meetings.shapes import MeetingChange
from app.paths import PathId
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.web.page import go, page


class FindPages(Controller):
    path = "/rapat"
    include_in_schema = False

    @get("/cari")
    async def look(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _find(request, visit, dict(request.query_params))

    @post("/{meeting_id:int}/pindah", status_code=200)
    async def move(
        self, request: AnyRequest, visit: NamedDependency[Visit], meeting_id: PathId, data: Form
    ) -> Response[Any]:
        """Move the meeting and its rooms together."""
        change = MeetingChange(
            starts_at=_instant(data, "starts_at"),
            ends_at=_instant(data, "ends_at"),
            room_ids=[_id(text) for text in data.get("rooms", "").split(",") if text][:10],
        )
        version = number(data.get("version"))
        try:
            await visit.write(service.change, meeting_id, change, version=version, now=visit.now)
        except Refused as refused:
            if refused.status in (401, 403, 404):
                raise
            return await _find(request, visit, {**data, "meeting": str(meeting_id)}, refused=refused)
        return go(f"/rapat/{meeting_id}?done=moved")


async def _find(
    request: AnyRequest, visit: Visit, data: Mapping[str, str], *, refused: Refused | None = None
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        return find_view.find_page(session, actor, data, visit.said, refused=refused, now=visit.now)

    view = await visit.read(read)
    status = refused.status if refused is not None else 200
    here = f"/rapat/cari?meeting={view.meeting.id}" if view.meeting else "/rapat/cari"
    return page(request, visit, "meetings/find.html", key="meetings", view=view, here=here, status=status)


def _instant(data: Mapping[str, str], name: str) -> datetime:
    """Raises Invalid for what is no instant with its offset."""
    try:
        instant = datetime.fromisoformat(data.get(name, ""))
    except ValueError as error:
        raise Invalid(problem=name) from error
    if instant.tzinfo is None or not 2000 < instant.year < 2100:
        raise Invalid(problem=name)
    return instant


def _id(text: str) -> int:
    """Raises Invalid for what is no id."""
    if not (id := number(text)):
        raise Invalid(problem="rooms")
    return id
