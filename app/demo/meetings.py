"""Meetings of the demo: planned by the services themselves, so that rooms, lists and notices are what they would be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.meetings import service
from app.meetings.models import Meeting
from app.meetings.shapes import NewMeeting
from app.people import service as people
from app.people.access import Actor, actor_of
from app.people.models import Person
from app.rooms import availability
from app.rooms.errors import NotBookable
from app.rooms.models import Space
from app.scheduling import rulebook
from app.sites import SiteOut, sites
from app.spans import Span

VISITOR, SUPERIOR = "pegawai@selaras.test", "atasan@selaras.test"
DAYS_AHEAD = 4


class _Idea(msgspec.Struct, frozen=True):
    """What a meeting of the demo is about. Minutes since midnight in the zone of its host; ``codes``: sites with a room."""

    title: str
    agenda: str
    organiser: str
    day: int
    starts: int
    minutes: int
    codes: tuple[str, ...]


IDEAS = (
    _Idea(
        "Koordinasi mingguan tim",
        "1. Capaian pekan lalu\n2. Rencana pekan ini\n3. Kendala dan bantuan yang diperlukan",
        SUPERIOR,
        0,
        900,
        45,
        ("IKN",),
    ),
    _Idea(
        "Persiapan pemindahan tahap II",
        "1. Daftar unit yang pindah\n2. Kebutuhan meja dan ruang di IKN\n3. Jadwal dan penanggung jawab",
        SUPERIOR,
        1,
        540,
        60,
        ("IKN", "JKT"),
    ),
    _Idea(
        "Pembahasan konsep layanan bersama",
        "1. Paparan konsep\n2. Tanggapan kantor Jakarta\n3. Langkah berikutnya",
        VISITOR,
        2,
        840,
        60,
        ("IKN", "JKT"),
    ),
)


def settle(session: Session, *, now: datetime, again: bool = False) -> None:
    """Plan the demo's meetings on the coming working days, unless meetings are planned there already; ``again``: only where
    there have been some before."""
    if again and session.scalar(select(func.count(Meeting.id))) == 0:
        return
    if session.scalar(select(func.count(Meeting.id)).where(Meeting.starts_at > now)):
        return
    here = {site.code: site for site in sites(session)}
    host = here["IKN"]
    days = list(_days(session, host, now=now))
    for idea in IDEAS:
        actor = actor_of(session, idea.organiser, now=now)
        starts_at = clock.instant_of(days[idea.day], idea.starts, host.zone)
        if actor is not None and starts_at > now:
            _plan(session, actor, idea, here, Span(starts_at, starts_at + timedelta(minutes=idea.minutes)), now=now)


def _days(session: Session, host: SiteOut, *, now: datetime) -> Iterator[date]:
    """Today and the next working days at the host's site."""
    off = {day.on for day in rulebook.current(session).days_off() if day.site_id in (None, host.id)}
    on, found = clock.local_date(now, host.zone), 0
    while found < DAYS_AHEAD:
        if on.isoweekday() <= 5 and on not in off:
            found += 1
            yield on
        on += timedelta(days=1)


def _plan(session: Session, actor: Actor, idea: _Idea, here: dict[str, SiteOut], span: Span, *, now: datetime) -> None:
    rooms = [_room(session, actor, here[code], span, now=now) for code in idea.codes]
    team = list(people.team_of(session, actor))
    away = _colleagues(session, actor, here["JKT"].id) if "JKT" in idea.codes else []
    wanted = NewMeeting(
        title=idea.title,
        site_id=here["IKN"].id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        agenda=idea.agenda,
        letter=f"UND-{span.starts_at:%m%d}/CONTOH/{span.starts_at:%Y}",
        link="https://rapat.selaras.test/contoh" if len(idea.codes) > 1 else "",
        required_ids=[*team, *away],
        room_ids=[room for room in rooms if room is not None],
    )
    try:
        with session.begin_nested():
            service.plan(session, actor, wanted, now=now)
    except NotBookable:  # on a day that closes early there is no such meeting
        return


def _room(session: Session, actor: Actor, site: SiteOut, span: Span, *, now: datetime) -> int | None:
    """The smallest free room with video for eight or more that nobody has to approve."""
    free = {space.id for space in availability.of_site(session, actor, site.id, "room", span, now=now) if space.free}
    rows = session.execute(
        select(Space.id, Space.attributes)
        .where(Space.kind == "room", Space.seats >= 8, ~Space.needs_approval)
        .order_by(Space.seats, Space.id)
    )
    return next((id for id, attributes in rows if id in free and "video" in attributes.split()), None)


def _colleagues(session: Session, actor: Actor, site_id: int) -> list[int]:
    """Four people of the organiser's agency who are posted at another site."""
    rows = session.scalars(
        select(Person.id)
        .where(Person.agency_id == actor.agency_id, Person.site_id == site_id, Person.active)
        .order_by(Person.id)
        .limit(4)
    )
    return list(rows)
