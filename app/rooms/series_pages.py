"""Seri pemesanan: book a space on many dates, see them, change their hours, give some back. All of it without a script."""

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
from app.rooms import series, series_changes, series_form, series_view
from app.rooms.series_form import SeriesForm
from app.rooms.series_shapes import SeriesOut
from app.texts import N_
from app.views import Notice
from app.web.page import go, page

DONE = {
    "booked": N_("Seri pemesanan tersimpan."),
    "changed": N_("Seri pemesanan diubah."),
    "cancelled": N_("Pesanan pada tanggal-tanggal itu dibatalkan dan dapat dipakai orang lain."),
}


class SeriesPages(Controller):
    path = "/pesanan/seri"
    include_in_schema = False

    @get("/baru")
    async def new(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        """The form, filled in for the space that the address names."""
        query = request.query_params

        def suggest(session: Session, actor: Actor) -> SeriesForm:
            space_id = number(query.get("space")) or 0
            return series_view.suggested(session, actor, space_id, day(query.get("on", "")), now=visit.now)

        return await _new(request, visit, await visit.read(suggest))

    @post("/", status_code=200)
    async def book(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        form = series_form.read_form(data)
        try:
            found = await visit.write(series.book_series, series_form.new_series(form), now=visit.now)
        except Refused as refused:
            return await _new(request, visit, form, refused)
        return _shown(found, "booked")

    @get("/{series_id:int}")
    async def one(self, request: AnyRequest, visit: NamedDependency[Visit], series_id: PathId) -> Response[Any]:
        done = request.query_params.get("done", "")
        notice = Notice("ok", visit.said.say(DONE[done])) if done in DONE else None
        return await _one(request, visit, series_id, notice=notice)

    @post("/{series_id:int}/ubah", status_code=200)
    async def change(
        self, request: AnyRequest, visit: NamedDependency[Visit], series_id: PathId, data: Form
    ) -> Response[Any]:
        """Other hours for one date, those from it on, or all to come."""
        try:
            found = await visit.write(
                series_changes.change_series,
                series_id,
                series_form.change_of(data),
                version=_version(data),
                now=visit.now,
            )
        except Refused as refused:
            return await _one(request, visit, series_id, refused=refused, sent=data)
        return _shown(found, "changed")

    @post("/{series_id:int}/batal", status_code=200)
    async def cancel(
        self, request: AnyRequest, visit: NamedDependency[Visit], series_id: PathId, data: Form
    ) -> Response[Any]:
        """Give back what lies on some dates."""
        try:
            first, last = series_form.dates_of(data)
            found = await visit.write(
                series.cancel_range, series_id, from_on=first, until_on=last, version=_version(data), now=visit.now
            )
        except Refused as refused:
            return await _one(request, visit, series_id, refused=refused)
        return _shown(found, "cancelled")


async def _new(request: AnyRequest, visit: Visit, form: SeriesForm, refused: Refused | None = None) -> Response[Any]:
    if refused is not None and refused.status in (401, 404):
        raise refused

    def read(session: Session, actor: Actor) -> Any:
        return series_view.new_page(session, actor, form, visit.said, refused=refused, now=visit.now)

    view = await visit.read(read)
    status = refused.status if refused is not None else 200
    here = f"/pesanan/seri/baru?space={form.space_id}"
    return page(request, visit, "rooms/series_new.html", key="bookings", view=view, here=here, status=status)


async def _one(
    request: AnyRequest,
    visit: Visit,
    series_id: int,
    *,
    notice: Notice | None = None,
    refused: Refused | None = None,
    sent: dict[str, str] | None = None,
) -> Response[Any]:
    if refused is not None and refused.status in (401, 404):
        raise refused

    def read(session: Session, actor: Actor) -> Any:
        return series_view.series_page(
            session, actor, series_id, visit.said, notice=notice, refused=refused, sent=sent, now=visit.now
        )

    view = await visit.read(read)
    status = refused.status if refused is not None else 200
    return page(
        request, visit, "rooms/series.html", key="bookings", view=view, here=f"/pesanan/seri/{series_id}", status=status
    )


def _shown(found: SeriesOut, done: str) -> Response[Any]:
    return go(f"/pesanan/seri/{found.id}?done={done}")


def _version(data: dict[str, str]) -> int | None:
    """Raises Invalid for what is no version."""
    if (text := data.get("version")) is None:
        return None
    if (version := number(text)) is None:
        raise Invalid(problem="version")
    return version
