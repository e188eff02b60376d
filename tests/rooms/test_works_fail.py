"""A mistake in a long-lived work of calls, journal or presence: it is started anew, nothing is lost, admins see it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.web_house import House, open_house, sign_in

from unisono.calls.impossible import Impossible, Why
from unisono.calls.pbx_events import CallCleared, DeviceDoNotDisturb
from unisono.calls.port import LinkPhase, LinkState
from unisono.presence.model import State

WORKS = {
    "calls: writing": "call_store.flush",
    "calls: tidying": "calls._picture.forget",
    "calls: forgetting": "call_store.prune",
    "calls: anomalies": "calls.anomalies._store.write",
    "journal: writing": "journal._save_some",
    "journal: retention": "journal._retention._is_night",
    "presence: time": "presence._show",
    "presence: do not disturb": "calls.ask.do_not_disturb",
}
"""What each calls in each of its turns."""


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    async with open_house(tmp_path) as found:
        yield found


def fails_once(house: House, monkeypatch: pytest.MonkeyPatch, where: str) -> Callable[[], bool]:
    """Let what is named raise the next time; returns whether it did."""
    *path, name = where.split(".")
    owner: Any = house.rooms
    for each in path:
        owner = getattr(owner, each)
    real, failed = getattr(owner, name), False

    def fail(*arguments: Any, **more: Any) -> Any:
        nonlocal failed
        failed = True
        monkeypatch.setattr(owner, name, real)
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(owner, name, fail)
    return lambda: failed


@pytest.mark.parametrize("work", WORKS)
async def test_it_is_started_anew_and_admins_see_it(house: House, monkeypatch: pytest.MonkeyPatch, work: str) -> None:
    rooms = house.rooms
    rooms.calls.link("pbx", LinkState(LinkPhase.UP))
    await rooms.presence.set_manual(house.ids["anna"], State.DND, house.clock.now() + timedelta(seconds=2))
    rooms.calls.report(DeviceDoNotDisturb(house.head(), "101", True))
    await house.drained()
    house.ring("1", "101")
    rooms.calls.anomalies.note(CallCleared(house.head(), "9"), Impossible(Why.UNKNOWN_CALL))
    await house.drained()
    failed = fails_once(house, monkeypatch, WORKS[work])
    for _ in range(700):
        await house.clock.advance(1)
        if failed():
            break
    assert failed()
    async with house.client() as root:
        await sign_in(root, "root")
        checks = (await root.get("/api/v1/admin/status")).json()["checks"]
        (check,) = [check for check in checks if check["id"] == "works"]
    assert (check["level"], check["data"]) == ("warning", {"works": f"{work} (1)"})
    await house.clock.advance(60)
    call = rooms.calls.by_native("pbx", "1")
    assert call is not None
    assert (rooms.call_store.waiting, rooms.journal.waiting) == (0, 0)
    assert [kept.id for kept in await rooms.call_store.load()] == [call.id]
    assert [anomaly.event for anomaly in await rooms.call_store.anomalies.load()] == ["CallCleared"]
    assert rooms.presence.manual(house.ids["anna"]) is None
    assert not rooms.presence._expired
