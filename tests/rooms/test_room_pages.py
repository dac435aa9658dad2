"""Ruang rapat and Pengelola ruang as a browser without scripts meets them: every form, every refusal."""

import html
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update

from app.people.models import Person
from app.rooms import house
from app.rooms.models import Closure, Floor, HouseRule, Space
from tests.support.office import ADMIN, EMPLOYEE, ROOM_KEEPER, SUPERIOR, at, hours
from tests.support.pages import Browser, sign_in
from tests.support.world import QUIET, TODAY


def visitor(office, email):
    office.client.cookies.clear()
    browser = Browser(office)
    sign_in(browser, email)
    return browser


@pytest.fixture
def me(office):
    return office.id_of(EMPLOYEE)


@pytest.fixture
def employee(office):
    return visitor(office, EMPLOYEE)


@pytest.fixture
def room(office):
    return office.rooms()[0]


@pytest.fixture
def leadership(office):
    return office.rooms()[1]


def links(browser, text=""):
    found = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>', browser.page)
    return [html.unescape(link) for link in found if text in html.unescape(link)]


def well_formed(answer, language):
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert len(re.findall(r"<h1[ >]", answer.text)) == 1
    ids = re.findall(r'\bid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|<style|\sstyle=", answer.text)
    assert all(
        'name="_csrf_token" value="' in form
        for form in re.findall(r'<form[^>]*method="post".*?</form>', answer.text, re.S)
    )


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_shows_a_day_of_the_building_s_rooms(office, me, language, room):
    office.change(update(Person).where(Person.id == me).values(language=language))
    browser = visitor(office, EMPLOYEE)
    answer = browser.go(f"/ruang?on={QUIET}&space={room}")
    well_formed(answer, language)
    assert "{" not in browser.text
    assert "WITA" in browser.text
    assert "WIB" in browser.text
    assert len(re.findall(r'<tr id="r-\d+"', answer.text)) == 10
    assert len(re.findall(r"<[a-z]", answer.text)) <= 1500


def test_columns_are_quarter_hours_with_the_walls_of_both_cities(employee, room):
    employee.go(f"/ruang?on={QUIET}")
    first, second = re.findall(r"<tr[^>]*><th scope=\"row\">(WITA|WIB)</th>(.*?)</tr>", employee.page)
    assert (first[0], second[0]) == ("WITA", "WIB")
    assert [head[1].count('colspan="4"') for head in (first, second)] == [14, 14]
    assert ">06.00<" in first[1]
    assert ">05.00<" in second[1]
    for cells in re.findall(r'<tr id="r-\d+".*?</tr>', employee.page, re.S):
        assert sum(map(int, re.findall(r'<td colspan="(\d+)"', cells))) == 56


def test_now_is_marked_today_only(employee):
    employee.go("/ruang")
    assert 'class="now-line"' in employee.page
    assert "Sekarang 09.12 WITA" in employee.page
    employee.go(f"/ruang?on={QUIET}")
    assert 'class="now-line"' not in employee.page


def test_a_free_hour_is_two_taps_from_a_booking_that_can_be_undone(office, me, employee, room):
    employee.go(f"/ruang?on={QUIET}")
    (link,) = [link for link in links(employee, f"space={room}&") if "from=09%3A00" in link]
    employee.go(link)
    assert (employee.forms("/ruang/pesan")[0]["from"], employee.forms("/ruang/pesan")[0]["until"]) == ("09:00", "10:00")
    answer = employee.send("/ruang/pesan", purpose="Telaah naskah")
    employee.follow(answer)
    assert "Ruang Sadang Anda pesan: Kam 10 Des · 09.00–10.00 WITA" in employee.text
    (booking,) = office.get("/api/bookings", me, params={"from": at(QUIET, 0).isoformat()}).json()["items"]
    assert (booking["space_id"], booking["purpose"]) == (room, "Telaah naskah")
    employee.follow(employee.send(f"/ruang/{booking['id']}/batal"))
    assert "dibatalkan" in employee.text
    employee.follow(employee.send(f"/ruang/{booking['id']}/pulihkan"))
    assert "berlaku kembali" in employee.text
    assert office.booking(booking["id"]).state == "booked"
    assert office.findings() == []


def test_a_time_that_somebody_takes_is_never_replaced_by_another(office, employee, room):
    """The page may be written anew at any moment: who is about to press the button books what they chose, or nothing."""
    address = f"/ruang?on={QUIET}&space={room}&from=09:00&until=10:00"
    employee.go(address)
    assert '<span class="tag free">Kosong</span>' in employee.page
    office.booked(office.colleagues()[0], room, *hours(QUIET, 9, 10))
    employee.go(address)
    form = employee.forms("/ruang/pesan")[0]
    assert (form["from"], form["until"]) == ("09:00", "10:00")
    assert "09.00–10.00 WITA sudah dipesan. Pilih waktu lain, atau masuk daftar tunggu." in employee.text
    assert '<span class="tag booked">Dipesan</span>' in employee.page


def test_ones_own_time_is_what_the_room_is_shown_by(office, me, employee, room):
    booking = office.booked(me, room, *hours(QUIET, 9, 10))
    employee.go(f"/ruang?on={QUIET}&space={room}&booking={booking['id']}")
    assert '<span class="tag mine">Pesanan Anda</span>' in employee.page


def test_the_team_of_today_is_not_that_of_tomorrow(office, me, employee, clock):
    mates = [row[0] for row in office.ask(select(Person.id).where(Person.superior_id == office.id_of(SUPERIOR)))]
    today, tomorrow = [mate for mate in mates if mate != me][:2]
    office.booked(today, office.desks()[0], *hours(QUIET, 19, 20))
    office.booked(tomorrow, office.desks()[1], *hours(QUIET + timedelta(days=1), 7.5, 16))
    names = dict(office.ask(select(Person.id, Person.name).where(Person.id.in_([today, tomorrow]))))
    clock.set(at(QUIET, 19, 30))
    sign_in(employee, EMPLOYEE)
    employee.go("/")
    assert names[today] in employee.page
    assert names[tomorrow] not in employee.page


def test_a_refusal_stays_with_the_form_and_its_ways_out_work(office, me, employee, room):
    employee.go(f"/ruang?on={QUIET}&space={room}&from=09:00&until=10:00")
    office.booked(office.colleagues()[0], room, *hours(QUIET, 9, 10))
    answer = employee.send("/ruang/pesan", purpose="Telaah")
    assert answer.status_code == 409
    assert "sudah dipesan pada waktu itu" in employee.text
    form = employee.forms("/ruang/pesan")[0]
    assert (form["from"], form["until"], form["purpose"]) == ("09:00", "10:00", "Telaah")
    way = next(link for link in links(employee, "from=09%3A00&until=10%3A00") if f"space={room}" not in link)
    employee.go(way)
    employee.follow(employee.send("/ruang/pesan"))
    assert "Anda pesan" in employee.text


@pytest.mark.parametrize("times", [{"from": "10:00", "until": "09:00"}, {"from": "", "until": ""}, {"from": "x"}])
def test_hours_that_are_none_are_asked_for_again(employee, room, times):
    employee.go(f"/ruang?on={QUIET}&space={room}&from=09:00&until=10:00")
    answer = employee.send("/ruang/pesan", **times)
    assert answer.status_code == 400
    assert "Isi jam mulai dan jam selesai sesudahnya." in employee.text


def test_a_leadership_room_says_who_decides_and_is_asked_for(office, employee, leadership):
    employee.go(f"/ruang?on={QUIET}&space={leadership}&from=09:00&until=10:00")
    assert "Diputuskan oleh Yohanis Rumbiak" in employee.text
    assert "Ajukan" in employee.text
    employee.follow(employee.send("/ruang/pesan"))
    assert "diajukan" in employee.text
    assert "Menunggu persetujuan" in employee.text
    keeper = visitor(office, ROOM_KEEPER)
    keeper.go("/")
    assert "diminta untuk" in keeper.text
    keeper.go(f"/ruang?on={QUIET}&space={leadership}")
    assert "Pesan ruang" in keeper.text


def test_one_checks_in_stays_longer_and_ends_early(office, me, employee, room):
    room = office.rooms()[2]
    booking = office.booked(me, room, at(TODAY, 9, 15), at(TODAY, 10))
    page = f"/ruang?space={room}&booking={booking['id']}"
    employee.go(page)
    assert "paling lambat" in employee.text
    assert "lalu ruang dilepas" in employee.text
    employee.follow(employee.send(f"/ruang/{booking['id']}/hadir"))
    assert "+15 menit, sampai 10.15 WITA" in employee.text
    employee.follow(employee.send(f"/ruang/{booking['id']}/tambah"))
    assert office.booking(booking["id"]).ends_at == at(TODAY, 10, 15)
    office.clock.advance(minutes=20)
    employee.go(page)
    employee.follow(employee.send(f"/ruang/{booking['id']}/selesai"))
    assert "kini kosong" in employee.text
    office.booked(office.colleagues()[0], room, at(TODAY, 9, 45), at(TODAY, 10))
    assert office.findings() == []


def test_no_more_time_is_offered_where_somebody_comes_next(office, me, employee):
    room = office.rooms()[2]
    booking = office.booked(me, room, at(TODAY, 9, 15), at(TODAY, 10))
    office.booked(office.colleagues()[0], room, at(TODAY, 10), at(TODAY, 11))
    office.put(f"/api/bookings/{booking['id']}/check-in", me)
    employee.go(f"/ruang?space={room}&booking={booking['id']}")
    assert "+15 menit" not in employee.text
    assert "Selesai lebih awal" in employee.text


def test_one_s_booking_moves_in_time_and_to_another_room(office, me, employee, room):
    booking = office.booked(me, room, *hours(QUIET, 9, 10))
    employee.go(f"/ruang?on={QUIET}&space={room}&booking={booking['id']}")
    employee.follow(employee.send(f"/ruang/{booking['id']}/pindah", **{"from": "11:00", "until": "12:30"}))
    assert "diubah: Kam 10 Des · 11.00–12.30 WITA" in employee.text
    other = office.rooms()[3]
    employee.go(f"/ruang?on={QUIET}&space={other}&booking={booking['id']}")
    assert "Pindahkan pesanan dari Sadang" in employee.text
    employee.follow(employee.send(f"/ruang/{booking['id']}/pindah"))
    assert office.booking(booking["id"]).space_id == other
    office.booked(office.colleagues()[0], room, *hours(QUIET, 11, 12.5))
    employee.go(f"/ruang?on={QUIET}&space={other}&booking={booking['id']}")
    answer = employee.send(f"/ruang/{booking['id']}/pindah", space_id=str(room), **{"from": "11:00", "until": "12:00"})
    assert answer.status_code == 409
    assert "sudah dipesan pada waktu itu" in employee.text


def test_filters_narrow_the_list_and_an_empty_one_says_what_to_do(employee):
    employee.go(f"/ruang?on={QUIET}&seats=8&screen=1")
    assert len(re.findall(r'<tr id="r-\d+"', employee.page)) == 4
    employee.go(f"/ruang?on={QUIET}&kind=hall")
    assert "Tidak ada ruang yang cocok di sini." in employee.text
    (clear,) = [
        link for link in links(employee) if "kind" not in link and "seats" not in link and f"on={QUIET}" in link
    ][-1:]
    employee.go(clear)
    assert len(re.findall(r'<tr id="r-\d+"', employee.page)) == 10


def test_the_other_city_has_its_own_wall_first(office, employee):
    jakarta = office.ask(select(Floor.site_id).where(Floor.code == "JKT-PST-01"))[0][0]
    employee.go(f"/ruang?site={jakarta}&on={QUIET}")
    assert re.findall(r'<th scope="row">(WITA|WIB)</th>', employee.page) == ["WIB", "WITA"]
    assert "06.00–19.00 WIB" in employee.page or ">19.00<" not in employee.page.split("<tbody>")[0]


@pytest.mark.parametrize(
    "query",
    ["site=x", "building=77", "on=soon", "space=", "from=25:99", "part=9", "seats=many&kind=cellar", "booking=1"],
)
def test_an_address_that_says_nonsense_shows_the_usual_page(employee, query):
    assert employee.go(f"/ruang?{query}").status_code == 200


def test_no_such_room_no_such_site(employee, office):
    assert employee.go("/ruang?space=999999").status_code == 404
    assert employee.go("/ruang?site=9999").status_code == 404
    assert employee.go(f"/ruang?space={office.desks()[0]}").status_code == 404


def test_bookings_of_others_are_not_touched_by_their_addresses(office, employee, room):
    other = office.booked(office.colleagues()[0], room, *hours(QUIET, 9, 10))
    employee.go(f"/ruang?on={QUIET}&space={room}&booking={other['id']}")
    assert not employee.forms(f"/ruang/{other['id']}/batal")
    mine = office.booked(office.id_of(EMPLOYEE), room, *hours(QUIET, 12, 13))
    employee.go(f"/ruang?on={QUIET}&space={room}&booking={mine['id']}")
    fields = employee.forms(f"/ruang/{mine['id']}/batal")[0]
    answer = office.post(f"/ruang/{other['id']}/batal", data=fields, headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert office.booking(other["id"]).state == "booked"


def test_a_day_off_says_so(employee):
    employee.go("/ruang?on=2026-11-28")
    assert "adalah hari libur di tempat ini" in employee.text


def test_my_bookings_call_a_room_a_room(office, me, employee, leadership):
    booking = office.booked(me, leadership, *hours(QUIET, 9, 10))
    employee.go("/pesanan")
    assert "Ruang Tondano" in employee.text
    assert "Menunggu persetujuan" in employee.text
    employee.go(links(employee, f"booking={booking['id']}")[0])
    assert "Batalkan" in employee.text
    employee.go("/pesanan")
    employee.follow(employee.send(f"/pesanan/{booking['id']}/batal"))
    assert "Pesanan ruang Tondano dibatalkan" in employee.text


# The room keeper


@pytest.fixture
def asked(office, me, leadership):
    return office.booked(me, leadership, *hours(QUIET, 9, 10), purpose="Rapat pimpinan")


def kept(office, email=ROOM_KEEPER, site="IKN-K3-A-04", on=QUIET):
    keeper = visitor(office, email)
    site_id = office.ask(select(Floor.site_id).where(Floor.code == site))[0][0]
    return keeper, keeper.go(f"/ruang/kelola?site={site_id}&on={on}")


@pytest.mark.parametrize("language", ["id", "en"])
def test_requests_come_first_then_the_day(office, me, asked, room, language):
    office.change(update(Person).where(Person.email == ROOM_KEEPER).values(language=language))
    office.booked(me, room, *hours(QUIET, 13, 14), purpose="Telaah")
    keeper, answer = kept(office)
    well_formed(answer, language)
    assert "{" not in keeper.text
    asked_at, held_at = keeper.page.index("Rapat pimpinan"), keeper.page.index("Telaah")
    assert asked_at < held_at
    assert "Siti Rahma" in keeper.text


def test_a_request_from_the_other_city_is_not_overlooked(office, asked):
    keeper, _ = kept(office, site="JKT-PST-01")
    assert "Ruang Tondano" in keeper.text
    keeper.follow(keeper.send(f"/ruang/kelola/{asked['id']}/putusan"))
    assert office.booking(asked["id"]).approval == "approved"


def test_a_request_is_approved(office, asked, me):
    keeper, _ = kept(office)
    keeper.follow(keeper.send(f"/ruang/kelola/{asked['id']}/putusan"))
    assert "Ruang Tondano disetujui" in keeper.text
    employee = visitor(office, EMPLOYEE)
    employee.go("/")
    assert "disetujui pengelola ruang" in employee.text
    employee.go(links(employee, "/ruang?on=")[0])
    assert employee.page


def test_a_refusal_wants_its_reason_at_the_field(office, asked):
    keeper, _ = kept(office)
    answer = keeper.send(f"/ruang/kelola/{asked['id']}/putusan", n=1, reason="  ")
    assert answer.status_code == 400
    assert "Tuliskan alasannya." in keeper.text
    assert f'aria-describedby="e-{asked["id"]}"' in keeper.page
    keeper.follow(keeper.send(f"/ruang/kelola/{asked['id']}/putusan", n=1, reason="Dipakai kunjungan menteri"))
    assert "ditolak beserta alasannya" in keeper.text
    employee = visitor(office, EMPLOYEE)
    employee.go("/")
    assert "ditolak pengelola ruang" in employee.text
    assert "Dipakai kunjungan menteri" in employee.text
    employee.go("/pesanan")
    assert "Ditolak pengelola ruang" in employee.text


def test_a_booking_moves_to_a_room_that_is_free_for_whoever_has_it(office, me, asked, room):
    office.booked(office.colleagues()[0], room, *hours(QUIET, 9.5, 11))
    keeper, _ = kept(office)
    (link,) = links(keeper, f"pindah={asked['id']}")
    keeper.go(link)
    offered = [int(id) for id in re.findall(r'<option value="(\d+)"', keeper.page)]
    assert room not in offered
    assert asked["space_id"] not in offered
    seats = dict(office.ask(select(Space.id, Space.seats)))
    keeper.follow(keeper.send(f"/ruang/kelola/{asked['id']}/pindah", space_id=str(offered[0])))
    assert "dipindahkan ke ruang" in keeper.text
    assert office.booking(asked["id"]).space_id == offered[0]
    assert seats[offered[0]] >= max(seats[id] for id in offered)
    employee = visitor(office, EMPLOYEE)
    employee.go("/")
    assert "dipindahkan dari Tondano ke" in employee.text
    assert office.findings() == []


def test_a_move_that_comes_too_late_is_refused_in_place(office, asked, room):
    keeper, _ = kept(office)
    keeper.go(links(keeper, f"pindah={asked['id']}")[0])
    office.booked(office.colleagues()[0], room, *hours(QUIET, 9, 10))
    answer = keeper.send(f"/ruang/kelola/{asked['id']}/pindah", space_id=str(room))
    assert answer.status_code == 409
    assert "sudah dipesan pada waktu itu" in keeper.text
    assert office.booking(asked["id"]).space_id == asked["space_id"]


def test_closed_rooms_are_listed_with_their_reason(office, room):
    def close(session):
        starts_at, ends_at = hours(QUIET, 8, 17)
        session.execute(
            insert(Closure).values(space_id=room, starts_at=starts_at, ends_at=ends_at, reason="Pengecatan")
        )
        house.changed(session)

    office.db.write_here(close)
    keeper, _ = kept(office)
    assert "Ruang Sadang sampai Kam 10 Des 17.00 WITA: Pengecatan" in keeper.text


def test_a_keeper_of_another_agency_has_the_shared_rooms_only(office, asked, room, me):
    office.booked(me, room, *hours(QUIET, 13, 14), purpose="Telaah")
    office.change(
        update(Person).where(Person.email == "ruang.kemenkeu@selaras.test").values(password=_password(office))
    )
    keeper, _ = kept(office, "ruang.kemenkeu@selaras.test")
    assert "Rapat pimpinan" not in keeper.text
    assert "Telaah" in keeper.text
    assert "Pegawai instansi lain" in keeper.text


def test_a_site_without_rooms_opens_nobody_elses_requests(office, asked):
    office.change(
        update(Space)
        .where(Space.floor_id.in_(select(Floor.id).where(Floor.site_id == 2)), Space.kind == "room")
        .values(bookable=False)
    )
    office.change(
        update(Person).where(Person.email == "ruang.kemenkeu@selaras.test").values(password=_password(office))
    )
    keeper, _ = kept(office, "ruang.kemenkeu@selaras.test", site="JKT-PST-01")
    assert "Rapat pimpinan" not in keeper.text


@pytest.mark.parametrize("path", ["/ruang", "/ruang/kelola", "/api/sites/1/rooms"])
def test_hours_that_leave_no_time_close_the_rooms(office, path):
    def put(session):
        rule = {"from_on": date(2026, 1, 1), "basis": "Aturan uji", "opens": 1200, "closes": 600}
        session.execute(insert(HouseRule).values(floor_id=None, **rule))
        house.changed(session)

    office.db.write_here(put)
    answer = office.get(path, office.id_of(ROOM_KEEPER), params={"on": QUIET.isoformat()})
    assert answer.status_code == 200, answer.text


def test_a_date_beyond_all_calendars_is_none(office, room):
    answer = office.get(f"/pesanan/seri/baru?space={room}&on=9999-12-31", office.id_of(EMPLOYEE))
    assert answer.status_code == 200


def _password(office):
    return office.ask(select(Person.password).where(Person.email == ROOM_KEEPER))[0][0]


def test_the_page_is_for_keepers(office):
    for email, open_to in ((EMPLOYEE, False), (SUPERIOR, False), (ROOM_KEEPER, True), (ADMIN, None)):
        browser = visitor(office, email)
        status = browser.go("/ruang/kelola").status_code
        browser.go("/ruang")
        assert ('href="/ruang/kelola"' in browser.page) == (status == 200)
        if open_to is not None:
            assert (status == 200) == open_to
