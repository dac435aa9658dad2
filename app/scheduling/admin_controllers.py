"""The JSON API of the dated rules: everybody reads them, officers change them, and see beforehand whom a change touches."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar import Controller, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from app.ids import Id
from app.listings import Listing
from app.paths import PathId
from app.people.visit import Visit
from app.problems import refusals
from app.scheduling import changes, statutes
from app.scheduling.admin_shapes import DayOffIn, HoursIn, PolicyIn, SeasonIn
from app.scheduling.carrying_out import carry_out, take_back
from app.scheduling.change_log import Change
from app.scheduling.changes import Wish
from app.scheduling.policy_kinds import Policy
from app.scheduling.touched import Touch
from app.scheduling.working_time import DayOff, Hours, Season

Year = Annotated[int | None, QueryParameter(ge=2000, le=2100, description="Only those that hold in this year")]
On = Annotated[date, QueryParameter(description="A local date")]
TAGS = ["working time"]
R = TypeVar("R")


class StandingOut(msgspec.Struct, frozen=True):
    """``overridden_by`` is the policy that displaces it, null for one that holds."""

    kind: str
    policy: Policy
    overridden_by: int | None


class Look(msgspec.Struct, Generic[R], frozen=True, forbid_unknown_fields=True):
    """That row ``id`` become ``row``: without an id it is added, without a row it holds no more."""

    row: R | None = None
    id: Id | None = None


class DaysOffController(Controller):
    path = "/api/days-off"
    tags = TAGS

    @get(responses=refusals())
    async def list(self, visit: NamedDependency[Visit], year: Year = None) -> Listing[DayOff]:
        """National holidays, collective leave, election days and sites' own days, those called off too."""
        return await _rows(visit, "day-off", year)

    @post("/preview", status_code=200, responses=refusals(403, 404))
    async def preview(self, data: JSONBody[Look[DayOffIn]], visit: NamedDependency[Visit]) -> Touch:
        """How many plans, desks and people a change would touch."""
        return await _preview(visit, "day-off", data)

    @post(responses=refusals(403, 409, 422))
    async def add(self, data: JSONBody[DayOffIn], visit: NamedDependency[Visit]) -> Change:
        """Add a day off: desks on it are given back, and each owner of a plan or desk is told."""
        return (await carry_out(visit, [Wish("day-off", data.row())]))[0]

    @put("/{row_id:int}", responses=refusals(403, 404, 409))
    async def change(self, row_id: PathId, data: JSONBody[DayOffIn], visit: NamedDependency[Visit]) -> Change:
        """Change a day off."""
        return (await carry_out(visit, [Wish("day-off", data.row(), row_id)]))[0]

    @delete("/{row_id:int}", status_code=200, responses=refusals(403, 404, 409))
    async def call_off(self, row_id: PathId, visit: NamedDependency[Visit]) -> Change:
        """Call a day off off; it stays on record as cancelled."""
        return await _end(visit, "day-off", row_id)


class SeasonsController(Controller):
    path = "/api/seasons"
    tags = TAGS

    @get(responses=refusals())
    async def list(self, visit: NamedDependency[Visit], year: Year = None) -> Listing[Season]:
        """Seasons with hours of their own: Ramadan of each year."""
        return await _rows(visit, "season", year)

    @post("/preview", status_code=200, responses=refusals(403, 404))
    async def preview(self, data: JSONBody[Look[SeasonIn]], visit: NamedDependency[Visit]) -> Touch:
        """How many plans and people a change would touch."""
        return await _preview(visit, "season", data)

    @post(responses=refusals(403, 409, 422))
    async def add(self, data: JSONBody[SeasonIn], visit: NamedDependency[Visit]) -> Change:
        """Add a season; desks stay, and each owner of a plan whose hours change is told."""
        return (await carry_out(visit, [Wish("season", data.row())]))[0]

    @put("/{row_id:int}", responses=refusals(403, 404, 409))
    async def change(self, row_id: PathId, data: JSONBody[SeasonIn], visit: NamedDependency[Visit]) -> Change:
        """Change a season, such as when the sidang isbat moves it by a day."""
        return (await carry_out(visit, [Wish("season", data.row(), row_id)]))[0]

    @delete("/{row_id:int}", status_code=200, responses=refusals(403, 404, 409))
    async def call_off(self, row_id: PathId, visit: NamedDependency[Visit]) -> Change:
        """Call a season off; it stays on record as cancelled."""
        return await _end(visit, "season", row_id)


class WorkHoursController(Controller):
    path = "/api/work-hours"
    tags = TAGS

    @get(responses=refusals())
    async def list(self, visit: NamedDependency[Visit], year: Year = None) -> Listing[Hours]:
        """Dated working hours; those of single people only to themselves and to the officers of their agency."""
        return await _rows(visit, "work-hours", year)

    @post("/preview", status_code=200, responses=refusals(403, 404))
    async def preview(self, data: JSONBody[Look[HoursIn]], visit: NamedDependency[Visit]) -> Touch:
        """How many plans and people a change would touch."""
        return await _preview(visit, "work-hours", data)

    @post(responses=refusals(403, 409, 422))
    async def add(self, data: JSONBody[HoursIn], visit: NamedDependency[Visit]) -> Change:
        """Add hours of everybody, a site, an agency, a unit or one person."""
        return (await carry_out(visit, [Wish("work-hours", data.row())]))[0]

    @put("/{row_id:int}", responses=refusals(403, 404, 409))
    async def change(self, row_id: PathId, data: JSONBody[HoursIn], visit: NamedDependency[Visit]) -> Change:
        """Change hours."""
        return (await carry_out(visit, [Wish("work-hours", data.row(), row_id)]))[0]

    @delete("/{row_id:int}", status_code=200, responses=refusals(403, 404, 409))
    async def end(self, row_id: PathId, visit: NamedDependency[Visit]) -> Change:
        """Let hours end yesterday, or go if they haven't begun."""
        return await _end(visit, "work-hours", row_id)


class PoliciesController(Controller):
    path = "/api"
    tags = ["policies"]  # noqa: RUF012

    @get("/policies", responses=refusals())
    async def list(self, visit: NamedDependency[Visit], year: Year = None) -> Listing[Policy]:
        """Dated policies and coverage rules."""
        return await _rows(visit, "policy", year)

    @post("/policies/preview", status_code=200, responses=refusals(403, 404))
    async def preview(self, data: JSONBody[Look[PolicyIn]], visit: NamedDependency[Visit]) -> Touch:
        """How many people are in the scope of a policy before or after the change."""
        return await _preview(visit, "policy", data)

    @post("/policies", responses=refusals(403, 409, 422))
    async def add(self, data: JSONBody[PolicyIn], visit: NamedDependency[Visit]) -> Change:
        """Add a policy."""
        return (await carry_out(visit, [Wish("policy", data.row())]))[0]

    @put("/policies/{row_id:int}", responses=refusals(403, 404, 409))
    async def change(self, row_id: PathId, data: JSONBody[PolicyIn], visit: NamedDependency[Visit]) -> Change:
        """Change a policy."""
        return (await carry_out(visit, [Wish("policy", data.row(), row_id)]))[0]

    @delete("/policies/{row_id:int}", status_code=200, responses=refusals(403, 404, 409))
    async def end(self, row_id: PathId, visit: NamedDependency[Visit]) -> Change:
        """Let a policy end yesterday, or go if it hasn't begun."""
        return await _end(visit, "policy", row_id)

    @get("/units/{unit_id:int}/policies", responses=refusals(404))
    async def standing(self, unit_id: PathId, on: On, visit: NamedDependency[Visit]) -> Listing[StandingOut]:
        """Which policies hold for a unit's people on a date, and which are displaced by which."""
        found = await visit.read(lambda session, _: statutes.standing_for(session, unit_id, on))
        return Listing(
            [
                StandingOut(one.policy.kind, one.policy, one.overridden_by.id if one.overridden_by else None)
                for one in found
            ]
        )


class CalendarChangesController(Controller):
    path = "/api/calendar-changes"
    tags = TAGS

    @get(responses=refusals(403))
    async def list(self, visit: NamedDependency[Visit]) -> Listing[Change]:
        """For officers: the latest changes of days off, seasons, hours and policies, and whom they touched."""
        return Listing(await visit.read(statutes.changes_for))

    @delete("/{change_id:int}", status_code=200, responses=refusals(403, 404, 409))
    async def undo(self, change_id: PathId, visit: NamedDependency[Visit]) -> Change:
        """Undo a change exactly: the row, and the desks that it took."""
        return await take_back(visit, change_id)


async def _preview(visit: Visit, kind: str, look: Look[Any]) -> Touch:
    wish = Wish(kind, look.row.row() if look.row is not None else None, look.id or 0)
    return await visit.read(changes.preview, [wish], now=visit.now)


async def _end(visit: Visit, kind: str, row_id: int) -> Change:
    return (await carry_out(visit, [Wish(kind, None, row_id)]))[0]


async def _rows(visit: Visit, kind: str, year: int | None) -> Listing[Any]:
    rows = await visit.read(statutes.rows_for, kind)
    return Listing([row for row in rows if year is None or statutes.in_year(row, year)])
