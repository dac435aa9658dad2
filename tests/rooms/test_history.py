"""Whatever people and the clock do to bookings, and in whatever order: nothing overlaps, and the journal tells it all."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import bindparam, delete, select

from app import journal
from app.db import Database
from app.errors import Refused
from app.rooms import audit, release, service
from app.rooms.bookings import BookingChange, NewBooking
from app.rooms.models import Booking
from tests.support.office import at, office_at
from tests.support.world import QUIET, FakeClock, copy_of

pytestmark = pytest.mark.lengthy

OPENS = at(QUIET, 6)
_ALL = select(Booking.__table__).where(Booking.starts_at >= bindparam("from"))
_DUE = select(Booking.id).where(Booking.active, Booking.release_at <= bindparam("now"), Booking.starts_at >= OPENS)

quarters = st.tuples(st.integers(0, 12), st.integers(1, 6))


class History(RuleBasedStateMachine):
    """Three people, three desks and a room, one morning. ``office`` is set by the test."""

    office = None
    bookings = Bundle("bookings")

    def __init__(self):
        super().__init__()
        self.db, self.clock = self.office.db, self.office.clock
        self.clock.set(OPENS - timedelta(hours=1))
        self.people = [self.office.actor(id) for id in self.office.colleagues()]
        self.spaces = [*self.office.desks()[:3], self.office.rooms()[0]]
        self.refusals = []
        self.db.write_here(_wipe)

    def do(self, function, *args, **more):
        """What was done, or None for a refusal, which every sequence of wishes may meet."""
        try:
            return self.db.write_here(function, *args, **more, now=self.clock())
        except Refused as refused:
            self.refusals.append(refused)
            return None

    def span(self, start, length):
        starts_at = OPENS + timedelta(minutes=15 * start)
        return starts_at, starts_at + timedelta(minutes=15 * length)

    @rule(target=bookings, who=st.integers(0, 2), space=st.integers(0, 3), hours=quarters)
    def book(self, who, space, hours):
        return self.do(service.book, self.people[who], NewBooking(self.spaces[space], *self.span(*hours))), who

    @rule(booking=bookings, space=st.integers(0, 3), hours=quarters, state=st.booleans())
    def move(self, booking, space, hours, state):
        starts_at, ends_at = self.span(*hours)
        change = BookingChange(self.spaces[space], starts_at, ends_at, **({"state": "booked"} if state else {}))
        self.act(service.change, booking, change)

    @rule(booking=bookings, ahead=st.integers(0, 3))
    def move_knowing_a_version(self, booking, ahead):
        if booking[0] is not None:
            self.act(service.change, booking, BookingChange(self.spaces[0]), version=booking[0].version + ahead)

    @rule(booking=bookings)
    def restore(self, booking):
        self.act(service.change, booking, BookingChange(state="booked"))

    @rule(booking=bookings)
    def cancel(self, booking):
        self.act(service.cancel, booking)

    @rule(booking=bookings)
    def check_in(self, booking):
        self.act(service.check_in, booking)

    @rule(booking=bookings)
    def check_out(self, booking):
        self.act(service.check_out, booking)

    def act(self, function, booking, *args, **more):
        made, who = booking
        if made is not None:
            self.do(function, self.people[who], made.id, *args, **more)

    @rule(minutes=st.sampled_from([5, 20, 60, 130]))
    def time_passes(self, minutes):
        self.clock.advance(minutes=minutes)

    @rule()
    def the_clock_does_its_work(self):
        self.db.write_here(release.end_due_bookings, now=self.clock())
        due = self.db.read_here(lambda session: session.execute(_DUE, {"now": self.clock()}).all())
        assert due == []

    @invariant()
    def nothing_overlaps_and_the_journal_explains_everything(self):
        assert self.db.read_here(audit.findings) == []

    @invariant()
    def refusals_are_answers(self):
        assert {refused.status for refused in self.refusals} <= {400, 404, 409, 412}
        assert all(len(refused.ways_out) <= 3 for refused in self.refusals)

    @invariant()
    def states_agree_with_their_instants(self):
        for row in self.db.read_here(lambda session: session.execute(_ALL, {"from": OPENS}).all()):
            assert row.active == (row.state in ("booked", "checked-in"))
            assert (row.ended_at is None) == row.active
            assert (row.release_at is not None) == row.active
            if row.state in ("checked-in", "completed"):
                assert row.checked_in_at is not None
            if row.release_at is not None:
                assert row.release_at <= row.ends_at


def _wipe(session):
    """Every example starts on an empty morning."""
    ids = session.scalars(select(Booking.id).where(Booking.starts_at >= OPENS)).all()
    session.execute(delete(journal.Entry).where(journal.Entry.subject == "booking", journal.Entry.subject_id.in_(ids)))
    session.execute(delete(Booking).where(Booking.id.in_(ids)))


def test_no_history_breaks_a_promise(copies):
    with copy_of(copies) as address, Database(address) as db, office_at(db, address, clock=FakeClock()) as office:
        # the demo's own bookings are of no interest here, and each would be compared at every step
        db.write_here(_forget_the_demo)
        machine = type("HistoryHere", (History,), {"office": office})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=25 if db.embedded else 15,
                stateful_step_count=25,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )


def _forget_the_demo(session):
    session.execute(delete(journal.Entry).where(journal.Entry.subject == "booking"))
    session.execute(delete(Booking))
