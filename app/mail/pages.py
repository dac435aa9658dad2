"""Pages of mail: what one gets by it (under Profil), and the queue for operators."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from app.errors import Refused
from app.forms import Form
from app.ids import number
from app.mail import queue_view, service
from app.mail.rules import Kind
from app.mail.shapes import MailChoices
from app.paths import PathId
from app.people.access import Actor
from app.people.visit import AnyRequest, Visit
from app.problems import detail
from app.texts import N_
from app.views import Notice
from app.web.page import go, page

CHOICES, QUEUE = "/profil/pemberitahuan", "/surel"
AGAIN = N_("Surel akan segera dikirim ulang.")


class MailPages(Controller):
    include_in_schema = False

    @get(CHOICES)
    async def choices(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        saved = request.query_params.get("done") == "saved"

        def read(session: Session, actor: Actor) -> Any:
            notice = Notice("ok", visit.said.say(N_("Pilihan Anda disimpan."))) if saved else None
            return queue_view.choices_page(session, actor, visit.said, sends=_sends(request), notice=notice)

        return page(request, visit, "mail/choices.html", key="profile", view=await visit.read(read))

    @post(CHOICES, status_code=200)
    async def choose(self, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        """Boxes that aren't ticked aren't sent."""
        wanted = MailChoices(**{kind.value: kind.value in data for kind in Kind})
        await visit.write(service.choose, wanted, now=visit.now)
        return go(f"{CHOICES}?done=saved")

    @get(QUEUE)
    async def queue(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        return await _queue(request, visit)

    @post(QUEUE + "/{mail_id:int}/kirim", status_code=200)
    async def retry(
        self, request: AnyRequest, visit: NamedDependency[Visit], mail_id: PathId, data: Form
    ) -> Response[Any]:
        try:
            await visit.write(service.retry, mail_id, now=visit.now)
        except Refused as refused:
            if refused.status != 409:
                raise
            notice = Notice("warn", detail(refused, visit.said))
            return await _queue(request, visit, notice=notice, status=refused.status)
        return go(f"{QUEUE}?keadaan=menunggu&done=again")

    @post(QUEUE + "/kirim", status_code=200)
    async def retry_failed(self, visit: NamedDependency[Visit], data: Form) -> Response[Any]:
        await visit.write(service.retry_failed, now=visit.now)
        return go(f"{QUEUE}?keadaan=menunggu&done=again")


async def _queue(
    request: AnyRequest, visit: Visit, *, notice: Notice | None = None, status: int = 200
) -> Response[Any]:
    given = request.query_params
    tab = given.get("keadaan", "")

    def read(session: Session, actor: Actor) -> Any:
        told = Notice("ok", visit.said.say(AGAIN)) if given.get("done") == "again" else None
        return queue_view.queue_page(
            session,
            actor,
            tab if tab in queue_view.TABS else "menunggu",
            visit.said,
            before_id=number(given.get("sebelum")),
            sends=_sends(request),
            notice=notice or told,
            now=visit.now,
        )

    view = await visit.read(read)
    return page(request, visit, "mail/queue.html", key="mail", view=view, here=f"{QUEUE}?keadaan={tab}", status=status)


def _sends(request: AnyRequest) -> bool:
    return bool(request.app.state.settings.smtp)
