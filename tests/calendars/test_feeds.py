"""Feeds from the outside: made by their owner, fetched by whoever has the address."""

import gzip
import hashlib
import logging
import re
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from app.calendars import service
from app.calendars.models import Feed
from app.calendars.public_controllers import Fetches, accepts_gzip
from app.people.models import Person
from app.rooms.models import Space
from tests.support.feeds import by_uid, entries, fetched, made, path, token
from tests.support.office import ADMIN, EMPLOYEE, ROOM_KEEPER, SUPERIOR, at, hours
from tests.support.world import QUIET, TODAY, WIB, WITA

IKN_FLOOR, JKT_FLOOR = "IKN-K3-A-04", "JKT-PST-01"
MONDAY = QUIET - timedelta(days=3)


@pytest.fixture
def me(office):
    return office.colleagues()[0]


@pytest.fixture
def others(office):
    return office.colleagues()[1:]


def meeting(office, who, **more):
    starts_at, ends_at = hours(QUIET, 9, 10)
    body = {
        "title": "Rapat koordinasi",
        "site_id": 1,
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        **more,
    }
    answer = office.post("/api/meetings", who, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


# What a personal feed says


def test_a_desk_is_a_place_and_takes_no_time(office, me):
    desk = office.desks()[0]
    booked = office.booked(me, desk)
    entry = by_uid(fetched(office, made(office, me)))[f"booking-{booked['id']}"]
    assert entry["summary"] == "Meja B-01"
    assert (entry["transp"], entry["x-microsoft-cdo-busystatus"], entry["status"]) == (
        "TRANSPARENT",
        "FREE",
        "CONFIRMED",
    )
    assert (entry["dtstart"].dt, entry["dtend"].dt) == (at(QUIET, 8), at(QUIET, 16))
    assert entry["dtstart"].params["TZID"] == WITA
    assert "Menara A" in entry["location"]
    assert "10.00 WITA" in entry["description"]
    assert entry["dtstamp"].dt == entry["last-modified"].dt == office.clock()


def test_a_desk_of_the_other_city_has_its_zone(office):
    person = office.colleagues(site="JKT")[0]
    starts_at, ends_at = hours(QUIET, 8, 12, WIB)
    booked = office.booked(person, office.desks(JKT_FLOOR, "A")[0], starts_at, ends_at)
    entry = by_uid(fetched(office, made(office, person)))[f"booking-{booked['id']}"]
    assert entry["dtstart"].params["TZID"] == WIB
    assert entry["dtstart"].dt.astimezone(UTC) == starts_at


def test_a_meeting_says_both_times_its_rooms_its_link_and_who_comes(office, me, others):
    rooms = [office.rooms(IKN_FLOOR)[0], office.rooms(JKT_FLOOR)[0]]
    link = "https://rapat.go.id/abc?x=1,2;3"
    before = set(by_uid(fetched(office, made(office, me))))
    held = meeting(office, me, required_ids=others, room_ids=rooms, link=link, agenda="1. Pembukaan\n2. Penutup")
    entry = by_uid(fetched(office, made(office, others[0])))[f"meeting-{held['id']}"]
    said = str(entry["description"])
    assert said.startswith("09.00–10.00 WITA / 08.00–09.00 WIB")
    assert all(
        part in said for part in (link, "1. Pembukaan\n2. Penutup", office.actor(me).name, office.actor(others[0]).name)
    )
    assert str(entry["location"]).count("Ruang") == 2
    assert (entry["transp"], entry["x-microsoft-cdo-busystatus"]) == ("OPAQUE", "BUSY")
    assert entry["conference"] == link
    assert entry["conference"].params["VALUE"] == "URI"
    assert "attendee" not in entry
    assert "organizer" not in entry
    assert set(by_uid(fetched(office, made(office, me)))) - before == {f"meeting-{held['id']}"}, "rooms are part of it"


def test_basic_leaves_out_what_a_meeting_is_about(office, me, others):
    held = meeting(office, me, required_ids=others, link="https://rapat.go.id/abc", agenda="Rahasia kecil")
    entry = by_uid(fetched(office, made(office, me, level="basic")))[f"meeting-{held['id']}"]
    assert entry["summary"] == "Rapat koordinasi"
    assert not {"conference"} & set(entry)
    assert "Rahasia" not in fetched(office, made(office, me, level="basic")).text


def test_a_moved_meeting_is_the_same_entry_with_a_higher_sequence_and_a_cancelled_one_stays_a_while(office, me):
    feed, held = made(office, me), meeting(office, me)
    first = by_uid(fetched(office, feed))[f"meeting-{held['id']}"]
    office.clock.advance(minutes=5)
    starts_at, ends_at = hours(QUIET, 13, 14)
    change = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    assert office.patch(f"/api/meetings/{held['id']}", me, json=change).status_code == 200
    moved = by_uid(fetched(office, feed))[f"meeting-{held['id']}"]
    assert moved["uid"] == first["uid"]
    assert moved["sequence"] > first["sequence"]
    assert moved["dtstamp"].dt == first["dtstamp"].dt + timedelta(minutes=5)
    assert office.delete(f"/api/meetings/{held['id']}", me).status_code == 200
    gone = by_uid(fetched(office, feed))[f"meeting-{held['id']}"]
    assert (gone["status"], gone["transp"]) == ("CANCELLED", "TRANSPARENT")
    assert gone["summary"] == "Dibatalkan: Rapat koordinasi"
    assert gone["sequence"] > moved["sequence"]
    assert f"meeting-{held['id']}" not in by_uid(fetched(office, made(office, me, with_cancelled=False)))
    office.clock.advance(days=37)
    assert f"meeting-{held['id']}" not in by_uid(fetched(office, feed))


def test_a_week_is_tentative_until_it_is_approved_and_parts_have_their_hours(office, me):
    boss = office.ask(select(Person.superior_id).where(Person.id == me))[0][0]
    halves = [
        {"mode": "WFO", "starts": "07:30", "ends": "12:00"},
        {"mode": "WFH", "starts": "12:30", "ends": "16:00"},
    ]
    days = {MONDAY.isoformat(): [{"mode": "WFH"}], (MONDAY + timedelta(days=1)).isoformat(): halves}
    week = f"/api/people/{me}/weeks/2026-W50"
    assert office.put(week, me, json={"days": days}).status_code == 200
    feed = made(office, me)
    found = by_uid(fetched(office, feed))
    monday = found[f"day-{me}-{MONDAY}"]
    assert (monday["summary"], monday["status"], monday["transp"]) == ("WFH", "TENTATIVE", "TRANSPARENT")
    assert (monday["dtstart"].dt, monday["dtend"].dt) == (MONDAY, MONDAY + timedelta(days=1))
    assert monday["categories"].to_ical() == b"WFH"
    tuesday = found[f"day-{me}-{MONDAY + timedelta(days=1)}"]
    assert tuesday["summary"] == "WFO: Ibu Kota Nusantara / WFH"
    parts = [one for name, one in found.items() if name.startswith("part-") and one["dtstart"].dt >= at(MONDAY, 0)]
    assert [(one["summary"], one["dtstart"].dt) for one in sorted(parts, key=lambda one: one["dtstart"].dt)] == [
        ("WFO: Ibu Kota Nusantara", at(MONDAY + timedelta(days=1), 7, 30)),
        ("WFH", at(MONDAY + timedelta(days=1), 12, 30)),
    ]
    submitted = office.put(f"{week}/submission", me, json={"acknowledge": True})
    if submitted.status_code != 200:
        submitted = office.put(f"{week}/submission", me, json={})
    assert submitted.status_code == 200, submitted.text
    approved = office.put(f"{week}/approval", boss, json={"decision": "approved"})
    assert approved.status_code in (200, 409), approved.text
    assert by_uid(fetched(office, feed))[f"day-{me}-{MONDAY}"]["status"] == "CONFIRMED"


def test_leave_takes_the_whole_day_and_only_its_owner_reads_why(office, me):
    days = {MONDAY.isoformat(): [{"mode": "leave"}]}
    assert office.put(f"/api/people/{me}/weeks/2026-W50", me, json={"days": days}).status_code == 200
    assert office.put(f"/api/people/{me}/weeks/2026-W50/submission", me, json={}).status_code == 200
    own = by_uid(fetched(office, made(office, me)))[f"day-{me}-{MONDAY}"]
    assert (own["summary"], own["transp"], own["x-microsoft-cdo-busystatus"]) == ("Cuti", "OPAQUE", "OOF")
    boss = office.ask(select(Person.superior_id).where(Person.id == me))[0][0]
    for level in ("basic", "full"):
        answer = fetched(office, made(office, boss, "team", subject_id=office.actor(me).unit_id, level=level))
        assert by_uid(answer)[f"day-{me}-{MONDAY}"]["summary"] == f"{office.actor(me).name}: Tidak tersedia"
        assert "uti" not in answer.text


def test_options_leave_meetings_out_and_remind(office, me):
    held = meeting(office, me)
    assert f"meeting-{held['id']}" not in by_uid(fetched(office, made(office, me, with_meetings=False)))
    entry = by_uid(fetched(office, made(office, me, with_alarm=True)))[f"meeting-{held['id']}"]
    (alarm,) = entry.walk("VALARM")
    assert (alarm["action"], alarm["trigger"].dt, alarm["description"]) == (
        "DISPLAY",
        -timedelta(minutes=10),
        "Rapat koordinasi",
    )


def test_a_feed_speaks_the_language_it_was_made_in(office, me):
    held = meeting(office, me)
    office.delete(f"/api/meetings/{held['id']}", me)
    entry = by_uid(fetched(office, made(office, me, language="en"), accept_language="id"))[f"meeting-{held['id']}"]
    assert entry["summary"] == "Cancelled: Rapat koordinasi"


# Places


def test_a_room_says_which_unit_has_it_and_what_for_to_those_it_concerns(office, me, others):
    room = office.rooms(IKN_FLOOR)[0]
    mine = office.booked(me, room, purpose="Wawancara tertutup")
    unit = office.actor(me).unit_name
    told = by_uid(fetched(office, made(office, others[0], "room", subject_id=room)))[f"booking-{mine['id']}"]
    assert str(told["summary"]).endswith(f": {unit}")
    full = by_uid(fetched(office, made(office, others[0], "room", subject_id=room, level="full")))
    assert office.actor(me).name in full[f"booking-{mine['id']}"]["summary"]
    own = by_uid(fetched(office, made(office, me, "room", subject_id=room, level="full")))
    assert str(own[f"booking-{mine['id']}"]["summary"]).endswith(": Wawancara tertutup")
    keeper = office.id_of(ROOM_KEEPER)
    kept = by_uid(fetched(office, made(office, keeper, "room", subject_id=room, level="full")))
    assert "Wawancara tertutup" in kept[f"booking-{mine['id']}"]["summary"]


def test_other_agencies_read_neither_unit_nor_name(office, me):
    room = office.rooms(IKN_FLOOR)[0]
    office.booked(me, room, purpose="Wawancara tertutup")
    stranger = office.colleagues("KEMENKEU")[0]
    feed = made(office, stranger, "room", subject_id=room, level="full")
    said = fetched(office, feed).text
    assert "Terpakai" in said
    assert not any(word in said for word in (office.actor(me).name, office.actor(me).unit_name, "Wawancara"))


@pytest.mark.parametrize("level", ["busy", "basic", "full"])
def test_a_desk_never_says_who_sits_there(office, me, level):
    desk = office.desks()[0]
    feed = made(office, me, "desk", subject_id=desk, level=level)
    before = len(entries(fetched(office, feed)))
    office.booked(me, desk, purpose="Membaca")
    answer = fetched(office, feed)
    assert len(entries(answer)) == before + 1
    assert "Membaca" not in answer.text
    assert office.actor(me).name not in answer.text.replace("\r\n ", "")


def test_an_area_shows_its_desks_and_what_is_given_back_just_goes(office, me):
    desk = office.desks()[0]
    area = office.ask(select(Space.area_id).where(Space.id == desk))[0][0]
    feed = made(office, me, "area", subject_id=area)
    before = len(entries(fetched(office, feed)))
    booked = office.booked(me, desk)
    assert len(entries(fetched(office, feed))) == before + 1
    assert office.delete(f"/api/bookings/{booked['id']}", me).status_code == 200
    assert len(entries(fetched(office, feed))) == before


def test_a_busy_feed_tells_time_and_nothing_else(office, me):
    held = meeting(office, me, agenda="Agenda", link="https://rapat.go.id/x", room_ids=[office.rooms(IKN_FLOOR)[0]])
    office.booked(me, office.desks()[0])
    answer = fetched(office, made(office, me, level="busy"))
    assert [(one["summary"], one["dtstart"].dt) for one in entries(answer) if one["dtstart"].dt >= at(QUIET, 0)] == [
        ("Sibuk", at(QUIET, 9))
    ]
    for word in (
        "Rapat",
        "Agenda",
        "rapat.go.id",
        "Ruang",
        "Meja",
        "WFO",
        f"meeting-{held['id']}",
        "DESCRIPTION",
        "LOCATION",
    ):
        assert word not in answer.text
    room = fetched(office, made(office, me, "room", subject_id=office.rooms(IKN_FLOOR)[0], level="busy"))
    assert not {str(one["uid"]) for one in entries(answer)} & {str(one["uid"]) for one in entries(room)}


# Series


def series(office, who, space, rule="FREQ=WEEKLY;COUNT=3", **more):
    body = {"space_id": space, "starts_on": QUIET.isoformat(), "starts": "09:00", "ends": "10:00", "rule": rule, **more}
    answer = office.post("/api/booking-series", who, json={"skip_conflicts": True, **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_series_is_one_recurring_entry_with_its_exceptions(office, me):
    room = office.rooms(IKN_FLOOR)[0]
    found = series(office, me, room, "FREQ=DAILY;BYDAY=TH,FR,MO,TU;COUNT=4", purpose="Apel pagi")
    feed = made(office, me, "series", subject_id=found["id"])
    (master,) = entries(fetched(office, feed))
    assert master["rrule"].to_ical().startswith(b"FREQ=DAILY;UNTIL=")
    assert master["summary"] == "Apel pagi"
    assert master["dtstart"].dt == at(QUIET, 9)
    second, third = found["dates"][1:3]
    assert office.delete(f"/api/bookings/{second['booking_id']}", me).status_code == 200
    starts_at, ends_at = hours(MONDAY + timedelta(days=7), 13, 14)
    change = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    assert office.patch(f"/api/bookings/{third['booking_id']}", me, json=change).status_code == 200
    master, moved = entries(fetched(office, feed))
    assert master["exdate"].dts[0].dt == at(QUIET + timedelta(days=1), 9)
    assert moved["uid"] == master["uid"]
    assert moved["recurrence-id"].dt == at(MONDAY + timedelta(days=7), 9)
    assert moved["dtstart"].dt == starts_at


# Whose it is to see


def test_what_one_may_not_see_makes_no_feed(office, me):
    stranger = office.colleagues("KEMENKEU")[0]
    unit = office.actor(me).unit_id
    theirs = series(office, me, office.rooms(IKN_FLOOR)[0])
    for kind, subject, status in (
        ("team", unit, 404),
        ("series", theirs["id"], 404),
        ("room", office.desks()[0], 404),
        ("desk", 2**31 - 1, 404),
        ("area", 2**31 - 1, 404),
        ("room", None, 400),
        ("me", me, 400),
    ):
        answer = office.post("/api/feeds", stranger, json={"kind": kind, "name": "x", "subject_id": subject})
        assert answer.status_code == status, (kind, answer.text)


def test_rights_are_asked_for_at_every_fetch(office, me):
    boss = office.ask(select(Person.superior_id).where(Person.id == me))[0][0]
    feed = made(office, boss, "team", subject_id=office.actor(me).unit_id)
    first = fetched(office, feed)
    assert first.status_code == 200
    assert "dicabut" not in first.text
    there = office.ask(select(Person.unit_id, Person.agency_id, Person.roles).where(Person.id == boss))[0]
    stranger = office.actor(office.colleagues("KEMENKEU")[0])
    move = update(Person).where(Person.id == boss)
    office.change(
        move.values(unit_id=stranger.unit_id, agency_id=stranger.agency_id, roles="", version=Person.version + 1)
    )
    office.clock.advance(minutes=1)
    gone = fetched(office, feed, if_none_match=first.headers["etag"])
    assert (gone.status_code, entries(gone)) == (200, [])
    assert "dicabut" in gone.text
    office.change(move.values(unit_id=there[0], agency_id=there[1], roles=there[2], version=Person.version + 1))
    office.clock.advance(minutes=1)
    assert fetched(office, feed).text == first.text
    office.change(move.values(active=False, version=Person.version + 1))
    assert entries(fetched(office, feed)) == []
    office.clock.advance(days=31)
    assert fetched(office, feed).status_code == 410


def test_a_rotated_address_is_empty_at_once_and_gone_after_thirty_days(office, me):
    feed = made(office, me)
    first = fetched(office, feed)
    assert entries(first)
    answer = office.post(f"/api/feeds/{feed['id']}/rotation", me)
    assert answer.status_code == 201
    fresh = answer.json()
    assert (fresh["id"], fresh["url"]) != (feed["id"], feed["url"])
    assert fetched(office, fresh).text == first.text
    old = fetched(office, feed, if_none_match=first.headers["etag"], if_modified_since=first.headers["last-modified"])
    assert (old.status_code, entries(old)) == (200, [])
    assert "Selaras: dicabut" in old.text
    again = fetched(office, feed, if_none_match=old.headers["etag"])
    assert again.status_code == 304
    office.clock.advance(days=30)
    assert fetched(office, feed).status_code == 410
    assert fetched(office, fresh).status_code == 200


def test_a_revoked_feed_is_revoked_once_and_only_by_its_owner(office, me, others):
    feed = made(office, me)
    assert office.delete(f"/api/feeds/{feed['id']}", others[0]).status_code == 404
    assert office.delete(f"/api/feeds/{feed['id']}", me).status_code == 204
    for answer in (
        office.delete(f"/api/feeds/{feed['id']}", me),
        office.post(f"/api/feeds/{feed['id']}/rotation", me),
        office.patch(f"/api/feeds/{feed['id']}", me, json={"level": "busy"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "feed-ended")
    assert entries(fetched(office, feed)) == []
    assert office.get("/api/feeds", me).json()["items"] == []


def test_a_feed_that_nobody_fetches_ends_after_half_a_year(office, me):
    feed, used = made(office, me), made(office, me)
    first = fetched(office, feed)
    office.clock.advance(days=100)
    fetched(office, used)
    office.clock.advance(days=81)
    office.db.write_here(lambda session: service.upkeep(session, now=office.clock()))
    assert entries(fetched(office, feed, if_none_match=first.headers["etag"])) == []
    assert "dicabut" not in fetched(office, used).text


# How it is answered


def test_the_answer_is_private_and_head_is_get_without_a_body(office, me):
    feed = made(office, me)
    answer, head = fetched(office, feed), fetched(office, feed, "HEAD")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["content-disposition"].startswith("inline")
    assert "set-cookie" not in answer.headers
    assert head.content == b""
    assert dict(head.headers) == dict(answer.headers)
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")


def test_gzip_is_sent_to_who_asks_for_it(office, me):
    feed = made(office, me)
    with office.client.stream("GET", path(feed), headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    plain = fetched(office, feed, accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert answer.headers["etag"] == plain.headers["etag"]
    outlook = fetched(office, feed, accept_encoding="gzip", user_agent="Microsoft Office/16.0 (Outlook)")
    assert "content-encoding" not in outlook.headers


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", False),
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=x", False),
    ],
)
def test_gzip_is_asked_for_by_name_or_star(header, wanted):
    assert accepts_gzip(header) is wanted


def test_what_did_not_change_is_304_by_tag_and_by_date(office, me):
    feed = made(office, me)
    first = fetched(office, feed)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    assert tag.startswith('W/"')
    office.clock.advance(hours=3)
    for headers in (
        {"if_none_match": tag},
        {"if_none_match": tag.removeprefix("W/")},
        {"if_none_match": f'"other", {tag}'},
        {"if_none_match": "*"},
        {"if_modified_since": date},
        {"if_none_match": tag, "if_modified_since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        answer = fetched(office, feed, **headers)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag), headers
        assert answer.headers["vary"] == "Accept-Encoding"
    for headers in (
        {"if_none_match": '"other"'},
        {"if_none_match": '"other"', "if_modified_since": date},
        {"if_modified_since": "Mon, 23 Nov 2026 00:00:00 GMT"},
        {"if_modified_since": "yesterday"},
        {"if_modified_since": ""},
    ):
        assert fetched(office, feed, **headers).status_code == 200, headers


def test_every_version_is_dated_later_than_the_one_before_even_within_a_second(office, me):
    feed = made(office, me)
    dates = []
    for n in range(4):
        office.booked(me, office.desks()[n], *hours(QUIET, 8 + n, 9 + n))
        fetched(office, feed)
        dates.append(office.ask(select(Feed.modified_at).where(Feed.id == feed["id"]))[0][0])
    assert dates == sorted(set(dates))
    assert "last-modified" not in fetched(office, feed).headers, "a date that is yet to come is not told"
    old = f"{dates[0]:%a, %d %b %Y %H:%M:%S} GMT"
    assert fetched(office, feed, if_modified_since=old).status_code == 200
    office.clock.advance(seconds=10)
    assert parsedate_to_datetime(fetched(office, feed).headers["last-modified"]) == dates[-1]


def test_what_changes_nothing_that_is_shown_keeps_the_tag(office, me):
    """A reply makes a new version of the meeting, and says nothing in a busy feed."""
    held = meeting(office, me)
    feed = made(office, me, level="busy")
    first = fetched(office, feed)
    office.clock.advance(minutes=1)
    task = {"task": "Notula", "owner_id": me, "due_on": QUIET.isoformat()}
    assert office.post(f"/api/meetings/{held['id']}/follow-ups", me, json=task).status_code == 201
    office.booked(me, office.desks()[0])  # a desk takes no time
    assert fetched(office, feed, if_none_match=first.headers["etag"]).status_code == 304


def test_the_window_moves_once_a_week(office, me):
    feed = made(office, me)
    first = fetched(office, feed)
    office.clock.set(at(TODAY + timedelta(days=5), 23, 59))  # Sunday
    assert fetched(office, feed, if_none_match=first.headers["etag"]).status_code == 304
    office.clock.advance(weeks=4)
    later = fetched(office, feed, if_none_match=first.headers["etag"])
    assert later.status_code == 200
    assert len(entries(later)) < len(entries(first))


def test_an_address_may_be_fetched_ten_times_at_once_and_sixty_times_an_hour(office, me):
    feed = made(office, me)
    office.client.app.state.fetches = Fetches()
    answers = [office.client.get(path(feed)) for _ in range(12)]
    assert [one.status_code for one in answers] == [200] * 10 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) in range(1, 61)
    office.clock.advance(minutes=1)
    tag = {"if-none-match": answers[0].headers["etag"]}
    assert [office.client.get(path(feed), headers=tag).status_code for _ in range(11)] == [304] * 10 + [429]
    other = made(office, me)
    assert office.client.get(path(other)).status_code == 200


def test_guessing_is_slowed_down_by_address_and_hurts_nobody_else(office, me):
    feed = made(office, me)
    office.client.app.state.fetches = Fetches()
    guesses = [office.client.get(f"/ical/{n:043}.ics") for n in range(12)]
    assert [one.status_code for one in guesses] == [404] * 10 + [429] * 2
    assert len({one.content for one in guesses[:10]}) == 1
    assert office.client.get(path(feed)).status_code == 200


@pytest.mark.parametrize("address", ["", "/", "/x", "/x.ics", "/%00.ics", "/a/b.ics", "/%ED%A0%80.ics"])
def test_what_is_no_address_is_not_found(shared_office, address):
    shared_office.client.app.state.fetches = Fetches()
    assert shared_office.client.get(f"/ical{address}").status_code == 404


def test_an_address_takes_no_writes(office, me):
    feed = made(office, me)
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"):
        answer = fetched(office, feed, method)
        assert (answer.status_code, answer.headers.get("allow")) == (405, "GET, HEAD")


def test_an_address_is_in_no_log_no_header_no_body_and_not_in_the_database(office, me, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    feed = made(office, me)
    secret = token(feed)
    answers = [fetched(office, feed), fetched(office, feed, "POST"), fetched(office, feed, accept="text/html")]
    answers += [fetched(office, feed, if_none_match=answers[0].headers["etag"]), office.get("/api/feeds", me)]
    monkeypatch.setattr("app.calendars.fetching.look_up", lambda *_: 1 / 0)
    broken = fetched(office, feed)
    assert broken.status_code == 500
    html = fetched(office, feed, accept="text/html")
    assert html.status_code == 500
    said = "".join(f"{one.headers}{one.text}" for one in (*answers, broken))
    assert secret not in said
    logged = [one for one in caplog.records if not one.name.startswith(("httpx", "asyncio", "hypothesis"))]
    assert any("/ical" in one.getMessage() for one in logged)
    assert not any(secret in one.getMessage() + str(one.exc_text or "") for one in logged)
    rows = office.ask(select(Feed.__table__))
    assert not any(secret in repr(row) for row in rows)
    assert bytes(rows[0].digest) == hashlib.sha256(secret.encode()).digest()
    assert len(secret) == 43


def test_the_owner_sees_who_fetched_last(office, me):
    feed = made(office, me)
    assert office.get("/api/feeds", me).json()["items"][0]["fetched_at"] is None
    office.client.app.state.fetches = Fetches()
    for _ in range(3):
        office.client.get(path(feed), headers={"user-agent": "Google-Calendar-Importer"})
    office.client.get(path(feed), headers={"user-agent": "iOS/18.1 (22B83) dataaccessd/1.0"})
    office.clock.advance(minutes=6)
    office.client.get(path(feed), headers={"user-agent": "iOS/18.1 (22B83) dataaccessd/1.0"})
    (one,) = office.get("/api/feeds", me).json()["items"]
    assert (one["client"], one["fetches"]) == ("apple", 5)
    assert one["fetched_at"].startswith(f"{office.clock():%Y-%m-%dT%H:%M}")


def test_no_nip_is_in_any_feed(office):
    keeper, admin = office.id_of(ROOM_KEEPER), office.id_of(ADMIN)
    office.change(update(Person).values(nip_last4="7319"))
    room = {"subject_id": office.rooms(IKN_FLOOR)[0], "level": "full"}
    for who, kind, more in (
        (keeper, "me", {}),
        (admin, "team", {"level": "full"}),
        (keeper, "room", room),
    ):
        said = fetched(office, made(office, who, kind, **more)).text
        assert said.count("BEGIN:VEVENT") > 0
        assert "7319" not in re.findall(r"\d+", said)
        assert not re.search(r"(?<!\d)\d{18}(?!\d)", said)
        assert "nip" not in said.lower()


# The API's own manners


def test_the_address_is_told_once_and_to_its_maker_alone(office, me):
    headers = {"Idempotency-Key": "satu"}
    body = {"kind": "me", "name": "Ponsel"}
    first = office.post("/api/feeds", me, json=body, headers=headers)
    assert first.status_code == 201
    assert first.json()["webcal_url"].startswith("webcal://")
    assert first.json()["google_url"].startswith("https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2F")
    again = office.post("/api/feeds", me, json=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "already-shown")
    assert set(office.get("/api/feeds", me).json()["items"][0]) & {"url", "token", "digest"} == set()


def test_a_changed_level_shows_at_the_same_address(office, me):
    feed = made(office, me)
    first = fetched(office, feed)
    answer = office.patch(f"/api/feeds/{feed['id']}", me, json={"level": "busy", "name": "Untuk umum"})
    assert (answer.status_code, answer.json()["level"], answer.json()["name"]) == (200, "busy", "Untuk umum")
    office.clock.advance(minutes=1)
    later = fetched(office, feed, if_none_match=first.headers["etag"])
    assert later.status_code == 200
    assert "Meja" not in later.text


@pytest.mark.parametrize("text", ["\\ud800", "a\\u0000b", "a\\nb", "a\\u0007b", "\\udfff", "", "x" * 81])
@pytest.mark.parametrize(
    ("address", "field"), [("/api/feeds", "name"), ("/api/meetings", "title"), ("/api/bookings", "purpose")]
)
def test_text_that_no_calendar_can_hold_is_refused_at_the_door(shared_office, address, field, text):
    who = shared_office.colleagues()[0]
    if field != "name" and text in ("", "x" * 81):
        pytest.skip("may be had there")
    starts_at, ends_at = hours(QUIET, 9, 10)
    times = f'"starts_at": "{starts_at.isoformat()}", "ends_at": "{ends_at.isoformat()}"'
    rest = {"name": '"kind": "me"', "title": f'"site_id": 1, {times}', "purpose": f'"space_id": 1, {times}'}[field]
    body = f'{{"{field}": "{text}", {rest}}}'
    answer = shared_office.post(address, who, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_calendars_of_the_demo_people_can_be_read_back(office):
    for email in (EMPLOYEE, SUPERIOR, ADMIN):
        who = office.id_of(email)
        calendar = Calendar.from_ical(fetched(office, made(office, who)).content)
        assert calendar["x-wr-calname"] == f"Selaras: {office.actor(who).name}"
        assert not calendar.errors
