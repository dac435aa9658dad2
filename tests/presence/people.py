"""People as the rules of presence look at them: of unit 7 below unit 5 of agency 3, unless said otherwise."""

from __future__ import annotations

from typing import Any

import msgspec

from app.people.members import Member
from app.people.rules import Role


class Asker(msgspec.Struct, frozen=True):
    id: int
    agency_id: int = 3
    unit_id: int = 7
    unit_lineage: str = "/5/7/"
    superior_id: int | None = None
    roles: frozenset[Role] = frozenset()


def asker(id: int, **more: Any) -> Asker:
    return Asker(id, **more)


def member(id: int, *, superior_id: int | None = None, unit_id: int = 7, agency_id: int = 3) -> Member:
    return Member(id, f"Pegawai {id}", "", "", frozenset(), unit_id, f"/5/{unit_id}/", agency_id, superior_id, 1)
