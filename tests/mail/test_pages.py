"""The page on which people choose, the operator's queue, and the API of both."""

import re

import pytest
from sqlalchemy import insert, select

from app.mail.models import Mail, MailChoice
from app.mail.rules import Kind
from tests.mail.test_delivery import tell
from tests.support.office import ADMIN, EMPLOYEE
from tests.support.pages import Browser, sign_in


@pytest.fixture
def browser(office):
    return Browser(office)


@pytest.fixture
def operator(office):
    return office.id_of(ADMIN)


def test_choices_are_kept_box_by_box(office, browser):
    sign_in(browser)
    browser.go("/profil")
    assert 'href="/profil/pemberitahuan"' in browser.page
    browser.go("/profil/pemberitahuan")
    boxes = re.findall(r'<input type="checkbox" name="(\w+)" value="1"( checked)?', browser.page)
    assert {name for name, _ in boxes} == set(Kind)
    assert {name for name, checked in boxes if not checked} == {"replies"}
    answer = browser.send("/profil/pemberitahuan", invitations=None, **{})
    browser.follow(answer)
    assert "Pilihan Anda disimpan." in browser.text
    # the form was sent as a browser without ticks on all but one would
    browser.send("/profil/pemberitahuan")
    me = office.id_of(EMPLOYEE)
    rows = office.ask(select(MailChoice.kind, MailChoice.wanted).where(MailChoice.person_id == me))
    assert len(rows) == len(Kind)


def test_a_form_with_two_ticks_wants_two_kinds(office, browser):
    sign_in(browser)
    browser.go("/profil/pemberitahuan")
    token = browser.forms("/profil/pemberitahuan")[0]["_csrf_token"]
    data = {"_csrf_token": token, "waiting": "1", "replies": "1", "unheard-of": "1"}
    assert office.post("/profil/pemberitahuan", data=data, follow_redirects=False).status_code == 303
    wanted = office.get("/api/me/mail").json()
    assert {kind for kind, one in wanted.items() if one} == {"waiting", "replies"}


def test_choices_by_program(office):
    me, other = office.colleagues()[:2]
    before = office.get("/api/me/mail", me).json()
    assert before == {kind.value: kind != Kind.REPLIES for kind in Kind}
    after = before | {"waiting": False}
    assert office.put("/api/me/mail", me, json=after).json() == after
    assert office.get("/api/me/mail", me).json() == after
    assert office.get("/api/me/mail", other).json() == before
    assert office.put("/api/me/mail", me, json={"waiting": False}).status_code == 400
    assert office.put("/api/me/mail", me, json=after | {"x": True}).status_code == 400
    assert office.get("/api/me/mail").status_code == 401


def test_only_operators_see_the_queue(office, post, operator, browser):
    me = office.colleagues()[0]
    tell(office, me)
    post.gather()
    assert office.get("/api/mail", me).status_code == 403
    assert office.put("/api/mail/1/attempt", me).status_code == 403
    assert len(office.get("/api/mail", operator).json()["items"]) == 1
    sign_in(browser)
    assert browser.go("/surel").status_code == 403
    assert 'href="/surel"' not in browser.go("/").text
    office.client.cookies.clear()
    sign_in(browser, ADMIN)
    assert 'href="/surel"' in browser.go("/").text
    assert browser.go("/surel").status_code == 200


def test_the_queue_shows_whom_and_why_and_nothing_of_what(office, post, operator, browser):
    people = office.colleagues()
    post.box.refuses[post.email(people[0])] = "550 no such user"
    tell(office, *people, by="Rahasia")
    post.goes()
    (failed,) = office.get("/api/mail?state=failed", operator).json()["items"]
    assert (failed["last_error"], failed["attempts"], failed["about"]) == ("550 no such user", 1, ["plan-approved"])
    assert "Rahasia" not in str(failed)
    sign_in(browser, ADMIN)
    browser.go("/surel?keadaan=gagal")
    assert "550 no such user" in browser.text
    assert "Keputusan atas rencana Anda" in browser.text
    assert "Rahasia" not in browser.page
    assert re.search(r"Gagal \w+ \d+ \w+ · \d\d\.\d\d WITA", browser.text)
    post.box.refuses.clear()
    browser.follow(browser.send(f"/surel/{failed['id']}/kirim"))
    assert "Surel akan segera dikirim ulang." in browser.text
    post.send()
    assert post.box.to(post.email(people[0]))
    assert office.put(f"/api/mail/{failed['id']}/attempt", operator).json()["code"] == "mail-gone"
    assert office.put("/api/mail/999999/attempt", operator).status_code == 404


def test_all_that_failed_is_sent_again_at_once(office, post, browser):
    people = office.colleagues(posts=4)
    for person in people:
        post.box.refuses[post.email(person)] = "550 no"
    tell(office, *people)
    assert post.goes() == []
    post.box.refuses.clear()
    sign_in(browser, ADMIN)
    browser.go("/surel?keadaan=gagal")
    browser.follow(browser.send("/surel/kirim"))
    post.send()
    assert len(post.box.raw) == len(people)


def test_retry_does_not_wait_for_more_to_tell(office, post, operator):
    me = office.colleagues()[0]
    tell(office, me)
    post.gather()
    (waiting,) = office.get("/api/mail", operator).json()["items"]
    assert waiting["state"] == "open"
    assert office.put(f"/api/mail/{waiting['id']}/attempt", operator).status_code == 200
    post.send()
    assert len(post.box.raw) == 1


def test_the_queue_is_read_by_pages(office, post, operator):
    rows = [
        {"recipient": f"{n}", "person_id": operator, "topic": f"t{n}", "site_id": 1, "opened_at": office.clock(),
         "due_at": office.clock(), "state": "waiting"}
        for n in range(7)
    ]  # fmt: skip
    office.change(insert(Mail).values(rows))
    seen, cursor = [], ""
    while True:
        answer = office.get(f"/api/mail?limit=3{cursor}", operator).json()
        seen += [one["id"] for one in answer["items"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 7
    assert office.get("/api/mail?cursor=x", operator).status_code == 400
    assert office.get("/api/mail?state=x", operator).status_code == 400


@pytest.mark.parametrize(
    "query", ["?keadaan=x", "?sebelum=x", "?keadaan=terkirim&sebelum=3", "?keadaan=batal&done=again"]
)
def test_odd_addresses_of_the_queue_show_it_all_the_same(shared_office, query):
    browser = Browser(shared_office)
    shared_office.client.cookies.clear()
    sign_in(browser, ADMIN)
    assert browser.go(f"/surel{query}").status_code == 200
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|<style|\sstyle=", browser.page)


@pytest.mark.parametrize("language", ["id", "en"])
def test_without_a_server_both_pages_say_so(shared_office, language):
    browser = Browser(shared_office)
    shared_office.client.cookies.clear()
    shared_office.client.cookies.set("lang", language)
    sign_in(browser, ADMIN)
    browser.go("/surel")
    assert ("Server surel belum diatur" if language == "id" else "No mail server is set") in browser.text
    browser.go("/profil/pemberitahuan")
    assert ("Server surel belum diatur" if language == "id" else "No mail server is set") in browser.text
