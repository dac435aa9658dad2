"""The command line: each command does its work or says in one line why not, and leaves nothing behind it did not mean to."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from app import __main__ as command
from app.db import Database, migrate
from app.people.agencies import sharing_agencies
from app.people.models import Agency, Person, Secret
from app.scheduling.models import PolicyRow
from app.upgrade import upgrade
from tests.support.office import EMPLOYEE
from tests.support.server import ROOT
from tests.support.world import copy_of

CSV = "agency,unit,name,title,email,nip,superior,site,roles\nUJI,Sekretariat,Ani Uji,,ani@uji.test,199005122015031001,,IKN,\n"


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a command against a database; gives its status, what it said, and what it complained of."""
    monkeypatch.delenv("SELARAS_NIP_KEY", raising=False)

    def run(address, *arguments, **settings):
        for name, value in {"DATABASE": address, **settings}.items():
            monkeypatch.setenv(f"SELARAS_{name}", value)
        status = command.main(arguments)
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def empty(copies):
    with copy_of(copies, filled=False) as address:
        yield address


def count(address, table):
    with Database(address) as db, db.engine.connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table.__tablename__}")).scalar()


@pytest.mark.parametrize("arguments", [("check",), ("user", "list"), ("import", "people", "FILE", "--dry-run")])
def test_a_command_that_looks_at_a_database_that_is_not_there_says_so_and_makes_none(run, empty, tmp_path, arguments):
    file = tmp_path / "people.csv"
    file.write_text(CSV)
    status, out, complaint = run(empty, *(str(file) if each == "FILE" else each for each in arguments))
    assert (status, out) == (1, "")
    assert complaint == "selaras: the database is empty, or stands at an older migration: run selaras migrate first\n"
    if empty.startswith("sqlite"):
        assert not Path(empty.removeprefix("sqlite:///")).exists()


def test_migrating_says_what_it_did(run, empty):
    assert run(empty, "migrate") == (0, f"migrated to {migrate.HEAD}\n", "")
    assert run(empty, "migrate") == (0, f"already at {migrate.HEAD}\n", "")


def test_processes_that_migrate_at_once_wait_for_each_other(empty):
    environment = {"SELARAS_DATABASE": empty, "PATH": "/usr/bin:/bin"}
    start = [sys.executable, "-m", "app", "migrate"]
    running = [
        subprocess.Popen(start, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(4)
    ]
    said = [each.communicate(timeout=120)[0] for each in running]
    assert [each.returncode for each in running] == [0] * 4, said
    assert count(empty, PolicyRow) > 0


def test_a_migration_that_is_stopped_before_the_rules_are_planted_leaves_nothing(empty, monkeypatch):
    def stopped(_session):
        raise KeyboardInterrupt

    with Database(empty) as db:
        monkeypatch.setattr("app.upgrade._plant", stopped)
        with pytest.raises(KeyboardInterrupt):
            upgrade(db)
        assert migrate.version(db) is None
        monkeypatch.undo()
        assert upgrade(db)
    assert count(empty, PolicyRow) > 0


@pytest.mark.parametrize("arguments", [("migrate",), ("check",), ("serve", "--port", "1")])
def test_a_database_of_a_newer_version_is_left_alone(run, empty, arguments):
    with Database(empty) as db:
        upgrade(db)
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    status, _, complaint = run(empty, *arguments)
    assert status == 1
    assert "the database stands at migration 9999" in complaint


def test_a_dry_run_of_people_writes_nothing_not_even_a_key(run, copies, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(CSV)
    with copy_of(copies) as address:
        people, keys = count(address, Person), count(address, Secret)
        assert run(address, "import", "people", str(file), "--dry-run") == (0, "people: 1 new, 0 known\n", "")
        assert (count(address, Person), count(address, Secret)) == (people, keys)
        assert run(address, "import", "people", str(file)) == (0, "people: 1 new, 0 known\n", "")
        assert (count(address, Person), count(address, Secret)) == (people + 1, keys + 1)


def test_everybody_is_listed(run, office):
    _, out, _ = run(office.address, "user", "list")
    assert len(out.splitlines()) == count(office.address, Person) > 50
    _, out, _ = run(office.address, "user", "list", EMPLOYEE)
    assert out.startswith(EMPLOYEE)
    assert run(office.address, "user", "list", "%")[1] == ""


def test_an_agency_shows_names_to_the_others_that_do_so_too(run, office):
    def shown():
        return office.db.read_here(sharing_agencies)

    codes = dict(office.ask(select(Agency.code, Agency.id)))
    office.change(update(Agency).values(shares_names=False))
    assert run(office.address, "agency", "share-names", "BKN")[0] == 0
    assert shown() == {codes["BKN"]}
    assert "BKN          Badan Kepegawaian Negara (shows names)\n" in run(office.address, "agency", "list")[1]
    assert run(office.address, "agency", "hide-names", "BKN")[0] == 0
    assert shown() == set()
    assert run(office.address, "agency", "share-names", "XYZ")[::2] == (1, "selaras: there is no agency 'XYZ'\n")


def test_a_database_that_does_not_answer_is_one_line(run):
    status, _, complaint = run("postgresql://selaras@127.0.0.1:1/none", "migrate")
    assert status == 1
    assert complaint.startswith("selaras: connection failed")


@pytest.mark.parametrize(
    "wrong", [{"LOG": "loud"}, {"SESSION_HOURS": "many"}, {"address": "mysql://host/name"}, {"address": "sqlite://"}]
)
def test_a_setting_that_can_not_be_read_is_named(run, wrong):
    status, _, complaint = run(wrong.pop("address", "sqlite:///none.db"), "migrate", **wrong)
    assert status == 2
    assert complaint.startswith("selaras: a setting can't be read: ")
