"""Frames as bytes, and messages as text."""

import asyncio
import json
from contextlib import suppress

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from app.presence import transport, wire
from app.presence.pipes import HIGH_BYTES, PlainPipe
from app.presence.transport import FramedProtocol
from tests.support.world import NOW


def read_by_a_client(frames):
    """What a client's own parser makes of bytes that follow a handshake."""
    client = ClientProtocol(parse_uri("ws://x/"), max_size=None)
    client.state = client.state.OPEN
    client.parser = client.parse()
    next(client.parser)
    client.receive_data(frames)
    return [
        event.data for event in client.events_received() if isinstance(event, Frame) and event.opcode is Opcode.TEXT
    ]


@given(st.lists(st.sampled_from([0, 1, 125, 126, 127, 65_535, 65_536]) | st.integers(0, 300), max_size=5))
def test_frames_one_after_the_other_come_out_as_they_went_in(lengths):
    payloads = [bytes([97 + number % 26]) * length for number, length in enumerate(lengths)]
    frames = b"".join(map(wire.framed, payloads))
    assert list(wire.payloads(frames)) == payloads
    assert read_by_a_client(frames) == payloads


def test_messages_are_as_the_protocol_says():
    def text(message):
        return json.loads(next(wire.payloads(wire.frame(message))))

    assert text(wire.Delta("floor:1", "ab", 3, 9, [(1, "x")], [2])) == {
        "t": "d", "scope": "floor:1", "e": "ab", "seq": 3, "rev": 9, "rows": [[1, "x"]], "gone": [2],
    }  # fmt: skip
    assert text(wire.Beat(NOW, {"floor:1": 3})) == {
        "t": "beat", "now": "2026-11-24T01:12:00Z", "scopes": {"floor:1": 3},
    }  # fmt: skip
    assert text(wire.Beat(NOW, {}, degraded=True))["degraded"] is True
    assert text(wire.Bye(1012, (0.5, 5))) == {"t": "bye", "code": 1012, "after": [0.5, 5]}
    assert text(wire.Welcome("c", "me", NOW, 30, (0.5, 5), pong=False))["v"] == 1


@given(st.text() | st.binary())
def test_whatever_comes_is_a_message_or_is_refused(text):
    with suppress(msgspec.DecodeError, UnicodeError):
        assert isinstance(wire.read(text), wire.Sub | wire.Unsub | wire.Act | wire.Pong)


# The transport


def test_the_self_test_tells_a_server_that_shows_its_transport_from_one_that_does_not():
    class Hidden(FramedProtocol):
        """As if uvicorn had renamed the attribute."""

        def put(self, frames):
            raise AttributeError("transport")

    class Silent(FramedProtocol):
        def put(self, frames):
            return True

    assert asyncio.run(transport.works(FramedProtocol)) is True
    assert asyncio.run(transport.works(WebSocketsSansIOProtocol)) is False
    assert asyncio.run(transport.works(Hidden)) is False
    assert asyncio.run(transport.works(Silent)) is False


def test_the_plain_way_sends_in_order_and_says_when_too_much_waits():
    async def look():
        sent, gate = [], asyncio.Event()

        async def send(text):
            await gate.wait()
            sent.append(text)

        pipe = PlainPipe(send)
        assert pipe.put(wire.framed(b"1") + wire.framed(b"2"))
        assert pipe.put(wire.framed(b"x" * (HIGH_BYTES + 1)))
        assert not pipe.put(wire.framed(b"4"))
        assert pipe.waiting() > HIGH_BYTES
        gate.set()
        await asyncio.sleep(0.01)
        assert pipe.waiting() == 0
        assert [len(text) for text in sent] == [1, 1, HIGH_BYTES + 1]
        assert pipe.put(wire.framed(b"5"))
        await pipe.close()
        assert sent[-1] == "5"

    asyncio.run(look())


def test_the_plain_way_ends_with_its_peer():
    async def look():
        async def send(text):
            raise ConnectionError

        pipe = PlainPipe(send)
        pipe.put(wire.framed(b"1"))
        await asyncio.sleep(0.01)
        assert pipe.waiting() == 0
        await pipe.close()

    asyncio.run(look())
