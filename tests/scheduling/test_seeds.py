"""What a new database starts with, and that it is planted once."""

from datetime import date

import pytest
from sqlalchemy import delete, func, select, update

from app.scheduling import policies, rulebook, seeds
from app.scheduling.models import DayOffRow, HoursRow, PolicyRow, RulebookVersion, SeasonRow
from app.scheduling.national import DAYS_OFF, HOURS, SEASONS
from app.scheduling.national_policies import POLICIES
from app.scheduling.rules import Mode, Planner
from app.upgrade import upgrade

TABLES = {DayOffRow: DAYS_OFF, SeasonRow: SEASONS, HoursRow: HOURS, PolicyRow: POLICIES}
EMPLOYEE = Planner(1, 1, 1, "/1/", "", "fungsional", eligible=True, site_id=1)


@pytest.fixture
def planted(empty_db):
    """A database that was just migrated, and so planted."""
    upgrade(empty_db)
    return empty_db


def rows(db):
    return db.read_here(
        lambda session: {
            table: session.execute(select(table.__table__).order_by(table.id)).all()
            for table in (*TABLES, RulebookVersion)
        }
    )


def test_a_new_database_has_the_rules_of_the_nation(planted):
    found = rows(planted)
    for table, seeds_of in TABLES.items():
        assert len(found[table]) == len(seeds_of)
    book = planted.read_here(rulebook.current)
    assert [day.on for day in book.days_off()] == [day.on for day in DAYS_OFF]
    assert {policy.kind for policy in book.policies} == {policy.kind for policy in POLICIES}
    assert all(policy.basis and policy.name for policy in book.policies)


def test_planting_again_changes_nothing(planted):
    before = rows(planted)
    planted.write_here(seeds.plant)
    assert rows(planted) == before


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_is_empty_is_filled_and_the_others_stay(planted, table):
    planted.write_here(lambda session: session.execute(delete(table)) and None)
    before = rows(planted)
    planted.write_here(seeds.plant)
    after = rows(planted)
    assert len(after[table]) == len(TABLES[table])
    assert {name for name in (*TABLES, RulebookVersion) if after[name] != before[name]} == {table, RulebookVersion}


def test_what_an_office_changed_is_not_planted_over(planted):
    def change(session):
        session.execute(update(PolicyRow).values(until_on=date(2026, 12, 31)))
        session.execute(delete(SeasonRow).where(SeasonRow.until_on < date(2026, 1, 1)))

    planted.write_here(change)
    before = rows(planted)
    planted.write_here(seeds.plant)
    assert rows(planted) == before
    assert planted.read_here(lambda session: session.scalar(select(func.count()).select_from(SeasonRow))) < len(SEASONS)


@pytest.mark.parametrize(("on", "expected"), [
    (date(2025, 4, 20), set()),
    (date(2025, 4, 21), {"flexible-days", "eligibility", "excluded", "letter", "notice", "hours", "approval"}),
    (date(2026, 3, 31), {"flexible-days", "eligibility", "excluded", "letter", "notice", "hours", "approval"}),
    (date(2026, 4, 1), {"flexible-days", "eligibility", "excluded", "letter", "notice", "hours", "approval", "weekday-mode"}),
    (date(2026, 7, 21), {"flexible-days", "eligibility", "excluded", "letter", "notice", "hours", "approval", "weekday-mode"}),
    (date(2026, 7, 22), {"flexible-days", "eligibility", "excluded", "letter", "notice", "hours", "approval"}),
])  # fmt: skip
def test_each_policy_holds_as_long_as_its_regulation(on, expected):
    assert {policy.kind for policy in policies.all_in_force(POLICIES, EMPLOYEE, on)} == expected


def test_the_seeds_say_what_the_regulations_say():
    rules = policies.in_force(POLICIES, EMPLOYEE, date(2026, 11, 24))
    assert (rules["flexible-days"].rule.most, rules["flexible-days"].basis) == (2, "PermenPANRB 4/2025")
    assert set(rules["flexible-days"].rule.counts) == {Mode.WFH, Mode.WFA, Mode.OTHER_OFFICE}
    assert rules["letter"].rule.modes == (Mode.TRAVEL,)
    assert (rules["notice"].rule.days, rules["notice"].basis) == (1, "Pengaturan awal Selaras")
    assert (rules["approval"].rule.chain, rules["approval"].rule.automatic) == (("superior",), False)
    (excluded,) = [policy.rule for policy in POLICIES if policy.kind == "excluded"]
    assert excluded.unit_kinds == ("direct-service",)
