"""Places from a file: all of it or nothing, and an error for each row that is wrong."""

import copy

import pytest
from sqlalchemy import event, func, select

from app.demo.places import places as demo_places
from app.rooms.importing import import_places
from app.rooms.models import Allotment, Area, Booking, Building, Closure, Floor, HouseRule, HouseVersion, Space
from app.rooms.places_file import FORMAT, read
from app.sites import Site
from tests.support.office import hours
from tests.support.world import NOW, QUIET, TODAY

TABLES = (Site, Building, Floor, Area, Space, Allotment, HouseRule, Closure, HouseVersion)


@pytest.fixture
def document():
    """A small office of its own: one floor with two desks and a room."""
    return {
        "format": FORMAT,
        "agencies": [{"code": "UJI", "name": "Lembaga Uji"}],
        "sites": [{"code": "UJI", "name": "Kota Uji", "zone": "Asia/Jayapura"}],
        "buildings": [{"code": "UJI-A", "site": "UJI", "name": "Gedung Uji"}],
        "floors": [
            {
                "code": "UJI-A-01",
                "building": "UJI-A",
                "name": "Lantai 1",
                "level": 1,
                "plan": {"width": 600, "height": 400, "outline": [[0, 0], [600, 0], [600, 400]]},
                "areas": [{"code": "A", "name": "Barat", "x": 0, "y": 0, "width": 300, "height": 400}],
                "desks": [
                    {"code": "A-01", "area": "A", "x": 10, "y": 10, "attributes": ["monitor"]},
                    {"code": "A-02", "area": "A", "x": 60, "y": 10},
                ],
                "rooms": [{"code": "R1", "name": "Rapat", "x": 300, "y": 0, "width": 100, "height": 100, "seats": 6}],
            }
        ],
    }


def bring(db, document, **more):
    return db.write_here(import_places, document, now=NOW, **more)


def counts(db):
    return db.read_here(lambda session: [session.scalar(select(func.count()).select_from(table)) for table in TABLES])


def everything(db):
    return db.read_here(
        lambda session: [
            session.execute(select(table.__table__).order_by(*table.__table__.primary_key)).all() for table in TABLES
        ]
    )


def test_a_new_office_is_there_after_the_import(office, db, document):
    report = bring(db, document)
    assert (report.floors, report.desks, report.rooms, report.retired, report.errors) == (1, 2, 1, 0, ())
    assert office.booked(office.colleagues()[0], office.desk("A-01", "UJI-A-01"), *hours(QUIET, 8, 9, "Asia/Jayapura"))


def test_importing_again_updates_by_code_and_keeps_ids(office, db, document):
    bring(db, document)
    before = office.desk("A-01", "UJI-A-01")
    document["floors"][0]["desks"][0] |= {"x": 20, "chair": "south", "name": "Pojok"}
    document["floors"][0]["name"] = "Lantai satu"
    bring(db, document)
    row = office.ask(select(Space.x, Space.chair, Space.name).where(Space.id == before))[0]
    assert tuple(row) == (20, "south", "Pojok")
    assert office.desk("A-01", "UJI-A-01") == before


def test_the_demo_office_imported_twice_stays_the_same(db):
    before = counts(db)
    report = bring(db, demo_places(TODAY, small=True))
    assert (report.retired, report.stranded, report.errors) == (0, 0, ())
    assert counts(db) == before


def test_a_desk_that_is_missing_is_retired_and_its_bookings_to_come_are_told(office, db, document):
    bring(db, document)
    who, desk = office.colleagues()[0], office.desk("A-02", "UJI-A-01")
    booking = office.booked(who, desk, *hours(QUIET, 8, 9, "Asia/Jayapura"))
    without = copy.deepcopy(document)
    del without["floors"][0]["desks"][1]
    told = bring(db, without, dry_run=True)
    assert (told.retired, told.stranded) == (1, 1)
    assert office.ask(select(Space.retired_at).where(Space.id == desk)) == [(None,)]
    assert bring(db, without) == told
    assert office.ask(select(Space.retired_at).where(Space.id == desk)) == [(NOW,)]
    assert office.booking(booking["id"]).state == "booked"
    assert office.book(office.colleagues()[1], desk).json()["facts"]["hindrance"] == "not-offered"
    bring(db, document)
    assert office.ask(select(Space.retired_at).where(Space.id == desk)) == [(None,)]


def changed(document, path, value):
    at = document
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return document


def closure(**changes):
    day = {"starts_at": "2026-12-01T07:00:00+09:00", "ends_at": "2026-12-02T07:00:00+09:00"}
    return {"floor": "UJI-A-01", "reason": "Cat", **day, **changes}


FLOOR = ("floors", 0)


@pytest.mark.parametrize(("path", "value", "where"), [
    (("format",), "selaras-places/9", "format"),
    (("colours",), [], "colours"),
    (("sites", 0, "zone"), "Mars/Olympus", "sites[0]"),
    (("sites", 0, "code"), "-", "sites[0]"),
    (("sites",), {}, "sites"),
    (("buildings", 0, "site"), "MARS", "buildings[0]"),
    (("buildings", 0), 7, "buildings[0]"),
    ((*FLOOR, "building"), "MARS", "floors[0]"),
    ((*FLOOR, "level"), "one", "floors[0]"),
    ((*FLOOR, "plan", "outline"), [[0, 0]], "floors[0]"),
    ((*FLOOR, "plan", "width"), -1, "floors[0]"),
    ((*FLOOR, "desks", 1, "code"), "A-01", "floors[0].desks[1]"),
    ((*FLOOR, "desks", 1, "area"), "Z", "floors[0].desks[1]"),
    ((*FLOOR, "desks", 1, "x"), 700, "floors[0].desks[1]"),
    ((*FLOOR, "desks", 1, "x"), -1, "floors[0].desks[1]"),
    ((*FLOOR, "desks", 1, "chair"), "up", "floors[0].desks[1]"),
    ((*FLOOR, "desks", 1, "attributes"), ["throne"], "floors[0].desks[1]"),
    ((*FLOOR, "rooms", 0, "code"), "A-01", "floors[0].rooms[0]"),
    ((*FLOOR, "rooms", 0, "seats"), -1, "floors[0].rooms[0]"),
    ((*FLOOR, "areas"), "A", "floors[0].areas"),
    ((*FLOOR, "svg"), "../secret.svg", "floors[0].svg"),
    (("allotments",), [{"floor": "UJI-A-01", "area": "Z", "agency": "UJI", "from": "2026-01-01"}], "allotments[0]"),
    (("allotments",), [{"floor": "UJI-A-01", "area": "A", "agency": "MARS", "from": "2026-01-01"}], "allotments[0]"),
    (("allotments",), [{"floor": "UJI-A-01", "area": "A", "agency": "UJI", "unit": "?", "from": "2026-01-01"}], "allotments[0]"),
    (("rules",), [{"from": "2026-01-01", "floor": "MARS"}], "rules[0]"),
    (("rules",), [{"from": "2026-01-01", "floor": "UJI-A-01", "agency": "UJI"}], "rules[0]"),
    (("rules",), [{"from": "2026-01-01", "opens": "10:00", "closes": "09:00"}], "rules[0]"),
    (("rules",), [{"from": "2026-01-01", "opens": "25:00"}], "rules[0]"),
    (("rules",), [{"from": "2026-01-01", "open_weekdays": "54321"}], "rules[0]"),
    (("rules",), [{"horizon_days": 3}], "rules[0]"),
    (("closures",), [closure(space="Z")], "closures[0]"),
    (("closures",), [closure(starts_at="2026-12-01T07:00:00")], "closures[0]"),
    (("closures",), [closure(starts_at="2026-12-03T07:00:00+09:00")], "closures[0]"),
    (("closures",), [closure(floor=None)], "closures[0]"),
    (("days_off",), [{"on": "2026-12-31", "name": "x"}], "days_off"),
])  # fmt: skip
def test_each_wrong_row_is_named_and_nothing_is_written(db, document, path, value, where):
    before = everything(db)
    report = bring(db, changed(document, path, value))
    assert where in {error.where for error in report.errors}
    assert all(error.problem for error in report.errors)
    assert everything(db) == before


@pytest.mark.parametrize("document", [None, [], "x", 7, {}, {"format": None}])
def test_what_is_no_places_file_is_said_to_be_none(document):
    places, errors = read(document)
    assert places.floors == ()
    assert [error.where for error in errors] == ["format"]


def test_all_errors_are_told_at_once(db, document):
    changed(document, (*FLOOR, "desks", 0, "x"), -1)
    changed(document, ("sites", 0, "zone"), "Mars/Olympus")
    changed(document, ("rules",), [{}, {"from": "2026-01-01", "floor": "MARS"}])
    found = {error.where for error in bring(db, document).errors}
    assert {"floors[0].desks[0]", "sites[0]", "rules[0]"} <= found


def test_a_dry_run_writes_nothing(db, document):
    before = everything(db)
    assert bring(db, document, dry_run=True).errors == ()
    assert everything(db) == before


def test_a_changed_rule_holds_at_once_and_rules_not_in_the_file_stay(office, db, document):
    rules = office.ask(select(func.count()).select_from(HouseRule))
    bring(db, document)
    assert office.ask(select(func.count()).select_from(HouseRule)) == rules
    document["rules"] = [{"from": "2026-01-01", "closes": "12:00", "basis": "Uji"}]
    bring(db, document)
    assert office.ask(select(func.count()).select_from(HouseRule)) == [(1,)]
    answer = office.book(office.colleagues()[0], office.desks()[0])
    assert answer.json()["facts"]["hindrance"] == "outside-hours"


@pytest.mark.lengthy
def test_what_fails_half_way_leaves_nothing_behind(db, document):
    """A fault at each statement in turn: no floor without its desks, no desk without its rules."""
    document["rules"] = [{"from": "2026-01-01", "basis": "x"}]
    document["closures"] = [closure(space="A-01")]
    document["allotments"] = [{"floor": "UJI-A-01", "area": "A", "agency": "UJI", "from": "2026-01-01"}]
    before = counts(db)
    bookings = db.read_here(lambda session: session.scalar(select(func.count()).select_from(Booking)))
    at = 0
    while True:
        at += 1
        left = at

        def fault(*_):
            nonlocal left
            left -= 1
            if left == 0:
                raise RuntimeError("the disk is full")

        event.listen(db.engine, "before_cursor_execute", fault)
        try:
            bring(db, document)
        except RuntimeError:
            event.remove(db.engine, "before_cursor_execute", fault)
            assert counts(db) == before
            continue
        event.remove(db.engine, "before_cursor_execute", fault)
        break
    assert at > 15
    assert counts(db) != before
    assert db.read_here(lambda session: session.scalar(select(func.count()).select_from(Booking))) == bookings
