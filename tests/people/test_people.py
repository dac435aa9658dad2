"""Who may know whom, who may act for whom, and what a NIP is."""

import logging
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import journal
from app.people import rules
from app.people.models import Person
from app.people.rules import Role, may_act_for, may_know_name, nip_problem
from tests.support.office import EMPLOYEE, QUIET, hours
from tests.support.world import PASSWORD, token_of


class Someone:
    """A person as far as access goes."""

    def __init__(self, id=1, agency=1, unit=5, lineage="/1/5/", superior=None, roles=()):
        self.id, self.agency_id, self.unit_id, self.unit_lineage = id, agency, unit, lineage
        self.superior_id, self.roles = superior, frozenset(roles)


@pytest.mark.parametrize(("asker", "person", "expected"), [
    (Someone(1), Someone(1), True),
    (Someone(1), Someone(2), False),
    (Someone(1), Someone(2, superior=1), True),
    (Someone(1), Someone(2, agency=2, superior=1), True),  # lent to another agency
    (Someone(1, roles=[Role.HR_OFFICER]), Someone(2), True),
    (Someone(1, roles=[Role.ROOM_KEEPER]), Someone(2), True),
    (Someone(1, roles=[Role.AGENCY_ADMIN]), Someone(2), True),
    (Someone(1, roles=[Role.HR_OFFICER, Role.ROOM_KEEPER, Role.AGENCY_ADMIN]), Someone(2, agency=2), False),
    (Someone(1, roles=[Role.OPERATOR]), Someone(2, agency=2), True),
    (Someone(1, unit=5, roles=[Role.HEAD_OF_UNIT]), Someone(2, lineage="/1/5/9/"), True),
    (Someone(1, unit=5, roles=[Role.HEAD_OF_UNIT]), Someone(2, lineage="/1/55/9/"), False),
    (Someone(1, unit=5, roles=[Role.HEAD_OF_UNIT]), Someone(2, lineage="/1/"), False),
    (Someone(1, unit=5, roles=[Role.HEAD_OF_UNIT]), Someone(2, agency=2, lineage="/1/5/"), False),
    (Someone(1, unit=5), Someone(2, lineage="/1/5/9/"), False),
])  # fmt: skip
def test_who_may_book_for_whom(asker, person, expected):
    assert may_act_for(asker, person) is expected


@pytest.mark.parametrize(("theirs", "sharing", "expected"), [
    (1, {}, True),
    (2, {}, False),
    (2, {2}, False),  # they share, we don't
    (2, {1}, False),
    (2, {1, 2}, True),
])  # fmt: skip
def test_names_are_shown_between_agencies_that_both_opted_in(theirs, sharing, expected):
    assert may_know_name(1, theirs, frozenset(sharing)) is expected


def nip(born="19900512", appointed="2015", month="03", sex="1", serial="001"):
    return born + appointed + month + sex + serial


@pytest.mark.parametrize(("number", "fine"), [
    (nip(), True),
    (nip(month="21"), True),  # PPPK
    ("19900512 201503 1 001", True),
    ("19900512.201503.1.001", True),
    (nip(born="19000101"), True),  # odd, not wrong
    (nip()[:-1], False),
    (nip() + "1", False),
    (nip(born="19901312"), False),
    (nip(born="19900230"), False),
    (nip(month="13"), False),
    (nip(month="00"), False),
    (nip(sex="3"), False),
    (nip(serial="000"), False),
    ("", False),
    ("abcdefghijklmnopqr", False),
    ("١٩٩٠٠٥١٢٢٠١٥٠٣١٠٠١", False),  # digits of another script
])  # fmt: skip
def test_a_nip_says_birth_appointment_sex_and_serial(number, fine):
    assert (nip_problem(number) is None) is fine


@given(st.text(max_size=30))
def test_whatever_stands_in_the_column_has_an_answer(text):
    problem = nip_problem(text)
    assert problem is None or "digit" in problem or "serial" in problem


@pytest.mark.parametrize(("name", "expected"), [
    ("Siti Rahma", "SR"),
    ("Dr. Siti Rahma, M.Si.", "SR"),
    ("Made", "M"),
    ("Ir. H. Joko Budi Santoso, M.T.", "JS"),
    ("", "?"),
    ("Dr.", "D"),
])  # fmt: skip
def test_initials_leave_titles_out(name, expected):
    assert rules.initials(name) == expected


@given(st.text(max_size=40))
def test_every_name_has_initials(name):
    assert rules.initials(name)


# Over HTTP


def test_people_are_found_by_name_and_unit_within_what_one_may_see(shared_office):
    me = shared_office.id_of(EMPLOYEE)
    found = shared_office.get("/api/people", me, params={"limit": 200}).json()["items"]
    assert {person["agency"] for person in found} == {"BAPPENAS", "KEMENPANRB"}
    shut = shared_office.colleagues("KEMENDAGRI")[0]
    found = shared_office.get("/api/people", shut, params={"limit": 200}).json()["items"]
    assert {person["agency"] for person in found} == {"KEMENDAGRI"}
    named = shared_office.get("/api/people", me, params={"q": "siti rahma"}).json()["items"]
    assert [person["id"] for person in named] == [me]
    unit = named[0]["unit_id"]
    team = shared_office.get("/api/people", me, params={"unit_id": unit}).json()["items"]
    assert {person["unit_id"] for person in team} == {unit}


@pytest.mark.parametrize("q", ["%", "_", "\\", "'"])
def test_wildcards_in_a_name_are_plain_letters(shared_office, q):
    found = shared_office.get("/api/people", shared_office.id_of(EMPLOYEE), params={"q": q}).json()["items"]
    assert all(q in person["name"] for person in found)


def test_people_come_page_by_page(shared_office):
    me = shared_office.id_of(EMPLOYEE)
    whole = shared_office.get("/api/people", me, params={"limit": 200}).json()["items"]
    found, cursor = [], None
    for _ in range(20):
        params = {"limit": 7} | ({"cursor": cursor} if cursor else {})
        page = shared_office.get("/api/people", me, params=params).json()
        found, cursor = found + page["items"], page["next"]
        if cursor is None:
            break
    assert found == whole


@pytest.mark.parametrize(
    "params", [{"q": "a\x00"}, {"q": "x" * 101}, {"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"unit_id": 0}]
)
def test_a_search_that_cannot_be_read_is_refused(shared_office, params):
    assert shared_office.get("/api/people", shared_office.id_of(EMPLOYEE), params=params).status_code == 400


def test_the_floor_shows_names_only_as_far_as_agencies_share_them(office):
    desk = office.desks()[0]
    shut, shared = office.colleagues("KEMENDAGRI")[0], office.colleagues("KEMENPANRB")[0]
    office.booked(shut, desk)
    office.booked(shared, office.desks()[1])
    name = dict(tuple(row) for row in office.ask(select(Person.id, Person.name)))
    page = office.get(f"/denah?floor={office.floor('IKN-K3-A-03')}&on={QUIET}", office.id_of(EMPLOYEE)).text
    assert name[shared] in page
    assert name[shut] not in page
    panel = office.get(f"/denah?desk={desk}&on={QUIET}", office.id_of(EMPLOYEE)).text
    assert "Nama tidak ditampilkan" in panel


# What must not be written down


def test_neither_log_nor_journal_holds_secrets(office, caplog):
    caplog.set_level(logging.DEBUG)
    me = office.id_of(EMPLOYEE)
    office.post("/api/session", json={"email": EMPLOYEE, "password": PASSWORD})
    office.post("/api/session", json={"email": EMPLOYEE, "password": "salah-sekali"})
    office.client.cookies.clear()
    made = office.post("/api/tokens", me, json={"name": "kalender"}).json()
    office.get("/api/people", me, params={"q": "siti", "email": EMPLOYEE})
    office.booked(me, office.desks()[0], *hours(QUIET, 8, 9), purpose="rahasia negara")
    office.get("/api/bookings?cursor=xx", me)
    said = "\n".join(
        f"{record.name} {record.getMessage()}" for record in caplog.records if record.name.startswith("selaras")
    )
    assert "/api/session" in said
    told = repr(office.ask(select(journal.Entry.verb, journal.Entry.subject, journal.Entry.facts)))
    for text in (said, told):
        for secret in (EMPLOYEE, PASSWORD, "salah-sekali", made["token"], token_of(me), "rahasia negara"):
            assert secret not in text
        assert not re.search(r"\b\d{18}\b", text)
    assert "siti" not in said
    assert "cursor" not in said


def test_a_nip_is_kept_as_a_keyed_digest_and_four_digits(office):
    kept = office.ask(select(Person.nip_digest, Person.nip_last4).where(Person.id == office.id_of(EMPLOYEE)))[0]
    assert len(kept.nip_digest) == 32
    assert len(kept.nip_last4) == 4
    page = office.get("/profil", office.id_of(EMPLOYEE)).text
    assert f"•••{kept.nip_last4}" in page
