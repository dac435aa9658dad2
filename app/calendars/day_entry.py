"""Planned days as entries: where somebody works, all day, and hours of their own where the day has parts."""

from __future__ import annotations

from collections.abc import Mapping

from app.calendars.cleaning import one_line
from app.calendars.entries import Busy, Entry, Level, Names, Status, day, text
from app.scheduling.calendar_reading import DayPlanned, PlannedPart
from app.scheduling.rules import DayState, Mode
from app.sites import SiteOut
from app.spans import on_day
from app.texts import N_, Words

MODES = {
    Mode.WFO: N_("WFO"),
    Mode.WFH: N_("WFH"),
    Mode.WFA: N_("WFA"),
    Mode.OTHER_OFFICE: N_("Kantor lain"),
    Mode.TRAVEL: N_("Dinas"),
    Mode.LEAVE: N_("Cuti"),
}
CATEGORIES = {Mode.OTHER_OFFICE: "WFO", Mode.TRAVEL: "DINAS", Mode.LEAVE: "CUTI"}
AT_SITE = frozenset({Mode.WFO, Mode.OTHER_OFFICE, Mode.TRAVEL})
AWAY = frozenset({Mode.LEAVE, Mode.TRAVEL})
"""Modes that take the whole of somebody's time; all others only say where they work."""
Sites = Mapping[int, SiteOut]


def own(planned: DayPlanned, names: Names, sites: Sites, said: Words) -> list[Entry]:
    """A day of one's own plan, and its parts with their hours unless it is one part that lasts as long as the working day."""
    entries = [_day(planned, names, one_line(words_of(planned, sites, said)))]
    if any(not part.whole for part in planned.parts):
        entries += [_part(planned, part, names, sites, said) for part in planned.parts]
    return entries


def of_mate(planned: DayPlanned, name: str, names: Names, sites: Sites, said: Words, *, level: Level) -> Entry:
    """A colleague's day: who, how and at which office; ``full`` says the hours of its parts. Why somebody is away is theirs
    to tell: leave has no name here, whoever reads."""
    entry = _day(planned, names, one_line(f"{name}: {words_of(planned, sites, said, open_=False)}"), open_=False)
    if level != "full" or all(part.whole for part in planned.parts):
        return entry
    hours = "\n".join(
        f"{_word(part, sites, said, False)}: {_hours(planned, part, sites, said)}" for part in planned.parts
    )
    return Entry(
        entry.uid,
        entry.sequence,
        entry.changed_at,
        entry.summary,
        days=entry.days,
        description=text(hours),
        status=entry.status,
        busy=entry.busy,
        categories=entry.categories,
    )


def words_of(planned: DayPlanned, sites: Sites, said: Words, *, open_: bool = True) -> str:
    """WFO: Nusantara; or several, WFO: Nusantara / WFH"""
    return " / ".join(dict.fromkeys(_word(part, sites, said, open_) for part in planned.parts))


def _word(part: PlannedPart, sites: Sites, said: Words, open_: bool) -> str:
    if part.mode is Mode.LEAVE and not open_:
        return said.say(N_("Tidak tersedia"))
    word = said.say(MODES[part.mode])
    return f"{word}: {sites[part.site_id].name}" if part.mode in AT_SITE else word


def _day(planned: DayPlanned, names: Names, summary: str, *, open_: bool = True) -> Entry:
    away = all(part.mode in AWAY for part in planned.parts)
    return Entry(
        names.uid("day", planned.person_id, planned.on.isoformat()),
        planned.version,
        planned.changed_at,
        summary,
        days=day(planned.on),
        status=_status(planned),
        busy="OOF" if away else "FREE",
        categories=_categories(planned.parts) if open_ else _categories(_told(planned.parts)),
    )


def _part(planned: DayPlanned, part: PlannedPart, names: Names, sites: Sites, said: Words) -> Entry:
    zone = sites[part.site_id].zone
    away = part.mode in AWAY
    busy: Busy = "OOF" if away and not all(other.mode in AWAY for other in planned.parts) else "FREE"
    return Entry(
        names.uid("part", part.id),
        planned.version,
        planned.changed_at,
        one_line(_word(part, sites, said, True)),
        span=on_day(planned.on, part.starts, part.ends, zone),
        zone=zone,
        status=_status(planned),
        busy=busy,
        categories=_categories((part,)),
    )


def _status(planned: DayPlanned) -> Status:
    return "CONFIRMED" if planned.state is DayState.APPROVED else "TENTATIVE"


def _told(parts: tuple[PlannedPart, ...]) -> tuple[PlannedPart, ...]:
    return tuple(part for part in parts if part.mode is not Mode.LEAVE)


def _categories(parts: tuple[PlannedPart, ...]) -> tuple[str, ...]:
    return tuple(sorted({CATEGORIES.get(part.mode, part.mode.value) for part in parts}))


def _hours(planned: DayPlanned, part: PlannedPart, sites: Sites, said: Words) -> str:
    zone = sites[part.site_id].zone
    return said.hours(on_day(planned.on, part.starts, part.ends, zone), zone)
