"""People from a CSV file: checked whole, an error per row, written whole or not at all (docs/people.md)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import journal
from app.people import rules, secrets, service
from app.people.models import Person
from app.people.rules import Role

COLUMNS = ("agency", "agency_name", "unit", "name", "title", "email", "nip", "superior", "site", "roles")
REQUIRED = ("agency", "unit", "name", "email", "site")
HEADING_ROW = 1
_ROLES = frozenset(Role)
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
    """Rows as dictionaries; an error in the heading, or a row with more cells than the heading, leaves no rows at all.

    Commas or semicolons separate the cells, whichever the heading has: a spreadsheet with Indonesian settings writes
    semicolons. An empty line is a row without cells, so that rows keep their numbers.
    """
    heading_line = text.partition("\n")[0]
    delimiter = ";" if heading_line.count(";") > heading_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        lines = list(reader)
    except csv.Error as error:
        return [], [RowError(reader.line_num, "", f"can't be read: {error}")]
    heading = [name.strip() for name in lines[0]] if lines else []
    errors = _heading_errors(heading)
    if not errors:
        errors = [
            RowError(number, "", f"has more cells than the heading has columns ({len(heading)})")
            for number, line in enumerate(lines, HEADING_ROW)
            if len(line) > len(heading)
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
    """Name and text of each cell; a line that ends early has empty ones, a line without any cell has none."""
    if any(cell.strip() for cell in line):
        yield from zip(heading, (*line, *[""] * (len(heading) - len(line))), strict=True)


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
    for number, row in _numbered(rows):
        row_problems = [*_form_problems(row), *_reference_problems(row, sites, emails)]
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
    """A person before the import."""

    id: int
    superior: str
    nip_digest: bytes | None
    columns: Values
    """what the import may change, by column"""


_CHANGEABLE = (
    Person.name,
    Person.title,
    Person.agency_id,
    Person.unit_id,
    Person.site_id,
    Person.roles,
    Person.nip_digest,
    Person.nip_last4,
    Person.superior_id,
)


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

    Agencies and units are made as rows name them. Who is not in the file stays as they are, and so does what the file
    has no column for, a NIP whose cell is empty, and whether somebody is locked.
    """
    known = _known_people(session)
    people = {row["email"].lower(): row for _, row in _numbered(rows) if row.get("email")}
    digests = {
        email: secrets.nip_digest(rules.plain_nip(nip), nip_key)
        for email, row in people.items()
        if (nip := row.get("nip"))
    }
    superiors = {email: person.superior for email, person in known.items()}
    errors = problems(rows, sites=sites, known_emails=known, superiors=superiors)
    errors += _taken_nips(rows, known, digests)
    new = [email for email in people if email not in known]
    report = Report(len(new), len(people) - len(new), tuple(sorted(errors)))
    if errors or dry_run:
        return report
    unit_ids = _put_units(session, people.values())
    agency_ids = service.agency_ids(session)
    values: dict[str, Values] = {}
    for email, row in people.items():
        agency_id = agency_ids[row["agency"]]
        values[email] = {
            "name": row["name"],
            "agency_id": agency_id,
            "unit_id": unit_ids[agency_id, _path(row["unit"])],
            "site_id": sites[row["site"]],
            **_optional(row, digests.get(email)),
        }
    if new:
        session.execute(insert(Person), [_BLANK | {"email": email, **values[email]} for email in new])
    ids = {email: id for email, id in session.execute(select(Person.email, Person.id))}
    for email, row in people.items():
        if "superior" in row:
            values[email]["superior_id"] = ids[row["superior"].lower()] if row["superior"] else None
    _put_superiors(session, [{"id": ids[email], "superior_id": values[email].get("superior_id")} for email in new])
    _change(session, {known[email]: values[email] for email in people if email in known})
    _put_heads(session, people, values, ids)
    facts = {"added": report.added, "changed": report.changed}
    journal.record(session, "imported", "people", 0, actor_id=None, at=now, facts=facts)
    return report
