"""Scopes of live presence: who is let in, what a row may hold, and that whatever changes is read anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select, update

from app import journal
from app.errors import Forbidden, Invalid, NotFound, Refused
from app.people.members import members_of
from app.people.models import Agency, Person, Unit
from app.people.rules import initials
from app.presence import facts, rules, scopes
from app.presence.audience import Viewers
from app.presence.channels import Channel
from app.presence.cursor import plain
from app.presence.index import SLACK
from app.presence.models import ChoiceRow, OverrideRow
from app.presence.rules import Sight
from app.presence.scopes import Scope
from app.presence.source import OfficeSource, office_source
from app.rooms import sitting
from app.rooms.models import Booking, Floor, Space
from app.scheduling.models import PlanDay, SegmentRow, WeekPlan
from tests.support.office import ADMIN, EMPLOYEE, HR, NOW, ROOM_KEEPER, SUPERIOR, Office, at, hours
from tests.support.world import QUIET, TODAY


class Open:
    """Connections as a test wants them."""

    def __init__(self, **people: Any) -> None:
        self.people: dict[int, Any] = {}

    def of(self, person_id: int) -> Any:
        return self.people.get(person_id)


@pytest.fixture
def connections() -> Open:
    return Open()


@pytest.fixture
def source(connections: Open) -> OfficeSource:
    return office_source(connections)


def rows(office: Office, source: OfficeSource, who: int, scope: str) -> dict[Any, Any]:
    """What somebody sees of a scope, by key, as the wire has it."""

    actor = office.actor(who)

    def read(session: Any) -> Any:
        channel = source.admit(session, actor, scope, now=office.clock())
        return source.load(session, {channel: None}, now=office.clock()).rows[channel]

    found = office.db.read_here(read)
    return {key: json.loads(msgspec.json.encode(row)) for key, row in found.items() if row is not None}


def unit_of(office: Office, person: int) -> int:
    return office.ask(select(Person.unit_id).where(Person.id == person))[0][0]


# How scopes are written


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("floor:12", Scope("floor", 12)),
        ("floor:12@2026-11-24", Scope("floor", 12, TODAY)),
        ("team:3", Scope("team", 3)),
        ("unit:3", Scope("unit", 3)),
        ("person:7", Scope("person", 7)),
        ("rooms:1@2026-11-24", Scope("rooms", 1, TODAY)),
        ("board:3@2026-W48", Scope("board", 3, monday=date(2026, 11, 23))),
        ("today:me", Scope("today")),
    ],
)
def test_scopes_are_read(text: str, scope: Scope):
    assert scopes.parse(text) == scope


@pytest.mark.parametrize(
    "text",
    ["", "floor", "floor:", "floor:0", "floor:-1", "floor:1@", "floor:1@2026-13-01", "floor:1@2026-W48", "floor:99999999999",
     "rooms:1", "rooms:1@1999-01-01", "board:1", "board:1@2026-11-24", "board:1@2026-W99", "team:1@2026-11-24", "today:1",
     "today", "desk:1", "floor:1 ", " floor:1", "floor:1\n", "floor:१", "person:7;"],
)  # fmt: skip
def test_anything_else_is_refused(text: str):
    with pytest.raises(Invalid):
        scopes.parse(text)


# Who is let in


@pytest.fixture(scope="module")
def looking(shared_office: Office) -> tuple[Office, OfficeSource]:
    return shared_office, office_source(Open())


def test_each_is_let_into_what_is_theirs_to_see(looking: tuple[Office, OfficeSource]):
    office, source = looking
    me, boss, hr = (office.id_of(email) for email in (EMPLOYEE, SUPERIOR, HR))
    unit = unit_of(office, me)
    stranger = _stranger(office, me)
    for who in (me, boss, hr):
        for scope in (f"team:{unit}", f"unit:{unit}", f"board:{unit}@2026-W48", f"person:{me}", "today:me"):
            _admit(office, source, who, scope)
    for scope, refusal in (
        (f"team:{unit}", NotFound),
        (f"unit:{unit}", NotFound),
        (f"board:{unit}@2026-W48", NotFound),
        (f"person:{me}", NotFound),
        ("person:999999", NotFound),
        ("team:999999", NotFound),
        ("floor:999999", NotFound),
        ("rooms:99@2026-11-24", NotFound),
    ):
        with pytest.raises(refusal):
            _admit(office, source, stranger, scope)
    colleague = _of_another_unit(office, me)
    _admit(office, source, colleague, f"team:{unit}")
    with pytest.raises(Forbidden):
        _admit(office, source, colleague, f"unit:{unit}")
    floor = office.floor("IKN-K3-A-04")
    for who in (me, stranger):
        _admit(office, source, who, f"floor:{floor}")
        _admit(office, source, who, "rooms:1@2026-11-24")


def _admit(office: Office, source: OfficeSource, who: int, scope: str) -> Channel:
    return office.db.read_here(source.admit, office.actor(who), scope, now=office.clock())


def _stranger(office: Office, person: int) -> int:
    """Somebody of an agency that doesn't share names."""
    own = select(Person.agency_id).where(Person.id == person).scalar_subquery()
    found = select(Person.id).join(Agency, Agency.id == Person.agency_id)
    return office.ask(found.where(~Agency.shares_names, Person.agency_id != own, Person.roles == "").limit(1))[0][0]


def _of_another_unit(office: Office, person: int) -> int:
    row = office.ask(select(Person.agency_id, Person.unit_id, Person.superior_id).where(Person.id == person))[0]
    bosses = select(Person.superior_id).where(Person.superior_id.is_not(None))
    return office.ask(
        select(Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(Person.agency_id == row[0], Person.unit_id != row[1], Person.roles == "", Person.id.not_in(bosses))
        .where(~Unit.lineage.contains(f"/{row[1]}/"), Unit.parent_id.is_not(None))
        .limit(1)
    )[0][0]


def test_those_who_see_the_same_share_a_channel(looking: tuple[Office, OfficeSource]):
    office, source = looking
    unit = unit_of(office, office.id_of(EMPLOYEE))
    floor = f"floor:{office.floor('IKN-K3-A-04')}@2026-11-24"
    mates = [id for (id,) in office.ask(select(Person.id).where(Person.unit_id == unit, Person.roles == "").limit(4))]
    for scope in (floor, f"team:{unit}", "rooms:1@2026-11-24"):
        assert len({_admit(office, source, mate, scope) for mate in mates}) == 1
    boss = office.id_of(SUPERIOR)
    assert _admit(office, source, boss, f"team:{unit}") != _admit(office, source, mates[0], f"team:{unit}")


# What a row may hold


@pytest.fixture
def crowded(office: Office) -> Office:
    """An office where some hide their desk, some are on leave, some said something, and desks are full."""
    unit = unit_of(office, office.id_of(EMPLOYEE))
    staff = [id for (id,) in office.ask(select(Person.id).where(Person.unit_id == unit).order_by(Person.id))]
    seated = [id for (id,) in office.ask(select(Booking.person_id).where(Booking.active, Booking.kind == "desk")
              .where(Booking.starts_at < NOW, Booking.ends_at > NOW).distinct())]  # fmt: skip
    hiding = {*seated[::3], staff[1]}
    for id in hiding:
        office.change(insert(ChoiceRow).values(person_id=id, hides_desk=True, hides_idle=False, version=1))
    for n, id in enumerate(staff[2:5]):
        plan_leave(office, id) if n == 0 else None
        row = {"person_id": id, "avail": "dnd", "place": "home", "until_at": NOW + timedelta(hours=1), "version": 1}
        office.change(insert(OverrideRow).values(**row))
    return office


def plan_leave(office: Office, person: int) -> None:
    """Approved leave of today, as the database has it."""

    def write(session: Any) -> None:
        monday = TODAY - timedelta(days=TODAY.weekday())
        plan = session.scalar(select(WeekPlan.id).where(WeekPlan.person_id == person, WeekPlan.monday_on == monday))
        if plan is None:
            plan = session.execute(
                insert(WeekPlan).values(person_id=person, monday_on=monday).returning(WeekPlan.id)
            ).scalar_one()
        day = session.scalar(select(PlanDay.id).where(PlanDay.person_id == person, PlanDay.on == TODAY))
        if day is None:
            day = session.execute(
                insert(PlanDay).values(plan_id=plan, person_id=person, on=TODAY, state="approved").returning(PlanDay.id)
            ).scalar_one()
        session.execute(update(PlanDay).where(PlanDay.id == day).values(state="approved"))
        session.execute(update(SegmentRow).where(SegmentRow.day_id == day).values(active=False))
        row = {"day_id": day, "mode": "leave", "starts": 450, "ends": 960, "site_id": 1, "whole": True, "active": True}
        session.execute(insert(SegmentRow).values(letter="", **row))

    office.db.write_here(write)


def test_no_row_ever_holds_a_name_or_a_desk_that_its_viewer_may_not_see(crowded: Office, source: OfficeSource):
    """Every role, over every kind of scope: all that could be seen is held against the rules for one viewer and person."""
    office = crowded
    me = office.id_of(EMPLOYEE)
    viewers = [me, *(office.id_of(email) for email in (SUPERIOR, ROOM_KEEPER, HR, ADMIN)), _stranger(office, me),
               _of_another_unit(office, me), *office.colleagues("KEMENPANRB", posts=1)]  # fmt: skip
    units = [id for (id,) in office.ask(select(Unit.id).order_by(Unit.id))]
    people = {row[0]: row for row in office.ask(select(Person.id, Person.name, Person.agency_id, Person.unit_id))}
    names = {row[1] for row in people.values()}
    floors = [id for (id,) in office.ask(select(Floor.id))]
    persons = list(people)[::23]
    hiding = {id for (id,) in office.ask(select(ChoiceRow.person_id).where(ChoiceRow.hides_desk))}
    sharing = {id for (id,) in office.ask(select(Agency.id).where(Agency.shares_names))}
    members = office.db.read_here(_members, list(people))
    seen: set[str] = set()
    for viewer in viewers:
        actor = office.actor(viewer)
        knows = {
            id
            for id, row in people.items()
            if row[2] == actor.agency_id or (row[2] in sharing and actor.agency_id in sharing)
        }
        allowed = {people[id][1] for id in knows}
        refs = office.db.read_here(source.me, actor)
        for scope in (
            *(f"team:{unit}" for unit in units),
            *(f"unit:{unit}" for unit in units[::5]),
            *(f"person:{id}" for id in persons),
            *(f"floor:{floor}@{TODAY}" for floor in floors),
            f"rooms:1@{TODAY}",
            f"board:{actor.unit_id}@2026-W48",
            "today:me",
        ):
            try:
                found = rows(office, source, viewer, scope)
            except Refused:
                continue
            text = json.dumps(found)
            assert not [name for name in names - allowed if f'"{name}"' in text], (viewer, scope)
            what = scope.partition(":")[0]
            seen.add(what)
            if what in ("team", "person"):
                for id, row in found.items():
                    _check_person(actor, members[id], row, hides=id in hiding)
            elif what == "floor":
                _check_floor(office, actor, members, found, hiding, refs)
            else:
                assert not [name for name in names if f'"{name}"' in text], scope
    assert seen == {"team", "unit", "person", "floor", "rooms", "board", "today"}


def _members(session: Any, ids: list[int]) -> dict[int, Any]:

    return {member.id: member for member in members_of(session, (), also=ids)}


def _check_person(actor: Any, member: Any, row: list[Any], *, hides: bool) -> None:
    sight = rules.sight(actor, member, named=True)
    assert sight is not None
    kind, _, floor, desk, _ = row[3]
    assert row[1:3] == [member.name, initials(member.name)]
    if sight < Sight.TEAM or (hides and not rules.may_see_desk(actor, member)):
        assert (floor, desk) == (None, None)
    if sight < Sight.TEAM:
        assert kind in ("site", "elsewhere", "unknown")
        assert row[7] in ("meeting", "nothing")
    if sight < Sight.SUPERIOR:
        assert kind != "leave"
    assert len(row) == 8 or sight is Sight.SELF


def _check_floor(
    office: Office, actor: Any, members: dict[int, Any], found: dict[int, Any], hiding: set[int], me: str
) -> None:
    holders = {
        (space, int(starts.timestamp())): person
        for space, starts, person in office.ask(
            select(Booking.space_id, Booking.starts_at, Booking.person_id).where(
                Booking.active, Booking.kind == "desk", Booking.space_id.in_(list(found) or [0])
            )
        )
    }
    for space, (_, bookings) in found.items():
        for starts, _, state, ref, letters, name in bookings:
            person = members[holders[space, starts]]
            assert state in ("booked", "checked-in")
            assert (ref == me) == (person.id == actor.id)
            if person.id in hiding and not rules.may_see_desk(actor, person):
                assert (ref, letters, name) == ("", "", "")
            elif name:
                assert name == person.name


def test_a_hidden_desk_is_there_for_the_own_unit(crowded: Office, source: OfficeSource):
    office = crowded
    hidden = office.ask(
        select(Booking.person_id, Space.floor_id, Space.id)
        .join(Space, Space.id == Booking.space_id)
        .join(ChoiceRow, ChoiceRow.person_id == Booking.person_id)
        .where(Booking.active, Booking.kind == "desk", Booking.starts_at < NOW, Booking.ends_at > NOW)
        .limit(1)
    )[0]
    person, floor, space = hidden
    scope = f"floor:{floor}@{TODAY}"
    assert all(not one[5] for one in rows(office, source, _of_another_unit(office, person), scope)[space][1])
    assert any(one[5] for one in rows(office, source, person, scope)[space][1])


# What changes is read anew


@pytest.fixture
def told(office: Office) -> Iterator[list[journal.Change]]:
    found: list[journal.Change] = []
    office.db.told = found.extend
    yield found
    office.db.told = None


class Watch:
    """Everything that some people look at; ``changed`` holds what is different against what ``touched`` said."""

    def __init__(self, office: Office, source: OfficeSource, told: list[journal.Change], looks: dict[str, int]) -> None:
        self.office, self.source, self.told = office, source, told
        self.channels = {scope: _admit(office, source, who, scope) for scope, who in looks.items()}
        self.before = self._all()
        told.clear()

    def _all(self, keys: dict[Channel, Any] | None = None) -> dict[Channel, dict[Any, Any]]:
        wanted = dict.fromkeys(self.channels.values()) if keys is None else keys
        loaded = self.office.db.read_here(self.source.load, wanted, now=self.office.clock())
        return loaded.rows

    def changed(self) -> set[str]:
        """Scopes whose rows changed. Each must have been named by ``touched``, with the keys of these rows."""
        wanted = self.source.touched(plain(self.told), set(self.channels.values()))
        self.told.clear()
        partly = self._all(wanted) if wanted else {}
        now = self._all()
        found = set()
        for scope, channel in self.channels.items():
            before = _there(self.before[channel])
            after = _there(now[channel])
            updated = dict(before) if wanted.get(channel, ()) is not None else {}
            for key, row in partly.get(channel, {}).items():
                updated.pop(key, None)
                if row is not None:
                    updated[key] = row
            assert updated == after, scope
            if before != after:
                found.add(scope)
        self.before = now
        return found


def _there(rows: dict[Any, Any]) -> dict[Any, Any]:
    return {key: row for key, row in rows.items() if row is not None}


@pytest.fixture
def watch(office: Office, source: OfficeSource, told: list[journal.Change]) -> Watch:
    me, boss = office.id_of(EMPLOYEE), office.id_of(SUPERIOR)
    unit, floor = unit_of(office, me), office.floor("IKN-K3-A-03")
    looks = {
        f"floor:{floor}@{QUIET}": me,
        f"floor:{floor}@{TODAY}": me,
        f"floor:{office.floor('IKN-K3-A-04')}@{QUIET}": boss,
        f"team:{unit}": me,
        f"unit:{unit}": boss,
        f"person:{me}": me,
        f"rooms:1@{QUIET}": me,
        f"board:{unit}@2026-W50": me,
        "today:me": me,
    }
    return Watch(office, source, told, looks)


def test_a_booking_that_comes_moves_and_goes(office: Office, watch: Watch):
    me, (first, second) = office.id_of(EMPLOYEE), office.desks()[2:4]
    floor = f"floor:{office.floor('IKN-K3-A-03')}@{QUIET}"
    booking = office.booked(me, first)
    assert watch.changed() == {floor, "today:me"}
    assert office.patch(f"/api/bookings/{booking['id']}", me, json={"space_id": second}).status_code == 200
    assert watch.changed() == {floor, "today:me"}
    elsewhere = next(desk for desk in office.desks("IKN-K3-A-04", "A"))
    answer = office.patch(f"/api/bookings/{booking['id']}", me, json={"space_id": elsewhere})
    if answer.status_code == 200:
        assert watch.changed() == {floor, f"floor:{office.floor('IKN-K3-A-04')}@{QUIET}", "today:me"}
    assert office.delete(f"/api/bookings/{booking['id']}", me).status_code == 200
    assert "today:me" in watch.changed()


def test_a_check_in_says_where_somebody_is(office: Office, watch: Watch):
    me = office.id_of(EMPLOYEE)
    unit, floor = unit_of(office, me), office.floor("IKN-K3-A-03")
    office.change(
        update(Booking).where(Booking.person_id == me).values(state="cancelled", active=False, release_at=None)
    )
    watch.before = watch._all()
    desk = office.desks()[9]
    office.change(update(Booking).where(Booking.space_id == desk).values(state="cancelled", active=False))
    booking = office.booked(me, desk, *hours(TODAY, 9.25, 16))
    watch.changed()
    office.clock.advance(minutes=5)
    watch.before = watch._all()
    assert office.put(f"/api/bookings/{booking['id']}/check-in", me).status_code == 200
    assert watch.changed() >= {f"floor:{floor}@{TODAY}", f"team:{unit}", f"unit:{unit}", f"person:{me}", "today:me"}
    row = rows(office, watch.source, me, f"person:{me}")[me]
    assert row[3] == ["site", 1, floor, desk, True]
    assert (row[4], row[8]) == ("away", "checkin")


def test_a_room_a_plan_a_meeting_and_what_people_say(office: Office, watch: Watch):
    me = office.id_of(EMPLOYEE)
    unit = unit_of(office, me)
    office.booked(me, office.rooms()[4], *hours(QUIET, 9, 10))
    assert watch.changed() == {f"rooms:1@{QUIET}", "today:me"}
    days = {QUIET.isoformat(): [{"mode": "WFH"}]}
    assert office.put(f"/api/people/{me}/weeks/2026-W50", me, json={"days": days}).status_code == 200
    assert watch.changed() == {f"board:{unit}@2026-W50"}
    starts_at, ends_at = hours(TODAY, 9, 10)
    wanted = {"title": "Rapat", "site_id": 1, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    meeting = office.post("/api/meetings", me, json=wanted)
    assert meeting.status_code == 201, meeting.text
    everywhere = {f"team:{unit}", f"unit:{unit}", f"person:{me}", "today:me"}
    assert watch.changed() == everywhere
    assert office.delete(f"/api/meetings/{meeting.json()['id']}", me).status_code == 200
    assert watch.changed() == everywhere
    assert office.put("/api/me/presence", me, json={"avail": "dnd"}).status_code == 200
    assert watch.changed() == everywhere - {"today:me"}
    assert office.delete("/api/me/presence", me).status_code == 200
    assert watch.changed() == everywhere - {"today:me"}


def test_somebody_struck_off_a_meeting_is_free_again(office: Office, watch: Watch):
    boss, me = office.id_of(SUPERIOR), office.id_of(EMPLOYEE)
    starts_at, ends_at = hours(TODAY, 9, 10)
    wanted = {"title": "Rapat", "site_id": 1, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    meeting = office.post("/api/meetings", boss, json=wanted | {"required_ids": [me]}).json()
    assert f"person:{me}" in watch.changed()
    answer = office.patch(f"/api/meetings/{meeting['id']}", boss, json={"required_ids": [boss]})
    assert answer.status_code == 200, answer.text
    assert f"person:{me}" in watch.changed()


def test_a_hidden_desk_vanishes_from_the_floor_of_others(office: Office, source: OfficeSource, told: Any):
    me, desk = office.id_of(EMPLOYEE), office.desks()[2]
    other = _of_another_unit(office, me)
    office.booked(me, desk)
    floor = f"floor:{office.floor('IKN-K3-A-03')}@{QUIET}"
    watch = Watch(office, source, told, {floor: other})
    assert office.put("/api/me/presence/choices", me, json={"hides_desk": True, "hides_idle": False}).status_code == 200
    assert watch.changed() == {floor}


def test_an_open_page_makes_somebody_available_and_is_looked_up_for_those_who_watch(
    office: Office, source: OfficeSource, connections: Open
):
    me, boss = office.id_of(EMPLOYEE), office.id_of(SUPERIOR)
    unit = unit_of(office, me)
    looks = {scope: _admit(office, source, boss, scope) for scope in (f"team:{unit}", f"unit:{unit}", f"person:{boss}")}
    office.db.read_here(source.load, dict.fromkeys(looks.values()), now=office.clock())
    assert rows(office, source, boss, f"team:{unit}")[me][4] in ("offline", "away")
    connections.people[me] = "active"
    assert source.connected(me, "active") == {looks[f"team:{unit}"]: {me}, looks[f"unit:{unit}"]: None}
    assert rows(office, source, boss, f"team:{unit}")[me][4] == "available"
    connections.people[me] = "idle"
    assert rows(office, source, boss, f"team:{unit}")[me][4] == "away"
    office.put("/api/me/presence/choices", me, json={"hides_desk": False, "hides_idle": True})
    assert rows(office, source, boss, f"team:{unit}")[me][4] == "available"


def test_a_row_is_due_when_it_changes_by_itself(office: Office, source: OfficeSource):
    me = office.id_of(EMPLOYEE)
    wanted = {"avail": "dnd", "until": (NOW + timedelta(minutes=20)).isoformat()}
    assert office.put("/api/me/presence", me, json=wanted).status_code == 200
    channel = _admit(office, source, me, f"person:{me}")
    loaded = office.db.read_here(source.load, {channel: None}, now=office.clock())
    assert loaded.due[channel][me] == NOW + timedelta(minutes=20)
    assert loaded.rows[channel][me].until == int((NOW + timedelta(minutes=20)).timestamp())  # type: ignore[union-attr]
    office.clock.advance(minutes=20)
    after = office.db.read_here(source.load, {channel: {me}}, now=office.clock())
    assert after.rows[channel][me].avail != "dnd"  # type: ignore[union-attr]


def test_totals_count_everybody_once(office: Office, source: OfficeSource):
    boss = office.id_of(SUPERIOR)
    unit = unit_of(office, boss)
    found = rows(office, source, boss, f"unit:{unit}")
    lineage = select(Unit.id).where(Unit.lineage.contains(f"/{unit}/"))
    staff = office.ask(select(Person.id).where(Person.unit_id.in_(lineage), Person.active))
    assert sum(total for _, total in found.values()) == len(staff)
    assert not [key for key in found if key.startswith("leave")]


def test_who_sits_where_is_what_bookings_say(office: Office):
    found = office.db.read_here(sitting.desks_on, office.floor("IKN-K3-A-04"), _today())
    assert found
    assert found == sorted(found, key=lambda one: (one.space_id, one.starts))


def _today() -> Any:
    from app.spans import on_day  # noqa: PLC0415

    return on_day(TODAY, 0, 1440, "Asia/Makassar")


def test_who_looks_at_nothing_any_more_is_forgotten_and_who_looks_is_not(office: Office):
    viewers = Viewers()
    me = office.actor(office.id_of(EMPLOYEE))
    mine = Channel("today:me", viewers.alone(me))
    for id in range(10_000, 10_000 + 3 * SLACK):
        viewers.alone(msgspec.structs.replace(me, id=id))
    viewers.keep({mine})
    assert viewers.viewer(mine.audience) is not None
    assert viewers.viewer("me:10000") is None
    assert viewers.viewer(f"me:{10_000 + 3 * SLACK - 1}") is not None


def test_today_on_a_floor_becomes_the_next_day_at_its_midnight(office: Office, source: OfficeSource):
    me, floor = office.id_of(EMPLOYEE), office.floor("IKN-K3-A-04")
    channel = _admit(office, source, me, f"floor:{floor}")
    today = office.db.read_here(source.load, {channel: None}, now=office.clock())
    midnight = hours(TODAY, 0, 24)[1]
    assert set(today.due[channel].values()) == {midnight}
    first = next(iter(today.due[channel]))
    office.clock.set(midnight)
    later = office.db.read_here(source.load, {channel: {first}}, now=office.clock())
    dated = rows(office, source, me, f"floor:{floor}@{TODAY + timedelta(days=1)}")
    there = {key: json.loads(msgspec.json.encode(row)) for key, row in later.rows[channel].items() if row is not None}
    assert there == dated
    assert _there(today.rows[channel]).keys() <= later.rows[channel].keys()


def test_a_floor_without_bookings_becomes_the_next_day_too(office: Office, source: OfficeSource):
    me, floor = office.id_of(EMPLOYEE), office.floor("IKN-K3-A-03")
    empty = TODAY + timedelta(days=40)
    office.clock.set(at(empty, 12))
    channel = _admit(office, source, me, f"floor:{floor}")
    found = office.db.read_here(source.load, {channel: None}, now=office.clock())
    assert _there(found.rows[channel]) == {}
    assert set(found.due[channel].values()) == {hours(empty, 0, 24)[1]}


@pytest.fixture
def moved(office: Office, source: OfficeSource) -> tuple[Channel, dict[str, Any], int, int]:
    """A floor that is looked at, and a booking on it that is to move from one desk to another."""
    viewer, mover = office.colleagues()[:2]
    before, after = office.desks()[:2]
    channel = _admit(office, source, viewer, f"floor:{office.floor('IKN-K3-A-03')}@{QUIET}")
    booking = office.booked(mover, before)
    office.db.read_here(source.load, {channel: None}, now=office.clock())
    return channel, booking, before, after


def _move(office: Office, booking: dict[str, Any], desk: int) -> None:
    path = f"/api/bookings/{booking['id']}"
    assert office.patch(path, booking["person_id"], json={"space_id": desk}).status_code == 200


def test_a_desk_that_was_left_is_read_anew_though_somebody_has_read_the_floor_since(
    office: Office, source: OfficeSource, told: list[journal.Change], moved: tuple[Channel, dict[str, Any], int, int]
):
    channel, booking, before, after = moved
    told.clear()
    _move(office, booking, after)
    office.db.read_here(source.load, {channel: None}, now=office.clock())  # another process made the move
    wanted = source.touched(told, [channel])
    assert wanted[channel] is not None
    assert {before, after} <= wanted[channel]


def test_who_comes_while_a_team_is_read_for_the_first_time_is_wanted_again(
    office: Office, source: OfficeSource, connections: Open, monkeypatch: pytest.MonkeyPatch
):
    me = office.id_of(EMPLOYEE)
    unit = unit_of(office, me)
    mate = office.ask(select(Person.id).where(Person.unit_id == unit, Person.id != me))[0][0]
    channel = _admit(office, source, me, f"team:{unit}")
    known, wanted = facts.known, []

    def slowly(*arguments: Any, **named: Any) -> Any:
        found = known(*arguments, **named)
        wanted.append(source.connected(mate, "active"))
        return found

    monkeypatch.setattr(facts, "known", slowly)
    office.db.read_here(source.load, {channel: None}, now=office.clock())
    assert wanted == [{channel: {mate}}]
