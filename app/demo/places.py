"""The demo's places file (docs/places.md): who sits where, by which rules, and when the offices are shut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.demo.floors import BOOTH, FOCUS, HALL, LARGE, LEADERSHIP, MEDIUM, TELECONFERENCE, Exchange, floor_plan
from app.demo.people import FEW_AGENCIES, Agency
from app.demo.towers import JAKARTA, SITES, TOWERS, Tower, seats_by_level

FORMAT = "selaras-places/1"
SINCE = "2026-01-01"
HOUSE_RULES = "Tata tertib kantor bersama (contoh)"
WORKING_HOURS = "Perpres 21/2023 Pasal 4"

SHARED_FLOOR = "IKN-K3-A-04"
"""the floor the demo opens on; three agencies share it"""
JAKARTA_FLOOR = "JKT-PST-01"
SMALL = (SHARED_FLOOR, "IKN-K3-A-03", JAKARTA_FLOOR)

_SHARED = {
    SHARED_FLOOR: {"A": "BAPPENAS", "B": "KEMENPANRB", "C": "KEMENKEU"},
    "IKN-K3-A-03": {"A": "BAPPENAS", "C": "KEMENDAGRI"},
    JAKARTA_FLOOR: {"A": "BAPPENAS", "C": "KEMENPANRB"},
}
"""area to agency; an area that isn't named is open to all"""

FLOORS_TOGETHER = 6

_ZONES = {site.code: ZoneInfo(site.zone) for site in SITES}


class _Floor(msgspec.Struct, frozen=True):
    tower: Tower
    level: int
    seats: int
    seed: int

    @property
    def code(self) -> str:
        return f"{self.tower.code}-{self.level:02}"


def places(today: date, *, small: bool = False, agencies: tuple[Agency, ...] = FEW_AGENCIES) -> dict[str, Any]:
    """The complete document in builtins. ``today`` dates the closures and the allotment that changes hands.

    ``small`` gives two floors of one tower and one in Jakarta, 258 desks. ``agencies`` share the floors and
    include those of ``FEW_AGENCIES``.
    """
    chosen = [floor for floor in _floors() if not small or floor.code in SMALL]
    floors = [_drawn(floor) for floor in chosen]
    towers = list(dict.fromkeys(floor.tower for floor in chosen))
    return {
        "format": FORMAT,
        "agencies": [{"code": agency.code, "name": agency.name} for agency in agencies],
        "sites": [{"code": site.code, "name": site.name, "zone": site.zone} for site in SITES],
        "buildings": [{"code": tower.code, "site": tower.site, "name": tower.name} for tower in towers],
        "floors": floors,
        "allotments": list(_allotments(chosen, floors, [agency.code for agency in agencies], today)),
        "rules": _rules(),
        "closures": _closures(today),
    }


def _floors() -> Iterator[_Floor]:
    """Every floor of the demo, numbered so that no two neighbours are furnished alike."""
    every = ((tower, level, seats) for tower in TOWERS for level, seats in seats_by_level(tower).items())
    for seed, (tower, level, seats) in enumerate(every):
        yield _Floor(tower, level, seats, seed)


def _drawn(floor: _Floor) -> dict[str, Any]:
    return {
        "code": floor.code,
        "building": floor.tower.code,
        "name": f"Lantai {floor.level}",
        "level": floor.level,
        **floor_plan(floor.seats, shape=floor.tower.shape, seed=floor.seed, instead=_special_rooms(floor)),
    }


def _special_rooms(floor: _Floor) -> Exchange:
    """A hall on the ground floor, a leadership room on the top floors and where the demo opens, video rooms between, and
    on every floor a booth to telephone in."""
    booth = {FOCUS: BOOTH}
    if floor.code in (SHARED_FLOOR, JAKARTA_FLOOR) or (floor.level == floor.tower.floors and floor.level > 1):
        return booth | {MEDIUM: LEADERSHIP}
    if floor.level == 1:
        return booth | {LARGE: HALL}
    return booth | ({MEDIUM: TELECONFERENCE} if floor.level % 2 else {})


# Who sits where


def _allotments(
    chosen: Iterable[_Floor], floors: Iterable[dict[str, Any]], agencies: list[str], today: date
) -> Iterator[dict[str, Any]]:
    """An agency at either end of a floor; the middle, and every ground floor in Nusantara, is open to all.

    The middle of the Jakarta floor is lent to one agency until the year ends.
    """
    for floor, drawn in zip(chosen, floors, strict=True):
        if floor.code in _SHARED:
            for area, agency in _SHARED[floor.code].items():
                yield _allotment(floor.code, area, agency)
        elif floor.level > 1 or floor.tower.site == JAKARTA.code:
            areas = [area["code"] for area in drawn["areas"]]
            wing = (len(areas) - 1) // 2
            for turn, side in enumerate((areas[:wing], areas[-wing:])):
                for area in side:
                    yield _allotment(floor.code, area, agencies[(2 * _neighbourhood(floor) + turn) % len(agencies)])
    yield _allotment(JAKARTA_FLOOR, "B", "LAN", until=date(today.year, 12, 31).isoformat())


def _neighbourhood(floor: _Floor) -> int:
    """Numbers the stretches of floors that two agencies share: six floors in Nusantara, each floor in Jakarta.

    Two ministries a tower was the plan of 2024. The tower of the shared floor is number 0, for the demo's own agency.
    """
    return _NEIGHBOURHOODS.index(_stretch(floor)) - _NEIGHBOURHOODS.index((SHARED_FLOOR.rpartition("-")[0], 0))


def _stretch(floor: _Floor) -> tuple[str, int]:
    return floor.tower.code, (floor.level - 1) // (1 if floor.tower.site == JAKARTA.code else FLOORS_TOGETHER)


def _allotment(floor: str, area: str, agency: str, *, until: str | None = None) -> dict[str, Any]:
    return {"floor": floor, "area": area, "agency": agency, "unit": None, "from": SINCE, "until": until}


_NEIGHBOURHOODS = list(dict.fromkeys(_stretch(floor) for floor in _floors()))


# By which rules


def _rules() -> list[dict[str, Any]]:
    """For everybody, then for the weeks of Ramadan, then examples for one agency and one floor.

    Breaks and hours: Perpres 21/2023 article 4; where the breaks lie follows PermenPANRB 6/2018. The end of Ramadan
    2027 is what the joint decree on days off implies; the day is only certain the evening before.
    """
    hours = {
        "from": SINCE,
        "open_weekdays": "12345",
        "day_starts": "07:30",
        "break_starts": "12:00",
        "break_ends": "13:00",
        "day_ends": "16:00",
        "basis": WORKING_HOURS,
    }
    friday = {
        "from": SINCE,
        "weekday": 5,
        "break_starts": "11:30",
        "break_ends": "13:00",
        "day_ends": "16:30",
        "basis": WORKING_HOURS,
    }
    house = {
        "from": SINCE,
        "horizon_days": 30,
        "longest_minutes": 600,
        "opens": "06:00",
        "closes": "20:00",
        "check_in_from_minutes": 60,
        "release_after_minutes": 120,
        "basis": HOUSE_RULES,
    }
    agency = {"from": SINCE, "agency": "KEMENKEU", "horizon_days": 14, "basis": "Aturan ruang kerja instansi (contoh)"}
    floor = {"from": SINCE, "floor": JAKARTA_FLOOR, "closes": "19:00", "basis": "Pengaturan pengelola gedung (contoh)"}
    return [
        hours,
        friday,
        house,
        *_ramadan("2026-02-19", "2026-03-20"),
        *_ramadan("2027-02-08", "2027-03-09"),
        agency,
        floor,
    ]


def _ramadan(first: str, last: str) -> list[dict[str, Any]]:
    """The shorter days: 32 hours 30 minutes a week."""
    season = {"from": first, "until": last, "day_starts": "08:00", "basis": f"{WORKING_HOURS} (jam kerja Ramadan)"}
    return [
        {**season, "break_starts": "12:00", "break_ends": "12:30", "day_ends": "15:00"},
        {**season, "weekday": 5, "break_starts": "11:30", "break_ends": "12:30", "day_ends": "15:30"},
    ]


# When the offices are shut


def _closures(today: date) -> list[dict[str, Any]]:
    """Two under way in Nusantara and one to come in Jakarta."""
    return [
        _closure(SHARED_FLOOR, "A-05", today, days=3, reason="Perbaikan kursi dan stopkontak"),
        _closure(SHARED_FLOOR, "C-11", today - timedelta(days=1), days=8, reason="Penggantian monitor"),
        _closure(
            JAKARTA_FLOOR, "A-02", _workday(today + timedelta(days=2)), days=1, reason="Perawatan pendingin udara"
        ),
    ]


def _closure(floor: str, space: str, first: date, *, days: int, reason: str) -> dict[str, Any]:
    """Shut from 06.00 on ``first`` to 20.00 on the last of its ``days``, by the clock on the wall there."""
    zone = _ZONES[floor.partition("-")[0]]
    last = first + timedelta(days=days - 1)
    return {
        "floor": floor,
        "space": space,
        "starts_at": datetime.combine(first, time(6), zone).isoformat(),
        "ends_at": datetime.combine(last, time(20), zone).isoformat(),
        "reason": reason,
    }


def _workday(on: date) -> date:
    """``on``, or the Monday after it."""
    return on + timedelta(days=7 - on.weekday() if on.weekday() > 4 else 0)
