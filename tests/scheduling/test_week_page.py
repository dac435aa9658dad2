"""Pekan saya as a browser without scripts meets it: every field, every refusal, in both languages."""

import html
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from app.people.models import Person
from app.rooms.models import Booking
from app.scheduling import rulebook
from app.scheduling.models import DayOffRow, PolicyRow, WeekPlan
from app.scheduling.rules import Mode
from app.scheduling.week_form import Part, read_parts, write_parts
from tests.support.office import QUIET, at
from tests.support.pages import BROWSER
from tests.support.world import TODAY

WEEK, LAST = "2026-W51", "2026-W50"
MONDAY = QUIET + timedelta(days=4)
PATH = f"/pekan/{WEEK}"


@pytest.fixture
def me(office):
    return office.colleagues(posts=1)[0]


@pytest.fixture
def planner(office, me):
    return Planner(office, me)


class Planner:
    """Somebody with the page open: ``fields`` are those of its form, changed and sent as a browser would."""

    def __init__(self, office, who):
        self.office, self.who, self.page, self.fields = office, who, "", {}

    def open(self, path=PATH):
        return self._read(self.office.get(path, self.who, headers=BROWSER, follow_redirects=False))

    def send(self, action="save", path=PATH, **changes):
        data = {**self.fields, **{name.replace("_", "-"): value for name, value in changes.items()}}
        if action != "way":
            data["action"] = action
        return self._read(self.office.post(path, self.who, data=data, headers=BROWSER, follow_redirects=False))

    def sent(self, action="save", **changes):
        """Sent, and the page seen to which it led."""
        answer = self.send(action, **changes)
        assert answer.status_code == 303, self.text
        self.open(answer.headers["location"])
        return answer.headers["location"]

    def _read(self, answer):
        self.page = answer.text
        form = re.search(r'<form[^>]*id="plan".*?</form>', self.page, re.DOTALL)
        if form:
            self.fields = dict(fields(form[0]))
        return answer

    @property
    def text(self):
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", self.page)))

    def note(self):
        found = re.search(r'<div class="note.*?</div>\s*</div>', self.page, re.DOTALL)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", found[0]))) if found else ""

    def plan(self, week=WEEK):
        seen = self.office.get(f"/api/people/{self.who}/weeks/{week}", self.who).json()
        return {on: [part["mode"] for part in parts] for on, parts in seen["days"].items()}


def fields(form):
    for tag in re.finditer(r"<input([^>]*)>|<select([^>]*)>(.*?)</select>", form, re.DOTALL):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag[1] or tag[2]))
        if tag[1]:
            if given.get("type") == "radio" and "checked" not in tag[1]:
                continue
            yield given["name"], html.unescape(given.get("value", ""))
        else:
            options = re.findall(r'<option value="([^"]*)"( selected)?', tag[3])
            yield given["name"], next((value for value, chosen in options if chosen), options[0][0])


def desks(office, person):
    mine = Booking.person_id == person, Booking.active, Booking.starts_at >= at(MONDAY, 0)
    return office.ask(select(Booking.space_id).where(*mine))


def on(n):
    return (MONDAY + timedelta(days=n)).isoformat()


def policy(office, person, rule):
    """A policy of the person's unit, straight into the table."""
    unit = office.ask(select(Person.unit_id, Person.agency_id).where(Person.id == person))[0]

    def write(session):
        session.add(
            PolicyRow(
                name="uji", basis="Dasar uji", from_on=date(2026, 1, 1), until_on=None,
                agency_id=unit[1], unit_id=unit[0], rule=rule,
            )
        )  # fmt: skip
        rulebook.changed(session)

    office.db.write_here(write)


# Planning


def test_a_week_is_planned_day_by_day_with_a_select_each(planner):
    planner.open()
    planner.sent("save", mode_0="WFO", mode_1="WFH", mode_3="WFO", desk_0="none", desk_3="none")
    assert "tersimpan sebagai draf" in planner.note()
    assert planner.plan() == {on(0): ["WFO"], on(1): ["WFH"], on(3): ["WFO"]}
    assert planner.fields["mode-1"] == "WFH"
    assert planner.text.count("Draf") >= 3


def test_morning_and_afternoon_may_differ(planner):
    planner.open()
    planner.sent(mode_1="WFH", pm_1="WFO", desk_1="none")
    assert planner.plan() == {on(1): ["WFH", "WFO"]}
    assert (planner.fields["am-1"], planner.fields["pm-1"]) == ("WFH", "WFO")
    assert planner.fields["parts-1"] == "07:30-12:00=WFH,13:00-16:00=WFO"
    planner.sent(am_1="", pm_1="", mode_1="WFH")
    assert planner.plan() == {on(1): ["WFH"]}


def test_painted_hours_come_back_as_they_were_sent(planner):
    planner.open()
    planner.sent(mode_0="parts", parts_0="07:30-09:30=WFH,09:30-12:00=WFO,13:00-16:00=WFH", desk_0="none")
    assert planner.fields["mode-0"] == "parts"
    assert planner.fields["parts-0"] == "07:30-09:30=WFH,09:30-12:00=WFO,13:00-16:00=WFH"
    assert "09.30–12.00" in planner.text


def test_hours_that_no_grid_can_show_stay_as_they_are(planner, office, me):
    odd = {"days": {on(0): [{"mode": "WFH", "starts": "07:40", "ends": "11:10"}]}}
    assert office.put(f"/api/people/{me}/weeks/{WEEK}", me, json=odd).status_code == 200
    planner.open()
    planner.sent(mode_1="WFH")
    seen = office.get(f"/api/people/{me}/weeks/{WEEK}", me).json()["days"]
    assert [(part["starts"], part["ends"]) for part in seen[on(0)]] == [("07:40", "11:10")]
    assert on(1) in seen


def test_a_desk_near_the_team_comes_with_a_day_at_the_office_and_goes_with_it(planner, office, me):
    planner.open()
    planner.sent(mode_0="WFO", desk_0="near")
    held = office.ask(
        select(Booking.space_id).where(Booking.person_id == me, Booking.active, Booking.starts_at >= at(MONDAY, 0))
    )
    assert len(held) == 1
    assert planner.fields["desk-0"] == "keep"
    assert f"on={on(0)}&amp;part=span&amp;from=07:30&amp;until=16:00&amp;desk={held[0][0]}" in planner.page
    planner.sent(mode_0="WFH")
    assert not desks(office, me)


def test_another_office_is_the_one_chosen_and_its_hours_are_those_on_its_own_wall(planner, office, me):
    planner.open()
    jakarta = next(
        value for value, name in re.findall(r'<option value="(\d+)">([^<]*)', planner.page) if "Jakarta" in name
    )
    planner.sent(mode_0="other-office", site_0=jakarta, desk_0="none")
    planner.sent(mode_1="parts", parts_1="13:00-16:00=other-office", site_1=jakarta, desk_1="none")
    seen = office.get(f"/api/people/{me}/weeks/{WEEK}", me).json()["days"]
    assert [(part["starts"], part["ends"], part["site_id"]) for part in seen[on(0)]] == [
        ("07:30", "16:00", int(jakarta))
    ]
    assert [(part["starts"], part["ends"]) for part in seen[on(1)]] == [("12:00", "15:00")]
    assert planner.fields["parts-1"] == "13:00-16:00=other-office"


def test_days_that_are_over_and_days_off_have_no_fields(planner):
    planner.open(f"/pekan/2026-W{TODAY.isocalendar().week}")
    assert "mode-0" not in planner.fields
    assert "mode-1" in planner.fields
    planner.open("/pekan/2026-W53")  # 1 January is a Friday
    assert "mode-4" not in planner.fields
    assert "Tahun Baru" in planner.text


def test_a_plan_that_is_over_survives_a_change_of_the_rest(planner, office, me):
    this = f"2026-W{TODAY.isocalendar().week}"
    path = f"/pekan/{this}"
    planner.open(path)
    before = planner.plan(this)
    answer = planner.send("save", path, mode_4="WFH")
    assert answer.status_code == 303, planner.note()
    after = planner.plan(this)
    assert after["2026-11-27"] == ["WFH"]
    assert {day: modes for day, modes in after.items() if day < "2026-11-24"} == {
        day: modes for day, modes in before.items() if day < "2026-11-24"
    }


def test_a_day_off_keeps_its_plan_for_when_it_is_called_off(planner, office, me):
    planner.open()
    planner.sent(mode_0="WFH", mode_1="WFH")

    def declare(session):
        session.add(
            DayOffRow(
                on=MONDAY, kind="local", name="Libur uji", name_en="Test day", basis="uji", state="fixed", site_id=None
            )
        )
        rulebook.changed(session)

    office.db.write_here(declare)
    planner.open()
    assert "mode-0" not in planner.fields
    assert "Libur uji" in planner.text
    planner.sent(mode_1="WFO", desk_1="none")
    assert planner.plan() == {on(0): ["WFH"], on(1): ["WFO"]}


# Asking


def test_submitting_names_who_decides(planner, office, me):
    boss = office.ask(select(Person.superior_id).where(Person.id == me))[0][0]
    name = office.ask(select(Person.name).where(Person.id == boss))[0][0]
    planner.open()
    planner.sent(mode_1="WFH")
    assert f"Diajukan kepada {name}" in planner.text
    assert f"Ajukan ke {name}" in planner.text
    planner.sent("submit")
    assert f"Rencana diajukan kepada {name}" in planner.note()
    assert "Menunggu persetujuan" in planner.text
    planner.sent("withdraw")
    assert "ditarik kembali" in planner.note()
    assert planner.text.count("Draf") >= 1


def test_a_week_at_the_office_holds_at_once_and_the_page_says_so_beforehand(planner):
    planner.open()
    planner.sent(**{f"mode_{n}": "WFO" for n in range(5)}, **{f"desk_{n}": "none" for n in range(5)})
    assert "Langsung berlaku" in planner.text
    planner.sent("submit")
    assert "Semua hari sudah disetujui" in planner.note()
    assert "Disetujui otomatis" in planner.text


def test_nothing_to_submit_is_said_and_nothing_is_lost(planner):
    planner.open()
    answer = planner.send("submit")
    assert answer.status_code == 409
    assert "belum berisi rencana" in planner.note()


def test_a_reason_of_the_superior_stands_at_its_day_and_in_the_history(planner, office, me):
    boss = office.ask(select(Person.superior_id).where(Person.id == me))[0][0]
    planner.open()
    planner.sent(mode_1="WFH")
    planner.sent("submit")
    back = {"decision": "returned", "reason": "Mohon hadir pada rapat."}
    assert office.put(f"/api/people/{me}/weeks/{WEEK}/approval", boss, json=back).status_code == 200
    planner.open()
    assert planner.text.count("Mohon hadir pada rapat.") == 2
    assert "Dikembalikan" in planner.text
    assert "Riwayat" in planner.text


# Refusals


def test_what_a_rule_refuses_comes_back_with_the_form_the_basis_and_ways_out(planner, me, office):
    policy(office, me, {"type": "flexible-days", "most": 2})
    planner.open()
    answer = planner.send("save", mode_0="WFH", mode_1="WFH", mode_2="WFH")
    assert answer.status_code == 409
    assert "paling banyak 2 hari" in planner.note()
    assert "Dasar uji" in planner.text
    assert [planner.fields[f"mode-{n}"] for n in range(3)] == ["WFH"] * 3
    assert planner.plan() == {}
    assert 'aria-invalid="true"' in planner.page
    ways = re.findall(r'name="way" value="([^"]*)"', planner.page)
    assert ways
    answer = planner.send("way", way=html.unescape(ways[0]))
    assert answer.status_code == 200
    assert "belum disimpan" in planner.note()
    assert sorted(planner.fields[f"mode-{n}"] for n in range(3)) == ["WFH", "WFH", "WFO"]
    planner.sent("save", **{f"desk_{n}": "none" for n in range(3)})


def test_travel_asks_for_the_number_of_its_letter(planner, office, me):
    policy(office, me, {"type": "letter"})
    planner.open()
    assert planner.send(mode_2="travel").status_code == 409
    assert "nomor surat tugas" in planner.note()
    planner.sent(letter_2="ST-12/2026")
    assert planner.fields["letter-2"] == "ST-12/2026"


def test_a_shortfall_of_the_team_is_left_to_who_decides_at_a_second_press(planner, office, me):
    policy(office, me, {"type": "least-on-site", "percent": 100})
    planner.open()
    answer = planner.send("submit", mode_1="WFH")
    assert answer.status_code == 409
    assert "berada di kantor" in planner.note()
    assert "Tetap ajukan ke" in planner.text
    assert planner.fields["despite"] == "1"
    planner.sent("submit")
    assert "Menunggu persetujuan" in planner.text


def test_a_week_changed_elsewhere_is_told_and_shown_as_it_is(planner, office, me):
    planner.open()
    elsewhere = {"days": {on(0): [{"mode": "WFH"}]}}
    assert office.put(f"/api/people/{me}/weeks/{WEEK}", me, json=elsewhere).status_code == 200
    answer = planner.send(mode_1="WFH")
    assert answer.status_code == 412
    assert "diubah di tempat lain" in planner.note()
    assert (planner.fields["mode-0"], planner.fields["mode-1"]) == ("WFH", "")


def test_a_desk_that_cannot_be_had_is_said_and_the_plan_stands(planner, office, me):
    far = "2027-W05"
    planner.open(f"/pekan/{far}")
    answer = planner.send("save", f"/pekan/{far}", mode_0="WFO", desk_0="near")
    planner.open(answer.headers["location"])
    assert "tidak dapat dipesankan" in planner.note()
    assert planner.plan(far) == {"2027-02-01": ["WFO"]}


@pytest.mark.parametrize("changes", [
    {"mode_0": "beach"}, {"mode_0": "parts", "parts_0": "x"}, {"mode_0": "parts", "parts_0": "07:30-99:00=WFH"},
    {"mode_0": "other-office", "site_0": "999999"}, {"mode_0": "WFH", "site_0": "-1"}, {"action": "explode"},
])  # fmt: skip
def test_what_the_form_cannot_send_is_refused_and_not_an_error(planner, changes):
    planner.open()
    assert planner.send(**changes).status_code == 400


@pytest.mark.parametrize("week", ["2026-W54", "2026-50", "x", "1999-W01"])
def test_a_week_that_is_none_is_refused(planner, week):
    assert planner.open(f"/pekan/{week}").status_code == 400


def test_who_is_not_signed_in_is_asked_to(office):
    answer = office.client.get(PATH, headers=BROWSER, follow_redirects=False)
    assert answer.status_code == 303
    assert "masuk" in answer.headers["location"]


# Last week's pattern


def plan_last(office, me, *modes, **more):
    days = {(MONDAY + timedelta(days=n - 7)).isoformat(): [{"mode": mode}] for n, mode in enumerate(modes) if mode}
    days |= more.get("days", {})
    answer = office.put(f"/api/people/{me}/weeks/{LAST}", me, json={"days": days})
    assert answer.status_code == 200, answer.text


def test_last_weeks_pattern_comes_over_in_one_press_with_its_desks(planner, office, me):
    first = (MONDAY - timedelta(days=7)).isoformat()
    plan_last(office, me, None, "WFH", None, "WFO", days={first: [{"mode": "WFO", "near_team": True}]})
    planner.open()
    assert "Salin pekan lalu" in planner.text
    planner.sent("copy")
    assert "Pola pekan lalu disalin" in planner.note()
    assert planner.plan() == {on(0): ["WFO"], on(1): ["WFH"], on(3): ["WFO"]}
    assert (planner.fields["desk-0"], planner.fields["desk-3"]) == ("keep", "none")


def test_journeys_leave_and_what_was_asked_for_are_not_copied_over(planner, office, me):
    first = (MONDAY - timedelta(days=7)).isoformat()
    plan_last(office, me, None, "leave", "WFH", "WFO", days={first: [{"mode": "travel", "letter": "ST-1"}]})
    planner.open()
    planner.sent("submit", mode_2="WFA")
    planner.sent("copy")
    assert planner.plan() == {on(2): ["WFA"], on(3): ["WFO"]}


def test_a_pattern_that_the_rules_refuse_now_is_shown_with_ways_out(planner, office, me):
    plan_last(office, me, "WFH", "WFH")
    policy(office, me, {"type": "flexible-days", "most": 1})
    planner.open()
    assert planner.send("copy").status_code == 409
    assert [planner.fields["mode-0"], planner.fields["mode-1"]] == ["WFH", "WFH"]
    assert planner.plan() == {}
    assert 'name="way"' in planner.page


def test_nothing_to_copy_is_said(planner):
    planner.open()
    assert "Salin pekan lalu" not in planner.text
    planner.sent("copy")
    assert "Tidak ada pola" in planner.note()


# Looking


def test_the_script_asks_what_the_rules_say_and_nothing_is_written(planner, office, me):
    policy(office, me, {"type": "flexible-days", "most": 1})
    planner.open()
    version = planner.fields["version"]
    data = {**planner.fields, "mode-0": "WFH", "mode-1": "WFH"}
    answer = office.post(f"{PATH}/periksa", me, data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    for id in ("judged", "who", "submit-word", "say", *(f"sum-{n}" for n in range(5))):
        assert f'id="{id}"' in answer.text
    assert "Hari fleksibel: 2 dari 1" in answer.text
    assert planner.plan() == {}
    assert office.ask(select(WeekPlan.id).where(WeekPlan.person_id == me, WeekPlan.monday_on == MONDAY)) == []
    planner.open()
    assert planner.fields["version"] == version


def test_the_team_sees_no_reason_for_an_absence(planner, office, me):
    unit = office.ask(select(Person.unit_id).where(Person.id == me))[0][0]
    mate = office.ask(
        select(Person.id).where(Person.unit_id == unit, Person.id != me, Person.superior_id.is_not(None))
    )[0][0]
    office.put(f"/api/people/{mate}/weeks/{WEEK}", mate, json={"days": {on(0): [{"mode": "leave"}]}})
    office.put(f"/api/people/{mate}/weeks/{WEEK}/submission", mate, json={})
    planner.open()
    strip = planner.page.partition('id="mates"')[2]
    assert "Tidak tersedia" in strip
    assert ">Cuti<" not in strip


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_is_whole_in_both_languages(planner, office, me, language):
    office.change(update(Person).where(Person.id == me).values(language=language))
    planner.open()
    assert f'<html lang="{language}"' in planner.page
    assert ("Pekan 51 · 14–18 Desember 2026" if language == "id" else "Week 51 · 14–18 December 2026") in planner.text
    ids = re.findall(r'\bid="([^"]+)"', planner.page)
    assert len(ids) == len(set(ids))
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|<style|\sstyle=", planner.page)
    assert len(re.findall(r"<h1[ >]", planner.page)) == 1


def test_the_unsuffixed_address_leads_to_the_present_week(planner):
    assert planner.open("/pekan").status_code == 200
    assert "Pekan 48 · 23–27 November 2026" in planner.text


# The form by itself


@pytest.mark.parametrize("parts", [[], [Part(Mode.WFH)], [Part(Mode.WFO, 450, 720), Part(Mode.TRAVEL, 780, 960)]])
def test_parts_read_back_as_they_were_written(parts):
    assert read_parts(write_parts(parts) if parts else "") == parts
