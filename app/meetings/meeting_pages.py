"""Rapat: one's meetings, and each with its replies, notes and follow-ups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from app.cleaning import clean, one_line
from app.errors import Invalid, Refused
from app.forms import Form
from app.ids import number
from app.meetings import cancel_view, follow_ups, list_view, meeting_view, service
from app.meetings.shapes import FollowUpIn, MeetingChange, ReplyIn
from app.paths import PathId
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.problems import detail
from app.texts import N_, Words
from app.views import Notice
from app.web.page import go, local_path, page

DONE = {
    "planned": N_("Rapat “{title}” direncanakan: {when}. Para peserta diberi tahu."),
    "moved": N_("Rapat “{title}” dipindahkan beserta ruangnya: {when}."),
    "changed": N_("Perubahan rapat “{title}” disimpan."),
    "cancelled": N_("Rapat “{title}” dibatalkan. Ruangnya dapat dipakai orang lain."),
    "attending": N_("Jawaban Anda untuk “{title}”: hadir."),
    "not-attending": N_("Jawaban Anda untuk “{title}”: tidak hadir."),
    "represented": N_("Jawaban Anda untuk “{title}”: diwakili."),
    "noted": N_("Notula rapat “{title}” disimpan."),
    "asked": N_("Tindak lanjut dicatat."),
    "done": N_("Tindak lanjut ditandai selesai."),
    "reopened": N_("Tindak lanjut dibuka kembali."),
}
MOST_LINE, MOST_NOTES = 200, 10_000


class MeetingPages(Controller):
    path = "/rapat"
    include_in_schema = False

    @get("/")
    async def own(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _list(request, visit, dict(request.query_params))

    @get("/{meeting_id:int}")
    async def one(self, request: AnyRequest, visit: NamedDependency[Visit], meeting_id: PathId) -> Response[Any]:
        return await _meeting(request, visit, meeting_id, query=dict(request.query_params))

    @post("/{meeting_id:int}/jawaban", status_code=200)
    async def reply(
        self, request: AnyRequest, visit: NamedDependency[Visit], meeting_id: PathId, data: Form
    ) -> Response[Any]:
        """Hadir, Tidak hadir, or Diwakili with the stand-in."""
        value = data.get("reply", "")
        if value not in ("attending", "not-attending", "represented"):
            raise Invalid(problem="reply")
        stand_in_id = number(data.get("stand_in_id")) if value == "represented" else None
        remark = _line(data.get("remark", ""))
        wanted = ReplyIn(value, stand_in_id or None, remark)  # type: ignore[arg-type]
        try:
            await visit.write(service.reply, meeting_id, wanted, now=visit.now)
        except Refused as refused:
            if refused.status in (401, 404):
                raise
            said = detail(refused, visit.said)
            return await _meeting(request, visit, meeting_id, query=data, reply_error=said, status=refused.status)
        return go(_back(data, meeting_id, value))

    @post("/{meeting_id:int}/notula", status_code=200)
    async def note(
        self, request: AnyRequest, visit: NamedDependency[Visit], meeting_id: PathId, data: Form
    ) -> Response[Any]:
        """Write the notes."""
        notes = _paragraphs(data.get("notes", ""))
        if len(notes) > MOST_NOTES:
            raise Invalid(problem="notes")
        change = MeetingChange(notes=notes)
        try:
            await visit.write(service.change, meeting_id, change, version=number(data.get("version")), now=visit.now)
        except Refused as refused:
            if refused.status in (401, 403, 404):
                raise
            return await _meeting(request, visit, meeting_id, refused=refused)
        return go(_back({}, meeting_id, "noted"))

    @post("/{meeting_id:int}/tindak-lanjut", status_code=200)
    async def ask(
        self, request: AnyRequest, visit: NamedDependency[Visit], meeting_id: PathId, data: Form
    ) -> Response[Any]:
        """Note what the meeting left to do."""
        task, due_on, owner_id = _line(data.get("task", "")), meeting_view.read_date(data.get("due_on", "")), 0
        owner_id = number(data.get("owner_id")) or 0
        errors = {}
        if not task:
            errors["task"] = N_("Tuliskan apa yang harus dilakukan.")
        if due_on is None:
            errors["due_on"] = N_("Isikan tanggal, misalnya 2026-12-10.")
        if errors or due_on is None:
            return await _meeting(request, visit, meeting_id, task=data, task_errors=errors, status=422)
        await visit.write(follow_ups.add, meeting_id, FollowUpIn(task, owner_id, due_on), now=visit.now)
        return go(_back({}, meeting_id, "asked", "#tindak-lanjut"))

    @post("/{meeting_id:int}/tindak-lanjut/{follow_up_id:int}", status_code=200)
    async def finish(
        self, visit: NamedDependency[Visit], meeting_id: PathId, follow_up_id: PathId, data: Form
    ) -> Response[Any]:
        """Tick a follow-up off, or open it again."""
        done = data.get("done") == "1"
        await visit.write(follow_ups.finish, meeting_id, follow_up_id, done=done, now=visit.now)
        return go(_back(data, meeting_id, "done" if done else "reopened", "#tindak-lanjut"))

    @get("/{meeting_id:int}/batal")
    async def consider(self, request: AnyRequest, visit: NamedDependency[Visit], meeting_id: PathId) -> Response[Any]:
        """What calling the meeting off takes from others."""
        return await _cancel(request, visit, meeting_id)

    @post("/{meeting_id:int}/batal", status_code=200)
    async def cancel(
        self, request: AnyRequest, visit: NamedDependency[Visit], meeting_id: PathId, data: Form
    ) -> Response[Any]:
        try:
            await visit.write(service.cancel, meeting_id, version=number(data.get("version")), now=visit.now)
        except Refused as refused:
            if refused.status in (401, 403, 404):
                raise
            return await _cancel(request, visit, meeting_id, refused=refused)
        return go(_back({}, meeting_id, "cancelled"))


async def _list(request: AnyRequest, visit: Visit, query: dict[str, str]) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        said = visit.said
        notice = told(session, actor, said, query.get("done", ""), number(query.get("meeting")))
        past = query.get("view") == "past"
        return list_view.meetings_page(session, actor, said, past=past, notice=notice, now=visit.now)

    return page(request, visit, "meetings/list.html", key="meetings", view=await visit.read(read))


async def _meeting(
    request: AnyRequest,
    visit: Visit,
    meeting_id: int,
    *,
    query: Mapping[str, str] | None = None,
    reply_error: str = "",
    task: Mapping[str, str] | None = None,
    task_errors: Mapping[str, str] | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        said, asked = visit.said, query or {}
        notice = told(session, actor, said, asked.get("done", ""), meeting_id)
        if refused is not None:
            notice = Notice("warn", detail(refused, said))
        return meeting_view.meeting_page(
            session,
            actor,
            meeting_id,
            said,
            query=asked,
            reply_error=reply_error,
            task=task,
            task_errors=task_errors,
            notice=notice,
            now=visit.now,
        )

    view = await visit.read(read)
    shown = refused.status if refused is not None else status
    return page(
        request, visit, "meetings/meeting.html", key="meetings", view=view, here=f"/rapat/{meeting_id}", status=shown
    )


async def _cancel(
    request: AnyRequest, visit: Visit, meeting_id: int, *, refused: Refused | None = None
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        notice = Notice("warn", detail(refused, visit.said)) if refused is not None else None
        return cancel_view.cancel_page(
            session, actor, meeting_id, visit.said, mails=bool(request.app.state.settings.smtp), notice=notice
        )

    view = await visit.read(read)
    status = refused.status if refused is not None else 200
    here = f"/rapat/{meeting_id}/batal"
    return page(request, visit, "meetings/cancel.html", key="meetings", view=view, here=here, status=status)


def told(session: Session, actor: Actor, said: Words, done: str, meeting_id: int | None) -> Notice | None:
    """What a redirect says has just been done; it is worded from the meeting itself, so the address can't make it lie."""
    if done not in DONE or not meeting_id:
        return None
    try:
        meeting = service.meeting_for(session, actor, meeting_id)
    except Refused:
        return None
    if (done == "cancelled") != (meeting.state == "cancelled"):
        return None
    when = meeting_view.said_when(session, actor, meeting, said)
    return Notice("ok", said.say(DONE[done], title=meeting.title, when=when))


def _back(data: Mapping[str, str], meeting_id: int, done: str, anchor: str = "") -> str:
    """Where the form was: the list of meetings or today, else the meeting."""
    parts = urlsplit(local_path(data.get("next"), f"/rapat/{meeting_id}"))
    if parts.path == "/":
        return "/"
    if parts.path == "/rapat":
        kept = {name: value for name, value in parse_qsl(parts.query) if name == "view"}
        return f"/rapat?{urlencode(kept | {'done': done, 'meeting': meeting_id})}"
    return f"/rapat/{meeting_id}?done={done}{anchor}"


def _line(text: str) -> str:
    """One line of at most 200 characters, without what can't be kept or sent."""
    return one_line(text)[:MOST_LINE]


def _paragraphs(text: str) -> str:
    return clean(text)
