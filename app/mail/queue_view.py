"""Pages of mail in words: what one gets by it, and the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app import clock, sites
from app.mail import service, words
from app.mail.outbox import State
from app.mail.rules import Kind
from app.mail.shapes import MailOut
from app.mail.views import ChoicesPage, Line, QueuePage, Tab, Tick
from app.people import service as people
from app.people.access import Actor
from app.texts import N_, Words
from app.views import Notice

DETAILS = {
    Kind.INVITATIONS: N_("Undangan, perubahan, dan pembatalan, beserta entri untuk kalender Anda."),
    Kind.REPLIES: N_("Siapa yang hadir, tidak hadir, atau diwakili pada rapat Anda."),
    Kind.DECISIONS: N_("Disetujui, dikembalikan, atau dicabut."),
    Kind.REQUESTS: N_("Rencana dan pesanan ruang yang menunggu keputusan Anda."),
    Kind.ROOMS: N_("Pesanan ruang yang disetujui, dipindahkan, atau ditolak."),
    Kind.WAITING: N_("Meja dan ruang yang ditahan untuk Anda."),
    Kind.CALENDAR: N_("Perubahan hari libur, Ramadan, dan jam kerja."),
    Kind.OTHERS: N_("Hal lain yang menyangkut Anda."),
}
TABS: dict[str, tuple[str, tuple[State, ...]]] = {
    "menunggu": (N_("Menunggu"), ("open", "waiting")),
    "gagal": (N_("Gagal"), ("failed",)),
    "terkirim": (N_("Terkirim"), ("sent",)),
    "batal": (N_("Tidak perlu"), ("dropped",)),
}
EMPTY = {
    "menunggu": N_("Tidak ada surel yang menunggu."),
    "gagal": N_("Tidak ada surel yang gagal."),
    "terkirim": N_("Belum ada surel yang terkirim."),
    "batal": N_("Tidak ada surel yang batal dikirim."),
}
WHY = {
    "nothing-new": N_("Tidak ada lagi yang perlu disampaikan."),
    "superseded": N_("Digantikan surel yang lebih baru."),
    "recipient-left": N_("Penerima sudah tidak bertugas."),
    "no address": N_("Alamat surel tidak dapat dipakai."),
}


def choices_page(
    session: Session, actor: Actor, said: Words, *, sends: bool, notice: Notice | None = None
) -> ChoicesPage:
    chosen = service.choices_of(session, actor)
    ticks = tuple(
        Tick(kind.value, said.say(words.KINDS[kind]), said.say(DETAILS[kind]), getattr(chosen, kind.value))
        for kind in Kind
    )
    return ChoicesPage(people.profile_of(session, actor).email, ticks, sends, notice)


def queue_page(
    session: Session,
    actor: Actor,
    tab: str,
    said: Words,
    *,
    before_id: int | None = None,
    sends: bool,
    notice: Notice | None = None,
    now: datetime,
) -> QueuePage:
    """Raises Forbidden."""
    counts = service.counts(session, actor)
    zone = sites.site(session, actor.site_id).zone
    mails = service.queue(session, actor, TABS[tab][1], before_id=before_id)
    return QueuePage(
        tuple(_tab(key, tab, counts, said) for key in TABS),
        tuple(_line(mail, zone, said, now=now) for mail in mails),
        said.say(EMPTY[tab]),
        sends,
        f"/surel?keadaan={tab}&sebelum={mails[-1].id}" if len(mails) == service.MOST else "",
        tab == "gagal" and bool(mails),
        tab,
        notice,
    )


def _tab(key: str, current: str, counts: Mapping[str, int], said: Words) -> Tab:
    label, states = TABS[key]
    return Tab(f"/surel?keadaan={key}", said.say(label), sum(counts.get(one, 0) for one in states), key == current)


def _line(mail: MailOut, zone: str, said: Words, *, now: datetime) -> Line:
    unsent = mail.state in service.UNSENT
    text = N_("{n} percobaan")
    tries = said.count(text, text, mail.attempts) if mail.attempts else ""
    error = WHY.get(mail.last_error)
    return Line(
        mail.id,
        mail.to,
        " · ".join(dict.fromkeys(said.say(words.title(kind)) for kind in mail.about)),
        _when(mail, zone, said, now=now),
        tries,
        said.say(error) if error else mail.last_error,
        f"/surel/{mail.id}/kirim" if unsent else "",
    )


def _when(mail: MailOut, zone: str, said: Words, *, now: datetime) -> str:
    if mail.ended_at is not None:
        text = {"sent": N_("Terkirim {when}"), "failed": N_("Gagal {when}")}.get(mail.state, N_("Dibatalkan {when}"))
        return said.say(text, when=_moment(mail.ended_at, zone, said))
    if mail.due_at <= now:
        return said.say(N_("Menunggu sejak {when}"), when=_moment(mail.opened_at, zone, said))
    return said.say(N_("Dikirim {when}"), when=_moment(mail.due_at, zone, said))


def _moment(at: datetime, zone: str, said: Words) -> str:
    return f"{said.short_day(clock.local_date(at, zone))} · {said.time(at, zone)}"
