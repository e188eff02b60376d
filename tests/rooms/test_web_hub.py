"""What is told of many entries at once, and who overtakes it."""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import cast

import msgspec

from unisono.connectors.csta.link import TURNS
from unisono.kernel.tasks import turns
from unisono.permissions.model import Viewer
from unisono.web.hub import KEYS_AT_ONCE, Hub
from unisono.web.metrics import Metrics
from unisono.web.parts import Sight
from unisono.web.window import Window

FAR = [("things", f"far{number}") for number in range(20 * KEYS_AT_ONCE)]
FRAMES = 5
"""What a PBX has to say where one call begins, one is answered and one ends at the same moment."""


class Things:
    """Entries that everybody sees."""

    name = "things"

    def ids(self, viewer: Viewer) -> Iterable[str]:
        return ()

    def sight(self, id: str) -> Sight:
        return lambda viewer: "all"

    def value(self, id: str, variant: object) -> str:
        return id


class Wire:
    """A pipe that notes the entries of what went through it, in their order."""

    free = True

    def __init__(self) -> None:
        self.told: list[str] = []

    def push(self, frame: bytes) -> None:
        message = msgspec.json.decode(frame[frame.index(b"{") :])
        self.told += [fact["id"] for fact in message["facts"]]


async def test_a_burst_is_told_in_a_few_of_the_turns_that_a_link_waits_for() -> None:
    hub, wire = Hub([Things()], cast("Metrics", SimpleNamespace(messages=0))), Wire()
    hub.open(Window(Viewer("anna"), "w1", 0.0, 0.0, pipe=wire, live=True))
    hub.defer(FAR)
    telling = asyncio.create_task(hub.later())
    for number in range(FRAMES):
        await turns(TURNS)
        await hub.touch([("things", f"near{number}")])
    await turns(1)
    assert f"near{FRAMES - 1}" in wire.told
    assert sum(id.startswith("far") for id in wire.told) <= KEYS_AT_ONCE
    await telling
    hub.push()
    assert [id for id in wire.told if id.startswith("far")] == [id for _, id in FAR]
