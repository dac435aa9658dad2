"""The browser's reducer keeps its rows by the same rules as the one written down in ``tests/support/reducer.py``."""

from __future__ import annotations

import base64
import random
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.reducer import Reducer

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
TRACES = 400
RUN = """async ([source, traces]) => {
  const { Reducer } = await import(`data:text/javascript;base64,${source}`)
  return traces.map((trace) => {
    const reducer = new Reducer()
    const asked = []
    for (const frame of trace) {
      if (frame.t === 'beat') asked.push(...reducer.behind(frame.scopes))
      else if (reducer.take(frame) === 'gap') asked.push(frame.scope)
    }
    return [reducer.rows('a').concat(reducer.rows('b')), reducer.resume(['a', 'b']), asked.length > 0]
  })
}"""


def trace(dice: random.Random) -> list[dict[str, Any]]:
    """Frames of two scopes by two servers, some of them lost, doubled, late or out of order."""
    frames = []
    for scope in "ab":
        for epoch in ("e1", "e2")[: dice.randint(1, 2)]:
            frames.append(snap(scope, epoch, 0, dice))
            for seq in range(1, dice.randint(1, 6)):
                frames.append(delta(scope, epoch, seq, dice))
                if dice.random() < 0.15:
                    frames.append(snap(scope, epoch, seq, dice))
            if dice.random() < 0.4:
                frames.append({"t": "beat", "now": "", "scopes": {scope: dice.randint(0, 5)}})
    kept = [frame for frame in frames if dice.random() > 0.1]
    kept += dice.sample(kept, min(3, len(kept)))
    for _ in range(dice.randint(0, 3)):
        at = dice.randrange(len(kept))
        kept.insert(dice.randrange(len(kept)), kept.pop(at))
    return kept


def rows(dice: random.Random) -> list[Any]:
    return [[key, dice.randint(0, 99)] for key in dice.sample(range(4), dice.randint(0, 4))]


def snap(scope: str, epoch: str, seq: int, dice: random.Random) -> dict[str, Any]:
    rev = 10 * seq + dice.randint(0, 20)
    return {"t": "snap", "scope": scope, "e": epoch, "seq": seq, "rev": rev, "now": "", "rows": rows(dice)}


def delta(scope: str, epoch: str, seq: int, dice: random.Random) -> dict[str, Any]:
    rev = 10 * seq + dice.randint(0, 20)
    gone = dice.sample(range(4), dice.randint(0, 1))
    return {"t": "d", "scope": scope, "e": epoch, "seq": seq, "rev": rev, "rows": rows(dice), "gone": gone}


def by_rules(frames: list[dict[str, Any]]) -> list[Any]:
    reducer, asked = Reducer(), False
    for frame in frames:
        reducer.asks.clear()
        reducer.take(frame)
        asked = asked or bool(reducer.asks)
    held = [row for scope in "ab" if scope in reducer.scopes for row in reducer.scopes[scope].values().values()]
    return [held, {scope: list(at) for scope, at in reducer.resume().items()}, asked]


def test_the_browser_keeps_rows_as_the_rules_say(chromium: Browser):
    dice = random.Random(7)
    traces = [trace(dice) for _ in range(TRACES)]
    source = base64.b64encode((ROOT / "frontend/src/live/reducer.js").read_bytes()).decode()
    page = chromium.new_page()
    told = page.evaluate(RUN, [source, traces])
    page.close()
    expected = [by_rules(each) for each in traces]
    for frames, theirs, ours in zip(traces, told, expected, strict=True):
        assert sorted(theirs[0]) == sorted(ours[0]), frames
        assert theirs[1:] == ours[1:], frames
    assert any(ours[2] for ours in expected)
