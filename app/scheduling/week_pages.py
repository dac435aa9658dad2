"""Pekan saya: plan one's own week, see what the rules say, and ask for it."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from app import weeks
from app.errors import Invalid, Refused, Stale
from app.forms import Form
from app.ids import number
from app.meetings import day_view
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.problems import detail
from app.scheduling import service, week_steps, week_view, week_words
from app.scheduling.errors import PlanRefused
from app.scheduling.ground import ground
from app.scheduling.rules import DayState
from app.scheduling.week_steps import Saved
from app.scheduling.week_views import WeekPage
from app.texts import Words
from app.views import Notice
from app.web.page import go, page


class WeekPages(Controller):
    path = "/pekan"
    include_in_schema = False

    @get("/")
    async def own(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _week(request, visit, None)

    @get("/{week:str}")
    async def week(self, request: AnyRequest, visit: NamedDependency[Visit], week: FromPath[str]) -> Response[Any]:
        return await _week(request, visit, week)

    @post("/{week:str}", status_code=200)
    async def act(
        self, request: AnyRequest, visit: NamedDependency[Visit], week: FromPath[str], data: Form
    ) -> Response[Any]:
        """Save, submit, take back, or take over last week's pattern; a way out is put into the form and shown."""
        action = data.get("action", "save")
        if data.get("way"):
            return await _week(request, visit, week, data=data, notice=Notice("ok", visit.said.say(week_words.APPLIED)))
        try:
            done, seen = await _done(visit, week, action, data)
        except Refused as refused:
            if refused.status in (401, 403, 404):
                raise
            return await _again(request, visit, week, action, data, refused)
        fields = {"done": done}
        if seen and seen.desks_refused:
            fields["without"] = ",".join(on.isoformat() for on in seen.desks_refused)
        return go(f"/pekan/{week}?{urlencode(fields)}")

    @post("/{week:str}/periksa", status_code=200)
    async def look(
        self, request: AnyRequest, visit: NamedDependency[Visit], week: FromPath[str], data: Form
    ) -> Response[Any]:
        """What the rules say to the form as it is, for the page's script; nothing is written."""

        def read(session: Session, actor: Actor) -> WeekPage:
            return week_view.week_page(session, actor, week, visit.said, data=data, fragment=True, now=visit.now)

        return page(request, visit, "scheduling/week_check.html", view=await visit.read(read))


async def _done(visit: Visit, week: str, action: str, data: dict[str, str]) -> tuple[str, Saved | None]:
    """What was done, as the redirect tells it."""
    version = number(data.get("version"))
    if action in ("save", "submit"):
        saved = await visit.write(
            week_steps.save,
            week,
            data,
            version=version,
            ask=action == "submit",
            despite_coverage="despite" in data,
            now=visit.now,
        )
        waits = saved.seen.week.state is DayState.SUBMITTED
        return "saved" if action == "save" else "submitted" if waits else "approved", saved
    if action == "copy":
        copied = await visit.write(week_steps.copy_last, week, version=version, now=visit.now)
        return "copied" if copied else "nothing-copied", copied
    if action == "withdraw":
        await visit.write(_withdraw, week, version, visit)
        return "withdrawn", None
    raise Invalid(problem="action")


def _withdraw(session: Session, actor: Actor, week: str, version: int | None, visit: Visit) -> int:
    return service.withdraw(session, actor, actor.id, week, version=version, now=visit.now).week.version


async def _week(
    request: AnyRequest,
    visit: Visit,
    week: str | None,
    *,
    data: dict[str, str] | None = None,
    notice: Notice | None = None,
    status: int = 200,
) -> Response[Any]:
    def read(session: Session, actor: Actor) -> Any:
        said = visit.said
        wanted = week or week_view.current_week(session, actor, now=visit.now)
        shown = notice or _told(session, actor, wanted, request, said, visit)
        view = week_view.week_page(session, actor, wanted, said, data=data, notice=shown, now=visit.now)
        return view, day_view.week(session, actor, weeks.monday_of(wanted), said, now=visit.now)

    view, meetings = await visit.read(read)
    return page(
        request, visit, "scheduling/week.html", key="week", view=view, here=view.path, status=status, meetings=meetings
    )


async def _again(
    request: AnyRequest, visit: Visit, week: str, action: str, data: dict[str, str], refused: Refused
) -> Response[Any]:
    """The form as it was sent, with what stands against it; after a change by somebody else, the week as it is now."""
    said = visit.said
    note = Notice("warn", detail(refused, said), str(refused.facts.get("basis") or ""))
    if isinstance(refused, Stale):
        return await _week(
            request, visit, week, notice=Notice("warn", said.say(week_words.STALE)), status=refused.status
        )
    if isinstance(refused, Invalid):
        raise refused
    if action in ("save", "submit"):
        return await _week(request, visit, week, data=data, notice=note, status=refused.status)
    if action == "copy" and isinstance(refused, PlanRefused):
        fields = await visit.read(_pattern, week, visit)
        return await _week(request, visit, week, data=fields, notice=note, status=refused.status)
    return await _week(request, visit, week, notice=note, status=refused.status)


def _pattern(session: Session, actor: Actor, week: str, visit: Visit) -> dict[str, str]:
    base = ground(session, actor, actor.id, week, now=visit.now)
    here = service.week_on(session, base).week
    return week_steps.copied_data(week_steps.pattern_of(session, base, here, now=visit.now), base)


def _told(session: Session, actor: Actor, week: str, request: AnyRequest, said: Words, visit: Visit) -> Notice | None:
    """What a redirect says has just been done, in words of ours."""
    done = request.query_params.get("done", "")
    if done not in week_words.DONE:
        return None
    names = ""
    if done == "submitted":
        names = week_view.asked_names(service.week_for(session, actor, actor.id, week, now=visit.now), said)
    text = said.say(week_words.DONE[done], names=names)
    days = [on for on in map(_date, request.query_params.get("without", "").split(",")) if on in _days(week)]
    if days:
        listed = ", ".join(said.short_day(on) for on in days if on)
        return Notice("warn", f"{text} {said.say(week_words.WITHOUT_DESK, days=listed)}")
    return Notice("warn" if done == "nothing-copied" else "ok", text)


def _days(week: str) -> tuple[date, ...]:
    try:
        return weeks.days_of(weeks.monday_of(week))
    except ValueError:
        return ()


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
