"""A server process of the tests of live presence: the whole application with the small source, a clock that runs, and times
as short as a test wants them."""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec
import uvicorn
import uvloop

from app import main
from app.presence import engine, live
from app.presence.channels import Channel
from app.presence.times import Times
from app.serving import WEBSOCKETS
from app.settings import Settings
from tests.support.live_source import SmallSource


def serve() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--bus", default="")
    parser.add_argument("--times", default="{}")
    parser.add_argument("--at", type=datetime.fromisoformat, required=True)
    parser.add_argument("--began", type=float, required=True)
    parser.add_argument("--large", type=float, default=0.0, help="how often a second the large row changes")
    parser.add_argument("--sockets", type=int, default=live.SOCKETS, help="how many the process takes")
    parser.add_argument("--ping", type=float, default=25.0)
    parser.add_argument("--plain", action="store_true", help="uvicorn's own protocol")
    options = parser.parse_args()
    engine.TIMES = msgspec.convert(json.loads(options.times), Times)
    live.SOCKETS = options.sockets
    main.office_source = SmallSource  # type: ignore[assignment]

    def clock() -> datetime:
        at: datetime = options.at
        return (at + timedelta(seconds=time.time() - options.began)).replace(microsecond=0)

    settings = Settings(database=options.database, bus=options.bus, log="warning")
    app = main.create_app(settings, clock=clock, work=False)
    websockets: dict[str, Any] = dict(WEBSOCKETS) | {"ws_ping_interval": options.ping}
    websockets |= {"ws": "websockets-sansio"} if options.plain else {}
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=5, **websockets)
    server = uvicorn.Server(config)

    async def run() -> None:
        growing = asyncio.create_task(_grow(app, options.large)) if options.large else None
        await server.serve(sockets=[socket.socket(fileno=options.socket)])
        if growing is not None:
            growing.cancel()

    with suppress(KeyboardInterrupt):
        uvloop.run(run())


async def _grow(app: Any, often: float) -> None:
    while True:
        await asyncio.sleep(1 / often)
        if (live := app.state.get("presence")) is not None:
            live.follow.want({Channel("large:1", "all"): {1}})


if __name__ == "__main__":
    serve()
