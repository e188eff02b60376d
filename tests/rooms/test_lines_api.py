"""Lines that a PBX says it has: offered with whose they probably are, added at once, taken back at once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rooms.web_house import House, browser, open_house, window

from unisono.calls.port import DiscoveredLine
from unisono.connectors.store import Instance

LINES = "/api/v1/admin/lines"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        for id in ("pbx", "second"):
            settings: dict[str, object] = {"host": "127.0.0.1", "user": "u", "password": "p"}
            await house.rooms.connectors.save(Instance(id, id, "asterisk", False, "", settings))
        yield house


async def test_what_the_pbx_has_is_offered_with_its_person(house: House) -> None:
    found = (DiscoveredLine("101", "101"), DiscoveredLine("140", "140", "Test, Carla"), DiscoveredLine("141", "141"))
    house.rooms.calls.lines("pbx", found)
    house.rooms.calls.lines("second", (DiscoveredLine("SIP/102", "102", "x" * 300),))
    house.rooms.calls.lines("not-ours", (DiscoveredLine("7", "7"),))
    async with browser(house, "root") as root:
        listed = (await root.get(f"{LINES}/discovered")).json()["items"]
    by_device = {each["device"]: each for each in listed}
    assert list(by_device) == ["101", "140", "141", "SIP/102"]
    assert (by_device["101"]["line_id"], by_device["101"]["user_id"]) == (house.lines["101"], "")
    assert (by_device["140"]["user_id"], by_device["140"]["reason"]) == (house.ids["carla"], "name")
    assert (by_device["141"]["line_id"], by_device["141"]["reason"]) == ("", None)
    assert (by_device["SIP/102"]["user_id"], by_device["SIP/102"]["reason"]) == (house.ids["ben"], "number")
    assert len(by_device["SIP/102"]["name"]) == 120


async def test_several_are_added_and_taken_back(house: House) -> None:
    carla = house.ids["carla"]
    wanted = [{"connector": "pbx", "device": d, "user_ids": u} for d, u in (("140", [carla]), ("141", []))]
    async with browser(house, "root") as root, browser(house, "carla") as hers, window(house, hers) as stream:
        await stream.hello()
        added = (await root.post(f"{LINES}/several", json={"lines": wanted})).json()["items"]
        assert [line["device"] for line in added] == ["140", "141"]
        await stream.catch_up(house)
        assert stream.state["lines"][added[0]["id"]]["own"] is True
        assert house.rooms.people.need_user(carla).line_ids == (house.lines["103"], added[0]["id"])
        body = {"ids": [line["id"] for line in added]}
        assert (await root.post(f"{LINES}/several/remove", json=body)).status_code == 204
        await stream.catch_up(house)
        assert added[0]["id"] not in stream.state["lines"]
        assert (await root.post(f"{LINES}/several/remove", json=body)).status_code == 404
    assert house.rooms.people.need_user(carla).line_ids == (house.lines["103"],)


@pytest.mark.parametrize("second", ["101", "140"])
async def test_all_or_none(house: House, second: str) -> None:
    before = house.rooms.people.lines()
    wanted = [{"connector": "pbx", "device": device} for device in ("140", second)]
    async with browser(house, "root") as root:
        answer = await root.post(f"{LINES}/several", json={"lines": wanted})
    assert (answer.status_code, answer.json()["code"]) == (422, "line-taken")
    assert house.rooms.people.lines() == before


async def test_only_admins_do_that(house: House) -> None:
    async with browser(house, "anna") as anna:
        body = {"lines": [{"connector": "pbx", "device": "140"}]}
        for answer in (
            await anna.get(f"{LINES}/discovered"),
            await anna.post(f"{LINES}/several", json=body),
            await anna.post(f"{LINES}/several/remove", json={"ids": [house.lines["101"]]}),
        ):
            assert answer.status_code == 403
