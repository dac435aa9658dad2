"""What is written, whatever it is made of: lines, folds, text, and equal bytes in every process."""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from app.calendars import cleaning, fetching, writer
from app.calendars.booking_entry import Holder, of_place, own
from app.calendars.cleaning import clean, clipped, one_line
from app.calendars.entries import Entry, as_busy, day, text
from app.calendars.meeting_entry import MeetingFacts, meeting
from app.rooms.calendar_reading import HeldPlace
from app.spans import Span
from app.texts import words
from tests.support import calendar_sample as sample
from tests.support.readers import by_icalendar, by_libical, expected, missing

ANY_TEXT = st.text(st.characters(), max_size=200) | st.sampled_from(
    [
        "",
        "\r\nATTENDEE:mailto:a@b.id",
        "a\nBEGIN:VEVENT\n",
        "\ud800",
        "🌳" * 80,
        "\x00\x07\x0b",
        "a\u2028b",
        ",;\\:\"'",
        "é" * 75,
    ]
)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
SPANS = st.builds(lambda at, minutes: Span(at, at + timedelta(minutes=minutes)), INSTANTS, st.integers(1, 3000))
ZONES = st.sampled_from(["Asia/Makassar", "Asia/Jakarta", "Asia/Jayapura", "Asia/Pontianak", "Europe/Berlin"])
ENTRIES = st.builds(
    lambda name, sequence, changed_at, summary, when, zone, description, location, status, busy, categories, alarm: (
        Entry(
            sample.NAMES.uid("x", name),
            sequence,
            changed_at,
            one_line(summary),
            **when,
            zone=zone,
            description=text(description),
            location=one_line(location),
            status=status,
            busy=busy,
            categories=tuple(filter(None, map(one_line, categories))),
            alarm_minutes=alarm,
        )
    ),
    st.integers(1, 10**9),
    st.integers(0, 10**6),
    INSTANTS,
    ANY_TEXT,
    SPANS.map(lambda span: {"span": span})
    | st.dates(date(2026, 1, 1), date(2028, 1, 1)).map(lambda on: {"days": day(on)}),
    ZONES,
    ANY_TEXT,
    ANY_TEXT,
    st.sampled_from(["CONFIRMED", "TENTATIVE", "CANCELLED"]),
    st.sampled_from(["FREE", "BUSY", "OOF", "TENTATIVE"]),
    st.lists(ANY_TEXT, max_size=2),
    st.none() | st.integers(0, 60),
)


def whole(*entries, name="Selaras"):
    return writer.calendar([writer.vevent(one) for one in entries], name=name, zones={one.zone for one in entries})


@given(st.lists(ENTRIES, max_size=4), ANY_TEXT)
@settings(max_examples=80)
def test_no_text_breaks_a_line_a_fold_or_the_calendar(entries, name):
    content = whole(*entries, name=name)
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # no fold within a character
        assert not any(byte < 32 for byte in line)
    assert b"\n" not in content.replace(b"\r\n", b"")
    unfolded = content.decode().replace("\r\n ", "").split("\r\n")
    names = {line.partition(":")[0].partition(";")[0] for line in unfolded if line}
    assert names <= KNOWN, names - KNOWN
    assert unfolded.count("BEGIN:VEVENT") == len(entries)


KNOWN = {
    *("BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "NAME", "X-WR-CALNAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"),
    *("TZID", "DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME", "SUMMARY", "DTEND", "DTSTAMP", "UID", "SEQUENCE"),
    *("CATEGORIES", "DESCRIPTION", "LAST-MODIFIED", "LOCATION", "STATUS", "TRANSP", "TRIGGER", "ACTION"),
    "X-MICROSOFT-CDO-BUSYSTATUS",
}


@given(st.lists(ENTRIES, max_size=4))
@settings(max_examples=60)
def test_a_calendar_read_back_is_its_entries(entries):
    content = whole(*entries)
    assert by_icalendar(content) == expected(entries)
    for entry, read in zip(entries, Calendar.from_ical(content).walk("VEVENT"), strict=True):
        assert str(read["uid"]) == entry.uid
        assert read["sequence"] == entry.sequence
        assert read["dtstamp"].dt == read["last-modified"].dt == entry.changed_at
        assert str(read.get("summary", "")) == entry.summary
        assert str(read.get("description", "")) == entry.description
        assert str(read.get("location", "")) == entry.location
        assert (read["status"], read["x-microsoft-cdo-busystatus"]) == (entry.status, entry.busy)
        assert [str(one) for one in read["categories"].cats] == list(entry.categories) if entry.categories else True
        if entry.span:
            assert read["dtstart"].dt == entry.span.starts_at
            zone = read["dtstart"].params.get("TZID", "UTC")
            assert zone == (entry.zone if entry.zone != "Europe/Berlin" else "UTC")


@given(st.lists(ENTRIES, min_size=1, max_size=3))
@settings(max_examples=40)
def test_the_strictest_reader_has_nothing_to_say(entries):
    if missing("libical"):
        pytest.skip(missing("libical"))
    assert by_libical(whole(*entries)) == expected(entries)


@given(ANY_TEXT)
def test_cleaned_text_is_plain_and_stays_as_it_is(said):
    for cleaned in (clean(said), one_line(said)):
        cleaned.encode()
        assert not any(ord(c) < 32 and c != "\n" for c in cleaned)
        assert clean(cleaned) == cleaned
    assert "\n" not in one_line(said)
    assert len(clipped(clean(said) * 40).encode()) <= cleaning.MOST_OCTETS


def test_long_text_is_cut_after_a_word():
    assert clipped("satu dua tiga", 12) == "satu dua…"
    assert clipped("satu", 4) == "satu"
    assert clipped("🌳" * 10, 12) == "🌳🌳…"


WORDS = st.text(st.characters(categories=["Ll", "Lu", "So"]), min_size=6, max_size=30).map(lambda word: f"q{word}z")


@given(st.lists(WORDS, min_size=9, max_size=9, unique=True), SPANS, st.sampled_from(["desk", "room"]))
@settings(max_examples=60)
def test_no_text_of_a_booking_or_a_meeting_is_in_a_busy_feed(texts, span, kind):
    title, purpose, link, letter, space, name, unit, floor, organiser = texts
    held = HeldPlace(
        *(7, 9, kind, space, floor, "Menara", "Nusantara", "Asia/Makassar", 3, 4, span.starts_at, span.ends_at),
        *("booked", True, purpose, "", None, None, None, None, None, 2, sample.CHANGED),
    )
    facts = MeetingFacts(
        *(5, title, purpose, letter, f"https://{link}", organiser, span, "Asia/Jakarta", (), floor, (space,), (name,)),
        *(False, 3, sample.CHANGED),
    )
    said = words("id")
    full = [
        own(held, sample.NAMES, said),
        of_place(held, Holder(unit, name, purpose), sample.NAMES, said, level="full"),
        meeting(facts, sample.NAMES, said),
    ]
    hidden = [entry for one in full if (entry := as_busy(one, sample.NAMES, "me:3", said.say("Sibuk")))]
    assert len(hidden) >= 2
    content = whole(*hidden).decode().replace("\r\n ", "")
    assert not any(word in content for word in texts)
    assert not any(one.uid in content for one in full)
    assert "Nusantara" not in content
    assert "URL" not in content


def test_busy_feeds_cannot_be_joined():
    (entry,) = [one for one in sample.entries() if one.summary == "Lembur"]
    one, two = (as_busy(entry, sample.NAMES, feed, "Sibuk").uid for feed in ("me:1", "room:1"))
    assert one != two
    assert as_busy(entry, sample.NAMES, "me:1", "Sibuk").uid == one


PROCESS = """
import hashlib
from tests.support import calendar_sample as sample
from app.calendars import fetching
print(hashlib.sha256(sample.calendar()).hexdigest(), *(fetching.digest_of(one).hex() for one in sample.entries()))
"""


@pytest.mark.parametrize(("seed", "zone"), [("0", "UTC"), ("1", "America/St_Johns"), ("4242", "Asia/Jakarta")])
def test_bytes_are_equal_in_every_process(seed, zone):
    environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": "."}
    done = subprocess.run([sys.executable, "-c", PROCESS], env=environment, capture_output=True, text=True, check=True)
    body, *digests = done.stdout.split()
    assert body == hashlib.sha256(sample.calendar()).hexdigest()
    assert digests == [fetching.digest_of(one).hex() for one in sample.entries()]


def test_what_is_written_is_known_byte_by_byte():
    """Whoever changes a byte of what is written raises ``writer.VERSION``, lest old and new are mixed in one feed."""
    digest = hashlib.sha256(sample.calendar()).hexdigest()[:16]
    assert (writer.VERSION, digest) == (1, "f4d809945fe74978")


def test_the_sample_holds_what_it_says():
    assert len(sample.LONG.encode()) > 10_000
    assert by_icalendar(sample.calendar()) == expected(sample.entries())
