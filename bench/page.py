"""The floor page ``GET /denah`` of a signed-in browser, in the demo's busiest house.

Measured: CPU of the server's process for each page, without compression; bar: 5 ms. Also printed: the same with brotli, and
the page's bytes in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from bench import support
from bench.load import load, request
from bench.results import Result, main

BAR_MS = 5
ROUNDS, EACH = 5, 100


def run() -> Iterator[Result]:
    with support.databases() as databases:
        for engine in support.ENGINES:
            address = databases.make(engine, "page")
            support.demo(address)
            cookie = support.signed_in(address, max(support.with_tokens(address)))
            packed = cookie + "Accept-Encoding: br\r\n"
            with support.served(address) as server:
                rounds = [[_cpu_ms(server, headers) for headers in (cookie, packed)] for _ in range(ROUNDS + 1)]
                sizes = [len(_page(server, encoding, cookie)) for encoding in ("identity", "br")]
            plain, small = (median(values) for values in zip(*rounds[1:], strict=True))
            print(
                f"floor page, {engine}: {plain:.1f} ms, with brotli {small:.1f} ms; bytes {sizes[0]:,} -> {sizes[1]:,}"
            )
            yield Result(f"floor page, {engine}", plain, "ms", BAR_MS)


def _cpu_ms(server: support.Server, headers: str) -> float:
    get = request("GET", "/denah", headers=headers + "Accept: text/html\r\n")

    def work() -> None:
        statuses = load(server.port, [get] * EACH, connections=4).statuses
        assert statuses == {200: EACH}, statuses

    return support.cpu_us(server, work, EACH) / 1000


def _page(server: support.Server, encoding: str, cookie: str) -> bytes:
    name, _, value = cookie.strip().partition(": ")
    return support.answer_of(server.port, "/denah", {name: value, "Accept-Encoding": encoding, "Accept": "text/html"})


if __name__ == "__main__":
    main(run)
