"""Column types that mean the same on both engines, and the base of all tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, DateTime, Dialect, Integer, MetaData, Text, TypeDecorator, text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine


class Instant(TypeDecorator[datetime]):
    """An aware instant, in UTC when it comes back; ``timestamptz`` on PostgreSQL, whole seconds since 1970 on SQLite.

    Raises ValueError for a naive value: its zone would be a guess.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return int(value.timestamp()) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return _instant(value) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """None for PostgreSQL: its sessions are set to UTC, and the driver's instants are right as they come."""
        return _instant if dialect.name == "sqlite" else None


def _instant(second: int | None) -> datetime | None:
    return None if second is None else datetime.fromtimestamp(second, UTC)


BigId = BigInteger().with_variant(Integer(), "sqlite")
"""bigint; on SQLite a plain INTEGER, which alone is the table's own row number."""


class Json(TypeDecorator[Any]):
    """JSON; ``jsonb`` on PostgreSQL. Its dialect is loaded only where it is used, as that takes a tenth of a second."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON())
        from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415

        return dialect.type_descriptor(JSONB())


class Base(DeclarativeBase):
    """Names of constraints follow one pattern, so that a refusal by the database can be recognised on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )
    type_annotation_map = {datetime: Instant(), date: Date(), str: Text(), dict[str, Any]: Json(), list[Any]: Json()}  # noqa: RUF012


def partial(condition: str) -> dict[str, Any]:
    """What makes an index partial on both engines."""
    return {name: text(condition) for name in ("postgresql_where", "sqlite_where")}
