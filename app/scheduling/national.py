"""What holds for the whole country from the start: days off, Ramadan, and office hours. Seeds only; from then on the
tables are what holds, and people change them.

Names are spelled as the dictionary (KBBI) has them, whatever the decree or a package writes. The decrees (SKB 3 Menteri)
and the Keppres behind them are named as the press cites them: whoever deploys checks them against the texts.
"""

from __future__ import annotations

from datetime import date

from app.scheduling.working_time import DayKind, DayOff, Hours, Season, State

_SKB = {
    2024: "SKB 3 Menteri tentang Hari Libur Nasional dan Cuti Bersama Tahun 2024",
    2025: "SKB 3 Menteri 1017/2024, 2/2024, 2/2024",
    2026: "SKB 3 Menteri 1497/2025, 2/2025, 5/2025",
    2027: "SKB 3 Menteri tentang Hari Libur Nasional dan Cuti Bersama Tahun 2027",
    2028: "Perkiraan, menunggu SKB 3 Menteri Tahun 2028",
}
_UNDECREED = frozenset({2028})
"""Years without a decree yet: all dates are estimates, and there is no collective leave."""

_NATIONAL = """
2024-01-01 Tahun Baru 2024 Masehi | New Year's Day
2024-02-08 Isra Mikraj Nabi Muhammad saw. | Isra and Mi'raj
2024-02-10 Tahun Baru Imlek 2575 Kongzili | Lunar New Year
2024-03-11 Hari Suci Nyepi, Tahun Baru Saka 1946 | Nyepi, Day of Silence
2024-03-29 Wafat Yesus Kristus | Good Friday
2024-03-31 Kebangkitan Yesus Kristus (Paskah) | Easter Sunday
2024-04-10 Hari Raya Idulfitri 1445 H | Eid al-Fitr
2024-04-11 Hari Raya Idulfitri 1445 H, hari kedua | Eid al-Fitr, second day
2024-05-01 Hari Buruh Internasional | International Labour Day
2024-05-09 Kenaikan Yesus Kristus | Ascension Day
2024-05-23 Hari Raya Waisak 2568 BE | Vesak Day
2024-06-01 Hari Lahir Pancasila | Pancasila Day
2024-06-17 Hari Raya Iduladha 1445 H | Eid al-Adha
2024-07-07 Tahun Baru Islam 1446 H | Islamic New Year
2024-08-17 Proklamasi Kemerdekaan | Independence Day
2024-09-16 Maulid Nabi Muhammad saw. | Prophet Muhammad's Birthday
2024-12-25 Hari Raya Natal | Christmas Day
2025-01-01 Tahun Baru 2025 Masehi | New Year's Day
2025-01-27 Isra Mikraj Nabi Muhammad saw. | Isra and Mi'raj
2025-01-29 Tahun Baru Imlek 2576 Kongzili | Lunar New Year
2025-03-29 Hari Suci Nyepi, Tahun Baru Saka 1947 | Nyepi, Day of Silence
2025-03-31 Hari Raya Idulfitri 1446 H | Eid al-Fitr
2025-04-01 Hari Raya Idulfitri 1446 H, hari kedua | Eid al-Fitr, second day
2025-04-18 Wafat Yesus Kristus | Good Friday
2025-04-20 Kebangkitan Yesus Kristus (Paskah) | Easter Sunday
2025-05-01 Hari Buruh Internasional | International Labour Day
2025-05-12 Hari Raya Waisak 2569 BE | Vesak Day
2025-05-29 Kenaikan Yesus Kristus | Ascension Day
2025-06-01 Hari Lahir Pancasila | Pancasila Day
2025-06-06 Hari Raya Iduladha 1446 H | Eid al-Adha
2025-06-27 Tahun Baru Islam 1447 H | Islamic New Year
2025-08-17 Proklamasi Kemerdekaan | Independence Day
2025-09-05 Maulid Nabi Muhammad saw. | Prophet Muhammad's Birthday
2025-12-25 Hari Raya Natal | Christmas Day
2026-01-01 Tahun Baru 2026 Masehi | New Year's Day
2026-01-16 Isra Mikraj Nabi Muhammad saw. | Isra and Mi'raj
2026-02-17 Tahun Baru Imlek 2577 Kongzili | Lunar New Year
2026-03-19 Hari Suci Nyepi, Tahun Baru Saka 1948 | Nyepi, Day of Silence
2026-03-21 Hari Raya Idulfitri 1447 H | Eid al-Fitr
2026-03-22 Hari Raya Idulfitri 1447 H, hari kedua | Eid al-Fitr, second day
2026-04-03 Wafat Yesus Kristus | Good Friday
2026-04-05 Kebangkitan Yesus Kristus (Paskah) | Easter Sunday
2026-05-01 Hari Buruh Internasional | International Labour Day
2026-05-14 Kenaikan Yesus Kristus | Ascension Day
2026-05-27 Hari Raya Iduladha 1447 H | Eid al-Adha
2026-05-31 Hari Raya Waisak 2570 BE | Vesak Day
2026-06-01 Hari Lahir Pancasila | Pancasila Day
2026-06-16 Tahun Baru Islam 1448 H | Islamic New Year
2026-08-17 Proklamasi Kemerdekaan | Independence Day
2026-08-25 Maulid Nabi Muhammad saw. | Prophet Muhammad's Birthday
2026-12-25 Hari Raya Natal | Christmas Day
2027-01-01 Tahun Baru 2027 Masehi | New Year's Day
2027-01-05 Isra Mikraj Nabi Muhammad saw. | Isra and Mi'raj
2027-02-06 Tahun Baru Imlek 2578 Kongzili | Lunar New Year
2027-03-08 Hari Suci Nyepi, Tahun Baru Saka 1949 | Nyepi, Day of Silence
2027-03-10 Hari Raya Idulfitri 1448 H | Eid al-Fitr
2027-03-11 Hari Raya Idulfitri 1448 H, hari kedua | Eid al-Fitr, second day
2027-03-26 Wafat Yesus Kristus | Good Friday
2027-03-28 Kebangkitan Yesus Kristus (Paskah) | Easter Sunday
2027-05-01 Hari Buruh Internasional | International Labour Day
2027-05-06 Kenaikan Yesus Kristus | Ascension Day
2027-05-17 Hari Raya Iduladha 1448 H | Eid al-Adha
2027-05-20 Hari Raya Waisak 2571 BE | Vesak Day
2027-06-01 Hari Lahir Pancasila | Pancasila Day
2027-06-06 Tahun Baru Islam 1449 H | Islamic New Year
2027-08-15 Maulid Nabi Muhammad saw. | Prophet Muhammad's Birthday
2027-08-17 Proklamasi Kemerdekaan | Independence Day
2027-12-25 Hari Raya Natal | Christmas Day
2027-12-26 Isra Mikraj Nabi Muhammad saw. | Isra and Mi'raj
2028-01-01 Tahun Baru 2028 Masehi | New Year's Day
2028-01-26 Tahun Baru Imlek 2579 Kongzili | Lunar New Year
2028-02-27 Hari Raya Idulfitri 1449 H | Eid al-Fitr
2028-02-28 Hari Raya Idulfitri 1449 H, hari kedua | Eid al-Fitr, second day
2028-03-26 Hari Suci Nyepi, Tahun Baru Saka 1950 | Nyepi, Day of Silence
2028-04-14 Wafat Yesus Kristus | Good Friday
2028-04-16 Kebangkitan Yesus Kristus (Paskah) | Easter Sunday
2028-05-01 Hari Buruh Internasional | International Labour Day
2028-05-05 Hari Raya Iduladha 1449 H | Eid al-Adha
2028-05-09 Hari Raya Waisak 2572 BE | Vesak Day
2028-05-25 Kenaikan Yesus Kristus | Ascension Day
2028-05-26 Tahun Baru Islam 1450 H | Islamic New Year
2028-06-01 Hari Lahir Pancasila | Pancasila Day
2028-08-04 Maulid Nabi Muhammad saw. | Prophet Muhammad's Birthday
2028-08-17 Proklamasi Kemerdekaan | Independence Day
2028-12-14 Isra Mikraj Nabi Muhammad saw. | Isra and Mi'raj
2028-12-25 Hari Raya Natal | Christmas Day
"""

_COLLECTIVE = """
2024-02-09 Tahun Baru Imlek | Lunar New Year
2024-03-12 Hari Suci Nyepi | Nyepi
2024-04-08 Hari Raya Idulfitri | Eid al-Fitr
2024-04-09 Hari Raya Idulfitri | Eid al-Fitr
2024-04-12 Hari Raya Idulfitri | Eid al-Fitr
2024-04-15 Hari Raya Idulfitri | Eid al-Fitr
2024-05-10 Kenaikan Yesus Kristus | Ascension Day
2024-05-24 Hari Raya Waisak | Vesak Day
2024-06-18 Hari Raya Iduladha | Eid al-Adha
2024-12-26 Hari Raya Natal | Christmas
2025-01-28 Tahun Baru Imlek | Lunar New Year
2025-03-28 Hari Suci Nyepi | Nyepi
2025-04-02 Hari Raya Idulfitri | Eid al-Fitr
2025-04-03 Hari Raya Idulfitri | Eid al-Fitr
2025-04-04 Hari Raya Idulfitri | Eid al-Fitr
2025-04-07 Hari Raya Idulfitri | Eid al-Fitr
2025-05-13 Hari Raya Waisak | Vesak Day
2025-05-30 Kenaikan Yesus Kristus | Ascension Day
2025-06-09 Hari Raya Iduladha | Eid al-Adha
2025-12-26 Hari Raya Natal | Christmas
2026-02-16 Tahun Baru Imlek | Lunar New Year
2026-03-18 Hari Suci Nyepi | Nyepi
2026-03-20 Hari Raya Idulfitri | Eid al-Fitr
2026-03-23 Hari Raya Idulfitri | Eid al-Fitr
2026-03-24 Hari Raya Idulfitri | Eid al-Fitr
2026-05-15 Kenaikan Yesus Kristus | Ascension Day
2026-05-28 Hari Raya Iduladha | Eid al-Adha
2026-12-24 Hari Raya Natal | Christmas
2027-02-05 Tahun Baru Imlek | Lunar New Year
2027-03-09 Hari Raya Idulfitri | Eid al-Fitr
2027-03-12 Hari Raya Idulfitri | Eid al-Fitr
2027-03-15 Hari Raya Idulfitri | Eid al-Fitr
2027-03-25 Wafat Yesus Kristus | Good Friday
2027-05-18 Hari Raya Iduladha | Eid al-Adha
2027-05-19 Hari Raya Waisak | Vesak Day
2027-12-24 Hari Raya Natal | Christmas
"""

_DECREED_LATER = (
    DayOff(date(2024, 2, 14), DayKind.ELECTION, "Pemilihan Umum 2024", "General Election Day", "Keppres 10/2024"),
    DayOff(date(2024, 11, 27), DayKind.ELECTION, "Pemilihan Kepala Daerah 2024", "Regional Election Day", "Keppres 33/2024"),
    DayOff(
        date(2025, 8, 18),
        DayKind.COLLECTIVE_LEAVE,
        "Cuti bersama Proklamasi Kemerdekaan",
        "Collective leave: Independence Day",
        "SKB 3 Menteri 933/2025, 1/2025, 3/2025",
    ),
)  # fmt: skip
"""What the yearly decree didn't have yet: election days, and the day that was added ten days before."""


def _read(lines: str, kind: DayKind, prefix: str = "", prefix_en: str = "") -> list[DayOff]:
    days = []
    for line in filter(None, lines.split("\n")):
        on, _, names = line.partition(" ")
        name, _, name_en = names.partition(" | ")
        year = int(on[:4])
        state: State = "estimated" if year in _UNDECREED else "fixed"
        days.append(DayOff(date.fromisoformat(on), kind, prefix + name, prefix_en + name_en, _SKB[year], state))
    return days


DAYS_OFF: tuple[DayOff, ...] = tuple(
    sorted(
        (
            *_read(_NATIONAL, DayKind.NATIONAL_HOLIDAY),
            *_read(_COLLECTIVE, DayKind.COLLECTIVE_LEAVE, "Cuti bersama ", "Collective leave: "),
            *_DECREED_LATER,
        ),
        key=lambda day: day.on,
    )
)
"""Days off of 2024 to 2028, by date."""

RAMADAN = "ramadan"

SEASONS: tuple[Season, ...] = (
    Season(RAMADAN, date(2024, 3, 12), date(2024, 4, 9), "Ramadan 1445 H, sidang isbat"),
    Season(RAMADAN, date(2025, 3, 1), date(2025, 3, 30), "Ramadan 1446 H, sidang isbat"),
    Season(RAMADAN, date(2026, 2, 19), date(2026, 3, 20), "Ramadan 1447 H, sidang isbat"),
    Season(RAMADAN, date(2027, 2, 8), date(2027, 3, 9), "Ramadan 1448 H, menunggu sidang isbat", "estimated"),
    Season(RAMADAN, date(2028, 1, 28), date(2028, 2, 26), "Ramadan 1449 H, menunggu sidang isbat", "estimated"),
)

_SINCE = date(2023, 4, 12)
_NORMAL = "Perpres 21/2023 Pasal 4 ayat (1), (3), dan (5)"
_FASTING = "Perpres 21/2023 Pasal 4 ayat (2), (4), dan (6)"

HOURS: tuple[Hours, ...] = (
    Hours("1234", 7 * 60 + 30, 12 * 60, 13 * 60, 16 * 60, _SINCE, basis=_NORMAL),
    Hours("5", 7 * 60 + 30, 11 * 60 + 30, 13 * 60, 16 * 60 + 30, _SINCE, basis=_NORMAL),
    Hours("1234", 8 * 60, 12 * 60, 12 * 60 + 30, 15 * 60, _SINCE, basis=_FASTING, season=RAMADAN),
    Hours("5", 8 * 60, 11 * 60 + 30, 12 * 60 + 30, 15 * 60 + 30, _SINCE, basis=_FASTING, season=RAMADAN),
)
"""In force since 12 April 2023. The decree says start, break length and weekly sum; the break's place is common practice."""
