"""The week as a form: what each day's fields hold, and what is wanted by them.

A day's parts are written ``WFH`` for a whole day, ``07:30-12:00=WFH,13:00-16:00=WFO`` for parts of it, and nothing for a
day that isn't planned. Hours are read on the wall of the posting, as the page's axis has them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from app import clock
from app.errors import Invalid
from app.ids import LARGEST, hhmm, minute_of
from app.scheduling.ground import Ground
from app.scheduling.rules import AT_OFFICE, MOST_SEGMENTS, Mode
from app.scheduling.shapes import RemedyOut, SegmentIn, SegmentOut, WeekIn, WeekOut

DeskWish = Literal["keep", "near", "none"]
_PART = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)=([\w-]+)")
LONGEST_LETTER = 100


class Part(msgspec.Struct, frozen=True):
    """A part of a day in local minutes of the posting; both are None for a whole day."""

    mode: Mode
    starts: int | None = None
    ends: int | None = None


class DayForm(msgspec.Struct, frozen=True):
    """The fields of one day. ``site_id`` is the office worked at or travelled to, None for none of ours."""

    parts: str = ""
    site_id: int | None = None
    letter: str = ""
    desk: DeskWish = "near"

    @property
    def modes(self) -> frozenset[Mode]:
        return frozenset(part.mode for part in read_parts(self.parts))


def read_parts(text: str) -> list[Part]:
    """Raises Invalid for what isn't written as parts are."""
    if not text:
        return []
    if "=" not in text:
        return [Part(_mode(text))]
    parts = text.split(",")
    if len(parts) > MOST_SEGMENTS:
        raise Invalid(problem="parts")
    return [_part(part) for part in parts]


def _part(text: str) -> Part:
    found = _PART.fullmatch(text)
    if not found:
        raise Invalid(problem="parts")
    return Part(_mode(found[5]), int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4]))


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError as error:
        raise Invalid(problem="mode") from error


def write_parts(parts: list[Part]) -> str:
    if len(parts) == 1 and parts[0].starts is None:
        return parts[0].mode.value
    return ",".join(f"{hhmm(part.starts or 0)}-{hhmm(part.ends or 0)}={part.mode.value}" for part in parts)


def may_change(base: Ground, on: date) -> bool:
    """Whether a day can be planned on the page: a working day that isn't over."""
    return on >= base.today and bool(base.days[on].spans)


# From what is stored


def stored_forms(base: Ground, week: WeekOut) -> dict[date, DayForm]:
    """The fields of every day of the week, as its plan has them."""
    return {on: _stored(base, on, week.days.get(on, [])) for on in base.days}


def _stored(base: Ground, on: date, parts: list[SegmentOut]) -> DayForm:
    if not parts:
        return DayForm()
    places = (part.site_id for part in parts if part.site_id != base.person.site_id)
    letters = (part.letter for part in parts if part.letter)
    desk: DeskWish = "near"
    if any(part.desk_id for part in parts):
        desk = "keep"
    elif any(part.mode in AT_OFFICE for part in parts):
        desk = "none"
    return DayForm(_text(base, on, parts), next(places, None), next(letters, ""), desk)


def _text(base: Ground, on: date, parts: list[SegmentOut]) -> str:
    if len(parts) == 1 and parts[0].whole:
        return parts[0].mode.value
    return write_parts([
        Part(part.mode, *_shifted(base, on, part.site_id, minute_of(part.starts), minute_of(part.ends), back=True))
        for part in parts
    ])  # fmt: skip


def remedy_text(base: Ground, way: RemedyOut) -> str:
    """A way out as the form's button sends it: each day by its number, Monday 0, with its parts."""
    return days_text(base, way.days)


def days_text(base: Ground, days: Mapping[date, list[SegmentIn]]) -> str:
    return "|".join(f"{on.weekday()}:{_remedied(base, on, parts)}" for on, parts in sorted(days.items()))


def _remedied(base: Ground, on: date, parts: list[SegmentIn]) -> str:
    day = base.days[on]
    hours = (parts[0].starts, parts[0].ends) if len(parts) == 1 else ()
    if hours in ((None, None), (hhmm(day.starts), hhmm(min(day.ends, 1440)))):
        return parts[0].mode.value
    own = base.person.site_id
    return write_parts([
        Part(
            part.mode,
            *_shifted(base, on, part.site_id or own, minute_of(part.starts or ""), minute_of(part.ends or ""), back=True),
        )
        for part in parts
    ])  # fmt: skip


# From what was sent


def sent_forms(base: Ground, stored: Mapping[date, DayForm], data: Mapping[str, str]) -> dict[date, DayForm]:
    """The fields as they were sent, with a way out put in if its button was pressed; days without fields as stored.

    Raises Invalid for what the page's own fields can't hold.
    """
    forms = {on: _sent(base, on, data, form) if may_change(base, on) else form for on, form in stored.items()}
    for on, parts in _chosen_way(base, data.get("way", "")).items():
        forms[on] = msgspec.structs.replace(forms[on], parts=parts)
    return forms


def _sent(base: Ground, on: date, data: Mapping[str, str], stored: DayForm) -> DayForm:
    n = on.weekday()
    mode = data.get(f"mode-{n}")
    if mode is None:
        return stored
    halves = data.get(f"am-{n}", ""), data.get(f"pm-{n}", "")
    if mode != "parts" or any(halves):
        parts = _halves(base, on, *(half or (mode if mode != "parts" else "") for half in halves))
    else:
        parts = data.get(f"parts-{n}", "")
        read_parts(parts)
    wish = data.get(f"desk-{n}", "none")
    return DayForm(
        parts,
        _site(base, data.get(f"site-{n}", "")),
        data.get(f"letter-{n}", "").strip()[:LONGEST_LETTER],
        wish if wish in ("keep", "near") else "none",  # type: ignore[arg-type]
    )


def _halves(base: Ground, on: date, am: str, pm: str) -> str:
    if am == pm:
        read_parts(am)
        return am
    day = base.days[on]
    wanted = ((am, day.starts, day.break_starts), (pm, day.break_ends, min(day.ends, 1440)))
    return write_parts([Part(_mode(mode), starts, ends) for mode, starts, ends in wanted if mode and starts < ends])


def _site(base: Ground, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST):
        raise Invalid(problem="site")
    return int(text)


def _chosen_way(base: Ground, text: str) -> dict[date, str]:
    found = {}
    for change in text.split("|") if text else ():
        n, _, parts = change.partition(":")
        if n not in tuple("0123456"):
            raise Invalid(problem="way")
        read_parts(parts)
        on = list(base.days)[int(n)]
        if may_change(base, on):
            found[on] = parts
    return found


# What is wanted by it


def wanted(base: Ground, week: WeekOut, forms: Mapping[date, DayForm]) -> WeekIn:
    """The week to put. A day whose fields stayed is sent as it is stored, with hours that no grid could show; a desk that
    is refused is left out rather than hold up the rest."""
    stored = stored_forms(base, week)
    days = {}
    for on, form in forms.items():
        if not may_change(base, on):
            continue
        was = stored[on]
        same = week.days.get(on) and (form.parts, form.site_id, form.letter) == (was.parts, was.site_id, was.letter)
        parts = [as_stored(part) for part in week.days[on]] if same else _made(base, on, form)
        days[on] = [_with_desk(part, form.desk) for part in parts]
    return WeekIn(days, without_desk=True)


def as_stored(part: SegmentOut) -> SegmentIn:
    """A stored part as it is put back; its desk stays."""
    starts, ends = (None, None) if part.whole else (part.starts, part.ends)
    return SegmentIn(part.mode, starts, ends, part.site_id, letter=part.letter)


def _made(base: Ground, on: date, form: DayForm) -> list[SegmentIn]:
    return [_segment(base, on, part, form) for part in read_parts(form.parts)]


def _segment(base: Ground, on: date, part: Part, form: DayForm) -> SegmentIn:
    site_id = _place(base, part.mode, form.site_id)
    letter = form.letter if part.mode is Mode.TRAVEL else ""
    if part.starts is None or part.ends is None:
        return SegmentIn(part.mode, site_id=site_id, letter=letter)
    starts, ends = _shifted(base, on, site_id or base.person.site_id, part.starts, part.ends)
    return SegmentIn(part.mode, hhmm(starts), hhmm(ends), site_id, letter=letter)


def _place(base: Ground, mode: Mode, site_id: int | None) -> int | None:
    """Where a part is worked: another office needs one, a journey may have one; the first there is, if none was chosen."""
    if mode is Mode.OTHER_OFFICE:
        return site_id or next((id for id in base.sites if id != base.person.site_id), None)
    return site_id if mode is Mode.TRAVEL else None


def _with_desk(part: SegmentIn, wish: DeskWish) -> SegmentIn:
    if part.mode not in AT_OFFICE and not (part.mode is Mode.TRAVEL and part.site_id):
        return part
    desk_id: UnsetType | None = None if wish == "none" else UNSET
    return msgspec.structs.replace(part, desk_id=desk_id, near_team=wish == "near")


def _shifted(base: Ground, on: date, site_id: int, starts: int, ends: int, *, back: bool = False) -> tuple[int, int]:
    """Minutes of the posting's wall as a site's has them, or ``back``; cut at that day's midnights."""
    own, there = (clock.instant_of(on, 720, base.zone(id)) for id in (base.person.site_id, _known(base, site_id)))
    ahead = int((own - there).total_seconds()) // 60
    if back:
        ahead = -ahead
    return max(0, min(1440, starts + ahead)), max(0, min(1440, ends + ahead))


def _known(base: Ground, site_id: int) -> int:
    if site_id not in base.sites:
        raise Invalid(problem="site")
    return site_id
