"""Independent readers of iCalendar, each of which says what it saw: one line an event, its start and end.

Instants are in UTC, ``2026-11-24T01:00/2026-11-24T02:00``; whole days are dates, ``2026-11-24/2026-11-25``. A reader that
complains about anything raises AssertionError.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import logging
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import ics
import vobject
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from app.calendars.entries import Entry

FOLDER = Path(__file__).parents[1] / "calendars"
FRONTEND = Path(__file__).parents[2] / "frontend"
Seen = list[str]


def expected(entries: Iterable[Entry]) -> Seen:
    """What a reader should see of these."""
    return sorted(
        _line(entry.span.starts_at, entry.span.ends_at) if entry.span else _line(*(entry.days or ()))
        for entry in entries
    )


def _line(starts: Any, ends: Any) -> str:
    return f"{_word(starts)}/{_word(ends)}"


def _word(value: Any) -> str:
    if isinstance(value, datetime):
        assert value.tzinfo is not None, "a time without a zone"
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M}"
    assert isinstance(value, date)
    return value.isoformat()


def by_icalendar(content: bytes) -> Seen:
    """Strictly: without one property that could not be read, every zone declared, and equal when written again."""
    calendar = Calendar.from_ical(content)
    for component in calendar.walk():
        assert not component.errors, component.errors
    assert not calendar.get_missing_tzids()
    assert Calendar.from_ical(calendar.to_ical()) == calendar
    return sorted(_line(one["dtstart"].dt, one["dtend"].dt) for one in calendar.walk("VEVENT"))


def by_ical(content: bytes) -> Seen:
    """The library of Home Assistant, in which one odd property loses the whole calendar."""
    calendar = IcsCalendarStream.calendar_from_ics(content.decode())
    return sorted(_line(event.dtstart, event.dtend) for event in calendar.events)


def by_ics(content: bytes) -> Seen:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about its own parser
        calendar = ics.Calendar(content.decode())
    found = []
    for event in calendar.events:
        starts, ends = event.begin, event.end
        pair = (starts.date(), ends.date()) if event.all_day else (starts.datetime, ends.datetime)
        found.append(_line(*pair))
    return sorted(found)


def by_vobject(content: bytes) -> Seen:
    calendar = vobject.readOne(content.decode())
    assert calendar.validate(raiseException=True)
    return sorted(_line(event.dtstart.value, event.dtend.value) for event in calendar.contents.get("vevent", []))


def by_icaljs(content: bytes) -> Seen:
    """The parser of Thunderbird, run by node."""
    return _lines(
        subprocess.run(["node", FOLDER / "read_icaljs.cjs", FRONTEND], input=content, capture_output=True, check=False)
    )


def by_sabre(content: bytes) -> Seen:
    """The parser and validator of Nextcloud."""
    return _lines(subprocess.run(["php", FOLDER / "read_sabre.php"], input=content, capture_output=True, check=False))


def _lines(done: subprocess.CompletedProcess[bytes]) -> Seen:
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr, done.stderr
    return sorted(json.loads(done.stdout))


class _Time(ctypes.Structure):
    _fields_ = (
        *(
            (name, ctypes.c_int)
            for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_daylight")
        ),
        ("zone", ctypes.c_void_p),
    )


def by_libical(content: bytes) -> Seen:
    """The library of Evolution, GNOME and KDE, with its check of every restriction of RFC 5545."""
    lib = _libical()
    lib.icalerror_clear_errno()
    whole = lib.icalparser_parse_string(content)
    assert whole, "not parsed"
    try:
        assert lib.icalrestriction_check(whole), _complaints(lib, whole)
        assert not lib.icalcomponent_count_errors(whole), _complaints(lib, whole)
        found, vevent = [], 4
        event = lib.icalcomponent_get_first_component(whole, vevent)
        while event:
            starts, ends = lib.icalcomponent_get_dtstart(event), lib.icalcomponent_get_dtend(event)
            found.append(_line(_value(lib, starts), _value(lib, ends)))
            event = lib.icalcomponent_get_next_component(whole, vevent)
        return sorted(found)
    finally:
        lib.icalcomponent_free(whole)


def _value(lib: Any, told: _Time) -> Any:
    if told.is_date:
        return date(told.year, told.month, told.day)
    assert told.zone, "a zone that isn't declared"
    return datetime.fromtimestamp(lib.icaltime_as_timet_with_zone(told, told.zone), UTC)


def _complaints(lib: Any, whole: Any) -> str:
    return str(lib.icalcomponent_as_ical_string(whole).decode(errors="replace"))[-3000:]


def _libical() -> Any:
    lib = ctypes.CDLL(str(libical_file()))
    pointer = ctypes.c_void_p
    for name, answer, given in (
        ("icalparser_parse_string", pointer, [ctypes.c_char_p]),
        ("icalrestriction_check", ctypes.c_int, [pointer]),
        ("icalcomponent_count_errors", ctypes.c_int, [pointer]),
        ("icalcomponent_get_first_component", pointer, [pointer, ctypes.c_int]),
        ("icalcomponent_get_next_component", pointer, [pointer, ctypes.c_int]),
        ("icalcomponent_get_dtstart", _Time, [pointer]),
        ("icalcomponent_get_dtend", _Time, [pointer]),
        ("icaltime_as_timet_with_zone", ctypes.c_long, [_Time, pointer]),
        ("icalcomponent_as_ical_string", ctypes.c_char_p, [pointer]),
        ("icalcomponent_free", None, [pointer]),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = answer, given
    return lib


def libical_file() -> str | None:
    return ctypes.util.find_library("ical")


def by_khal(home: Path) -> Seen:
    """A line for each entry that khal shows of what ``synced`` fetched: its own name for it, start and end."""
    folder = home / "khal"
    folder.mkdir()
    (folder / "config").write_text(
        f"[calendars]\n[[feed]]\npath = {home / 'feed' / 'feed'}\nreadonly = True\n"
        f"[sqlite]\npath = {folder / 'khal.db'}\n"
        "[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\n"
        "longdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%dT%H:%M\nlongdatetimeformat = %Y-%m-%dT%H:%M\n"
    )
    command = [
        _tool("khal"),
        "-c",
        folder / "config",
        "list",
        "--format",
        "{uid} {start-long-full}/{end-long-full}",
    ]
    done = subprocess.run(
        [*command, "2026-09-01", "2028-02-01"], capture_output=True, check=False, text=True, env=_env(home)
    )
    assert done.returncode == 0, done.stderr
    assert "rror" not in done.stderr, done.stderr
    return [line for line in done.stdout.splitlines() if "/" in line]


def synced(address: str, home: Path) -> str:
    """Fetch a feed with vdirsyncer into ``home``; what its second run says, which has nothing to do."""
    config = home / "vdirsyncer.ini"
    config.write_text(
        f'[general]\nstatus_path = "{home / "status"}"\n'
        '[pair feed]\na = "there"\nb = "here"\ncollections = null\nconflict_resolution = "a wins"\n'
        + f'[storage there]\ntype = "http"\nurl = "{address}"\n'
        + f'[storage here]\ntype = "filesystem"\npath = "{home / "feed" / "feed"}"\nfileext = ".ics"\n'
    )
    (home / "feed" / "feed").mkdir(parents=True)
    said = ""
    for step in (["discover"], ["sync"], ["sync"]):
        command = [_tool("vdirsyncer"), "-c", config, *step]
        done = subprocess.run(command, capture_output=True, check=False, text=True, input="y\n" * 5, env=_env(home))
        assert done.returncode == 0, done.stdout + done.stderr
        said = done.stdout + done.stderr
    return said


def _env(home: Path) -> dict[str, str]:
    return os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home), "XDG_CONFIG_HOME": str(home), "TZ": "UTC"}


def _tool(name: str) -> str:
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    assert found, name
    return found


READERS: dict[str, Callable[[bytes], Seen]] = {
    "icalendar": by_icalendar,
    "ical": by_ical,
    "ics": by_ics,
    "vobject": by_vobject,
    "ical.js": by_icaljs,
    "libical": by_libical,
    "sabre": by_sabre,
}
logging.getLogger("ical").setLevel(logging.WARNING)


def missing(reader: str) -> str:
    """What a reader needs that this machine doesn't have, or ""."""
    if reader == "ical.js" and not (shutil.which("node") and (FRONTEND / "node_modules" / "ical.js").exists()):
        return "no node with ical.js: npm ci in frontend/"
    if reader == "libical" and libical_file() is None:
        return "no libical: apt-get install libical3"
    if reader == "sabre" and not (shutil.which("php") and Path("/usr/share/php/Sabre/VObject").exists()):
        return "no sabre/vobject: apt-get install php-cli php-xml php-mbstring php-sabre-vobject"
    return ""
