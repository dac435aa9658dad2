"""Tables of people. Nothing outside this folder reads them; a NIP exists only as a keyed digest and its last four digits."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigId


class Agency(Base):
    """A ministry or agency (kementerian/lembaga). ``shares_names``: opted in to show names to others that opted in too."""

    __tablename__ = "agency"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    shares_names: Mapped[bool] = mapped_column(default=False)


class Unit(Base):
    """A node of an agency's tree; ``path`` names it from the root, ``lineage`` is "/1/5/9/", itself included.
    ``kind`` is empty, or "direct-service" or "support" (Perpres 21/2023, article 7)."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("agency_id", "path"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_id: Mapped[int] = mapped_column(BigId, ForeignKey("agency.id"))
    parent_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("unit.id"))
    name: Mapped[str]
    path: Mapped[str]
    lineage: Mapped[str] = mapped_column(default="")
    head_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id", use_alter=True))
    kind: Mapped[str] = mapped_column(default="")


class Person(Base):
    """A civil servant. ``site_id`` is the place of posting; ``roles`` are words separated by spaces (``rules.Role``), so are
    ``duties``, of which coverage may ask for somebody on site. ``level`` is the kind of position (``rules.LEVELS``);
    ``eligible`` says whether they may work flexibly, never why not."""

    __tablename__ = "person"
    __table_args__ = (Index(None, "unit_id"), Index(None, "superior_id"), Index(None, "agency_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    title: Mapped[str]
    agency_id: Mapped[int] = mapped_column(BigId, ForeignKey("agency.id"))
    unit_id: Mapped[int] = mapped_column(BigId, ForeignKey("unit.id"))
    superior_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    site_id: Mapped[int] = mapped_column(BigId, ForeignKey("site.id"))
    roles: Mapped[str] = mapped_column(default="")
    nip_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    nip_last4: Mapped[str | None]
    password: Mapped[str | None]
    language: Mapped[str | None]
    theme: Mapped[str] = mapped_column(default="system")
    active: Mapped[bool] = mapped_column(default=True)
    level: Mapped[str] = mapped_column(default="")
    duties: Mapped[str] = mapped_column(default="")
    eligible: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Delegation(Base):
    """Somebody decides in place of another, both days included: Plh. while they are away, Plt. while the post is vacant."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("kind IN ('plh', 'plt')", name="kind"),
        Index(None, "to_id"),
        Index(None, "from_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    from_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    to_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    kind: Mapped[str]
    letter: Mapped[str] = mapped_column(default="")
    from_on: Mapped[date]
    until_on: Mapped[date]
    ended_at: Mapped[datetime | None]


class BrowserSession(Base):
    """A signed-in browser; the cookie's value is not kept, only its digest."""

    __tablename__ = "browser_session"
    __table_args__ = (Index(None, "person_id"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Token(Base):
    """A personal token for programs; shown once, kept as a digest."""

    __tablename__ = "token"
    __table_args__ = (Index(None, "person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    name: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    used_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None]


class FailedSignIn(Base):
    """``key`` is a digest of the e-mail address or of the network address that tried."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index(None, "key", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class Secret(Base):
    """A key the service made for itself when no setting gave one."""

    __tablename__ = "secret"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)


class Repeat(Base):
    """The answer to a request with an Idempotency-Key, kept to answer its repeat the same way."""

    __tablename__ = "idempotency"

    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime]
