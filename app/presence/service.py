"""What people say of themselves and what they hide; one's own state with everything it rests on; scopes as programs read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from app import journal, sites
from app.errors import Invalid
from app.people.access import Actor
from app.people.members import Member
from app.presence import choices, facts, rules
from app.presence.channels import Connections, How, Key, Office, Row, mark_of
from app.presence.choices import OPEN, Choices
from app.presence.facts import Known
from app.presence.models import ChoiceRow, OverrideRow
from app.presence.rules import Presence
from app.presence.shapes import ChoicesIn, OverrideIn, PlaceOut, PresenceOut, Snapshot
from app.scheduling import planned_hours


class Own(msgspec.Struct, frozen=True):
    """One's own state, what is known of one, and until when one may say something of oneself."""

    known: Known
    presence: Presence
    last: datetime


class _Asking:
    """The connections, with whoever asks among them: they have a page open, else they couldn't ask."""

    def __init__(self, connections: Connections, asker: int) -> None:
        self._connections, self._asker = connections, asker

    def of(self, person_id: int) -> How | None:
        return self._connections.of(person_id) or ("active" if person_id == self._asker else None)


def own(session: Session, actor: Actor, connections: Connections, *, now: datetime) -> Own:
    """The actor's own state, with all that it rests on."""
    known = facts.known(session, [_member(actor)], _Asking(connections, actor.id), now=now)[actor.id]
    presence, _ = rules.derive(now, known.facts)
    midnight = planned_hours.local_midnight(session, actor.site_id, now=now)
    return Own(known, presence, rules.last_until(now, known.facts.hours, midnight))


def _member(actor: Actor) -> Member:
    return Member(
        actor.id,
        actor.name,
        actor.title,
        actor.level,
        frozenset(),
        actor.unit_id,
        actor.unit_lineage,
        actor.agency_id,
        actor.superior_id,
        actor.site_id,
    )


def put_override(
    session: Session, actor: Actor, wanted: OverrideIn, connections: Connections, *, now: datetime
) -> PresenceOut:
    """Say how one can be reached, or where one is, until an instant; it holds no longer than the working day.

    The journal notes that something was said, never what: nobody's days can be read from it. Raises Invalid for an ``until``
    that is past, NotFound for an unknown site.
    """
    before = own(session, actor, connections, now=now)
    until = min(wanted.until.replace(microsecond=0), before.last) if wanted.until else before.last
    if until <= now:
        raise Invalid(problem="until")
    site_id = (wanted.site_id or actor.site_id) if wanted.place == "site" else None
    if site_id is not None:
        sites.site(session, site_id)
    values = {"avail": wanted.avail or "", "place": wanted.place or "", "site_id": site_id, "until_at": until}
    _save(session, OverrideRow, actor, values, "said", now=now)
    return shaped(own(session, actor, connections, now=now))


def end_override(session: Session, actor: Actor, connections: Connections, *, now: datetime) -> PresenceOut:
    """Take back what one said of oneself. Doing so twice is no error."""
    if own(session, actor, connections, now=now).known.facts.override is not None:
        values = {"avail": "", "place": "", "site_id": None, "until_at": now}
        _save(session, OverrideRow, actor, values, "took-back", now=now)
    return shaped(own(session, actor, connections, now=now))


def choices_of(session: Session, actor: Actor) -> Choices:
    return choices.of(session, [actor.id]).get(actor.id, OPEN)


def choose(session: Session, actor: Actor, wanted: ChoicesIn, *, now: datetime) -> Choices:
    """Hide or show one's desk, and that one's open page is idle."""
    before = choices_of(session, actor)
    if (before.hides_desk, before.hides_idle) != (wanted.hides_desk, wanted.hides_idle):
        _save(session, ChoiceRow, actor, msgspec.structs.asdict(wanted), "chose", now=now)
    return choices_of(session, actor)


def _save(
    session: Session, table: type[OverrideRow] | type[ChoiceRow], actor: Actor, values: dict[str, Any], verb: str, *,
    now: datetime,
) -> None:  # fmt: skip
    mine = table.person_id == actor.id
    version = (session.scalar(select(table.version).where(mine)) or 0) + 1
    values |= {"version": version}
    if version == 1:
        session.connection().execute(insert(table).values(person_id=actor.id, **values))
    else:
        session.connection().execute(update(table).where(mine).values(**values))
    journal.record(session, verb, "presence", actor.id, actor_id=actor.id, at=now, version=version)


def forget_over(session: Session, *, now: datetime) -> int:
    """Remove what people said of themselves that is over: presence has no past. Returns how many had said something."""
    over = OverrideRow.__table__.c
    said = update(OverrideRow).where(over.until_at <= now, or_(over.avail != "", over.place != ""))
    return session.connection().execute(said.values(avail="", place="", site_id=None)).rowcount


def shaped(mine: Own) -> PresenceOut:
    state = mine.presence.state
    place, said = state.place, mine.known.facts.override
    then_kind, then_avail = mine.presence.next or (None, None)
    return PresenceOut(
        PlaceOut(place.kind, place.site_id, place.floor_id, place.desk_id, place.confirmed),
        state.place_why.value,
        state.avail,
        state.why.value,
        mine.presence.until,
        then_kind,
        then_avail,
        said.until if said else None,
        mine.known.version,
    )


def snapshot(session: Session, actor: Actor, scope: str, source: Office, *, now: datetime) -> Snapshot:
    """All rows of a scope, as the websocket would send them. Raises Invalid, NotFound, Forbidden."""
    rows = _rows(session, actor, scope, source, now=now)
    return Snapshot(scope, now, source.me(session, actor), mark_of(rows), [msgspec.to_builtins(row) for row in rows])


def mark(session: Session, actor: Actor, scope: str, source: Office, *, now: datetime) -> str:
    """What the snapshot of a scope would be marked with now: for a page that is written in the same moment."""
    return mark_of(_rows(session, actor, scope, source, now=now))


def _rows(session: Session, actor: Actor, scope: str, source: Office, *, now: datetime) -> list[Row]:
    channel = source.admit(session, actor, scope, now=now)
    rows = source.load(session, {channel: None}, now=now).rows.get(channel, {})
    return [row for _, row in sorted(rows.items(), key=_order) if row is not None]


def _order(item: tuple[Key, Any]) -> tuple[bool, Key]:
    return isinstance(item[0], str), item[0]
