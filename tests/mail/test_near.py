"""What others, or the service, do to somebody's booking within the day before it starts goes out by mail, always."""

import re

import pytest
from sqlalchemy import func, insert, select, update

from app.journal import Entry
from app.mail.models import Mail, MailChoice, MailItem
from app.mail.rules import Kind
from app.people.models import Person
from tests.support.mailbox import content, part
from tests.support.office import EMPLOYEE, QUIET, ROOM_KEEPER, hours


@pytest.fixture
def me(office):
    return office.colleagues()[0]


@pytest.fixture
def boss(office, me):
    return office.ask(select(Person.superior_id).where(Person.id == me))[0][0]


@pytest.fixture
def booked(office, post, me):
    """A desk on the quiet day, and a clock that shows 06.00 of it; whoever has it wants nothing by mail."""
    made = office.booked(me, office.desks()[0], *hours(QUIET, 8, 16))
    office.change(insert(MailChoice).values([{"person_id": me, "kind": kind, "wanted": False} for kind in Kind]))
    office.clock.set(hours(QUIET, 6, 7)[0])
    post.forget()
    return made


def test_a_desk_released_for_a_no_show_is_told_at_once(office, post, me, booked):
    office.clock.set(hours(QUIET, 11, 12)[0])
    assert office.sweep()
    (mail,) = post.goes()
    assert mail["To"].addresses[0].addr_spec == post.email(me)
    assert mail["Subject"] == "Perubahan pesanan Anda"
    assert "dilepas karena Anda tidak lapor masuk" in content(mail, "plain")
    assert "08.00–16.00 WITA" in content(mail, "plain")
    assert part(mail, "calendar") is None


def test_what_somebody_else_cancels_or_moves_is_told(office, post, me, boss, booked):
    other = office.desks()[1]
    answer = office.patch(f"/api/bookings/{booked['id']}", boss, json={"space_id": other})
    assert answer.status_code == 200, answer.text
    post.gather()
    office.clock.advance(minutes=1)
    assert office.delete(f"/api/bookings/{booked['id']}", boss).status_code < 300
    (mail,) = post.goes()
    text = content(mail, "plain")
    assert text.index("dipindahkan dari") < text.index("dibatalkan")


def test_what_one_does_oneself_is_no_news(office, post, me, booked):
    office.patch(f"/api/bookings/{booked['id']}", me, json={"space_id": office.desks()[1]})
    office.delete(f"/api/bookings/{booked['id']}", me)
    assert post.goes() == []
    assert post.states() == []


def test_what_is_a_day_ahead_is_not_mailed_to_who_wants_no_mail(office, post, me, boss, booked):
    office.clock.set(hours(QUIET, 8, 9)[0].replace(day=8))
    office.delete(f"/api/bookings/{booked['id']}", boss)
    assert post.goes() == []


@pytest.mark.parametrize(("hour", "told"), [(7.98, False), (8, True)])
def test_a_day_begins_twenty_four_hours_before(office, post, boss, booked, hour, told):
    office.clock.set(hours(QUIET.replace(day=9), hour, 9)[0])
    office.delete(f"/api/bookings/{booked['id']}", boss)
    assert bool(post.goes()) == told


def test_a_move_away_from_today_is_near(office, post, me, boss, booked):
    starts_at, ends_at = hours(QUIET.replace(day=16), 8, 16)
    data = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    assert office.patch(f"/api/bookings/{booked['id']}", boss, json=data).status_code == 200
    (mail,) = post.goes()
    assert "16 Des" in content(mail, "plain")
    assert "10 Des" in content(mail, "plain")


def test_what_a_notice_tells_is_not_told_twice(office, post, me):
    """A keeper moves a room: the notice says so, and the journal too."""
    rooms = office.rooms()
    made = office.booked(me, rooms[0], *hours(QUIET, 13, 14))
    office.clock.set(hours(QUIET, 6, 7)[0])
    post.forget()
    office.change(insert(MailChoice).values(person_id=me, kind="rooms", wanted=False))
    keeper = office.id_of(ROOM_KEEPER)
    from app.rooms import kept_rooms  # noqa: PLC0415

    actor = office.actor(keeper)
    office.db.write_here(kept_rooms.move, actor, made["id"], rooms[1], version=None, now=office.clock())
    (mail,) = post.goes()
    assert mail["Subject"] == "Keputusan pengelola ruang"
    assert content(mail, "plain").count("dipindahkan") == 1


def test_the_reader_reads_their_own_clock_beside_that_of_the_place(office, post, boss, booked, me):
    jakarta = office.ask(select(Person.site_id).where(Person.id == office.colleagues(site="JKT")[0]))[0][0]
    office.change(update(Person).where(Person.id == me).values(site_id=jakarta, language="en"))
    office.delete(f"/api/bookings/{booked['id']}", boss)
    (mail,) = post.goes()
    assert "08:00–16:00 WITA (07:00–15:00 WIB)" in content(mail, "plain")
    assert mail["Subject"] == "Changes to your bookings"


def test_booking_adds_no_statement_and_no_mail(office, post, me):
    before = office.ask(select(func.count(Mail.id)))[0][0]
    office.booked(me, office.desks()[0], *hours(QUIET, 8, 16))
    post.gather()
    assert office.ask(select(func.count(Mail.id)))[0][0] == before


def test_no_mail_and_no_log_holds_a_number_or_a_token(office, post, boss, booked, caplog):
    caplog.set_level("DEBUG")
    office.delete(f"/api/bookings/{booked['id']}", boss)
    (mail,) = post.goes()
    digits = {row[0] for row in office.ask(select(Person.nip_last4)) if row[0]}
    assert digits
    whole = "".join(content(mail, kind) for kind in ("plain", "html"))
    assert not re.search(r"\d{18}", whole)
    ours = "".join(
        str(record.getMessage()) for record in caplog.records if record.name != "mail.log"
    )  # the server's own
    assert "slr_" not in whole + ours
    assert post.email(booked["person_id"]) not in ours


def test_entries_of_the_journal_are_read_once(office, post, boss, booked):
    office.delete(f"/api/bookings/{booked['id']}", boss)
    for _ in range(3):
        post.gather()
        office.clock.advance(minutes=11)
    assert office.ask(select(func.count(MailItem.id)))[0][0] == 1
    assert post.gather() == 0
    assert office.ask(select(func.max(Entry.id)))[0][0]


def test_who_may_know_less_reads_no_more_in_mail_than_on_the_page(office, post):
    """A keeper who decides on a room is told which and when, as on the page; what for, and who, stand there and not in mail."""
    me, keeper = office.id_of(EMPLOYEE), office.id_of(ROOM_KEEPER)
    asked = office.booked(me, office.rooms()[1], *hours(QUIET, 9, 10), purpose="Rapat sangat rahasia")
    assert asked["approval"] == "asked"
    post.goes()
    (mail,) = post.box.to(post.email(keeper))
    name = office.ask(select(Person.name).where(Person.id == me))[0][0].split(",")[0]
    for kind in ("plain", "html"):
        assert "09.00–10.00 WITA" in content(mail, kind)
        assert "rahasia" not in content(mail, kind)
        assert name not in content(mail, kind)
