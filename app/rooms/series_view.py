"""The pages of a series: its dates and forms in words, for one reader."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from app import clock, sites
from app.errors import Refused
from app.people.access import Actor
from app.problems import detail
from app.rooms import places, recurrence, series, series_form, series_reading, today_view, wording
from app.rooms.recurrence import Recurrence
from app.rooms.series_form import EVERY, SKIP, SeriesForm, way_value
from app.rooms.series_shapes import FixOut, OccurrenceOut, SeriesLine, SeriesOut
from app.rooms.views import Choice
from app.spans import Span
from app.texts import N_, Words
from app.views import Notice

MONDAY = date(2024, 1, 1)
WEEKS = 4
"""of a series that the form suggests"""


class DateRow(msgspec.Struct, frozen=True):
    day: str
    when: str
    space: str
    state: str
    look: str
    exception: bool
    href: str


class ConflictRow(msgspec.Struct, frozen=True):
    """A date that can't be had, with what may be done about it: value, words and whether it is chosen."""

    on: str
    day: str
    sentence: str
    basis: str
    choices: tuple[tuple[str, str, bool], ...]


class NewSeriesPage(msgspec.Struct, frozen=True):
    form: SeriesForm
    space: str
    where: str
    zone: str
    today: str
    weekdays: tuple[tuple[int, str, bool], ...]
    every: tuple[tuple[int, str, bool], ...]
    back: str
    notice: Notice | None = None
    conflicts: tuple[ConflictRow, ...] = ()


class SeriesPage(msgspec.Struct, frozen=True):
    """``starts`` and ``ends`` are local times HH:MM for the form's fields, ``scope`` and ``on`` what it had chosen."""

    id: int
    version: int
    space: str
    where: str
    zone: str
    rule: str
    purpose: str
    dates: tuple[DateRow, ...]
    skipped: tuple[str, ...]
    coming: tuple[tuple[str, str], ...]
    """dates that may still change: value and words"""
    first: str
    last: str
    starts: str
    ends: str
    scope: str
    on: str
    notice: Notice | None = None
    conflicts: tuple[ConflictRow, ...] = ()


def suggested(session: Session, actor: Actor, space_id: int, on: date | None, *, now: datetime) -> SeriesForm:
    """A form filled in: the same weekday for four weeks, from ``on`` or tomorrow. Raises NotFound."""
    zone = places.space_for(session, actor, space_id).place.zone
    today = clock.local_date(now, zone)
    starts_on = max(on or today + timedelta(days=1), today)
    until_on = starts_on + timedelta(weeks=WEEKS - 1)
    weekdays = (starts_on.isoweekday(),)
    return SeriesForm(space_id, weekdays, 1, f"{starts_on}", f"{until_on}", "09:00", "10:00", "", {})


def new_page(
    session: Session, actor: Actor, form: SeriesForm, said: Words, *, refused: Refused | None = None, now: datetime
) -> NewSeriesPage:
    """The form to book a series, with what stands against it. Raises NotFound."""
    place = places.space_for(session, actor, form.space_id).place
    today = clock.local_date(now, place.zone)
    return NewSeriesPage(
        form=form,
        space=wording.named(place.kind, place.name, said),
        where=_where(session, place.id, said),
        zone=clock.zone_name(place.zone),
        today=today.isoformat(),
        weekdays=tuple((day, _weekday(day, said), day in form.weekdays) for day in range(1, 8)),
        every=tuple((n, _every(n, said), n == form.every) for n in EVERY),
        back=f"/ruang?space={place.id}" if place.kind == "room" else f"/denah?desk={place.id}",
        notice=_refusal(refused, said),
        conflicts=conflict_rows(refused, said, form.chosen, N_("Lewati tanggal ini")),
    )


def series_page(
    session: Session,
    actor: Actor,
    series_id: int,
    said: Words,
    *,
    notice: Notice | None = None,
    refused: Refused | None = None,
    sent: dict[str, str] | None = None,
    now: datetime,
) -> SeriesPage:
    """A series with its dates; ``sent`` is the form that was refused. Raises NotFound."""
    found, sent = series.series_for(session, actor, series_id), sent or {}
    zone = sites.site(session, actor.site_id).zone
    coming = [one for one in found.dates if one.state == "booked" and one.starts_at > now]
    days = [clock.local_date(one.starts_at, one.zone) for one in coming]
    chosen = series_form.chosen_of(sent)
    return SeriesPage(
        id=found.id,
        version=found.version,
        space=wording.named(found.kind, found.space, said),
        where=_where(session, found.space_id, said),
        zone=clock.zone_name(found.zone),
        rule=f"{described(_rule(found), said)} · {_hours(found, said)}",
        purpose=found.purpose,
        dates=tuple(_row(one, found.kind, said, zone) for one in found.dates),
        skipped=tuple(said.day(one.on) for one in found.skipped),
        coming=tuple((one.on.isoformat(), said.when(_span(one), one.zone, zone)) for one in coming),
        first=min(days).isoformat() if days else "",
        last=max(days).isoformat() if days else "",
        starts=sent.get("from", found.starts),
        ends=sent.get("until", found.ends),
        scope=sent.get("scope", "all"),
        on=sent.get("on", ""),
        notice=_refusal(refused, said) or notice,
        conflicts=conflict_rows(refused, said, chosen, N_("Biarkan seperti semula")),
    )


def links(session: Session, actor: Actor, said: Words, *, now: datetime) -> tuple[Choice, ...]:
    """The reader's series of which something is to come."""
    return tuple(
        Choice(
            str(one.id),
            f"{wording.named(one.kind, one.space, said)} · {described(_rule(one), said)} · {_hours(one, said)}",
            f"/pesanan/seri/{one.id}",
            detail=said.say(
                N_("Berikutnya {day}; {left} lagi"),
                day=said.day(clock.local_date(one.next_at, one.zone)),
                left=said.count(N_("{n} pesanan"), N_("{n} pesanan"), one.coming),
            ),
        )
        for one in series_reading.series_of(session, actor, now=now)
    )


def conflict_rows(refused: Refused | None, said: Words, chosen: dict[str, str], leave: str) -> tuple[ConflictRow, ...]:
    """Each conflict with its ways out and, last, to ``leave`` the date alone; the first is chosen until one says
    otherwise."""
    rows = []
    for on, why in sorted(refused.conflicts.items()) if refused else ():
        zone = str(why.facts["zone"])
        ways = [(way_value(way), _way(way, said, zone)) for way in why.ways_out]
        choices = [*ways, (SKIP, said.say(leave))]
        wish = chosen.get(on.isoformat())
        taken = wish if wish in {value for value, _ in choices} else choices[0][0]
        row = tuple((value, label, value == taken) for value, label in choices)
        basis = str(why.facts.get("basis") or "")
        rows.append(ConflictRow(on.isoformat(), said.day(on), detail(why, said), basis, row))
    return tuple(rows)


def described(rule: Recurrence, said: Words) -> str:
    """A rule in words; one that words would only blur is shown as it is."""
    weekdays = recurrence.weekdays_of(rule)
    if weekdays is not None:
        names = ", ".join(_weekday(day, said) for day in weekdays)
        return f"{_every(rule.interval, said)}: {names}"
    if rule.by or rule.freq not in ("DAILY", "WEEKLY"):
        return rule.value
    if rule.freq == "WEEKLY":
        return _every(rule.interval, said)
    return said.say(N_("Setiap hari") if rule.interval == 1 else N_("Setiap {n} hari"), n=rule.interval)


def _every(weeks: int, said: Words) -> str:
    return said.say(N_("Setiap pekan") if weeks == 1 else N_("Setiap {n} pekan"), n=weeks)


def _weekday(day: int, said: Words) -> str:
    return said.weekday(MONDAY + timedelta(days=day - 1))


def _refusal(refused: Refused | None, said: Words) -> Notice | None:
    if refused is None:
        return None
    if refused.code == "invalid":
        text = N_("Pilih hari, tanggal, dan jam mulai sebelum jam selesai; paling banyak 366 tanggal dalam lima tahun.")
        return Notice("warn", said.say(text))
    return Notice("warn", detail(refused, said), str(refused.facts.get("basis") or ""))


def _way(way: FixOut, said: Words, zone: str) -> str:
    span = Span(way.starts_at, way.ends_at)
    when = f"{said.short_day(clock.local_date(way.starts_at, zone))} · {said.hours(span, zone)}"
    return said.say(N_("Pakai {space}, {when}"), space=way.space, when=when)


def _rule(found: SeriesOut | SeriesLine) -> Recurrence:
    return recurrence.parse(found.rule, found.zone)


def _hours(found: SeriesOut | SeriesLine, said: Words) -> str:
    starts, ends = (said.minute(int(text[:2]) * 60 + int(text[3:])) for text in (found.starts, found.ends))
    return f"{starts}–{ends} {clock.zone_name(found.zone)}"


def _row(one: OccurrenceOut, kind: str, said: Words, zone: str) -> DateRow:
    href = today_view.space_href(kind, one.space_id, _span(one), one.zone, booking_id=one.booking_id)
    return DateRow(
        said.day(clock.local_date(one.starts_at, one.zone)),
        said.when(_span(one), one.zone, zone),
        one.space,
        _state(one, said),
        one.state,
        one.exception,
        href if one.state in ("booked", "checked-in") else "",
    )


def _span(one: OccurrenceOut) -> Span:
    return Span(one.starts_at, one.ends_at)


def _state(one: OccurrenceOut, said: Words) -> str:
    asked = {
        "asked": N_("Menunggu persetujuan"),
        "approved": N_("Disetujui"),
        "refused": N_("Ditolak pengelola ruang"),
    }
    if one.approval in asked and (one.state == "booked" or one.approval == "refused"):
        return said.say(asked[one.approval])
    return said.say(wording.STATES[one.state])


def _where(session: Session, space_id: int, said: Words) -> str:
    place = today_view.where(session, {space_id}, said.language)[space_id]
    return " · ".join(part for part in (place.building, place.floor, place.area) if part)
