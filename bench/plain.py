"""Applications that do as little as can be: the limits that ours are held against."""

from __future__ import annotations

from litestar import Litestar, get


@get("/", sync_to_thread=False)
def _hello() -> dict[str, str]:
    return {"hello": "world"}


hello = Litestar([_hello], openapi_config=None, logging_config=None)
