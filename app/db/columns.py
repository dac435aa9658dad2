"""Columns and tables as migrations write them, for both engines."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Instant, Json


def id_() -> sa.Column[int]:
    return sa.Column("id", BigId, nullable=False)


def text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def measure(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), nullable=False)


def flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def instant(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Instant(), nullable=null)


def day(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=null)


def binary(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def document(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Json(), nullable=null)


def to(table: str, name: str, *, null: bool = False) -> sa.Column[int]:
    """A column that refers to another table's id."""
    return sa.Column(name, BigId, nullable=null, info={"to": table})


def table(name: str, *columns: sa.Column[Any], key: tuple[str, ...] = ("id",), more: tuple[Any, ...] = ()) -> None:
    """Create a table, its constraints named as the models name them."""
    references = [
        sa.ForeignKeyConstraint([column.name], [f"{column.info['to']}.id"], name=f"{name}_{column.name}_fkey")
        for column in columns
        if "to" in column.info
    ]
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f"{name}_pkey"), *references, *more)


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"{table}_{'_'.join(columns)}_key")
