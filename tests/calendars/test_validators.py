"""A feed's tag and date against its bytes: whatever is done, bytes that differ have another tag and a later date."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import sites
from app.calendars import fetching, states
from app.calendars.fetching import composed
from app.calendars.window import window
from app.db import Database
from app.demo.places import places
from app.people import importing as people_file
from app.people.models import Agency, Person, Secret, Unit
from app.people.secrets import digest
from app.rooms import importing as places_file
from app.rooms.models import Area, Space
from tests.support.feeds import by_uid, fetched, made, token
from tests.support.office import hours, office_at
from tests.support.world import NIP_KEY, QUIET, TODAY, copy_of

IKN_FLOOR = "IKN-K3-A-04"
MONDAY = QUIET - timedelta(days=3)
STEPS = 45


def bytes_of(office, feed):
    """What the feed says now, put together without anything that was remembered; and the version of it."""

    def read(session):
        within = window(office.clock())
        stored, state = states.look_up(session, digest(token(feed)), within)
        if stored.ended_at is not None and stored.ending != "lost":
            return fetching.ended(stored.language).body, b""
        material = fetching.gather(session, digest(token(feed)), within, "", office.clock())
        return composed(material, stored.language).body, state

    return office.db.read_here(read)


class Walk:
    """Somebody who does this and that; each verb is one request, allowed or not."""

    def __init__(self, office, seed):
        self.office, self.dice = office, random.Random(seed)
        self.me, *self.others = office.colleagues()
        self.boss = office.ask(select(Person.superior_id).where(Person.id == self.me))[0][0]
        self.room, self.desk = office.rooms(IKN_FLOOR)[0], office.desks()[0]
        self.area = office.ask(select(Space.area_id).where(Space.id == self.desk))[0][0]
        self.bookings, self.meetings, self.names = [], [], 0
        body = {"space_id": self.room, "starts_on": MONDAY.isoformat(), "starts": "10:00", "ends": "11:00"}
        body |= {"rule": "FREQ=DAILY;COUNT=4", "skip_conflicts": True, "purpose": "Apel"}
        self.series = office.post("/api/booking-series", self.me, json=body).json()

    def feeds(self):
        office, me, unit = self.office, self.me, self.office.actor(self.me).unit_id
        return [
            *(made(office, me, level=level) for level in ("full", "basic", "busy")),
            *(made(office, self.boss, "team", subject_id=unit, level=level) for level in ("full", "busy")),
            *(made(office, self.others[0], "room", subject_id=self.room, level=level) for level in ("full", "busy")),
            made(office, me, "desk", subject_id=self.desk, level="basic"),
            made(office, me, "area", subject_id=self.area, level="full"),
            made(office, me, "series", subject_id=self.series["id"]),
        ]

    def _hours(self):
        hour = self.dice.randrange(8, 15)
        starts_at, ends_at = hours(QUIET + timedelta(days=self.dice.randrange(2)), hour, hour + 1)
        return {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}

    def book(self):
        body = {
            "space_id": self.dice.choice((self.room, self.desk)),
            "purpose": f"Keperluan {self.names}",
            **self._hours(),
        }
        self._kept(self.bookings, self.office.post("/api/bookings", self.me, json=body))

    def move(self):
        if self.bookings:
            one = self.dice.choice(self.bookings)
            self.office.patch(f"/api/bookings/{one}", self.me, json=self._hours())

    def cancel(self):
        if self.bookings:
            self.office.delete(f"/api/bookings/{self.bookings.pop()}", self.me)

    def swap(self):
        """One goes and one comes with the same version: counts and sums of versions stay as they are."""
        self.cancel()
        self.book()

    def occurrence(self):
        one = self.dice.choice(self.series["dates"])
        change = self._hours()
        if self.dice.random() < 0.5:
            self.office.patch(f"/api/bookings/{one['booking_id']}", self.me, json=change)
        else:
            self.office.delete(f"/api/bookings/{one['booking_id']}", self.me)

    def plan(self):
        modes = self.dice.choices(("WFO", "WFH", "WFA", "leave"), k=3)
        days = {(MONDAY + timedelta(days=n)).isoformat(): [{"mode": mode}] for n, mode in enumerate(modes)}
        self.office.put(f"/api/people/{self.me}/weeks/2026-W50", self.me, json={"days": days})

    def submit(self):
        self.office.put(f"/api/people/{self.me}/weeks/2026-W50/submission", self.me, json={})

    def approve(self):
        decision = (
            {"decision": "approved"} if self.dice.random() < 0.7 else {"decision": "returned", "reason": "Ulangi"}
        )
        self.office.put(f"/api/people/{self.me}/weeks/2026-W50/approval", self.boss, json=decision)

    def meet(self):
        rooms = self.office.rooms(IKN_FLOOR)[1:2] if self.dice.random() < 0.5 else []
        body = {"title": "Rapat", "site_id": 1, "required_ids": self.others, "room_ids": rooms, **self._hours()}
        self._kept(
            self.meetings, self.office.post("/api/meetings", self.dice.choice((self.me, self.others[0])), json=body)
        )

    def change_meeting(self):
        if self.meetings:
            body = self.dice.choice(
                (self._hours(), {"agenda": f"Agenda {self.names}"}, {"notes": "x"}, {"required_ids": []})
            )
            for who in (self.me, self.others[0]):
                self.office.patch(f"/api/meetings/{self.dice.choice(self.meetings)}", who, json=body)

    def reply(self):
        if self.meetings:
            answer = {"reply": self.dice.choice(("attending", "not-attending"))}
            self.office.put(f"/api/meetings/{self.dice.choice(self.meetings)}/replies/me", self.me, json=answer)

    def call_off(self):
        if self.meetings:
            self.office.delete(f"/api/meetings/{self.meetings.pop()}", self.me)

    def lose_a_room(self):
        """A meeting's room is released without the meeting being touched."""
        self.office.clock.set(max(self.office.clock(), hours(QUIET, 17, 18)[0]))
        self.office.sweep()

    def rename_somebody(self):
        self.names += 1
        rows = self.office.ask(
            select(Person.email, Agency.code, Unit.path, sites.Site.code)
            .join(Unit, Unit.id == Person.unit_id)
            .join(Agency, Agency.id == Person.agency_id)
            .join(sites.Site, sites.Site.id == Person.site_id)
            .where(Person.id == self.me)
        )
        email, agency, unit, site = rows[0]
        row = {"email": email, "name": f"Nama {self.names}", "agency": agency, "unit": unit, "site": site}
        known = self.office.db.read_here(sites.site_ids)
        report = self.office.db.write_here(
            people_file.import_people, [row], sites=known, nip_key=NIP_KEY.encode(), now=self.office.clock()
        )
        assert not report.errors

    def rename_a_room(self):
        self.names += 1
        document = places(TODAY, small=True)
        for floor in document["floors"]:
            for room in floor.get("rooms", ()):
                room["name"] = f"{room['name']} {self.names}"
        report = self.office.db.write_here(places_file.import_places, document, now=self.office.clock())
        assert not report.errors, report.errors[:2]

    def nothing(self):
        pass

    def _kept(self, found, answer):
        if answer.status_code == 201:
            found.append(answer.json()["id"])


VERBS = {
    **dict.fromkeys(("book", "move", "meet", "change_meeting", "plan", "submit", "approve", "swap"), 3),
    **dict.fromkeys(("cancel", "occurrence", "reply", "call_off", "rename_somebody", "nothing"), 2),
    **dict.fromkeys(("rename_a_room", "lose_a_room"), 1),
}


@pytest.mark.parametrize("seed", [7])
def test_whatever_alters_the_bytes_alters_tag_and_date(office, seed):
    walk = Walk(office, seed)
    feeds = walk.feeds()
    held = {feed["id"]: fetched(office, feed) for feed in feeds}
    states_seen = {feed["id"]: bytes_of(office, feed)[1] for feed in feeds}
    verbs = list(VERBS) + walk.dice.choices(list(VERBS), list(VERBS.values()), k=STEPS - len(VERBS))
    walk.dice.shuffle(verbs)
    verbs.sort(key="lose_a_room".__eq__)  # the day itself has come then
    changed = {feed["id"]: 0 for feed in feeds}
    altered = set()
    for verb in verbs:
        office.clock.advance(seconds=walk.dice.choice((0, 0, 1, 90)))
        getattr(walk, verb)()
        for feed in feeds:
            before, (body, state) = held[feed["id"]], bytes_of(office, feed)
            if body == before.content:
                if state == states_seen[feed["id"]]:
                    answer = fetched(office, feed, if_none_match=before.headers["etag"])
                    assert answer.status_code == 304, verb
                continue
            altered.add(verb)
            changed[feed["id"]] += 1
            assert state != states_seen[feed["id"]], (verb, feed)
            answer = fetched(office, feed, if_none_match=before.headers["etag"])
            assert (answer.status_code, answer.content) == (200, body), (verb, feed)
            assert answer.headers["etag"] != before.headers["etag"]
            if date := before.headers.get("last-modified"):
                later = fetched(office, feed, if_modified_since=date)
                assert (later.status_code, later.content) == (200, body), verb
            held[feed["id"]], states_seen[feed["id"]] = answer, state
    assert all(changed.values()), changed
    assert altered >= {"book", "move", "meet", "plan", "rename_somebody", "rename_a_room", "swap", "occurrence"}, (
        altered
    )


def test_the_version_of_a_feed_has_its_settings_in_it(office):
    me = office.colleagues()[0]
    feed = made(office, me, level="basic")
    seen = [bytes_of(office, feed)[1]]
    options = {"level": "full", "language": "en", "with_cancelled": False, "with_meetings": False, "with_alarm": True}
    for change in ({name: value} for name, value in options.items()):
        assert office.patch(f"/api/feeds/{feed['id']}", me, json=change).status_code == 200
        seen.append(bytes_of(office, feed)[1])
    office.clock.advance(weeks=1)
    seen.append(bytes_of(office, feed)[1])
    assert len(set(seen)) == len(seen)


def test_a_version_costs_one_statement_and_reads_no_row_of_what_it_versions(office, monkeypatch):
    me = office.colleagues()[0]
    feed = made(office, me)
    asked = []
    plain = states.Hot.rows
    monkeypatch.setattr(states.Hot, "rows", lambda self, *given: asked.append(self) or plain(self, *given))
    office.db.read_here(fetching.look_up, digest(token(feed)), window(office.clock()))
    asked.clear()
    found = office.db.read_here(fetching.look_up, digest(token(feed)), window(office.clock()))
    assert found is not None
    assert len(asked) == 1


def test_areas_and_units_are_told_apart(office):
    areas = [row[0] for row in office.ask(select(Area.id).order_by(Area.id).limit(2))]
    me = office.colleagues()[0]
    first, second = (bytes_of(office, made(office, me, "area", subject_id=area))[1] for area in areas)
    assert first != second


def test_bytes_are_equal_on_both_engines(sqlite_copies, postgres_copies):
    """The same office on each engine, down to the secret that names entries."""
    seen = []
    for copies in (sqlite_copies, postgres_copies):
        with copy_of(copies) as address, Database(address) as db, office_at(db, address) as office:
            office.change(update(Secret).where(Secret.name == "calendars").values(value=b"k" * 32))
            seen.append([bytes_of(office, feed)[0] for feed in Walk(office, 1).feeds()])
    for here, there in zip(*seen, strict=True):
        assert here == there


def test_a_meeting_that_loses_its_room_changes_the_feed_without_being_changed_itself(office):
    me, *others = office.colleagues()
    starts_at, ends_at = hours(QUIET, 9, 12)
    body = {"title": "Rapat", "site_id": 1, "room_ids": office.rooms(IKN_FLOOR)[:1]}
    body |= {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), "required_ids": others}
    meeting = office.post("/api/meetings", me, json=body).json()
    feed = made(office, others[0])
    office.clock.set(starts_at)
    office.sweep()  # whatever else was to be released is
    office.clock.set(starts_at + timedelta(hours=2))
    before = fetched(office, feed)
    office.sweep()
    assert office.booking(meeting["rooms"][0]["booking_id"]).state == "released"
    assert office.get(f"/api/meetings/{meeting['id']}", me).json()["version"] == meeting["version"]
    after = fetched(office, feed, if_none_match=before.headers["etag"])
    assert after.status_code == 200
    places = [by_uid(one)[f"meeting-{meeting['id']}"]["location"] for one in (before, after)]
    assert places[0].startswith("Ruang ")
    assert places[1] == "Ibu Kota Nusantara"
