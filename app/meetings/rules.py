"""Who is on a meeting's list after a change: plain values in, a new list out.

Somebody is on it in their own right, or because another one sends them (disposisi, ``for_id``). Who is struck off stays in
the list as a row that isn't ``invited`` any more.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from app.meetings.shapes import Reply


class Invited(msgspec.Struct, frozen=True):
    """A row of the list of attendees. ``unit_id``: invited with that unit."""

    person_id: int
    required: bool = True
    invited: bool = True
    reply: Reply = ""
    stand_in_id: int | None = None
    for_id: int | None = None
    unit_id: int | None = None
    remark: str = ""

    @property
    def active(self) -> bool:
        """Whether the meeting takes their time."""
        return self.invited and self.reply in ("", "attending")


Rows = Mapping[int, Invited]
"""By the person's id."""


def listed(rows: Rows) -> set[int]:
    """Ids of those who are on the list."""
    return {id for id, row in rows.items() if row.invited}


def own(rows: Rows) -> dict[int, Invited]:
    """Those who are on the list in their own right."""
    return {id: row for id, row in rows.items() if row.invited and row.for_id is None}


def summoned(rows: Rows) -> dict[int, bool]:
    """Who is on the list, and whether each is needed: what a change of it is a change of."""
    return {id: row.required for id, row in rows.items() if row.invited}


def with_list(rows: Rows, wanted: Rows) -> dict[int, Invited]:
    """The list once those of ``wanted`` are on it in their own right, and nobody else is.

    Whoever stays keeps their reply. Stand-ins stay with whom they stand in for; one who is wanted themselves stays anyway.
    """
    after = dict(rows)
    for id in own(rows):
        if id not in wanted:
            _strike(after, id, but=wanted)
    for id, one in wanted.items():
        there = after.get(id)
        if there is None or not there.invited:
            after[id] = one
        else:
            after[id] = replace(there, required=one.required, for_id=None)
    return after


def with_reply(
    rows: Rows, person_id: int, reply: Reply, *, stand_in_id: int | None = None, remark: str = ""
) -> dict[int, Invited]:
    """The list after a reply: a stand-in joins it, and a former one who was sent for that alone goes."""
    after = dict(rows)
    mine = rows[person_id]
    if mine.stand_in_id not in (None, stand_in_id):
        _send_home(after, mine, but={})
    after[person_id] = replace(mine, reply=reply, stand_in_id=stand_in_id, remark=remark)
    if stand_in_id is not None:
        there = after.get(stand_in_id)
        if there is None or not there.invited:
            after[stand_in_id] = Invited(stand_in_id, mine.required, for_id=person_id)
    return after


def asked_anew(rows: Rows, organiser_id: int) -> dict[int, Invited]:
    """The list after the time has moved: replies were given to another time. Stand-ins stay, as who sends whom doesn't hang
    on the hour."""
    return {
        id: replace(row, reply="")
        if row.invited and row.reply in ("attending", "not-attending") and id != organiser_id
        else row
        for id, row in rows.items()
    }


def _strike(rows: dict[int, Invited], id: int, *, but: Rows) -> None:
    """Take somebody off the list, with those whom they send, unless these are in ``but``; whoever sends them is open again."""
    gone = rows[id]
    rows[id] = Invited(id, gone.required, invited=False, unit_id=gone.unit_id)
    _send_home(rows, gone, but=but)
    for sender, row in list(rows.items()):
        if row.invited and row.stand_in_id == id:
            rows[sender] = replace(row, reply="", stand_in_id=None)


def _send_home(rows: dict[int, Invited], sender: Invited, *, but: Rows) -> None:
    """Strike off who was sent by ``sender`` and is there for that alone."""
    sent = rows.get(sender.stand_in_id) if sender.stand_in_id is not None else None
    if sent is not None and sent.invited and sent.for_id == sender.person_id and sent.person_id not in but:
        _strike(rows, sent.person_id, but=but)
