"""The pages of meetings as a browser without scripts meets them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.meetings.models import Attendee, FollowUp, Guest, Meeting
from app.people.models import Agency, Person, Unit
from app.rooms.models import Booking
from tests.support.office import EMPLOYEE, NOW, QUIET, SUPERIOR, at, hours
from tests.support.pages import Browser, sign_in
from tests.support.world import TODAY

IKN_FLOOR, JKT_FLOOR = "IKN-K3-A-04", "JKT-PST-01"


@pytest.fixture
def browser(office):
    browser = Browser(office)
    sign_in(browser)
    return browser


@pytest.fixture
def boss(office):
    browser = Browser(office)
    browser.office = office
    sign_in(browser, SUPERIOR)
    return browser


@pytest.fixture
def me(office):
    return office.id_of(EMPLOYEE)


@pytest.fixture
def organiser(office):
    return office.id_of(SUPERIOR)


@pytest.fixture
def jakarta(office):
    return office.colleagues(site="JKT")[0]


@pytest.fixture
def pair(office):
    return office.rooms(IKN_FLOOR)[0], office.rooms(JKT_FLOOR)[0]


def planned(office, who, people=(), rooms=(), on=QUIET, starts=13, ends=14, **more):
    starts_at, ends_at = hours(on, starts, ends)
    data = {"title": "Rapat koordinasi", "site_id": 1, "required_ids": list(people), "room_ids": list(rooms)} | more
    data |= {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    answer = office.post("/api/meetings", who, json=data)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def name_of(office, id):
    return office.ask(select(Person.name).where(Person.id == id))[0][0]


def agency_of(office, id):
    return office.ask(select(Person.agency_id).where(Person.id == id))[0][0]


def reply_of(office, meeting, person):
    return office.ask(select(Attendee.reply).where(Attendee.meeting_id == meeting, Attendee.person_id == person))[0][0]


# Rapat


def test_without_meetings_the_one_thing_to_do_is_to_find_a_time(browser):
    browser.go("/rapat")
    assert "Belum ada rapat" in browser.text
    assert browser.page.count('href="/rapat/cari"') == 1


def test_meetings_stand_under_their_days_with_both_clocks_and_rooms(office, browser, me, organiser, jakarta, pair):
    planned(office, organiser, [me], on=TODAY, title="Rapat hari ini")
    planned(office, organiser, [me, jakarta], pair, title="Rapat dua kota", link="https://rapat.example/1")
    browser.go("/rapat")
    assert browser.text.index("Hari ini") < browser.text.index("Rapat hari ini") < browser.text.index("Rapat dua kota")
    assert "Kamis, 10 Desember 2026" in browser.text
    assert "13.00–14.00 WITA (12.00–13.00 WIB)" in browser.text
    assert "IKN: " in browser.text
    assert "JKT: " in browser.text
    assert 'href="https://rapat.example/1"' in browser.page
    assert "13.00–14.00 WITA Rapat hari ini" in browser.text


def test_replying_from_the_list(office, browser, me, organiser):
    id = planned(office, organiser, [me])
    browser.go("/rapat")
    browser.follow(browser.send(f"/rapat/{id}/jawaban", reply="not-attending"))
    assert "Jawaban Anda untuk “Rapat koordinasi”: tidak hadir." in browser.text
    assert reply_of(office, id, me) == "not-attending"
    assert 'value="not-attending" aria-pressed="true"' in browser.page


def test_past_meetings_wait_behind_a_link(office, browser, me, organiser):
    id = planned(office, organiser, [me])
    office.clock.set(at(QUIET, 17))
    sign_in(browser)
    browser.go("/rapat")
    assert f'href="/rapat/{id}"' not in browser.page
    browser.go("/rapat?view=past")
    assert f'href="/rapat/{id}"' in browser.page
    assert "/jawaban" not in browser.page


def test_what_is_left_to_do_is_ticked_off_in_the_list(office, browser, me, organiser):
    id = planned(office, organiser, [me])
    task = {"task": "Kirim bahan", "owner_id": me, "due_on": "2026-11-20"}
    assert office.post(f"/api/meetings/{id}/follow-ups", organiser, json=task).status_code == 201
    browser.go("/rapat")
    assert "Kirim bahan" in browser.text
    assert "Terlambat" in browser.text
    one = office.ask(select(FollowUp.id))[0][0]
    browser.follow(browser.send(f"/rapat/{id}/tindak-lanjut/{one}"))
    assert "ditandai selesai" in browser.text
    assert "Kirim bahan" not in browser.text


# One meeting


def test_a_meeting_shows_who_comes_by_site(office, browser, me, organiser, jakarta, pair):
    id = planned(office, organiser, [me], pair, optional_ids=[jakarta], guests=[{"email": "tamu@contoh.go.id"}])
    planned(office, organiser, [me], title="Rapat lain")
    browser.go(f"/rapat/{id}")
    assert "Peserta di" in browser.text
    assert name_of(office, jakarta) in browser.text
    assert "1 rapat lain pada waktu itu" in browser.text
    assert "tamu@contoh.go.id" in browser.text
    assert "1 hadir · 1 belum menjawab" in browser.text
    assert "/batal" not in browser.page
    assert "/ubah" not in browser.page


def test_who_is_no_part_of_a_meeting_finds_nothing(office, browser, organiser, jakarta):
    id = planned(office, organiser, [jakarta], title="Rahasia")
    office.change(update(Meeting).where(Meeting.id == id).values(organiser_id=jakarta))
    for path in (f"/rapat/{id}", f"/rapat/{id}/ubah", f"/rapat/{id}/batal", f"/rapat?done=planned&meeting={id}"):
        answer = browser.go(path)
        assert answer.status_code == (200 if "done" in path else 404)
        assert "Rahasia" not in browser.page
    browser.go("/rapat")
    token = browser.forms("/tema")[0]["_csrf_token"]
    for path, fields in (
        ("jawaban", {"reply": "attending"}),
        ("notula", {"notes": "x", "version": "1"}),
        ("tindak-lanjut", {"task": "x", "due_on": "2026-12-11", "owner_id": "1"}),
        ("batal", {"version": "1"}),
        ("ubah", {"title": "x"}),
    ):
        answer = office.client.post(
            f"/rapat/{id}/{path}", data=fields | {"_csrf_token": token}, headers={"Accept": "text/html"}
        )
        assert answer.status_code == 404, path


def test_a_stand_in_is_sent_from_the_team_or_found_by_name(office, browser, me, organiser):
    id = planned(office, organiser, [me])
    browser.go(f"/rapat/{id}?reply=represented")
    mate = next(id for id in office.colleagues(posts=200) if f'value="{id}"' in browser.page)
    browser.follow(
        browser.send(f"/rapat/{id}/jawaban#reply", reply="represented", stand_in_id=str(mate), remark="Cuti")
    )
    assert "Jawaban Anda untuk “Rapat koordinasi”: diwakili." in browser.text
    assert f"diwakili {name_of(office, mate)}" in browser.text
    assert "Cuti" in browser.text
    other = office.colleagues(posts=40)[-1]
    browser.go(f"/rapat/{id}?reply=represented&q={name_of(office, other).split(',')[0]}")
    assert f'<option value="{other}"' in browser.page


def test_without_a_stand_in_the_error_stands_at_the_field(office, browser, me, organiser):
    id = planned(office, organiser, [me])
    browser.go(f"/rapat/{id}")
    answer = browser.send(f"/rapat/{id}/jawaban#reply", reply="represented", stand_in_id="", remark="Dinas")
    assert answer.status_code == 422
    assert 'name="stand_in_id" aria-invalid="true"' in browser.page
    assert "Pilih siapa yang mewakili Anda." in browser.text
    assert 'value="Dinas"' in browser.page


def test_notes_and_follow_ups(office, boss, organiser, me):
    id = planned(office, organiser, [me])
    boss.go(f"/rapat/{id}")
    boss.follow(boss.send(f"/rapat/{id}/notula#notula", notes="Baris satu\r\nBaris dua"))
    assert "Notula rapat “Rapat koordinasi” disimpan." in boss.text
    assert "Baris satu\nBaris dua" in boss.page
    answer = boss.send(f"/rapat/{id}/tindak-lanjut#tindak-lanjut", task="", owner_id=str(me), due_on="kapan")
    assert answer.status_code == 422
    assert boss.page.count('class="mistake"') == 2
    boss.follow(
        boss.send(f"/rapat/{id}/tindak-lanjut#tindak-lanjut", task="Kirim data", owner_id=str(me), due_on="2026-12-17")
    )
    assert "Kirim data" in boss.text
    one = office.ask(select(FollowUp.id))[0][0]
    boss.follow(boss.send(f"/rapat/{id}/tindak-lanjut/{one}"))
    assert office.ask(select(FollowUp.done_at))[0][0] == NOW
    boss.follow(boss.send(f"/rapat/{id}/tindak-lanjut/{one}"))
    assert office.ask(select(FollowUp.done_at))[0][0] is None


def test_notes_over_newer_ones_are_refused(office, boss, organiser, me):
    id = planned(office, organiser, [me])
    boss.go(f"/rapat/{id}")
    office.patch(f"/api/meetings/{id}", organiser, json={"notes": "Yang lebih baru"})
    answer = boss.send(f"/rapat/{id}/notula#notula", notes="Yang lama")
    assert answer.status_code == 412
    assert "sudah diubah" in boss.text


def test_cancelling_says_first_what_others_lose(office, boss, organiser, me, pair):
    id = planned(office, organiser, [me], pair)
    boss.go(f"/rapat/{id}/batal")
    assert "1 peserta diberi tahu." in boss.text
    assert boss.text.count("dilepas dan dapat dipakai orang lain") == 2
    boss.follow(boss.send(f"/rapat/{id}/batal"))
    assert "Rapat “Rapat koordinasi” dibatalkan." in boss.text
    assert not office.ask(select(Booking.id).where(Booking.meeting_id == id, Booking.active))
    assert boss.go(f"/rapat/{id}/batal").status_code == 409


def test_what_has_changed_meanwhile_is_not_cancelled(office, boss, organiser, me):
    id = planned(office, organiser, [me])
    boss.go(f"/rapat/{id}/batal")
    office.patch(f"/api/meetings/{id}", organiser, json={"title": "Rapat penting"})
    assert boss.send(f"/rapat/{id}/batal").status_code == 412
    assert "Rapat penting" in boss.text


# Rapat baru


def prefilled(pair, **more):
    fields = {
        "site_id": 1,
        "on": QUIET,
        "from": "13:00",
        "until": "14:00",
        "room-1": pair[0],
        "room-2": pair[1],
        **more,
    }
    return "/rapat/baru?" + "&".join(f"{name}={value}" for name, value in fields.items())


def test_a_prefilled_meeting_holds_both_rooms(office, browser, me, organiser, jakarta, pair):
    browser.go(prefilled(pair, required=f"{organiser},{jakarta}"))
    assert 'value="13:00"' in browser.page
    assert f'<option value="{pair[0]}" selected>' in browser.page
    assert f'<option value="{pair[1]}" selected>' in browser.page
    assert "13.00–14.00 WITA (12.00–13.00 WIB)" in browser.text
    rooms = {"room-1": str(pair[0]), "room-2": str(pair[1])}
    answer = browser.send("/rapat/baru", title="Rapat dua kota", step="send", **rooms, people=None, q=None)
    browser.follow(answer)
    assert "Rapat “Rapat dua kota” direncanakan" in browser.text
    id, organiser_id, starts_at = office.ask(select(Meeting.id, Meeting.organiser_id, Meeting.starts_at))[0]
    assert (organiser_id, starts_at) == (me, at(QUIET, 13))
    held = office.ask(select(Booking.space_id).where(Booking.meeting_id == id, Booking.active))
    assert sorted(held) == sorted((room,) for room in pair)


def test_people_are_added_turned_and_removed_without_losing_what_was_typed(office, browser, organiser):
    browser.go("/rapat/baru")
    name = name_of(office, organiser)
    browser.send("/rapat/baru", title="Rapat", people="search", q=name.split(",")[0])
    assert f'value="add:{organiser}"' in browser.page
    browser.send("/rapat/baru", title="Rapat", people=f"add:{organiser}")
    assert browser.forms("/rapat/baru")[0]["required"] == str(organiser)
    assert browser.forms("/rapat/baru")[0]["title"] == "Rapat"
    browser.send("/rapat/baru", people=f"turn:{organiser}")
    assert browser.forms("/rapat/baru")[0]["optional"] == str(organiser)
    browser.send("/rapat/baru", people=f"drop:{organiser}")
    assert browser.forms("/rapat/baru")[0]["optional"] == ""
    browser.send("/rapat/baru", step="enter", q=name.split(",")[0])
    assert f'value="add:{organiser}"' in browser.page
    assert not office.ask(select(Meeting.id))


def test_a_whole_unit_comes_with_one_button(office, browser, me):
    browser.go("/rapat/baru")
    unit = office.ask(select(Person.unit_id).where(Person.id == me))[0][0]
    browser.send("/rapat/baru", title="Rapat unit", people=f"unit:{unit}")
    assert browser.forms("/rapat/baru")[0]["units"] == str(unit)
    browser.follow(browser.send("/rapat/baru", step="send"))
    members = {row[0] for row in office.ask(select(Person.id).where(Person.unit_id == unit))}
    assert members <= {row[0] for row in office.ask(select(Attendee.person_id))}


def test_units_are_found_by_their_names_and_only_those_whose_people_may_be_named(office, browser, me):
    own = office.ask(select(Unit.id, Unit.name).join(Person, Person.unit_id == Unit.id).where(Person.id == me))[0]
    browser.go("/rapat/baru")
    browser.send("/rapat/baru", people="search", q=own.name[:12].lower())
    assert f'value="unit:{own.id}"' in browser.page
    office.change(update(Agency).values(shares_names=False))
    elsewhere = office.ask(
        select(Unit.id, Unit.name)
        .join(Person, Person.unit_id == Unit.id)
        .where(Unit.agency_id != agency_of(office, me))
    )[0]
    browser.send("/rapat/baru", people="search", q=elsewhere.name)
    assert f'value="unit:{elsewhere.id}"' not in browser.page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"on": "besok"}, "on"),
        ({"until": "12:00"}, "until"),
        ({"from": "kapan"}, "from"),
        ({"link": "http://rapat"}, "link"),
        ({"guests": "bukan surel"}, "guests"),
    ],
)
def test_errors_stand_at_their_fields_with_the_values_kept(office, browser, changes, field):
    browser.go(f"/rapat/baru?on={QUIET}&from=13:00&until=14:00")
    answer = browser.send("/rapat/baru", **({"title": "Rapat", "step": "send"} | changes))
    assert answer.status_code == 422
    assert f'id="e-{field}"' in browser.page
    assert f'name="{field}"' in browser.page
    assert changes[field].strip() in browser.page
    assert not office.ask(select(Meeting.id))


def test_a_room_just_taken_is_said_at_its_field_with_ways_out(office, browser, organiser, pair):
    browser.go(prefilled(pair))
    rooms = {"room-1": str(pair[0]), "room-2": str(pair[1])}
    office.booked(organiser, pair[0], *hours(QUIET, 13, 14))
    answer = browser.send("/rapat/baru", title="Rapat", step="send", **rooms)
    assert answer.status_code == 409
    assert 'id="e-room-1"' in browser.page
    assert "(tidak kosong)" in browser.text
    assert not office.ask(select(Meeting.id))
    assert "Cari waktu lain" in browser.text
    ways = [part.split('"')[0] for part in browser.page.split('name="way" value="')[1:]]
    assert ways
    browser.follow(browser.send("/rapat/baru", title="Rapat", way=ways[0], **rooms))
    held = {row[0] for row in office.ask(select(Booking.space_id).where(Booking.meeting_id.is_not(None)))}
    assert held == {int(ways[0].split(":")[1]), pair[1]}


def test_too_many_people_are_said_at_the_people(office, browser):
    everybody = office.ask(select(Person.id).where(Person.agency_id == 1).limit(201))
    ids = ",".join(str(id) for (id,) in everybody)
    if len(everybody) < 201:
        pytest.skip("the small world has fewer people")
    browser.go("/rapat/baru")
    answer = browser.send("/rapat/baru", title="Rapat", step="send", required=ids)
    assert answer.status_code == 422
    assert 'id="e-people"' in browser.page


def test_times_keep_their_instant_when_the_host_changes(office, browser, pair):
    browser.go(prefilled(pair))
    browser.send("/rapat/baru", site_id="2", step="refresh", title="Rapat")
    fields = browser.forms("/rapat/baru")[0]
    assert (fields["from"], fields["until"], fields["zone_site"]) == ("12:00", "13:00", "2")


# Changes


def test_the_organiser_changes_texts_people_and_guests(office, boss, organiser, me, jakarta):
    id = planned(office, organiser, [me], agenda="Lama")
    boss.go(f"/rapat/{id}/ubah")
    fields = boss.forms(f"/rapat/{id}/ubah")[0]
    assert (fields["title"], fields["required"], fields["from"]) == ("Rapat koordinasi", str(me), "13:00")
    changes = {
        "title": "Judul baru",
        "agenda": "Baru",
        "guests": "Sinta <sinta@contoh.go.id>",
        "required": str(jakarta),
    }
    boss.follow(boss.send(f"/rapat/{id}/ubah", step="send", **changes))
    assert "Perubahan rapat “Judul baru” disimpan." in boss.text
    assert "Baru" in boss.text
    assert office.ask(select(Guest.email))[0][0] == "sinta@contoh.go.id"
    listed = office.ask(select(Attendee.person_id).where(Attendee.meeting_id == id, Attendee.invited))
    assert {row[0] for row in listed} == {organiser, jakarta}


def test_a_change_of_an_older_version_is_refused(office, boss, organiser, me):
    id = planned(office, organiser, [me])
    boss.go(f"/rapat/{id}/ubah")
    office.patch(f"/api/meetings/{id}", organiser, json={"title": "Sudah lain"})
    answer = boss.send(f"/rapat/{id}/ubah", step="send", title="Judul saya")
    assert answer.status_code == 412
    assert 'value="Judul saya"' in boss.page


def test_an_attendee_changes_nothing(office, browser, organiser, me):
    id = planned(office, organiser, [me])
    assert browser.go(f"/rapat/{id}/ubah").status_code == 403
    assert browser.go(f"/rapat/{id}/batal").status_code == 403


# Elsewhere


def test_news_lead_to_the_meeting(office, browser, me, organiser):
    id = planned(office, organiser, [me])
    browser.go("/")
    assert "mengundang Anda ke rapat “Rapat koordinasi”: Kamis, 10 Desember 2026, 13.00–14.00 WITA." in browser.text
    assert f'href="/rapat/{id}"' in browser.page
    office.delete(f"/api/meetings/{id}", organiser)
    browser.go("/")
    assert "membatalkan rapat “Rapat koordinasi”" in browser.text


def test_meetings_of_the_day_and_of_the_week(office, browser, me, organiser, pair):
    planned(office, organiser, [me], pair[:1], on=TODAY, title="Rapat siang")
    planned(office, organiser, [me], on=TODAY + timedelta(days=1), title="Rapat besok")
    browser.go("/")
    today = browser.text.partition("Rapat hari ini")[2]
    assert "Rapat siang" in today
    assert "Rapat besok" not in today.partition("Tim Anda hari ini")[0]
    browser.go("/pekan/2026-W48")
    assert "Rapat siang" in browser.text
    assert "Rapat besok" in browser.text
