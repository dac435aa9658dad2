"""The forms of the waiting list; each leads back to the page it stands on."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from app import shapes
from app.errors import Invalid, Refused
from app.forms import Form
from app.paths import PathId
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.rooms import waiting
from app.rooms.pages import back
from app.rooms.waiting_shapes import NewWait


class WaitingPages(Controller):
    include_in_schema = False

    @post("/daftar-tunggu", status_code=200)
    async def join(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Stand in line for the chosen desk at the hours shown."""
        wanted = _wanted(data)
        try:
            wait = await visit.write(waiting.join, wanted, now=visit.now)
        except Refused as refused:
            if refused.status in (401, 404):
                raise
            return await back(request, visit, data, refused=refused)
        return await back(request, visit, data, done="joined", about=wait.id)

    @post("/daftar-tunggu/{wait_id:int}/{verb:str}", status_code=200)
    async def answer(
        self,
        request: AnyRequest,
        visit: NamedDependency[Visit],
        wait_id: PathId,
        verb: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Accept what is held (terima); leave the line, or give back what is held (keluar)."""
        if verb not in _ANSWERS:
            raise Invalid(problem=verb)
        try:
            done = await visit.write(_ANSWERS[verb], wait_id, now=visit.now)
        except Refused as refused:
            if refused.status in (401, 404):
                raise
            return await back(request, visit, data, refused=refused)
        return await back(request, visit, data, done=done, about=wait_id)


def _accept(session: Session, actor: Actor, wait_id: int, *, now: Any) -> str:
    waiting.accept(session, actor, wait_id, now=now)
    return "accepted"


def _leave(session: Session, actor: Actor, wait_id: int, *, now: Any) -> str:
    wait = waiting.leave(session, actor, wait_id, now=now)
    return "left" if wait.booking_id is None else "declined"


_ANSWERS: dict[str, Any] = {"terima": _accept, "keluar": _leave}


def _wanted(data: dict[str, str]) -> NewWait:
    """Raises Invalid for what can't be read."""
    fields: dict[str, Any] = {name: data.get(name, "") for name in ("space_id", "starts_at", "ends_at")}
    try:
        return shapes.convert(fields | {"automatic": data.get("automatic") == "yes"}, NewWait, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(problem="space_id, starts_at, ends_at") from error
