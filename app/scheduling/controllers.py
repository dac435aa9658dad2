"""The JSON API of week plans and their approval."""

from __future__ import annotations

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.etags import IfMatch, tagged, version_of
from app.listings import Listing
from app.paths import PathId
from app.people import delegation
from app.people.delegation import DelegationOut, NewDelegation
from app.people.visit import Visit
from app.problems import refusals
from app.scheduling import approval, service, wording
from app.scheduling.approval import DecisionIn, ManyIn
from app.scheduling.reading import SeenWeek
from app.scheduling.shapes import SubmissionIn, WeekIn, WeekOut
from app.scheduling.wording import OutcomeOut, WaitingOut

WEEK = "/people/{person_id:int}/weeks/{week:str}"


class WeeksController(Controller):
    """A person's week: where they work on each day, with which desk."""

    path = "/api"
    tags = ["week plans"]  # noqa: RUF012

    @get(WEEK, responses=refusals(403, 404))
    async def week(self, person_id: PathId, week: FromPath[str], visit: NamedDependency[Visit]) -> Response[WeekOut]:
        """A week such as `2026-W48`, with what the rules say about it; its version is the ETag."""
        return _answer(await visit.read(service.week_for, person_id, week, now=visit.now), visit)

    @put(WEEK, responses=refusals(403, 404, 409, 412))
    async def plan(
        self,
        person_id: PathId,
        week: FromPath[str],
        data: JSONBody[WeekIn],
        visit: NamedDependency[Visit],
        if_match: IfMatch = None,
    ) -> Response[WeekOut]:
        """Plan the whole week with its desks: all of it, or nothing."""
        seen = await visit.write(service.put_week, person_id, week, data, version=version_of(if_match), now=visit.now)
        return _answer(seen, visit)

    @put(f"{WEEK}/submission", responses=refusals(403, 404, 409, 412))
    async def submit(
        self,
        person_id: PathId,
        week: FromPath[str],
        visit: NamedDependency[Visit],
        data: JSONBody[SubmissionIn | None] = None,
        if_match: IfMatch = None,
    ) -> Response[WeekOut]:
        """Ask for what the week plans."""
        seen = await visit.write(
            service.submit,
            person_id,
            week,
            despite_coverage=bool(data and data.despite_coverage),
            version=version_of(if_match),
            now=visit.now,
        )
        return _answer(seen, visit)

    @delete(f"{WEEK}/submission", status_code=200, responses=refusals(403, 404, 409, 412))
    async def withdraw(
        self, person_id: PathId, week: FromPath[str], visit: NamedDependency[Visit], if_match: IfMatch = None
    ) -> Response[WeekOut]:
        """Take back what waits for a decision."""
        seen = await visit.write(service.withdraw, person_id, week, version=version_of(if_match), now=visit.now)
        return _answer(seen, visit)

    @put(f"{WEEK}/approval", responses=refusals(403, 404, 409, 412, 422))
    async def decide(
        self,
        person_id: PathId,
        week: FromPath[str],
        data: JSONBody[DecisionIn],
        visit: NamedDependency[Visit],
        if_match: IfMatch = None,
    ) -> Response[WeekOut]:
        """Approve what waits, return it with a reason, or revoke what was approved."""
        seen = await visit.write(approval.decide, person_id, week, data, version=version_of(if_match), now=visit.now)
        return _answer(seen, visit)


class ApprovalsController(Controller):
    """What waits for the asker's decision, and who decides in whose place."""

    path = "/api"
    tags = ["approval"]  # noqa: RUF012

    @get("/approvals", responses=refusals())
    async def waiting(self, visit: NamedDependency[Visit]) -> Listing[WaitingOut]:
        """Weeks that wait for the asker, the earliest first."""
        found = await visit.read(approval.waiting, now=visit.now)
        return Listing([wording.waiting(one, visit.said) for one in found])

    @post("/approvals", status_code=200, responses=refusals(422))
    async def decide(self, data: JSONBody[ManyIn], visit: NamedDependency[Visit]) -> Listing[OutcomeOut]:
        """Decide about many weeks at once, each for itself."""
        return Listing(await visit.write(wording.decided, data, lambda: visit.language, now=visit.now))

    @get("/delegations", responses=refusals())
    async def delegations(self, visit: NamedDependency[Visit]) -> Listing[DelegationOut]:
        """Delegations from and to the asker that were not taken back."""
        return Listing(await visit.read(delegation.delegations_of))

    @post("/delegations", responses=refusals(403, 404, 422))
    async def delegate(self, data: JSONBody[NewDelegation], visit: NamedDependency[Visit]) -> DelegationOut:
        """Let somebody decide in one's place for a while (Plh., Plt.)."""
        return await visit.write(delegation.delegate, data, now=visit.now)

    @delete("/delegations/{delegation_id:int}", responses=refusals(403, 404))
    async def end(self, delegation_id: PathId, visit: NamedDependency[Visit]) -> None:
        """Take a delegation back."""
        await visit.write(delegation.end, delegation_id, now=visit.now)


def _answer(seen: SeenWeek, visit: Visit) -> Response[WeekOut]:
    return tagged(wording.week(seen, visit.said))
