"""What a client makes of frames: the rules by which every screen keeps its rows, written down for tests."""

from __future__ import annotations

from typing import Any


class Held:
    """One scope as a client has it."""

    def __init__(self) -> None:
        self.epoch = ""
        self.seq = -1
        self.rows: dict[Any, tuple[int, list[Any]]] = {}

    def values(self) -> dict[Any, list[Any]]:
        return {key: row for key, (_, row) in self.rows.items()}


class Reducer:
    """``take`` one message after the other, in whatever order they come; ``asks`` is what the client then has to ask for
    again: scopes with the epoch and seq to resume from."""

    def __init__(self) -> None:
        self.scopes: dict[str, Held] = {}
        self.dropped: dict[str, str] = {}
        self.errors: list[dict[str, Any]] = []
        self.asks: dict[str, tuple[str, int] | None] = {}
        self.degraded = False
        self.welcome: dict[str, Any] = {}
        self.bye: dict[str, Any] = {}

    def take(self, message: dict[str, Any]) -> None:
        getattr(self, f"_{message['t']}")(message)

    def resume(self) -> dict[str, tuple[str, int]]:
        """What to say of the scopes one has, when one comes back."""
        return {scope: (held.epoch, held.seq) for scope, held in self.scopes.items() if held.epoch}

    def _welcome(self, message: dict[str, Any]) -> None:
        self.welcome = message

    def _snap(self, message: dict[str, Any]) -> None:
        held = self.scopes.setdefault(message["scope"], Held())
        self.asks.pop(message["scope"], None)
        if message["e"] == held.epoch and message["seq"] <= held.seq:
            return
        held.epoch, held.seq = message["e"], message["seq"]
        held.rows = {row[0]: (message["rev"], row) for row in message["rows"]}

    def _d(self, message: dict[str, Any]) -> None:
        held = self.scopes.setdefault(message["scope"], Held())
        if message["e"] == held.epoch and message["seq"] <= held.seq:
            return
        if message["e"] != held.epoch or message["seq"] != held.seq + 1:
            self._ask(message["scope"])
            return
        held.seq = message["seq"]
        for row in message["rows"]:
            before = held.rows.get(row[0])
            if before is None or before[0] <= message["rev"]:
                held.rows[row[0]] = (message["rev"], row)
        for key in message["gone"]:
            held.rows.pop(key, None)

    def _beat(self, message: dict[str, Any]) -> None:
        self.degraded = message.get("degraded", False)
        for scope, seq in message["scopes"].items():
            held = self.scopes.get(scope)
            if held is None or held.seq != seq:
                self._ask(scope)

    def _drop(self, message: dict[str, Any]) -> None:
        self.scopes.pop(message["scope"], None)
        self.asks.pop(message["scope"], None)
        self.dropped[message["scope"]] = message["reason"]

    def _err(self, message: dict[str, Any]) -> None:
        self.errors.append(message)

    def _bye(self, message: dict[str, Any]) -> None:
        self.bye = message

    def _ask(self, scope: str) -> None:
        held = self.scopes.get(scope)
        self.asks[scope] = (held.epoch, held.seq) if held and held.epoch else None
