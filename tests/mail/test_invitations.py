"""Invitations by mail, from the meeting to the mailbox: who gets which, and what their calendar makes of it."""

from datetime import UTC, datetime

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from app.mail.models import Mail, MailChoice
from app.people.models import Person
from tests.meetings.test_meetings import pair, planned  # noqa: F401 - the fixture
from tests.support.mailbox import content, part
from tests.support.office import QUIET, hours

GUEST = "sinta@contoh.go.id"


@pytest.fixture
def me(office):
    return office.colleagues()[0]


@pytest.fixture
def others(office):
    return office.colleagues()[1:]


def entry(mail):
    """The calendar of a mail: its method and its one event."""
    calendar = Calendar.from_ical(content(mail, "calendar"))
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


def move(office, who, meeting, starts=13.0, ends=14.0, **more):
    starts_at, ends_at = hours(QUIET, starts, ends)
    data = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), **more}
    answer = office.patch(f"/api/meetings/{meeting['id']}", who, json=data)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_invitation_goes_to_everybody_but_who_made_it(office, post, me, others, pair):  # noqa: F811
    meeting = planned(office, me, others, pair, guests=[{"email": GUEST, "name": "Sinta Dewi"}])
    assert post.gather()
    assert not post.box.raw  # it still takes up what comes
    assert len(post.goes()) == 3
    assert {address for address, _ in post.box.raw} == {GUEST, *map(post.email, others)}
    (mail,) = post.box.to(post.email(others[0]))
    method, event = entry(mail)
    assert method == part(mail, "calendar").get_param("method") == "REQUEST"
    assert (event["SUMMARY"], event["SEQUENCE"], event["STATUS"]) == (meeting["title"], 0, "CONFIRMED")
    assert event["DTSTART"].dt == datetime.fromisoformat(meeting["starts_at"])
    assert event["ORGANIZER"] == f"mailto:{post.email(me)}"
    assert event["ORGANIZER"].params["SENT-BY"] == "mailto:selaras-ikn@setneg.test"
    assert event["ATTENDEE"] == f"mailto:{post.email(others[0])}"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"].addresses[0].addr_spec == "selaras-ikn@setneg.test"
    assert mail["Reply-To"].addresses[0].addr_spec == post.email(me)
    assert [one.get_content_type() for one in mail.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    for kind in ("plain", "html"):
        assert f"https://selaras.contoh.id/rapat/{meeting['id']}" in content(mail, kind)
        assert "09.00–10.00 WITA / 08.00–09.00 WIB" in content(mail, kind)


def test_a_guest_gets_no_link_that_needs_signing_in_and_no_names(office, post, me, others):
    planned(office, me, others, guests=[{"email": GUEST}])
    post.goes()
    (mail,) = post.box.to(GUEST)
    _, event = entry(mail)
    whole = "".join(content(mail, kind) for kind in ("plain", "html", "calendar"))
    assert "https://" not in whole
    assert "URL" not in event
    assert event["ATTENDEE"] == f"mailto:{GUEST}"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    for other in others:
        name = office.ask(select(Person.name).where(Person.id == other))[0][0]
        assert name.split(",")[0] not in whole


def test_a_moved_meeting_yields_one_mail_a_person_with_the_next_sequence(office, post, me, others, pair):  # noqa: F811
    meeting = planned(office, me, others, pair, guests=[{"email": GUEST}])
    post.goes()
    first = {address: entry(mail)[1] for address in (GUEST, *map(post.email, others)) for mail in post.box.to(address)}
    post.box.empty()
    moved = move(office, me, meeting)
    assert len(post.goes()) == 3
    for address, before in first.items():
        (mail,) = post.box.to(address)
        method, event = entry(mail)
        assert method == "REQUEST"
        assert event["UID"] == before["UID"]
        assert event["SEQUENCE"] == before["SEQUENCE"] + 1 == moved["sequence"]
        assert event["DTSTART"].dt == datetime.fromisoformat(moved["starts_at"])
        assert mail["Message-ID"] != before
    assert not post.goes()


def test_the_mails_entry_is_the_feeds(office, post, me, others, pair):  # noqa: F811
    """UID, SEQUENCE and DTSTAMP are the same, so no calendar shows a meeting twice."""
    meeting = planned(office, me, others, pair)
    office.clock.advance(minutes=2)
    move(office, me, meeting)
    post.goes()
    address = office.post("/api/feeds", others[0], json={"kind": "me", "level": "full", "name": "uji"}).json()["url"]
    feed = Calendar.from_ical(office.get("/ical/" + address.rpartition("/ical/")[2]).content)
    (mail,) = post.box.to(post.email(others[0]))
    _, event = entry(mail)
    (same,) = (one for one in feed.walk("VEVENT") if one["UID"] == event["UID"])
    for name in ("SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION"):
        assert same[name].to_ical() == event[name].to_ical() if hasattr(same[name], "to_ical") else True, name
        assert str(same[name]) == str(event[name]), name


def test_what_happens_within_five_minutes_is_one_mail(office, post, me, others):
    meeting = planned(office, me, others)
    post.gather()
    office.clock.advance(minutes=2)
    move(office, me, meeting)
    post.gather()
    office.clock.advance(minutes=3)
    post.send()
    (mail,) = post.box.to(post.email(others[0]))
    _, event = entry(mail)
    assert event["SEQUENCE"] == 1
    assert mail["Subject"].startswith("Undangan rapat")
    assert len(post.box.raw) == len(others)


def test_two_meetings_are_two_mails(office, post, me, others):
    planned(office, me, others[:1])
    planned(office, me, others[:1], title="Rapat lain")
    post.goes()
    assert sorted(entry(mail)[1]["SUMMARY"] for mail in post.box.to(post.email(others[0]))) == [
        "Rapat koordinasi",
        "Rapat lain",
    ]


def test_a_meeting_called_off_is_taken_out_of_calendars(office, post, me, others):
    meeting = planned(office, me, others, guests=[{"email": GUEST}])
    post.goes()
    before = entry(post.box.to(GUEST)[0])[1]
    post.box.empty()
    assert office.delete(f"/api/meetings/{meeting['id']}", me).status_code < 300
    assert len(post.goes()) == 3
    for address in (GUEST, *map(post.email, others)):
        method, event = entry(post.box.to(address)[0])
        assert (method, event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
        assert event["UID"] == before["UID"]
        assert "ORGANIZER" in event


def test_nobody_hears_of_a_meeting_that_was_planned_and_called_off_at_once(office, post, me, others):
    meeting = planned(office, me, others, guests=[{"email": GUEST}])
    office.delete(f"/api/meetings/{meeting['id']}", me)
    assert not post.goes()
    assert set(post.states()) == {"dropped"}


def test_who_is_struck_off_learns_no_more_of_it(office, post, me, others):
    meeting = planned(office, me, others, agenda="Rahasia pertama", guests=[{"email": GUEST}])
    post.goes()
    post.box.empty()
    answer = office.patch(
        f"/api/meetings/{meeting['id']}", me, json={"required_ids": [me, others[1]], "guests": [], "agenda": "Rahasia"}
    )
    assert answer.status_code == 200
    move(office, me, meeting, 15, 16, title="Judul baru")
    post.goes()
    for address in (GUEST, post.email(others[0])):
        (mail,) = post.box.to(address)
        method, event = entry(mail)
        assert (method, event["SEQUENCE"]) == ("CANCEL", 1)
        assert event["DTSTART"].dt == datetime.fromisoformat(meeting["starts_at"])
        whole = "".join(content(mail, kind) for kind in ("plain", "html", "calendar")) + mail["Subject"]
        assert "Rahasia" not in whole
        assert "Judul baru" not in whole
        assert "/rapat/" not in whole
    assert entry(post.box.to(post.email(others[1]))[0])[0] == "REQUEST"


def test_a_represented_reply_asks_the_stand_in_and_updates_who_sends_them(office, post, me, others):
    meeting = planned(office, me, others[:1])
    post.goes()
    uid = entry(post.box.to(post.email(others[0]))[0])[1]["UID"]
    post.box.empty()
    stand_in = others[1]
    answer = office.put(
        f"/api/meetings/{meeting['id']}/replies/me", others[0], json={"reply": "represented", "stand_in_id": stand_in}
    )
    assert answer.status_code == 200, answer.text
    post.goes()
    sender_email, theirs = post.email(others[0]), post.email(stand_in)
    (asked,) = post.box.to(theirs)
    method, event = entry(asked)
    assert (method, event["UID"]) == ("REQUEST", uid)
    parties = {str(one): one.params for one in event["ATTENDEE"]}
    assert parties[f"mailto:{theirs}"]["PARTSTAT"] == "NEEDS-ACTION"
    assert parties[f"mailto:{theirs}"]["DELEGATED-FROM"] == f"mailto:{sender_email}" or parties[f"mailto:{theirs}"][
        "DELEGATED-FROM"
    ] == [f"mailto:{sender_email}"]
    (update_,) = post.box.to(sender_email)
    method, event = entry(update_)
    assert (method, event["UID"], event["SEQUENCE"]) == ("REQUEST", uid, 1)
    parties = {str(one): one.params for one in event["ATTENDEE"]}
    assert parties[f"mailto:{sender_email}"]["PARTSTAT"] == "DELEGATED"
    assert "Anda diwakili" in update_["Subject"]
    # and sent home again
    post.box.empty()
    office.put(f"/api/meetings/{meeting['id']}/replies/me", others[0], json={"reply": "attending"})
    post.goes()
    assert entry(post.box.to(theirs)[0])[0] == "CANCEL"
    method, event = entry(post.box.to(sender_email)[0])
    assert (method, event["ATTENDEE"].params["PARTSTAT"], event["SEQUENCE"]) == ("REQUEST", "ACCEPTED", 2)


def test_a_reply_alone_mails_nobody_who_did_not_ask_for_it(office, post, me, others):
    meeting = planned(office, me, others)
    post.goes()
    post.box.empty()
    office.put(f"/api/meetings/{meeting['id']}/replies/me", others[0], json={"reply": "attending"})
    assert not post.goes()
    office.change(MailChoice.__table__.insert().values(person_id=me, kind="replies", wanted=True))
    office.put(f"/api/meetings/{meeting['id']}/replies/me", others[1], json={"reply": "not-attending"})
    post.goes()
    (mail,) = post.box.to(post.email(me))
    assert part(mail, "calendar") is None
    assert "tidak hadir" in content(mail, "plain")


def test_the_organiser_is_told_by_whoever_plans_for_them_and_asked_nothing(office, post, me):
    superior = office.ask(select(Person.superior_id).where(Person.id == me))[0][0]
    planned(office, superior, [superior], organiser_id=me)
    post.goes()
    method, event = entry(post.box.to(post.email(me))[0])
    assert method == "PUBLISH"
    assert "ATTENDEE" not in event
    # whoever planned it is an attendee like any other
    method, event = entry(post.box.to(post.email(superior))[0])
    assert method == "REQUEST"


def test_who_wants_none_gets_none_unless_it_is_near(office, post, me, others):
    office.change(MailChoice.__table__.insert().values(person_id=others[0], kind="invitations", wanted=False))
    meeting = planned(office, me, others)
    post.goes()
    assert not post.box.to(post.email(others[0]))
    assert post.box.to(post.email(others[1]))
    office.clock.set(hours(QUIET, 8, 9)[0])
    move(office, me, meeting)
    post.goes()
    (mail,) = post.box.to(post.email(others[0]))
    assert mail["Subject"].startswith("Rapat dipindahkan")
    # and what began by mail ends by it, however far it is
    post.box.empty()
    move(office, me, meeting, 15, 16)
    post.goes()
    assert post.box.to(post.email(others[0]))


def test_a_change_back_within_five_minutes_says_nothing(office, post, me, others):
    meeting = planned(office, me, others[:1], guests=[{"email": GUEST}])
    post.goes()
    post.box.empty()
    move(office, me, meeting)
    move(office, me, meeting, 9, 10)
    assert not post.goes()


def test_english_for_who_reads_english_and_indonesian_for_guests(office, post, me, others):
    office.change(update(Person).where(Person.id == others[0]).values(language="en"))
    planned(office, me, others, guests=[{"email": GUEST}])
    post.goes()
    assert post.box.to(post.email(others[0]))[0]["Subject"] == "Meeting invitation: Rapat koordinasi"
    assert "Dear" in content(post.box.to(post.email(others[0]))[0], "plain")
    assert post.box.to(GUEST)[0]["Subject"] == "Undangan rapat: Rapat koordinasi"
    assert post.box.to(GUEST)[0]["Content-Language"] == "id"


def test_what_is_over_is_not_mailed_any_more(office, post, me, others):
    planned(office, me, others)
    post.gather()
    office.clock.set(hours(QUIET, 10, 11)[0])
    post.send()
    assert not post.box.raw
    assert [row.last_error for row in office.ask(select(Mail.last_error))] == ["nothing-new"] * 2


def test_instants_are_utc_where_they_must_be(office, post, me, others):
    planned(office, me, others[:1])
    (mail,) = post.goes()
    _, event = entry(mail)
    assert event["DTSTAMP"].dt.tzinfo == UTC or event["DTSTAMP"].dt.utcoffset().total_seconds() == 0
    assert event["DTSTART"].params["TZID"] == "Asia/Makassar"


def test_an_invitation_that_is_still_on_its_way_never_arrives_after_the_cancellation(office, post, me, others):
    """A calendar that met CANCEL first would show the meeting for ever."""
    address = post.email(others[0])
    post.box.refuses[address] = "451 try later"
    meeting = planned(office, me, others)
    post.goes()
    assert office.delete(f"/api/meetings/{meeting['id']}", me).status_code < 300
    del post.box.refuses[address]
    office.change(update(Mail).where(Mail.state == "waiting").values(due_at=hours(QUIET, 8, 9)[0]))
    post.goes()
    for _ in range(5):
        office.clock.advance(hours=1)
        post.send()
    (mail,) = post.box.to(address)
    assert entry(mail)[0] == "CANCEL"
    assert sorted(post.states()) == ["dropped", "sent", "sent", "sent"]
