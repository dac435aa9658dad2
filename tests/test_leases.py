"""One runner at a time, from the very first run on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from app import leases
from tests.support.world import NOW


def test_of_two_who_take_a_new_lease_at_once_exactly_one_gets_it(db):
    together = Barrier(2)

    def take(name, holder):
        together.wait(timeout=10)
        return db.write_here(leases.take, name, holder, timedelta(minutes=1), now=NOW)

    with ThreadPoolExecutor(2) as threads:
        for number in range(30):
            got = [threads.submit(take, f"work {number}", holder) for holder in ("one", "other")]
            assert sorted(each.result() for each in got) == [False, True]
