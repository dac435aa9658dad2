"""A mail of everything else that somebody is told, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from app import notice_words
from app.mail import words
from app.mail.message import Paragraph
from app.mail.outbox import Item
from app.notices import Notice
from app.spans import Span
from app.texts import N_, Words

MOST = 30


class Digest(msgspec.Struct, frozen=True):
    subject: str
    paragraphs: tuple[Paragraph, ...]


def digest(items: Sequence[Item], origin: str, zone: str, said: Words, *, now: datetime) -> Digest | None:
    """``zone`` is the reader's. None if all of it is over."""
    left = [item for item in items if _matters(item, now=now)]
    if not left:
        return None
    paragraphs = [_paragraph(item, origin, zone, said) for item in left[:MOST]]
    if len(left) > MOST:
        n = len(left) - MOST
        paragraphs.append(Paragraph(said.count(N_("Dan {n} hal lain."), N_("Dan {n} hal lain."), n), "", origin))
    return Digest(_subject(left, said), tuple(paragraphs))


def _subject(items: Sequence[Item], said: Words) -> str:
    titles = {words.title(item.kind) for item in items}
    if len(titles) == 1:
        return said.say(titles.pop())
    text = N_("{n} pemberitahuan dari Selaras")
    return said.count(text, text, len(items))


def _matters(item: Item, *, now: datetime) -> bool:
    """Whether what is told can still matter: nobody needs to know of an hour that is over."""
    ends = item.facts.get("held_until") or item.facts.get("ends_at")
    return ends is None or datetime.fromisoformat(str(ends)) > now


def _paragraph(item: Item, origin: str, zone: str, said: Words) -> Paragraph:
    if item.kind in words.BOOKINGS:
        return Paragraph(_booking(item, zone, said), "", f"{origin}/pesanan" if origin else "")
    news = notice_words.worded(Notice(0, item.kind, item.facts, item.at), said)
    return Paragraph(news.text, news.detail, origin + news.href if origin else "")


def _booking(item: Item, zone: str, said: Words) -> str:
    before = item.facts.get("before") or item.facts
    return said.say(
        words.BOOKINGS[item.kind],
        space=_space(item.facts, said),
        when=_when(item.facts, zone, said),
        space_before=_space(before, said),
        when_before=_when(before, zone, said),
    )


def _space(facts: dict[str, Any], said: Words) -> str:
    named = N_("Ruang {room}") if facts["kind"] == "room" else N_("Meja {desk}")
    return f"{said.say(named, room=facts['space'], desk=facts['space'])} ({facts['floor']})"


def _when(facts: dict[str, Any], zone: str, said: Words) -> str:
    span = Span(*(datetime.fromisoformat(facts[name]) for name in ("starts_at", "ends_at")))
    return said.when(span, facts["zone"], zone)
