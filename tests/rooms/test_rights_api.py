"""The admin page "Rights" over HTTP: read, say what a change would mean, change, take back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.rooms.web_house import House, browser, open_house, window

from unisono.permissions.grants import Grants
from unisono.permissions.model import Level, Right

RIGHTS = "/api/v1/admin/rights"
TEAM = {"members": "team", "leaders": "team"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


async def test_levels_of_everybody_and_of_each_group(house: House) -> None:
    async with browser(house, "root") as root:
        seen = (await root.get(RIGHTS)).json()
    assert seen["everyone"] == "business"
    assert seen["group_default"] == TEAM
    sales = {"id": house.ids["sales"], "name": "Sales", "members": 2, "leaders": 0, "levels": None}
    assert seen["groups"] == [sales]
    allows = {each["level"]: set(each["rights"]) for each in seen["levels"]}
    assert list(allows) == ["blocked", "public", "business", "team", "personal"]
    assert allows["blocked"] == set()
    assert allows["personal"] == {*(right.value for right in Right), "read-written"}
    assert [level for level, rights in allows.items() if "read-written" in rights] == ["team", "personal"]


async def test_a_change_is_told_before_it_is_made_and_can_be_taken_back(house: House) -> None:
    sales = house.ids["sales"]
    body = {"everyone": "public", "groups": {sales: {"members": "business", "leaders": "team"}}}
    async with browser(house, "root") as root, browser(house, "carla") as carla, window(house, carla) as stream:
        await stream.hello()
        effects = (await root.post(f"{RIGHTS}/effects", json=body)).json()["items"]
        assert effects == [
            {"level": "business", "gained": False, "viewers": 4, "owners": 4, "group_id": ""},
            {"level": "team", "gained": False, "viewers": 2, "owners": 2, "group_id": sales},
        ]
        assert house.rooms.granting.current == Grants()
        after = (await root.patch(RIGHTS, json=body)).json()
        assert after["everyone"] == "public"
        assert after["groups"][0]["levels"] == body["groups"][sales]  # type: ignore[index]
        await stream.catch_up(house)
        assert "see-calls-in" not in stream.state["people"][house.ids["anna"]]["rights"]
        kept = house.rooms.granting.current
        await house.rooms.granting.load()
        assert house.rooms.granting.current == kept
        back = (await root.patch(RIGHTS, json={"everyone": "business", "groups": {sales: None}})).json()
        assert back["groups"][0]["levels"] is None
        await stream.catch_up(house)
        assert "see-calls-in" in stream.state["people"][house.ids["anna"]]["rights"]
    assert house.rooms.granting.current == Grants()


async def test_all_of_a_change_or_nothing(house: House) -> None:
    body = {"everyone": "blocked", "groups": {house.ids["sales"]: TEAM, "nobody": TEAM}}
    async with browser(house, "root") as root:
        answer = await root.patch(RIGHTS, json=body)
    assert answer.status_code == 404
    assert answer.json()["code"] == "unknown-group"
    assert house.rooms.granting.current.everyone is Level.BUSINESS


@pytest.mark.parametrize("body", [{"everyone": "boss"}, {"groups": {"g": {"members": "team"}}}, {"all": "team"}])
async def test_nonsense_is_refused(house: House, body: dict[str, object]) -> None:
    async with browser(house, "root") as root:
        for answer in (await root.patch(RIGHTS, json=body), await root.post(f"{RIGHTS}/effects", json=body)):
            assert answer.status_code == 400, answer.text


async def test_only_admins_come_here(house: House) -> None:
    async with browser(house, "anna") as anna:
        for answer in (
            await anna.get(RIGHTS),
            await anna.patch(RIGHTS, json={"everyone": "blocked"}),
            await anna.post(f"{RIGHTS}/effects", json={}),
        ):
            assert answer.status_code == 403
            assert answer.json()["code"] == "admins-only"


async def test_a_grant_says_what_the_colleague_has_without_it(house: House) -> None:
    async with browser(house, "anna") as anna:
        await anna.put(f"/api/v1/me/grants/{house.ids['carla']}", json={"level": "personal"})
        listed = {each["user_id"]: each for each in (await anna.get("/api/v1/me/grants")).json()["items"]}
    ben, carla = listed[house.ids["ben"]], listed[house.ids["carla"]]
    assert (ben["level"], ben["shared"]) == (None, "team")
    assert (carla["level"], carla["shared"]) == ("personal", "business")


async def test_levels_of_a_group_go_with_it(house: House) -> None:
    async with browser(house, "root") as root:
        await root.patch(RIGHTS, json={"groups": {house.ids["sales"]: TEAM}})
    await house.rooms.people.remove_group(house.ids["sales"])
    await house.drained()
    await house.clock.advance(1)
    await house.drained()
    await house.rooms.granting.load()
    assert house.rooms.granting.current == Grants()
