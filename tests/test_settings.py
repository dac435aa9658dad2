"""Every setting is explained, read as its kind, and refused when it is none."""

from pathlib import Path

import msgspec
import pytest

from app import settings

README = Path(__file__).parents[1] / "README.md"
NAMES = [f"SELARAS_{field.upper()}" for field in settings.Settings.__struct_fields__]


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_in_the_readme(name):
    assert f"`{name}`" in README.read_text()


def test_settings_come_from_the_environment():
    read = settings.read({"SELARAS_SESSION_HOURS": "3", "SELARAS_ORIGIN": "https://selaras.go.id", "HOME": "/"})
    assert (read.session_hours, read.secure, read.host) == (3, True, "selaras.go.id")
    assert settings.read({}) == settings.Settings()


def test_a_setting_of_the_wrong_kind_is_refused():
    with pytest.raises(msgspec.ValidationError, match="session_hours"):
        settings.read({"SELARAS_SESSION_HOURS": "many"})


@pytest.mark.parametrize(("address", "embedded"), [("sqlite:///x.db", True), ("postgresql://host/name", False)])
def test_the_database_tells_whether_it_is_embedded(address, embedded):
    assert settings.Settings(database=address).embedded is embedded


MAIL = {"SELARAS_SMTP": "smtp://selaras@mail.go.id:587", "SELARAS_MAIL_FROM": "IKN=a@go.id, JKT=b@go.id"}


def test_senders_are_read_by_site():
    assert settings.read(MAIL).senders() == {"IKN": "a@go.id", "JKT": "b@go.id"}
    assert settings.read(MAIL | {"SELARAS_MAIL_FROM": "a@go.id"}).senders() == {"": "a@go.id"}


@pytest.mark.parametrize(("name", "value"), [
    ("SELARAS_SMTP", "http://mail.go.id"),
    ("SELARAS_SMTP", "mail.go.id"),
    ("SELARAS_SMTP", "smtp://selaras:rahasia@mail.go.id"),
    ("SELARAS_SMTP", "smtp://mail.go.id:many"),
    ("SELARAS_MAIL_FROM", ""),
    ("SELARAS_MAIL_FROM", "nobody"),
    ("SELARAS_MAIL_FROM", "IKN=a@go.id\r\nBcc: x@y.z"),
])  # fmt: skip
def test_mail_settings_that_cannot_work_are_refused_and_no_secret_is_repeated(name, value):
    with pytest.raises(msgspec.ValidationError) as refused:
        settings.read(MAIL | {name: value})
    assert "rahasia" not in str(refused.value)


def test_settings_never_show_their_values():
    read = settings.read(MAIL | {"SELARAS_SMTP_PASSWORD": "rahasia", "SELARAS_NIP_KEY": "kunci"})
    assert "rahasia" not in repr(read)
    assert "kunci" not in f"{read}"
