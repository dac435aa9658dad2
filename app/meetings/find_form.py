"""What Cari waktu looks for: the fields of its form, as its address keeps them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import msgspec

from app import clock
from app.ids import day, number
from app.meetings.people_form import Chosen
from app.meetings.slot_shapes import SlotsWanted, Window

MINUTES = (30, 45, 60, 90, 120, 180, 240)
DAYS = (7, 14, 21)
SEATS = (4, 8, 12, 20, 40)
ATTRIBUTES = ("video", "screen")
MOST_SLOTS = 5
_CELL = re.compile(r"\d{8}T\d{4}")


class Looking(msgspec.Struct, frozen=True):
    """The choices but for people. ``chosen_sites`` is None while nobody touched them: then they follow from the people.

    ``cell`` is the start of a chosen half hour, ``meeting_id`` the meeting that is to be moved, 0 for a new one.
    """

    minutes: int
    from_: date
    days: int
    chosen_sites: tuple[int, ...] | None
    seats: int
    attributes: tuple[str, ...]
    asked: bool
    cell: datetime | None
    meeting_id: int

    def fields(self, sites: tuple[int, ...]) -> dict[str, str]:
        """The fields that ``read`` reads back, without the chosen half hour."""
        ticked = {f"at-{site_id}": "1" for site_id in sites}
        auto = {"auto": ",".join(map(str, sites))} if self.chosen_sites is None else {}
        kit = dict.fromkeys((*self.attributes, *(("asked",) if self.asked else ())), "1")
        fields: dict[str, str | int] = {
            "form": 1,
            "minutes": self.minutes,
            "from": self.from_.isoformat(),
            "days": self.days,
            "seats": self.seats or "",
            "meeting": self.meeting_id or "",
        }
        return {name: str(value) for name, value in fields.items() if value != ""} | ticked | auto | kit


def read(fields: Mapping[str, str], site_ids: tuple[int, ...], *, today: date, minutes: int = 60) -> Looking:
    """Anything unreadable counts as not asked; days before today are left out."""
    asked_minutes = number(fields.get("minutes")) or minutes
    ticked = tuple(site_id for site_id in site_ids if fields.get(f"at-{site_id}") == "1")
    untouched = fields.get("form") != "1" or fields.get("auto") == ",".join(map(str, ticked))
    days = number(fields.get("days")) or 14
    return Looking(
        min(max(asked_minutes // 5 * 5, 15), 480),
        max(day(fields.get("from", "")) or today, today),
        days if days in DAYS else 14,
        None if untouched else ticked,
        min(number(fields.get("seats")) or 0, 5000),
        tuple(name for name in ATTRIBUTES if fields.get(name) == "1"),
        fields.get("asked") == "1",
        _cell(fields.get("cell", "")),
        number(fields.get("meeting")) or 0,
    )


def wanted(looking: Looking, chosen: Chosen, sites: tuple[int, ...], zone: str, organiser_id: int) -> SlotsWanted:
    """The question to the slot finder over whole days by the wall of ``zone``."""
    ends = looking.from_ + timedelta(days=looking.days)
    return SlotsWanted(
        minutes=looking.minutes,
        window=Window(clock.instant_of(looking.from_, 0, zone), clock.instant_of(ends, 0, zone)),
        required_ids=list(chosen.required),
        optional_ids=list(chosen.optional),
        unit_ids=list(chosen.units),
        organiser_id=organiser_id,
        meeting_id=looking.meeting_id or None,
        site_ids=list(sites),
        seats=dict.fromkeys(sites, looking.seats) if looking.seats else {},
        attributes=list(looking.attributes),
        asked=looking.asked,
        limit=MOST_SLOTS,
    )


def cell_of(instant: datetime) -> str:
    """A half hour as the field ``cell`` names it."""
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M}"


def _cell(text: str) -> datetime | None:
    if not _CELL.fullmatch(text):
        return None
    try:
        instant = datetime.strptime(text, "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    return instant if 2000 < instant.year < 2100 else None
