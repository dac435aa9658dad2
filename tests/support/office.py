"""One office under test: its database, its clock, its API, and words to ask for people and desks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import httpx
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app import sites
from app.db import Database
from app.leases import Runner
from app.main import create_app
from app.people.access import Actor, Credential, actor_for
from app.people.models import Agency, Person
from app.people.secrets import digest
from app.rooms import audit
from app.rooms.models import Area, Booking, Floor, Space
from app.rooms.release import RELEASE
from tests.support.world import NOW, QUIET, WIB, WITA, FakeClock, at, bearer, settings_for, token_of

EMPLOYEE, SUPERIOR, ROOM_KEEPER, HR, ADMIN = (
    f"{name}@selaras.test" for name in ("pegawai", "atasan", "ruang", "kepegawaian", "admin")
)


class Office:
    """``client`` is the application in this process; a request's ``who`` is a person's id, signed in by token."""

    def __init__(self, db: Database, client: TestClient[Any], clock: FakeClock, address: str) -> None:
        self.db, self.client, self.clock, self.address = db, client, clock, address
        self._runner = Runner(db, (), clock)

    # people

    def id_of(self, email: str) -> int:
        return self.ask(select(Person.id).where(Person.email == email))[0][0]

    def colleagues(self, agency: str = "BAPPENAS", *, site: str = "IKN", posts: int = 3) -> list[int]:
        """Ids of people without a role or a report, posted at a site, who have no bookings on quiet days."""
        bosses = select(Person.superior_id).where(Person.superior_id.is_not(None))
        rows = self.ask(
            select(Person.id)
            .join(Agency, Agency.id == Person.agency_id)
            .join(sites.Site, sites.Site.id == Person.site_id)
            .where(Agency.code == agency, sites.Site.code == site, Person.roles == "", Person.id.not_in(bosses))
            .where(Person.email != EMPLOYEE)
            .order_by(Person.id)
            .limit(posts)
        )
        return [row[0] for row in rows]

    def actor(self, person_id: int) -> Actor:
        def read(session: Any) -> Actor:
            return actor_for(session, Credential("token", digest(token_of(person_id))), now=self.clock())

        return self.db.read_here(read)

    # places

    def floor(self, code: str) -> int:
        return self.ask(select(Floor.id).where(Floor.code == code))[0][0]

    def desks(self, floor: str = "IKN-K3-A-03", area: str = "B", *, kind: str = "desk") -> list[int]:
        """Ids of an area's desks. Area B of floor 3 in Nusantara is open to everybody."""
        rows = self.ask(
            select(Space.id)
            .join(Floor, Floor.id == Space.floor_id)
            .join(Area, Area.id == Space.area_id)
            .where(Floor.code == floor, Area.code == area, Space.kind == kind, Space.bookable)
            .order_by(Space.id)
        )
        return [row[0] for row in rows]

    def desk(self, name: str, floor: str = "IKN-K3-A-04") -> int:
        found = select(Space.id).join(Floor, Floor.id == Space.floor_id).where(Floor.code == floor, Space.code == name)
        return self.ask(found)[0][0]

    def rooms(self, floor: str = "IKN-K3-A-04", *, bookable: bool = True) -> list[int]:
        rows = self.ask(
            select(Space.id)
            .join(Floor, Floor.id == Space.floor_id)
            .where(Floor.code == floor, Space.kind == "room", Space.bookable == bookable)
            .order_by(Space.id)
        )
        return [row[0] for row in rows]

    # behind the scenes

    def ask(self, statement: Any) -> list[Any]:
        return self.db.read_here(lambda session: list(session.execute(statement).all()))

    def change(self, statement: Any) -> None:
        self.db.write_here(lambda session: session.execute(statement) and None)

    def findings(self) -> list[str]:
        return self.db.read_here(audit.findings)

    def booking(self, booking_id: int) -> Any:
        return self.ask(select(Booking.__table__).where(Booking.id == booking_id))[0]

    def sweep(self) -> int | None:
        """What the background work does when its time comes."""
        with self.client.portal() as portal:
            return portal.call(self._runner.run, RELEASE)

    # the API

    def call(self, method: str, path: str, who: int | None = None, **more: Any) -> httpx.Response:
        headers = {**(bearer(who) if who else {}), **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def get(self, path: str, who: int | None = None, **more: Any) -> httpx.Response:
        return self.call("GET", path, who, **more)

    def post(self, path: str, who: int | None = None, **more: Any) -> httpx.Response:
        return self.call("POST", path, who, **more)

    def patch(self, path: str, who: int | None = None, **more: Any) -> httpx.Response:
        return self.call("PATCH", path, who, **more)

    def put(self, path: str, who: int | None = None, **more: Any) -> httpx.Response:
        return self.call("PUT", path, who, **more)

    def delete(self, path: str, who: int | None = None, **more: Any) -> httpx.Response:
        return self.call("DELETE", path, who, **more)

    def book(
        self,
        who: int,
        space: int,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        *,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """A request to book; without hours, the quiet day from 08.00 to 16.00 WITA."""
        data = {
            "space_id": space,
            "starts_at": (starts_at or at(QUIET, 8)).isoformat(),
            "ends_at": (ends_at or at(QUIET, 16)).isoformat(),
            **more,
        }
        return self.post("/api/bookings", who, json=data, headers=headers or {})

    def booked(self, who: int, space: int, *hours: datetime, **more: Any) -> dict[str, Any]:
        answer = self.book(who, space, *hours, **more)
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def take(self, who: int, way: dict[str, Any]) -> httpx.Response:
        """Go a way out as a program would."""
        data = {name: way[name] for name in ("space_id", "starts_at", "ends_at")}
        if way["action"] == "change":
            return self.patch(f"/api/bookings/{way['booking_id']}", who, json=data)
        return self.post("/api/bookings", who, json=data)


@contextmanager
def office_at(db: Database, address: str, *, clock: FakeClock | None = None, **settings: Any) -> Iterator[Office]:
    """An office on a database of its own. Applications are used again, by one office at a time: to make one takes longer
    than most tests."""
    clock = clock or FakeClock()
    idle = _idle.setdefault(tuple(sorted(settings.items())), [])
    app = idle.pop() if idle else create_app(settings_for(address, **settings), database=db, work=False)
    app.state.update({"settings": settings_for(address, **settings), "db": db, "clock": clock})
    base = settings.get("origin") or "http://testserver.local"
    with TestClient(app, base_url=base, raise_server_exceptions=False) as client:
        yield Office(db, client, clock, address)
    idle.append(app)


_idle: dict[tuple[Any, ...], list[Litestar]] = {}


def hours(on: date, starts: float, ends: float, zone: str = WITA) -> tuple[datetime, datetime]:
    """Two instants from hours of the local day: ``hours(QUIET, 8, 12.5)`` is 08.00 to 12.30."""
    return tuple(at(on, int(hour), round(hour % 1 * 60), zone) for hour in (starts, ends))  # type: ignore[return-value]


__all__ = ["ADMIN", "EMPLOYEE", "HR", "NOW", "QUIET", "ROOM_KEEPER", "SUPERIOR", "WIB", "WITA", "Office", "at", "hours"]
