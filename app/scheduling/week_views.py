"""What the page Pekan saya shows: plain values, already worded and dated for one reader."""

from __future__ import annotations

import msgspec

from app.scheduling.board_chips import Chip
from app.scheduling.board_meters import Gauge
from app.scheduling.week_form import DayForm
from app.views import Notice


class Mood(msgspec.Struct, frozen=True):
    """A mode of the palette: ``key`` is its digit on the keyboard."""

    mode: str
    look: str
    word: str
    meaning: str
    key: int


class Box(msgspec.Struct, frozen=True):
    """A cell of the grid as drawn; ``label`` is what it says to whoever can't see the grid."""

    minute: int
    kind: str
    look: str
    word: str = ""
    hours: str = ""
    label: str = ""


class Desk(msgspec.Struct, frozen=True):
    name: str
    href: str


class Column(msgspec.Struct, frozen=True):
    """A day. ``state`` is in words, ``off`` what it is off for, ``open`` whether it can be planned. ``hours`` are the
    bounds of its working day as the script needs them: from, to, to in the flexi band, break from, break to."""

    n: int
    on: str
    weekday: str
    day: str
    label: str
    today: bool
    off: str
    open: bool
    state: str
    tone: str
    reason: str
    total: str
    boxes: tuple[Box, ...]
    form: DayForm
    mode: str
    am: str
    pm: str
    more: bool
    desks: tuple[Desk, ...]
    hours: str
    errors: tuple[str, ...]


class Way(msgspec.Struct, frozen=True):
    label: str
    value: str


class Finding(msgspec.Struct, frozen=True):
    severity: str
    text: str
    basis: str
    n: int | None


class Judged(msgspec.Struct, frozen=True):
    """What the rules say. ``quota`` names the flexible days taken, ``total`` the minutes; ``summary`` is all in one line."""

    quota: str
    full: bool
    total: str
    findings: tuple[Finding, ...]
    ways: tuple[Way, ...]
    summary: str


class Foot(msgspec.Struct, frozen=True):
    """``text`` says who decides; ``barred`` that a rule refuses, ``despite`` that a shortfall is left to them; ``waits`` that
    there is something to take back."""

    text: str
    button: str
    barred: bool
    despite: bool
    waits: bool


class Step(msgspec.Struct, frozen=True):
    what: str
    who: str
    when: str
    reason: str


class DayGauge(msgspec.Struct, frozen=True):
    """People at the office on one day; ``short`` says that some rule about presence isn't met then."""

    weekday: str
    bar: Gauge
    short: bool


class MateRow(msgspec.Struct, frozen=True):
    name: str
    initials: str
    days: tuple[tuple[Chip, ...], ...]


class Team(msgspec.Struct, frozen=True):
    rows: tuple[MateRow, ...]
    days: tuple[tuple[str, str], ...]
    gauges: tuple[DayGauge, ...]
    more: str
    href: str


class WeekPage(msgspec.Struct, frozen=True):
    week: str
    label: str
    path: str
    before: str
    after: str
    this: str
    version: int
    zone: str
    palette: tuple[Mood, ...]
    rows: tuple[tuple[int, str], ...]
    columns: tuple[Column, ...]
    sites: tuple[tuple[int, str], ...]
    judged: Judged
    foot: Foot
    may_copy: bool
    empty: bool
    editable: bool
    steps: tuple[Step, ...]
    team: Team | None
    notice: Notice | None = None
