"""The threads of units of work: every caller gets the answer of its own call, soon, whatever else waits."""

import asyncio
import threading
import time

import pytest

from app.db.threads import Threads


@pytest.fixture
def threads():
    made = Threads(1, "test")
    yield made
    made.close()


def test_each_gets_its_own_answer_or_error(threads):
    def work(number):
        if number % 3 == 0:
            raise ValueError(number)
        return number

    async def ask():
        calls = (threads.run(lambda number=number: work(number)) for number in range(500))
        return await asyncio.gather(*calls, return_exceptions=True)

    found = asyncio.run(ask())
    assert [one.args[0] if isinstance(one, ValueError) else one for one in found] == list(range(500))
    assert [isinstance(one, ValueError) for one in found] == [number % 3 == 0 for number in range(500)]


def test_no_answer_waits_for_a_long_call_behind_it(threads):
    """While others wait in line the loop isn't woken for each; it looks by itself."""
    held = threading.Event()

    async def ask():
        quick = [asyncio.create_task(threads.run(lambda: "quick")) for _ in range(3)]
        long = asyncio.create_task(threads.run(lambda: held.wait(20)))
        last = asyncio.create_task(threads.run(lambda: "last"))
        began = time.monotonic()
        answers = await asyncio.gather(*quick)
        took = time.monotonic() - began
        assert not long.done()
        held.set()
        return took, answers, await long, await last

    took, answers, long, last = asyncio.run(ask())
    assert took < 5
    assert answers == ["quick"] * 3
    assert (long, last) == (True, "last")


def test_an_error_no_future_takes_reaches_its_caller_and_holds_nobody_up(threads):
    async def ask():
        calls = [threads.run(lambda: next(iter(()))), threads.run(lambda: "next")]
        return await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)

    error, answer = asyncio.run(ask())
    assert isinstance(error, RuntimeError)
    assert isinstance(error.__cause__, StopIteration)
    assert answer == "next"


def test_who_stops_waiting_is_not_told_and_disturbs_nobody(threads):
    held = threading.Event()
    done = []

    async def ask():
        first = asyncio.create_task(threads.run(lambda: held.wait(20)))
        given_up = asyncio.create_task(threads.run(lambda: done.append("all the same")))
        await asyncio.sleep(0)
        given_up.cancel()
        held.set()
        assert await first
        return await threads.run(lambda: "next")

    assert asyncio.run(ask()) == "next"
    assert done == ["all the same"]


def test_several_loops_at_once_and_one_after_the_other(threads):
    async def ask(name):
        return [await threads.run(lambda number=number: (name, number)) for number in range(50)]

    found = {}
    callers = [
        threading.Thread(target=lambda name=name: found.update({name: asyncio.run(ask(name))})) for name in "abcd"
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert found == {name: [(name, number) for number in range(50)] for name in "abcd"}
    assert asyncio.run(ask("e"))[-1] == ("e", 49)


def test_a_loop_is_not_woken_for_each_of_many(threads):
    async def ask():
        loop = asyncio.get_running_loop()
        woken = []
        wake = loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *call: (woken.append(1), wake(*call))
        await asyncio.gather(*(threads.run(lambda: time.sleep(0.0001)) for _ in range(300)))
        return len(woken)

    assert asyncio.run(ask()) < 100


def test_closing_waits_for_what_was_asked():
    threads = Threads(2, "test")
    done = []

    async def ask():
        for number in range(20):
            asyncio.ensure_future(threads.run(lambda number=number: (time.sleep(0.001), done.append(number))))  # noqa: RUF006
        await asyncio.sleep(0)

    asyncio.run(ask())
    threads.close()
    assert sorted(done) == list(range(20))
