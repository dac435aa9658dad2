"""Series as a browser without scripts meets them: forms are sent as they stand in the page."""

import html
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from app.rooms.models import HouseRule, Series, Space
from app.scheduling import rulebook
from app.scheduling.models import DayOffRow
from tests.rooms.test_series import put_rule
from tests.support.office import at, hours
from tests.support.pages import BROWSER

THURSDAY = date(2027, 1, 7)
WEEKS = [THURSDAY + timedelta(weeks=n) for n in range(5)]
NEW = f"/pesanan/seri/baru?on={THURSDAY}&space="


@pytest.fixture
def room(office):
    def open_days(session):
        session.execute(delete(DayOffRow))
        session.execute(delete(HouseRule))
        rulebook.changed(session)

    office.db.write_here(open_days)
    put_rule(office.db, horizon_days=500)
    room = office.rooms()[0]
    free = {"setup_minutes": 0, "clearing_minutes": 0, "needs_approval": False}
    office.change(update(Space).where(Space.id == room).values(free))
    return room


@pytest.fixture
def reader(office):
    return Reader(office, office.colleagues(posts=1)[0])


class Reader:
    """Somebody with a page open."""

    def __init__(self, office, who):
        self.office, self.who, self.page = office, who, ""

    def open(self, path, **headers):
        return self._read(self.office.get(path, self.who, headers=BROWSER | headers, follow_redirects=False))

    def send(self, action, **changes):
        """The form with that action as it stands, but for ``changes``; None leaves a field out."""
        fields = {**self.fields(action), **{name.replace("_", "-"): value for name, value in changes.items()}}
        data = {name: value for name, value in fields.items() if value is not None}
        return self._read(self.office.post(action, self.who, data=data, headers=BROWSER, follow_redirects=False))

    def sent(self, action, **changes):
        answer = self.send(action, **changes)
        assert answer.status_code == 303, self.text
        self.open(answer.headers["location"])
        return answer.headers["location"]

    def fields(self, action):
        form = re.search(rf'<form[^>]*action="{action}".*?</form>', self.page, re.DOTALL)
        assert form, (action, self.text)
        found = {}
        for each in re.findall(r"<input([^>]*)>", form[0]):
            given = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', each)}
            if given.get("type") not in ("radio", "checkbox") or " checked" in each:
                found[given["name"]] = given.get("value", "")
        for name, options in re.findall(r'<select name="(\w+)">(.*?)</select>', form[0], re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
            found[name] = chosen[1]
        return found

    def _read(self, answer):
        self.page = answer.text
        return answer

    @property
    def text(self):
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", self.page)))


def test_a_series_is_booked_seen_changed_and_cancelled(office, reader, room):
    assert reader.open(NEW + str(room)).status_code == 200
    path = reader.sent("/pesanan/seri", purpose="Rapat rutin").partition("?")[0]
    assert "Seri pemesanan tersimpan." in reader.text
    assert "Setiap pekan: Kam · 09.00–10.00 WITA" in reader.text
    assert [f"{on:%Y-%m-%d}" in reader.page for on in WEEKS] == [True, True, True, True, False]
    reader.sent(f"{path}/ubah", scope="this", on=f"{WEEKS[1]}", **{"from": "13:00", "until": "14:00"})
    assert reader.text.count("menyimpang dari seri") == 1
    reader.sent(f"{path}/ubah", scope="all", **{"from": "08:00", "until": "09:00"})
    assert "Kam 14 Jan · 13.00–14.00 WITA" in reader.text
    assert "Kam 21 Jan · 08.00–09.00 WITA" in reader.text
    reader.sent(f"{path}/batal", first=f"{WEEKS[2]}", last=f"{WEEKS[3]}")
    assert reader.text.count("Dibatalkan") == 2
    after = reader.sent(f"{path}/ubah", scope="following", on=f"{WEEKS[1]}", **{"from": "10:00", "until": "11:00"})
    assert not after.startswith(path + "?")  # the moved one is an exception, and begins a series of its own
    assert office.findings() == []


def test_each_conflict_is_shown_with_what_may_be_done_about_it(office, reader, room):
    other = office.colleagues(posts=2)[1]
    for on in (WEEKS[1], WEEKS[2]):
        office.booked(other, room, *hours(on, 9, 10))
    reader.open(NEW + str(room))
    answer = reader.send("/pesanan/seri", purpose="Rapat")
    assert answer.status_code == 409
    assert "2 dari 4 tanggal tidak dapat dipesan" in reader.text
    assert "Kamis, 14 Januari 2027" in reader.text
    assert office.ask(select(Series.id)) == []
    fields = reader.fields("/pesanan/seri")
    assert fields["purpose"] == "Rapat"
    assert "|" in fields[f"fix-{WEEKS[1]}"]
    path = reader.sent("/pesanan/seri", **{f"fix-{WEEKS[2]}": "skip"}).partition("?")[0]
    assert "menyimpang dari seri" in reader.text
    assert "Kamis, 21 Januari 2027 Tidak termasuk" in reader.text
    found = office.get(path.replace("/pesanan/seri", "/api/booking-series"), reader.who).json()
    assert len(found["dates"]) == 3
    office.booked(other, room, *hours(WEEKS[3], 15, 16))
    assert reader.send(f"{path}/ubah", scope="all", **{"from": "15:00", "until": "16:00"}).status_code == 409
    assert "Biarkan seperti semula" in reader.text
    reader.sent(f"{path}/ubah", **{f"fix-{WEEKS[3]}": "skip"})
    assert "Kam 28 Jan · 09.00–10.00 WITA" in reader.text
    assert "Kam 7 Jan · 15.00–16.00 WITA" in reader.text
    assert office.findings() == []


@pytest.mark.parametrize("change", [
    {"day4": None}, {"last": ""}, {"last": "soon"}, {"on": ""}, {"from": "11:00"}, {"until": ""}, {"last": "2040-01-01"},
    {"last": f"{THURSDAY - timedelta(days=1)}"}, {f"fix-{WEEKS[0]}": "x"}, {"purpose": "x" * 201},
])  # fmt: skip
def test_a_form_that_says_no_series_comes_back(office, reader, room, change):
    reader.open(NEW + str(room))
    assert reader.send("/pesanan/seri", **change).status_code == 400
    assert "Pilih hari, tanggal" in reader.text
    assert office.ask(select(Series.id)) == []


def test_what_is_not_there_is_not_found(office, reader, room):
    assert reader.open("/pesanan/seri/baru?space=999999").status_code == 404
    assert reader.open("/pesanan/seri/baru").status_code == 404
    assert reader.open("/pesanan/seri/999999").status_code == 404
    assert office.post("/pesanan/seri", reader.who, data={"space_id": "999999"}, headers=BROWSER).status_code == 404


def test_a_stale_page_says_so(office, reader, room):
    reader.open(NEW + str(room))
    path = reader.sent("/pesanan/seri").partition("?")[0]
    stood = reader.page
    reader.sent(f"{path}/ubah", **{"from": "13:00", "until": "14:00"})
    reader.page = stood
    assert reader.send(f"{path}/batal").status_code == 412
    assert "sudah diubah" in reader.text


def test_rooms_and_bookings_lead_to_series(office, reader, room):
    reader.open(f"/ruang?space={room}&on={THURSDAY}")
    link = html.unescape(re.search(r'href="(/pesanan/seri/baru[^"]*)"', reader.page)[1])
    reader.open(link)
    path = reader.sent("/pesanan/seri").partition("?")[0]
    booking = html.unescape(re.search(r'href="(/ruang\?[^"]*booking=[^"]*)"', reader.page)[1])
    reader.open(booking)
    assert f'href="{path}"' in reader.page
    reader.open("/pesanan")
    assert f'href="{path}"' in reader.page
    reader.open(path, Cookie="lang=en")
    assert "Booking series" in reader.text
    assert "Every week: Thu · 09:00–10:00 WITA" in reader.text


def test_one_s_own_series_are_listed_while_something_of_them_is_to_come(office, reader, room):
    reader.open(NEW + str(room))
    path = reader.sent("/pesanan/seri", purpose="Rapat rutin").partition("?")[0]
    (line,) = office.get("/api/booking-series", reader.who).json()["items"]
    assert (line["id"], line["coming"], line["starts"], line["ends"]) == (
        int(path.rpartition("/")[2]),
        4,
        "09:00",
        "10:00",
    )
    assert line["next_at"] == hours(WEEKS[0], 9, 10)[0].isoformat().replace("+00:00", "Z")
    assert office.get("/api/booking-series", office.colleagues(posts=2)[1]).json()["items"] == []
    reader.open("/pesanan")
    assert "Berikutnya Kamis, 7 Januari 2027; 4 pesanan lagi" in reader.text
    reader.open(path)
    reader.sent(f"{path}/batal")
    reader.open("/pesanan")
    assert "Seri pemesanan" not in reader.text
    assert office.get("/api/booking-series", reader.who).json()["items"] == []


def test_a_series_that_is_over_is_only_looked_at(office, reader, room):
    reader.open(NEW + str(room))
    path = reader.sent("/pesanan/seri").partition("?")[0]
    office.clock.set(at(WEEKS[4], 9))
    reader.open(path)
    assert "Ubah jam" not in reader.text
