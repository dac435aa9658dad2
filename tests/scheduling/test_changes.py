"""A change of the dated tables: what is shown beforehand is what happens, each owner is told once, and undoing restores."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import insert, select, update

from app.db import Base
from app.errors import Forbidden
from app.notices import NoticeRow
from app.people.models import Person
from app.rooms.models import Booking
from app.scheduling import change_log, changes, rulebook
from app.scheduling.changes import Wish
from app.scheduling.errors import AlreadyThere, NotUndoable
from app.scheduling.models import DayOffRow
from app.scheduling.policy_kinds import FlexibleDays, Policy
from app.scheduling.working_time import DayKind, DayOff, Hours, Season
from app.sites import Site
from app.weeks import week_of
from tests.support.office import ADMIN, HR, QUIET, at, hours
from tests.support.world import NOW

LEAVE = DayOff(QUIET, DayKind.COLLECTIVE_LEAVE, "Cuti bersama uji", "Trial collective leave", "Keppres uji")
LOGS = {"journal", "notice", "calendar_change", "rulebook_version", "house_version", "token", "idempotency"}
"""What grows whatever is undone."""


@pytest.fixture
def admin(office):
    return office.actor(office.id_of(ADMIN))


@pytest.fixture
def hr(office):
    return office.actor(office.id_of(HR))


@pytest.fixture
def planners(office):
    """Four people in Nusantara: two planned the quiet day with a desk, one without, one has a desk and no plan."""
    people, desks = office.colleagues(posts=4), office.desks()
    for n, person in enumerate(people[:3]):
        part = {"mode": "WFO"} | ({"desk_id": desks[n]} if n < 2 else {})
        answer = office.put(f"/api/people/{person}/weeks/{week_of(QUIET)}", person, json={"days": {str(QUIET): [part]}})
        assert answer.status_code == 200, answer.text
    office.booked(people[3], desks[3])
    return people


def everything(office):
    """All tables but logs, without versions and numbers of drawing lots."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in LOGS:
            columns = [column for column in table.columns if column.name != "version"]
            found[table.name] = sorted(map(repr, office.ask(select(*columns))))
    return found


def make(office, actor, *wishes):
    return office.db.write_here(changes.apply, actor, wishes, now=NOW)


def take_back(office, actor, change):
    return office.db.write_here(changes.undo, actor, change.id, now=NOW)


def look(office, actor, *wishes):
    return office.db.read_here(changes.preview, actor, wishes, now=NOW)


def told(office, kind=None):
    rows = office.ask(select(NoticeRow.person_id, NoticeRow.kind, NoticeRow.facts).order_by(NoticeRow.person_id))
    return [row for row in rows if row[1].startswith(("day-off", "season", "hours")) and kind in (None, row[1])]


def desks_of(office, people):
    """States of their desks on the quiet day."""
    rows = select(Booking.person_id, Booking.state).where(
        Booking.person_id.in_(people), Booking.starts_at > at(QUIET, 0)
    )
    return dict(office.ask(rows))


# Days off


def test_a_day_off_does_what_was_shown_and_tells_each_owner_once(office, admin, planners):
    wish = Wish("day-off", LEAVE)
    shown = look(office, admin, wish)
    assert (shown.plans, shown.desks, shown.people) == (3, 3, 4)
    (made,) = make(office, admin, wish)
    assert (made.plans, made.desks, made.people) == (3, 3, 4)
    notices = told(office)
    assert [person for person, _, _ in notices] == sorted(planners)
    assert {kind for _, kind, _ in notices} == {"day-off-added"}
    assert [facts.get("desk", False) for _, _, facts in notices] == [True, True, False, True]
    assert set(desks_of(office, planners).values()) == {"cancelled"}
    assert office.findings() == []
    week = office.get(f"/api/people/{planners[0]}/weeks/{week_of(QUIET)}", planners[0]).json()
    assert (week["about"][str(QUIET)]["day_kind"], week["about"][str(QUIET)]["minutes_owed"]) == ("collective-leave", 0)
    refused = office.book(planners[0], office.desks()[0])
    assert (refused.status_code, refused.json()["facts"]["hindrance"]) == (409, "day-off")


def test_undoing_restores_exactly_and_once(office, admin, planners):
    before = everything(office)
    (made,) = make(office, admin, Wish("day-off", LEAVE))
    assert everything(office) != before
    undone = take_back(office, admin, made)
    assert everything(office) == before
    assert (undone.plans, undone.desks, undone.people) == (made.plans, made.desks, made.people)
    assert undone.undone_at == NOW
    assert sorted(person for person, _, facts in told(office, "day-off-removed") if facts.get("desk")) == sorted(
        [planners[0], planners[1], planners[3]]
    )
    assert len(told(office, "day-off-removed")) == 4
    assert office.findings() == []
    with pytest.raises(NotUndoable):
        take_back(office, admin, made)


def test_a_desk_that_its_person_no_longer_can_have_stays_cancelled(office, admin, planners):
    (made,) = make(office, admin, Wish("day-off", LEAVE))
    office.change(update(Booking).where(Booking.person_id == planners[3]).values(version=Booking.version + 1))
    take_back(office, admin, made)
    assert desks_of(office, planners) == {planners[0]: "booked", planners[1]: "booked", planners[3]: "cancelled"}


def test_a_site_s_own_day_leaves_the_other_site_alone(office, admin, planners):
    sites = dict(office.ask(select(Site.code, Site.id)))
    shown = look(office, admin, Wish("day-off", replace(LEAVE, kind=DayKind.LOCAL, site_id=sites["JKT"])))
    assert (shown.plans, shown.desks, shown.people) == (0, 0, 0)
    here = look(office, admin, Wish("day-off", replace(LEAVE, kind=DayKind.LOCAL, site_id=sites["IKN"])))
    assert (here.plans, here.desks, here.people) == (3, 3, 4)


def test_a_day_off_that_is_called_off_counts_again_and_stays_on_record(office, admin, planners):
    (made,) = make(office, admin, Wish("day-off", LEAVE))
    row = change_log.read("day-off", made.after)
    (gone,) = make(office, admin, Wish("day-off", replace(row, state="cancelled"), row.id))
    assert (gone.plans, gone.desks, gone.people) == (3, 0, 3)
    assert {kind for person, kind, _ in told(office) if person == planners[2]} == {"day-off-added", "day-off-removed"}
    assert office.ask(select(DayOffRow.state).where(DayOffRow.id == row.id)) == [("cancelled",)]
    with pytest.raises(NotUndoable):
        take_back(office, admin, made)
    take_back(office, admin, gone)
    take_back(office, admin, made)


def test_a_new_name_touches_nobody(office, admin, planners):
    row = office.db.read_here(rulebook.days_off_of)[-1]
    (made,) = make(office, admin, Wish("day-off", replace(row, name="Nama lain"), row.id))
    assert (made.plans, made.desks, made.people) == (0, 0, 0)
    assert told(office) == []


def test_a_day_that_moves_frees_one_date_and_takes_another(office, admin, planners):
    (made,) = make(office, admin, Wish("day-off", replace(LEAVE, on=QUIET + timedelta(days=7))))
    row = change_log.read("day-off", made.after)
    before = everything(office)
    (moved,) = make(office, admin, Wish("day-off", replace(row, on=QUIET), row.id))
    assert (moved.plans, moved.desks, moved.people) == (3, 3, 4)
    take_back(office, admin, moved)
    assert everything(office) == before


def test_the_same_day_is_not_added_twice(office, admin):
    make(office, admin, Wish("day-off", LEAVE))
    with pytest.raises(AlreadyThere):
        make(office, admin, Wish("day-off", LEAVE))


def test_only_operators_change_the_nation_s_rows_and_officers_look(office, hr, planners):
    assert look(office, hr, Wish("day-off", LEAVE)).people == 4
    with pytest.raises(Forbidden):
        make(office, hr, Wish("day-off", LEAVE))
    with pytest.raises(Forbidden):
        look(office, office.actor(planners[0]), Wish("day-off", LEAVE))


def test_who_books_in_the_very_moment_is_swept_up_and_gets_it_back(office, admin, planners):
    (made,) = make(office, admin, Wish("day-off", LEAVE))
    late = booked_past_the_rules(office, planners[3])
    swept = office.db.write_here(changes.sweep, made.id, actor_id=admin.id, now=NOW)
    assert (swept, office.booking(late).state) == (1, "cancelled")
    assert office.db.write_here(changes.sweep, made.id, actor_id=admin.id, now=NOW) == 0
    take_back(office, admin, made)
    assert office.booking(late).state == "booked"
    assert office.findings() == []


def booked_past_the_rules(office, person):
    """A desk of somebody on the day off, as one who read the rules before would have it."""
    desk = office.desks()[5]
    row = {
        "space_id": desk,
        "kind": "desk",
        "person_id": person,
        "booked_by_id": person,
        "state": "booked",
        "active": True,
    }
    row |= {
        "starts_at": at(QUIET, 17),
        "ends_at": at(QUIET, 19),
        "release_at": at(QUIET, 18),
        "created_at": NOW,
        "purpose": "",
    }
    return office.db.write_here(lambda session: session.scalar(insert(Booking).values(**row).returning(Booking.id)))


# Seasons, hours, policies


def test_a_season_touches_the_plans_whose_hours_change_and_keeps_desks(office, admin, planners):
    before = everything(office)
    wish = Wish("season", Season("ramadan", QUIET, QUIET + timedelta(days=3), "Sidang isbat uji"))
    shown = look(office, admin, wish)
    assert (shown.plans, shown.desks, shown.people) == (3, 0, 3)
    (made,) = make(office, admin, wish)
    assert [person for person, _, _ in told(office, "season-changed")] == sorted(planners[:3])
    take_back(office, admin, made)
    assert everything(office) == before


def test_an_officer_sets_the_hours_of_their_agency_only(office, hr, planners):
    early = Hours("12345", 420, 720, 780, 930, QUIET, basis="SE uji", agency_id=hr.agency_id)
    before = everything(office)
    (made,) = make(office, hr, Wish("work-hours", early))
    own = {id for (id,) in office.ask(select(Person.id).where(Person.agency_id == hr.agency_id))}
    assert made.people == len(own & set(planners[:3]))
    take_back(office, hr, made)
    assert everything(office) == before
    with pytest.raises(Forbidden):
        make(office, hr, Wish("work-hours", replace(early, agency_id=None)))


def test_a_policy_says_how_many_people_are_in_its_scope(office, hr):
    policy = Policy(0, "SE uji", QUIET, None, hr.agency_id, None, FlexibleDays(1))
    people = office.ask(select(Person.id).where(Person.agency_id == hr.agency_id, Person.active))
    assert look(office, hr, Wish("policy", policy)).people == len(people)
    (made,) = make(office, hr, Wish("policy", policy))
    assert (made.people, told(office)) == (len(people), [])
    take_back(office, hr, made)
    assert not [row for row in office.db.read_here(rulebook.policies_of) if row.basis == "SE uji"]


def test_what_is_over_is_left_alone(office, admin):
    shown = look(office, admin, Wish("day-off", replace(LEAVE, on=date(2026, 11, 20))))
    assert (shown.plans, shown.desks, shown.people) == (0, 0, 0)


# Any order of changes


DATES = [QUIET, QUIET + timedelta(days=1)]
STEPS = st.lists(st.tuples(st.sampled_from(["add", "cancel", "undo"]), st.integers(0, 3)), max_size=8)


@pytest.fixture(scope="module")
def planned_office(shared_office):
    people, desks = shared_office.colleagues(posts=3), shared_office.desks()
    for person, desk in zip(people, desks, strict=False):
        shared_office.booked(person, desk, *hours(QUIET, 8, 16))
        shared_office.booked(person, desk, *hours(DATES[1], 8, 16))
    return shared_office


@pytest.mark.lengthy
@settings(max_examples=12)
@given(steps=STEPS)
def test_whatever_was_done_is_undone_from_the_last_to_the_first(planned_office, steps):
    office = planned_office
    admin = office.actor(office.id_of(ADMIN))
    before, made = everything(office), []
    for step, n in steps:
        live = [change for change in made if change.undone_at is None]
        if step == "add":
            row = replace(LEAVE, on=DATES[n % 2], name=f"Hari {len(made)}", kind=list(DayKind)[2 + n % 3])
            made += make(office, admin, Wish("day-off", row))
        elif live and step == "cancel":
            row = change_log.read("day-off", live[n % len(live)].after)
            if row in office.db.read_here(rulebook.days_off_of) and row.state != "cancelled":
                made += make(office, admin, Wish("day-off", replace(row, state="cancelled"), row.id))
        elif live:
            try:
                undone = take_back(office, admin, live[n % len(live)])
                made = [undone if change.id == undone.id else change for change in made]
            except NotUndoable:
                pass
        assert office.findings() == []
    for change in reversed([change for change in made if change.undone_at is None]):
        take_back(office, admin, change)
    assert everything(office) == before


def test_a_change_that_fails_leaves_nothing_behind_in_what_the_process_remembers(office, admin, monkeypatch):
    rulebook._known.clear()  # a process that has not read these rules yet

    def read_and_fail(session, *_, **__):
        assert QUIET in {day.on for day in rulebook.current(session).days_off()}
        raise InterruptedError

    monkeypatch.setattr(changes.change_notices, "tell", read_and_fail)
    with pytest.raises(InterruptedError):
        make(office, admin, Wish("day-off", LEAVE))
    days_off = office.db.read_here(lambda session: rulebook.current(session).days_off())
    assert QUIET not in {day.on for day in days_off}
