"""The pages of feeds in the words of one reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy.orm import Session

from app import clock, sites
from app.calendars import clients, kinds, service, sources
from app.calendars.entries import LEVELS, Entry, Level, Names
from app.calendars.fetching import KEY
from app.calendars.kinds import KINDS, LEVEL_NAMES, NAMES, USUAL, Kind
from app.calendars.shapes import FeedOut, NewAddress
from app.calendars.views import Choice, Coming, FeedLine, FeedPage, FeedsPage, Fresh, NewForm
from app.calendars.window import window
from app.errors import Forbidden, NotFound
from app.ids import number
from app.people import directory
from app.people.access import Actor
from app.rooms import calendar_reading as bookings
from app.rooms.calendar_reading import Subject
from app.texts import LANGUAGES, N_, Words
from app.views import Notice

MOST_COMING = 8
LANGUAGE_NAMES = {"id": "Bahasa Indonesia", "en": "English"}
DONE = {
    "revoked": N_("Alamat kalender dicabut. Aplikasi yang memakainya menerima kalender kosong."),
    "changed": N_("Perubahan disimpan. Alamatnya tetap sama."),
}


def feeds_page(
    session: Session,
    actor: Actor,
    said: Words,
    *,
    query: Mapping[str, str],
    fresh: NewAddress | None = None,
    error: str = "",
    done: str = "",
) -> FeedsPage:
    """All feeds of the reader, and the form for another one. ``query`` holds what the form was told so far."""
    feeds = tuple(_line(session, actor, feed, said) for feed in service.feeds_of(session, actor))
    notice = Notice("ok", said.say(DONE[done])) if done in DONE else None
    return FeedsPage(feeds, _form(session, actor, said, query, error), _fresh(fresh) if fresh else None, notice)


def _line(session: Session, actor: Actor, feed: FeedOut, said: Words) -> FeedLine:
    return FeedLine(
        feed.id,
        feed.name,
        feed.subject or said.say(N_("Tidak dapat Anda lihat lagi")),
        said.say(LEVEL_NAMES[feed.level]),
        used(session, actor, feed, said),
        f"/profil/kalender/{feed.id}",
    )


def used(session: Session, actor: Actor, feed: FeedOut, said: Words) -> str:
    """Terakhir diambil Selasa, 24 Nov 09.12 WITA oleh Google Calendar; 3 kali"""
    if feed.fetched_at is None:
        return said.say(N_("Belum pernah diambil"))
    zone = sites.site(session, actor.site_id).zone
    when = f"{said.short_day(clock.local_date(feed.fetched_at, zone))} {said.time(feed.fetched_at, zone)}"
    by = said.say(clients.NAMES.get(feed.client, clients.NAMES["other"]))
    text = N_("Terakhir diambil {when} oleh {client}, {n} kali")
    return said.count(text, text, feed.fetches, when=when, client=by)


def _fresh(made: NewAddress) -> Fresh:
    return Fresh(made.name, made.url, made.webcal_url, made.google_url, _qr(made.webcal_url))


def _qr(url: str) -> str:
    import segno  # noqa: PLC0415 - only who makes a feed needs it

    code = segno.make_qr(url, error="m")
    return code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)


# The form of a new one


def _form(session: Session, actor: Actor, said: Words, query: Mapping[str, str], error: str) -> NewForm:
    kind = cast(Kind, query.get("kind")) if query.get("kind") in KINDS else "me"
    floors, subjects = _subjects(session, actor, said, kind, query)
    level = query.get("level") if query.get("level") in LEVELS else USUAL[kind]
    return NewForm(
        kind,
        tuple(Choice(one, said.say(NAMES[one]), one == kind) for one in KINDS),
        floors,
        subjects,
        kind not in ("me", "team"),
        tuple(Choice(one, said.say(LEVEL_NAMES[one]), one == level) for one in LEVELS),
        tuple((said.say(LEVEL_NAMES[one]), said.say(kinds.reveals(kind, one))) for one in LEVELS),
        query.get("name", ""),
        kind == "me",
        error,
    )


def _subjects(
    session: Session, actor: Actor, said: Words, kind: Kind, query: Mapping[str, str]
) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """The floors to choose from, where that is asked first, and what is to choose there."""
    wanted = query.get("subject_id", "")
    if kind == "room":
        return (), _choices(bookings.rooms_to_choose(session), wanted)
    if kind == "series":
        found = bookings.series_to_choose(session, actor.id)
        return (), tuple(
            Choice(str(one.id), f"{one.where}: {one.name}" if one.name else one.where, str(one.id) == wanted)
            for one in found
        )
    if kind in ("desk", "area"):
        floors = bookings.floors_to_choose(session)
        floor_id = number(query.get("floor")) or (floors[0].id if floors else 0)
        there = (
            bookings.desks_to_choose(session, floor_id)
            if kind == "desk"
            else bookings.areas_to_choose(session, floor_id, said.language)
        )
        return _choices(floors, str(floor_id)), _choices(there, wanted)
    return (), ()


def _choices(found: list[Subject], wanted: str) -> tuple[Choice, ...]:
    return tuple(Choice(str(one.id), one.name, str(one.id) == wanted, one.where) for one in found)


# One feed


def feed_page(
    session: Session,
    actor: Actor,
    feed_id: int,
    said: Words,
    origin: str,
    *,
    done: str = "",
    error: str = "",
    now: datetime,
) -> FeedPage:
    """Raises NotFound for a feed that isn't the reader's, FeedEnded for one that was revoked."""
    stored = service.own(session, actor, feed_id)
    feed = service.shown(session, actor, stored)
    zone = sites.site(session, actor.site_id).zone
    try:
        names = Names(directory.kept_key(session, KEY), origin)
        entries = sources.shown(session, actor, stored, window(now), names).entries
        lost = False
    except (NotFound, Forbidden):
        entries, lost = [], True
    return FeedPage(
        feed.id,
        feed.name,
        feed.subject,
        said.say(NAMES[feed.kind]),
        said.say(kinds.reveals(feed.kind, feed.level)),
        said.plain_date(clock.local_date(feed.created_at, zone)),
        used(session, actor, feed, said),
        tuple(Choice(one, said.say(LEVEL_NAMES[one]), one == feed.level) for one in LEVELS),
        tuple(Choice(one, LANGUAGE_NAMES[one], one == feed.language) for one in LANGUAGES),
        feed.with_cancelled,
        feed.with_meetings,
        feed.with_alarm,
        feed.kind == "me",
        coming(entries, said, zone, now=now),
        lost,
        Notice("ok", said.say(DONE[done])) if done in DONE else None,
        error,
    )


def coming(entries: list[Entry], said: Words, zone: str, *, now: datetime) -> tuple[Coming, ...]:
    """The next entries, as whoever has the address sees them: day by day, whole days first."""
    today = clock.local_date(now, zone)
    found: list[tuple[date, bool, datetime, Coming]] = []
    for entry in entries:
        if entry.days is not None and entry.days[1] > today:
            first, last = entry.days[0], entry.days[1] - timedelta(days=1)
            when = said.short_day(first) + (f" – {said.short_day(last)}" if last > first else "")
            found.append((max(first, today), False, now, Coming(when, entry.summary, entry.location)))
        elif entry.span is not None and entry.span.ends_at > now:
            on = max(clock.local_date(entry.span.starts_at, zone), today)
            when = said.when(entry.span, entry.zone, zone)
            found.append((on, True, entry.span.starts_at, Coming(when, entry.summary, entry.location)))
    found.sort(key=lambda one: one[:3])
    return tuple(one[3] for one in found[:MOST_COMING])


def level_of(text: str | None) -> Level | None:
    return text if text in LEVELS else None
