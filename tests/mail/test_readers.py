"""Invitations as independent programs read them, and letters that nobody can write into by a name or a title."""

import re

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from app.calendars import writer
from app.calendars.entries import Entry
from app.mail import message
from app.mail.message import Draft, Paragraph, Party
from app.spans import Span
from tests.mail.test_invitations import GUEST, move
from tests.meetings.test_meetings import pair, planned  # noqa: F401 - the fixture
from tests.support import libical
from tests.support.mailbox import content, part, read
from tests.support.office import NOW, QUIET, hours

TITLE = 'Rapat “evaluasi”; tahap II, bagian 1 \\ lanjutan: é 🗓 "kutip"'


@pytest.fixture
def invitations(office, post, pair):  # noqa: F811
    """Mails of every kind by name: asked, moved, represented, stand-in, guest, organiser, cancelled."""
    me, one, two = office.colleagues()
    meeting = planned(
        office, one, [one, me, two], pair, title=TITLE, organiser_id=one, agenda="1. Pembukaan\n2. Laporan; tanya, jawab",
        guests=[{"email": GUEST, "name": "Sinta, Dewi; \"PT Contoh\""}], link="https://rapat.contoh.go.id/x?a=1&b=2",
    )  # fmt: skip
    found = {}

    def keep(name, address):
        found[name] = post.box.to(address)[-1]

    post.goes()
    keep("asked", post.email(me))
    keep("guest", GUEST)
    move(office, one, meeting, 13, 14)
    post.goes()
    keep("moved", post.email(me))
    stand_in = office.colleagues(posts=4)[3]
    data = {"reply": "represented", "stand_in_id": stand_in}
    assert office.put(f"/api/meetings/{meeting['id']}/replies/me", me, json=data).status_code == 200
    post.goes()
    keep("represented", post.email(me))
    keep("stand-in", post.email(stand_in))
    office.delete(f"/api/meetings/{meeting['id']}", one)
    post.goes()
    keep("cancelled", post.email(two))
    keep("cancelled-guest", GUEST)
    return found


EXPECTED = {
    "asked": ("REQUEST", 0),
    "guest": ("REQUEST", 0),
    "moved": ("REQUEST", 1),
    "represented": ("REQUEST", 2),
    "stand-in": ("REQUEST", 2),
    "cancelled": ("CANCEL", 3),
    "cancelled-guest": ("CANCEL", 3),
}


def by_icalendar(text):
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    assert not calendar.errors
    assert not event.errors
    assert not calendar.get_missing_tzids()
    return str(calendar["METHOD"]), str(event["UID"]), str(event["SUMMARY"]), int(event["SEQUENCE"])


def by_vobject(text):
    calendar = vobject.readOne(text)
    calendar.validate(raiseException=True)
    event = calendar.vevent
    return calendar.method.value, event.uid.value, event.summary.value, int(event.sequence.value)


def by_ical(text):
    (calendar,) = IcsCalendarStream.from_ics(text).calendars
    (event,) = calendar.events
    return calendar.method, event.uid, event.summary, event.sequence


def by_libical(text):
    if libical.library() is None:
        pytest.skip("no libical on this machine")
    return tuple(libical.read(text.encode()))


READERS = (by_icalendar, by_vobject, by_ical, by_libical)


def test_every_reader_accepts_every_invitation_and_reads_the_same(invitations):
    assert set(invitations) == set(EXPECTED)
    readers = [one for one in READERS if one is not by_libical or libical.library() is not None]
    assert len(readers) >= 3
    uids = set()
    for name, mail in invitations.items():
        text = content(mail, "calendar")
        method, sequence = EXPECTED[name]
        for reader in readers:
            found = reader(text)
            uids.add(found[1])
            assert (found[0], found[3]) == (method, sequence), (name, reader.__name__)
            assert found[2] == (TITLE if method == "REQUEST" else f"Dibatalkan: {TITLE}"), (name, reader.__name__)
        assert part(mail, "calendar").get_param("method") == method
        assert part(mail, "calendar").get_content_charset() == "utf-8"
        lines = text.encode().split(b"\r\n")
        assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    assert len(uids) == 1


def test_the_reader_that_is_strict_refuses_what_is_no_invitation():
    """A REQUEST without attendees is none (RFC 5546, 3.2.2): the check can fail."""
    if libical.library() is None:
        pytest.skip("no libical on this machine")
    bare = writer.vevent(ENTRY, organiser=writer.Party("A", "a@b.test"))
    with pytest.raises(ValueError, match="ATTENDEE"):
        libical.read(writer.calendar([bare], method="REQUEST"))


ENTRY = Entry("uji@selaras", 0, NOW, "Judul", span=Span(*hours(QUIET, 9, 10)), zone="Asia/Makassar")

# Letters


NASTY = (
    "Budi\r\nBcc: semua@setneg.test",
    "Budi\nSubject: lain",
    "Budi\r\n\r\n<script>",
    '"Budi" <lain@contoh.test>, ',
    "=?utf-8?q?Budi=0D=0ABcc:_x?=",
    "=??Q?=0D",
    "Budi\x00\x0b\x85\u2028\u2029",
    "\ud800Budi\udfff",
    "a" * 500,
    "🗓" * 200,
    "",
    " ",
    "\u202eidub",
)
WORDS = st.one_of(
    st.text(), st.sampled_from(NASTY), st.text(st.characters(codec="utf-8", categories=("Cc", "Zl", "Lu")))
)
HEADERS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
    "MIME-Version", "Content-Type", "Content-Language",
]  # fmt: skip


def letter(name, title, entry=b""):
    return Draft(
        "id",
        Party("Selaras Nusantara", "selaras-ikn@setneg.test"),
        Party(name, "budi@setneg.test"),
        title,
        f"Yth. Bapak/Ibu {name},",
        (Paragraph(title, title, "https://selaras.contoh.id/rapat/1"),),
        ("Surel ini dikirim otomatis.",),
        facts=(("Agenda", title), ("Tautan", "https://rapat.contoh.go.id")),
        button=("Buka", "https://selaras.contoh.id/rapat/1"),
        reply_to=Party(name, "sari@setneg.test"),
        entry=entry,
        method="REQUEST" if entry else "",
    )


@given(WORDS, WORDS)
def test_no_name_or_title_writes_headers_recipients_or_markup(name, title):
    raw = message.wire(letter(name, title), "<1@setneg.test>", at=NOW)
    mail = read(raw)
    assert sorted(mail.keys()) == sorted(HEADERS)
    assert [one.addr_spec for one in mail["To"].addresses] == ["budi@setneg.test"]
    assert [one.addr_spec for one in mail["Reply-To"].addresses] == ["sari@setneg.test"]
    assert [one.addr_spec for one in mail["From"].addresses] == ["selaras-ikn@setneg.test"]
    assert [one.get_content_type() for one in mail.iter_parts()] == ["text/plain", "text/html"]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    tags = re.findall(r"<(/?[a-zA-Z!][^\s>]*)", content(mail, "html"))
    assert {tag.strip("/") for tag in tags} <= TAGS


TAGS = {"!doctype", "html", "head", "meta", "title", "body", "div", "p", "br", "a", "table", "tr", "th", "td"}


@given(WORDS, WORDS)
def test_no_name_or_title_writes_into_an_invitation(name, title):
    entry = Entry("uji@selaras", 0, NOW, title, span=Span(*hours(QUIET, 9, 10)), zone="Asia/Makassar")
    event = writer.vevent(
        entry, organiser=writer.Party(name, "a@b.test"), attendees=[writer.Party(name, "c@d.test", rsvp=True)]
    )
    calendar = writer.calendar([event], method="REQUEST")
    mail = read(message.wire(letter(name, title, calendar), "<1@setneg.test>", at=NOW))
    assert part(mail, "calendar").get_payload(decode=True) == calendar
    (found,) = Calendar.from_ical(content(mail, "calendar")).walk("VEVENT")
    assert (found["ORGANIZER"], found["ATTENDEE"]) == ("mailto:a@b.test", "mailto:c@d.test")
    assert content(mail, "calendar").count("\r\nATTENDEE") == 1


@pytest.mark.parametrize("email", [
    "budi@setneg.test\r\nBcc: x@y.test", "budi@setneg.test, x@y.test", "budi@", "@setneg.test", "budi", "",
    "<budi@setneg.test>", "bu di@setneg.test", "būdi@setneg.test", "budi@setneg..test", '"b@x"@setneg.test',
])  # fmt: skip
def test_what_is_no_address_is_not_written_to(email):
    with pytest.raises(message.Unwritable):
        message.address(Party("Budi", email))


def test_a_domain_of_another_script_goes_by_its_ascii_name():
    assert message.address(Party("Budi", "budi@bücher.test")).addr_spec == "budi@xn--bcher-kva.test"
