"""What is kept of a password."""

import subprocess
import sys

from argon2 import Type, extract_parameters

from app.people import secrets


def test_a_password_is_kept_as_rfc_9106_recommends():
    """Asked of a process of its own: in this one, hashes are cheap."""
    code = "from app.people.secrets import hash_password; print(hash_password('kata sandi'))"
    kept = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    found = extract_parameters(kept.strip())
    assert found.type is Type.ID
    assert (found.time_cost, found.memory_cost, found.parallelism) == (3, 64 * 1024, 4)
    assert (found.salt_len, found.hash_len) == (16, 32)


def test_a_password_fits_its_own_hash_alone():
    kept = secrets.hash_password("kata sandi")
    assert secrets.password_fits(kept, "kata sandi")
    assert not secrets.password_fits(kept, "kata Sandi")
    assert not secrets.password_fits(None, "kata sandi")
    assert secrets.hash_password("kata sandi") != kept
