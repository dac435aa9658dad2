"""Applications that do as little as can be: the limits that ours are held against."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from litestar import Litestar, get
from litestar.types import Receive, Scope, Send

from app.rooms.bookings import BookingOut


@get("/", sync_to_thread=False)
def _hello() -> dict[str, str]:
    return {"hello": "world"}


hello = Litestar([_hello], openapi_config=None, logging_config=None)

_AT = datetime(2026, 11, 24, tzinfo=UTC)
_ROWS = [
    BookingOut(
        id,
        id,
        f"Meja A-{id:03}",
        "desk",
        1,
        1,
        _AT,
        _AT + timedelta(hours=8),
        "Asia/Makassar",
        "completed",
        "",
        None,
        _AT,
        _AT,
        2,
    )
    for id in range(1, 201)
]


async def rows(scope: Scope, _: Receive, send: Send) -> None:
    """Two hundred bookings, encoded anew for each answer."""
    if scope["type"] != "http":
        return
    body = msgspec.json.encode({"items": _ROWS, "next": None})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})  # type: ignore[typeddict-item]
    await send({"type": "http.response.body", "body": body, "more_body": False})  # type: ignore[typeddict-item]
