"""Every sentence is there in both languages, and says the same facts."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

import app.main  # noqa: F401 - loads every refusal
from app import texts
from app.errors import Refused

APP = Path(__file__).parents[1] / "app"
CATALOGS = [APP / "en.po", *sorted(APP.glob("*/en.po"))]
CALLS = {"N_": 1, "say": 1, "_": 1, "count": 2, "ngettext": 2}
"""Functions that take a text, and how many of them."""


def in_python():
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name == "count" and len(node.args) < 3:
                    continue  # text.count(";") counts letters
                for argument in node.args[: CALLS.get(name, 0)]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value, path.relative_to(APP)


def in_templates():
    environment = Environment(autoescape=True)
    for path in sorted(APP.glob("*/templates/**/*.html")):
        for call in environment.parse(path.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in ("_", "ngettext"):
                for argument in call.args[: CALLS[call.node.name]]:
                    if isinstance(argument, nodes.Const):  # else a text that Python marked with N_
                        yield argument.value, path.relative_to(APP)


def refusals(kind=Refused):
    for below in kind.__subclasses__():
        yield below
        yield from refusals(below)


def messages():
    for path in CATALOGS:
        with path.open("rb") as file:
            yield from ((message, path.relative_to(APP)) for message in read_po(file, locale="en") if message.id)


SAID = sorted({text: where for text, where in [*in_python(), *in_templates()] if text.strip()}.items())


@pytest.fixture(scope="module")
def english():
    return texts._english()


@pytest.mark.parametrize(("text", "where"), SAID, ids=lambda value: str(value)[:40])
def test_every_text_has_its_english(english, text, where):
    assert text in english, f"{where}: {text!r} has no English"


@pytest.mark.parametrize("kind", sorted(refusals(), key=lambda kind: kind.code), ids=lambda kind: kind.code)
def test_every_refusal_has_its_words_in_both_languages(english, kind):
    for text in kind.all_words():
        assert text in english
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)


def test_no_two_refusals_share_a_code():
    codes = [kind.code for kind in refusals()]
    assert len(codes) == len(set(codes))


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_translations_mention_the_same_facts():
    for message, path in messages():
        source = message.id if isinstance(message.id, str) else message.id[0]
        for said in [message.string] if isinstance(message.string, str) else message.string:
            assert said, f"{path}: {source!r} is empty"
            wanted, got = placeholders(source), placeholders(said)
            assert got == wanted or (isinstance(message.id, tuple) and got | {"n"} == wanted), (path, source, said)


def test_no_text_is_translated_twice_in_two_ways():
    seen = {}
    for message, path in messages():
        source = message.id if isinstance(message.id, str) else message.id[0]
        assert seen.setdefault(source, message.string) == message.string, (path, source)


def test_a_text_with_a_plural_is_said_by_its_number():
    english, indonesian = texts.words("en"), texts.words("id")
    assert [english.say("{n} menit", n=n) for n in (1, 60)] == ["1 minute", "60 minutes"]
    assert [indonesian.say("{n} menit", n=n) for n in (1, 60)] == ["1 menit", "60 menit"]
    assert english.say("{n} menit", n=60) == english.count("{n} menit", "{n} menit", 60)


def test_the_texts_were_found():
    assert len(SAID) > 100
    assert "Denah meja" in dict(SAID)
    assert "Waktu yang diminta sudah lewat." in dict(SAID)
