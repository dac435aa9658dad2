"""Many values as one: what a long column costs when each of its values is a row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class joined(FunctionElement[str]):  # noqa: N801 - named like the SQL function it stands for
    """All values of a column of numbers as one text with commas between, in no order; None if there are none.

    SQLite's driver lets go of the interpreter at every row, and with several readers at work getting it back costs more
    than the row.
    """

    type = Text()
    inherit_cache = True


@compiles(joined, "sqlite")
def _sqlite(element: joined, compiler: Any, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)})"


@compiles(joined, "postgresql")
def _postgresql(element: joined, compiler: Any, **options: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **options)}::text, ',')"


def numbers(text: str | None) -> set[int]:
    """The numbers of a ``joined`` column."""
    return set(map(int, text.split(","))) if text else set()


class pairs(FunctionElement[str]):  # noqa: N801 - as above
    """All pairs of two columns of numbers, "7.2,9.1", by the first of them where the engine can; None if there are none.

    Of ids and versions it is a version of the whole set: whatever joins it, leaves it or changes in it changes the text.
    """

    type = Text()
    inherit_cache = True


@compiles(pairs, "sqlite")
def _sqlite_pairs(element: pairs, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(one, **options) for one in element.clauses)
    return f"group_concat({first} || '.' || {second})"


@compiles(pairs, "postgresql")
def _postgresql_pairs(element: pairs, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(one, **options) for one in element.clauses)
    return f"string_agg({first}::text || '.' || {second}::text, ',' ORDER BY {first})"
