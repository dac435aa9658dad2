"""People from a CSV file: checked whole, an error per row, written whole or not at all (docs/people.md)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest

import msgspec
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app import journal
from app.people import rules, secrets
from app.people.agencies import add_agency, agency_ids
from app.people.models import Person, Secret, Unit
from app.people.rules import Role
from app.people.units import unit_ids
from app.scheduling.rules import LEVELS

COLUMNS = (
    "agency", "agency_name", "unit", "name", "title", "email", "nip", "superior", "site", "roles", "level", "duties",
    "eligible", "unit_kind",
)  # fmt: skip
REQUIRED = ("agency", "unit", "name", "email", "site")
HEADING_ROW = 1
UNIT_KINDS = ("direct-service", "support")
"""Perpres 21/2023, article 7; any other unit has an empty cell."""
ELIGIBLE = {"": True, "yes": True, "ya": True, "no": False, "tidak": False}
"""Read in any letter case; an empty cell says yes."""
_ROLES = frozenset(Role)
_DUTIES = re.compile(r"[\w-]+( +[\w-]+)*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Row = Mapping[str, str]
Values = dict[str, object]


class RowError(msgspec.Struct, frozen=True, order=True):
    """``row`` counts from 1 with the heading as row 1, as a spreadsheet shows it."""

    row: int
    column: str
    problem: str


class Report(msgspec.Struct, frozen=True):
    """What an import did, or with errors would not do; ``changed`` are those who were there before."""

    added: int
    changed: int
    errors: tuple[RowError, ...] = ()


# The file


def read_csv(text: str) -> tuple[list[dict[str, str]], list[RowError]]:
    """Rows as dictionaries; an error in the heading, or a cell outside its columns, leaves no rows at all.

    Commas or semicolons separate the cells, whichever the heading has: a spreadsheet with Indonesian settings writes
    semicolons. An empty line is a row without cells, so that rows keep their numbers.
    """
    heading_line = text.partition("\n")[0]
    delimiter = ";" if heading_line.count(";") > heading_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        lines = list(reader)
    except csv.Error as error:
        return [], [RowError(reader.line_num, "line", f"can't be read: {error}")]
    heading = [name.strip() for name in lines[0]] if lines else []
    errors = _heading_errors(heading)
    if not errors:
        errors = [
            RowError(number, f"column {len(heading) + 1}", "has no heading")
            for number, line in enumerate(lines, HEADING_ROW)
            if any(line[len(heading) :])
        ]
    if errors:
        return [], errors
    return [{name: cell.strip() for name, cell in _cells(heading, line)} for line in lines[HEADING_ROW:]], []


def _heading_errors(heading: Sequence[str]) -> list[RowError]:
    return [
        *(RowError(HEADING_ROW, name, "column is missing") for name in REQUIRED if name not in heading),
        *(RowError(HEADING_ROW, name, "column is unknown") for name in heading if name not in COLUMNS),
        *(RowError(HEADING_ROW, name, "column is there twice") for name in COLUMNS if heading.count(name) > 1),
    ]


def _cells(heading: Sequence[str], line: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Name and text of each cell; a line that ends early has empty ones, an empty line has none."""
    if any(cell.strip() for cell in line):
        yield from zip_longest(heading, line[: len(heading)], fillvalue="")


def _numbered(rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    """Rows that say something, with the numbers they have in the file."""
    return ((number, row) for number, row in enumerate(rows, HEADING_ROW + 1) if any(row.values()))


# What is wrong with it


def problems(
    rows: Sequence[Row],
    *,
    sites: Mapping[str, int],
    known_emails: Iterable[str],
    superiors: Mapping[str, str] | None = None,
) -> list[RowError]:
    """Everything wrong with the rows, each with its row and column. ``superiors``: by e-mail address, of those who are
    known; a circle may close through them."""
    found: list[RowError] = []
    emails = {row["email"].lower() for row in rows if row.get("email")} | {email.lower() for email in known_emails}
    first_rows: dict[tuple[str, str], int] = {}
    kinds: dict[tuple[str, str], tuple[str, int]] = {}
    for number, row in _numbered(rows):
        row_problems = [*_form_problems(row), *_reference_problems(row, sites, emails)]
        if kind := row.get("unit_kind"):
            known_kind, first = kinds.setdefault(_unit_of(row), (kind, number))
            if kind != known_kind:
                row_problems.append(("unit_kind", f"differs from row {first} of the same unit"))
        for column, value in (("email", row.get("email", "").lower()), ("nip", rules.plain_nip(row.get("nip", "")))):
            if value and (first := first_rows.setdefault((column, value), number)) != number:
                row_problems.append((column, f"is already in row {first}"))
        found += [RowError(number, column, problem) for column, problem in row_problems]
    return found or _circles(rows, superiors or {})


def _form_problems(row: Row) -> Iterator[tuple[str, str]]:
    for name in REQUIRED:
        if not row.get(name):
            yield name, "is empty"
    if (email := row.get("email")) and not _EMAIL.fullmatch(email):
        yield "email", "is no e-mail address"
    if (unit := row.get("unit")) and not all(_parts(unit)):
        yield "unit", "has a level without a name"
    if (nip := row.get("nip")) and (problem := rules.nip_problem(nip)):
        yield "nip", problem
    for word in row.get("roles", "").split():
        if word not in _ROLES:
            yield "roles", f"there is no role {word}"
    if (level := row.get("level")) and level not in LEVELS:
        yield "level", f"there is no level {level}"
    if (duties := row.get("duties")) and not _DUTIES.fullmatch(duties):
        yield "duties", "are words of letters, digits and hyphens, separated by spaces"
    if row.get("eligible", "").lower() not in ELIGIBLE:
        yield "eligible", "is yes or no (ya, tidak)"
    if (kind := row.get("unit_kind")) and kind not in UNIT_KINDS:
        yield "unit_kind", f"there is no kind of unit {kind}"


def _reference_problems(row: Row, sites: Mapping[str, int], emails: set[str]) -> Iterator[tuple[str, str]]:
    if (site := row.get("site")) and site not in sites:
        yield "site", f"there is no site {site}"
    if superior := row.get("superior", "").lower():
        if superior not in emails:
            yield "superior", "nobody has this e-mail address"
        elif superior == row.get("email", "").lower():
            yield "superior", "nobody is their own superior"


def _circles(rows: Sequence[Row], superiors: Mapping[str, str]) -> list[RowError]:
    """One error for each circle, at the first of its rows."""
    above = dict(superiors)
    numbers: dict[str, int] = {}
    for number, row in _numbered(rows):
        email = row["email"].lower()
        numbers[email] = number
        if "superior" in row:
            above[email] = row["superior"].lower()
    settled: set[str] = set()
    found: list[RowError] = []
    for start in numbers:
        trail: dict[str, int] = {}
        at = start
        while at and at not in settled and at not in trail:
            trail[at] = len(trail)
            at = above.get(at, "")
        if at in trail:
            circle = sorted(numbers[email] for email in list(trail)[trail[at] :] if email in numbers)
            others = f" (rows {', '.join(map(str, circle))})" if len(circle) > 1 else ""
            found.append(RowError(circle[0], "superior", f"is below this person in the chain of superiors{others}"))
        settled.update(trail)
    return found


# The import


class _Known(msgspec.Struct, frozen=True):
    """A person as the database has them: ``columns`` are those that an import may change."""

    id: int
    columns: Values


_CHANGEABLE = (
    Person.name,
    Person.title,
    Person.agency_id,
    Person.unit_id,
    Person.superior_id,
    Person.site_id,
    Person.roles,
    Person.nip_digest,
    Person.nip_last4,
    Person.level,
    Person.duties,
    Person.eligible,
)
_CHANGE = update(Person).where(Person.id == bindparam("person")).values(version=Person.version + 1)


def import_people(
    session: Session,
    rows: Sequence[Row],
    *,
    sites: Mapping[str, int],
    nip_key: bytes,
    now: datetime,
    dry_run: bool = False,
) -> Report:
    """Add people by e-mail address or change those who are there; with any error nothing is written.

    Agencies and units are made as rows name them. Who is not in the file stays as they are, and so do columns that the
    file doesn't have, a NIP whose cell is empty, and whether somebody is locked.
    """
    known = _known_people(session)
    people = {row["email"].lower(): row for _, row in _numbered(rows) if row.get("email")}
    digests = {
        email: secrets.nip_digest(rules.plain_nip(row["nip"]), nip_key)
        for email, row in people.items()
        if row.get("nip")
    }
    errors = problems(rows, sites=sites, known_emails=known, superiors=_superiors(known))
    errors += _taken_nips(rows, known, digests)
    new = [email for email in people if email not in known]
    report = Report(len(new), len(people) - len(new), tuple(sorted(errors)))
    if errors or dry_run:
        return report
    values = _columns(session, people, digests, sites)
    _add(session, {email: values[email] for email in new})
    ids = {email: id for email, id in session.execute(select(Person.email, Person.id))}
    superiors: dict[str, Values] = {
        email: {"superior_id": ids[row["superior"].lower()] if row["superior"] else None}
        for email, row in people.items()
        if "superior" in row
    }
    if led := [{"id": ids[email], **superiors[email]} for email in new if email in superiors]:
        session.execute(update(Person), led)
    _change(session, [(known[email], values[email] | superiors.get(email, {})) for email in people if email in known])
    heads = {
        values[email]["unit_id"]: ids[email]
        for email, row in people.items()
        if Role.HEAD_OF_UNIT in row.get("roles", "").split()
    }
    if heads:
        session.execute(update(Unit), [{"id": unit_id, "head_id": head_id} for unit_id, head_id in heads.items()])
    facts = {"added": report.added, "changed": report.changed}
    journal.record(session, "imported", "people", 0, actor_id=None, at=now, facts=facts)
    return report


def _known_people(session: Session) -> dict[str, _Known]:
    rows = session.execute(select(Person.email, Person.id, *_CHANGEABLE))
    return {
        email: _Known(id, {column.key: value for column, value in zip(_CHANGEABLE, values, strict=True)})
        for email, id, *values in rows
    }


def _superiors(known: Mapping[str, _Known]) -> dict[str, str]:
    """E-mail addresses of superiors by those of their reports."""
    emails: dict[object, str] = {person.id: email for email, person in known.items()}
    return {email: emails.get(person.columns["superior_id"], "") for email, person in known.items()}


def _taken_nips(rows: Sequence[Row], known: Mapping[str, _Known], digests: Mapping[str, bytes]) -> list[RowError]:
    holders = {digest: email for email, person in known.items() if (digest := person.columns["nip_digest"])}
    return [
        RowError(number, "nip", "belongs to somebody else already")
        for number, row in _numbered(rows)
        if row.get("nip")
        and (email := row.get("email", "").lower()) in digests
        and holders.get(digests[email], email) != email
    ]


def _columns(
    session: Session, people: Mapping[str, Row], digests: Mapping[str, bytes], sites: Mapping[str, int]
) -> dict[str, Values]:
    """What the file says of each person, by e-mail address; agencies and units are made if need be."""
    agencies = _put_agencies(session, people.values())
    units = _put_units(session, {(agencies[row["agency"]], _parts(row["unit"])) for row in people.values()})
    _put_kinds(session, people.values(), agencies, units)
    found: dict[str, Values] = {}
    for email, row in people.items():
        agency_id = agencies[row["agency"]]
        values: Values = {
            "name": row["name"],
            "agency_id": agency_id,
            "unit_id": units[agency_id, _path(_parts(row["unit"]))],
            "site_id": sites[row["site"]],
        }
        if "title" in row:
            values["title"] = row["title"]
        if "roles" in row:
            values["roles"] = _words(row["roles"])
        if "level" in row:
            values["level"] = row["level"]
        if "duties" in row:
            values["duties"] = _words(row["duties"].lower())
        if "eligible" in row:
            values["eligible"] = ELIGIBLE[row["eligible"].lower()]
        if email in digests:
            values |= {"nip_digest": digests[email], "nip_last4": rules.plain_nip(row["nip"])[-4:]}
        found[email] = values
    return found


def _add(session: Session, people: Mapping[str, Values]) -> None:
    blank: Values = {
        "title": "", "roles": "", "nip_digest": None, "nip_last4": None, "level": "", "duties": "", "eligible": True,
    }  # fmt: skip
    if people:
        session.execute(insert(Person), [{"email": email, **blank, **values} for email, values in people.items()])


def _change(session: Session, people: Iterable[tuple[_Known, Values]]) -> None:
    """A new version of everybody of whom the file says something new."""
    changes = [
        {"person": person.id, **person.columns, **values}
        for person, values in people
        if person.columns | values != person.columns
    ]
    if changes:
        session.connection().execute(_CHANGE, changes)


def _put_agencies(session: Session, rows: Iterable[Row]) -> dict[str, int]:
    """Ids by code. An agency is named by the first row that has a name for it, and a new one without any by its code."""
    names: dict[str, str] = {}
    for row in rows:
        names[row["agency"]] = names.get(row["agency"]) or row.get("agency_name", "")
    known = agency_ids(session)
    for code, name in names.items():
        if name or code not in known:
            add_agency(session, code, name or code)
    return agency_ids(session)


def _put_units(session: Session, named: Iterable[tuple[int, tuple[str, ...]]]) -> dict[tuple[int, str], int]:
    """Ids by agency and path, of the units named and those above them; made level by level, as each needs its parent's."""
    ids = unit_ids(session)
    lineages = {id: lineage for id, lineage in session.execute(select(Unit.id, Unit.lineage))}
    every = {(agency_id, parts[:depth]) for agency_id, parts in named for depth in range(1, len(parts) + 1)}
    missing = sorted(unit for unit in every if (unit[0], _path(unit[1])) not in ids)
    for depth in sorted({len(parts) for _, parts in missing}):
        level = [(agency_id, parts) for agency_id, parts in missing if len(parts) == depth]
        parents = [ids.get((agency_id, _path(parts[:-1]))) for agency_id, parts in level]
        rows = [
            {"agency_id": agency_id, "parent_id": parent, "name": parts[-1], "path": _path(parts), "lineage": ""}
            for (agency_id, parts), parent in zip(level, parents, strict=True)
        ]
        made = session.scalars(insert(Unit).returning(Unit.id, sort_by_parameter_order=True), rows).all()
        for (agency_id, parts), parent, id in zip(level, parents, made, strict=True):
            ids[agency_id, _path(parts)] = id
            lineages[id] = f"{lineages[parent] if parent else '/'}{id}/"
        session.execute(update(Unit), [{"id": id, "lineage": lineages[id]} for id in made])
    return ids


def _put_kinds(
    session: Session, rows: Iterable[Row], agencies: Mapping[str, int], units: Mapping[tuple[int, str], int]
) -> None:
    """What the file says of the kinds of its units: the one cell of a unit that says something speaks for all its rows."""
    kinds: dict[int, str] = {}
    for row in rows:
        if "unit_kind" in row:
            unit_id = units[agencies[row["agency"]], _path(_parts(row["unit"]))]
            kinds[unit_id] = row["unit_kind"] or kinds.get(unit_id, "")
    known = dict(session.execute(select(Unit.id, Unit.kind)).all())
    if changes := [{"id": id, "kind": kind} for id, kind in kinds.items() if known[id] != kind]:
        session.execute(update(Unit), changes)


def _unit_of(row: Row) -> tuple[str, str]:
    return row.get("agency", ""), _path(_parts(row.get("unit", "")))


def _words(cell: str) -> str:
    """Each word once, in order."""
    return " ".join(sorted(set(cell.split())))


def _parts(unit: str) -> tuple[str, ...]:
    """The levels of a unit's path, from the top."""
    return tuple(part.strip() for part in unit.split("/"))


def _path(parts: Sequence[str]) -> str:
    return " / ".join(parts)


def nip_key(session: Session, setting: str, *, keep: bool = True) -> bytes:
    """The key from the settings, or one kept in the database since the first import. Without ``keep`` a new one is written
    nowhere: there is no NIP yet that it could be needed for."""
    if setting:
        return setting.encode()
    kept = session.get(Secret, "nip")
    if kept is None:
        kept = Secret(name="nip", value=secrets.new_session_id().encode())
        if keep:
            session.add(kept)
            session.flush()
    return kept.value
