"""A server process of the tests: the application on a socket that the test opened, with a clock that stands still until the
test lets it run.

``--sloppy`` takes away the locks and, on SQLite, the one writer: what the guards and locks are for shows when they are gone.
"""

from __future__ import annotations

import argparse
import mmap
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import uvicorn

from app import main
from app.db import Database, engines
from app.db.threads import Threads
from app.people import service as people
from app.rooms import bookings, places
from app.serving import WEBSOCKETS
from app.settings import Settings

THREADS = 32


def sloppy(db: Database) -> None:
    """Check, then write, with nothing to keep a rival from getting in between."""
    for module, name in ((places, "space_for"), (people, "employee_for"), (bookings, "one")):
        setattr(module, name, _without_lock(getattr(module, name)))
    bookings.rivals = _slowly(bookings.rivals)
    if db.embedded:
        db._writing = engines._sqlite(db.url, THREADS, begin="SELECT 1")  # no transaction: each statement by itself
        db._writer_threads = Threads(THREADS, "writer")


def _without_lock(function: Any) -> Any:
    def free(*args: Any, lock: bool = False, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return free


def _slowly(function: Any) -> Any:
    """Between the look and the write, rivals get the time to look as well, as a slow disk or network would give it."""
    looked = threading.Barrier(4)

    def slow(*args: Any, **kwargs: Any) -> Any:
        found = function(*args, **kwargs)
        try:
            looked.wait(0.05)
        except threading.BrokenBarrierError:
            looked.reset()
        return found

    return slow


def clock(at: datetime, handle: int) -> Callable[[], datetime]:
    """``at``, to which is added what has gone by since the moment written in the file, once there is one."""
    began = mmap.mmap(handle, 8, access=mmap.ACCESS_READ)

    def now() -> datetime:
        (since,) = struct.unpack("d", began[:8])
        return (at + timedelta(seconds=time.time() - since if since else 0)).replace(microsecond=0)

    return now


def serve() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--at", type=datetime.fromisoformat, required=True)
    parser.add_argument("--clock", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--sloppy", action="store_true")
    options = parser.parse_args()
    for _ in range(options.workers - 1):
        if os.fork() == 0:  # before there is a thread or a connection
            break
    with Database(options.database) as db:
        if options.sloppy:
            sloppy(db)
        settings = Settings(database=options.database, log="warning")
        app = main.create_app(settings, clock=clock(options.at, options.clock), database=db, work=False)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            **WEBSOCKETS,
            lifespan="on",
            backlog=1024,
            timeout_graceful_shutdown=5,
        )
        uvicorn.Server(config).run(sockets=[socket.socket(fileno=options.socket)])


if __name__ == "__main__":
    serve()
