"""The names by which live rows call people: each page knows its reader's and those of their team, and can tell no other."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.people.directory import kept_key

SECRET = "presence"  # noqa: S105 - the name of a key, made with the tables


def key(session: Session) -> bytes:
    return kept_key(session, SECRET)


def reference(key: bytes, person_id: int) -> str:
    mac = hmac.digest(key, f"person:{person_id}".encode(), hashlib.sha256)
    return urlsafe_b64encode(mac[:9]).decode()


def references(session: Session, ids: Iterable[int]) -> dict[int, str]:
    secret = key(session)
    return {id: reference(secret, id) for id in ids}
