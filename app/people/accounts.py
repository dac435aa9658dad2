"""Accounts as an operator tends them from the command line: passwords, roles, leaving."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app import journal
from app.errors import Invalid, NotFound
from app.people import rules, secrets, sign_in
from app.people.models import Person
from app.people.rules import Role
from app.texts import N_


def _id_of(session: Session, email: str) -> int:
    found = session.scalar(select(Person.id).where(Person.email == email.strip().lower()))
    if found is None:
        raise NotFound(email=email)
    return found


def _change(
    session: Session, email: str, verb: str, *, now: datetime, facts: dict[str, object], **values: object
) -> None:
    person_id = _id_of(session, email)
    version = session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(version=Person.version + 1, **values)
        .returning(Person.version)
    ).scalar_one()
    journal.record(session, verb, "person", person_id, actor_id=None, at=now, version=version, facts=facts)
    sign_in.end_sessions(session, person_id, actor_id=None, now=now)


def set_password(session: Session, email: str, password: str, *, now: datetime) -> None:
    """Raises NotFound, or Invalid for a password shorter than 10 or longer than 200 characters. Ends all sessions."""
    shortest, longest = rules.PASSWORD_LENGTH
    if not shortest <= len(password) <= longest:
        raise Invalid(problem=f"password: {shortest}-{longest}")
    _change(session, email, "password-set", now=now, facts={}, password=secrets.hash_password(password))


def set_roles(session: Session, email: str, roles: list[str], *, now: datetime) -> None:
    """Raises NotFound, or Invalid for a role there is none of. Ends all sessions."""
    if unknown := set(roles) - set(Role):
        raise Invalid(problem=f"roles: {', '.join(sorted(unknown))}")
    words = " ".join(sorted(set(roles)))
    _change(session, email, "roles-set", now=now, facts={"roles": words}, roles=words)


def set_active(session: Session, email: str, active: bool, *, now: datetime) -> None:
    """Let somebody in again or not any more. Ends all sessions."""
    _change(session, email, "activated" if active else "deactivated", now=now, facts={}, active=active)


def list_accounts(session: Session, q: str = "") -> list[tuple[str, str, str, bool]]:
    """E-mail, name, roles and whether active, of everybody whose name or e-mail holds ``q``."""
    part = q.lower()
    rows = session.execute(
        select(Person.email, Person.name, Person.roles, Person.active)
        .where(
            or_(func.lower(Person.name).contains(part, autoescape=True), Person.email.contains(part, autoescape=True))
        )
        .order_by(Person.email)
    )
    return [(email, name, roles, active) for email, name, roles, active in rows]


def any_people(session: Session) -> bool:
    return session.scalar(select(Person.id).limit(1)) is not None


class DemoAccount(msgspec.Struct, frozen=True):
    email: str
    role: str


DEMO_PASSWORD = "selaras-demo"  # noqa: S105 - public by design, and only ever set by the demo data
DEMO_ACCOUNTS = {
    "pegawai@selaras.test": N_("Pegawai"),
    "atasan@selaras.test": N_("Atasan langsung"),
    "ruang@selaras.test": N_("Pengelola ruang"),
    "kepegawaian@selaras.test": N_("Pengelola kepegawaian"),
    "admin@selaras.test": N_("Admin instansi"),
}


def set_demo_passwords(session: Session, *, now: datetime) -> None:
    """Let the demo accounts sign in. ``.test`` is reserved and is nobody's address (RFC 6761)."""
    for email in DEMO_ACCOUNTS:
        set_password(session, email, DEMO_PASSWORD, now=now)


def demo_accounts(session: Session) -> list[DemoAccount]:
    """The demo accounts that are there and can sign in; none on a real installation."""
    there = set(
        session.scalars(
            select(Person.email).where(Person.email.in_(DEMO_ACCOUNTS), Person.password.is_not(None), Person.active)
        )
    )
    return [DemoAccount(email, role) for email, role in DEMO_ACCOUNTS.items() if email in there]


def sign_out(session: Session, email: str, *, now: datetime) -> None:
    """End all sessions of somebody. Raises NotFound."""
    sign_in.end_sessions(session, _id_of(session, email), actor_id=None, now=now)
