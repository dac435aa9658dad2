"""Forms of the dated rules: which fields there are, and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from app.ids import hhmm
from app.scheduling.board_words import MODES
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
from app.scheduling.working_time import Hours
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
    "starts": N_("Mulai pukul"),
    "break_starts": N_("Istirahat mulai"),
    "break_ends": N_("Istirahat selesai"),
    "ends": N_("Sampai pukul"),
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
            f"rule.{name}", input_of(name, tag), SETTINGS[name], data, errors, _options(f"rule.{name}", choices), said
        )
        for name in RULES[tag].__struct_fields__
        if name != "people"
    ]


def input_of(name: str, tag: str) -> Input:
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
            data |= _written(name, hhmm(value) if name in TIMES else value)
    if isinstance(row, Policy):
        for name, value in msgspec.structs.asdict(row.rule).items():
            data |= _written(f"rule.{name}", hhmm(value) if name in TIMES else value)
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
