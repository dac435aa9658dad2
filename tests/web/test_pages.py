"""Pages as a browser without scripts meets them: every form, every refusal, every header."""

import html
import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import delete, text

from app.people.accounts import DEMO_ACCOUNTS
from app.people.models import BrowserSession
from app.web.headers import security_headers
from app.web.page import local_path
from tests.support.office import EMPLOYEE, SUPERIOR, at
from tests.support.pages import BROWSER, Browser, sign_in
from tests.support.world import PASSWORD, QUIET


@pytest.fixture
def browser(office):
    return Browser(office)


@pytest.fixture
def signed_in(browser):
    sign_in(browser)
    return browser


@pytest.fixture
def visitor(shared_office):
    """Somebody not signed in, in an office that stays as it is."""
    shared_office.client.cookies.clear()
    return Browser(shared_office)


@pytest.fixture(scope="module")
def cookies(shared_office):
    shared_office.client.cookies.clear()
    assert sign_in(Browser(shared_office)).status_code == 303
    return dict(shared_office.client.cookies)


@pytest.fixture
def reader(visitor, cookies):
    """Somebody signed in, in an office that stays as it is."""
    visitor.office.client.cookies.update(cookies)
    return visitor


PAGES = ("/", "/pekan", "/tim", "/denah", "/denah?view=list", "/pesanan", "/profil", "/problems/not-bookable")


@pytest.mark.parametrize("email", DEMO_ACCOUNTS)
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_is_there_for_every_account_in_both_languages(visitor, email, language):
    visitor.office.client.cookies.set("lang", language)
    assert sign_in(visitor, email).status_code == 303
    for path in PAGES:
        answer = visitor.go(path)
        assert answer.status_code == 200, path
        assert f'<html lang="{language}"' in answer.text
        assert answer.headers["cache-control"] == "private, no-store"
        forms = re.findall(r'<form[^>]*method="post"[^>]*>(.*?)</form>', answer.text, re.DOTALL)
        assert forms or path.startswith("/problems")
        assert all('name="_csrf_token" value="' in form for form in forms)
        assert len(re.findall(r"<h1[ >]", answer.text)) == 1
        assert "{n}" not in answer.text
        ids = re.findall(r'\bid="([^"]+)"', answer.text)
        assert len(ids) == len(set(ids)), [id for id in ids if ids.count(id) > 1]
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=|<style|\sstyle=", answer.text)


@pytest.mark.parametrize("path", ["/", "/denah?on=2026-12-10&part=am", "/pesanan", "/profil"])
def test_who_is_not_signed_in_comes_back_to_the_page_after_sign_in(visitor, path):
    answer = visitor.go(path)
    assert answer.status_code == 303
    wanted = answer.headers["location"]
    assert wanted == ("/masuk" if path == "/" else "/masuk?" + urlencode({"next": path}).replace("%2F", "/"))
    assert sign_in(visitor, path=wanted).headers["location"] == path


@pytest.mark.parametrize("wish", [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
    "/\t/evil.example", "evil.example", "/ok\r\nSet-Cookie: x=y", "https:/evil.example", " //evil.example", "",
])  # fmt: skip
def test_nobody_is_led_elsewhere_after_sign_in(visitor, wish):
    assert local_path(wish) == "/"
    visitor.go("/masuk")
    answer = visitor.send("/masuk", email=EMPLOYEE, password=PASSWORD, next=wish)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    chosen = visitor.go("/profil") and visitor.send("/bahasa", next=wish)
    assert chosen.headers["location"] == "/"


def test_a_wrong_password_is_told_without_telling_which(browser):
    answer = sign_in(browser, password="salah-sekali")
    assert answer.status_code == 401
    assert "Surel atau kata sandi tidak cocok" in browser.text
    assert browser.forms("/masuk")[0]["email"] == EMPLOYEE
    assert "salah-sekali" not in browser.page


# Booking by form


def choose(browser, desk, **more):
    return browser.go("/denah?" + urlencode({"desk": desk, "on": QUIET.isoformat(), **more}))


def test_a_desk_is_booked_by_form_and_the_page_tells(signed_in):
    office, desk = signed_in.office, signed_in.office.desks()[0]
    choose(signed_in, desk)
    answer = signed_in.send("/denah/pesan")
    assert answer.status_code == 303
    assert signed_in.follow(answer).status_code == 200
    assert "Meja B-01 Anda pesan: Kam 10 Des · 07.30–16.00 WITA" in signed_in.text
    booking = office.get("/api/bookings", office.id_of(EMPLOYEE), params={"from": at(QUIET, 0).isoformat()}).json()
    assert [one["space_id"] for one in booking["items"]] == [desk]


def test_what_was_booked_by_form_is_undone_by_form(signed_in):
    choose(signed_in, signed_in.office.desks()[0])
    signed_in.follow(signed_in.send("/denah/pesan"))
    undo = re.search(r'action="(/pesanan/\d+/batal)"', signed_in.page).group(1)
    signed_in.follow(signed_in.send(undo))
    assert "dilepas" in signed_in.text
    restore = re.search(r'action="(/pesanan/\d+/pulihkan)"', signed_in.page).group(1)
    signed_in.follow(signed_in.send(restore))
    assert "kembali menjadi milik Anda" in signed_in.text
    assert signed_in.office.findings() == []


@pytest.mark.parametrize("part", ["am", "pm", "span"])
def test_a_part_of_the_day_is_booked(signed_in, part):
    choose(signed_in, signed_in.office.desks()[0])
    more = {"from": "09:15", "until": "10:45"} if part == "span" else {}
    signed_in.follow(signed_in.send("/denah/pesan", part=part, **more))
    told = {"am": "07.30–12.00 WITA", "pm": "13.00–16.00 WITA", "span": "09.15–10.45 WITA"}[part]
    assert told in signed_in.text


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_refusal_comes_as_words_with_ways_out_that_lead_to_free_desks(signed_in, language):
    office, desk = signed_in.office, signed_in.office.desks()[0]
    office.client.cookies.set("lang", language)
    choose(signed_in, desk)
    form = signed_in.forms("/denah/pesan")[0]
    rival = office.colleagues()[0]
    office.booked(rival, desk)
    answer = office.post("/denah/pesan", data=form, headers=BROWSER, follow_redirects=False)
    signed_in.page = answer.text
    assert answer.status_code == 409
    assert ("baru saja atau sudah dipesan" if language == "id" else "B-01") in signed_in.text
    ways = re.findall(r'<ul class="ways">(.*?)</ul>', answer.text, re.DOTALL)[0]
    links = [html.unescape(link) for link in re.findall(r'<a href="([^"]+)"', ways)]
    assert len(links) == 3
    for link in links:
        assert signed_in.go(link).status_code == 200
        assert signed_in.forms("/denah/pesan")
    signed_in.follow(signed_in.send("/denah/pesan"))
    assert office.findings() == []


def test_ones_own_desk_is_moved_by_form(signed_in):
    office, me = signed_in.office, signed_in.office.id_of(EMPLOYEE)
    first, second = office.desks()[:2]
    office.booked(me, first)
    choose(signed_in, second)
    signed_in.follow(signed_in.send("/denah/pindah"))
    assert "Pesanan dipindahkan ke meja B-02" in signed_in.text


def test_a_move_of_what_changed_meanwhile_is_refused_in_words(signed_in):
    office, me = signed_in.office, signed_in.office.id_of(EMPLOYEE)
    first, second = office.desks()[:2]
    booking = office.booked(me, first)
    choose(signed_in, second)
    form = signed_in.forms("/denah/pindah")[0]
    office.patch(f"/api/bookings/{booking['id']}", me, json={"purpose": "x"})
    answer = office.post("/denah/pindah", data=form, headers=BROWSER)
    assert answer.status_code == 412
    assert "sudah diubah sejak Anda membacanya" in answer.text


def test_check_in_and_out_by_form_on_the_page_of_today(signed_in, clock):
    office, me = signed_in.office, signed_in.office.id_of(EMPLOYEE)
    booking = office.booked(me, office.desks()[0])
    clock.set(at(QUIET, 7, 30))
    sign_in(signed_in)
    signed_in.go("/")
    signed_in.follow(signed_in.send(f"/pesanan/{booking['id']}/hadir"))
    assert "Anda sudah lapor masuk di meja B-01" in signed_in.text
    clock.set(at(QUIET, 8, 30))
    signed_in.go("/")
    signed_in.follow(signed_in.send(f"/pesanan/{booking['id']}/selesai"))
    assert "Anda sudah lapor keluar" in signed_in.text
    assert office.booking(booking["id"]).state == "completed"


def test_a_superior_books_for_a_report_by_form(browser):
    office = browser.office
    sign_in(browser, SUPERIOR)
    choose(browser, office.desks()[0])
    answer = browser.send("/denah/pesan", person_id=str(office.id_of(EMPLOYEE)))
    browser.follow(answer)
    assert "Meja B-01 dipesankan" in browser.text


def test_a_desk_near_the_team_is_picked_and_explained(signed_in):
    signed_in.go("/")
    answer = signed_in.send("/denah/dekat-tim")
    assert answer.status_code == 200
    assert "Dipilihkan:" in signed_in.text
    signed_in.follow(signed_in.send("/denah/pesan"))
    assert "Anda pesan" in signed_in.text


def test_a_token_is_shown_once_on_the_profile(signed_in):
    signed_in.go("/profil")
    answer = signed_in.send("/profil/token#token", name="kalender")
    token = re.search(r"slr_[\w-]+", answer.text).group(0)
    signed_in.go("/profil")
    assert token not in signed_in.page
    assert "kalender" in signed_in.text
    revoke = re.search(r'action="(/profil/token/\d+/cabut)"', signed_in.page).group(1)
    signed_in.follow(signed_in.send(revoke))
    assert signed_in.office.get("/api/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize("path", [
    "/denah?desk=999999", "/denah?floor=999999", "/denah?floor=x", "/denah?on=2026-02-30", "/denah?on=2099-12-31",
    "/denah?part=span&from=25:00&until=26:00", "/denah?part=span&from=10:00&until=09:00", "/denah?wing=%22%3E%3Cscript%3E",
    "/denah?done=booked&booking=999999", "/?done=x&booking=1", "/denah?part=span&from=00:00&until=24:00", "/denah?on=2001-01-01",
    "/denah?on=2026-12-10&part=span&from=23:30&until=24:00", "/denah?desk=0", "/denah?view=x",
])  # fmt: skip
def test_whatever_stands_in_the_address_is_borne(reader, path):
    answer = reader.go(path)
    assert answer.status_code in (200, 404)
    assert "<script>" not in answer.text
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("action", "fields"), [
    ("/denah/pesan", {}),
    ("/denah/pesan", {"space_id": "x"}),
    ("/denah/pesan", {"space_id": "999999"}),
    ("/denah/pindah", {"space_id": "1"}),
    ("/denah/pindah", {"space_id": "1", "booking_id": "1", "version": "0"}),
    ("/pesanan/1/terbang", {}),
    ("/pesanan/999999/batal", {}),
    ("/pesanan/1/batal", {"version": "x"}),
    ("/profil/token/999999/cabut", {}),
])  # fmt: skip
def test_a_form_that_says_nothing_sensible_is_refused_with_a_page(reader, action, fields):
    reader.go("/profil")
    token = reader.forms("/keluar")[0]["_csrf_token"]
    answer = reader.office.post(action, data=fields | {"_csrf_token": token}, headers=BROWSER, follow_redirects=False)
    assert answer.status_code in (400, 404), answer.text[:300]
    assert answer.headers["content-type"].startswith("text/html")


# Forgery


@pytest.mark.parametrize("action", ["/denah/pesan", "/denah/pindah", "/denah/dekat-tim", "/pesanan/1/batal", "/bahasa", "/tema",
                                    "/keluar", "/profil/token", "/profil/keluar-semua"])  # fmt: skip
@pytest.mark.parametrize("token", [None, "", "0123456789abcdef.00"])
def test_no_form_is_taken_without_its_token(reader, action, token):
    data = {"space_id": "1"} | ({} if token is None else {"_csrf_token": token})
    answer = reader.office.post(action, data=data, headers=BROWSER, follow_redirects=False)
    assert answer.status_code == 403
    assert "Formulir kedaluwarsa" in answer.text


def test_a_form_from_another_origin_is_refused_even_with_its_token(signed_in):
    choose(signed_in, signed_in.office.desks()[0])
    answer = signed_in.send("/denah/pesan", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


# Parts for the page's script


def test_the_script_gets_the_panel_alone(signed_in):
    desk = signed_in.office.desks()[0]
    answer = choose(signed_in, desk)
    whole = answer.text
    part = signed_in.go(f"/denah?desk={desk}&on={QUIET}", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "<html" not in part.text
    assert f'data-desk="{desk}"' in part.text
    assert len(part.text) < len(whole) / 3
    assert "HX-Request" in part.headers["vary"]


def test_the_script_books_and_is_told_in_the_panel(signed_in):
    office, desk = signed_in.office, signed_in.office.desks()[0]
    choose(signed_in, desk)
    form = signed_in.forms("/denah/pesan")[0]
    headers = BROWSER | {"HX-Request": "true"}
    done = office.post("/denah/pesan", data=form, headers=headers)
    assert done.status_code == 200
    assert "Meja B-01 Anda pesan" in done.text
    again = office.post("/denah/pesan", data=form | {"space_id": str(office.desks()[1])}, headers=headers)
    assert again.status_code == 200
    assert "Satu orang satu meja" in again.text


def test_the_script_of_a_signed_out_page_is_led_to_sign_in(visitor):
    answer = visitor.go("/denah", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/masuk?next=/denah")


@pytest.mark.parametrize(
    ("starts", "ends"), [("14:00", "13:00"), ("14:00", "14:00"), ("14:00", ""), ("", ""), ("x", "y")]
)
def test_hours_that_are_none_book_nothing(office, signed_in, starts, ends):
    who, wanted = office.id_of(EMPLOYEE), office.desks()[0]
    before = len(office.get("/api/bookings", who, params={"to": at(QUIET, 24).isoformat()}).json()["items"])
    signed_in.go(f"/denah?floor={office.floor('IKN-K3-A-03')}&on={QUIET}&desk={wanted}")
    answer = signed_in.send("/denah/pesan", part="span", until=ends, **{"from": starts})
    assert answer.status_code == 400
    assert "Isi jam mulai dan jam selesai sesudahnya." in signed_in.text
    after = len(office.get("/api/bookings", who, params={"to": at(QUIET, 24).isoformat()}).json()["items"])
    assert after == before


def test_what_was_done_is_not_said_any_more_once_it_is_undone(office, signed_in):
    signed_in.go(f"/denah?floor={office.floor('IKN-K3-A-03')}&on={QUIET}&desk={office.desks()[0]}")
    booked = signed_in.send("/denah/pesan", part="day")
    signed_in.follow(booked)
    assert "Anda pesan" in signed_in.text
    action = re.search(r'action="(/pesanan/\d+/batal)"', signed_in.page)[1]
    signed_in.follow(signed_in.send(action))
    assert "dilepas" in signed_in.text
    signed_in.go(booked.headers["location"])
    assert "Anda pesan" not in signed_in.text


# Headers


@pytest.mark.parametrize("path", [
    "/", "/masuk", "/nowhere", "/api/nowhere", "/api/me", "/static/nowhere.js", "/health/live", "/health/ready", "/metrics",
    "/schema/openapi.json", "/problems/nothing", "/sw.js",
])  # fmt: skip
def test_every_answer_carries_the_security_headers(visitor, path):
    for method in ("GET", "HEAD", "DELETE"):
        answer = visitor.office.call(method, path, headers=BROWSER, follow_redirects=False)
        for name, value in security_headers(False).items():
            assert answer.headers[name] == value, (method, path, name)
        assert "server" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/api/me", "/api/bookings", "/api/people?q=a", "/api/tokens", "/api/presence?scope=team:1"]
)
def test_no_data_of_the_api_is_kept_on_the_way(shared_office, path):
    answer = shared_office.get(path, shared_office.id_of(EMPLOYEE))
    assert answer.headers["cache-control"] == "private, no-store"


def test_a_page_there_is_not_is_said_in_words(visitor):
    answer = visitor.go("/nowhere")
    assert answer.status_code == 404
    assert "Tidak ditemukan" in visitor.text


@pytest.mark.parametrize("path", ["/nowhere", "/denah/tidak/ada"])
def test_readers_are_told_in_their_language_and_find_their_pages(signed_in, path):
    signed_in.go("/profil")
    signed_in.send("/bahasa", lang="en")
    signed_in.office.client.cookies.delete("lang")
    assert signed_in.go(path).status_code == 404
    assert "Not found" in signed_in.text
    assert 'aria-label="Main"' in signed_in.page


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("/denah?on=2026-12-10&wing=all", "?next=/denah%3Fon%3D2026-12-10%26wing%3Dall"),
        ("/denah/pesan", ""),
        ("http://elsewhere.test/denah", ""),
        ("", ""),
    ],
)
def test_who_sends_a_form_after_their_session_ended_comes_back_to_its_page(signed_in, referer, back):
    choose(signed_in, signed_in.office.desks()[0])
    signed_in.office.change(delete(BrowserSession))
    origin = str(signed_in.office.client.base_url).rstrip("/")
    headers = {"referer": origin + referer if referer.startswith("/") else referer}
    answer = signed_in.send("/denah/pesan", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/masuk" + back)


def test_a_parameter_is_named_as_it_is_written(shared_office):
    told = shared_office.get("/api/bookings?from=soon", shared_office.id_of(EMPLOYEE)).json()
    assert told["facts"]["from"] == "Invalid RFC3339 encoded datetime"


def test_a_kind_of_refusal_is_explained_to_everybody_and_to_readers_in_their_language(visitor, signed_in):
    visitor.go("/problems/not-bookable")
    assert "Tidak dapat dipesan" in visitor.text
    assert 'aria-label="Utama"' not in visitor.page
    signed_in.go("/profil")
    signed_in.send("/bahasa", lang="en")
    signed_in.office.client.cookies.delete("lang")
    signed_in.go("/problems/not-bookable")
    assert "Can't be booked" in signed_in.text
    assert 'aria-label="Main"' in signed_in.page


def test_a_program_gets_problems_and_a_person_gets_pages(shared_office):
    assert shared_office.get("/nowhere").headers["content-type"] == "application/problem+json"
    assert shared_office.get("/nowhere", headers=BROWSER).headers["content-type"].startswith("text/html")
    assert shared_office.get("/api/nowhere", headers=BROWSER).headers["content-type"] == "application/problem+json"


def test_a_bug_is_said_without_detail(office, monkeypatch):
    def broken(*_args, **_more):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("app.sites.sites", broken)
    answer = office.get("/api/sites", office.id_of(EMPLOYEE))
    assert answer.status_code == 500
    assert answer.json()["code"] == "broken"
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", [
    "../main.py", "%2e%2e/%2e%2e/main.py", "/etc/passwd", ".vite/manifest.json", "", "no.js", "%00", "x" * 300,
])  # fmt: skip
def test_only_what_was_built_is_given_away(shared_office, path):
    assert shared_office.get(f"/static/{path}").status_code == 404


def test_the_choice_of_language_and_theme_is_kept_in_the_profile(signed_in):
    office, me = signed_in.office, signed_in.office.id_of(EMPLOYEE)
    signed_in.go("/profil")
    signed_in.follow(signed_in.send("/bahasa", lang="en"))
    assert '<html lang="en"' in signed_in.go("/").text
    signed_in.send("/tema", theme="dark")
    office.client.cookies.clear()
    page = office.get("/profil", me, headers=BROWSER).text
    assert 'data-theme="dark"' in page
    assert '<html lang="en"' in page


def test_readiness_names_the_schema_and_the_last_runs(office):
    office.sweep()
    state = office.get("/health/ready").json()
    assert (state["ready"], [run["name"] for run in state["work"]]) == (True, ["release"])


@pytest.mark.parametrize(("schema", "ready"), [("0001", False), ("9999", True)])
def test_a_newer_schema_is_served_on_an_older_one_is_not(office, schema, ready):
    office.change(text("UPDATE alembic_version SET version_num = :schema").bindparams(schema=schema))
    answer = office.get("/health/ready")
    assert (answer.status_code, answer.json()["ready"]) == (200 if ready else 503, ready)
    assert answer.json()["schema"] == schema


def test_a_database_that_fails_makes_not_ready(office):
    office.change(text("ALTER TABLE alembic_version RENAME TO elsewhere"))
    answer = office.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "schema": None, "work": []})


def test_metrics_name_routes_not_addresses(shared_office):
    shared_office.get("/api/bookings/12345?secret=1", shared_office.id_of(EMPLOYEE))
    told = shared_office.get("/metrics").text
    assert 'route="/api/bookings/{booking_id}"' in told
    assert "/12345" not in told
    assert "secret" not in told
