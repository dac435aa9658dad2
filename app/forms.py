"""Forms as pages send them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from litestar.enums import RequestEncodingType
from litestar.params import Body

from app.errors import Invalid
from app.ids import number


def number_of(data: Mapping[str, str], name: str) -> int:
    """An id or a version that a form sends. Raises Invalid for what is none."""
    if not (found := number(data.get(name))):
        raise Invalid(problem=name)
    return found


Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
