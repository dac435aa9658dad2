"""Types of data are built once, whoever needs them first."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from app import shapes

CROWD = """
import sys, threading
import msgspec
from app import shapes

def fresh(n):
    inner = msgspec.defstruct(f"Inner{n}", [(f"b{i}", int, 0) for i in range(20)])
    fields = [(f"a{i}", int | None, 0) for i in range(30)]
    return msgspec.defstruct(f"Outer{n}", [*fields, ("inner", inner, None)])

def meet(shape, gate):
    gate.wait()
    CONVERT({"a29": 3, "inner": {"b19": 3}}, shape)

sys.setswitchinterval(1e-6)
for n in range(100):
    shape, gate = fresh(n), threading.Barrier(8)
    crowd = [threading.Thread(target=meet, args=(shape, gate)) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
"""


def ends(convert):
    script = CROWD.replace("CONVERT", convert)
    root = Path(__file__).parents[1]
    return subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, timeout=60, check=False)


def test_many_threads_may_meet_a_new_type_at_once():
    ended = ends("shapes.convert")
    assert ended.returncode == 0, ended.stderr


@pytest.mark.skipif(msgspec.__version__ != "0.22.0", reason="a newer msgspec may not need this any more")
def test_without_the_lock_they_end_the_process():
    assert any(ends("msgspec.convert").returncode < 0 for _ in range(5))


def test_values_of_another_shape_are_refused():
    with pytest.raises(msgspec.ValidationError):
        shapes.convert({"a": "b"}, dict[str, int])
    assert shapes.convert({"a": "1"}, dict[str, int], strict=False) == {"a": 1}
    assert shapes.decode(b"[1]", list[int]) == [1]
