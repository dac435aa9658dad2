"""Invitations as libical reads them, the strictest reader there is (Evolution, GNOME, KDE), where the machine has it."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any, NamedTuple

from tests.support.readers import libical_file

PUBLISH, REQUEST, CANCEL = 10501, 10502, 10505
"""libical's own numbers of the methods (``enum icalproperty_method``)."""
METHODS = {PUBLISH: "PUBLISH", REQUEST: "REQUEST", CANCEL: "CANCEL"}


class Read(NamedTuple):
    method: str
    uid: str
    summary: str
    sequence: int


@lru_cache(maxsize=1)
def library() -> Any:
    """None where it isn't installed (Debian: libical3)."""
    name = libical_file()
    if name is None:
        return None
    found = ctypes.CDLL(name)
    pointers = ("icalparser_parse_string", "icalcomponent_get_first_real_component")
    texts = ("icalcomponent_get_uid", "icalcomponent_get_summary", "icalcomponent_as_ical_string")
    for each in pointers:
        getattr(found, each).restype = ctypes.c_void_p
    for each in texts:
        getattr(found, each).restype = ctypes.c_char_p
    return found


def read(calendar: bytes) -> Read:
    """An invitation as libical reads it, checked against the restrictions of its method (RFC 5546, 3). Raises ValueError with
    what it has against it."""
    ical = library()
    root = ctypes.c_void_p(ical.icalparser_parse_string(calendar))
    if not root.value:
        raise ValueError("unreadable")
    try:
        fits = ical.icalrestriction_check(root)
        if not fits or ical.icalcomponent_count_errors(root):
            raise ValueError(ical.icalcomponent_as_ical_string(root).decode())
        event = ctypes.c_void_p(ical.icalcomponent_get_first_real_component(root))
        return Read(
            METHODS.get(ical.icalcomponent_get_method(root), "?"),
            ical.icalcomponent_get_uid(event).decode(),
            ical.icalcomponent_get_summary(event).decode(),
            ical.icalcomponent_get_sequence(event),
        )
    finally:
        ical.icalcomponent_free(root)
