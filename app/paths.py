"""Ids as they stand in an address."""

from __future__ import annotations

from typing import Annotated

from litestar.params import PathParameter

from app.ids import LARGEST

PathId = Annotated[int, PathParameter(ge=1, le=LARGEST)]
"""A row's id; anything else is refused with 400 before a database sees it."""
