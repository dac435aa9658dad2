"""People from a CSV file: checked whole, an error per row, written whole or not at all (docs/people.md)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app import journal
from app.people import rules, secrets, service
from app.people.models import Person, Secret, Unit
from app.people.rules import Role

COLUMNS = ("agency", "agency_name", "unit", "name", "title", "email", "nip", "superior", "site", "roles")
REQUIRED = ("agency", "unit", "name", "email", "site")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class RowError(msgspec.Struct, frozen=True, order=True):
    """``row`` counts from 1 with the heading as row 1, as a spreadsheet shows it."""

    row: int
    column: str
    problem: str


class Report(msgspec.Struct, frozen=True):
    """What an import did, or with errors would not do."""

    added: int
    changed: int
    errors: tuple[RowError, ...] = ()


def read_csv(text: str) -> tuple[list[dict[str, str]], list[RowError]]:
    """Rows as dictionaries; a heading that lacks a required column or has an unknown one is the error of row 1."""
    reader = csv.DictReader(text.splitlines())
    heading = [name.strip() for name in reader.fieldnames or ()]
    errors = [RowError(1, name, "column is missing") for name in REQUIRED if name not in heading]
    errors += [RowError(1, name, "column is unknown") for name in heading if name not in COLUMNS]
    if errors:
        return [], errors
    rows = [{(key or "").strip(): (value or "").strip() for key, value in row.items()} for row in reader]
    return rows, []


def problems(
    rows: Sequence[Mapping[str, str]], *, sites: Mapping[str, int], known_emails: Iterable[str]
) -> list[RowError]:
    """Everything wrong with the rows, each with its row and column."""
    found: list[RowError] = []
    seen: dict[str, int] = {}
    nips: dict[str, int] = {}
    emails = {row["email"].lower() for row in rows if row.get("email")} | {email.lower() for email in known_emails}
    for number, row in enumerate(rows, start=2):
        found += [RowError(number, name, "is empty") for name in REQUIRED if not row.get(name)]
        email, superior, nip = row.get("email", "").lower(), row.get("superior", "").lower(), row.get("nip", "")
        if email and not _EMAIL.fullmatch(email):
            found.append(RowError(number, "email", "is no e-mail address"))
        if email in seen:
            found.append(RowError(number, "email", f"is already in row {seen[email]}"))
        seen.setdefault(email, number)
        if nip:
            if problem := rules.nip_problem(nip):
                found.append(RowError(number, "nip", problem))
            elif (digits := rules.plain_nip(nip)) in nips:
                found.append(RowError(number, "nip", f"is already in row {nips[digits]}"))
            nips.setdefault(rules.plain_nip(nip), number)
        if row.get("site") and row["site"] not in sites:
            found.append(RowError(number, "site", f"there is no site {row['site']}"))
        if superior and superior not in emails:
            found.append(RowError(number, "superior", "nobody has this e-mail address"))
        if superior and superior == email:
            found.append(RowError(number, "superior", "nobody is their own superior"))
        known_roles = set(Role)
        found += [
            RowError(number, "roles", f"there is no role {word}")
            for word in row.get("roles", "").split()
            if word not in known_roles
        ]
    return found or _circles(rows)


def _circles(rows: Sequence[Mapping[str, str]]) -> list[RowError]:
    above = {row["email"].lower(): row.get("superior", "").lower() for row in rows}
    number = {row["email"].lower(): index for index, row in enumerate(rows, start=2)}
    settled: set[str] = set()
    for start in above:
        trail: list[str] = []
        at = start
        while at in above and at not in settled and at not in trail:
            trail.append(at)
            at = above[at]
        if at in trail:
            return [RowError(number[at], "superior", "is below this person in the chain of superiors")]
        settled.update(trail)
    return []


def import_people(
    session: Session,
    rows: Sequence[Mapping[str, str]],
    *,
    sites: Mapping[str, int],
    nip_key: bytes,
    now: datetime,
    dry_run: bool = False,
) -> Report:
    """Add people by e-mail address or change those who are there; with any error nothing is written.

    Agencies and units are made as rows name them. Who is not in the file stays as they are.
    """
    known = {email: id for email, id in session.execute(select(Person.email, Person.id))}
    errors = problems(rows, sites=sites, known_emails=known)
    taken = {digest: email for digest, email in session.execute(select(Person.nip_digest, Person.email)) if digest}
    digests = [secrets.nip_digest(rules.plain_nip(row["nip"]), nip_key) if row.get("nip") else None for row in rows]
    errors += [
        RowError(number, "nip", "belongs to somebody else already")
        for number, (row, digest) in enumerate(zip(rows, digests, strict=True), start=2)
        if digest in taken and taken[digest] != row["email"].lower()
    ]
    new = sum(row["email"].lower() not in known for row in rows)
    if errors or dry_run:
        return Report(new, len(rows) - new, tuple(sorted(errors)))
    units = _units(session, rows)
    agencies = service.agency_ids(session)
    added: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    for row, digest in zip(rows, digests, strict=True):
        email = row["email"].lower()
        values: dict[str, object] = {
            "email": email,
            "name": row["name"],
            "title": row.get("title", ""),
            "agency_id": agencies[row["agency"]],
            "unit_id": units[agencies[row["agency"]], row["unit"]],
            "site_id": sites[row["site"]],
            "roles": " ".join(sorted(set(row.get("roles", "").split()))),
            "active": True,
        }
        if digest:
            values |= {"nip_digest": digest, "nip_last4": rules.plain_nip(row["nip"])[-4:]}
        (changed if email in known else added).append(values)
    for chunk in _alike(added):
        session.execute(insert(Person), chunk)
    for values in changed:
        session.execute(
            update(Person).where(Person.email == values["email"]).values(version=Person.version + 1, **values)
        )
    ids = {email: id for email, id in session.execute(select(Person.email, Person.id))}
    _superiors_and_heads(session, rows, ids)
    facts = {"added": len(added), "changed": len(changed)}
    journal.record(session, "imported", "people", 0, actor_id=None, at=now, facts=facts)
    return Report(len(added), len(changed))


def _units(session: Session, rows: Sequence[Mapping[str, str]]) -> dict[tuple[int, str], int]:
    for code, name in {row["agency"]: row.get("agency_name") or row["agency"] for row in rows}.items():
        service.add_agency(session, code, name)
    agencies = service.agency_ids(session)
    units = service.unit_ids(session)
    lineages = {id: lineage for id, lineage in session.execute(select(Unit.id, Unit.lineage))}
    for code, path in sorted({(row["agency"], row["unit"]) for row in rows}):
        agency, parent = agencies[code], None
        names = [part.strip() for part in path.split("/")]
        for depth in range(1, len(names) + 1):
            here = " / ".join(names[:depth])
            if (agency, here) not in units:
                unit = Unit(agency_id=agency, parent_id=parent, name=names[depth - 1], path=here)
                session.add(unit)
                session.flush()
                unit.lineage = lineages[unit.id] = f"{lineages.get(parent or 0, '/')}{unit.id}/"
                units[agency, here] = unit.id
            parent = units[agency, here]
        if parent is not None:
            units[agency, path] = parent
    session.flush()
    return units


def _alike(rows: list[dict[str, object]]) -> list[list[dict[str, object]]]:
    """Rows grouped by the columns they set, as one statement inserts one set of columns."""
    groups: dict[frozenset[str], list[dict[str, object]]] = {}
    for row in rows:
        groups.setdefault(frozenset(row), []).append(row)
    return list(groups.values())


def _superiors_and_heads(session: Session, rows: Sequence[Mapping[str, str]], ids: Mapping[str, int]) -> None:
    pairs = [
        {"id": ids[row["email"].lower()], "superior_id": ids[row["superior"].lower()] if row.get("superior") else None}
        for row in rows
    ]
    session.execute(update(Person), pairs)
    heads = [row["email"].lower() for row in rows if Role.HEAD_OF_UNIT in row.get("roles", "").split()]
    for head in heads:
        unit_id = session.scalar(select(Person.unit_id).where(Person.id == ids[head]))
        session.execute(update(Unit).where(Unit.id == unit_id).values(head_id=ids[head]))


def nip_key(session: Session, setting: str) -> bytes:
    """The key from the settings, or one kept in the database since the first import."""
    if setting:
        return setting.encode()
    kept = session.get(Secret, "nip")
    if kept is None:
        kept = Secret(name="nip", value=secrets.new_session_id().encode())
        session.add(kept)
        session.flush()
    return kept.value
