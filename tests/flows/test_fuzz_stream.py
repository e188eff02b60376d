"""The event stream's WebSocket against whatever a client may say: it ends in words or goes on, and others are served."""

import asyncio
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rooms.web_house import House, browser, open_house, window

from unisono.web import stream as stream_room

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
SEQUENCE = st.integers(-(2**70), 2**70) | st.integers(0, 5) | JSON
HELLO = st.fixed_dictionaries(
    {"type": st.just("hello") | JSON}, optional={"epoch": st.text() | JSON, "seq": SEQUENCE, "more": JSON}
)
SAID = st.one_of(
    HELLO.map(json.dumps),
    JSON.map(json.dumps),
    st.text(max_size=5000),
    st.binary(max_size=5000),
    st.just('{"type":"pong"}'),
    st.integers(1, 20_000).map(lambda depth: "[" * depth),
    st.integers(1, 5000).map(lambda digits: '{"type":"hello","seq":' + "9" * digits + "}"),
)
REASONS = {
    (stream_room.PROTOCOL, "not understood"),
    (stream_room.TOO_MANY, "too many messages"),
}


def test_whatever_a_client_says(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        manager = open_house(tmp_path)
        house = runner.run(manager.__aenter__())

        @settings(max_examples=60, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(SAID, max_size=6))
        def fuzz(words: list[str | bytes]) -> None:
            closed, other = runner.run(converse(house, words))
            assert closed is None or closed in REASONS
            assert other["me"]["me"]["login"] == "ben"

        try:
            fuzz()
        finally:
            runner.run(manager.__aexit__(None, None, None))


async def converse(house: House, words: list[str | bytes]) -> tuple[tuple[int, str] | None, dict[str, Any]]:
    """One window says this; how it was closed, and what another window then sees."""
    async with browser(house, "anna") as anna, window(house, anna) as annas:
        for said in words:
            await annas.say(said)
    async with browser(house, "ben") as ben, window(house, ben) as bens:
        await bens.hello()
    return annas.closed, bens.state
