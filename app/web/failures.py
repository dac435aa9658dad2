"""The one place where exceptions become answers: problem+json for programs, a page or a redirect for people."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from litestar import Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.response import Redirect
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE as TOO_LARGE
from sqlalchemy.exc import DataError

from app.errors import Forbidden, Invalid, NotFound, Refused, SignInNeeded, TooManyTries
from app.people.visit import AnyRequest, Visit
from app.problems import MEDIA_TYPE, detail, problem
from app.texts import N_, language_of
from app.web.headers import security_headers
from app.web.page import is_fragment, own_address, page

log = logging.getLogger("selaras")


class WrongMethod(Refused):
    code = "method-not-allowed"
    status = 405
    title = N_("Metode tidak didukung")
    detail = N_("Alamat ini tidak menerima metode itu.")


class TooLarge(Refused):
    code = "too-large"
    status = 413
    title = N_("Kiriman terlalu besar")
    detail = N_("Kiriman ini melebihi batas ukuran.")


class Broken(Refused):
    """A bug: said without detail, logged with all of it."""

    code = "broken"
    status = 500
    title = N_("Terjadi kesalahan di pihak kami")
    detail = N_("Permintaan Anda tidak dapat diselesaikan. Kesalahan ini sudah dicatat; silakan coba lagi.")


def answer(request: AnyRequest, error: Exception) -> Response[Any]:
    """The answer to any exception, in the reader's language, with the headers every answer carries."""
    refused = _refusal(error)
    if isinstance(refused, Broken):
        log.error("%s %s", request.method, request.scope.get("path_template", ""), exc_info=error)
    response = _for_people(request, refused) if _is_page(request) else _for_programs(request, refused)
    for name, value in security_headers(request.app.state.settings.secure).items():
        response.headers.setdefault(name, value)
    return response


def _refusal(error: Exception) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, ValidationException):
        fields: dict[str, Any] = _fields(error)
        return Invalid(problem=_problem(error), **fields)
    if isinstance(error, NotFoundException):
        return NotFound()
    if isinstance(error, MethodNotAllowedException):
        return WrongMethod()
    if isinstance(error, HTTPException):
        if error.status_code == TOO_LARGE:
            return TooLarge()
        if error.status_code < 500:
            return Forbidden() if error.status_code == 403 else Invalid(problem=str(error.detail))
    if isinstance(error, msgspec.ValidationError | msgspec.DecodeError | UnicodeError):
        return Invalid(problem=str(error))
    if isinstance(error, DataError):  # a value no column can hold, such as a NUL in a form's text
        return Invalid(problem="value")
    return Broken()


def _fields(error: ValidationException) -> dict[str, str]:
    items = error.extra if isinstance(error.extra, list) else []
    # A parameter whose name is a word of Python has a line after it in our code.
    return {
        str(item.get("key") or "body").rstrip("_"): str(item.get("message", ""))
        for item in items
        if isinstance(item, dict)
    }


def _problem(error: ValidationException) -> str:
    fields = _fields(error)
    return "; ".join(f"{key}: {message}" for key, message in fields.items()) or str(error.detail)


def _is_page(request: AnyRequest) -> bool:
    path = request.url.path
    return "text/html" in request.headers.get("accept", "") and not path.startswith(("/api/", "/schema", "/health"))


def _for_programs(request: AnyRequest, refused: Refused) -> Response[Any]:
    said = _visit(request).said
    headers = {"Content-Language": said.language, "Cache-Control": "no-store"}
    if isinstance(refused, SignInNeeded):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refused, TooManyTries):
        headers["Retry-After"] = str(int(str(refused.facts["minutes"])) * 60)
    return Response(problem(refused, said), status_code=refused.status, media_type=MEDIA_TYPE, headers=headers)


def _for_people(request: AnyRequest, refused: Refused) -> Response[Any]:
    if isinstance(refused, SignInNeeded):
        back = _page_of(request)
        address = "/masuk" if back == "/" else f"/masuk?next={quote(back)}"
        if is_fragment(request):
            return Response(b"", status_code=204, headers={"HX-Redirect": address})
        return Redirect(address, status_code=303)
    visit = _visit(request)
    said = visit.said
    return page(
        request,
        visit,
        "error.html",
        status=refused.status,
        code_status=refused.status,
        title=said.say(refused.title),
        detail=detail(refused, said),
    )


def _page_of(request: AnyRequest) -> str:
    """The page that was asked for, or the one whose form was sent, as far as the browser says so."""
    if request.method == "GET":
        return own_address(request)
    asked, url = urlsplit(str(request.url)), urlsplit(request.headers.get("referer", ""))
    # A page that answers a form stands at the form's address, where it can't be asked for.
    if (url.scheme, url.netloc) != (asked.scheme, asked.netloc) or url.path == asked.path:
        return "/"
    return url.path + (f"?{url.query}" if url.query else "")


def _visit(request: AnyRequest) -> Visit:
    """The request's visit, or one of nobody where the request never came that far."""
    known = request.state.get("visit")
    if isinstance(known, Visit):
        return known
    wishes = (request.cookies.get("lang"), request.headers.get("accept-language"))
    return Visit(request.app.state.db, None, now=request.app.state.clock(), wishes=(language_of(*wishes),))
