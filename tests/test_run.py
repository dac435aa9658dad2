"""``make test`` leaves no test out: what its first parts pass over, the later ones bring by their paths."""

from pathlib import Path

import pytest

from tests import run

PATHS = {"storm": {*run.STORMS, run.FAULTS}, "browser": {str(path) for path in Path("tests/browser").glob("test_*.py")}}


@pytest.mark.parametrize("mark", PATHS)
def test_whatever_bears_the_mark_lies_where_its_part_looks(mark):
    bearing = {str(path) for path in Path("tests").rglob("test_*.py") if f"pytest.mark.{mark}\n" in path.read_text()}
    assert bearing == PATHS[mark]
