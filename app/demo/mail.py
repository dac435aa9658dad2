"""The demo's mail: what its notices have put into the queue, some of it gone out already, one mail refused."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import journal
from app.mail import gathering, rules
from app.mail.models import Mail, MailCursor, MailItem

STILL_WAITING = 6
REFUSED = "550 5.1.1 mailbox unavailable"


def settle(session: Session, *, now: datetime) -> None:
    """Mail of what the demo's notices tell. Its past bookings are history: nobody gets mail about them."""
    newest = journal.newest(session)
    session.execute(update(MailCursor).values(done_id=newest, seen_id=newest))
    while gathering.gather(session, now=now):
        pass
    told = (
        select(Mail.id, func.max(MailItem.at))
        .join(MailItem, MailItem.mail_id == Mail.id)
        .where(Mail.state == "open")
        .group_by(Mail.id)
        .order_by(Mail.id)
    )
    for n, (id, at) in enumerate(list(session.execute(told))[:-STILL_WAITING]):
        opened_at = min(at, now - timedelta(hours=2))
        ended_at = opened_at + rules.COLLECTED
        failed = n == 0
        session.execute(
            update(Mail)
            .where(Mail.id == id)
            .values(
                state="failed" if failed else "sent",
                opened_at=opened_at,
                due_at=ended_at,
                ended_at=ended_at,
                attempts=1,
                last_error=REFUSED if failed else "",
            )
        )
