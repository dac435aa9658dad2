"""What may be refused about mail."""

from __future__ import annotations

from app.errors import Refused
from app.texts import N_


class MailGone(Refused):
    """A mail that went out, or had nothing to tell, isn't tried again; the fact ``state`` says which."""

    code = "mail-gone"
    title = N_("Surel tidak dikirim ulang")
    detail = N_("Surel ini sudah terkirim, atau tidak ada lagi yang perlu disampaikan.")
