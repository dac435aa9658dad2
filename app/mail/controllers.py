"""The JSON API of mail."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from app.errors import Invalid
from app.ids import number
from app.listings import Listing
from app.mail import service
from app.mail.outbox import State
from app.mail.shapes import MailChoices, MailOut
from app.paths import PathId
from app.people.visit import Visit
from app.problems import refusals


class MailController(Controller):
    """The queue of mail, for operators; and what one gets by mail."""

    path = "/api"
    tags = ["mail"]  # noqa: RUF012

    @get("/mail", responses=refusals(403))
    async def queue(
        self,
        visit: NamedDependency[Visit],
        wanted: Annotated[State | None, QueryParameter(name="state")] = None,
        cursor: Annotated[str | None, QueryParameter(max_length=40)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    ) -> Listing[MailOut]:
        """Mails of a state, or all that are still to be sent, latest first. For operators."""
        before = None if cursor is None else number(cursor)
        if cursor is not None and before is None:
            raise Invalid(problem="cursor")
        states = [wanted] if wanted else list(service.UNSENT)
        found = await visit.read(service.queue, states, before_id=before, most=limit)
        return Listing(found, str(found[-1].id) if len(found) == limit else None)

    @put("/mail/{mail_id:int}/attempt", responses=refusals(403, 404, 409))
    async def retry(self, mail_id: PathId, visit: NamedDependency[Visit]) -> MailOut:
        """Have a mail tried at once. For operators."""
        return await visit.write(service.retry, mail_id, now=visit.now)

    @get("/me/mail", responses=refusals())
    async def choices(self, visit: NamedDependency[Visit]) -> MailChoices:
        """What one gets by mail."""
        return await visit.read(service.choices_of)

    @put("/me/mail", responses=refusals(403))
    async def choose(self, data: JSONBody[MailChoices], visit: NamedDependency[Visit]) -> MailChoices:
        """Choose what one gets by mail."""
        return await visit.write(service.choose, data, now=visit.now)
