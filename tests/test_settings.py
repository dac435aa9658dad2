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
