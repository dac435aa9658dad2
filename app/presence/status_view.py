"""The page Status saya: one's own state, every step that leads to it, and what one may say and hide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from app import sites
from app.people.access import Actor
from app.presence import chip_view, rules, service, wording
from app.presence.channels import Connections
from app.presence.chip_view import Choice
from app.presence.choices import Choices
from app.presence.rules import Avail, Facts, Place, Why
from app.presence.service import Own
from app.rooms import sitting
from app.rooms.sitting import SpaceAt
from app.sites import SiteOut
from app.spans import Span
from app.texts import N_, Words
from app.views import Notice

PLACE_STEPS: dict[Why, tuple[str, str]] = {
    Why.CHECK_IN: (N_("Lapor masuk"), N_("Anda tidak sedang lapor masuk di meja mana pun.")),
    Why.OVERRIDE: (N_("Yang Anda sampaikan"), N_("Anda tidak menyampaikan tempat kerja.")),
    Why.BOOKING: (N_("Pesanan meja"), N_("Tidak ada pesanan meja lain untuk saat ini.")),
    Why.SCHEDULE: (N_("Rencana yang disetujui"), N_("Tidak ada rencana yang disetujui untuk saat ini.")),
    Why.NOTHING: (N_("Tanpa keterangan lain"), ""),
}
AVAIL_STEPS: dict[Why, tuple[str, str]] = {
    Why.SCHEDULE: (N_("Cuti yang disetujui"), N_("Anda tidak sedang cuti.")),
    Why.OVERRIDE: (N_("Yang Anda sampaikan"), N_("Anda tidak menyampaikan status.")),
    Why.MEETING: (N_("Rapat"), N_("Anda tidak sedang dalam rapat.")),
    Why.HOURS: (N_("Jam kerja"), ""),
    Why.CHECK_IN: (N_("Lapor masuk tanpa Selaras terbuka"), N_("Tidak berlaku: Selaras Anda terbuka.")),
    Why.ACTIVITY: (N_("Selaras yang terbuka"), ""),
}
ACTIVITY: dict[str | None, str] = {
    "active": N_("Selaras terbuka dan baru saja dipakai."),
    "idle": N_("Selaras terbuka, tetapi tidak dipakai selama sepuluh menit."),
    None: N_("Selaras tidak terbuka."),
}


class Step(msgspec.Struct, frozen=True):
    """One rung: "holds" decides, "passed" says nothing, "below" comes after the one that decides."""

    label: str
    text: str
    look: Literal["holds", "passed", "below"]


class StatusPage(msgspec.Struct, frozen=True):
    avail: str
    word: str
    where: str
    until: str
    then: str
    place_steps: tuple[Step, ...]
    avail_steps: tuple[Step, ...]
    said: str
    choices: tuple[Choice, ...]
    places: tuple[Choice, ...]
    sites: tuple[tuple[int, str, bool], ...]
    lengths: tuple[tuple[str, str], ...]
    last: str
    """until when, at the latest, what one says holds"""
    hides_desk: bool
    hides_idle: bool
    scope: str
    notice: Notice | None = None
    heard: bool = True
    """whether what one said is what others see"""


class _Page(msgspec.Struct, frozen=True):
    """What is read for the page, with its reader's words."""

    mine: Own
    sites: Mapping[int, SiteOut]
    spaces: Mapping[int, SpaceAt]
    zone: str
    said: Words
    now: datetime

    @property
    def facts(self) -> Facts:
        return self.mine.known.facts

    def where(self, place: Place) -> str:
        return wording.where(place, self.sites, self.spaces, self.said)


def status_page(
    session: Session,
    actor: Actor,
    connections: Connections,
    said: Words,
    *,
    now: datetime,
) -> StatusPage:
    mine = service.own(session, actor, connections, now=now)
    known = {site.id: site for site in sites.sites(session)}
    spaces = sitting.spaces_at(session, (desk.desk_id for desk in mine.known.facts.desks))
    page = _Page(mine, known, spaces, known[actor.site_id].zone, said, now)
    state, override = mine.presence.state, mine.known.facts.override
    hidden: Choices = mine.known.choices
    office = (override.site_id if override else None) or actor.site_id
    return StatusPage(
        avail=state.avail.value,
        word=said.say(wording.AVAILS[state.avail]),
        where=page.where(state.place),
        until=wording.until(mine.presence.until, page.zone, said, now=now),
        then=_then(page),
        place_steps=tuple(_place_steps(page)),
        avail_steps=tuple(_avail_steps(page)),
        said=wording.until(override.until, page.zone, said, now=now) if override else "",
        choices=chip_view.choices(override.avail if override else None, said),
        places=tuple(
            Choice(key, said.say(label), bool(override and override.kind and override.kind.value == key))
            for key, label in wording.PLACES
        ),
        sites=tuple((site.id, site.name, site.id == office) for site in known.values()),
        lengths=tuple((value, said.say(label)) for value, label in wording.LENGTHS),
        last=wording.until(mine.last, page.zone, said, now=now),
        hides_desk=hidden.hides_desk,
        hides_idle=hidden.hides_idle,
        scope=f"person:{actor.id}",
        heard=_heard(page),
    )


def _heard(page: _Page) -> bool:
    """Whether what one said decides: a check-in says more of one's place, and leave more of whether one can be reached."""
    override, state = page.facts.override, page.mine.presence.state
    if override is None:
        return True
    return (override.kind is None or state.place_why is Why.OVERRIDE) and (
        override.avail is None or state.why is Why.OVERRIDE
    )


def _then(page: _Page) -> str:
    if page.mine.presence.next is None:
        return ""
    kind, avail = page.mine.presence.next
    return f"{page.said.say(wording.AVAILS[avail])} · {page.said.say(wording.KINDS[kind])}"


def _place_steps(page: _Page) -> Iterator[Step]:
    decided = False
    for why, place in rules.place_rungs(page.now, page.facts):
        label, nothing = PLACE_STEPS[why]
        text = page.where(place) if place else page.said.say(nothing)
        yield _step(page, label, text, says=place is not None, decided=decided)
        decided = decided or place is not None


def _avail_steps(page: _Page) -> Iterator[Step]:
    decided = False
    for why, avail in rules.avail_rungs(page.now, page.facts):
        label, nothing = AVAIL_STEPS[why]
        text = _avail_text(page, why, avail, nothing)
        yield _step(page, label, text, says=avail is not None, decided=decided)
        decided = decided or avail is not None


def _avail_text(page: _Page, why: Why, avail: Avail | None, nothing: str) -> str:
    said, facts = page.said, page.facts
    if why is Why.ACTIVITY:
        return f"{said.say(ACTIVITY[facts.connected])} {said.say(wording.AVAILS[avail or Avail.OFFLINE])}."
    if why is Why.HOURS:
        return _hours(page)
    if avail is None:
        return said.say(nothing)
    word = said.say(wording.AVAILS[avail])
    if why is Why.MEETING:
        span = next(span for span in facts.meetings if span.holds(page.now))
        return f"{word}, {said.hours(span, page.zone)}"
    if why is Why.OVERRIDE and facts.override:
        return f"{word}, {wording.until(facts.override.until, page.zone, said, now=page.now)}"
    return word


def _hours(page: _Page) -> str:
    said = page.said
    now: Span | None = next((span for span in page.facts.hours if span.holds(page.now)), None)
    if now is not None:
        return said.say(N_("Sedang jam kerja: {hours}."), hours=said.hours(now, page.zone))
    if page.facts.connected is not None:
        return said.say(N_("Di luar jam kerja, tetapi Selaras Anda terbuka."))
    return said.say(N_("Di luar jam kerja."))


def _step(page: _Page, label: str, text: str, *, says: bool, decided: bool) -> Step:
    return Step(page.said.say(label), text, "below" if decided else "holds" if says else "passed")
