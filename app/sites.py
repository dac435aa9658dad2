"""Sites and their zones: shared by all, since people are posted there, floors stand there, and every rule is read there."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.clock import zone_name
from app.db import Base, BigId
from app.errors import NotFound


class Site(Base):
    """A place of posting with its IANA zone."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    zone: Mapped[str]


class SiteOut(msgspec.Struct, frozen=True):
    """``zone`` is the IANA name, ``zone_name`` what people say: WITA, WIB."""

    id: int
    code: str
    name: str
    zone: str
    zone_name: str


def sites(session: Session) -> list[SiteOut]:
    rows = session.execute(select(Site.id, Site.code, Site.name, Site.zone).order_by(Site.id))
    return [SiteOut(*row, zone_name(row.zone)) for row in rows]


def site_ids(session: Session) -> dict[str, int]:
    """Ids of sites by code, for imports that name them."""
    return {code: id for code, id in session.execute(select(Site.code, Site.id))}


def site(session: Session, site_id: int) -> SiteOut:
    """Raises NotFound."""
    row = session.execute(select(Site.id, Site.code, Site.name, Site.zone).where(Site.id == site_id)).first()
    if row is None:
        raise NotFound(site_id=site_id)
    return SiteOut(*row, zone_name(row.zone))
