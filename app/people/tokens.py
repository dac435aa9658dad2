"""Personal tokens for programs: shown once, kept as a digest, revoked in one step."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app import journal
from app.errors import NotFound
from app.ids import NAMED
from app.people import secrets
from app.people.access import Actor
from app.people.models import Token


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=NAMED)]


class MadeToken(msgspec.Struct, frozen=True):
    """The only answer that ever holds the token itself."""

    id: int
    name: str
    token: str

    @property
    def shown_once(self) -> bool:
        return True


class TokenOut(msgspec.Struct, frozen=True):
    id: int
    name: str
    created_at: datetime
    used_on: date | None


def make_token(session: Session, actor: Actor, wanted: NewToken, *, now: datetime) -> MadeToken:
    """A new token for the actor, with what the actor may do."""
    token = secrets.new_token()
    row = {"person_id": actor.id, "name": wanted.name, "digest": secrets.digest(token), "created_at": now}
    token_id = session.execute(insert(Token).returning(Token.id), [row]).scalar_one()
    journal.record(session, "made", "token", token_id, actor_id=actor.id, at=now, facts={"name": wanted.name})
    return MadeToken(token_id, wanted.name, token)


def tokens_of(session: Session, actor: Actor) -> list[TokenOut]:
    """The actor's tokens that still open something, newest first."""
    rows = session.execute(
        select(Token.id, Token.name, Token.created_at, Token.used_on)
        .where(Token.person_id == actor.id, Token.revoked_at.is_(None))
        .order_by(Token.id.desc())
    )
    return [TokenOut(*row) for row in rows]


def revoke_token(session: Session, actor: Actor, token_id: int, *, now: datetime) -> None:
    """Raises NotFound unless it is one of the actor's, still open."""
    done = (
        session.connection()
        .execute(
            update(Token)
            .where(Token.id == token_id, Token.person_id == actor.id, Token.revoked_at.is_(None))
            .values(revoked_at=now)
        )
        .rowcount
    )
    if not done:
        raise NotFound(token_id=token_id)
    journal.record(session, "revoked", "token", token_id, actor_id=actor.id, at=now, version=2)
