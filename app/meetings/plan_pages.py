"""Rapat baru, and the change of a meeting: one form for both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from app import sites
from app.errors import Invalid, Refused
from app.forms import Form
from app.ids import number
from app.meetings import meeting_form, people_form, plan_view, service
from app.meetings.shapes import MeetingOut
from app.paths import PathId
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.web.page import go, page


class PlanPages(Controller):
    path = "/rapat"
    include_in_schema = False

    @get("/baru")
    async def empty(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _form(request, visit, dict(request.query_params))

    @post("/baru", status_code=200)
    async def plan(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Plan the meeting with its rooms, or nothing of it."""
        sent = _taken(data)
        if not _sends(sent):
            return await _form(request, visit, sent)
        try:
            meeting = await visit.write(_plan, sent, now=visit.now)
        except Refused as refused:
            if refused.status in (401, 404):
                raise
            return await _form(request, visit, sent, tried=True, refused=refused)
        if meeting is None:
            return await _form(request, visit, sent, tried=True)
        return go(f"/rapat/{meeting.id}?done=planned")

    @get("/{meeting_id:int}/ubah")
    async def stored(self, request: AnyRequest, visit: NamedDependency[Visit], meeting_id: PathId) -> Response[Any]:
        return await _form(request, visit, dict(request.query_params), meeting_id=meeting_id)

    @post("/{meeting_id:int}/ubah", status_code=200)
    async def change(
        self, request: AnyRequest, visit: NamedDependency[Visit], meeting_id: PathId, data: Form
    ) -> Response[Any]:
        """Change the meeting, its people, its time and its rooms."""
        sent = _taken(data)
        if not _sends(sent):
            return await _form(request, visit, sent, meeting_id=meeting_id)
        try:
            meeting = await visit.write(_change, meeting_id, sent, now=visit.now)
        except Refused as refused:
            if refused.status in (401, 403, 404):
                raise
            return await _form(request, visit, sent, meeting_id=meeting_id, tried=True, refused=refused)
        if meeting is None:
            return await _form(request, visit, sent, meeting_id=meeting_id, tried=True)
        return go(f"/rapat/{meeting.id}?done=changed")


def _plan(session: Session, actor: Actor, data: Mapping[str, str], *, now: datetime) -> MeetingOut | None:
    """None if something in the form stands against it."""
    places = {site.id: site for site in sites.sites(session)}
    wanted = meeting_form.read(data, places, actor.site_id, now=now)
    new = plan_view.new_meeting(wanted, people_form.read(data))
    return service.plan(session, actor, new, now=now) if new else None


def _change(
    session: Session, actor: Actor, meeting_id: int, data: Mapping[str, str], *, now: datetime
) -> MeetingOut | None:
    """None if something in the form stands against it."""
    before = service.meeting_to_change(session, actor, meeting_id)
    places = {site.id: site for site in sites.sites(session)}
    wanted = meeting_form.read({**data, "site_id": str(before.site_id)}, places, before.site_id, now=now)
    change = plan_view.change_of(session, wanted, people_form.read(data), before)
    if change is None:
        return None
    return service.change(session, actor, meeting_id, change, version=number(data.get("version")), now=now)


def _sends(data: Mapping[str, str]) -> bool:
    """Whether the form is to be carried out, rather than shown again with other people or rooms."""
    return data.get("step") != "refresh" and not people_form.pressed(data)


def _taken(data: Mapping[str, str]) -> dict[str, str]:
    """The fields, with the room that a way out proposes in place of the one that can't be had."""
    sent = dict(data)
    if way := sent.pop("way", ""):
        site_id, _, room_id = way.partition(":")
        if number(site_id) is None or number(room_id) is None:
            raise Invalid(problem="way")
        sent[f"room-{site_id}"] = room_id
    return sent


async def _form(
    request: AnyRequest,
    visit: Visit,
    data: Mapping[str, str],
    *,
    meeting_id: int | None = None,
    tried: bool = False,
    refused: Refused | None = None,
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        return plan_view.plan_page(
            session, actor, data, visit.said, meeting_id=meeting_id, tried=tried, refused=refused, now=visit.now
        )

    view = await visit.read(read)
    status = refused.status if refused is not None else 422 if tried else 200
    here = f"/rapat/{meeting_id}/ubah" if meeting_id else "/rapat/baru"
    return page(request, visit, "meetings/plan.html", key="meetings", view=view, here=here, status=status)
