"""Hot statements about many ids: one for each size of list, in powers of two, as a list has one parameter for each id.

Ids as one parameter, an array or a JSON list, would do with a single statement, but SQLite then guesses how many they are
and reads plans of weeks by their date: 30 ms instead of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from app.db.hot import Hot

T = TypeVar("T")
LEAST = 8


class HotForMany(Generic[T]):
    """``statement`` gives the select for a list of parameters, as in ``column.in_(ids)``; ``row`` is as in ``Hot``."""

    def __init__(self, statement: Callable[[list[Any]], Any], row: Callable[..., T] | None = None) -> None:
        self._statement = statement
        self._row: tuple[Any, ...] = (row,) if row else ()
        self._sizes: dict[int, Hot[T]] = {}

    def rows(self, session: Session, ids: Iterable[Any], facts: Mapping[str, Any]) -> list[T]:
        """All rows about these ids; none for no ids."""
        wanted = list(ids)
        if not wanted:
            return []
        size = max(LEAST, 1 << (len(wanted) - 1).bit_length())
        if (hot := self._sizes.get(size)) is None:
            hot = self._sizes[size] = Hot(self._statement([bindparam(f"id_{n}") for n in range(size)]), *self._row)
        wanted += wanted[-1:] * (size - len(wanted))
        return hot.rows(session, {f"id_{n}": id for n, id in enumerate(wanted)} | dict(facts))
