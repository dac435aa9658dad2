"""The rules that hold for the whole nation, put into a new database: days off, Ramadan, working hours, policies."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.db import Base
from app.scheduling import rulebook
from app.scheduling.models import DayOffRow, HoursRow, PolicyRow, SeasonRow
from app.scheduling.national import DAYS_OFF, HOURS, SEASONS
from app.scheduling.national_policies import POLICIES


def plant(session: Session) -> None:
    """Fill each dated table that is empty; what is there already stays as it is."""
    planted = [
        _fill(session, DayOffRow, DAYS_OFF),
        _fill(session, SeasonRow, SEASONS),
        _fill(session, HoursRow, HOURS),
        _fill(session, PolicyRow, POLICIES),
    ]
    if any(planted):
        rulebook.changed(session)


def _fill(session: Session, table: type[Base], rows: tuple[msgspec.Struct, ...]) -> bool:
    if session.scalar(select(func.count()).select_from(table)):
        return False
    plain = [{name: value for name, value in msgspec.structs.asdict(row).items() if name != "id"} for row in rows]
    session.execute(insert(table), [_stored(row) for row in plain])
    return bool(rows)


def _stored(row: dict[str, object]) -> dict[str, object]:
    rule = row.get("rule")
    return row | {"rule": msgspec.to_builtins(rule)} if rule is not None else row
