"""Every feed through independent readers, each of which must see the same events at the same instants and complain of none.

``make test`` brings what it can; where a reader can't be had its tests are skipped with a word. sabre/vobject
has its own target, ``make test-calendars``.
"""

import json
import os
import subprocess
import threading
from contextlib import contextmanager
from datetime import UTC, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ical.calendar_stream import IcsCalendarStream
from sqlalchemy import select

from app.calendars import fetching, writer
from app.calendars.window import window
from app.db import Database
from app.people.models import Person
from app.people.secrets import digest
from app.rooms.models import Space
from tests.support import calendar_sample as sample
from tests.support.feeds import fetched, made, path, token
from tests.support.office import hours, office_at
from tests.support.readers import FOLDER, FRONTEND, READERS, by_icalendar, by_khal, expected, missing, synced
from tests.support.world import QUIET, copy_of

IKN_FLOOR, JKT_FLOOR = "IKN-K3-A-04", "JKT-PST-01"
EVERY = [name for name in READERS if name != "sabre" or os.environ.get("SELARAS_TEST_SABRE")]


def need(reader):
    if reason := missing(reader):  # of the nine, six come by pip and are always there
        pytest.skip(reason)


@pytest.fixture(scope="module")
def lively(sqlite_copies):
    """An office in which every kind of feed has something to say."""
    with copy_of(sqlite_copies) as address, Database(address) as db, office_at(db, address) as office:
        me, *others = office.colleagues()
        room = office.rooms(IKN_FLOOR)[0]
        desk = office.desks()[0]
        office.booked(me, desk, purpose="Meja 🌳")
        office.booked(me, room, *hours(QUIET, 13, 14), purpose="Wawancara; bab 1, «ketat»\\n🏛️" + " panjang sekali" * 9)
        starts_at, ends_at = hours(QUIET, 9, 10)
        rooms = [office.rooms(IKN_FLOOR)[1], office.rooms(JKT_FLOOR)[0]]
        body = {
            "title": "Rapat, dua kota; «satu» 🌳",
            "site_id": 1,
            "starts_at": starts_at.isoformat(),
            "ends_at": ends_at.isoformat(),
            "agenda": sample.LONG[:9000],
            "link": "https://rapat.go.id/a?b=1,2;c=3",
            "required_ids": others,
            "room_ids": rooms,
        }
        assert office.post("/api/meetings", me, json=body).status_code == 201
        gone = office.post("/api/meetings", me, json=body | {"title": "Batal", "room_ids": []}).json()
        office.delete(f"/api/meetings/{gone['id']}", me)
        monday = QUIET - timedelta(days=3)
        halves = [
            {"mode": "WFO", "starts": "07:30", "ends": "12:00"},
            {"mode": "WFH", "starts": "12:30", "ends": "16:00"},
        ]
        days = {monday.isoformat(): halves, (monday + timedelta(days=1)).isoformat(): [{"mode": "WFA"}]}
        office.put(f"/api/people/{me}/weeks/2026-W50", me, json={"days": days})
        series = {"space_id": room, "starts_on": monday.isoformat(), "starts": "10:00", "ends": "11:00"}
        series |= {"rule": "FREQ=DAILY;COUNT=5", "skip_conflicts": True, "purpose": "Apel, pagi"}
        found = office.post("/api/booking-series", me, json=series).json()
        office.delete(f"/api/bookings/{found['dates'][1]['booking_id']}", me)
        moved = hours(QUIET - timedelta(days=1), 15, 16)
        change = {"starts_at": moved[0].isoformat(), "ends_at": moved[1].isoformat()}
        office.patch(f"/api/bookings/{found['dates'][2]['booking_id']}", me, json=change)
        boss = office.ask(select(Person.superior_id).where(Person.id == me))[0][0]
        area = office.ask(select(Space.area_id).where(Space.id == desk))[0][0]
        unit = office.actor(me).unit_id
        office.feeds = {
            "me-full": made(office, me, with_alarm=True),
            "me-basic": made(office, me, level="basic", language="en"),
            "me-busy": made(office, me, level="busy"),
            "team-full": made(office, boss, "team", subject_id=unit, level="full"),
            "room-full": made(office, me, "room", subject_id=room, level="full"),
            "desk-basic": made(office, me, "desk", subject_id=desk, level="basic"),
            "area-full": made(office, me, "area", subject_id=area, level="full"),
            "series-full": made(office, me, "series", subject_id=found["id"]),
            "series-busy": made(office, me, "series", subject_id=found["id"], level="busy"),
            "revoked": made(office, me),
        }
        office.delete(f"/api/feeds/{office.feeds['revoked']['id']}", me)
        yield office


KINDS = (
    "me-full",
    "me-basic",
    "me-busy",
    "team-full",
    "room-full",
    "desk-basic",
    "area-full",
    "series-full",
    "series-busy",
    "revoked",
)


def shown(office, feed):
    """The entries of a feed, before they are written."""

    def read(session):
        key, within = digest(token(feed)), window(office.clock())
        if fetching.look_up(session, key, within).state is None:
            return []
        return fetching.gather(session, key, within, "", office.clock()).shown.entries

    return office.db.read_here(read)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reader", EVERY)
def test_a_feed_is_read_alike_by_everybody(lively, reader, kind):
    need(reader)
    feed = lively.feeds[kind]
    wanted = expected(shown(lively, feed))
    assert bool(wanted) == (kind != "revoked")
    assert READERS[reader](fetched(lively, feed).content) == wanted


@pytest.mark.parametrize("reader", EVERY)
def test_the_sample_is_read_alike_by_everybody(reader):
    need(reader)
    assert READERS[reader](sample.calendar()) == expected(sample.entries())


def test_exceptions_of_a_series_are_understood_alike():
    wanted = sample.occurrences()
    content = sample.calendar()
    uid = sample.series()[0].uid
    timeline = IcsCalendarStream.calendar_from_ics(content.decode()).timeline
    assert sorted(one.dtstart.astimezone(UTC) for one in timeline if one.uid == uid) == wanted


def test_exceptions_of_a_series_are_understood_by_thunderbirds_parser():
    need("ical.js")
    command = ["node", FOLDER / "read_icaljs.cjs", FRONTEND, "expand"]
    content = writer.calendar([writer.vevent(one) for one in sample.series()], name="x")
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    assert sorted(json.loads(done.stdout)) == [f"{one:%Y-%m-%dT%H:%M}" for one in sample.occurrences()]


# vdirsyncer and khal, over HTTP


@contextmanager
def listening(answer):
    """A socket of this machine that answers every request with what ``answer(path, headers)`` says: status, headers, body."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, body = answer(self.path, dict(self.headers))
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("transfer-encoding", "content-encoding", "content-length"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("kind", ["me-full", "series-full", "team-full", "room-full", "desk-basic", "area-full"])
def test_a_feed_is_synchronised_over_http_once_and_shown(lively, tmp_path, kind):
    feed = lively.feeds[kind]

    def answer(asked, headers):
        given = {name.replace("-", "_").lower(): text for name, text in headers.items() if name != "Host"}
        found = fetched(lively, feed, **given)
        return found.status_code, found.headers, found.content

    with listening(answer) as base:
        again = synced(base + path(feed), tmp_path)
    assert "Copying" not in again
    assert "Deleting" not in again
    entries = shown(lively, feed)
    items = list((tmp_path / "feed" / "feed").glob("*.ics"))
    assert len(items) == len({entry.uid for entry in entries}), "one item for each UID"
    kept = [line for item in items for line in by_icalendar(item.read_bytes())]
    assert sorted(kept) == expected(entries)
    listed = [line.partition(" ") for line in by_khal(tmp_path)]
    assert len({uid for uid, _, _ in listed}) == len({entry.uid for entry in entries}), (
        "khal gives each a name of its own"
    )
    timed = {f"{entry.span.starts_at:%Y-%m-%dT%H:%M}" for entry in entries if entry.span and not entry.recurrence}
    assert timed <= {times.partition("/")[0] for _, _, times in listed}
