"""What may be refused about feeds."""

from __future__ import annotations

from app.errors import Refused
from app.texts import N_


class FeedEnded(Refused):
    """A feed that was revoked or rotated stays as it is: its address is nobody's any more."""

    code = "feed-ended"
    title = N_("Alamat kalender sudah tidak berlaku")
    detail = N_("Alamat ini sudah dicabut atau diganti. Buat alamat baru.")
