"""Random values that open something, and the digests that are kept instead of them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

TOKEN_PREFIX = "slr_"  # noqa: S105 - lets secret scanners recognise a leaked token

hasher = PasswordHasher()


def new_session_id() -> str:
    return secrets.token_urlsafe(32)


def new_token() -> str:
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def digest(value: str) -> bytes:
    """For values with 256 random bits a plain hash is enough; passwords take ``hash_password``."""
    return hashlib.sha256(value.encode()).digest()


def nip_digest(nip: str, key: bytes) -> bytes:
    """A keyed hash: a NIP has so few possible values that a plain one could be tried out."""
    return hmac.digest(key, nip.encode(), "sha256")


def hash_password(password: str) -> str:
    """argon2id with the library's parameters, which follow RFC 9106."""
    return hasher.hash(password)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """A hash that no password fits; made when it is first needed, as making one takes as long as it should."""
    return hasher.hash(secrets.token_urlsafe(16))


def password_fits(stored: str | None, password: str) -> bool:
    """Takes as long when there is no account, so that time doesn't tell which addresses exist."""
    try:
        return hasher.verify(stored or _nobodys(), password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def csrf_token(session_id: str) -> str:
    """A fresh token bound to the session: salt and HMAC, so that it changes with the session and with each page."""
    salt = secrets.token_hex(8)
    return f"{salt}.{_csrf_mac(session_id, salt)}"


def csrf_fits(token: str, session_id: str) -> bool:
    salt, _, mac = token.partition(".")
    return hmac.compare_digest(mac.encode(), _csrf_mac(session_id, salt).encode())


def _csrf_mac(session_id: str, salt: str) -> str:
    return hmac.digest(session_id.encode(), f"csrf:{salt}".encode(), "sha256").hex()
