"""The pages of the dated rules as a browser without scripts meets them."""

from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from sqlalchemy import delete, select

from app.notices import NoticeRow
from app.scheduling import rulebook
from app.scheduling.models import CalendarChange, DayOffRow, HoursRow, PolicyRow, SeasonRow
from app.weeks import week_of
from tests.support.office import ADMIN, EMPLOYEE, HR, QUIET
from tests.support.pages import BROWSER, Browser, sign_in

DAY = {"on": str(QUIET), "kind": "collective-leave", "name": "Cuti bersama uji", "basis": "Keppres uji"}


class Fields(HTMLParser):
    """What a browser would send of the forms with an action: text, ticked boxes, and the chosen option of each list."""

    def __init__(self, page, action):
        super().__init__()
        self.action, self.found, self.list = action, [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.found.append({}) if given["action"].split("#")[0] == self.action else None
            self.open = given["action"].split("#")[0] == self.action
        elif not getattr(self, "open", False):
            return
        elif tag == "select":
            self.list = given["name"]
        elif tag == "option" and ("selected" in given or self.list not in self.found[-1]):
            self.found[-1][self.list] = given["value"]
        elif tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.found[-1][given["name"]] = given.get("value", "on")

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = False


class Rules(Browser):
    def write(self, action, without=(), **changes):
        """The last form of the page with that action: the one to fill in comes after those that end a row."""
        fields = Fields(self.page, action).found[-1] | changes
        fields = {name: value for name, value in fields.items() if name not in without}
        answer = self.office.post(action, data=fields, headers=BROWSER, follow_redirects=False)
        self.page = answer.text
        return answer


@pytest.fixture
def browser(office):
    return Rules(office)


def at(browser, path, email):
    sign_in(browser, email)
    assert browser.go(path).status_code == 200
    return browser


@pytest.mark.parametrize("tab", ["libur", "ramadan", "jam-kerja", "kebijakan"])
@pytest.mark.parametrize("email", [EMPLOYEE, HR, ADMIN])
def test_everybody_reads_the_rules_and_officers_have_forms(browser, tab, email):
    at(browser, f"/aturan/{tab}", email)
    assert ("/periksa" in browser.page) is (email != EMPLOYEE)


def test_a_day_off_is_looked_at_applied_and_undone(browser, office):
    person, desk = office.colleagues(posts=1)[0], office.desks()[0]
    part = {"mode": "WFO", "desk_id": desk}
    assert (
        office.put(
            f"/api/people/{person}/weeks/{week_of(QUIET)}", person, json={"days": {str(QUIET): [part]}}
        ).status_code
        == 200
    )
    at(browser, "/aturan/libur", ADMIN)
    assert browser.write("/aturan/libur/periksa", **DAY).status_code == 200
    assert "1 rencana harian 1 pesanan meja 1 pegawai" in browser.text
    assert office.ask(select(CalendarChange)) == []
    browser.follow(browser.write("/aturan/libur/terapkan"))
    assert "Perubahan diterapkan. Tersentuh: 1 rencana · 1 meja · 1 orang." in browser.text
    assert [kind for (kind,) in office.ask(select(NoticeRow.kind).where(NoticeRow.person_id == person))] == [
        "day-off-added"
    ]
    (change,) = office.ask(select(CalendarChange.id))[0]
    browser.follow(browser.write(f"/aturan/perubahan/{change}/batalkan"))
    assert "Perubahan dibatalkan." in browser.text
    assert office.ask(select(DayOffRow).where(DayOffRow.basis == "Keppres uji")) == []


def test_what_is_wrong_stands_at_its_field(browser):
    at(browser, "/aturan/libur", ADMIN)
    answer = browser.write("/aturan/libur/periksa", **DAY | {"basis": ""})
    assert answer.status_code == 422
    assert "Tuliskan dasar hukumnya" in browser.text
    assert 'value="Cuti bersama uji"' in browser.page


def test_a_national_row_is_shown_to_an_officer_with_what_it_would_touch_but_not_applied(browser):
    at(browser, "/aturan/libur", HR)
    assert browser.write("/aturan/libur/periksa", **DAY).status_code == 200
    assert "Yang dapat menerapkannya adalah operator." in browser.text
    assert "/aturan/libur/terapkan" not in browser.page


def test_ramadan_moves_by_a_day(browser, office):
    at(browser, "/aturan/ramadan?tahun=2027", ADMIN)
    row = office.ask(select(SeasonRow.id).where(SeasonRow.until_on == date(2027, 3, 9)))[0][0]
    browser.go(f"/aturan/ramadan?tahun=2027&ubah={row}")
    browser.write("/aturan/ramadan/periksa", ["estimated"], from_on="2027-02-09", basis="Sidang isbat 1448 H")
    browser.follow(browser.write("/aturan/ramadan/terapkan"))
    found = office.ask(select(SeasonRow.from_on, SeasonRow.basis).where(SeasonRow.id == row))[0]
    assert (str(found[0]), found[1]) == ("2027-02-09", "Sidang isbat 1448 H")


def test_an_officer_sets_and_ends_hours_of_the_agency(browser, office):
    at(browser, "/aturan/jam-kerja", HR)
    agency = office.actor(office.id_of(HR)).agency_id
    wanted = {"scope": f"agency:{agency}", "starts": "08:00", "ends": "16:30", "from_on": str(QUIET), "basis": "SE uji"}
    browser.write("/aturan/jam-kerja/periksa", **wanted, site_id="", season="")
    browser.follow(browser.write("/aturan/jam-kerja/terapkan"))
    row = office.ask(select(HoursRow).where(HoursRow.agency_id == agency))
    assert [(hours.weekdays, hours.starts, hours.ends) for (hours,) in row] == [("1234", 480, 990)]
    browser.go("/aturan/jam-kerja")
    browser.write("/aturan/jam-kerja/periksa", list(wanted), id=str(row[0][0].id), akhiri="1")
    browser.follow(browser.write("/aturan/jam-kerja/terapkan"))
    assert office.ask(select(HoursRow).where(HoursRow.agency_id == agency)) == []


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("flexible-days", {"rule.most": "1"}),
        ("allowed-modes", {"rule.modes.WFH": "on"}),
        ("weekday-mode", {"rule.weekday": "5", "rule.mode": "WFH"}),
        ("excluded", {"rule.levels.pengawas": "on"}),
        ("eligibility", {}),
        ("office-days", {"rule.least": "3"}),
        ("core-hours", {"rule.starts": "09:00", "rule.ends": "15:00"}),
        ("notice", {"rule.days": "2"}),
        ("hours", {"rule.tolerance": "30"}),
        ("letter", {}),
        ("approval", {"rule.chain": "superior head", "rule.automatic": "on"}),
        ("least-on-site", {"rule.percent": "25", "rule.part": "day", "rule.site_id": ""}),
        ("most-away", {"rule.percent": "50"}),
        ("decision-maker", {"rule.levels.administrator": "on", "rule.site_ids.1": "on"}),
    ],
)
def test_every_kind_of_policy_can_be_set(browser, office, kind, settings):
    at(browser, f"/aturan/kebijakan?jenis={kind}", HR)
    agency = office.actor(office.id_of(HR)).agency_id
    wanted = {"scope": f"agency:{agency}", "name": "Uji", "from_on": str(QUIET), "basis": "SE uji"}
    assert browser.write("/aturan/kebijakan/periksa", **wanted, **settings).status_code == 200, browser.text
    browser.follow(browser.write("/aturan/kebijakan/terapkan"))
    ((row,),) = office.ask(select(PolicyRow).where(PolicyRow.basis == "SE uji"))
    assert (row.rule["type"], row.agency_id) == (kind, agency)
    browser.go(f"/aturan/kebijakan?ubah={row.id}&tahun={QUIET.year}")
    browser.write("/aturan/kebijakan/periksa", until_on=str(QUIET + timedelta(days=9)))
    browser.follow(browser.write("/aturan/kebijakan/terapkan"))
    ((after,),) = office.ask(select(PolicyRow).where(PolicyRow.basis == "SE uji"))
    assert (after.rule, after.until_on) == (row.rule, QUIET + timedelta(days=9))


def test_lines_of_the_package_need_a_basis_and_a_second_look(browser, office):
    def drop(session):
        session.execute(delete(DayOffRow).where(DayOffRow.on == date(2026, 12, 24)))
        rulebook.changed(session)

    office.db.write_here(drop)
    at(browser, "/aturan/libur/banding?tahun=2026", ADMIN)
    assert browser.write("/aturan/libur/banding", basis="", **{"pick-2026-12-24": "on"}).status_code == 422
    wanted = {"basis": "SKB uji", "pick-2026-12-24": "on"}
    assert browser.write("/aturan/libur/banding", **wanted).status_code == 200
    assert 'name="sure"' in browser.page
    browser.follow(browser.write("/aturan/libur/banding", sure="1", **wanted))
    rows = office.ask(select(DayOffRow.kind, DayOffRow.basis).where(DayOffRow.on == date(2026, 12, 24)))
    assert rows == [("collective-leave", "SKB uji")]


def test_news_are_shown_on_the_page_of_today_until_put_away(browser, office):
    person = office.id_of(EMPLOYEE)
    office.change(
        NoticeRow.__table__.insert().values(
            person_id=person,
            kind="day-off-added",
            cause="uji",
            at=office.clock(),
            facts={"on": str(QUIET), "name": "Uji", "desk": True},
        )
    )
    at(browser, "/", EMPLOYEE)
    assert "Kamis, 10 Desember 2026 menjadi hari libur: Uji. Meja Anda pada hari itu sudah dilepas." in browser.text
    browser.follow(browser.send("/kabar/dibaca"))
    assert "menjadi hari libur" not in browser.text
