"""Decisions about people: plain values in, an answer out."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What somebody may do beyond their own things, inside their own agency; an operator, everywhere.

    Employee and superior are no roles of this kind: everybody is the first, and who has reports is the second.
    """

    HEAD_OF_UNIT = "head-of-unit"
    HR_OFFICER = "hr-officer"
    ROOM_KEEPER = "room-keeper"
    AGENCY_ADMIN = "agency-admin"
    OPERATOR = "operator"


FAILED_SIGN_INS = {"email": 8, "address": 60}
"""How many failures a quarter of an hour bears, by e-mail address and by network address (BSSN 4/2021: attempt limit)."""
FAILED_SIGN_IN_MINUTES = 15

PASSWORD_LENGTH = (10, 200)


class Someone(Protocol):
    """The facts about a person that access depends on."""

    @property
    def id(self) -> int: ...
    @property
    def agency_id(self) -> int: ...
    @property
    def unit_lineage(self) -> str: ...
    @property
    def superior_id(self) -> int | None: ...


class Asker(Someone, Protocol):
    @property
    def unit_id(self) -> int: ...
    @property
    def roles(self) -> frozenset[Role]: ...


def may_act_for(asker: Asker, person: Someone) -> bool:
    """Whether ``asker`` may book for ``person``: themselves, their superior, the head of a unit above them, and the
    officers of their agency who care for staff or rooms."""
    return _may(asker, person, {Role.HR_OFFICER, Role.ROOM_KEEPER, Role.AGENCY_ADMIN})


def may_arrange_for(asker: Asker, person: Someone) -> bool:
    """Whether ``asker`` may arrange the work of ``person``: plan their weeks, say who stands in for them. A room keeper books
    for others, no more."""
    return _may(asker, person, {Role.HR_OFFICER, Role.AGENCY_ADMIN})


def _may(asker: Asker, person: Someone, officers: set[Role]) -> bool:
    if asker.id == person.id or Role.OPERATOR in asker.roles or person.superior_id == asker.id:
        return True
    if asker.agency_id != person.agency_id:
        return False
    if asker.roles & officers:
        return True
    return Role.HEAD_OF_UNIT in asker.roles and f"/{asker.unit_id}/" in person.unit_lineage


def asked_already(_: Asker, __: Someone) -> bool:
    """For whoever belongs to a thing that the asker got by the function that guards it."""
    return True


def keeps_rules(asker: Asker) -> bool:
    """Whether ``asker`` is one of the officers who keep the dated rules of working time."""
    return bool(asker.roles & {Role.HR_OFFICER, Role.AGENCY_ADMIN, Role.OPERATOR})


def may_know_name(asker_agency: int, agency: int, sharing: frozenset[int]) -> bool:
    """Whether a colleague's name may be shown: in one's own agency, or where both agencies opted in."""
    return asker_agency == agency or (asker_agency in sharing and agency in sharing)


def nip_problem(nip: str) -> str | None:
    """What is wrong with a NIP as written, or None. Spaces and dots don't count.

    18 digits: birth date, appointment year and month (21 stands for PPPK), sex, serial number; there is no check digit
    (Perka BKN 22/2007 and 43/2007). An unusual age at appointment is no error.
    """
    digits = plain_nip(nip)
    if not re.fullmatch(r"\d{18}", digits):
        return "a NIP has 18 digits"
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return "digits 1-8 of a NIP are a date of birth"
    if not (1 <= int(digits[12:14]) <= 12 or digits[12:14] == "21"):
        return "digits 13-14 of a NIP are a month, or 21 for PPPK"
    if digits[14] not in "12":
        return "digit 15 of a NIP is 1 or 2"
    if digits[15:] == "000":
        return "a NIP's serial number starts at 001"
    return None


def plain_nip(nip: str) -> str:
    return re.sub(r"[\s.]", "", nip)


def initials(name: str) -> str:
    """Two letters of a name without its titles: "Dr. Siti Rahma, M.Si." is SR."""
    words = [word for word in name.split(",", maxsplit=1)[0].split() if not word.endswith(".")] or [name.strip() or "?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
