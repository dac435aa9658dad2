"""Serving: one process on SQLite, as many as wanted on PostgreSQL."""

from __future__ import annotations

import fcntl
import gc
import logging
import os
import resource
import sys
from pathlib import Path
from threading import Timer
from typing import IO, Any

import uvicorn
from litestar import Litestar

from app import settings as setting
from app.clock import now
from app.db import Database
from app.main import create_app
from app.people import accounts
from app.settings import Settings
from app.upgrade import upgrade

FRESH_AFTER_S = 2.0
"""When a demo of another day gets its new days: the first page goes before."""


def websocket(*args: Any, **more: Any) -> Any:
    """The protocol of a connection that becomes a websocket; loaded with the first of them, not with the start."""
    from app.presence.transport import FramedProtocol  # noqa: PLC0415 - a twentieth of a second that no start need take

    return FramedProtocol(*args, **more)


WEBSOCKETS: dict[str, Any] = {
    "ws": websocket,
    "ws_max_size": 16_384,
    "ws_per_message_deflate": False,  # three times the memory of a socket, and half as much CPU again a message
    "ws_ping_interval": 25.0,
    "ws_ping_timeout": 20.0,
}
"""How uvicorn serves websockets."""
FILES = 24_576
"""Open files a process asks for: each socket is one."""
ONE_WRITER = (
    "SQLite is served by one process: its file has one writer, and a second process would make people wait for seconds. "
    "Use one worker, or PostgreSQL (SELARAS_DATABASE=postgresql://...)."
)


def application() -> Litestar:
    """What each worker process runs."""
    settings = setting.read(os.environ)
    set_up_logs(settings)
    app = create_app(settings)
    gc.freeze()  # what is there now stays: no later collection need look at it
    gc.enable()
    return app


def set_up_logs(settings: Settings) -> None:
    """One plain line an event, on standard error. Facts that no line shows are not gathered for it."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level="WARNING", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("selaras").setLevel(settings.log.upper())


def serve(settings: Settings, *, host: str, port: int, workers: int, demo: bool) -> int:
    """Migrate, fill with demo data if asked, and serve until told to stop. Returns the exit status."""
    if settings.embedded and workers > 1:
        print(f"selaras: {workers} workers are refused. {ONE_WRITER}", file=sys.stderr)
        return 2
    lock = _alone(settings)
    if settings.embedded and lock is None:
        print(f"selaras: another process serves this file already. {ONE_WRITER}", file=sys.stderr)
        return 2
    with Database(settings.database) as db:
        upgrade(db)
        empty = demo and not db.read_here(accounts.any_people)
    if demo:
        _demo(settings, empty=empty)
        print(f"\n  Selaras: http://{host}:{port}\n\n  Demo sign-ins, password {accounts.DEMO_PASSWORD}:")
        for email, role in accounts.DEMO_ACCOUNTS.items():
            print(f"    {email:28} {role}")
        print(flush=True)
    _many_files()
    uvicorn.run(
        "app.serving:application",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.proxies,
        server_header=False,
        backlog=4096,
        **WEBSOCKETS,
        timeout_graceful_shutdown=10,
    )
    return 0


def _many_files() -> None:
    """As many as the machine lets us have, up to what live presence can use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _demo(settings: Settings, *, empty: bool) -> None:
    """An empty database is filled first. A demo of another day gets its new days beside the service: nobody waits."""
    if not empty:
        later = Timer(FRESH_AFTER_S, _freshen, (settings,))
        later.daemon = True
        later.start()
        return
    from app.demo import world  # noqa: PLC0415 - only a demo loads the demo

    print("Writing demo data …", flush=True)
    with Database(settings.database) as db:
        world.fill(db, settings, now=now())


def _freshen(settings: Settings) -> None:
    from app.demo import world  # noqa: PLC0415 - loaded beside the service, not before it

    with Database(settings.database) as db:
        world.freshen(db, now=now())


def _alone(settings: Settings) -> IO[bytes] | None:
    """A lock that is held as long as the process lives, or None if another process holds it."""
    if not settings.embedded:
        return None
    path = Path(settings.database.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    file = open(f"{path}.lock", "wb")  # noqa: SIM115 - closed by the end of the process, as the lock must be
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    os.set_inheritable(file.fileno(), True)
    return file
