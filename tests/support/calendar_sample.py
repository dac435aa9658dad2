"""A calendar with everything that has broken some client: all-day, both zones, midnight, the edge of Ramadan, a series with
exceptions, emoji and ten kilobytes of Indonesian text at the fold."""

from __future__ import annotations

from datetime import UTC, date, datetime

from app.calendars import writer
from app.calendars.entries import Entry, Names, Recurrence, cancelled, day, in_order
from app.spans import Span, on_day

WITA, WIB = "Asia/Makassar", "Asia/Jakarta"
CHANGED = datetime(2026, 11, 24, 1, 12, tzinfo=UTC)
NAMES = Names(b"k" * 32, "https://selaras.example")
LONG = " ".join(
    f"{n}. Rapat koordinasi pemindahan aparatur sipil negara ke Ibu Kota Nusantara 🌳🏛️; tempat, waktu: «kantor bersama» \\ {n}"
    for n in range(100)
)
"""some 10 kB; emoji meet every place of the fold"""
SERIES = [on_day(date(2026, 12, 1 + n), 540, 600, WITA) for n in range(8)]


def entries() -> list[Entry]:
    """The sample in a feed's order."""
    return in_order(
        [
            _entry("day", summary="WFO: Nusantara", days=day(date(2026, 11, 24)), busy="FREE", categories=("WFO",)),
            _entry("days", summary="Cuti 🏝️", days=(date(2026, 12, 31), date(2027, 1, 2)), busy="OOF"),
            _entry("wita", summary="Rapat, di IKN; jam «delapan»", span=on_day(date(2026, 11, 25), 480, 540, WITA)),
            _entry("wib", summary="Rapat di Jakarta", span=on_day(date(2026, 11, 25), 480, 540, WIB), zone=WIB),
            _entry("midnight", summary="Lembur", span=on_day(date(2026, 11, 26), 1380, 1440, WITA)),
            _entry("over-midnight", summary="Piket", span=_across(date(2026, 11, 26)), zone=WIB),
            _entry("before-ramadan", summary="Hari terakhir", span=on_day(date(2027, 2, 7), 450, 960, WIB), zone=WIB),
            _entry(
                "in-ramadan", summary="Hari pertama Ramadan", span=on_day(date(2027, 2, 8), 480, 900, WIB), zone=WIB
            ),
            _entry("long", summary="Naskah " + "panjang 🌳 " * 12, description=LONG, span=SERIES[0], alarm_minutes=10),
            _entry(
                "link",
                summary="Daring",
                span=SERIES[1],
                link="https://rapat.go.id/a?b=1,2;c=3",
                url=NAMES.link("/rapat/1"),
            ),
            cancelled(
                _entry("gone", summary="Batal", span=SERIES[2], location="Ruang Mahakam, Lantai 4"),
                "Dibatalkan: {title}",
            ),
            _entry("asked", summary="Menunggu", span=SERIES[3], status="TENTATIVE", busy="TENTATIVE"),
            *series(),
        ]
    )


def series() -> list[Entry]:
    """Daily from 1 to 8 December; the third is cancelled, the fifth moved to the afternoon."""
    rule = Recurrence("FREQ=DAILY;UNTIL=20261208T010000Z", (SERIES[2].starts_at,))
    moved = on_day(date(2026, 12, 5), 840, 900, WITA)
    return [
        _entry("series", summary="Apel", span=SERIES[0], recurrence=rule),
        _entry("series", summary="Apel sore", span=moved, recurs_at=SERIES[4].starts_at),
    ]


def occurrences() -> list[datetime]:
    """When the series starts, as a reader should understand it."""
    moved = on_day(date(2026, 12, 5), 840, 900, WITA).starts_at
    return sorted([*(span.starts_at for n, span in enumerate(SERIES) if n not in (2, 4)), moved])


def calendar() -> bytes:
    bodies = [writer.vevent(one) for one in entries()]
    return writer.calendar(bodies, name="Selaras: contoh, dengan «tanda» 🌳", description="Contoh")


def _entry(name: str, **more: object) -> Entry:
    summary = str(more.pop("summary"))
    more.setdefault("zone", WITA)
    return Entry(NAMES.uid(name, 1), 3, CHANGED, summary, **more)  # type: ignore[arg-type]


def _across(on: date) -> Span:
    return Span(on_day(on, 1320, 1380, WIB).starts_at, on_day(on, 1440 - 1, 1440, WIB).ends_at.replace(hour=20))
