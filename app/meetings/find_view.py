"""The page Cari waktu: the best slots as cards, then the days half hour by half hour with how many people can come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlencode

import msgspec
from sqlalchemy.orm import Session

from app import clock, sites
from app.errors import Refused
from app.meetings import find_form, find_words, finding, meeting_form, people_form, service, wording
from app.meetings.find_form import Looking
from app.meetings.finding import Gathered
from app.meetings.people_form import Chosen, Picker
from app.meetings.shapes import MeetingOut
from app.meetings.slot_shapes import Heat, HeatCell, SlotOut, SlotsWanted
from app.meetings.slots import Why
from app.meetings.views import Choice
from app.people.access import Actor
from app.people.members import members_of
from app.problems import detail
from app.sites import SiteOut
from app.spans import Span
from app.texts import N_, Words
from app.views import Notice, WayOut


class SlotCard(msgspec.Struct, frozen=True):
    """A slot. ``fields`` take it: as an address of the form of a new meeting, or sent to move one that is planned."""

    day: str
    hours: str
    rooms: tuple[tuple[str, str, int], ...]
    """site, room, seats"""
    missing: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]
    fields: dict[str, str]
    label: str


class Cell(msgspec.Struct, frozen=True):
    """A cell of the map. Without ``value`` it is closed, over ``rows`` half hours, and ``text`` says why."""

    text: str
    look: str
    label: str = ""
    value: str = ""
    rows: int = 1
    current: bool = False


class Row(msgspec.Struct, frozen=True):
    """``clocks`` by ruler; a cell that a closed one above reaches over is None."""

    clocks: tuple[str, ...]
    cells: tuple[Cell | None, ...]


class HeatMap(msgspec.Struct, frozen=True):
    rulers: tuple[str, ...]
    days: tuple[tuple[str, str], ...]
    """weekday, and day of the month"""
    rows: tuple[Row, ...]
    everybody: int


class Panel(msgspec.Struct, frozen=True):
    """A chosen half hour. Without ``slot`` nothing can be booked then, and ``why`` says why not."""

    title: str
    people: str
    missing: tuple[str, ...]
    slot: SlotCard | None
    why: str


class FindPage(msgspec.Struct, frozen=True):
    fields: dict[str, str]
    picker: Picker | None
    meeting: MeetingOut | None
    meeting_when: str
    minutes: tuple[Choice, ...]
    from_: str
    days: tuple[Choice, ...]
    sites: tuple[Choice, ...]
    auto: str
    seats: tuple[Choice, ...]
    video: bool
    screen: bool
    asked: bool
    looked: bool
    slots: tuple[SlotCard, ...]
    ways: tuple[WayOut, ...]
    heat: HeatMap | None
    panel: Panel | None
    notice: Notice | None


class _Asked(msgspec.Struct, frozen=True):
    """One question with what its answers are worded with."""

    actor: Actor
    looking: Looking
    chosen: Chosen
    meeting: MeetingOut | None
    host: SiteOut
    places: dict[int, SiteOut]
    zones: list[str]
    site_ids: tuple[int, ...]
    question: SlotsWanted
    said: Words

    @property
    def fields(self) -> dict[str, str]:
        people = {} if self.meeting else self.chosen.fields()
        return self.looking.fields(self.site_ids) | people


def find_page(
    session: Session,
    actor: Actor,
    data: Mapping[str, str],
    said: Words,
    *,
    refused: Refused | None = None,
    now: datetime,
) -> FindPage:
    """The form, and once somebody is invited what can be had. Raises NotFound, Forbidden and MeetingNotNow for a meeting
    that isn't the reader's to move."""
    asked = _asked(session, actor, data, said, now=now)
    looking, meeting = asked.looking, asked.meeting
    looked = meeting is not None or asked.chosen.anybody
    slots: list[SlotOut] = []
    heat = None
    notice = Notice("warn", detail(refused, said)) if refused is not None else None
    if looked:
        try:
            gathered = finding.gathered(session, actor, asked.question, now=now)
            slots, heat = gathered.slots(), gathered.heat()
        except Refused as no:
            notice = notice or Notice("warn", detail(no, said))
    panel = _panel(asked, gathered, heat) if heat and looking.cell else None
    return FindPage(
        fields=asked.fields,
        picker=None if meeting else people_form.picker(session, actor, asked.chosen, data),
        meeting=meeting,
        meeting_when=wording.when(meeting.span, meeting.zone, asked.zones, said) if meeting else "",
        minutes=_options(_with(find_form.MINUTES, looking.minutes), looking.minutes, N_("{n} menit"), said),
        from_=looking.from_.isoformat(),
        days=_options(find_form.DAYS, looking.days, N_("{n} hari"), said),
        sites=tuple(Choice(f"at-{one.id}", one.name, one.id in asked.site_ids) for one in asked.places.values()),
        auto=asked.fields.get("auto", "-"),
        seats=(
            Choice("", said.say(N_("Menurut peserta")), not looking.seats),
            *_options(_with(find_form.SEATS, looking.seats), looking.seats, N_("Minimal {n} kursi"), said),
        ),
        video="video" in looking.attributes,
        screen="screen" in looking.attributes,
        asked=looking.asked,
        looked=looked,
        slots=tuple(_card(asked, slot) for slot in slots),
        ways=_ways(asked) if looked and heat and not slots else (),
        heat=_map(asked, heat) if heat and heat.days else None,
        panel=panel,
        notice=notice,
    )


def _asked(session: Session, actor: Actor, data: Mapping[str, str], said: Words, *, now: datetime) -> _Asked:
    places = {site.id: site for site in sites.sites(session)}
    own = places[actor.site_id]
    looking = find_form.read(data, tuple(places), today=clock.local_date(now, own.zone))
    meeting = service.meeting_to_change(session, actor, looking.meeting_id) if looking.meeting_id else None
    host = places[meeting.site_id] if meeting else own
    if meeting:
        chosen = _coming(meeting)
        length = int(meeting.span.length.total_seconds()) // 60
        looking = find_form.read(data, tuple(places), today=clock.local_date(now, host.zone), minutes=length)
        postings = {one.site_id for one in meeting.attendees}
        held = {room.site_id for room in meeting.rooms if room.state in ("booked", "checked-in")}
    else:
        chosen = people_form.known(session, actor, people_form.read(data))
        members = members_of(session, chosen.units, also=(actor.id, *chosen.required, *chosen.optional))
        postings = {one.site_id for one in members}
        held = postings
    site_ids = tuple(sorted(held)) if looking.chosen_sites is None else looking.chosen_sites
    zones = [site.zone for site in places.values() if site.id in postings | set(site_ids) | {actor.site_id}]
    organiser_id = meeting.organiser_id if meeting else actor.id
    question = find_form.wanted(looking, chosen, site_ids, host.zone, organiser_id)
    return _Asked(actor, looking, chosen, meeting, host, places, zones, site_ids, question, said)


def _coming(meeting: MeetingOut) -> Chosen:
    """Whose time a planned meeting takes, without the organiser, who comes anyway: stand-ins, not whom they stand in for."""
    coming = [one for one in meeting.attendees if one.reply != "represented" and one.person_id != meeting.organiser_id]
    return Chosen(
        tuple(one.person_id for one in coming if one.required),
        tuple(one.person_id for one in coming if not one.required),
    )


def _options(values: Iterable[int], chosen: int, text: str, said: Words) -> tuple[Choice, ...]:
    return tuple(Choice(str(value), said.say(text, n=value), value == chosen) for value in values)


def _with(values: tuple[int, ...], chosen: int) -> list[int]:
    return sorted({*values, chosen} - {0})


# Slots


def _card(asked: _Asked, slot: SlotOut) -> SlotCard:
    said, host = asked.said, asked.host
    span = Span(slot.starts_at, slot.ends_at)
    rooms = {site_id: room.id for site_id, room in slot.rooms.items()}
    fields = meeting_form.address(span, host, rooms) | asked.chosen.fields()
    if asked.meeting:
        listed = ",".join(str(id) for id in rooms.values())
        times = {"starts_at": span.starts_at.isoformat(), "ends_at": span.ends_at.isoformat()}
        fields = asked.fields | times | {"rooms": listed, "version": str(asked.meeting.version)}
    day = said.day(clock.local_date(span.starts_at, host.zone))
    hours = wording.hours(span, host.zone, asked.zones, said)
    names = {site.id: site.name for site in asked.places.values()}
    return SlotCard(
        day=day,
        hours=hours,
        rooms=tuple((names[site_id], room.name, room.seats) for site_id, room in sorted(slot.rooms.items())),
        missing=find_words.absent(slot.missing, host.zone, said),
        reasons=find_words.reasons(slot, names, said),
        fields=fields,
        label=f"{day}, {hours}",
    )


def _ways(asked: _Asked) -> tuple[WayOut, ...]:
    """What to ask instead, where nothing was found."""
    said, looking, fields = asked.said, asked.looking, asked.fields
    ways = []
    if looking.days < find_form.DAYS[-1]:
        most = find_form.DAYS[-1]
        ways.append(WayOut(said.say(N_("Cari dalam {n} hari"), n=most), _again(fields, days=str(most))))
    if looking.minutes > find_form.MINUTES[0]:
        least = find_form.MINUTES[0]
        ways.append(WayOut(said.say(N_("Cukup {n} menit"), n=least), _again(fields, minutes=str(least))))
    if not looking.asked and asked.site_ids:
        text = said.say(N_("Pakai juga ruang yang perlu persetujuan"))
        ways.append(WayOut(text, _again(fields, asked="1")))
    for site_id in asked.site_ids if len(asked.site_ids) > 1 else ():
        rest = {name: value for name, value in fields.items() if name != f"at-{site_id}"}
        text = said.say(N_("Tanpa ruang di {site}"), site=asked.places[site_id].name)
        ways.append(WayOut(text, _again(rest | {"auto": "-"})))
    return tuple(ways)


def _again(fields: Mapping[str, str], **changes: str) -> str:
    return f"/rapat/cari?{urlencode({**fields, **changes}, safe=',')}"


# The map


def _map(asked: _Asked, heat: Heat) -> HeatMap:
    """Half hours down, days across; a run of closed half hours of one kind is one cell."""
    zones = [heat.zone, *wording.apart(heat.zone, asked.zones)]
    minutes = sorted({clock.minute_of(cell.starts_at, heat.zone) for day in heat.days for cell in day.cells})
    columns = [
        _column(asked, heat, {clock.minute_of(c.starts_at, heat.zone): c for c in day.cells}, minutes)
        for day in heat.days
    ]
    sample = {clock.minute_of(cell.starts_at, heat.zone): cell.starts_at for day in heat.days for cell in day.cells}
    rows = tuple(
        Row(
            tuple(asked.said.clock(sample[minute], zone) for zone in zones),
            tuple(column[n] for column in columns),
        )
        for n, minute in enumerate(minutes)
    )
    days = tuple((asked.said.weekday(day.on), asked.said.short_day(day.on).partition(" ")[2]) for day in heat.days)
    return HeatMap(tuple(clock.zone_name(zone) for zone in zones), days, rows, heat.everybody)


def _column(asked: _Asked, heat: Heat, cells: Mapping[int, HeatCell], minutes: list[int]) -> list[Cell | None]:
    found: list[Cell | None] = []
    begun = 0
    """where the run of closed half hours began"""
    for n, minute in enumerate(minutes):
        cell = cells.get(minute)
        if cell is not None and cell.open:
            found.append(_open(asked, heat, cell))
            continue
        word, look = _closed(cell, asked.said)
        first = found[begun] if n else None
        if first is not None and not first.value and first.text == word and begun + first.rows == n:
            found[begun] = msgspec.structs.replace(first, rows=first.rows + 1)
            found.append(None)
        else:
            begun = n
            found.append(Cell(word, look))
    return found


def _closed(cell: HeatCell | None, said: Words) -> tuple[str, str]:
    """Why a half hour isn't one of all sites' working hours, from what keeps most people from it."""
    if cell is None:
        return said.say(N_("lewat")), "off"
    whys = Counter(one.why for one in cell.missing)
    for why in (Why.DAY_OFF, Why.FRIDAY_PRAYER, Why.BREAK):
        if whys[why]:
            return said.say(find_words.WHY[why]), "off rest"
    return said.say(find_words.WHY[Why.OUTSIDE_HOURS]), "off"


def _open(asked: _Asked, heat: Heat, cell: HeatCell) -> Cell:
    share = cell.everybody / heat.everybody if heat.everybody else 0
    level = 3 if share == 1 else 2 if share >= 0.75 else 1 if share >= 0.5 else 0
    look = f"l{level}{' fits' if cell.fits else ''}{'' if cell.rooms else ' roomless'}"
    return Cell(
        text=str(cell.everybody),
        look=look,
        label=f"{cell.everybody} · {_cell_words(asked, heat, cell)}",
        value=find_form.cell_of(cell.starts_at),
        current=asked.looking.cell == cell.starts_at,
    )


def _cell_words(asked: _Asked, heat: Heat, cell: HeatCell) -> str:
    said = asked.said
    when = f"{said.short_day(clock.local_date(cell.starts_at, heat.zone))} {said.time(cell.starts_at, heat.zone)}"
    if cell.fits:
        return said.say(N_("{when}: rapat dapat dimulai"), when=when)
    if not cell.rooms:
        return said.say(N_("{when}: tidak ada ruang"), when=when)
    return said.say(N_("{when}: sebagian berhalangan"), when=when)


def _panel(asked: _Asked, gathered: Gathered, heat: Heat) -> Panel | None:
    at, said = asked.looking.cell, asked.said
    cell = next((one for day in heat.days for one in day.cells if one.starts_at == at), None)
    if cell is None:
        return None
    found = gathered.slot_in(cell.starts_at)
    slot = _card(asked, found) if found else None
    why = ""
    if slot is None:
        why = N_("Rapat sepanjang ini tidak dapat dimulai pada waktu ini: terlalu banyak peserta wajib berhalangan.")
        if not cell.open:
            why = N_("Bukan jam kerja bersama semua kota yang terlibat.")
        elif not cell.rooms:
            why = N_("Tidak ada ruang yang kosong dan cukup besar di semua kota pada waktu ini.")
    span = Span(cell.starts_at, cell.ends_at)
    return Panel(
        wording.when(span, heat.zone, asked.zones, said),
        said.say(N_("{n} dari {all} orang dapat hadir"), n=cell.everybody, all=heat.everybody),
        find_words.absent(cell.missing, heat.zone, said),
        slot,
        said.say(why) if why else "",
    )
