"""Days off, Ramadan, working hours and policies: everybody reads them; officers change them after a look at whom it touches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from app.errors import Forbidden, NotFound, Refused
from app.forms import Form
from app.ids import number
from app.paths import PathId
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.problems import detail
from app.scheduling import admin_fields, admin_forms, admin_view, change_log, changes, comparison
from app.scheduling.admin_forms import Wrong
from app.scheduling.admin_view import TABS, Query, Written
from app.scheduling.carrying_out import carry_out, take_back
from app.scheduling.changes import Wish
from app.scheduling.touched import Row, Touch
from app.views import Notice
from app.web.page import go, page


class AdminPages(Controller):
    path = "/aturan"
    include_in_schema = False

    @get("/")
    async def first(self, visit: NamedDependency[Visit]) -> Response[Any]:
        return go("/aturan/libur")

    @get("/{tab:str}")
    async def rules(self, request: AnyRequest, tab: FromPath[str], visit: NamedDependency[Visit]) -> Response[Any]:
        given = request.query_params
        query = _query(
            tab, year=given.get("tahun"), edit=given.get("ubah"), tag=given.get("jenis"), done=given.get("done")
        )
        return await _page(request, visit, query)

    @post("/{tab:str}/periksa", status_code=200)
    async def look(
        self, request: AnyRequest, tab: FromPath[str], visit: NamedDependency[Visit], data: Form
    ) -> Response[Any]:
        """What the change would touch, before anything is written."""
        query = _query_of(tab, data)

        def read(session: Session, actor: Actor) -> tuple[Row | None, Row | None, Touch]:
            wish = _wish(session, query, data)
            touch = changes.preview(session, actor, [wish], now=visit.now)
            before, after = changes.asked(session, actor, wish, now=visit.now)
            return before, after, touch

        return await _answered(request, visit, query, data, lambda: visit.read(read))

    @post("/{tab:str}/terapkan", status_code=200)
    async def carry_out(
        self, request: AnyRequest, tab: FromPath[str], visit: NamedDependency[Visit], data: Form
    ) -> Response[Any]:
        query = _query_of(tab, data)

        async def work() -> Response[Any]:
            wish = await visit.read(lambda session, _: _wish(session, query, data))
            (made,) = await carry_out(visit, [wish])
            return _to(query, made.id)

        return await _answered(request, visit, query, data, work)

    @post("/perubahan/{change_id:int}/batalkan", status_code=200)
    async def undo(self, request: AnyRequest, change_id: PathId, visit: NamedDependency[Visit]) -> Response[Any]:
        try:
            undone = await take_back(visit, change_id)
        except Refused as refused:
            if refused.status in (401, 404):
                raise
            notice = Notice("warn", detail(refused, visit.said))
            return await _page(request, visit, Query("libur"), notice=notice, status=refused.status)
        tab = next(tab for tab, (kind, _) in TABS.items() if kind == undone.kind)
        return _to(Query(tab), undone.id)

    @get("/libur/banding")
    async def compare(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        """Our days off beside those of the package, to be confirmed line by line."""
        year = number(request.query_params.get("tahun")) or visit.now.year
        return await _comparison(request, visit, year, {})

    @post("/libur/banding", status_code=200)
    async def adopt(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """The first time what the chosen lines would touch, the second time, with ``sure``, they are carried out."""
        year = number(data.get("year")) or visit.now.year
        problem = comparison.problem(data)
        if problem or "sure" not in data:
            return await _comparison(request, visit, year, data, problem=problem)
        try:
            wishes = await visit.read(comparison.wishes, year, data)
            made = await carry_out(visit, wishes)
        except Refused as refused:
            if refused.status in (401, 404):
                raise
            return await _comparison(request, visit, year, data, refused=refused)
        return _to(Query("libur", year), made[-1].id)


async def _answered(
    request: AnyRequest, visit: Visit, query: Query, data: dict[str, str], work: Callable[[], Any]
) -> Response[Any]:
    """What ``work`` answers: a redirect, or what a change would touch; or the form again with what is wrong in it."""
    try:
        found = await work()
    except Wrong as wrong:
        return await _page(request, visit, query, form=Written(data, wrong.errors), status=422)
    except Refused as refused:
        if refused.status in (401, 404):
            raise
        notice = Notice("warn", detail(refused, visit.said))
        return await _page(request, visit, query, form=Written(data), notice=notice, status=refused.status)
    if isinstance(found, tuple):
        return await _page(request, visit, query, form=Written(data, check=found))
    return found  # type: ignore[no-any-return]


def _wish(session: Session, query: Query, data: dict[str, str]) -> Wish:
    kind = TABS[query.tab][0]
    before = change_log.row_of(session, kind, query.edit) if query.edit else None
    if "akhiri" in data:
        return Wish(kind, None, query.edit)
    return Wish(kind, admin_forms.read(kind, data, before), query.edit)


async def _page(
    request: AnyRequest,
    visit: Visit,
    query: Query,
    *,
    form: Written | None = None,
    notice: Notice | None = None,
    status: int = 200,
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        said = visit.said
        return admin_view.admin_page(session, actor, query, said, form=form, notice=notice, now=visit.now)

    view = await visit.read(read)
    here = f"/aturan/{query.tab}?tahun={view.year}"
    return page(request, visit, "scheduling/admin.html", key="rules", view=view, here=here, status=status)


async def _comparison(
    request: AnyRequest,
    visit: Visit,
    year: int,
    data: dict[str, str],
    *,
    problem: str = "",
    refused: Refused | None = None,
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        if not changes.may_look(actor):
            raise Forbidden
        said = visit.said
        notice = Notice("warn", detail(refused, said)) if refused else None
        return comparison.comparison_page(
            session, actor, year, data, said, problem=problem, notice=notice, now=visit.now
        )

    view = await visit.read(read)
    status = refused.status if refused else 422 if problem else 200
    here = f"/aturan/libur/banding?tahun={year}"
    return page(request, visit, "scheduling/admin_compare.html", key="rules", view=view, here=here, status=status)


def _to(query: Query, done: int) -> Response[Any]:
    fields = {"tahun": query.year, "done": done}
    return go(f"/aturan/{query.tab}?{urlencode({name: value for name, value in fields.items() if value})}")


def _query_of(tab: str, data: dict[str, str]) -> Query:
    return _query(tab, year=data.get("year"), edit=data.get("id"), tag=data.get("type"), done=None)


def _query(tab: str, *, year: str | None, edit: str | None, tag: str | None, done: str | None) -> Query:
    """Raises NotFound for a tab that there isn't."""
    if tab not in TABS:
        raise NotFound(tab=tab)
    chosen = number(year) or 0
    known = tag if tag in admin_fields.OFFERED else ""
    return Query(tab, chosen if 2000 <= chosen <= 2100 else None, (number(edit) or 0), known or "", (number(done) or 0))
