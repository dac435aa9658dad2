"""The waiting list: whoever asked first gets what frees, for a while or for good, and nobody walks in between."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select, update

from app import clock as clocks
from app import journal
from app.db import Database, guards
from app.errors import Refused
from app.notices import NoticeRow
from app.people.models import Person
from app.rooms import audit, house, release, service, waiting, waiting_line, waiting_work
from app.rooms.bookings import BookingChange, NewBooking
from app.rooms.models import Booking, Closure, HouseVersion, Space, Wait
from app.rooms.rules import HOLD
from app.rooms.waiting_shapes import NewWait
from tests.support.office import ROOM_KEEPER, at, hours, office_at
from tests.support.world import NOW, QUIET, FakeClock, copy_of

TOLD = ("desk-held", "desk-given", "room-held", "room-given")
MORNING = hours(QUIET, 8, 12)


def wished(space, starts_at, ends_at, **more):
    return {"space_id": space, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), **more}


def joining(office, who, space, span=MORNING, **more):
    return office.post("/api/waiting-list", who, json=wished(space, *span, **more))


def joined(office, who, space, span=MORNING, **more):
    answer = joining(office, who, space, span, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def accepting(office, who, wait):
    return office.put(f"/api/waiting-list/{wait['id']}/acceptance", who)


def seen(office, who, wait):
    return office.get(f"/api/waiting-list/{wait['id']}", who).json()


def line_of(office, who):
    return office.get("/api/waiting-list", who).json()["items"]


def give_back(office, who, booking):
    answer = office.delete(f"/api/bookings/{booking['id']}", who)
    assert answer.status_code == 200, answer.text


def news_of(office, who):
    told = select(NoticeRow.kind, NoticeRow.facts).where(NoticeRow.person_id == who, NoticeRow.kind.in_(TOLD))
    return office.ask(told.order_by(NoticeRow.id))


@pytest.fixture
def three(office):
    """The one who has the desk, and two who wait for it, in this order."""
    return office.colleagues()


@pytest.fixture
def desk(office):
    return office.desks()[0]


@pytest.fixture
def held(office, three, desk):
    """A desk given back while two waited: its first booking, and the two places in line."""
    has, first, second = three
    booking = office.booked(has, desk, *MORNING)
    waits = joined(office, first, desk), joined(office, second, desk)
    assert [wait["place"] for wait in waits] == [1, 2]
    give_back(office, has, booking)
    return booking, *waits


# What frees


def test_what_frees_is_kept_for_the_first_in_line_for_a_quarter_of_an_hour(office, three, desk, held):
    _, first, second = three
    (offer,) = line_of(office, first)
    assert offer["state"] == "held"
    assert offer["held_until"] == (NOW + HOLD).isoformat().replace("+00:00", "Z")
    booking = office.booking(offer["booking_id"])
    assert (booking.person_id, booking.space_id, booking.state) == (first, desk, "booked")
    assert booking.release_at == booking.held_until == NOW + HOLD
    assert [(each["state"], each["place"]) for each in line_of(office, second)] == [("waiting", 1)]
    assert [kind for kind, _ in news_of(office, first)] == ["desk-held"]
    assert news_of(office, second) == []


def test_a_walk_in_finds_it_taken_and_joins_at_the_end(office, three, desk, held):
    somebody = office.colleagues(posts=4)[3]
    refused = office.book(somebody, desk, *MORNING)
    assert refused.status_code == 409
    assert refused.json()["facts"]["hindrance"] == "taken"
    assert joined(office, somebody, desk)["place"] == 2


def test_one_tap_accepts_and_only_the_first_can(office, three, held):
    _, first, second = three
    _, offer, next_in_line = held
    early = accepting(office, second, next_in_line)
    assert (early.status_code, early.json()["code"], early.json()["facts"]["why"]) == (409, "no-offer", "in-line")
    assert accepting(office, second, offer).status_code in (403, 404)
    for _ in range(2):
        answer = accepting(office, first, offer)
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == "taken"
    booking = office.booking(answer.json()["booking_id"])
    assert (booking.state, booking.held_until) == ("booked", None)
    assert booking.release_at > booking.starts_at
    office.clock.advance(minutes=20)
    office.sweep()
    assert office.booking(booking.id).active
    assert office.findings() == []


def test_who_does_not_accept_in_time_makes_room_for_the_next(office, three, held):
    _, first, second = three
    _, offer, next_in_line = held
    office.clock.advance(minutes=15)
    late = accepting(office, first, offer)
    assert (late.status_code, late.json()["facts"]["why"]) == (409, "over")
    office.sweep()
    assert seen(office, first, offer)["state"] == "expired"
    assert accepting(office, first, offer).json()["facts"]["why"] == "over"
    assert seen(office, second, next_in_line)["state"] == "held"
    assert accepting(office, second, next_in_line).status_code == 200
    assert office.findings() == []


def test_who_gives_it_back_makes_room_for_the_next_at_once(office, three, held):
    _, first, second = three
    _, offer, next_in_line = held
    answer = office.delete(f"/api/waiting-list/{offer['id']}", first)
    assert (answer.status_code, answer.json()["state"]) == (200, "left")
    assert office.delete(f"/api/waiting-list/{offer['id']}", first).status_code == 200
    assert seen(office, second, next_in_line)["state"] == "held"


@pytest.mark.parametrize("end", ["cancel", "move", "reword"])
def test_what_is_done_with_the_booking_itself_answers_the_offer_too(office, three, desk, held, end):
    _, first, second = three
    _, offer, next_in_line = held
    booking = f"/api/bookings/{seen(office, first, offer)['booking_id']}"
    if end == "cancel":
        assert office.delete(booking, first).status_code == 200
    elif end == "move":
        assert office.patch(booking, first, json={"space_id": office.desks()[1]}).status_code == 200
    else:
        assert office.patch(booking, first, json={"purpose": "rapat"}).status_code == 200
    assert seen(office, first, offer)["state"] == ("left" if end == "cancel" else "taken")
    goes_on = "held" if end in ("cancel", "move") else "waiting"
    assert seen(office, second, next_in_line)["state"] == goes_on
    assert office.get(booking, first).json()["held_until"] is None


def test_who_checks_in_has_accepted(office, three, desk):
    has, first, _ = three
    booking = office.booked(has, desk, *MORNING)
    wait = joined(office, first, desk)
    office.clock.set(at(QUIET, 7, 30))
    give_back(office, has, booking)
    kept = seen(office, first, wait)["booking_id"]
    assert office.put(f"/api/bookings/{kept}/check-in", first).status_code == 200
    assert seen(office, first, wait)["state"] == "taken"
    office.clock.advance(minutes=20)
    office.sweep()
    assert office.booking(kept).state == "checked-in"


def test_an_offer_that_is_over_cannot_be_kept_by_changing_its_booking(office, three, held):
    first = three[1]
    booking = f"/api/bookings/{seen(office, first, held[1])['booking_id']}"
    office.clock.advance(minutes=15)
    assert office.patch(booking, first, json={"purpose": "rapat"}).status_code == 409
    assert office.put(f"{booking}/check-in", first).status_code == 409


def test_who_asked_for_it_gets_it_without_a_tap(office, three, desk):
    has, first, second = three
    booking = office.booked(has, desk, *MORNING)
    automatic = joined(office, first, desk, automatic=True)
    behind = joined(office, second, desk)
    give_back(office, has, booking)
    got = seen(office, first, automatic)
    assert (got["state"], got["held_until"]) == ("taken", None)
    assert office.booking(got["booking_id"]).held_until is None
    assert [kind for kind, _ in news_of(office, first)] == ["desk-given"]
    assert seen(office, second, behind)["state"] == "waiting"
    late = office.delete(f"/api/waiting-list/{automatic['id']}", first)
    assert (late.status_code, late.json()["facts"]["why"]) == (409, "taken")


def test_who_has_another_desk_by_then_is_passed_over_and_stays_in_line(office, three, desk):
    has, first, second = three
    booking = office.booked(has, desk, *MORNING)
    passed, next_in_line = joined(office, first, desk), joined(office, second, desk)
    other = office.booked(first, office.desks()[1], *MORNING)
    give_back(office, has, booking)
    assert (seen(office, first, passed)["state"], seen(office, first, passed)["place"]) == ("waiting", 1)
    assert seen(office, second, next_in_line)["state"] == "held"
    assert office.delete(f"/api/waiting-list/{next_in_line['id']}", second).status_code == 200
    # once they have none, what stands free is offered to them
    give_back(office, first, other)
    assert office.db.write_here(waiting_work.tend, now=office.clock()) == 1
    assert seen(office, first, passed)["state"] == "held"
    assert office.findings() == []


def test_parts_of_what_frees_go_to_several(office, three, desk):
    has, first, second = three
    booking = office.booked(has, desk, *hours(QUIET, 8, 16))
    late, early = joined(office, first, desk, hours(QUIET, 12, 16)), joined(office, second, desk, hours(QUIET, 8, 12))
    give_back(office, has, booking)
    assert {seen(office, who, wait)["state"] for who, wait in ((first, late), (second, early))} == {"held"}


def test_what_is_left_of_the_day_after_a_check_out_goes_to_the_first_in_line(office, three, desk):
    has, first, _ = three
    booking = office.booked(has, desk, *hours(QUIET, 8, 16))
    wait = joined(office, first, desk, hours(QUIET, 8, 16))
    office.clock.set(at(QUIET, 8))
    office.put(f"/api/bookings/{booking['id']}/check-in", has)
    office.clock.set(at(QUIET, 10, 7) + timedelta(seconds=30))
    assert office.delete(f"/api/bookings/{booking['id']}/check-in", has).status_code == 200
    got = office.booking(seen(office, first, wait)["booking_id"])
    assert (got.starts_at, got.ends_at) == hours(QUIET, 10 + 7 / 60, 16)


def test_a_moved_booking_frees_where_it_was(office, three, desk):
    has, first, _ = three
    booking = office.booked(has, desk, *MORNING)
    wait = joined(office, first, desk)
    assert office.patch(f"/api/bookings/{booking['id']}", has, json={"space_id": office.desks()[1]}).status_code == 200
    assert seen(office, first, wait)["state"] == "held"


def test_no_shows_make_room_for_the_line(office, three, desk):
    has, first, _ = three
    office.booked(has, desk, *MORNING)
    wait = joined(office, first, desk)
    office.clock.set(at(QUIET, 10))
    office.sweep()
    assert seen(office, first, wait)["state"] == "held"


def test_a_hold_never_outlives_the_booking(office, three, desk):
    has, first, _ = three
    booking = office.booked(has, desk, *MORNING)
    wait = joined(office, first, desk)
    office.clock.set(at(QUIET, 11, 50))
    give_back(office, has, booking)
    assert seen(office, first, wait)["held_until"] == at(QUIET, 12).isoformat().replace("+00:00", "Z")


def test_a_room_goes_to_the_line_once_there_is_time_to_prepare_it(office, three):
    has, first, second = three
    room = plain_room(office)
    office.change(update(Space).where(Space.id == room).values(setup_minutes=15, clearing_minutes=15))
    booking = office.booked(has, room, *hours(QUIET, 8, 10))
    behind = joined(office, first, room, hours(QUIET, 10, 11))
    assert joining(office, second, room, hours(QUIET, 10.5, 11)).json()["facts"]["why"] == "free"
    give_back(office, has, booking)
    assert seen(office, first, behind)["state"] == "held"


def test_a_room_that_its_keeper_refuses_goes_to_the_next(office, three):
    has, first, second = three
    room = plain_room(office)
    office.change(update(Space).where(Space.id == room).values(needs_approval=True))
    booking = office.booked(has, room, *MORNING)
    offer, behind = joined(office, first, room), joined(office, second, room)
    give_back(office, has, booking)
    asked = seen(office, first, offer)["booking_id"]
    assert office.booking(asked).approval == "asked"
    keeper = office.id_of(ROOM_KEEPER)
    refused = {"decision": "refused", "reason": "Dipakai pimpinan."}
    answer = office.put(f"/api/bookings/{asked}/approval", keeper, json=refused)
    assert answer.status_code == 200, answer.text
    assert seen(office, first, offer)["state"] == "left"
    assert seen(office, second, behind)["state"] == "held"


def plain_room(office):
    """A room of floor 4 that all may book, without a keeper's word or time to prepare it."""
    room = office.rooms()[0]
    office.change(
        update(Space).where(Space.id == room).values(setup_minutes=0, clearing_minutes=0, needs_approval=False)
    )
    return room


# Joining and leaving


def test_what_is_free_can_be_booked_and_the_refusal_says_how(office, three, desk):
    answer = joining(office, three[0], desk)
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["code"], problem["facts"]["why"]) == ("cannot-wait", "free")
    (way,) = problem["ways_out"]
    assert way["action"] == "book"
    assert office.take(three[0], way).status_code == 201


def test_nobody_waits_for_what_is_theirs_or_what_the_rules_would_refuse(office, three, desk):
    has, first, _ = three
    office.booked(has, desk, *MORNING)
    assert joining(office, has, desk).json()["facts"]["why"] == "own"
    night = joining(office, first, desk, hours(QUIET, 9, 23))
    assert (night.status_code, night.json()["code"]) == (409, "not-bookable")
    office.clock.set(at(QUIET, 13))
    assert joining(office, first, desk).json()["facts"]["hindrance"] == "past"


def test_to_join_twice_keeps_the_place_and_what_was_said_last(office, three, desk):
    has, first, second = three
    office.booked(has, desk, *MORNING)
    wait = joined(office, first, desk)
    joined(office, second, desk)
    again = joined(office, first, desk, automatic=True)
    assert (again["id"], again["place"], again["automatic"]) == (wait["id"], 1, True)
    assert joining(office, first, desk, hours(QUIET, 8, 10)).json()["facts"]["why"] == "waiting"
    assert len(line_of(office, first)) == 1


def test_who_leaves_is_not_asked(office, three, desk):
    has, first, second = three
    booking = office.booked(has, desk, *MORNING)
    wait, behind = joined(office, first, desk), joined(office, second, desk)
    assert office.delete(f"/api/waiting-list/{wait['id']}", first).json()["state"] == "left"
    assert line_of(office, first) == []
    assert seen(office, second, behind)["place"] == 1
    give_back(office, has, booking)
    assert seen(office, second, behind)["state"] == "held"


def test_a_place_in_line_is_its_owners_and_of_those_who_act_for_them(office, three, desk):
    has, first, second = three
    office.booked(has, desk, *MORNING)
    keeper = office.id_of(ROOM_KEEPER)
    agency = office.ask(select(Person.agency_id).where(Person.id == keeper))[0][0]
    theirs = office.ask(select(Person.id).where(Person.agency_id == agency, Person.id.not_in([keeper, has])))[0][0]
    assert joining(office, first, desk, person_id=second).status_code in (403, 404)
    wait = joined(office, keeper, desk, person_id=theirs)
    assert wait["person_id"] == theirs
    assert office.get(f"/api/waiting-list/{wait['id']}", first).status_code in (403, 404)
    assert office.delete(f"/api/waiting-list/{wait['id']}", first).status_code in (403, 404)
    assert accepting(office, first, wait).status_code in (403, 404)
    assert office.delete(f"/api/waiting-list/{wait['id']}", keeper).status_code == 200
    assert office.get("/api/waiting-list/999999", first).status_code == 404


def test_a_line_for_a_time_that_is_over_ends(office, three, desk):
    has, first, _ = three
    office.booked(has, desk, *MORNING)
    wait = joined(office, first, desk)
    office.clock.set(at(QUIET, 12))
    office.db.write_here(waiting_work.tend, now=office.clock())
    assert seen(office, first, wait)["state"] == "expired"
    assert line_of(office, first) == []


def test_a_closure_that_is_lifted_offers_what_it_closed(office, three, desk):
    has, first, _ = three
    booking = office.booked(has, desk, *MORNING)
    wait = joined(office, first, desk)
    office.change(
        Closure.__table__.insert().values(space_id=desk, starts_at=at(QUIET, 6), ends_at=at(QUIET, 20), reason="cat")
    )
    office.change(update(HouseVersion).values(number=HouseVersion.number + 1))
    give_back(office, has, booking)
    assert seen(office, first, wait)["state"] == "waiting"
    assert office.db.write_here(waiting_work.tend, now=office.clock()) == 0
    office.change(delete(Closure).where(Closure.space_id == desk))
    office.change(update(HouseVersion).values(number=HouseVersion.number + 1))
    assert office.db.write_here(waiting_work.tend, now=office.clock()) == 1
    assert seen(office, first, wait)["state"] == "held"


def test_the_journal_tells_what_became_of_a_wait(office, three, held):
    _, first, second = three
    _, offer, behind = held
    accepting(office, first, offer)
    office.delete(f"/api/waiting-list/{behind['id']}", second)
    told = select(journal.Entry.subject_id, journal.Entry.verb).where(journal.Entry.subject == "wait")
    verbs = office.ask(told.order_by(journal.Entry.id))
    assert [verb for id, verb in verbs if id == offer["id"]] == ["joined", "held", "taken"]
    assert [verb for id, verb in verbs if id == behind["id"]] == ["joined", "left"]


# Whatever people and the clock do

OPENS = at(QUIET, 8)
picks = st.integers(0, 11)
places = st.sampled_from([0, 0, 0, 1, 2])
quarters = st.sampled_from([(0, 8), (0, 4), (4, 4), (2, 4), (1, 2)])
"""Start and length: few, so that people want the same."""


class Kept:
    """A booking of the model."""

    def __init__(self, space, who, starts_at, ends_at, release_at, held_until=None):
        self.space, self.who, self.starts_at, self.ends_at = space, who, starts_at, ends_at
        self.state, self.release_at, self.held_until = "booked", release_at, held_until

    @property
    def active(self):
        return self.state in ("booked", "checked-in")

    def meets(self, starts_at, ends_at):
        return self.active and self.starts_at < ends_at and starts_at < self.ends_at

    @property
    def told(self):
        return self.space, self.who, self.starts_at, self.ends_at, self.state, self.release_at, self.held_until


class Waiting:
    """A place in line of the model; ``kept`` is the booking that was made for it."""

    def __init__(self, space, who, starts_at, ends_at, automatic):
        self.space, self.who, self.starts_at, self.ends_at, self.automatic = space, who, starts_at, ends_at, automatic
        self.state, self.kept = "waiting", None

    @property
    def told(self):
        return self.space, self.who, self.starts_at, self.ends_at, self.automatic, self.state


class Model:
    """The promise in the fewest words: what frees goes down the line, to whoever can have it."""

    def __init__(self, settings_, desks):
        self.settings, self.desks = settings_, desks
        self.bookings, self.waits, self.now = [], [], None

    def release_at(self, starts_at, ends_at):
        return min(max(starts_at, self.now) + timedelta(minutes=self.settings.release_after_minutes), ends_at)

    def may_have(self, space, who, starts_at, ends_at, but=None):
        in_the_way = [one for one in self.bookings if one is not but and one.meets(starts_at, ends_at)]
        if ends_at <= self.now or any(one.space == space for one in in_the_way):
            return False
        return space not in self.desks or not any(one.who == who and one.space in self.desks for one in in_the_way)

    def rest(self, starts_at, ends_at):
        return (max(starts_at, self.now), ends_at) if ends_at > self.now else (starts_at, ends_at)

    def free(self, space, starts_at, ends_at):
        for wait in self.waits:
            if wait.state != "waiting" or wait.space != space or wait.ends_at <= self.now:
                continue
            if wait.starts_at >= ends_at or starts_at >= wait.ends_at:
                continue
            span = self.rest(wait.starts_at, wait.ends_at)
            if not self.may_have(space, wait.who, *span):
                continue
            usual = self.release_at(*span)
            until = None if wait.automatic else min(self.now + HOLD, usual)
            wait.kept = Kept(space, wait.who, *span, until or usual, until)
            wait.state = "taken" if wait.automatic else "held"
            self.bookings.append(wait.kept)

    def follow(self, kept, state):
        for wait in self.waits:
            if wait.kept is kept and wait.state == "held":
                wait.state = state
        kept.held_until = None

    def walk_in(self, space, who, starts_at, ends_at):
        if not self.may_have(space, who, starts_at, ends_at):
            return False
        self.bookings.append(Kept(space, who, starts_at, ends_at, self.release_at(starts_at, ends_at)))
        return True

    def join(self, space, who, starts_at, ends_at, automatic):
        span = self.rest(starts_at, ends_at)
        there = [one for one in self.bookings if one.space == space and one.meets(*span)]
        if ends_at <= self.now or not there or any(one.who == who for one in there):
            return False
        for wait in self.waits:
            if (wait.space, wait.who) != (space, who) or wait.state not in ("waiting", "held"):
                continue
            if wait.ends_at > self.now and wait.starts_at < ends_at and starts_at < wait.ends_at:
                if wait.state == "held" or (wait.starts_at, wait.ends_at) != (starts_at, ends_at):
                    return False
                wait.automatic = automatic
                return True
        self.waits.append(Waiting(space, who, starts_at, ends_at, automatic))
        return True

    def accept(self, wait):
        if wait.state == "taken":
            return True
        if wait.state != "held" or wait.kept.held_until <= self.now:
            return False
        wait.kept.release_at = self.release_at(wait.kept.starts_at, wait.kept.ends_at)
        self.follow(wait.kept, "taken")
        return True

    def leave(self, wait):
        if wait.state == "taken":
            return False
        if wait.state == "waiting":
            wait.state = "left"
        elif wait.state == "held":
            self.end(wait.kept, "cancelled", "left")
        return True

    def end(self, kept, state, wait_state):
        kept.state, kept.release_at = state, None
        self.follow(kept, wait_state)
        if kept.ends_at > self.now:
            self.free(kept.space, kept.starts_at, kept.ends_at)

    def cancel(self, kept):
        if not kept.active:
            return kept.state == "cancelled"
        self.end(kept, "completed" if kept.state == "checked-in" else "cancelled", "left")
        return True

    def move(self, kept, space, starts_at, ends_at):
        lapsed = kept.held_until is not None and kept.held_until <= self.now
        if kept.state != "booked" or lapsed or (space in self.desks) != (kept.space in self.desks):
            return False
        before = kept.space, kept.starts_at, kept.ends_at
        if before == (space, starts_at, ends_at):
            return True
        if not self.may_have(space, kept.who, starts_at, ends_at, but=kept):
            return False
        kept.space, kept.starts_at, kept.ends_at = space, starts_at, ends_at
        kept.release_at = self.release_at(starts_at, ends_at)
        self.follow(kept, "taken")
        if space != before[0] or starts_at > before[1] or ends_at < before[2]:
            self.free(*before)
        return True

    def check_in(self, kept):
        if kept.state == "checked-in":
            return True
        opens_at = kept.starts_at - timedelta(minutes=self.settings.check_in_from_minutes)
        if kept.state != "booked" or min(kept.ends_at, kept.release_at) <= self.now or self.now < opens_at:
            return False
        kept.state, kept.release_at = "checked-in", kept.ends_at
        self.follow(kept, "taken")
        return True

    def end_due(self):
        due = [(one.space, n) for n, one in enumerate(self.bookings) if one.active and one.release_at <= self.now]
        for _, n in sorted(due):
            kept = self.bookings[n]
            self.end(kept, "completed" if kept.state == "checked-in" else "released", "expired")

    def tend(self):
        for wait in self.waits:
            if wait.state == "waiting" and wait.ends_at <= self.now:
                wait.state = "expired"
        for space in sorted({wait.space for wait in self.waits}):
            self.free(space, self.now, max(wait.ends_at for wait in self.waits))


_KEPT = (
    select(
        Booking.space_id,
        Booking.person_id,
        Booking.starts_at,
        Booking.ends_at,
        Booking.state,
        Booking.release_at,
        Booking.held_until,
    )
    .where(Booking.starts_at >= OPENS)
    .order_by(Booking.id)
)
_WAITS = select(
    Wait.space_id, Wait.person_id, Wait.starts_at, Wait.ends_at, Wait.automatic, Wait.state, Wait.booking_id
).order_by(Wait.id)


class Line(RuleBasedStateMachine):
    """Four people, two desks and a room, one morning, beside a model of it. ``office`` is set by the test."""

    office = None

    def __init__(self):
        super().__init__()
        self.db, self.clock = self.office.db, self.office.clock
        self.clock.set(OPENS - timedelta(minutes=30))
        self.db.write_here(_wipe)
        self.people = [self.office.actor(id) for id in self.office.colleagues(posts=4)]
        desks = self.office.desks()[:2]
        self.spaces = [*desks, self.office.rooms()[0]]
        floor = self.office.ask(select(Space.floor_id).where(Space.id == desks[0]))[0][0]
        on = clocks.local_date(OPENS, "Asia/Makassar")
        rules_ = self.db.read_here(house.current).rules(floor, self.people[0].agency_id, on)
        self.model = Model(rules_, desks)
        self.model.now = self.clock()

    def both(self, expected, function, *args, **more):
        """What the service does must be what the model did."""
        refusal = None
        try:
            self.db.write_here(function, *args, **more, now=self.clock())
        except Refused as refused:
            refusal = refused.code, refused.facts
        assert (refusal is None) == expected, (function.__name__, refusal)

    def span(self, start, length):
        starts_at = OPENS + timedelta(minutes=15 * start)
        return starts_at, starts_at + timedelta(minutes=15 * length)

    def id_of(self, table, n):
        where = table.starts_at >= OPENS
        return self.office.ask(select(table.id).where(where).order_by(table.id))[n][0]

    def actor_of(self, person_id):
        return next(actor for actor in self.people if actor.id == person_id)

    @rule(who=st.integers(0, 3), space=places, hours=quarters)
    def walk_in(self, who, space, hours):
        space, span, actor = self.spaces[space], self.span(*hours), self.people[who]
        expected = self.model.walk_in(space, actor.id, *span)
        self.both(expected, service.book, actor, NewBooking(space, *span))

    @rule(who=st.integers(0, 3), space=places, hours=quarters, automatic=st.booleans())
    def join(self, who, space, hours, automatic):
        space, span, actor = self.spaces[space], self.span(*hours), self.people[who]
        expected = self.model.join(space, actor.id, *span, automatic)
        self.both(expected, waiting.join, actor, NewWait(space, *span, automatic))

    @initialize(space=places, hours=quarters, automatic=st.permutations([False, False, True]))
    def a_line_has_formed(self, space, hours, automatic):
        self.walk_in(0, space, hours)
        for who, each in enumerate(automatic, 1):
            self.join(who, space, hours, each)

    @precondition(lambda self: any(one.active for one in self.model.bookings))
    @rule(who=st.integers(0, 3), pick=picks, automatic=st.booleans())
    def join_for_what_somebody_has(self, who, pick, automatic):
        taken = [one for one in self.model.bookings if one.active]
        one, actor = taken[pick % len(taken)], self.people[who]
        expected = self.model.join(one.space, actor.id, one.starts_at, one.ends_at, automatic)
        self.both(expected, waiting.join, actor, NewWait(one.space, one.starts_at, one.ends_at, automatic))

    @precondition(lambda self: self.model.bookings)
    @rule(pick=picks)
    def cancel(self, pick):
        self.with_booking(pick, self.model.cancel, service.cancel)

    @precondition(lambda self: any(one.state == "booked" for one in self.model.bookings))
    @rule(pick=picks)
    def check_in(self, pick):
        self.with_booking(pick, self.model.check_in, service.check_in)

    @precondition(lambda self: any(one.state == "booked" for one in self.model.bookings))
    @rule(pick=picks, space=places, hours=quarters)
    def move(self, pick, space, hours):
        space, span = self.spaces[space], self.span(*hours)
        booked = [n for n, one in enumerate(self.model.bookings) if one.state == "booked"]
        n = booked[pick % len(booked)]
        one = self.model.bookings[n]
        id, actor = self.id_of(Booking, n), self.actor_of(one.who)
        expected = self.model.move(one, space, *span)
        self.both(expected, service.change, actor, id, BookingChange(space, *span))

    def with_booking(self, pick, expect, function):
        active = [n for n, one in enumerate(self.model.bookings) if one.active]
        n = active[pick % len(active)] if active else pick % len(self.model.bookings)
        one = self.model.bookings[n]
        id = self.id_of(Booking, n)
        self.both(expect(one), function, self.actor_of(one.who), id)

    @precondition(lambda self: any(one.state == "held" for one in self.model.waits))
    @rule(pick=picks)
    def accept(self, pick):
        self.with_wait(pick, "held", self.model.accept, waiting.accept)

    @precondition(lambda self: self.model.waits)
    @rule(pick=picks)
    def accept_out_of_turn(self, pick):
        self.with_wait(pick, None, self.model.accept, waiting.accept)

    @precondition(lambda self: any(one.state == "held" for one in self.model.waits))
    @rule(pick=picks)
    def decline(self, pick):
        self.with_wait(pick, "held", self.model.leave, waiting.leave)

    @precondition(lambda self: self.model.waits)
    @rule(pick=picks)
    def leave(self, pick):
        self.with_wait(pick, None, self.model.leave, waiting.leave)

    def with_wait(self, pick, state, expect, function):
        these = [n for n, one in enumerate(self.model.waits) if state in (None, one.state)]
        n = these[pick % len(these)]
        one = self.model.waits[n]
        id = self.id_of(Wait, n)
        self.both(expect(one), function, self.actor_of(one.who), id)

    @rule(minutes=st.sampled_from([5, 15, 40]))
    def time_passes(self, minutes):
        self.model.now = self.clock.advance(minutes=minutes)

    @rule()
    def the_clock_ends_what_is_due(self):
        self.model.end_due()
        self.db.write_here(release.end_due_bookings, now=self.clock())

    @rule()
    def the_clock_tends_the_line(self):
        self.model.tend()
        self.db.write_here(waiting_work.tend, now=self.clock())
        assert self.db.read_here(waiting_line.missed, now=self.clock()) == []

    @invariant()
    def everything_is_as_in_the_model(self):
        assert [tuple(row) for row in self.office.ask(_KEPT)] == [one.told for one in self.model.bookings]
        assert [tuple(row[:6]) for row in self.office.ask(_WAITS)] == [one.told for one in self.model.waits]

    @invariant()
    def nothing_overlaps_and_the_journal_explains_everything(self):
        assert self.db.read_here(audit.findings) == []

    @invariant()
    def what_is_held_is_held_by_a_booking(self):
        offered = {row.booking_id for row in self.office.ask(_WAITS) if row.state == "held"}
        holding = select(Booking.id).where(Booking.held_until.is_not(None), Booking.starts_at >= OPENS)
        assert offered == {id for (id,) in self.office.ask(holding.where(Booking.active))}


def _wipe(session):
    """Every example starts on an empty morning, without anybody in line."""
    session.execute(delete(NoticeRow).where(NoticeRow.kind.in_(TOLD)))
    session.execute(delete(Wait))
    ids = session.scalars(select(Booking.id).where(Booking.starts_at >= OPENS)).all()
    session.execute(delete(journal.Entry).where(journal.Entry.subject == "booking", journal.Entry.subject_id.in_(ids)))
    session.execute(delete(Booking).where(Booking.id.in_(ids)))


def _forget_the_demo(session):
    session.execute(delete(Wait))
    session.execute(delete(journal.Entry).where(journal.Entry.subject == "booking"))
    session.execute(delete(Booking))


@pytest.mark.lengthy
def test_no_history_of_the_line_differs_from_its_promise(copies, monkeypatch):
    def fired(error):
        raise AssertionError(f"a guard fired: {error}")

    with copy_of(copies) as address, Database(address) as db, office_at(db, address, clock=FakeClock()) as office:
        db.write_here(_forget_the_demo)
        plain_room(office)
        monkeypatch.setattr(guards, "lost_race", fired)
        machine = type("LineHere", (Line,), {"office": office})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=25 if db.embedded else 12,
                stateful_step_count=30,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
