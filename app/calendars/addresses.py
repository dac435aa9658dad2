"""Where this service is, for addresses that are used elsewhere."""

from __future__ import annotations

from app.people.visit import AnyRequest


def base_of(request: AnyRequest) -> str:
    """The public address of this service: the one set, or the one by which it was asked."""
    return request.app.state.settings.origin or str(request.base_url).rstrip("/")
