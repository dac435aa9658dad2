"""A request that comes twice with one Idempotency-Key is done once and answered twice the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import CodeType
from typing import Any, TypeVar, get_type_hints

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from app import shapes
from app.errors import AlreadyShown, KeyReused
from app.people.models import Repeat

T = TypeVar("T")

KEPT = timedelta(days=2)

_FIND = select(Repeat.request, Repeat.answer).where(
    Repeat.person_id == bindparam("person"), Repeat.key == bindparam("name")
)
_BEGIN = insert(Repeat)
_FINISH = (
    update(Repeat)
    .where(Repeat.person_id == bindparam("person"), Repeat.key == bindparam("name"))
    .values(answer=bindparam("said"))
)


class Key(msgspec.Struct, frozen=True):
    """The client's key, and a digest of method, path and body that says what it was used for."""

    name: str
    request: bytes


def once(session: Session, person_id: int, key: Key, do: Callable[[], T], answer_type: Any, *, now: datetime) -> T:
    """``do()``, or what it answered the first time. A refused request leaves no trace and may be tried again.

    The row is written before the work: a twin that comes meanwhile waits for it, or loses the race on it and is run
    again, and then finds the answer. Raises KeyReused if the key came with another request, AlreadyShown if the first
    answer held a secret.
    """
    connection = session.connection()
    kept = connection.execute(_FIND, {"person": person_id, "name": key.name}).first()
    if kept is not None:
        if kept[0] != key.request:
            raise KeyReused
        if kept[1] is None:
            raise AlreadyShown
        return shapes.decode(kept[1], answer_type)  # type: ignore[no-any-return]
    connection.execute(_BEGIN, {"person_id": person_id, "key": key.name, "request": key.request, "at": now})
    answer = do()
    if not getattr(answer, "shown_once", False):
        said = msgspec.json.encode(answer)
        connection.execute(_FINISH, {"person": person_id, "name": key.name, "said": said})
    return answer


def answer_type(function: Callable[..., Any]) -> Any:
    """What ``function`` says it returns."""
    code = function.__code__  # of a function inside another there is a new one each time it is run, with the same code
    known = _ANSWERS.get(code)
    if known is None:
        known = _ANSWERS[code] = get_type_hints(function).get("return", Any)
    return known


_ANSWERS: dict[CodeType, Any] = {}


def forget_old(session: Session, *, now: datetime) -> int:
    """Remove answers kept longer than two days; returns how many."""
    result = session.connection().execute(delete(Repeat).where(Repeat.at < now - KEPT))
    return result.rowcount
