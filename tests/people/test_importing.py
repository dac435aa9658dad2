"""People from a spreadsheet: all of them or none, and an error for each row that is wrong."""

import pytest
from sqlalchemy import event, func, select

from app import journal, sites
from app.people import importing
from app.people.importing import RowError, import_people, read_csv
from app.people.models import Agency, Person, Unit
from app.scheduling.policy_kinds import UNIT_KINDS
from app.upgrade import upgrade
from tests.support.world import NIP_KEY, NOW

HEADING = "agency,unit,name,title,email,nip,superior,site,roles"
NIP = "199005122015031001"


def csv(*rows, heading=HEADING):
    return "\n".join([heading, *rows])


def bring(db, *rows, heading=HEADING, dry_run=False):
    read, errors = read_csv(csv(*rows, heading=heading))
    assert errors == []
    known = db.read_here(sites.site_ids)
    return db.write_here(import_people, read, sites=known, nip_key=NIP_KEY.encode(), now=NOW, dry_run=dry_run)


def counts(db):
    tables = (Agency, Unit, Person, journal.Entry)
    return db.read_here(lambda session: [session.scalar(select(func.count()).select_from(table)) for table in tables])


def state(db):
    columns = select(Person.__table__).order_by(Person.id)
    return db.read_here(lambda session: session.execute(columns).all()), counts(db)


BOSS = f"UJI,Sekretariat,Ani Boss,Kepala,ani@uji.test,{NIP},,IKN,head-of-unit"
CLERK = "UJI,Sekretariat / Bagian Umum,Budi Clerk,,budi@uji.test,,ani@uji.test,JKT,"


def test_people_units_and_agencies_are_made_as_rows_name_them(db):
    report = bring(db, BOSS, CLERK)
    assert (report.added, report.changed, report.errors) == (2, 0, ())

    def read(session):
        boss, clerk = (session.scalar(select(Person).where(Person.email == f"{n}@uji.test")) for n in ("ani", "budi"))
        units = {unit.path: unit for unit in session.scalars(select(Unit).where(Unit.agency_id == boss.agency_id))}
        return boss, clerk, units

    boss, clerk, units = db.read_here(read)
    assert set(units) == {"Sekretariat", "Sekretariat / Bagian Umum"}
    assert clerk.superior_id == boss.id
    assert units["Sekretariat"].head_id == boss.id
    top, below = units["Sekretariat"], units["Sekretariat / Bagian Umum"]
    assert (below.parent_id, below.lineage) == (top.id, f"{top.lineage}{below.id}/")
    assert boss.nip_last4 == NIP[-4:]
    assert NIP.encode() not in boss.nip_digest


def test_importing_again_changes_what_is_new_and_keeps_the_rest(db):
    bring(db, BOSS, CLERK)
    report = bring(db, CLERK.replace("Budi Clerk", "Budi Baru"))
    assert (report.added, report.changed) == (0, 1)
    names = db.read_here(
        lambda session: session.scalars(select(Person.name).where(Person.email.like("%@uji.test"))).all()
    )
    assert sorted(names) == ["Ani Boss", "Budi Baru"]


@pytest.mark.parametrize(("row", "error"), [
    ("UJI,Bagian,,,x@uji.test,,,IKN,", RowError(2, "name", "is empty")),
    ("UJI,Bagian,X,,,,,IKN,", RowError(2, "email", "is empty")),
    ("UJI,Bagian,X,,nowhere,,,IKN,", RowError(2, "email", "is no e-mail address")),
    ("UJI,Bagian,X,,x@uji.test,123,,IKN,", RowError(2, "nip", "a NIP has 18 digits")),
    ("UJI,Bagian,X,,x@uji.test,,,MARS,", RowError(2, "site", "there is no site MARS")),
    ("UJI,Bagian,X,,x@uji.test,,nobody@uji.test,IKN,", RowError(2, "superior", "nobody has this e-mail address")),
    ("UJI,Bagian,X,,x@uji.test,,X@uji.test,IKN,", RowError(2, "superior", "nobody is their own superior")),
    ("UJI,Bagian,X,,x@uji.test,,,IKN,king", RowError(2, "roles", "there is no role king")),
])  # fmt: skip
def test_each_wrong_cell_is_named_and_nothing_is_written(db, row, error):
    before = state(db)
    report = bring(db, row, BOSS)
    assert error in report.errors
    assert state(db) == before


WORK = HEADING + ",level,duties,eligible,unit_kind"


def test_level_duties_eligibility_and_the_kind_of_unit_are_taken_from_their_columns(db):
    report = bring(
        db,
        BOSS + ",jpt-pratama,,,",
        "UJI,Sekretariat,Citra,,citra@uji.test,,,IKN,,fungsional,Piket loket loket,tidak,direct-service",
        CLERK + ",,,Ya,",
        heading=WORK,
    )
    assert report.errors == ()
    people, units = db.read_here(at_work)
    assert people == {
        "ani@uji.test": ("jpt-pratama", "", True),
        "citra@uji.test": ("fungsional", "loket piket", False),
        "budi@uji.test": ("", "", True),
    }
    assert units == {"Sekretariat": "direct-service", "Sekretariat / Bagian Umum": ""}


def test_a_file_without_those_columns_leaves_them_as_they_are(db):
    bring(db, BOSS + ",jpt-pratama,loket,no,support", heading=WORK)
    before = db.read_here(at_work)
    assert bring(db, BOSS).errors == ()
    assert db.read_here(at_work) == before
    bring(db, BOSS + ",,,,", heading=WORK)
    assert db.read_here(at_work) == ({"ani@uji.test": ("", "", True)}, {"Sekretariat": ""})


def at_work(session):
    people = session.execute(
        select(Person.email, Person.level, Person.duties, Person.eligible).where(Person.email.like("%@uji.test"))
    )
    agency = select(Agency.id).where(Agency.code == "UJI").scalar_subquery()
    units = session.execute(select(Unit.path, Unit.kind).where(Unit.agency_id == agency))
    return {email: tuple(rest) for email, *rest in people}, dict(units.all())


@pytest.mark.parametrize(("cells", "column", "problem"), [
    ("eselon-2,,,", "level", "there is no level eselon-2"),
    (",loket;piket,,", "duties", "are words of letters, digits and hyphens, separated by spaces"),
    (",,maybe,", "eligible", "is yes or no (ya, tidak)"),
    (",,,service", "unit_kind", "there is no kind of unit service"),
    (",,,support", "unit_kind", "differs from row 2 of the same unit"),
])  # fmt: skip
def test_a_wrong_word_about_work_is_named_and_nothing_is_written(db, cells, column, problem):
    before = state(db)
    report = bring(db, BOSS + ",,,,direct-service", f"UJI,Sekretariat,X,,x@uji.test,,,IKN,,{cells}", heading=WORK)
    assert RowError(3, column, problem) in report.errors
    assert state(db) == before


def test_kinds_of_unit_are_those_that_policies_know():
    assert importing.UNIT_KINDS == UNIT_KINDS


def test_all_errors_of_a_file_are_told_at_once(db):
    report = bring(db, BOSS, "UJI,Bagian,X,,ANI@uji.test,,,MARS,", f"UJI,Bagian,Y,,y@uji.test,{NIP},,IKN,")
    assert {(error.row, error.column) for error in report.errors} == {(3, "email"), (3, "site"), (4, "nip")}


def test_a_circle_of_superiors_is_refused(db):
    rows = [f"UJI,Bagian,{n},,{n}@uji.test,,{boss}@uji.test,IKN," for n, boss in (("a", "b"), ("b", "c"), ("c", "a"))]
    before = state(db)
    report = bring(db, *rows)
    assert [error.column for error in report.errors] == ["superior"]
    assert state(db) == before


def test_a_nip_belongs_to_one_person(db):
    bring(db, BOSS)
    report = bring(db, f"UJI,Bagian,Z,,z@uji.test,{NIP},,IKN,")
    assert [(error.row, error.column) for error in report.errors] == [(2, "nip")]


def test_a_dry_run_counts_and_writes_nothing(db):
    before = state(db)
    report = bring(db, BOSS, CLERK, dry_run=True)
    assert (report.added, report.changed, report.errors) == (2, 0, ())
    assert state(db) == before


@pytest.mark.parametrize(("heading", "column"), [
    ("agency,unit,name,email", "site"),
    (HEADING + ",salary", "salary"),
    ("", "agency"),
])  # fmt: skip
def test_a_heading_that_lacks_or_invents_columns_is_the_error_of_row_one(heading, column):
    rows, errors = read_csv(csv("x", heading=heading))
    assert rows == []
    assert any((error.row, error.column) == (1, column) for error in errors)


def test_quotes_semicolons_and_windows_line_ends_are_read(db):
    text = HEADING.replace(",", ";") + '\r\nUJI;"Sekretariat";"Ani; Boss";;ani@uji.test;;;IKN;\r\n'
    rows, errors = read_csv(text)
    assert errors == []
    assert rows[0]["name"] == "Ani; Boss"


def test_what_fails_half_way_leaves_nothing_behind(db):
    """A fault at each statement in turn."""
    before = state(db)
    statements = 0

    def fault(at):
        nth = 0

        def on(*_):
            nonlocal nth, statements
            nth += 1
            statements = max(statements, nth)
            if nth == at:
                raise RuntimeError("the disk is full")

        return on

    at = 0
    while True:
        at += 1
        listener = fault(at)
        event.listen(db.engine, "before_cursor_execute", listener)
        try:
            bring(db, BOSS, CLERK)
        except RuntimeError:
            assert state(db) == before
            continue
        finally:
            event.remove(db.engine, "before_cursor_execute", listener)
        break
    assert at > 8
    assert counts(db)[2] == before[1][2] + 2


def test_the_key_for_nips_is_made_once_and_kept(empty_db):
    upgrade(empty_db)
    key = empty_db.write_here(importing.nip_key, "")
    assert len(key) >= 32
    assert empty_db.write_here(importing.nip_key, "") == key
    assert empty_db.write_here(importing.nip_key, "of the settings") == b"of the settings"
