"""From the queue to the server: nothing is lost, nothing is sent twice, whatever happens on the way."""

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from app.journal import Entry
from app.leases import Runner
from app.mail import delivery, outbox, rules
from app.mail.models import Mail, MailCursor
from app.notices import NoticeRow
from tests.support.mailbox import content
from tests.support.office import QUIET, hours
from tests.support.server import ROOT


@pytest.fixture
def people(office):
    return office.colleagues(posts=8)


def tell(office, *people, kind="plan-approved", n=1, at=None, **facts):
    rows = [
        {
            "person_id": id,
            "kind": kind,
            "cause": f"uji:{id}:{n}",
            "facts": {"week": "2026-W50", "by": "Sari", **facts},
            "at": at or office.clock(),
        }
        for id in people
    ]
    office.change(insert(NoticeRow).values(rows))


def ids(box):
    return [mail["Message-ID"] for mail in box.mails]


def test_an_hour_without_the_server_loses_nothing_and_sends_each_once(office, post, people):
    tell(office, *people)
    post.gather()
    post.box.down()
    try:
        for _ in range(60):
            office.clock.advance(minutes=1)
            post.send()
        assert set(post.states()) == {"waiting"}
        attempts = office.ask(select(func.max(Mail.attempts), func.min(Mail.attempts)))[0]
        assert 3 <= attempts[1] <= attempts[0] <= 12  # with back-off, not each minute
        assert {row[0] for row in office.ask(select(Mail.last_error))} == {"no connection: SMTPConnectError"}
    finally:
        post.box.up()
    tell(office, people[0], n=2)
    for _ in range(30):
        post.gather()
        office.clock.advance(minutes=1)
        post.send()
    assert len(post.box.raw) == len(people) + 1
    assert len(set(ids(post.box))) == len(people) + 1
    assert set(post.states()) == {"sent"}


def test_many_notices_are_one_mail(office, post, people):
    tell(office, people[0])
    tell(office, people[0], kind="plan-returned", n=2, reason="Kurang satu <hari>")
    tell(office, people[0], kind="desk-given", n=3, **desk())
    (mail,) = post.goes()
    assert mail["Subject"] == "3 pemberitahuan dari Selaras"
    text = content(mail, "plain")
    assert text.index("disetujui oleh Sari") < text.index("dikembalikan oleh Sari") < text.index("Kurang satu <hari>")
    assert "Kurang satu &lt;hari&gt;" in content(mail, "html")
    assert "08.00–10.00 WITA" in text
    assert "https://selaras.contoh.id/pekan/2026-W50" in text
    assert post.goes() == []


def desk():
    starts_at, ends_at = hours(QUIET, 8, 10)
    return {
        "space": "B-12",
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "zone": "Asia/Makassar",
    }


def test_what_comes_later_is_the_next_mail(office, post, people):
    tell(office, people[0])
    post.goes()
    tell(office, people[0], n=2)
    post.gather()
    office.clock.advance(minutes=4)
    post.send()
    assert len(post.box.raw) == 1
    office.clock.advance(minutes=1)
    post.send()
    assert len(post.box.raw) == 2


def test_senders_are_those_of_the_site(office, post):
    here, there = office.colleagues()[0], office.colleagues(site="JKT")[0]
    tell(office, here, there)
    senders = {mail["To"].addresses[0].addr_spec: mail["From"].addresses[0].addr_spec for mail in post.goes()}
    assert senders == {
        post.email(here): "selaras-ikn@setneg.test",
        post.email(there): "selaras-jkt@setneg.test",
    }


def test_a_crash_between_sending_and_noting_repeats_the_very_same_mail(office, post, people, monkeypatch):
    tell(office, people[0])
    post.gather()
    office.clock.advance(minutes=5)

    def dies(*_, **__):
        raise RuntimeError("the process is gone")

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "note", dies)
        with pytest.raises(RuntimeError, match="gone"):
            post.send()
    assert len(post.box.raw) == 1
    assert post.states() == ["waiting"]
    post.send()
    assert len(post.box.raw) == 1  # in hand: nobody else touches it
    office.clock.advance(minutes=10)
    post.send()
    first, second = post.box.raw
    assert first == second  # byte for byte, and so with the same Message-ID
    assert post.states() == ["sent"]


def test_a_crash_before_sending_loses_nothing(office, post, people, monkeypatch):
    tell(office, *people)
    post.gather()
    office.clock.advance(minutes=5)

    async def dies(*_, **__):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(delivery.post, "connect", dies)
        with pytest.raises(RuntimeError):
            post.send()
    office.clock.advance(minutes=10)
    post.send()
    assert len(set(ids(post.box))) == len(post.box.raw) == len(people)


def test_who_was_slow_cannot_say_what_became_of_a_mail(office, post, people):
    """A process whose claim ran out finds that another one has the mail now."""
    tell(office, people[0])
    post.gather()
    office.clock.advance(minutes=5)
    house = delivery.House("", post.settings.senders())
    (claimed,) = office.db.write_here(outbox.claim, "slow", most=9, now=office.clock())
    letter = office.db.read_here(delivery.written, claimed, house, now=office.clock())
    mail = delivery.with_letter(claimed, letter)
    later = office.clock() + rules.HELD
    assert office.db.write_here(outbox.claim, "quick", most=9, now=later)
    assert not office.db.write_here(outbox.note, "slow", mail, outbox.Outcome(), now=later)
    assert office.db.write_here(outbox.note, "quick", mail, outbox.Outcome(), now=later)
    assert not office.db.write_here(outbox.note, "quick", mail, outbox.Outcome(), now=later)


def test_what_is_claimed_is_nobody_elses(office, post, people):
    tell(office, *people)
    post.gather()
    office.clock.advance(minutes=5)
    now = office.clock()
    first = office.db.write_here(outbox.claim, "a", most=3, now=now)
    second = office.db.write_here(outbox.claim, "b", most=99, now=now)
    assert len(first) == 3
    assert len(second) == len(people) - 3
    assert not {one.id for one in first} & {one.id for one in second}
    assert office.db.write_here(outbox.claim, "c", most=99, now=now) == []


@pytest.mark.parametrize(("line", "state"), [("550 no such user", "failed"), ("451 try later", "waiting")])
def test_a_refusal_for_good_fails_one_for_now_waits_and_neither_stops_the_others(office, post, people, line, state):
    address = post.email(people[0])
    post.box.refuses[address] = line
    tell(office, *people)
    assert len(post.goes()) == len(people) - 1
    assert sorted(post.states()) == sorted(["sent"] * (len(people) - 1) + [state])
    (row,) = office.ask(select(Mail.last_error, Mail.attempts).where(Mail.state == state))
    assert tuple(row) == (line, 1)
    del post.box.refuses[address]
    office.clock.advance(minutes=2)
    post.send()
    assert len(post.box.to(address)) == (state == "waiting")


def test_after_three_days_of_tries_somebody_has_to_look(office, post, people):
    post.box.refuses[post.email(people[0])] = "451 try later"
    tell(office, people[0])
    post.goes()
    office.change(update(Mail).values(attempts=rules.MOST_TRIES - 2))
    for state in ("waiting", "failed"):
        office.clock.set(office.ask(select(Mail.due_at))[0][0])
        post.send()
        assert post.states() == [state]


def test_a_mail_that_cannot_be_written_holds_up_nobody(office, post, people):
    tell(office, people[0], kind="room-moved")  # without its facts
    tell(office, people[1])
    assert len(post.goes()) == 1
    assert sorted(post.states()) == ["failed", "sent"]
    (row,) = office.ask(select(Mail.last_error).where(Mail.state == "failed"))
    assert row[0] == "can't be written: KeyError"


def test_what_was_sent_keeps_no_text(office, post, people):
    tell(office, people[0])
    post.goes()
    assert [tuple(row) for row in office.ask(select(Mail.message, Mail.state))] == [(None, "sent")]


def test_entries_committed_out_of_their_order_are_not_missed(office, post):
    """On PostgreSQL an entry may be committed after one with a higher id; and a writer may take its time."""
    if office.db.embedded:
        pytest.skip("one writer: ids are committed in their order")
    one, superior = near_booking(office, post)
    newest = office.ask(select(func.max(Entry.id)))[0][0]
    with office.db.engine.connect() as slow:
        slow.execute(
            insert(Entry).values(**entry_of(newest + 3, one["id"], one["version"] + 1, one["facts"], superior))
        )
        office.change(insert(Entry).values(**entry_of(newest + 5, 1, 9, one["facts"], superior, verb="checked-in")))
        for _ in range(3):
            post.gather()
        assert post.states() == []
        slow.commit()
    post.gather()
    assert len(post.states()) == 1
    for _ in range(3):
        post.gather()
    assert len(post.states()) == 1
    assert office.ask(select(MailCursor.done_id))[0][0] == newest + 5


def test_a_database_restored_into_another_server_goes_on_telling(office, post):
    """Numbers of transactions begin anew there: those remembered of the old server are never reached."""
    if office.db.embedded:
        pytest.skip("one writer: nothing of transactions is remembered")
    near_booking(office, post)
    newest = office.ask(select(func.max(Entry.id)))[0][0]
    one = office.ask(select(Entry.subject_id, Entry.version, Entry.facts, Entry.actor_id).where(Entry.id == newest))[0]
    office.change(update(MailCursor).values(seen_id=newest, horizon=2**60))
    office.change(insert(Entry).values(**entry_of(newest + 1, one[0], one[1] + 1, one[2], one[3])))
    for _ in range(3):
        post.gather()
    assert office.ask(select(MailCursor.done_id))[0][0] == newest + 1


def near_booking(office, post):
    owner = office.colleagues()[0]
    office.clock.set(hours(QUIET, 6, 7)[0])
    booked = office.booked(owner, office.desks()[0], *hours(QUIET, 8, 16))
    post.forget()
    facts = office.ask(select(Entry.facts).where(Entry.subject == "booking", Entry.subject_id == booked["id"]))[0][0]
    return {"id": booked["id"], "version": booked["version"], "facts": facts}, office.colleagues()[1]


def entry_of(id, booking, version, facts, actor, verb="cancelled"):
    return {
        "id": id, "at": hours(QUIET, 6, 7)[0], "actor_id": actor, "verb": verb, "subject": "booking",
        "subject_id": booking, "version": version, "facts": facts,
    }  # fmt: skip


def test_without_a_server_mail_waits_in_the_queue(office, post, people):
    tell(office, *people)
    post.gather()
    office.clock.advance(minutes=60)
    assert set(post.states()) == {"open"}
    tell(office, people[0], n=2)
    post.gather()
    assert len(post.states()) == len(people)  # what comes meanwhile joins it


def test_two_runners_share_one_lease(office, post, people):
    tell(office, *people)
    post.gather()
    office.clock.advance(minutes=5)
    other = Runner(office.db, (), office.clock)
    post.send()
    with office.client.portal() as portal:
        assert portal.call(other.run, post._errand) is None


@pytest.mark.parametrize("lease", ["with", "without"])
def test_two_processes_never_send_a_mail_twice(office, post, lease):
    """Real processes at the same database and server; the claim alone suffices, the lease keeps them from bothering."""
    crowd = office.colleagues("BAPPENAS", posts=15) + office.colleagues("KEMENPANRB", posts=15)
    tell(office, *crowd)
    post.gather()
    command = [sys.executable, "-m", "tests.support.postman", "--database", office.address, "--smtp", post.box.address]
    command += ["--at", (office.clock() + timedelta(minutes=6)).isoformat(), "--lease", lease]
    workers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    done = [int(worker.communicate(timeout=120)[0]) for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    assert sum(done) == len(crowd)
    assert len(post.box.raw) == len(crowd)
    assert len({address for address, _ in post.box.raw}) == len(crowd)
    assert set(post.states()) == {"sent"}


def test_no_transaction_waits_for_the_network(office, post, people, monkeypatch):
    """While a mail is on the wire, others write."""
    tell(office, people[0])
    post.gather()
    office.clock.advance(minutes=5)
    seen = []
    real = delivery.Line.send

    async def send(self, mail):
        seen.append(await office.db.write(lambda session: session.scalar(select(func.count(Mail.id)))))
        return await real(self, mail)

    monkeypatch.setattr(delivery.Line, "send", send)
    post.send()
    assert seen == [1]
