"""The team board as a table for spreadsheets (CSV, RFC 4180)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from app.people.access import Actor
from app.scheduling import board
from app.scheduling.board import Cell, Coverage
from app.scheduling.board_chips import chip_of
from app.scheduling.board_meters import at_site
from app.scheduling.board_words import DAY_OFF, PARTS
from app.texts import N_, Words


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
        cells = (
            text for cell in one.days.values() for text in _texts(cell, about, said, mine=one.person_id == actor.id)
        )
        lines.append([one.name, one.title, about.sites[one.site_id].code, *cells])
    lines += _totals(about, said)
    mark = ";" if said.language == "id" else ","
    return "".join(mark.join(_quoted(text, mark) for text in line) + "\r\n" for line in lines)


def _texts(cell: Cell, about: Coverage, said: Words, *, mine: bool) -> Iterable[str]:
    for slot in (cell.am, cell.pm):
        if slot is None:
            yield said.say(DAY_OFF)
            continue
        chip = chip_of(slot, cell.state, about.sites, said, mine=mine)
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
        yield line(present, code, (at_site(site_id, half)[0] if half else "" for half in halves))
    yield line(said.say(N_("Batas minimum")), "", (half.need if half else "" for half in halves))
    yield line(said.say(N_("Jumlah pegawai")), "", (half.total if half else "" for half in halves))


def _quoted(text: str, mark: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in f'{mark}"\r\n') else text
