"""Days off beside those of the package ``holidays``: it proposes, a person confirms each line and names the decree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app.people.access import Actor
from app.scheduling import changes, holiday_source, rule_words, rulebook, rules
from app.scheduling.changes import Wish
from app.scheduling.holiday_source import Difference
from app.scheduling.touched import Touch
from app.scheduling.working_time import DayOff
from app.texts import N_, Words
from app.views import Notice

ACTS = {
    "add": N_("Tambahkan"),
    "remove": N_("Batalkan"),
    "kind": N_("Ganti jenis"),
}
NOTHING_CHOSEN = N_("Pilih sekurang-kurangnya satu baris.")
NO_BASIS = N_("Tuliskan dasar hukumnya, sekurang-kurangnya 3 huruf.")


class Line(msgspec.Struct, frozen=True):
    """``name`` is the name of the checkbox."""

    name: str
    day: str
    act: str
    ours: str
    theirs: str
    chosen: bool


class ComparisonPage(msgspec.Struct, frozen=True):
    """``names`` are for information: only the wording differs, and ours follows the dictionary. ``touch`` is what the chosen
    lines would touch, None before one has looked."""

    year: int
    lines: tuple[Line, ...]
    names: tuple[Line, ...]
    basis: str
    touch: Touch | None
    may_apply: bool
    problem: str
    basis_problem: bool
    notice: Notice | None


def comparison_page(
    session: Session,
    actor: Actor,
    year: int,
    data: Mapping[str, str],
    said: Words,
    *,
    problem: str = "",
    notice: Notice | None = None,
    now: datetime,
) -> ComparisonPage:
    found = differences(session, year)
    touch = None
    if data and not problem and notice is None:
        touch = changes.preview(session, actor, wishes(session, actor, year, data), now=now)
    return ComparisonPage(
        year,
        tuple(_line(one, data, said) for one in found if one.kind != "rename"),
        tuple(_line(one, data, said) for one in found if one.kind == "rename"),
        data.get("basis", ""),
        touch,
        rules.may_administer(actor, None),
        said.say(problem) if problem else "",
        problem == NO_BASIS,
        notice,
    )


def differences(session: Session, year: int) -> list[Difference]:
    """What the package would have otherwise; nothing for years it may not know."""
    if not 2000 <= year <= 2100:
        return []
    return holiday_source.compare(rulebook.days_off_of(session), holiday_source.proposed(year), year)


def problem(data: Mapping[str, str]) -> str:
    """What is wrong with a choice, or nothing."""
    if not any(name.startswith("pick-") for name in data):
        return NOTHING_CHOSEN
    return NO_BASIS if not 3 <= len(data.get("basis", "").strip()) <= 300 else ""


def wishes(session: Session, actor: Actor, year: int, data: Mapping[str, str]) -> list[Wish]:
    """What the chosen lines ask for, with the decree that the officer names rather than the package."""
    basis = data.get("basis", "").strip()
    found = []
    for one in differences(session, year):
        if _name(one) in data and (wish := _wish(one, basis)):
            found.append(wish)
    return found


def _wish(one: Difference, basis: str) -> Wish | None:
    known, proposed = one.known, one.proposed
    if one.kind == "remove" and known is not None:
        return Wish("day-off", replace(known, state="cancelled", basis=basis), known.id)
    if one.kind == "kind" and known is not None and proposed is not None:
        return Wish("day-off", replace(known, kind=proposed.kind, basis=basis), known.id)
    if one.kind == "add" and proposed is not None:
        row = replace(proposed, basis=basis)
        return Wish("day-off", replace(row, id=known.id), known.id) if known is not None else Wish("day-off", row)
    return None


def _name(one: Difference) -> str:
    return f"pick-{one.on}"


def _line(one: Difference, data: Mapping[str, str], said: Words) -> Line:
    name = _name(one)
    act = said.say(ACTS.get(one.kind, ""))
    return Line(name, said.day(one.on), act, _day(one.known, said), _day(one.proposed, said), name in data)


def _day(day: DayOff | None, said: Words) -> str:
    if day is None or day.state == "cancelled":
        return said.say(N_("tidak libur"))
    name = day.name_en if said.language == "en" else day.name
    return f"{name} ({said.say(rule_words.DAY_KINDS[day.kind.value])})"
