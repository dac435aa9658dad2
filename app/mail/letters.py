"""Writes the letter that a mail becomes, once, for its one reader and in their language."""

from __future__ import annotations

import secrets
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from app import sites
from app.calendars.entries import Names
from app.calendars.fetching import KEY
from app.mail import digest, message, outbox
from app.mail.invitation import Invitation, Reader, invitation
from app.mail.message import Draft, Paragraph, Party
from app.mail.outbox import Claimed, Ended, Letter
from app.meetings.summons import summons
from app.people.contacts import Contact, contacts
from app.people.directory import kept_key
from app.texts import N_, Words, words


class House(msgspec.Struct, frozen=True):
    """Who sends. ``origin`` is the public address, for links, "" leaves them out; ``senders`` are addresses by the code of the
    site, with "" for all others."""

    origin: str
    senders: dict[str, str]

    def sender(self, code: str) -> str:
        return self.senders.get(code) or self.senders.get("") or next(iter(self.senders.values()))


NOBODY, NOTHING = Ended("dropped", "recipient-left"), Ended("dropped", "nothing-new")


def letter(session: Session, mail: Claimed, house: House, *, now: datetime) -> Letter | Ended:
    """Raises message.Unwritable for an address to which there is no way."""
    contact = contacts(session, [mail.person_id])[mail.person_id] if mail.person_id is not None else None
    if contact is not None and not contact.active:
        return NOBODY
    if mail.topic:
        return _of_meeting(session, mail, contact, house, now=now)
    assert contact is not None, "guests are told of meetings only"
    return _of_all_else(session, mail, contact, house, now=now)


def _of_all_else(session: Session, mail: Claimed, contact: Contact, house: House, *, now: datetime) -> Letter | Ended:
    said = words(contact.language)
    zone = sites.site(session, contact.site_id).zone
    found = digest.digest(outbox.items_of(session, mail.id), house.origin, zone, said, now=now)
    if found is None:
        return NOTHING
    draft = Draft(
        said.language,
        _from(session, contact.site_id, house),
        Party(contact.name, contact.email),
        found.subject,
        _greeting(contact.name, said),
        found.paragraphs,
        _footer(house, said),
        more=said.say(N_("Lihat di Selaras")),
    )
    return _letter(draft, now=now)


def _of_meeting(
    session: Session, mail: Claimed, contact: Contact | None, house: House, *, now: datetime
) -> Letter | Ended:
    called = summons(session, int(mail.topic.removeprefix("meeting:")))
    if called is None:
        return NOTHING
    said = words(contact.language if contact else "id")
    reader = (
        Reader(contact.id, contact.name, contact.email)
        if contact
        else Reader(None, called.guests.get(mail.recipient, ""), mail.recipient)
    )
    sender = _from(session, called.site_id, house)
    about = invitation(
        session,
        called,
        reader,
        outbox.items_of(session, mail.id),
        outbox.before(session, mail.topic, [mail.recipient]).get(mail.recipient),
        Names(kept_key(session, KEY), house.origin),
        sender.email,
        said,
        now=now,
    )
    if about is None:
        return NOTHING
    draft = Draft(
        said.language,
        sender,
        Party(reader.name, reader.email),
        about.subject,
        _greeting(reader.name, said),
        (Paragraph(about.sentence),),
        _guest_footer(about, said) if contact is None else _footer(house, said),
        facts=about.facts,
        button=_button(about, f"{house.origin}/rapat/{called.meeting_id}", said) if house.origin else None,
        reply_to=Party(about.organiser.name, about.organiser.email) if about.method != "PUBLISH" else None,
        entry=about.entry,
        method=about.method,
    )
    return _letter(draft, method=about.method, told=about.told, now=now)


def _letter(draft: Draft, *, method: str = "", told: str = "", now: datetime) -> Letter:
    id = message.message_id(secrets.token_hex(16), draft.sender.email)
    sender, to = (message.address(party).addr_spec for party in (draft.sender, draft.to))
    return Letter(id, sender, to, message.wire(draft, id, at=now), method, told)


def _from(session: Session, site_id: int, house: House) -> Party:
    site = sites.site(session, site_id)
    return Party(f"Selaras {site.name}", house.sender(site.code))


def _greeting(name: str, said: Words) -> str:
    return said.say(N_("Yth. Bapak/Ibu {name},"), name=name) if name else said.say(N_("Yth. Bapak/Ibu,"))


def _footer(house: House, said: Words) -> tuple[str, ...]:
    lines = [said.say(N_("Surel ini dikirim otomatis oleh Selaras."))]
    if house.origin:
        lines.append(said.say(N_("Pilih apa yang Anda terima lewat surel: {url}"), url=_choices(house)))
    return tuple(lines)


def _choices(house: House) -> str:
    return f"{house.origin}/profil/pemberitahuan"


def _guest_footer(about: Invitation, said: Words) -> tuple[str, ...]:
    return (
        said.say(
            N_("Surel ini dikirim otomatis oleh Selaras atas nama {name}. Balasan Anda sampai kepada penyelenggara."),
            name=about.organiser.name,
        ),
    )


def _button(about: Invitation, href: str, said: Words) -> tuple[str, str] | None:
    if not about.reaches:
        return None
    replies = about.method == "REQUEST" and about.news != "represented"
    return said.say(N_("Buka dan jawab di Selaras") if replies else N_("Lihat di Selaras")), href
