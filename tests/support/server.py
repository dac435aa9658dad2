"""Real servers for tests: child processes on a socket of this machine, started and ended by their handles."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.support.world import NOW

ROOT = Path(__file__).parents[2]
PATIENCE = 120


class Server:
    """One listening socket, served by one process or several."""

    def __init__(self, address: str, *, workers: int = 1, at: datetime = NOW, sloppy: bool = False) -> None:
        self._address, self._workers, self._at, self._sloppy = address, workers, at, sloppy
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(1024)
        self.port: int = self._socket.getsockname()[1]
        self._began = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the server
        self._began.write(struct.pack("d", 0.0))
        self._began.flush()
        self._leader: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Raises RuntimeError if the processes end, or don't answer in time."""
        handle, began = self._socket.fileno(), self._began.fileno()
        command = [sys.executable, "-m", "tests.support.launcher", "--database", self._address, "--clock", str(began)]
        command += ["--socket", str(handle), "--at", self._at.isoformat(), "--workers", str(self._workers)]
        command += ["--sloppy"] if self._sloppy else []
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SELARAS_")}
        self._leader = subprocess.Popen(
            command, pass_fds=[handle, began], cwd=ROOT, env=environment, start_new_session=True
        )
        self._wait()

    def run_clock(self) -> float:
        """Let the clock go on from where it stands; the present of ``time.time()``."""
        since = time.time()
        self._began.seek(0)
        self._began.write(struct.pack("d", since))
        self._began.flush()
        return since

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not self.runs:
                raise RuntimeError("the server ended at once")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=20):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the server doesn't answer")

    @property
    def runs(self) -> bool:
        return self._leader is not None and self._leader.poll() is None

    def kill(self) -> None:
        """As when the power fails: no process gets to say goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, sign: signal.Signals) -> None:
        """To all processes at once: they are a group of their own, led by the one started here."""
        if self._leader is None or not self.runs:
            return
        os.killpg(self._leader.pid, sign)
        try:
            self._leader.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._leader.pid, signal.SIGKILL)
            self._leader.wait()

    def close(self) -> None:
        self.stop()
        self._socket.close()
        self._began.close()


@contextmanager
def serving(address: str, *, workers: int = 1, at: datetime = NOW, sloppy: bool = False) -> Iterator[Server]:
    server = Server(address, workers=workers, at=at, sloppy=sloppy)
    try:
        server.start()
        yield server
    finally:
        server.close()
