"""The smallest HTTP/1.1 client that keeps its connection: what many clients at once can afford on two cores."""

from __future__ import annotations

import asyncio
import json
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """``kind`` is the media type without parameters; ``body`` is decoded JSON, or None for an empty body."""

    status: int
    kind: str
    body: Any


class Wire:
    """One connection to a server on this machine; requests go one after the other."""

    def __init__(self, port: int, *, patience: float = 30) -> None:
        self._port, self._patience = port, patience
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def ask(
        self, method: str, path: str, token: str, data: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Raises OSError, asyncio.IncompleteReadError or TimeoutError where the server goes away."""
        if self._writer is None:
            await self.open()
        assert self._reader is not None
        assert self._writer is not None
        body = b"" if data is None else json.dumps(data).encode()
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            f"Authorization: Bearer {token}",
            f"Content-Length: {len(body)}",
            *(["Content-Type: application/json"] if body else []),
            *(f"{name}: {value}" for name, value in (headers or {}).items()),
        ]
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return await asyncio.wait_for(self._read(), self._patience)

    async def _read(self) -> Answer:
        assert self._reader is not None
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        content = await self._reader.readexactly(int(fields.get("content-length", "0")))
        kind = fields.get("content-type", "").partition(";")[0]
        return Answer(int(head[0].split()[1]), kind, json.loads(content) if content else None)
