"""An office with a mail server."""

from collections.abc import Iterator

import pytest

from tests.support.mailbox import Mailbox, Post, mailbox


@pytest.fixture(scope="session")
def server() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def box(server: Mailbox) -> Iterator[Mailbox]:
    """The mail server, empty and up."""
    server.empty()
    server.refuses.clear()
    yield server
    if server._controller is None:
        server.up()


@pytest.fixture
def post(office, box) -> Post:
    return Post(office, box)
