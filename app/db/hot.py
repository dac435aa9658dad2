"""Statements of the hot path: written by SQLAlchemy once for each engine, then run on the driver's own cursor.

SQLAlchemy's execution costs more than driver and database together: 129 us of CPU for a select by key through psycopg,
against 40 us on the cursor; 23 us against 2 us on SQLite. What makes it safe is kept: its SQL, its conversion of values in
both directions, the session's connection and transaction, and its errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

CONNECTION = "connection"
"""Where a session of one unit of work keeps its connection: to ask for it each time costs as much as a select by key."""

Convert = Callable[[Any], Any] | None
Results = tuple[tuple[int, Callable[[Any], Any]], ...]
T = TypeVar("T")


class _Plan(msgspec.Struct, frozen=True):
    """A statement for one engine: text, and its parameters in order or by name, each with its conversion."""

    sql: str
    by_order: bool
    values: dict[str, Any]
    parameters: tuple[tuple[str, Convert], ...]
    driver_error: type[Exception]
    dialect: Any


def _as_it_is(*row: Any) -> tuple[Any, ...]:
    return row


class Hot(Generic[T]):
    """``rows(session, {name: value})`` runs the statement and makes each row with ``row``, or leaves it the tuple it is.

    ``columns`` are what an insert returns; an insert must be given a value for each of its parameters.
    """

    def __init__(
        self,
        statement: Any,
        row: Callable[..., T] = _as_it_is,  # type: ignore[assignment]
        *,
        columns: tuple[Any, ...] | None = None,
    ) -> None:
        self._statement, self._row, self._columns = statement, row, columns
        self._plans: dict[str, _Plan] = {}
        self._results: dict[str, Results] = {}

    def rows(self, session: Session, facts: Mapping[str, Any]) -> list[T]:
        """All rows. Raises what SQLAlchemy would: an IntegrityError and its kin, with the driver's error inside."""
        connection = session.info.get(CONNECTION) or session.connection()
        plan = self._plans.get(connection.dialect.name)
        if plan is None:
            plan = self._plans[connection.dialect.name] = self._plan(connection.dialect)
        given = {**plan.values, **facts}
        values: Any
        if plan.by_order:
            values = [given[name] if to is None else to(given[name]) for name, to in plan.parameters]
        else:
            values = {name: given[name] if to is None else to(given[name]) for name, to in plan.parameters}
        found: Any = []
        cursor = connection.connection.cursor()
        try:
            cursor.execute(plan.sql, values)
            if self._columns != ():
                found = cursor.fetchall()
                results = self._results.get(connection.dialect.name)
                if results is None:
                    results = self._results[connection.dialect.name] = self._read(
                        connection.dialect, cursor.description
                    )
                if results:
                    found = [_converted(row, results) for row in found]
        except plan.driver_error as error:
            raise DBAPIError.instance(
                plan.sql, None, error, plan.driver_error, hide_parameters=True, dialect=plan.dialect
            ) from error
        finally:
            cursor.close()
        return found if self._row is _as_it_is else [self._row(*row) for row in found]

    def first(self, session: Session, facts: Mapping[str, Any]) -> T | None:
        """The first row, or None."""
        found = self.rows(session, facts)
        return found[0] if found else None

    def _plan(self, dialect: Dialect) -> _Plan:
        statement = self._statement
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        types = {name: parameter.type for parameter, name in compiled.bind_names.items()}
        loaded: Any = dialect
        return _Plan(
            str(compiled),
            compiled.positional,
            {name: value for name, value in compiled.params.items() if value is not None},
            tuple(
                (name, types[name].dialect_impl(dialect).bind_processor(dialect))
                for name in (compiled.positiontup or types)
            ),
            loaded.loaded_dbapi.Error,
            dialect,
        )

    def _read(self, dialect: Dialect, description: Any) -> Results:
        """Conversions of what comes back. Some depend on the driver's own code for the type, so they wait for an answer."""
        columns = self._columns if self._columns is not None else tuple(self._statement.selected_columns)
        return tuple(
            (place, convert)
            for place, (column, told) in enumerate(zip(columns, description, strict=True))
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, told[1]))
        )


def _converted(row: tuple[Any, ...], results: Results) -> list[Any]:
    values = list(row)
    for place, convert in results:
        values[place] = convert(values[place])
    return values
