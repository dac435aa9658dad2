"""The waiting list in the words of one reader: what is held for them, where they stand in line, what they just did."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from app import sites
from app.errors import Refused
from app.ids import number
from app.people.access import Actor
from app.rooms import rules, today_view, waiting, wording
from app.rooms.waiting_shapes import WaitOut
from app.texts import N_, Words
from app.views import Notice

DONE: dict[str, tuple[str, str]] = {
    "joined": ("waiting", N_("Anda masuk daftar tunggu pada urutan ke-{place}. {space}: {when}.")),
    "accepted": ("taken", N_("{space} kini milik Anda: {when}.")),
    "left": ("left", N_("Anda keluar dari daftar tunggu. {space}: {when}.")),
    "declined": ("left", N_("Tawaran dilepas untuk yang berikutnya dalam daftar tunggu. {space}: {when}.")),
}
"""By what was done: the state that proves it, and the words."""


class Entry(msgspec.Struct, frozen=True):
    """Something held for the reader, or their place in line; ``until`` is when an offer ends, with the zone's name."""

    id: int
    title: str
    place: str
    """building and floor"""
    when: str
    href: str
    until: str = ""
    standing: str = ""


class Waits(msgspec.Struct, frozen=True):
    """``offers`` wait for the reader's answer, ``lines`` for somebody else's."""

    offers: tuple[Entry, ...]
    lines: tuple[Entry, ...]


def waits(session: Session, actor: Actor, said: Words, *, but: int = 0, now: datetime) -> Waits:
    """Everything the reader waits for; without booking ``but``, which the page shows already."""
    found = [
        one for one in waiting.waits_of(session, actor, now=now) if one.booking_id is None or one.booking_id != but
    ]
    where = today_view.where(session, {one.space_id for one in found}, said.language)
    zone = sites.site(session, actor.site_id).zone

    def entry(one: WaitOut) -> Entry:
        place = where[one.space_id]
        return Entry(
            one.id,
            wording.named(one.kind, one.space, said),
            f"{place.building} · {place.floor}",
            said.when(one.span, one.zone, zone),
            today_view.space_href(one.kind, one.space_id, one.span, one.zone),
            said.time(one.held_until, one.zone) if one.held_until else "",
            standing(one, said),
        )

    offers = [entry(one) for one in found if one.held_until is not None and one.held_until > now]
    return Waits(tuple(offers), tuple(entry(one) for one in found if one.state == "waiting"))


def standing(wait: WaitOut, said: Words) -> str:
    """The place in line, and whether what comes free is accepted at once."""
    if wait.place is None:
        return ""
    place = said.say(N_("Urutan ke-{place}"), place=wait.place)
    return f"{place} · {said.say(N_('diterima otomatis'))}" if wait.automatic else place


def promise(said: Words) -> str:
    """What joining brings."""
    text = N_("Begitu tempat ini kosong, yang pertama dalam antrean ditawari lebih dulu selama {minutes} menit.")
    return said.say(text, minutes=int(rules.HOLD.total_seconds()) // 60)


def told(fields: Mapping[str, str], verbs: Container[str], booking: str) -> tuple[str, int] | None:
    """What a redirect says has just been done, to a booking whose id is in the field of that name, or to a wait. It is worded
    from the booking or the wait itself, so that no address can make it lie."""
    verb = fields.get("done", "")
    about = number(fields.get("wait" if verb in DONE else booking))
    return (verb, about) if about is not None and (verb in DONE or verb in verbs) else None


def notice(session: Session, actor: Actor, said: Words, verb: str, wait_id: int) -> Notice | None:
    """What has just been done, told from the wait itself, so that no address can make it lie."""
    state, text = DONE[verb]
    try:
        wait = waiting.wait_for(session, actor, wait_id)
    except Refused:
        return None
    if wait.state != state:
        return None
    when = said.when(wait.span, wait.zone, today_view.zone_of(session, actor))
    return Notice("ok", said.say(text, space=wording.named(wait.kind, wait.space, said), when=when, place=wait.place))
