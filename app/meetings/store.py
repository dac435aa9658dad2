"""Meetings as they are stored and answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app import journal, sites
from app.db import locks_rows
from app.db.hot import Hot
from app.meetings.models import Attendee, FollowUp, Guest, Meeting
from app.meetings.rules import Invited, Rows
from app.meetings.shapes import AttendeeOut, FollowUpOut, GuestOut, MeetingItem, State
from app.people import service as people
from app.sites import Site
from app.spans import Span


class Stored(msgspec.Struct, frozen=True):
    """A meeting's own row."""

    id: int
    title: str
    agenda: str
    letter: str
    link: str
    organiser_id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime
    state: State
    notes: str
    sequence: int
    version: int
    zone: str

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


_ONE = Hot(
    select(
        Meeting.id,
        Meeting.title,
        Meeting.agenda,
        Meeting.letter,
        Meeting.link,
        Meeting.organiser_id,
        Meeting.site_id,
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.state,
        Meeting.notes,
        Meeting.sequence,
        Meeting.version,
        Site.zone,
    )
    .join(Site, Site.id == Meeting.site_id)
    .where(Meeting.id == bindparam("meeting")),
    Stored,
)
_LOCK = select(Meeting.id).where(Meeting.id == bindparam("meeting")).with_for_update(key_share=True)
_INVITED = Hot(
    select(
        Attendee.person_id,
        Attendee.required,
        Attendee.invited,
        Attendee.reply,
        Attendee.stand_in_id,
        Attendee.for_id,
        Attendee.unit_id,
        Attendee.remark,
    )
    .where(Attendee.meeting_id == bindparam("meeting"))
    .order_by(Attendee.person_id),
    Invited,
)


def one(session: Session, meeting_id: int, *, lock: bool = False) -> Stored | None:
    if lock and locks_rows(session):
        # apart from the read, which joins: see rooms.bookings.one
        session.connection().execute(_LOCK, {"meeting": meeting_id})
    return _ONE.first(session, {"meeting": meeting_id})


def invited(session: Session, meeting_id: int) -> dict[int, Invited]:
    """Everybody who is or was on the list, by id."""
    return {row.person_id: row for row in _INVITED.rows(session, {"meeting": meeting_id})}


def add(session: Session, row: dict[str, Any]) -> int:
    """The id of the new meeting."""
    id: int = session.execute(insert(Meeting).returning(Meeting.id), row).scalar_one()
    return id


def put_list(
    session: Session, meeting_id: int, span: Span, before: Rows, after: Rows, *, alive: bool = True, at: datetime
) -> None:
    """Write the list of a meeting over what it was; ``span`` is when the meeting is, ``alive`` False once it is cancelled."""
    fresh = [after[id] for id in sorted(after.keys() - before.keys())]
    changed = [after[id] for id in sorted(before.keys() & after.keys()) if after[id] != before[id]]
    connection = session.connection()
    if fresh:
        times = {"meeting_id": meeting_id, "starts_at": span.starts_at, "ends_at": span.ends_at}
        connection.execute(insert(Attendee), [times | _row(one, at=at) for one in fresh])
    if changed:
        rows = [{f"new_{name}": value for name, value in _row(one, at=at).items()} for one in changed]
        connection.execute(_CHANGE, [{"meeting": meeting_id, **row} for row in rows])
    connection.execute(
        update(Attendee)
        .where(Attendee.meeting_id == meeting_id)
        .where(or_(Attendee.starts_at != span.starts_at, Attendee.ends_at != span.ends_at))
        .values(starts_at=span.starts_at, ends_at=span.ends_at)
    )
    if not alive:
        connection.execute(update(Attendee).where(Attendee.meeting_id == meeting_id).values(active=False))


def _row(one: Invited, *, at: datetime) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _LISTED} | {"replied_at": at if one.reply else None}


_LISTED = (*Invited.__struct_fields__, "active")
_CHANGE = (
    update(Attendee)
    .where(Attendee.meeting_id == bindparam("meeting"), Attendee.person_id == bindparam("new_person_id"))
    .values(
        {
            name: bindparam(f"new_{name}", type_=getattr(Attendee, name).type)
            for name in (*_LISTED, "replied_at")
            if name != "person_id"
        }
    )
)


def put_guests(session: Session, meeting_id: int, guests: list[GuestOut]) -> bool:
    """Make these the guests; whether that changed anything."""
    before = guests_of(session, meeting_id)
    after = sorted(guests, key=lambda guest: guest.email)
    if before == after:
        return False
    session.execute(delete(Guest).where(Guest.meeting_id == meeting_id))
    if after:
        rows = [{"meeting_id": meeting_id, "email": guest.email, "name": guest.name} for guest in after]
        session.connection().execute(insert(Guest), rows)
    return True


def guests_of(session: Session, meeting_id: int) -> list[GuestOut]:
    rows = session.execute(select(Guest.email, Guest.name).where(Guest.meeting_id == meeting_id).order_by(Guest.email))
    return [GuestOut(*row) for row in rows]


def save(
    session: Session,
    before: Stored,
    after: Stored,
    verb: str,
    *,
    facts: dict[str, Any] | None = None,
    actor_id: int,
    at: datetime,
) -> Stored:
    """Write ``after`` over ``before`` with the next version, and the journal's entry with it."""
    after = msgspec.structs.replace(after, version=before.version + 1)
    names = ("title", "agenda", "letter", "link", "starts_at", "ends_at", "state", "notes", "sequence", "version")
    session.connection().execute(
        update(Meeting)
        .where(Meeting.id == before.id, Meeting.version == before.version)
        .values({name: getattr(after, name) for name in names})
    )
    record(session, after, verb, facts=facts, actor_id=actor_id, at=at)
    return after


def record(
    session: Session, meeting: Stored, verb: str, *, facts: dict[str, Any] | None = None, actor_id: int, at: datetime
) -> None:
    """The journal's entry of a change: what feeds and audit need, without agenda and notes."""
    told = {
        "title": meeting.title,
        "organiser_id": meeting.organiser_id,
        "site_id": meeting.site_id,
        "starts_at": meeting.starts_at.isoformat(),
        "ends_at": meeting.ends_at.isoformat(),
        "state": meeting.state,
        "sequence": meeting.sequence,
    }
    journal.record(
        session,
        verb,
        "meeting",
        meeting.id,
        actor_id=actor_id,
        at=at,
        version=meeting.version,
        facts=told | (facts or {}),
    )


def attendees(session: Session, meeting: Stored, rows: Rows) -> tuple[list[AttendeeOut], dict[str, dict[str, int]]]:
    """Those who are on the list, by name, and their replies counted by the code of their site."""
    listed = [row for row in rows.values() if row.invited]
    cards = people.cards(session, (row.person_id for row in listed))
    clashes = conflicts(session, meeting, list(cards))
    codes = {site.id: site.code for site in sites.sites(session)}
    shown: list[AttendeeOut] = []
    tallies: dict[str, Counter[str]] = {}
    for row in sorted(listed, key=lambda row: (cards[row.person_id].name, row.person_id)):
        card = cards[row.person_id]
        shown.append(
            AttendeeOut(
                card.id,
                card.name,
                card.unit,
                card.site_id,
                row.required,
                row.reply,
                row.stand_in_id,
                row.for_id,
                row.remark,
                clashes.get(card.id, 0),
            )
        )
        tallies.setdefault(codes[card.site_id], Counter())[row.reply or "open"] += 1
    return shown, {code: dict(counts) for code, counts in sorted(tallies.items())}


OVERLAPPING = and_(Attendee.active, Attendee.ends_at > bindparam("since"), Attendee.starts_at < bindparam("until"))
"""Attendance that takes somebody's time between the parameters ``since`` and ``until``."""


def conflicts(session: Session, meeting: Stored, person_ids: list[int]) -> dict[int, int]:
    """How many other meetings these people have over the meeting's time."""
    if not person_ids:
        return {}
    rows = session.execute(
        select(Attendee.person_id, func.count())
        .where(
            Attendee.person_id.in_(person_ids),
            OVERLAPPING,
            Attendee.meeting_id != meeting.id,
        )
        .group_by(Attendee.person_id),
        {"since": meeting.starts_at, "until": meeting.ends_at},
    )
    return {id: count for id, count in rows}


_OF_PERSON = Hot[Any](
    select(
        Meeting.id,
        Meeting.title,
        Meeting.organiser_id,
        Meeting.site_id,
        Site.zone,
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.state,
        Attendee.reply,
        Meeting.link,
        Meeting.version,
    )
    .join(Meeting, Meeting.id == Attendee.meeting_id)
    .join(Site, Site.id == Meeting.site_id)
    .where(
        Attendee.person_id == bindparam("person"),
        Attendee.invited,
        Attendee.starts_at < bindparam("until"),
        Attendee.ends_at > bindparam("since"),
        Attendee.starts_at > bindparam("begins"),  # spares the index all that is long over
    )
    .order_by(Attendee.starts_at, Meeting.id)
)


def of_person(session: Session, person_id: int, within: Span, *, begins: datetime) -> list[MeetingItem]:
    """Meetings on whose list somebody is, cancelled ones too, without their rooms, in the order of their start."""
    facts = {"person": person_id, "since": within.starts_at, "until": within.ends_at, "begins": begins}
    rows = _OF_PERSON.rows(session, facts)
    cards = people.cards(session, (row[2] for row in rows))
    values = [(*row[:2], cards[row[2]].name, *row[2:9], [], *row[9:]) for row in rows]
    return [MeetingItem(*each) for each in values]


def busy_of(session: Session, person_ids: list[int], within: Span) -> list[tuple[int, datetime, datetime, int]]:
    """Person, start, end and meeting of everything that takes these people's time."""
    rows = session.connection().execute(
        select(Attendee.person_id, Attendee.starts_at, Attendee.ends_at, Attendee.meeting_id)
        .where(
            Attendee.person_id.in_(person_ids),
            OVERLAPPING,
        )
        .order_by(Attendee.starts_at, Attendee.id),
        {"since": within.starts_at, "until": within.ends_at},
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def titles(session: Session, meeting_ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(select(Meeting.id, Meeting.title).where(Meeting.id.in_(list(meeting_ids))))
    return {id: title for id, title in rows}


_FOLLOW_UP = (FollowUp.id, FollowUp.task, FollowUp.owner_id, FollowUp.due_on, FollowUp.done_at)


def follow_ups(session: Session, meeting_id: int) -> list[FollowUpOut]:
    rows = session.execute(
        select(*_FOLLOW_UP).where(FollowUp.meeting_id == meeting_id).order_by(FollowUp.due_on, FollowUp.id)
    ).all()
    cards = people.cards(session, (row[2] for row in rows))
    return [FollowUpOut(*row[:3], cards[row[2]].name, *row[3:]) for row in rows]


def add_follow_up(session: Session, row: dict[str, Any]) -> int:
    id: int = session.execute(insert(FollowUp).returning(FollowUp.id), row).scalar_one()
    return id


def finish_follow_up(session: Session, follow_up_id: int, done_at: datetime | None) -> None:
    session.execute(update(FollowUp).where(FollowUp.id == follow_up_id).values(done_at=done_at))


class Todo(msgspec.Struct, frozen=True):
    """What somebody has to do after a meeting."""

    id: int
    task: str
    due_on: date
    meeting_id: int
    meeting: str


def todos(session: Session, person_id: int) -> list[Todo]:
    """What somebody still has to do after meetings, the earliest due first."""
    rows = session.execute(
        select(FollowUp.id, FollowUp.task, FollowUp.due_on, Meeting.id, Meeting.title)
        .join(Meeting, Meeting.id == FollowUp.meeting_id)
        .where(FollowUp.owner_id == person_id, FollowUp.done_at.is_(None), Meeting.state == "planned")
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(20)
    )
    return [Todo(*row) for row in rows]
