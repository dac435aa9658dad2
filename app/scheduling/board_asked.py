"""What waits for the reader's decision, as the team board lists it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from app import weeks
from app.people.rules import initials
from app.scheduling.approval import Waiting
from app.scheduling.board import Coverage, Slot
from app.scheduling.board_chips import Chip
from app.scheduling.board_meters import Finding, finding_of, worst
from app.scheduling.board_words import LOOKS, MODES, week_label
from app.scheduling.rules import Segment
from app.texts import Words


class Asked(msgspec.Struct, frozen=True):
    """A waiting week: ``item`` is what a decision sends back; ``reason`` and ``error`` are those of a refused one.
    ``days`` are days alike in a row with what is asked for them."""

    item: str
    name: str
    initials: str
    week: str
    days: list[tuple[str, Chip]]
    findings: list[Finding]
    passes: bool
    short: bool
    reason: str = ""
    error: str = ""


class Try(msgspec.Struct, frozen=True):
    """A decision that was refused, to be shown where it was made."""

    item: str
    reason: str
    error: str


def asked_of(one: Waiting, about: Coverage, said: Words, tried: Try | None) -> Asked:
    item = f"{one.person_id}:{one.week}:{one.version}"
    again = tried is not None and tried.item.rpartition(":")[0] == item.rpartition(":")[0]
    against = (*one.judgement.findings, *worst(one.judgement.shortfalls))
    return Asked(
        item,
        one.name,
        initials(one.name),
        week_label(weeks.monday_of(one.week), said),
        list(_days(one.days, about, said)),
        [finding_of(finding, said) for finding in against],
        not one.judgement.refusals and not one.judgement.shortfalls,
        bool(one.judgement.shortfalls),
        tried.reason if again and tried else "",
        tried.error if again and tried else "",
    )


def _days(days: dict[date, tuple[Segment, ...]], about: Coverage, said: Words) -> Iterator[tuple[str, Chip]]:
    """Each day with its parts; hours are said where a part isn't the only one."""
    for on, segments in sorted(days.items()):
        for segment in segments:
            hours = "" if len(segments) == 1 else f" {said.minute(segment.starts)}–{said.minute(segment.ends)}"
            slot = Slot(segment.mode, segment.place)
            office = about.sites[segment.site_id].code if slot.site_id else ""
            word = f"{said.say(MODES[slot.mode])} {office}".strip()
            yield f"{said.short_day(on)}{hours}", Chip(LOOKS[slot.mode], word)
