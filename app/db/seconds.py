"""An instant as a plain number: what many rows of instants cost when each is made a datetime."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class seconds(FunctionElement[int]):  # noqa: N801 - named like the SQL function it stands for
    """Whole seconds since 1970 of a column of instants."""

    type = BigInteger()
    inherit_cache = True


@compiles(seconds, "sqlite")
def _sqlite(element: seconds, compiler: Any, **options: Any) -> str:
    """Instants are kept as such numbers."""
    return str(compiler.process(element.clauses, **options))


@compiles(seconds, "postgresql")
def _postgresql(element: seconds, compiler: Any, **options: Any) -> str:
    return f"extract(epoch FROM {compiler.process(element.clauses, **options)})::bigint"
