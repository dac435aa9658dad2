"""Forms of the dated rules: which fields there are, and what was written into them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from app.scheduling.admin_shapes import DayOffIn, HoursIn, PolicyIn, SeasonIn
from app.scheduling.board_words import MODES
from app.scheduling.ground import minute_of, written
from app.scheduling.policy_kinds import CoverageRule, PersonRule, Policy
from app.scheduling.rule_words import (
    CHAINS,
    DAY_KINDS,
    LEVELS,
    PARTS,
    POLICIES,
    SEASONS,
    SETTINGS,
    UNIT_KINDS,
    WEEKDAYS,
)
from app.scheduling.touched import Row
from app.scheduling.working_time import DayOff, Hours, Season
from app.texts import N_, Words

Input = Literal["text", "date", "time", "number", "select", "checks", "check", "hidden"]

RULES: dict[str, Any] = {kind.__struct_config__.tag: kind for kind in (*PersonRule.__args__, *CoverageRule.__args__)}
"""Rules by their tag. Who may not be away together is for programs to say: it names people."""
OFFERED = tuple(kind for kind in POLICIES if kind != "not-together")


class Option(msgspec.Struct, frozen=True):
    value: str
    label: str
    chosen: bool = False


class Field(msgspec.Struct, frozen=True):
    """``name`` is the name in the form; each of ``checks`` has its value after a dot."""

    name: str
    label: str
    input: Input
    value: str = ""
    options: tuple[Option, ...] = ()
    error: str = ""
    required: bool = False
    hint: str = ""


class Wrong(Exception):  # noqa: N818 - an answer to a form, not an error
    """What is wrong with a form, as texts yet to be translated, by field; "" stands for the whole."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


class Choices(msgspec.Struct, frozen=True):
    """What a form may offer: ``sites`` and ``scopes`` (everybody "", "agency:1", "unit:5") with their labels."""

    sites: dict[str, str]
    scopes: dict[str, str]


LABELS = {
    "on": N_("Tanggal"),
    "kind": N_("Jenis"),
    "name": N_("Nama"),
    "name_en": N_("Nama dalam bahasa Inggris"),
    "basis": N_("Dasar hukum"),
    "site_id": N_("Lokasi"),
    "estimated": N_("Masih perkiraan"),
    "from_on": N_("Mulai tanggal"),
    "until_on": N_("Sampai tanggal"),
    "weekdays": N_("Hari kerja"),
    "starts": N_("Mulai"),
    "break_starts": N_("Istirahat mulai"),
    "break_ends": N_("Istirahat selesai"),
    "ends": N_("Selesai"),
    "season": N_("Masa"),
    "flexi_band_minutes": N_("Kelonggaran masuk (menit)"),
    "scope": N_("Berlaku bagi"),
}
FIELDS: dict[str, tuple[tuple[str, Input], ...]] = {
    "day-off": (
        ("on", "date"), ("kind", "select"), ("name", "text"), ("name_en", "text"), ("site_id", "select"),
        ("basis", "text"), ("estimated", "check"),
    ),
    "season": (("from_on", "date"), ("until_on", "date"), ("basis", "text"), ("estimated", "check")),
    "work-hours": (
        ("scope", "select"), ("site_id", "select"), ("weekdays", "checks"), ("starts", "time"), ("ends", "time"),
        ("break_starts", "time"), ("break_ends", "time"), ("flexi_band_minutes", "number"), ("season", "select"),
        ("from_on", "date"), ("until_on", "date"), ("basis", "text"),
    ),
    "policy": (("scope", "select"), ("name", "text"), ("from_on", "date"), ("until_on", "date"), ("basis", "text")),
}  # fmt: skip
OPTIONAL = {
    "until_on",
    "name",
    "name_en",
    "site_id",
    "scope",
    "season",
    "flexi_band_minutes",
    "duty",
    "count",
    "percent",
}
TIMES = ("starts", "ends", "break_starts", "break_ends")

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


# Writing a form


def fields(
    kind: str, data: Mapping[str, str], errors: Mapping[str, str], choices: Choices, said: Words, *, tag: str = ""
) -> tuple[Field, ...]:
    """The fields of a form with what is in them; ``tag`` is the kind of policy."""
    found = [
        _field(name, input, LABELS[name], data, errors, _options(name, choices), said) for name, input in FIELDS[kind]
    ]
    if kind == "policy":
        found = [*found[:2], *_settings(tag, data, errors, choices, said), *found[2:]]
    return tuple(found)


def _settings(
    tag: str, data: Mapping[str, str], errors: Mapping[str, str], choices: Choices, said: Words
) -> list[Field]:
    return [
        _field(
            f"rule.{name}", _input_of(name, tag), SETTINGS[name], data, errors, _options(f"rule.{name}", choices), said
        )
        for name in RULES[tag].__struct_fields__
        if name != "people"
    ]


def _input_of(name: str, tag: str) -> Input:
    if name in ("counts", "modes", "unit_kinds", "levels", "site_ids", "weekdays"):
        return "checks"
    if name in ("mode", "weekday", "part", "chain", "site_id"):
        return "select"
    if name in ("required", "automatic", "norm_counts"):
        return "check"
    if name in TIMES:
        return "time"
    return "text" if name == "duty" else "number"


def _options(name: str, choices: Choices) -> dict[str, str]:
    everywhere = {"": N_("Semua lokasi"), **choices.sites}
    known: dict[str, dict[str, str]] = {
        "kind": DAY_KINDS,
        "site_id": everywhere,
        "scope": choices.scopes,
        "season": {"": N_("Di luar masa khusus"), **SEASONS},
        "weekdays": WEEKDAYS,
        "rule.counts": _MODES,
        "rule.modes": _MODES,
        "rule.mode": _MODES,
        "rule.weekday": WEEKDAYS,
        "rule.weekdays": WEEKDAYS,
        "rule.unit_kinds": UNIT_KINDS,
        "rule.levels": LEVELS,
        "rule.site_id": everywhere,
        "rule.site_ids": choices.sites,
        "rule.part": PARTS,
        "rule.chain": CHAINS,
    }
    return known.get(name, {})


_MODES = {value: label for value, label in MODES.items() if value != "unavailable"}


def _field(
    name: str,
    input: Input,
    label: str,
    data: Mapping[str, str],
    errors: Mapping[str, str],
    options: dict[str, str],
    said: Words,
) -> Field:
    value = data.get(name, "")
    plain = name.removeprefix("rule.")
    shown = tuple(
        Option(key, said.say(text), f"{name}.{key}" in data if input == "checks" else key == value)
        for key, text in options.items()
    )
    required = plain not in OPTIONAL and input not in ("check", "checks")
    error = errors.get(plain, "")
    return Field(name, said.say(label), input, value, shown, said.say(error) if error else "", required)


def blank(kind: str, tag: str = "") -> dict[str, str]:
    """What a new form starts with."""
    if kind == "work-hours":
        days = {f"weekdays.{day}": "on" for day in "1234"}
        times = {"starts": "07:30", "break_starts": "12:00", "break_ends": "13:00", "ends": "16:00"}
        return days | times | {"flexi_band_minutes": "0"}
    if kind == "day-off":
        return {"kind": "collective-leave"}
    if kind == "policy":
        defaults = {"weekday": "5", "mode": "WFH", "least": "3", "starts": "09:00", "ends": "15:00", "days": "1"}
        rule: dict[str, str] = {}
        for field in msgspec.structs.fields(RULES[tag]):
            value = field.default if field.default is not msgspec.NODEFAULT else None
            rule |= _written(f"rule.{field.name}", defaults.get(field.name) if value is None else value)
        return rule
    return {}


def data_of(row: Row) -> dict[str, str]:
    """A row as its form has it."""
    data: dict[str, str] = {}
    for name, value in msgspec.structs.asdict(row).items():
        if name != "rule":
            data |= _written(name, written(value) if name in TIMES else value)
    if isinstance(row, Policy):
        for name, value in msgspec.structs.asdict(row.rule).items():
            data |= _written(f"rule.{name}", written(value) if name in TIMES else value)
    if getattr(row, "state", "") == "estimated":
        data["estimated"] = "on"
    if isinstance(row, Hours | Policy):
        unit, agency = row.unit_id, row.agency_id
        data["scope"] = f"unit:{unit}" if unit else f"agency:{agency}" if agency else ""
    return data


def _written(name: str, value: Any) -> dict[str, str]:
    if value is None or value is False:
        return {}
    if value is True:
        return {name: "on"}
    if name.endswith("chain"):
        return {name: " ".join(value)}
    if name.endswith("weekdays"):
        return {f"{name}.{day}": "on" for day in value}
    if isinstance(value, tuple):
        return {f"{name}.{getattr(one, 'value', one)}": "on" for one in value}
    return {name: str(getattr(value, "value", value))}


def fits(row: Row) -> bool:
    """Whether the form can hold all that a row says; programs write the others: single people's hours, night shifts."""
    if isinstance(row, Hours):
        return row.person_id is None and row.kind == "office" and row.ends < 1440
    return not isinstance(row, Policy) or row.kind in OFFERED


# Reading a form


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
        match _input_of(name, tag):
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
        return msgspec.convert(plain, shape, strict=False)
    except msgspec.ValidationError as error:
        raise Wrong(_errors_of(str(error))) from error


def _errors_of(message: str) -> dict[str, str]:
    for words, field, sentence in MEANINGS:
        if words in message:
            return {field: sentence}
    found = re.search(r"required field `(\w+)`", message) or re.search(r"`\$\.(?:rule\.)?(\w+)", message)
    field = found[1] if found else ""
    return {field: ERRORS.get(field, OTHER_ERROR)}
