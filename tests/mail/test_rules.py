"""What goes out by mail, and when it is tried again."""

from datetime import timedelta

import pytest

from app import notice_words
from app.mail import rules, words
from app.mail.rules import KINDS, UNASKED, Kind, goes_out, is_near, next_try, topic_of
from tests.support.world import NOW

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("news", "starts", "near"), [
    ("booking-released", [NOW + 24 * HOUR], True),
    ("booking-released", [NOW + 24 * HOUR + timedelta(seconds=1)], False),
    ("booking-released", [NOW - 3 * HOUR], True),  # it has begun: that is when no-shows are released
    ("booking-released", [NOW - 25 * HOUR], False),
    ("booking-changed", [NOW + 99 * HOUR, NOW + HOUR], True),  # from today to next week
    ("meeting-moved", [NOW + HOUR], True),
    ("meeting-invited", [NOW + HOUR], False),  # nobody loses what they had
    ("plan-approved", [NOW + HOUR], False),
    ("room-refused", [], False),
])  # fmt: skip
def test_near_is_what_is_taken_away_within_the_day(news, starts, near):
    assert is_near(news, starts, at=NOW) == near


@pytest.mark.parametrize(("news", "choices", "near", "begun", "out"), [
    ("meeting-invited", {}, False, False, True),
    ("meeting-invited", {Kind.INVITATIONS: False}, False, False, False),
    ("meeting-cancelled", {Kind.INVITATIONS: False}, False, True, True),
    ("meeting-cancelled", {Kind.INVITATIONS: False}, True, False, True),
    ("meeting-attending", {}, False, True, False),
    ("meeting-attending", {Kind.REPLIES: True}, False, False, True),
    ("plan-approved", {Kind.DECISIONS: False}, False, True, False),
    ("something-new", {}, False, False, True),
    ("something-new", {Kind.OTHERS: False}, False, False, False),
])  # fmt: skip
def test_what_goes_out_is_what_people_want_and_what_must(news, choices, near, begun, out):
    assert goes_out(news, choices, near=near, begun=begun) == out


def test_each_meeting_has_a_mail_of_its_own_and_all_else_shares_one():
    assert topic_of("meeting-moved", 7) == "meeting:7"
    assert topic_of("meeting-attending", 7) == ""
    assert topic_of("plan-approved", None) == ""


def test_every_notice_is_of_a_kind_that_people_can_choose():
    assert set(notice_words.WORDS) <= set(KINDS), "a notice that nobody can choose to get by mail"
    assert set(words.KINDS) == set(Kind)
    assert set(UNASKED) < set(Kind)


def test_tries_are_further_and_further_apart():
    waits = [next_try(n, unreached=False, now=NOW) - NOW for n in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert waits[-1] == HOUR
    assert max(next_try(n, unreached=True, now=NOW) - NOW for n in range(1, 99)) == timedelta(minutes=15)
    tries = (next_try(n, unreached=False, now=NOW) - NOW for n in range(1, rules.MOST_TRIES))
    assert timedelta(days=2, hours=21) < sum(tries, timedelta()) < timedelta(days=4)
