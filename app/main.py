"""Wires everything, decides nothing."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.routes import HTTPRoute
from sqlalchemy.orm import Session

from app import clock as clocks
from app import settings as setting
from app import shapes, tables  # noqa: F401 - a statement about one table needs those it refers to
from app.answers import Answer
from app.calendars import service as feeds
from app.calendars.controllers import FeedsController
from app.calendars.feed_pages import FeedPages, InvitationFiles
from app.calendars.public_controllers import Fetches, feed
from app.clock import Clock
from app.db import Database
from app.errors import Refused
from app.leases import Errand, Runner, Work
from app.mail import outbox as mail
from app.mail.controllers import MailController
from app.mail.gathering import GATHER
from app.mail.pages import MailPages
from app.meetings.controllers import FreeBusyController, MeetingsController
from app.meetings.find_pages import FindPages
from app.meetings.meeting_pages import MeetingPages
from app.meetings.plan_pages import PlanPages
from app.meetings.slot_controllers import SlotsController
from app.people import repeats, sign_in
from app.people.controllers import SessionController, TokensController
from app.people.cookies import check_forgery
from app.people.pages import PeoplePages
from app.people.visit import provide_visit
from app.presence import live
from app.presence import service as statuses
from app.presence.controllers import PresenceController
from app.presence.engine import Presence
from app.presence.pages import Head, PresencePages
from app.presence.source import office_source
from app.rooms.controllers import BookingsController, PlacesController
from app.rooms.kept_pages import KeptRoomsPages
from app.rooms.pages import RoomPages
from app.rooms.release import RELEASE
from app.rooms.room_controllers import BookingApprovalController, SiteRoomsController
from app.rooms.room_pages import RoomsPages
from app.rooms.series_controllers import SeriesController
from app.rooms.series_pages import SeriesPages
from app.rooms.waiting_controllers import WaitingListController
from app.rooms.waiting_pages import WaitingPages
from app.rooms.waiting_work import WAITING
from app.scheduling.admin_controllers import (
    CalendarChangesController,
    DaysOffController,
    PoliciesController,
    SeasonsController,
    WorkHoursController,
)
from app.scheduling.admin_pages import AdminPages
from app.scheduling.board_pages import BoardPages
from app.scheduling.controllers import ApprovalsController, WeeksController
from app.scheduling.unit_controllers import UnitsController
from app.scheduling.week_pages import WeekPages
from app.scheduling.working_time_controllers import WorkingTimeController
from app.settings import Settings
from app.web import assets, failures, watch
from app.web.headers import security_headers
from app.web.pages import WebPages

log = logging.getLogger("selaras")


def create_app(
    settings: Settings | None = None, *, clock: Clock = clocks.now, database: Database | None = None, work: bool = True
) -> Litestar:
    """The application. ``clock`` and ``database`` are given by tests; ``work`` False leaves the background works out."""
    settings = settings or setting.read(os.environ)
    db = database or Database(settings.database)
    runner = Runner(db, (RELEASE, WAITING, GATHER, *_post(db, settings), _housekeeping(settings)), clock)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        _prepare_bodies(app)
        if work:
            runner.start()
        state = app.state
        presence = Presence(state.db, clock=state.clock, settings=state.settings, office=office_source)
        state.presence = presence
        presence.start()
        try:
            yield
        finally:
            await presence.stop()
            await runner.stop()
            if database is None:
                db.close()

    return Litestar(
        route_handlers=[
            SessionController,
            TokensController,
            PlacesController,
            BookingsController,
            SeriesController,
            SiteRoomsController,
            BookingApprovalController,
            WaitingListController,
            MeetingsController,
            SlotsController,
            FreeBusyController,
            FeedsController,
            FeedPages,
            InvitationFiles,
            MailController,
            feed,
            WeeksController,
            ApprovalsController,
            WorkingTimeController,
            DaysOffController,
            SeasonsController,
            WorkHoursController,
            PoliciesController,
            CalendarChangesController,
            UnitsController,
            PresenceController,
            PresencePages,
            WeekPages,
            BoardPages,
            AdminPages,
            PeoplePages,
            MailPages,
            RoomPages,
            SeriesPages,
            WaitingPages,
            RoomsPages,
            KeptRoomsPages,
            MeetingPages,
            PlanPages,
            FindPages,
            WebPages,
            assets.static,
            assets.service_worker,
            assets.manifest,
            assets.favicon,
            live.presence,
            watch.live,
            watch.ready,
            watch.metrics,
        ],
        dependencies={"visit": Provide(provide_visit)},
        response_class=Answer,
        before_request=check_forgery,
        middleware=[watch.Watch(security_headers(settings.secure))],
        exception_handlers={Refused: failures.answer, HTTPException: failures.answer, Exception: failures.answer},
        compression_config=CompressionConfig(
            backend="brotli", brotli_quality=5, minimum_size=800, exclude=["^/static/", "^/sw.js$", "^/ical/"]
        ),
        openapi_config=OpenAPIConfig(
            title="Selaras",
            version="1",
            description="Kerja fleksibel dan kantor bersama. Errors are problem+json (RFC 9457).",
            path="/schema",
            render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"]), YamlRenderPlugin(path="/openapi.yaml")],
        ),
        state=State({"settings": settings, "db": db, "clock": clock, "head": Head, "fetches": Fetches()}),
        lifespan=[lifespan],
        request_max_body_size=2_000_000,
        logging_config=None,
    )


def _prepare_bodies(app: Litestar) -> None:
    """Bodies are read in the event loop's thread, while the others convert rows whose types share parts with theirs."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.parsed_data_field is not None:
                    shapes.prepare(handler.parsed_data_field.annotation)


def _post(db: Database, settings: Settings) -> tuple[Errand, ...]:
    """The work that sends mail. Without a server there is none, and mail waits in the queue."""
    if not settings.smtp:
        return ()
    from app.mail import delivery  # noqa: PLC0415 - a house without a mail server starts without a mail client

    return (delivery.errand(db, settings),)


def _housekeeping(settings: Settings) -> Work:
    def forget_old(session: Session, *, now: datetime) -> int:
        gone = repeats.forget_old(session, now=now)
        gone += sign_in.forget_old(session, idle=timedelta(hours=settings.session_hours), now=now)
        gone += statuses.forget_over(session, now=now)
        return gone + mail.forget_old(session, now=now) + feeds.upkeep(session, now=now)

    return Work("housekeeping", timedelta(hours=1), forget_old)
