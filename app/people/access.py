"""Who asks: from a cookie's or a token's digest to an actor, in the unit of work that then acts for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.db.hot import Hot
from app.errors import SignInNeeded
from app.people.models import Agency, BrowserSession, Person, Token, Unit
from app.people.rules import Role

TOUCH = timedelta(minutes=10)
"""How exact "last seen" is; finer would make a write of every read."""


class Credential(msgspec.Struct, frozen=True):
    """What came with the request: the digest of a session cookie or of a bearer token, and how long a session may idle."""

    kind: Literal["session", "token"]
    digest: bytes
    idle: timedelta = timedelta(hours=12)


class Actor(msgspec.Struct, frozen=True):
    """The person who asks, as far as access and wording need to know them."""

    id: int
    name: str
    title: str
    agency_id: int
    agency_code: str
    unit_id: int
    unit_name: str
    unit_lineage: str
    superior_id: int | None
    site_id: int
    roles: frozenset[Role]
    language: str | None
    theme: str
    unit_kind: str
    level: str
    eligible: bool
    used_at: datetime
    """when the credential was last noted as used"""


_COLUMNS = (
    Person.id,
    Person.name,
    Person.title,
    Person.agency_id,
    Agency.code,
    Person.unit_id,
    Unit.name,
    Unit.lineage,
    Person.superior_id,
    Person.site_id,
    Person.roles,
    Person.language,
    Person.theme,
    Unit.kind,
    Person.level,
    Person.eligible,
)


def _statement(source: type[BrowserSession] | type[Token], *columns: Any) -> Any:
    return (
        select(*_COLUMNS, *columns)
        .join_from(source, Person, source.person_id == Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .join(Agency, Agency.id == Person.agency_id)
        .where(source.digest == bindparam("digest"), Person.active)
    )


_BY_SESSION = Hot[Any](_statement(BrowserSession, BrowserSession.seen_at))
_BY_TOKEN = Hot[Any](_statement(Token, Token.created_at, Token.used_on).where(Token.revoked_at.is_(None)))
_TOUCH_SESSION = update(BrowserSession).where(BrowserSession.digest == bindparam("key"))
_TOUCH_TOKEN = update(Token).where(Token.digest == bindparam("key"))

_ROLES: dict[str, frozenset[Role]] = {"": frozenset()}


def roles_of(words: str) -> frozenset[Role]:
    """Roles from the words a person's row keeps; remembered, as people share few combinations."""
    if words not in _ROLES:
        _ROLES[words] = frozenset(Role(word) for word in words.split())
    return _ROLES[words]


def actor_for(session: Session, credential: Credential | None, *, now: datetime) -> Actor:
    """Raises SignInNeeded for no credential, an unknown one, one that idled too long, or a person who has left."""
    if credential is None:
        raise SignInNeeded
    by_session = credential.kind == "session"
    row = (_BY_SESSION if by_session else _BY_TOKEN).first(session, {"digest": credential.digest})
    if row is None:
        raise SignInNeeded
    if by_session:
        used_at = row[16]
        if used_at + credential.idle <= now:
            raise SignInNeeded
    else:
        used_at = datetime(row[17].year, row[17].month, row[17].day, tzinfo=UTC) if row[17] else row[16] - TOUCH
    facts = (*row[:10], roles_of(row[10]), *row[11:16], used_at)
    return Actor(*facts)


_ANYBODY = (
    select(*_COLUMNS)
    .join_from(Person, Unit, Unit.id == Person.unit_id)
    .join(Agency, Agency.id == Person.agency_id)
    .where(Person.active)
)
_OF_PERSON = _ANYBODY.where(Person.email == bindparam("email"))
_BY_ID = Hot[Any](_ANYBODY.where(Person.id == bindparam("person")))


def owner(session: Session, person_id: int, *, now: datetime) -> Actor | None:
    """Somebody as the one who asks, for what they left open to others, such as a feed; None for who has left."""
    row = _BY_ID.first(session, {"person": person_id})
    if row is None:
        return None
    facts = (*row[:10], roles_of(row[10]), *row[11:16], now)
    return Actor(*facts)


def actor_of(session: Session, email: str, *, now: datetime) -> Actor | None:
    """Somebody as the one who asks, without a credential: for commands and the demo."""
    row: Any = session.connection().execute(_OF_PERSON, {"email": email}).first()
    if row is None:
        return None
    facts = (*row[:10], roles_of(row[10]), *row[11:16], now)
    return Actor(*facts)


def living(session: Session, credentials: Collection[Credential], *, now: datetime) -> set[bytes]:
    """The digests of those credentials that still open something, of many at once."""
    kinds: dict[tuple[str, timedelta], list[bytes]] = {}
    for one in credentials:
        kinds.setdefault((one.kind, one.idle), []).append(one.digest)
    found: set[bytes] = set()
    for (kind, idle), digests in kinds.items():
        source: type[BrowserSession] | type[Token]
        if kind == "session":
            source, holds = BrowserSession, BrowserSession.seen_at > now - idle
        else:
            source, holds = Token, Token.revoked_at.is_(None)
        mine = select(source.digest).join(Person, Person.id == source.person_id)
        found.update(session.scalars(mine.where(source.digest.in_(digests), holds, Person.active)))
    return found


def needs_touch(actor: Actor, credential: Credential, *, now: datetime) -> bool:
    """Whether the credential's last use is worth noting again: sessions every ten minutes, tokens once a UTC day."""
    if credential.kind == "token":
        return actor.used_at.date() != now.date()
    return actor.used_at + TOUCH <= now


def touch(session: Session, credential: Credential, *, now: datetime) -> None:
    """Note that the credential was used at ``now``."""
    if credential.kind == "token":
        session.connection().execute(_TOUCH_TOKEN.values(used_on=now.date()), {"key": credential.digest})
    else:
        session.connection().execute(_TOUCH_SESSION.values(seen_at=now), {"key": credential.digest})
