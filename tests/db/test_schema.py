"""What migrations make is what the models say, on both engines, with the guards in place."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

import app.main  # noqa: F401 - loads every table
from app.db import Base, Database, Instant, guards, migrate
from app.rooms.models import Booking
from app.rooms.release import end_due_bookings
from tests.support.office import hours
from tests.support.world import NOW, QUIET, copy_of

SCRIPTS = str(migrate.Path(migrate.__file__).parent / "migrations")


def shape(engine):
    """Tables with their columns, keys and indexes, as the database itself tells them."""
    look = inspect(engine)
    found = {}
    for table in look.get_table_names():
        if table == "alembic_version":
            continue
        columns = {c["name"]: (_kind(c["type"]), c["nullable"]) for c in look.get_columns(table)}
        indexes = {
            (index["name"], tuple(index["column_names"]), str(_where(index)))
            for index in look.get_indexes(table)
            if not index.get("duplicates_constraint")
        }
        uniques = {(key["name"], tuple(key["column_names"])) for key in look.get_unique_constraints(table)}
        keys = {
            (key["name"], tuple(key["constrained_columns"]), key["referred_table"], tuple(key["referred_columns"]))
            for key in look.get_foreign_keys(table)
        }
        checks = {key["name"] for key in look.get_check_constraints(table)}
        primary = tuple(look.get_pk_constraint(table)["constrained_columns"])
        found[table] = {
            "columns": columns, "indexes": indexes, "uniques": uniques, "keys": keys, "checks": checks, "primary": primary,
        }  # fmt: skip
    return found


def _kind(type_):
    """SQLite has one kind of floating point number, whatever it is called."""
    return str(type_).replace("DOUBLE PRECISION", "FLOAT").replace("DOUBLE", "FLOAT")


def _where(index):
    return next((value for name, value in index.get("dialect_options", {}).items() if name.endswith("_where")), "")


def test_migrations_make_the_tables_that_the_models_describe(copies, empty_db):
    migrate.migrate(empty_db)
    migrated = shape(empty_db.engine)
    with copy_of(copies, filled=False) as address, Database(address) as other:
        Base.metadata.create_all(other.engine)
        modelled = shape(other.engine)
    for found in (migrated, modelled):
        # the two guards of PostgreSQL bring indexes of their own
        found["booking"]["indexes"] = {each for each in found["booking"]["indexes"] if each[0] not in GUARDS}
        if empty_db.embedded:  # SQLite keeps no names for keys made with the table's columns
            for table in found.values():
                table["keys"] = {each[1:] for each in table["keys"]}
    assert migrated.keys() == modelled.keys()
    for table in modelled:
        for part in modelled[table]:
            assert migrated[table][part] == modelled[table][part], (table, part)


GUARDS = {guards.SPACE, guards.PERSON}


def test_the_newest_migration_is_the_one_a_start_looks_for(empty_db):
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]
    assert migrate.version(empty_db) is None
    assert migrate.migrate(empty_db) is True
    assert migrate.version(empty_db) == migrate.HEAD
    assert migrate.migrate(empty_db) is False


def test_the_guards_are_on_the_table(db):
    with db.engine.connect() as connection:
        if db.embedded:
            names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            assert sorted(names) == sorted(f"{name}_{verb}" for name in GUARDS for verb in ("insert", "update"))
        else:
            names = connection.scalars(text("SELECT conname FROM pg_constraint WHERE contype = 'x'")).all()
            assert set(names) == GUARDS


# The guards, against raw SQL


@pytest.fixture
def raw(office):
    """Three people on two desks, two of them one after the other; and a way to write past all services."""
    one, two, three = office.colleagues()
    first, second = office.desks()[:2]
    made = [office.booked(one, first, *hours(QUIET, 8, 10)), office.booked(two, second, *hours(QUIET, 8, 10))]
    made.append(office.booked(three, first, *hours(QUIET, 10, 12)))
    return office, [booking["id"] for booking in made]


def insert_like(office, booking_id, **changes):
    table = Booking.__table__
    row = dict(office.booking(booking_id)._mapping) | changes
    del row["id"]
    with office.db.engine.begin() as connection:
        connection.execute(table.insert(), row)


def change_raw(office, booking_id, **changes):
    with office.db.engine.begin() as connection:
        connection.execute(update(Booking.__table__).where(Booking.id == booking_id).values(**changes))


def refused_by(name):
    return pytest.raises(IntegrityError, match=name)


def test_no_insert_gets_past_the_guard_of_a_space(raw):
    office, (first, _, third) = raw
    stranger = office.colleagues("KEMENPANRB")[0]
    with refused_by(guards.SPACE):
        insert_like(office, first, person_id=stranger)
    starts_at, ends_at = hours(QUIET, 9, 11)
    with refused_by(guards.SPACE):
        insert_like(office, third, person_id=stranger, starts_at=starts_at, ends_at=ends_at)
    insert_like(office, first, person_id=stranger, state="cancelled", active=False)
    edge = dict(zip(("starts_at", "ends_at"), hours(QUIET, 12, 13), strict=True))
    insert_like(office, third, person_id=stranger, **edge)


def test_no_insert_gives_a_person_two_desks_at_once(raw):
    office, (first, _, _) = raw
    other = office.desks()[5]
    with refused_by(guards.PERSON):
        insert_like(office, first, space_id=other)
    insert_like(office, first, space_id=office.rooms()[0], kind="room")


@pytest.mark.parametrize("change", ["space", "time", "person", "active"])
def test_no_update_gets_past_the_guards(raw, change):
    office, (first, second, third) = raw
    if change == "space":
        with refused_by(guards.SPACE):
            change_raw(office, second, space_id=office.booking(first).space_id)
    elif change == "time":
        with refused_by(guards.SPACE):
            change_raw(office, third, starts_at=hours(QUIET, 9.5, 12)[0])
    elif change == "person":
        with refused_by(guards.PERSON):
            change_raw(office, first, person_id=office.booking(second).person_id)
    else:
        change_raw(office, first, state="cancelled", active=False)
        insert_like(office, third, **span(8, 10))
        with refused_by(guards.SPACE):
            change_raw(office, first, state="booked", active=True)
    assert office.findings()[:0] == []


def span(starts, ends):
    return dict(zip(("starts_at", "ends_at"), hours(QUIET, starts, ends), strict=True))


@pytest.mark.parametrize("changes", [
    {"state": "dreaming"},
    {"state": "cancelled"},  # yet active
    {"active": False},  # yet booked
    {"ends_at": hours(QUIET, 7, 8)[0]},
    {"space_id": 999_999},
    {"person_id": 999_999},
    {"kind": "room"},  # a desk that would be a room
])  # fmt: skip
def test_the_database_itself_refuses_bookings_that_make_no_sense(raw, changes):
    office, (first, _, _) = raw
    with pytest.raises(IntegrityError):
        change_raw(office, first, **changes)


def test_without_the_guards_the_audit_finds_what_they_would_have_refused(raw):
    office, (first, _, _) = raw
    with office.db.engine.begin() as connection:
        for statement in guards.drop(connection.dialect.name):
            connection.exec_driver_sql(statement)
    insert_like(office, first)
    found = office.findings()
    assert any("overlap" in line for line in found)
    assert any("differs from its journal" in line for line in found)
    with office.db.engine.begin() as connection:
        connection.execute(text("DELETE FROM booking WHERE id = (SELECT max(id) FROM booking)"))
        for statement in guards.create(connection.dialect.name):
            connection.exec_driver_sql(statement)
    with refused_by(guards.SPACE):
        insert_like(office, first, person_id=office.colleagues("KEMENPANRB")[0])


# Instants


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30))])
def test_an_instant_comes_back_the_same_in_utc(raw, zone):
    office, (first, _, _) = raw
    change_raw(office, first, created_at=NOW.astimezone(zone))
    kept = office.booking(first).created_at
    assert kept == NOW
    assert kept.tzinfo is UTC


def test_an_instant_without_zone_is_no_instant(raw):
    office, (first, _, _) = raw
    with pytest.raises(StatementError, match="an instant needs a zone"):
        change_raw(office, first, created_at=datetime(2026, 11, 24))
    assert Instant().process_result_value(None, office.db.engine.dialect) is None


# Units of work


def test_a_reading_unit_of_work_cannot_write(raw):
    office, (first, _, _) = raw
    with pytest.raises((OperationalError, DBAPIError), match="read"):
        office.db.read_here(lambda session: session.execute(update(Booking).values(purpose="x")))
    assert office.booking(first).purpose == ""


def test_a_reading_unit_of_work_sees_one_moment(raw):
    office, (first, _, _) = raw

    def look(session):
        before = session.scalar(select(Booking.purpose).where(Booking.id == first))
        change_raw(office, first, purpose="meanwhile")
        return before, session.scalar(select(Booking.purpose).where(Booking.id == first))

    assert office.db.read_here(look) == ("", "")


def test_a_lost_race_is_run_again_and_anything_else_is_not(raw):
    office, (first, _, _) = raw
    table, row = Booking.__table__, dict(office.booking(first)._mapping)
    del row["id"]
    row["person_id"] = office.colleagues("KEMENPANRB")[0]
    runs = []

    def lose_once(session):
        runs.append(1)
        if len(runs) == 1:
            session.execute(table.insert(), row)
        return "done"

    assert office.db.write_here(lose_once) == "done"
    assert len(runs) == 2

    def lose_always(session):
        runs.append(1)
        session.execute(table.insert(), row)

    runs.clear()
    with refused_by(guards.SPACE):
        office.db.write_here(lose_always)
    assert len(runs) == 4

    def wrong(session):
        runs.append(1)
        session.execute(update(table).values(state="dreaming"))

    runs.clear()
    with pytest.raises(IntegrityError):
        office.db.write_here(wrong)
    assert len(runs) == 1


def test_a_unit_of_work_that_fails_leaves_nothing(raw):
    office, (first, _, _) = raw

    def fail(session):
        session.execute(update(Booking).values(purpose="half done"))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        office.db.write_here(fail)
    assert office.booking(first).purpose == ""


def test_a_search_among_bookings_uses_an_index(office, db):
    """On SQLite a partial index serves only queries that say its condition in its words; a scan would be two million rows."""
    if not db.embedded:
        pytest.skip("PostgreSQL's planner scans small tables on purpose")
    seen = []
    for engine in (db._writing, db._reading):
        event.listen(engine, "checkout", lambda connection, *_: connection.set_trace_callback(seen.append))
    me = office.colleagues()[0]
    office.booked(me, office.desks()[0])
    office.book(office.colleagues()[1], office.desks()[0])
    whole = {"starts_at": "2026-12-10T00:00:00Z", "ends_at": "2026-12-10T08:00:00Z"}
    office.get(f"/api/floors/{office.floor('IKN-K3-A-03')}/availability", me, params=whole)
    office.get("/api/sites/1/availability", me, params={"kind": "desk", **whole})
    office.get("/api/bookings", me)
    office.get("/denah", me)
    office.get("/", me)
    db.write_here(end_due_bookings, now=NOW)
    scans = []
    with sqlite3.connect(db.url.database) as connection:
        searches = [sql for sql in seen if sql.lstrip().startswith("SELECT") and "booking" in sql]
        for sql in searches:
            plans = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
            scans += [(plan, sql) for plan in plans if plan.startswith("SCAN booking")]
    connection.close()
    assert len(searches) > 8
    assert scans == []
