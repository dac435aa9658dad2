"""Refusals: what the office says no to, with a stable code, the facts, and ways out. Bugs are not refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from app.texts import N_

Fact = str | int | float | bool | None | date | datetime


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """The answer is no. ``title`` and ``words()`` are Indonesian texts with a translation in each ``en.po``.

    Subclasses name ``code`` (a promise to programs), ``status`` (HTTP) and the texts; instances carry the facts that
    the texts mention, and ``ways_out``: structs, each of which was checked to work. ``search`` finds them in a transaction
    of its own, when the refused one has given back its locks: rivals must not wait for a loser's consolation. Where several
    dates were asked for at once, ``conflicts`` says of each that is refused why.
    """

    code: ClassVar[str]
    status: ClassVar[int] = 409
    title: ClassVar[str]
    detail: ClassVar[str]
    told_by: ClassVar[str] = ""
    """The fact that chooses among ``sentences``, where the refusal has several."""
    sentences: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        *,
        ways_out: tuple[Any, ...] = (),
        search: Callable[[Session], tuple[Any, ...]] | None = None,
        **facts: Fact,
    ) -> None:
        super().__init__(self.code)
        self.facts = facts
        self.ways_out = ways_out
        self.search = search
        self.conflicts: Mapping[date, Refused] = {}

    def words(self) -> str:
        """The sentence for people, before translation and before the facts are put in."""
        return self.sentences.get(str(self.facts.get(self.told_by)), self.detail)

    @classmethod
    def all_words(cls) -> set[str]:
        """Every sentence this refusal can say: the test of translations reads it."""
        return {cls.title, cls.detail, *cls.sentences.values()}


class NotFound(Refused):
    """There is no such thing, or the asker may not know of it: the same answer for both."""

    code = "not-found"
    status = 404
    title = N_("Tidak ditemukan")
    detail = N_("Yang Anda cari tidak ada, atau bukan untuk Anda.")


class SignInNeeded(Refused):
    code = "sign-in-needed"
    status = 401
    title = N_("Silakan masuk")
    detail = N_("Anda perlu masuk terlebih dahulu, atau sesi Anda sudah berakhir.")


class Forbidden(Refused):
    """The asker may know of the thing, yet not do this with it."""

    code = "forbidden"
    status = 403
    title = N_("Tidak berwenang")
    detail = N_("Peran Anda tidak mengizinkan tindakan ini.")


class ForgeryRefused(Refused):
    """A write by cookie without the token of its session, or from another origin."""

    code = "csrf"
    status = 403
    title = N_("Formulir kedaluwarsa")
    detail = N_("Tanda pengaman formulir tidak cocok dengan sesi Anda. Muat ulang halaman, lalu coba lagi.")


class Invalid(Refused):
    """The request can't be read; ``facts`` hold one text per field."""

    code = "invalid"
    status = 400
    title = N_("Isian tidak dapat dibaca")
    detail = N_("Periksa kembali isian: {problem}")


class Stale(Refused):
    """``If-Match`` names a version that is no longer the present one (RFC 9110, 15.5.13)."""

    code = "stale"
    status = 412
    title = N_("Sudah berubah")
    detail = N_("Data ini sudah diubah sejak Anda membacanya (versi {version}). Muat ulang, lalu ulangi.")


class KeyReused(Refused):
    """The same Idempotency-Key came with another request."""

    code = "idempotency-key-reused"
    status = 422
    title = N_("Kunci permintaan dipakai ulang")
    detail = N_("Idempotency-Key ini sudah dipakai untuk permintaan lain. Gunakan kunci baru.")


class AlreadyShown(Refused):
    """A repeated request whose answer held a secret that is shown only once."""

    code = "already-shown"
    status = 409
    title = N_("Sudah pernah ditampilkan")
    detail = N_(
        "Permintaan ini sudah dijalankan dan rahasianya hanya ditampilkan sekali. Cabut yang lama, lalu buat baru."
    )


class TooManyTries(Refused):
    code = "too-many-tries"
    status = 429
    title = N_("Terlalu banyak percobaan")
    detail = N_("Terlalu banyak percobaan masuk. Coba lagi dalam {minutes} menit.")
