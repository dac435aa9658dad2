"""The waiting list: whoever asked first for a space that is taken gets it first, when it frees.

What comes free is given on in the very transaction that frees it: as a booking that is kept for the first in line, so that
everybody else finds the space taken as before. Nobody can walk in between.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import notices
from app.errors import NotFound
from app.people import service as people
from app.people.access import Actor
from app.people.service import Employee
from app.rooms import bookings, holding, places, rules
from app.rooms import waiting_line as line
from app.rooms.bookings import NO_TIE, BookingOut, NewBooking, Rival, Tie
from app.rooms.errors import CannotWait, NoOffer, NotBookable
from app.rooms.places import Wanted
from app.rooms.waiting_line import Waiter
from app.rooms.waiting_shapes import NewWait, State, WaitOut
from app.rooms.ways_out import WayOut, seeker_of
from app.spans import Span

# What frees


def freed(session: Session, space_id: int, *spans: Span, now: datetime) -> int:
    """Offer what has just been given back, or may have been, to the first in line who can have it; then what is left of it
    to the next. Returns to how many."""
    left = [span for span in spans if span.ends_at > now]
    if not left:
        return 0
    space = places.space_for(session, None, space_id, lock=True)
    kept_free = space.place.kept_free
    whole = Span(min(span.starts_at for span in left), max(span.ends_at for span in left))
    given: list[Span] = []
    for waiter in line.in_line(session, space_id, kept_free(whole), now=now):
        rest = rules.rest_of(waiter.span, now=now)
        if rest is None or not any(kept_free(span).overlaps(waiter.span) for span in left):
            continue
        if any(kept_free(rest).overlaps(other) for other in given):
            continue
        if _give(session, space, waiter, rest, now=now):
            given.append(rest)
    return len(given)


def _give(session: Session, space: Wanted, waiter: Waiter, rest: Span, *, now: datetime) -> bool:
    """Book the space for somebody in line, for good or to be accepted; False if the rules let them not have it: they are
    passed over, and keep their place.

    The person isn't locked, since persons come before spaces: somebody may book them another desk at this moment. Then the
    guard stops whoever is second, whose unit of work runs again and sees the other.
    """
    person = people.employee(session, waiter.person_id)
    if person is None:
        return False
    tie = NO_TIE
    if not waiter.automatic:
        release_at = holding.release_at(space, person, rest, now=now)
        tie = Tie(held_until=rules.held_until(release_at, now=now))
    wanted = NewBooking(space.place.id, rest.starts_at, rest.ends_at, person.id)
    try:
        booking = holding.hold(session, space, person, wanted, tie=tie, actor=None, now=now)
    except NotBookable:
        return False
    state: State = "taken" if waiter.automatic else "held"
    line.mark(session, waiter.id, "waiting", state, booking_id=booking.id, actor_id=None, at=now)
    kind = f"{booking.kind}-given" if waiter.automatic else f"{booking.kind}-held"
    notices.tell(session, [person.id], kind, f"wait:{waiter.id}", facts=_facts(booking), at=now)
    return True


def _facts(booking: BookingOut) -> dict[str, str]:
    facts = {
        "space": booking.space,
        "starts_at": booking.starts_at.isoformat(),
        "ends_at": booking.ends_at.isoformat(),
        "zone": booking.zone,
    }
    return facts | ({"held_until": booking.held_until.isoformat()} if booking.held_until else {})


def follow(session: Session, before: BookingOut, after: BookingOut, *, actor_id: int | None, now: datetime) -> None:
    """What a change of a booking means for who was waiting for it, if it was only held until then."""
    if before.held_until is None or after.held_until is not None:
        return
    ends: dict[str, State] = {"released": "expired", "cancelled": "left"}
    line.mark(session, offer_of(session, before), "held", ends.get(after.state, "taken"), actor_id=actor_id, at=now)


def end(
    session: Session, before: BookingOut, after: BookingOut, verb: str, *, actor_id: int | None, now: datetime
) -> BookingOut:
    """Write the end of a booking; what is left of its span goes to the first in line."""
    saved = bookings.save(session, before, after, verb, actor_id=actor_id, at=now)
    follow(session, before, saved, actor_id=actor_id, now=now)
    freed(session, before.space_id, before.span, now=now)
    return saved


# What people do


def join(session: Session, actor: Actor, wanted: NewWait, *, now: datetime) -> WaitOut:
    """Stand in line for a space that somebody else has. To ask for the same twice is no error: the place in line stays, and
    ``automatic`` is as said last.

    Raises NotFound and Forbidden as booking does, NotBookable if the rules would not let the person have the space even if
    it were free, CannotWait if it is free, theirs already, or waited for at an overlapping time.
    """
    person = people.employee_for(session, actor, wanted.person_id or actor.id, lock=True)
    # whoever gives the space back offers it to the line under this lock: they come before, and it is free, or after
    space = places.space_for(session, actor, wanted.space_id, lock=True)
    span = rules.rest_of(wanted.span, now=now) or wanted.span
    rivals = bookings.rivals(session, space.place.id, person.id, space.place.kept_free(span))
    _check(session, space, person, span, rivals, now=now)
    for other in line.open_of(session, person.id, now=now):
        if other.space_id != space.place.id or not other.span.overlaps(wanted.span):
            continue
        if other.state != "waiting" or other.span != wanted.span:
            raise _cannot("waiting", space)
        line.make_automatic(session, other.id, wanted.automatic)
        return replace(other, automatic=wanted.automatic)
    wait_id = line.add(
        session, space.place.id, person.id, wanted.span, automatic=wanted.automatic, actor_id=actor.id, at=now
    )
    return wait_for(session, actor, wait_id)


def _check(
    session: Session, space: Wanted, person: Employee, span: Span, rivals: list[Rival], *, now: datetime
) -> None:
    """That somebody else is in the way, and nothing but that."""
    own = [rival.span for rival in rivals if rival.space_id == space.place.id and rival.person_id == person.id]
    if any(span.overlaps(other) for other in own):
        raise _cannot("own", space)
    taken = [rival.span for rival in rivals if rival.space_id == space.place.id]
    why = rules.refusal(span, space.place, seeker_of(person), space.house, taken=taken, now=now)
    if why is not None and why.hindrance in rules.OCCUPIED:
        return
    holding.refuse(session, space, span, person, rivals, own=None, now=now)
    place = space.place
    raise _cannot("free", space, WayOut("book", place.id, place.name, span.starts_at, span.ends_at))


def _cannot(why: str, space: Wanted, *ways_out: WayOut) -> CannotWait:
    return CannotWait(why=why, space=space.place.name, space_id=space.place.id, ways_out=ways_out)


def accept(session: Session, actor: Actor, wait_id: int, *, now: datetime) -> WaitOut:
    """Take what is held. Doing so twice is no error.

    Raises NotFound, Forbidden, NoOffer for somebody whose turn has not come, or is over.
    """
    wait, booking = _locked(session, actor, wait_id)
    if wait.state == "taken":
        return wait
    if booking is None or wait.state != "held" or booking.held_until is None or booking.held_until <= now:
        raise NoOffer(why="in-line" if wait.state == "waiting" else "over", space=wait.space)
    person = people.employee_for(session, actor, wait.person_id)
    space = places.space_for(session, actor, booking.space_id)
    release_at = holding.release_at(space, person, booking.span, now=now)
    after = replace(booking, held_until=None, release_at=release_at)
    bookings.save(session, booking, after, "accepted", actor_id=actor.id, at=now)
    line.mark(session, wait_id, "held", "taken", actor_id=actor.id, at=now)
    return wait_for(session, actor, wait_id)


def leave(session: Session, actor: Actor, wait_id: int, *, now: datetime) -> WaitOut:
    """Leave the line, or give back what is held, which then goes to the next. Doing so twice is no error.

    Raises NotFound, Forbidden, NoOffer for what was taken already, or was held in this very moment.
    """
    wait, booking = _locked(session, actor, wait_id)
    if wait.state == "taken":
        raise NoOffer(why="taken", space=wait.space)
    if wait.state == "waiting":
        line.mark(session, wait_id, "waiting", "left", actor_id=actor.id, at=now)
        wait = wait_for(session, actor, wait_id)
        if wait.state in ("held", "taken"):
            raise NoOffer(why="just-held", space=wait.space)
    elif wait.state == "held" and booking is not None:
        after = bookings.ended(booking, "cancelled", at=now)
        end(session, booking, after, "cancelled", actor_id=actor.id, now=now)
    return wait_for(session, actor, wait_id)


def waits_of(session: Session, actor: Actor, *, now: datetime) -> list[WaitOut]:
    """What the actor waits for, or is offered, soonest first."""
    return line.open_of(session, actor.id, now=now)


def wait_for(session: Session, actor: Actor, wait_id: int) -> WaitOut:
    """A place in line of the actor's own, or of somebody they may act for. Raises NotFound, Forbidden."""
    wait = line.one(session, wait_id)
    if wait is None:
        raise NotFound(wait_id=wait_id)
    if wait.person_id != actor.id:
        people.check_may_act_for(session, actor, wait.person_id, wait_id=wait_id)
    return wait


def offer_of(session: Session, booking: BookingOut) -> int:
    """The id of the wait that a booking is held for; 0 if there is none."""
    return line.of_bookings(session, [booking.id]).get(booking.id, (0, ""))[0]


def not_accepted(session: Session, booking_ids: list[int]) -> set[int]:
    """Those of some bookings that ended as nobody accepted them in time."""
    found = line.of_bookings(session, booking_ids)
    return {booking_id for booking_id, (_, state) in found.items() if state == "expired"}


def _locked(session: Session, actor: Actor, wait_id: int) -> tuple[WaitOut, BookingOut | None]:
    """A wait as it is once nobody else can change what is held for it."""
    wait = wait_for(session, actor, wait_id)
    if wait.booking_id is None:
        return wait, None
    booking = bookings.one(session, wait.booking_id, lock=True)
    return wait_for(session, actor, wait_id), booking
