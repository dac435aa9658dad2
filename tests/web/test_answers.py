"""Data goes the short way, whatever Litestar brings to every answer; all else goes Litestar's."""

from typing import Any

import pytest
from litestar.datastructures import Cookie
from litestar.response.base import ASGIResponse

from app.answers import Answer

ALWAYS: dict[str, Any] = {
    "headers": {"ETag": '"3"'},
    "cookies": (),
    "background": None,
    "is_head_response": False,
    "media_type": "application/json",
    "type_encoders": {set: list},
}


def test_data_goes_the_short_way():
    assert not isinstance(Answer({"id": 7}).to_asgi_response(None, None, status_code=201, **ALWAYS), ASGIResponse)


@pytest.mark.parametrize(
    ("content", "given"),
    [
        ({"id": 7}, {"cookies": [Cookie("lang", "id")]}),
        (None, {"is_head_response": True}),
        (None, {"status_code": 204, "media_type": "text/plain"}),
        ("<p>", {"media_type": "text/html"}),
        ("already text", {"media_type": "text/plain"}),
    ],
)
def test_all_else_goes_litestars(content: object, given: dict[str, object]):
    answer = Answer(content).to_asgi_response(None, None, **{**ALWAYS, "status_code": 200, **given})
    assert isinstance(answer, ASGIResponse)
