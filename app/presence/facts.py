"""What is known of people around an instant: asked of each folder once for all of them, and kept nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.many import HotForMany
from app.meetings import service as meetings
from app.people.members import Member
from app.presence import choices
from app.presence.channels import Connections
from app.presence.choices import OPEN, Choices
from app.presence.models import OverrideRow
from app.presence.rules import Avail, Desk, Facts, Kind, Override, Part
from app.rooms import sitting
from app.rooms.sitting import Sitting
from app.scheduling import planned_hours
from app.spans import Span

AHEAD = timedelta(hours=24)
"""How far what comes next is looked for; whatever holds longer is looked at again then."""


class Known(msgspec.Struct, frozen=True):
    """Somebody with what is known of them. ``version`` counts what they have said of themselves."""

    member: Member
    facts: Facts
    choices: Choices
    version: int = 0


class _Said(msgspec.Struct, frozen=True):
    person_id: int
    avail: str
    place: str
    site_id: int | None
    until_at: datetime
    version: int


_SAID = HotForMany(
    lambda ids: select(
        OverrideRow.person_id,
        OverrideRow.avail,
        OverrideRow.place,
        OverrideRow.site_id,
        OverrideRow.until_at,
        OverrideRow.version,
    ).where(OverrideRow.person_id.in_(ids)),
    _Said,
)


def known(session: Session, members: Iterable[Member], connections: Connections, *, now: datetime) -> dict[int, Known]:
    """Facts of these people from ``now`` on, by id. Whoever asks has yet to check who may see what of them."""
    everybody = list(members)
    ids = [member.id for member in everybody]
    within = Span(now, now + AHEAD)
    plans = planned_hours.around(session, everybody, now=now)
    desks: defaultdict[int, list[Desk]] = defaultdict(list)
    for held in sitting.desks_of(session, ids, within):
        if (span := _held_over(held)) is not None:
            here = held.state == "checked-in"
            desks[held.person_id].append(Desk(span, held.site_id, held.floor_id, held.space_id, here))
    busy: defaultdict[int, list[Span]] = defaultdict(list)
    for person_id, starts_at, ends_at, _ in meetings.taken(session, ids, within):
        busy[person_id].append(Span(starts_at, ends_at))
    said = {row.person_id: row for row in _SAID.rows(session, ids, {})}
    chosen = choices.of(session, ids)
    found = {}
    for member in everybody:
        own, plan = said.get(member.id), plans[member.id]
        how = connections.of(member.id)
        hides = chosen.get(member.id, OPEN)
        facts = Facts(
            plan.hours,
            tuple(Part(part.span, Kind(part.where), part.site_id) for part in plan.parts),
            tuple(desks[member.id]),
            tuple(busy[member.id]),
            _override(own) if own is not None and own.until_at > now else None,
            "active" if how == "idle" and hides.hides_idle else how,
        )
        found[member.id] = Known(member, facts, hides, own.version if own else 0)
    return found


def _held_over(held: Sitting) -> Span | None:
    """From the check-in, or until the desk would be released for want of one; None for what is released already."""
    if held.state == "checked-in":
        return Span(min(held.checked_in_at or held.starts_at, held.starts_at), held.ends_at)
    ends_at = min(held.ends_at, held.release_at or held.ends_at)
    return Span(held.starts_at, ends_at) if held.starts_at < ends_at else None


def _override(row: _Said) -> Override:
    avail, kind = Avail(row.avail) if row.avail else None, Kind(row.place) if row.place else None
    return Override(row.until_at, avail, kind, row.site_id)
