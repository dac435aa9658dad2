"""The page Cari waktu as a browser without scripts meets it."""

import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from app.meetings.models import Attendee, Meeting
from app.people.models import Agency, Person
from app.rooms.models import Booking
from tests.meetings.test_pages import IKN_FLOOR, JKT_FLOOR, name_of, planned
from tests.support.office import EMPLOYEE, QUIET, SUPERIOR, hours
from tests.support.pages import Browser, sign_in

FROM = f"from={QUIET}&days=7&form=1"
BOTH = f"{FROM}&at-1=1&at-2=1"


@pytest.fixture
def me(office):
    return office.id_of(EMPLOYEE)


@pytest.fixture
def organiser(office):
    return office.id_of(SUPERIOR)


@pytest.fixture
def browser(office):
    browser = Browser(office)
    sign_in(browser)
    return browser


@pytest.fixture
def boss(office):
    browser = Browser(office)
    sign_in(browser, SUPERIOR)
    return browser


@pytest.fixture
def jakarta(office):
    return office.colleagues(site="JKT")[0]


def cards(browser):
    return re.findall(r'<li class="card slot">(.*?)</li>\s*(?=<li class="card slot">|</ol>)', browser.page, re.DOTALL)


def links(browser):
    return [html.unescape(href) for href in re.findall(r'href="(/rapat/baru\?[^"]+)"', browser.page)]


def press(browser, value):
    """A button of the map or of the people, which send the form around them by GET."""
    fields = browser.forms("/rapat/cari")[0] | value
    return browser.go("/rapat/cari", params=fields)


def test_nobody_invited_asks_for_people_first(browser):
    browser.go("/rapat/cari")
    assert "Tambahkan peserta" in browser.text
    assert "<table" not in browser.page


def test_one_tap_for_the_team_one_for_the_time_one_to_book(office, browser, me):
    browser.go("/rapat/cari")
    unit = office.ask(select(Person.unit_id).where(Person.id == me))[0][0]
    press(browser, {"people": f"unit:{unit}"})
    assert "Waktu terbaik" in browser.text
    assert 0 < len(links(browser)) <= 5
    assert "Semua peserta wajib dapat hadir" in browser.text
    first = links(browser)[0]
    chosen = parse_qs(urlsplit(first).query)
    assert chosen["units"] == [str(unit)]
    browser.go(first)
    rooms = {name: values[0] for name, values in chosen.items() if name.startswith("room-")}
    assert len(rooms) == 2
    browser.follow(browser.send("/rapat/baru", title="Rapat tim", step="send", **rooms))
    assert "direncanakan" in browser.text
    held = office.ask(select(Booking.space_id).where(Booking.meeting_id.is_not(None), Booking.active))
    assert sorted(id for (id,) in held) == sorted(int(room) for room in rooms.values())


def test_cards_show_both_clocks_a_room_at_each_site_and_who_cannot(office, browser, me, organiser, jakarta):
    for starts in range(8, 16):
        planned(office, organiser, [jakarta], starts=starts, ends=starts + 1)
    browser.go(f"/rapat/cari?{BOTH}&required={organiser}&optional={jakarta}&days=7")
    assert re.search(r"\d\d\.\d\d–\d\d\.\d\d WITA \(\d\d\.\d\d–\d\d\.\d\d WIB\)", browser.text)
    assert "Ibu Kota Nusantara:" in browser.text
    assert "Jakarta:" in browser.text
    press(browser, {"cell": "20261210T0100"})
    assert f"{name_of(office, jakarta)} (opsional): rapat lain sampai" in browser.text


def test_why_somebody_of_another_agency_cannot_stays_theirs(office, browser, me):
    office.change(update(Agency).values(shares_names=True))
    other = office.colleagues("KEMENKEU")[0]
    colleague = office.colleagues("KEMENKEU")[1]
    starts_at, ends_at = hours(QUIET, 9, 10)
    wish = {"title": "Rahasia", "site_id": 1, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    assert office.post("/api/meetings", colleague, json=wish | {"required_ids": [other]}).status_code == 201
    browser.go(f"/rapat/cari?{FROM}&required={other}&cell=20261210T0100")
    assert f"{name_of(office, other)}: ada acara lain sampai" in browser.text
    assert "Rahasia" not in browser.page


def test_people_the_reader_may_not_know_are_left_out(office, browser):
    stranger = office.colleagues("KEMENKEU")[0]
    browser.go(f"/rapat/cari?{FROM}&required={stranger}")
    assert name_of(office, stranger) not in browser.page
    assert "Tambahkan peserta" in browser.text


def test_the_map_is_a_table_with_two_rulers_and_worded_breaks(browser, organiser, jakarta):
    browser.go(f"/rapat/cari?{BOTH}&required={organiser},{jakarta}")
    table = re.search(r'<table class="heat">(.*?)</table>', browser.page, re.DOTALL)[1]
    assert '<th scope="col">WITA</th><th scope="col">WIB</th>' in table
    for word in ("istirahat", "salat Jumat", "di luar jam kerja"):
        assert word in table
    numbers = re.findall(r'<button name="cell"[^>]*>(\d+)</button>', table)
    assert numbers
    assert set(numbers) <= {"0", "1", "2", "3"}
    columns = table.count('<th scope="col">') - 2
    for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]:
        assert row.count('scope="row"') == 2
        assert row.count("<td") <= columns


def test_every_column_of_the_map_is_whole(browser, organiser):
    """Cells and those that reach over several rows fill the table exactly."""
    browser.go(f"/rapat/cari?{BOTH}&required={organiser}&days=21")
    table = re.search(r'<table class="heat">(.*?)</table>', browser.page, re.DOTALL)[1]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
    columns = table.count('<th scope="col">') - 2
    spans = [int(n or 1) for row in rows for n in re.findall(r"<td(?:[^>]*?rowspan=\"(\d+)\")?[^>]*>", row)]
    assert sum(spans) == columns * len(rows)


def test_a_cell_opens_who_cannot_with_the_rooms_and_the_button(browser, organiser, jakarta):
    browser.go(f"/rapat/cari?{BOTH}&required={organiser},{jakarta}")
    fitting = re.search(r'<button name="cell" value="([^"]+)" class="[^"]*fits', browser.page)[1]
    press(browser, {"cell": fitting})
    panel = browser.page.partition('id="pilihan"')[2].partition('class="heat-frame"')[0]
    assert "3 dari 3 orang dapat hadir" in panel
    assert "/rapat/baru?" in panel
    assert panel.count("kursi") == 2
    assert 'aria-pressed="true"' in browser.page


def test_nothing_found_offers_something_else(office, browser, organiser):
    browser.go(f"/rapat/cari?{BOTH}&required={organiser}&seats=5000")
    assert "Tidak ada waktu yang cocok" in browser.text
    assert "Cukup 30 menit" in browser.text
    assert "Tanpa ruang di Jakarta" in browser.text


@pytest.mark.parametrize(
    "query",
    ["minutes=-1", "minutes=9999999", "from=x", "from=2999-01-01", "days=0", "seats=x", "cell=99999999T9999", "cell=x",
     "at-99=1", "auto=1", "meeting=x", "required=x,,1e9", "units=999999", "people=unit:999999", "from=2026-01-01"],
)  # fmt: skip
def test_nothing_in_the_address_breaks_the_page(browser, organiser, query):
    assert browser.go(f"/rapat/cari?{FROM}&required={organiser}&{query}").status_code == 200


def test_one_tap_moves_a_meeting_with_its_rooms(office, boss, me, organiser, jakarta):
    pair = office.rooms(IKN_FLOOR)[0], office.rooms(JKT_FLOOR)[0]
    id = planned(office, organiser, [me, jakarta], pair)
    boss.go(f"/rapat/{id}")
    boss.go(f"/rapat/cari?meeting={id}")
    assert "Cari waktu baru" in boss.text
    assert "Sekarang: Kam 10 Des · 13.00–14.00 WITA (12.00–13.00 WIB)" in boss.text
    forms = boss.forms(f"/rapat/{id}/pindah")
    assert 0 < len(forms) <= 5
    boss.follow(boss.send(f"/rapat/{id}/pindah"))
    assert "dipindahkan beserta ruangnya" in boss.text
    starts_at = office.ask(select(Meeting.starts_at).where(Meeting.id == id))[0][0]
    assert starts_at.isoformat() == forms[0]["starts_at"].replace("Z", "+00:00")
    held = office.ask(
        select(Booking.space_id, Booking.starts_at).where(Booking.meeting_id == id, Booking.active).order_by(Booking.id)
    )
    assert sorted(str(room) for room, _ in held) == sorted(forms[0]["rooms"].split(","))
    assert {at for _, at in held} == {starts_at}


def test_a_room_taken_meanwhile_moves_nothing_and_shows_new_times(office, boss, me, organiser):
    pair = office.rooms(IKN_FLOOR)[0], office.rooms(JKT_FLOOR)[0]
    id = planned(office, organiser, [me], pair)
    boss.go(f"/rapat/cari?meeting={id}")
    fields = boss.forms(f"/rapat/{id}/pindah")[0]
    room = int(fields["rooms"].split(",")[0])
    taken = {"space_id": room, "starts_at": fields["starts_at"], "ends_at": fields["ends_at"]}
    assert office.post("/api/bookings", me, json=taken).status_code == 201
    answer = boss.send(f"/rapat/{id}/pindah")
    assert answer.status_code == 409
    assert "sudah dipesan pada waktu itu" in boss.text
    assert boss.forms(f"/rapat/{id}/pindah")
    assert office.ask(select(Meeting.version).where(Meeting.id == id))[0][0] == 1


def test_only_who_may_change_a_meeting_looks_for_its_new_time(office, browser, me, organiser, jakarta):
    id = planned(office, organiser, [me])
    assert browser.go(f"/rapat/cari?meeting={id}").status_code == 403
    hidden = planned(office, organiser, [jakarta], title="Rahasia")
    office.change(update(Meeting).where(Meeting.id == hidden).values(organiser_id=jakarta))
    office.change(update(Attendee).where(Attendee.meeting_id == hidden, Attendee.person_id == me).values(invited=False))
    assert browser.go(f"/rapat/cari?meeting={hidden}").status_code == 404
    assert "Rahasia" not in browser.page


def test_a_day_in_the_past_starts_today(browser, organiser):
    browser.go(f"/rapat/cari?form=1&from={QUIET - timedelta(days=300)}&required={organiser}")
    assert 'name="from" value="2026-11-24"' in browser.page
