"""Sites and their zones: shared by all, since people are posted there, floors stand there, and every rule is read there."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.clock import zone_name
from app.db import Base, BigId
from app.db.hot import Hot
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


def _out(id: int, code: str, name: str, zone: str) -> SiteOut:
    return SiteOut(id, code, name, zone, zone_name(zone))


_COLUMNS = (Site.id, Site.code, Site.name, Site.zone)
_ALL = Hot(select(*_COLUMNS).order_by(Site.id), _out)
_ONE = Hot(select(*_COLUMNS).where(Site.id == bindparam("site")), _out)


def sites(session: Session) -> list[SiteOut]:
    return _ALL.rows(session, {})


def site_ids(session: Session) -> dict[str, int]:
    """Ids of sites by code, for imports that name them."""
    return {code: id for code, id in session.execute(select(Site.code, Site.id))}


def site(session: Session, site_id: int) -> SiteOut:
    """Raises NotFound."""
    found = _ONE.first(session, {"site": site_id})
    if found is None:
        raise NotFound(site_id=site_id)
    return found
