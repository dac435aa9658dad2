"""The meters of the team board, and what the rules about presence find wanting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any

import msgspec

from app.scheduling import wording
from app.scheduling.board import Coverage
from app.scheduling.board_words import PARTS
from app.scheduling.coverage import Meter, Shortfall
from app.texts import N_, Words

Numbers = Callable[[Meter], tuple[int, int, int]]
"""People present, of how many, and how many it takes."""


class Gauge(msgspec.Struct, frozen=True):
    """People at the office as a bar: ``filled`` and ``least`` in percent of its length, ``least`` -1 without a rule.
    ``lacking`` says in words what is missing, if anything."""

    part: str
    filled: int
    least: int
    text: str
    need: str
    lacking: str


class GaugeRow(msgspec.Struct, frozen=True):
    label: str
    site: bool
    days: list[tuple[Gauge, ...]]


class Finding(msgspec.Struct, frozen=True):
    text: str
    basis: str


def gauges(about: Coverage, said: Words) -> Iterator[GaugeRow]:
    by_day: dict[date, list[Meter]] = {}
    for meter in about.meters:
        by_day.setdefault(meter.on, []).append(meter)
    columns = [by_day.get(day.on, []) for day in about.days]

    def row(label: str, numbers: Numbers, *, site: bool) -> GaugeRow:
        return GaugeRow(label, site, [_day(column, numbers, said) for column in columns])

    yield row(said.say(N_("Hadir di kantor")), of_all, site=False)
    shown = sorted({one.site_id for meter in about.meters for one in meter.sites})
    for site_id in shown:
        yield row(about.sites[site_id].code, partial(at_site, site_id), site=True)


def of_all(meter: Meter) -> tuple[int, int, int]:
    return meter.present, meter.total, meter.need


def at_site(site_id: int, meter: Meter) -> tuple[int, int, int]:
    """As ``Numbers``, of one office."""
    found = next((one for one in meter.sites if one.site_id == site_id), None)
    return (found.present, found.total, found.need) if found else (0, 0, 0)


def _day(meters: list[Meter], numbers: Numbers, said: Words) -> tuple[Gauge, ...]:
    """One bar for a day, or one for each half where they differ."""
    found = [numbers(meter) for meter in meters]
    if len(set(found)) == 1:
        return (gauge("", found[0], said),)
    parts = (said.say(PARTS[meter.part]) for meter in meters)
    return tuple(gauge(part, one, said) for part, one in zip(parts, found, strict=True))


def gauge(part: str, numbers: tuple[int, int, int], said: Words) -> Gauge:
    present, total, need = numbers
    length = max(present, total, need, 1)
    return Gauge(
        part,
        round(100 * present / length),
        round(100 * need / length) if need else -1,
        said.say(N_("{present} dari {total}"), present=present, total=total),
        said.say(N_("min. {need}"), need=need) if need else "",
        said.say(N_("kurang {lacking}"), lacking=need - present) if present < need else "",
    )


def findings(about: Coverage, paths: dict[int, str], said: Words) -> list[Finding]:
    """What isn't met; a board of several units says in which."""
    found = []
    for one in worst(about.shortfalls):
        worded, unit_id = finding_of(one, said), one.unit_id or about.about.get(one.policy_id)
        if unit_id in paths and unit_id != about.unit_id:
            unit = paths[unit_id].rpartition(" / ")[2]
            text = said.say(N_("{unit}: {finding}"), unit=unit, finding=worded.text)
            worded = msgspec.structs.replace(worded, text=text)
        found.append(worded)
    return found


def worst(shortfalls: Iterable[Shortfall]) -> list[Shortfall]:
    """Each demand that isn't met, once a day: of its halves the one that lacks more."""
    found: dict[Any, Shortfall] = {}
    for one in shortfalls:
        key = one.policy_id, one.on, one.site_id, one.unit_id
        if key not in found or one.lacking > found[key].lacking:
            found[key] = one
    return list(found.values())


def finding_of(found: Any, said: Words) -> Finding:
    worded = wording.finding(found, said)
    return Finding(worded.detail, worded.basis)
