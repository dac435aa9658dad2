"""What the page Papan tim shows, in the words of one reader."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlencode

import msgspec
from sqlalchemy.orm import Session

from app import clock, sites, weeks
from app.people.access import Actor
from app.people.rules import keeps_rules
from app.people.units import unit_ids
from app.scheduling import approval, board
from app.scheduling.board import Board, Coverage
from app.scheduling.board_asked import Asked, Try, asked_of
from app.scheduling.board_chips import Chip, Group, groups, legend
from app.scheduling.board_meters import Finding, GaugeRow, findings, gauges
from app.scheduling.board_words import SIGNS, STATES, off_name, week_label
from app.texts import N_, Words
from app.views import Notice

MOST_WAITING = 40
"""Waiting weeks shown at once; the others come up as these are decided."""


class Column(msgspec.Struct, frozen=True):
    weekday: str
    day: str
    today: bool
    short: bool
    off: str


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
    scope: str
    notice: Notice | None = None


def board_page(
    session: Session,
    actor: Actor,
    unit_id: int,
    week: str | None,
    said: Words,
    *,
    after: int = 0,
    notice: Notice | None = None,
    tried: Try | None = None,
    now: datetime,
) -> BoardPage:
    """Without ``week`` that which the reader has before them. Raises Invalid, NotFound, Forbidden as ``board_for`` does."""
    today = clock.local_date(now, sites.site(session, actor.site_id).zone)
    found = board.board_for(session, actor, unit_id, week or weeks.to_plan(today), after=after, now=now)
    waiting = approval.waiting(session, actor, now=now)
    listed = [asked_of(one, found.coverage, said, tried) for one in waiting[:MOST_WAITING]]
    if tried is not None and not any(one.error for one in listed):  # decided or withdrawn meanwhile
        notice = Notice("warn", tried.error)
    return _page(
        found,
        said,
        actor=actor,
        today=today,
        paths=_paths(session, actor, found),
        listed=listed,
        more=len(waiting) - len(listed),
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
    listed: list[Asked],
    more: int,
    after: int,
    notice: Notice | None,
) -> BoardPage:
    about = found.coverage
    monday = weeks.monday_of(about.week)
    path = f"/tim/{about.unit_id}"
    short = {one.on for one in about.shortfalls}
    return BoardPage(
        unit=about.unit,
        week_label=week_label(monday, said),
        week=about.week,
        path=f"{path}?week={about.week}",
        units=_units(paths, about),
        before=f"{path}?week={weeks.week_of(monday - timedelta(days=7))}",
        this="" if weeks.to_plan(today) == about.week else path,
        after=f"{path}?week={weeks.week_of(monday + timedelta(days=7))}",
        csv=f"{path}/papan.csv?week={about.week}",
        columns=[_column(day, said, today=today, short=day.on in short) for day in about.days],
        gauges=list(gauges(about, said)),
        groups=groups(found, actor, said),
        people=said.count(N_("{n} pegawai"), N_("{n} pegawai"), found.total),
        findings=findings(about, paths, said),
        legend=legend(about, said),
        signs=[(sign, said.say(STATES[state])) for state, sign in SIGNS.items()],
        asked=listed,
        asked_more=more,
        passing=[one.item for one in listed if one.passes],
        more="" if found.next is None else f"{path}?{urlencode({'week': about.week, 'after': found.next})}",
        first=f"{path}?week={about.week}" if after else "",
        scope=f"board:{about.unit_id}@{about.week}",
        notice=notice,
    )


def _column(day: board.BoardDay, said: Words, *, today: date, short: bool) -> Column:
    off = "" if day.working else off_name(day.name, day.name_en, said)
    return Column(said.weekday(day.on), str(day.on.day), day.on == today, short, off)


def _paths(session: Session, actor: Actor, found: Board) -> dict[int, str]:
    """Units whose boards the reader may see beside this one, by id: all of the agency for its officers, those below for
    others; none where there is but one."""
    shown = found.coverage.unit_id
    officer = keeps_rules(actor)
    if not officer and shown == actor.unit_id and {one.unit_id for one in found.people} <= {shown}:
        return {}
    paths = {id: path for (agency, path), id in unit_ids(session).items() if agency == found.agency_id}
    if officer:
        return paths
    below = f"{paths[actor.unit_id]} /"
    return {id: path for id, path in paths.items() if id == actor.unit_id or path.startswith(below)}


def _units(paths: dict[int, str], about: Coverage) -> list[UnitLink]:
    links = sorted(paths.items(), key=lambda one: one[1])
    return [UnitLink(path, f"/tim/{id}?week={about.week}", id == about.unit_id) for id, path in links]
