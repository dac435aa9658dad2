"""Forms of the dated rules as they come back: the row that they ask for, or what is wrong in which field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from app import shapes
from app.ids import minute_of
from app.scheduling.admin_fields import OFFERED, RULES, TIMES, input_of
from app.scheduling.admin_shapes import DayOffIn, HoursIn, PolicyIn, SeasonIn
from app.scheduling.policy_kinds import Policy
from app.scheduling.touched import Row
from app.scheduling.working_time import DayOff, Hours, Season
from app.texts import N_

ERRORS = {
    "on": N_("Isi tanggal antara tahun 2000 dan 2100."),
    "from_on": N_("Isi tanggal antara tahun 2000 dan 2100."),
    "until_on": N_("Tanggal akhir harus sah dan tidak mendahului tanggal mulai."),
    "basis": N_("Tuliskan dasar hukumnya, sekurang-kurangnya 3 huruf."),
    "name": N_("Isi namanya."),
    "weekdays": N_("Pilih sekurang-kurangnya satu hari."),
    "starts": N_("Isi jamnya, misalnya 07.30."),
    "ends": N_("Isi jamnya, misalnya 16.00."),
    "break_starts": N_("Isi jamnya, misalnya 12.00."),
    "break_ends": N_("Isi jamnya, misalnya 13.00."),
}
OTHER_ERROR = N_("Periksa isian ini.")
MEANINGS = (
    ("must not end before", "until_on", ERRORS["until_on"]),
    ("years go from", "", N_("Tanggal harus antara tahun 2000 dan 2100.")),
    ("hours start within", "ends", N_("Jam selesai harus sesudah jam mulai.")),
    ("a break lies within", "break_ends", N_("Istirahat harus berada di dalam jam kerja dan menyisakan waktu kerja.")),
    ("an exclusion names", "", N_("Pilih jenis unit atau jenjang jabatan yang dikecualikan.")),
    ("a least on site", "", N_("Isi jumlah orang atau persen.")),
    ("a decision maker", "", N_("Pilih jenjang jabatan dan lokasi.")),
    ("core hours start", "ends", N_("Jam selesai harus sesudah jam mulai.")),
)
"""What the shapes and rules say when they can't be built, the field it is about, and the sentence for people."""


class Wrong(Exception):  # noqa: N818 - an answer to a form, not an error
    """What is wrong with a form, as texts yet to be translated, by field; "" stands for the whole."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


def read(kind: str, data: Mapping[str, str], before: Row | None = None) -> Row:
    """The row that a form asks for; what the form doesn't ask stays as it was ``before``. Raises Wrong."""
    if kind == "day-off":
        return _day_off(data)
    if kind == "season":
        plain = _plain(data, "from_on", "until_on", "basis")
        name = before.name if isinstance(before, Season) else "ramadan"
        return _built(SeasonIn, plain | {"name": name, "state": _state(data)}).row()  # type: ignore[no-any-return]
    if kind == "work-hours":
        return _hours(data, before)
    return _policy(data)


def _day_off(data: Mapping[str, str]) -> DayOff:
    plain = _plain(data, "on", "kind", "name", "name_en", "basis", "site_id")
    plain.setdefault("name_en", plain.get("name"))
    if plain["name_en"] is None:
        del plain["name_en"]
    return _built(DayOffIn, plain | {"state": _state(data)}).row()  # type: ignore[no-any-return]


def _hours(data: Mapping[str, str], before: Row | None) -> Hours:
    plain = _plain(data, "season", "from_on", "until_on", "basis", "site_id", "flexi_band_minutes")
    plain["weekdays"] = "".join(_checked(data, "weekdays"))
    for name in TIMES:
        plain[name] = _minute(name, data.get(name, ""))
    row: Hours = _built(HoursIn, plain | _scope(data)).row()
    if isinstance(before, Hours):
        return replace(row, kind=before.kind, on_days_off=before.on_days_off, person_id=before.person_id)
    return row


def _policy(data: Mapping[str, str]) -> Policy:
    tag = data.get("type", "")
    if tag not in OFFERED:
        raise Wrong({"": OTHER_ERROR})
    rule: dict[str, Any] = {"type": tag}
    for name in RULES[tag].__struct_fields__:
        key = f"rule.{name}"
        match input_of(name, tag):
            case "checks" if name == "weekdays":
                rule[name] = "".join(_checked(data, key))
            case "checks":
                rule[name] = _checked(data, key)
            case "check":
                rule[name] = key in data
            case "time":
                rule[name] = _minute(name, data.get(key, ""))
            case _ if name == "chain":
                rule[name] = data.get(key, "").split()
            case _ if text := data.get(key, "").strip():
                rule[name] = text
    plain = _plain(data, "name", "from_on", "until_on", "basis")
    return _built(PolicyIn, plain | _scope(data) | {"rule": rule}).row()  # type: ignore[no-any-return]


def _plain(data: Mapping[str, str], *names: str) -> dict[str, Any]:
    """What was written, without empty fields."""
    return {name: text for name in names if (text := data.get(name, "").strip())}


def _checked(data: Mapping[str, str], name: str) -> list[str]:
    return sorted(key.removeprefix(f"{name}.") for key in data if key.startswith(f"{name}."))


def _state(data: Mapping[str, str]) -> str:
    return "estimated" if "estimated" in data else "fixed"


def _scope(data: Mapping[str, str]) -> dict[str, str]:
    what, _, id = data.get("scope", "").partition(":")
    return {f"{what}_id": id} if what in ("agency", "unit") else {}


def _minute(name: str, text: str) -> int:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise Wrong({name: ERRORS[name]})
    return minute_of(text)


def _built(shape: type[Any], plain: dict[str, Any]) -> Any:
    try:
        return shapes.convert(plain, shape, strict=False)
    except msgspec.ValidationError as error:
        raise Wrong(_errors_of(str(error))) from error


def _errors_of(message: str) -> dict[str, str]:
    for words, field, sentence in MEANINGS:
        if words in message:
            return {field: sentence}
    found = re.search(r"required field `(\w+)`", message) or re.search(r"`\$\.(?:rule\.)?(\w+)", message)
    field = found[1] if found else ""
    return {field: ERRORS.get(field, OTHER_ERROR)}
