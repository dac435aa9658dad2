"""Which program fetches a feed, told by the name it gives itself: a family, never the whole name with its versions."""

from __future__ import annotations

from app.texts import N_

_FAMILIES = (
    ("google", "google"),
    ("outlook", "outlook"),
    ("microsoft", "outlook"),
    ("exchange", "outlook"),
    ("dataaccessd", "apple"),
    ("calendaragent", "apple"),
    ("ical/", "apple"),
    ("macos", "apple"),
    ("mac os x", "apple"),
    ("icsx5", "icsx5"),
    ("davx5", "icsx5"),
    ("nextcloud", "nextcloud"),
    ("thunderbird", "thunderbird"),
    ("evolution", "evolution"),
    ("homeassistant", "home-assistant"),
    ("home-assistant", "home-assistant"),
    ("vdirsyncer", "vdirsyncer"),
    ("khal", "khal"),
    ("curl", "curl"),
    ("mozilla", "browser"),
)
"""Parts of names, in small letters, with the family each gives away; the first that fits."""
NAMES = {
    "google": "Google Calendar",
    "outlook": "Outlook",
    "apple": "Apple Calendar",
    "icsx5": "ICSx⁵",
    "nextcloud": "Nextcloud",
    "thunderbird": "Thunderbird",
    "evolution": "Evolution",
    "home-assistant": "Home Assistant",
    "vdirsyncer": "vdirsyncer",
    "khal": "khal",
    "curl": "curl",
    "browser": N_("peramban"),
    "other": N_("aplikasi lain"),
}
PLAIN = frozenset({"outlook"})
"""Families that get no gzip: one of Outlook's readers took a feed only without it (markuspoerschke/iCal#541)."""


def family_of(agent: str) -> str:
    small = agent.lower()
    return next((family for part, family in _FAMILIES if part in small), "other")
