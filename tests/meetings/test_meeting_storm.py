"""Two rooms in two cities, wanted by many in whatever order: a meeting has both or neither, and nobody waits in a circle."""

import json
import subprocess
import sys
from collections import Counter

import pytest
from sqlalchemy import func, select, text

from app.db import Database
from app.meetings.models import Meeting
from app.rooms.models import Booking
from tests.support.office import QUIET, at, office_at
from tests.support.server import ROOT, serving
from tests.support.world import copy_of, token_of

pytestmark = pytest.mark.storm

PROCESSES, STEPS, PATIENCE = 16, 25, 180


@pytest.fixture
def store(copies):
    with copy_of(copies) as address, Database(address) as db, office_at(db, address) as office:
        yield office


def test_both_rooms_or_none_whatever_the_order(store, capsys):
    people = store.colleagues(posts=PROCESSES)
    rooms = [store.rooms("IKN-K3-A-04")[0], store.rooms("JKT-PST-01")[0]]
    with serving(store.address, workers=1 if store.db.embedded else 4) as server:
        orders = {"port": server.port, "rooms": rooms, "opens": at(QUIET, 9).isoformat(), "steps": STEPS}
        running = []
        for n in range(PROCESSES):
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.meeting_rush"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            )
            process.stdin.write(json.dumps(orders | {"seed": n, "token": token_of(people[n % len(people)])}))
            process.stdin.close()
            process.stdin = None
            running.append(process)
        said = [json.loads(process.communicate(timeout=PATIENCE)[0]) for process in running]
    counts = sum((Counter(one["counts"]) for one in said), Counter())
    with capsys.disabled():
        print(f"\nrooms of meetings on {store.db.url.get_backend_name()}: {dict(counts)}")
    assert set(counts) <= {"200", "201", "409"}
    assert counts["201"] > 5
    assert counts["409"] > 50
    assert store.findings() == []
    standing = dict(store.ask(select(Meeting.id, Meeting.state)))
    held = store.ask(
        select(Booking.meeting_id, func.count(), func.min(Booking.starts_at), func.max(Booking.starts_at))
        .where(Booking.meeting_id.is_not(None), Booking.active)
        .group_by(Booking.meeting_id)
    )
    assert {row[0] for row in held} == {id for id, state in standing.items() if state == "planned"}
    assert all(row[1] == 2 and row[2] == row[3] for row in held)
    assert {id for one in said for id in one["mine"]} == {row[0] for row in held}
    if not store.db.embedded:
        with store.db.engine.connect() as connection:
            asked = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            assert connection.scalar(asked) == 0
