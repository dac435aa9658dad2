"""Papan tim: who of a unit is where, with the decisions that wait for the reader on top."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound, Refused
from app.forms import Form
from app.ids import LARGEST, number
from app.paths import PathId
from app.people import service as people
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.problems import detail
from app.scheduling import approval, board_file, board_view
from app.scheduling.approval import ApprovalItem, DecisionIn, ManyIn
from app.scheduling.board_asked import Try
from app.texts import N_, Words
from app.views import Notice
from app.web.page import go, local_path, page

DONE = {
    "approved": N_("Rencana {name} disetujui."),
    "returned": N_("Rencana {name} dikembalikan beserta alasannya."),
}
_PATH = re.compile(r"/tim/(\d{1,10})")
_ITEM = re.compile(r"(\d{1,10}):(\d{4}-W\d{2}):(\d{1,10})")
MOST_REASON = 500


class BoardPages(Controller):
    path = "/tim"
    include_in_schema = False

    @get("/")
    async def own(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _board(request, visit, None, dict(request.query_params))

    @get("/{unit_id:int}")
    async def unit(self, request: AnyRequest, visit: NamedDependency[Visit], unit_id: PathId) -> Response[Any]:
        return await _board(request, visit, unit_id, dict(request.query_params))

    @get("/{unit_id:int}/papan.csv")
    async def file(self, request: AnyRequest, visit: NamedDependency[Visit], unit_id: PathId) -> Response[bytes]:
        """The board with its totals for a spreadsheet, which knows UTF-8 by its byte order mark."""
        week = request.query_params.get("week")

        def read(session: Session, actor: Actor) -> str:
            return board_file.csv_lines(session, actor, unit_id, week, visit.said, now=visit.now)

        text = await visit.read(read)
        name = f"papan-tim-{unit_id}{f'-{week}' if week else ''}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
        return Response(text.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)

    @post("/putusan", status_code=200)
    async def decide(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Approve one week, or return it with a reason."""
        item, wanted = _item(data.get("item", "")), _decision(data)
        try:
            await visit.write(
                approval.decide, item.person_id, item.week, wanted, version=item.version, now=visit.now
            )  # fmt: skip
        except Refused as refused:
            if refused.status in (401, 404):
                raise
            return await _again(request, visit, data, refused, wanted.reason)
        return go(_back(data, done=wanted.decision, person=item.person_id))

    @post("/putusan/semua", status_code=200)
    async def approve(self, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Approve the weeks that were shown as passing the rules, each for itself."""
        items = [_item(text) for text in data.get("items", "").split(",")]
        if len(items) > board_view.MOST_WAITING:
            raise Invalid(problem="items")
        outcomes = await visit.write(approval.decide_many, ManyIn(items), now=visit.now)
        left = sum(one.refused is not None for one in outcomes)
        return go(_back(data, done="all", n=len(outcomes) - left, left=left))


async def _board(
    request: AnyRequest,
    visit: Visit,
    unit_id: int | None,
    query: dict[str, str],
    *,
    tried: Try | None = None,
    status: int = 200,
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        said = visit.said
        view = board_view.board_page(
            session,
            actor,
            unit_id or actor.unit_id,
            query.get("week"),
            said,
            after=(number(query.get("after", "")) or 0),
            notice=_told(session, actor, said, query),
            tried=tried,
            now=visit.now,
        )
        visit.follows = view.scope
        return view

    view = await visit.read(read)
    return page(request, visit, "scheduling/board.html", key="team", view=view, here=view.path, status=status)


async def _again(
    request: AnyRequest, visit: Visit, data: dict[str, str], refused: Refused, reason: str
) -> Response[Any]:
    """The same page, with the refusal at the week it is about; above all of them if that one waits no more."""
    parts = urlsplit(local_path(data.get("next"), "/tim"))
    found = _PATH.fullmatch(parts.path)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    tried = Try(data["item"], reason, detail(refused, visit.said))
    return await _board(request, visit, int(found[1]) if found else None, query, tried=tried, status=refused.status)


def _back(data: dict[str, str], **told: Any) -> str:
    parts = urlsplit(local_path(data.get("next"), "/tim"))
    path = parts.path if _PATH.fullmatch(parts.path) else "/tim"
    kept = {name: values[0] for name, values in parse_qs(parts.query).items() if name in ("week", "after")}
    return f"{path}?{urlencode(kept | told)}"


def _told(session: Session, actor: Actor, said: Words, query: dict[str, str]) -> Notice | None:
    """What a redirect says has just been done, in words of ours."""
    done = query.get("done")
    if done == "all":
        n, left = min((number(query.get("n", "")) or 0), 100), min((number(query.get("left", "")) or 0), 100)
        text = said.count(N_("{n} permohonan disetujui."), N_("{n} permohonan disetujui."), n)
        if left:
            one = N_("{n} permohonan belum disetujui karena keadaannya berubah; periksa kembali di bawah ini.")
            text = f"{text} {said.count(one, one, left)}"
        return Notice("warn" if left else "ok", text)
    if done not in DONE:
        return None
    try:
        person = people.colleague_for(session, actor, (number(query.get("person", "")) or 0))
    except NotFound:
        return None
    return Notice("ok", said.say(DONE[done], name=person.name))


def _decision(data: dict[str, str]) -> DecisionIn:
    reason, decision = data.get("reason", "").strip(), data.get("decision")
    if len(reason) > MOST_REASON:
        raise Invalid(problem="reason")
    if decision == "approved":
        return DecisionIn("approved", reason)
    if decision == "returned":
        return DecisionIn("returned", reason)
    raise Invalid(problem="decision")


def _item(text: str) -> ApprovalItem:
    """A week as the page names it, ``person:week:version``. Raises Invalid."""
    found = _ITEM.fullmatch(text)
    if not found or not 0 < int(found[1]) <= LARGEST:
        raise Invalid(problem="item")
    return ApprovalItem(int(found[1]), found[2], int(found[3]))
