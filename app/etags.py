"""Versions in headers: an ETag is a version in quotes."""

from __future__ import annotations

from typing import Annotated, Protocol, TypeVar

from litestar.params import HeaderParameter

from app.answers import Answer
from app.errors import Invalid
from app.ids import number

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", description='The version known, such as `"3"`')]


class Versioned(Protocol):
    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=Versioned)


def tagged(found: V, location: str | None = None) -> Answer[V]:
    """The answer with its version as the ETag; ``location`` is the address of what was just made."""
    headers = {"ETag": f'"{found.version}"'}
    if location:
        headers["Location"] = location
    return Answer(found, headers=headers)


def version_of(if_match: str | None) -> int | None:
    """The version of an If-Match header; ``*`` matches any (RFC 9110, 13.1.1). Raises Invalid for what is none of ours."""
    if if_match is None or if_match.strip() == "*":
        return None
    plain = if_match.strip().removeprefix("W/").strip('"')
    if (version := number(plain)) is None:
        raise Invalid(problem="If-Match")
    return version
