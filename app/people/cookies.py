"""The cookies of a signed-in browser, and the check that a write by cookie is meant (CSRF)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar import Response
from litestar.datastructures import Cookie

from app.errors import ForgeryRefused
from app.people import secrets
from app.people.visit import AnyConnection, AnyRequest, session_cookie
from app.settings import Settings

HEADER, FIELD, COOKIE = "x-csrftoken", "_csrf_token", "csrftoken"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SIGN_IN = frozenset({"/api/session", "/masuk"})


def set_cookies(response: Response[Any], session_id: str, settings: Settings) -> None:
    """Session and CSRF cookies for a new session; both change at every sign-in, as the second is made from the first.

    HttpOnly on both: pages carry the token themselves, and programs read it from the answer.
    """
    values = {session_cookie(settings): session_id, COOKIE: secrets.csrf_token(session_id)}
    for name, value in values.items():
        response.set_cookie(Cookie(name, value=value, path="/", httponly=True, secure=settings.secure, samesite="lax"))


def clear_cookies(response: Response[Any], settings: Settings) -> None:
    """Forget the session in the browser, with what its service worker kept: office computers are shared."""
    for name in (session_cookie(settings), COOKIE):
        response.set_cookie(
            Cookie(name, value="", path="/", max_age=0, httponly=True, secure=settings.secure, samesite="lax")
        )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def from_elsewhere(connection: AnyConnection, settings: Settings) -> bool:
    """Whether a browser says that a page of another origin asks. Programs say nothing of the kind."""
    headers = connection.headers
    origin, host = headers.get("origin"), settings.host or headers.get("host", "")
    if origin is not None and urlsplit(origin).netloc != host:
        return True
    return headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


async def check_forgery(request: AnyRequest) -> None:
    """Before every handler: a write that a cookie vouches for needs the session's token, from our own origin.

    A bearer token isn't sent by browsers on their own, so it needs no such check; signing in has no session yet and is
    held to the origin alone. Raises ForgeryRefused.
    """
    if request.method in SAFE or request.headers.get("authorization", "").lower().startswith("bearer "):
        return
    settings: Settings = request.app.state.settings
    if from_elsewhere(request, settings):
        raise ForgeryRefused
    session_id = request.cookies.get(session_cookie(settings))
    if not session_id or (request.url.path in SIGN_IN and request.method == "POST"):
        return
    token = request.headers.get(HEADER)
    if token is None and request.content_type[0] == "application/x-www-form-urlencoded":
        token = (await request.form()).get(FIELD)
    if not token or not secrets.csrf_fits(str(token), session_id):
        raise ForgeryRefused
