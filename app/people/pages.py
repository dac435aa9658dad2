"""Sign-in and profile."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from sqlalchemy.orm import Session

from app import clock, sites
from app.errors import SignInNeeded, TooManyTries
from app.forms import Form
from app.paths import PathId
from app.people import service, sign_in, tokens
from app.people.access import Actor
from app.people.accounts import demo_accounts
from app.people.cookies import clear_cookies, set_cookies
from app.people.errors import WrongSignIn
from app.people.sign_in import Attempt
from app.people.tokens import NewToken, TokenOut
from app.people.visit import AnyRequest, Visit
from app.problems import detail
from app.texts import LANGUAGES, N_, Words
from app.web.page import go, language_name, local_path, page

THEMES: dict[Literal["system", "light", "dark"], str] = {
    "system": N_("Ikuti perangkat"),
    "light": N_("Terang"),
    "dark": N_("Gelap"),
}


class Choice(msgspec.Struct, frozen=True):
    key: str
    label: str
    current: bool


class TokenRow(msgspec.Struct, frozen=True):
    id: int
    name: str
    created: str
    last_used: str
    revoke_action: str


class ProfilePage(msgspec.Struct, frozen=True):
    """What people see and choose about themselves; ``new_token`` is shown once."""

    email: str
    nip_masked: str
    unit: str
    agency: str
    superior: str
    posting: str
    languages: tuple[Choice, ...]
    themes: tuple[Choice, ...]
    tokens: tuple[TokenRow, ...]
    sessions_count: int
    new_token: str = ""


class PeoplePages(Controller):
    include_in_schema = False

    @get("/masuk")
    async def sign_in_form(
        self,
        request: AnyRequest,
        visit: NamedDependency[Visit],
        next_: Annotated[str | None, QueryParameter(name="next")] = None,
    ) -> Response[Any]:
        if visit.credential is not None:
            try:
                await visit.read(lambda _, actor: actor)
                return go(local_path(next_))
            except SignInNeeded:
                pass
        return await _sign_in_page(request, visit, email="", error="", back=local_path(next_))

    @post("/masuk", status_code=200)
    async def sign_in(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        email, password, back = data.get("email", ""), data.get("password", ""), local_path(data.get("next"))
        attempt = Attempt(email[:200], password[:200], request.client.host if request.client else "")
        try:
            session_id = await sign_in.sign_in(visit.db, attempt, now=visit.now, replacing=visit.credential)
        except (WrongSignIn, TooManyTries) as refused:
            said = detail(refused, visit.said)
            return await _sign_in_page(request, visit, email=email, error=said, back=back, status=refused.status)
        response = go(back)
        set_cookies(response, session_id, request.app.state.settings)
        return response

    @post("/keluar", status_code=200)
    async def sign_out(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        if visit.credential and visit.credential.kind == "session":
            await visit.db.write(sign_in.sign_out, visit.credential, now=visit.now)
        response = go("/masuk")
        clear_cookies(response, request.app.state.settings)
        return response

    @get("/profil")
    async def profile(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _profile_page(request, visit)

    @post("/profil/token", status_code=200)
    async def make_token(self, request: AnyRequest, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        name = data.get("name", "").strip()[:80] or "token"
        made = await visit.write(tokens.make_token, NewToken(name), now=visit.now)
        return await _profile_page(request, visit, new_token=made.token)

    @post("/profil/token/{token_id:int}/cabut", status_code=200)
    async def revoke_token(self, visit: NamedDependency[Visit], token_id: PathId) -> Response[Any]:
        await visit.write(tokens.revoke_token, token_id, now=visit.now)
        return go("/profil#token")

    @post("/profil/keluar-semua", status_code=200)
    async def sign_out_everywhere(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        await visit.write(sign_in.sign_out_everywhere, now=visit.now)
        response = go("/masuk")
        clear_cookies(response, request.app.state.settings)
        return response


async def _sign_in_page(
    request: AnyRequest, visit: Visit, *, email: str, error: str, back: str, status: int = 200
) -> Response[Any]:
    accounts = await visit.db.read(demo_accounts)
    return page(
        request,
        visit,
        "people/sign_in.html",
        key="sign-in",
        status=status,
        email=email,
        error=error,
        next=back,
        demo_accounts=accounts,
        here=f"/masuk?{urlencode({'next': back})}",
    )


async def _profile_page(request: AnyRequest, visit: Visit, new_token: str = "") -> Response[Any]:
    def read(session: Session, actor: Actor) -> ProfilePage:
        said = visit.said
        profile = service.profile_of(session, actor)
        site = sites.site(session, profile.site_id)
        return ProfilePage(
            profile.email,
            profile.nip_masked,
            profile.unit,
            profile.agency,
            profile.superior,
            site.name,
            tuple(Choice(code, language_name(code), code == said.language) for code in LANGUAGES),
            tuple(Choice(key, said.say(label), key == actor.theme) for key, label in THEMES.items()),
            tuple(_token_row(token, said, site.zone) for token in tokens.tokens_of(session, actor)),
            sign_in.session_count(session, actor.id),
            new_token,
        )

    view = await visit.read(read)
    return page(request, visit, "people/profile.html", key="profile", view=view, here="/profil")


def _token_row(token: TokenOut, said: Words, zone: str) -> TokenRow:
    used = said.plain_date(token.used_on) if token.used_on else ""
    created = said.plain_date(clock.local_date(token.created_at, zone))
    return TokenRow(token.id, token.name, created, used, f"/profil/token/{token.id}/cabut")
