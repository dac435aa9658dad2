"""Who is on a meeting's list: whatever is changed and replied, everybody on it has a reason to be."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.meetings.rules import Invited, asked_anew, listed, own, summoned, with_list, with_reply

ORGANISER, PEOPLE = 1, range(1, 8)


def start(*ids):
    return {id: Invited(id, reply="attending" if id == ORGANISER else "") for id in (ORGANISER, *ids)}


def test_whoever_is_struck_off_takes_a_chain_of_stand_ins_along():
    rows = with_reply(start(2, 3), 2, "represented", stand_in_id=4)
    rows = with_reply(rows, 4, "represented", stand_in_id=5)
    assert listed(rows) == {1, 2, 3, 4, 5}
    assert listed(with_list(rows, start(3))) == {1, 3}


def test_a_stand_in_who_is_wanted_themselves_stays_when_the_sender_goes():
    rows = with_reply(start(2), 2, "represented", stand_in_id=4)
    after = with_list(rows, start(4))
    assert summoned(after) == {1: True, 4: True}
    assert after[4].for_id is None


def test_who_loses_a_stand_in_is_open_again():
    rows = with_reply(start(2, 3), 2, "represented", stand_in_id=3)
    after = with_list(rows, start(2))
    assert (after[2].reply, after[2].stand_in_id) == ("", None)


def test_a_colleague_who_was_there_anyway_is_not_sent_home():
    rows = with_reply(start(2, 3), 2, "represented", stand_in_id=3)
    assert listed(with_reply(rows, 2, "attending")) == {1, 2, 3}


def test_a_stand_in_is_as_needed_as_the_sender():
    rows = start() | {2: Invited(2, required=False)}
    assert summoned(with_reply(rows, 2, "represented", stand_in_id=4)) == {1: True, 2: False, 4: False}


def test_who_is_invited_again_starts_anew():
    rows = with_reply(start(2), 2, "not-attending", remark="Dinas luar")
    again = with_list(with_list(rows, start()), start(2))
    assert again[2] == Invited(2)


def test_a_move_asks_those_anew_who_had_said_whether_they_come():
    rows = with_reply(with_reply(start(2, 3), 2, "not-attending"), 3, "represented", stand_in_id=4)
    assert {id: row.reply for id, row in asked_anew(rows, ORGANISER).items()} == {
        1: "attending",
        2: "",
        3: "represented",
        4: "",
    }


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("list"), st.sets(st.sampled_from(PEOPLE))),
        st.tuples(st.sampled_from(["attending", "not-attending"]), st.sampled_from(PEOPLE)),
        st.tuples(st.just("represented"), st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE))),
        st.tuples(st.just("move"), st.none()),
    ),
    max_size=12,
)


def step(rows, what, who):
    if what == "list":
        return with_list(rows, {id: rows.get(id) if id in own(rows) else Invited(id) for id in {ORGANISER, *who}})
    if what == "move":
        return asked_anew(rows, ORGANISER)
    person, stand_in = who if what == "represented" else (who, None)
    if person in (ORGANISER, stand_in) or person not in listed(rows):
        return rows
    if stand_in in listed(rows) and rows[stand_in].reply == "represented":
        return rows
    return with_reply(rows, person, what, stand_in_id=stand_in)


@settings(max_examples=400)
@given(STEPS)
def test_everybody_on_the_list_is_wanted_or_sent(steps):
    rows = start(2, 3)
    for what, who in steps:
        rows = step(rows, what, who)
        on = listed(rows)
        assert ORGANISER in on
        for id, row in rows.items():
            assert row.person_id == id
            assert row.active <= row.invited
            assert (row.reply == "represented") == (row.stand_in_id is not None)
            if row.invited and row.stand_in_id is not None:
                assert row.stand_in_id in on
            if row.invited and row.for_id is not None:
                assert rows[row.for_id].stand_in_id == id
                assert row.for_id in on
        if what == "list":
            assert set(own(rows)) == {ORGANISER, *who}
