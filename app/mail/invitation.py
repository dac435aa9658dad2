"""What a mail says of a meeting to one who is invited, or was: words, and the entry for their calendar (RFC 5546).

An invitation names nobody's address but that of the organiser, the reader's, and that of whom one of them sends in the
other's place. Who was struck off the list learns no more of the meeting than it was then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace
from sqlalchemy.orm import Session

from app import clock, journal
from app.calendars import meeting_entry, sources, writer
from app.calendars.entries import Entry, Names
from app.calendars.meeting_entry import MeetingFacts
from app.calendars.writer import PartStat, Party
from app.mail.outbox import Before, Item
from app.meetings import calendar_reading
from app.meetings.summons import Summoned, Summons
from app.notice_words import WORDS
from app.people.contacts import Contact, contacts
from app.spans import Span
from app.texts import N_, Words

SUBJECTS = {
    "meeting-invited": N_("Undangan rapat: {title}"),
    "meeting-moved": N_("Rapat dipindahkan: {title}"),
    "meeting-changed": N_("Rapat berubah: {title}"),
    "meeting-cancelled": N_("Rapat dibatalkan: {title}"),
    "meeting-stand-in": N_("Anda mewakili dalam rapat: {title}"),
    "represented": N_("Anda diwakili dalam rapat: {title}"),
}
REPRESENTED = N_("{stand_in} mewakili Anda pada rapat “{title}”: {when}.")
PARTS: dict[str, PartStat] = {
    "": "NEEDS-ACTION",
    "attending": "ACCEPTED",
    "not-attending": "DECLINED",
    "represented": "DELEGATED",
}


class Reader(msgspec.Struct, frozen=True):
    """To whom a mail about a meeting goes; ``person_id`` is None for a guest."""

    person_id: int | None
    name: str
    email: str


class Invitation(msgspec.Struct, frozen=True):
    """``told`` is a digest of all that the reader learns: equal ones needn't be sent twice. ``reaches``: whether they may open
    the meeting's page."""

    news: str
    method: str
    subject: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    entry: bytes
    told: str
    organiser: Contact
    reaches: bool


def invitation(
    session: Session,
    called: Summons,
    reader: Reader,
    items: Sequence[Item],
    before: Before | None,
    names: Names,
    sender: str,
    said: Words,
    *,
    now: datetime,
) -> Invitation | None:
    """None if there is nothing to tell: it is over, it was never told and is off again, or nothing of it differs."""
    if called.ends_at <= now:
        return None
    mine = called.people.get(reader.person_id or 0)
    listed = mine.invited if mine else reader.email in called.guests
    gone = called.state == "cancelled" or not listed
    if gone and (before.method == "CANCEL" if before else any(_begins(item) for item in items)):
        return None
    about = _about(session, called, items, said, listed=listed)
    if about is None:
        return None
    guest = reader.person_id is None
    if guest:
        about = replace(about, attendees=())
    method = "CANCEL" if gone else "PUBLISH" if reader.person_id == called.organiser_id else "REQUEST"
    known = contacts(session, _named(called, mine))
    entry = meeting_entry.meeting(about, names, said)
    if guest or not listed:
        entry = replace(entry, url="")
    parties = _parties(called, mine, reader, known) if method != "PUBLISH" else []
    told = _digest(entry, method, parties)
    if before is not None and before.told == told:
        return None
    organiser = known[called.organiser_id]
    news = _news(items, before, mine, gone=gone)
    when = f"{said.day(clock.local_date(about.span.starts_at, about.zone))}, {_hours(about, said)}"
    stand_in = known.get(mine.stand_in_id or 0) if mine else None
    return Invitation(
        news,
        method,
        said.say(SUBJECTS[news], title=about.title),
        said.say(
            REPRESENTED if news == "represented" else WORDS[news],
            by=_by(news, items, mine, known) or organiser.name,
            title=about.title,
            when=when,
            stand_in=stand_in.name if stand_in else "",
        ),
        _facts(about, when, said, gone=gone),
        writer.calendar(
            [writer.vevent(entry, organiser=Party(organiser.name, organiser.email, sent_by=sender), attendees=parties)],
            zones=[about.zone],
            method=method,
        ),
        told,
        organiser,
        not guest and listed,
    )


def _begins(item: Item) -> bool:
    """Whether an item is the first that somebody hears of a meeting, so that nothing is lost if they hear nothing."""
    return item.kind in ("meeting-invited", "meeting-stand-in", "meeting-own")


def _about(
    session: Session, called: Summons, items: Sequence[Item], said: Words, *, listed: bool
) -> MeetingFacts | None:
    """The meeting as the reader may know it; None if nothing is known of how it was when they were struck off."""
    facts = sources.meeting_facts(calendar_reading.read(session, [called.meeting_id])[0], said)
    if listed:
        return facts
    sequence = max(item.sequence for item in items)
    entries = journal.history(session, "meeting", called.meeting_id, most=50)
    then = next((entry for entry in entries if entry.facts["sequence"] == sequence), None)
    if then is None:
        return None
    span = Span(*(datetime.fromisoformat(then.facts[name]) for name in ("starts_at", "ends_at")))
    return replace(
        facts,
        title=then.facts["title"],
        agenda="",
        letter="",
        link="",
        span=span,
        rooms=(),
        attendees=(),
        is_cancelled=True,
        sequence=sequence,
        changed_at=then.at,
    )


def _named(called: Summons, mine: Summoned | None) -> list[int]:
    """Whose names or addresses an invitation holds beside the reader's."""
    beside = (mine.stand_in_id, mine.for_id) if mine else ()
    return [called.organiser_id, *(id for id in beside if id is not None)]


def _parties(called: Summons, mine: Summoned | None, reader: Reader, known: dict[int, Contact]) -> list[Party]:
    """The reader as an attendee, and whom they send or stand in for (RFC 5546, 3.2.2.3). Members reply on the meeting's page,
    guests by mail to the organiser."""
    if mine is None:
        return [Party(reader.name, reader.email, rsvp=True)]
    sent, sender = (known.get(id or 0) for id in (mine.stand_in_id, mine.for_id))
    me = Party(
        reader.name,
        reader.email,
        part=PARTS[mine.reply],
        required=mine.required,
        delegated_to=sent.email if sent else "",
        delegated_from=sender.email if sender else "",
    )
    if sent is not None:
        theirs = called.people.get(sent.id)
        part = PARTS[theirs.reply if theirs else ""]
        return [me, Party(sent.name, sent.email, part, mine.required, delegated_from=reader.email)]
    if sender is not None:
        return [Party(sender.name, sender.email, "DELEGATED", mine.required, delegated_to=reader.email), me]
    return [me]


def _news(items: Sequence[Item], before: Before | None, mine: Summoned | None, *, gone: bool) -> str:
    """Of what kind all of the items together are."""
    if gone:
        return "meeting-cancelled"
    if mine is not None and mine.reply == "represented":
        return "represented"
    if before is None or before.method == "CANCEL":
        kinds = {item.kind for item in items}
        if not kinds & {"meeting-moved", "meeting-changed"} or kinds & {"meeting-invited", "meeting-stand-in"}:
            return "meeting-stand-in" if mine is not None and mine.for_id is not None else "meeting-invited"
    moved = any(item.kind == "meeting-moved" or item.facts.get("verb") == "moved" for item in items)
    return "meeting-moved" if moved else "meeting-changed"


def _by(news: str, items: Sequence[Item], mine: Summoned | None, known: dict[int, Contact]) -> str:
    """Who did it: as the notice says, or whom a stand-in stands in for."""
    if news == "meeting-stand-in" and mine is not None and (sender := known.get(mine.for_id or 0)):
        return sender.name
    return next((str(item.facts["by"]) for item in reversed(items) if item.facts.get("by")), "")


def _hours(about: MeetingFacts, said: Words) -> str:
    return meeting_entry.both_times(about.span, about.zone, about.zones, said)


def _facts(about: MeetingFacts, when: str, said: Words, *, gone: bool) -> tuple[tuple[str, str], ...]:
    found = [(said.say(N_("Waktu")), when)]
    if not gone:
        found += [
            (said.say(N_("Tempat")), "\n".join(about.rooms) or about.host),
            (said.say(N_("Tautan")), about.link),
            (said.say(N_("Surat undangan")), about.letter),
            (said.say(N_("Penyelenggara")), about.organiser),
            (said.say(N_("Agenda")), about.agenda),
        ]
    return tuple((label, value) for label, value in found if value)


def _digest(entry: Entry, method: str, parties: Sequence[Party]) -> str:
    """Of what a reader learns; not of the numbers by which their calendar knows that it is newer."""
    said = replace(entry, sequence=0, changed_at=datetime.fromtimestamp(0, tz=clock.zone("UTC")))
    return hashlib.sha256(msgspec.json.encode((said, method, list(parties)))).hexdigest()
