"""What comes by mail, chosen on a phone; and the queue, as an operator sees it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert

from app.mail.models import Mail, MailItem
from tests.browser.visiting import Browsers, Site, axe_findings, notice
from tests.support.office import ADMIN
from tests.support.world import NOW

pytestmark = pytest.mark.browser


def reflows(page):
    """At 320 px nothing needs a second direction to scroll (WCAG 1.4.10)."""
    page.set_viewport_size({"width": 320, "height": 640})
    return page.evaluate("document.documentElement.scrollWidth <= 320")


def test_news_is_chosen_with_a_tick_and_kept(browse: Browsers, site: Site):
    page = browse(site.somebody())
    page.goto("/profil")
    page.get_by_role("link", name="Atur pemberitahuan").click()
    box = page.get_by_role("checkbox", name="Daftar tunggu")
    expect(box).to_be_checked()
    box.uncheck()
    page.get_by_role("button", name="Simpan pilihan").click()
    expect(notice(page)).to_contain_text("Pilihan Anda disimpan.")
    expect(page.get_by_role("checkbox", name="Daftar tunggu")).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="Undangan rapat")).to_be_checked()
    assert axe_findings(page) == []
    assert reflows(page)


def test_the_queue_is_read_and_tried_again(browse: Browsers, site: Site):
    row = {"person_id": site.somebody(), "site_id": 1, "opened_at": NOW, "due_at": NOW, "attempts": 3}
    rows = [
        row | {"recipient": "sinta.dewi@contoh.go.id", "person_id": None, "topic": "meeting:1", "state": "open"},
        row
        | {"recipient": "9", "topic": "", "state": "failed", "ended_at": NOW, "last_error": "550 5.1.1 no such user"},
    ]
    for each in rows:
        site.change(insert(Mail).values(**each))
    (mail_id,) = site.ask(Mail.__table__.select().where(Mail.recipient == "9"))[0][:1]
    item = {"mail_id": mail_id, "recipient": "9", "kind": "plan-approved", "cause": "x", "facts": {}, "at": NOW}
    site.change(insert(MailItem).values(**item))
    page = browse(site.id_of(ADMIN))
    page.goto("/surel?keadaan=gagal")
    expect(page.get_by_role("main")).to_contain_text("550 5.1.1 no such user")
    assert axe_findings(page) == []
    assert reflows(page)
    page.get_by_role("button", name="Kirim sekarang").click()
    expect(notice(page).first).to_contain_text("akan segera dikirim ulang")
    expect(page.get_by_role("main")).to_contain_text("sinta.dewi@contoh.go.id")
    assert axe_findings(page) == []
