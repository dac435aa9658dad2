"""Pages: one template, one view of plain values, and what the layout needs around them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.response import Redirect

from app import clock
from app.people import secrets
from app.people.access import Actor
from app.people.rules import Role, initials, keeps_rules
from app.people.visit import AnyRequest, Visit, session_cookie
from app.texts import N_, Language, Words
from app.web.assets import asset, built

CLOCKS = (("Asia/Makassar", "WITA", "Nusantara"), ("Asia/Jakarta", "WIB", "Jakarta"))


class Clock(msgspec.Struct, frozen=True):
    zone: str
    label: str
    city: str
    time: str


class Place(msgspec.Struct, frozen=True):
    """An entry of the navigation; ``more`` is one that waits behind "Lainnya" where a phone has room for five."""

    key: str
    label: str
    icon: str
    href: str
    more: bool = False


PLACES = (
    Place("today", N_("Hari ini"), "house", "/"),
    Place("week", N_("Pekan saya"), "calendar-days", "/pekan"),
    Place("floor", N_("Denah meja"), "map", "/denah"),
    Place("rooms", N_("Ruang"), "door-open", "/ruang"),
    Place("meetings", N_("Rapat"), "calendar-clock", "/rapat", more=True),
    Place("team", N_("Papan tim"), "users", "/tim", more=True),
    Place("where", N_("Di mana tim saya?"), "map-pin", "/di-mana", more=True),
    Place("bookings", N_("Pesanan saya"), "calendar-check", "/pesanan", more=True),
    Place("kept", N_("Pengelola ruang"), "clipboard-check", "/ruang/kelola", more=True),
    Place("rules", N_("Aturan kerja"), "scale", "/aturan", more=True),
    Place("mail", N_("Antrean surel"), "send", "/surel", more=True),
    Place("profile", N_("Profil"), "user", "/profil", more=True),
)


class Me(msgspec.Struct, frozen=True):
    id: int
    name: str
    initials: str
    title: str
    unit: str
    agency: str
    roles: tuple[str, ...]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    folders = sorted(Path(__file__).parents[1].glob("*/templates"))
    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def page(
    request: AnyRequest,
    visit: Visit,
    template: str,
    *,
    key: str = "",
    view: Any = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    here: str = "",
    **more: Any,
) -> Response[str]:
    """``template`` for the visitor in their language; ``key`` is the place in the navigation. ``here`` is the address at
    which a page that answers a form can be read: forms lead back to it, and its script asks there for what is new."""
    said = visit.said
    cookie = request.cookies.get(session_cookie(request.app.state.settings))
    asked = request.method in ("GET", "HEAD")
    html = (
        _environment()
        .get_template(template)
        .render(
            _=said.say,
            ngettext=said.count,
            lang=said.language,
            theme=visit.actor.theme if visit.actor else theme_of(request),
            me=_me(visit.actor),
            head=visit.head,
            follows=visit.follows,
            mark=visit.mark,
            places=_places(visit.actor),
            page=key,
            csrf_token=lambda: secrets.csrf_token(cookie) if cookie else "",
            clocks=_clocks(said, visit.now),
            now_ms=int(visit.now.timestamp() * 1000),
            rendered_at=_rendered_at(said, visit.now),
            asset=asset,
            assets_built=built(),
            path=own_address(request) if asked else here or "/",
            asked=asked,
            view=view,
            **more,
        )
    )
    kept = {"Cache-Control": "private, no-store", "Vary": "Cookie, HX-Request, Accept-Language"}
    return Response(html, media_type="text/html", status_code=status, headers=kept | dict(headers or {}))


def own_address(request: AnyRequest) -> str:
    """Path and query of what was asked for."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def is_fragment(request: AnyRequest) -> bool:
    """True if the page's script asks for a part rather than a browser for a page."""
    return request.headers.get("hx-request") == "true"


def go(path: str) -> Redirect:
    """After a form: see the result at ``path`` by GET, so that a reload doesn't repeat the write (RFC 9110, 15.4.4)."""
    return Redirect(path, status_code=303)


def local_path(wish: str | None, otherwise: str = "/") -> str:
    """``wish`` if it is a path on this site; anything that could lead elsewhere becomes ``otherwise``."""
    if not wish or not wish.startswith("/") or wish.startswith(("//", "/\\")) or any(c in wish for c in "\r\n\t\\"):
        return otherwise
    parts = urlsplit(wish)
    return wish if not parts.scheme and not parts.netloc else otherwise


def theme_of(request: AnyRequest) -> str:
    wish = request.cookies.get("theme", "system")
    return wish if wish in ("system", "light", "dark") else "system"


def _me(actor: Actor | None) -> Me | None:
    if actor is None:
        return None
    roles = tuple(sorted(actor.roles))
    return Me(actor.id, actor.name, initials(actor.name), actor.title, actor.unit_name, actor.agency_code, roles)


def _places(actor: Actor | None) -> tuple[Place, ...]:
    """Those of everybody, and those that the actor's roles open."""
    closed = set()
    if actor is None or not keeps_rules(actor):
        closed.add("rules")
    if actor is None or not actor.roles & {Role.ROOM_KEEPER, Role.OPERATOR}:
        closed.add("kept")
    if actor is None or Role.OPERATOR not in actor.roles:
        closed.add("mail")
    return tuple(place for place in PLACES if place.key not in closed)


def _clocks(said: Words, now: datetime) -> list[Clock]:
    return [Clock(zone, label, city, said.clock(now, zone)) for zone, label, city in CLOCKS]


def _rendered_at(said: Words, now: datetime) -> str:
    zone = CLOCKS[0][0]
    on = said.short_day(clock.local_date(now, zone))
    return said.say(N_("{day} pukul {time}"), day=on, time=f"{said.time(now, zone)} ({said.time(now, CLOCKS[1][0])})")


def language_name(language: Language) -> str:
    return {"id": "Bahasa Indonesia", "en": "English"}[language]
