"""The form of a meeting as a page: rooms of each site to choose from, whom to invite, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from msgspec import UNSET
from sqlalchemy.orm import Session

from app import clock, sites
from app.errors import Refused
from app.meetings import meeting_form, people_form, service, wording
from app.meetings.errors import TooManyPeople
from app.meetings.meeting_form import Wanted
from app.meetings.people_form import Chosen
from app.meetings.shapes import MeetingChange, MeetingOut, NewMeeting
from app.meetings.views import Choice, PlanPage, SiteRooms
from app.people import service as people
from app.people.access import Actor
from app.people.members import members_of
from app.problems import detail
from app.rooms import meeting_rooms, room_list
from app.rooms.rules import Seeker
from app.sites import SiteOut
from app.spans import Span
from app.texts import N_, Words
from app.views import Notice

MOST_ROOMS = 80


def plan_page(
    session: Session,
    actor: Actor,
    data: Mapping[str, str],
    said: Words,
    *,
    meeting_id: int | None = None,
    tried: bool = False,
    refused: Refused | None = None,
    now: datetime,
) -> PlanPage:
    """The form with the fields of ``data``. Errors show once it was ``tried``; a refusal stands at what it is about.

    Raises NotFound, Forbidden for a meeting that isn't the actor's to change, MeetingNotNow for one that was cancelled.
    """
    places = {site.id: site for site in sites.sites(session)}
    meeting = service.meeting_to_change(session, actor, meeting_id) if meeting_id else None
    own = meeting.site_id if meeting else actor.site_id
    if meeting and "title" not in data:
        data = {**meeting_form.stored(meeting, places[own]), **invited(meeting).fields(), **data}
        data.setdefault("version", str(meeting.version))
    wanted = meeting_form.read(data, places, own, now=now)
    chosen = people_form.read(data)
    at = _refused_site(session, refused)
    errors = {name: said.say(text) for name, text in wanted.errors.items()} if tried else {}
    notice = None
    if refused is not None:
        errors |= {"people": detail(refused, said)} if isinstance(refused, TooManyPeople) else {}
        if at is None and not isinstance(refused, TooManyPeople):
            notice = Notice("warn", detail(refused, said))
    rooms = tuple(
        _rooms(
            session,
            actor,
            site,
            wanted,
            meeting,
            said,
            error=detail(refused, said) if refused and at == site.id else "",
            now=now,
        )
        for site in places.values()
    )
    beside = [place.zone for place in places.values()]
    return PlanPage(
        action=f"/rapat/{meeting.id}/ubah" if meeting else "/rapat/baru",
        meeting_id=meeting.id if meeting else 0,
        version=int(data.get("version") or 0) if str(data.get("version") or 0).isdigit() else 0,
        values=wanted.values,
        errors=errors,
        zone=wanted.wall.zone_name,
        beside=wording.when(wanted.span, wanted.wall.zone, beside, said) if wanted.span else "",
        hosts=()
        if meeting
        else tuple(
            Choice(str(one.id), f"{one.name} ({one.zone_name})", one.id == wanted.host.id) for one in places.values()
        ),
        rooms=rooms,
        picker=people_form.picker(session, actor, chosen, data),
        ways=_ways(session, refused, wanted, at, said),
        find_href=f"/rapat/cari?meeting={meeting.id}" if meeting else f"/rapat/cari?{_find_query(wanted, chosen)}",
        notice=notice,
    )


def invited(meeting: MeetingOut) -> Chosen:
    """Whom the meeting's own list names: not the organiser, nor those who were sent by others."""
    listed = [one for one in meeting.attendees if one.for_id is None and one.person_id != meeting.organiser_id]
    return Chosen(
        tuple(one.person_id for one in listed if one.required),
        tuple(one.person_id for one in listed if not one.required),
    )


def new_meeting(wanted: Wanted, chosen: Chosen) -> NewMeeting | None:
    """The meeting that the form asks for, None while something stands against it."""
    if wanted.errors or wanted.span is None:
        return None
    return NewMeeting(
        title=wanted.values["title"],
        site_id=wanted.host.id,
        starts_at=wanted.span.starts_at,
        ends_at=wanted.span.ends_at,
        agenda=wanted.values["agenda"],
        letter=wanted.values["letter"],
        link=wanted.values["link"],
        required_ids=list(chosen.required),
        optional_ids=list(chosen.optional),
        unit_ids=list(chosen.units),
        guests=wanted.guests,
        room_ids=list(wanted.room_ids.values()),
    )


def change_of(session: Session, wanted: Wanted, chosen: Chosen, before: MeetingOut) -> MeetingChange | None:
    """What the form changes of a meeting, None while something stands against it; a unit is invited person by person."""
    if wanted.errors or wanted.span is None:
        return None
    named = {*chosen.required, *chosen.optional}
    members = [one.id for one in members_of(session, chosen.units)] if chosen.units else []
    required = [*chosen.required, *(id for id in members if id not in named)]
    was = invited(before)
    same = set(required) == set(was.required) and set(chosen.optional) == set(was.optional)
    return MeetingChange(
        title=wanted.values["title"],
        starts_at=wanted.span.starts_at,
        ends_at=wanted.span.ends_at,
        agenda=wanted.values["agenda"],
        letter=wanted.values["letter"],
        link=wanted.values["link"],
        required_ids=UNSET if same else required,
        optional_ids=UNSET if same else list(chosen.optional),
        guests=wanted.guests,
        room_ids=list(wanted.room_ids.values()),
    )


def _rooms(
    session: Session,
    actor: Actor,
    site: SiteOut,
    wanted: Wanted,
    meeting: MeetingOut | None,
    said: Words,
    *,
    error: str,
    now: datetime,
) -> SiteRooms:
    """The rooms of a site that are free over the whole span, smallest first; the chosen one stays even if it isn't."""
    chosen = wanted.room_ids.get(site.id)
    span = wanted.span
    days = []
    organiser = people.employee(session, meeting.organiser_id) if meeting else None
    seeker = Seeker(organiser.id, organiser.agency_id, organiser.unit_lineage) if organiser else None
    if span is not None and span.ends_at > now:
        on = clock.local_date(span.starts_at, site.zone)
        days = room_list.of_site(session, actor, site.id, on, seeker=seeker, now=now)
    held = {room.space_id for room in meeting.rooms if room.state in ("booked", "checked-in")} if meeting else set()
    free = [day.room for day in days if span is not None and (day.takes(span) or day.room.id in held)]
    options = [Choice("", said.say(N_("Tanpa ruang")), chosen is None)]
    for room in sorted(free, key=lambda room: (room.id != chosen, room.seats, room.name))[:MOST_ROOMS]:
        text = N_("{room}, {n} kursi, {building}")
        label = said.say(text, room=room.name, n=room.seats, building=room.building)
        if room.place.needs_approval:
            label = f"{label} · {said.say(N_('perlu persetujuan'))}"
        options.append(Choice(str(room.id), label, room.id == chosen))
    if chosen is not None and chosen not in {room.id for room in free}:
        gone = next((day.room.name for day in days if day.room.id == chosen), "")
        if gone:
            options.append(Choice(str(chosen), said.say(N_("{room} (tidak kosong)"), room=gone), chosen=True))
    return SiteRooms(site.id, site.name, tuple(options), error)


def _refused_site(session: Session, refused: Refused | None) -> int | None:
    """The site of the room that can't be had."""
    space_id = refused.facts.get("space_id") if refused is not None else None
    if not isinstance(space_id, int):
        return None
    return meeting_rooms.rooms_at(session, [space_id])[space_id].site_id


def _ways(session: Session, refused: Refused | None, wanted: Wanted, at: int | None, said: Words) -> tuple[Choice, ...]:
    """Other rooms of the same site at the same time: a meeting at another time is another question, for Cari waktu."""
    if refused is None or at is None or wanted.span is None:
        return ()
    same = [way for way in refused.ways_out if way.action == "book" and Span(way.starts_at, way.ends_at) == wanted.span]
    text = N_("Pakai {room} saja")
    return tuple(Choice(f"{at}:{way.space_id}", said.say(text, room=way.space)) for way in same)


def _find_query(wanted: Wanted, chosen: Chosen) -> str:
    """What Cari waktu can start with: the same people, about the same length, from the same day."""
    fields = chosen.fields()
    if wanted.span is not None:
        fields["minutes"] = str(int(wanted.span.length.total_seconds()) // 60)
        fields["from"] = wanted.values["on"]
    return urlencode(fields, safe=",")
