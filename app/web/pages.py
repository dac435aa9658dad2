"""Choices that stand in the head of every page, and the explanation of every refusal's code."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Literal, cast

from litestar import Controller, Response, get, post, route
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.errors import NotFound, Refused, SignInNeeded
from app.forms import Form
from app.people import service
from app.people.visit import AnyRequest, Visit
from app.texts import Language
from app.web.page import go, local_path, page

YEAR = 365 * 24 * 3600


class WebPages(Controller):
    include_in_schema = False

    @post("/bahasa", status_code=200)
    async def language(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        wish = data.get("lang", "id")
        chosen: Language = "en" if wish == "en" else "id"
        await _keep(visit, language=chosen)
        return _chosen(request, data, "lang", chosen)

    @post("/tema", status_code=200)
    async def theme(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        wish = data.get("theme", "system")
        chosen = cast(Literal["system", "light", "dark"], wish if wish in ("light", "dark") else "system")
        await _keep(visit, theme=chosen)
        return _chosen(request, data, "theme", chosen)

    @get("/problems/{code:str}")
    async def problem(self, request: AnyRequest, visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
        """What a refusal's ``type`` points to."""
        kind = _kinds().get(code)
        if kind is None:
            raise NotFound(code=code)
        await _recognise(visit)
        said = visit.said
        sentences = sorted(re.sub(r"\{\w+\}", "…", said.say(text)) for text in kind.all_words() - {kind.title})
        return page(
            request,
            visit,
            "problem.html",
            title=said.say(kind.title),
            code=code,
            code_status=kind.status,
            sentences=sentences,
        )

    @route("/{path:path}", http_method=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def nowhere(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        """Any address that is nobody else's; whoever is known is told so in their language, with their pages."""
        if "text/html" in request.headers.get("accept", ""):
            await _recognise(visit)
        raise NotFound


async def _recognise(visit: Visit) -> None:
    """For what everybody may read: whoever is known finds it in their language, with their pages."""
    with suppress(SignInNeeded):
        await visit.read(lambda session, actor: None)


def _kinds() -> dict[str, type[Refused]]:
    found: dict[str, type[Refused]] = {}
    open_kinds = list(Refused.__subclasses__())
    while open_kinds:
        kind = open_kinds.pop()
        found[kind.code] = kind
        open_kinds += kind.__subclasses__()
    return found


async def _keep(visit: Visit, **choice: Any) -> None:
    """In the profile of whoever is signed in; a cookie does for everybody else."""
    with suppress(SignInNeeded):
        await visit.write(service.set_preferences, now=visit.now, **choice)


def _chosen(request: AnyRequest, data: dict[str, str], name: str, value: str) -> Response[Any]:
    response = go(local_path(data.get("next")))
    secure = request.app.state.settings.secure
    response.set_cookie(Cookie(name, value=value, path="/", max_age=YEAR, secure=secure, samesite="lax", httponly=True))
    return response
