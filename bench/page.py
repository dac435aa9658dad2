"""The floor page ``GET /denah`` of a signed-in browser, in the demo's busiest house.

Measured: CPU in this process to render the page from its view and to compress it by brotli; bar: 5 ms for both. Printed
beside: the server's CPU for the whole answer, with the database's part, and the page's bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median
from types import SimpleNamespace
from typing import Any

import brotli

from app import clock
from app.db import Database
from app.people import access
from app.people.access import Credential
from app.people.secrets import digest
from app.people.visit import Visit, session_cookie
from app.rooms import floor_view
from app.rooms.floor_choice import read_query
from app.settings import Settings
from app.texts import words
from app.web.page import page
from bench import support
from bench.load import load, request
from bench.results import Result, main

BAR_MS = 5
ROUNDS, EACH = 7, 40


def run() -> Iterator[Result]:
    with support.databases() as databases:
        for engine in support.ENGINES:
            address = databases.make(engine, "page")
            support.demo(address)
            cookie = support.signed_in(address, max(support.with_tokens(address)))
            with support.served(address) as server:
                whole = median(_whole_ms(server, cookie) for _ in range(ROUNDS))
            html, render = _rendering(address, cookie.strip().partition("=")[2])
            packed = brotli.compress(html, quality=5)
            rendering = median(_ms(render) for _ in range(ROUNDS))
            packing = median(_ms(lambda html=html: brotli.compress(html, quality=5)) for _ in range(ROUNDS))
            print(
                f"floor page, {engine}: rendered in {rendering:.1f} ms, brotli {packing:.1f} ms, the whole answer {whole:.1f} "
                f"ms; "
                f"bytes {len(html):,} -> {len(packed):,}",
                flush=True,
            )
            yield Result(f"floor page rendered and packed, {engine}", rendering + packing, "ms", BAR_MS)


def _rendering(address: str, session_id: str) -> tuple[bytes, Callable[[], Any]]:
    """The page's bytes, and what renders it once more from the same view."""
    now, credential = clock.now(), Credential("session", digest(session_id))
    with Database(address) as db:
        actor = db.read_here(access.actor_for, credential, now=now)
        view = db.read_here(floor_view.floor_page, actor, read_query({}), words("id"), now=now)
        visit = Visit(db, credential, now=now)
    visit.actor = actor
    settings = Settings(database=address)
    request: Any = SimpleNamespace(
        method="GET",
        url=SimpleNamespace(path="/denah", query=""),
        cookies={session_cookie(settings): session_id},
        app=SimpleNamespace(state=SimpleNamespace(settings=settings)),
    )

    def render() -> Any:
        return page(request, visit, "rooms/floor.html", key="floor", view=view)

    return str(render().content).encode(), render


def _ms(work: Callable[[], Any]) -> float:
    began = time.process_time()
    for _ in range(EACH):
        work()
    return (time.process_time() - began) / EACH * 1000


def _whole_ms(server: support.Server, cookie: str) -> float:
    get = request("GET", "/denah", headers=cookie + "Accept: text/html\r\nAccept-Encoding: br\r\n")

    def work() -> None:
        statuses = load(server.port, [get] * EACH, connections=4).statuses
        assert statuses == {200: EACH}, statuses

    return support.cpu_us(server, work, EACH) / 1000


if __name__ == "__main__":
    main(run)
