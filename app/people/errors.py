"""What may be refused about people."""

from __future__ import annotations

from app.errors import Refused
from app.texts import N_


class WrongSignIn(Refused):
    """One answer for an unknown address, a wrong password and an account without one: nobody learns which exist."""

    code = "wrong-sign-in"
    status = 401
    title = N_("Belum berhasil masuk")
    detail = N_("Surel atau kata sandi tidak cocok. Periksa kembali, lalu coba lagi.")
