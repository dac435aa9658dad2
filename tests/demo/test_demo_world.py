"""The demo is alive whenever it is started: full but not too full, and everybody where they would be at that hour."""

from collections import Counter
from contextlib import closing
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from app import clock, journal
from app.db import Database
from app.demo import world
from app.demo.places import SHARED_FLOOR
from app.people.models import Person
from app.rooms import audit
from app.rooms.models import Booking, Closure, Floor, Space
from app.scheduling.models import PlanDay, SegmentRow, WeekPlan
from app.settings import Settings
from app.upgrade import upgrade

WITA = "Asia/Makassar"
MORNING, NIGHT = time(9, 12), time(23, 30)
TUESDAY, FRIDAY, SATURDAY, CHRISTMAS = date(2026, 11, 24), date(2026, 11, 27), date(2026, 11, 28), date(2026, 12, 25)
BEFORE_IDULFITRI, IN_2027 = date(2027, 3, 5), date(2027, 6, 14)
EVERY_MOMENT = [
    (TUESDAY, MORNING),
    (TUESDAY, time(5)),
    (TUESDAY, time(7, 25)),
    (TUESDAY, NIGHT),
    (SATURDAY, MORNING),
    (CHRISTMAS, MORNING),
    (BEFORE_IDULFITRI, MORNING),
    (IN_2027, MORNING),
]
PEGAWAI, ATASAN = "pegawai@selaras.test", "atasan@selaras.test"


class Row(NamedTuple):
    """A booking as somebody at the desk would tell it."""

    email: str
    unit_id: int
    site: int
    floor: str
    area_id: int
    x: float
    y: float
    on: date
    starts_at: datetime
    ends_at: datetime
    state: str
    release_at: datetime | None
    checked_in_at: datetime | None
    ended_at: datetime | None
    created_at: datetime


class Demo:
    def __init__(self, db, now):
        self.db = db
        self.now = now

    @property
    def today(self):
        return clock.local_date(self.now, WITA)

    def bookings(self, **wanted):
        rows = self.db.read_here(_rows)
        return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]

    def meetings(self, **wanted):
        """Room bookings."""
        rows = self.db.read_here(_rows, "room")
        return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]

    def team(self, **wanted):
        (unit_id,) = {row.unit_id for row in self.bookings(email=PEGAWAI)}
        return [row for row in self.bookings(unit_id=unit_id, **wanted) if row.email != PEGAWAI]

    def states(self, **wanted):
        return Counter(row.state for row in self.bookings(**wanted))

    def sums(self):
        return self.db.read_here(_sums)


def _rows(session, kind="desk"):
    found = session.execute(
        select(
            Person.email,
            Person.unit_id,
            Floor.site_id,
            Floor.code,
            Space.area_id,
            Space.x,
            Space.y,
            Booking.starts_at,
            Booking.ends_at,
            Booking.state,
            Booking.release_at,
            Booking.checked_in_at,
            Booking.ended_at,
            Booking.created_at,
        )
        .join(Space, Space.id == Booking.space_id)
        .join(Floor, Floor.id == Space.floor_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.kind == kind)
        .order_by(Booking.id)
    )
    return [Row(*row[:7], clock.local_date(row.starts_at, WITA), *row[7:]) for row in found]


def _sums(session):
    return (
        *session.execute(select(func.count(), func.sum(Booking.version), func.max(Booking.id))).one(),
        *session.execute(select(func.count(), func.sum(WeekPlan.version), func.max(WeekPlan.id))).one(),
        *(session.scalar(select(func.count()).select_from(table)) for table in (journal.Entry, PlanDay, SegmentRow)),
    )


def moment(on, at):
    return datetime.combine(on, at, ZoneInfo(WITA))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo as it is filled at a moment; each is made once, and only looked at."""
    made = {}

    def at(on, hour):
        if (on, hour) not in made:
            made[on, hour] = filled(tmp_path_factory.mktemp("demo") / "demo.db", moment(on, hour))
        return made[on, hour]

    yield at
    for each in made.values():
        each.db.close()


@pytest.fixture
def fresh(tmp_path):
    """A demo of Tuesday morning to change."""
    demo = filled(tmp_path / "demo.db", moment(TUESDAY, MORNING))
    with closing(demo.db):
        yield demo


def filled(path, now):
    db = Database(f"sqlite:///{path}")
    upgrade(db)
    world.fill(db, Settings(), now=now, small=True)
    return Demo(db, now)


@pytest.mark.parametrize(("on", "hour"), EVERY_MOMENT)
def test_nothing_overlaps_and_the_journal_explains_every_booking(demo, on, hour):
    demo = demo(on, hour)
    assert demo.bookings()
    assert demo.db.read_here(audit.findings) == []


@pytest.mark.parametrize(("on", "hour"), EVERY_MOMENT)
def test_bookings_are_as_far_as_they_can_be_by_now(demo, on, hour):
    now = moment(on, hour)
    for row in demo(on, hour).bookings():
        assert row.created_at <= now
        assert row.on.isoweekday() <= 5
        assert row.on not in (CHRISTMAS, CHRISTMAS - timedelta(days=1)), "Christmas Day and its collective leave"
        assert (row.ended_at is None) == (row.state in ("booked", "checked-in"))
        assert (row.release_at is None) == (row.ended_at is not None)
        if row.ended_at is None:
            assert now < row.release_at <= row.ends_at
        else:
            assert row.created_at < row.ended_at <= now
        if row.state in ("checked-in", "completed"):
            assert row.starts_at - timedelta(hours=1) <= row.checked_in_at <= now
            assert row.created_at <= row.checked_in_at < row.ends_at


@pytest.mark.parametrize("on", [TUESDAY, IN_2027])
def test_the_first_floor_shown_is_lively_but_not_full(demo, on):
    demo = demo(on, MORNING)
    desks = 89
    states = demo.states(floor=SHARED_FLOOR, on=on)
    assert set(states) == {"checked-in", "booked"}
    assert 0.55 <= states.total() / desks <= 0.65
    assert states["checked-in"] > 2 * states["booked"] > 0
    afternoon = [
        row for row in demo.bookings(floor=SHARED_FLOOR, on=on) if row.starts_at.astimezone(demo.now.tzinfo).hour == 13
    ]
    assert 0 < len(afternoon) < 15


def test_days_differ_and_on_fridays_most_work_from_home(demo):
    demo = demo(TUESDAY, MORNING)
    taken = {on: len(demo.bookings(floor=SHARED_FLOOR, on=on)) / 89 for on in {row.on for row in demo.bookings()}}
    ahead = {on: share for on, share in taken.items() if on > TUESDAY}
    assert len(ahead) == 7
    assert len(set(ahead.values())) > 2
    for on, share in ahead.items():
        assert 0.2 < share < 0.3 if on.isoweekday() == 5 else 0.55 < share < 0.67


@pytest.mark.parametrize("on", [TUESDAY, FRIDAY, IN_2027])
def test_the_team_is_there_before_its_newcomer(demo, on):
    demo = demo(on, MORNING)
    assert demo.bookings(email=PEGAWAI, on=on) == []
    assert [(row.floor, row.state) for row in demo.bookings(email=ATASAN, on=on)] == [(SHARED_FLOOR, "checked-in")]
    assert len(demo.team(floor=SHARED_FLOOR, on=on)) >= 4
    assert any(row.floor.startswith("JKT") for row in demo.team(on=on))


@pytest.mark.parametrize("on", [TUESDAY, IN_2027])
def test_a_unit_sits_together(demo, on):
    team = demo(on, MORNING).team(floor=SHARED_FLOOR, on=on)
    assert len({row.area_id for row in team}) == 1
    for row in team:
        assert min(abs(row.x - mate.x) + abs(row.y - mate.y) for mate in team if mate != row) <= 150


@pytest.mark.parametrize(("on", "hour"), EVERY_MOMENT)
def test_the_visitor_has_two_bookings_over_and_two_to_come(demo, on, hour):
    demo = demo(on, hour)
    cancelled, completed, following, later = sorted(demo.bookings(email=PEGAWAI), key=lambda row: row.starts_at)
    assert [row.state for row in (cancelled, completed, following, later)] == [
        "cancelled",
        "completed",
        "booked",
        "booked",
    ]
    assert cancelled.on < completed.on < on < following.on < later.on
    alive = sorted({row.on for row in demo.bookings() if row.on > on and row.email != PEGAWAI})
    assert following.on == alive[0]
    monday = on + timedelta(days=8 - on.isoweekday())
    assert later.on >= monday
    if on != BEFORE_IDULFITRI:
        assert later.on < monday + timedelta(days=7)


def test_before_the_offices_open_nobody_is_there_and_at_night_everybody_has_left(demo):
    assert set(demo(TUESDAY, time(5)).states(on=TUESDAY)) == {"booked"}
    assert set(demo(TUESDAY, NIGHT).states(on=TUESDAY)) == {"completed", "released"}
    assert set(demo(TUESDAY, time(14)).states(on=TUESDAY)) == {"checked-in", "booked", "released"}


@pytest.mark.parametrize("on", [SATURDAY, CHRISTMAS])
def test_on_days_off_the_offices_are_empty_and_the_next_working_day_is_not(demo, on):
    demo = demo(on, MORNING)
    assert demo.bookings(on=on) == []
    assert len(demo.bookings(on=on + timedelta(days=3 if on == CHRISTMAS else 2), floor=SHARED_FLOOR)) > 45
    assert demo.states()["checked-in"] == 0


def test_nobody_sits_at_a_desk_that_is_closed(demo):
    demo = demo(TUESDAY, MORNING)
    closed = demo.db.read_here(
        lambda session: session.execute(
            select(Booking.id)
            .join(Closure, Closure.space_id == Booking.space_id)
            .where(Booking.starts_at < Closure.ends_at, Booking.ends_at > Closure.starts_at)
        ).all()
    )
    assert closed == []


@pytest.mark.parametrize(("on", "hour"), [(TUESDAY, MORNING), (SATURDAY, MORNING)])
def test_the_same_moment_always_gives_the_same_demo(demo, on, hour, tmp_path):
    again = filled(tmp_path / "again.db", moment(on, hour))
    with closing(again.db):
        assert again.bookings() == demo(on, hour).bookings()


@pytest.mark.parametrize(("on", "hour"), [(TUESDAY, MORNING), (TUESDAY, time(14)), (SATURDAY, MORNING)])
def test_freshening_at_once_changes_nothing(demo, on, hour):
    demo = demo(on, hour)
    before = demo.sums()
    world.freshen(demo.db, now=demo.now)
    assert demo.sums() == before


def test_freshening_later_fills_the_days_that_have_come_near(fresh):
    filled_until = max(row.on for row in fresh.bookings())
    for days in (1, 2, 9, 40):
        now = moment(TUESDAY + timedelta(days=days), MORNING)
        world.freshen(fresh.db, now=now)
        assert fresh.db.read_here(audit.findings) == []
        once = fresh.sums()
        world.freshen(fresh.db, now=now)
        assert fresh.sums() == once
    assert filled_until < max(row.on for row in fresh.bookings())
    upcoming = [row for row in fresh.bookings(email=PEGAWAI) if row.on > now.date()]
    assert len(upcoming) == 2


def test_freshening_lets_people_arrive_who_booked_days_ago_but_not_the_visitor(fresh):
    tomorrow = TUESDAY + timedelta(days=1)
    assert set(fresh.states(on=tomorrow)) == {"booked"}
    world.freshen(fresh.db, now=moment(tomorrow, MORNING))
    states = fresh.states(on=tomorrow, floor=SHARED_FLOOR)
    assert states["checked-in"] > 2 * states["booked"] > 0
    assert [row.state for row in fresh.bookings(email=PEGAWAI, on=tomorrow)] == ["booked"]
    assert [row.state for row in fresh.bookings(email=ATASAN, on=tomorrow)] == ["checked-in"]
    assert fresh.db.read_here(audit.findings) == []


def test_a_desk_that_a_visitor_booked_for_a_day_yet_to_be_filled_stays_theirs(fresh):
    """The demo fills ten days; whoever books further ahead is neither doubled nor pushed aside."""
    (atasan,) = [row for row in fresh.bookings(email=ATASAN, on=TUESDAY + timedelta(days=1))]
    far = timedelta(days=14)

    def move(session):
        booking = session.scalars(
            select(Booking)
            .join(Person, Person.id == Booking.person_id)
            .where(Person.email == ATASAN, Booking.starts_at == atasan.starts_at)
        ).one()
        session.execute(
            update(Booking)
            .where(Booking.id == booking.id)
            .values(
                starts_at=booking.starts_at + far, ends_at=booking.ends_at + far, release_at=booking.release_at + far
            )
        )

    fresh.db.write_here(move)
    world.freshen(fresh.db, now=moment(TUESDAY + timedelta(days=7), MORNING))
    on = TUESDAY + timedelta(days=15)
    assert len(fresh.bookings(on=on, floor=SHARED_FLOOR)) > 45
    assert len(fresh.bookings(on=on, email=ATASAN)) == 1
    assert fresh.db.read_here(audit.overlaps) == []


def test_rooms_are_in_use_in_both_cities_and_one_waits_for_its_keeper(fresh):
    for site in {row.site for row in fresh.bookings()}:
        today = [row for row in fresh.meetings(on=TUESDAY) if row.site == site]
        assert len(today) >= 4
        assert all(row.state in ("checked-in", "completed", "released", "booked") for row in today)
    running = [row for row in fresh.meetings(on=TUESDAY) if row.starts_at <= fresh.now < row.ends_at]
    assert {row.state for row in running} <= {"checked-in", "booked"}
    assert any(row.state == "checked-in" for row in running)

    def asked(session):
        return session.scalars(select(Booking.starts_at).where(Booking.active, Booking.approval == "asked")).all()

    assert all(starts_at > fresh.now for starts_at in fresh.db.read_here(asked))
    assert fresh.db.read_here(asked)
    assert fresh.db.read_here(audit.findings) == []


def test_a_database_without_the_demo_s_people_is_left_alone(tmp_path):
    with Database(f"sqlite:///{tmp_path / 'real.db'}") as db:
        upgrade(db)
        world.freshen(db, now=moment(TUESDAY, MORNING))
        assert world.is_empty(db)
