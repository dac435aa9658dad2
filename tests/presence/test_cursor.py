"""The journal as the gap-filler: nothing is missed, whatever the order of commits, and little is followed twice."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from app import journal
from app.journal import Change, Entry
from app.presence import cursor
from app.presence.cursor import Cursor
from tests.support.world import NOW


def change(number):
    return Change("booked", "booking", number, {})


def test_from_the_start_on_only_what_is_new_counts(db):
    def record(session, number):
        journal.record(session, "booked", "booking", number, actor_id=None, at=NOW, facts={"space_id": number})

    db.write_here(record, 1)
    mine = Cursor(embedded=db.embedded, late=60)
    mine.begin(db.read_here(cursor.newest))
    db.write_here(record, 2)
    ids = mine.news(db.read_here(cursor.numbers_after, mine.floor), time=0)
    found = db.read_here(cursor.entries, ids)
    assert found == [Change("booked", "booking", 2, {"space_id": 2})]
    assert mine.missed(found, time=0) == found
    assert mine.news(db.read_here(cursor.numbers_after, mine.floor), time=4) == []


def test_a_number_that_is_committed_late_is_found(db):
    if db.embedded:
        return
    highest = db.read_here(lambda session: session.scalar(select(func.max(Entry.id))))

    def record_as(session, id):
        row = {"id": id, "at": NOW, "actor_id": None, "verb": "booked", "subject": "booking", "subject_id": id}
        session.execute(insert(Entry), [row | {"version": 1, "facts": {}}])

    mine = Cursor(embedded=False, late=60)
    db.write_here(record_as, highest + 3)
    mine.begin(db.read_here(cursor.newest))
    db.write_here(record_as, highest + 6)
    assert mine.news(db.read_here(cursor.numbers_after, mine.floor), time=0) == [highest + 6]
    db.write_here(record_as, highest + 1)  # lower than what was there at the beginning
    db.write_here(record_as, highest + 5)
    news = mine.news(db.read_here(cursor.numbers_after, mine.floor), time=30)
    assert news == [highest + 1, highest + 5]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 55), st.booleans(), st.booleans()), min_size=1, max_size=30)
)
def test_every_entry_is_followed_once_at_least_and_those_told_not_again(entries):
    """Each entry gets its number in order and is committed up to 55 seconds later; it is told of, or is not, before or after
    the cursor finds it. The cursor looks every four seconds."""
    mine = Cursor(embedded=False, late=60)
    mine.begin([])
    commits = sorted((start + delay, id) for id, (start, delay) in enumerate(_starts(entries), 1))
    told = {id: (is_told, early) for id, (_, _, is_told, early) in enumerate(entries, 1)}
    there, followed, heard = set(), set(), set()
    for time in range(0, 180, 4):
        for at, id in commits:
            if at <= time and id not in there:
                there.add(id)
                if all(told[id]):
                    heard.add(id)
                    mine.hear([change(id)], time=time)
        ids = mine.news(sorted(id for id in there if id > mine.floor), time=time)
        missed = {one.subject_id for one in mine.missed([change(id) for id in ids], time=time)}
        assert not missed & heard
        assert not missed & followed
        followed |= missed
        late = {id for id in there if told[id][0] and not told[id][1]} - heard
        mine.hear([change(id) for id in late], time=time)
        heard |= late
    assert followed | heard == set(told)


def _starts(entries):
    """Numbers are given in the order of starts."""
    for start, delay, _, _ in sorted(entries, key=lambda one: one[0]):
        yield start, delay


def test_two_changes_of_one_thing_of_which_one_was_told():
    mine = Cursor(embedded=True, late=60)
    mine.hear([change(7)], time=0)
    assert len(mine.missed([change(7), change(7)], time=1)) == 1
    mine.hear([change(7)], time=2)
    assert mine.missed([change(8)], time=200) == [change(8)]
    assert mine.missed([change(7)], time=201) == [change(7)]  # what was told long ago is forgotten


def test_facts_are_as_json_has_them():
    (one,) = cursor.plain([Change("moved", "week", 1, {"on": NOW.date(), "at": NOW})])
    assert one.facts == {"on": "2026-11-24", "at": "2026-11-24T01:12:00Z"}
