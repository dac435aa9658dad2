"""Before a meeting is called off: what others lose by it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.meetings import meeting_view, service
from app.meetings.views import CancelPage
from app.people.access import Actor
from app.texts import N_, Words
from app.views import Notice


def cancel_page(
    session: Session, actor: Actor, meeting_id: int, said: Words, *, mails: bool, notice: Notice | None = None
) -> CancelPage:
    """``mails``: whether mail leaves the house, so that guests hear of it without the reader.

    Raises NotFound, Forbidden for an attendee, MeetingNotNow for a meeting that was cancelled.
    """
    meeting = service.meeting_to_change(session, actor, meeting_id)
    told = [one for one in meeting.attendees if one.person_id != actor.id]
    losses = []
    if told:
        losses.append(said.count(N_("{n} peserta diberi tahu."), N_("{n} peserta diberi tahu."), len(told)))
    losses += [
        said.say(N_("Ruang {room} dilepas dan dapat dipakai orang lain."), room=room.name)
        for room in meeting.rooms
        if room.state in ("booked", "checked-in")
    ]
    if meeting.guests:
        by_mail, by_hand = (
            N_("{n} tamu dari luar dikabari lewat surel."),
            N_("{n} tamu dari luar perlu Anda kabari sendiri."),
        )
        text = by_mail if mails else by_hand
        losses.append(said.count(text, text, len(meeting.guests)))
    losses.append(said.say(N_("Pembatalan tidak dapat diurungkan.")))
    when = meeting_view.said_when(session, actor, meeting, said)
    return CancelPage(meeting.id, meeting.version, meeting.title, when, tuple(losses), notice)
