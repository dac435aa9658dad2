"""Refusals as problem+json (RFC 9457), in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import msgspec
from litestar.openapi.datastructures import ResponseSpec

from app.clock import local_date
from app.errors import Refused
from app.texts import Words


class Conflict(msgspec.Struct, frozen=True, omit_defaults=True):
    """One date of several that can't be had: why, in a word and in a sentence, and what would work instead."""

    on: date
    hindrance: str
    sentence: str
    basis: str = ""
    ways_out: list[Any] = []


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """``type`` is the address of the code's explanation; ``ways_out`` are things that would work instead. ``conflicts``
    names each date that is refused where several were asked for."""

    type: str
    code: str
    title: str
    detail: str
    status: int
    facts: dict[str, Any] = {}
    ways_out: list[Any] = []
    conflicts: list[Conflict] = []


MEDIA_TYPE = "application/problem+json"


def problem(refused: Refused, words: Words) -> Problem:
    """The refusal as a program reads it, with title and detail for the person behind the program."""
    return Problem(
        f"/problems/{refused.code}",
        refused.code,
        words.say(refused.title),
        detail(refused, words),
        refused.status,
        {name: fact for name, fact in refused.facts.items() if fact not in ("", None)},
        list(refused.ways_out),
        [_conflict(on, why, words) for on, why in sorted(refused.conflicts.items())],
    )


def _conflict(on: date, why: Refused, words: Words) -> Conflict:
    hindrance, basis = (str(why.facts.get(name) or "") for name in ("hindrance", "basis"))
    return Conflict(on, hindrance, detail(why, words), basis, list(why.ways_out))


def detail(refused: Refused, words: Words) -> str:
    """The refusal's sentence with its facts worded: dates and times with the zone's name."""
    facts = dict(refused.facts)
    if words.language == "en" and facts.get("name_en"):
        facts["name"] = facts["name_en"]
    zone = str(facts.get("zone") or "UTC")
    return words.say(refused.words(), **dict(_worded(facts, zone, words))).strip()


def _worded(facts: dict[str, Any], zone: str, words: Words) -> Iterator[tuple[str, str]]:
    for name, fact in facts.items():
        if isinstance(fact, datetime):
            local = words.time(fact, zone) if name != "opens" else words.clock(fact, zone)
            day = words.short_day(local_date(fact, zone))
            yield name, local if name in ("opens", "closes") else f"{day} {local}"
        elif isinstance(fact, time):
            yield name, words.minute(fact.hour * 60 + fact.minute)
        elif isinstance(fact, date):
            yield name, words.day(fact)
        elif isinstance(fact, float):
            yield name, f"{fact:g}" if words.language == "en" else f"{fact:g}".replace(".", ",")
        else:
            yield name, str(fact)


_MEANINGS = {
    400: "The request can't be read",
    401: "Nobody is signed in",
    403: "The asker may not do this",
    404: "There is no such thing for the asker",
    409: "Refused by a rule or by the present state",
    412: "If-Match names an older version",
    422: "The Idempotency-Key was used for another request",
    429: "Too many tries",
}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """What a handler may refuse, for the OpenAPI document; 400 and 401 come by themselves."""
    return {
        status: ResponseSpec(Problem, media_type=MEDIA_TYPE, description=_MEANINGS[status], generate_examples=False)
        for status in sorted({400, 401, *statuses})
    }
