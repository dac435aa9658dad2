"""What agencies and units of the demo have set for themselves, so that their differences show; each says it is an example."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import journal, sites
from app.demo.people import DEMO_UNIT, SERVICE_AGENCY, SERVICE_UNIT
from app.people.models import Agency, Delegation, Person, Unit
from app.scheduling import rulebook
from app.scheduling.models import PolicyRow
from app.scheduling.policy_kinds import (
    Approval,
    CoreHours,
    CoverageRule,
    DecisionMaker,
    FlexibleDays,
    LeastOnSite,
    PersonRule,
)

SINCE = date(2026, 1, 1)
DEMO_AGENCY, AUTOMATIC_AGENCY, STRICT_AGENCY = "BAPPENAS", "KOMDIGI", "KEMENKEU"


class _Example(msgspec.Struct, frozen=True):
    """Without a unit it holds in the whole agency; ``above`` means the unit over the one named."""

    agency: str
    name: str
    basis: str
    rule: PersonRule | CoverageRule
    unit: str = ""
    above: bool = False


def _examples(site_ids: tuple[int, ...]) -> Iterator[_Example]:
    yield _Example(
        DEMO_AGENCY,
        "Separuh direktorat di kantor",
        "Keputusan Direktur Perkotaan (contoh)",
        LeastOnSite(percent=50),
        DEMO_UNIT,
    )
    yield _Example(
        DEMO_AGENCY,
        "Pengambil keputusan di kedua kota",
        "Keputusan Deputi Bidang Pengembangan Regional (contoh)",
        DecisionMaker(("jpt-madya", "jpt-pratama", "administrator"), site_ids),
        DEMO_UNIT,
        above=True,
    )
    yield _Example(
        SERVICE_AGENCY, "Loket selalu dijaga", "Standar pelayanan (contoh)", LeastOnSite(2, duty="loket"), SERVICE_UNIT
    )
    yield _Example(
        AUTOMATIC_AGENCY,
        "Disetujui aturan",
        "Keputusan Sekretaris Jenderal (contoh)",
        Approval(("superior",), automatic=True),
    )
    yield _Example(STRICT_AGENCY, "Satu hari fleksibel sepekan", "Aturan instansi (contoh)", FlexibleDays(1))
    yield _Example(STRICT_AGENCY, "Jam inti", "Aturan instansi (contoh)", CoreHours(9 * 60, 15 * 60))


def add(session: Session, *, now: datetime) -> None:
    """The policies of the demo's agencies and units. An agency that isn't there has none."""
    agencies = {code: id for code, id in session.execute(select(Agency.code, Agency.id))}
    for example in _examples(tuple(site.id for site in sites.sites(session))):
        if (agency_id := agencies.get(example.agency)) is None:
            continue
        unit_id = _unit(session, agency_id, example) if example.unit else None
        if example.unit and unit_id is None:
            continue
        values = {
            "agency_id": agency_id,
            "unit_id": unit_id,
            "name": example.name,
            "basis": example.basis,
            "from_on": SINCE,
            "until_on": None,
            "rule": msgspec.to_builtins(example.rule),
        }
        id = session.execute(insert(PolicyRow).values(**values).returning(PolicyRow.id)).scalar_one()
        facts = values | {"from_on": SINCE.isoformat()}
        journal.record(session, "added", "policy", id, actor_id=None, at=now, facts=facts)
    rulebook.changed(session)


def _unit(session: Session, agency_id: int, example: _Example) -> int | None:
    row = session.execute(
        select(Unit.id, Unit.parent_id).where(Unit.agency_id == agency_id, Unit.name == example.unit)
    ).first()
    return (row.parent_id if example.above else row.id) if row else None


def delegate(session: Session, visitor: str, *, today: date, now: datetime) -> None:
    """The superior of the visitor's superior is away this week and the next, and is stood in for (Plh.)."""
    boss = select(Person.superior_id).where(Person.email == visitor).scalar_subquery()
    row = session.execute(select(Person.id, Person.superior_id).where(Person.id == boss)).one()
    monday = today - timedelta(days=today.weekday())
    values = {
        "from_id": row.superior_id,
        "to_id": row.id,
        "kind": "plh",
        "letter": f"SP-{monday:%d/%m}/PLH/{monday.year}",
        "from_on": monday,
        "until_on": monday + timedelta(days=13),
    }
    id = session.execute(insert(Delegation).values(**values).returning(Delegation.id)).scalar_one()
    facts = values | {name: values[name].isoformat() for name in ("from_on", "until_on")}
    journal.record(session, "delegated", "delegation", id, actor_id=row.superior_id, at=now, facts=facts)
