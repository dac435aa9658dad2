"""What requests find of live presence in the application."""

from __future__ import annotations

from app.people.visit import AnyRequest
from app.presence.engine import Presence
from app.presence.source import OfficeSource


def source_of(request: AnyRequest) -> OfficeSource:
    """The one source of rows of this process."""
    live: Presence = request.app.state.presence
    assert isinstance(live.source, OfficeSource)
    return live.source
