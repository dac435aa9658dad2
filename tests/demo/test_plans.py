"""The demo's week plans: lawful, tied to the desks, and at every stage of a week's life."""

from collections import Counter
from contextlib import closing
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from app import clock, journal, sites
from app.db import Database
from app.demo import plans, world
from app.demo.places import SHARED_FLOOR
from app.people import service as people
from app.people.models import Agency, Delegation, Person, Unit
from app.people.rules import Role
from app.rooms.models import Booking, Floor, Space
from app.scheduling import approval, judgement, policies, rulebook
from app.scheduling.ground import ground_of
from app.scheduling.models import PlanDay, PolicyRow, SegmentRow, WeekPlan
from app.scheduling.plans import read
from app.scheduling.reading import counted
from app.scheduling.rules import AT_OFFICE, Mode
from app.settings import Settings
from app.upgrade import upgrade
from tests.support.world import QUIET

WITA = "Asia/Makassar"
MORNING = time(9, 12)
MONDAY, TUESDAY, WEDNESDAY, FRIDAY, SATURDAY = (date(2026, 11, day) for day in (23, 24, 25, 27, 28))
CHRISTMAS, RAMADAN, IN_2027 = date(2026, 12, 25), date(2027, 2, 10), date(2027, 6, 14)
EVERY_DAY = [MONDAY, FRIDAY, SATURDAY, RAMADAN, IN_2027]
PEGAWAI, ATASAN = world.VISITOR, "atasan@selaras.test"


def moment(on, at=MORNING):
    return datetime.combine(on, at, ZoneInfo(WITA))


def filled(path, now):
    db = Database(f"sqlite:///{path}")
    upgrade(db)
    world.fill(db, Settings(), now=now, small=True)
    return db


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo as it is filled on a morning; each is made once, and only looked at."""
    made = {}

    def at(on):
        if on not in made:
            made[on] = filled(tmp_path_factory.mktemp("plans") / "demo.db", moment(on))
        return made[on]

    yield at
    for db in made.values():
        db.close()


@pytest.fixture
def fresh(tmp_path):
    with closing(filled(tmp_path / "demo.db", moment(TUESDAY))) as db:
        yield db


def employee(session, email):
    id = session.scalar(select(Person.id).where(Person.email == email))
    return people.employee_for(session, Anybody(), id)


def states(db, monday, **who):
    """How many days of a week are in each state, of one person or of all."""
    query = (
        select(PlanDay.state, func.count())
        .join(WeekPlan, WeekPlan.id == PlanDay.plan_id)
        .join(Person, Person.id == PlanDay.person_id)
        .where(WeekPlan.monday_on == monday)
        .group_by(PlanDay.state)
    )
    for name, value in who.items():
        query = query.where(getattr(Person, name) == value)
    return Counter(dict(db.read_here(lambda session: session.execute(query).all())))


def modes(db, email, monday):
    """The first mode of each day, from Monday on."""
    query = (
        select(PlanDay.on, SegmentRow.mode)
        .join(SegmentRow, SegmentRow.day_id == PlanDay.id)
        .join(Person, Person.id == PlanDay.person_id)
        .where(Person.email == email, PlanDay.on >= monday, PlanDay.on < monday + timedelta(days=7))
        .order_by(PlanDay.on, SegmentRow.starts)
    )
    return [mode for _, mode in db.read_here(lambda session: session.execute(query).all())]


def grounds(session, monday, now):
    for id in session.scalars(select(Person.id).order_by(Person.id)):
        yield ground_of(session, people.employee_for(session, Anybody(), id), monday, now=now)


class Anybody:
    """An operator, who may act for everybody."""

    id = agency_id = unit_id = 0
    roles = frozenset({Role.OPERATOR})


# Lawful


@pytest.mark.parametrize("on", EVERY_DAY)
def test_no_rule_refuses_any_plan(demo, on):
    """Each week is judged as on its first day, when all of it was to come."""

    def refusals(session):
        found = []
        for monday in plans.mondays(on):
            for ground in grounds(session, monday, moment(monday, time(0))):
                segments = {
                    day.on: tuple(part.segment for part in day.parts)
                    for day in read(session, ground.person.id, monday).planned()
                }
                said = policies.evaluate(ground.week(segments), ground.book.policies, today=monday)
                found += [(ground.person.id, one.rule, one.on) for one in said if one.severity == "refusal"]
                found += [(ground.person.id, "on a day off", day) for day in segments if not ground.days[day].spans]
        return found

    assert demo(on).read_here(refusals) == []


@pytest.mark.parametrize("on", EVERY_DAY)
def test_everybody_plans_three_weeks_but_the_visitor_who_has_the_next_to_plan(demo, on):
    db = demo(on)
    rows = db.read_here(lambda session: session.execute(select(WeekPlan.person_id, WeekPlan.monday_on)).all())
    planned = Counter(monday for _, monday in rows)
    last, this, following = plans.mondays(on)
    assert planned[this] == 320
    assert planned[following] == 319
    assert modes(db, PEGAWAI, following) == []
    if on == TUESDAY:
        assert modes(db, PEGAWAI, last) == ["WFO", "WFO", "WFH", "WFO", "WFA"]
        assert states(db, last) == {"approved": 1600}


def test_nobody_has_plans_on_the_quiet_day_of_the_tests(demo):
    latest = demo(TUESDAY).read_here(lambda session: session.scalar(select(func.max(PlanDay.on))))
    assert latest < QUIET - timedelta(days=QUIET.weekday())


# One plan with its desk


@pytest.mark.parametrize("on", EVERY_DAY)
def test_each_desk_belongs_to_the_part_of_the_day_it_was_booked_for(demo, on):
    db = demo(on)
    rows = db.read_here(
        lambda session: session.execute(
            select(
                Booking.person_id, Booking.starts_at, Booking.ends_at, Booking.state, Floor.site_id, PlanDay, SegmentRow
            )
            .join(Space, Space.id == Booking.space_id)
            .join(Floor, Floor.id == Space.floor_id)
            .join(SegmentRow, SegmentRow.id == Booking.segment_id)
            .join(PlanDay, PlanDay.id == SegmentRow.day_id)
        ).all()
    )
    zones = db.read_here(lambda session: {site.id: site.zone for site in sites.sites(session)})
    assert len(rows) > 400
    for person_id, starts_at, ends_at, state, site_id, day, part in rows:
        assert state != "cancelled"
        assert (person_id, site_id) == (day.person_id, part.site_id)
        assert part.active
        assert part.mode in AT_OFFICE or (part.mode == Mode.TRAVEL and part.letter)
        assert starts_at == clock.instant_of(day.on, part.starts, zones[site_id])
        assert ends_at == clock.instant_of(day.on, part.ends, zones[site_id])


@pytest.mark.parametrize("on", EVERY_DAY)
def test_desks_without_a_plan_are_the_visitor_s_or_lie_beyond_next_week(demo, on):
    rows = demo(on).read_here(
        lambda session: session.execute(
            select(Person.email, Booking.starts_at)
            .join(Person, Person.id == Booking.person_id)
            .where(Booking.segment_id.is_(None), Booking.kind == "desk", Booking.state != "cancelled")
        ).all()
    )
    beyond = plans.mondays(on)[2] + timedelta(days=7)
    assert all(email == PEGAWAI or clock.local_date(at, WITA) >= beyond for email, at in rows)


def test_desks_that_are_booked_after_the_plan_was_made_fit_it(tmp_path):
    """On a Monday the demo books eight days, and plans ten."""
    with closing(filled(tmp_path / "demo.db", moment(MONDAY))) as db:
        thursday = plans.mondays(MONDAY)[2] + timedelta(days=3)
        assert desks_on(db, thursday) == []
        world.freshen(db, now=moment(WEDNESDAY))
        found = desks_on(db, thursday)
        assert sum(floor == SHARED_FLOOR for floor, _ in found) > 45
        assert all(tied for _, tied in found)


def desks_on(db, on):
    query = (
        select(Floor.code, Booking.segment_id.is_not(None))
        .join(Space, Space.id == Booking.space_id).join(Floor, Floor.id == Space.floor_id)
        .where(Booking.kind == "desk", Booking.starts_at >= moment(on, time(6)), Booking.starts_at < moment(on, time(18)))
        .join(Person, Person.id == Booking.person_id).where(Person.email != PEGAWAI)
    )  # fmt: skip
    return [tuple(row) for row in db.read_here(lambda session: session.execute(query).all())]


# At every stage


def test_weeks_are_as_far_as_one_would_expect(demo):
    _, this, following = plans.mondays(TUESDAY)
    week, next_week = states(demo(TUESDAY), this), states(demo(TUESDAY), following)
    assert 0.95 < week["approved"] / week.total() < 1
    assert set(week) == {"approved", "submitted"}
    assert set(next_week) == {"approved", "submitted", "returned", "draft"}


def test_the_superior_has_weeks_to_decide_one_of_them_in_somebody_s_place(demo):
    def waiting(session):
        actor = Acting(employee(session, ATASAN))
        return [(one.name, one.judgement) for one in approval.waiting(session, actor, now=moment(TUESDAY))]

    found = demo(TUESDAY).read_here(waiting)
    assert 5 <= len(found) <= 8
    assert all(said.refusals == [] for _, said in found)
    assert demo(TUESDAY).read_here(lambda session: session.scalar(select(func.count()).select_from(Delegation))) == 1


class Acting(Anybody):
    def __init__(self, person):
        self.id, self.name, self.agency_id, self.unit_id = person.id, person.name, person.agency_id, person.unit_id
        self.unit_lineage, self.superior_id, self.site_id = person.unit_lineage, person.superior_id, person.site_id
        self.roles = frozenset({Role.HEAD_OF_UNIT})


def test_one_week_of_the_team_came_back_with_a_reason(demo):
    boss = demo(TUESDAY).read_here(lambda session: employee(session, ATASAN).id)
    following = plans.mondays(TUESDAY)[2]
    assert states(demo(TUESDAY), following, superior_id=boss)["returned"] == 1
    reasons = demo(TUESDAY).read_here(
        lambda session: session.scalars(select(PlanDay.reason).where(PlanDay.state == "returned")).all()
    )
    assert all(reasons)


def test_next_thursday_the_visitor_s_unit_has_room_for_nobody_else_away(demo):
    def judged(session):
        person = employee(session, PEGAWAI)
        ground = ground_of(session, person, plans.mondays(TUESDAY)[2], now=moment(TUESDAY))
        found = {}
        for on in sorted(ground.days)[:5]:
            home = ground.office_day(on)
            away = tuple(type(part)(part.starts, part.ends, Mode.WFH, part.site_id) for part in home)
            before = counted(ground, read(session, person.id, ground.monday))
            found[on.isoweekday()] = [
                one.rule for one in judgement.judge(session, ground, before, {on: away}).shortfalls
            ]
        return found

    found = demo(TUESDAY).read_here(judged)
    assert "least-on-site" in found[4]
    assert [found[weekday] for weekday in (1, 3, 5)] == [[], [], []]


def test_the_rules_approve_by_themselves_where_an_agency_says_so(demo):
    query = (
        select(PlanDay.automatic, PlanDay.state, func.count())
        .join(SegmentRow, SegmentRow.day_id == PlanDay.id)
        .join(Person, Person.id == PlanDay.person_id)
        .join(Agency, Agency.id == Person.agency_id)
        .where(Agency.code == "KOMDIGI", SegmentRow.mode == "WFH", PlanDay.state != "draft")
        .group_by(PlanDay.automatic, PlanDay.state)
    )
    assert [row[:2] for row in demo(TUESDAY).read_here(lambda session: session.execute(query).all())] == [
        (True, "approved")
    ]


def test_who_may_not_work_flexibly_does_not(demo):
    query = (
        select(SegmentRow.mode)
        .join(PlanDay, PlanDay.id == SegmentRow.day_id)
        .join(Person, Person.id == PlanDay.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where((~Person.eligible) | (Unit.kind == "direct-service"))
        .distinct()
    )
    assert set(demo(TUESDAY).read_here(lambda session: session.scalars(query).all())) <= {"WFO", "travel", "leave"}


def test_the_journal_tells_of_every_plan(demo):
    db = demo(TUESDAY)
    told = db.read_here(lambda session: list(journal.entries_of(session, "week-plan")))
    last = {}
    for id, version, _ in told:
        last[id] = max(version, last.get(id, 0))
    assert last == dict(db.read_here(lambda session: session.execute(select(WeekPlan.id, WeekPlan.version)).all()))


# As days go by


def test_weeks_that_have_begun_are_settled_and_new_ones_planned(fresh):
    following = plans.mondays(TUESDAY)[2]
    world.freshen(fresh, now=moment(following + timedelta(days=1)))
    found = states(fresh, following)
    assert found["approved"] / found.total() > 0.95
    assert set(states(fresh, following + timedelta(days=7))) == {"approved", "submitted", "returned", "draft"}
    assert fresh.read_here(lambda session: list(journal.entries_of(session, "week-plan")))[-1]


def test_what_a_visitor_planned_is_left_alone(fresh):
    """A week that an account of the demo has changed stays so, and no desk is booked into a day at home."""
    following = plans.mondays(TUESDAY)[2]
    query = (
        select(PlanDay.id).join(Person, Person.id == PlanDay.person_id)
        .where(Person.email == "admin@selaras.test", PlanDay.on >= following)
    )  # fmt: skip

    def change(session):
        session.execute(update(PlanDay).where(PlanDay.id.in_(query)).values(state="draft"))

    fresh.write_here(change)
    world.freshen(fresh, now=moment(following + timedelta(days=1)))
    assert set(states(fresh, following, email="admin@selaras.test")) == {"draft"}


def test_a_demo_from_before_there_were_plans_gets_them(fresh):
    def forget(session):
        session.execute(update(Booking).values(segment_id=None))
        for table in (SegmentRow, PlanDay, WeekPlan):
            session.execute(table.__table__.delete())

    fresh.write_here(forget)
    world.freshen(fresh, now=moment(TUESDAY))
    loose = fresh.read_here(
        lambda session: session.scalars(
            select(Person.email).join(Booking, Booking.person_id == Person.id)
            .where(Booking.segment_id.is_(None), Booking.kind == "desk", Booking.state != "cancelled")
        ).all()
    )  # fmt: skip
    assert set(loose) <= {PEGAWAI}


def test_agencies_differ(demo):
    rows = demo(TUESDAY).read_here(
        lambda session: session.scalars(select(PolicyRow).where(PolicyRow.agency_id.is_not(None))).all()
    )
    assert {row.rule["type"] for row in rows} == {
        "least-on-site",
        "decision-maker",
        "approval",
        "flexible-days",
        "core-hours",
    }
    assert demo(TUESDAY).read_here(lambda session: len(rulebook.current(session).policies)) == len(rows) + 8
