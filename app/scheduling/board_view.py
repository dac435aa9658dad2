"""What the page Papan tim shows: the board and its meters in the words of one reader, and what waits for their decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from sqlalchemy.orm import Session

from app import clock, sites
from app.errors import Refused
from app.people import service as people
from app.people.access import Actor
from app.people.rules import Role, initials
from app.problems import detail
from app.scheduling import approval, board, rules, wording
from app.scheduling.approval import Waiting
from app.scheduling.board import Board, Cell, Coverage, OnBoard, Slot
from app.scheduling.board_words import DAY_OFF, LOOKS, MEANINGS, MODES, PARTS, SIGNS, STATES
from app.scheduling.coverage import Meter, Shortfall
from app.scheduling.rules import DayState, Segment
from app.texts import N_, Words

MOST_WAITING = 40
"""Waiting weeks shown at once; the others come up as these are decided."""


class Chip(msgspec.Struct, frozen=True):
    """A mode as drawn: ``look`` is its classes, ``word`` names mode and office, ``note`` the state unless approved."""

    look: str
    word: str
    note: str = ""
    part: str = ""


class Row(msgspec.Struct, frozen=True):
    """One person; a day is one chip, or two for halves that differ, of which the second says the state of both."""

    name: str
    initials: str
    mine: bool
    days: list[tuple[Chip, ...]]


class Group(msgspec.Struct, frozen=True):
    label: str
    rows: list[Row]


class Column(msgspec.Struct, frozen=True):
    weekday: str
    day: str
    today: bool
    short: bool
    off: str


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


class Note(msgspec.Struct, frozen=True):
    kind: str
    text: str
    basis: str = ""
    ways_out: tuple[Any, ...] = ()
    undo: str = ""


class UnitLink(msgspec.Struct, frozen=True):
    label: str
    href: str
    current: bool


class BoardPage(msgspec.Struct, frozen=True):
    unit: str
    week_label: str
    week: str
    path: str
    units: list[UnitLink]
    before: str
    this: str
    after: str
    csv: str
    columns: list[Column]
    gauges: list[GaugeRow]
    groups: list[Group]
    people: str
    findings: list[Finding]
    legend: list[tuple[Chip, str]]
    signs: list[tuple[str, str]]
    asked: list[Asked]
    asked_more: int
    passing: list[str]
    more: str
    first: str
    notice: Note | None = None


class Try(msgspec.Struct, frozen=True):
    """A decision that was refused, to be shown where it was made."""

    item: str
    reason: str
    error: str


def board_page(
    session: Session,
    actor: Actor,
    unit_id: int,
    week: str | None,
    said: Words,
    *,
    after: int = 0,
    notice: Note | None = None,
    tried: Try | None = None,
    now: datetime,
) -> BoardPage:
    """Raises Invalid, NotFound, Forbidden as ``board_for`` does."""
    found = board.board_for(session, actor, unit_id, week, after=after, now=now)
    waiting = approval.waiting(session, actor, now=now)
    today = clock.local_date(now, sites.site(session, actor.site_id).zone)
    asked = [_asked(one, found.coverage, said, tried) for one in waiting[:MOST_WAITING]]
    return _page(
        found,
        said,
        actor=actor,
        today=today,
        paths=_paths(session, actor, found),
        asked=asked,
        asked_more=len(waiting) - len(asked),
        after=after,
        notice=notice,
    )


def _page(
    found: Board,
    said: Words,
    *,
    actor: Actor,
    today: date,
    paths: dict[int, str],
    asked: list[Asked],
    asked_more: int,
    after: int,
    notice: Note | None,
) -> BoardPage:
    about = found.coverage
    monday = rules.monday_of(about.week)
    path = f"/tim/{about.unit_id}"
    short = {one.on for one in about.shortfalls}
    return BoardPage(
        unit=about.unit,
        week_label=week_label(monday, said),
        week=about.week,
        path=f"{path}?week={about.week}",
        units=_units(paths, about),
        before=f"{path}?week={rules.week_of(monday - timedelta(days=7))}",
        this="" if rules.week_of(today) == about.week else path,
        after=f"{path}?week={rules.week_of(monday + timedelta(days=7))}",
        csv=f"{path}/papan.csv?week={about.week}",
        columns=[
            Column(said.weekday(day.on), str(day.on.day), day.on == today, day.on in short, _off(day, said))
            for day in about.days
        ],
        gauges=list(_gauges(about, said)),
        groups=_groups(found, actor, said),
        people=said.count(N_("{n} pegawai"), N_("{n} pegawai"), found.total),
        findings=_findings(about, paths, said),
        legend=_legend(about, said),
        signs=[(sign, said.say(STATES[state])) for state, sign in SIGNS.items()],
        asked=asked,
        asked_more=asked_more,
        passing=[one.item for one in asked if one.passes],
        more="" if found.next is None else f"{path}?{urlencode({'week': about.week, 'after': found.next})}",
        first=f"{path}?week={about.week}" if after else "",
        notice=notice,
    )


def week_label(monday: date, said: Words) -> str:
    """Pekan 49 · 30 Nov 2026 – 4 Des 2026"""
    friday = monday + timedelta(days=4)
    starts = said.plain_date(monday)
    if monday.year == friday.year:
        starts = starts.removesuffix(f" {monday.year}")
    week = said.say(N_("Pekan {number}"), number=monday.isocalendar().week)
    return f"{week} · {starts} – {said.plain_date(friday)}"


def _off(day: board.BoardDay, said: Words) -> str:
    if day.working:
        return ""
    return (day.name_en if said.language == "en" else "") or day.name or said.say(DAY_OFF)


# Units


def _paths(session: Session, actor: Actor, found: Board) -> dict[int, str]:
    """Units whose boards the reader may see beside this one, by id: all of the agency for its officers, those below for
    others; none where there is but one."""
    shown = found.coverage.unit_id
    officer = bool(actor.roles & {Role.HR_OFFICER, Role.AGENCY_ADMIN, Role.OPERATOR})
    if not officer and shown == actor.unit_id and {one.unit_id for one in found.people} <= {shown}:
        return {}
    paths = {id: path for (agency, path), id in people.unit_ids(session).items() if agency == found.agency_id}
    if officer:
        return paths
    below = f"{paths[actor.unit_id]} /"
    return {id: path for id, path in paths.items() if id == actor.unit_id or path.startswith(below)}


def _units(paths: dict[int, str], about: Coverage) -> list[UnitLink]:
    links = sorted(paths.items(), key=lambda one: one[1])
    return [UnitLink(path, f"/tim/{id}?week={about.week}", id == about.unit_id) for id, path in links]


# People


def _groups(found: Board, actor: Actor, said: Words) -> list[Group]:
    """People by the place of their posting; within it by name, as they come."""
    chips: dict[Cell, tuple[Chip, ...]] = {}
    known = found.coverage.sites
    rows: dict[int, list[Row]] = {}
    for one in found.people:
        rows.setdefault(one.site_id, []).append(_row(one, actor, known, chips, said))
    return [
        Group(f"{known[site_id].name} · {known[site_id].zone_name}", of_site) for site_id, of_site in sorted(rows.items())
    ]


def _row(one: OnBoard, actor: Actor, known: Any, chips: dict[Cell, tuple[Chip, ...]], said: Words) -> Row:
    days = []
    for cell in one.days.values():
        if (drawn := chips.get(cell)) is None:
            drawn = chips[cell] = _chips(cell, known, said)
        days.append(drawn)
    return Row(one.name, initials(one.name), one.person_id == actor.id, days)


def _chips(cell: Cell, known: Any, said: Words) -> tuple[Chip, ...]:
    if cell.am is None or cell.pm is None:
        return (Chip("off", "–"),)
    if cell.am == cell.pm:
        return (_chip(cell.am, cell.state, known, said),)
    am, pm = said.say(PARTS["am"]), said.say(PARTS["pm"])
    first, second = _chip(cell.am, cell.state, known, said, am), _chip(cell.pm, cell.state, known, said, pm)
    return msgspec.structs.replace(first, note=""), second


def _chip(slot: Slot, state: DayState | None, known: Any, said: Words, part: str = "") -> Chip:
    office = known[slot.site_id].code if slot.site_id is not None else ""
    note = said.say(STATES[state]) if state in STATES else ""
    if state is None or (state in (DayState.DRAFT, DayState.REVOKED) and slot.mode == "WFO"):
        return Chip(f"none {state or ''}".strip(), office, note, part)
    look = LOOKS[slot.mode] + (f" {state}" if note else "")
    return Chip(look, f"{said.say(MODES[slot.mode])} {office}".strip(), note, part)


def _legend(about: Coverage, said: Words) -> list[tuple[Chip, str]]:
    named = [(Chip(LOOKS[mode], said.say(MODES[mode])), said.say(meaning)) for mode, meaning in MEANINGS.items()]
    code = next(iter(about.sites.values())).code
    return [*named, (Chip("none", code), said.say(N_("belum direncanakan; dihitung hadir di kantor penempatan")))]


# Meters


def _gauges(about: Coverage, said: Words) -> Iterator[GaugeRow]:
    by_day: dict[date, list[Meter]] = {}
    for meter in about.meters:
        by_day.setdefault(meter.on, []).append(meter)
    columns = [by_day.get(day.on, []) for day in about.days]

    def row(label: str, numbers: Any, *, site: bool) -> GaugeRow:
        return GaugeRow(label, site, [_day(column, numbers, said) for column in columns])

    yield row(said.say(N_("Hadir di kantor")), lambda meter: (meter.present, meter.total, meter.need), site=False)
    shown = sorted({one.site_id for meter in about.meters for one in meter.sites})
    for site_id in shown:
        yield row(about.sites[site_id].code, lambda meter, site_id=site_id: _at(meter, site_id), site=True)


def _at(meter: Meter, site_id: int) -> tuple[int, int, int]:
    found = next((one for one in meter.sites if one.site_id == site_id), None)
    return (found.present, found.total, found.need) if found else (0, 0, 0)


def _day(meters: list[Meter], numbers: Any, said: Words) -> tuple[Gauge, ...]:
    """One bar for a day, or one for each half where they differ."""
    found = [numbers(meter) for meter in meters]
    if len(set(found)) == 1:
        return (_gauge("", *found[0], said),)
    parts = (said.say(PARTS[meter.part]) for meter in meters)
    return tuple(_gauge(part, *one, said) for part, one in zip(parts, found, strict=True))


def _gauge(part: str, present: int, total: int, need: int, said: Words) -> Gauge:
    length = max(present, total, need, 1)
    return Gauge(
        part,
        round(100 * present / length),
        round(100 * need / length) if need else -1,
        said.say(N_("{present} dari {total}"), present=present, total=total),
        said.say(N_("min. {need}"), need=need) if need else "",
        said.say(N_("kurang {lacking}"), lacking=need - present) if present < need else "",
    )


def _findings(about: Coverage, paths: dict[int, str], said: Words) -> list[Finding]:
    """What isn't met; a board of several units says in which."""
    found = []
    for one in _worst(about.shortfalls):
        finding, unit_id = _finding(one, said), one.unit_id or about.about.get(one.policy_id)
        if unit_id in paths and unit_id != about.unit_id:
            unit = paths[unit_id].rpartition(" / ")[2]
            text = said.say(N_("{unit}: {finding}"), unit=unit, finding=finding.text)
            finding = msgspec.structs.replace(finding, text=text)
        found.append(finding)
    return found


def _worst(shortfalls: Iterable[Shortfall]) -> list[Shortfall]:
    """Each demand that isn't met, once a day: of its halves the one that lacks more."""
    found: dict[Any, Shortfall] = {}
    for one in shortfalls:
        key = one.policy_id, one.on, one.site_id, one.unit_id
        if key not in found or one.lacking > found[key].lacking:
            found[key] = one
    return list(found.values())


def _finding(found: Any, said: Words) -> Finding:
    worded = wording.finding(found, said)
    return Finding(worded.detail, worded.basis)


# What waits


def _asked(one: Waiting, about: Coverage, said: Words, tried: Try | None) -> Asked:
    item = f"{one.person_id}:{one.week}:{one.version}"
    again = tried is not None and tried.item.rpartition(":")[0] == item.rpartition(":")[0]
    against = (*one.judgement.findings, *_worst(one.judgement.shortfalls))
    return Asked(
        item,
        one.name,
        initials(one.name),
        week_label(rules.monday_of(one.week), said),
        list(_days(one.days, about, said)),
        [_finding(finding, said) for finding in against],
        not one.judgement.refusals and not one.judgement.shortfalls,
        bool(one.judgement.shortfalls),
        tried.reason if again and tried else "",
        tried.error if again and tried else "",
    )


def _days(days: dict[date, tuple[Segment, ...]], about: Coverage, said: Words) -> Iterator[tuple[str, Chip]]:
    """Each day with its parts; hours are said where a part isn't the only one."""
    for on, segments in sorted(days.items()):
        for segment in segments:
            hours = "" if len(segments) == 1 else f" {_clock(segment.starts, said)}–{_clock(segment.ends, said)}"
            slot = Slot(segment.mode, segment.place)
            office = about.sites[segment.site_id].code if slot.site_id else ""
            word = f"{said.say(MODES[slot.mode])} {office}".strip()
            yield f"{said.short_day(on)}{hours}", Chip(LOOKS[slot.mode], word)


def _clock(minute: int, said: Words) -> str:
    return f"{minute // 60:02}{'.' if said.language == 'id' else ':'}{minute % 60:02}"


def refused(error: Refused, said: Words) -> str:
    return detail(error, said)


# The table as a file


def csv_lines(session: Session, actor: Actor, unit_id: int, week: str | None, said: Words, *, now: datetime) -> str:
    """Everybody of the unit, half day by half day, and under them the totals that the page shows. Semicolons for readers of
    Indonesian, whose spreadsheets take commas for decimals."""
    found = board.board_for(session, actor, unit_id, week, most=None, now=now)
    about = found.coverage
    columns = [
        f"{said.short_day(day.on)} {said.say(part)}" for day in about.days for part in PARTS.values()
    ]  # fmt: skip
    head = [said.say(N_("Nama")), said.say(N_("Jabatan")), said.say(N_("Penempatan")), *columns]
    lines = [head]
    for one in found.people:
        cells = (text for cell in one.days.values() for text in _texts(cell, about, said))
        lines.append([one.name, one.title, about.sites[one.site_id].code, *cells])
    lines += _totals(about, said)
    mark = ";" if said.language == "id" else ","
    return "".join(mark.join(_quoted(text, mark) for text in line) + "\r\n" for line in lines)


def _texts(cell: Cell, about: Coverage, said: Words) -> Iterable[str]:
    for slot in (cell.am, cell.pm):
        if slot is None:
            yield said.say(DAY_OFF)
            continue
        chip = _chip(slot, cell.state, about.sites, said)
        text = chip.word if chip.look.partition(" ")[0] != "none" else f"({chip.word})"
        yield f"{text}, {chip.note}" if chip.note else text


def _totals(about: Coverage, said: Words) -> Iterator[list[str]]:
    meters = {(meter.on, meter.part): meter for meter in about.meters}
    halves = [meters.get((day.on, part)) for day in about.days for part in PARTS]

    def line(label: str, code: str, numbers: Iterable[int | str]) -> list[str]:
        return [label, "", code, *(str(number) for number in numbers)]

    present = said.say(N_("Hadir di kantor"))
    yield line(present, "", (half.present if half else "" for half in halves))
    for site_id in sorted({one.site_id for meter in about.meters for one in meter.sites}):
        code = about.sites[site_id].code
        yield line(present, code, (_at(half, site_id)[0] if half else "" for half in halves))
    yield line(said.say(N_("Batas minimum")), "", (half.need if half else "" for half in halves))
    yield line(said.say(N_("Jumlah pegawai")), "", (half.total if half else "" for half in halves))


def _quoted(text: str, mark: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in f'{mark}"\r\n') else text
