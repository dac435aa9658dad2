"""From where people take part in meetings: whose clocks to show beside the host's."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import sites
from app.meetings.models import Attendee
from app.people import service as people


def zones_of(session: Session, meeting_ids: list[int]) -> dict[int, list[str]]:
    """IANA zones of the attendees' places of posting by meeting, in the order of sites."""
    if not meeting_ids:
        return {}
    rows = session.execute(
        select(Attendee.meeting_id, Attendee.person_id).where(Attendee.meeting_id.in_(meeting_ids), Attendee.invited)
    ).all()
    cards = people.cards(session, (person_id for _, person_id in rows))
    found: dict[int, set[int]] = {}
    for meeting_id, person_id in rows:
        found.setdefault(meeting_id, set()).add(cards[person_id].site_id)
    zones = {site.id: site.zone for site in sites.sites(session)}
    return {id: [zones[site_id] for site_id in sorted(ids)] for id, ids in found.items()}
