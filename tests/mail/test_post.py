"""How the house speaks to its mail server."""

import asyncio

import pytest

from app.mail import post
from app.mail.post import Unreached
from app.settings import Settings


def server(smtp, **more):
    return post.server(Settings(smtp=smtp, mail_from="a@b.test", **more))


@pytest.mark.parametrize(("smtp", "port", "tls", "must"), [
    ("smtp://mail.go.id", 25, False, False),
    ("smtp://selaras@mail.go.id:587", 587, False, True),  # no password without TLS
    ("smtp://selaras@127.0.0.1:1025", 1025, False, False),
    ("smtps://selaras@mail.go.id", 465, True, False),
])  # fmt: skip
def test_the_address_says_how(smtp, port, tls, must):
    found = server(smtp)
    assert (found.port, found.tls, found.must_start_tls) == (port, tls, must)


def test_the_password_is_read_from_its_own_setting_or_file(tmp_path):
    file = tmp_path / "smtp"
    file.write_text("dari berkas\n")
    smtp = "smtp://pengguna%40kantor@mail.go.id"
    assert server(smtp, smtp_password="dari setelan").password == "dari setelan"
    found = server(smtp, smtp_password="x", smtp_password_file=str(file))
    assert (found.user, found.password) == ("pengguna@kantor", "dari berkas")
    assert "berkas" not in repr(found)


def test_a_server_that_lets_nobody_in_is_not_there_and_the_password_stays_untold(box, caplog):
    caplog.set_level("DEBUG")
    found = server(f"smtp://selaras@127.0.0.1:{box.port}", smtp_password="rahasia-sekali")
    with pytest.raises(Unreached) as refused:
        asyncio.run(post.connect(found))
    ours = "".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    assert "rahasia" not in str(refused.value) + ours


def test_no_password_leaves_without_tls(box):
    """Beyond this machine a user means STARTTLS, and a server that hasn't it gets nothing."""
    found = server(f"smtp://selaras@127.0.0.1:{box.port}", smtp_password="rahasia")
    strict = type(found)(found.host, found.port, found.user, found.password, tls=False, must_start_tls=True)
    with pytest.raises(Unreached):
        asyncio.run(post.connect(strict))
    assert box.raw == []
