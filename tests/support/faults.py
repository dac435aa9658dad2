"""Faults at every statement of a unit of work, and what must stand after each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event, select

from app.db import Database, hot


def rows_of(db: Database, tables: tuple[Any, ...]) -> list[Any]:
    """All rows of some tables."""
    return db.read_here(
        lambda session: [
            [tuple(row) for row in session.execute(select(table.__table__).order_by(table.id))] for table in tables
        ]
    )


def fail_at_each_statement(db: Database, tables: tuple[Any, ...], act: Callable[[], Any]) -> int:
    """``act``, a request, with a fault at its first statement, then at its second, and so on until it goes through.

    After each fault the tables are as they were. Returns how many statements it took.
    """
    stood = rows_of(db, tables)
    at_statement = 0
    while True:
        at_statement += 1
        left = at_statement

        def fault(*_: Any) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise RuntimeError("the disk is full")

        mend = _broken(db, fault)
        try:
            answer = act()
        finally:
            mend()
        if answer.status_code < 400:
            break
        assert answer.status_code == 500, answer.text
        assert rows_of(db, tables) == stood
    assert rows_of(db, tables) != stood
    return at_statement


def _broken(db: Database, fault: Callable[..., None]) -> Callable[[], None]:
    """Let ``fault`` be called before every statement, those on the driver's own cursor too; returns what mends it."""
    plain = hot.Hot.rows

    def rows(self: Any, session: Any, facts: Any) -> Any:
        fault()
        return plain(self, session, facts)

    hot.Hot.rows = rows  # type: ignore[method-assign]
    event.listen(db.engine, "before_cursor_execute", fault)

    def mend() -> None:
        hot.Hot.rows = plain  # type: ignore[method-assign]
        event.remove(db.engine, "before_cursor_execute", fault)

    return mend
