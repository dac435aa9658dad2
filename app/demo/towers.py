"""The buildings of the demo: the office towers of Nusantara with their published seats, and two offices in Jakarta.

Seats per tower are those the secretary of Otorita IKN gave Komisi II DPR on 22 April 2025. For Kemenko 1 the towers add
up to 1,268 where the statement says 1,286, so the fifteen towers hold 9,447 seats, 18 fewer than the 9,465 announced;
we keep the numbers per tower. Floors per tower and the offices in Jakarta are ours.
"""

from __future__ import annotations

import msgspec


class Site(msgspec.Struct, frozen=True):
    code: str
    name: str
    zone: str
    """IANA name: WITA is Asia/Makassar, WIB is Asia/Jakarta"""


class Tower(msgspec.Struct, frozen=True):
    """A building; ``shape`` says where its core stands, the same on every floor, since lifts go straight up."""

    code: str
    site: str
    name: str
    seats: int
    floors: int
    shape: int


IKN = Site("IKN", "Ibu Kota Nusantara", "Asia/Makassar")
JAKARTA = Site("JKT", "Jakarta", "Asia/Jakarta")
SITES = (IKN, JAKARTA)

_COMPLEXES: tuple[tuple[str, str, int, tuple[int, ...]], ...] = (
    ("IKN-K1", "Kemenko 1", 6, (478, 147, 246, 397)),
    ("IKN-K3", "Kemenko 3", 6, (536, 203, 216, 420)),
    ("IKN-K4", "Kemenko 4", 6, (386, 190, 386, 270)),
    ("IKN-SN", "Kemensetneg", 12, (2328, 1954, 1290)),
)


def _nusantara() -> tuple[Tower, ...]:
    return tuple(
        Tower(f"{prefix}-{letter}", IKN.code, f"{name} Menara {letter}", seats, floors, shape=(at - 1 + 2 * place) % 8)
        for at, (prefix, name, floors, towers) in enumerate(_COMPLEXES)
        for place, (letter, seats) in enumerate(zip("ABCD", towers, strict=False))
    )


NUSANTARA = _nusantara()
JAKARTA_OFFICES = (
    Tower("JKT-PST", JAKARTA.code, "Kantor Penghubung Jakarta Pusat", 240, 3, shape=4),
    Tower("JKT-SDR", JAKARTA.code, "Gedung Sudirman", 180, 2, shape=3),
)
TOWERS = NUSANTARA + JAKARTA_OFFICES


def seats_by_level(tower: Tower) -> dict[int, int]:
    """The tower's seats on its levels from 1 up, as evenly as whole desks allow; the top floors take the remainder."""
    each, left = divmod(tower.seats, tower.floors)
    return {level: each + (level > tower.floors - left) for level in range(1, tower.floors + 1)}
