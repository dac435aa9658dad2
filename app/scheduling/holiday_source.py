"""Days off as the package ``holidays`` knows them, set beside ours. It proposes; a person confirms each line.

The package may lag months behind a decree, so nothing is ever taken from it without being looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from importlib.metadata import version
from typing import Literal

import msgspec

from app.scheduling.working_time import DayKind, DayOff

_ESTIMATED = {"id": " (perkiraan)", "en_US": " (estimated)"}
"""How the package marks a date that awaits its decree or the sighting of the moon."""


class Difference(msgspec.Struct, frozen=True):
    """What the package would have otherwise on a local date.

    ``add``: it has a day off that we lack; ``known`` is then ours only if it was cancelled. ``remove``: it lacks one of
    ours. ``kind``: another kind of day off. ``rename``: only the wording differs; ours follows the dictionary (KBBI) and
    stays, so that one is for information.
    """

    kind: Literal["add", "remove", "rename", "kind"]
    on: date
    known: DayOff | None
    proposed: DayOff | None


def proposed(year: int) -> tuple[DayOff, ...]:
    """National holidays, election days and collective leave of a year, by date; years without a decree are estimated and
    have no collective leave."""
    import holidays  # noqa: PLC0415 - about 0.1 s that only this comparison pays

    def names(category: str, language: str) -> dict[date, str]:
        # Without a language the names would follow the locale of the process.
        return dict(holidays.country_holidays("ID", years=year, language=language, categories=(category,)))

    basis = f"Paket holidays {version('holidays')}"
    found: dict[date, DayOff] = {}
    for category in ("public", "government"):
        english = names(category, "en_US")
        for on, name in names(category, "id").items():
            found.setdefault(on, _day_off(on, category, name, english[on], basis))
    return tuple(found[on] for on in sorted(found))


def _day_off(on: date, category: str, name: str, name_en: str, basis: str) -> DayOff:
    kind = DayKind.NATIONAL_HOLIDAY
    if category == "government":
        kind = DayKind.COLLECTIVE_LEAVE
    elif "Pemilihan" in name:  # the package has no category for elections
        kind = DayKind.ELECTION
    state: Literal["estimated", "fixed"] = "estimated" if _ESTIMATED["id"] in name else "fixed"
    plain, plain_en = name.replace(_ESTIMATED["id"], ""), name_en.replace(_ESTIMATED["en_US"], "")
    return DayOff(on, kind, plain, plain_en, basis, state)


def compare(known: Iterable[DayOff], proposed: Iterable[DayOff], year: int) -> list[Difference]:
    """What ``proposed`` says otherwise than ``known`` about a year, by date; one line a date.

    A site's own days and local ones are left alone: no package knows them. What we cancelled and it doesn't have is no
    difference.
    """
    ours: dict[date, list[DayOff]] = {}
    for day in known:
        if day.on.year == year and day.site_id is None and day.kind != DayKind.LOCAL:
            ours.setdefault(day.on, []).append(day)
    theirs = {day.on: day for day in proposed if day.on.year == year}
    lines = (_difference(on, ours.get(on, []), theirs.get(on)) for on in sorted({*ours, *theirs}))
    return [line for line in lines if line]


def _difference(on: date, known: list[DayOff], proposed: DayOff | None) -> Difference | None:
    live = [day for day in known if day.state != "cancelled"]
    if proposed is None:
        return Difference("remove", on, live[0], None) if live else None
    if not live:
        return Difference("add", on, known[0] if known else None, proposed)
    alike = next((day for day in live if day.kind == proposed.kind), None)
    if alike is None:
        return Difference("kind", on, live[0], proposed)
    if (alike.name, alike.name_en) != (proposed.name, proposed.name_en):
        return Difference("rename", on, alike, proposed)
    return None
