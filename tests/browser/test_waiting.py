"""A desk that somebody else has, on a phone: stand in line, be offered it, accept with one tap."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visiting import Browsers, Site, axe_findings, desk, notice, panel
from tests.support.office import hours
from tests.support.world import QUIET

pytestmark = pytest.mark.browser


def test_a_taken_desk_is_waited_for_offered_and_accepted_with_one_tap(browse: Browsers, site: Site):
    wanted = site.desks()[4]
    site.vacate(wanted)
    has, waits = site.somebody(), site.somebody()
    booking = site.booked(has, wanted, *hours(QUIET, 7.5, 16))
    page = browse(waits)
    page.goto(f"/denah?floor={site.floor('IKN-K3-A-03')}&on={QUIET}")
    desk(page, wanted).click()
    panel(page).get_by_role("button", name="Masuk daftar tunggu").click()
    expect(notice(page)).to_contain_text("urutan ke-1")
    expect(panel(page).get_by_role("button", name="Keluar dari daftar tunggu")).to_be_visible()
    assert axe_findings(page) == []
    assert site.delete(f"/api/bookings/{booking['id']}", has).status_code == 200
    page.goto("/")
    assert axe_findings(page) == []
    page.get_by_role("button", name="Terima").click()
    expect(notice(page)).to_contain_text("kini milik Anda")
    expect(page.get_by_role("button", name=re.compile("^Terima"))).to_have_count(0)
