"""Real servers for tests: child processes on a socket of this machine, started and ended by their handles."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.support.world import NOW

ROOT = Path(__file__).parents[2]
PATIENCE = 30


class Server:
    """One listening socket, served by one process or several."""

    def __init__(self, address: str, *, workers: int = 1, at: datetime = NOW, sloppy: bool = False) -> None:
        self._address, self._workers, self._at, self._sloppy = address, workers, at, sloppy
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(1024)
        self.port: int = self._socket.getsockname()[1]
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Raises RuntimeError if a process ends, or doesn't answer within half a minute."""
        handle = self._socket.fileno()
        command = [sys.executable, "-m", "tests.support.launcher", "--database", self._address]
        command += ["--socket", str(handle), "--at", self._at.isoformat(), *(["--sloppy"] if self._sloppy else [])]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SELARAS_")}
        self.processes = [
            subprocess.Popen(command, pass_fds=[handle], cwd=ROOT, env=environment) for _ in range(self._workers)
        ]
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in self.processes):
                raise RuntimeError("a server process ended at once")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=PATIENCE):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the server doesn't answer")

    def kill(self) -> None:
        """As when the power fails: no process gets to say goodbye."""
        for process in self.processes:
            process.send_signal(signal.SIGKILL)
        for process in self.processes:
            process.wait(PATIENCE)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def close(self) -> None:
        self.stop()
        self._socket.close()


@contextmanager
def serving(address: str, *, workers: int = 1, sloppy: bool = False) -> Iterator[Server]:
    server = Server(address, workers=workers, sloppy=sloppy)
    try:
        server.start()
        yield server
    finally:
        server.close()
