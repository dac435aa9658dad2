"""The JSON API of meetings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from app.errors import Invalid
from app.etags import IfMatch, tagged, version_of
from app.listings import Listing
from app.meetings import busy, follow_ups, service
from app.meetings.shapes import (
    BusyOut,
    FollowUpChange,
    FollowUpIn,
    FollowUpOut,
    MeetingChange,
    MeetingItem,
    MeetingOut,
    NewMeeting,
    ReplyIn,
)
from app.paths import PathId
from app.people.visit import Visit
from app.problems import refusals
from app.spans import Span, check_years

From = Annotated[datetime | None, QueryParameter(name="from", description="With offset; now if absent")]
To = Annotated[datetime | None, QueryParameter(description="With offset; 30 days after `from` if absent")]


class MeetingsController(Controller):
    """Planning, moving, cancelling meetings; replying to them."""

    path = "/api/meetings"
    tags = ["meetings"]  # noqa: RUF012

    @post(responses=refusals(403, 404, 409, 422))
    async def create(self, data: JSONBody[NewMeeting], visit: NamedDependency[Visit]) -> Response[MeetingOut]:
        """Plan a meeting with a room at each site, or nothing of it."""
        meeting = await visit.write(service.plan, data, now=visit.now)
        return tagged(meeting, location=f"/api/meetings/{meeting.id}")

    @get(responses=refusals())
    async def own(self, visit: NamedDependency[Visit], from_: From = None, to: To = None) -> Listing[MeetingItem]:
        """One's own meetings that touch the time between ``from`` and ``to``, cancelled ones too."""
        return Listing(await visit.read(service.meetings_with_rooms, _within(from_, to, now=visit.now)))

    @get("/{meeting_id:int}", responses=refusals(404))
    async def one(self, meeting_id: PathId, visit: NamedDependency[Visit]) -> Response[MeetingOut]:
        """One meeting; its version is the ETag."""
        return tagged(await visit.read(service.meeting_for, meeting_id))

    @patch("/{meeting_id:int}", responses=refusals(403, 404, 409, 412, 422))
    async def change(
        self,
        meeting_id: PathId,
        data: JSONBody[MeetingChange],
        visit: NamedDependency[Visit],
        if_match: IfMatch = None,
    ) -> Response[MeetingOut]:
        """Move a meeting with all its rooms, change whom it invites or what it says."""
        version = version_of(if_match)
        return tagged(await visit.write(service.change, meeting_id, data, version=version, now=visit.now))

    @delete("/{meeting_id:int}", status_code=200, responses=refusals(403, 404, 409, 412))
    async def cancel(
        self, meeting_id: PathId, visit: NamedDependency[Visit], if_match: IfMatch = None
    ) -> Response[MeetingOut]:
        """Call a meeting off; its rooms are free at once."""
        version = version_of(if_match)
        return tagged(await visit.write(service.cancel, meeting_id, version=version, now=visit.now))

    @put("/{meeting_id:int}/replies/me", responses=refusals(404, 409, 422))
    async def reply(
        self, meeting_id: PathId, data: JSONBody[ReplyIn], visit: NamedDependency[Visit]
    ) -> Response[MeetingOut]:
        """Attending, not attending, or represented by a stand-in."""
        return tagged(await visit.write(service.reply, meeting_id, data, now=visit.now))

    @post("/{meeting_id:int}/follow-ups", responses=refusals(404))
    async def follow_up(
        self, meeting_id: PathId, data: JSONBody[FollowUpIn], visit: NamedDependency[Visit]
    ) -> FollowUpOut:
        """Note what the meeting left to do."""
        return await visit.write(follow_ups.add, meeting_id, data, now=visit.now)

    @patch("/{meeting_id:int}/follow-ups/{follow_up_id:int}", responses=refusals(403, 404))
    async def finish(
        self,
        meeting_id: PathId,
        follow_up_id: PathId,
        data: JSONBody[FollowUpChange],
        visit: NamedDependency[Visit],
    ) -> FollowUpOut:
        """Tick a follow-up off, or open it again."""
        return await visit.write(follow_ups.finish, meeting_id, follow_up_id, done=data.done, now=visit.now)


class FreeBusyController(Controller):
    """When somebody has no time."""

    path = "/api/people"
    tags = ["meetings"]  # noqa: RUF012

    @get("/{person_id:int}/free-busy", responses=refusals(404))
    async def free_busy(
        self, person_id: PathId, visit: NamedDependency[Visit], from_: From = None, to: To = None
    ) -> Listing[BusyOut]:
        """The meetings that take somebody's time; titles only of those one is part of."""
        return Listing(await visit.read(busy.free_busy, person_id, _within(from_, to, now=visit.now)))


def _within(from_: datetime | None, to: datetime | None, *, now: datetime) -> Span:
    """Raises Invalid for instants without an offset, out of range, or in the wrong order."""
    starts = from_ or now
    try:
        span = Span(starts, to or starts + timedelta(days=30)).in_utc()
        check_years(span.starts_at, span.ends_at)
    except (ValueError, OverflowError) as error:
        raise Invalid(problem="from, to") from error
    return span
