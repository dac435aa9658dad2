"""Getting in, and getting out for good."""

import asyncio
import re
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select

from app.errors import TooManyTries
from app.people import access, rules
from app.people import sign_in as accounts
from app.people.access import Credential
from app.people.errors import WrongSignIn
from app.people.models import BrowserSession, FailedSignIn, Person, Token
from app.people.secrets import digest
from app.people.sign_in import Attempt
from tests.support import pages
from tests.support.office import EMPLOYEE, SUPERIOR, at, office_at
from tests.support.pages import Browser
from tests.support.world import NOW, PASSWORD, token_of


def sign_in(office, email=EMPLOYEE, password=PASSWORD, **headers):
    return office.post("/api/session", json={"email": email, "password": password}, headers=headers)


def form_token(office):
    """The token that the page carries for its forms."""
    return re.search(r'<meta name="csrf" content="([^"]*)"', office.get("/profil").text).group(1)


@pytest.fixture
def signed_in(office):
    assert sign_in(office).status_code == 201
    return office


def test_a_session_opens_what_is_ones_own(office):
    assert office.get("/api/me").status_code == 401
    answer = sign_in(office)
    assert answer.status_code == 201
    assert answer.json()["name"] == "Siti Rahma"
    assert answer.json() == office.get("/api/me").json()


def test_cookies_are_out_of_reach_for_scripts_and_other_sites(office):
    for cookie in sign_in(office).headers.get_list("set-cookie"):
        assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "Secure" not in cookie


def test_served_by_https_cookies_are_secure_and_bound_to_the_host(db, address):
    with office_at(db, address, origin="https://selaras.test") as office:
        cookies = sign_in(office).headers.get_list("set-cookie")
        assert any(cookie.startswith("__Host-selaras=") for cookie in cookies)
        assert all("Secure" in cookie for cookie in cookies)
        assert office.get("/api/me").headers["strict-transport-security"] == "max-age=31536000"


def test_the_address_may_be_written_in_any_case(office):
    assert sign_in(office, " Pegawai@Selaras.TEST ").status_code == 201


def test_unknown_wrong_and_without_password_get_the_same_answer(office):
    nobody = sign_in(office, "tidakada@selaras.test")
    wrong = sign_in(office, password="salah-sekali")
    without = sign_in(office, "kepegawaian.setneg@selaras.test")
    assert nobody.status_code == wrong.status_code == without.status_code == 401
    assert nobody.json() == wrong.json() == without.json()
    assert nobody.json()["code"] == "wrong-sign-in"
    assert not office.client.cookies


def test_a_session_planted_before_sign_in_is_worth_nothing_afterwards(office):
    """Session fixation: whoever knew the cookie before must not know the one after."""
    office.client.cookies.set("selaras", "planted")
    answer = sign_in(office)
    assert answer.status_code == 201
    given = answer.cookies["selaras"]
    assert given != "planted"
    office.client.cookies.clear()
    assert office.get("/api/me", headers={"Cookie": "selaras=planted"}).status_code == 401
    assert office.get("/api/me", headers={"Cookie": f"selaras={given}"}).status_code == 200


def test_signing_in_again_changes_session_and_form_token_and_ends_the_old_session(signed_in):
    first = signed_in.client.cookies["selaras"], signed_in.client.cookies["csrftoken"]
    sign_in(signed_in)
    second = signed_in.client.cookies["selaras"], signed_in.client.cookies["csrftoken"]
    assert first[0] != second[0]
    assert first[1] != second[1]
    signed_in.client.cookies.clear()
    assert signed_in.get("/api/me", headers={"Cookie": f"selaras={first[0]}"}).status_code == 401


def test_only_a_digest_of_the_session_is_kept(signed_in):
    cookie = signed_in.client.cookies["selaras"]
    kept = signed_in.ask(select(BrowserSession.digest))
    assert kept == [(digest(cookie),)]


def test_signing_out_ends_the_session_on_the_server(signed_in):
    cookie = signed_in.client.cookies["selaras"]
    token = form_token(signed_in)
    answer = signed_in.delete("/api/session", headers={"X-CSRFToken": token})
    assert answer.status_code == 204
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert signed_in.get("/api/me", headers={"Cookie": f"selaras={cookie}"}).status_code == 401


def test_signing_out_everywhere_ends_all_sessions_but_no_token(office):
    me = office.id_of(EMPLOYEE)
    cookies = []
    for _ in range(3):
        office.client.cookies.clear()
        sign_in(office)
        cookies.append(office.client.cookies["selaras"])
    answer = office.post("/profil/keluar-semua", data={"_csrf_token": form_token(office)}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/masuk")
    office.client.cookies.clear()
    for cookie in cookies:
        assert office.get("/api/me", headers={"Cookie": f"selaras={cookie}"}).status_code == 401
    assert office.get("/api/me", me).status_code == 200


def test_a_session_idles_out_after_twelve_hours_and_lives_on_while_used(signed_in, clock):
    for _ in range(3):
        clock.advance(hours=11)
        assert signed_in.get("/api/me").status_code == 200
    clock.advance(hours=11, minutes=59)
    assert signed_in.get("/api/me").status_code == 200
    clock.advance(hours=12)
    assert signed_in.get("/api/me").status_code == 401


def test_after_eight_failures_a_quarter_of_an_hour_passes_first(office, clock):
    for _ in range(rules.FAILED_SIGN_INS["email"]):
        assert sign_in(office, password="salah-sekali").status_code == 401
    for password in ("salah-sekali", PASSWORD):
        answer = sign_in(office, password=password)
        assert (answer.status_code, answer.json()["code"]) == (429, "too-many-tries")
        assert answer.headers["retry-after"] == "900"
    assert sign_in(office, SUPERIOR).status_code == 201
    clock.advance(minutes=15)
    assert sign_in(office).status_code == 201


def test_many_at_once_don_t_slip_past_the_limit(office):
    async def one(number):
        password = PASSWORD if number == 99 else f"salah-{number}"
        try:
            return bool(await accounts.sign_in(office.db, Attempt(EMPLOYEE, password, f"10.0.0.{number}"), now=NOW))
        except (TooManyTries, WrongSignIn) as refused:
            return refused.code

    async def rush():
        return Counter(await asyncio.gather(*(one(number) for number in range(100))))

    assert asyncio.run(rush()) == {"wrong-sign-in": 8, "too-many-tries": 92}


def test_colleagues_who_come_in_together_are_not_held_against_each_other(office):
    emails = [email for (email,) in office.ask(select(Person.email).where(Person.password.is_not(None)))][:5] * 20

    async def rush():
        tries = (Attempt(email, PASSWORD, "10.0.0.1") for email in emails)
        return await asyncio.gather(*(accounts.sign_in(office.db, one, now=NOW) for one in tries))

    assert len(set(asyncio.run(rush()))) == 100
    assert office.ask(select(FailedSignIn.key)) == []


def test_one_address_of_the_network_may_not_try_many_accounts(office):
    for _ in range(rules.FAILED_SIGN_INS["address"]):
        office.change(_failure("testclient"))
    assert sign_in(office).status_code == 429


def _failure(address):
    return insert(FailedSignIn).values(key=digest(f"address:{address}"), at=NOW)


def test_failures_are_counted_without_naming_anybody(office):
    sign_in(office, password="salah-sekali")
    assert len(office.ask(select(FailedSignIn.key))) == 2
    assert all(EMPLOYEE.encode() not in key for (key,) in office.ask(select(FailedSignIn.key)))


@pytest.mark.parametrize(
    "data", [{}, {"email": EMPLOYEE}, {"email": "x", "password": "y"}, {"email": EMPLOYEE, "password": ""}, []]
)
def test_a_sign_in_that_cannot_be_read_is_refused(shared_office, data):
    assert shared_office.post("/api/session", json=data).status_code == 400


# Forgery


@pytest.mark.parametrize("headers", [
    {},
    {"X-CSRFToken": ""},
    {"X-CSRFToken": "0123456789abcdef.00"},
])  # fmt: skip
def test_a_write_by_cookie_needs_the_token_of_its_session(signed_in, headers):
    desk = signed_in.desks()[0]
    answer = signed_in.book(None, desk, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert signed_in.book(None, desk, headers={"X-CSRFToken": form_token(signed_in)}).status_code == 201


def test_the_token_of_another_session_does_not_fit(signed_in):
    token = form_token(signed_in)
    sign_in(signed_in)
    answer = signed_in.book(None, signed_in.desks()[0], headers={"X-CSRFToken": token})
    assert answer.json()["code"] == "csrf"


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_origin_may_not_even_sign_in(office, headers):
    answer = sign_in(office, **headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert office.ask(select(func.count()).select_from(BrowserSession)) == [(0,)]


def test_a_bearer_goes_before_a_cookie_and_needs_no_form_token(signed_in):
    boss = signed_in.id_of(SUPERIOR)
    assert signed_in.get("/api/me", boss).json()["id"] == boss
    assert signed_in.book(boss, signed_in.desks()[0]).status_code == 201


# Tokens


def test_a_token_is_shown_once_and_kept_as_a_digest(office):
    me = office.id_of(EMPLOYEE)
    made = office.post("/api/tokens", me, json={"name": "kalender"}).json()
    assert made["token"].startswith("slr_")
    assert office.get("/api/me", headers={"Authorization": f"Bearer {made['token']}"}).json()["id"] == me
    listed = office.get("/api/tokens", me)
    assert made["token"] not in listed.text
    assert [token["name"] for token in listed.json()["items"]] == ["kalender", "uji"]
    assert office.ask(select(Token.digest).where(Token.id == made["id"])) == [(digest(made["token"]),)]


@pytest.mark.parametrize("name", ["", "   ", "a\nb"])
def test_a_token_has_a_name_that_can_be_read(office, name):
    assert office.post("/api/tokens", office.id_of(EMPLOYEE), json={"name": name}).status_code == 400


def test_a_token_was_made_on_the_day_of_its_owner(office, clock):
    office.client.cookies.clear()
    browser = Browser(office)
    clock.set(at(date(2026, 11, 25), 2))  # the day before, in UTC
    pages.sign_in(browser)
    browser.go("/profil")
    browser.send("/profil/token#token", name="uji saya")
    row = browser.page.partition("uji saya")[2][:200]
    assert "25 Nov 2026" in row


def test_a_revoked_token_opens_nothing_from_then_on(office):
    me = office.id_of(EMPLOYEE)
    made = office.post("/api/tokens", me, json={"name": "kalender"}).json()
    assert office.delete(f"/api/tokens/{made['id']}", me).status_code == 204
    assert office.get("/api/me", headers={"Authorization": f"Bearer {made['token']}"}).status_code == 401
    assert office.delete(f"/api/tokens/{made['id']}", me).status_code == 404


def test_nobody_revokes_the_token_of_another(office):
    me, boss = office.id_of(EMPLOYEE), office.id_of(SUPERIOR)
    made = office.post("/api/tokens", me, json={"name": "kalender"}).json()
    assert office.delete(f"/api/tokens/{made['id']}", boss).status_code == 404
    assert office.get("/api/me", headers={"Authorization": f"Bearer {made['token']}"}).status_code == 200


def test_a_repeated_request_for_a_token_does_not_show_it_again(office):
    me = office.id_of(EMPLOYEE)
    first, second = (
        office.post("/api/tokens", me, json={"name": "x"}, headers={"Idempotency-Key": "k"}) for _ in range(2)
    )
    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "already-shown")
    assert first.json()["token"] not in second.text


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer ", "Bearer nonsense", "Basic cGVnYXdhaQ==", "slr_x"])
def test_what_is_no_token_opens_nothing(shared_office, authorization):
    assert shared_office.get("/api/me", headers={"Authorization": authorization}).status_code == 401


def test_a_used_token_notes_the_day(office, clock):
    me = office.id_of(EMPLOYEE)
    clock.advance(days=2)
    office.get("/api/me", me)
    used = office.ask(select(Token.used_on).where(Token.digest == digest(token_of(me))))
    assert used == [(clock().date(),)]


def test_of_many_sessions_each_idles_out_by_its_own_limit(office):
    who = office.id_of(EMPLOYEE)
    for name in ("short", "long"):
        seen = NOW - timedelta(hours=5)
        office.change(insert(BrowserSession).values(digest=digest(name), person_id=who, created_at=seen, seen_at=seen))
    asked = [
        Credential("session", digest("short"), timedelta(hours=4)),
        Credential("session", digest("long"), timedelta(hours=6)),
        Credential("token", digest(token_of(who))),
        Credential("token", digest("nobody's")),
    ]
    living = office.db.read_here(access.living, asked, now=NOW)
    assert living == {digest("long"), digest(token_of(who))}
